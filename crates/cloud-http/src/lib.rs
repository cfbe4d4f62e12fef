//! The one way out of the building. Every connection to an address that a tenant typed, or that a cloud's answer
//! named, is made here: the address rules hold on what the name resolved to, TLS trust is the credential's own, and
//! sizes, times and the number of calls at once are limited.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod client;
mod connect;
mod error;
mod key;
mod probe;
mod rules;
mod stream;
mod trust;
mod upload;

pub use client::{Body, Client, Request, Response};
pub use connect::{Exit, origin};
pub use error::{HttpError, Stage};
pub use probe::Probe;
pub use rules::{AddressRules, Refusal};
pub use trust::{CertificateFacts, InvalidTrust, Trust, TrustedBy};
