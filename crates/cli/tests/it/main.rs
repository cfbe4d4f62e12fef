#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod admin;
mod admin_backup;
mod admin_place;
mod admin_rekey;
mod admin_users;
mod contexts;
mod crash;
mod credentials;
mod exit_codes;
mod farm_roles;
mod floating_ips;
mod folders;
mod identity;
mod log_secrets;
mod man;
mod objects;
mod openstack;
mod operations;
mod security_groups;
mod server_life;
mod support;
mod tls;
mod volumes;
mod vsphere;
mod watch;
