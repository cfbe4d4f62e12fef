//! Logins of the console: one's own, and those of users one administers.

use api_types::sessions::Session;
use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;
use store::{Time, Tx, sessions};

use super::{
    caller::{Caller, Change, Means},
    error::{ApiError, ApiResult},
    extract::Path,
    profile::oneself,
    reply::Reply,
    route::{
        Access::{Login, Needs},
        Routes, delete, get,
    },
    users::{both, of_scope, rules},
};
use crate::{app::App, permission::Permission as P};

pub fn routes(routes: &mut Routes) {
    for path in both!("users/{userId}/sessions/") {
        let summary = "List the sessions of a user, last used first";
        routes.add(get(path, Needs(P::UsersRead), summary).lists::<Session>(&[]), list);
    }
    for path in both!("users/{userId}/sessions/{sessionId}/") {
        routes.add(delete(path, Needs(P::UsersManage), "End a session of a user"), remove);
    }
    routes
        .add(get("/profile/sessions/", Login, "List one's own sessions").lists::<Session>(&[]), list_own)
        .add(delete("/profile/sessions/{sessionId}/", Login, "End one of one's own sessions"), remove_own);
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct UserPath {
    user_id: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct UserSessionPath {
    user_id: i64,
    session_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Id {
    session_id: String,
}

async fn list(State(app): State<App>, caller: Caller, Path(path): Path<UserPath>) -> ApiResult<Reply<Vec<Session>>> {
    let mut tx = app.db.read().await?;
    let user = of_scope(&mut tx, &caller, path.user_id).await?;
    list_of(&mut tx, &app, &caller, user.id).await
}

async fn list_own(State(app): State<App>, caller: Caller) -> ApiResult<Reply<Vec<Session>>> {
    let caller = oneself(&caller)?;
    let mut tx = app.db.read().await?;
    list_of(&mut tx, &app, &caller, caller.user.id).await
}

/// All that still work, on one page.
async fn list_of(tx: &mut Tx, app: &App, caller: &Caller, user_id: i64) -> ApiResult<Reply<Vec<Session>>> {
    let now = Time::now();
    let idle_since = now.before(app.config().session.idle);
    let found = sessions::list(tx, user_id).await?;
    let alive = found.into_iter().filter(|it| it.expires_at > now && it.last_used_at >= idle_since);
    Ok(Reply::ok(alive.map(|it| view(it, &caller.means)).collect()))
}

async fn remove(State(app): State<App>, caller: Caller, Path(path): Path<UserSessionPath>) -> ApiResult<StatusCode> {
    let mut tx = app.db.write().await?;
    let user = of_scope(&mut tx, &caller, path.user_id).await?;
    rules::may_change(&caller, &user)?;
    remove_of(tx, &app, &caller, user.id, &path.session_id).await
}

async fn remove_own(State(app): State<App>, caller: Caller, Path(id): Path<Id>) -> ApiResult<StatusCode> {
    let caller = oneself(&caller)?;
    let tx = app.db.write().await?;
    remove_of(tx, &app, &caller, caller.user.id, &id.session_id).await
}

/// Another user's session is not found.
async fn remove_of(mut tx: Tx, app: &App, caller: &Caller, user_id: i64, id: &str) -> ApiResult<StatusCode> {
    let session = sessions::list(&mut tx, user_id).await?.into_iter().find(|it| it.public_id == id);
    let session = session.ok_or_else(|| ApiError::not_found(format!("session {id}")))?;
    sessions::delete(&mut tx, id).await?;
    let name = session.user_agent.clone();
    let change = Change::new("sessions", "delete", id, &name).before(&view(session, &caller.means));
    caller.record(&mut tx, app, change).await?;
    tx.commit().await?;
    app.wake_streams();
    Ok(StatusCode::NO_CONTENT)
}

/// Without what the cookie holds.
pub(super) fn view(session: sessions::Session, means: &Means) -> Session {
    Session {
        is_current: *means == Means::Session(session.public_id.clone()),
        id: session.public_id,
        user_id: session.user_id,
        remote_address: session.remote_addr,
        user_agent: session.user_agent,
        added: session.created_at.0,
        last_used_at: session.last_used_at.0,
        expires_at: session.expires_at.0,
    }
}
