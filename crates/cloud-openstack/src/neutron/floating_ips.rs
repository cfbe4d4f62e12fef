//! Floating IPs: <https://docs.openstack.org/api-ref/network/v2/#floating-ips-floatingips>.
//!
//! One that we make says so in its description from the beginning: `stackyard MARK OPERATION`. One that was free in the
//! project and is only used says nothing, and stays when its server goes.
//!
//! Neutron gives one that was taken to whoever asks last. So each change names the revision that was looked at, and is
//! refused when that is not the latest. Neutron forgets this condition when it repeats its own transaction (29 does), so of
//! two who ask at the same moment both are told yes: not the answer is believed, but the next look.

pub(crate) mod marked;

use cloud::{
    CloudError,
    operation::{FloatingIp, Progress, Target},
    server::{Mark, Order},
};
use futures_util::{StreamExt, pin_mut};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::ports::{self, Port};
use crate::{
    catalog::Service,
    error::{Error, Refusal},
    nova::ready::ready,
    pages::{Link, PageReply, marker, pages},
    session::{At, Change, Get, Session},
};

const PAGE: usize = 500;
/// What the descriptions of all that we made begin with.
const OURS: &str = "stackyard ";

#[derive(Deserialize)]
struct Reply {
    floatingips: Vec<NeutronFloatingIp>,
    #[serde(default)]
    floatingips_links: Vec<Link>,
}

#[derive(Deserialize)]
struct One {
    floatingip: NeutronFloatingIp,
}

/// One entry of `GET /floatingips`.
#[derive(Debug, Deserialize)]
struct NeutronFloatingIp {
    id: String,
    #[serde(default)]
    project_id: Option<String>,
    #[serde(default)]
    floating_ip_address: String,
    #[serde(default)]
    fixed_ip_address: Option<String>,
    /// `ACTIVE`, `DOWN`, `ERROR`.
    #[serde(default)]
    status: Option<String>,
    /// None while it leads nowhere.
    #[serde(default)]
    port_id: Option<String>,
    #[serde(default)]
    description: Option<String>,
    /// One that forwards single ports has no port of its own, and can get none.
    #[serde(default)]
    port_forwardings: Vec<Value>,
    /// None before Neutron 9 (2016).
    #[serde(default)]
    revision_number: Option<u64>,
}

impl PageReply for Reply {
    type Item = NeutronFloatingIp;

    fn split(self) -> (Vec<NeutronFloatingIp>, Option<String>) {
        let next = marker(&self.floatingips_links, &self.floatingips, |it| &it.id);
        (self.floatingips, next)
    }
}

impl NeutronFloatingIp {
    fn description(&self) -> &str {
        self.description.as_deref().unwrap_or_default()
    }

    /// By an operation on it, whose id follows the mark.
    fn is_made_for_server(&self) -> bool {
        self.description().strip_prefix(OURS).is_some_and(|it| it.contains(' '))
    }

    fn is_made_for(&self, mark: Mark) -> bool {
        let rest = self.description().strip_prefix(OURS).and_then(|it| it.strip_prefix(&mark.to_string()));
        rest.is_some_and(|it| it.starts_with(' '))
    }
}

/// Gives the primary port of a server an address of an external network.
pub(crate) async fn add(session: &Session, target: &Target, id: Uuid, pool: &str) -> Result<Progress, CloudError> {
    let region = target.location.0.as_str();
    let ports = ports::of_server(session, region, &target.cloud_id).await?;
    let Some(port) = ports::primary(&ports, target.mark) else { return Err(no_port(session, target).await) };
    let Some(pool_ips) = list(session, region, &[("floating_network_id", pool)]).await? else {
        return Err(CloudError::Unsupported(format!("floating IPs: Neutron in {region} has no routers")));
    };
    let description = format!("{OURS}{} {id}", target.mark);
    match choose(&pool_ips, &port.id, &description) {
        Choice::Done(it) => Ok(Progress::Done(Some(it.id.clone()))),
        Choice::Take(it) => {
            let mut body = json!({ "port_id": port.id });
            with_address(&mut body, port);
            update(session, region, it, body).await?;
            Ok(Progress::UnderWay(None))
        }
        Choice::Elsewhere(it, port_id) => Err(CloudError::Refused(format!(
            "floating IP {}, which was made for this, leads to port {port_id} by now",
            it.floating_ip_address
        ))),
        Choice::Make => {
            let mut body = json!({ "floating_network_id": pool, "port_id": port.id, "description": description });
            with_address(&mut body, port);
            let call = Change::post(at(region), "/floatingips", json!({ "floatingip": body }));
            let answer = session.change(&call).await.map_err(refused)?;
            Ok(Progress::Done(Some(session.parse::<One>(&answer.url, &answer.body)?.floatingip.id)))
        }
    }
}

