//! How the installation is.

use api_types::system::{ConfigurationValue, CredentialSync, Part, System};
use axum::extract::State;
use store::{Select, Time, Tx};

use super::{
    error::ApiResult,
    reply::Reply,
    route::{Access::Needs, Routes, get},
};
use crate::{app::App, first_start::audit_place, permission::Permission as P, secrets::SecretError, sync};

pub fn routes(routes: &mut Routes) {
    let summary = "Get the state of every part, the age of what is known, and the configuration";
    routes.add(get("/global/system/", Needs(P::SystemRead), summary).gives::<System>(), show);
}

async fn show(State(app): State<App>) -> ApiResult<Reply<System>> {
    Ok(Reply::ok(system(&app).await?))
}

/// Whether the master key is that of the database, seen at the one secret that every installation has.
async fn opens_secrets(tx: &mut Tx, app: &App) -> Result<(), SecretError> {
    app.secrets.open(tx, &audit_place()).await.map(drop)
}

/// For this route and for `stackyard admin status`.
pub async fn system(app: &App) -> ApiResult<System> {
    let size = app.db.size_bytes().await?;
    let schema = app.db.schema_version().await?;
    let mut tx = app.db.read().await?;
    let states = store::sync_state::list_all(&mut tx).await?;
    let credentials = store::cloud_credentials::list_all(&mut tx, Select::new()).await?.rows;
    let opens = opens_secrets(&mut tx, app).await;
    let failures = app.job_failures.list();
    let is_stopping = app.stopping.is_cancelled();
    let part = |name: &str, ok, detail: String| Part { name: name.to_owned(), ok, detail };
    let loaded = app.loaded();
    let config = &loaded.config;
    let scheme = if config.tls.is_some() { "https" } else { "http" };
    let mut ages = Vec::with_capacity(credentials.len());
    for it in credentials {
        let last = sync::ages(&states, &it.id).map(|(oldest, _)| oldest);
        ages.push(CredentialSync {
            last_sync_at: last.map(|it| it.0),
            age_seconds: last.map(|it| (Time::now().0.as_second() - it.0.as_second()).max(0)),
            error: sync::error(&mut tx, &states, &it.id).await?,
            status: it.status.to_string(),
            account_id: it.account_id,
            id: it.id,
            name: it.name,
        });
    }
    let configuration = loaded.values.iter().map(|(key, value)| ConfigurationValue {
        key: key.clone(),
        value: value.text.clone(),
        source: value.source.to_string(),
    });
    Ok(System {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        started_at: app.started_at,
        parts: vec![
            // Without it there is no answer at all.
            part("database", true, format!("{}, schema {schema}, {size} bytes", app.db.engine())),
            match opens {
                Ok(()) => part("vault", true, format!("master key {}", app.secrets.vault().key_id())),
                Err(err) => part("vault", false, format!("{:#}", anyhow::Error::from(err))),
            },
            part(
                "listener",
                !is_stopping,
                format!("{scheme}://{}{}", config.listen, if is_stopping { ", stopping" } else { "" }),
            ),
            match failures.as_slice() {
                [] => part("jobs", true, "none failed when it last ran".to_owned()),
                failures => part("jobs", false, failures.join("; ")),
            },
        ],
        n_running_validations: store::validations::count_running(&mut tx).await?,
        n_running_syncs: store::syncs::count_running(&mut tx).await?,
        credentials: ages,
        configuration: configuration.collect(),
    })
}
