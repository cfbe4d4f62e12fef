//! Which host and datastore a machine is cloned to, where that is left to us.

use std::{
    collections::BTreeMap,
    fmt,
    sync::PoisonError,
    time::{Duration, Instant},
};

use cloud::{
    CloudError,
    server::{Choice, Mark, Nic, Size},
};
use futures_util::TryStreamExt;

use crate::{
    inventory::{Place, name},
    property_collector::{self, Object, Wanted, is_true},
    soap::{error::CallError, tree::Node},
};

const HOSTS: Wanted = Wanted {
    kind: "HostSystem",
    properties: &[
        "name",
        "parent",
        "runtime.connectionState",
        "runtime.powerState",
        "runtime.inMaintenanceMode",
        "summary.hardware",
        "summary.quickStats",
        "datastore",
        "network",
        "vm",
    ],
};
const DATASTORES: Wanted = Wanted { kind: "Datastore", properties: &["name", "summary", "host"] };

/// A host tells a load only after the machine runs, and a datastore its room after it was written: for this long what
/// was placed is counted as used.
const PLANNED_FOR: Duration = Duration::from_secs(10 * 60);
/// In one message.
const MAX_EXPLAINED: usize = 8;
const GIB: u64 = 1 << 30;

#[derive(Debug, Clone)]
pub struct Host {
    id: String,
    name: String,
    compute_resource: String,
    /// Why no machine can be put there now.
    unusable: Option<String>,
    threads: u32,
    memory_bytes: u64,
    /// Of one core.
    core_mhz: u64,
    free_mhz: u64,
    free_memory_bytes: u64,
    datastores: Vec<String>,
    networks: Vec<String>,
    n_machines: usize,
}

#[derive(Debug, Clone)]
pub struct Datastore {
    name: String,
    unusable: Option<String>,
    free_bytes: u64,
    /// Hosts that cannot write to it, as far as it tells.
    shut_to: Vec<String>,
}

/// What a machine takes.
#[derive(Debug, Clone)]
pub struct Needed {
    pub vcpus: u32,
    pub memory_bytes: u64,
    /// As if its disks were full.
    pub disk_bytes: u64,
    /// MoRefs.
    pub networks: Vec<String>,
}

impl Needed {
    /// `None` for a flavor, which vSphere has not.
    pub fn new(size: &Size, nics: &[Nic], disk_bytes: u64) -> Option<Needed> {
        let Size::Custom { vcpus, memory_mib, .. } = *size else { return None };
        let networks = nics.iter().map(|it| it.network.clone()).collect();
        Some(Needed { vcpus, memory_bytes: memory_mib.saturating_mul(1 << 20), disk_bytes, networks })
    }
}

