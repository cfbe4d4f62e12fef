//! Floating IPs of an environment (OpenStack), which belong to no server.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{TextRef, farms::UserIdentity, servers::Failure, volumes::VolumeServer};

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FloatingIp {
    /// What is made in the cloud carries it.
    pub id: String,
    /// Unique among the floating IPs of the environment.
    pub name: String,
    pub cloud_platform: String,
    pub cloud_location: String,
    /// The external network that it is of.
    pub pool: TextRef,
    /// The cloud's choice.
    pub address: Option<String>,
    /// `creating`, `ready`, `failed`, `deleting`, `deleted`.
    pub status: String,
    #[schema(value_type = String, format = DateTime)]
    pub status_since: Timestamp,
    /// What operations on servers name it by.
    pub cloud_floating_ip_id: Option<String>,
    /// The cloud's own word (`ACTIVE`, `DOWN`).
    pub cloud_status: Option<String>,
    /// The server it led to when it was last looked at.
    pub used_by: Vec<VolumeServer>,
    /// Why it is not what it should be.
    pub failure: Option<Failure>,
    pub created_by: UserIdentity,
    #[schema(value_type = String, format = DateTime)]
    pub added: Timestamp,
    /// When the cloud last told what it is.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub observed_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub deleted: Option<Timestamp>,
}

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewFloatingIp {
    /// 1 to 255 characters.
    pub name: String,
    /// `openstack`, which is the default.
    pub cloud_platform: Option<String>,
    pub cloud_location: String,
    /// One of the location's `networks` whose attribute `external` is true, by id.
    pub pool: TextRef,
}
