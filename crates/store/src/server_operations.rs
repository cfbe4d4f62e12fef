//! What users ask of servers besides their power. Who has the lease of the server brings them about, the oldest first.

use cloud::{operation::Operation, server::Order};
use serde_json::Value;

use crate::{DbError, Json, List, Select, Time, Tx, query::query, word::words};

words! {
    pub enum OperationStatus {
        /// The cloud was not asked for it.
        Pending = "pending",
        /// The cloud was asked, or is about to be.
        Running = "running",
        Done = "done",
        Failed = "failed",
    }
}

#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct ServerOperation {
    /// A UUID; what is made in the cloud carries it.
    pub id: String,
    pub server_id: String,
    pub environment_id: i64,
    /// The tag of `operation`, for filters.
    pub kind: String,
    pub operation: Json<Operation>,
    /// Of a resize: the server's, when it is done.
    pub instance_type_id: Option<String>,
    pub requested_by_id: i64,
    pub requested_by_email: String,
    pub created_at: Time,

    pub status: OperationStatus,
    pub started_at: Option<Time>,
    pub cloud_order: Option<Json<Order>>,
    /// The id in the cloud of what was made.
    pub cloud_result: Option<String>,
    /// As the API tells it: `{summary, class, evidence, nextSteps}`.
    pub failure: Option<Json<Value>>,
    pub ended_at: Option<Time>,
}

/// One that is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewServerOperation {
    pub id: String,
    pub server_id: String,
    pub environment_id: i64,
    pub kind: String,
    pub operation: Operation,
    pub instance_type_id: Option<String>,
    pub requested_by_id: i64,
    pub requested_by_email: String,
}

pub async fn insert(tx: &mut Tx, new: &NewServerOperation, now: Time) -> Result<ServerOperation, DbError> {
    let sql = "INSERT INTO server_operations (id, server_id, environment_id, kind, operation, instance_type_id, \
               requested_by_id, requested_by_email, created_at, status) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING *";
    let it = new;
    let inserted = query!(
        tx,
        fetch_one,
        ServerOperation,
        sql,
        &it.id,
        &it.server_id,
        it.environment_id,
        &it.kind,
        Json(&it.operation),
        &it.instance_type_id,
        it.requested_by_id,
        &it.requested_by_email,
        now,
        OperationStatus::Pending
    );
    inserted.map_err(|it| it.about_new("operation", "server"))
}

pub async fn find(tx: &mut Tx, id: &str) -> Result<Option<ServerOperation>, DbError> {
    query!(tx, fetch_optional, ServerOperation, "SELECT * FROM server_operations WHERE id = $1", id)
}

/// Of all servers; narrow it with `eq("server_id", …)`.
pub async fn list(tx: &mut Tx, select: Select) -> Result<List<ServerOperation>, DbError> {
    select.fetch(tx, "server_operations", &["id"]).await
}

/// The oldest first: the order in which they are done.
pub async fn unfinished_of_server(tx: &mut Tx, server_id: &str) -> Result<Vec<ServerOperation>, DbError> {
    let sql = "SELECT * FROM server_operations WHERE server_id = $1 AND ended_at IS NULL ORDER BY created_at, id";
    query!(tx, fetch_all, ServerOperation, sql, server_id)
}

/// Each with its server, the oldest first.
pub async fn unfinished_of_environment(
    tx: &mut Tx,
    environment_id: i64,
) -> Result<Vec<(String, Json<Operation>)>, DbError> {
    let sql = "SELECT server_id, operation FROM server_operations WHERE environment_id = $1 AND ended_at IS NULL \
               ORDER BY created_at, id";
    query!(tx, fetch_all, (String, Json<Operation>), sql, environment_id)
}

/// When the last of a server that ended did.
pub async fn last_end(tx: &mut Tx, server_id: &str) -> Result<Option<Time>, DbError> {
    let sql = "SELECT max(ended_at) FROM server_operations WHERE server_id = $1";
    Ok(query!(tx, fetch_one, (Option<Time>,), sql, server_id)?.0)
}

/// Writes how far it is. False, and nothing written, when it ended before.
pub async fn record(tx: &mut Tx, operation: &ServerOperation) -> Result<bool, DbError> {
    let sql = "UPDATE server_operations SET status = $2, started_at = $3, cloud_order = $4, cloud_result = $5, \
               failure = $6, ended_at = $7 WHERE id = $1 AND ended_at IS NULL";
    let it = operation;
    let n_rows = query!(
        tx,
        execute,
        sql,
        &it.id,
        it.status,
        it.started_at,
        &it.cloud_order,
        &it.cloud_result,
        &it.failure,
        it.ended_at
    )?;
    Ok(n_rows == 1)
}
