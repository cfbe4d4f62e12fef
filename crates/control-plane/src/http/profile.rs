//! About oneself: name and password. Keys, tokens and sessions of one's own are beside those of others.

use api_types::users::{PasswordChange, User};
use axum::{Extension, extract::State};
use http::StatusCode;
use store::{Time, users};

use super::{
    Origin,
    auth::password,
    body::{Body, required},
    caller::{Caller, Change, Inner, Means},
    error::{ApiError, ApiResult},
    reply::Reply,
    route::{Access::Login, Route, Routes, get, patch, post},
    session,
    users::view,
};
use crate::{app::App, permission::Scope};

pub fn routes(routes: &mut Routes) {
    let path = "/profile/";
    let change = "Change one's own password; other sessions end";
    routes
        .add(get(path, Login, "Get one's own user").gives::<User>(), show)
        .add(patch(path, Login, "Change one's own name").takes::<User>().gives::<User>(), update)
        .add(
            Route { status: 204, ..post("/profile/password/", Login, change).takes::<PasswordChange>() },
            update_password,
        );
}

/// The caller in the scope they belong to. A token that was narrowed is not its user and learns nothing about them.
pub(super) fn oneself(caller: &Caller) -> ApiResult<Caller> {
    if !caller.means.is_unlimited() {
        return Err(ApiError::forbidden("a limited token says nothing about its user"));
    }
    Ok(at_home(caller))
}

/// In the scope they belong to, so that the audit row is written there.
pub(super) fn at_home(caller: &Caller) -> Caller {
    Caller::new(Inner {
        user: caller.user.clone(),
        grants: caller.grants.clone(),
        means: caller.means.clone(),
        scope: caller.user.account_id.map_or(Scope::Scalr, Scope::Account),
        access: caller.access,
        remote_addr: caller.remote_addr,
        request_id: caller.request_id.clone(),
    })
}

async fn show(caller: Caller) -> ApiResult<Reply<User>> {
    Ok(Reply::ok(view(oneself(&caller)?.user.clone())))
}

async fn update(State(app): State<App>, caller: Caller, body: Body) -> ApiResult<Reply<User>> {
    body.refuse(&["id", "email", "status", "isAdmin", "password", "accountId", "lockedUntil", "added", "lastLogin"])?;
    let wanted: User = body.read()?;
    let name = required("name", wanted.name.as_ref())?;
    let caller = oneself(&caller)?;
    let mut tx = app.db.write().await?;
    // The whole row is written: what an administrator changes at the same time is not to be put back.
    users::lock(&mut tx).await?;
    let mut user = users::get(&mut tx, caller.user.id).await?;
    let before = view(user.clone());
    user.name = name.to_owned();
    users::update(&mut tx, &user).await?;
    let email = user.email.clone();
    let after = view(user);
    let change = Change::new("users", "update", caller.user.id, &email).before(&before).after(&after);
    caller.record(&mut tx, &app, change).await?;
    tx.commit().await?;
    app.wake_streams();
    Ok(Reply::ok(after))
}

/// A wrong current password counts as a failed login, so that a session left open is no place to guess it.
async fn update_password(
    State(app): State<App>,
    caller: Caller,
    Extension(origin): Extension<Origin>,
    body: Body,
) -> ApiResult<StatusCode> {
    let PasswordChange { current_password, new_password } = body.read()?;
    password::check(&new_password)?;
    let caller = oneself(&caller)?;
    session::refuse_locked(&caller.user, Time::now())?;
    let is_right = password::is_right(&app, current_password, caller.user.password_hash.clone()).await?;
    let hash = if is_right { Some(password::hash(new_password).await?) } else { None };
    let mut tx = app.db.write().await?;
    let user = users::get(&mut tx, caller.user.id).await?;
    session::refuse_locked(&user, Time::now())?;
    let Some(hash) = hash.filter(|_| user.password_hash == caller.user.password_hash) else {
        let is_locked = session::record_failure(&mut tx, &app, &user, &origin).await?;
        tx.commit().await?;
        app.wake_streams();
        let message = if is_locked {
            "the current password is not right; the user is now locked"
        } else {
            "the current password is not right"
        };
        return Err(ApiError::value(message));
    };
    users::update_password(&mut tx, user.id, &hash).await?;
    let current = match &caller.means {
        Means::Session(id) => Some(id.as_str()),
        Means::ApiKey(_) | Means::Token { .. } => None,
    };
    store::sessions::delete_all(&mut tx, user.id, current).await?;
    let email = user.email.clone();
    let view = view(user);
    let change = Change::new("users", "update-password", caller.user.id, &email).before(&view).after(&view);
    caller.record(&mut tx, &app, change).await?;
    tx.commit().await?;
    app.wake_streams();
    Ok(StatusCode::NO_CONTENT)
}
