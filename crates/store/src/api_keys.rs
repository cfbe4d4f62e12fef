//! Key pairs that sign requests. The secret half is in `secrets`.

use crate::{
    DbError, List, Select, Status, Time, Tx,
    query::{one, query},
};

#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct ApiKey {
    /// `APIK…`.
    pub id: String,
    pub user_id: i64,
    pub name: String,
    pub status: Status,
    pub created_at: Time,
    /// Up to a minute behind.
    pub last_used_at: Option<Time>,
    pub expires_at: Option<Time>,
}

pub async fn insert(tx: &mut Tx, key: &ApiKey) -> Result<(), DbError> {
    let sql = "INSERT INTO api_keys (id, user_id, name, status, created_at, last_used_at, expires_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let it = key;
    let inserted = query!(
        tx,
        execute,
        sql,
        &it.id,
        it.user_id,
        &it.name,
        it.status,
        it.created_at,
        it.last_used_at,
        it.expires_at
    );
    inserted.map_err(|it| it.about_new("API key", "user"))?;
    Ok(())
}

pub async fn get(tx: &mut Tx, id: &str) -> Result<ApiKey, DbError> {
    find(tx, id).await?.ok_or(DbError::NotFound { what: "API key" })
}

/// Also one that is inactive or has expired.
pub async fn find(tx: &mut Tx, id: &str) -> Result<Option<ApiKey>, DbError> {
    query!(tx, fetch_optional, ApiKey, "SELECT * FROM api_keys WHERE id = $1", id)
}

/// Of all users; narrow it with `eq("user_id", …)`.
pub async fn list(tx: &mut Tx, select: Select) -> Result<List<ApiKey>, DbError> {
    select.fetch(tx, "api_keys", &["id"]).await
}

/// Writes name, status and `expires_at`.
pub async fn update(tx: &mut Tx, key: &ApiKey) -> Result<(), DbError> {
    let sql = "UPDATE api_keys SET name = $2, status = $3, expires_at = $4 WHERE id = $1";
    one(query!(tx, execute, sql, &key.id, &key.name, key.status, key.expires_at)?, "API key")
}

/// Writes only where [`Time::is_stale`].
pub async fn touch(tx: &mut Tx, id: &str, now: Time) -> Result<(), DbError> {
    let sql = "UPDATE api_keys SET last_used_at = $2 WHERE id = $1 AND (last_used_at IS NULL OR last_used_at <= $3)";
    query!(tx, execute, sql, id, now, now.before(crate::time::TOUCH_EVERY))?;
    Ok(())
}

/// Its secret is for the caller to delete.
pub async fn delete(tx: &mut Tx, id: &str) -> Result<(), DbError> {
    one(query!(tx, execute, "DELETE FROM api_keys WHERE id = $1", id)?, "API key")
}
