use std::collections::BTreeSet;

use cloud::CloudError;
use futures_util::try_join;

use super::parts::{Found, Place};
use crate::{
    error::{Error, clean},
    neutron::ports::{self, NeutronPort},
};

/// Of those that use a network, no more are named.
const N_NAMED: usize = 5;

/// `device_owner` of the ports by which routers are on subnets: plain, distributed, highly available.
const INTERFACES: [&str; 3] =
    ["network:router_interface", "network:router_interface_distributed", "network:ha_router_replicated_interface"];

/// `device_owner` of what Neutron makes, and removes with the network or with the router by itself.
const OF_NEUTRON: [&str; 6] = [
    "network:dhcp",
    "network:distributed",
    "network:floatingip_agent_gateway",
    "network:router_centralized_snat",
    "network:router_gateway",
    "network:router_ha_interface",
];

/// The ports at what was found, and those of the routers.
pub(super) struct Uses(Vec<NeutronPort>);

impl Uses {
    pub async fn look(place: &Place<'_>, found: &Found) -> Result<Uses, Error> {
        // A subnet may be all that is left of a mark.
        let networks = found.networks.iter().map(|it| &it.id).chain(found.subnets.iter().map(|it| &it.is.network_id));
        let (groups, routers) = (found.groups.iter().map(|it| &it.id), found.routers.iter().map(|it| &it.id));
        let (on_networks, with_groups, of_routers) = try_join!(
            list(place, "network_id", networks.collect()),
            list(place, "security_groups", groups.collect()),
            list(place, "device_id", routers.collect()),
        )?;
        let mut all: Vec<NeutronPort> = on_networks.into_iter().chain(with_groups).chain(of_routers).collect();
        all.sort_by(|a, b| a.id.cmp(&b.id));
        all.dedup_by(|a, b| a.id == b.id);
        Ok(Uses(all))
    }

    /// The ports by which the routers are on the networks.
    pub fn interfaces<'a>(&'a self, found: &'a Found) -> impl Iterator<Item = &'a NeutronPort> {
        self.0.iter().filter(|it| is_interface(it, found))
    }

    /// [`CloudError::Conflict`] with the names of those that are not ours and use `what`.
    pub fn refuse_others(&self, found: &Found, what: &str) -> Result<(), CloudError> {
        let is_other = |it: &&NeutronPort| !is_interface(it, found) && !OF_NEUTRON.contains(&it.owner());
        let others: Vec<String> = self.0.iter().filter(is_other).map(|it| name(it, found)).collect();
        if others.is_empty() {
            return Ok(());
        }
        let more = others.len().saturating_sub(N_NAMED);
        let more = if more == 0 { String::new() } else { format!(", and {more} more") };
        let named = others[..others.len().min(N_NAMED)].join(", ");
        Err(CloudError::Conflict(format!("{what} is still used by {named}{more}; take that away first")))
    }

    /// The servers that have such ports.
    pub fn servers(&self, is_such: impl Fn(&NeutronPort) -> bool) -> Vec<String> {
        let of_servers = self.0.iter().filter(|it| is_such(it) && it.owner().starts_with("compute:"));
        let ids: BTreeSet<String> = of_servers.filter_map(|it| it.device_id.clone()).collect();
        ids.into_iter().filter(|it| !it.is_empty()).collect()
    }

    pub fn is_on_network(&self, id: &str) -> bool {
        self.0.iter().any(|it| it.network_id == id && !OF_NEUTRON.contains(&it.owner()))
    }

    pub fn is_on_subnet(&self, id: &str) -> bool {
        self.0.iter().any(|it| it.is_on(id) && !OF_NEUTRON.contains(&it.owner()))
    }

    pub fn has_group(&self, id: &str) -> bool {
        self.0.iter().any(|it| it.security_groups.iter().any(|it| it == id))
    }

    pub fn joins(&self, router: &str, subnet: &str) -> bool {
        let is_of = |it: &NeutronPort| it.device_id.as_deref() == Some(router) && INTERFACES.contains(&it.owner());
        self.0.iter().any(|it| is_of(it) && it.is_on(subnet))
    }
}

fn is_interface(port: &NeutronPort, found: &Found) -> bool {
    let is_ours = found.routers.iter().any(|it| port.device_id.as_ref() == Some(&it.id));
    let is_here = found.networks.iter().any(|it| it.id == port.network_id)
        || found.subnets.iter().any(|it| it.is.network_id == port.network_id);
    is_ours && is_here && INTERFACES.contains(&port.owner())
}

fn name(port: &NeutronPort, found: &Found) -> String {
    let device = port.device_id.as_deref().filter(|it| !it.is_empty());
    let what = match (device, port.owner()) {
        (Some(id), _) if found.routers.iter().any(|it| it.id == id) => format!("network {}", port.network_id),
        (Some(id), owner) if owner.starts_with("compute:") => format!("server {id}"),
        (Some(id), owner) if INTERFACES.contains(&owner) => format!("router {id}"),
        (Some(id), owner) => format!("{owner} {id}"),
        (None, _) => return format!("port {}", clean(&port.id)),
    };
    format!("{} (port {})", clean(&what), clean(&port.id))
}

/// The ports with one of these values.
async fn list(place: &Place<'_>, filter: &str, values: Vec<&String>) -> Result<Vec<NeutronPort>, Error> {
    if values.is_empty() {
        return Ok(Vec::new());
    }
    let query: Vec<(&str, &str)> = values.iter().map(|it| (filter, it.as_str())).collect();
    let mut ports = ports::read(place.session, place.region, &query).await?;
    // A cloud that overlooks the filter must not make others' ports uses of ours.
    ports.retain(|it| {
        values.iter().any(|value| match filter {
            "network_id" => it.network_id == **value,
            "device_id" => it.device_id.as_ref() == Some(value),
            _ => it.security_groups.contains(value),
        })
    });
    Ok(ports)
}
