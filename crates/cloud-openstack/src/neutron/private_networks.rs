//! Networks that we make: a network, a subnet, a security group, and where it leads outside a router.
//!
//! Each of these says `stackyard MARK` in its description from the moment it is made, and is found by that; whoever
//! changes the description takes it from us. An interface of a router is a port, whose description is not ours to give:
//! it is told by the router and the subnet.

pub(crate) mod groups;
mod parts;
mod removal;
mod routers;
mod rules;
mod uses;

use std::{cmp::Reverse, collections::BTreeSet, net::IpAddr};

use cloud::{
    CloudError,
    asset::{self, Making, Rule},
    server::Mark,
};
use ipnet::IpNet;
use serde_json::{Value, json};

pub(crate) use removal::remove;

use self::{
    parts::{Found, Group, Kind, Part, Place, Router, delete, make, put},
    rules::{Allowed, net},
    uses::Uses,
};
use crate::session::{Change, Session};

/// What a network is to be.
pub(crate) struct Wanted<'a> {
    name: &'a str,
    cidr: IpNet,
    dns_servers: &'a [IpAddr],
    external_network: Option<&'a str>,
    rules: BTreeSet<Allowed>,
}

impl<'a> Wanted<'a> {
    /// [`CloudError::Refused`] when it cannot be.
    pub fn new(
        name: &'a str,
        cidr: &str,
        dns_servers: &'a [IpAddr],
        external_network: Option<&'a str>,
        rules: &[Rule],
    ) -> Result<Self, CloudError> {
        let Some(cidr) = net(cidr) else {
            return Err(CloudError::Refused(format!(
                "{cidr:?} is no range of addresses; give one such as 10.1.0.0/24"
            )));
        };
        let rules = rules.iter().map(Allowed::new).collect::<Result<_, _>>()?;
        Ok(Wanted { name, cidr, dns_servers, external_network, rules })
    }
}

/// Looks, and takes one step. `made` are the parts that there were when all was ready.
pub(crate) async fn advance(
    session: &Session,
    region: &str,
    mark: Mark,
    wanted: &Wanted<'_>,
    made: &[asset::Part],
) -> Result<Making, CloudError> {
    let place = Place { session, region, mark };
    let mut found = Found::look(&place).await?;
    let uses = Uses::look(&place, &found).await?;
    let mut missing = asset::missing(made, &found.parts(&uses));
    // A router that is not wanted any more was ours to remove.
    missing.retain(|it| it.kind != Router::PART || wanted.external_network.is_some());
    if !missing.is_empty() {
        return Ok(Making::Missing(missing));
    }
    if let Some(message) = failure(&found) {
        return Ok(Making::Failed { message, parts: found.parts(&uses) });
    }
    let is_ready = !step(&place, &mut found, &uses, wanted, made).await?;
    let parts = found.parts(&uses);
    Ok(if is_ready { Making::Ready(parts) } else { Making::UnderWay(parts) })
}

/// All that carries the mark.
pub(crate) async fn find(session: &Session, region: &str, mark: Mark) -> Result<Vec<asset::Part>, CloudError> {
    let place = Place { session, region, mark };
    let found = Found::look(&place).await?;
    let uses = Uses::look(&place, &found).await?;
    Ok(found.parts(&uses))
}

/// False when there is nothing left to do. What the cloud said is gone is looked at again.
async fn step(
    place: &Place<'_>,
    found: &mut Found,
    uses: &Uses,
    wanted: &Wanted<'_>,
    made: &[asset::Part],
) -> Result<bool, CloudError> {
    if remove_doubles(place, found, uses, made).await? {
        return Ok(true);
    }
    let Some(network) = found.networks.first() else {
        found.networks.push(make(place, json!({ "name": wanted.name })).await?);
        return Ok(true);
    };
    let Some(subnet) = found.subnets.first() else {
        let made = make(place, subnet_body(wanted, &network.id)).await;
        found.subnets.extend(unless_gone(made)?);
        return Ok(true);
    };
    if net(&subnet.is.cidr) != Some(wanted.cidr) {
        let (there, cidr) = (&subnet.is.cidr, wanted.cidr);
        return Err(CloudError::Refused(format!(
            "the network has the addresses {there}, which cannot be made {cidr}; make another network"
        )));
    }
    if subnet.is.dns_nameservers.iter().map(|it| it.parse().ok()).ne(wanted.dns_servers.iter().copied().map(Some)) {
        let body = json!({ "subnet": { "dns_nameservers": wanted.dns_servers } });
        unless_gone(put(place, subnet, "", body).await.map_err(CloudError::from))?;
        return Ok(true);
    }
    let Some(group) = found.groups.first() else {
        found.groups.push(make(place, json!({ "name": wanted.name })).await?);
        return Ok(true);
    };
    if set_rules(place, group, &wanted.rules).await? || routers::connect(place, found, uses, wanted).await? {
        return Ok(true);
    }
    let statuses = found.networks.iter().map(|it| &it.status).chain(found.routers.iter().map(|it| &it.status));
    // The words of Neutron for what it works on: a network, a router.
    Ok(statuses.flatten().any(|it| matches!(it.as_str(), "BUILD" | "ALLOCATING")))
}

