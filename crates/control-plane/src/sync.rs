//! Reading clouds into rows: on request, and behind the scenes.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex as StdMutex, PoisonError},
    time::{Duration, Instant},
};

use cloud::{CloudError, Location, LocationId, Use, inventory::Hidden};
use futures_util::{StreamExt, stream};
use serde_json::json;
use store::{DbError, Time, Tx, cloud_credentials::CloudCredential, counters, events, sync_state, syncs};
use tokio::sync::Mutex;
use tracing::{info, warn};
use uuid::Uuid;

use crate::{
    app::App,
    clouds::{Clouds, Connected, Found, Opening},
    http::error::{ApiError, ApiResult},
};

/// Locations of one credential that are read at once.
const LOCATIONS_AT_ONCE: usize = 2;

/// Readings closer together than this are of the same moment: `maxAge` is in whole seconds.
const SAME_MOMENT: Duration = Duration::from_secs(1);

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

/// Reads that are under way, so that many who ask at once cause one.
#[derive(Default)]
pub struct Flights(StdMutex<HashMap<(String, String, Kind), Arc<Flight>>>);

/// When the last read of this kind ended.
type Flight = Mutex<Option<Instant>>;

impl Flights {
    fn of(&self, credential_id: &str, location: &LocationId, kind: Kind) -> Arc<Flight> {
        let mut flights = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        flights.entry((credential_id.to_owned(), location.0.clone(), kind)).or_default().clone()
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
    let flight = app.flights.of(&credential.id, location, kind);
    let mut ended_at = flight.lock().await;
    let known = state(app, credential, location, kind).await?;
    // Somebody else's read ended while we waited for it, or just before we came. After a clear nothing is known of it.
    let is_same = ended_at.is_some_and(|it| it >= asked_at || it.elapsed() < SAME_MOMENT);
    if let Some(known) = known.filter(|_| is_same) {
        let failed = known.error.filter(|_| known.error_at > known.observed_at);
        return Ok(failed.map_or(Source::Cloud, Source::Stale));
    }
    let read = read(app, credential, location, kind, opening).await;
    *ended_at = Some(Instant::now());
    let (err, why) = match read {
        Ok(_) => return Ok(Source::Cloud),
        Err(ReadError::Cloud(err)) => {
            let why = describe(&err);
            (err.into(), Some(why))
        }
        // What the cloud says could not be kept: the database is full, say.
        Err(err) => {
            let err = ApiError::from(err);
            let why = err.is_unavailable().then(|| err.message().to_owned());
            (err, why)
        }
    };
    let state = state(app, credential, location, kind).await?;
    let has_rows = state.is_some_and(|it| it.observed_at.is_some());
    why.filter(|_| has_rows).map(Source::Stale).ok_or(err)
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

fn of<'a>(credential: &'a CloudCredential, location: &'a LocationId, kind: Kind) -> sync_state::Of<'a> {
    sync_state::Of { credential_id: &credential.id, location_id: &location.0, noun: kind.as_str() }
}

/// Reads one kind of one location from the cloud and writes what changed. Returns the number of changes.
async fn read(
    app: &App,
    credential: &CloudCredential,
    location: &LocationId,
    kind: Kind,
    opening: Opening,
) -> Result<i64, ReadError> {
    let connected = Clouds::connect(app, credential, opening).await?;
    let began_at = Time::now();
    let reading = Reading { app, credential, connected: &connected, location, began_at };
    let read = match kind {
        Kind::InstanceTypes => reading.instance_types().await,
        Kind::Machines => reading.machines().await,
        Kind::Resources(noun) => reading.resources(noun).await,
    };
    let mut tx = app.db.write().await?;
    let of = of(credential, location, kind);
    match read {
        Ok(Read { n_items, n_changes, hidden }) => {
            sync_state::put_success(&mut tx, of, began_at, "full", n_items, hidden.as_ref()).await?;
            record_login(app, &mut tx, &credential.id, None, true).await?;
            if n_changes > 0 {
                events::insert(&mut tx, &inventory_event(credential, location, kind, n_changes)).await?;
            }
            tx.commit().await?;
            app.wake_streams();
            Ok(n_changes)
        }
        Err(ReadError::Cloud(err)) => {
            let text = describe(&err);
            sync_state::put_failure(&mut tx, of, Time::now(), "full", &text).await?;
            let refused = matches!(err, CloudError::Unauthorized(_)).then(|| text.clone());
            record_login(app, &mut tx, &credential.id, refused, false).await?;
            tx.commit().await?;
            app.wake_streams();
            Err(ReadError::Cloud(err))
        }
        Err(err) => Err(err),
    }
}

/// The whole chain of causes in one line.
fn describe(err: &CloudError) -> String {
    let mut text = err.to_string();
    let mut source = std::error::Error::source(err);
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

fn inventory_event(
    credential: &CloudCredential,
    location: &LocationId,
    kind: Kind,
    n_changes: i64,
) -> events::NewEvent {
    events::NewEvent {
        account_id: credential.account_id,
        environment_id: None,
        credential_id: Some(credential.id.clone()),
        topic: "inventory".to_owned(),
        object_id: format!("{}/{}", location.0, kind.as_str()),
        kind: "changed".to_owned(),
        body: json!({ "cloudLocation": location.0, "noun": kind.as_str(), "nChanges": n_changes }),
        at: Time::now(),
    }
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
            credential_id: Some(credential_id.to_owned()),
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

struct Reading<'a> {
    app: &'a App,
    credential: &'a CloudCredential,
    connected: &'a Connected,
    location: &'a LocationId,
    began_at: Time,
}

struct Read {
    n_items: i64,
    n_changes: i64,
    hidden: Option<Hidden>,
}

enum ReadError {
    Cloud(CloudError),
    Db(DbError),
    /// The credential could not be opened, or not for this.
    Api(ApiError),
}

impl From<ApiError> for ReadError {
    fn from(err: ApiError) -> Self {
        ReadError::Api(err)
    }
}

impl From<ReadError> for ApiError {
    fn from(err: ReadError) -> Self {
        match err {
            ReadError::Cloud(err) => err.into(),
            ReadError::Db(err) => err.into(),
            ReadError::Api(err) => err,
        }
    }
}

impl From<CloudError> for ReadError {
    fn from(err: CloudError) -> Self {
        ReadError::Cloud(err)
    }
}

impl From<DbError> for ReadError {
    fn from(err: DbError) -> Self {
        ReadError::Db(err)
    }
}

impl Reading<'_> {
    async fn instance_types(&self) -> Result<Read, ReadError> {
        let types = self.connected.cloud().instance_types(self.location).await?.unwrap_or_default();
        let mut tx = self.app.db.write().await?;
        let changed =
            store::instance_types::replace_location(&mut tx, &self.credential.id, &self.location.0, &types).await?;
        tx.commit().await?;
        Ok(Read { n_items: count(types.len()), n_changes: i64::from(changed), hidden: None })
    }

    /// One transaction a page: a large cloud neither fills the memory nor keeps other writers waiting.
    async fn machines(&self) -> Result<Read, ReadError> {
        let of = store::machines::Of { credential_id: &self.credential.id, location_id: &self.location.0 };
        let sync_seq = self.sync_seq().await?;
        let mut sum = Read { n_items: 0, n_changes: 0, hidden: None };
        let mut pages = self.connected.cloud().machines(self.location);
        while let Some(page) = pages.next().await {
            let page = page?;
            let mut tx = self.app.db.write().await?;
            let changes = store::machines::apply_page(&mut tx, of, sync_seq, self.began_at, &page.items).await?;
            tx.commit().await?;
            sum.add(page.items.len(), changes.n_changes(), page.hidden);
        }
        let mut tx = self.app.db.write().await?;
        let removed = store::machines::finish(&mut tx, of, sync_seq).await?;
        tx.commit().await?;
        sum.n_changes += count(removed.len());
        Ok(sum)
    }

    async fn resources(&self, noun: cloud::inventory::Noun) -> Result<Read, ReadError> {
        let of = store::resources::Of { credential_id: &self.credential.id, location_id: &self.location.0, noun };
        let sync_seq = self.sync_seq().await?;
        let mut sum = Read { n_items: 0, n_changes: 0, hidden: None };
        let mut pages = self.connected.cloud().list(self.location, noun);
        while let Some(page) = pages.next().await {
            let page = page?;
            let mut tx = self.app.db.write().await?;
            let changes = store::resources::apply_page(&mut tx, of, sync_seq, self.began_at, &page.items).await?;
            tx.commit().await?;
            sum.add(page.items.len(), changes.n_changes(), page.hidden);
        }
        let mut tx = self.app.db.write().await?;
        let removed = store::resources::finish(&mut tx, of, sync_seq).await?;
        tx.commit().await?;
        sum.n_changes += count(removed.len());
        Ok(sum)
    }

    async fn sync_seq(&self) -> Result<i64, DbError> {
        let mut tx = self.app.db.write().await?;
        let seq = counters::next(&mut tx, "reads").await?;
        tx.commit().await?;
        Ok(seq)
    }
}

impl Read {
    fn add(&mut self, n_items: usize, n_changes: usize, hidden: Option<Hidden>) {
        self.n_items += count(n_items);
        self.n_changes += count(n_changes);
        self.hidden = hidden.or(self.hidden.take());
    }
}

fn count(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// Asks the cloud which locations it has, and keeps them. Those of a linked vCenter that does not answer stay.
pub async fn locations(app: &App, credential: &CloudCredential, opening: Opening) -> ApiResult<Vec<LocationId>> {
    let connected = Clouds::connect(app, credential, opening).await?;
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
            store::cloud_locations::replace_all(&mut tx, &credential.id, &locations, Time::now()).await?;
            tx.commit().await?;
            Ok(locations.into_iter().map(|it| it.id).collect())
        }
        Err(err) => {
            let refused = matches!(err, CloudError::Unauthorized(_)).then(|| describe(&err));
            record_login(app, &mut tx, &credential.id, refused, false).await?;
            tx.commit().await?;
            Err(err.into())
        }
    }
}

/// Why a synchronisation runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trigger {
    Periodic,
    Request,
    Link,
    ClearCache,
}

