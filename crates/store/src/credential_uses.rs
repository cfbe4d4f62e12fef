//! What each credential was used for, and by whom.

use crate::{DbError, Time, Tx, query::query};

#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct CredentialUse {
    pub credential_id: String,
    /// `validation`, `inventory`, `instance-types`.
    pub purpose: String,
    /// A person or a job.
    pub requester: String,
    pub count: i64,
    pub last_at: Time,
}

pub async fn count_up(
    tx: &mut Tx,
    credential_id: &str,
    purpose: &str,
    requester: &str,
    now: Time,
) -> Result<(), DbError> {
    let sql = "INSERT INTO credential_uses (credential_id, purpose, requester, count, last_at) \
               VALUES ($1, $2, $3, 1, $4) ON CONFLICT (credential_id, purpose, requester) DO UPDATE \
               SET count = credential_uses.count + 1, last_at = excluded.last_at";
    let counted = query!(tx, execute, sql, credential_id, purpose, requester, now);
    counted.map_err(|it| it.about_new("use", "cloud credential"))?;
    Ok(())
}

/// Last used first.
pub async fn list(tx: &mut Tx, credential_id: &str) -> Result<Vec<CredentialUse>, DbError> {
    let sql = "SELECT * FROM credential_uses WHERE credential_id = $1 ORDER BY last_at DESC, purpose, requester";
    query!(tx, fetch_all, CredentialUse, sql, credential_id)
}
