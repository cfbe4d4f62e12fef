//! What the installation remembers about itself. Never a secret.

use crate::{DbError, Tx, query::query};

pub async fn find(tx: &mut Tx, name: &str) -> Result<Option<String>, DbError> {
    let row = query!(tx, fetch_optional, (String,), "SELECT value FROM settings WHERE name = $1", name)?;
    Ok(row.map(|(value,)| value))
}

pub async fn put(tx: &mut Tx, name: &str, value: &str) -> Result<(), DbError> {
    let sql = "INSERT INTO settings (name, value) VALUES ($1, $2) \
               ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    query!(tx, execute, sql, name, value)?;
    Ok(())
}

/// The value that is there afterwards: this one, or the one that was there before.
pub async fn insert_if_absent(tx: &mut Tx, name: &str, value: &str) -> Result<String, DbError> {
    // On PostgreSQL the update waits for another who inserts the same name, and then sees theirs.
    let sql = "INSERT INTO settings (name, value) VALUES ($1, $2) \
               ON CONFLICT (name) DO UPDATE SET value = settings.value RETURNING value";
    let (value,) = query!(tx, fetch_one, (String,), sql, name, value)?;
    Ok(value)
}
