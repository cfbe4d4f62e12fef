use cloud::{CloudError, inventory::PowerState, server::Size};

use crate::{
    machines::{configure::reconfigure, find::Marked, operate::Look},
    property_collector::{self, Object, Wanted},
    session::VCenter,
};

const WANTED: Wanted = Wanted {
    kind: "VirtualMachine",
    properties: &[
        "config.hardware.numCPU",
        "config.hardware.numCoresPerSocket",
        "config.hardware.memoryMB",
        "config.cpuHotAddEnabled",
        "config.memoryHotAddEnabled",
        "config.hotPlugMemoryLimit",
        "config.hotPlugMemoryIncrementSize",
    ],
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Measure {
    vcpus: u32,
    cores_per_socket: u32,
    memory_mib: u64,
}

/// What a machine that runs can be given (`VirtualMachineConfigInfo` of the API reference).
#[derive(Debug, Clone, Copy, Default)]
struct HotAdd {
    cpu: bool,
    memory: bool,
    /// The most memory it can have then, in MiB. vSphere calls it the most that can be added, and tells 16 times what
    /// the machine was switched on with.
    limit_mib: Option<u64>,
    increment_mib: Option<u64>,
}

/// A machine that is off gets any size; one that runs only more of what it has hot add for.
pub async fn look(vcenter: &VCenter, machine: &Marked, size: &Size) -> Result<Look, CloudError> {
    let Size::Custom { vcpus, cores_per_socket, memory_mib } = *size else {
        return Err(CloudError::Refused("vSphere has no flavors; choose an instance type with a size".to_owned()));
    };
    let wanted = Measure { vcpus, cores_per_socket, memory_mib };
    let read = |object: Object<'_>| {
        let now = Measure {
            vcpus: object.number("config.hardware.numCPU")?,
            // 0 where the vCenter chooses when it is switched on (since vSphere 8).
            cores_per_socket: object.number("config.hardware.numCoresPerSocket").unwrap_or(0),
            memory_mib: object.number("config.hardware.memoryMB")?,
        };
        let hot_add = HotAdd {
            cpu: object.is_true("config.cpuHotAddEnabled"),
            memory: object.is_true("config.memoryHotAddEnabled"),
            // 0 tells nothing.
            limit_mib: object.number("config.hotPlugMemoryLimit").filter(|it| *it > 0),
            increment_mib: object.number("config.hotPlugMemoryIncrementSize").filter(|it| *it > 0),
        };
        Some((now, hot_add))
    };
    let found = property_collector::get(vcenter, std::slice::from_ref(&machine.reference), WANTED, read).await?;
    let name = &machine.machine.name;
    let Some((now, hot_add)) = found.into_iter().flatten().next() else {
        return Err(CloudError::Conflict(format!("{} does not tell the size of {name} now", vcenter.origin)));
    };
    if now == wanted {
        return Ok(Look::Done(None));
    }
    let obstacles = match machine.machine.power_state {
        PowerState::Off => Vec::new(),
        PowerState::On => obstacles(now, wanted, hot_add),
        PowerState::Suspended | PowerState::Unknown => vec![format!("it is {}", machine.machine.status)],
    };
    if !obstacles.is_empty() {
        let obstacles = obstacles.join("; ");
        return Err(CloudError::Refused(format!("{name} cannot get another size as it is: {obstacles}; power it off")));
    }
    let mut changes = String::new();
    if now.vcpus != wanted.vcpus {
        changes.push_str(&format!("<numCPUs>{vcpus}</numCPUs>"));
    }
    if now.cores_per_socket != wanted.cores_per_socket {
        changes.push_str(&format!("<numCoresPerSocket>{cores_per_socket}</numCoresPerSocket>"));
    }
    if now.memory_mib != wanted.memory_mib {
        changes.push_str(&format!("<memoryMB>{memory_mib}</memoryMB>"));
    }
    Ok(Look::Next(reconfigure(&machine.reference, &changes)))
}

/// Why a machine that runs cannot get this size; none where it can.
fn obstacles(now: Measure, wanted: Measure, hot_add: HotAdd) -> Vec<String> {
    let mut obstacles = Vec::new();
    if wanted.vcpus < now.vcpus {
        obstacles.push("vCPUs are taken away".to_owned());
    }
    if wanted.vcpus > now.vcpus && !hot_add.cpu {
        obstacles.push("CPU hot add is not enabled".to_owned());
    }
    if wanted.cores_per_socket != now.cores_per_socket {
        obstacles.push("the cores of a socket change".to_owned());
    }
    let added = wanted.memory_mib.checked_sub(now.memory_mib);
    match added {
        None => obstacles.push("memory is taken away".to_owned()),
        Some(0) => {}
        Some(_) if !hot_add.memory => obstacles.push("memory hot add is not enabled".to_owned()),
        Some(added) => {
            if let Some(limit) = hot_add.limit_mib.filter(|it| wanted.memory_mib > *it) {
                obstacles.push(format!("it can have {limit} MiB while it runs"));
            }
            if let Some(increment) = hot_add.increment_mib.filter(|it| added % it != 0) {
                obstacles.push(format!("memory is added in steps of {increment} MiB while it runs"));
            }
        }
    }
    obstacles
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_running_machine_can_be_given() {
        let now = Measure { vcpus: 2, cores_per_socket: 2, memory_mib: 1024 };
        let all = HotAdd { cpu: true, memory: true, limit_mib: Some(16384), increment_mib: Some(128) };
        let check = |hot_add, (vcpus, cores_per_socket, memory_mib), expected: &[&str]| {
            assert_eq!(obstacles(now, Measure { vcpus, cores_per_socket, memory_mib }, hot_add), expected);
        };
        check(all, (4, 2, 2048), &[]);
        check(all, (2, 2, 16384), &[]);
        check(all, (1, 2, 512), &["vCPUs are taken away", "memory is taken away"]);
        check(all, (4, 4, 1024), &["the cores of a socket change"]);
        check(all, (2, 2, 32768), &["it can have 16384 MiB while it runs"]);
        check(all, (2, 2, 1025), &["memory is added in steps of 128 MiB while it runs"]);
        check(HotAdd::default(), (4, 2, 1024), &["CPU hot add is not enabled"]);
        check(HotAdd::default(), (2, 2, 2048), &["memory hot add is not enabled"]);
        check(HotAdd { memory: true, ..HotAdd::default() }, (2, 2, 2049), &[]);
    }
}
