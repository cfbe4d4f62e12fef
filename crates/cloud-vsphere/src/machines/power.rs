use cloud::{
    CloudError,
    inventory::PowerState,
    server::{Mark, PowerChange},
};

use crate::{
    inventory::Place,
    machines::find::{self, Marked},
    session::VCenter,
    soap::envelope::{Call, MoRef},
    tasks,
};

pub async fn change(place: &Place<'_>, id: &str, change: PowerChange) -> Result<(), CloudError> {
    let found = ours(place.vcenter, id, None).await?;
    let (vcenter, machine) = (place.vcenter, &found.reference);
    match (change, found.machine.power_state) {
        (PowerChange::On, PowerState::On) | (PowerChange::Suspend, PowerState::Suspended) => Ok(()),
        (PowerChange::On, _) => on(vcenter, machine).await,
        (PowerChange::Suspend, PowerState::On) => {
            Ok(tasks::start(vcenter, &Call::change("SuspendVM_Task", machine)).await?)
        }
        (PowerChange::RebootHard, PowerState::On) => reset(vcenter, machine).await,
        (PowerChange::RebootSoft, PowerState::On) => {
            let reboot = Call::change("RebootGuest", machine);
            match vcenter.call(|_| reboot.clone(), |_| ()).await {
                Err(err) if err.is_fault("ToolsUnavailable") => reset(vcenter, machine).await,
                outcome => Ok(outcome?),
            }
        }
        (PowerChange::Suspend | PowerChange::RebootHard | PowerChange::RebootSoft, _) => {
            let Marked { machine, .. } = found;
            Err(CloudError::Conflict(format!("{} ({id}) is {}; switch it on first", machine.name, machine.status)))
        }
    }
}

/// A machine that is no template and, where a mark is given, carries it.
pub async fn ours(vcenter: &VCenter, id: &str, mark: Option<Mark>) -> Result<Marked, CloudError> {
    let found = find::get(vcenter, MoRef::new("VirtualMachine", id)).await?;
    let found = found.ok_or_else(|| CloudError::NotFound(format!("{} has no machine {id}", vcenter.origin)))?;
    if found.is_template {
        let name = &found.machine.name;
        return Err(CloudError::Conflict(format!("{name} ({id}) was made a template; convert it to a machine")));
    }
    match mark {
        Some(mark) if !found.is(mark) && !found.is_to_be(mark) => {
            Err(CloudError::NotFound(format!("{} ({id}) does not carry the mark {mark}", found.machine.name)))
        }
        _ => Ok(found),
    }
}

pub async fn on(vcenter: &VCenter, machine: &MoRef) -> Result<(), CloudError> {
    Ok(tasks::start(vcenter, &Call::change("PowerOnVM_Task", machine)).await?)
}

async fn reset(vcenter: &VCenter, machine: &MoRef) -> Result<(), CloudError> {
    Ok(tasks::start(vcenter, &Call::change("ResetVM_Task", machine)).await?)
}
