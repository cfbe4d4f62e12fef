//! Brings servers and assets to what users want of them: looks at those whose time has come, and does the next step of
//! each.

mod assets;
pub mod failure;
pub mod farms;
pub mod keypairs;
mod places;
pub mod servers;
mod spec;
mod step;

use std::{sync::Arc, time::Duration};

use store::{DbError, Time, Tx, assets::Asset, environments, servers::Server};
use tokio::{
    sync::Notify,
    time::{MissedTickBehavior, interval, sleep},
};
use tracing::warn;

use self::places::Places;
use crate::app::App;

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
        let places = Arc::new(Places::default());
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

    fn environment_id(&self) -> i64 {
        match self {
            Taken::Server(it) => it.environment_id,
            Taken::Asset(it) => it.environment_id,
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
async fn take(app: &App, places: &Arc<Places>) -> anyhow::Result<()> {
    let n_free = i64::try_from(places.n_free())?.min(AT_ONCE_TAKEN);
    let now = Time::now();
    let mut tx = app.db.read().await?;
    let is_any = store::servers::is_any_due(&mut tx, now).await? || store::assets::is_any_due(&mut tx, now).await?;
    drop(tx);
    if n_free == 0 || !is_any {
        return Ok(());
    }
    let mut tx = app.db.write().await?;
    let mut all = Vec::new();
    // An account that has its share gets what the others leave.
    for not_of in places.account_at_share().map(Some).into_iter().chain([None]) {
        let n_left = n_free - i64::try_from(all.len())?;
        all.extend(take_due(app, &mut tx, now, n_left, not_of).await?);
    }
    tx.commit().await?;
    for (account_id, taken) in all {
        let (app, place) = (app.clone(), places.take(account_id).await?);
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

/// Up to `limit`, with their accounts.
async fn take_due(
    app: &App,
    tx: &mut Tx,
    now: Time,
    limit: i64,
    not_of: Option<i64>,
) -> Result<Vec<(i64, Taken)>, DbError> {
    let assets = store::assets::take_due(tx, &app.id, now, LEASE, limit.min(ASSETS_TAKEN), not_of).await?;
    let limit = limit - i64::try_from(assets.len()).unwrap_or(limit);
    let servers = store::servers::take_due(tx, &app.id, now, LEASE, limit, not_of).await?;
    let assets = assets.into_iter().map(|it| Taken::Asset(Box::new(it)));
    let mut all = Vec::new();
    for taken in assets.chain(servers.into_iter().map(|it| Taken::Server(Box::new(it)))) {
        all.push((environments::get(tx, taken.environment_id()).await?.account_id, taken));
    }
    Ok(all)
}

/// One look, with the lease kept meanwhile and given back at its end. Both go on together: a look that stood still while the
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
