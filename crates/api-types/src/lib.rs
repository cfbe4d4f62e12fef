//! Request and response bodies of the API, v1beta0. Field names are camelCase on the wire; times are RFC 3339 in UTC.
//!
//! Fields marked `read_only` are refused in requests, `write_only` ones never appear in answers.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod accounts;
pub mod assets;
pub mod audit;
pub mod cloud_credentials;
pub mod cloud_details;
pub mod cloud_events;
pub mod cloud_logs;
pub mod cloud_tasks;
pub mod clouds;
pub mod cost_centers;
pub mod datastore_files;
pub mod envelope;
pub mod environments;
pub mod farm_roles;
pub mod farms;
pub mod floating_ips;
pub mod folders;
pub mod images;
pub mod inventory;
pub mod keypairs;
pub mod keys;
pub mod machines;
pub mod networks;
pub mod os;
pub mod projects;
pub mod role_categories;
pub mod roles;
pub mod search;
pub mod secret;
pub mod security_groups;
pub mod server_details;
pub mod server_operations;
pub mod servers;
pub mod sessions;
pub mod syncs;
pub mod system;
pub mod teams;
pub mod users;
pub mod validations;
pub mod volumes;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::ToSchema;

/// Leaves a write-only field out of every answer, while the documents still know it.
pub(crate) fn never<T>(_: &T) -> bool {
    true
}

/// Never called, since [`never`] comes first; a secret cannot be serialised by mistake.
pub(crate) fn refuse<T, S: Serializer>(_: &T, _: S) -> Result<S::Ok, S::Error> {
    Err(serde::ser::Error::custom("a write-only field"))
}

/// A reference to an object by its integer id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IntegerRef {
    #[serde(deserialize_with = "number")]
    pub id: i64,
}

/// scalr-ctl sends ids from its command line as text.
fn number<'de, D: Deserializer<'de>>(from: D) -> Result<i64, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Given {
        Number(i64),
        Text(String),
    }
    match Given::deserialize(from) {
        Ok(Given::Number(number)) => Ok(number),
        Ok(Given::Text(text)) => text.parse().map_err(|_| serde::de::Error::custom("an id is a whole number")),
        Err(_) => Err(serde::de::Error::custom("an id is a whole number")),
    }
}

/// A reference to an object by its textual id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TextRef {
    pub id: String,
}

/// An object by id and name, in answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Named {
    pub id: i64,
    pub name: String,
}

/// The scope an object was made in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    Scalr,
    Account,
    Environment,
}
