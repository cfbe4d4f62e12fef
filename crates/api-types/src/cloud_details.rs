//! What a cloud is, as its credential saw it. Any part may be missing: what was not told, or was told by an older version.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An OpenStack as one project sees it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct OpenstackDetails {
    pub identity: Option<Identity>,
    /// Name, with the domain where it is known.
    pub user: Option<String>,
    pub project: Option<String>,
    pub roles: Vec<String>,
    pub regions: Vec<Region>,
}

/// Keystone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Identity {
    pub url: Option<String>,
    /// Of its API, such as `v3.14`.
    pub version: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Region {
    pub name: String,
    pub services: Vec<RegionService>,
}

/// A service of a region. Without `url` the catalog has none; `error` says why.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct RegionService {
    /// `compute`, `identity`, `image`, `network`, `object-store`, `volume`.
    #[serde(rename = "type")]
    pub service_type: String,
    /// The type that the catalog has it under, such as `volumev3`.
    pub catalog_type: Option<String>,
    /// Of the project that makes it, such as `Nova`.
    pub name: Option<String>,
    pub url: Option<String>,
    pub port: Option<u16>,
    pub is_default_port: Option<bool>,
    pub versions: Vec<ServiceVersion>,
    pub extensions: Vec<ServiceExtension>,
    pub error: Option<String>,
}

/// As the service lists it; empty texts where it does not say.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct ServiceVersion {
    /// Such as `v2.1`.
    pub id: String,
    /// Such as `CURRENT`.
    pub status: String,
    /// Lowest microversion.
    pub min_version: String,
    /// Highest microversion.
    pub max_version: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct ServiceExtension {
    pub alias: String,
    pub name: String,
}

/// The vCenters of a credential, the main one first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct VmwareDetails {
    #[serde(rename = "vCenters")]
    pub vcenters: Vec<VcenterDetails>,
}

/// What a vCenter says of itself (`AboutInfo` of the vSphere API). With `error` it did not answer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct VcenterDetails {
    pub url: String,
    /// `VirtualCenter`.
    pub api_type: Option<String>,
    pub api_version: Option<String>,
    /// Product, version and build in words.
    pub full_name: Option<String>,
    pub version: Option<String>,
    pub build: Option<String>,
    pub instance_uuid: Option<String>,
    pub error: Option<String>,
}
