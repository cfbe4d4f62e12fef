use std::collections::{BTreeMap, HashMap};

use cloud::{
    address::{Address, Origin},
    inventory::{Hidden, Machine, Page, PowerState},
};
use futures_util::{Stream, StreamExt, pin_mut};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{flavors, limits};
use crate::{
    catalog::Service,
    error::{Error, clean},
    pages::{Link, PageReply, marker, pages},
    session::{At, Get, Session},
};

/// Small enough that a page of detailed servers stays a few MB.
pub(super) const PAGE: usize = 500;
/// From here on a server tells the size of its flavor, as it was when the server was made.
const WITH_FLAVOR: &str = "2.47";

#[derive(Deserialize)]
pub(super) struct Reply {
    servers: Vec<NovaServer>,
    #[serde(default)]
    servers_links: Vec<Link>,
}

/// One entry of `GET /servers/detail`.
#[derive(Deserialize)]
pub(super) struct NovaServer {
    pub id: String,
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub status: Option<String>,
    #[serde(default)]
    addresses: BTreeMap<String, Vec<NovaAddress>>,
    #[serde(default)]
    flavor: Option<NovaServerFlavor>,
    /// An object; an empty text for a server that boots from a volume.
    #[serde(default)]
    image: Value,
    #[serde(default)]
    pub created: Option<String>,
    #[serde(default)]
    updated: Option<String>,
    #[serde(default)]
    tenant_id: Option<String>,
    #[serde(default)]
    user_id: Option<String>,
    #[serde(default)]
    key_name: Option<String>,
    /// `True` or nothing.
    #[serde(default)]
    config_drive: Option<String>,
    /// An opaque name of the host, different in every project.
    #[serde(rename = "hostId", default)]
    host_id: Option<String>,
    #[serde(default)]
    pub metadata: BTreeMap<String, String>,
    /// From 2.26 on.
    #[serde(default)]
    pub tags: Vec<String>,
    #[serde(default)]
    security_groups: Vec<NamedGroup>,
    #[serde(default)]
    pub fault: Option<Fault>,
    #[serde(rename = "OS-EXT-AZ:availability_zone", default)]
    zone: Option<String>,
    #[serde(rename = "OS-EXT-STS:power_state", default)]
    pub power_state: Option<u8>,
    #[serde(rename = "OS-EXT-STS:task_state", default)]
    pub task_state: Option<String>,
    #[serde(rename = "OS-EXT-STS:vm_state", default)]
    vm_state: Option<String>,
    #[serde(rename = "OS-SRV-USG:launched_at", default)]
    launched_at: Option<String>,
    #[serde(rename = "os-extended-volumes:volumes_attached", default)]
    volumes: Vec<AttachedVolume>,
}

#[derive(Deserialize)]
pub(super) struct NovaAddress {
    addr: String,
    #[serde(rename = "OS-EXT-IPS:type", default)]
    kind: Option<String>,
}

/// Before 2.47 the flavor's id, since then its name and size.
#[derive(Deserialize)]
pub(super) struct NovaServerFlavor {
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    original_name: Option<String>,
    #[serde(default)]
    vcpus: Option<u32>,
    /// MiB.
    #[serde(default)]
    ram: Option<u64>,
}

#[derive(Deserialize)]
pub(super) struct NamedGroup {
    name: String,
}

#[derive(Deserialize)]
pub(super) struct AttachedVolume {
    id: String,
}

/// Why a server is in `ERROR`.
#[derive(Deserialize)]
pub(super) struct Fault {
    #[serde(default)]
    pub message: String,
    /// 500 where the cloud is at fault.
    #[serde(default)]
    pub code: Option<u16>,
}

impl NovaServer {
    /// The id of the flavor it has, from an answer before 2.47: names and sizes of later ones are of no use to tell
    /// which it is.
    pub fn flavor_id(&self) -> Option<&str> {
        self.flavor.as_ref()?.id.as_deref()
    }

    pub fn addresses(&self) -> Vec<Address> {
        self.addresses.iter().flat_map(|(network, all)| all.iter().filter_map(|it| address(network, it))).collect()
    }
}

impl PageReply for Reply {
    type Item = NovaServer;

    fn split(self) -> (Vec<NovaServer>, Option<String>) {
        let next = marker(&self.servers_links, &self.servers, |it| &it.id);
        (self.servers, next)
    }
}

/// Name, vCPUs and MiB of a flavor.
type Size = (String, u32, u64);

