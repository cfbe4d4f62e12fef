//! Volumes of an environment (OpenStack): kept whatever becomes of the servers that use them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    TextRef,
    assets::{AssetCommon, AssetServer},
};

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Volume {
    #[serde(flatten)]
    #[schema(inline)]
    pub common: AssetCommon,
    /// What it is to be.
    pub size_gib: u32,
    /// The cloud's default, without.
    pub volume_type: Option<TextRef>,
    pub availability_zone: Option<TextRef>,
    /// The id of the volume in its cloud; absent before the cloud told it.
    pub cloud_volume_id: Option<String>,
    /// The cloud's own word: `available`, `in-use`, ….
    pub cloud_status: Option<String>,
    /// The servers that had it when it was last looked at.
    pub attached_to: Vec<AssetServer>,
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
