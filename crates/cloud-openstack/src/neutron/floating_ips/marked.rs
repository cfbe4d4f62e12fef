//! Floating IPs that belong to no server: each says `stackyard MARK` in its description from the request that makes it.

use cloud::{
    CloudError,
    asset::{self, Making, Part},
    server::{Mark, Removal},
};
use serde_json::json;

use super::{NeutronFloatingIp, OURS, One, at, delete, list, refused};
use crate::{
    neutron::ports,
    session::{Change, Session},
};

/// Looks, and takes one step. `made` is what there was when it was ready.
pub(crate) async fn make(
    session: &Session,
    region: &str,
    mark: Mark,
    pool: &str,
    made: &[Part],
) -> Result<Making, CloudError> {
    let found = marked(session, region, mark).await?;
    let mut parts = parts(session, region, &found).await?;
    let missing = asset::missing(made, &parts);
    if !missing.is_empty() {
        return Ok(Making::Missing(missing));
    }
    // An answer that was lost may have left two. What there was when it was ready stays, else what is used.
    let rank = |it: &Part| (made.iter().any(|made| made.id == it.id), !it.used_by.is_empty());
    let kept = parts.iter().max_by_key(|it| rank(it)).map(|it| it.id.clone());
    match kept {
        None => {
            let description = format!("{OURS}{mark}");
            let body = json!({ "floating_network_id": pool, "description": description });
            let call = Change::post(at(region), "/floatingips", json!({ "floatingip": body }));
            let answer = session.change(&call).await.map_err(refused)?;
            let One { floatingip } = session.parse(&answer.url, &answer.body)?;
            if floatingip.description() != description {
                delete(session, region, &floatingip).await?;
                return Err(CloudError::Unsupported(format!(
                    "floating IPs of ours: Neutron in {region} keeps no description of them (extension \
                     standard-attr-description), by which they are found again"
                )));
            }
            Ok(Making::UnderWay(vec![view(&floatingip, Vec::new())]))
        }
        Some(kept) => {
            parts.sort_by_key(|it| it.id != kept);
            // One that leads somewhere is somebody's by now.
            let surplus: Vec<_> = found.iter().filter(|it| it.id != kept && it.port_id.is_none()).collect();
            for it in &surplus {
                delete(session, region, it).await?;
            }
            Ok(if surplus.is_empty() { Making::Ready(parts) } else { Making::UnderWay(parts) })
        }
    }
}

pub(crate) async fn find(session: &Session, region: &str, mark: Mark) -> Result<Vec<Part>, CloudError> {
    let found = marked(session, region, mark).await?;
    parts(session, region, &found).await
}

/// [`CloudError::Conflict`] while it leads somewhere.
pub(crate) async fn remove(session: &Session, region: &str, mark: Mark) -> Result<Removal, CloudError> {
    let found = marked(session, region, mark).await?;
    if let Some(NeutronFloatingIp { floating_ip_address, port_id: Some(port), .. }) =
        found.iter().find(|it| it.port_id.is_some())
    {
        let text = format!("floating IP {floating_ip_address} leads to port {port}; take it away there first");
        return Err(CloudError::Conflict(text));
    }
    for it in &found {
        delete(session, region, it).await?;
    }
    Ok(if found.is_empty() { Removal::Gone } else { Removal::UnderWay })
}

async fn marked(session: &Session, region: &str, mark: Mark) -> Result<Vec<NeutronFloatingIp>, CloudError> {
    let description = format!("{OURS}{mark}");
    let Some(mut all) = list(session, region, &[("description", description.as_str())]).await? else {
        return Err(CloudError::Unsupported(format!("floating IPs: Neutron in {region} has no routers")));
    };
    // A cloud that overlooks the filter must not make all of them ours.
    all.retain(|it| it.description() == description);
    Ok(all)
}

async fn parts(session: &Session, region: &str, found: &[NeutronFloatingIp]) -> Result<Vec<Part>, CloudError> {
    let ports: Vec<(&str, &str)> = found.iter().filter_map(|it| Some(("id", it.port_id.as_deref()?))).collect();
    let ports = if ports.is_empty() { Vec::new() } else { ports::read(session, region, &ports).await? };
    let servers = |it: &NeutronFloatingIp| {
        let its = ports.iter().filter(|port| it.port_id.as_ref() == Some(&port.id));
        its.filter(|it| it.owner().starts_with("compute:")).filter_map(|it| it.device_id.clone()).collect()
    };
    Ok(found.iter().map(|it| view(it, servers(it))).collect())
}

fn view(it: &NeutronFloatingIp, used_by: Vec<String>) -> Part {
    Part {
        kind: "floatingIp".to_owned(),
        id: it.id.clone(),
        status: it.status.clone(),
        address: it.floating_ip_address.parse().ok(),
        used_by,
    }
}
