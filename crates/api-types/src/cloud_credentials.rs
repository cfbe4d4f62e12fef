use jiff::Timestamp;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    Scope,
    cloud_details::{OpenstackDetails, VmwareDetails},
    validations::ValidationStatus,
};

/// Cloud credentials of either type; `cloudCredentialsType` tells which.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum CloudCredentials {
    Openstack(Box<OpenstackCloudCredentials>),
    Vmware(Box<VmwareCloudCredentials>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub enum CloudCredentialsType {
    OpenstackCloudCredentials,
    VmwareCloudCredentials,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum CredentialStatus {
    /// Saved without validation, or switched off.
    Disabled,
    Enabled,
    Suspended,
}

/// What a credential may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum AllowedUse {
    Inventory,
    Provision,
}

/// How an OpenStack credential proves who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum AuthType {
    #[default]
    Password,
    ApplicationCredential,
    Token,
}

/// An entry of a list of cloud credentials.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CloudCredentialsSummary {
    /// 12 hexadecimal digits.
    pub id: String,
    pub name: String,
    pub description: String,
    pub cloud_credentials_type: CloudCredentialsType,
    pub provider: String,
    pub scope: Scope,
    pub status: CredentialStatus,
    pub used_by: Vec<UsedBy>,
    pub last_validation: Option<ValidationSummary>,
    /// `null` while nothing was read.
    pub cache: Option<CacheAge>,
}

/// When the lists that are kept of a cloud were read: each region or datacenter has several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CacheAge {
    /// Instance types do not count: they are kept longer on purpose.
    #[schema(value_type = String, format = DateTime)]
    pub oldest_observed_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub newest_observed_at: Timestamp,
}

/// An environment that is linked to a credential.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UsedBy {
    /// The environment.
    pub id: i64,
    pub name: String,
    pub account_id: i64,
    pub account_name: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ValidationSummary {
    pub id: String,
    pub status: ValidationStatus,
    #[schema(value_type = String, format = DateTime)]
    pub started_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended_at: Option<Timestamp>,
}

/// How often, and when last, the secret was opened for a purpose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LastUse {
    pub purpose: String,
    pub requester: String,
    pub count: i64,
    #[schema(value_type = String, format = DateTime)]
    pub last_at: Timestamp,
}

/// Endpoint and identity of an OpenStack project.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OpenstackCloudCredentials {
    #[serde(flatten)]
    #[schema(inline)]
    pub common: Common,
    /// Identity service, with or without `/v3`.
    pub keystone_url: Option<String>,
    pub auth_type: Option<AuthType>,
    pub user_name: Option<String>,
    pub user_id: Option<String>,
    #[serde(default, skip_serializing_if = "crate::never", serialize_with = "crate::refuse")]
    #[schema(value_type = Option<String>, format = Password, write_only)]
    pub password: Option<SecretString>,
    /// The project's name.
    pub tenant_name: Option<String>,
    pub project_id: Option<String>,
    /// Domain of both user and project, where they are the same.
    pub domain_name: Option<String>,
    pub user_domain_name: Option<String>,
    pub user_domain_id: Option<String>,
    pub project_domain_name: Option<String>,
    pub project_domain_id: Option<String>,
    pub application_credential_id: Option<String>,
    pub application_credential_name: Option<String>,
    #[serde(default, skip_serializing_if = "crate::never", serialize_with = "crate::refuse")]
    #[schema(value_type = Option<String>, format = Password, write_only)]
    pub application_credential_secret: Option<SecretString>,
    #[serde(default, skip_serializing_if = "crate::never", serialize_with = "crate::refuse")]
    #[schema(value_type = Option<String>, format = Password, write_only)]
    pub token: Option<SecretString>,
    /// Only this region; absent: all that the catalog names.
    pub region: Option<String>,
    /// `public` (default), `internal` or `admin`.
    pub interface: Option<String>,
    /// What the last good validation saw; absent before there was one.
    #[schema(read_only)]
    pub cloud_details: Option<OpenstackDetails>,
}

/// Endpoint and identity of a vCenter and the vCenters linked to it.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct VmwareCloudCredentials {
    #[serde(flatten)]
    #[schema(inline)]
    pub common: Common,
    /// Web Services SDK, such as `https://vcenter.example/sdk`.
    pub url: Option<String>,
    /// URLs of linked vCenters; the same user and password.
    #[serde(rename = "linkedVCenters")]
    pub linked_vcenters: Option<Vec<String>>,
    pub user_name: Option<String>,
    #[serde(default, skip_serializing_if = "crate::never", serialize_with = "crate::refuse")]
    #[schema(value_type = Option<String>, format = Password, write_only)]
    pub password: Option<SecretString>,
    /// What the last good validation saw; absent before there was one.
    #[schema(read_only)]
    pub cloud_details: Option<VmwareDetails>,
}

/// What both types have.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Common {
    /// 12 hexadecimal digits.
    #[schema(read_only)]
    pub id: Option<String>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub cloud_credentials_type: Option<CloudCredentialsType>,
    /// `openstack`, `ocs`, `hpcloud`, `mirantis`, `vio`, `cisco`; `vmware` for vSphere.
    pub provider: Option<String>,
    #[schema(read_only)]
    pub scope: Option<Scope>,
    #[schema(read_only)]
    pub status: Option<CredentialStatus>,
    /// Default true.
    pub ssl_verification: Option<bool>,
    /// PEM of certificates to trust besides the system's.
    pub ca_certificate: Option<String>,
    /// SHA-256 of certificates to accept as they are.
    pub certificate_fingerprints: Option<Vec<String>>,
    /// Default: both.
    pub allowed_uses: Option<Vec<AllowedUse>>,
    #[schema(read_only)]
    pub used_by: Option<Vec<UsedBy>>,
    #[schema(read_only)]
    pub last_uses: Option<Vec<LastUse>>,
    #[schema(read_only)]
    pub last_validation: Option<ValidationSummary>,
    #[schema(read_only, value_type = Option<String>, format = DateTime)]
    pub added: Option<Timestamp>,
    #[schema(read_only, value_type = Option<String>, format = DateTime)]
    pub updated: Option<Timestamp>,
}

/// One address the control plane connects to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CatalogEntry {
    pub region: Option<String>,
    pub service: String,
    pub service_type: String,
    pub interface: Option<String>,
    pub url: String,
    pub host: String,
    pub port: u16,
    pub is_default_port: bool,
    /// The control plane connects here; others are for information.
    pub is_used: bool,
}

/// What `…/actions/clear-cache/` did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CacheCleared {
    /// Instance types that were dropped.
    pub n_dropped: i64,
    /// The full synchronisation that was started.
    pub sync_id: Option<String>,
}

/// Probe a cloud's ports without a login.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PortCheck {
    /// `openstack` or `vmware`.
    pub cloud: String,
    pub url: String,
    pub ssl_verification: Option<bool>,
    pub ca_certificate: Option<String>,
    pub certificate_fingerprints: Option<Vec<String>>,
}
