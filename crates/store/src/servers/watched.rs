//! Servers as a watch of their location sees them.

use std::time::Duration;

use cloud::address::Address;

use super::ServerStatus;
use crate::{DbError, Json, Time, Tx, query::query, watches::Place, word::words};

words! {
    /// How it is known what a server is.
    pub enum ObservedBy {
        /// Its cloud was asked for it.
        Read = "read",
        /// A watch of its location would have told a difference.
        Watch = "watch",
    }
}

/// Who is to be looked at within this time may have a reason that is not in the row.
const SOON: Duration = Duration::from_secs(60);

/// What a watch compares of a server that is not terminated.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct Brief {
    pub id: String,
    #[sqlx(flatten)]
    pub place: Place,
    pub status: ServerStatus,
    pub cloud_id: Option<String>,
    pub cloud_status: Option<String>,
    pub addresses: Json<Vec<Address>>,
    /// It is as wanted, and nothing is in doubt.
    pub is_settled: bool,
}

/// As wanted, and nothing in doubt.
const SETTLED: &str = "servers.status <> 'terminated' AND servers.wanted = servers.status \
                       AND servers.failure IS NULL AND servers.odd_since IS NULL AND servers.reboot IS NULL";

fn briefs(condition: &str) -> String {
    format!(
        "SELECT servers.id, environments.account_id, servers.credential_id, servers.location_id, servers.status, \
         servers.cloud_id, servers.cloud_status, servers.addresses, ({SETTLED}) AS is_settled \
         FROM servers JOIN environments ON environments.id = servers.environment_id \
         WHERE servers.status <> 'terminated' AND {condition}"
    )
}

/// All of a place.
pub async fn list_briefs(tx: &mut Tx, place: &Place) -> Result<Vec<Brief>, DbError> {
    let condition = "servers.credential_id = $1 AND servers.location_id = $2 AND environments.account_id = $3";
    let sql = sqlx::AssertSqlSafe(briefs(condition));
    query!(tx, fetch_all, Brief, sql, &place.credential_id, &place.location_id, place.account_id)
}

/// The one of this id.
pub async fn find_brief(tx: &mut Tx, id: &str) -> Result<Option<Brief>, DbError> {
    let sql = sqlx::AssertSqlSafe(briefs("servers.id = $1"));
    query!(tx, fetch_optional, Brief, sql, id)
}

/// Those that are this machine of some cloud: two clouds may use the same id.
pub async fn briefs_of_machine(tx: &mut Tx, cloud_id: &str) -> Result<Vec<Brief>, DbError> {
    let sql = sqlx::AssertSqlSafe(briefs("servers.cloud_id = $1"));
    query!(tx, fetch_all, Brief, sql, cloud_id)
}

/// Looked at by `at`, if not before. Unlike after [`super::look_now`], what a look that is under way does stays valid.
pub async fn look_by(tx: &mut Tx, id: &str, at: Time) -> Result<(), DbError> {
    query!(tx, execute, "UPDATE servers SET look_at = $2 WHERE id = $1 AND look_at > $2", id, at)?;
    Ok(())
}

/// A watch read the whole of a place from `began` on: each settled server that nobody is about to look at was then as its
/// row says, and is not looked at for `next`, a bit more for each so that not all are looked at together. Returns how
/// many. Those that differ have to be due before.
pub async fn confirm(
    tx: &mut Tx,
    place: &Place,
    began: Time,
    now: Time,
    next: Duration,
    spread: Duration,
) -> Result<u64, DbError> {
    let sql = sqlx::AssertSqlSafe(format!(
        "UPDATE servers SET observed_at = $4, observed_by = 'watch', look_at = $7 + created_at % $8 \
         WHERE credential_id = $1 AND location_id = $2 \
         AND environment_id IN (SELECT id FROM environments WHERE account_id = $3) AND {SETTLED} \
         AND observed_at <= $4 AND look_at > $6 AND (lease_until IS NULL OR lease_until <= $5)"
    ));
    let soon = now + SOON;
    let Place { account_id, credential_id, location_id } = place;
    let spread = i64::try_from(spread.as_micros()).unwrap_or(i64::MAX).max(1);
    query!(tx, execute, sql, credential_id, location_id, account_id, began, now, soon, now + next, spread)
}

/// A place is not watched any more: its settled servers are looked at within `spread`.
pub async fn look_within(tx: &mut Tx, place: &Place, now: Time, spread: Duration) -> Result<u64, DbError> {
    let sql = sqlx::AssertSqlSafe(format!(
        "UPDATE servers SET look_at = $4 + created_at % $6 WHERE credential_id = $1 AND location_id = $2 \
         AND environment_id IN (SELECT id FROM environments WHERE account_id = $3) AND {SETTLED} AND look_at > $5"
    ));
    let Place { account_id, credential_id, location_id } = place;
    let micros = i64::try_from(spread.as_micros()).unwrap_or(i64::MAX).max(1);
    query!(tx, execute, sql, credential_id, location_id, account_id, now, now + spread, micros)
}
