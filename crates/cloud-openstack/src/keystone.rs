//! Keystone v3: which version answers, tokens, and why a login fails.

mod diagnosis;
mod tokens;
mod versions;

pub(crate) use diagnosis::explain_login;
pub(crate) use tokens::{Login, Scope, log_in, log_out, sensitive};
pub(crate) use versions::{Keystone, clean_id, discover};
