use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{IntegerRef, Scope, TextRef};

/// A kind of server: one operating system, and an image of it for each place where it can be launched.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Role {
    #[schema(read_only)]
    pub id: Option<i64>,
    /// Letters, digits, blanks, `-`, `_` and `.`; begins and ends with a letter or digit.
    pub name: Option<String>,
    pub category: Option<IntegerRef>,
    pub os: Option<TextRef>,
    pub description: Option<String>,
    pub tags: Option<Vec<String>>,
    /// `base` or nothing.
    pub builtin_automation: Option<Vec<String>>,
    /// false.
    pub use_scalr_agent: Option<bool>,
    /// false.
    pub quick_start: Option<bool>,
    #[schema(read_only)]
    pub scope: Option<Scope>,
    /// null unless it is deprecated.
    #[schema(read_only)]
    pub deprecated: Option<RoleDeprecatedOptions>,
}

/// Since when a role should not be used any more, why, and what to use instead.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RoleDeprecatedOptions {
    #[schema(value_type = String, format = DateTime)]
    pub deprecated: Timestamp,
    pub message: Option<String>,
    pub replacement: Option<IntegerRef>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DeprecateRole {
    /// false: it is not deprecated any more. By default true.
    pub deprecate: Option<bool>,
    /// Why, for those who use it.
    pub message: Option<String>,
    /// A role that is visible where this one belongs.
    pub replacement: Option<IntegerRef>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CloneRole {
    /// Of the new role.
    pub name: Option<String>,
}

/// An image that a role is launched from in the image's location.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RoleImage {
    /// May be left out, since the path names it.
    pub role: Option<IntegerRef>,
    pub image: Option<TextRef>,
}
