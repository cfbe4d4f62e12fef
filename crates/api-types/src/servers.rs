use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{IntegerRef, TextRef, farms::UserIdentity};

/// One machine of a farm role.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Server {
    /// What is made in the cloud carries it.
    pub id: String,
    pub farm: IntegerRef,
    pub farm_role: IntegerRef,
    /// Among the servers of the farm role, beginning with 1.
    pub index: i64,
    pub cloud_platform: String,
    pub cloud_location: String,
    pub instance_type: TextRef,
    /// `pending_launch`, `pending`, `initializing` (it is on, see `waitingFor`), `running`, `pending_suspend`, `suspended`,
    /// `resuming`, `pending_terminate`, `terminated`.
    pub status: String,
    #[schema(value_type = String, format = DateTime)]
    pub status_since: Timestamp,
    /// What it is brought to: `running`, `suspended` or `terminated`.
    pub wanted: String,
    /// What was asked for and is not done: `rebooting`, `resizing`, `snapshotting`, `adding_disk`, `extending_disk`,
    /// `removing_disk`, `attaching_volume`, `detaching_volume`, `adding_floating_ip`, `removing_floating_ip`.
    pub operations: Vec<Operation>,
    /// The name in the cloud; absent before it was decided.
    pub name: Option<String>,
    pub cloud_server_id: Option<String>,
    /// The cloud's own word.
    pub cloud_status: Option<String>,
    pub public_ip: Vec<String>,
    pub private_ip: Vec<String>,
    /// The address the connection policy chooses.
    pub connection_address: Option<String>,
    /// Why there is none.
    pub no_address_because: Option<String>,
    /// While it is on and is not said to run.
    pub waiting_for: Option<Waiting>,
    /// Why it is not what it should be.
    pub failure: Option<Failure>,
    pub launch_reason: String,
    pub launched_by: UserIdentity,
    #[schema(value_type = String, format = DateTime)]
    pub added: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub launched: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub suspended: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub terminated: Option<Timestamp>,
    /// When it was last seen to be what is told here.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub observed_at: Option<Timestamp>,
    /// How: `read` (the cloud was asked for it), `watch` (its location is watched, and nothing of it changed).
    pub observed_by: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Operation {
    pub name: String,
}

/// What a server that is on waits for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Waiting {
    /// `10.20.0.7:22`; without an address `port 22`. `the customization of its guest` (vSphere). `its turn`, while the cloud
    /// works on as many launches as it takes at once.
    #[serde(rename = "for")]
    pub what: String,
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
    /// When it is told as a failure; it is waited for nevertheless.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub until: Option<Timestamp>,
    /// Of the last try; why there is no address; what the cloud is at.
    pub last_error: String,
}

/// Why a server is not what it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Failure {
    /// In a sentence.
    pub summary: String,
    /// `permanent` (stays until something is changed), `capacity` and `transient` (tried again), `unauthorized` (nothing is done
    /// until the cloud lets the credentials in), `missing`, `failed` (the cloud gave up on the machine), `unreachable`
    /// (it runs, and what is waited for does not answer).
    pub class: String,
    /// What the cloud said, with what to look for in its own logs.
    pub evidence: Vec<String>,
    pub next_steps: Vec<String>,
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
    /// When it is tried again.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub next_try: Option<Timestamp>,
}

/// One more server of a farm role.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LaunchServer {
    pub farm_role: IntegerRef,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TerminateServer {
    /// Accepted as the original has it: without agents there are no shutdown routines to wait for.
    pub force: Option<bool>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RebootServer {
    /// Without asking the guest.
    pub hard: Option<bool>,
}

/// What came to pass with a server.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EventLogEntry {
    pub id: String,
    pub event: TextRef,
    pub message: String,
    /// What to look for in the cloud's own logs: `requestId`, `order`, `cloudServerId`.
    pub evidence: BTreeMap<String, String>,
    pub server: TextRef,
    pub farm: IntegerRef,
    pub farm_role: IntegerRef,
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
}
