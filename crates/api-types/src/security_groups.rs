//! Security groups of an environment (OpenStack), which belong to no network.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    assets::{AssetCommon, AssetServer},
    networks::NetworkRule,
};

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SecurityGroup {
    #[serde(flatten)]
    #[schema(inline)]
    pub common: AssetCommon,
    /// What it lets in. It lets everything out.
    pub rules: Vec<NetworkRule>,
    /// By which farm roles name it.
    pub cloud_security_group_id: Option<String>,
    /// The servers that had it when it was last looked at.
    pub used_by: Vec<AssetServer>,
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
