//! Watches of cloud locations: one for each account, credential and location that has servers, in one control plane.

use std::time::Duration;

use crate::{DbError, Time, Tx, query::query};

/// What is watched. Accounts do not share sessions, so they do not share watches.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, sqlx::FromRow)]
pub struct Place {
    pub account_id: i64,
    pub credential_id: String,
    pub location_id: String,
}

/// One that works: nothing of its place changed since `whole_at` without being noticed, and it said so at `alive_at`.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Watch {
    #[sqlx(flatten)]
    pub place: Place,
    pub whole_at: Time,
    pub alive_at: Time,
}

/// All places that have servers.
pub async fn places(tx: &mut Tx) -> Result<Vec<Place>, DbError> {
    let sql = "SELECT DISTINCT environments.account_id, used.credential_id, used.location_id FROM \
               (SELECT DISTINCT credential_id, location_id, environment_id FROM servers \
               WHERE status <> 'terminated') used JOIN environments ON environments.id = used.environment_id";
    query!(tx, fetch_all, Place, sql)
}

/// The environments that have servers there.
pub async fn environments(tx: &mut Tx, place: &Place) -> Result<Vec<i64>, DbError> {
    let sql = "SELECT id FROM environments WHERE account_id = $1 AND id IN (SELECT environment_id FROM servers \
               WHERE credential_id = $2 AND location_id = $3 AND status <> 'terminated') ORDER BY id";
    let found = query!(tx, fetch_all, (i64,), sql, place.account_id, &place.credential_id, &place.location_id)?;
    Ok(found.into_iter().map(|it| it.0).collect())
}

/// True when `holder` has it until `now + lease`: it was free, had expired, or was theirs already. A new watch has not
/// seen anything.
pub async fn try_take(tx: &mut Tx, place: &Place, holder: &str, now: Time, lease: Duration) -> Result<bool, DbError> {
    let sql = "INSERT INTO watches (account_id, credential_id, location_id, holder, lease_until) \
               VALUES ($1, $2, $3, $4, $5) ON CONFLICT (account_id, credential_id, location_id) DO UPDATE SET \
               holder = excluded.holder, lease_until = excluded.lease_until, whole_at = NULL, alive_at = NULL \
               WHERE watches.lease_until <= $6 OR watches.holder = excluded.holder";
    let Place { account_id, credential_id, location_id } = place;
    Ok(query!(tx, execute, sql, account_id, credential_id, location_id, holder, now + lease, now)? == 1)
}

/// It lives as of `at`; `whole_at` is when all was read, where that is new. False when another has it.
pub async fn beat(
    tx: &mut Tx,
    place: &Place,
    holder: &str,
    at: Time,
    lease: Duration,
    whole_at: Option<Time>,
) -> Result<bool, DbError> {
    let sql = "UPDATE watches SET lease_until = $5, alive_at = $6, whole_at = COALESCE(whole_at, $7) \
               WHERE account_id = $1 AND credential_id = $2 AND location_id = $3 AND holder = $4";
    let Place { account_id, credential_id, location_id } = place;
    Ok(query!(tx, execute, sql, account_id, credential_id, location_id, holder, at + lease, at, whole_at)? == 1)
}

/// Does nothing when another has it.
pub async fn release(tx: &mut Tx, place: &Place, holder: &str) -> Result<(), DbError> {
    let sql = "DELETE FROM watches WHERE account_id = $1 AND credential_id = $2 AND location_id = $3 AND holder = $4";
    query!(tx, execute, sql, place.account_id, &place.credential_id, &place.location_id, holder)?;
    Ok(())
}

/// Those of control planes that are gone.
pub async fn free_orphans(tx: &mut Tx) -> Result<u64, DbError> {
    query!(tx, execute, "DELETE FROM watches WHERE holder NOT IN (SELECT id FROM control_planes)")
}

/// Those that work now.
pub async fn list_working(tx: &mut Tx, account_id: i64, now: Time) -> Result<Vec<Watch>, DbError> {
    let sql = "SELECT * FROM watches \
               WHERE account_id = $1 AND whole_at IS NOT NULL AND alive_at IS NOT NULL AND lease_until > $2";
    query!(tx, fetch_all, Watch, sql, account_id, now)
}

/// Whether one works there now.
pub async fn is_working(tx: &mut Tx, place: &Place, now: Time) -> Result<bool, DbError> {
    let sql = "SELECT account_id FROM watches WHERE account_id = $1 AND credential_id = $2 AND location_id = $3 \
               AND whole_at IS NOT NULL AND lease_until > $4";
    let Place { account_id, credential_id, location_id } = place;
    Ok(query!(tx, fetch_optional, (i64,), sql, account_id, credential_id, location_id, now)?.is_some())
}
