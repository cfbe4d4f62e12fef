use anyhow::Context;
use api_types::users::User;
use secrecy::SecretString;
use store::{
    DbError, Select, Status, Time, Tx,
    users::{self, NewUser},
};

use super::offline::{ADMIN, Done, Offline, hash, told};
use crate::http::{self, body::text, users::view};

pub struct Add {
    pub email: String,
    pub name: String,
    /// `None`: a user of the whole installation.
    pub account_id: Option<i64>,
    pub is_admin: bool,
    pub password: SecretString,
}

/// Of all scopes, by id.
pub async fn list(offline: &Offline) -> anyhow::Result<Vec<User>> {
    let mut tx = offline.db.read().await?;
    Ok(users::list(&mut tx, Select::new()).await?.rows.into_iter().map(view).collect())
}

pub async fn add(offline: &Offline, add: Add) -> anyhow::Result<User> {
    let Add { email, name, account_id, is_admin, password } = add;
    let email = text("email", &email).and_then(http::users::email).map_err(told)?;
    text("name", &name).map_err(told)?;
    let new = NewUser { account_id, email, name, password_hash: hash(password).await?, is_admin };
    let mut tx = offline.db.write().await?;
    let user = users::insert(&mut tx, &new, Time::now()).await.map_err(|err| match err {
        DbError::Duplicate { .. } => anyhow::anyhow!("there is a user {} already", new.email),
        DbError::NotFound { .. } => anyhow::anyhow!("there is no account {}", new.account_id.unwrap_or_default()),
        other => other.into(),
    })?;
    record(offline, tx, "create", None, user).await
}

/// The end of `active` ends all sessions of the user; keys and tokens wait until the user is active again.
pub async fn set_status(offline: &Offline, email: &str, is_active: bool) -> anyhow::Result<User> {
    let mut tx = offline.db.write().await?;
    users::lock(&mut tx).await?;
    let before = offline.user(&mut tx, email).await?;
    let status = if is_active { Status::Active } else { Status::Inactive };
    let after = users::User { status, ..before.clone() };
    users::update(&mut tx, &after).await?;
    if !is_active {
        store::sessions::delete_all(&mut tx, after.id, None).await?;
    }
    record(offline, tx, "update", Some(before), after).await
}

/// Ends all sessions of the user, and lets in who is locked out.
pub async fn reset_password(offline: &Offline, email: &str, password: SecretString) -> anyhow::Result<User> {
    // Asked before: a wrong email is told before a hash is worked out.
    offline.user(&mut offline.db.read().await?, email).await?;
    let hash = hash(password).await?;
    let mut tx = offline.db.write().await?;
    let before = offline.user(&mut tx, email).await?;
    users::update_password(&mut tx, before.id, &hash).await?;
    users::unlock(&mut tx, before.id).await?;
    store::sessions::delete_all(&mut tx, before.id, None).await?;
    let after = users::User { locked_until: None, ..before.clone() };
    record(offline, tx, "update-password", Some(before), after).await
}

pub async fn unlock(offline: &Offline, email: &str) -> anyhow::Result<User> {
    let mut tx = offline.db.write().await?;
    let before = offline.user(&mut tx, email).await?;
    users::unlock(&mut tx, before.id).await?;
    let after = users::User { locked_until: None, ..before.clone() };
    record(offline, tx, "unlock", Some(before), after).await
}

/// A random one, for `--generate`.
pub fn new_password() -> anyhow::Result<SecretString> {
    vault::token::new_secret(18).context("cannot make a password")
}

async fn record(
    offline: &Offline,
    mut tx: Tx,
    verb: &'static str,
    before: Option<users::User>,
    after: users::User,
) -> anyhow::Result<User> {
    let (email, id, account_id) = (after.email.clone(), after.id.to_string(), after.account_id);
    let (before, after) = (before.map(view), view(after));
    let done = Done { by: ADMIN, account_id, noun: "users", verb, id, name: &email };
    done.record(&mut tx, &offline.audit_key, before.as_ref(), Some(&after)).await?;
    tx.commit().await?;
    Ok(after)
}
