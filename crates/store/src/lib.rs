//! Rows. SQL and nothing else: SQLite and PostgreSQL from one SQL text, one module a table.
//!
//! Every function takes a [`Tx`]: [`Db::read`] is a snapshot, [`Db::write`] may change. After any error the transaction
//! can only be dropped (PostgreSQL refuses to go on), which undoes it. No cloud call happens while one is open.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod cell;
mod db;
mod error;
mod inventory;
mod json;
mod list_sizes;
mod nul;
mod owner;
mod query;
mod schema;
mod select;
mod status;
mod time;
mod word;

pub mod accounts;
pub mod acl_roles;
pub mod api_keys;
pub mod assets;
pub mod audit;
pub mod backup;
pub mod cloud_credentials;
pub mod cloud_locations;
pub mod control_planes;
pub mod cost_centers;
pub mod counters;
pub mod credential_uses;
pub mod environment_clouds;
pub mod environment_teams;
pub mod environments;
pub mod event_logs;
pub mod events;
pub mod farm_roles;
pub mod farms;
pub mod grants;
pub mod images;
pub mod instance_types;
pub mod leases;
pub mod machines;
pub mod projects;
pub mod resources;
pub mod role_categories;
pub mod role_images;
pub mod roles;
pub mod secrets;
pub mod server_operations;
pub mod servers;
pub mod sessions;
pub mod settings;
pub mod sync_state;
pub mod syncs;
pub mod team_members;
pub mod teams;
pub mod tokens;
pub mod users;
pub mod validations;
pub mod vmware_instance_types;
pub mod watches;

pub use db::{Db, Tx};
pub use error::{BoxError, DbError};
pub use inventory::Changes;
pub use json::Json;
pub use owner::Owner;
pub use select::{List, Order, Select, Value};
pub use status::Status;
pub use time::Time;
pub use word::UnknownWord;
