use api_types::{
    cloud_credentials::{CacheCleared, CatalogEntry, PortCheck},
    validations::{Check, Validation},
};
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use cloud::{Driver, Platform, check::Reporter};
use cloud_http::Trust;
use http::HeaderMap;
use jiff::Timestamp;
use store::{Select, Tx};
use tokio::sync::mpsc;
use uuid::Uuid;

use super::{
    super::{
        body::Body,
        caller::{Caller, Change},
        error::{ApiError, ApiResult},
        list::ListQuery,
        reply::Reply,
    },
    Id,
    save::{Fields, wants_async},
    usable, visible,
};
use crate::http::extract::Path;
use crate::{
    app::App,
    clouds::{Aim, Clouds, Connected, Opening, permitted},
    credentials::Draft,
    sync,
    validation::{self, Ask, Version},
};

/// Answers with the report, whatever it says: that is what was asked for.
pub async fn validate_unsaved(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    body: Body,
) -> ApiResult<Response> {
    let fields = Fields::read(body)?;
    let missing = |key: &str| ApiError::structure(format!("{key:?} is missing"));
    let credentials_type = fields.credentials_type.ok_or_else(|| missing("cloudCredentialsType"))?;
    let draft = Draft::new(credentials_type, fields.provider.as_deref(), fields.config)?;
    let secret = draft.secret(fields.secrets)?.ok_or_else(|| missing(draft.secret_key()))?;
    let connected = Connected::new(&app, &draft, secret)?;
    let ask = Ask { of: None, account_id: caller.scope.account_id(), requested_by: caller.requester() };
    follow(app, connected, ask, wants_async(&headers)).await
}

pub async fn validate(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Id>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let mut tx = app.db.read().await?;
    let credential = usable(&mut tx, caller.scope, &id.cloud_credentials_id).await?;
    drop(tx);
    let account_id = caller.scope.account_id();
    let opening = Opening { aim: Aim::Validation, purpose: "validation", requester: caller.requester(), account_id };
    let (credential, connected) = Clouds::alone(&app, &credential.id, &opening).await?;
    let of = Some(Version::of(&credential, account_id));
    let ask = Ask { of, account_id, requested_by: caller.requester() };
    follow(app, connected, ask, wants_async(&headers)).await
}

/// Runs to the end, in this request or behind it.
async fn follow(app: App, connected: Connected, ask: Ask, is_async: bool) -> ApiResult<Response> {
    let begun = validation::begin(&app, &ask).await?;
    let mut tx = app.db.read().await?;
    let view = validation::view(&mut tx, &begun.row).await?;
    drop(tx);
    let task = app.clone().tasks.spawn(async move {
        let outcome = validation::run(&app, &begun, &connected).await;
        connected.cloud().close().await;
        validation::conclude(&app, &ask, &outcome?).await
    });
    if is_async {
        return Ok(Reply::accepted(view).into_response());
    }
    Ok(Reply::ok(task.await.map_err(ApiError::internal)??).into_response())
}

pub async fn history(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Id>,
    query: ListQuery,
) -> ApiResult<Reply<Vec<Validation>>> {
    let mut tx = app.db.read().await?;
    let credential = visible(&mut tx, caller.scope, &id.cloud_credentials_id).await?;
    let mut all = store::validations::list_of_credential(&mut tx, &credential.id).await?;
    all.sort_by(|a, b| b.id.cmp(&a.id));
    let mut rows = Vec::with_capacity(all.len());
    for row in &all {
        rows.push(validation::view(&mut tx, row).await?);
    }
    Ok(Reply::list(query.page_of(rows), &query))
}

