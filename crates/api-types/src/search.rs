use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Something a search found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Hit {
    /// `cloud-credentials`, `environment`, `team`, `user`, `role`, `image`, `farm`, `farm-role`, `server`, `machine`,
    /// `network`, …
    #[serde(rename = "type")]
    pub kind: String,
    pub id: String,
    pub name: String,
    /// Path of the object in the API.
    pub path: String,
    /// One line more: the scope, the cloud and location.
    pub detail: String,
}
