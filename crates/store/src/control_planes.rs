//! Which control planes run on this database.

use crate::{DbError, Time, Tx, query::query};

/// Says that it lives; the first time also when it started.
pub async fn beat(tx: &mut Tx, id: &str, now: Time) -> Result<(), DbError> {
    let sql = "INSERT INTO control_planes (id, started_at, seen_at) VALUES ($1, $2, $2) \
               ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at";
    query!(tx, execute, sql, id, now)?;
    Ok(())
}

/// Forgets one that stops, or was forgotten already.
pub async fn delete(tx: &mut Tx, id: &str) -> Result<(), DbError> {
    query!(tx, execute, "DELETE FROM control_planes WHERE id = $1", id)?;
    Ok(())
}

/// Forgets those that gave no sign of life since then.
pub async fn prune(tx: &mut Tx, older_than: Time) -> Result<u64, DbError> {
    query!(tx, execute, "DELETE FROM control_planes WHERE seen_at < $1", older_than)
}

/// Forgets all: for the start of one that has the database for itself.
pub async fn delete_all(tx: &mut Tx) -> Result<u64, DbError> {
    query!(tx, execute, "DELETE FROM control_planes")
}
