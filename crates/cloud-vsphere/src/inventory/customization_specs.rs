use cloud::inventory::Resource;

use crate::{
    inventory::{Pages, Place, attributes, collected, text},
    property_collector::{self, Object, Wanted},
    soap::{error::CallError, tree::Node},
};

const WANTED: Wanted = Wanted { kind: "CustomizationSpecManager", properties: &["info"] };

/// Customization specs belong to the vCenter, so each of its datacenters lists the same.
pub fn list(place: Place<'_>) -> Pages<'_> {
    collected(async move { specs(&place).await })
}

async fn specs(place: &Place<'_>) -> Result<Vec<Resource>, CallError> {
    let session = place.vcenter.session().await?;
    let Some(manager) = session.content.customization_spec_manager.clone() else { return Ok(Vec::new()) };
    let read = |object: Object<'_>| object.value("info").into_iter().flat_map(Node::children).map(spec).collect();
    let found: Vec<Vec<Resource>> = property_collector::get(place.vcenter, &[manager], WANTED, read).await?;
    Ok(found.into_iter().flatten().collect())
}

fn spec(info: Node<'_>) -> Resource {
    let name = info.get("name").to_owned();
    let attributes = attributes! {
        "type": text(Some(info), "type"),
        "description": text(Some(info), "description"),
        "changeVersion": text(Some(info), "changeVersion"),
        "lastUpdateTime": text(Some(info), "lastUpdateTime"),
    };
    Resource {
        cloud_id: name.clone(),
        name,
        status: None,
        parent: None,
        capacity_bytes: None,
        free_bytes: None,
        attributes,
    }
}
