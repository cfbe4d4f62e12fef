use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::secret::ShownOnce;

/// A key pair for signing requests.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ApiKey {
    /// The key id that is sent.
    #[schema(read_only)]
    pub id: Option<String>,
    pub name: Option<String>,
    #[schema(read_only)]
    pub user_id: Option<i64>,
    /// In the answer that creates it and never again.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(read_only, value_type = Option<String>)]
    pub secret_key: Option<ShownOnce>,
    /// `active` or `inactive`.
    pub status: Option<String>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Timestamp>,
    #[schema(read_only, value_type = Option<String>, format = DateTime)]
    pub added: Option<Timestamp>,
    #[schema(read_only, value_type = Option<String>, format = DateTime)]
    pub last_used_at: Option<Timestamp>,
}

/// A bearer token.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Token {
    #[schema(read_only)]
    pub id: Option<String>,
    pub name: Option<String>,
    #[schema(read_only)]
    pub user_id: Option<i64>,
    /// In the answer that creates it and never again.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(read_only, value_type = Option<String>)]
    pub token: Option<ShownOnce>,
    /// Only in this account.
    pub account_id: Option<i64>,
    /// Only in this environment.
    pub environment_id: Option<i64>,
    /// Only these permissions; absent: all that the user has.
    pub permissions: Option<Vec<String>>,
    /// Default: 90 days from now; at most one year.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Timestamp>,
    #[schema(read_only, value_type = Option<String>, format = DateTime)]
    pub added: Option<Timestamp>,
    #[schema(read_only, value_type = Option<String>, format = DateTime)]
    pub last_used_at: Option<Timestamp>,
    /// The one that this request was sent with.
    #[schema(read_only)]
    pub is_current: Option<bool>,
}
