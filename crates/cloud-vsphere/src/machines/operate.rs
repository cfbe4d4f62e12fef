use cloud::{
    CloudError,
    operation::{Operation, Progress, Target},
    server::Order,
};
use uuid::Uuid;

use crate::{
    inventory::Place,
    machines::{
        allocation, cdrom, change_tracking, disks, power,
        relocate::{self, Destination},
        remote_console, resize, snapshots,
        template::{self, Template},
        usb,
    },
    soap::envelope::Call,
    tasks::{self, State},
};

/// What a look at the machine says of an operation.
pub enum Look {
    /// All is as it was asked for; with the id of what was made.
    Done(Option<String>),
    /// To be sent, and all that there is to do.
    Next(Call),
}

/// Looks, and has the one task begin that an operation is. With an order, that task is asked first. Without one its
/// answer may have been lost, so that nothing begins while the machine has any task under way.
pub async fn step(
    place: &Place<'_>,
    target: &Target,
    id: Uuid,
    operation: &Operation,
    order: Option<&Order>,
) -> Result<Progress, CloudError> {
    let vcenter = place.vcenter;
    let task = match order {
        Some(order) => tasks::find(vcenter, &order.id).await?,
        None => None,
    };
    // The first of an operation that was sent twice may have made what is wanted.
    let task = task.filter(|it| !it.came_second());
    let ended = match task.map(|it| it.state) {
        Some(State::UnderWay(_)) => return Ok(Progress::UnderWay(order.cloned())),
        Some(State::Failed(fault)) => {
            let operation_id = order.and_then(|it| it.request_id.as_deref()).unwrap_or_default();
            let message = vcenter.task_failed(method(operation), operation_id, fault).to_string();
            return Ok(Progress::Failed { message });
        }
        Some(State::Done(made)) => Some(made),
        None => None,
    };
    let machine = power::ours(vcenter, &target.cloud_id, Some(target.mark)).await?;
    let look = match operation {
        Operation::Resize { size } => resize::look(vcenter, &machine, size).await?,
        Operation::Snapshot { name, description } => {
            if let Some(Some(made)) = ended {
                return Ok(Progress::Done(Some(made.id)));
            }
            snapshots::look(vcenter, &machine, id, name, description).await?
        }
        Operation::AddDisk { size_gib, provisioning } => {
            disks::look_to_add(vcenter, &machine, id, *size_gib, *provisioning).await?
        }
        Operation::AddRawDisk { lun, compatibility } => {
            disks::look_to_add_raw(vcenter, &machine, id, lun, *compatibility).await?
        }
        Operation::ExtendDisk { disk, size_gib } => disks::look_to_extend(vcenter, &machine, disk, *size_gib).await?,
        Operation::RemoveDisk { disk } => disks::look_to_remove(vcenter, &machine, id, disk).await?,
        Operation::CreateTemplate { name, folder, datastore } => {
            let wanted = Template { id, name, folder: folder.as_deref(), datastore: datastore.as_deref() };
            template::look(vcenter, &machine, &wanted, ended.clone().flatten()).await?
        }
        // Where the vCenter or its DRS has moved it since is their affair.
        Operation::Relocate { .. } if ended.is_some() => Look::Done(None),
        Operation::Relocate { host, resource_pool, datastore } => {
            let to = Destination {
                host: host.as_deref(),
                resource_pool: resource_pool.as_deref(),
                datastore: datastore.as_deref(),
            };
            relocate::look(vcenter, &machine, &to).await?
        }
        Operation::SetAllocation { cpu, memory } => allocation::look(vcenter, &machine, cpu, memory).await?,
        Operation::ConnectCdrom { iso } => cdrom::look_to_connect(vcenter, &machine, iso).await?,
        Operation::DisconnectCdrom => cdrom::look_to_disconnect(vcenter, &machine).await?,
        Operation::SetChangeTracking { enabled } => change_tracking::look(vcenter, &machine, *enabled).await?,
        Operation::SetRemoteConsole { console } => remote_console::look(vcenter, &machine, console).await?,
        Operation::ConnectUsb { device } => usb::look_to_connect(vcenter, &machine, device).await?,
        Operation::DisconnectUsb { device } => usb::look_to_disconnect(vcenter, &machine, device).await?,
        Operation::AttachVolume { .. } | Operation::DetachVolume { .. } => {
            let why = "volumes; vSphere has none, so add a disk to the server";
            return Err(CloudError::Unsupported(why.to_owned()));
        }
        Operation::AddFloatingIp { .. }
        | Operation::AssociateFloatingIp { .. }
        | Operation::RemoveFloatingIp { .. } => {
            let why = "floating IPs; on vSphere the addresses of a server are those of its network cards";
            return Err(CloudError::Unsupported(why.to_owned()));
        }
    };
    match look {
        Look::Done(made) => Ok(Progress::Done(made)),
        // Sent again, it would be so for ever.
        Look::Next(call) if ended.is_some() => {
            let (task, name) = (order.map(|it| it.id.as_str()).unwrap_or_default(), &machine.machine.name);
            let message = format!(
                "{task} ({}) succeeded, and {name} is not as it was asked for; look at its events in {}",
                call.method, vcenter.origin
            );
            Ok(Progress::Failed { message })
        }
        Look::Next(call) => {
            if let Some(task) = tasks::under_way_on(vcenter, &machine.reference).await? {
                let name = &machine.machine.name;
                return Err(CloudError::Conflict(format!("{name} ({}) is at work: {task}", machine.reference.id)));
            }
            Ok(Progress::UnderWay(Some(tasks::begin(vcenter, &call).await?)))
        }
    }
}

/// What the task of an operation was begun with.
fn method(operation: &Operation) -> &'static str {
    match operation {
        Operation::Snapshot { .. } => "CreateSnapshot_Task",
        Operation::CreateTemplate { .. } => "CloneVM_Task",
        Operation::Relocate { .. } => "RelocateVM_Task",
        _ => "ReconfigVM_Task",
    }
}
