use api_types::{
    Named,
    sessions::{CurrentSession, Login, SessionEnvironment},
};
use axum::{
    Extension,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, header};
use secrecy::{ExposeSecret, SecretString};
use store::{
    Select, Status, Time, Tx, audit, events,
    sessions::Session,
    users::{self, PasswordHash, User},
};
use uuid::Uuid;

use super::{
    Origin,
    auth::{self, password, session},
    body::Body,
    caller::{Caller, Change, Inner, Means},
    environments,
    error::{ApiError, ApiResult},
    profile::at_home,
    reply::Reply,
    route::{
        Access::{Login as LoggedIn, Logout, Public},
        Routes, delete, get, post,
    },
    tokens,
    users::view,
};
use crate::{app::App, config::Config, permission::Scope};

const LOCKED_FOR: std::time::Duration = std::time::Duration::from_secs(15 * 60);
/// Verified against when there is no such user, so that a login takes as long as with one. Argon2id of nothing.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$c3RhY2t5YXJkLW5vYm9keQ$\
                      AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

pub fn routes(routes: &mut Routes) {
    let path = "/session/";
    routes
        .add(get(path, LoggedIn, "Get who is asking and where they may work").gives::<CurrentSession>(), show)
        .add(post(path, Public, "Log in with a password").takes::<Login>().creates::<CurrentSession>(), login)
        .add(delete(path, Logout, "Log out: end this session, or revoke the token that is sent"), logout);
}

async fn show(State(app): State<App>, caller: Caller, headers: HeaderMap) -> ApiResult<Reply<CurrentSession>> {
    let cookie = session::cookie(&headers).filter(|_| matches!(caller.means, Means::Session(_)));
    let csrf_token = cookie.map(|it| session::csrf_token(&it).into());
    let mut tx = app.db.read().await?;
    Ok(Reply::ok(CurrentSession { csrf_token, ..current(&mut tx, &caller).await? }))
}

/// A user who is not there, a wrong password and a user who is locked take as long: all verify a password and open a
/// transaction that writes.
async fn login(
    State(app): State<App>,
    Extension(origin): Extension<Origin>,
    headers: HeaderMap,
    body: Body,
) -> ApiResult<Response> {
    refuse_forms(&headers)?;
    let Login { email, password } = body.read()?;
    let mut tx = app.db.read().await?;
    let known = users::find_by_email(&mut tx, &email).await?;
    drop(tx);
    let hash = known.as_ref().map_or_else(|| PasswordHash(NOBODY.to_owned()), |it| it.password_hash.clone());
    let is_right = password::is_right(&app, password, hash.clone()).await?;
    let refused = || ApiError::unauthenticated("the email or the password is not right");
    let now = Time::now();
    let mut tx = app.db.write().await?;
    // Read again: of many guesses at once, those after the last allowed one find the user locked.
    let user = users::find(&mut tx, known.map_or(0, |it| it.id)).await?;
    let user = user.filter(|it| it.password_hash == hash).ok_or_else(refused)?;
    refuse_locked(&user, now)?;
    if !is_right {
        let is_locked = record_failure(&mut tx, &app, &user, &origin).await?;
        tx.commit().await?;
        app.wake_streams();
        return Err(if is_locked { locked("this user is now locked after too many failed logins") } else { refused() });
    }
    if user.status != Status::Active {
        return Err(ApiError::forbidden("this user is inactive").remedy("ask an administrator to activate the user"));
    }
    users::record_login(&mut tx, user.id, now).await?;
    let config = app.config();
    let cookie = vault::token::new_secret(32).map_err(ApiError::internal)?;
    let csrf = session::csrf_token(&cookie);
    let agent = headers.get(header::USER_AGENT).and_then(|it| it.to_str().ok()).unwrap_or_default();
    let session = Session {
        id_hash: auth::hash(cookie.expose_secret()),
        public_id: Uuid::now_v7().to_string(),
        user_id: user.id,
        csrf_hash: auth::hash(csrf.expose_secret()),
        created_at: now,
        last_used_at: now,
        expires_at: now + config.session.lifetime,
        remote_addr: origin.remote_addr.to_string(),
        user_agent: agent.chars().take(255).collect(),
    };
    store::sessions::insert(&mut tx, &session).await?;
    let grants = store::grants::of_user(&mut tx, user.id).await?;
    let email = user.email.clone();
    let scope = user.account_id.map_or(Scope::Scalr, Scope::Account);
    let caller = Caller::new(Inner {
        user,
        grants,
        means: Means::Session(session.public_id.clone()),
        scope,
        access: LoggedIn,
        remote_addr: origin.remote_addr,
        request_id: origin.request_id.to_string(),
    });
    caller.record(&mut tx, &app, Change::new("sessions", "login", session.public_id, &email)).await?;
    let current = CurrentSession { csrf_token: Some(csrf.into()), ..current(&mut tx, &caller).await? };
    tx.commit().await?;
    app.wake_streams();
    with_cookie(Reply::created(current).into_response(), Some(&cookie), is_behind_tls(&config))
}

/// A page of another site can send a form, and log its visitor in as somebody else; JSON it cannot.
fn refuse_forms(headers: &HeaderMap) -> ApiResult<()> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|it| it.to_str().ok()).unwrap_or_default();
    if kind.split(';').next().is_some_and(|it| it.trim().eq_ignore_ascii_case("application/json")) {
        return Ok(());
    }
    Err(ApiError::bad_request("Content-Type is not application/json"))
}

fn locked(message: impl Into<String>) -> ApiError {
    ApiError::forbidden(message)
        .remedy("wait 15 minutes, or ask an administrator to unlock the user (stackyard admin unlock)")
}

