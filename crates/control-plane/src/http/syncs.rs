//! Synchronisations: of a cloud of an environment, and of the credentials of an account or of the installation.

use api_types::{cloud_credentials::CacheCleared, syncs::Sync};
use axum::extract::State;
use serde::Deserialize;
use store::{
    Select, Tx,
    cloud_credentials::{self, CloudCredential},
    syncs,
};

use super::{
    caller::{Caller, Change},
    cloud_credentials::requester,
    clouds,
    error::{ApiError, ApiResult},
    list::{Column, ListQuery},
    reply::Reply,
    route::{Access::Needs, Routes, get, post},
    users::both,
};
use crate::http::extract::Path;
use crate::{app::App, clouds::permitted, permission::Permission as P, sync};

const COLUMNS: &[Column] = &[Column::text("cloudCredentialsId", "credential_id"), Column::text("status", "status")];
const FILTERS: &[&str] = &["cloudCredentialsId", "status"];

pub fn routes(routes: &mut Routes) {
    for path in both!("syncs/") {
        let summary = "List the last synchronisations of the cloud credentials available here, newest first";
        routes.add(get(path, Needs(P::InventoryRead), summary).lists::<Sync>(FILTERS), list_visible);
    }
    for path in both!("syncs/{syncId}/") {
        routes.add(get(path, Needs(P::InventoryRead), "Get a synchronisation").gives::<Sync>(), show_visible);
    }
    let summary = "List the last synchronisations of a cloud, newest first";
    routes
        .add(
            get("/user/{envId}/clouds/{cloudPlatform}/syncs/", Needs(P::InventoryRead), summary).lists::<Sync>(&[]),
            list,
        )
        .add(
            get("/user/{envId}/clouds/{cloudPlatform}/syncs/{id}/", Needs(P::InventoryRead), "Get a synchronisation")
                .gives::<Sync>(),
            show,
        )
        .add(
            post("/user/{envId}/clouds/{cloudPlatform}/actions/sync/", Needs(P::InventorySync), "Read a cloud now")
                .starts::<Sync>(),
            start,
        )
        .add(
            post(
                "/user/{envId}/clouds/{cloudPlatform}/actions/clear-cache/",
                Needs(P::CacheClear),
                "Drop the cached instance types of this environment's cloud and read it anew",
            )
            .gives::<CacheCleared>(),
            clear_cache,
        );
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CloudPath {
    cloud_platform: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SyncPath {
    cloud_platform: String,
    id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Id {
    sync_id: String,
}

async fn list_visible(State(app): State<App>, caller: Caller, query: ListQuery) -> ApiResult<Reply<Vec<Sync>>> {
    let mut tx = app.db.read().await?;
    let select = query.select(COLUMNS)?.order_by("started_at", store::Order::Descending);
    let found = syncs::list_visible(&mut tx, caller.scope.account_id(), select).await?;
    let mut rows = Vec::with_capacity(found.rows.len());
    for row in found.rows {
        let credential = cloud_credentials::get(&mut tx, &row.credential_id).await?;
        rows.push(view(&mut tx, &caller, &credential, row).await?);
    }
    Ok(Reply::list(store::List { rows, total: found.total }, &query))
}

async fn show_visible(State(app): State<App>, caller: Caller, Path(id): Path<Id>) -> ApiResult<Reply<Sync>> {
    let mut tx = app.db.read().await?;
    let select = Select::new().eq("id", id.sync_id.as_str());
    let found = syncs::list_visible(&mut tx, caller.scope.account_id(), select).await?.rows.into_iter().next();
    let found = found.ok_or_else(|| ApiError::not_found(format!("sync {}", id.sync_id)))?;
    let credential = cloud_credentials::get(&mut tx, &found.credential_id).await?;
    Ok(Reply::ok(view(&mut tx, &caller, &credential, found).await?))
}

async fn list(
    State(app): State<App>,
    caller: Caller,
    Path(path): Path<CloudPath>,
    query: ListQuery,
) -> ApiResult<Reply<Vec<Sync>>> {
    let (_, credential) = clouds::credential(&app, &caller, &path.cloud_platform).await?;
    let mut tx = app.db.read().await?;
    let select = query.select(&[])?.order_by("started_at", store::Order::Descending);
    let found = syncs::list(&mut tx, &credential.id, select).await?;
    let mut rows = Vec::with_capacity(found.rows.len());
    for row in found.rows {
        rows.push(view(&mut tx, &caller, &credential, row).await?);
    }
    Ok(Reply::list(store::List { rows, total: found.total }, &query))
}

async fn show(State(app): State<App>, caller: Caller, Path(path): Path<SyncPath>) -> ApiResult<Reply<Sync>> {
    let (_, credential) = clouds::credential(&app, &caller, &path.cloud_platform).await?;
    let mut tx = app.db.read().await?;
    let found = syncs::list(&mut tx, &credential.id, Select::new().eq("id", path.id.as_str())).await?;
    let found = found.rows.into_iter().next();
    let found = found.ok_or_else(|| ApiError::not_found(format!("sync {}", path.id)))?;
    Ok(Reply::ok(view(&mut tx, &caller, &credential, found).await?))
}

async fn start(State(app): State<App>, caller: Caller, Path(path): Path<CloudPath>) -> ApiResult<Reply<Sync>> {
    let (_, credential) = clouds::credential(&app, &caller, &path.cloud_platform).await?;
    permitted(&app, &credential.id, &clouds::opening(&caller, &credential, "sync")).await?;
    let id = sync::start(&app, &credential, sync::Trigger::Request, caller.requester()).await?;
    let mut tx = app.db.read().await?;
    let sync = syncs::get(&mut tx, &id).await?;
    Ok(Reply::accepted(view(&mut tx, &caller, &credential, sync).await?))
}

/// Also for credentials of the Scalr scope, whose cache a linked environment may clear.
async fn clear_cache(
    State(app): State<App>,
    caller: Caller,
    Path(path): Path<CloudPath>,
) -> ApiResult<Reply<CacheCleared>> {
    let (_, credential) = clouds::credential(&app, &caller, &path.cloud_platform).await?;
    permitted(&app, &credential.id, &clouds::opening(&caller, &credential, "sync")).await?;
    let mut tx = app.db.write().await?;
    let n_dropped = super::cloud_credentials::drop_instance_types(&mut tx, &credential.id).await?;
    let change = Change::new("cloud-credentials", "clear-cache", &credential.id, &credential.name);
    caller.record(&mut tx, &app, change).await?;
    tx.commit().await?;
    app.wake_streams();
    let sync_id = sync::start(&app, &credential, sync::Trigger::ClearCache, caller.requester()).await?;
    Ok(Reply::ok(CacheCleared { n_dropped, sync_id: Some(sync_id) }))
}

async fn view(tx: &mut Tx, caller: &Caller, credential: &CloudCredential, sync: syncs::Sync) -> ApiResult<Sync> {
    let requested_by = requester(tx, caller.scope, credential, &sync.requested_by).await?;
    Ok(Sync {
        id: sync.id,
        cloud_credentials_id: sync.credential_id,
        trigger: sync.trigger,
        requested_by: requested_by.unwrap_or_else(|| "somebody outside this account".to_owned()),
        status: sync.status.to_string(),
        started_at: sync.started_at.0,
        ended_at: sync.ended_at.map(|it| it.0),
        n_changes: sync.n_changes,
        error: sync.error,
    })
}
