//! Driver for VMware vCenter: SOAP over `cloud-http`, answers read as a stream.
//!
//! One [`Vsphere`] is one credential: a main vCenter and those linked with it, each with a session of its own. What a
//! request asks is in `inventory` and `validate`; how it travels is in `session` and `soap`.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod config;
mod containers;
mod content;
mod events;
mod files;
mod finish;
mod images;
mod inventory;
mod logs;
mod machines;
pub mod privileges;
mod property_collector;
mod recent_tasks;
mod role_script;
mod session;
mod soap;
mod tasks;
mod temporary;
mod validate;
mod view;
mod vsphere;
mod watch;

pub use config::Config;
pub use inventory::outlines::Outline;
pub use role_script::{ScriptKind, role_script};
pub use validate::check_ports;
pub use vsphere::Vsphere;
