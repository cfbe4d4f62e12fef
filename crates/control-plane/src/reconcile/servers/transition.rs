//! Each change of a server's status is in the audit log, so that who reads there what users asked for finds what came of it.

use std::collections::BTreeMap;

use serde_json::json;
use store::{Time, Tx, audit};

use super::Look;

impl Look<'_> {
    /// What the cloud told with what came to pass since the last write: `requestId`, `order`, `cloudServerId`, `cloud`.
    pub(super) fn evidence(&self) -> BTreeMap<String, String> {
        self.log.iter().flat_map(|(_, _, evidence)| evidence.clone()).collect()
    }

    /// In the transaction that writes the status, as its last statement: entries of an account wait for each other.
    pub(super) async fn audit_transition(
        &self,
        tx: &mut Tx,
        evidence: BTreeMap<String, String>,
    ) -> Result<(), store::DbError> {
        let (before, after) = (&self.server.seen, &self.seen);
        if before.status == after.status {
            return Ok(());
        }
        let failure = after.failure.as_ref().map(|it| it["summary"].clone());
        let entry = audit::NewEntry {
            account_id: self.account_id,
            at: Time::now(),
            actor_kind: "system".to_owned(),
            actor_id: self.app.id.clone(),
            actor_name: "control plane".to_owned(),
            remote_addr: String::new(),
            action: "servers.transition".to_owned(),
            object_type: "servers".to_owned(),
            object_id: self.server.id.clone(),
            object_name: after.spec.as_ref().map(|it| it.name.clone()).unwrap_or_default(),
            before: Some(json!({ "status": before.status.as_str() })),
            after: Some(json!({
                "status": after.status.as_str(),
                "wanted": self.server.wanted.as_str(),
                "cloudServerId": after.cloud_id,
                "cloudStatus": after.cloud_status,
                "failure": failure,
                "evidence": evidence,
            })),
            request_id: String::new(),
            environment_id: Some(self.server.environment_id),
        };
        audit::record(tx, &self.app.audit_key, &entry).await?;
        Ok(())
    }
}
