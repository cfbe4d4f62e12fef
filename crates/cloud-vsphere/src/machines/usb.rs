//! USB devices of a host that are connected to a machine.
//!
//! A device is named by an autoconnect pattern (`path:1/0/3 version:2`): the machine has what answers to it on its host, and
//! stays on that host.
//! (https://developer.broadcom.com/xapis/vsphere-web-services-api/latest/vim.vm.device.VirtualUSB.USBBackingInfo.html)

use cloud::CloudError;

use crate::{
    machines::{
        config_target::{self, none_of},
        configure::reconfigure,
        find::Marked,
        operate::Look,
    },
    property_collector::{self, Object, Wanted},
    session::VCenter,
    soap::{envelope::escape, tree::Node},
};

const WANTED: Wanted = Wanted { kind: "VirtualMachine", properties: &["config.hardware.device"] };
/// The first that a machine has is taken.
const CONTROLLERS: [&str; 2] = ["VirtualUSBXHCIController", "VirtualUSBController"];
/// The key of a controller that is added in the same request.
const NEW_CONTROLLER: i64 = -102;

/// What a machine has of USB.
#[derive(Default)]
struct Found {
    devices: Vec<Connected>,
    controller_key: Option<i64>,
}

/// `VirtualUSB` with a device of the host behind it.
struct Connected {
    key: i64,
    pattern: String,
}

/// `VirtualMachineUsbInfo`.
struct OfHost {
    name: String,
    physical_path: String,
    description: String,
    /// The MoRef of the machine that has it.
    used_by: Option<String>,
}

/// With a controller where the machine has none.
pub async fn look_to_connect(vcenter: &VCenter, machine: &Marked, device: &str) -> Result<Look, CloudError> {
    let found = find(vcenter, machine).await?;
    if found.devices.iter().any(|it| is_same(&it.pattern, device)) {
        return Ok(Look::Done(None));
    }
    check(vcenter, machine, device).await?;
    let mut changes = String::new();
    let controller_key = found.controller_key.unwrap_or(NEW_CONTROLLER);
    if controller_key == NEW_CONTROLLER {
        changes.push_str(&format!(
            "<deviceChange><operation>add</operation><device xsi:type=\"{}\"><key>{NEW_CONTROLLER}</key><busNumber>0\
             </busNumber><autoConnectDevices>false</autoConnectDevices></device></deviceChange>",
            CONTROLLERS[0]
        ));
    }
    // The negative key is the vCenter's to replace.
    changes.push_str(&format!(
        "<deviceChange><operation>add</operation><device xsi:type=\"VirtualUSB\"><key>-1</key>\
         <backing xsi:type=\"VirtualUSBUSBBackingInfo\"><deviceName>{}</deviceName></backing><connectable>\
         <startConnected>true</startConnected><allowGuestControl>false</allowGuestControl><connected>true</connected>\
         </connectable><controllerKey>{controller_key}</controllerKey><connected>true</connected></device></deviceChange>",
        escape(device)
    ));
    Ok(Look::Next(reconfigure(&machine.reference, &changes)))
}

/// The controller stays.
pub async fn look_to_disconnect(vcenter: &VCenter, machine: &Marked, device: &str) -> Result<Look, CloudError> {
    let found = find(vcenter, machine).await?;
    let changes: String = found
        .devices
        .iter()
        .filter(|it| is_same(&it.pattern, device))
        .map(|it| {
            format!(
                "<deviceChange><operation>remove</operation><device xsi:type=\"VirtualUSB\"><key>{}</key>\
                 <connected>false</connected></device></deviceChange>",
                it.key
            )
        })
        .collect();
    Ok(match changes.as_str() {
        "" => Look::Done(None),
        changes => Look::Next(reconfigure(&machine.reference, changes)),
    })
}

/// Their patterns.
pub fn view(devices: Node<'_>) -> Vec<String> {
    read(devices).devices.into_iter().map(|it| it.pattern).collect()
}

/// That the host has it for this machine, where the vCenter tells what the host has.
async fn check(vcenter: &VCenter, machine: &Marked, device: &str) -> Result<(), CloudError> {
    let Some(browser) = config_target::browser(vcenter, machine).await? else { return Ok(()) };
    let there = match config_target::list(vcenter, &browser, OfHost::read).await {
        Err(err) if err.is_fault("NoPermission") || err.is_fault("NotSupported") => return Ok(()),
        outcome => outcome?,
    };
    let name = &machine.machine.name;
    let is_free = |it: &OfHost| it.used_by.as_ref().is_none_or(|it| *it == machine.reference.id);
    match there.iter().find(|it| it.name == device || it.physical_path == device) {
        Some(it) if is_free(it) => Ok(()),
        Some(it) => {
            let description = &it.description;
            let why = format!("the USB device {device:?} ({description}) is used by another machine than {name}");
            Err(CloudError::Refused(why))
        }
        None => {
            let free = there.iter().filter(|it| is_free(it));
            let free: Vec<_> = free.map(|it| format!("{:?} ({})", it.name, it.description)).collect();
            Err(none_of("USB device", device, name, &free))
        }
    }
}

async fn find(vcenter: &VCenter, machine: &Marked) -> Result<Found, CloudError> {
    let read = |object: Object<'_>| object.value("config.hardware.device").map(read);
    let found = property_collector::get(vcenter, std::slice::from_ref(&machine.reference), WANTED, read).await?;
    found.into_iter().flatten().next().ok_or_else(|| {
        CloudError::Conflict(format!("{} does not tell the devices of {} now", vcenter.origin, machine.machine.name))
    })
}

fn read(devices: Node<'_>) -> Found {
    let controller = |kind: &str| devices.children().find(|it| it.value_type() == kind)?.get("key").parse().ok();
    Found {
        devices: devices.children().filter_map(Connected::read).collect(),
        controller_key: CONTROLLERS.into_iter().find_map(controller),
    }
}

impl Connected {
    /// `None` for a device of another kind, and for one of another host or of the console's user.
    fn read(device: Node<'_>) -> Option<Connected> {
        let backing = device.child("backing")?;
        if device.value_type() != "VirtualUSB" || backing.value_type() != "VirtualUSBUSBBackingInfo" {
            return None;
        }
        Some(Connected { key: device.get("key").parse().ok()?, pattern: backing.get("deviceName").to_owned() })
    }
}

impl OfHost {
    fn read(entry: Node<'_>) -> Option<OfHost> {
        let used_by = || Some(entry.child("summary")?.child("vm")?.text().to_owned());
        (entry.name() == "usb").then(|| OfHost {
            name: entry.get("name").to_owned(),
            physical_path: entry.get("physicalPath").to_owned(),
            description: entry.get("description").to_owned(),
            used_by: used_by(),
        })
    }
}

/// A host adds to a pattern what else it knows of the device. The path is the port that it is in.
fn is_same(pattern: &str, other: &str) -> bool {
    let path = |it: &str| it.split(' ').find_map(|it| it.strip_prefix("path:")).map(str::to_owned);
    pattern == other || (path(pattern).is_some() && path(pattern) == path(other))
}

#[cfg(test)]
mod tests {
    use super::is_same;

    #[test]
    fn a_device_is_known_by_its_port() {
        assert!(is_same("path:1/0/3 version:2", "path:1/0/3"));
        assert!(is_same("vid:1921", "vid:1921"));
        assert!(!is_same("path:1/0/3", "path:1/0/31"));
        assert!(!is_same("vid:1921", "vid:1922"));
        assert!(!is_same("vid:1921", "path:1/0/3"));
    }
}
