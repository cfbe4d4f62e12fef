use std::collections::{BTreeMap, BTreeSet};

use cloud::Endpoint;
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use crate::{
    Config, Interface,
    error::{Error, no_service},
};

/// Where a catalog names no region at all.
const ONLY_REGION: &str = "RegionOne";

/// What the largest clouds have is far below. A catalog comes from the cloud, and everything is looked at in each region.
const MAX_REGIONS: usize = 100;
const MAX_ENDPOINTS: usize = 2000;

/// The services that are used, in the order of the table of ports that firewalls have to open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Service {
    Compute,
    Identity,
    Network,
    ObjectStore,
    Image,
    Volume,
}

impl Service {
    pub const ALL: [Service; 6] =
        [Service::Compute, Service::Identity, Service::Network, Service::ObjectStore, Service::Image, Service::Volume];

    /// As checks name it.
    pub fn as_str(self) -> &'static str {
        match self {
            Service::Compute => "compute",
            Service::Identity => "identity",
            Service::Network => "network",
            Service::ObjectStore => "object-store",
            Service::Image => "image",
            Service::Volume => "volume",
        }
    }

    pub fn project_name(self) -> &'static str {
        match self {
            Service::Compute => "Nova",
            Service::Identity => "Keystone",
            Service::Network => "Neutron",
            Service::ObjectStore => "Swift",
            Service::Image => "Glance",
            Service::Volume => "Cinder",
        }
    }

    /// Its types in catalogs, the best first.
    /// <https://specs.openstack.org/openstack/service-types-authority/>
    pub fn types(self) -> &'static [&'static str] {
        match self {
            Service::Volume => &["volumev3", "block-storage", "block-store", "volumev2", "volume"],
            Service::Compute => &["compute"],
            Service::Identity => &["identity"],
            Service::Network => &["network"],
            Service::ObjectStore => &["object-store"],
            Service::Image => &["image"],
        }
    }

    pub fn default_port(self) -> u16 {
        match self {
            Service::Compute => 8774,
            Service::Identity => 5000,
            Service::Network => 9696,
            Service::ObjectStore => 8080,
            Service::Image => 9292,
            Service::Volume => 8776,
        }
    }

    /// What will not work without it.
    pub fn purpose(self) -> &'static str {
        match self {
            Service::Compute => "no servers and instance types",
            Service::Identity => "no uses of Keystone but this login",
            Service::Network => "no networks, security groups and floating IPs",
            Service::ObjectStore => "no object containers",
            Service::Image => "no images to launch from",
            Service::Volume => "no volumes and volume types",
        }
    }
}

/// The default port of a service type (<https://docs.openstack.org/install-guide/firewalls-default-ports.html> and
/// the services' own documents); `None` for types that are not known here.
pub(crate) fn default_port(service_type: &str) -> Option<u16> {
    let used = Service::ALL.into_iter().find(|it| it.types().contains(&service_type));
    used.map(Service::default_port).or(match service_type {
        "compute_legacy" => Some(8774),
        "placement" => Some(8778),
        "orchestration" => Some(8004),
        "cloudformation" => Some(8000),
        "load-balancer" => Some(9876),
        "dns" => Some(9001),
        "key-manager" => Some(9311),
        "baremetal" => Some(6385),
        "baremetal-introspection" => Some(5050),
        "container-infra" | "container-infrastructure-management" => Some(9511),
        "share" | "sharev2" | "shared-file-system" => Some(8786),
        "messaging" => Some(8888),
        "metric" => Some(8041),
        "alarming" => Some(8042),
        "workflow" | "workflowv2" => Some(8989),
        "instance-ha" => Some(15868),
        "accelerator" => Some(6666),
        "rating" => Some(8889),
        _ => None,
    })
}

/// The catalog inside a token (<https://docs.openstack.org/api-ref/identity/v3/#authentication-and-token-management>).
/// Keystone gives it no order and has put the project id into the URLs. Clouds leave out or null almost anything.
#[derive(Debug, Clone, Default)]
pub(crate) struct Catalog {
    services: Vec<Entry>,
    /// By service and region, the best type first and then in the order of the catalog. Those of every region stand
    /// under no region.
    candidates: BTreeMap<(Service, Option<String>), Vec<Candidate>>,
}

