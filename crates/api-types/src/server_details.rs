//! What a cloud says of one server now.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::server_operations::{CpuAllocation, MemoryAllocation, RemoteConsole};

/// Read from the cloud for this answer.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ServerDetails {
    pub disks: Vec<ServerDisk>,
    pub snapshots: Vec<ServerSnapshot>,
    /// OpenStack's.
    pub floating_ips: Vec<ServerFloatingIp>,
    /// vSphere's, like what follows.
    pub cpu_allocation: Option<CpuAllocation>,
    pub memory_allocation: Option<MemoryAllocation>,
    /// `[datastore] folder/image.iso` in a CD drive.
    pub cdrom: Option<String>,
    /// Whether changed blocks are tracked for backups.
    pub change_tracking: Option<bool>,
    pub remote_console: Option<RemoteConsole>,
    /// Of its host, as they are named there.
    pub usb_devices: Vec<String>,
}

/// A virtual disk, or an attached volume.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ServerDisk {
    /// The device's key in a virtual machine; the id of a Cinder volume.
    pub id: String,
    pub name: String,
    pub size_bytes: Option<u64>,
    /// `[datastore] folder/file.vmdk`; `/dev/vdb`.
    pub place: Option<String>,
    /// `thin`, `thick`, `eagerZeroedThick`.
    pub provisioning: Option<String>,
    /// Of a LUN: the device of the host behind it (vSphere).
    pub raw_device: Option<String>,
}

/// A snapshot of a virtual machine, or an image made of a Nova server.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ServerSnapshot {
    /// A MoRef; the id of a Glance image.
    pub id: String,
    pub name: String,
    pub description: Option<String>,
    /// The cloud's own word.
    pub status: String,
    /// The one it was made after (vSphere).
    pub parent: Option<String>,
    pub size_bytes: Option<u64>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub created: Option<Timestamp>,
}

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ServerFloatingIp {
    pub id: String,
    pub address: String,
    pub fixed_address: Option<String>,
}

/// The end of what a server wrote to its serial console. May show secrets.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConsoleOutput {
    pub output: String,
}
