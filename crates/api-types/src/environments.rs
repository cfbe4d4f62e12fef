use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::TextRef;

/// Where farms live: has clouds and teams.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Environment {
    #[schema(read_only)]
    pub id: Option<i64>,
    pub name: Option<String>,
    /// `active` or `inactive`. An inactive environment makes no cloud calls.
    pub status: Option<String>,
    /// Whose projects its farms are of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_center: Option<TextRef>,
    /// `cmp`.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    #[schema(read_only, value_type = Option<String>, format = DateTime)]
    pub added: Option<Timestamp>,
}
