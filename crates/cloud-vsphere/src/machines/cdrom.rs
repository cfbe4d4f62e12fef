//! ISO images in the CD drives of a machine.

use cloud::{CloudError, inventory::PowerState};

use crate::{
    machines::{configure::reconfigure, find::Marked, operate::Look},
    property_collector::{self, Object, Wanted, is_true},
    session::VCenter,
    soap::{envelope::escape, tree::Node},
};

const WANTED: Wanted = Wanted { kind: "VirtualMachine", properties: &["config.hardware.device"] };

/// `VirtualCdrom`.
struct Drive {
    key: i64,
    /// `CD/DVD drive 1`.
    label: String,
    controller_key: i64,
    unit_number: i64,
    /// `[datastore] folder/file.iso`; `None` for a drive of the host, or of the console's user.
    iso: Option<String>,
    is_connected: bool,
    /// From the next start on.
    is_connected_at_start: bool,
}

/// Into the drive that has it, else into the first. A machine that is off has it from its next start on.
pub async fn look_to_connect(vcenter: &VCenter, machine: &Marked, iso: &str) -> Result<Look, CloudError> {
    let drives = drives(vcenter, machine).await?;
    let name = &machine.machine.name;
    let Some(drive) = drives.iter().find(|it| it.iso.as_deref() == Some(iso)).or_else(|| drives.first()) else {
        return Err(CloudError::Refused(format!("{name} has no CD drive; add one to it in {}", vcenter.origin)));
    };
    let is_on = machine.machine.power_state == PowerState::On;
    let is_in = drive.iso.as_deref() == Some(iso) && drive.is_connected_at_start;
    if is_in && (drive.is_connected || !is_on) {
        return Ok(Look::Done(None));
    }
    let backing =
        format!("<backing xsi:type=\"VirtualCdromIsoBackingInfo\"><fileName>{}</fileName></backing>", escape(iso));
    Ok(Look::Next(reconfigure(&machine.reference, &drive.change(&backing, true))))
}

/// Out of all drives. They are the console's then, and connected to nothing.
pub async fn look_to_disconnect(vcenter: &VCenter, machine: &Marked) -> Result<Look, CloudError> {
    let backing = "<backing xsi:type=\"VirtualCdromRemotePassthroughBackingInfo\"><deviceName></deviceName>\
                   <useAutoDetect>false</useAutoDetect><exclusive>false</exclusive></backing>";
    let drives = drives(vcenter, machine).await?;
    let changes: String = drives.iter().filter(|it| it.iso.is_some()).map(|it| it.change(backing, false)).collect();
    Ok(match changes.as_str() {
        "" => Look::Done(None),
        changes => Look::Next(reconfigure(&machine.reference, changes)),
    })
}

/// What is in the first drive that has an ISO.
pub fn view(devices: Node<'_>) -> Option<String> {
    sorted(devices).into_iter().find_map(|it| it.iso)
}

async fn drives(vcenter: &VCenter, machine: &Marked) -> Result<Vec<Drive>, CloudError> {
    let read = |object: Object<'_>| object.value("config.hardware.device").map(sorted);
    let found = property_collector::get(vcenter, std::slice::from_ref(&machine.reference), WANTED, read).await?;
    found.into_iter().flatten().next().ok_or_else(|| {
        CloudError::Conflict(format!("{} does not tell the devices of {} now", vcenter.origin, machine.machine.name))
    })
}

fn sorted(devices: Node<'_>) -> Vec<Drive> {
    let mut drives: Vec<_> = devices.children().filter_map(Drive::read).collect();
    drives.sort_by_key(|it| (it.controller_key, it.unit_number));
    drives
}

impl Drive {
    /// `None` for a device of another kind.
    fn read(device: Node<'_>) -> Option<Drive> {
        if device.value_type() != "VirtualCdrom" {
            return None;
        }
        let iso = device.child("backing").filter(|it| it.value_type() == "VirtualCdromIsoBackingInfo");
        let connectable = device.child("connectable");
        let is = |name| connectable.is_some_and(|it| is_true(it.get(name)));
        Some(Drive {
            key: device.get("key").parse().ok()?,
            label: device.child("deviceInfo").map(|it| it.get("label").to_owned()).unwrap_or_default(),
            controller_key: device.get("controllerKey").parse().ok()?,
            unit_number: device.get("unitNumber").parse().ok()?,
            iso: iso.map(|it| it.get("fileName").to_owned()),
            is_connected: is("connected"),
            is_connected_at_start: is("startConnected"),
        })
    }

    /// A `<deviceChange>` of a `VirtualMachineConfigSpec`.
    fn change(&self, backing: &str, is_connected: bool) -> String {
        let Drive { key, label, controller_key, unit_number, .. } = self;
        let label = escape(label);
        format!(
            "<deviceChange><operation>edit</operation><device xsi:type=\"VirtualCdrom\"><key>{key}</key>\
             <deviceInfo><label>{label}</label><summary></summary></deviceInfo>{backing}<connectable><startConnected>{is_connected}</startConnected><allowGuestControl>true</allowGuestControl>\
             <connected>{is_connected}</connected></connectable><controllerKey>{controller_key}</controllerKey>\
             <unitNumber>{unit_number}</unitNumber></device></deviceChange>"
        )
    }
}
