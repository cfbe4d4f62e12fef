//! Floating IPs of an environment (OpenStack), which belong to no server.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    TextRef,
    assets::{AssetCommon, AssetServer},
};

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FloatingIp {
    #[serde(flatten)]
    #[schema(inline)]
    pub common: AssetCommon,
    /// The external network that it is of.
    pub pool: TextRef,
    /// The cloud's choice.
    pub address: Option<String>,
    /// What operations on servers name it by.
    pub cloud_floating_ip_id: Option<String>,
    /// The cloud's own word (`ACTIVE`, `DOWN`).
    pub cloud_status: Option<String>,
    /// The server it led to when it was last looked at.
    pub used_by: Vec<AssetServer>,
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
