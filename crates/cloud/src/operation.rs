//! What a user asks of one server besides its power, and what a cloud can show of it only now.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    LocationId,
    server::{Mark, Order, Size},
};

/// Has the id of a row of ours wherever it makes something, so that this is found again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Operation {
    /// To another size. A cloud that must restart the machine for it does so if it runs (OpenStack), or says that it has
    /// to be off (vSphere, without hot add).
    Resize {
        size: Size,
    },
    /// A snapshot of a virtual machine without its memory; of a Nova server an image.
    Snapshot {
        name: String,
        description: String,
    },
    /// One more disk of so many GiB (vSphere).
    AddDisk {
        size_gib: u32,
        provisioning: Provisioning,
    },
    /// To so many GiB; never smaller (vSphere).
    ExtendDisk {
        disk: String,
        size_gib: u32,
    },
    /// A LUN of the machine's host by its canonical name, `naa.…`, as one more disk (vSphere).
    AddRawDisk {
        lun: String,
        compatibility: Compatibility,
    },
    /// With its file; what is on a LUN stays (vSphere).
    RemoveDisk {
        disk: String,
    },
    /// A Cinder volume that is there and free (OpenStack).
    AttachVolume {
        volume: String,
    },
    DetachVolume {
        volume: String,
    },
    /// A free address of this external network, or a new one, to the port of the primary NIC (OpenStack).
    AddFloatingIp {
        pool: String,
    },
    /// This address of the project, to the port of the primary NIC (OpenStack). It stays when the server goes.
    AssociateFloatingIp {
        floating_ip: String,
    },
    /// Released, too, if it was made for a server of ours (OpenStack).
    RemoveFloatingIp {
        floating_ip: String,
    },
    /// A template that is a copy of the machine as it is now, without what makes the machine a server of ours (vSphere).
    CreateTemplate {
        name: String,
        /// The machine's own where it is not given.
        folder: Option<String>,
        /// Where the machine's disks are, if it is not given.
        datastore: Option<String>,
    },
    /// To another host, resource pool or datastore, also while it runs. What is not given stays (vSphere).
    Relocate {
        host: Option<String>,
        resource_pool: Option<String>,
        datastore: Option<String>,
    },
    /// Shares, reservations and limits among the machines of a host or pool (vSphere).
    SetAllocation {
        cpu: Allocation,
        memory: Allocation,
    },
    /// `[datastore] folder/image.iso` into a CD drive of the machine (vSphere).
    ConnectCdrom {
        iso: String,
    },
    /// No ISO in any of its drives (vSphere).
    DisconnectCdrom,
    /// Of changed blocks, for backups (vSphere).
    SetChangeTracking {
        enabled: bool,
    },
    /// Who may look at the screen of the machine at once, and what its guest does when they go (vSphere).
    SetRemoteConsole {
        console: RemoteConsole,
    },
    /// A USB device of the machine's host, by its pattern: `path:1/0/3 version:2` (vSphere).
    ConnectUsb {
        device: String,
    },
    DisconnectUsb {
        device: String,
    },
}

/// The server that an operation is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    pub location: LocationId,
    pub cloud_id: String,
    /// What is made for the server and goes with it carries this too.
    pub mark: Mark,
}

/// How the bytes of a virtual disk come to be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Provisioning {
    Thin,
    /// Zeroed when they are first written.
    Thick,
    /// Zeroed at once.
    EagerZeroedThick,
}

/// How much of a LUN a machine sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Compatibility {
    /// The device itself, with its SCSI commands; it is in no snapshot.
    Physical,
    /// A disk like others, whose bytes are the LUN's.
    Virtual,
}

/// Of MHz of CPU, or of MiB of memory. In an operation what is not given stays as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Allocation {
    pub shares: Option<Shares>,
    pub reservation: Option<u64>,
    pub limit: Option<Limit>,
}

/// How much a machine gets of what is contended for, relative to others. A level grows with the machine's size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Shares {
    Low,
    Normal,
    High,
    Custom(u32),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Limit {
    Unlimited,
    At(u64),
}

/// In an operation what is not given stays as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RemoteConsole {
    /// Of a machine, `None` where the host's own limit holds.
    pub max_connections: Option<u32>,
    /// When the last one goes.
    pub lock_guest: Option<bool>,
}

/// How far an operation is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// The cloud took it just now, or works on it: ask again, with the order if there is one.
    UnderWay(Option<Order>),
    /// With the id in the cloud of what was made, if something was.
    Done(Option<String>),
    /// The cloud took it and gave up. In its own words, with its request id or task.
    Failed { message: String },
}

/// What a cloud says of one server when it is asked about this one alone.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Details {
    pub disks: Vec<Disk>,
    pub snapshots: Vec<Snapshot>,
    /// OpenStack's.
    pub floating_ips: Vec<FloatingIp>,
    /// vSphere's, like what follows.
    pub cpu_allocation: Option<Allocation>,
    pub memory_allocation: Option<Allocation>,
    /// `[datastore] folder/image.iso` in a CD drive.
    pub cdrom: Option<String>,
    pub change_tracking: Option<bool>,
    pub remote_console: Option<RemoteConsole>,
    /// Of its host, by their patterns.
    pub usb_devices: Vec<String>,
}

/// A virtual disk, or an attached volume.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Disk {
    /// The device's key in a virtual machine; the id of a Cinder volume.
    pub id: String,
    /// `Hard disk 1`; the name of a volume.
    pub name: String,
    pub size_bytes: Option<u64>,
    /// `[datastore] folder/file.vmdk`; `/dev/vdb`.
    pub place: Option<String>,
    pub provisioning: Option<Provisioning>,
    /// Of a LUN: the device of the host behind it (vSphere).
    pub raw_device: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Snapshot {
    /// A MoRef; the id of a Glance image.
    pub id: String,
    pub name: String,
    pub description: Option<String>,
    /// The cloud's own word (`active`, `queued`; of a virtual machine the power state it has).
    pub status: String,
    /// The one it was made after (vSphere).
    pub parent: Option<String>,
    /// Of all its files, where the cloud tells.
    pub size_bytes: Option<u64>,
    pub created_at: Option<Timestamp>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FloatingIp {
    pub id: String,
    pub address: String,
    pub fixed_address: Option<String>,
}
