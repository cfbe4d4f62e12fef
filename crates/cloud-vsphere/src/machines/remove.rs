use cloud::{
    CloudError,
    inventory::PowerState,
    server::{Mark, Order, Removal},
};

use crate::{
    inventory::Place,
    machines::find,
    session::VCenter,
    soap::{
        envelope::{Call, MoRef},
        error::CallError,
    },
    tasks::{self, State, Task},
};

/// One step: cancel the clone, switch the machine off, or destroy it with its disks. Without an order, or with one that
/// came second, a clone of our user may be the one whose answer was lost, so nothing is said to be gone before all of
/// them have ended.
pub async fn step(place: &Place<'_>, mark: Mark, order: Option<&Order>) -> Result<Removal, CloudError> {
    let vcenter = place.vcenter;
    let task = find::of_order(vcenter, order).await?;
    if let Some(task) = &task
        && matches!(task.state, State::UnderWay(_))
    {
        if task.is_cancelable && !task.is_cancelled {
            tasks::cancel(vcenter, &task.id).await?;
        }
        return Ok(Removal::UnderWay);
    }
    let was_lost = order.is_none() || task.as_ref().is_some_and(Task::came_second);
    // Asked before the search: what ends in between is found by it.
    let may_be_under_way = was_lost && tasks::any_clone_under_way(vcenter).await?;
    let Some(found) = find::by_mark(place, mark, task.as_ref()).await? else {
        return Ok(if may_be_under_way { Removal::UnderWay } else { Removal::Gone });
    };
    if found.is_template {
        let (name, id) = (&found.machine.name, &found.reference.id);
        return Err(CloudError::Conflict(format!("{name} ({id}) was made a template; delete it in the vCenter")));
    }
    let off = found.machine.power_state == PowerState::Off
        || !started(vcenter, "PowerOffVM_Task", &found.reference, &["InvalidPowerState"]).await?;
    if off {
        started(vcenter, "Destroy_Task", &found.reference, &[]).await?;
    }
    Ok(Removal::UnderWay)
}

/// False where the machine is in no state for it, by one of these faults. One that is gone, or that has another task
/// under way, is left to the next step.
async fn started(
    vcenter: &VCenter,
    method: &'static str,
    machine: &MoRef,
    unneeded: &[&str],
) -> Result<bool, CallError> {
    match tasks::start(vcenter, &Call::change(method, machine)).await {
        Err(err) if unneeded.iter().any(|it| err.is_fault(it)) => Ok(false),
        Err(err) if err.is_fault("ManagedObjectNotFound") || err.is_fault("TaskInProgress") => Ok(true),
        outcome => outcome.map(|()| true),
    }
}
