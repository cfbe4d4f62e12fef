//! What all clouds share: vocabulary, errors, the report of a validation and the connection policy.
//!
//! A driver (`cloud-openstack`, `cloud-vsphere`) implements [`Cloud`]; the control plane knows nothing else about it.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod address;
pub mod asset;
pub mod check;
mod driver;
mod error;
pub mod event;
pub mod file;
mod instance_type;
pub mod inventory;
pub mod log;
mod login;
pub mod operation;
mod platform;
mod redact;
pub mod server;
pub mod task;
pub mod watch;

pub use driver::{Cloud, Endpoint, Location, LocationId};
pub use error::{BoxError, CloudError};
pub use instance_type::InstanceType;
pub use login::{Logins, REFUSAL_KEPT};
pub use platform::{Driver, Platform, Use};
pub use redact::without;
