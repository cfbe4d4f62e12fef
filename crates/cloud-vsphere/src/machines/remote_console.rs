use cloud::{CloudError, operation::RemoteConsole};

use crate::{
    machines::{configure::reconfigure, find::Marked, operate::Look},
    property_collector::{self, Object, Wanted},
    session::VCenter,
};

/// -1 where the host's own limit holds.
pub const MAX_CONNECTIONS: &str = "config.maxMksConnections";
pub const LOCK_GUEST: &str = "config.guestAutoLockEnabled";
const WANTED: Wanted = Wanted { kind: "VirtualMachine", properties: &[MAX_CONNECTIONS, LOCK_GUEST] };

/// Of a machine that is on, too: those who are connected stay.
pub async fn look(vcenter: &VCenter, machine: &Marked, wanted: &RemoteConsole) -> Result<Look, CloudError> {
    let found = property_collector::get(vcenter, std::slice::from_ref(&machine.reference), WANTED, view).await?;
    let now = found.into_iter().next().unwrap_or_default();
    let mut changes = String::new();
    // In the order of `VirtualMachineConfigSpec` in the API reference.
    if let Some(n) = wanted.max_connections.filter(|_| now.max_connections != wanted.max_connections) {
        changes.push_str(&format!("<maxMksConnections>{n}</maxMksConnections>"));
    }
    if let Some(is_locked) = wanted.lock_guest.filter(|_| now.lock_guest != wanted.lock_guest) {
        changes.push_str(&format!("<guestAutoLockEnabled>{is_locked}</guestAutoLockEnabled>"));
    }
    Ok(match changes.as_str() {
        "" => Look::Done(None),
        changes => Look::Next(reconfigure(&machine.reference, changes)),
    })
}

/// As people see it.
pub fn view(object: Object<'_>) -> RemoteConsole {
    RemoteConsole {
        max_connections: object.number(MAX_CONNECTIONS).filter(|it| *it > 0),
        lock_guest: object.text(LOCK_GUEST).map(property_collector::is_true),
    }
}
