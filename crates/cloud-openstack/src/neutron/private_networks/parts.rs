use cloud::{CloudError, asset, server::Mark};
use futures_util::{StreamExt, pin_mut, try_join};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use super::{rules::NeutronRule, uses::Uses};
use crate::{
    catalog::Service,
    error::Error,
    pages::{Link, PageReply, marker, pages},
    session::{At, Change, Get, Session},
};

const PAGE: usize = 100;

/// Where the parts of one network are, and how they are told.
pub(super) struct Place<'a> {
    pub session: &'a Session,
    pub region: &'a str,
    pub mark: Mark,
}

impl<'a> Place<'a> {
    pub fn at(&self) -> At<'a> {
        At { service: Service::Network, region: self.region }
    }

    /// What the description of each part is, from the moment it is made.
    fn description(&self) -> String {
        format!("stackyard {}", self.mark)
    }
}

/// What a part is.
pub(super) trait Kind: DeserializeOwned + Send {
    /// In API paths.
    const LIST: &'static str;
    /// In bodies.
    const ONE: &'static str;
    /// In [`asset::Part`].
    const PART: &'static str;
    /// An extension of the API, which a cloud need not have.
    const IS_EXTENSION: bool = false;
}

/// One object, by the API's reference: <https://docs.openstack.org/api-ref/network/v2/>.
#[derive(Debug, Deserialize)]
pub(super) struct Part<T> {
    pub id: String,
    #[serde(default)]
    project_id: Option<String>,
    #[serde(default)]
    description: Option<String>,
    /// Subnets and security groups have none.
    #[serde(default)]
    pub status: Option<String>,
    #[serde(default)]
    created_at: Option<String>,
    #[serde(flatten)]
    pub is: T,
}

#[derive(Debug, Deserialize)]
pub(super) struct Network {}

#[derive(Debug, Deserialize)]
pub(super) struct Subnet {
    pub network_id: String,
    pub cidr: String,
    #[serde(default)]
    pub dns_nameservers: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Group {
    #[serde(default)]
    pub security_group_rules: Vec<NeutronRule>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Router {
    #[serde(default)]
    pub external_gateway_info: Option<Gateway>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Gateway {
    pub network_id: String,
}

impl Kind for Network {
    const LIST: &'static str = "networks";
    const ONE: &'static str = "network";
    const PART: &'static str = "network";
}

impl Kind for Subnet {
    const LIST: &'static str = "subnets";
    const ONE: &'static str = "subnet";
    const PART: &'static str = "subnet";
}

impl Kind for Group {
    const LIST: &'static str = "security-groups";
    const ONE: &'static str = "security_group";
    const PART: &'static str = "securityGroup";
    const IS_EXTENSION: bool = true;
}

impl Kind for Router {
    const LIST: &'static str = "routers";
    const ONE: &'static str = "router";
    const PART: &'static str = "router";
    const IS_EXTENSION: bool = true;
}

#[derive(Deserialize)]
struct Reply<T> {
    #[serde(alias = "networks", alias = "subnets", alias = "security_groups", alias = "routers")]
    parts: Vec<Part<T>>,
    #[serde(
        default,
        alias = "networks_links",
        alias = "subnets_links",
        alias = "security_groups_links",
        alias = "routers_links"
    )]
    links: Vec<Link>,
}

#[derive(Deserialize)]
struct One<T> {
    #[serde(alias = "network", alias = "subnet", alias = "security_group", alias = "router")]
    part: Part<T>,
}

impl<T: Kind> PageReply for Reply<T> {
    type Item = Part<T>;

    fn split(self) -> (Vec<Part<T>>, Option<String>) {
        let next = marker(&self.links, &self.parts, |it| &it.id);
        (self.parts, next)
    }
}

/// All that carries the mark, the oldest of each kind first.
pub(super) struct Found {
    pub networks: Vec<Part<Network>>,
    pub subnets: Vec<Part<Subnet>>,
    pub groups: Vec<Part<Group>>,
    pub routers: Vec<Part<Router>>,
}

impl Found {
    pub async fn look(place: &Place<'_>) -> Result<Found, Error> {
        let (networks, subnets, groups, routers) = try_join!(list(place), list(place), list(place), list(place))?;
        Ok(Found { networks, subnets, groups, routers })
    }

