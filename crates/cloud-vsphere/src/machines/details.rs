use cloud::{CloudError, operation::Details};

use crate::{
    inventory::Place,
    machines::{allocation, cdrom, change_tracking, disks, layout::Layout, power, remote_console, snapshots, usb},
    property_collector::{self, Object, Wanted},
};

const WANTED: Wanted = Wanted {
    kind: "VirtualMachine",
    properties: &[
        "config.hardware.device",
        "snapshot",
        "layoutEx",
        allocation::CPU,
        allocation::MEMORY,
        change_tracking::ENABLED,
        remote_console::MAX_CONNECTIONS,
        remote_console::LOCK_GUEST,
    ],
};

pub async fn get(place: &Place<'_>, id: &str) -> Result<Details, CloudError> {
    let machine = power::ours(place.vcenter, id, None).await?;
    let read = |object: Object<'_>| {
        let layout = object.value("layoutEx").map(Layout::read);
        Details {
            disks: object.value("config.hardware.device").map(disks::view).unwrap_or_default(),
            snapshots: object.value("snapshot").map(|it| snapshots::view(it, layout.as_ref())).unwrap_or_default(),
            floating_ips: Vec::new(),
            cpu_allocation: object.value(allocation::CPU).and_then(allocation::view),
            memory_allocation: object.value(allocation::MEMORY).and_then(allocation::view),
            cdrom: object.value("config.hardware.device").and_then(cdrom::view),
            change_tracking: Some(object.is_true(change_tracking::ENABLED)),
            remote_console: Some(remote_console::view(object)),
            usb_devices: object.value("config.hardware.device").map(usb::view).unwrap_or_default(),
        }
    };
    let found = property_collector::get(place.vcenter, &[machine.reference], WANTED, read).await?;
    found.into_iter().next().ok_or_else(|| CloudError::NotFound(format!("machine {id}")))
}
