//! Reading clouds into rows: on request, and behind the scenes.

pub mod flights;
mod reading;

use std::time::{Duration, Instant};

use cloud::{CloudError, Location, LocationId};
use futures_util::{StreamExt, stream};
use serde_json::json;
use store::{DbError, Time, Tx, cloud_credentials::CloudCredential, counters, events, sync_state, syncs};
use tokio::{sync::Semaphore, time::timeout};
use tracing::{info, warn};
use uuid::Uuid;

use self::{
    flights::Landed,
    reading::{Because, Failed, read},
};
use crate::{
    app::App,
    clouds::{self, Aim, Clouds, Found, Opening},
    http::error::{ApiError, ApiResult},
    unwritten,
};

/// Credentials that are read at once; others wait for their turn.
const SYNCS_AT_ONCE: usize = 4;
/// Locations of one credential that are read at once.
const LOCATIONS_AT_ONCE: usize = 2;
/// A synchronisation that has not ended by then is given up.
const SYNC_LIMIT: Duration = Duration::from_secs(30 * 60);
/// One that runs for longer, waiting for its turn included, is of a control plane that is gone.
const OVER_AFTER: Duration = Duration::from_secs(60 * 60);
/// A cloud is asked for its locations no more often, however many name one that does not exist.
const LOCATIONS_INTERVAL: Duration = Duration::from_secs(10);

/// Readings closer together than this are of the same moment: `maxAge` is in whole seconds.
const SAME_MOMENT: Duration = Duration::from_secs(1);

/// Who of those that are to run runs.
pub struct Turns(Semaphore);

impl Default for Turns {
    fn default() -> Self {
        Turns(Semaphore::new(SYNCS_AT_ONCE))
    }
}

/// What is read as one: the sizes, the machines, or one kind of thing of a location.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    InstanceTypes,
    Machines,
    Resources(cloud::inventory::Noun),
}

impl Kind {
    /// As in `sync_state` and in paths.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::InstanceTypes => "instance-types",
            Kind::Machines => "machines",
            Kind::Resources(noun) => noun.as_str(),
        }
    }
}

/// Whether a read for this request took place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    Cloud,
    Store,
    /// The cloud did not give it; what is stored is older than was asked for.
    Stale(String),
}

/// Makes sure that rows are at most this old, in whole seconds, by at most one read of the cloud however many ask.
/// With rows to show, a failing cloud or a full database is not an error.
pub async fn at_most(
    app: &App,
    credential: &CloudCredential,
    location: &LocationId,
    kind: Kind,
    max_age: Duration,
    opening: Opening,
) -> ApiResult<Source> {
    let asked_at = Instant::now();
    if is_fresh(app, credential, location, kind, max_age).await? {
        return Ok(Source::Store);
    }
    // Before the flight: what one environment may not is no answer to another.
    if let Err(refused) = clouds::permitted(app, &credential.id, &opening).await {
        return serve(app, credential, location, kind, refused.into()).await;
    }
    let flight = app.flights.of(&credential.id, location, kind.as_str());
    let mut landed = flight.lock().await;
    if let Some(it) = &*landed {
        // Somebody else's read ended while we waited for it, or just before we came. After a clear nothing is known.
        let is_same = it.at >= asked_at || it.at.elapsed() < SAME_MOMENT;
        if is_same && (it.outcome.is_err() || state(app, credential, location, kind).await?.is_some()) {
            return it.outcome.clone();
        }
    }
    let read = fly(app, credential, location, kind, &opening, &mut landed).await;
    match (read, &*landed) {
        (Ok(_), _) => Ok(Source::Cloud),
        (Err(_), Some(landed)) => landed.outcome.clone(),
        (Err(failed), None) => Err(failed.error),
    }
}