/// All servers of the project.
pub(crate) fn list<'a>(
    session: &'a Session,
    region: &'a str,
) -> impl Stream<Item = Result<Page<Machine>, Error>> + Send + 'a {
    async_stream::try_stream! {
        let oldest = Get::new(At { service: Service::Compute, region }, "/servers/detail");
        let mut call = Get { microversion: Some(WITH_FLAVOR), ..oldest };
        let mut sizes: Option<HashMap<String, Option<Size>>> = None;
        let mut n_listed = 0;
        'versions: loop {
            let pages = pages::<Reply>(session, call, PAGE);
            pin_mut!(pages);
            // One page is kept back, because only the last one tells what is hidden.
            let mut last = Page { items: Vec::new(), hidden: None };
            let mut is_first = true;
            while let Some(servers) = pages.next().await {
                let servers = match servers {
                    // Nova before 2.47 (2017) does not know that version.
                    Err(err) if err.status() == Some(406) && is_first && call.microversion.is_some() => {
                        call = oldest;
                        continue 'versions;
                    }
                    servers => servers?,
                };
                if !is_first {
                    yield last;
                }
                is_first = false;
                n_listed += servers.len();
                learn_sizes(session, region, &servers, &mut sizes).await?;
                let machine = |it| machine(it, sizes.as_ref());
                last = Page { items: servers.into_iter().map(machine).collect(), hidden: None };
            }
            last.hidden = hidden(session, region, n_listed).await?;
            yield last;
            break;
        }
    }
}

/// Looks up the flavors that servers only refer to: all by one list, those it does not show one by one.
async fn learn_sizes(
    session: &Session,
    region: &str,
    servers: &[NovaServer],
    sizes: &mut Option<HashMap<String, Option<Size>>>,
) -> Result<(), Error> {
    let referred = servers.iter().filter_map(|it| it.flavor.as_ref()?.id.as_ref());
    let size = |it: flavors::NovaFlavor| (it.name, it.vcpus, it.ram);
    for id in referred {
        if sizes.is_none() {
            let all = flavors::list(session, region).await?;
            *sizes = Some(all.into_iter().map(|it| (it.id.clone(), Some(size(it)))).collect());
        }
        if let Some(sizes) = sizes
            && !sizes.contains_key(id)
        {
            let found = flavors::find(session, region, id).await?;
            sizes.insert(id.clone(), found.map(size));
        }
    }
    Ok(())
}

/// How many servers the project has that the list did not show. Servers come and go meanwhile, so a difference is
/// believed only when it is still there after looking again at both numbers.
async fn hidden(session: &Session, region: &str, n_listed: usize) -> Result<Option<Hidden>, Error> {
    let Some(before) = used(session, region).await?.filter(|it| *it > n_listed) else { return Ok(None) };
    #[derive(Deserialize)]
    struct Id {
        id: String,
    }
    #[derive(Deserialize)]
    struct Ids {
        servers: Vec<Id>,
        #[serde(default)]
        servers_links: Vec<Link>,
    }
    impl PageReply for Ids {
        type Item = Id;
        fn split(self) -> (Vec<Id>, Option<String>) {
            let next = marker(&self.servers_links, &self.servers, |it| &it.id);
            (self.servers, next)
        }
    }
    let call = Get::new(At { service: Service::Compute, region }, "/servers");
    let pages = pages::<Ids>(session, call, 2 * PAGE);
    pin_mut!(pages);
    let mut n_now = 0;
    while let Some(page) = pages.next().await {
        n_now += page?.len();
    }
    let Some(after) = used(session, region).await? else { return Ok(None) };
    let (n_used, n_seen) = (before.min(after), n_listed.max(n_now));
    Ok((n_used > n_seen).then(|| Hidden {
        count: (n_used - n_seen) as u64,
        evidence: format!("Nova's limits count {n_used} servers in the project, {n_seen} are listed"),
    }))
}

/// `None` where Nova does not tell, or does not tell this credential: then nothing is claimed.
async fn used(session: &Session, region: &str) -> Result<Option<usize>, Error> {
    match limits::get(session, region).await {
        Ok(limits) => Ok(limits.total_instances_used.and_then(|it| usize::try_from(it).ok())),
        Err(err) if matches!(err.status(), Some(403 | 404)) => Ok(None),
        Err(err) => Err(err),
    }
}