impl Trigger {
    fn as_str(self) -> &'static str {
        match self {
            Trigger::Periodic => "periodic",
            Trigger::Request => "request",
            Trigger::Link => "link",
            Trigger::ClearCache => "clear-cache",
        }
    }
}

/// Begins a full synchronisation of a credential in the background; returns its id.
pub async fn start(app: &App, credential: &CloudCredential, trigger: Trigger, requester: String) -> ApiResult<String> {
    let id = begin(app, credential, trigger, &requester).await?;
    let (app, credential, sync_id) = (app.clone(), credential.clone(), id.clone());
    app.clone().tasks.spawn(async move {
        let stopping = app.stopping.clone();
        tokio::select! {
            () = run(&app, &credential, &sync_id, requester) => {}
            () = stopping.cancelled() => {}
        }
    });
    Ok(id)
}

async fn begin(app: &App, credential: &CloudCredential, trigger: Trigger, requester: &str) -> ApiResult<String> {
    let sync = syncs::Sync {
        id: Uuid::now_v7().to_string(),
        credential_id: credential.id.clone(),
        trigger: trigger.as_str().to_owned(),
        requested_by: requester.to_owned(),
        status: syncs::SyncStatus::Running,
        started_at: Time::now(),
        ended_at: None,
        n_changes: 0,
        error: None,
        run_by: Some(app.id.clone()),
    };
    let mut tx = app.db.write().await?;
    syncs::insert(&mut tx, &sync).await?;
    events::insert(&mut tx, &sync_event(credential, &sync.id, "started", 0)).await?;
    tx.commit().await?;
    app.wake_streams();
    Ok(sync.id)
}

