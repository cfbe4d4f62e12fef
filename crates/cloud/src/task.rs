//! What a cloud is doing, or did lately, whoever asked for it.

use jiff::Timestamp;

use crate::event::CloudObject;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CloudTask {
    pub id: String,
    /// What is done, in the cloud's own words: `VirtualMachine.powerOff`.
    pub name: String,
    /// On what; it may be gone since.
    pub object: Option<CloudObject>,
    pub state: TaskState,
    /// Per cent, where the cloud tells.
    pub progress: Option<u8>,
    /// Who asked for it; `None` for what the cloud does by itself.
    pub user: Option<String>,
    /// Why it failed.
    pub error: Option<String>,
    pub queued_at: Option<Timestamp>,
    pub started_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    /// What the one who asked called it, for the cloud's logs.
    pub operation_id: Option<String>,
    pub is_cancelable: bool,
    /// Somebody asked for its end.
    pub is_cancelled: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaskState {
    Queued,
    Running,
    Succeeded,
    Failed,
}

impl TaskState {
    pub fn as_str(self) -> &'static str {
        match self {
            TaskState::Queued => "queued",
            TaskState::Running => "running",
            TaskState::Succeeded => "succeeded",
            TaskState::Failed => "failed",
        }
    }
}
