use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::cloud_events::CloudObject;

/// What a vCenter does, or did in the last minutes, whoever asked for it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CloudTask {
    pub id: String,
    /// The vCenter's own words: `VirtualMachine.powerOff`.
    pub name: String,
    /// On what; it may be gone since.
    pub object: Option<CloudObject>,
    /// `queued`, `running`, `succeeded`, `failed`.
    pub state: String,
    /// Per cent, where the vCenter tells.
    pub progress: Option<u8>,
    /// Absent for what the vCenter does by itself.
    pub user: Option<String>,
    /// Why it failed.
    pub error: Option<String>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub queued_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub started_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended_at: Option<Timestamp>,
    /// What the one who asked called it (`activationId`).
    pub operation_id: Option<String>,
    pub cancelable: bool,
    /// Somebody asked for its end.
    pub cancelled: bool,
}
