use cloud::inventory::Resource;
use serde::Deserialize;
use serde_json::json;

use crate::{
    catalog::Service,
    error::Error,
    inventory::attributes,
    session::{At, Get, Session},
};

/// `GET /os-availability-zone`; hosts are told to administrators by another call only.
#[derive(Deserialize)]
struct Reply {
    #[serde(rename = "availabilityZoneInfo")]
    zones: Vec<NovaZone>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NovaZone {
    zone_name: String,
    zone_state: ZoneState,
}

#[derive(Deserialize)]
struct ZoneState {
    available: bool,
}

pub(crate) async fn list(session: &Session, region: &str) -> Result<Vec<Resource>, Error> {
    let call = Get::new(At { service: Service::Compute, region }, "/os-availability-zone");
    let reply: Reply = session.get(&call).await?;
    let resource = |it: NovaZone| Resource {
        cloud_id: it.zone_name.clone(),
        name: it.zone_name,
        status: Some(if it.zone_state.available { "available" } else { "unavailable" }.to_owned()),
        parent: None,
        capacity_bytes: None,
        free_bytes: None,
        attributes: attributes(json!({ "available": it.zone_state.available })),
    };
    Ok(reply.zones.into_iter().map(resource).collect())
}
