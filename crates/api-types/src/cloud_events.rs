use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a vCenter says came to pass, the newest first.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CloudEvents {
    pub events: Vec<CloudEvent>,
    /// What to ask with for those before; absent where there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<CloudEventsNext>,
}

/// Parameters of the next page, beside those of this one.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CloudEventsNext {
    #[schema(value_type = String, format = DateTime)]
    pub until: Timestamp,
    pub before: i64,
}

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CloudEvent {
    /// Rises with time.
    pub id: i64,
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// The vCenter's own word: `VmPoweredOnEvent`.
    pub event: String,
    pub message: String,
    /// Absent for what the vCenter did by itself.
    pub user: Option<String>,
    /// `info`, `warning`, `error` or `user`, where the vCenter tells.
    pub severity: Option<String>,
    /// What it is about, the nearest first: a machine, its host, its cluster, its datacenter.
    pub objects: Vec<CloudObject>,
}

/// A thing of a vCenter as it was called then; it may be gone since.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CloudObject {
    /// `VirtualMachine`, `HostSystem`, `Datastore`.
    #[serde(rename = "type")]
    pub kind: String,
    pub id: String,
    pub name: String,
}
