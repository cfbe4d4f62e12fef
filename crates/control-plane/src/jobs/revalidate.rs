use cloud::Use;
use store::{Select, Time, cloud_credentials::CredentialStatus};
use tracing::warn;

use crate::{
    app::App,
    clouds::{Clouds, Opening},
    http::error::ApiResult,
    validation::{self, Ask},
};

/// Runs the checks of every enabled credential whose last report is older than `revalidation_interval`, one by one.
pub async fn run(app: App) -> anyhow::Result<()> {
    let interval = app.config().revalidation_interval;
    let mut tx = app.db.read().await?;
    let mut due = Vec::new();
    for credential in store::cloud_credentials::list_all(&mut tx, Select::new()).await?.rows {
        let reports = store::validations::list_of_credential(&mut tx, &credential.id).await?;
        let last = reports.iter().map(|it| it.started_at).max();
        let is_old = last.is_none_or(|it| it <= Time::now().before(interval));
        if credential.status == CredentialStatus::Enabled && is_old {
            due.push(credential);
        }
    }
    drop(tx);
    for credential in due {
        if let Err(err) = check(&app, &credential).await {
            warn!(credential.id, "cannot validate cloud credentials {}: {}", credential.id, err.message());
        }
    }
    Ok(())
}

async fn check(app: &App, credential: &store::cloud_credentials::CloudCredential) -> ApiResult<()> {
    let requester = "control plane".to_owned();
    let account_id = credential.account_id;
    app.clouds.forget(&credential.id).await;
    let opening = Opening { kind: Use::Inventory, purpose: "validation", requester: requester.clone(), account_id };
    let connected = Clouds::connect(app, credential, opening).await?;
    let ask = Ask { credential_id: Some(credential.id.clone()), account_id, requested_by: requester };
    let begun = validation::begin(app, &ask).await?;
    let outcome = validation::run(app, &begun, &connected).await?;
    validation::conclude(app, &ask, &outcome).await?;
    app.wake_streams();
    Ok(())
}
