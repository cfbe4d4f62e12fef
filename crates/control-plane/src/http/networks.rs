//! Networks of an environment: users say what is wanted of them, the reconciler does it.

use std::net::IpAddr;

use api_types::{
    TextRef,
    farms::UserIdentity,
    networks::{ChangeNetwork, NetworkPart, NetworkRule, NewNetwork, PrivateNetwork},
};
use axum::extract::State;
use cloud::{
    Platform,
    asset::{Asset as Description, Protocol, Rule},
};
use ipnet::IpNet;
use store::{
    Time, Tx,
    assets::{self, Asset, NewAsset},
};
use uuid::Uuid;

use super::{
    body::{Body, text},
    caller::{Caller, Change},
    error::{ApiError, ApiResult},
    extract::Path,
    inventory::{At, LocationPath, at},
    list::ListQuery,
    reply::Reply,
    route::{Access::Needs, Routes, delete, get, patch, post},
    volumes::{COLUMNS, FILTERS, SORTS, Users, committed, has_room, parts_now, present, refuse_used},
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
            list,
        )
        .add(
            post(all, Needs(P::NetworksManage), "Create a network with subnet, security group and router (OpenStack)")
                .takes::<NewNetwork>()
                .creates::<N>(),
            create,
        )
        .add(get(one, Needs(P::NetworksRead), "Get a network that was made for this environment").gives::<N>(), show)
        .add(
            patch(one, Needs(P::NetworksManage), "Change who may send to a network, and its DNS servers")
                .takes::<ChangeNetwork>()
                .gives::<N>(),
            change,
        )
        .add(
            delete(one, Needs(P::NetworksManage), "Delete a network that no server is on, with all its parts")
                .gives::<N>(),
            remove,
        );
}

async fn list(State(app): State<App>, caller: Caller, query: ListQuery) -> ApiResult<Reply<Vec<PrivateNetwork>>> {
    let environment_id = caller.scope.environment_id().unwrap_or_default();
    let mut tx = app.db.read().await?;
    let select = query.select(COLUMNS)?.eq("environment_id", environment_id).eq("kind", "network");
    let found = assets::list(&mut tx, select).await?;
    let users = Users::read(&mut tx, environment_id, found.rows.iter().flat_map(|it| &it.seen.parts.0)).await?;
    Ok(Reply::list(found.map(|it| view(it, &users)), &query))
}

async fn show(
    State(app): State<App>,
    caller: Caller,
    Path((_, id)): Path<(i64, String)>,
) -> ApiResult<Reply<PrivateNetwork>> {
    let mut tx = app.db.read().await?;
    let network = of_environment(&mut tx, &caller, &id).await?;
    Ok(Reply::ok(view_one(&mut tx, network).await?))
}

async fn of_environment(tx: &mut Tx, caller: &Caller, id: &str) -> ApiResult<Asset> {
    let found = assets::find(tx, id).await?;
    let own = found.filter(|it| Some(it.environment_id) == caller.scope.environment_id() && it.kind == "network");
    own.ok_or_else(|| ApiError::not_found(format!("network {id}")))
}

async fn create(State(app): State<App>, caller: Caller, body: Body) -> ApiResult<Reply<PrivateNetwork>> {
    let new: NewNetwork = body.read()?;
    let name = text("name", &new.name)?.to_owned();
    let cidr = cidr(&new.cidr)?;
    let dns_servers = dns_servers(&new.dns_servers.unwrap_or_default(), cidr)?;
    let rules = rules(&new.rules.unwrap_or_default())?;
    let external_network = new.external_network.map(|it| text("externalNetwork", &it.id).map(ToOwned::to_owned));
    let cloud_platform = new.cloud_platform.unwrap_or_else(|| Platform::Openstack.to_string());
    if cloud_platform != Platform::Openstack.as_str() {
        let message = format!("{cloud_platform} has no networks that can be made here");
        let remedy = "create it on openstack; on vmware an administrator makes port groups";
        return Err(ApiError::conflict("UnacceptableObjectConfiguration", message).remedy(remedy));
    }
    let path = LocationPath { cloud_platform, cloud_location: new.cloud_location };
    let At { credential, location } = at(&app, &caller, &path).await?;
    let environment_id = caller.scope.environment_id().unwrap_or_default();
    let description = Description::Network {
        name: name.clone(),
        cidr: cidr.to_string(),
        dns_servers,
        external_network: external_network.transpose()?,
        rules,
    };
    let mut tx = app.db.write().await?;
    has_room(&mut tx, environment_id, &path.cloud_platform, &credential.id, &description).await?;
    let row = NewAsset {
        id: Uuid::now_v7().to_string(),
        environment_id,
        platform: path.cloud_platform,
        location_id: location.0,
        credential_id: credential.id,
        description,
        created_by_id: caller.user.id,
        created_by_email: caller.user.email.clone(),
    };
    let made = assets::insert(&mut tx, &row, Time::now()).await;
    let made = made.map_err(|err| ApiError::of_named(err, "a network", &name, "in this environment"))?;
    let view = view_one(&mut tx, made).await?;
    caller.record(&mut tx, &app, Change::new("networks", "create", &view.id, &name).after(&view)).await?;
    committed(&app, tx).await?;
    Ok(Reply::created(view))
}

