//! Machines that are moved to another host, resource pool or datastore.

use cloud::CloudError;

use crate::{
    inventory,
    machines::{find::Marked, operate::Look},
    property_collector::{self, Object, Wanted},
    session::VCenter,
    soap::{
        envelope::{Call, MoRef, escape},
        tree::Node,
    },
};

const MACHINE: Wanted = Wanted {
    kind: "VirtualMachine",
    properties: &["runtime.host", "resourcePool", "datastore", "config.hardware.device"],
};
const HOST: Wanted = Wanted { kind: "HostSystem", properties: &["name", "parent"] };
const POOL: Wanted = Wanted { kind: "ResourcePool", properties: &["name", "owner"] };
const COMPUTE_RESOURCE: Wanted = Wanted { kind: "ComputeResource", properties: &["resourcePool"] };

/// Where a machine is to be. What is not given stays, as far as the vCenter can leave it.
pub struct Destination<'a> {
    pub host: Option<&'a str>,
    pub resource_pool: Option<&'a str>,
    pub datastore: Option<&'a str>,
}

struct Now {
    host: Option<String>,
    /// Of a machine in a vApp, the vApp.
    pool: Option<MoRef>,
    /// Of each disk, or without any of the machine's own files: those of the machine may be of an ISO, too.
    datastores: Vec<String>,
}

/// A host or a pool, and the compute resource it is of.
struct Of {
    name: String,
    compute_resource: MoRef,
}

/// A machine that runs goes on. Its disks and its own files all go to the datastore.
pub async fn look(vcenter: &VCenter, machine: &Marked, to: &Destination<'_>) -> Result<Look, CloudError> {
    let name = &machine.machine.name;
    let found = property_collector::get(vcenter, std::slice::from_ref(&machine.reference), MACHINE, now).await?;
    let Some(now) = found.into_iter().next() else {
        return Err(CloudError::Conflict(format!("{} does not tell where {name} is now", vcenter.origin)));
    };
    let is_on_host = to.host.is_none_or(|it| now.host.as_deref() == Some(it));
    let is_in_pool = to.resource_pool.is_none_or(|it| now.pool.as_ref().is_some_and(|pool| pool.id == it));
    let is_on_datastore = to.datastore.is_none_or(|it| now.datastores.iter().all(|at| at == it));
    if is_on_host && is_in_pool && is_on_datastore {
        return Ok(Look::Done(None));
    }
    let pool = match (to.host, to.resource_pool) {
        (None, None) => None,
        (None, Some(pool)) => Some(MoRef::new(POOL.kind, pool)),
        (Some(host), Some(pool)) => Some(of_both(vcenter, host, pool).await?),
        (Some(host), None) => other_pool(vcenter, host, now.pool.as_ref()).await?,
    };
    // In the order of `VirtualMachineRelocateSpec` in the API reference.
    let datastore = to.datastore.map(|it| MoRef::new("Datastore", it));
    let host = to.host.map(|it| MoRef::new(HOST.kind, it));
    let spec: String = [("datastore", datastore), ("pool", pool), ("host", host)]
        .into_iter()
        .filter_map(|(element, it)| Some((element, it?)))
        .map(|(element, it)| format!("<{element} type=\"{}\">{}</{element}>", escape(&it.kind), escape(&it.id)))
        .collect();
    Ok(Look::Next(Call::change("RelocateVM_Task", &machine.reference).raw(&format!("<spec>{spec}</spec>"))))
}

fn now(object: Object<'_>) -> Now {
    let devices = object.value("config.hardware.device").into_iter().flat_map(Node::children);
    let disks = devices.filter(|it| it.value_type() == "VirtualDisk");
    let datastore = |it: Node<'_>| Some(it.child("backing")?.child("datastore")?.text().to_owned());
    let mut datastores: Vec<_> = disks.filter_map(datastore).collect();
    if datastores.is_empty() {
        datastores =
            object.value("datastore").into_iter().flat_map(Node::children).map(|it| it.text().to_owned()).collect();
    }
    Now {
        host: object.text("runtime.host").map(str::to_owned),
        pool: object.value("resourcePool").map(|it| MoRef::new(it.object_type(), it.text())),
        datastores,
    }
}

/// The pool, where it is one of the host's.
async fn of_both(vcenter: &VCenter, host: &str, pool: &str) -> Result<MoRef, CloudError> {
    let reference = MoRef::new(POOL.kind, pool);
    let host = one(vcenter, MoRef::new(HOST.kind, host), HOST).await?;
    let pool = one(vcenter, reference.clone(), POOL).await?;
    if host.compute_resource != pool.compute_resource {
        return Err(CloudError::Refused(format!(
            "the host {} is not of the cluster that has the resource pool {}",
            host.name, pool.name
        )));
    }
    Ok(reference)
}

/// A machine that leaves its cluster cannot keep its pool: it goes to the root pool of the other.
async fn other_pool(vcenter: &VCenter, host: &str, now: Option<&MoRef>) -> Result<Option<MoRef>, CloudError> {
    let compute_resource = one(vcenter, MoRef::new(HOST.kind, host), HOST).await?.compute_resource;
    if let Some(now) = now
        && one(vcenter, now.clone(), POOL).await?.compute_resource == compute_resource
    {
        return Ok(None);
    }
    let read = |object: Object<'_>| object.text("resourcePool").map(|it| MoRef::new(POOL.kind, it));
    let found = property_collector::get(vcenter, &[compute_resource], COMPUTE_RESOURCE, read).await?;
    let hidden = || CloudError::Forbidden(format!("to read the resource pool of {host}"));
    found.into_iter().next().flatten().map(Some).ok_or_else(hidden)
}

async fn one(vcenter: &VCenter, object: MoRef, wanted: Wanted) -> Result<Of, CloudError> {
    let read = |object: Object<'_>| {
        let of = object.value("parent").or_else(|| object.value("owner"));
        let compute_resource = of.map(|it| MoRef::new(it.object_type(), it.text()))?;
        Some(Of { name: inventory::name(object), compute_resource })
    };
    let id = object.id.clone();
    let found = property_collector::get(vcenter, &[object], wanted, read).await?;
    found.into_iter().flatten().next().ok_or_else(|| CloudError::Forbidden(format!("to read {id}")))
}
