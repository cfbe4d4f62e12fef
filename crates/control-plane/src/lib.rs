//! The server: configuration, wiring, HTTP routes, permissions, jobs.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod admin;
pub mod app;
mod clouds;
pub mod config;
mod credentials;
mod dial;
mod first_start;
pub mod http;
mod jobs;
mod keypair;
mod live;
mod lock;
mod metrics;
mod operations;
mod os;
pub mod permission;
mod presence;
mod reconcile;
pub mod secrets;
mod serve;
mod sync;
mod unwritten;
mod validation;

pub use serve::{Server, serve};
