//! Key pairs that sign requests: one's own, and those of users one administers.

use api_types::keys::ApiKey;
use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;
use store::{Time, Tx, api_keys};

use super::{
    body::{Body, required, text},
    caller::{Caller, Change},
    error::{ApiError, ApiResult},
    extract::Path,
    list::{Column, ListQuery},
    profile::oneself,
    reply::Reply,
    route::{
        Access::{Login, Needs},
        Routes, delete, get, patch, post,
    },
    users::{both, of_scope, rules},
};
use crate::{app::App, first_start::new_api_key, permission::Permission as P};

const COLUMNS: &[Column] = &[Column::text("id", "id"), Column::text("name", "name"), Column::text("status", "status")];
const FILTERS: &[&str] = &["id", "name", "status"];
const SORTS: &[&str] = &["id", "name", "status"];
const READ_ONLY: &[&str] = &["id", "userId", "secretKey", "added", "lastUsedAt"];

pub fn routes(routes: &mut Routes) {
    type K = ApiKey;
    for path in both!("users/{userId}/api-keys/") {
        let summary = "List the API keys of a user";
        routes.add(get(path, Needs(P::UsersRead), summary).lists::<K>(FILTERS).sorts(SORTS), list);
    }
    for path in both!("users/{userId}/api-keys/{apiKeyId}/") {
        routes.add(delete(path, Needs(P::UsersManage), "Revoke an API key of a user"), remove);
    }
    let all = "/profile/api-keys/";
    let one = "/profile/api-keys/{apiKeyId}/";
    let create = "Create an API key; the answer alone has its secret half";
    routes
        .add(get(all, Login, "List one's own API keys").lists::<K>(FILTERS).sorts(SORTS), list_own)
        .add(post(all, Login, create).takes::<K>().creates::<K>(), create_own)
        .add(patch(one, Login, "Change name or status of one's own API key").takes::<K>().gives::<K>(), update_own)
        .add(delete(one, Login, "Delete one's own API key"), remove_own);
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct UserPath {
    user_id: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct UserKeyPath {
    user_id: i64,
    api_key_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Id {
    api_key_id: String,
}

async fn list(
    State(app): State<App>,
    caller: Caller,
    Path(path): Path<UserPath>,
    query: ListQuery,
) -> ApiResult<Reply<Vec<ApiKey>>> {
    let mut tx = app.db.read().await?;
    let user = of_scope(&mut tx, &caller, path.user_id).await?;
    list_of(&mut tx, user.id, &query).await
}

async fn list_own(State(app): State<App>, caller: Caller, query: ListQuery) -> ApiResult<Reply<Vec<ApiKey>>> {
    let caller = oneself(&caller)?;
    let mut tx = app.db.read().await?;
    list_of(&mut tx, caller.user.id, &query).await
}

async fn list_of(tx: &mut Tx, user_id: i64, query: &ListQuery) -> ApiResult<Reply<Vec<ApiKey>>> {
    let found = api_keys::list(tx, query.select(COLUMNS)?.eq("user_id", user_id)).await?;
    Ok(Reply::list(found.map(view), query))
}

async fn create_own(State(app): State<App>, caller: Caller, body: Body) -> ApiResult<Reply<ApiKey>> {
    body.refuse(READ_ONLY)?;
    let wanted: ApiKey = body.read()?;
    let name = required("name", wanted.name.as_ref())?;
    if wanted.status.as_deref().is_some_and(|it| it != "active") {
        return Err(ApiError::value("a new API key is active"));
    }
    let now = Time::now();
    let expires_at = wanted.expires_at.map(Time::from);
    if expires_at.is_some_and(|it| it <= now) {
        return Err(ApiError::value("expiresAt is in the past"));
    }
    let caller = oneself(&caller)?;
    let mut tx = app.db.write().await?;
    let made = new_api_key(&mut tx, &app.secrets, caller.user.id, name, expires_at, now).await;
    let (id, secret_key) = made.map_err(ApiError::internal)?;
    let view = view(api_keys::get(&mut tx, &id).await?);
    caller.record(&mut tx, &app, Change::new("api-keys", "create", &id, name).after(&view)).await?;
    tx.commit().await?;
    app.wake_streams();
    Ok(Reply::created(ApiKey { secret_key: Some(secret_key.into()), ..view }))
}

async fn update_own(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Id>,
    body: Body,
) -> ApiResult<Reply<ApiKey>> {
    body.refuse(READ_ONLY)?;
    body.refuse(&["expiresAt"])?;
    let wanted: ApiKey = body.read()?;
    let caller = oneself(&caller)?;
    let mut tx = app.db.write().await?;
    let mut key = of_user(&mut tx, caller.user.id, &id.api_key_id).await?;
    let before = view(key.clone());
    if let Some(name) = &wanted.name {
        key.name = text("name", name)?.to_owned();
    }
    if let Some(status) = &wanted.status {
        key.status = status.parse().map_err(|_| ApiError::value("status is active or inactive"))?;
    }
    api_keys::update(&mut tx, &key).await?;
    let after = view(key.clone());
    let change = Change::new("api-keys", "update", &key.id, &key.name).before(&before).after(&after);
    caller.record(&mut tx, &app, change).await?;
    tx.commit().await?;
    app.wake_streams();
    Ok(Reply::ok(after))
}

async fn remove(State(app): State<App>, caller: Caller, Path(path): Path<UserKeyPath>) -> ApiResult<StatusCode> {
    let mut tx = app.db.write().await?;
    let user = of_scope(&mut tx, &caller, path.user_id).await?;
    rules::may_change(&caller, &user)?;
    remove_of(tx, &app, &caller, user.id, &path.api_key_id).await
}

async fn remove_own(State(app): State<App>, caller: Caller, Path(id): Path<Id>) -> ApiResult<StatusCode> {
    let caller = oneself(&caller)?;
    let tx = app.db.write().await?;
    remove_of(tx, &app, &caller, caller.user.id, &id.api_key_id).await
}

async fn remove_of(mut tx: Tx, app: &App, caller: &Caller, user_id: i64, id: &str) -> ApiResult<StatusCode> {
    let key = of_user(&mut tx, user_id, id).await?;
    api_keys::delete(&mut tx, id).await?;
    store::secrets::delete_all(&mut tx, "api_keys", id).await?;
    let name = key.name.clone();
    caller.record(&mut tx, app, Change::new("api-keys", "delete", id, &name).before(&view(key))).await?;
    tx.commit().await?;
    app.wake_streams();
    Ok(StatusCode::NO_CONTENT)
}

/// Another user's is not found.
async fn of_user(tx: &mut Tx, user_id: i64, id: &str) -> ApiResult<api_keys::ApiKey> {
    let key = api_keys::find(tx, id).await?.filter(|it| it.user_id == user_id);
    key.ok_or_else(|| ApiError::not_found(format!("API key {id}")))
}

pub(crate) fn view(key: api_keys::ApiKey) -> ApiKey {
    let api_keys::ApiKey { id, user_id, name, status, created_at, last_used_at, expires_at } = key;
    ApiKey {
        id: Some(id),
        name: Some(name),
        user_id: Some(user_id),
        secret_key: None,
        status: Some(status.to_string()),
        expires_at: expires_at.map(|it| it.0),
        added: Some(created_at.0),
        last_used_at: last_used_at.map(|it| it.0),
    }
}
