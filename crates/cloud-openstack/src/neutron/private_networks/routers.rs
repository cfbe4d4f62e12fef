use cloud::CloudError;
use serde_json::json;

use super::{
    Wanted,
    parts::{Found, Part, Place, Router, Subnet, delete, make, put},
    removal::leave,
    unless_gone,
    uses::Uses,
};
use crate::error::{Error, Refusal};

/// False when the subnet is at a router that leads where it shall, or at none where none is wanted.
pub(super) async fn connect(
    place: &Place<'_>,
    found: &mut Found,
    uses: &Uses,
    wanted: &Wanted<'_>,
) -> Result<bool, CloudError> {
    let Some(external) = wanted.external_network else { return disconnect(place, found, uses).await };
    let Some(router) = found.routers.first() else {
        // With its gateway at once: without room there, Neutron makes no router.
        let gateway = json!({ "network_id": external });
        let made = make(place, json!({ "name": wanted.name, "external_gateway_info": gateway })).await;
        found.routers.push(made.map_err(|err| refused(place, err, external))?);
        return Ok(true);
    };
    if router.is.external_gateway_info.as_ref().map(|it| it.network_id.as_str()) != Some(external) {
        let body = json!({ "router": { "external_gateway_info": { "network_id": external } } });
        let set = put(place, router, "", body).await.map_err(CloudError::from);
        set.map_err(|err| refused(place, err, external))?;
        return Ok(true);
    }
    let Some(subnet) = found.subnets.first() else { return Ok(true) };
    if uses.joins(&router.id, &subnet.id) {
        return Ok(false);
    }
    join(place, found, router, subnet).await?;
    Ok(true)
}

/// `PUT /routers/{id}/add_router_interface`. Neutron says 400 when it is there already, as of what cannot be.
async fn join(
    place: &Place<'_>,
    found: &Found,
    router: &Part<Router>,
    subnet: &Part<Subnet>,
) -> Result<(), CloudError> {
    match put(place, router, "/add_router_interface", json!({ "subnet_id": subnet.id })).await {
        Err(Error::Refused(Refusal { status: 400, .. }))
            if Uses::look(place, found).await?.joins(&router.id, &subnet.id) =>
        {
            Ok(())
        }
        joined => unless_gone(joined.map_err(CloudError::from)).map(|_| ()),
    }
}

/// False when there is no router. [`CloudError::Conflict`] while floating IPs lead through it.
async fn disconnect(place: &Place<'_>, found: &Found, uses: &Uses) -> Result<bool, CloudError> {
    if found.routers.is_empty() {
        return Ok(false);
    }
    if !leave(place, found, uses).await? {
        for router in &found.routers {
            delete(place, router).await?;
        }
    }
    Ok(true)
}

/// Neutron says 404 of an external network that is not there, and where it has no routers.
fn refused(place: &Place<'_>, err: CloudError, external: &str) -> CloudError {
    match err {
        CloudError::NotFound(text) if text.contains(external) => CloudError::Refused(text),
        CloudError::NotFound(text) => {
            CloudError::Unsupported(format!("routers of Neutron in {}: {text}", place.region))
        }
        err => err,
    }
}
