use std::collections::BTreeSet;

use cloud::{
    CloudError,
    server::{Order, Placement, ServerSpec},
};
use futures_util::TryStreamExt;

use crate::{
    inventory::{Place, typed},
    machines::{
        configure::{self, Hardware},
        customization,
        placement::{self, Chosen, Needed},
    },
    property_collector::{self, Object, Wanted},
    session::Session,
    soap::{
        envelope::{Call, MoRef, escape},
        tree::Node,
    },
    tasks,
};

const POOL: Wanted = Wanted { kind: "ResourcePool", properties: &["parent"] };

/// Has the vCenter begin to clone. The machine is off when it is made; [`configure::advance`] does the rest. A vCenter
/// takes a name once in a folder, so that a launch whose answer was lost is not done twice: the second is a
/// [`CloudError::Conflict`].
pub async fn launch(place: &Place<'_>, spec: &ServerSpec) -> Result<Order, CloudError> {
    let Placement::Vsphere { folder, host, customization_spec, .. } = &spec.placement else {
        return Err(CloudError::Refused("the placement is one of OpenStack".to_owned()));
    };
    let vcenter = place.vcenter;
    let source = MoRef::new("VirtualMachine", &spec.image);
    let source = configure::hardware(vcenter, source).await?.ok_or_else(|| {
        CloudError::Refused(format!("the image {} does not exist in {}; choose another", spec.image, vcenter.origin))
    })?;
    let folder = MoRef::new("Folder", folder);
    let name = typed(&spec.name);
    let find_child = |session: &Session| {
        Call::new("FindChild", &session.content.search_index).reference("entity", &folder).text("name", &name)
    };
    let child = |node: Node<'_>| node.get("returnval").to_owned();
    let taken_by = vcenter.call(find_child, child).await?;
    if !taken_by.is_empty() {
        let (name, folder) = (&spec.name, &folder.id);
        return Err(CloudError::Conflict(format!("the folder {folder} has a {name} already: {taken_by}")));
    }
    let chosen = chosen(place, spec, &source).await?;
    let on = chosen.as_ref().map(|it| &it.host).or(host.as_ref());
    let hosts: BTreeSet<_> = source.host.iter().chain(on).cloned().collect();
    let turn = vcenter.clones.turn(vcenter, hosts).await?;
    let location = location(place, &spec.placement, chosen.as_ref(), &source).await?;
    let config = configure::differences(place, spec, &source).await?;
    let customization = match customization_spec {
        Some(name) => customization::of_server(place, name, spec, source.n_cards(spec)).await?,
        None if spec.nics.iter().any(|it| it.fixed_ip.is_some()) => {
            let text =
                "vSphere gives no fixed address to a network card without a customization specification; name one";
            return Err(CloudError::Refused(text.to_owned()));
        }
        None => String::new(),
    };
    // The order of the elements is that of VirtualMachineCloneSpec in the API reference; a vCenter insists on it.
    let call =
        Call::change("CloneVM_Task", &source.reference).reference("folder", &folder).text("name", &name).raw(&format!(
            "<spec><location>{location}</location><template>false</template><config>{config}</config>{customization}\
             <powerOn>false</powerOn></spec>"
        ));
    let mut order = tasks::begin(vcenter, &call).await?;
    turn.began(&order.id);
    order.decided = chosen.map(|it| it.evidence).unwrap_or_default();
    Ok(order)
}

/// Where the placement leaves it to us.
async fn chosen(place: &Place<'_>, spec: &ServerSpec, source: &Hardware) -> Result<Option<Chosen>, CloudError> {
    let Placement::Vsphere { compute_resource, datastore, choice: Some(choice), .. } = &spec.placement else {
        return Ok(None);
    };
    // What is no size for vSphere is refused with the rest of the configuration.
    let Some(needed) = Needed::new(&spec.size, &spec.nics, source.disk_bytes) else { return Ok(None) };
    let (within, on) = (compute_resource.as_deref(), datastore.as_deref());
    placement::choose(place, spec.mark, within, on, &needed, choice).await.map(Some)
}

/// The inside of a `VirtualMachineRelocateSpec`.
async fn location(
    place: &Place<'_>,
    placement: &Placement,
    chosen: Option<&Chosen>,
    source: &Hardware,
) -> Result<String, CloudError> {
    let Placement::Vsphere { compute_resource, resource_pool, datastore, host, .. } = placement else {
        return Ok(String::new());
    };
    let (compute_resource, datastore, host) = match chosen {
        Some(it) => (Some(&it.compute_resource), Some(&it.datastore), Some(&it.host)),
        None => (compute_resource.as_ref(), datastore.as_ref(), host.as_ref()),
    };
    let pool = match (resource_pool, compute_resource) {
        (Some(pool), _) => Some(pool.clone()),
        (None, Some(compute_resource)) => Some(root_pool(place, compute_resource).await?),
        (None, None) if source.is_template => {
            return Err(CloudError::Refused(
                "a template has no resource pool; name a compute resource or a pool".into(),
            ));
        }
        (None, None) => None,
    };
    let reference = |name: &str, kind: &str, id: Option<&String>| match id {
        Some(id) => format!("<{name} type=\"{kind}\">{}</{name}>", escape(id)),
        None => String::new(),
    };
    let datastore = reference("datastore", "Datastore", datastore);
    let pool = reference("pool", "ResourcePool", pool.as_ref());
    Ok(format!("{datastore}{pool}{}", reference("host", "HostSystem", host)))
}

async fn root_pool(place: &Place<'_>, compute_resource: &str) -> Result<String, CloudError> {
    let root = |object: Object<'_>| (object.text("parent") == Some(compute_resource)).then(|| object.id().to_owned());
    let found = property_collector::list(place.vcenter, place.datacenter.clone(), POOL, root);
    let found = found.try_collect::<Vec<_>>().await?.into_iter().flatten().next();
    found.ok_or_else(|| {
        CloudError::Refused(format!("the datacenter has no compute resource {compute_resource}; choose another"))
    })
}
