use std::time::{Duration, Instant};

use anyhow::Context;
use cloud::{
    CloudError, LocationId,
    watch::{Glimpse, Sighting},
};
use futures_util::StreamExt;
use store::{
    Time,
    servers::watched::{self, Brief},
    watches::{self, Place},
};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

use super::{Doing, compare};
use crate::{
    app::App,
    clouds::{self, Aim, Clouds, Opening},
    http::error::ApiError,
    reconcile::{
        failure,
        servers::{STEADY, WATCHED},
    },
};

/// A watch that says nothing for so long is broken: longer than a driver may be silent and its slowest call together.
const SILENT: Duration = Duration::from_secs(90);
/// Of a watch that is not heard of.
const LEASE: Duration = Duration::from_secs(120);
/// How often it is written that it lives.
const BEAT_EVERY: Duration = Duration::from_secs(10);
/// While the cloud may not be asked, and while another control plane has it.
const PAUSED: Duration = Duration::from_secs(60);
const ELSEWHERE: Duration = Duration::from_secs(10);
/// When the database did not take something.
const AFTER_ERROR: Duration = Duration::from_secs(10);
/// Where more than this differs, looks are spread, and the rest is not taken for confirmed: the reading may be what is
/// wrong.
const MANY: usize = 500;
const SPREAD: Duration = Duration::from_millis(20);

/// Why a watch ended that should not.
enum Broken {
    Elsewhere,
    NotAllowed(ApiError),
    Cloud(CloudError),
    Ours(anyhow::Error),
}

/// Watches a place until told to stop.
pub async fn keep(app: App, place: Place, stop: CancellationToken) {
    let mut n_tries = 0;
    while !stop.is_cancelled() {
        app.watchers.note(&place, Some(Doing::Starting));
        let Err(broken) = watch(&app, &place, &stop, &mut n_tries).await else { break };
        let location = &place.location_id;
        let (doing, after) = match &broken {
            Broken::Elsewhere => (Doing::Elsewhere, ELSEWHERE),
            Broken::NotAllowed(err) => {
                debug!(location, "cannot watch {location}: {}", err.message());
                (Doing::Waiting, PAUSED)
            }
            Broken::Cloud(err) => {
                let (_, after) = failure::of_error(err, n_tries);
                n_tries += 1;
                let cause: &dyn std::error::Error = err;
                warn!(location, cause, after_s = after.as_secs(), "{location} is not watched: {err}");
                (Doing::Waiting, after)
            }
            Broken::Ours(err) => {
                warn!(location, "{location} is not watched: {err:#}");
                (Doing::Waiting, AFTER_ERROR)
            }
        };
        app.watchers.note(&place, Some(doing));
        if !matches!(broken, Broken::Elsewhere) {
            end(&app, &place, true).await;
        }
        tokio::select! {
            () = sleep(after) => {}
            () = stop.cancelled() => {}
        }
    }
    end(&app, &place, false).await;
    app.watchers.note(&place, None);
}

/// Lets go of a place. Where it `broke`, the servers that were left alone because of the watch are looked at soon.
async fn end(app: &App, place: &Place, broke: bool) {
    let ended = async {
        let mut tx = app.db.write().await?;
        watches::release(&mut tx, place, &app.id).await?;
        if broke {
            watched::look_within(&mut tx, place, Time::now(), STEADY).await?;
        }
        tx.commit().await
    };
    if let Err(err) = ended.await {
        let err = anyhow::Error::from(err);
        warn!("cannot write that {} is not watched; it shows in {} s: {err:#}", place.location_id, LEASE.as_secs());
    }
}

