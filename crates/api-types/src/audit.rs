use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// Who did what.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditEntry {
    /// Counts from 1 without gaps in each account.
    pub seq: i64,
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// `user`, `api-key`, `token` or `system`.
    pub actor_kind: String,
    pub actor_id: String,
    pub actor_name: String,
    pub remote_address: String,
    /// Such as `cloud-credentials.create`.
    pub action: String,
    pub object_type: String,
    pub object_id: String,
    pub object_name: String,
    pub environment_id: Option<i64>,
    /// Without secrets.
    #[schema(value_type = Option<Object>)]
    pub before: Option<Value>,
    #[schema(value_type = Option<Object>)]
    pub after: Option<Value>,
    pub request_id: String,
}

/// Whether the chain of audit rows is whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditVerification {
    /// 0: Scalr scope.
    pub account_id: i64,
    pub ok: bool,
    /// Rows looked at.
    pub count: i64,
    /// The first row that is not as it was written.
    pub first_bad_seq: Option<i64>,
    /// `altered`, `missing` or `cut-off`.
    pub problem: Option<String>,
}
