use jiff::Timestamp;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::secret::ShownOnce;

/// Log in to the console.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Login {
    pub email: String,
    #[schema(value_type = String, format = Password)]
    pub password: SecretString,
}

/// Who is asking, and where they may work.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CurrentSession {
    pub user_id: i64,
    /// Not for a token that was limited, as the name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    pub is_global_administrator: bool,
    pub accounts: Vec<crate::Named>,
    pub environments: Vec<SessionEnvironment>,
    /// The newest event of the streams of changes when this was read. A stream that is opened with it as `lastEventId`
    /// tells all that has happened since, so what is read meanwhile is never out of date unnoticed.
    pub last_event_id: i64,
    /// To be sent as `X-CSRF-Token` with every request that changes something; only told to a session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub csrf_token: Option<ShownOnce>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SessionEnvironment {
    pub id: i64,
    pub name: String,
    pub account_id: i64,
    pub account_name: String,
}

/// A login of the console.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Session {
    pub id: String,
    pub user_id: i64,
    /// This request uses it.
    pub is_current: bool,
    pub remote_address: String,
    pub user_agent: String,
    #[schema(value_type = String, format = DateTime)]
    pub added: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub last_used_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Timestamp,
}
