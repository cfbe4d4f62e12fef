#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod admin;
mod contexts;
mod credentials;
mod exit_codes;
mod identity;
mod objects;
mod support;
mod tls;
mod vsphere;
mod watch;
