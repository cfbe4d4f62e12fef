use std::collections::HashMap;

use cloud::inventory::Resource;
use futures_util::{Stream, StreamExt, pin_mut};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    catalog::Service,
    error::Error,
    inventory::attributes,
    pages::{Link, PageReply, marker, pages},
    session::{At, Get, Session},
};

/// Their ids make the URL that asks for their subnets, and servers refuse URLs over 8 kB.
const PAGE: usize = 100;
const SUBNET_PAGE: usize = 1000;

#[derive(Deserialize)]
struct Networks {
    networks: Vec<NeutronNetwork>,
    #[serde(default)]
    networks_links: Vec<Link>,
}

/// One entry of `GET /networks`.
#[derive(Deserialize)]
struct NeutronNetwork {
    id: String,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    status: Option<String>,
    #[serde(default)]
    admin_state_up: Option<bool>,
    #[serde(default)]
    shared: bool,
    #[serde(rename = "router:external", default)]
    external: bool,
    /// Bytes.
    #[serde(default)]
    mtu: Option<u32>,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    project_id: Option<String>,
    /// Ids; some of them this credential may not read.
    #[serde(default)]
    subnets: Vec<String>,
}

#[derive(Deserialize)]
struct Subnets {
    subnets: Vec<NeutronSubnet>,
    #[serde(default)]
    subnets_links: Vec<Link>,
}

/// One entry of `GET /subnets`.
#[derive(Deserialize)]
struct NeutronSubnet {
    id: String,
    network_id: String,
    #[serde(default)]
    name: Option<String>,
    cidr: String,
    ip_version: u8,
    #[serde(default)]
    gateway_ip: Option<String>,
    #[serde(default)]
    enable_dhcp: Option<bool>,
}

impl PageReply for Networks {
    type Item = NeutronNetwork;

    fn split(self) -> (Vec<NeutronNetwork>, Option<String>) {
        let next = marker(&self.networks_links, &self.networks, |it| &it.id);
        (self.networks, next)
    }
}

impl PageReply for Subnets {
    type Item = NeutronSubnet;

    fn split(self) -> (Vec<NeutronSubnet>, Option<String>) {
        let next = marker(&self.subnets_links, &self.subnets, |it| &it.id);
        (self.subnets, next)
    }
}

/// All networks this credential sees, with their subnets.
pub(crate) fn list<'a>(
    session: &'a Session,
    region: &'a str,
) -> impl Stream<Item = Result<Vec<Resource>, Error>> + Send + 'a {
    async_stream::try_stream! {
        let pages = pages::<Networks>(session, Get::new(At { service: Service::Network, region }, "/networks"), PAGE);
        pin_mut!(pages);
        while let Some(networks) = pages.next().await {
            let networks = networks?;
            let mut subnets = subnets(session, region, &networks).await?;
            let resource = |it: NeutronNetwork| {
                let of_network = subnets.remove(&it.id).unwrap_or_default();
                resource(it, of_network)
            };
            yield networks.into_iter().map(resource).collect();
        }
    }
}

/// The subnets of these networks, by network.
async fn subnets(
    session: &Session,
    region: &str,
    networks: &[NeutronNetwork],
) -> Result<HashMap<String, Vec<NeutronSubnet>>, Error> {
    let query: Vec<(&str, &str)> =
        networks.iter().filter(|it| !it.subnets.is_empty()).map(|it| ("network_id", it.id.as_str())).collect();
    let mut by_network: HashMap<String, Vec<NeutronSubnet>> = HashMap::new();
    if query.is_empty() {
        return Ok(by_network);
    }
    let call = Get::new(At { service: Service::Network, region }, "/subnets").query(&query);
    let pages = pages::<Subnets>(session, call, SUBNET_PAGE);
    pin_mut!(pages);
    while let Some(page) = pages.next().await {
        for subnet in page? {
            by_network.entry(subnet.network_id.clone()).or_default().push(subnet);
        }
    }
    Ok(by_network)
}

fn resource(it: NeutronNetwork, subnets: Vec<NeutronSubnet>) -> Resource {
    let subnet = |it: NeutronSubnet| {
        json!({
            "id": it.id,
            "name": it.name,
            "cidr": it.cidr,
            "ipVersion": it.ip_version,
            "gatewayIp": it.gateway_ip,
            "enableDhcp": it.enable_dhcp,
        })
    };
    let hidden = it.subnets.iter().filter(|id| subnets.iter().all(|it| it.id != **id)).cloned().collect::<Vec<_>>();
    Resource {
        name: it.name.filter(|it| !it.is_empty()).unwrap_or_else(|| it.id.clone()),
        cloud_id: it.id,
        status: it.status.clone(),
        parent: None,
        capacity_bytes: None,
        free_bytes: None,
        attributes: attributes(json!({
            "external": it.external,
            "shared": it.shared,
            "adminStateUp": it.admin_state_up,
            "mtu": it.mtu,
            "description": it.description,
            "projectId": it.project_id,
            "status": it.status,
            "subnets": subnets.into_iter().map(subnet).collect::<Vec<Value>>(),
            // They exist, but this credential may not read them.
            "unreadableSubnetIds": hidden,
        })),
    }
}
