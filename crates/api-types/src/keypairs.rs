//! Keypairs of farms (OpenStack).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{secret::ShownOnce, servers::Failure};

/// An SSH key that Stackyard made for the servers of a farm in one location.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Keypair {
    pub id: String,
    /// What the cloud knows it by; it belongs to the user of the credentials there.
    pub name: String,
    pub cloud_platform: String,
    pub cloud_location: String,
    /// `creating`, `ready`, `failed`, `deleting`, `deleted`.
    pub status: String,
    #[schema(value_type = String, format = DateTime)]
    pub status_since: Timestamp,
    /// A line for `authorized_keys`; absent before the key was generated.
    pub public_key: Option<String>,
    /// `SHA256:…`, as `ssh-keygen -l` tells it.
    pub fingerprint: Option<String>,
    /// Why it is not what it should be.
    pub failure: Option<Failure>,
    #[schema(value_type = String, format = DateTime)]
    pub added: Timestamp,
    /// When the cloud last told that it is there.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub observed_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub deleted: Option<Timestamp>,
}

/// What lets into the servers that have the keypair.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PrivateKey {
    /// Of the keypair.
    pub id: String,
    pub name: String,
    pub public_key: String,
    pub fingerprint: Option<String>,
    /// PEM of an RSA key (PKCS #1), for a file that only its owner may read.
    #[schema(value_type = String)]
    pub private_key: ShownOnce,
}
