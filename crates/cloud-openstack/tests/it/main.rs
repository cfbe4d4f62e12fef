#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
//! `auth`, `floating_ips`, `inventory`, `keypairs`, `operations`, `private_networks`, `report`, `renewal`, `servers` and
//! `volumes` run against a real OpenStack. What no real cloud can be made to do is played by small programs inside the tests; those
//! are named `…_responder`.

mod auth;
mod bad_catalog;
mod bad_keystone;
mod bad_nova;
mod bad_operations;
mod bad_private_networks;
mod floating_ips;
mod inventory;
mod keypairs;
mod operations;
mod placement;
mod ports;
mod private_networks;
mod proxy;
mod real;
mod renewal;
mod report;
mod responder;
mod security_groups;
mod servers;
mod site;
mod tls;
mod volumes;
mod watch;
