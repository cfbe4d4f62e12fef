//! How to get into a cloud. What is secret is in `secrets`.

use serde_json::Value;

use crate::{
    DbError, Json, List, Select, Time, Tx,
    query::{one, query},
    word::words,
};

words! {
    pub enum CredentialStatus {
        Enabled = "enabled",
        /// By a person, or because it never passed a validation.
        Disabled = "disabled",
        /// By us, because the cloud refuses it.
        Suspended = "suspended",
    }
}

#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct CloudCredential {
    /// 12 hex digits.
    pub id: String,
    /// `None`: of the whole installation, visible to all accounts.
    pub account_id: Option<i64>,
    /// Unique within the account, or among those of the installation.
    pub name: String,
    pub description: String,
    /// `OpenstackCloudCredentials`, `VmwareCloudCredentials`.
    pub credentials_type: String,
    /// The platform.
    pub provider: String,
    pub status: CredentialStatus,
    /// Everything that is not secret.
    pub config: Json<Value>,
    /// What its secrets are bound to, sorted: `https://cloud.example:5000`.
    pub audience: Json<Vec<String>>,
    pub allowed_uses: Json<Vec<String>>,
    pub secret_version: i64,
    /// What the last good validation saw of the cloud.
    pub details: Option<Json<Value>>,
    pub created_at: Time,
    pub updated_at: Time,
    pub last_validation_id: Option<String>,
}

pub async fn insert(tx: &mut Tx, credential: &CloudCredential) -> Result<(), DbError> {
    let sql = "INSERT INTO cloud_credentials (id, account_id, name, description, credentials_type, provider, status, \
               config, audience, allowed_uses, secret_version, details, created_at, updated_at, last_validation_id) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";
    let it = credential;
    let inserted = query!(
        tx,
        execute,
        sql,
        &it.id,
        it.account_id,
        &it.name,
        &it.description,
        &it.credentials_type,
        &it.provider,
        it.status,
        &it.config,
        &it.audience,
        &it.allowed_uses,
        it.secret_version,
        &it.details,
        it.created_at,
        it.updated_at,
        &it.last_validation_id
    );
    inserted.map_err(|it| it.about_new("cloud credential", "account"))?;
    Ok(())
}

/// Whoever asks. For a caller of the API, [`get_visible`].
pub async fn get(tx: &mut Tx, id: &str) -> Result<CloudCredential, DbError> {
    find(tx, id).await?.ok_or(DbError::NotFound { what: "cloud credential" })
}

pub async fn find(tx: &mut Tx, id: &str) -> Result<Option<CloudCredential>, DbError> {
    query!(tx, fetch_optional, CloudCredential, "SELECT * FROM cloud_credentials WHERE id = $1", id)
}

/// An account sees its own and the installation's; `None`, the installation, sees its own.
pub async fn get_visible(tx: &mut Tx, account_id: Option<i64>, id: &str) -> Result<CloudCredential, DbError> {
    let sql = "SELECT * FROM cloud_credentials WHERE id = $1 AND (account_id = $2 OR account_id IS NULL)";
    let found = query!(tx, fetch_one, CloudCredential, sql, id, account_id);
    found.map_err(|it| it.about("cloud credential"))
}

/// Those [`get_visible`] finds.
pub async fn list(tx: &mut Tx, account_id: Option<i64>, select: Select) -> Result<List<CloudCredential>, DbError> {
    let select = match account_id {
        Some(id) => select.eq_or_null("account_id", id),
        None => select.is_null("account_id"),
    };
    list_all(tx, select).await
}

/// Of everybody, for jobs.
pub async fn list_all(tx: &mut Tx, select: Select) -> Result<List<CloudCredential>, DbError> {
    select.fetch(tx, "cloud_credentials", &["id"]).await
}

/// Another one with this name that the account sees, or that the installation has for `None`. Its `account_id` says
/// which scope holds the name.
pub async fn duplicate_in_visible_scope(
    tx: &mut Tx,
    account_id: Option<i64>,
    name: &str,
    but: Option<&str>,
) -> Result<Option<CloudCredential>, DbError> {
    let sql = "SELECT * FROM cloud_credentials WHERE name = $1 AND (account_id = $2 OR account_id IS NULL) \
               AND id <> $3 ORDER BY coalesce(account_id, 0) DESC LIMIT 1";
    query!(tx, fetch_optional, CloudCredential, sql, name, account_id, but.unwrap_or_default())
}

/// Writes what a person decides: all but id, account, type, provider, `created_at`, and what a validation found, which
/// [`record_validation`] may write at the same time.
pub async fn update(tx: &mut Tx, credential: &CloudCredential) -> Result<(), DbError> {
    let sql = "UPDATE cloud_credentials SET name = $2, description = $3, status = $4, config = $5, audience = $6, \
               allowed_uses = $7, secret_version = $8, updated_at = $9 WHERE id = $1";
    let it = credential;
    let updated = query!(
        tx,
        execute,
        sql,
        &it.id,
        &it.name,
        &it.description,
        it.status,
        &it.config,
        &it.audience,
        &it.allowed_uses,
        it.secret_version,
        it.updated_at
    );
    one(updated.map_err(|it| it.about("cloud credential"))?, "cloud credential")
}

pub async fn update_status(tx: &mut Tx, id: &str, status: CredentialStatus, now: Time) -> Result<(), DbError> {
    let sql = "UPDATE cloud_credentials SET status = $2, updated_at = $3 WHERE id = $1";
    one(query!(tx, execute, sql, id, status, now)?, "cloud credential")
}

/// What a validation found; `details` `None` leaves those of the last good one.
pub async fn record_validation(
    tx: &mut Tx,
    id: &str,
    validation_id: &str,
    details: Option<&Value>,
) -> Result<(), DbError> {
    let sql = "UPDATE cloud_credentials SET last_validation_id = $2, details = coalesce($3, details) WHERE id = $1";
    one(query!(tx, execute, sql, id, validation_id, details.map(Json))?, "cloud credential")
}

/// With its inventory and validations, and what is known of assets that are deleted; its secrets are for the caller to
/// delete. In use while an environment is linked.
pub async fn delete(tx: &mut Tx, id: &str) -> Result<(), DbError> {
    query!(tx, execute, "DELETE FROM assets WHERE credential_id = $1 AND status = 'deleted'", id)?;
    let deleted = query!(tx, execute, "DELETE FROM cloud_credentials WHERE id = $1", id);
    one(deleted.map_err(|it| it.about("cloud credential"))?, "cloud credential")
}
