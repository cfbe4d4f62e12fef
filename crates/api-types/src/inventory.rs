use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// A size a server can have: an OpenStack flavor or a vSphere size defined here.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct InstanceType {
    pub id: String,
    pub name: String,
    /// GiB.
    pub memory: f64,
    pub vcpus: i64,
    /// Total of root and ephemeral disk in GiB; absent in vSphere, where the image decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub storage: Option<i64>,
    /// vSphere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cores_per_socket: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub observed_at: Option<Timestamp>,
}

/// A vSphere size, defined at Scalr scope for all vSphere environments.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct VmwareInstanceType {
    #[schema(read_only)]
    pub id: Option<String>,
    pub name: Option<String>,
    /// MiB, a multiple of 4.
    pub memory_mib: Option<i64>,
    pub vcpus: Option<i64>,
    /// Divides `vcpus`. Default 1.
    pub cores_per_socket: Option<i64>,
}

/// Something found in a cloud: an image, a network, a datastore …
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Resource {
    /// The cloud's own id.
    pub id: String,
    pub name: String,
    /// The cloud's own word.
    pub status: Option<String>,
    /// Id of what it is in.
    pub parent: Option<String>,
    pub capacity_bytes: Option<i64>,
    pub free_bytes: Option<i64>,
    /// What only this kind of thing has.
    #[schema(value_type = Object)]
    pub attributes: Map<String, Value>,
    #[schema(value_type = String, format = DateTime)]
    pub observed_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub first_seen_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub changed_at: Timestamp,
}
