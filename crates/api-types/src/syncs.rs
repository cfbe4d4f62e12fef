use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One reading of a cloud into the inventory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Sync {
    pub id: String,
    pub cloud_credentials_id: String,
    /// `periodic`, `probe` (of a suspended link), `request`, `link` or `clear-cache`.
    pub trigger: String,
    pub requested_by: String,
    /// `running`, `succeeded` or `failed`.
    pub status: String,
    #[schema(value_type = String, format = DateTime)]
    pub started_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended_at: Option<Timestamp>,
    /// Rows added, changed and removed.
    pub n_changes: i64,
    pub error: Option<String>,
}
