use cloud::{
    CloudError,
    server::{Mark, Removal},
};
use serde_json::json;

use super::{
    parts::{Found, Kind, Part, Place, delete, put},
    uses::Uses,
};
use crate::{error::Error, session::Session};

/// With each call what is of one kind, in the order in which Neutron lets go of it; nothing while somebody uses any of
/// it: half a network would serve nobody.
pub(crate) async fn remove(session: &Session, region: &str, mark: Mark) -> Result<Removal, CloudError> {
    let place = Place { session, region, mark };
    let found = Found::look(&place).await?;
    let uses = Uses::look(&place, &found).await?;
    uses.refuse_others(&found, "the network")?;
    if leave(&place, &found, &uses).await?
        || delete_all(&place, &found.routers).await?
        || delete_all(&place, &found.groups).await?
        || delete_all(&place, &found.subnets).await?
        || delete_all(&place, &found.networks).await?
    {
        return Ok(Removal::UnderWay);
    }
    Ok(Removal::Gone)
}

/// Takes the routers off the networks; false when they are on none. `PUT /routers/{id}/remove_router_interface`.
pub(super) async fn leave(place: &Place<'_>, found: &Found, uses: &Uses) -> Result<bool, Error> {
    let mut is_on = false;
    for port in uses.interfaces(found) {
        let Some(router) = found.routers.iter().find(|it| port.device_id.as_ref() == Some(&it.id)) else { continue };
        is_on = true;
        match put(place, router, "/remove_router_interface", json!({ "port_id": port.id })).await {
            Err(err) if err.status() != Some(404) => return Err(err),
            _ => {}
        }
    }
    Ok(is_on)
}

/// False when there is none. A router's gateway goes with it, and a network's own ports.
async fn delete_all<T: Kind>(place: &Place<'_>, parts: &[Part<T>]) -> Result<bool, Error> {
    for part in parts {
        delete(place, part).await?;
    }
    Ok(!parts.is_empty())
}
