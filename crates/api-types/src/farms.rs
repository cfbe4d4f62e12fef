use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

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
    /// `running`, `suspended` or `terminated`: what its servers are brought to.
    #[schema(read_only)]
    pub status: Option<String>,
    #[schema(read_only)]
    pub owner: Option<UserIdentity>,
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

/// How a farm is terminated.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TerminateFarm {
    /// Accepted as the original has it: without agents there are no shutdown routines to skip.
    pub force: Option<bool>,
}
