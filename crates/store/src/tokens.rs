//! Bearer tokens. Only their hash is known.

use crate::{
    DbError, Json, List, Select, Time, Tx,
    query::{one, query},
};

#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Token {
    pub id: String,
    pub user_id: i64,
    pub name: String,
    /// SHA-256 of the token.
    pub hash: String,
    /// Limited to this account.
    pub account_id: Option<i64>,
    /// Limited to this environment.
    pub environment_id: Option<i64>,
    /// `None`: all that the user may do.
    pub permissions: Option<Json<Vec<String>>>,
    pub created_at: Time,
    pub expires_at: Option<Time>,
    /// Up to a minute behind.
    pub last_used_at: Option<Time>,
}

pub async fn insert(tx: &mut Tx, token: &Token) -> Result<(), DbError> {
    let sql = "INSERT INTO tokens (id, user_id, name, hash, account_id, environment_id, permissions, created_at, \
               expires_at, last_used_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    let it = token;
    let inserted = query!(
        tx,
        execute,
        sql,
        &it.id,
        it.user_id,
        &it.name,
        &it.hash,
        it.account_id,
        it.environment_id,
        &it.permissions,
        it.created_at,
        it.expires_at,
        it.last_used_at
    );
    inserted.map_err(|it| it.about_new("token", "user, account or environment"))?;
    Ok(())
}

pub async fn get(tx: &mut Tx, id: &str) -> Result<Token, DbError> {
    let found = query!(tx, fetch_one, Token, "SELECT * FROM tokens WHERE id = $1", id);
    found.map_err(|it| it.about("token"))
}

/// `None` for one that has expired.
pub async fn find_by_hash(tx: &mut Tx, hash: &str, now: Time) -> Result<Option<Token>, DbError> {
    let sql = "SELECT * FROM tokens WHERE hash = $1 AND (expires_at IS NULL OR expires_at > $2)";
    query!(tx, fetch_optional, Token, sql, hash, now)
}

/// Of all users; narrow it with `eq("user_id", …)`.
pub async fn list(tx: &mut Tx, select: Select) -> Result<List<Token>, DbError> {
    select.fetch(tx, "tokens", &["id"]).await
}

/// Writes only where [`Time::is_stale`].
pub async fn touch(tx: &mut Tx, id: &str, now: Time) -> Result<(), DbError> {
    let sql = "UPDATE tokens SET last_used_at = $2 WHERE id = $1 AND (last_used_at IS NULL OR last_used_at <= $3)";
    query!(tx, execute, sql, id, now, now.before(crate::time::TOUCH_EVERY))?;
    Ok(())
}

pub async fn delete(tx: &mut Tx, id: &str) -> Result<(), DbError> {
    one(query!(tx, execute, "DELETE FROM tokens WHERE id = $1", id)?, "token")
}
