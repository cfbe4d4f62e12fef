//! Networks of an environment.

use std::net::IpAddr;

use api_types::{
    TextRef,
    networks::{ChangeNetwork, NetworkPart, NetworkRule, NewNetwork, PrivateNetwork},
};
use axum::extract::State;
use cloud::asset::{Asset as Description, Protocol, Rule};
use ipnet::IpNet;
use store::assets::Asset;

use super::{
    assets::{self, FILTERS, SORTS, Users, View, common, list, remove, show},
    body::{Body, text},
    caller::Caller,
    error::{ApiError, ApiResult},
    extract::Path,
    reply::Reply,
    route::{Access::Needs, Routes, delete, get, patch, post},
};
use crate::{app::App, permission::Permission as P};

const FIXED: &[&str] = &["name", "cloudPlatform", "cloudLocation", "cidr", "externalNetwork"];
const MOST_RULES: usize = 100;

pub fn routes(routes: &mut Routes) {
    type N = PrivateNetwork;
    let all = "/user/{envId}/networks/";
    let one = "/user/{envId}/networks/{networkId}/";
    routes
        .add(
            get(all, Needs(P::NetworksRead), "List the networks that were made for this environment")
                .lists::<N>(FILTERS)
                .sorts(SORTS),
            list::<N>,
        )
        .add(
            post(all, Needs(P::NetworksManage), "Create a network with subnet, security group and router (OpenStack)")
                .takes::<NewNetwork>()
                .creates::<N>(),
            create,
        )
        .add(
            get(one, Needs(P::NetworksRead), "Get a network that was made for this environment").gives::<N>(),
            show::<N>,
        )
        .add(
            patch(one, Needs(P::NetworksManage), "Change who may send to a network, and its DNS servers")
                .takes::<ChangeNetwork>()
                .gives::<N>(),
            change,
        )
        .add(
            delete(one, Needs(P::NetworksManage), "Delete a network that no server is on, with all its parts")
                .gives::<N>(),
            remove::<N>,
        );
}

async fn create(State(app): State<App>, caller: Caller, body: Body) -> ApiResult<Reply<PrivateNetwork>> {
    let new: NewNetwork = body.read()?;
    let cidr = cidr(&new.cidr)?;
    let external_network = new.external_network.map(|it| text("externalNetwork", &it.id).map(ToOwned::to_owned));
    let description = Description::Network {
        name: text("name", &new.name)?.to_owned(),
        cidr: cidr.to_string(),
        dns_servers: dns_servers(&new.dns_servers.unwrap_or_default(), cidr)?,
        external_network: external_network.transpose()?,
        rules: rules(&new.rules.unwrap_or_default())?,
    };
    assets::create(&app, &caller, new.cloud_platform, new.cloud_location, description).await
}

async fn change(
    State(app): State<App>,
    caller: Caller,
    Path((_, id)): Path<(i64, String)>,
    body: Body,
) -> ApiResult<Reply<PrivateNetwork>> {
    body.refuse_later(FIXED)?;
    let wanted: ChangeNetwork = body.read()?;
    assets::change(&app, &caller, &id, "update", |description| {
        if let Description::Network { cidr, dns_servers: dns_now, rules: rules_now, .. } = description {
            if let Some(wanted) = &wanted.dns_servers {
                *dns_now = dns_servers(wanted, self::cidr(cidr)?)?;
            }
            if let Some(wanted) = &wanted.rules {
                *rules_now = rules(wanted)?;
            }
        }
        Ok(())
    })
    .await
}

/// With addresses for servers: a router and a DHCP server take two.
fn cidr(text: &str) -> ApiResult<IpNet> {
    let wrong = |why: &str| ApiError::value(format!("cidr {text:?} {why}; give one such as 10.1.0.0/24"));
    let cidr: IpNet = text.parse().map_err(|_| wrong("is no range of addresses"))?;
    if cidr.max_prefix_len() - cidr.prefix_len() < 2 {
        return Err(wrong("has no room for servers"));
    }
    Ok(cidr.trunc())
}