/// What a launch of the last minutes will use.
#[derive(Debug)]
pub struct Planned {
    mark: Mark,
    at: Instant,
    host: String,
    datastore: String,
    vcpus: u32,
    memory_bytes: u64,
    disk_bytes: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen {
    /// MoRefs.
    pub host: String,
    pub datastore: String,
    pub compute_resource: String,
    /// For people: `host`, `datastore`, `choice` and, where there were any, `excluded`.
    pub evidence: BTreeMap<String, String>,
}

/// Reads hosts and datastores once, and decides. Only below the compute resource, and on the datastore, that is named.
/// [`CloudError::Refused`] names each host that cannot take it, with the reason.
pub async fn choose(
    place: &Place<'_>,
    mark: Mark,
    compute_resource: Option<&str>,
    datastore: Option<&str>,
    needed: &Needed,
    choice: &Choice,
) -> Result<Chosen, CloudError> {
    let hosts = hosts(place).await?;
    let hosts: Vec<_> = hosts
        .into_iter()
        .filter(|it| compute_resource.is_none_or(|named| it.compute_resource == named))
        .filter(|it| choice.hosts.is_empty() || choice.hosts.contains(&it.id))
        .collect();
    if hosts.is_empty() {
        let text = "none of the hosts that the farm role allows is in the datacenter; choose others";
        return Err(CloudError::Refused(text.to_owned()));
    }
    let mut datastores = datastores(place).await?;
    if let Some(named) = datastore {
        datastores.retain(|id, _| id == named);
        if datastores.is_empty() {
            let text = format!("the datacenter has no datastore {named}; choose another");
            return Err(CloudError::Refused(text));
        }
    }
    let mut planned = place.vcenter.planned.lock().unwrap_or_else(PoisonError::into_inner);
    // Another try of the same launch takes the place of the one before.
    planned.retain(|it| it.at.elapsed() < PLANNED_FOR && it.mark != mark);
    let (hosts, datastores) = with_planned(hosts, datastores, &planned);
    let chosen = decide(&hosts, &datastores, needed, choice).map_err(CloudError::Refused)?;
    planned.push(Planned {
        mark,
        at: Instant::now(),
        host: chosen.host.clone(),
        datastore: chosen.datastore.clone(),
        vcpus: needed.vcpus,
        memory_bytes: needed.memory_bytes,
        disk_bytes: needed.disk_bytes,
    });
    Ok(chosen)
}

async fn hosts(place: &Place<'_>) -> Result<Vec<Host>, CallError> {
    let read = |object: Object<'_>| Some(host(object));
    let pieces = property_collector::list(place.vcenter, place.datacenter.clone(), HOSTS, read);
    Ok(pieces.try_collect::<Vec<_>>().await?.concat())
}

fn host(object: Object<'_>) -> Host {
    let number = |part: &str, key: &str| object.value(part).and_then(|it| it.get(key).parse::<u64>().ok());
    let hardware = |key| number("summary.hardware", key);
    let used = |key| number("summary.quickStats", key);
    let references = |part: &str| {
        let array = object.value(part).into_iter().flat_map(Node::children);
        array.map(|it| it.text().to_owned()).collect::<Vec<_>>()
    };
    let core_mhz = hardware("cpuMhz");
    let mhz = core_mhz.zip(hardware("numCpuCores")).map(|(mhz, cores)| mhz.saturating_mul(cores));
    let memory_bytes = hardware("memorySize");
    let free_mhz = mhz.zip(used("overallCpuUsage")).map(|(all, used)| all.saturating_sub(used));
    // The vCenter gives what is used in MB.
    let used_bytes = used("overallMemoryUsage").map(|it| it.saturating_mul(1 << 20));
    let free_memory_bytes = memory_bytes.zip(used_bytes).map(|(all, used)| all.saturating_sub(used));
    let state = object.text("runtime.connectionState").unwrap_or("unknown");
    let power = object.text("runtime.powerState").unwrap_or("unknown");
    let unusable = if state != "connected" {
        Some(format!("is {state}"))
    } else if power != "poweredOn" {
        Some(format!("is {power}"))
    } else if object.is_true("runtime.inMaintenanceMode") {
        Some("is in maintenance mode".to_owned())
    } else if free_mhz.is_none() || free_memory_bytes.is_none() {
        Some("does not tell its load".to_owned())
    } else {
        None
    };
    Host {
        id: object.id().to_owned(),
        name: name(object),
        compute_resource: object.text("parent").unwrap_or_default().to_owned(),
        unusable,
        threads: hardware("numCpuThreads").and_then(|it| it.try_into().ok()).unwrap_or_default(),
        memory_bytes: memory_bytes.unwrap_or_default(),
        core_mhz: core_mhz.unwrap_or_default(),
        free_mhz: free_mhz.unwrap_or_default(),
        free_memory_bytes: free_memory_bytes.unwrap_or_default(),
        datastores: references("datastore"),
        networks: references("network"),
        n_machines: references("vm").len(),
    }
}

async fn datastores(place: &Place<'_>) -> Result<BTreeMap<String, Datastore>, CallError> {
    let read = |object: Object<'_>| Some((object.id().to_owned(), datastore(object)));
    let pieces = property_collector::list(place.vcenter, place.datacenter.clone(), DATASTORES, read);
    Ok(pieces.try_collect::<Vec<_>>().await?.into_iter().flatten().collect())
}

fn datastore(object: Object<'_>) -> Datastore {
    let summary = object.value("summary");
    let text = |key: &str| summary.map(|it| it.get(key)).unwrap_or_default();
    let unusable = if !is_true(text("accessible")) {
        Some("is not accessible")
    } else if !matches!(text("maintenanceMode"), "normal" | "") {
        Some("is in maintenance mode")
    } else {
        None
    };
    let mounts = object.value("host").into_iter().flat_map(Node::children);
    let is_shut = |mount: &Node<'_>| {
        let info = mount.child("mountInfo");
        let is = |key: &str, value: &str| info.is_some_and(|it| it.get(key) == value);
        is("accessMode", "readOnly") || is("accessible", "false") || is("mounted", "false")
    };
    Datastore {
        name: name(object),
        unusable: unusable.map(str::to_owned),
        free_bytes: text("freeSpace").parse().unwrap_or_default(),
        shut_to: mounts.filter(is_shut).map(|it| it.get("key").to_owned()).collect(),
    }
}

fn with_planned(
    mut hosts: Vec<Host>,
    mut datastores: BTreeMap<String, Datastore>,
    planned: &[Planned],
) -> (Vec<Host>, BTreeMap<String, Datastore>) {
    for plan in planned {
        if let Some(host) = hosts.iter_mut().find(|it| it.id == plan.host) {
            host.free_mhz = host.free_mhz.saturating_sub(host.core_mhz.saturating_mul(plan.vcpus.into()));
            host.free_memory_bytes = host.free_memory_bytes.saturating_sub(plan.memory_bytes);
        }
        if let Some(datastore) = datastores.get_mut(&plan.datastore) {
            datastore.free_bytes = datastore.free_bytes.saturating_sub(plan.disk_bytes);
        }
    }
    (hosts, datastores)
}

