//! Security groups of an environment (OpenStack), which belong to no network.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{farms::UserIdentity, networks::NetworkRule, servers::Failure, volumes::VolumeServer};

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SecurityGroup {
    /// What is made in the cloud carries it.
    pub id: String,
    /// Unique among the security groups of the environment.
    pub name: String,
    pub cloud_platform: String,
    pub cloud_location: String,
    /// What it lets in. It lets everything out.
    pub rules: Vec<NetworkRule>,
    /// `creating`, `ready`, `updating`, `failed`, `deleting`, `deleted`.
    pub status: String,
    #[schema(value_type = String, format = DateTime)]
    pub status_since: Timestamp,
    /// By which farm roles name it.
    pub cloud_security_group_id: Option<String>,
    /// The servers that had it when it was last looked at.
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
pub struct NewSecurityGroup {
    /// 1 to 255 characters.
    pub name: String,
    /// `openstack`, which is the default.
    pub cloud_platform: Option<String>,
    pub cloud_location: String,
    /// 100 at most. Without, nobody may send anything.
    pub rules: Option<Vec<NetworkRule>>,
}

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ChangeSecurityGroup {
    /// All of them.
    pub rules: Option<Vec<NetworkRule>>,
}