fn dns_servers(given: &[String], cidr: IpNet) -> ApiResult<Vec<IpAddr>> {
    let one = |text: &String| match text.parse::<IpAddr>() {
        Ok(ip) if ip.is_ipv4() == cidr.addr().is_ipv4() => Ok(ip),
        Ok(_) => Err(ApiError::value(format!("dnsServers: {text} is not of the same kind of addresses as {cidr}"))),
        Err(_) => Err(ApiError::value(format!("dnsServers: {text:?} is no IP address"))),
    };
    given.iter().map(one).collect()
}

pub(super) fn rules(given: &[NetworkRule]) -> ApiResult<Vec<Rule>> {
    if given.len() > MOST_RULES {
        return Err(ApiError::value(format!("rules are {MOST_RULES} at most")));
    }
    given.iter().map(rule).collect()
}

fn rule(it: &NetworkRule) -> ApiResult<Rule> {
    let protocol = match it.protocol.as_str() {
        "tcp" => Protocol::Tcp,
        "udp" => Protocol::Udp,
        "icmp" => Protocol::Icmp,
        other => return Err(ApiError::value(format!("protocol is tcp, udp or icmp, not {other:?}"))),
    };
    let ports = match (it.first_port, it.last_port.or(it.first_port)) {
        (None, None) => None,
        (Some(_), _) | (_, Some(_)) if protocol == Protocol::Icmp => {
            return Err(ApiError::value("firstPort and lastPort are not for icmp, which has no ports"));
        }
        (Some(first), Some(last)) if 1 <= first && first <= last => Some((first, last)),
        _ => return Err(ApiError::value("firstPort is 1 or more, and lastPort not less than it")),
    };
    let is_known = it.from.parse::<IpNet>().is_ok() || it.from.parse::<IpAddr>().is_ok();
    if !is_known {
        return Err(ApiError::value(format!(
            "from {:?} is no range of addresses; give one such as 10.0.0.0/8",
            it.from
        )));
    }
    Ok(Rule { protocol, ports, from: it.from.clone() })
}

pub(super) fn view_rule(it: Rule) -> NetworkRule {
    let protocol = match it.protocol {
        Protocol::Tcp => "tcp",
        Protocol::Udp => "udp",
        Protocol::Icmp => "icmp",
    };
    let (first_port, last_port) = it.ports.unzip();
    NetworkRule { protocol: protocol.to_owned(), first_port, last_port, from: it.from }
}

impl View for PrivateNetwork {
    const KIND: &'static str = "network";
    const WHAT: &'static str = "network";
    const KINDS: &'static str = "networks";
    const ONLY_OPENSTACK: [&'static str; 2] = [
        "has no networks that can be made here",
        "create it on openstack; on vmware an administrator makes port groups",
    ];
    const RELEASE: &'static str = "terminate the servers, or take them off it: they have ports there";

    fn of(network: Asset, users: &Users) -> PrivateNetwork {
        let common = common(&network);
        let (cidr, dns_servers, external_network, rules) = match network.description.0 {
            Description::Network { cidr, dns_servers, external_network, rules, .. } => {
                (cidr, dns_servers, external_network, rules)
            }
            _ => (String::new(), Vec::new(), None, Vec::new()),
        };
        let seen = network.seen;
        let used_by = users.of(&seen.parts);
        let part = |it: cloud::asset::Part| NetworkPart { kind: it.kind, id: it.id, status: it.status };
        PrivateNetwork {
            common,
            cidr,
            dns_servers: dns_servers.iter().map(ToString::to_string).collect(),
            external_network: external_network.map(|id| TextRef { id }),
            rules: rules.into_iter().map(view_rule).collect(),
            parts: seen.parts.0.into_iter().map(part).collect(),
            used_by,
        }
    }
}
