use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How the installation is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct System {
    pub version: String,
    #[schema(value_type = String, format = DateTime)]
    pub started_at: Timestamp,
    pub parts: Vec<Part>,
    /// Validations and syncs under way.
    pub n_running_validations: i64,
    pub n_running_syncs: i64,
    pub credentials: Vec<CredentialSync>,
    pub configuration: Vec<ConfigurationValue>,
}

/// A part of the control plane: `database`, `vault`, `listener`, `jobs`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Part {
    pub name: String,
    pub ok: bool,
    pub detail: String,
}

/// The age of what is known through one credential.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CredentialSync {
    pub id: String,
    pub name: String,
    pub account_id: Option<i64>,
    pub status: String,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_sync_at: Option<Timestamp>,
    pub age_seconds: Option<i64>,
    pub error: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConfigurationValue {
    pub key: String,
    pub value: String,
    pub source: String,
}
