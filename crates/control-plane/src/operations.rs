//! What is said of each operation on a server, and what its cloud is told.

use cloud::{Driver, operation::Operation as O, server::Size};
use store::{DbError, Tx, vmware_instance_types};

pub struct Words {
    /// Among the operations of a server while it is not done.
    pub doing: &'static str,
    /// Events of the log.
    pub done: &'static str,
    pub failed: &'static str,
    pub done_message: &'static str,
}

/// The tag of its JSON.
pub fn kind(operation: &O) -> &'static str {
    match operation {
        O::Resize { .. } => "resize",
        O::Snapshot { .. } => "snapshot",
        O::AddDisk { .. } => "addDisk",
        O::AddRawDisk { .. } => "addRawDisk",
        O::ExtendDisk { .. } => "extendDisk",
        O::RemoveDisk { .. } => "removeDisk",
        O::AttachVolume { .. } => "attachVolume",
        O::DetachVolume { .. } => "detachVolume",
        O::AddFloatingIp { .. } => "addFloatingIp",
        O::AssociateFloatingIp { .. } => "associateFloatingIp",
        O::RemoveFloatingIp { .. } => "removeFloatingIp",
        O::CreateTemplate { .. } => "createTemplate",
        O::Relocate { .. } => "relocate",
        O::SetAllocation { .. } => "setAllocation",
        O::ConnectCdrom { .. } => "connectCdrom",
        O::DisconnectCdrom => "disconnectCdrom",
        O::SetChangeTracking { .. } => "setChangeTracking",
        O::SetRemoteConsole { .. } => "setRemoteConsole",
        O::ConnectUsb { .. } => "connectUsb",
        O::DisconnectUsb { .. } => "disconnectUsb",
    }
}

pub fn words(operation: &O) -> Words {
    let (doing, done, failed, done_message) = match operation {
        O::Resize { .. } => ("resizing", "ResizeComplete", "ResizeFailed", "the server has its new size"),
        O::Snapshot { .. } => ("snapshotting", "SnapshotCreated", "SnapshotFailed", "the snapshot is there"),
        O::AddDisk { .. } => ("adding_disk", "DiskAdded", "AddDiskFailed", "the disk is there"),
        O::AddRawDisk { .. } => {
            ("adding_raw_disk", "RawDiskAdded", "AddRawDiskFailed", "the LUN is a disk of the machine")
        }
        O::ExtendDisk { .. } => ("extending_disk", "DiskExtended", "ExtendDiskFailed", "the disk has its new size"),
        O::RemoveDisk { .. } => ("removing_disk", "DiskRemoved", "RemoveDiskFailed", "the disk and its file are gone"),
        O::AttachVolume { .. } => {
            ("attaching_volume", "VolumeAttached", "AttachVolumeFailed", "the volume is attached")
        }
        O::DetachVolume { .. } => {
            ("detaching_volume", "VolumeDetached", "DetachVolumeFailed", "the volume is detached and kept")
        }
        O::AddFloatingIp { .. } | O::AssociateFloatingIp { .. } => {
            ("adding_floating_ip", "FloatingIpAdded", "AddFloatingIpFailed", "the server has a floating IP")
        }
        O::RemoveFloatingIp { .. } => {
            ("removing_floating_ip", "FloatingIpRemoved", "RemoveFloatingIpFailed", "the floating IP is taken away")
        }
        O::CreateTemplate { .. } => {
            ("creating_template", "TemplateCreated", "CreateTemplateFailed", "the template is there")
        }
        O::Relocate { .. } => ("relocating", "Relocated", "RelocateFailed", "the machine is where it was asked to be"),
        O::ConnectCdrom { .. } => {
            ("connecting_cdrom", "CdromConnected", "ConnectCdromFailed", "the ISO is in a CD drive of the machine")
        }
        O::DisconnectCdrom => (
            "disconnecting_cdrom",
            "CdromDisconnected",
            "DisconnectCdromFailed",
            "no CD drive of the machine has an ISO",
        ),
        O::SetChangeTracking { .. } => (
            "setting_change_tracking",
            "ChangeTrackingSet",
            "SetChangeTrackingFailed",
            "changed blocks are tracked, or not, as it was asked for",
        ),
        O::ConnectUsb { .. } => {
            ("connecting_usb", "UsbConnected", "ConnectUsbFailed", "the machine has the USB device of its host")
        }
        O::DisconnectUsb { .. } => (
            "disconnecting_usb",
            "UsbDisconnected",
            "DisconnectUsbFailed",
            "the machine does not have the USB device any more",
        ),
        O::SetRemoteConsole { .. } => (
            "setting_remote_console",
            "RemoteConsoleSet",
            "SetRemoteConsoleFailed",
            "the machine has the options of its remote console",
        ),
        O::SetAllocation { .. } => (
            "setting_allocation",
            "AllocationSet",
            "SetAllocationFailed",
            "the machine has its shares, reservations and limits",
        ),
    };
    Words { doing, done, failed, done_message }
}

/// What a cloud is told of an instance type.
pub async fn size(tx: &mut Tx, driver: Driver, instance_type_id: &str) -> Result<Size, DbError> {
    match driver {
        Driver::Openstack => Ok(Size::Flavor(instance_type_id.to_owned())),
        Driver::Vsphere => {
            let size = vmware_instance_types::get(tx, instance_type_id).await?;
            let count = |n: i64| u32::try_from(n).unwrap_or(u32::MAX);
            Ok(Size::Custom {
                vcpus: count(size.vcpus),
                cores_per_socket: count(size.cores_per_socket),
                memory_mib: u64::from(count(size.memory_mib)),
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use cloud::operation::{Allocation, Compatibility, Provisioning, RemoteConsole};

    use super::*;

    #[test]
    fn the_kind_is_the_tag_of_the_json() {
        let text = || "it".to_owned();
        for operation in [
            O::Resize { size: Size::Flavor(text()) },
            O::Snapshot { name: text(), description: text() },
            O::AddDisk { size_gib: 1, provisioning: Provisioning::Thin },
            O::AddRawDisk { lun: text(), compatibility: Compatibility::Virtual },
            O::ExtendDisk { disk: text(), size_gib: 1 },
            O::RemoveDisk { disk: text() },
            O::AttachVolume { volume: text() },
            O::DetachVolume { volume: text() },
            O::AddFloatingIp { pool: text() },
            O::AssociateFloatingIp { floating_ip: text() },
            O::RemoveFloatingIp { floating_ip: text() },
            O::CreateTemplate { name: text(), folder: None, datastore: None },
            O::Relocate { host: Some(text()), resource_pool: None, datastore: None },
            O::SetAllocation { cpu: Allocation::default(), memory: Allocation::default() },
            O::ConnectCdrom { iso: text() },
            O::DisconnectCdrom,
            O::SetChangeTracking { enabled: true },
            O::SetRemoteConsole { console: RemoteConsole::default() },
            O::ConnectUsb { device: text() },
            O::DisconnectUsb { device: text() },
        ] {
            assert_eq!(serde_json::to_value(&operation).unwrap()["kind"], kind(&operation));
        }
    }
}