/// Reads once more after a change of ours: what was read before it, even in the same moment, does not have it.
pub async fn after_change(
    app: &App,
    credential: &CloudCredential,
    location: &LocationId,
    kind: Kind,
    opening: &Opening,
) -> ApiResult<()> {
    let flight = app.flights.of(&credential.id, location, kind.as_str());
    let mut landed = flight.lock().await;
    fly(app, credential, location, kind, opening, &mut landed).await.map(drop).map_err(|it| it.error)
}

/// Reads in the flight that the caller holds, and leaves the outcome to those who wait for it.
async fn fly(
    app: &App,
    credential: &CloudCredential,
    location: &LocationId,
    kind: Kind,
    opening: &Opening,
    landed: &mut Option<Landed>,
) -> Result<i64, Failed> {
    let read = read(app, credential, location, kind, opening).await;
    let outcome = match &read {
        Ok(_) => Ok(Source::Cloud),
        Err(failed) => serve(app, credential, location, kind, failed.clone()).await,
    };
    *landed = Some(Landed::now(outcome));
    read
}

/// The answer when there is nothing newer: what is stored, if something is.
async fn serve(
    app: &App,
    credential: &CloudCredential,
    location: &LocationId,
    kind: Kind,
    failed: Failed,
) -> ApiResult<Source> {
    // A full database cannot keep what the cloud says, and still has what it said before.
    if failed.because == Because::Ours && !failed.error.is_unavailable() {
        return Err(failed.error);
    }
    let has_rows = state(app, credential, location, kind).await?.is_some_and(|it| it.observed_at.is_some());
    if has_rows { Ok(Source::Stale(failed.text)) } else { Err(failed.error) }
}

async fn is_fresh(
    app: &App,
    credential: &CloudCredential,
    location: &LocationId,
    kind: Kind,
    max_age: Duration,
) -> ApiResult<bool> {
    let state = state(app, credential, location, kind).await?;
    let Some(observed_at) = state.and_then(|it| it.observed_at) else { return Ok(false) };
    Ok(observed_at > Time::now().before(max_age.max(SAME_MOMENT)))
}

pub async fn state(
    app: &App,
    credential: &CloudCredential,
    location: &LocationId,
    kind: Kind,
) -> ApiResult<Option<sync_state::SyncState>> {
    let mut tx = app.db.read().await?;
    Ok(sync_state::find(&mut tx, of(credential, location, kind)).await?)
}

/// When the oldest of a credential's lists was read, and the newest: what is known as a whole is as old as the oldest.
/// Instance types are cached on purpose and are as old as `instance_types_lifetime` lets them be.
pub fn ages(states: &[sync_state::SyncState], credential_id: &str) -> Option<(Time, Time)> {
    let lists = states.iter().filter(|it| it.credential_id == credential_id);
    let lists = lists.filter(|it| it.noun != Kind::InstanceTypes.as_str()).filter_map(|it| it.observed_at);
    lists.fold(None, |ages, it| match ages {
        None => Some((it, it)),
        Some((oldest, newest)) => Some((oldest.min(it), newest.max(it))),
    })
}

/// Why a credential's lists are not what the cloud has now: what a list could not be read for, or, where it did not come
/// to lists at all, why the last synchronisation failed.
pub async fn error(
    tx: &mut Tx,
    states: &[sync_state::SyncState],
    credential_id: &str,
) -> Result<Option<String>, DbError> {
    let mut lists = states.iter().filter(|it| it.credential_id == credential_id && it.error_at > it.observed_at);
    match lists.find_map(|it| it.error.clone()) {
        Some(error) => Ok(Some(error)),
        None => Ok(syncs::find_last(tx, credential_id).await?.and_then(|it| it.error)),
    }
}

fn of<'a>(credential: &'a CloudCredential, location: &'a LocationId, kind: Kind) -> sync_state::Of<'a> {
    sync_state::Of { credential_id: &credential.id, location_id: &location.0, noun: kind.as_str() }
}

