#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
//! `auth`, `inventory`, `report` and `renewal` run against a real OpenStack. What no real cloud can be made to do is
//! played by small programs inside the tests; those are named `…_responder`.

mod auth;
mod bad_catalog;
mod bad_keystone;
mod inventory;
mod ports;
mod proxy;
mod real;
mod renewal;
mod report;
mod responder;
mod tls;
