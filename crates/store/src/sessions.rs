//! Logins of the console.

use crate::{
    DbError, Time, Tx,
    query::{one, query},
};

#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Session {
    /// SHA-256 of what the cookie holds.
    pub id_hash: String,
    /// What people see and revoke it by.
    pub public_id: String,
    pub user_id: i64,
    pub csrf_hash: String,
    pub created_at: Time,
    /// Up to a minute behind.
    pub last_used_at: Time,
    pub expires_at: Time,
    pub remote_addr: String,
    pub user_agent: String,
}

pub async fn insert(tx: &mut Tx, session: &Session) -> Result<(), DbError> {
    let sql = "INSERT INTO sessions (id_hash, public_id, user_id, csrf_hash, created_at, last_used_at, expires_at, \
               remote_addr, user_agent) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    let it = session;
    let inserted = query!(
        tx,
        execute,
        sql,
        &it.id_hash,
        &it.public_id,
        it.user_id,
        &it.csrf_hash,
        it.created_at,
        it.last_used_at,
        it.expires_at,
        &it.remote_addr,
        &it.user_agent
    );
    inserted.map_err(|it| it.about_new("session", "user"))?;
    Ok(())
}

/// `None` for one that has expired.
pub async fn find_by_hash(tx: &mut Tx, id_hash: &str, now: Time) -> Result<Option<Session>, DbError> {
    let sql = "SELECT * FROM sessions WHERE id_hash = $1 AND expires_at > $2";
    query!(tx, fetch_optional, Session, sql, id_hash, now)
}

pub async fn get(tx: &mut Tx, public_id: &str) -> Result<Session, DbError> {
    let found = query!(tx, fetch_one, Session, "SELECT * FROM sessions WHERE public_id = $1", public_id);
    found.map_err(|it| it.about("session"))
}

/// Last used first.
pub async fn list(tx: &mut Tx, user_id: i64) -> Result<Vec<Session>, DbError> {
    let sql = "SELECT * FROM sessions WHERE user_id = $1 ORDER BY last_used_at DESC, public_id";
    query!(tx, fetch_all, Session, sql, user_id)
}

/// Writes only where [`Time::is_stale`].
pub async fn touch(tx: &mut Tx, id_hash: &str, now: Time) -> Result<(), DbError> {
    let sql = "UPDATE sessions SET last_used_at = $2 WHERE id_hash = $1 AND last_used_at <= $3";
    query!(tx, execute, sql, id_hash, now, now.before(crate::time::TOUCH_EVERY))?;
    Ok(())
}

pub async fn delete(tx: &mut Tx, public_id: &str) -> Result<(), DbError> {
    one(query!(tx, execute, "DELETE FROM sessions WHERE public_id = $1", public_id)?, "session")
}

/// Logs a user out everywhere, except in the session `but`.
pub async fn delete_all(tx: &mut Tx, user_id: i64, but: Option<&str>) -> Result<u64, DbError> {
    let sql = "DELETE FROM sessions WHERE user_id = $1 AND public_id <> $2";
    query!(tx, execute, sql, user_id, but.unwrap_or_default())
}

/// Deletes those that have expired.
pub async fn prune(tx: &mut Tx, now: Time) -> Result<u64, DbError> {
    query!(tx, execute, "DELETE FROM sessions WHERE expires_at <= $1", now)
}
