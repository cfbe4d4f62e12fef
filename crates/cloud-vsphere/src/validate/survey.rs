use std::{collections::BTreeMap, sync::Arc};

use cloud::check::{Finding, Reporter};
use futures_util::TryStreamExt;

use crate::{
    inventory::datacenters,
    privileges::Entity,
    property_collector::{self, Object, Wanted},
    session::VCenter,
    soap::{envelope::MoRef, error::CallError},
    validate::optional,
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

/// What this user sees of a vCenter: numbers, and some objects of each kind.
pub struct Survey {
    pub samples: BTreeMap<Entity, Vec<Asked>>,
}

pub async fn look(vcenter: &Arc<VCenter>, report: &Reporter) -> Option<Survey> {
    let look = async {
        match take(vcenter).await {
            Ok((finding, survey)) => (finding, Some(survey)),
            Err(err) => {
                let finding = Finding::Failed { detail: err.to_string(), remedy: err.remedy() };
                (finding, None)
            }
        }
    };
    report.run(optional("vsphere.inventory", vcenter), look).await.flatten()
}

async fn take(vcenter: &Arc<VCenter>) -> Result<(Finding, Survey), CallError> {
    let root = vcenter.session().await?.content.root_folder.clone();
    let datacenters = datacenters::list(vcenter).await?;
    let (hosts, datastores, pods, networks, compute, (machines, templates)) = tokio::try_join!(
        count(vcenter, &root, HOSTS),
        count(vcenter, &root, DATASTORES),
        count(vcenter, &root, PODS),
        count(vcenter, &root, NETWORKS),
        root_pools(vcenter, &root),
        machines(vcenter, &root),
    )?;
    let told = format!(
        "{} datacenters, {} hosts, {} machines, {} templates, {} datastores, {} networks seen",
        datacenters.len(),
        hosts.n,
        machines.n,
        templates.n,
        datastores.n,
        networks.n
    );
    let finding = if datacenters.is_empty() {
        Finding::Warning {
            detail: format!("{told}: nothing can be launched where no datacenter is seen"),
            remedy: "give this user a role on the root folder or on datacenters, with \"Propagate to children\""
                .to_owned(),
        }
    } else {
        Finding::Passed(told)
    };
    let folders = datacenters
        .iter()
        .filter_map(|it| Some(Asked { reference: it.vm_folder.clone()?, name: format!("machines of {}", it.name) }));
    let folders: Vec<_> = folders.take(SAMPLE).collect();
    let machines: Vec<_> = templates.some.into_iter().chain(machines.some).take(2 * SAMPLE).collect();
    let datacenters = datacenters.iter().map(|it| Asked { reference: it.reference.clone(), name: it.name.clone() });
    let samples = BTreeMap::from([
        (Entity::RootFolder, vec![Asked { reference: root, name: "root".to_owned() }]),
        (Entity::Datacenter, datacenters.take(SAMPLE).collect()),
        (Entity::Folder, folders),
        (Entity::Datastore, datastores.some),
        (Entity::StoragePod, pods.some),
        (Entity::Network, networks.some),
        (Entity::ResourcePool, compute.some),
        (Entity::VirtualMachine, machines),
    ]);
    Ok((finding, Survey { samples }))
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

/// Machines and templates apart.
async fn machines(vcenter: &Arc<VCenter>, root: &MoRef) -> Result<(Counted, Counted), CallError> {
    let (mut machines, mut templates) = (Counted::default(), Counted::default());
    let read = |object: Object<'_>| {
        let counted = if object.is_true("config.template") { &mut templates } else { &mut machines };
        counted.add(|| Asked { reference: object.reference(), name: crate::inventory::name(object) });
        None::<()>
    };
    property_collector::list(vcenter, root.clone(), MACHINES, read).try_collect::<Vec<_>>().await?;
    Ok((machines, templates))
}
