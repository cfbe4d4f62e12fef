//! What is told of all that is made for an environment besides servers: volumes, networks, security groups, floating IPs.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{TextRef, farms::UserIdentity, servers::Failure};

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AssetCommon {
    /// What is made in the cloud carries it.
    pub id: String,
    /// Unique among those of its kind in the environment.
    pub name: String,
    pub cloud_platform: String,
    pub cloud_location: String,
    /// `creating`, `ready`, `updating` (it is changed, or made larger), `failed`, `deleting`, `deleted`.
    pub status: String,
    #[schema(value_type = String, format = DateTime)]
    pub status_since: Timestamp,
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

/// A server that uses one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AssetServer {
    pub cloud_server_id: String,
    /// Absent where it is no server of this environment.
    pub server: Option<TextRef>,
    pub name: Option<String>,
}
