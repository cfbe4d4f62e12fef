//! Runs of a validation and what each of their checks said.

use serde_json::Value;

use crate::{
    DbError, Json, Time, Tx,
    query::{one, query},
    word::words,
};

words! {
    pub enum ValidationStatus {
        Running = "running",
        Passed = "passed",
        Warning = "warning",
        Failed = "failed",
    }
}

#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Validation {
    /// A uuid.
    pub id: String,
    /// `None`: of a credential that was not saved.
    pub credential_id: Option<String>,
    pub account_id: Option<i64>,
    pub requested_by: String,
    pub status: ValidationStatus,
    pub started_at: Time,
    pub ended_at: Option<Time>,
    /// A control plane's id; `None`: of a program before schema 2.
    pub run_by: Option<String>,
}

#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct ValidationCheck {
    pub validation_id: String,
    /// Counted from 1 in the order of ending.
    pub seq: i64,
    /// A `cloud::check::Check`.
    pub body: Json<Value>,
}

/// How many runs of a credential [`prune`] leaves.
const KEEP: i64 = 20;
/// No list is longer, however many still run.
const LONGEST_LIST: i64 = 100;
/// How many ended runs of input that was never saved [`prune_drafts`] leaves.
const KEEP_DRAFTS: i64 = 50;

pub async fn insert(tx: &mut Tx, validation: &Validation) -> Result<(), DbError> {
    let sql = "INSERT INTO validations (id, credential_id, account_id, requested_by, status, started_at, ended_at, \
               run_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    let it = validation;
    let inserted = query!(
        tx,
        execute,
        sql,
        &it.id,
        &it.credential_id,
        it.account_id,
        &it.requested_by,
        it.status,
        it.started_at,
        it.ended_at,
        &it.run_by
    );
    inserted.map_err(|it| it.about_new("validation", "cloud credential"))?;
    Ok(())
}

/// Returns the check's `seq`. One task adds the checks of a run.
pub async fn add_check(tx: &mut Tx, validation_id: &str, body: &Value) -> Result<i64, DbError> {
    let sql = "INSERT INTO validation_checks (validation_id, seq, body) \
               VALUES ($1, 1 + (SELECT count(*) FROM validation_checks WHERE validation_id = $1), $2) RETURNING seq";
    let added = query!(tx, fetch_one, (i64,), sql, validation_id, Json(body));
    Ok(added.map_err(|it| it.about_new("check", "validation"))?.0)
}

/// Does nothing to one that has ended: the first end counts.
pub async fn end(tx: &mut Tx, id: &str, status: ValidationStatus, now: Time) -> Result<(), DbError> {
    let sql = "UPDATE validations SET status = $2, ended_at = $3 WHERE id = $1 AND status = 'running'";
    query!(tx, execute, sql, id, status, now)?;
    Ok(())
}

/// Gives a run to the credential that was saved after it.
pub async fn update_credential(tx: &mut Tx, id: &str, credential_id: &str) -> Result<(), DbError> {
    let updated = query!(tx, execute, "UPDATE validations SET credential_id = $2 WHERE id = $1", id, credential_id);
    one(updated.map_err(|it| it.about_new("validation", "cloud credential"))?, "validation")
}

pub async fn get(tx: &mut Tx, id: &str) -> Result<Validation, DbError> {
    let found = query!(tx, fetch_one, Validation, "SELECT * FROM validations WHERE id = $1", id);
    found.map_err(|it| it.about("validation"))
}

/// Newest first, a hundred at most.
pub async fn list_of_credential(tx: &mut Tx, credential_id: &str) -> Result<Vec<Validation>, DbError> {
    let sql = "SELECT * FROM validations WHERE credential_id = $1 ORDER BY started_at DESC, id DESC LIMIT $2";
    query!(tx, fetch_all, Validation, sql, credential_id, LONGEST_LIST)
}

/// Those with a greater `seq`, in order; 0 for all.
pub async fn checks(tx: &mut Tx, validation_id: &str, after_seq: i64) -> Result<Vec<ValidationCheck>, DbError> {
    let sql = "SELECT * FROM validation_checks WHERE validation_id = $1 AND seq > $2 ORDER BY seq";
    query!(tx, fetch_all, ValidationCheck, sql, validation_id, after_seq)
}

/// What still runs and whose control plane is not in [`crate::control_planes`] failed with it. Returns those.
pub async fn abandon_orphans(tx: &mut Tx, now: Time) -> Result<Vec<Validation>, DbError> {
    let sql = "UPDATE validations SET status = 'failed', ended_at = $1 WHERE status = 'running' \
               AND NOT EXISTS (SELECT 1 FROM control_planes c WHERE c.id = validations.run_by) RETURNING *";
    query!(tx, fetch_all, Validation, sql, now)
}

/// Deletes all but the newest 20 of the credential.
pub async fn prune(tx: &mut Tx, credential_id: &str) -> Result<u64, DbError> {
    let sql = "DELETE FROM validations WHERE credential_id = $1 AND status <> 'running' AND id NOT IN ( \
               SELECT id FROM validations WHERE credential_id = $1 ORDER BY started_at DESC, id DESC LIMIT $2)";
    query!(tx, execute, sql, credential_id, KEEP)
}

/// Deletes all but the newest 50 of what the account, or for `None` the installation, checked and did not save.
pub async fn prune_drafts(tx: &mut Tx, account_id: Option<i64>) -> Result<u64, DbError> {
    let sql = "DELETE FROM validations WHERE credential_id IS NULL AND coalesce(account_id, 0) = $1 \
               AND status <> 'running' AND id NOT IN (SELECT id FROM validations WHERE credential_id IS NULL \
               AND coalesce(account_id, 0) = $1 ORDER BY started_at DESC, id DESC LIMIT $2)";
    query!(tx, execute, sql, account_id.unwrap_or_default(), KEEP_DRAFTS)
}

/// Deletes those of credentials that were never saved.
pub async fn prune_unsaved(tx: &mut Tx, older_than: Time) -> Result<u64, DbError> {
    query!(tx, execute, "DELETE FROM validations WHERE credential_id IS NULL AND started_at < $1", older_than)
}

pub async fn count_running(tx: &mut Tx) -> Result<i64, DbError> {
    Ok(query!(tx, fetch_one, (i64,), "SELECT count(*) FROM validations WHERE status = 'running'")?.0)
}