fn machine(mut it: NovaServer, sizes: Option<&HashMap<String, Option<Size>>>) -> Machine {
    let addresses = it.addresses();
    let size = it.flavor.and_then(|flavor| match flavor {
        NovaServerFlavor { original_name: Some(name), vcpus: Some(vcpus), ram: Some(ram), .. } => {
            Some((name, vcpus, ram))
        }
        NovaServerFlavor { id, .. } => sizes?.get(&id?).cloned().flatten(),
    });
    let status = it.status.unwrap_or_else(|| "UNKNOWN".to_owned());
    let (instance_type, vcpus, memory_mib) = size.map_or((None, None, None), |(a, b, c)| (Some(a), Some(b), Some(c)));
    Machine {
        power_state: power_state(it.power_state, &status),
        addresses,
        instance_uuid: Some(it.id.clone()),
        name: it.name.filter(|it| !it.is_empty()).unwrap_or_else(|| it.id.clone()),
        vcpus,
        memory_mib,
        instance_type,
        runs_on: it.zone.filter(|it| !it.is_empty()),
        created_at: it.created.as_deref().and_then(|it| it.parse().ok()),
        // Not by `json!`, which copies what it is given.
        attributes: Map::from_iter(
            [
                ("imageId", it.image.get_mut("id").map(Value::take).unwrap_or_default()),
                ("projectId", it.tenant_id.into()),
                ("userId", it.user_id.into()),
                ("keyName", it.key_name.into()),
                ("configDrive", it.config_drive.is_some_and(|it| it.eq_ignore_ascii_case("true")).into()),
                ("hostId", it.host_id.filter(|it| !it.is_empty()).into()),
                ("metadata", it.metadata.into_iter().collect()),
                ("securityGroups", it.security_groups.into_iter().map(|it| it.name).collect()),
                ("volumeIds", it.volumes.into_iter().map(|it| it.id).collect()),
                ("vmState", it.vm_state.into()),
                ("taskState", it.task_state.into()),
                ("fault", it.fault.map(|it| clean(&it.message)).into()),
                ("launchedAt", it.launched_at.into()),
                ("updatedAt", it.updated.into()),
            ]
            .map(|(name, value): (&str, Value)| (name.to_owned(), value)),
        ),
        status,
        cloud_id: it.id,
    }
}

/// Nova's numbers (`nova/compute/power_state.py`): 1 running, 3 paused, 4 shut down, 6 crashed, 7 suspended; 0 where
/// the hypervisor says nothing, as for a server that was shelved away from it.
pub(super) fn power_state(number: Option<u8>, status: &str) -> PowerState {
    match (number, status) {
        // A guest whose memory is on disk is shut down to the hypervisor.
        (_, "PAUSED" | "SUSPENDED") => PowerState::Suspended,
        (Some(1), _) => PowerState::On,
        (Some(4 | 6), _) => PowerState::Off,
        (Some(3 | 7), _) => PowerState::Suspended,
        (_, "SHUTOFF" | "SHELVED" | "SHELVED_OFFLOADED") => PowerState::Off,
        (None, "ACTIVE" | "PASSWORD" | "REBOOT" | "RESCUE" | "VERIFY_RESIZE") => PowerState::On,
        _ => PowerState::Unknown,
    }
}

fn address(network: &str, it: &NovaAddress) -> Option<Address> {
    let Ok(ip) = it.addr.parse() else {
        tracing::debug!("Nova tells an address that is none: {:?}", clean(&it.addr));
        return None;
    };
    let origin = if it.kind.as_deref() == Some("floating") { Origin::Floating } else { Origin::Fixed };
    Some(Address { ip, origin, network: Some(network.to_owned()), own_card: true })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn power_states_follow_the_number_and_else_the_status() {
        assert_eq!(power_state(Some(1), "ACTIVE"), PowerState::On);
        assert_eq!(power_state(Some(4), "ACTIVE"), PowerState::Off);
        assert_eq!(power_state(Some(3), "PAUSED"), PowerState::Suspended);
        assert_eq!(power_state(Some(4), "SUSPENDED"), PowerState::Suspended);
        assert_eq!(power_state(Some(0), "BUILD"), PowerState::Unknown);
        assert_eq!(power_state(Some(0), "SHELVED_OFFLOADED"), PowerState::Off);
        assert_eq!(power_state(None, "ACTIVE"), PowerState::On);
        assert_eq!(power_state(None, "ERROR"), PowerState::Unknown);
    }

    #[test]
    fn a_server_with_next_to_nothing_is_read() {
        let bare: NovaServer = serde_json::from_str(r#"{"id": "s1", "status": "UNKNOWN", "image": ""}"#).unwrap();
        let bare = machine(bare, None);
        assert_eq!((bare.name.as_str(), bare.power_state, bare.vcpus), ("s1", PowerState::Unknown, None));
        assert_eq!(bare.attributes["imageId"], Value::Null);
    }
}