/// Gives the primary port of a server this one. Another port keeps it: somebody uses it there.
pub(crate) async fn associate(session: &Session, target: &Target, id: &str) -> Result<Progress, CloudError> {
    let region = target.location.0.as_str();
    let ports = ports::of_server(session, region, &target.cloud_id).await?;
    let Some(port) = ports::primary(&ports, target.mark) else { return Err(no_port(session, target).await) };
    let gone = || CloudError::Refused(format!("there is no floating IP {id} in {region}; choose another"));
    let found = find(session, region, id).await?.ok_or_else(gone)?;
    let address = &found.floating_ip_address;
    match found.port_id.as_deref() {
        Some(there) if there == port.id => Ok(Progress::Done(Some(found.id))),
        Some(there) => Err(CloudError::Refused(format!(
            "floating IP {address} leads to port {there}; take it from that server first"
        ))),
        None if !found.port_forwardings.is_empty() => {
            Err(CloudError::Refused(format!("floating IP {address} forwards single ports; choose another")))
        }
        None if found.is_made_for_server() => {
            Err(CloudError::Refused(format!("floating IP {address} was made for another server; choose another")))
        }
        None => {
            let mut body = json!({ "port_id": port.id });
            with_address(&mut body, port);
            update(session, region, &found, body).await?;
            Ok(Progress::UnderWay(None))
        }
    }
}

/// Of a server without a port: the reason, where it is that the server is not ready.
async fn no_port(session: &Session, target: &Target) -> CloudError {
    let region = target.location.0.as_str();
    match ready(session, region, &target.cloud_id, "a floating IP", &["ACTIVE", "SHUTOFF"]).await {
        Err(err) => err,
        Ok(_) => CloudError::Refused(format!(
            "server {} has no port in Neutron that a floating IP could lead to",
            target.cloud_id
        )),
    }
}

#[derive(Debug)]
enum Choice<'a> {
    Done(&'a NeutronFloatingIp),
    Take(&'a NeutronFloatingIp),
    /// Made for this operation, and given to another port by somebody.
    Elsewhere(&'a NeutronFloatingIp, &'a str),
    Make,
}

/// What this operation made, else what leads to the port already, else a free one that no server of ours has made.
fn choose<'a>(all: &'a [NeutronFloatingIp], port_id: &str, description: &str) -> Choice<'a> {
    let is_here = |it: &&NeutronFloatingIp| it.port_id.as_deref() == Some(port_id);
    let is_free = |it: &&NeutronFloatingIp| {
        it.port_id.is_none() && it.port_forwardings.is_empty() && !it.description().starts_with(OURS)
    };
    let made = all.iter().find(|it| it.description() == description);
    match (made, made.and_then(|it| it.port_id.as_deref())) {
        (Some(made), None) => Choice::Take(made),
        (Some(made), Some(at)) if at == port_id => Choice::Done(made),
        (Some(made), Some(at)) => Choice::Elsewhere(made, at),
        (None, _) => match (all.iter().find(is_here), all.iter().find(is_free)) {
            (Some(here), _) => Choice::Done(here),
            (None, Some(free)) => Choice::Take(free),
            (None, None) => Choice::Make,
        },
    }
}

/// A port may have several addresses, and then Neutron wants to be told which.
fn with_address(body: &mut Value, port: &Port) {
    if let Some(ip) = port.ipv4 {
        body["fixed_ip_address"] = ip.to_string().into();
    }
}

/// Takes one from a server: what we made for it is deleted, another is only disassociated.
pub(crate) async fn remove(
    session: &Session,
    target: &Target,
    id: &str,
    order: Option<&Order>,
) -> Result<Progress, CloudError> {
    let region = target.location.0.as_str();
    let Some(found) = find(session, region, id).await? else { return Ok(Progress::Done(None)) };
    let ports = ports::of_server(session, region, &target.cloud_id).await?;
    let is_ours = found.is_made_for(target.mark);
    let changed = match &found.port_id {
        Some(port_id) if ports.iter().all(|it| it.id != *port_id) => {
            if order.is_some() && !is_ours {
                return Ok(Progress::Done(None)); // Somebody was quick.
            }
            let address = &found.floating_ip_address;
            let text = format!("floating IP {address} leads to port {port_id}, which is not of this server");
            return Err(CloudError::Refused(text));
        }
        _ if is_ours => delete(session, region, &found).await?,
        Some(_) => update(session, region, &found, json!({ "port_id": Value::Null })).await?,
        None => return Ok(Progress::Done(None)),
    };
    let sent = changed.map(|request_id| Order::new(found.id, Some(request_id)));
    Ok(Progress::UnderWay(sent.or_else(|| order.cloned())))
}

