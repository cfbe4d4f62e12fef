use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Scope, TextRef};

/// What farms are for.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Project {
    /// A UUID.
    #[schema(read_only)]
    pub id: Option<String>,
    /// Unique among the projects that are visible with it.
    pub name: Option<String>,
    /// Stays as it was when the project was made.
    pub cost_center: Option<TextRef>,
    /// What the bookkeeping calls it; may be empty.
    pub billing_code: Option<String>,
    pub lead_email: Option<String>,
    pub description: Option<String>,
    #[schema(read_only)]
    pub scope: Option<Scope>,
}