async fn change(
    State(app): State<App>,
    caller: Caller,
    Path((_, id)): Path<(i64, String)>,
    body: Body,
) -> ApiResult<Reply<PrivateNetwork>> {
    body.refuse_later(FIXED)?;
    let wanted: ChangeNetwork = body.read()?;
    let mut tx = app.db.write().await?;
    let network = of_environment(&mut tx, &caller, &id).await?;
    present(&network)?;
    let before = view_one(&mut tx, network.clone()).await?;
    let mut description = network.description.0.clone();
    if let Description::Network { cidr, dns_servers: dns_now, rules: rules_now, .. } = &mut description {
        if let Some(wanted) = &wanted.dns_servers {
            *dns_now = dns_servers(wanted, self::cidr(cidr)?)?;
        }
        if let Some(wanted) = &wanted.rules {
            *rules_now = rules(wanted)?;
        }
    }
    if description == network.description.0 {
        return Ok(Reply::ok(before));
    }
    assets::describe(&mut tx, &id, &description, Time::now()).await?;
    let network = of_environment(&mut tx, &caller, &id).await?;
    let after = view_one(&mut tx, network).await?;
    let change = Change::new("networks", "update", &id, &after.name).before(&before).after(&after);
    caller.record(&mut tx, &app, change).await?;
    committed(&app, tx).await?;
    Ok(Reply::ok(after))
}

async fn remove(
    State(app): State<App>,
    caller: Caller,
    Path((_, id)): Path<(i64, String)>,
) -> ApiResult<Reply<PrivateNetwork>> {
    let mut tx = app.db.read().await?;
    let network = of_environment(&mut tx, &caller, &id).await?;
    present(&network)?;
    drop(tx);
    let parts = parts_now(&app, &caller, &network).await;
    let mut tx = app.db.write().await?;
    let network = of_environment(&mut tx, &caller, &id).await?;
    present(&network)?;
    let parts = parts.as_ref().unwrap_or(&network.seen.parts.0);
    refuse_used(&mut tx, &network, parts, "terminate the servers, or take them off it: they have ports there").await?;
    let before = view_one(&mut tx, network).await?;
    assets::want_absent(&mut tx, &id, Time::now()).await?;
    let network = of_environment(&mut tx, &caller, &id).await?;
    let after = view_one(&mut tx, network).await?;
    let change = Change::new("networks", "delete", &id, &after.name).before(&before).after(&after);
    caller.record(&mut tx, &app, change).await?;
    committed(&app, tx).await?;
    Ok(Reply::ok(after))
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

fn rules(given: &[NetworkRule]) -> ApiResult<Vec<Rule>> {
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

fn view_rule(it: Rule) -> NetworkRule {
    let protocol = match it.protocol {
        Protocol::Tcp => "tcp",
        Protocol::Udp => "udp",
        Protocol::Icmp => "icmp",
    };
    let (first_port, last_port) = it.ports.unzip();
    NetworkRule { protocol: protocol.to_owned(), first_port, last_port, from: it.from }
}

fn view(network: Asset, users: &Users) -> PrivateNetwork {
    let (cidr, dns_servers, external_network, rules) = match network.description.0 {
        Description::Network { cidr, dns_servers, external_network, rules, .. } => {
            (cidr, dns_servers, external_network, rules)
        }
        Description::Volume { .. } => (String::new(), Vec::new(), None, Vec::new()),
    };
    let seen = network.seen;
    let mut used_by = users.of(&seen.parts);
    used_by.sort_by(|a, b| a.cloud_server_id.cmp(&b.cloud_server_id));
    used_by.dedup();
    let part = |it: cloud::asset::Part| NetworkPart { kind: it.kind, id: it.id, status: it.status };
    PrivateNetwork {
        id: network.id,
        name: network.name,
        cloud_platform: network.platform,
        cloud_location: network.location_id,
        cidr,
        dns_servers: dns_servers.iter().map(ToString::to_string).collect(),
        external_network: external_network.map(|id| TextRef { id }),
        rules: rules.into_iter().map(view_rule).collect(),
        status: seen.status.to_string(),
        status_since: seen.status_since.0,
        parts: seen.parts.0.into_iter().map(part).collect(),
        used_by,
        failure: seen.failure.and_then(|it| serde_json::from_value(it.0).ok()),
        created_by: UserIdentity { id: network.created_by_id, email: Some(network.created_by_email) },
        added: network.created_at.0,
        observed_at: seen.observed_at.map(|it| it.0),
        deleted: seen.deleted_at.map(|it| it.0),
    }
}

async fn view_one(tx: &mut Tx, network: Asset) -> ApiResult<PrivateNetwork> {
    let users = Users::read(tx, network.environment_id, &network.seen.parts.0).await?;
    Ok(view(network, &users))
}
