//! That this control plane lives, for the others on the same database: what it runs is ended by them only when it does
//! not. SQLite has one control plane, so there what is found at the start is of one that is gone.

use std::time::{Duration, Instant};

use store::{DbError, Time, Tx, assets, control_planes, servers, syncs, validations, watches};
use tracing::{info, warn};

use crate::{app::App, lock::Lock, sync, validation};

const BEAT_EVERY: Duration = Duration::from_secs(10);
/// Without a sign of life for this long it is gone. The clocks of the machines have to agree to half of it.
const GONE_AFTER: Duration = Duration::from_secs(60);

/// Before anything is run. The one that had our data directory before us is gone, whenever it last gave a sign.
pub async fn arrive(app: &App, lock: &Lock) -> anyhow::Result<()> {
    let now = Time::now();
    let mut tx = app.db.write().await?;
    if app.db.engine() == "sqlite" {
        control_planes::delete_all(&mut tx).await?;
    }
    if let Some(last) = lock.last()? {
        control_planes::delete(&mut tx, &last).await?;
    }
    control_planes::beat(&mut tx, &app.id, now).await?;
    bury(&mut tx, now).await?;
    tx.commit().await?;
    lock.sign(&app.id)?;
    let app = app.clone();
    app.clone().tasks.spawn(async move {
        let mut last = Instant::now();
        loop {
            tokio::select! {
                () = tokio::time::sleep(BEAT_EVERY) => {}
                () = app.stopping.cancelled() => return,
            }
            // Where we could not beat ourselves for so long, neither could the others: they get a beat's time to.
            let may_bury = last.elapsed() < GONE_AFTER / 2;
            match beat(&app, may_bury).await {
                Ok(()) => last = Instant::now(),
                Err(err) => warn!("cannot say that this control plane lives: {:#}", anyhow::Error::from(err)),
            }
        }
    });
    Ok(())
}

async fn beat(app: &App, may_bury: bool) -> Result<(), DbError> {
    let now = Time::now();
    let mut tx = app.db.write().await?;
    control_planes::beat(&mut tx, &app.id, now).await?;
    let n_ended = if may_bury { bury(&mut tx, now).await? } else { 0 };
    tx.commit().await?;
    if n_ended > 0 {
        app.wake_streams();
    }
    Ok(())
}

/// Forgets control planes that are gone, frees the servers and assets they worked on, and ends what else they ran. Returns how much that was.
async fn bury(tx: &mut Tx, now: Time) -> Result<usize, DbError> {
    control_planes::prune(tx, now.before(GONE_AFTER)).await?;
    servers::free_orphans(tx).await?;
    assets::free_orphans(tx).await?;
    watches::free_orphans(tx).await?;
    let of_validations = validations::abandon_orphans(tx, now).await?;
    for row in &of_validations {
        validation::record_abandoned(tx, row).await?;
    }
    let of_syncs = syncs::abandon_orphans(tx, now).await?;
    for row in &of_syncs {
        sync::record_abandoned(tx, row).await?;
    }
    let n_ended = of_validations.len() + of_syncs.len();
    if n_ended > 0 {
        info!(n_ended, "ended validations and synchronisations of a control plane that is gone");
    }
    Ok(n_ended)
}

/// After everything has ended that does. The rest ends with us.
pub async fn leave(app: &App) {
    let left = async {
        let mut tx = app.db.write().await?;
        control_planes::delete(&mut tx, &app.id).await?;
        bury(&mut tx, Time::now()).await?;
        tx.commit().await
    };
    if let Err(err) = left.await {
        let err = anyhow::Error::from(err);
        warn!("cannot say that this control plane stops; others notice in {} s: {err:#}", GONE_AFTER.as_secs());
    }
}
