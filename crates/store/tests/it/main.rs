//! The same suite on SQLite and on PostgreSQL.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[macro_use]
mod test_db;
mod seed;

mod accounts;
mod assets;
mod audit;
mod backup;
mod cloud_credentials;
mod control_planes;
mod engine;
mod events;
mod images;
mod inventory;
mod logins;
mod select;
mod server_operations;
mod servers;
mod settings;
mod syncs;
mod teams;
mod validations;
mod watches;
