//! What every answer is wrapped in.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::validations::Validation;

/// A good answer. `pagination` is there for lists.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Envelope<T> {
    pub meta: Meta,
    pub data: T,
    #[serde(default)]
    pub warnings: Vec<Message>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pagination: Option<Pagination>,
}

/// An error answer.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ErrorEnvelope {
    pub meta: Meta,
    pub errors: Vec<ErrorMessage>,
    #[serde(default)]
    pub warnings: Vec<Message>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Meta {
    /// Also in the log and in the audit row.
    pub request_id: String,
    /// What was signed, when `X-Scalr-Debug: 1` was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub string_to_sign: Option<String>,
    /// Rows in all, of a list; a page holds at most a hundred of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<i64>,
    /// Of rows that were read from a cloud.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub freshness: Option<Freshness>,
}

/// How old what a list shows is, and where it comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Freshness {
    /// When the cloud was last read completely; absent when it never was.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub observed_at: Option<Timestamp>,
    pub age_seconds: Option<i64>,
    /// `cloud`: read for this request; `store`: read before; `none`: never read.
    pub source: String,
    /// Older than it should be, because the cloud does not answer.
    pub stale: bool,
    /// Why the last attempt to read failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Things that exist although this credential does not see them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hidden: Option<Hidden>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Hidden {
    pub count: i64,
    /// The second source that proves it.
    pub evidence: String,
}

/// A machine-readable code and a sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Message {
    pub code: String,
    pub message: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ErrorMessage {
    pub code: String,
    pub message: String,
    /// What to do next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
    /// The report of the validation that failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub validation: Option<Validation>,
}

/// Path and query of other pages; all null when everything fits on one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Pagination {
    pub first: Option<String>,
    pub last: Option<String>,
    pub prev: Option<String>,
    pub next: Option<String>,
}
