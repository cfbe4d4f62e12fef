//! OpenStack as a [`cloud::Cloud`]: our own typed client on `cloud-http`.
//!
//! The order of reading: [`Config`] (what a user types), `session` (a login and its calls), `catalog` and `discovery`
//! (where services are), one file for each service, `inventory` and `validate` (what the control plane asks for).
//! What changes a cloud goes through `Session::change`: the servers we make, their power, their ports and what a user
//! asks of them (`operate`). Beside that a login is ended by [`cloud::Cloud::close`].
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod assets;
mod catalog;
mod cinder;
mod config;
mod describe;
mod discovery;
mod error;
mod glance;
mod inventory;
mod keystone;
mod neutron;
mod nova;
mod openstack;
mod operate;
mod pages;
mod ports;
mod session;
mod swift;
mod validate;

pub use config::{AuthType, Config, Interface};
pub use openstack::OpenStack;
pub use ports::check_ports;