/// An endpoint of a service that is used.
#[derive(Debug, Clone)]
struct Candidate {
    /// Where its type stands among those of the service, and its place in the catalog: the lowest is taken.
    rank: (usize, usize),
    interface: Option<String>,
    service_type: &'static str,
    /// Or why it cannot be used.
    url: Result<Url, String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(from = "RawEntry")]
struct Entry {
    service_type: Option<String>,
    name: Option<String>,
    endpoints: Vec<EntryUrl>,
}

#[derive(Deserialize)]
struct RawEntry {
    #[serde(rename = "type", default)]
    service_type: Option<String>,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    endpoints: Option<Vec<Value>>,
}

impl From<RawEntry> for Entry {
    fn from(raw: RawEntry) -> Self {
        let endpoints = raw.endpoints.unwrap_or_default().into_iter();
        let endpoints = endpoints.filter_map(|it| serde_json::from_value(it).ok()).collect();
        Entry { service_type: raw.service_type, name: raw.name, endpoints }
    }
}

#[derive(Debug, Clone, Deserialize)]
struct EntryUrl {
    #[serde(default)]
    interface: Option<String>,
    #[serde(default)]
    region_id: Option<String>,
    /// What `region_id` was called before v3.
    #[serde(default)]
    region: Option<String>,
    #[serde(default)]
    url: Option<String>,
}

impl EntryUrl {
    fn region(&self) -> Option<&str> {
        self.region_id.as_deref().or(self.region.as_deref()).filter(|it| !it.is_empty())
    }

    fn url(&self) -> Option<&str> {
        self.url.as_deref().map(str::trim).filter(|it| !it.is_empty())
    }
}

impl Catalog {
    /// One unreadable entry does not hide the others. An error says why so much is not read at all.
    pub fn read(entries: Vec<Value>) -> Result<Catalog, String> {
        let services: Vec<Entry> = entries.into_iter().filter_map(|it| serde_json::from_value(it).ok()).collect();
        let mut catalog = Catalog { services, candidates: BTreeMap::new() };
        let n_endpoints = catalog.urls().count();
        if n_endpoints > MAX_ENDPOINTS {
            return Err(format!("its catalog has {n_endpoints} endpoints; {MAX_ENDPOINTS} are read at most"));
        }
        let n_regions = catalog.regions().len();
        if n_regions > MAX_REGIONS {
            return Err(format!("its catalog has {n_regions} regions; {MAX_REGIONS} are read at most"));
        }
        let mut candidates: BTreeMap<_, Vec<Candidate>> = BTreeMap::new();
        for (place, (entry, it)) in catalog.urls().enumerate() {
            let service_type = entry.service_type.as_deref().unwrap_or_default();
            for service in Service::ALL {
                let types = service.types().iter().enumerate();
                for (rank, service_type) in types.filter(|(_, known)| **known == service_type) {
                    let (rank, interface) = ((rank, place), it.interface.clone());
                    let candidate = Candidate { rank, interface, service_type, url: usable(it.url()) };
                    candidates.entry((service, it.region().map(str::to_owned))).or_default().push(candidate);
                }
            }
        }
        catalog.candidates = candidates;
        Ok(catalog)
    }

    /// Sorted by name: Keystone's order changes from token to token.
    pub fn regions(&self) -> Vec<String> {
        let named: BTreeSet<&str> = self.urls().filter_map(|(_, it)| it.region()).collect();
        match named.is_empty() {
            true if self.urls().next().is_some() => vec![ONLY_REGION.to_owned()],
            _ => named.into_iter().map(str::to_owned).collect(),
        }
    }

    /// The regions this credential uses: the configured one, or all.
    pub fn used_regions(&self, config: &Config) -> Result<Vec<String>, Error> {
        let regions = self.regions();
        let Some(wanted) = config.region() else { return Ok(regions) };
        if regions.iter().any(|it| it == wanted) {
            return Ok(vec![wanted.to_owned()]);
        }
        let there = if regions.is_empty() { "none".to_owned() } else { regions.join(", ") };
        Err(Error::NoRegion { region: wanted.to_owned(), there })
    }

    /// The URL of a service as the catalog has it, and the type it stands under. An endpoint without a region is in
    /// every region.
    pub fn find(&self, service: Service, region: &str, interface: Interface) -> Result<(Url, &'static str), Error> {
        self.locate(service, region, interface).map(|it| (it.1, it.2))
    }

