//! Users at Scalr and account scope. Those of one scope are not found in another.

mod effective;
pub(super) mod rules;

use api_types::users::User;
use axum::extract::State;
use http::StatusCode;
use secrecy::SecretString;
use serde::Deserialize;
use store::{
    DbError, Select, Status, Time, Tx,
    users::{self, NewUser},
};

use super::{
    auth::password,
    body::{Body, required, text},
    caller::{Caller, Change},
    error::{ApiError, ApiResult},
    extract::Path,
    list::{Column, ListQuery},
    reply::Reply,
    route::{Access::Needs, Routes, delete, get, patch, post},
};
use crate::{app::App, permission::Permission as P};

const COLUMNS: &[Column] = &[
    Column::number("id", "id"),
    Column::text("email", "email"),
    Column::text("name", "name"),
    Column::part("nameContains", "name"),
    Column::text("status", "status"),
];
/// Emails are stored in lower case, so the filter is compared by hand.
const COLUMNS_BUT_EMAIL: &[Column] = &[
    Column::number("id", "id"),
    Column::text("name", "name"),
    Column::part("nameContains", "name"),
    Column::text("status", "status"),
];
const FILTERS: &[&str] = &["id", "email", "name", "nameContains", "status"];
const READ_ONLY: &[&str] = &["id", "accountId", "lockedUntil", "added", "lastLogin"];

/// The same path at both scopes.
macro_rules! both {
    ($path:literal) => {
        [concat!("/global/", $path), concat!("/account/{accountId}/", $path)]
    };
}
pub(super) use both;

