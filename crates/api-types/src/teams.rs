use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{IntegerRef, TextRef};

/// A named set of permissions of an account.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AclRole {
    /// 20 hexadecimal digits.
    #[schema(read_only)]
    pub id: Option<String>,
    pub name: Option<String>,
    /// `full-access`, `read-only` or `no-access`.
    pub base_role: Option<String>,
    /// Permission to true (granted) or false (withheld), over the base role.
    pub permissions: Option<BTreeMap<String, bool>>,
}

/// A permission that a route may ask for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PermissionInfo {
    pub name: String,
    pub description: String,
    /// Base roles that have it.
    pub base_roles: Vec<String>,
}

/// Users who get access to environments together.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Team {
    #[schema(read_only)]
    pub id: Option<i64>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub default_acl_role: Option<TextRef>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TeamMember {
    pub user: Option<IntegerRef>,
    #[schema(read_only)]
    pub email: Option<String>,
    /// Instead of the team's role; null: the team's.
    pub acl_role: Option<TextRef>,
}

/// Access of a team to an environment.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EnvironmentTeam {
    pub team: Option<ComposedTeam>,
    /// Instead of the team's own role in this environment; null: the team's.
    pub default_acl_role: Option<TextRef>,
}

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ComposedTeam {
    pub id: i64,
    #[schema(read_only)]
    pub name: Option<String>,
}
