//! Virtual disks: which a machine has, and the one change to them that an operation needs.
//!
//! A disk does not tell what it was made for. So the request that adds or removes one writes that to `extraConfig`, too:
//! a vCenter does all of a request or nothing
//! (https://developer.broadcom.com/xapis/vsphere-web-services-api/latest/vim.VirtualMachine.html, ReconfigVM_Task).

use cloud::{
    CloudError,
    operation::{Compatibility, Disk, Provisioning},
};
use uuid::Uuid;

use crate::{
    machines::{
        DISK, configure,
        find::{self, Marked},
        layout::Layout,
        luns,
        operate::Look,
        scsi::{self, Bus, Slot},
        snapshots,
    },
    property_collector::{self, Object, Wanted},
    session::VCenter,
    soap::{envelope::escape, tree::Node},
};

const WANTED: Wanted = Wanted {
    kind: "VirtualMachine",
    properties: &["config.hardware.device", "config.extraConfig", "config.files.vmPathName", "snapshot", "layoutEx"],
};

/// The backing of a LUN.
const RAW: &str = "VirtualDiskRawDiskMappingVer1BackingInfo";
/// The entry of an operation that removed a disk; that of one that added one is its [`Slot`].
const REMOVED: &str = "removed";

/// What a machine has, as far as its disks are concerned.
struct Found {
    disks: Vec<VirtualDisk>,
    /// Keys of devices of all kinds.
    keys: Vec<String>,
    buses: Vec<Bus>,
    /// What the operation that is looked for wrote.
    entry: Option<String>,
    /// The name of the datastore where the machine is at home.
    datastore: Option<String>,
    has_snapshots: bool,
    layout: Option<Layout>,
}

/// `VirtualDisk`.
struct VirtualDisk {
    key: i64,
    label: String,
    controller_key: i64,
    unit_number: i64,
    capacity_bytes: u64,
    /// As XML, to be sent back as it is.
    backing: String,
    /// `[datastore] folder/file.vmdk`; `None` where no file is behind it.
    file: Option<String>,
    provisioning: Option<Provisioning>,
    /// Of a LUN: the device of the host.
    raw_device: Option<String>,
}

pub async fn look_to_add(
    vcenter: &VCenter,
    machine: &Marked,
    id: Uuid,
    size_gib: u32,
    provisioning: Provisioning,
) -> Result<Look, CloudError> {
    let found = find(vcenter, machine, Some(id)).await?;
    if let Some(done) = found.added() {
        return Ok(done);
    }
    if size_gib == 0 {
        return Err(CloudError::Refused("a disk has 1 GiB or more".to_owned()));
    }
    let (thin, eager) = match provisioning {
        Provisioning::Thin => (true, false),
        Provisioning::Thick => (false, false),
        Provisioning::EagerZeroedThick => (false, true),
    };
    let backing = format!(
        "<diskMode>persistent</diskMode><thinProvisioned>{thin}</thinProvisioned><eagerlyScrub>{eager}</eagerlyScrub>"
    );
    let flat = ("VirtualDiskFlatVer2BackingInfo", backing.as_str());
    found.add(vcenter, machine, id, flat, u64::from(size_gib) << 30)
}

/// A LUN that is free. What is on it stays, and so does the LUN when the disk is removed.
pub async fn look_to_add_raw(
    vcenter: &VCenter,
    machine: &Marked,
    id: Uuid,
    lun: &str,
    compatibility: Compatibility,
) -> Result<Look, CloudError> {
    let found = find(vcenter, machine, Some(id)).await?;
    if let Some(done) = found.added() {
        return Ok(done);
    }
    let lun = luns::free(vcenter, machine, lun).await?;
    // The device itself can be in no snapshot.
    let (compatibility, mode) = match compatibility {
        Compatibility::Physical => ("physicalMode", "independent_persistent"),
        Compatibility::Virtual => ("virtualMode", "persistent"),
    };
    let backing = format!(
        "<deviceName>{}</deviceName><compatibilityMode>{compatibility}</compatibilityMode><diskMode>{mode}</diskMode>",
        escape(&lun.device)
    );
    found.add(vcenter, machine, id, (RAW, &backing), lun.capacity_bytes)
}

