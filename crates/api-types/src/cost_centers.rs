use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Whom what is used is charged to.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CostCenter {
    /// A UUID.
    #[schema(read_only)]
    pub id: Option<String>,
    /// Unique.
    pub name: Option<String>,
    /// What the bookkeeping calls it; may be empty.
    pub billing_code: Option<String>,
    pub lead_email: Option<String>,
    pub description: Option<String>,
}
