use std::sync::Arc;

use cloud::check::{Finding, Reporter};
use futures_util::{TryStreamExt, future::join};

use crate::{
    inventory::datacenters,
    privileges::Entity,
    property_collector::{self, Object, Wanted},
    session::{Session, VCenter},
    soap::{envelope::MoRef, error::CallError},
    validate::{optional, privileges},
};

/// Objects of one kind that are asked about privileges. They inherit most of what they have, so some tell for all.
const SAMPLE: usize = 20;

const HOSTS: Wanted = Wanted { kind: "HostSystem", properties: &["name"] };
const DATASTORES: Wanted = Wanted { kind: "Datastore", properties: &["name"] };
const PODS: Wanted = Wanted { kind: "StoragePod", properties: &["name"] };
const NETWORKS: Wanted = Wanted { kind: "Network", properties: &["name"] };
const COMPUTE_RESOURCES: Wanted = Wanted { kind: "ComputeResource", properties: &["name", "resourcePool"] };
const MACHINES: Wanted = Wanted { kind: "VirtualMachine", properties: &["name", "config.template"] };

/// One object that is asked about, with a name for people.
#[derive(Debug, Clone)]
pub struct Asked {
    pub reference: MoRef,
    pub name: String,
}

/// The checks of what is seen, each with the privileges that are asked of it.
const LISTS: [(&str, &[Entity]); 7] = [
    (DATACENTERS, &[Entity::Datacenter, Entity::Folder]),
    (HOSTS_SEEN, &[]),
    (DATASTORES_SEEN, &[Entity::Datastore]),
    (PODS_SEEN, &[Entity::StoragePod]),
    (NETWORKS_SEEN, &[Entity::Network]),
    (POOLS_SEEN, &[Entity::ResourcePool]),
    (MACHINES_SEEN, &[Entity::VirtualMachine]),
];
const DATACENTERS: &str = "vsphere.inventory";
const HOSTS_SEEN: &str = "vsphere.inventory.hosts";
const DATASTORES_SEEN: &str = "vsphere.inventory.datastores";
const PODS_SEEN: &str = "vsphere.inventory.storagePods";
const NETWORKS_SEEN: &str = "vsphere.inventory.networks";
const POOLS_SEEN: &str = "vsphere.inventory.resourcePools";
const MACHINES_SEEN: &str = "vsphere.inventory.machines";

/// What this user sees of a vCenter, and what may be done with it. Each list is a check of its own and its privileges
/// are asked as soon as it is there: one that fails or takes too long hides nothing of the others.
pub async fn look(vcenter: &Arc<VCenter>, session: &Session, report: &Reporter) {
    let root = &session.content.root_folder;
    let on_root = [Asked { reference: root.clone(), name: "root".to_owned() }];
    let of_root = privileges::look(vcenter, Entity::RootFolder, &on_root, report);
    let list = seen(vcenter, DATACENTERS, datacenters(vcenter), report);
    let (datacenters, ()) = join(Box::pin(list), Box::pin(of_root)).await;
    // Machines inherit from their folder, so an empty vCenter can be asked as well.
    let folders = datacenters.as_ref().map(|it| it.folders.as_slice()).unwrap_or_default();
    let of_datacenters = async {
        let Some(found) = &datacenters else { return unread(vcenter, DATACENTERS, report) };
        let of_datacenters = privileges::look(vcenter, Entity::Datacenter, &found.some, report);
        join(of_datacenters, privileges::look(vcenter, Entity::Folder, folders, report)).await;
    };
    let count = async |id, wanted, what| {
        let list = async { Ok(told(count(vcenter, root, wanted).await?, what)) };
        of_list(vcenter, id, seen(vcenter, id, list, report).await, report).await;
    };
    let pools = async {
        let list = async { Ok(told(root_pools(vcenter, root).await?, "root resource pools")) };
        of_list(vcenter, POOLS_SEEN, seen(vcenter, POOLS_SEEN, list, report).await, report).await;
    };
    let machines = async {
        let found = seen(vcenter, MACHINES_SEEN, machines(vcenter, root), report).await;
        let found = found.map(|it| if it.is_empty() { folders.to_vec() } else { it });
        of_list(vcenter, MACHINES_SEEN, found, report).await;
    };
    // On the heap: side by side they are too much for the stack of a thread.
    tokio::join!(
        Box::pin(of_datacenters),
        Box::pin(count(HOSTS_SEEN, HOSTS, "hosts")),
        Box::pin(count(DATASTORES_SEEN, DATASTORES, "datastores")),
        Box::pin(count(PODS_SEEN, PODS, "datastore clusters")),
        Box::pin(count(NETWORKS_SEEN, NETWORKS, "networks")),
        Box::pin(pools),
        Box::pin(machines),
    );
}

