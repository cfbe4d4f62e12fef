use std::{collections::BTreeSet, net::IpAddr};

use cloud::server::{Mark, Nic};
use futures_util::{StreamExt, pin_mut};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde_json::json;

use crate::{
    catalog::Service,
    error::Error,
    nova::marked::tag,
    pages::{Link, PageReply, marker, pages},
    session::{At, Change, Get, Session},
};

/// Each name stands in the URL that asks for all of them.
pub(crate) const MAX_CARDS: usize = 16;
const PAGE: usize = 100;

#[derive(Deserialize)]
struct Reply {
    ports: Vec<NeutronPort>,
    #[serde(default)]
    ports_links: Vec<Link>,
}

/// One entry of `GET /ports`: <https://docs.openstack.org/api-ref/network/v2/#list-ports>.
#[derive(Deserialize)]
pub(super) struct NeutronPort {
    pub id: String,
    #[serde(default)]
    name: Option<String>,
    pub network_id: String,
    /// Empty while nothing has it.
    #[serde(default)]
    pub device_id: Option<String>,
    /// Of Nova `compute:` and the availability zone.
    #[serde(default)]
    device_owner: Option<String>,
    #[serde(default)]
    fixed_ips: Vec<FixedIp>,
    /// Ids.
    #[serde(default)]
    pub security_groups: Vec<String>,
}

#[derive(Deserialize)]
struct FixedIp {
    ip_address: IpAddr,
    #[serde(default)]
    subnet_id: Option<String>,
}

impl NeutronPort {
    pub fn owner(&self) -> &str {
        self.device_owner.as_deref().unwrap_or_default()
    }

    pub fn is_on(&self, subnet_id: &str) -> bool {
        self.fixed_ips.iter().any(|it| it.subnet_id.as_deref() == Some(subnet_id))
    }
}

impl PageReply for Reply {
    type Item = NeutronPort;

    fn split(self) -> (Vec<NeutronPort>, Option<String>) {
        let next = marker(&self.ports_links, &self.ports, |it| &it.id);
        (self.ports, next)
    }
}

/// A port of ours.
pub(crate) struct Port {
    pub id: String,
    name: String,
    network_id: String,
    /// The server that has it.
    pub server_id: Option<String>,
    /// Its first IPv4 address: the one kind that floating IPs lead to.
    pub ipv4: Option<IpAddr>,
}

impl From<NeutronPort> for Port {
    fn from(it: NeutronPort) -> Self {
        let is_of_server = it.device_owner.is_some_and(|it| it.starts_with("compute:"));
        Port {
            id: it.id,
            name: it.name.unwrap_or_default(),
            network_id: it.network_id,
            server_id: it.device_id.filter(|it| is_of_server && !it.is_empty()),
            ipv4: it.fixed_ips.into_iter().map(|it| it.ip_address).find(IpAddr::is_ipv4),
        }
    }
}

/// The name of the port of a server's card, the first being 0.
fn name(mark: Mark, card: usize) -> String {
    format!("{}-{card}", tag(mark))
}

/// All ports whose name says the mark.
pub(crate) async fn list(session: &Session, region: &str, mark: Mark) -> Result<Vec<Port>, Error> {
    let names: Vec<String> = (0..MAX_CARDS).map(|card| name(mark, card)).collect();
    let query: Vec<(&str, &str)> = names.iter().map(|it| ("name", it.as_str())).collect();
    // A cloud that overlooks the filter must not make all ports ours.
    let all = read(session, region, &query).await?;
    Ok(all.into_iter().map(Port::from).filter(|it| names.contains(&it.name)).collect())
}

/// All ports of a server, ours and those that Nova made.
pub(crate) async fn of_server(session: &Session, region: &str, server_id: &str) -> Result<Vec<Port>, Error> {
    let all = read(session, region, &[("device_id", server_id)]).await?;
    Ok(all.into_iter().map(Port::from).filter(|it| it.server_id.as_deref() == Some(server_id)).collect())
}

/// Those of cards that a server has another port for.
pub(crate) fn surplus(ports: Vec<Port>, server_id: &str) -> Vec<Port> {
    let is_its = |it: &Port| it.server_id.as_deref() == Some(server_id);
    let cards: BTreeSet<String> = ports.iter().filter(|it| is_its(it)).map(|it| it.name.clone()).collect();
    ports.into_iter().filter(|it| !is_its(it) && cards.contains(&it.name)).collect()
}

/// The port of the primary card: the first we made for it, and where Nova made it, the first of Neutron's list.
pub(crate) fn primary(ports: &[Port], mark: Mark) -> Option<&Port> {
    let name = name(mark, 0);
    ports.iter().find(|it| it.name == name).or(ports.first())
}

/// What the cloud gives for these filters.
pub(super) async fn read(session: &Session, region: &str, query: &[(&str, &str)]) -> Result<Vec<NeutronPort>, Error> {
    let call = Get::new(At { service: Service::Network, region }, "/ports").query(query);
    let pages = pages::<Reply>(session, call, PAGE);
    pin_mut!(pages);
    let mut found = Vec::new();
    while let Some(page) = pages.next().await {
        found.extend(page?);
    }
    Ok(found)
}

/// A port for each card, in their order: found by its name, or made. Without security groups a port gets the
/// project's `default`. `POST /ports`: <https://docs.openstack.org/api-ref/network/v2/#create-port>.
pub(crate) async fn make(
    session: &Session,
    region: &str,
    mark: Mark,
    nics: &[Nic],
    security_groups: &[String],
) -> Result<Vec<String>, Error> {
    #[derive(Deserialize)]
    struct One {
        port: NeutronPort,
    }
    if nics.is_empty() {
        return Ok(Vec::new());
    }
    let there = list(session, region, mark).await?;
    let mut ids = Vec::new();
    for (card, nic) in nics.iter().enumerate() {
        let name = name(mark, card);
        if let Some(port) = there.iter().find(|it| it.name == name && it.network_id == nic.network) {
            ids.push(port.id.clone());
            continue;
        }
        let mut port = json!({ "network_id": nic.network, "name": name });
        if let Some(ip) = nic.fixed_ip {
            port["fixed_ips"] = json!([{ "ip_address": ip }]);
        }
        if !security_groups.is_empty() {
            port["security_groups"] = json!(security_groups);
        }
        let at = At { service: Service::Network, region };
        let answer = session.change(&Change::post(at, "/ports", json!({ "port": port }))).await?;
        ids.push(session.parse::<One>(&answer.url, &answer.body)?.port.id);
    }
    Ok(ids)
}

/// `DELETE /ports/{id}`: <https://docs.openstack.org/api-ref/network/v2/#delete-port>. One that is not there is no
/// error.
pub(crate) async fn delete(session: &Session, region: &str, id: &str) -> Result<(), Error> {
    let path = format!("/ports/{}", utf8_percent_encode(id, NON_ALPHANUMERIC));
    match session.change(&Change::delete(At { service: Service::Network, region }, &path)).await {
        Err(err) if err.status() != Some(404) => Err(err),
        _ => Ok(()),
    }
}
