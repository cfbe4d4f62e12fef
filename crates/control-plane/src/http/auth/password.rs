use secrecy::{ExposeSecret, SecretString};
use store::users::PasswordHash;
use tokio::sync::Semaphore;

use crate::{
    app::App,
    http::error::{ApiError, ApiResult},
};

/// Shortest password, in characters; NIST SP 800-63B asks for length and against rules of composition.
const SHORTEST: usize = 12;
const LONGEST: usize = 256;
/// Each takes 19 MiB for a moment.
static AT_ONCE: Semaphore = Semaphore::const_new(2);

pub fn check(password: &SecretString) -> ApiResult<()> {
    let n_chars = password.expose_secret().chars().count();
    if (SHORTEST..=LONGEST).contains(&n_chars) {
        return Ok(());
    }
    Err(ApiError::value(format!("a password has {SHORTEST} to {LONGEST} characters")))
}

pub async fn hash(password: SecretString) -> ApiResult<PasswordHash> {
    let _permit = AT_ONCE.acquire().await.map_err(ApiError::internal)?;
    let hashed = tokio::task::spawn_blocking(move || vault::password::hash(&password)).await;
    Ok(PasswordHash(hashed.map_err(ApiError::internal)?.map_err(ApiError::internal)?))
}

/// Takes as long for a wrong password as for a right one. Counted, since it is what makes a login slow.
pub async fn is_right(app: &App, password: SecretString, hash: PasswordHash) -> ApiResult<bool> {
    let _permit = AT_ONCE.acquire().await.map_err(ApiError::internal)?;
    let verified = tokio::task::spawn_blocking(move || vault::password::verify(&password, &hash.0)).await;
    let verified = verified.map_err(ApiError::internal)?;
    if verified.is_some() {
        app.metrics.count_password();
    }
    Ok(verified.unwrap_or(false))
}
