use cloud::{
    CloudError,
    operation::{Allocation, Limit, Shares},
};

use crate::{
    machines::{configure::reconfigure, find::Marked, operate::Look},
    property_collector::{self, Object, Wanted},
    session::VCenter,
    soap::{envelope::escape, tree::Node},
};

pub const CPU: &str = "config.cpuAllocation";
pub const MEMORY: &str = "config.memoryAllocation";
const WANTED: Wanted = Wanted { kind: "VirtualMachine", properties: &[CPU, MEMORY] };

/// `ResourceAllocationInfo` of a machine: MHz of CPU, MiB of memory.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Info {
    reservation: i64,
    /// [`UNLIMITED`] where there is none.
    limit: i64,
    /// Of `SharesInfo`. Their number says something only of the level `custom`.
    shares: i64,
    level: String,
}

const UNLIMITED: i64 = -1;

/// Of a machine that is on, too.
pub async fn look(
    vcenter: &VCenter,
    machine: &Marked,
    cpu: &Allocation,
    memory: &Allocation,
) -> Result<Look, CloudError> {
    let read = |object: Object<'_>| Some((Info::read(object.value(CPU)?)?, Info::read(object.value(MEMORY)?)?));
    let found = property_collector::get(vcenter, std::slice::from_ref(&machine.reference), WANTED, read).await?;
    let name = &machine.machine.name;
    let Some((cpu_now, memory_now)) = found.into_iter().flatten().next() else {
        return Err(CloudError::Conflict(format!("{} does not tell the shares of {name} now", vcenter.origin)));
    };
    let mut changes = String::new();
    for (element, unit, now, wanted) in
        [("cpuAllocation", "MHz of CPU", cpu_now, cpu), ("memoryAllocation", "MiB of memory", memory_now, memory)]
    {
        let then = now.with(wanted);
        if then == now {
            continue;
        }
        let (reservation, limit) = (then.reservation, then.limit);
        if limit != UNLIMITED && reservation > limit {
            let message = format!("{reservation} {unit} cannot be reserved for {name} while {limit} are its limit");
            return Err(CloudError::Refused(message));
        }
        changes.push_str(&then.write(element));
    }
    Ok(match changes.as_str() {
        "" => Look::Done(None),
        changes => Look::Next(reconfigure(&machine.reference, changes)),
    })
}

/// As people see it.
pub fn view(info: Node<'_>) -> Option<Allocation> {
    let Info { reservation, limit, shares, level } = Info::read(info)?;
    let shares = match level.as_str() {
        "low" => Shares::Low,
        "normal" => Shares::Normal,
        "high" => Shares::High,
        _ => Shares::Custom(u32::try_from(shares).unwrap_or(u32::MAX)),
    };
    let limit = u64::try_from(limit).map_or(Limit::Unlimited, Limit::At);
    Some(Allocation { shares: Some(shares), reservation: u64::try_from(reservation).ok(), limit: Some(limit) })
}

impl Info {
    fn read(info: Node<'_>) -> Option<Info> {
        let shares = info.child("shares")?;
        Some(Info {
            reservation: info.get("reservation").parse().ok()?,
            limit: info.get("limit").parse().ok()?,
            shares: shares.get("shares").parse().ok()?,
            level: shares.get("level").to_owned(),
        })
    }

    fn with(&self, wanted: &Allocation) -> Info {
        let mut then = self.clone();
        let number = |it: u64| i64::try_from(it).unwrap_or(i64::MAX);
        if let Some(reservation) = wanted.reservation {
            then.reservation = number(reservation);
        }
        match wanted.limit {
            Some(Limit::Unlimited) => then.limit = UNLIMITED,
            Some(Limit::At(limit)) => then.limit = number(limit),
            None => {}
        }
        match wanted.shares {
            Some(Shares::Low) => "low".clone_into(&mut then.level),
            Some(Shares::Normal) => "normal".clone_into(&mut then.level),
            Some(Shares::High) => "high".clone_into(&mut then.level),
            Some(Shares::Custom(shares)) => {
                "custom".clone_into(&mut then.level);
                then.shares = i64::from(shares);
            }
            None => {}
        }
        then
    }

    /// All of it, in the order of the API reference. The number of shares has to be there with each level.
    fn write(&self, element: &str) -> String {
        let Info { reservation, limit, shares, level } = self;
        format!(
            "<{element}><reservation>{reservation}</reservation><limit>{limit}</limit><shares><shares>{shares}</shares>\
             <level>{}</level></shares></{element}>",
            escape(level)
        )
    }
}
