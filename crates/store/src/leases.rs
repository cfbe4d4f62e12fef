//! Who of several control planes does a periodic job.

use std::time::Duration;

use crate::{DbError, Time, Tx, query::query};

/// True when `holder` has it until `now + ttl`: it was free, had expired, or was theirs already.
pub async fn try_take(tx: &mut Tx, name: &str, holder: &str, now: Time, ttl: Duration) -> Result<bool, DbError> {
    let sql = "INSERT INTO leases (name, holder, expires_at) VALUES ($1, $2, $3) \
               ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at \
               WHERE leases.expires_at <= $4 OR leases.holder = excluded.holder";
    Ok(query!(tx, execute, sql, name, holder, now + ttl, now)? == 1)
}

/// Does nothing when another has it.
pub async fn release(tx: &mut Tx, name: &str, holder: &str) -> Result<(), DbError> {
    query!(tx, execute, "DELETE FROM leases WHERE name = $1 AND holder = $2", name, holder)?;
    Ok(())
}
