use anyhow::Context;
use api_types::audit::AuditVerification;
use store::{Tx, audit::MacKey};

use super::offline::Offline;
use crate::http::audit;

/// Checks one account (0: Scalr scope), or all of them and those that are gone, whose log stays.
pub async fn verify(offline: &Offline, account_id: Option<i64>) -> anyhow::Result<Vec<AuditVerification>> {
    let mut tx = offline.db.read().await?;
    match account_id {
        Some(id) => Ok(vec![audit::verify(&mut tx, &offline.audit_key, id).await.context("cannot read the log")?]),
        None => verify_all(&mut tx, &offline.audit_key).await,
    }
}

pub(super) async fn verify_all(tx: &mut Tx, key: &MacKey) -> anyhow::Result<Vec<AuditVerification>> {
    audit::verify_every(tx, key).await.context("cannot read the log")
}
