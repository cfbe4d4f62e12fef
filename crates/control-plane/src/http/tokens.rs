//! Bearer tokens: one's own, and those of users one administers.

mod narrow;

use std::time::Duration;

use api_types::keys::Token;
use axum::extract::State;
use http::StatusCode;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use store::{Json, Time, Tx, tokens};

use super::{
    auth,
    body::{Body, required},
    caller::{Caller, Change, Means},
    error::{ApiError, ApiResult},
    extract::Path,
    list::{Column, ListQuery},
    profile::oneself,
    reply::Reply,
    route::{
        Access::{Login, Needs},
        Routes, delete, get, post,
    },
    users::{both, of_scope, rules},
};
use crate::{app::App, permission::Permission as P};

const COLUMNS: &[Column] = &[Column::text("id", "id"), Column::text("name", "name")];
const FILTERS: &[&str] = &["id", "name"];
const READ_ONLY: &[&str] = &["id", "userId", "token", "added", "lastUsedAt", "isCurrent"];
/// So that a token found in a file or a log is known for one.
const PREFIX: &str = "syt_";
const DAY: Duration = Duration::from_secs(24 * 3600);
const DEFAULT_LIFETIME: Duration = Duration::from_secs(90 * DAY.as_secs());
/// A leap year, so that "the same day next year" is never too long.
const LONGEST_LIFETIME: Duration = Duration::from_secs(366 * DAY.as_secs());

pub fn routes(routes: &mut Routes) {
    type T = Token;
    for path in both!("users/{userId}/tokens/") {
        let summary = "List the tokens of a user";
        routes.add(get(path, Needs(P::UsersRead), summary).lists::<T>(FILTERS).sorts(FILTERS), list);
    }
    for path in both!("users/{userId}/tokens/{tokenId}/") {
        routes.add(delete(path, Needs(P::UsersManage), "Revoke a token of a user"), remove);
    }
    let all = "/profile/tokens/";
    let create = "Create a token; the answer alone has the token itself";
    routes
        .add(get(all, Login, "List one's own tokens").lists::<T>(FILTERS).sorts(FILTERS), list_own)
        .add(post(all, Login, create).takes::<T>().creates::<T>(), create_own)
        .add(delete("/profile/tokens/{tokenId}/", Login, "Delete one's own token"), remove_own);
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct UserPath {
    user_id: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct UserTokenPath {
    user_id: i64,
    token_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Id {
    token_id: String,
}

async fn list(
    State(app): State<App>,
    caller: Caller,
    Path(path): Path<UserPath>,
    query: ListQuery,
) -> ApiResult<Reply<Vec<Token>>> {
    let mut tx = app.db.read().await?;
    let user = of_scope(&mut tx, &caller, path.user_id).await?;
    list_of(&mut tx, &caller, user.id, &query).await
}

async fn list_own(State(app): State<App>, caller: Caller, query: ListQuery) -> ApiResult<Reply<Vec<Token>>> {
    let caller = oneself(&caller)?;
    let mut tx = app.db.read().await?;
    list_of(&mut tx, &caller, caller.user.id, &query).await
}

async fn list_of(tx: &mut Tx, caller: &Caller, user_id: i64, query: &ListQuery) -> ApiResult<Reply<Vec<Token>>> {
    let found = tokens::list(tx, query.select(COLUMNS)?.eq("user_id", user_id)).await?;
    Ok(Reply::list(found.map(|it| view(it, &caller.means)), query))
}

async fn create_own(State(app): State<App>, caller: Caller, body: Body) -> ApiResult<Reply<Token>> {
    body.refuse(READ_ONLY)?;
    let wanted: Token = body.read()?;
    let name = required("name", wanted.name.as_ref())?.to_owned();
    let now = Time::now();
    let expires_at = wanted.expires_at.map_or(now + DEFAULT_LIFETIME, Time::from);
    if expires_at <= now {
        return Err(ApiError::value("expiresAt is in the past"));
    }
    if expires_at > now + LONGEST_LIFETIME {
        return Err(ApiError::value("expiresAt is more than a year away"));
    }
    let caller = oneself(&caller)?;
    let secret = vault::token::new_secret(32).map_err(ApiError::internal)?;
    let secret = format!("{PREFIX}{}", secret.expose_secret());
    let mut tx = app.db.write().await?;
    narrow::check(&mut tx, &caller, &wanted).await?;
    let token = tokens::Token {
        id: uuid::Uuid::now_v7().to_string(),
        user_id: caller.user.id,
        name,
        hash: auth::hash(&secret),
        account_id: wanted.account_id,
        environment_id: wanted.environment_id,
        permissions: wanted.permissions.map(Json),
        created_at: now,
        expires_at: Some(expires_at),
        last_used_at: None,
    };
    tokens::insert(&mut tx, &token).await?;
    let view = view(token.clone(), &caller.means);
    caller.record(&mut tx, &app, Change::new("tokens", "create", &token.id, &token.name).after(&view)).await?;
    tx.commit().await?;
    app.wake_streams();
    Ok(Reply::created(Token { token: Some(SecretString::from(secret).into()), ..view }))
}

async fn remove(State(app): State<App>, caller: Caller, Path(path): Path<UserTokenPath>) -> ApiResult<StatusCode> {
    let mut tx = app.db.write().await?;
    let user = of_scope(&mut tx, &caller, path.user_id).await?;
    rules::may_change(&caller, &user)?;
    remove_of(tx, &app, &caller, user.id, &path.token_id).await
}

async fn remove_own(State(app): State<App>, caller: Caller, Path(id): Path<Id>) -> ApiResult<StatusCode> {
    let caller = oneself(&caller)?;
    let tx = app.db.write().await?;
    remove_of(tx, &app, &caller, caller.user.id, &id.token_id).await
}

/// Another user's token is not found.
async fn remove_of(mut tx: Tx, app: &App, caller: &Caller, user_id: i64, id: &str) -> ApiResult<StatusCode> {
    let found = tokens::list(&mut tx, store::Select::new().eq("id", id).eq("user_id", user_id)).await?;
    let token = found.rows.into_iter().next().ok_or_else(|| ApiError::not_found(format!("token {id}")))?;
    tokens::delete(&mut tx, id).await?;
    let name = token.name.clone();
    caller.record(&mut tx, app, Change::new("tokens", "delete", id, &name).before(&view(token, &caller.means))).await?;
    tx.commit().await?;
    app.wake_streams();
    Ok(StatusCode::NO_CONTENT)
}

pub(super) fn view(token: tokens::Token, means: &Means) -> Token {
    let is_current = matches!(means, Means::Token { id, .. } if *id == token.id);
    let tokens::Token { id, user_id, name, account_id, environment_id, permissions, .. } = token;
    Token {
        id: Some(id),
        name: Some(name),
        user_id: Some(user_id),
        token: None,
        account_id,
        environment_id,
        permissions: permissions.map(|it| it.0),
        expires_at: token.expires_at.map(|it| it.0),
        added: Some(token.created_at.0),
        last_used_at: token.last_used_at.map(|it| it.0),
        is_current: Some(is_current),
    }
}
