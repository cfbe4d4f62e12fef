//! Resource pools that users remove (`ResourcePool`).

use cloud::CloudError;
use futures_util::TryStreamExt;

use crate::{
    finish::carry_out,
    inventory::{Place, name},
    property_collector::{self, Object, Wanted},
    soap::{
        envelope::{Call, MoRef},
        tree::Node,
    },
};

const WANTED: Wanted = Wanted { kind: "ResourcePool", properties: &["name", "parent", "vm", "resourcePool"] };

struct Pool {
    reference: MoRef,
    name: String,
    is_root: bool,
    is_vapp: bool,
    n_inside: usize,
}

/// Only an empty one: the vCenter would move what is inside to its parent, to other shares and limits.
pub async fn delete(place: &Place<'_>, id: &str) -> Result<(), CloudError> {
    let read = |object: Object<'_>| {
        let count = |property| object.value(property).into_iter().flat_map(Node::children).count();
        (object.id() == id).then(|| Pool {
            reference: object.reference(),
            name: name(object),
            is_root: object.value("parent").is_some_and(|it| it.object_type().ends_with("ComputeResource")),
            is_vapp: object.kind() == "VirtualApp",
            n_inside: count("vm") + count("resourcePool"),
        })
    };
    let found = property_collector::list(place.vcenter, place.datacenter.clone(), WANTED, read);
    let found = found.try_collect::<Vec<_>>().await?.into_iter().flatten().next();
    let found = found.ok_or_else(|| CloudError::NotFound(format!("the datacenter has no resource pool {id}")))?;
    let Pool { reference, name, is_root, is_vapp, n_inside } = found;
    if is_root {
        return Err(CloudError::Refused(format!(
            "{name} ({id}) is the root pool of a cluster or host; it goes with that"
        )));
    }
    if is_vapp {
        return Err(CloudError::Refused(format!("{name} ({id}) is a vApp; delete it in the vCenter")));
    }
    if n_inside > 0 {
        let why = format!("{name} ({id}) holds {n_inside} machines or pools; move these to another pool first");
        return Err(CloudError::Conflict(why));
    }
    carry_out(place, &Call::change("Destroy_Task", &reference), |_| ()).await
}
