use std::time::Duration;

use store::{Select, Time};
use tracing::info;

use crate::app::App;

const DAY: Duration = Duration::from_secs(24 * 3600);
const KEEP_EVENTS: Duration = Duration::from_secs(2 * 24 * 3600);
const KEEP_EVENT_LOGS: Duration = Duration::from_secs(60 * 24 * 3600);
/// Clients poll a server until it is terminated, and an asset until it is deleted, so they are shown for a while.
const KEEP_TERMINATED: Duration = Duration::from_secs(600);
const KEEP_SYNCS: Duration = Duration::from_secs(7 * 24 * 3600);

/// Drops what nobody will ask for, and writes the heads of the audit chains to the log, where a row that was cut off
/// in the database can still be seen.
pub async fn run(app: App) -> anyhow::Result<()> {
    let now = Time::now();
    let mut tx = app.db.write().await?;
    store::events::prune(&mut tx, now.before(KEEP_EVENTS)).await?;
    store::event_logs::prune(&mut tx, now.before(KEEP_EVENT_LOGS)).await?;
    store::servers::prune(&mut tx, now.before(KEEP_TERMINATED)).await?;
    store::assets::prune(&mut tx, now.before(KEEP_TERMINATED)).await?;
    store::syncs::prune(&mut tx, now.before(KEEP_SYNCS)).await?;
    store::validations::prune_unsaved(&mut tx, now.before(DAY)).await?;
    store::sessions::prune(&mut tx, now).await?;
    tx.commit().await?;
    log_heads(&app).await
}

pub async fn log_heads(app: &App) -> anyhow::Result<()> {
    let mut tx = app.db.read().await?;
    let accounts = store::accounts::list(&mut tx, Select::new()).await?.rows;
    for account_id in accounts.iter().map(|it| it.id).chain([0]) {
        if let Some(head) = store::audit::head(&mut tx, account_id).await? {
            info!(account.id = account_id, count = head.count, mac = head.head_mac, "head of the audit chain");
        }
    }
    Ok(())
}
