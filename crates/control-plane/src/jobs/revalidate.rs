use store::{
    Select, Status, Time,
    cloud_credentials::{CloudCredential, CredentialStatus},
};
use tracing::warn;

use crate::{
    app::App,
    clouds::{Aim, Clouds, Opening},
    http::error::ApiResult,
    validation::{self, Ask, Version},
};

/// Starts the checks of every enabled credential whose last report is older than `revalidation_interval`, a few at a
/// time: the others are still due at the next look.
pub async fn run(app: App) -> anyhow::Result<()> {
    let interval = app.config().revalidation_interval;
    let mut tx = app.db.read().await?;
    let mut due = Vec::new();
    for credential in store::cloud_credentials::list_all(&mut tx, Select::new()).await?.rows {
        if credential.status != CredentialStatus::Enabled {
            continue;
        }
        if let Some(account_id) = credential.account_id
            && store::accounts::get(&mut tx, account_id).await?.status != Status::Active
        {
            continue;
        }
        let reports = store::validations::list_of_credential(&mut tx, &credential.id).await?;
        let last = reports.iter().map(|it| it.started_at).max();
        if last.is_none_or(|it| it <= Time::now().before(interval)) {
            due.push(credential);
        }
    }
    drop(tx);
    for credential in due {
        let Some(turn) = app.runs.background() else { break };
        let app = app.clone();
        app.clone().tasks.spawn(async move {
            if let Err(err) = check(&app, &credential).await {
                warn!(credential.id, "cannot validate cloud credentials {}: {}", credential.id, err.message());
            }
            drop(turn);
        });
    }
    Ok(())
}

/// Whatever happens, there is a report afterwards: without one the credential would be due at once again.
async fn check(app: &App, credential: &CloudCredential) -> ApiResult<()> {
    let requester = "control plane".to_owned();
    let account_id = credential.account_id;
    let of = Some(Version::of(credential, account_id));
    let ask = Ask { of, account_id, requested_by: requester.clone() };
    let begun = validation::begin(app, &ask).await?;
    let opening = Opening { aim: Aim::Validation, purpose: "validation", requester, account_id };
    let connected = match Clouds::alone(app, &credential.id, &opening).await {
        Ok((_, connected)) => connected,
        Err(err) => {
            validation::fail(app, &begun.row.id, "no check could be made", &err).await;
            return Ok(());
        }
    };
    let outcome = validation::run(app, &begun, &connected).await;
    connected.cloud().close().await;
    validation::conclude(app, &ask, &outcome?).await?;
    Ok(())
}
