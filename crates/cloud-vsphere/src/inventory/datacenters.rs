use std::sync::Arc;

use cloud::{CloudError, Location, LocationId};
use futures_util::TryStreamExt;

use crate::{
    inventory::name,
    property_collector::{self, Wanted},
    session::VCenter,
    soap::{envelope::MoRef, error::CallError},
};

const WANTED: Wanted = Wanted { kind: "Datacenter", properties: &["name", "vmFolder"] };

pub struct Datacenter {
    pub reference: MoRef,
    pub name: String,
    /// `None` where it may not be read.
    pub vm_folder: Option<MoRef>,
}

/// All datacenters, in folders or not, as this user sees them.
pub async fn list(vcenter: &Arc<VCenter>) -> Result<Vec<Datacenter>, CallError> {
    let root = vcenter.session().await?.content.root_folder.clone();
    let pieces = property_collector::list(vcenter, root, WANTED, |object| {
        let vm_folder = object.text("vmFolder").map(|it| MoRef::new("Folder", it));
        Some(Datacenter { reference: object.reference(), name: name(object), vm_folder })
    });
    Ok(pieces.try_collect::<Vec<_>>().await?.into_iter().flatten().collect())
}

pub async fn locations(vcenter: &Arc<VCenter>) -> Result<Vec<Location>, CallError> {
    let instance_uuid = vcenter.session().await?.content.about.instance_uuid.clone();
    let locations = list(vcenter).await?.into_iter().map(|it| Location {
        id: LocationId(format!("{}@{instance_uuid}", it.reference.id)),
        name: it.name,
        vcenter: Some(vcenter.url.to_string()),
    });
    Ok(locations.collect())
}

/// `datacenter-2@UUID` → the datacenter and the vCenter's UUID.
pub fn parse(location: &LocationId) -> Result<(MoRef, &str), CloudError> {
    match location.0.rsplit_once('@') {
        Some((id, uuid)) if !id.is_empty() && !uuid.is_empty() => Ok((MoRef::new("Datacenter", id), uuid)),
        _ => Err(CloudError::NotFound(format!("location {location:?} is no datacenter"))),
    }
}
