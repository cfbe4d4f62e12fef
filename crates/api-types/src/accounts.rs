use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A business unit: the tenant of the installation.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Account {
    #[schema(read_only)]
    pub id: Option<i64>,
    pub name: Option<String>,
    /// `active` or `inactive`.
    pub status: Option<String>,
    #[schema(read_only, value_type = Option<String>, format = DateTime)]
    pub added: Option<Timestamp>,
}
