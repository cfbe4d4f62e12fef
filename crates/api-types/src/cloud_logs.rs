use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A log that a vCenter or one of its hosts keeps of itself.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CloudLog {
    /// Unique among the logs of the vCenter, or of the host.
    pub id: String,
    pub file_name: String,
    /// The part that writes it: `vpxd`, `hostd`, `vpxa`.
    pub creator: String,
    pub label: Option<String>,
    pub summary: Option<String>,
    /// Id of the host whose log it is; absent for the vCenter's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
}

/// Lines of a log, the oldest first: at most 1000, and 1 MiB.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CloudLogLines {
    /// Number of the first of these lines; the log begins with 1.
    pub first_line: u32,
    pub lines: Vec<String>,
    /// `start` of what follows.
    pub next_line: u32,
    /// Nothing followed when it was read.
    pub at_end: bool,
}
