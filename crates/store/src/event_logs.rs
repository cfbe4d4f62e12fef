//! What came to pass with servers.

use std::collections::BTreeMap;

use crate::{DbError, Json, List, Select, Time, Tx, query::query};

#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct EventLog {
    pub id: String,
    pub environment_id: i64,
    pub farm_id: i64,
    pub farm_role_id: i64,
    pub server_id: String,
    /// `HostUp`, `IPAddressChanged`.
    pub event: String,
    pub message: String,
    /// What to look for in the cloud's own logs: `requestId`, `task`, `opId`, `cloudServerId`.
    pub evidence: Json<BTreeMap<String, String>>,
    pub at: Time,
}

pub async fn insert(tx: &mut Tx, new: &EventLog) -> Result<(), DbError> {
    let sql = "INSERT INTO event_logs (id, environment_id, farm_id, farm_role_id, server_id, event, message, evidence, \
               at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    let it = new;
    query!(
        tx,
        execute,
        sql,
        &it.id,
        it.environment_id,
        it.farm_id,
        it.farm_role_id,
        &it.server_id,
        &it.event,
        &it.message,
        &it.evidence,
        it.at
    )?;
    Ok(())
}

pub async fn find(tx: &mut Tx, id: &str) -> Result<Option<EventLog>, DbError> {
    query!(tx, fetch_optional, EventLog, "SELECT * FROM event_logs WHERE id = $1", id)
}

/// Of all environments; narrow it with `eq("environment_id", …)`.
pub async fn list(tx: &mut Tx, select: Select) -> Result<List<EventLog>, DbError> {
    select.fetch(tx, "event_logs", &["at", "id"]).await
}

/// How often this came to pass with servers of a farm since then.
pub async fn count(tx: &mut Tx, farm_id: i64, event: &str, since: Time) -> Result<i64, DbError> {
    let sql = "SELECT count(*) FROM event_logs WHERE farm_id = $1 AND event = $2 AND at >= $3";
    Ok(query!(tx, fetch_one, (i64,), sql, farm_id, event, since)?.0)
}

pub async fn prune(tx: &mut Tx, older_than: Time) -> Result<u64, DbError> {
    query!(tx, execute, "DELETE FROM event_logs WHERE at < $1", older_than)
}