/// Whether the password is right is not told while a user is locked.
pub(super) fn refuse_locked(user: &User, now: Time) -> ApiResult<()> {
    match user.locked_until.filter(|it| *it > now) {
        Some(until) => Err(locked(format!("this user is locked until {until} after too many failed logins"))),
        None => Ok(()),
    }
}

/// Counts a wrong password. True when it locks the user, which is a change like any other: it goes to the audit log, and
/// those who look at users are told.
pub(super) async fn record_failure(tx: &mut Tx, app: &App, user: &User, origin: &Origin) -> ApiResult<bool> {
    let limit = i64::from(app.config().failed_login_attempts);
    let now = Time::now();
    if users::record_failed_login(tx, user.id, limit, now + LOCKED_FOR, now).await? < limit {
        return Ok(false);
    }
    let view = |it: User| serde_json::to_value(view(it)).map_err(ApiError::internal);
    let entry = audit::NewEntry {
        account_id: user.account_id.unwrap_or_default(),
        at: now,
        actor_kind: "system".to_owned(),
        actor_id: String::new(),
        actor_name: "login".to_owned(),
        remote_addr: origin.remote_addr.to_string(),
        action: "users.lock".to_owned(),
        object_type: "users".to_owned(),
        object_id: user.id.to_string(),
        object_name: user.email.clone(),
        before: Some(view(user.clone())?),
        after: Some(view(users::get(tx, user.id).await?)?),
        request_id: origin.request_id.to_string(),
        environment_id: None,
    };
    audit::record(tx, &app.audit_key, &entry).await?;
    let event = events::NewEvent {
        account_id: user.account_id,
        environment_id: None,
        credential_id: None,
        topic: "users".to_owned(),
        object_id: entry.object_id,
        kind: "lock".to_owned(),
        body: entry.after.unwrap_or_default(),
        at: now,
    };
    events::insert(tx, &event).await?;
    Ok(true)
}

/// A token revokes itself, however narrow it is: whoever holds it can make an end of it.
async fn logout(State(app): State<App>, caller: Caller) -> ApiResult<Response> {
    let mut tx = app.db.write().await?;
    let is_session = match &caller.means {
        Means::Session(id) => {
            store::sessions::delete(&mut tx, id).await?;
            let change = Change::new("sessions", "logout", id, &caller.user.email);
            at_home(&caller).record(&mut tx, &app, change).await?;
            true
        }
        Means::Token { id, .. } => {
            let token = store::tokens::get(&mut tx, id).await?;
            store::tokens::delete(&mut tx, id).await?;
            let name = token.name.clone();
            let change = Change::new("tokens", "delete", id, &name).before(&tokens::view(token, &caller.means));
            at_home(&caller).record(&mut tx, &app, change).await?;
            false
        }
        Means::ApiKey(_) => {
            let message = "there is no session to log out of; this request is signed with an API key";
            return Err(ApiError::bad_request(message));
        }
    };
    tx.commit().await?;
    app.wake_streams();
    let response = StatusCode::NO_CONTENT.into_response();
    if is_session { with_cookie(response, None, is_behind_tls(&app.config())) } else { Ok(response) }
}

/// Our own TLS, or that of a proxy in front: without either we listen on loopback only.
fn is_behind_tls(config: &Config) -> bool {
    config.tls.is_some() || !config.trusted_proxies.is_empty()
}

fn with_cookie(mut response: Response, cookie: Option<&SecretString>, is_tls: bool) -> ApiResult<Response> {
    response.headers_mut().insert(header::SET_COOKIE, session::set_cookie(cookie, is_tls)?);
    Ok(response)
}

async fn current(tx: &mut Tx, caller: &Caller) -> ApiResult<CurrentSession> {
    let user = &caller.user;
    let last_event_id = events::newest_seq(tx).await?;
    let own = |column| user.account_id.map_or_else(Select::new, |id| Select::new().eq(column, id));
    let mut accounts = store::accounts::list(tx, own("id")).await?.rows;
    let mut all = store::environments::list(tx, own("account_id")).await?.rows;
    if let Means::Token { account_id, environment_id, .. } = &caller.means {
        all.retain(|it| environment_id.is_none_or(|id| id == it.id) && account_id.is_none_or(|id| id == it.account_id));
        let is_left = |id: i64| environment_id.is_none() || all.iter().any(|it| it.account_id == id);
        accounts.retain(|it| account_id.is_none_or(|id| id == it.id) && is_left(it.id));
    }
    // A token that was narrowed works somewhere, and is not its user.
    let is_user = caller.means.is_unlimited();
    let name = |id| accounts.iter().find(|it| it.id == id).map_or_else(String::new, |it| it.name.clone());
    let environments = all.iter().filter(|it| environments::may_read(caller, it)).map(|it| SessionEnvironment {
        id: it.id,
        name: it.name.clone(),
        account_id: it.account_id,
        account_name: name(it.account_id),
    });
    Ok(CurrentSession {
        user_id: user.id,
        email: is_user.then(|| user.email.clone()),
        name: is_user.then(|| user.name.clone()),
        is_global_administrator: is_user && caller.is_global_administrator(),
        environments: environments.collect(),
        accounts: accounts.iter().map(|it| Named { id: it.id, name: it.name.clone() }).collect(),
        last_event_id,
        csrf_token: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Verifying against it costs what it does for a user.
    #[test]
    fn nobody_has_a_hash_as_everybody() {
        let parameters = |hash: &str| hash.rsplitn(3, '$').last().map(str::to_owned);
        let real = vault::password::hash(&"correct horse battery".into()).unwrap();
        assert_eq!(parameters(NOBODY), parameters(&real));
        assert_eq!(vault::password::verify(&"".into(), NOBODY), Some(false));
    }
}
