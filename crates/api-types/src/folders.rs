//! Folders of a vCenter that are made here.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::TextRef;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewFolder {
    /// Once in its parent.
    #[schema(min_length = 1, max_length = 80)]
    pub name: String,
    /// One of the location's `folders`.
    pub parent: TextRef,
}
