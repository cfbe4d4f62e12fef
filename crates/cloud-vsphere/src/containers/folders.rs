//! Folders of machines, made and removed for users (`Folder`).

use cloud::CloudError;
use futures_util::TryStreamExt;

use crate::{
    finish::carry_out,
    inventory::{Place, name, texts, typed},
    property_collector::{self, Object, Wanted},
    soap::{
        envelope::{Call, MoRef},
        tree::Node,
    },
};

const WANTED: Wanted = Wanted { kind: "Folder", properties: &["name", "parent", "childType", "childEntity"] };

struct Folder {
    reference: MoRef,
    name: String,
    /// The one that a datacenter is made with.
    is_root: bool,
    n_children: usize,
}

/// The id of the new one. Only below folders of machines of the place's datacenter.
pub async fn create(place: &Place<'_>, parent: &str, name: &str) -> Result<String, CloudError> {
    let parent = find(place, parent).await?;
    let call = Call::change("CreateFolder", &parent.reference).text("name", &typed(name));
    let vcenter = place.vcenter;
    match vcenter.call(|_| call.clone(), |node: Node<'_>| node.get("returnval").to_owned()).await {
        Err(err) if err.is_fault("DuplicateName") => {
            Err(CloudError::Conflict(format!("{} has a {name} already: {err}", parent.name)))
        }
        made => Ok(made?),
    }
}

/// Only an empty one. `UnregisterAndDestroy_Task`, because `Destroy_Task` would delete the disks of what somebody puts there
/// in this moment
/// (<https://developer.broadcom.com/xapis/vsphere-web-services-api/latest/vim.Folder.html#unregisterAndDestroy>).
pub async fn delete(place: &Place<'_>, id: &str) -> Result<(), CloudError> {
    let Folder { reference, name, is_root, n_children } = find(place, id).await?;
    if is_root {
        return Err(CloudError::Refused(format!("{name} ({id}) is the datacenter's own folder; it goes with that")));
    }
    if n_children > 0 {
        let why =
            format!("{name} ({id}) holds {n_children} machines, templates or folders; move or delete these first");
        return Err(CloudError::Conflict(why));
    }
    carry_out(place, &Call::change("UnregisterAndDestroy_Task", &reference), |_| ()).await
}

async fn find(place: &Place<'_>, id: &str) -> Result<Folder, CloudError> {
    let datacenter = place.datacenter.id.as_str();
    let read = |object: Object<'_>| {
        let takes_machines = texts(object.value("childType")).iter().any(|it| it == "VirtualMachine");
        (object.id() == id && takes_machines).then(|| Folder {
            reference: object.reference(),
            name: name(object),
            is_root: object.text("parent") == Some(datacenter),
            n_children: object.value("childEntity").into_iter().flat_map(Node::children).count(),
        })
    };
    let found = property_collector::list(place.vcenter, place.datacenter.clone(), WANTED, read);
    let found = found.try_collect::<Vec<_>>().await?.into_iter().flatten().next();
    found.ok_or_else(|| CloudError::NotFound(format!("the datacenter has no folder of machines {id}")))
}
