//! What is asked of one server besides its power.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::{TextRef, farms::UserIdentity, servers::Failure};

/// What a user asked of a server, and how far it is. Operations of a server are done one after the other.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ServerOperation {
    /// What it makes in the cloud carries it.
    pub id: String,
    pub server: TextRef,
    /// `resize`, `snapshot`, `addDisk`, `extendDisk`, `removeDisk`, `attachVolume`, `detachVolume`, `addFloatingIp`, `associateFloatingIp`,
    /// `removeFloatingIp`, `createTemplate`, `relocate`, `setAllocation`,
    /// `connectCdrom`, `disconnectCdrom`, `setChangeTracking`, `setRemoteConsole`,
    /// `connectUsb`, `disconnectUsb`, `addRawDisk`.
    pub kind: String,
    /// As it was asked for.
    #[schema(value_type = Object)]
    pub parameters: Map<String, Value>,
    /// `pending` (what was asked for before it, or of the server's power, comes first), `running`, `done`, `failed`.
    pub status: String,
    pub requested_by: UserIdentity,
    #[schema(value_type = String, format = DateTime)]
    pub added: Timestamp,
    /// When the cloud was first asked.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub started: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended: Option<Timestamp>,
    /// The id in the cloud of what was made: a snapshot, a disk, a floating IP, a template.
    pub result: Option<TextRef>,
    /// What to look for in the cloud's own logs: `order`, `requestId`.
    pub evidence: BTreeMap<String, String>,
    /// Why it was not done. The server goes on as it is.
    pub failure: Option<Failure>,
}

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ChangeInstanceType {
    /// A flavor, or a size of the installation for vSphere.
    pub instance_type: TextRef,
}

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewServerSnapshot {
    pub name: String,
    #[serde(default)]
    pub description: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AddDisk {
    pub size_gib: u32,
    /// `thin` where it is not given.
    pub provisioning: Option<Provisioning>,
}

/// How the bytes of a virtual disk come to be there: `thick` ones are zeroed when they are first written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum Provisioning {
    Thin,
    Thick,
    EagerZeroedThick,
}

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExtendDisk {
    pub disk: TextRef,
    /// Never less than it has.
    pub size_gib: u32,
}

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RemoveDisk {
    pub disk: TextRef,
}

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ServerVolume {
    /// A Cinder volume.
    pub volume: TextRef,
}

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AddFloatingIp {
    /// An external network: a free address of it that is nobody's, or a new one that goes with the server.
    pub pool: Option<TextRef>,
    /// Or this one of the project, which stays when the server goes.
    pub floating_ip: Option<TextRef>,
}

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RemoveFloatingIp {
    pub floating_ip: TextRef,
}

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateTemplate {
    pub name: String,
    /// Of machines and templates; that of the server's machine where it is not given.
    pub folder: Option<TextRef>,
    /// Where the disks of the server's machine are, if it is not given.
    pub datastore: Option<TextRef>,
}

/// At least one of them; what is not given stays. A machine that leaves its cluster without a pool of the other goes to
/// the root pool there.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Relocate {
    pub host: Option<TextRef>,
    /// Without a host, DRS chooses one.
    pub resource_pool: Option<TextRef>,
    /// Of all disks and the machine's own files.
    pub datastore: Option<TextRef>,
}

/// What is not given stays as it is.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SetAllocation {
    pub cpu: Option<CpuAllocation>,
    pub memory: Option<MemoryAllocation>,
}

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CpuAllocation {
    pub shares: Option<Shares>,
    /// 0 for none.
    pub reservation_mhz: Option<u64>,
    /// -1 for none.
    pub limit_mhz: Option<i64>,
}

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MemoryAllocation {
    pub shares: Option<Shares>,
    /// 0 for none.
    pub reservation_mib: Option<u64>,
    /// -1 for none.
    pub limit_mib: Option<i64>,
}

/// How much a machine gets of what is contended for, relative to others.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Shares {
    pub level: SharesLevel,
    /// Of the level `custom` alone: 1 to 1000000.
    pub shares: Option<u32>,
}

/// All but `custom` grow with the machine's size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum SharesLevel {
    Low,
    Normal,
    High,
    Custom,
}

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConnectCdrom {
    /// `[datastore] folder/image.iso`.
    pub iso: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DisconnectCdrom {}

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SetChangeTracking {
    pub enabled: bool,
}

/// What is not given stays as it is.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RemoteConsole {
    /// Who may be connected at once: 1 to 40. Of a server, null where the host's own limit holds.
    pub max_connections: Option<u32>,
    /// Whether the guest is locked when the last one goes.
    pub lock_guest: Option<bool>,
}

/// A USB device of the host that a machine is on.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UsbDevice {
    /// As the host names it: `path:1/0/3 version:2`.
    pub device: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AddRawDisk {
    /// The canonical name of a LUN: `naa.…`.
    pub lun: String,
    pub compatibility: Compatibility,
}

/// How much of a LUN a machine sees: the device itself, which is in no snapshot, or a disk like others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum Compatibility {
    Physical,
    Virtual,
}
