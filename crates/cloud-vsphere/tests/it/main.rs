//! The driver against govmomi's vCenter simulator, and against small responders where the simulator has no such
//! behaviour (their tests end in `_responder`; they prove how we react, not how a vCenter acts).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod allocations;
mod clone_responders;
mod containers;
mod customizations;
mod devices;
mod events;
mod files;
mod host_devices;
mod inventory;
mod lab;
mod log_responders;
mod operation_responders;
mod operations;
mod placement;
mod privileges;
mod recent_tasks;
mod relocations;
mod remote_consoles;
mod responder;
mod responders;
mod role_script;
mod server_responders;
mod servers;
mod sessions;
mod support;
mod templates;
mod tls;
mod validation;
mod watch;
