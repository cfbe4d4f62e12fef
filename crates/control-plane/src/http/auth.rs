//! Who is asking: a signed request, a bearer token, or the console's session.

pub mod password;
pub mod session;
mod signature;

use aws_lc_rs::digest;
use bytes::Bytes;
use http::{Method, header, request::Parts};
use jiff::Timestamp;
use store::{DbError, Status, Time, Tx, api_keys::ApiKey, users::User};
use tracing::warn;

use crate::{
    app::App,
    http::{
        caller::Means,
        error::{ApiError, ApiResult},
    },
    secrets::api_key_place,
};

/// A proven identity.
pub struct Identity {
    pub user: User,
    pub means: Means,
}

/// What a signed request with `X-Scalr-Debug: 1` is told to have signed. Of the body only the size, because it may hold
/// a password, and what is shown for debugging is kept in logs. All of it was sent by the client itself.
pub fn string_to_sign(parts: &Parts) -> Option<String> {
    let n_bytes = parts.headers.get(header::CONTENT_LENGTH).and_then(|it| it.to_str().ok()).unwrap_or("0");
    let body = if n_bytes == "0" { String::new() } else { format!("({n_bytes} bytes of body)") };
    Some(string_to_sign_of_upload(parts)? + &body)
}

/// As [`string_to_sign`], where the body is not signed.
pub fn string_to_sign_of_upload(parts: &Parts) -> Option<String> {
    let text = |name: &str| parts.headers.get(name).and_then(|it| it.to_str().ok());
    let date = text("x-scalr-date").filter(|_| text("x-scalr-debug") == Some("1"))?;
    let query = parts.uri.query().unwrap_or_default();
    let head = signature::string_to_sign(parts.method.as_str(), date, parts.uri.path(), query, &[]);
    Some(String::from_utf8_lossy(&head).into_owned())
}

pub async fn authenticate(app: &App, parts: &Parts, body: &Bytes) -> ApiResult<Identity> {
    let text = |name: &str| parts.headers.get(name).and_then(|it| it.to_str().ok());
    let identity = if let Some(key_id) = text("x-scalr-key-id") {
        let signature = text("x-scalr-signature");
        let date = text("x-scalr-date");
        let (Some(signature), Some(date)) = (signature, date) else {
            return Err(ApiError::unauthenticated("X-Scalr-Signature or X-Scalr-Date is missing"));
        };
        signed(app, parts, body, Signed { key_id, signature, date }).await?
    } else if let Some(token) = text(header::AUTHORIZATION.as_str()).and_then(|it| it.strip_prefix("Bearer ")) {
        bearer(app, token.trim()).await?
    } else if let Some(cookie) = session::cookie(&parts.headers) {
        session::identify(app, parts, &cookie).await?
    } else {
        let message = "log in, send a bearer token, or sign the request with an API key pair";
        return Err(ApiError::unauthenticated(message));
    };
    refuse_inactive(&identity.user)?;
    Ok(identity)
}

/// The user whom a login of an earlier request still proves. Nothing is counted as its use.
pub async fn again(app: &App, tx: &mut Tx, means: &Means) -> ApiResult<User> {
    let now = Time::now();
    let user_id = match means {
        Means::Session(id) => {
            let session = store::sessions::get(tx, id).await?;
            session::is_alive(&session, &app.config(), now).then_some(session.user_id)
        }
        Means::ApiKey(id) => store::api_keys::find(tx, id).await?.filter(|it| is_usable(it, now)).map(|it| it.user_id),
        Means::Token { id, .. } => {
            let token = store::tokens::get(tx, id).await?;
            token.expires_at.is_none_or(|it| it > now).then_some(token.user_id)
        }
    };
    let user_id = user_id.ok_or_else(|| ApiError::unauthenticated("the login has ended"))?;
    let user = store::users::get(tx, user_id).await?;
    refuse_inactive(&user)?;
    Ok(user)
}

