use cloud::CloudError;

use crate::{
    machines::{configure::reconfigure, find::Marked, operate::Look},
    property_collector::{self, Object, Wanted},
    session::VCenter,
};

/// Unset where it is off.
pub const ENABLED: &str = "config.changeTrackingEnabled";
const SUPPORTED: &str = "capability.changeTrackingSupported";
const WANTED: Wanted = Wanted { kind: "VirtualMachine", properties: &[ENABLED, SUPPORTED] };

/// Of changed blocks, for backups. A disk is tracked from the next time on that the machine is started or that a snapshot
/// of it is made or removed.
pub async fn look(vcenter: &VCenter, machine: &Marked, is_enabled: bool) -> Result<Look, CloudError> {
    let read = |object: Object<'_>| (object.is_true(ENABLED), object.text(SUPPORTED) == Some("false"));
    let found = property_collector::get(vcenter, std::slice::from_ref(&machine.reference), WANTED, read).await?;
    let (is_enabled_now, is_unsupported) = found.into_iter().next().unwrap_or_default();
    if is_enabled_now == is_enabled {
        return Ok(Look::Done(None));
    }
    if is_enabled && is_unsupported {
        let name = &machine.machine.name;
        let message = format!("{name} is too old to track changed blocks; upgrade its virtual hardware first");
        return Err(CloudError::Refused(message));
    }
    let change = format!("<changeTrackingEnabled>{is_enabled}</changeTrackingEnabled>");
    Ok(Look::Next(reconfigure(&machine.reference, &change)))
}
