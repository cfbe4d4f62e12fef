use std::{
    collections::{BTreeSet, HashMap},
    time::{Duration, Instant},
};

use futures_util::{StreamExt, pin_mut};
use serde::Deserialize;

use crate::{
    catalog::Service,
    error::Error,
    pages::{Link, PageReply, marker, pages},
    session::{At, Get, Session},
};

const PAGE: usize = 1000;
/// Reading takes this part of the time at most, since Neutron lists a thousand ports in seconds.
const PART: u32 = 20;

/// Which servers have got other addresses. Nova does not tell: its list of what changed leaves out changes of addresses,
/// which are in a table of their own (`instance_info_caches`). And Neutron cannot be asked for changes alone, since
/// `changed_since` is refused where filters are checked, which is the default (`filter_validation`). So all ports and
/// floating IPs are listed, with the number that grows with each change of one:
/// <https://docs.openstack.org/api-ref/network/v2/#standard-attributes-revisions>. A floating IP does not change its
/// port.
pub(crate) struct Cards {
    /// By the port's id: its server and its revision.
    ports: HashMap<String, (String, i64)>,
    /// By the floating IP's id: its port and its revision.
    floating_ips: HashMap<String, (Option<String>, i64)>,
    read_at: Instant,
    took: Duration,
}

#[derive(Deserialize)]
struct Port {
    id: String,
    #[serde(default)]
    device_id: Option<String>,
    #[serde(default)]
    device_owner: Option<String>,
    #[serde(default)]
    revision_number: i64,
}

#[derive(Deserialize)]
struct Ports {
    ports: Vec<Port>,
    #[serde(default)]
    ports_links: Vec<Link>,
}

impl PageReply for Ports {
    type Item = Port;

    fn split(self) -> (Vec<Port>, Option<String>) {
        let next = marker(&self.ports_links, &self.ports, |it| &it.id);
        (self.ports, next)
    }
}

#[derive(Deserialize)]
struct FloatingIp {
    id: String,
    #[serde(default)]
    port_id: Option<String>,
    #[serde(default)]
    revision_number: i64,
}

#[derive(Deserialize)]
struct FloatingIps {
    floatingips: Vec<FloatingIp>,
    #[serde(default)]
    floatingips_links: Vec<Link>,
}

impl PageReply for FloatingIps {
    type Item = FloatingIp;

    fn split(self) -> (Vec<FloatingIp>, Option<String>) {
        let next = marker(&self.floatingips_links, &self.floatingips, |it| &it.id);
        (self.floatingips, next)
    }
}

impl Cards {
    pub async fn read(session: &Session, region: &str) -> Result<Cards, Error> {
        let read_at = Instant::now();
        // An administrator is shown those of all projects.
        let project_id = session.login().await?.project.as_ref().map(|it| it.id.clone()).unwrap_or_default();
        let of_project = ("tenant_id", project_id.as_str());
        let at = At { service: Service::Network, region };
        let fields = ["id", "device_id", "device_owner", "revision_number"].map(|it| ("fields", it));
        let query: Vec<_> = std::iter::once(of_project).chain(fields).collect();
        let listed = pages::<Ports>(session, Get::new(at, "/ports").query(&query), PAGE);
        pin_mut!(listed);
        let mut ports = HashMap::new();
        while let Some(page) = listed.next().await {
            let of_servers =
                page?.into_iter().filter(|it| it.device_owner.as_ref().is_some_and(|it| it.starts_with("compute:")));
            ports.extend(of_servers.filter_map(|it| Some((it.id, (it.device_id?, it.revision_number)))));
        }
        let fields = ["id", "port_id", "revision_number"].map(|it| ("fields", it));
        let query: Vec<_> = std::iter::once(of_project).chain(fields).collect();
        let listed = pages::<FloatingIps>(session, Get::new(at, "/floatingips").query(&query), PAGE);
        pin_mut!(listed);
        let mut floating_ips = HashMap::new();
        while let Some(page) = listed.next().await {
            floating_ips.extend(page?.into_iter().map(|it| (it.id, (it.port_id, it.revision_number))));
        }
        Ok(Cards { ports, floating_ips, read_at, took: read_at.elapsed() })
    }

    /// The servers whose cards are not as they were read before. Reads again only when it is time.
    pub async fn changed(&mut self, session: &Session, region: &str) -> Result<BTreeSet<String>, Error> {
        if self.read_at.elapsed() < self.took * PART {
            return Ok(BTreeSet::new());
        }
        let before = std::mem::replace(self, Cards::read(session, region).await?);
        Ok(changed(&before, self))
    }
}

fn changed(before: &Cards, after: &Cards) -> BTreeSet<String> {
    let mut ports: BTreeSet<&String> = BTreeSet::new();
    ports.extend(differing(&before.ports, &after.ports));
    for id in differing(&before.floating_ips, &after.floating_ips) {
        let of = |cards: &'_ HashMap<String, (Option<String>, i64)>| cards.get(id).and_then(|it| it.0.clone());
        let both = [of(&before.floating_ips), of(&after.floating_ips)];
        let known = both.into_iter().flatten().filter_map(|it| after.ports.get_key_value(&it));
        ports.extend(known.map(|(id, _)| id));
    }
    let servers =
        |id: &String| [before.ports.get(id), after.ports.get(id)].into_iter().flatten().map(|it| it.0.clone());
    ports.into_iter().flat_map(servers).filter(|it| !it.is_empty()).collect()
}

/// Keys whose value is another one, is new or is gone.
fn differing<'a, T: PartialEq>(before: &'a HashMap<String, T>, after: &'a HashMap<String, T>) -> Vec<&'a String> {
    let gone = before.keys().filter(|id| !after.contains_key(*id));
    gone.chain(after.iter().filter(|(id, it)| before.get(*id) != Some(it)).map(|(id, _)| id)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cards(ports: &[(&str, &str, i64)], floating_ips: &[(&str, Option<&str>, i64)]) -> Cards {
        Cards {
            ports: ports.iter().map(|it| (it.0.to_owned(), (it.1.to_owned(), it.2))).collect(),
            floating_ips: floating_ips.iter().map(|it| (it.0.to_owned(), (it.1.map(str::to_owned), it.2))).collect(),
            read_at: Instant::now(),
            took: Duration::ZERO,
        }
    }

    #[test]
    fn servers_of_changed_ports_and_floating_ips() {
        let before = cards(&[("p1", "s1", 1), ("p2", "s2", 1), ("p3", "s3", 1)], &[("f1", Some("p3"), 4)]);
        let check = |after: Cards, expected: &[&str]| {
            assert_eq!(changed(&before, &after).iter().collect::<Vec<_>>(), expected);
        };
        let same = [("p1", "s1", 1), ("p2", "s2", 1), ("p3", "s3", 1)];
        check(cards(&same, &[("f1", Some("p3"), 4)]), &[]);
        check(cards(&[("p1", "s1", 2), ("p2", "s2", 1), ("p3", "s3", 1)], &[("f1", Some("p3"), 4)]), &["s1"]);
        check(cards(&[("p2", "s2", 1), ("p3", "s3", 1)], &[("f1", Some("p3"), 4)]), &["s1"]);
        check(cards(&[("p1", "s4", 2), ("p2", "s2", 1), ("p3", "s3", 1)], &[("f1", Some("p3"), 4)]), &["s1", "s4"]);
        check(cards(&same, &[("f1", Some("p2"), 5)]), &["s2", "s3"]);
        check(cards(&same, &[]), &["s3"]);
        check(cards(&same, &[("f1", None, 5), ("f2", Some("p1"), 0)]), &["s1", "s3"]);
    }
}