/// Deletes what was made for a mark whose ports are gone, and returns how many there were. One that somebody gave to
/// another server is that server's from now on, and loses its description.
pub(crate) async fn remove_all(session: &Session, region: &str, mark: Mark) -> Result<usize, CloudError> {
    let fields = ["id", "project_id", "port_id", "description", "revision_number"].map(|it| ("fields", it));
    let all = list(session, region, &fields).await?.unwrap_or_default();
    let ours: Vec<&NeutronFloatingIp> = all.iter().filter(|it| it.is_made_for(mark)).collect();
    for it in &ours {
        match it.port_id {
            None => delete(session, region, it).await?,
            Some(_) => update(session, region, it, json!({ "description": "" })).await?,
        };
    }
    Ok(ours.len())
}

/// Those that lead to ports of a server.
pub(crate) async fn of_server(session: &Session, region: &str, server_id: &str) -> Result<Vec<FloatingIp>, CloudError> {
    let ports = ports::of_server(session, region, server_id).await?;
    if ports.is_empty() {
        return Ok(Vec::new());
    }
    let query: Vec<(&str, &str)> = ports.iter().map(|it| ("port_id", it.id.as_str())).collect();
    let all = list(session, region, &query).await?.unwrap_or_default();
    let is_here = |it: &NeutronFloatingIp| ports.iter().any(|port| it.port_id.as_deref() == Some(&port.id));
    let view = |it: NeutronFloatingIp| FloatingIp {
        id: it.id,
        address: it.floating_ip_address,
        fixed_address: it.fixed_ip_address,
    };
    Ok(all.into_iter().filter(is_here).map(view).collect())
}

/// Those of the project; `None` where Neutron knows no such thing.
async fn list(
    session: &Session,
    region: &str,
    filters: &[(&str, &str)],
) -> Result<Option<Vec<NeutronFloatingIp>>, Error> {
    // An administrator sees those of all projects.
    let project_id = session.project_id().await?;
    let mut query = vec![("project_id", project_id.as_str())];
    query.extend_from_slice(filters);
    let pages = pages::<Reply>(session, Get::new(at(region), "/floatingips").query(&query), PAGE);
    pin_mut!(pages);
    let mut found = Vec::new();
    while let Some(page) = pages.next().await {
        match page {
            Ok(page) => found.extend(page.into_iter().filter(|it| it.project_id.as_deref() == Some(&project_id))),
            Err(err) if err.status() == Some(404) => return Ok(None),
            Err(err) => return Err(err),
        }
    }
    Ok(Some(found))
}

async fn find(session: &Session, region: &str, id: &str) -> Result<Option<NeutronFloatingIp>, Error> {
    let Some(path) = path(id) else { return Ok(None) };
    match session.get::<One>(&Get::new(at(region), &path)).await {
        Ok(One { floatingip }) => Ok(Some(floatingip)),
        Err(err) if err.status() == Some(404) => Ok(None),
        Err(err) => Err(err),
    }
}

/// The request's id; `None` when it is not any more what was looked at, and has to be looked at again.
async fn update(
    session: &Session,
    region: &str,
    it: &NeutronFloatingIp,
    body: Value,
) -> Result<Option<String>, CloudError> {
    let Some(path) = path(&it.id) else { return Ok(None) };
    let call = Change::put(at(region), &path, json!({ "floatingip": body }));
    changed(session.change(&Change { if_revision: it.revision_number, ..call }).await.map(|it| it.request_id))
}

async fn delete(session: &Session, region: &str, it: &NeutronFloatingIp) -> Result<Option<String>, CloudError> {
    let Some(path) = path(&it.id) else { return Ok(None) };
    let call = Change::delete(at(region), &path);
    changed(session.change(&Change { if_revision: it.revision_number, ..call }).await.map(|it| it.request_id))
}

fn changed(answer: Result<String, Error>) -> Result<Option<String>, CloudError> {
    match answer {
        Ok(request_id) => Ok(Some(request_id)),
        // Changed by somebody, or gone.
        Err(err) if matches!(err.status(), Some(404 | 412)) => Ok(None),
        Err(err) => Err(err.into()),
    }
}

/// All are UUIDs, and anything else could lead elsewhere.
fn path(id: &str) -> Option<String> {
    Uuid::parse_str(id).ok().map(|id| format!("/floatingips/{id}"))
}

fn at(region: &str) -> At<'_> {
    At { service: Service::Network, region }
}

/// Neutron says 404 of a network that is not there, and of one that no router joins with the port's.
fn refused(err: Error) -> CloudError {
    match &err {
        Error::Refused(Refusal { status: 404, .. }) => CloudError::Refused(err.to_string()),
        _ => err.into(),
    }
}