/// Runs a synchronisation to its end, in the caller's task.
pub async fn run_now(app: &App, credential: &CloudCredential, trigger: Trigger, requester: String) -> ApiResult<()> {
    let id = begin(app, credential, trigger, &requester).await?;
    run(app, credential, &id, requester).await;
    Ok(())
}

async fn run(app: &App, credential: &CloudCredential, sync_id: &str, requester: String) {
    let begun = Instant::now();
    let (n_changes, error) = match everything(app, credential, requester).await {
        Ok(Sum { n_changes, errors }) => (n_changes, (!errors.is_empty()).then(|| errors.join("; "))),
        Err(err) => (0, Some(err.message().to_owned())),
    };
    match &error {
        Some(err) => warn!(credential.id, "synchronisation of {} failed: {err}", credential.name),
        None => info!(credential.id, n_changes, elapsed_ms = begun.elapsed().as_millis() as u64, "synchronised"),
    }
    app.metrics.count_sync(error.is_none(), begun.elapsed());
    let ended = async {
        let mut tx = app.db.write().await?;
        syncs::end(&mut tx, sync_id, Time::now(), n_changes, error.as_deref()).await?;
        let kind = if error.is_some() { "failed" } else { "succeeded" };
        events::insert(&mut tx, &sync_event(credential, sync_id, kind, n_changes)).await?;
        tx.commit().await
    };
    if let Err(err) = ended.await {
        warn!(sync.id = sync_id, "cannot write the end of a synchronisation: {err:#}");
    }
    app.wake_streams();
}

struct Sum {
    n_changes: i64,
    errors: Vec<String>,
}

async fn everything(app: &App, credential: &CloudCredential, requester: String) -> ApiResult<Sum> {
    let opening = Opening { kind: Use::Inventory, purpose: "sync", requester, account_id: credential.account_id };
    let locations = locations(app, credential, opening.clone()).await?;
    let connected = Clouds::connect(app, credential, opening.clone()).await?;
    let nouns = connected.cloud().nouns();
    let sums = stream::iter(locations)
        .map(|location| {
            let opening = opening.clone();
            async move {
                let mut sum = Sum { n_changes: 0, errors: Vec::new() };
                let kinds = nouns.iter().map(|it| Kind::Resources(*it)).chain([Kind::Machines]);
                for kind in kinds {
                    let flight = app.flights.of(&credential.id, &location, kind);
                    let mut ended_at = flight.lock().await;
                    match read(app, credential, &location, kind, opening.clone()).await {
                        Ok(n) => sum.n_changes += n,
                        // A cloud without a service has none of its things: the report of the validation says so.
                        Err(ReadError::Cloud(CloudError::Unsupported(_))) => {}
                        Err(err) => {
                            let err = ApiError::from(err);
                            sum.errors.push(format!("{} of {location}: {}", kind.as_str(), err.message()));
                        }
                    }
                    *ended_at = Some(Instant::now());
                }
                let lifetime = app.config().instance_types_lifetime;
                let sizes = at_most(app, credential, &location, Kind::InstanceTypes, lifetime, opening).await;
                if let Err(err) = sizes {
                    sum.errors.push(format!("instance types of {location}: {}", err.message()));
                }
                sum
            }
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
