use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An operating system that images and roles name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Os {
    /// `ubuntu-24-04`.
    pub id: String,
    pub name: String,
    /// `ubuntu`, `windows`, …
    pub family: String,
    /// Within the family: `24.04`, `stream-9`.
    pub generation: String,
    pub version: String,
}
