use futures_util::{StreamExt, stream};
use store::{Select, Status, Time, cloud_credentials::CredentialStatus};
use tracing::warn;

use crate::{
    app::App,
    sync::{self, Trigger},
};

/// Credentials that are read at once.
const AT_ONCE: usize = 4;

/// Reads every cloud that an active environment uses and that was not read for `sync_interval`.
pub async fn run(app: App) -> anyhow::Result<()> {
    let interval = app.config().sync_interval;
    let now = Time::now();
    let mut tx = app.db.read().await?;
    let mut due = Vec::new();
    for credential in store::cloud_credentials::list_all(&mut tx, Select::new()).await?.rows {
        if credential.status != CredentialStatus::Enabled {
            continue;
        }
        let mut is_used = false;
        for link in store::environment_clouds::list_of_credential(&mut tx, &credential.id).await? {
            let environment = store::environments::get(&mut tx, link.link.environment_id).await?;
            is_used |= environment.status == Status::Active;
        }
        let newest = Select::new().order_by("started_at", store::Order::Descending).limit(1);
        let last = store::syncs::list(&mut tx, &credential.id, newest).await?.rows.into_iter().next();
        let is_old = last.is_none_or(|it| it.started_at <= now.before(interval));
        if is_used && is_old {
            due.push(credential);
        }
    }
    drop(tx);
    stream::iter(due)
        .for_each_concurrent(AT_ONCE, |credential| {
            let app = app.clone();
            async move {
                let requester = "control plane".to_owned();
                if let Err(err) = sync::run_now(&app, &credential, Trigger::Periodic, requester).await {
                    warn!(credential.id, "cannot read cloud credentials {}: {}", credential.id, err.message());
                }
            }
        })
        .await;
    Ok(())
}