pub fn routes(routes: &mut Routes) {
    type U = User;
    for path in both!("users/") {
        routes
            .add(
                get(path, Needs(P::UsersRead), "List the users of this scope")
                    .lists::<U>(FILTERS)
                    .sorts(&["id", "email", "name", "status"]),
                list,
            )
            .add(post(path, Needs(P::UsersManage), "Create a user").takes::<U>().creates::<U>(), create);
    }
    for path in both!("users/{userId}/") {
        routes
            .add(get(path, Needs(P::UsersRead), "Get a user").gives::<U>(), show)
            .add(patch(path, Needs(P::UsersManage), "Change a user").takes::<U>().gives::<U>(), update)
            .add(delete(path, Needs(P::UsersManage), "Delete a user with their keys, tokens and sessions"), remove);
    }
    for path in both!("users/{userId}/actions/unlock/") {
        let summary = "Let a user log in again who is locked out after failed logins";
        routes.add(post(path, Needs(P::UsersManage), summary).gives::<U>(), unlock);
    }
    effective::routes(routes);
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Id {
    user_id: i64,
}

/// A user of exactly the scope that the path names.
pub(super) async fn of_scope(tx: &mut Tx, caller: &Caller, id: i64) -> ApiResult<users::User> {
    let user = users::find(tx, id).await?.filter(|it| it.account_id == caller.scope.account_id());
    user.ok_or_else(|| ApiError::not_found(format!("user {id}")))
}

/// Users of the scope that the path names.
pub(super) fn in_scope(select: Select, caller: &Caller) -> Select {
    match caller.scope.account_id() {
        Some(id) => select.eq("account_id", id),
        None => select.is_null("account_id"),
    }
}

async fn list(State(app): State<App>, caller: Caller, query: ListQuery) -> ApiResult<Reply<Vec<User>>> {
    let select = match query.filter("email") {
        Some(email) => query.select(COLUMNS_BUT_EMAIL)?.eq("email", email.to_lowercase()),
        None => query.select(COLUMNS)?,
    };
    let mut tx = app.db.read().await?;
    let found = users::list(&mut tx, in_scope(select, &caller)).await?;
    Ok(Reply::list(found.map(view), &query))
}

async fn create(State(app): State<App>, caller: Caller, body: Body) -> ApiResult<Reply<User>> {
    body.refuse(READ_ONLY)?;
    let wanted: User = body.read()?;
    let email = email(required("email", wanted.email.as_ref())?)?;
    let name = required("name", wanted.name.as_ref())?.to_owned();
    let status = wanted.status.as_deref().map(status).transpose()?;
    let is_admin = wanted.is_admin.unwrap_or_default();
    rules::may_make(&caller, is_admin)?;
    let password = wanted.password.ok_or_else(|| ApiError::structure("\"password\" is missing"))?;
    password::check(&password)?;
    let password_hash = password::hash(password).await?;
    let new = NewUser { account_id: caller.scope.account_id(), email, name, password_hash, is_admin };
    let mut tx = app.db.write().await?;
    let mut user = users::insert(&mut tx, &new, Time::now()).await.map_err(|err| taken(err, &new.email))?;
    if let Some(status) = status {
        user.status = status;
        users::update(&mut tx, &user).await?;
    }
    let view = view(user);
    let change = Change::new("users", "create", view.id.unwrap_or_default(), &new.email).after(&view);
    caller.record(&mut tx, &app, change).await?;
    tx.commit().await?;
    app.wake_streams();
    Ok(Reply::created(view))
}

async fn show(State(app): State<App>, caller: Caller, Path(id): Path<Id>) -> ApiResult<Reply<User>> {
    let mut tx = app.db.read().await?;
    Ok(Reply::ok(view(of_scope(&mut tx, &caller, id.user_id).await?)))
}

/// A new password or the end of `active` ends all sessions of the user.
async fn update(State(app): State<App>, caller: Caller, Path(id): Path<Id>, body: Body) -> ApiResult<Reply<User>> {
    body.refuse(READ_ONLY)?;
    let wanted: User = body.read()?;
    // Refused here before a hash is worked out for them, and again below where it counts.
    let mut tx = app.db.read().await?;
    let user = of_scope(&mut tx, &caller, id.user_id).await?;
    drop(tx);
    rules::may_change(&caller, &user)?;
    let hash = match wanted.password.clone() {
        Some(password) => Some(rules::hash_for(&caller, password).await?),
        None => None,
    };
    let mut tx = app.db.write().await?;
    users::lock(&mut tx).await?;
    let mut user = of_scope(&mut tx, &caller, id.user_id).await?;
    rules::may_change(&caller, &user)?;
    let before = user.clone();
    if let Some(wanted) = &wanted.email {
        user.email = email(text("email", wanted)?)?;
    }
    if let Some(name) = &wanted.name {
        user.name = text("name", name)?.to_owned();
    }
    if let Some(wanted) = &wanted.status {
        user.status = status(wanted)?;
    }
    if let Some(is_admin) = wanted.is_admin {
        rules::may_make(&caller, is_admin && !before.is_admin)?;
        user.is_admin = is_admin;
    }
    rules::keeps_an_administrator(&mut tx, &caller, &before, Some(&user)).await?;
    users::update(&mut tx, &user).await.map_err(|err| taken(err, &user.email))?;
    if let Some(hash) = &hash {
        users::update_password(&mut tx, user.id, hash).await?;
    }
    if hash.is_some() || user.status != Status::Active {
        store::sessions::delete_all(&mut tx, user.id, None).await?;
    }
    let verb = if hash.is_some() { "update-password" } else { "update" };
    let email = user.email.clone();
    let (before, after) = (view(before), view(user));
    let change = Change::new("users", verb, id.user_id, &email).before(&before).after(&after);
    caller.record(&mut tx, &app, change).await?;
    tx.commit().await?;
    app.wake_streams();
    Ok(Reply::ok(after))
}

async fn remove(State(app): State<App>, caller: Caller, Path(id): Path<Id>) -> ApiResult<StatusCode> {
    let mut tx = app.db.write().await?;
    users::lock(&mut tx).await?;
    let user = of_scope(&mut tx, &caller, id.user_id).await?;
    rules::may_change(&caller, &user)?;
    if user.id == caller.user.id {
        return Err(ApiError::conflict("UnacceptableState", "nobody can delete themselves"));
    }
    rules::keeps_an_administrator(&mut tx, &caller, &user, None).await?;
    let keys = store::api_keys::list(&mut tx, Select::new().eq("user_id", user.id)).await?.rows;
    for key in keys {
        store::secrets::delete_all(&mut tx, "api_keys", &key.id).await?;
    }
    users::delete(&mut tx, user.id).await?;
    let email = user.email.clone();
    let change = Change::new("users", "delete", id.user_id, &email).before(&view(user));
    caller.record(&mut tx, &app, change).await?;
    tx.commit().await?;
    app.wake_streams();
    Ok(StatusCode::NO_CONTENT)
}

async fn unlock(State(app): State<App>, caller: Caller, Path(id): Path<Id>) -> ApiResult<Reply<User>> {
    let mut tx = app.db.write().await?;
    let user = of_scope(&mut tx, &caller, id.user_id).await?;
    // Who unlocks can guess on, so an administrator's password is not for others to try.
    rules::may_change(&caller, &user)?;
    users::unlock(&mut tx, user.id).await?;
    let email = user.email.clone();
    let before = view(user);
    let after = User { locked_until: None, ..before.clone() };
    let change = Change::new("users", "unlock", id.user_id, &email).before(&before).after(&after);
    caller.record(&mut tx, &app, change).await?;
    tx.commit().await?;
    app.wake_streams();
    Ok(Reply::ok(after))
}

/// Emails are logins, so no two users of the installation have the same, whatever their account.
fn taken(err: DbError, email: &str) -> ApiError {
    match err {
        DbError::Duplicate { .. } => {
            ApiError::conflict("UnicityViolation", format!("a user with the email {email:?} exists already"))
        }
        other => other.into(),
    }
}

fn status(word: &str) -> ApiResult<Status> {
    word.parse().map_err(|_| ApiError::value("status is active or inactive"))
}

/// Whether a mail would arrive is not ours to judge: only the form `name@host` is asked for.
pub(crate) fn email(text: &str) -> ApiResult<String> {
    let is_email = match text.split_once('@') {
        Some((name, host)) => !name.is_empty() && !host.is_empty() && !host.contains('@'),
        None => false,
    };
    if !is_email || text.chars().any(char::is_whitespace) {
        return Err(ApiError::value("email has the form name@host"));
    }
    Ok(text.to_lowercase())
}

/// Never with the password, nor with what is known of it.
pub(crate) fn view(user: users::User) -> User {
    let users::User { id, account_id, email, name, status, is_admin, locked_until, created_at, last_login_at, .. } =
        user;
    let now = Time::now();
    User {
        id: Some(id),
        email: Some(email),
        name: Some(name),
        status: Some(status.to_string()),
        is_admin: Some(is_admin),
        password: None::<SecretString>,
        account_id,
        locked_until: locked_until.filter(|it| *it > now).map(|it| it.0),
        added: Some(created_at.0),
        last_login: last_login_at.map(|it| it.0),
    }
}
