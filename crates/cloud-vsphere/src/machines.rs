//! Machines that we make: cloned, configured and switched on in steps, each of which is found again by looking.
//!
//! A machine is ours by its `instanceUuid`, which is the mark. The same in `extraConfig` proves nothing by itself, since
//! a clone that somebody makes of our machine has it too.

pub mod allocation;
pub mod attributes;
pub mod cards;
pub mod cdrom;
pub mod change_tracking;
pub mod clone;
pub mod clones;
pub mod config_target;
pub mod configure;
pub mod customization;
pub mod details;
pub mod disks;
pub mod find;
pub mod layout;
pub mod luns;
pub mod operate;
pub mod placement;
pub mod power;
pub mod relocate;
pub mod remote_console;
pub mod remove;
pub mod resize;
pub mod screen;
pub mod scsi;
pub mod snapshots;
pub mod template;
pub mod usb;

/// Keys of `extraConfig`. Other names of ours are those of the metadata: `stackyard.<name>`.
pub const PREFIX: &str = "stackyard.";
/// The mark.
pub const SERVER: &str = "stackyard.server";
/// How far its launch is.
pub const PHASE: &str = "stackyard.phase";
/// From the clone on.
pub const BUILDING: &str = "building";
/// What the clone did not bring was configured; not looked at again, lest what a vCenter writes in another way is
/// configured for ever.
pub const CONFIGURED: &str = "configured";
/// All steps are done.
pub const READY: &str = "ready";
/// The id of the operation that made a template.
pub const OPERATION: &str = "stackyard.operation";
/// Before the id of an operation that added or removed a disk.
pub const DISK: &str = "stackyard.disk.";