/// The whole chain of causes in one line.
pub fn describe(err: &CloudError) -> String {
    let mut text = err.to_string();
    let mut source = std::error::Error::source(err);
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

/// Starts or stops the clock that suspends links. `refused`: the cloud does not let this identity in.
pub async fn record_login(
    app: &App,
    tx: &mut Tx,
    credential_id: &str,
    refused: Option<String>,
    let_in: bool,
) -> Result<(), DbError> {
    let now = Time::now();
    let changed = match &refused {
        Some(reason) => {
            let suspend_after = app.config().suspend_after;
            store::environment_clouds::record_auth_failure(tx, credential_id, now, suspend_after, reason).await?
        }
        None if let_in => store::environment_clouds::record_auth_success(tx, credential_id).await?,
        None => return Ok(()),
    };
    for link in changed {
        let environment = store::environments::get(tx, link.environment_id).await?;
        let event = events::NewEvent {
            account_id: Some(environment.account_id),
            environment_id: Some(link.environment_id),
            // Others who use these credentials have links of their own.
            credential_id: None,
            topic: "clouds".to_owned(),
            object_id: format!("{}/{}", link.environment_id, link.platform),
            kind: link.status.to_string(),
            body: json!({ "cloud": link.platform, "status": link.status.as_str(), "reason": link.reason }),
            at: now,
        };
        events::insert(tx, &event).await?;
    }
    Ok(())
}

/// The locations of a credential, asked of the cloud unless that was done just now.
pub async fn locations(app: &App, credential: &CloudCredential, opening: &Opening) -> ApiResult<Vec<LocationId>> {
    clouds::permitted(app, &credential.id, opening).await?;
    look_for_locations(app, credential, opening, LOCATIONS_INTERVAL).await?;
    let mut tx = app.db.read().await?;
    let known = store::cloud_locations::list(&mut tx, &credential.id).await?;
    Ok(known.into_iter().map(|it| LocationId(it.location_id)).collect())
}

async fn look_for_locations(
    app: &App,
    credential: &CloudCredential,
    opening: &Opening,
    interval: Duration,
) -> ApiResult<Source> {
    let flight = app.flights.of(&credential.id, &LocationId(String::new()), "cloud-locations");
    let mut landed = flight.lock().await;
    if let Some(it) = landed.as_ref().filter(|it| it.at.elapsed() < interval) {
        return it.outcome.clone();
    }
    let outcome = read_locations(app, credential, opening).await.map(|()| Source::Cloud);
    *landed = Some(Landed::now(outcome.clone()));
    outcome
}

/// Asks the cloud which locations it has, and keeps them. Those of a linked vCenter that does not answer stay.
async fn read_locations(app: &App, credential: &CloudCredential, opening: &Opening) -> ApiResult<()> {
    let connected = Clouds::connect(app, &credential.id, opening).await?;
    if opening.aim == Aim::Probe {
        connected.try_again();
    }
    let found = connected.locations().await;
    let mut tx = app.db.write().await?;
    match found {
        Ok(Found { mut locations, silent }) => {
            for known in store::cloud_locations::list(&mut tx, &credential.id).await? {
                if known.vcenter.as_ref().is_some_and(|it| silent.contains(it)) {
                    let (id, name, vcenter) = (LocationId(known.location_id), known.name, known.vcenter);
                    locations.push(Location { id, name, vcenter });
                }
            }
            if store::cloud_locations::replace_all(&mut tx, &credential.id, &locations, Time::now()).await? {
                events::insert(&mut tx, &locations_event(credential, locations.len())).await?;
            }
            record_login(app, &mut tx, &credential.id, None, true).await?;
            tx.commit().await?;
            app.wake_streams();
            Ok(())
        }
        Err(err) => {
            record_login(app, &mut tx, &credential.id, connected.refusal(), false).await?;
            tx.commit().await?;
            app.wake_streams();
            Err(err.into())
        }
    }
}

fn locations_event(credential: &CloudCredential, n_locations: usize) -> events::NewEvent {
    events::NewEvent {
        account_id: credential.account_id,
        environment_id: None,
        credential_id: Some(credential.id.clone()),
        topic: "inventory".to_owned(),
        object_id: "cloud-locations".to_owned(),
        kind: "changed".to_owned(),
        body: json!({ "noun": "cloud-locations", "nLocations": n_locations }),
        at: Time::now(),
    }
}

/// Why a synchronisation runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trigger {
    Periodic,
    /// Whether a suspended link works again.
    Probe,
    Request,
    Link,
    ClearCache,
}