/// `n_tries` begins anew when all was read: what breaks it then is another trouble than the last.
async fn watch(app: &App, place: &Place, stop: &CancellationToken, n_tries: &mut i64) -> Result<(), Broken> {
    let mut tx = app.db.write().await.map_err(ours)?;
    if !watches::try_take(&mut tx, place, &app.id, Time::now(), LEASE).await.map_err(ours)? {
        return Err(Broken::Elsewhere);
    }
    tx.commit().await.map_err(ours)?;
    let opening = opening(app, place).await?;
    let connected = Clouds::connect(app, &place.credential_id, &opening).await.map_err(Broken::NotAllowed)?;
    let location = LocationId(place.location_id.clone());
    // What a reading of all shows was so after this.
    let mut before = Time::now();
    let mut beaten_at: Option<Instant> = None;
    let mut sightings = connected.cloud().watch(&location);
    loop {
        let next = tokio::select! {
            next = timeout(SILENT, sightings.next()) => next,
            () = stop.cancelled() => return Ok(()),
        };
        let sighting = match next {
            Ok(Some(sighting)) => sighting.map_err(Broken::Cloud)?,
            Ok(None) => return Err(Broken::Ours(anyhow::anyhow!("the driver ended its watch"))),
            Err(_) => return Err(Broken::Ours(anyhow::anyhow!("nothing was heard of it for {} s", SILENT.as_secs()))),
        };
        // Links are suspended and credentials disabled while their sessions are open.
        clouds::permitted(app, &place.credential_id, &opening).await.map_err(Broken::NotAllowed)?;
        let now = Time::now();
        app.metrics.count_sighting(&sighting);
        match sighting {
            Sighting::Whole(all) => {
                let is_ours = confirm(app, place, &all, before, now).await.map_err(Broken::Ours)?;
                if !is_ours {
                    return Err(Broken::Elsewhere);
                }
                app.watchers.note(place, Some(Doing::Watching));
                *n_tries = 0;
                beaten_at = Some(Instant::now());
            }
            Sighting::Changed(changed) => notice(app, place, &changed, now).await.map_err(Broken::Ours)?,
            Sighting::Alive => {}
        }
        if beaten_at.is_some_and(|it| it.elapsed() > BEAT_EVERY) {
            let mut tx = app.db.write().await.map_err(ours)?;
            let is_ours = watches::beat(&mut tx, place, &app.id, now, LEASE, None).await.map_err(ours)?;
            tx.commit().await.map_err(ours)?;
            if !is_ours {
                return Err(Broken::Elsewhere);
            }
            beaten_at = Some(Instant::now());
        }
        before = now;
    }
}

/// For the first environment with servers there for which the credential may be used.
async fn opening(app: &App, place: &Place) -> Result<Opening, Broken> {
    let mut tx = app.db.read().await.map_err(ours)?;
    let environments = watches::environments(&mut tx, place).await.map_err(ours)?;
    drop(tx);
    let mut refused = None;
    for environment_id in environments {
        let opening = Opening {
            aim: Aim::Provision { environment_id },
            purpose: "servers",
            requester: "control plane".to_owned(),
            account_id: Some(place.account_id),
        };
        match clouds::permitted(app, &place.credential_id, &opening).await {
            Ok(_) => return Ok(opening),
            Err(err) => refused = Some(err),
        }
    }
    // Without environments the watch is about to be stopped.
    Err(refused.map_or_else(|| Broken::Ours(anyhow::anyhow!("it has no servers any more")), Broken::NotAllowed))
}

/// All was read: who differs is looked at, and the rest is as it is recorded. False when another has the watch.
async fn confirm(app: &App, place: &Place, all: &[Glimpse], began: Time, now: Time) -> anyhow::Result<bool> {
    let rows = watched::list_briefs(&mut app.db.read().await?, place).await?;
    let differing = compare::differing(&rows, all);
    let n_differing = differing.len();
    let mut tx = app.db.write().await?;
    for (n, row) in (0..).zip(&differing) {
        watched::look_by(&mut tx, &row.id, now + SPREAD * n).await?;
    }
    let mut n_confirmed = 0;
    if n_differing < MANY {
        n_confirmed = watched::confirm(&mut tx, place, began, now, WATCHED, STEADY).await?;
    }
    let is_ours = watches::beat(&mut tx, place, &app.id, now, LEASE, Some(began)).await?;
    if !is_ours {
        return Ok(false);
    }
    tx.commit().await?;
    if n_differing > 0 {
        app.wake.wake();
        info!(location = place.location_id, n_differing, "servers differ from what is recorded and are looked at");
    }
    debug!(location = place.location_id, n_machines = all.len(), n_confirmed, "read all machines");
    Ok(true)
}

/// Has those looked at that differ from what is recorded: much of what changes is what we did ourselves.
async fn notice(app: &App, place: &Place, changed: &[Glimpse], now: Time) -> anyhow::Result<()> {
    let mut tx = app.db.read().await?;
    let mut differing: Vec<String> = Vec::new();
    for glimpse in changed {
        let marked = match glimpse.mark {
            Some(mark) => watched::find_brief(&mut tx, &mark.to_string()).await?,
            None => None,
        };
        let of_machine = match &marked {
            Some(_) => Vec::new(),
            None => watched::briefs_of_machine(&mut tx, &glimpse.cloud_id).await?,
        };
        let found: Vec<Brief> = marked.into_iter().chain(of_machine).filter(|it| it.place == *place).collect();
        let differ = found.into_iter().filter(|it| compare::differs(it, glimpse.state.as_ref()));
        differing.extend(differ.map(|it| it.id));
    }
    drop(tx);
    if differing.is_empty() {
        return Ok(());
    }
    let mut tx = app.db.write().await?;
    for (n, id) in (0..).zip(&differing) {
        watched::look_by(&mut tx, id, now + SPREAD * n).await.context("cannot have it looked at")?;
    }
    tx.commit().await?;
    app.wake.wake();
    Ok(())
}

fn ours(err: store::DbError) -> Broken {
    Broken::Ours(err.into())
}
