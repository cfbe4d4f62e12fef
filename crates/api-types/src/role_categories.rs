use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Scope;

/// What roles are sorted by.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RoleCategory {
    #[schema(read_only)]
    pub id: Option<i64>,
    pub name: Option<String>,
    #[schema(read_only)]
    pub scope: Option<Scope>,
}