/// The host with the highest sum of what is free of each kind, as a share of the most that any candidate has free, by
/// its weight; of equals that with the fewest machines, then the first. Of its datastores the one with most room. An
/// error is a sentence that names the hosts and why each cannot.
fn decide(
    hosts: &[Host],
    datastores: &BTreeMap<String, Datastore>,
    needed: &Needed,
    choice: &Choice,
) -> Result<Chosen, String> {
    let mut candidates = Vec::new();
    let mut excluded = Vec::new();
    for host in hosts {
        match best_datastore(host, datastores, needed, choice.buffer_bytes) {
            Ok((id, datastore)) => candidates.push((host, id, datastore)),
            Err(why) => excluded.push(format!("{} {why}", host.name)),
        }
    }
    let most = |of: &dyn Fn(&(&Host, &String, &Datastore)) -> u64| candidates.iter().map(of).max().unwrap_or_default();
    let most_mhz = most(&|it| it.0.free_mhz);
    let most_memory = most(&|it| it.0.free_memory_bytes);
    let most_disk = most(&|it| it.2.free_bytes);
    // In thousandths, so that equals are equal.
    let share = |free: u64, most: u64| free.saturating_mul(1000).checked_div(most).unwrap_or_default();
    let score = |(host, _, datastore): &(&Host, &String, &Datastore)| {
        let weights = choice.weights;
        share(host.free_mhz, most_mhz) * u64::from(weights.cpu)
            + share(host.free_memory_bytes, most_memory) * u64::from(weights.memory)
            + share(datastore.free_bytes, most_disk) * u64::from(weights.disk)
    };
    let best = candidates.iter().min_by_key(|it| (std::cmp::Reverse(score(it)), it.0.n_machines));
    let excluded = explained(&excluded);
    let Some((host, datastore_id, datastore)) = best else {
        return Err(format!(
            "no host can take the machine now: {excluded}; make room, or let the farm role use other hosts and datastores"
        ));
    };
    let mut evidence = BTreeMap::from([
        ("host".to_owned(), format!("{} ({})", host.name, host.id)),
        ("datastore".to_owned(), format!("{} ({datastore_id})", datastore.name)),
        (
            "choice".to_owned(),
            format!(
                "{} MHz and {} of memory were free, {} on the datastore; {} of {} hosts could take it",
                host.free_mhz,
                Gib(host.free_memory_bytes),
                Gib(datastore.free_bytes),
                candidates.len(),
                hosts.len()
            ),
        ),
    ]);
    if !excluded.is_empty() {
        evidence.insert("excluded".to_owned(), excluded);
    }
    Ok(Chosen {
        host: host.id.clone(),
        datastore: (*datastore_id).clone(),
        compute_resource: host.compute_resource.clone(),
        evidence,
    })
}

/// The one with most room, or why the host is no candidate.
fn best_datastore<'a>(
    host: &Host,
    datastores: &'a BTreeMap<String, Datastore>,
    needed: &Needed,
    buffer_bytes: u64,
) -> Result<(&'a String, &'a Datastore), String> {
    if let Some(why) = &host.unusable {
        return Err(why.clone());
    }
    // A machine with more of either than its host has cannot be switched on.
    if host.threads < needed.vcpus {
        return Err(format!("has {} logical CPUs, of {}", host.threads, needed.vcpus));
    }
    if host.memory_bytes < needed.memory_bytes {
        return Err(format!("has {} of memory, of {}", Gib(host.memory_bytes), Gib(needed.memory_bytes)));
    }
    if let Some(network) = needed.networks.iter().find(|it| !host.networks.contains(it)) {
        return Err(format!("has no connection to {network}"));
    }
    let seen: Vec<_> = datastores.iter().filter(|(id, _)| host.datastores.contains(id)).collect();
    let room = needed.disk_bytes.saturating_add(buffer_bytes);
    let why_not = |datastore: &Datastore| match &datastore.unusable {
        Some(why) => Some(why.clone()),
        None if datastore.shut_to.contains(&host.id) => Some("cannot be written by it".to_owned()),
        None if datastore.free_bytes < room => {
            let (free, disks) = (Gib(datastore.free_bytes), Gib(needed.disk_bytes));
            Some(format!("has {free} free, of {disks} for disks and {} to stay free", Gib(buffer_bytes)))
        }
        None => None,
    };
    let usable = seen.iter().filter(|(_, it)| why_not(it).is_none());
    // Of equals the first.
    if let Some((id, datastore)) = usable.min_by_key(|(_, it)| std::cmp::Reverse(it.free_bytes)) {
        return Ok((id, datastore));
    }
    if seen.is_empty() {
        return Err("sees no datastore that the farm role allows".to_owned());
    }
    let reasons: Vec<_> = seen.iter().filter_map(|(_, it)| Some(format!("{} {}", it.name, why_not(it)?))).collect();
    Err(format!("has no datastore for it ({})", explained(&reasons)))
}

/// The first of them.
fn explained(reasons: &[String]) -> String {
    match reasons.get(..MAX_EXPLAINED) {
        Some(first) if reasons.len() > MAX_EXPLAINED => {
            format!("{}, and {} more", first.join(", "), reasons.len() - MAX_EXPLAINED)
        }
        _ => reasons.join(", "),
    }
}

/// Bytes, for people: `12.5 GiB`.
struct Gib(u64);

impl fmt::Display for Gib {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{} GiB", self.0 / GIB, self.0 % GIB * 10 / GIB)
    }
}

#[cfg(test)]
mod tests;
