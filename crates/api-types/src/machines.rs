use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// A machine found in a cloud, managed by us or not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Machine {
    /// The cloud's own id.
    pub id: String,
    /// What follows the machine when it moves.
    pub instance_uuid: Option<String>,
    /// Others of the same credentials that have the same instance UUID (vSphere): a conflict, since nobody knows which one
    /// it stands for. Each is taken for a machine of its own.
    pub duplicates: Vec<DuplicateMachine>,
    pub name: String,
    /// `on`, `off`, `suspended` or `unknown`.
    pub power_state: String,
    /// The cloud's own word.
    pub status: String,
    pub vcpus: Option<i64>,
    pub memory_mib: Option<i64>,
    pub instance_type: Option<String>,
    pub addresses: Vec<Address>,
    /// The address the connection policy chooses.
    pub connection_address: Option<String>,
    /// Why there is none.
    pub no_address_because: Option<String>,
    /// Availability zone (OpenStack) or host (vSphere).
    pub runs_on: Option<String>,
    #[schema(value_type = Object)]
    pub attributes: Map<String, Value>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub created_at: Option<Timestamp>,
    #[schema(value_type = String, format = DateTime)]
    pub observed_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub first_seen_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub changed_at: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DuplicateMachine {
    pub cloud_location: String,
    pub id: String,
    pub name: String,
    /// One that has moved may be seen at its old place until that is read again.
    #[schema(value_type = String, format = DateTime)]
    pub observed_at: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Address {
    pub ip: String,
    /// `floating`, `fixed` or `guest`.
    pub origin: String,
    pub network: Option<String>,
    /// `public`, `local` or `unusable`.
    pub scope: String,
}

/// How the address of a machine is chosen, and whether it answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AddressExplanation {
    pub policy: String,
    /// Where the policy comes from: a flag, a variable, a file with its line, the default.
    pub policy_source: String,
    pub addresses: Vec<Address>,
    pub connection_address: Option<String>,
    pub no_address_because: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probe: Option<Probe>,
}

/// The outcome of a TCP connection to a machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Probe {
    pub port: u16,
    /// `connected`, `refused`, `timeout` or `no-route`.
    pub outcome: String,
    pub detail: String,
    pub remedy: Option<String>,
    pub elapsed_ms: u64,
}

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ProbeRequest {
    /// Default 22.
    pub port: Option<u16>,
}
