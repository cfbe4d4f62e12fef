use std::collections::BTreeMap;

use jiff::Timestamp;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Somebody who can log in.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct User {
    #[schema(read_only)]
    pub id: Option<i64>,
    pub email: Option<String>,
    pub name: Option<String>,
    /// `active` or `inactive`.
    pub status: Option<String>,
    /// An account administrator; at Scalr scope a global administrator.
    pub is_admin: Option<bool>,
    /// At least 12 characters.
    #[serde(default, skip_serializing_if = "crate::never", serialize_with = "crate::refuse")]
    #[schema(value_type = Option<String>, format = Password, write_only)]
    pub password: Option<SecretString>,
    /// The account the user belongs to; absent at Scalr scope.
    #[schema(read_only)]
    pub account_id: Option<i64>,
    #[schema(read_only, value_type = Option<String>, format = DateTime)]
    pub locked_until: Option<Timestamp>,
    #[schema(read_only, value_type = Option<String>, format = DateTime)]
    pub added: Option<Timestamp>,
    #[schema(read_only, value_type = Option<String>, format = DateTime)]
    pub last_login: Option<Timestamp>,
}

/// What a user may do in one scope, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EffectivePermissions {
    pub user_id: i64,
    /// `account` or the environment's id.
    pub scope: String,
    pub environment_id: Option<i64>,
    /// Permission to the reasons it is granted for, such as `team Operators: role full-access`.
    pub granted: BTreeMap<String, Vec<String>>,
    pub not_granted: Vec<String>,
}

/// A new password for oneself.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PasswordChange {
    #[schema(value_type = String, format = Password)]
    pub current_password: SecretString,
    #[schema(value_type = String, format = Password)]
    pub new_password: SecretString,
}
