use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One run of the checks of a credential.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Validation {
    pub id: String,
    pub status: ValidationStatus,
    /// Absent while the input is not saved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cloud_credentials_id: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    pub started_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended_at: Option<Timestamp>,
    pub checks: Vec<Check>,
    /// What differs from the run before; absent when there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changes: Option<Vec<CheckChange>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ValidationStatus {
    Running,
    Passed,
    Warning,
    Failed,
}

/// One thing that was looked at, identified by (`id`, `target`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Check {
    /// Stable, such as `openstack.service.compute`.
    pub id: String,
    /// The heading it belongs under: `connection`, a region, a vCenter.
    pub group: String,
    pub target: String,
    pub status: CheckStatus,
    pub required: bool,
    pub detail: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
    pub elapsed_ms: u64,
    /// Of a privilege of vSphere: what fails without it, whether it is there or not. Absent otherwise.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub operations: Vec<String>,
    /// The one that the server shows and that is not trusted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<Certificate>,
}

/// What a person needs to decide about a certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Certificate {
    /// Why it is not trusted.
    pub reason: String,
    pub subject: String,
    pub issuer: String,
    /// Absent where the certificate cannot be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub not_before: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub not_after: Option<Timestamp>,
    /// Upper-case hexadecimal with colons; `certificateFingerprints` takes it as it is.
    pub sha256: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum CheckStatus {
    Passed,
    Warning,
    Failed,
    Skipped,
}

/// A check whose outcome is not what it was in the run before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CheckChange {
    pub id: String,
    pub target: String,
    /// Absent: the check is new.
    pub before: Option<CheckStatus>,
    /// Absent: the check is gone.
    pub after: Option<CheckStatus>,
}

impl From<cloud::check::Check> for Check {
    fn from(check: cloud::check::Check) -> Self {
        let status = match check.status {
            cloud::check::CheckStatus::Passed => CheckStatus::Passed,
            cloud::check::CheckStatus::Warning => CheckStatus::Warning,
            cloud::check::CheckStatus::Failed => CheckStatus::Failed,
            cloud::check::CheckStatus::Skipped => CheckStatus::Skipped,
        };
        let cloud::check::Check { id, group, target, required, detail, remedy, elapsed_ms, operations, .. } = check;
        let certificate = check.certificate.map(|it| {
            let cloud::check::Certificate { reason, subject, issuer, not_before, not_after, sha256 } = *it;
            Certificate { reason, subject, issuer, not_before, not_after, sha256 }
        });
        Check { id, group, target, status, required, detail, remedy, elapsed_ms, operations, certificate }
    }
}
