use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Scope, TextRef};

/// An image or template of a cloud, registered to be launched from.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Image {
    /// A uuid.
    #[schema(read_only)]
    pub id: Option<String>,
    /// May be left out in an environment, where it is the cloud's.
    pub name: Option<String>,
    pub cloud_platform: Option<String>,
    /// Region or datacenter.
    pub cloud_location: Option<String>,
    /// As the list of cloud images shows it.
    pub cloud_image_id: Option<String>,
    /// `x86_64`, `i386` or `aarch64`.
    pub architecture: Option<String>,
    pub os: Option<TextRef>,
    /// GiB. May be left out in an environment, where it is the cloud's.
    pub size: Option<i64>,
    #[schema(read_only)]
    pub scope: Option<Scope>,
    /// `active`.
    #[schema(read_only)]
    pub status: Option<String>,
    /// `Manual`: somebody registered it.
    #[schema(read_only)]
    pub source: Option<String>,
    pub cloud_init_installed: Option<bool>,
    pub scalr_agent_installed: Option<bool>,
    pub deprecated: Option<bool>,
    #[schema(read_only, value_type = Option<String>, format = DateTime)]
    pub added: Option<Timestamp>,
    /// When a server was last launched from it.
    #[schema(read_only, value_type = Option<String>, format = DateTime)]
    pub last_used: Option<Timestamp>,
    pub cloud_features: Option<ImageCloudFeatures>,
}

/// What only images of some cloud have.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ImageCloudFeatures {
    /// `OpenstackImageCloudFeatures` or `VmwareImageCloudFeatures`, as the platform is.
    #[serde(rename = "type")]
    pub kind: String,
    /// OpenStack: `image`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_type: Option<String>,
    /// vSphere: the vCenter that has the template. Read-only in an environment.
    #[serde(default, rename = "vCenterHost", skip_serializing_if = "Option::is_none")]
    pub vcenter_host: Option<String>,
}

/// Another image in place of one, in every role that has it.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReplaceImage {
    /// In the same location, with the same operating system.
    pub new_image: Option<TextRef>,
    /// Whether the old image is marked as deprecated; by default it is not.
    pub deprecate_old_image: Option<bool>,
    /// Roles of which scopes, from this one downwards; by default those of this one.
    pub scope: Option<Vec<Scope>>,
}

/// A role and where it belongs.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RoleScopeIdentity {
    pub id: i64,
    pub scope: Scope,
    pub account_id: Option<i64>,
    pub env_id: Option<i64>,
}
