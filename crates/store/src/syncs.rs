//! Runs of a synchronisation of a credential's inventory.

use crate::{DbError, List, Select, Time, Tx, cloud_credentials, query::query, word::words};

words! {
    pub enum SyncStatus {
        Running = "running",
        Succeeded = "succeeded",
        Failed = "failed",
    }
}

#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Sync {
    /// A uuid.
    pub id: String,
    pub credential_id: String,
    /// `periodic`, `probe`, `request`, `link`, `clear-cache`.
    pub trigger: String,
    pub requested_by: String,
    pub status: SyncStatus,
    pub started_at: Time,
    pub ended_at: Option<Time>,
    /// Added, changed and removed.
    pub n_changes: i64,
    pub error: Option<String>,
    /// A control plane's id; `None`: of a program before schema 2.
    pub run_by: Option<String>,
}

pub async fn insert(tx: &mut Tx, sync: &Sync) -> Result<(), DbError> {
    let sql = "INSERT INTO syncs (id, credential_id, trigger, requested_by, status, started_at, ended_at, n_changes, \
               error, run_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    let it = sync;
    let inserted = query!(
        tx,
        execute,
        sql,
        &it.id,
        &it.credential_id,
        &it.trigger,
        &it.requested_by,
        it.status,
        it.started_at,
        it.ended_at,
        it.n_changes,
        &it.error,
        &it.run_by
    );
    inserted.map_err(|it| it.about_new("sync", "cloud credential"))?;
    Ok(())
}

/// Succeeded without an error, else failed. Does nothing to one that has ended.
pub async fn end(tx: &mut Tx, id: &str, now: Time, n_changes: i64, error: Option<&str>) -> Result<(), DbError> {
    let status = if error.is_some() { SyncStatus::Failed } else { SyncStatus::Succeeded };
    let sql = "UPDATE syncs SET status = $2, ended_at = $3, n_changes = $4, error = $5 \
               WHERE id = $1 AND status = 'running'";
    query!(tx, execute, sql, id, status, now, n_changes, error)?;
    Ok(())
}

/// One that began after `since` and has not ended.
pub async fn find_running(tx: &mut Tx, credential_id: &str, since: Time) -> Result<Option<Sync>, DbError> {
    let sql = "SELECT * FROM syncs WHERE credential_id = $1 AND status = 'running' AND started_at > $2 \
               ORDER BY started_at DESC LIMIT 1";
    query!(tx, fetch_optional, Sync, sql, credential_id, since)
}

/// The newest that has ended.
pub async fn find_last(tx: &mut Tx, credential_id: &str) -> Result<Option<Sync>, DbError> {
    let sql = "SELECT * FROM syncs WHERE credential_id = $1 AND ended_at IS NOT NULL \
               ORDER BY started_at DESC, id DESC LIMIT 1";
    query!(tx, fetch_optional, Sync, sql, credential_id)
}

pub async fn get(tx: &mut Tx, id: &str) -> Result<Sync, DbError> {
    query!(tx, fetch_one, Sync, "SELECT * FROM syncs WHERE id = $1", id).map_err(|it| it.about("sync"))
}

pub async fn list(tx: &mut Tx, credential_id: &str, select: Select) -> Result<List<Sync>, DbError> {
    select.eq("credential_id", credential_id).fetch(tx, "syncs", &["id"]).await
}

/// Those of the credentials that [`cloud_credentials::list`] finds.
pub async fn list_visible(tx: &mut Tx, account_id: Option<i64>, select: Select) -> Result<List<Sync>, DbError> {
    let visible = cloud_credentials::list(tx, account_id, Select::new()).await?.rows;
    select.any_of("credential_id", visible.into_iter().map(|it| it.id)).fetch(tx, "syncs", &["id"]).await
}

/// What still runs and whose control plane is not in [`crate::control_planes`] failed with it. Returns those.
pub async fn abandon_orphans(tx: &mut Tx, now: Time) -> Result<Vec<Sync>, DbError> {
    let sql = "UPDATE syncs SET status = 'failed', ended_at = $1, error = 'the control plane stopped' \
               WHERE status = 'running' AND NOT EXISTS (SELECT 1 FROM control_planes c WHERE c.id = syncs.run_by) \
               RETURNING *";
    query!(tx, fetch_all, Sync, sql, now)
}

pub async fn prune(tx: &mut Tx, older_than: Time) -> Result<u64, DbError> {
    query!(tx, execute, "DELETE FROM syncs WHERE started_at < $1 AND status <> 'running'", older_than)
}

pub async fn count_running(tx: &mut Tx) -> Result<i64, DbError> {
    Ok(query!(tx, fetch_one, (i64,), "SELECT count(*) FROM syncs WHERE status = 'running'")?.0)
}
