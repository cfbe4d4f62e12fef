//! Cloud credentials at Scalr and account scope.

mod actions;
mod save;
mod view;

use api_types::{
    cloud_credentials::{CacheCleared, CatalogEntry, CloudCredentials, CloudCredentialsSummary, PortCheck},
    validations::Validation,
};
use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;
use store::{Tx, cloud_credentials::CloudCredential};

use super::{
    caller::{Caller, Change},
    error::{ApiError, ApiResult},
    list::{Column, ListQuery},
    reply::Reply,
    route::{Access::Needs, Routes, delete, get, patch, post},
};
use crate::http::extract::Path;
use crate::{
    app::App,
    clouds::commit_and_forget,
    permission::{Permission as P, Scope},
};

pub(super) use actions::drop_instance_types;
pub(super) use save::new_id;
pub(super) use view::{brief, details, requester};

const COLUMNS: &[Column] = &[
    Column::text("id", "id"),
    Column::text("name", "name"),
    Column::part("nameContains", "name"),
    Column::text("cloudCredentialsType", "credentials_type"),
    Column::text("status", "status"),
    Column::text("provider", "provider"),
];
const FILTERS: &[&str] = &["id", "name", "nameContains", "cloudCredentialsType", "status", "scope", "provider"];
const VALIDATE: &[(&str, &str)] =
    &[("validate", "false: save without asking the cloud; the credentials stay disabled")];

/// The same path at both scopes.
macro_rules! both {
    ($path:literal) => {
        [concat!("/global/", $path), concat!("/account/{accountId}/", $path)]
    };
}

