use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::TextRef;

/// An application: a set of tiers, each a role on a cloud.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Farm {
    #[schema(read_only)]
    pub id: Option<i64>,
    pub name: Option<String>,
    pub description: Option<String>,
    /// `simultaneous`, or `sequential`: a farm role begins when the servers of those before it run.
    pub launch_order: Option<String>,
    /// Where the environment has a cost center, a project of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<TextRef>,
    /// `running`, `suspended` or `terminated`: what its servers are brought to.
    #[schema(read_only)]
    pub status: Option<String>,
    #[schema(read_only)]
    pub owner: Option<UserIdentity>,
    /// Absent where the farm is not locked.
    #[schema(read_only)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locked: Option<FarmLock>,
    /// By their status; only the statuses that some have.
    #[schema(read_only)]
    pub servers: Option<std::collections::BTreeMap<String, i64>>,
    #[schema(read_only, value_type = Option<String>, format = DateTime)]
    pub added: Option<Timestamp>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UserIdentity {
    pub id: i64,
    pub email: Option<String>,
}

/// Keeps a farm and its farm roles as they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FarmLock {
    pub comment: String,
    /// `owner` (of the farm; an administrator of the account too) or `anyone` who may change farms.
    pub unlock_permission: String,
    /// Who locked it.
    pub user: UserIdentity,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LockFarm {
    /// Why; whoever is refused reads it. It may be empty.
    pub lock_comment: Option<String>,
    /// `owner` or `anyone`; by default anyone.
    pub unlock_permission: Option<String>,
}

/// A farm with the same farm roles, and no servers.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CloneFarm {
    pub name: Option<String>,
}

/// How a farm is terminated.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TerminateFarm {
    /// Accepted as the original has it: without agents there are no shutdown routines to skip.
    pub force: Option<bool>,
}
