use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::TextRef;

/// A cloud of an environment: the link to its credentials.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Cloud {
    /// The cloud platform.
    pub cloud: String,
    pub credentials: TextRef,
    pub credentials_name: String,
    pub status: LinkStatus,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub suspended_since: Option<Timestamp>,
    /// Since when the cloud refuses the credential; suspended when it lasts.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub auth_failing_since: Option<Timestamp>,
    pub reason: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    pub linked_at: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum LinkStatus {
    Active,
    Suspended,
}

/// A region or a datacenter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CloudLocation {
    /// The id to use in paths.
    pub cloud_location: String,
    pub cloud_platform: String,
    pub name: String,
    /// The vCenter a datacenter is in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vcenter: Option<String>,
}
