//! LUNs of a host, of which one is given to a machine as it is: `VirtualMachineScsiDiskDeviceInfo`.

use std::collections::BTreeSet;

use cloud::CloudError;

use crate::{
    machines::{
        config_target::{self, none_of},
        find::Marked,
    },
    property_collector::{self, Object, Wanted, is_true},
    session::VCenter,
    soap::tree::Node,
};

const VOLUMES: &str = "config.fileSystemVolume.mountInfo";
const WANTED: Wanted = Wanted { kind: "HostSystem", properties: &[VOLUMES] };

/// `HostScsiDisk`.
pub struct Lun {
    /// `naa.600a0b80…`, the same on all hosts.
    canonical_name: String,
    /// `/vmfs/devices/disks/naa.600a0b80…`.
    pub device: String,
    pub capacity_bytes: u64,
    /// Of the host itself, which no machine can keep when it moves, or of vSAN.
    is_of_host: bool,
    is_used: bool,
}

/// The one of this name, which the host of the machine has, and on which nothing is that this vCenter knows of: no datastore,
/// no machine's disk. Anything else is refused, and so is a LUN of which that is not told.
pub async fn free(vcenter: &VCenter, machine: &Marked, canonical_name: &str) -> Result<Lun, CloudError> {
    let name = &machine.machine.name;
    let untold = |what: &str| {
        let origin = &vcenter.origin;
        CloudError::Refused(format!("{origin} does not tell enough of the LUNs of the host of {name}: {what}"))
    };
    let browser = config_target::browser(vcenter, machine).await?;
    let browser = browser.ok_or_else(|| untold("which there are"))?;
    let mut luns = config_target::list(vcenter, &browser, Lun::read).await?;
    let host = std::slice::from_ref(&browser.host);
    let volumes = property_collector::get(vcenter, host, WANTED, extents).await?.into_iter().flatten().next();
    let volumes = volumes.ok_or_else(|| untold("which have a datastore on them"))?;
    let is_free = |it: &Lun| !it.is_of_host && !it.is_used && !volumes.contains(&it.canonical_name);
    let Some(at) = luns.iter().position(|it| it.canonical_name == canonical_name) else {
        let free: Vec<_> = luns.iter().filter(|it| is_free(it)).map(|it| it.canonical_name.clone()).collect();
        return Err(none_of("LUN", canonical_name, name, &free));
    };
    let lun = luns.swap_remove(at);
    let why = match lun {
        _ if volumes.contains(canonical_name) => "has a datastore of the host on it",
        Lun { is_of_host: true, .. } => "is a disk of the host itself",
        Lun { is_used: true, .. } => "is a disk of a machine already",
        lun => return Ok(lun),
    };
    Err(CloudError::Refused(format!("the LUN {canonical_name} {why}; choose another for {name}")))
}

impl Lun {
    /// `None` for other entries of a `ConfigTarget`, and for a disk that does not tell what it is.
    fn read(entry: Node<'_>) -> Option<Lun> {
        let disk = entry.child("disk").filter(|_| entry.name() == "scsiDisk")?;
        let capacity = disk.child("capacity")?;
        let number = |name: &str| capacity.get(name).parse::<u64>().ok();
        let text = |name: &str| Some(disk.get(name)).filter(|it| !it.is_empty()).map(str::to_owned);
        Some(Lun {
            canonical_name: text("canonicalName")?,
            device: text("deviceName")?,
            capacity_bytes: number("block")?.checked_mul(number("blockSize")?)?,
            is_of_host: is_true(disk.get("localDisk")) || disk.child("vsanDiskInfo").is_some(),
            is_used: entry.child("vm").is_some(),
        })
    }
}

/// Canonical names of the disks that the file systems of a host are on, mounted or not.
fn extents(host: Object<'_>) -> Option<BTreeSet<String>> {
    let volumes = host.value(VOLUMES)?.children().filter_map(|it| it.child("volume"));
    let extents = volumes.flat_map(Node::children).filter(|it| it.name() == "extent");
    Some(extents.map(|it| it.get("diskName").to_owned()).collect())
}
