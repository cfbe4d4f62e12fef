use api_types::audit::AuditVerification;
use store::{
    Select, Tx,
    audit::{self, Bad, Fault, MacKey},
};

use super::offline::Offline;

/// Checks one account (0: Scalr scope), or all of them and those that are gone, whose log stays.
pub async fn verify(offline: &Offline, account_id: Option<i64>) -> anyhow::Result<Vec<AuditVerification>> {
    let mut tx = offline.db.read().await?;
    match account_id {
        Some(id) => Ok(vec![verify_one(&mut tx, &offline.audit_key, id).await?]),
        None => verify_all(&mut tx, &offline.audit_key).await,
    }
}

pub(super) async fn verify_all(tx: &mut Tx, key: &MacKey) -> anyhow::Result<Vec<AuditVerification>> {
    let deleted = Select::new().eq("account_id", 0_i64).eq("action", "accounts.delete");
    let deleted = audit::list(tx, deleted).await?.rows;
    let accounts = store::accounts::list(tx, Select::new()).await?.rows;
    let mut ids = vec![0];
    ids.extend(accounts.into_iter().map(|it| it.id));
    ids.extend(deleted.iter().filter_map(|it| it.object_id.parse::<i64>().ok()));
    ids.sort_unstable();
    ids.dedup();
    let mut verifications = Vec::with_capacity(ids.len());
    for id in ids {
        verifications.push(verify_one(tx, key, id).await?);
    }
    Ok(verifications)
}

async fn verify_one(tx: &mut Tx, key: &MacKey, account_id: i64) -> anyhow::Result<AuditVerification> {
    let audit::Verified { ok, count, first_bad } = audit::verify(tx, key, account_id).await?;
    let problem = first_bad.map(|Bad { what, .. }| match what {
        Fault::Altered => "altered",
        Fault::Missing => "missing",
        Fault::CutOff => "cut-off",
    });
    let first_bad_seq = first_bad.map(|it| it.seq);
    Ok(AuditVerification { account_id, ok, count, first_bad_seq, problem: problem.map(str::to_owned) })
}