    /// As [`Catalog::find`], with the place in the catalog.
    fn locate(
        &self,
        service: Service,
        region: &str,
        interface: Interface,
    ) -> Result<(usize, Url, &'static str), Error> {
        let candidates = [Some(region.to_owned()), None].map(|it| self.candidates.get(&(service, it)));
        let (here, elsewhere): (Vec<_>, Vec<_>) = candidates
            .into_iter()
            .flatten()
            .flatten()
            .partition(|it| it.interface.as_deref() == Some(interface.as_str()));
        let usable = here.iter().filter_map(|it| Some((it, it.url.as_ref().ok()?))).min_by_key(|(it, _)| it.rank);
        if let Some((it, url)) = usable {
            return Ok((it.rank.1, url.clone(), it.service_type));
        }
        if let Some(reason) = here.iter().max_by_key(|it| it.rank).and_then(|it| it.url.as_ref().err()) {
            let (region, reason) = (region.to_owned(), reason.clone());
            return Err(Error::BadEndpoint { service: service.as_str(), region, reason });
        }
        let others: BTreeSet<&str> = elsewhere.iter().filter_map(|it| it.interface.as_deref()).collect();
        let also = match others.into_iter().collect::<Vec<_>>().join(", ") {
            none if none.is_empty() => String::new(),
            others => format!(" on the interface {} (there is {others})", interface.as_str()),
        };
        Err(no_service(service, region, also))
    }

    pub fn n_services(&self) -> usize {
        self.services.iter().filter(|it| !it.endpoints.is_empty()).count()
    }

    /// All addresses, in a stable order. What has no readable URL is not an address and is left out; the report of a
    /// validation names it.
    pub fn endpoints(&self, config: &Config) -> Vec<Endpoint> {
        let regions = self.used_regions(config).unwrap_or_default();
        let all = regions.iter().flat_map(|region| Service::ALL.map(|service| (service, region)));
        let located = all.filter_map(|(service, region)| self.locate(service, region, config.interface).ok());
        let used: BTreeSet<usize> = located.map(|(place, ..)| place).collect();
        let endpoints = self.urls().enumerate();
        let endpoints = endpoints.filter_map(|(place, (entry, it))| endpoint(entry, it, used.contains(&place)));
        let mut endpoints: Vec<Endpoint> = endpoints.collect();
        endpoints.sort_by(|a, b| {
            let key =
                |it: &Endpoint| (it.region.clone(), it.service_type.clone(), it.interface.clone(), it.url.clone());
            key(a).cmp(&key(b))
        });
        endpoints
    }

    fn urls(&self) -> impl Iterator<Item = (&Entry, &EntryUrl)> {
        self.services.iter().flat_map(|entry| entry.endpoints.iter().map(move |it| (entry, it)))
    }
}

fn endpoint(entry: &Entry, it: &EntryUrl, is_used: bool) -> Option<Endpoint> {
    let url = usable(it.url()).ok()?;
    let port = url.port_or_known_default()?;
    let service_type = entry.service_type.clone().unwrap_or_default();
    Some(Endpoint {
        region: it.region().map(str::to_owned),
        service: entry.name.clone().filter(|it| !it.is_empty()).unwrap_or_else(|| service_type.clone()),
        interface: it.interface.clone(),
        host: url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned(),
        port,
        is_default_port: default_port(&service_type) == Some(port),
        is_used,
        url: url.to_string(),
        service_type,
    })
}

/// The URL, or why it cannot be one of an API.
fn usable(url: Option<&str>) -> Result<Url, String> {
    let Some(text) = url else { return Err("it is empty".to_owned()) };
    // What holds an @ may hold a password.
    let shown = if text.contains('@') { "it".to_owned() } else { format!("{text:?}") };
    let parsed = Url::parse(text).map_err(|err| format!("{shown} is not a URL ({err})"))?;
    match parsed.scheme() {
        "http" | "https" if !parsed.username().is_empty() || parsed.password().is_some() => {
            Err("it holds a user name or password".to_owned())
        }
        "http" | "https" => Ok(parsed),
        other => Err(format!("it begins with {other}: instead of http:// or https://")),
    }
}