impl Trigger {
    fn as_str(self) -> &'static str {
        match self {
            Trigger::Periodic => "periodic",
            Trigger::Probe => "probe",
            Trigger::Request => "request",
            Trigger::Link => "link",
            Trigger::ClearCache => "clear-cache",
        }
    }
}

/// Begins a full synchronisation of a credential in the background; returns its id, or that of the one that runs
/// already.
pub async fn start(app: &App, credential: &CloudCredential, trigger: Trigger, requester: String) -> ApiResult<String> {
    let aim = if trigger == Trigger::Probe { Aim::Probe } else { Aim::Inventory { environment_id: None } };
    let opening = Opening { aim, purpose: "sync", requester, account_id: credential.account_id };
    let credential = clouds::permitted(app, &credential.id, &opening).await?;
    let (sync_id, is_new) = begin(app, &credential, trigger, &opening.requester).await?;
    if is_new {
        let (task_app, sync_id) = (app.clone(), sync_id.clone());
        app.tasks.spawn(async move { run(&task_app, &credential, &sync_id, &opening).await });
    }
    Ok(sync_id)
}

/// True for one that will not end any more, whatever its row says.
pub fn is_over(sync: &syncs::Sync, now: Time) -> bool {
    sync.started_at <= now.before(OVER_AFTER)
}

/// Returns the id of the row, and whether it is a new one.
async fn begin(
    app: &App,
    credential: &CloudCredential,
    trigger: Trigger,
    requester: &str,
) -> ApiResult<(String, bool)> {
    let now = Time::now();
    let mut tx = app.db.write().await?;
    // Held until the commit, so that of two who begin at once one sees the other's row.
    counters::next(&mut tx, "syncs").await?;
    let running = syncs::find_running(&mut tx, &credential.id, now.before(OVER_AFTER)).await?;
    if let Some(running) = running {
        return Ok((running.id, false));
    }
    let sync = syncs::Sync {
        id: Uuid::now_v7().to_string(),
        credential_id: credential.id.clone(),
        trigger: trigger.as_str().to_owned(),
        requested_by: requester.to_owned(),
        status: syncs::SyncStatus::Running,
        started_at: now,
        ended_at: None,
        n_changes: 0,
        error: None,
        run_by: Some(app.id.clone()),
    };
    syncs::insert(&mut tx, &sync).await?;
    events::insert(&mut tx, &sync_event(credential, &sync.id, "started", 0)).await?;
    tx.commit().await?;
    app.wake_streams();
    Ok((sync.id, true))
}

