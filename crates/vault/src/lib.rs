//! Seals and opens secrets. The only crate that sees a key.
//!
//! Each secret is encrypted with a data key of its own (AES-256-GCM), and that key with the master key. Both are bound
//! to the [`Place`] the secret is kept in: a row that was altered, exchanged with another or cut short cannot be opened.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod error;
mod key;
mod place;
mod seal;
mod vault;

pub mod password;
pub mod token;

pub use error::VaultError;
pub use key::{KeyId, KeySource, MasterKey};
pub use place::Place;
pub use vault::{Sealed, Vault};