pub fn skipped(vcenter: &VCenter, report: &Reporter, because: &str) {
    privileges::skipped(vcenter, Entity::RootFolder, report, because);
    for (id, scopes) in LISTS {
        report.skipped(optional(id, vcenter), because);
        for scope in scopes {
            privileges::skipped(vcenter, *scope, report, because);
        }
    }
}

/// Runs the check of one list.
async fn seen<T>(
    vcenter: &Arc<VCenter>,
    id: &'static str,
    list: impl Future<Output = Result<(Finding, T), CallError>>,
    report: &Reporter,
) -> Option<T> {
    let look = async {
        match list.await {
            Ok((finding, found)) => (finding, Some(found)),
            Err(err) => (Finding::Failed { detail: err.to_string(), remedy: err.remedy() }, None),
        }
    };
    report.run(optional(id, vcenter), look).await.flatten()
}

/// Asks for the privileges on what a list has found.
async fn of_list(vcenter: &Arc<VCenter>, id: &'static str, found: Option<Vec<Asked>>, report: &Reporter) {
    let Some(found) = found else { return unread(vcenter, id, report) };
    for scope in scopes(id) {
        privileges::look(vcenter, *scope, &found, report).await;
    }
}

fn unread(vcenter: &VCenter, id: &str, report: &Reporter) {
    for scope in scopes(id) {
        privileges::skipped(vcenter, *scope, report, &format!("not asked, because {id} did not pass"));
    }
}

fn scopes(id: &str) -> &'static [Entity] {
    LISTS.iter().find(|(list, _)| *list == id).map_or(&[], |(_, scopes)| scopes)
}

fn told(counted: Counted, what: &str) -> (Finding, Vec<Asked>) {
    (Finding::Passed(format!("{} {what} seen", counted.n)), counted.some)
}

struct Datacenters {
    some: Vec<Asked>,
    /// Those of their machines.
    folders: Vec<Asked>,
}

async fn datacenters(vcenter: &Arc<VCenter>) -> Result<(Finding, Datacenters), CallError> {
    let datacenters = datacenters::list(vcenter).await?;
    let told = format!("{} datacenters seen", datacenters.len());
    let finding = match datacenters.is_empty() {
        true => Finding::Warning {
            detail: format!("{told}: nothing can be launched where there is none"),
            remedy: "give this user a role on the root folder or on datacenters, with \"Propagate to children\""
                .to_owned(),
        },
        false => Finding::Passed(told),
    };
    let folders = datacenters
        .iter()
        .filter_map(|it| Some(Asked { reference: it.vm_folder.clone()?, name: format!("machines of {}", it.name) }));
    let folders = folders.take(SAMPLE).collect();
    let some = datacenters.iter().map(|it| Asked { reference: it.reference.clone(), name: it.name.clone() });
    Ok((finding, Datacenters { some: some.take(SAMPLE).collect(), folders }))
}

/// How many there are, and the first of them.
#[derive(Default)]
struct Counted {
    n: u64,
    some: Vec<Asked>,
}

impl Counted {
    fn add(&mut self, asked: impl FnOnce() -> Asked) {
        self.n += 1;
        if self.some.len() < SAMPLE {
            self.some.push(asked());
        }
    }
}

async fn count(vcenter: &Arc<VCenter>, root: &MoRef, wanted: Wanted) -> Result<Counted, CallError> {
    let mut counted = Counted::default();
    let read = |object: Object<'_>| {
        counted.add(|| Asked { reference: object.reference(), name: crate::inventory::name(object) });
        None::<()>
    };
    property_collector::list(vcenter, root.clone(), wanted, read).try_collect::<Vec<_>>().await?;
    Ok(counted)
}

async fn root_pools(vcenter: &Arc<VCenter>, root: &MoRef) -> Result<Counted, CallError> {
    let mut counted = Counted::default();
    let read = |object: Object<'_>| {
        if let Some(pool) = object.text("resourcePool") {
            let name = format!("root pool of {}", crate::inventory::name(object));
            counted.add(|| Asked { reference: MoRef::new("ResourcePool", pool), name });
        }
        None::<()>
    };
    property_collector::list(vcenter, root.clone(), COMPUTE_RESOURCES, read).try_collect::<Vec<_>>().await?;
    Ok(counted)
}

/// Templates first, then machines.
async fn machines(vcenter: &Arc<VCenter>, root: &MoRef) -> Result<(Finding, Vec<Asked>), CallError> {
    let (mut machines, mut templates) = (Counted::default(), Counted::default());
    let read = |object: Object<'_>| {
        let counted = if object.is_true("config.template") { &mut templates } else { &mut machines };
        counted.add(|| Asked { reference: object.reference(), name: crate::inventory::name(object) });
        None::<()>
    };
    property_collector::list(vcenter, root.clone(), MACHINES, read).try_collect::<Vec<_>>().await?;
    let told = format!("{} machines, {} templates seen", machines.n, templates.n);
    Ok((Finding::Passed(told), templates.some.into_iter().chain(machines.some).collect()))
}