pub async fn catalog(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Id>,
    query: ListQuery,
) -> ApiResult<Reply<Vec<CatalogEntry>>> {
    let mut tx = app.db.read().await?;
    let credential = usable(&mut tx, caller.scope, &id.cloud_credentials_id).await?;
    drop(tx);
    let connected = Clouds::connect(&app, &credential.id, &inventory(&caller, "catalog")).await?;
    let entries = connected.cloud().endpoints().await?;
    let rows: Vec<CatalogEntry> = entries
        .into_iter()
        .map(|it| CatalogEntry {
            region: it.region,
            service: it.service,
            service_type: it.service_type,
            interface: it.interface,
            url: it.url,
            host: it.host,
            port: it.port,
            is_default_port: it.is_default_port,
            is_used: it.is_used,
        })
        .collect();
    Ok(Reply::list(query.page_of(rows), &query))
}

pub async fn clear_cache(State(app): State<App>, caller: Caller, Path(id): Path<Id>) -> ApiResult<Reply<CacheCleared>> {
    let mut tx = app.db.read().await?;
    let credential = usable(&mut tx, caller.scope, &id.cloud_credentials_id).await?;
    drop(tx);
    let is_vsphere = credential.provider.parse::<Platform>().is_ok_and(|it| it.driver() == Driver::Vsphere);
    if is_vsphere {
        permitted(&app, &credential.id, &inventory(&caller, "sync")).await?;
    }
    let mut tx = app.db.write().await?;
    let n_dropped = drop_instance_types(&mut tx, &credential.id).await?;
    let change = Change::new("cloud-credentials", "clear-cache", &credential.id, &credential.name);
    caller.record(&mut tx, &app, change).await?;
    tx.commit().await?;
    let sync_id = match is_vsphere {
        true => Some(sync::start(&app, &credential, sync::Trigger::ClearCache, caller.requester()).await?),
        false => None,
    };
    app.wake_streams();
    Ok(Reply::ok(CacheCleared { n_dropped, sync_id }))
}

fn inventory(caller: &Caller, purpose: &'static str) -> Opening {
    let aim = Aim::Inventory { environment_id: None };
    Opening { aim, purpose, requester: caller.requester(), account_id: caller.scope.account_id() }
}

/// Returns how many there were.
pub(in crate::http) async fn drop_instance_types(tx: &mut Tx, credential_id: &str) -> ApiResult<i64> {
    let mut n_dropped = 0;
    for location in store::cloud_locations::list(tx, credential_id).await? {
        let select = Select::new().limit(0);
        n_dropped += store::instance_types::list(tx, credential_id, &location.location_id, select).await?.total;
    }
    store::instance_types::clear(tx, credential_id, None).await?;
    Ok(n_dropped)
}

pub async fn check_ports(State(app): State<App>, caller: Caller, body: Body) -> ApiResult<Reply<Validation>> {
    let PortCheck { cloud, url, ssl_verification, ca_certificate, certificate_fingerprints } = body.read()?;
    let fingerprints = certificate_fingerprints.unwrap_or_default();
    let fingerprints: Result<Vec<_>, _> = fingerprints.iter().map(|it| Trust::parse_fingerprint(it)).collect();
    let fingerprints = fingerprints.map_err(|err| ApiError::value(err.to_string()))?;
    let trust = Trust { verify: ssl_verification.unwrap_or(true), ca_certificate, fingerprints };
    let _permit = app.runs.enter(caller.scope.account_id())?;
    let (sender, mut receiver) = mpsc::unbounded_channel();
    let report = Reporter::new(sender, app.config().validation_limit);
    let started_at = Timestamp::now();
    match cloud.as_str() {
        "openstack" => cloud_openstack::check_ports(&url, trust, app.exit.clone(), &report).await,
        "vmware" => cloud_vsphere::check_ports(&url, trust, app.exit.clone(), &report).await,
        _ => return Err(ApiError::value("cloud is openstack or vmware")),
    }
    drop(report);
    let mut checks: Vec<Check> = Vec::new();
    while let Some(check) = receiver.recv().await {
        checks.push(check.into());
    }
    Ok(Reply::ok(Validation {
        id: Uuid::now_v7().to_string(),
        status: validation::status(&checks),
        cloud_credentials_id: None,
        started_at,
        ended_at: Some(Timestamp::now()),
        checks,
        changes: None,
    }))
}
