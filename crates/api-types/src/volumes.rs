//! Volumes of an environment (OpenStack): kept whatever becomes of the servers that use them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{TextRef, farms::UserIdentity, servers::Failure};

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Volume {
    /// What is made in the cloud carries it.
    pub id: String,
    /// Unique among the volumes of the environment.
    pub name: String,
    pub cloud_platform: String,
    pub cloud_location: String,
    /// What it is to be.
    pub size_gib: u32,
    /// The cloud's default, without.
    pub volume_type: Option<TextRef>,
    pub availability_zone: Option<TextRef>,
    /// `creating`, `ready`, `updating` (it is made larger), `failed`, `deleting`, `deleted`.
    pub status: String,
    #[schema(value_type = String, format = DateTime)]
    pub status_since: Timestamp,
    /// The id of the volume in its cloud; absent before the cloud told it.
    pub cloud_volume_id: Option<String>,
    /// The cloud's own word: `available`, `in-use`, ….
    pub cloud_status: Option<String>,
    /// The servers that had it when it was last looked at.
    pub attached_to: Vec<VolumeServer>,
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

/// A server that has a volume.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct VolumeServer {
    pub cloud_server_id: String,
    /// Absent where it is no server of this environment.
    pub server: Option<TextRef>,
    pub name: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewVolume {
    /// 1 to 255 characters.
    pub name: String,
    /// `openstack`, which is the default.
    pub cloud_platform: Option<String>,
    pub cloud_location: String,
    /// 1 to 16384.
    pub size_gib: u32,
    /// One of the location's `volume-types`, by id or name.
    pub volume_type: Option<TextRef>,
    /// One of the location's `availability-zones`.
    pub availability_zone: Option<TextRef>,
}

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ChangeVolume {
    /// Never less than it is; 16384 at most.
    pub size_gib: Option<u32>,
}
