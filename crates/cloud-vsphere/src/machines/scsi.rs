//! SCSI buses of a machine, and where on them a disk can be put.

use std::{collections::BTreeSet, fmt, str::FromStr};

use crate::soap::tree::Node;

/// Types of controllers; all are a `VirtualSCSIController`.
const CONTROLLERS: [&str; 4] = [
    "ParaVirtualSCSIController",
    "VirtualLsiLogicController",
    "VirtualLsiLogicSASController",
    "VirtualBusLogicController",
];
const MAX_BUSES: i64 = 4;
/// Newer paravirtual controllers have more.
const MAX_UNITS: i64 = 16;
/// Of the controller itself, where it does not tell another.
const OWN_UNIT: i64 = 7;
/// The key of a controller that is added in the same request.
pub const NEW: i64 = -101;

/// A controller.
pub struct Bus {
    pub key: i64,
    pub number: i64,
    taken: BTreeSet<i64>,
}

/// Written as VMware does: `scsi0:1`. Controllers keep their number, while the key of a new one is the vCenter's choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    pub bus: i64,
    pub unit: i64,
}

impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "scsi{}:{}", self.bus, self.unit)
    }
}

impl FromStr for Slot {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (bus, unit) = text.strip_prefix("scsi").and_then(|it| it.split_once(':')).ok_or(())?;
        Ok(Slot { bus: bus.parse().map_err(|_| ())?, unit: unit.parse().map_err(|_| ())? })
    }
}

/// In the order of their numbers.
pub fn buses(devices: Node<'_>) -> Vec<Bus> {
    let number = |device: Node<'_>, name: &str| device.get(name).parse::<i64>().ok();
    let read = |device: Node<'_>| {
        let key = number(device, "key")?;
        let attached = devices.children().filter(|it| number(*it, "controllerKey") == Some(key));
        let mut taken: BTreeSet<_> = attached.filter_map(|it| number(it, "unitNumber")).collect();
        taken.extend([OWN_UNIT, number(device, "scsiCtlrUnitNumber").unwrap_or(OWN_UNIT)]);
        Some(Bus { key, number: number(device, "busNumber")?, taken })
    };
    let controllers = devices.children().filter(|it| CONTROLLERS.contains(&it.value_type()));
    let mut buses: Vec<_> = controllers.filter_map(read).collect();
    buses.sort_by_key(|it| it.number);
    buses
}

/// The first free place, with the controller that is there; `None` where no further disk can be.
pub fn free(buses: &[Bus]) -> Option<(Slot, Option<&Bus>)> {
    for bus in buses {
        if let Some(unit) = (0..MAX_UNITS).find(|it| !bus.taken.contains(it)) {
            return Some((Slot { bus: bus.number, unit }, Some(bus)));
        }
    }
    let new = (0..MAX_BUSES).find(|number| buses.iter().all(|it| it.number != *number))?;
    Some((Slot { bus: new, unit: 0 }, None))
}

/// A `<deviceChange>` that adds a controller.
pub fn add(number: i64) -> String {
    format!(
        "<deviceChange><operation>add</operation><device xsi:type=\"ParaVirtualSCSIController\"><key>{NEW}</key>\
         <busNumber>{number}</busNumber><hotAddRemove>true</hotAddRemove><sharedBus>noSharing</sharedBus>\
         <scsiCtlrUnitNumber>{OWN_UNIT}</scsiCtlrUnitNumber></device></deviceChange>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_as_it_is_written() {
        let slot = Slot { bus: 1, unit: 15 };
        assert_eq!(slot.to_string(), "scsi1:15");
        assert_eq!("scsi1:15".parse(), Ok(slot));
        for wrong in ["", "removed", "1000:1", "scsi1", "scsi1:x"] {
            assert_eq!(wrong.parse::<Slot>(), Err(()), "{wrong}");
        }
    }

    #[test]
    fn the_first_free_place_is_never_that_of_the_controller() {
        let bus = |number, taken: &[i64]| Bus { key: 1000 + number, number, taken: taken.iter().copied().collect() };
        let check = |buses: &[Bus], expected: Option<(&str, bool)>| {
            let found = free(buses).map(|(slot, bus)| (slot.to_string(), bus.is_some()));
            assert_eq!(found, expected.map(|(slot, is_there)| (slot.to_owned(), is_there)));
        };
        let full: Vec<_> = (0..16).collect();
        check(&[], Some(("scsi0:0", false)));
        check(&[bus(0, &[0, 1, 7])], Some(("scsi0:2", true)));
        check(&[bus(0, &[0, 1, 2, 3, 4, 5, 6, 7])], Some(("scsi0:8", true)));
        check(&[bus(0, &full)], Some(("scsi1:0", false)));
        check(&[bus(1, &full)], Some(("scsi0:0", false)));
        check(&[bus(0, &full), bus(1, &[7])], Some(("scsi1:0", true)));
        check(&[bus(0, &full), bus(1, &full), bus(2, &full), bus(3, &full)], None);
    }
}
