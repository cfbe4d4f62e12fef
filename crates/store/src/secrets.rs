//! Sealed secrets. What opens them is not in the database.

use crate::{DbError, Tx, query::query};

/// A secret as the vault sealed it. The place it is bound to is (`owner`, `owner_id`, `name`, `version`).
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Secret {
    /// Table of what it belongs to: `cloud_credentials`, `api_keys`, `assets`, `audit`.
    pub owner: String,
    pub owner_id: String,
    pub name: String,
    pub version: i64,
    pub key_id: String,
    /// Base64.
    pub wrapped_key: String,
    /// Base64.
    pub ciphertext: String,
}

/// Inserts or replaces.
pub async fn put(tx: &mut Tx, secret: &Secret) -> Result<(), DbError> {
    let sql = "INSERT INTO secrets (owner, owner_id, name, version, key_id, wrapped_key, ciphertext) \
               VALUES ($1, $2, $3, $4, $5, $6, $7) \
               ON CONFLICT (owner, owner_id, name) DO UPDATE SET version = excluded.version, \
               key_id = excluded.key_id, wrapped_key = excluded.wrapped_key, ciphertext = excluded.ciphertext";
    let it = secret;
    query!(
        tx,
        execute,
        sql,
        &it.owner,
        &it.owner_id,
        &it.name,
        it.version,
        &it.key_id,
        &it.wrapped_key,
        &it.ciphertext
    )?;
    Ok(())
}

pub async fn get(tx: &mut Tx, owner: &str, owner_id: &str, name: &str) -> Result<Secret, DbError> {
    find(tx, owner, owner_id, name).await?.ok_or(DbError::NotFound { what: "secret" })
}

pub async fn find(tx: &mut Tx, owner: &str, owner_id: &str, name: &str) -> Result<Option<Secret>, DbError> {
    let sql = "SELECT * FROM secrets WHERE owner = $1 AND owner_id = $2 AND name = $3";
    query!(tx, fetch_optional, Secret, sql, owner, owner_id, name)
}

pub async fn delete_all(tx: &mut Tx, owner: &str, owner_id: &str) -> Result<u64, DbError> {
    query!(tx, execute, "DELETE FROM secrets WHERE owner = $1 AND owner_id = $2", owner, owner_id)
}

/// Secrets sealed under any other key than this one, in the order of (`owner`, `owner_id`, `name`), after `after`.
pub async fn next_with_other_key(
    tx: &mut Tx,
    key_id: &str,
    after: Option<&Secret>,
    limit: i64,
) -> Result<Vec<Secret>, DbError> {
    let sql = "SELECT * FROM secrets WHERE key_id <> $1 AND (owner, owner_id, name) > ($2, $3, $4) \
               ORDER BY owner, owner_id, name LIMIT $5";
    let (owner, owner_id, name) =
        after.map_or(("", "", ""), |it| (it.owner.as_str(), it.owner_id.as_str(), it.name.as_str()));
    query!(tx, fetch_all, Secret, sql, key_id, owner, owner_id, name, limit)
}

/// Stores `secret` wrapped anew. False when its row was sealed anew, wrapped anew or deleted since it was read; then
/// nothing is changed.
pub async fn update_wrapped(tx: &mut Tx, secret: &Secret, key_id: &str, wrapped_key: &str) -> Result<bool, DbError> {
    let sql = "UPDATE secrets SET key_id = $1, wrapped_key = $2 \
               WHERE owner = $3 AND owner_id = $4 AND name = $5 AND version = $6 AND wrapped_key = $7";
    let it = secret;
    let n_rows =
        query!(tx, execute, sql, key_id, wrapped_key, &it.owner, &it.owner_id, &it.name, it.version, &it.wrapped_key)?;
    Ok(n_rows == 1)
}

/// How many secrets are sealed under each key.
pub async fn count_by_key(tx: &mut Tx) -> Result<Vec<(String, i64)>, DbError> {
    let sql = "SELECT key_id, count(*) FROM secrets GROUP BY key_id ORDER BY key_id";
    query!(tx, fetch_all, (String, i64), sql)
}