    pub fn parts(&self, uses: &Uses) -> Vec<asset::Part> {
        let networks = self.networks.iter().map(|it| view(it, uses.servers(|port| port.network_id == it.id)));
        let subnets = self.subnets.iter().map(|it| view(it, uses.servers(|port| port.is_on(&it.id))));
        let groups = self.groups.iter().map(|it| view(it, uses.servers(|port| port.security_groups.contains(&it.id))));
        let routers = self.routers.iter().map(|it| view(it, Vec::new()));
        networks.chain(subnets).chain(groups).chain(routers).collect()
    }
}

fn view<T: Kind>(it: &Part<T>, used_by: Vec<String>) -> asset::Part {
    asset::Part { kind: T::PART.to_owned(), id: it.id.clone(), status: it.status.clone(), address: None, used_by }
}

pub(super) async fn list<T: Kind>(place: &Place<'_>) -> Result<Vec<Part<T>>, Error> {
    // An administrator sees those of all projects, and anybody those that others share.
    let (project_id, description) = (place.session.project_id().await?, place.description());
    let query = [("description", description.as_str()), ("project_id", project_id.as_str())];
    let path = format!("/{}", T::LIST);
    let pages = pages::<Reply<T>>(place.session, Get::new(place.at(), &path).query(&query), PAGE);
    pin_mut!(pages);
    let mut found = Vec::new();
    while let Some(page) = pages.next().await {
        match page {
            Ok(page) => found.extend(page),
            Err(err) if T::IS_EXTENSION && err.status() == Some(404) => return Ok(Vec::new()),
            Err(err) => return Err(err),
        }
    }
    // A cloud that overlooks a filter must not make all of them ours.
    let is_ours =
        |it: &Part<T>| it.project_id.as_ref() == Some(&project_id) && it.description.as_ref() == Some(&description);
    found.retain(is_ours);
    found.sort_by(|a, b| (&a.created_at, &a.id).cmp(&(&b.created_at, &b.id)));
    Ok(found)
}

/// Makes one. `POST /networks` and so on. [`CloudError::Unsupported`] where the cloud does not keep the description, and
/// then nothing is left of it.
pub(super) async fn make<T: Kind>(place: &Place<'_>, mut fields: Value) -> Result<Part<T>, CloudError> {
    let description = place.description();
    fields["description"] = description.as_str().into();
    let path = format!("/{}", T::LIST);
    let call = Change::post(place.at(), &path, Value::from_iter([(T::ONE, fields)]));
    let answer = place.session.change(&call).await?;
    let One::<T> { part } = place.session.parse(&answer.url, &answer.body)?;
    if part.description.as_ref() == Some(&description) {
        return Ok(part);
    }
    delete(place, &part).await?;
    let (what, region) = (T::LIST.replace('-', " "), place.region);
    Err(CloudError::Unsupported(format!(
        "things of ours: Neutron in {region} keeps no description of {what} (extension standard-attr-description), by \
         which they are found again"
    )))
}

/// One that is gone is no error.
pub(super) async fn delete<T: Kind>(place: &Place<'_>, part: &Part<T>) -> Result<(), Error> {
    match place.session.change(&Change::delete(place.at(), &path(part, ""))).await {
        Err(err) if err.status() != Some(404) => Err(err),
        _ => Ok(()),
    }
}

/// `PUT` on one, or on what is below it.
pub(super) async fn put<T: Kind>(place: &Place<'_>, part: &Part<T>, action: &str, body: Value) -> Result<(), Error> {
    place.session.change(&Change::put(place.at(), &path(part, action), body)).await.map(|_| ())
}

fn path<T: Kind>(part: &Part<T>, action: &str) -> String {
    format!("/{}/{}{action}", T::LIST, utf8_percent_encode(&part.id, NON_ALPHANUMERIC))
}