pub fn routes(routes: &mut Routes) {
    type C = CloudCredentials;
    for path in both!("cloud-credentials/") {
        routes
            .add(
                get(path, Needs(P::CloudCredentialsRead), "List all cloud credentials available here")
                    .lists::<CloudCredentialsSummary>(FILTERS)
                    .sorts(&["id", "name", "status"]),
                list,
            )
            .add(
                post(path, Needs(P::CloudCredentialsManage), "Create cloud credentials that the cloud accepts")
                    .takes::<C>()
                    .creates::<C>()
                    .may_start::<Validation>()
                    .query(VALIDATE),
                save::create,
            );
    }
    for path in both!("cloud-credentials/actions/validate/") {
        let summary = "Check input that is not saved";
        routes.add(
            post(path, Needs(P::CloudCredentialsManage), summary)
                .takes::<C>()
                .gives::<Validation>()
                .may_start::<Validation>(),
            actions::validate_unsaved,
        );
    }
    for path in both!("cloud-credentials/actions/check-ports/") {
        let summary = "Probe the ports of a cloud without a login";
        routes.add(
            post(path, Needs(P::CloudCredentialsManage), summary).takes::<PortCheck>().gives::<Validation>(),
            actions::check_ports,
        );
    }
    for path in both!("cloud-credentials/{cloudCredentialsId}/") {
        routes
            .add(get(path, Needs(P::CloudCredentialsRead), "Get cloud credentials").gives::<C>(), show)
            .add(
                patch(
                    path,
                    Needs(P::CloudCredentialsManage),
                    "Change cloud credentials; asks the cloud where it matters",
                )
                .takes::<C>()
                .gives::<C>()
                .may_start::<Validation>()
                .query(VALIDATE),
                save::update,
            )
            .add(delete(path, Needs(P::CloudCredentialsManage), "Delete cloud credentials that nothing uses"), remove);
    }
    for path in both!("cloud-credentials/{cloudCredentialsId}/actions/validate/") {
        let summary = "Run the checks of saved cloud credentials";
        routes.add(
            post(path, Needs(P::CloudCredentialsValidate), summary).gives::<Validation>().may_start::<Validation>(),
            actions::validate,
        );
    }
    for path in both!("cloud-credentials/{cloudCredentialsId}/actions/clear-cache/") {
        let summary = "Drop cached instance types; vSphere: read everything anew";
        routes.add(post(path, Needs(P::CacheClear), summary).gives::<CacheCleared>(), actions::clear_cache);
    }
    for path in both!("cloud-credentials/{cloudCredentialsId}/catalog/") {
        let summary = "List every address of the cloud, with ports";
        routes.add(get(path, Needs(P::CloudCredentialsRead), summary).lists::<CatalogEntry>(&[]), actions::catalog);
    }
    for path in both!("cloud-credentials/{cloudCredentialsId}/validations/") {
        let summary = "List the reports of cloud credentials, newest first";
        routes.add(get(path, Needs(P::CloudCredentialsRead), summary).lists::<Validation>(&[]), actions::history);
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Id {
    cloud_credentials_id: String,
}

/// Credentials that are visible in the caller's scope.
pub(super) async fn visible(tx: &mut Tx, scope: Scope, id: &str) -> ApiResult<CloudCredential> {
    let found = store::cloud_credentials::get_visible(tx, scope.account_id(), id).await;
    found.map_err(|err| match err {
        store::DbError::NotFound { .. } => ApiError::not_found(format!("cloud credentials {id}")),
        other => other.into(),
    })
}

/// Credentials that belong to the caller's scope; others are read-only here.
async fn own(tx: &mut Tx, scope: Scope, id: &str) -> ApiResult<CloudCredential> {
    let credential = visible(tx, scope, id).await?;
    if credential.account_id == scope.account_id() {
        return Ok(credential);
    }
    let message = format!("cloud credentials {id} were added at Scalr scope and can only be changed there");
    Err(ApiError::new(StatusCode::FORBIDDEN, "ScopeViolation", message))
}

/// Credentials that may be put to work from here: one's own, and those of the Scalr scope that are linked here.
async fn usable(tx: &mut Tx, scope: Scope, id: &str) -> ApiResult<CloudCredential> {
    let credential = visible(tx, scope, id).await?;
    if credential.account_id == scope.account_id() {
        return Ok(credential);
    }
    let links = store::environment_clouds::list_of_credential(tx, id).await?;
    if links.iter().any(|it| Some(it.account_id) == scope.account_id()) {
        return Ok(credential);
    }
    let message =
        format!("cloud credentials {id} are of the Scalr scope, and no environment of this account uses them");
    Err(ApiError::new(StatusCode::FORBIDDEN, "ScopeViolation", message).remedy("link them to an environment first"))
}

async fn list(
    State(app): State<App>,
    caller: Caller,
    query: ListQuery,
) -> ApiResult<Reply<Vec<CloudCredentialsSummary>>> {
    let mut select = query.select(COLUMNS)?;
    match query.filter("scope") {
        Some("scalr") => select = select.is_null("account_id"),
        Some("account") => select = select.is_not_null("account_id"),
        Some(_) => return Err(ApiError::value("scope is scalr or account")),
        None => {}
    }
    let mut tx = app.db.read().await?;
    let found = store::cloud_credentials::list(&mut tx, caller.scope.account_id(), select).await?;
    let mut rows = Vec::with_capacity(found.rows.len());
    for credential in &found.rows {
        rows.push(view::summary(&mut tx, caller.scope, credential).await?);
    }
    Ok(Reply::list(store::List { rows, total: found.total }, &query))
}

async fn show(State(app): State<App>, caller: Caller, Path(id): Path<Id>) -> ApiResult<Reply<CloudCredentials>> {
    let mut tx = app.db.read().await?;
    let credential = visible(&mut tx, caller.scope, &id.cloud_credentials_id).await?;
    Ok(Reply::ok(details(&mut tx, caller.scope, &credential).await?))
}

async fn remove(State(app): State<App>, caller: Caller, Path(id): Path<Id>) -> ApiResult<StatusCode> {
    let id = id.cloud_credentials_id;
    let mut tx = app.db.write().await?;
    let credential = own(&mut tx, caller.scope, &id).await?;
    let links = store::environment_clouds::list_of_credential(&mut tx, &id).await?;
    if !links.is_empty() {
        let names: Vec<&str> = links.iter().map(|it| it.environment_name.as_str()).collect();
        let message = format!("cloud credentials {id} are used by {}", names.join(", "));
        return Err(ApiError::conflict("ObjectInUse", message).remedy("unlink them there first"));
    }
    let before = details(&mut tx, caller.scope, &credential).await?;
    store::cloud_credentials::delete(&mut tx, &id).await?;
    store::secrets::delete_all(&mut tx, "cloud_credentials", &id).await?;
    let change = Change::new("cloud-credentials", "delete", &id, &credential.name).before(&before);
    caller.record(&mut tx, &app, change).await?;
    commit_and_forget(&app, tx, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}