fn refuse_inactive(user: &User) -> ApiResult<()> {
    if user.status == Status::Active { Ok(()) } else { Err(ApiError::forbidden("this user is inactive")) }
}

fn is_usable(key: &ApiKey, now: Time) -> bool {
    key.status == Status::Active && key.expires_at.is_none_or(|it| it > now)
}

struct Signed<'a> {
    key_id: &'a str,
    signature: &'a str,
    date: &'a str,
}

async fn signed(app: &App, parts: &Parts, body: &Bytes, sent: Signed<'_>) -> ApiResult<Identity> {
    let now = Timestamp::now();
    let skew = signature::skew_s(sent.date, now)
        .ok_or_else(|| ApiError::bad_request("X-Scalr-Date is no ISO 8601 time such as 2026-11-22T03:42:38.000Z"))?;
    if skew.abs() > signature::MAX_SKEW_S {
        let message = format!("X-Scalr-Date is {skew} s off; the server's time is {now}");
        return Err(ApiError::unauthenticated(message).remedy("set the clock of the client"));
    }
    let query = parts.uri.query().unwrap_or_default();
    let text = signature::string_to_sign(parts.method.as_str(), sent.date, parts.uri.path(), query, body);
    // One message for an unknown key and a wrong signature, so that key ids cannot be guessed.
    let refused = || ApiError::unauthenticated("the key id or the signature is not right");
    let now = Time::from(now);
    let mut tx = app.db.read().await?;
    let key = store::api_keys::find(&mut tx, sent.key_id).await?.ok_or_else(refused)?;
    let secret = app.secrets.open(&mut tx, &api_key_place(&key.id)).await.map_err(ApiError::internal)?;
    if !signature::is_right(&secret, &text, sent.signature) || !is_usable(&key, now) {
        return Err(refused());
    }
    let user = store::users::get(&mut tx, key.user_id).await?;
    drop(tx);
    if Time::is_stale(key.last_used_at, now) {
        let touch = async |tx: &mut Tx| store::api_keys::touch(tx, &key.id, now).await;
        note_use(app, touch).await;
    }
    Ok(Identity { user, means: Means::ApiKey(key.id) })
}

async fn bearer(app: &App, token: &str) -> ApiResult<Identity> {
    let refused = || ApiError::unauthenticated("the token is unknown, expired or revoked");
    let now = Time::now();
    let mut tx = app.db.read().await?;
    let token = store::tokens::find_by_hash(&mut tx, &hash(token), now).await?.ok_or_else(refused)?;
    let user = store::users::get(&mut tx, token.user_id).await?;
    drop(tx);
    if Time::is_stale(token.last_used_at, now) {
        let touch = async |tx: &mut Tx| store::tokens::touch(tx, &token.id, now).await;
        note_use(app, touch).await;
    }
    let store::tokens::Token { id, account_id, environment_id, permissions, .. } = token;
    let means = Means::Token { id, account_id, environment_id, permissions: permissions.map(|it| it.0) };
    Ok(Identity { user, means })
}

/// When a login was last used is good to know, and no reason to refuse: a database that is full can still be read.
async fn note_use(app: &App, touch: impl AsyncFnOnce(&mut Tx) -> Result<(), DbError>) {
    let noted = async {
        let mut tx = app.db.write().await?;
        touch(&mut tx).await?;
        tx.commit().await
    };
    if let Err(err) = noted.await {
        warn!("cannot note that a login was used: {:#}", anyhow::Error::from(err));
    }
}

/// Tokens are random, so a plain hash keeps them; looking one up by its hash tells nothing by its time.
pub fn hash(token: &str) -> String {
    hex::encode(digest::digest(&digest::SHA256, token.as_bytes()).as_ref())
}

/// Only these change nothing.
fn is_read(method: &Method) -> bool {
    method == Method::GET || method == Method::HEAD
}