async fn run(app: &App, credential: &CloudCredential, sync_id: &str, opening: &Opening) {
    let begun = Instant::now();
    let in_turn = async {
        let _turn = app.turns.0.acquire().await;
        let all = timeout(SYNC_LIMIT, everything(app, credential, opening)).await;
        all.unwrap_or_else(|_| {
            let message = format!("the cloud was not read within {} minutes", SYNC_LIMIT.as_secs() / 60);
            Err(ApiError::unavailable(message))
        })
    };
    let read = tokio::select! {
        read = in_turn => read,
        () = app.stopping.cancelled() => Err(ApiError::unavailable("the control plane stopped")),
    };
    let (n_changes, error) = match read {
        Ok(Sum { n_changes, errors }) => (n_changes, (!errors.is_empty()).then(|| errors.join("; "))),
        Err(err) => (0, Some(err.message().to_owned())),
    };
    match &error {
        Some(err) => warn!(credential.id, "synchronisation of {} failed: {err}", credential.name),
        None => info!(credential.id, n_changes, elapsed_ms = begun.elapsed().as_millis() as u64, "synchronised"),
    }
    app.metrics.count_sync(error.is_none(), begun.elapsed());
    let kind = if error.is_some() { "failed" } else { "succeeded" };
    let event = sync_event(credential, sync_id, kind, n_changes);
    let (id, ended_at) = (sync_id.to_owned(), Time::now());
    let write = move |app: App| {
        let (id, event, error) = (id.clone(), event.clone(), error.clone());
        async move {
            let mut tx = app.db.write().await?;
            syncs::end(&mut tx, &id, ended_at, n_changes, error.as_deref()).await?;
            events::insert(&mut tx, &event).await?;
            tx.commit().await
        }
    };
    unwritten::end(app, "synchronisation", sync_id, write).await;
}

/// Tells those who watch a synchronisation that it was ended with its control plane.
pub async fn record_abandoned(tx: &mut Tx, row: &syncs::Sync) -> Result<(), DbError> {
    let credential = store::cloud_credentials::get(tx, &row.credential_id).await?;
    events::insert(tx, &sync_event(&credential, &row.id, "failed", row.n_changes)).await?;
    Ok(())
}

struct Sum {
    n_changes: i64,
    errors: Vec<String>,
}

async fn everything(app: &App, credential: &CloudCredential, opening: &Opening) -> ApiResult<Sum> {
    look_for_locations(app, credential, opening, Duration::ZERO).await?;
    let mut tx = app.db.read().await?;
    let locations = store::cloud_locations::list(&mut tx, &credential.id).await?;
    drop(tx);
    let locations = locations.into_iter().map(|it| LocationId(it.location_id));
    let connected = Clouds::connect(app, &credential.id, opening).await?;
    let nouns = connected.cloud().nouns();
    let sums = stream::iter(locations)
        .map(|location| async move {
            let mut sum = Sum { n_changes: 0, errors: Vec::new() };
            let kinds = nouns.iter().map(|it| Kind::Resources(*it)).chain([Kind::Machines]);
            for kind in kinds {
                let flight = app.flights.of(&credential.id, &location, kind.as_str());
                let mut landed = flight.lock().await;
                match fly(app, credential, &location, kind, opening, &mut landed).await {
                    Ok(n) => sum.n_changes += n,
                    // A cloud without a service has none of its things: the report of the validation says so.
                    Err(failed) if failed.because == Because::Unsupported => {}
                    Err(failed) => {
                        sum.errors.push(format!("{} of {location}: {}", kind.as_str(), failed.error.message()));
                    }
                }
            }
            let lifetime = app.config().instance_types_lifetime;
            let sizes = at_most(app, credential, &location, Kind::InstanceTypes, lifetime, opening.clone()).await;
            if let Err(err) = sizes {
                sum.errors.push(format!("instance types of {location}: {}", err.message()));
            }
            sum
        })
        .buffer_unordered(LOCATIONS_AT_ONCE)
        .collect::<Vec<Sum>>()
        .await;
    let n_changes = sums.iter().map(|it| it.n_changes).sum();
    Ok(Sum { n_changes, errors: sums.into_iter().flat_map(|it| it.errors).collect() })
}

fn sync_event(credential: &CloudCredential, sync_id: &str, kind: &str, n_changes: i64) -> events::NewEvent {
    events::NewEvent {
        account_id: credential.account_id,
        environment_id: None,
        credential_id: Some(credential.id.clone()),
        topic: "syncs".to_owned(),
        object_id: sync_id.to_owned(),
        kind: kind.to_owned(),
        body: json!({ "id": sync_id, "cloudCredentialsId": credential.id, "nChanges": n_changes }),
        at: Time::now(),
    }
}
