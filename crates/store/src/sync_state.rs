//! How fresh each list of the inventory is.

use cloud::inventory::Hidden;

use crate::{DbError, Time, Tx, query::query};

#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct SyncState {
    pub credential_id: String,
    pub location_id: String,
    /// A noun of the inventory, `machines` or `instance-types`.
    pub noun: String,
    /// When it was last read to its end; `None`: never.
    pub observed_at: Option<Time>,
    /// How: `poll`, `updates`, `manual`.
    pub source: String,
    pub hidden_count: i64,
    /// What proves that some are hidden.
    pub hidden_evidence: Option<String>,
    /// Why the last try failed; `None` when it did not.
    pub error: Option<String>,
    pub error_at: Option<Time>,
    pub n_items: i64,
}

/// Which list.
#[derive(Debug, Clone, Copy)]
pub struct Of<'a> {
    pub credential_id: &'a str,
    pub location_id: &'a str,
    pub noun: &'a str,
}

/// Read to its end.
pub async fn put_success(
    tx: &mut Tx,
    of: Of<'_>,
    observed_at: Time,
    source: &str,
    n_items: i64,
    hidden: Option<&Hidden>,
) -> Result<(), DbError> {
    let sql = "INSERT INTO sync_state (credential_id, location_id, noun, observed_at, source, hidden_count, \
               hidden_evidence, n_items) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
               ON CONFLICT (credential_id, location_id, noun) DO UPDATE SET observed_at = excluded.observed_at, \
               source = excluded.source, hidden_count = excluded.hidden_count, \
               hidden_evidence = excluded.hidden_evidence, error = NULL, error_at = NULL, n_items = excluded.n_items";
    let hidden_count = hidden.map_or(0, |it| i64::try_from(it.count).unwrap_or(i64::MAX));
    let evidence = hidden.map(|it| it.evidence.as_str());
    let put = query!(
        tx,
        execute,
        sql,
        of.credential_id,
        of.location_id,
        of.noun,
        observed_at,
        source,
        hidden_count,
        evidence,
        n_items
    );
    put.map_err(|it| it.about_new("state", "cloud credential"))?;
    Ok(())
}

/// What was read before stays, and when.
pub async fn put_failure(tx: &mut Tx, of: Of<'_>, now: Time, source: &str, error: &str) -> Result<(), DbError> {
    let sql = "INSERT INTO sync_state (credential_id, location_id, noun, source, hidden_count, error, error_at, \
               n_items) VALUES ($1, $2, $3, $4, 0, $5, $6, 0) \
               ON CONFLICT (credential_id, location_id, noun) DO UPDATE SET error = excluded.error, \
               error_at = excluded.error_at";
    let put = query!(tx, execute, sql, of.credential_id, of.location_id, of.noun, source, error, now);
    put.map_err(|it| it.about_new("state", "cloud credential"))?;
    Ok(())
}

/// `None`: never tried.
pub async fn find(tx: &mut Tx, of: Of<'_>) -> Result<Option<SyncState>, DbError> {
    let sql = "SELECT * FROM sync_state WHERE credential_id = $1 AND location_id = $2 AND noun = $3";
    query!(tx, fetch_optional, SyncState, sql, of.credential_id, of.location_id, of.noun)
}

/// By location and noun.
pub async fn list(tx: &mut Tx, credential_id: &str) -> Result<Vec<SyncState>, DbError> {
    let sql = "SELECT * FROM sync_state WHERE credential_id = $1 ORDER BY location_id, noun";
    query!(tx, fetch_all, SyncState, sql, credential_id)
}

/// Of all credentials, for metrics.
pub async fn list_all(tx: &mut Tx) -> Result<Vec<SyncState>, DbError> {
    query!(tx, fetch_all, SyncState, "SELECT * FROM sync_state ORDER BY credential_id, location_id, noun")
}
