//! The console's login: a cookie and a token against cross-site requests.

use aws_lc_rs::hmac;
use http::{HeaderMap, HeaderValue, header, request::Parts};
use secrecy::{ExposeSecret, SecretString};
use store::{Time, Tx, sessions::Session};
use subtle::ConstantTimeEq;

use super::{Identity, hash, is_read, note_use};
use crate::{
    app::App,
    config::Config,
    http::{
        caller::Means,
        error::{ApiError, ApiResult},
    },
};

const COOKIE: &str = "stackyard_session";

/// The value of the session cookie.
pub fn cookie(headers: &HeaderMap) -> Option<SecretString> {
    let values = headers.get_all(header::COOKIE).iter().filter_map(|it| it.to_str().ok());
    let mut pairs = values.flat_map(|it| it.split(';')).filter_map(|it| it.trim().split_once('='));
    pairs.find(|(name, _)| *name == COOKIE).map(|(_, value)| SecretString::from(value))
}

/// What a page of the console sends with every change, made of the cookie: a reloaded page, or a second one, is told it
/// by `GET /session/`, which a page of another site cannot read.
pub fn csrf_token(cookie: &SecretString) -> SecretString {
    let key = hmac::Key::new(hmac::HMAC_SHA256, cookie.expose_secret().as_bytes());
    hex::encode(hmac::sign(&key, b"stackyard csrf token")).into()
}

/// `Set-Cookie` for a new session, or for none. `Secure` unless the server is reached by plain HTTP on loopback.
pub fn set_cookie(value: Option<&SecretString>, is_secure: bool) -> ApiResult<HeaderValue> {
    let value_text = value.map_or("", |it| it.expose_secret());
    let age = if value.is_some() { "" } else { "; Max-Age=0" };
    let secure = if is_secure { "; Secure" } else { "" };
    let text = format!("{COOKIE}={value_text}; Path=/; HttpOnly; SameSite=Strict{secure}{age}");
    let mut header = HeaderValue::from_str(&text).map_err(ApiError::internal)?;
    header.set_sensitive(true);
    Ok(header)
}

/// Neither too old nor unused for too long. A stream that is open does not count as use.
pub fn is_alive(session: &Session, config: &Config, now: Time) -> bool {
    session.expires_at > now && session.last_used_at >= now.before(config.session.idle)
}

pub async fn identify(app: &App, parts: &Parts, cookie: &SecretString) -> ApiResult<Identity> {
    let ended = || ApiError::unauthenticated("the session has ended").remedy("log in again");
    let now = Time::now();
    let config = app.config();
    let mut tx = app.db.read().await?;
    let session = store::sessions::find_by_hash(&mut tx, &hash(cookie.expose_secret()), now).await?;
    let session = session.filter(|it| is_alive(it, &config, now)).ok_or_else(ended)?;
    if !is_read(&parts.method) {
        let sent = parts.headers.get("x-csrf-token").and_then(|it| it.to_str().ok()).unwrap_or_default();
        if !bool::from(hash(sent).as_bytes().ct_eq(session.csrf_hash.as_bytes())) {
            let message = "X-CSRF-Token is missing or not the one of this session";
            return Err(ApiError::forbidden(message).remedy("reload the page"));
        }
    }
    let user = store::users::get(&mut tx, session.user_id).await?;
    drop(tx);
    if Time::is_stale(Some(session.last_used_at), now) {
        let touch = async |tx: &mut Tx| store::sessions::touch(tx, &session.id_hash, now).await;
        note_use(app, touch).await;
    }
    Ok(Identity { user, means: Means::Session(session.public_id) })
}
