#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod accounts;
mod acl_roles;
mod api_keys;
mod audit;
mod authorization;
mod bad_input;
mod blocked;
mod console;
mod control_planes;
mod full;
mod openapi;
mod openstack;
mod runs;
mod scalr_ctl;
mod schemathesis;
mod search;
mod session_login;
mod sessions;
mod stale;
mod stream;
mod support;
mod teams;
mod tokens;
mod users;
mod vsphere;
