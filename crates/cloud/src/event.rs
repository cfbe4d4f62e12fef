//! What a cloud says came to pass in it.

use jiff::Timestamp;

/// One entry of the cloud's own history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CloudEvent {
    /// Rises with time.
    pub key: i64,
    pub at: Timestamp,
    /// The cloud's own word: `VmPoweredOnEvent`.
    pub kind: String,
    /// In the cloud's own sentence.
    pub message: String,
    /// `None` for what the cloud did by itself.
    pub user: Option<String>,
    /// `info`, `warning`, `error` or `user`, where the cloud tells.
    pub severity: Option<String>,
    /// What it is about, the nearest first: a machine, its host, its cluster.
    pub objects: Vec<CloudObject>,
}

/// A thing of the cloud as it was called then; it may be gone since.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CloudObject {
    /// `VirtualMachine`, `HostSystem`.
    pub kind: String,
    pub id: String,
    pub name: String,
}

/// Which events, the newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventQuery {
    /// Of this machine alone; `None`: of the whole location.
    pub machine: Option<String>,
    /// At this time or later.
    pub since: Option<Timestamp>,
    /// At this time or earlier.
    pub until: Option<Timestamp>,
    /// Of those, the ones before the event with this key.
    pub before: Option<i64>,
    /// At most so many.
    pub n_events: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventPage {
    pub events: Vec<CloudEvent>,
    /// `until` and `before` of what follows; `None` where nothing does.
    pub next: Option<(Timestamp, i64)>,
}