pub async fn look_to_extend(
    vcenter: &VCenter,
    machine: &Marked,
    disk: &str,
    size_gib: u32,
) -> Result<Look, CloudError> {
    let found = find(vcenter, machine, None).await?;
    let name = &machine.machine.name;
    let Some(disk) = found.disk(disk, name)? else {
        return Err(CloudError::Refused(format!("{name} has no disk {disk}; choose one that it has")));
    };
    let wanted = u64::from(size_gib) << 30;
    let (label, now) = (&disk.label, disk.capacity_bytes);
    if disk.raw_device.is_some() {
        return Err(CloudError::Refused(format!("{label} of {name} is a LUN, whose size is its storage's to change")));
    }
    if now == wanted {
        return Ok(Look::Done(None));
    }
    if now > wanted {
        return Err(CloudError::Refused(format!("{label} of {name} has {now} bytes, and a disk never gets smaller")));
    }
    if found.has_snapshots {
        let why = "vSphere grows no disk of a machine with snapshots; delete the snapshots first";
        return Err(CloudError::Refused(format!("{name}: {why}")));
    }
    let change = disk.change("edit", None, wanted);
    Ok(Look::Next(configure::reconfigure(&machine.reference, &change)))
}

/// One that is not there is gone.
pub async fn look_to_remove(vcenter: &VCenter, machine: &Marked, id: Uuid, disk: &str) -> Result<Look, CloudError> {
    let found = find(vcenter, machine, Some(id)).await?;
    // Another disk may have its key by now.
    if found.entry.is_some() {
        return Ok(Look::Done(None));
    }
    let name = &machine.machine.name;
    let Some(disk) = found.disk(disk, name)? else { return Ok(Look::Done(None)) };
    let is_in_snapshot = found.layout.as_ref().and_then(|it| it.is_in_snapshot(disk.key));
    // Where it is not told, it may be.
    if found.has_snapshots && is_in_snapshot != Some(false) {
        let label = &disk.label;
        return Err(CloudError::Refused(format!("a snapshot of {name} needs {label}; delete its snapshots first")));
    }
    // The file of a LUN says which one it is: without it, what is on the LUN is as it was
    // (https://kb.vmware.com/kb/1026256).
    let mut changes = disk.change("remove", Some("destroy"), disk.capacity_bytes);
    changes.push_str(&configure::option(&entry(id), REMOVED));
    Ok(Look::Next(configure::reconfigure(&machine.reference, &changes)))
}

/// As people see them, in the order of the bus.
pub fn view(devices: Node<'_>) -> Vec<Disk> {
    let mut disks: Vec<_> = devices.children().filter_map(VirtualDisk::read).collect();
    disks.sort_by_key(|it| (it.controller_key, it.unit_number));
    let view = |disk: VirtualDisk| Disk {
        id: disk.key.to_string(),
        name: disk.label,
        size_bytes: Some(disk.capacity_bytes),
        place: disk.file,
        provisioning: disk.provisioning,
        raw_device: disk.raw_device,
    };
    disks.into_iter().map(view).collect()
}

fn entry(id: Uuid) -> String {
    format!("{DISK}{id}")
}

async fn find(vcenter: &VCenter, machine: &Marked, id: Option<Uuid>) -> Result<Found, CloudError> {
    let read = |object: Object<'_>| {
        let devices = object.value("config.hardware.device")?;
        Some(Found {
            disks: devices.children().filter_map(VirtualDisk::read).collect(),
            keys: devices.children().map(|it| it.get("key").to_owned()).collect(),
            buses: scsi::buses(devices),
            entry: id.and_then(|it| find::extra(object, &entry(it))).map(str::to_owned),
            datastore: object
                .text("config.files.vmPathName")
                .and_then(|it| Some(it.strip_prefix('[')?.split_once("] ")?.0.to_owned())),
            has_snapshots: snapshots::any(object.value("snapshot")),
            layout: object.value("layoutEx").map(Layout::read),
        })
    };
    let found = property_collector::get(vcenter, std::slice::from_ref(&machine.reference), WANTED, read).await?;
    found.into_iter().flatten().next().ok_or_else(|| {
        CloudError::Conflict(format!("{} does not tell the devices of {} now", vcenter.origin, machine.machine.name))
    })
}

impl Found {
    /// What the operation that is looked for added, if it did; without an id where that is not there any more.
    fn added(&self) -> Option<Look> {
        let slot = self.entry.as_ref()?.parse::<Slot>().ok();
        let bus = slot.and_then(|slot| self.buses.iter().find(|it| it.number == slot.bus));
        let disk = bus.zip(slot).and_then(|(bus, slot)| {
            self.disks.iter().find(|it| it.controller_key == bus.key && it.unit_number == slot.unit)
        });
        Some(Look::Done(disk.map(|it| it.key.to_string())))
    }