fn failure(found: &Found) -> Option<String> {
    let networks = found.networks.iter().map(|it| ("network", &it.id, &it.status));
    let mut all = networks.chain(found.routers.iter().map(|it| ("router", &it.id, &it.status)));
    let (what, id, _) = all.find(|it| it.2.as_deref() == Some("ERROR"))?;
    Some(format!("Neutron says that the {what} {id} is in the state ERROR, and does not say why"))
}

/// An answer that was lost may have left two of a kind. What there was when all was ready stays, else what is used,
/// else the oldest.
async fn remove_doubles(
    place: &Place<'_>,
    found: &Found,
    uses: &Uses,
    made: &[asset::Part],
) -> Result<bool, CloudError> {
    let Found { networks, subnets, groups, routers } = found;
    let is_known = |id: &str| made.iter().any(|it| it.id == id);
    let has_subnet = |id: &str| subnets.iter().any(|it| it.is.network_id == id);
    let is_here = |id: &str| networks.iter().any(|it| it.id == id);
    let is_joined = |id: &str| subnets.iter().any(|it| uses.joins(id, &it.id));
    Ok(keep_one(place, networks, |it| [is_known(&it.id), uses.is_on_network(&it.id), has_subnet(&it.id)]).await?
        || keep_one(place, subnets, |it| [is_known(&it.id), is_here(&it.is.network_id), uses.is_on_subnet(&it.id)])
            .await?
        || keep_one(place, groups, |it| [is_known(&it.id), uses.has_group(&it.id), false]).await?
        || keep_one(place, routers, |it| [is_known(&it.id), is_joined(&it.id), false]).await?)
}

/// Removes all but the one with the highest rank, of equals the first. False when there are not two.
async fn keep_one<T: Kind>(
    place: &Place<'_>,
    parts: &[Part<T>],
    rank: impl Fn(&Part<T>) -> [bool; 3],
) -> Result<bool, CloudError> {
    let kept = parts.iter().enumerate().max_by_key(|(at, it)| (rank(it), Reverse(*at))).map(|(at, _)| at);
    for (_, part) in parts.iter().enumerate().filter(|(at, _)| Some(*at) != kept) {
        delete(place, part).await?;
    }
    Ok(parts.len() > 1)
}

/// `POST /subnets`: <https://docs.openstack.org/api-ref/network/v2/#create-subnet>.
fn subnet_body(wanted: &Wanted<'_>, network: &str) -> Value {
    let mut body = json!({
        "name": wanted.name,
        "network_id": network,
        "cidr": wanted.cidr,
        "ip_version": match wanted.cidr { IpNet::V4(_) => 4, IpNet::V6(_) => 6 },
        "dns_nameservers": wanted.dns_servers,
    });
    if let IpNet::V6(cidr) = wanted.cidr {
        // Without a mode nothing tells servers their addresses, and the first needs 64 bits for them.
        // <https://docs.openstack.org/neutron/latest/admin/config-ipv6.html>
        let mode = if cidr.prefix_len() == 64 { "slaac" } else { "dhcpv6-stateful" };
        (body["ipv6_ra_mode"], body["ipv6_address_mode"]) = (mode.into(), mode.into());
    }
    body
}

/// False when the group lets in what it shall. Added before removed, so that nobody is shut out on the way.
async fn set_rules(place: &Place<'_>, group: &Part<Group>, wanted: &BTreeSet<Allowed>) -> Result<bool, CloudError> {
    let (add, remove) = rules::difference(wanted, &group.is.security_group_rules);
    let is_as_wanted = add.is_empty() && remove.is_empty();
    if !add.is_empty() {
        // All in one request, which Neutron does as a whole or not at all.
        let rules: Vec<Value> = add.iter().map(|it| it.body(&group.id)).collect();
        let call = Change::post(place.at(), "/security-group-rules", json!({ "security_group_rules": rules }));
        let added = place.session.change(&call).await.map_err(CloudError::from);
        unless_gone(added)?;
    }
    for id in &remove {
        rules::delete(place, id).await?;
    }
    Ok(!is_as_wanted)
}

/// What is gone is no failure: the next look tells what is left to do.
fn unless_gone<T>(answer: Result<T, CloudError>) -> Result<Option<T>, CloudError> {
    match answer {
        Err(CloudError::NotFound(_)) => Ok(None),
        answer => answer.map(Some),
    }
}
