//! Brings servers to what users want of them: looks at those whose time has come, and does the next step of each.

pub mod failure;
pub mod farms;
pub mod servers;
mod spec;
mod step;

use std::{sync::Arc, time::Duration};

use store::{Time, servers::Server};
use tokio::{
    sync::{Notify, Semaphore},
    time::{MissedTickBehavior, interval, sleep},
};
use tracing::warn;

use crate::app::App;

/// Servers that one control plane works on at once.
const AT_ONCE: usize = 32;
/// Servers that are taken in one go, so that other control planes on the same database have their share.
const AT_ONCE_TAKEN: i64 = 8;
/// How often it is looked who is due, besides being woken.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Longer than any call to a cloud may be silent: who is slow for that long has lost the server to another.
const LEASE: Duration = Duration::from_secs(90);
const RENEW_EVERY: Duration = Duration::from_secs(20);
/// When a look itself failed: the database was full, say.
const AFTER_ERROR: Duration = Duration::from_secs(10);

/// Wakes the reconciler after a commit; a wake that is lost is made up for by its next look.
#[derive(Default)]
pub struct Wake(Notify);

impl Wake {
    pub fn wake(&self) {
        self.0.notify_one();
    }
}

/// Begins to look; ends when the server stops. What is under way then ends first.
pub fn start(app: &App) {
    let app = app.clone();
    app.clone().tasks.spawn(async move {
        let places = Arc::new(Semaphore::new(AT_ONCE));
        loop {
            tokio::select! {
                () = sleep(LOOK_EVERY) => {}
                () = app.wake.0.notified() => {}
                () = app.stopping.cancelled() => return,
            }
            if let Err(err) = take(&app, &places).await {
                warn!("cannot look which servers are due: {err:#}");
            }
        }
    });
}

/// Begins work on all that are due, as far as there are places.
async fn take(app: &App, places: &Arc<Semaphore>) -> anyhow::Result<()> {
    let n_free = i64::try_from(places.available_permits())?.min(AT_ONCE_TAKEN);
    let now = Time::now();
    let is_any = store::servers::is_any_due(&mut app.db.read().await?, now).await?;
    if n_free == 0 || !is_any {
        return Ok(());
    }
    let mut tx = app.db.write().await?;
    let taken = store::servers::take_due(&mut tx, &app.id, now, LEASE, n_free).await?;
    tx.commit().await?;
    for server in taken {
        let (app, place) = (app.clone(), places.clone().acquire_owned().await?);
        app.clone().tasks.spawn(async move {
            app.metrics.reconciler_looks.inc();
            app.metrics.reconciler_working.inc();
            let next = work(&app, &server).await;
            app.metrics.reconciler_working.dec();
            drop(place);
            // Whoever waited for a place may have it now.
            app.wake.wake();
            if let Some(next) = next.filter(|it| *it < LOOK_EVERY) {
                sleep(next).await;
                app.wake.wake();
            }
        });
    }
    Ok(())
}

/// One look at one server, with its lease kept meanwhile and given back after. Both go on together: a look that stood
/// still while the lease is renewed would keep the database's one writer from it. Returns when it is due again.
async fn work(app: &App, server: &Server) -> Option<Duration> {
    let id = server.id.as_str();
    let looked = tokio::select! {
        looked = servers::reconcile(app, id) => looked,
        () = keep(app, id) => return None,
    };
    let next = looked.unwrap_or_else(|err| {
        warn!(server.id = id, "cannot look at server {id}: {err:#}");
        AFTER_ERROR
    });
    if let Err(err) = release(app, server, next).await {
        warn!(server.id = id, "cannot give back the lease of server {id}: {err:#}");
    }
    Some(next)
}

/// Ends when another has taken the server.
async fn keep(app: &App, id: &str) {
    let mut renewal = interval(RENEW_EVERY);
    renewal.set_missed_tick_behavior(MissedTickBehavior::Delay);
    renewal.tick().await;
    loop {
        renewal.tick().await;
        match renew(app, id).await {
            Ok(true) => {}
            Ok(false) => return warn!(server.id = id, "another control plane has taken server {id}"),
            Err(err) => warn!(server.id = id, "cannot keep the lease of server {id}: {err:#}"),
        }
    }
}

async fn renew(app: &App, id: &str) -> anyhow::Result<bool> {
    let mut tx = app.db.write().await?;
    let is_ours = store::servers::renew_lease(&mut tx, id, &app.id, Time::now(), LEASE).await?;
    tx.commit().await?;
    Ok(is_ours)
}

async fn release(app: &App, server: &Server, next: Duration) -> anyhow::Result<()> {
    let mut tx = app.db.write().await?;
    let Server { id, generation, look_at, .. } = server;
    store::servers::release(&mut tx, id, &app.id, *generation, *look_at, Time::now() + next).await?;
    Ok(tx.commit().await?)
}