    /// In the first free place. The backing is its type, and what follows the name of its file.
    fn add(
        &self,
        vcenter: &VCenter,
        machine: &Marked,
        id: Uuid,
        (kind, backing): (&str, &str),
        capacity_bytes: u64,
    ) -> Result<Look, CloudError> {
        let name = &machine.machine.name;
        let Some(datastore) = &self.datastore else {
            let origin = &vcenter.origin;
            return Err(CloudError::Conflict(format!("{origin} does not tell on which datastore {name} is now")));
        };
        let Some((slot, bus)) = scsi::free(&self.buses) else {
            return Err(CloudError::Refused(format!("{name} has no free place on a SCSI bus; remove a disk")));
        };
        let (mut changes, controller_key) = match bus {
            Some(bus) => (String::new(), bus.key),
            None => (scsi::add(slot.bus), scsi::NEW),
        };
        let disk = VirtualDisk {
            // Negative: the vCenter chooses another.
            key: -1,
            label: String::new(),
            controller_key,
            unit_number: slot.unit,
            capacity_bytes,
            // A datastore alone is the machine's folder there, and the vCenter chooses the name of the file.
            backing: format!(
                "<backing xsi:type=\"{kind}\"><fileName>[{}]</fileName>{backing}</backing>",
                escape(datastore)
            ),
            file: None,
            provisioning: None,
            raw_device: None,
        };
        changes.push_str(&disk.change("add", Some("create"), capacity_bytes));
        changes.push_str(&configure::option(&entry(id), &slot.to_string()));
        Ok(Look::Next(configure::reconfigure(&machine.reference, &changes)))
    }

    /// `None` for one that is not there. Keys of other devices are refused.
    fn disk(&self, id: &str, machine: &str) -> Result<Option<&VirtualDisk>, CloudError> {
        let no_disk = || CloudError::Refused(format!("{id} is no virtual disk of {machine}; choose one that it has"));
        let key: i64 = id.parse().map_err(|_| no_disk())?;
        match self.disks.iter().find(|it| it.key == key) {
            Some(disk) => Ok(Some(disk)),
            None if self.keys.iter().any(|it| it == id) => Err(no_disk()),
            None => Ok(None),
        }
    }
}

impl VirtualDisk {
    /// `None` for a device of another kind.
    fn read(device: Node<'_>) -> Option<VirtualDisk> {
        if device.value_type() != "VirtualDisk" {
            return None;
        }
        let backing = device.child("backing")?;
        let text = |name| Some(backing.get(name)).filter(|it| !it.is_empty());
        let is_true = |name| text(name).is_some_and(property_collector::is_true);
        let provisioning = if is_true("thinProvisioned") {
            Some(Provisioning::Thin)
        } else if is_true("eagerlyScrub") {
            Some(Provisioning::EagerZeroedThick)
        } else {
            // Unset where the vCenter does not know.
            text("thinProvisioned").map(|_| Provisioning::Thick)
        };
        Some(VirtualDisk {
            key: device.get("key").parse().ok()?,
            label: device.child("deviceInfo").map(|it| it.get("label").to_owned()).unwrap_or_default(),
            controller_key: device.get("controllerKey").parse().ok()?,
            unit_number: device.get("unitNumber").parse().ok()?,
            capacity_bytes: capacity_bytes(device)?,
            backing: backing.write("backing"),
            file: text("fileName").map(str::to_owned),
            provisioning,
            raw_device: (backing.value_type() == RAW).then(|| backing.get("deviceName").to_owned()),
        })
    }

    /// A `<deviceChange>` of a `VirtualMachineConfigSpec`.
    fn change(&self, operation: &str, file_operation: Option<&str>, capacity_bytes: u64) -> String {
        let VirtualDisk { key, label, controller_key, unit_number, backing, .. } = self;
        let file_operation = file_operation.map(|it| format!("<fileOperation>{it}</fileOperation>"));
        let info = match label.as_str() {
            "" => String::new(),
            label => format!("<deviceInfo><label>{}</label><summary></summary></deviceInfo>", escape(label)),
        };
        format!(
            "<deviceChange><operation>{operation}</operation>{}<device xsi:type=\"VirtualDisk\"><key>{key}</key>{info}\
             {backing}<controllerKey>{controller_key}</controllerKey><unitNumber>{unit_number}</unitNumber>\
             <capacityInKB>{}</capacityInKB><capacityInBytes>{capacity_bytes}</capacityInBytes></device></deviceChange>",
            file_operation.unwrap_or_default(),
            capacity_bytes >> 10
        )
    }
}

/// Of a `VirtualDisk`, and `None` for any other device.
pub fn capacity_bytes(device: Node<'_>) -> Option<u64> {
    let in_kib = || Some(device.get("capacityInKB").parse::<u64>().ok()? << 10);
    device.get("capacityInBytes").parse().ok().or_else(in_kib)
}
