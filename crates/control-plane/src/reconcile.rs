//! Brings servers and assets to what users want of them: looks at those whose time has come, and does the next step of
//! each.

mod assets;
pub mod failure;
pub mod farms;
pub mod servers;
mod spec;
mod step;

use std::{sync::Arc, time::Duration};

use store::{Time, assets::Asset, servers::Server};
use tokio::{
    sync::{Notify, Semaphore},
    time::{MissedTickBehavior, interval, sleep},
};
use tracing::warn;

use crate::app::App;

/// Servers and assets that one control plane works on at once.
const AT_ONCE: usize = 32;
/// That are taken in one go, so that other control planes on the same database have their share.
const AT_ONCE_TAKEN: i64 = 8;
/// How many of these are assets, at most, so that neither wait for the others.
const ASSETS_TAKEN: i64 = 2;
/// How often it is looked who is due, besides being woken.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Longer than any call to a cloud may be silent: who is slow for that long has lost what it works on to another.
const LEASE: Duration = Duration::from_secs(90);
const RENEW_EVERY: Duration = Duration::from_secs(20);
/// What is left of one at any time, unless the control plane was frozen or is very slow.
const LEFT: Duration = Duration::from_secs(60);
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

/// What one look is at.
enum Taken {
    Server(Box<Server>),
    Asset(Box<Asset>),
}

impl Taken {
    fn noun(&self) -> &str {
        match self {
            Taken::Server(_) => "server",
            Taken::Asset(it) => &it.kind,
        }
    }

    fn id(&self) -> &str {
        match self {
            Taken::Server(it) => &it.id,
            Taken::Asset(it) => &it.id,
        }
    }

    /// Returns when to look again, and has given the lease back then.
    async fn reconcile(&self, app: &App) -> anyhow::Result<Duration> {
        match self {
            Taken::Server(it) => servers::reconcile(app, &it.id).await,
            Taken::Asset(it) => {
                let next = assets::reconcile(app, &it.id).await?;
                self.release(app, next).await?;
                Ok(next)
            }
        }
    }

    /// False when another has taken it.
    async fn renew(&self, app: &App) -> anyhow::Result<bool> {
        let (mut tx, now) = (app.db.write().await?, Time::now());
        let is_ours = match self {
            Taken::Server(it) => store::servers::renew_lease(&mut tx, &it.id, &app.id, now, LEASE).await?,
            Taken::Asset(it) => store::assets::renew_lease(&mut tx, &it.id, &app.id, now, LEASE).await?,
        };
        tx.commit().await?;
        Ok(is_ours)
    }

    async fn release(&self, app: &App, next: Duration) -> anyhow::Result<()> {
        let (mut tx, next) = (app.db.write().await?, Time::now() + next);
        match self {
            Taken::Server(it) => {
                let Server { id, generation, look_at, .. } = it.as_ref();
                store::servers::release(&mut tx, id, &app.id, *generation, *look_at, next).await?;
            }
            Taken::Asset(it) => store::assets::release(&mut tx, &it.id, &app.id, it.generation, next).await?,
        }
        Ok(tx.commit().await?)
    }
}

/// Begins work on all that are due, as far as there are places.
async fn take(app: &App, places: &Arc<Semaphore>) -> anyhow::Result<()> {
    let n_free = i64::try_from(places.available_permits())?.min(AT_ONCE_TAKEN);
    let now = Time::now();
    let mut tx = app.db.read().await?;
    let is_any = store::servers::is_any_due(&mut tx, now).await? || store::assets::is_any_due(&mut tx, now).await?;
    drop(tx);
    if n_free == 0 || !is_any {
        return Ok(());
    }
    let mut tx = app.db.write().await?;
    let assets = store::assets::take_due(&mut tx, &app.id, now, LEASE, n_free.min(ASSETS_TAKEN)).await?;
    let n_free = n_free - i64::try_from(assets.len())?;
    let servers = store::servers::take_due(&mut tx, &app.id, now, LEASE, n_free).await?;
    tx.commit().await?;
    let assets = assets.into_iter().map(|it| Taken::Asset(Box::new(it)));
    for taken in assets.chain(servers.into_iter().map(|it| Taken::Server(Box::new(it)))) {
        let (app, place) = (app.clone(), places.clone().acquire_owned().await?);
        app.clone().tasks.spawn(async move {
            app.metrics.reconciler_looks.inc();
            app.metrics.reconciler_working.inc();
            let next = work(&app, &taken).await;
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

/// One look, with the lease kept meanwhile and given back after. Both go on together: a look that stood still while the
/// lease is renewed would keep the database's one writer from it. Returns when it is due again.
async fn work(app: &App, taken: &Taken) -> Option<Duration> {
    let (noun, id) = (taken.noun(), taken.id());
    let looked = tokio::select! {
        looked = taken.reconcile(app) => looked,
        () = keep(app, taken) => return None,
    };
    match looked {
        Ok(next) => Some(next),
        Err(err) => {
            warn!(id, "cannot look at {noun} {id}: {err:#}");
            if let Err(err) = taken.release(app, AFTER_ERROR).await {
                warn!(id, "cannot give back the lease of {noun} {id}: {err:#}");
            }
            Some(AFTER_ERROR)
        }
    }
}

/// Ends when another has taken it.
async fn keep(app: &App, taken: &Taken) {
    let (noun, id) = (taken.noun(), taken.id());
    let mut renewal = interval(RENEW_EVERY);
    renewal.set_missed_tick_behavior(MissedTickBehavior::Delay);
    renewal.tick().await;
    loop {
        renewal.tick().await;
        match taken.renew(app).await {
            Ok(true) => {}
            Ok(false) => return warn!(id, "another control plane has taken {noun} {id}"),
            Err(err) => warn!(id, "cannot keep the lease of {noun} {id}: {err:#}"),
        }
    }
}
