//! What a security group lets in: <https://docs.openstack.org/api-ref/network/v2/#security-group-rules-security-group-rules>.

use std::{collections::BTreeSet, net::IpAddr};

use cloud::{
    CloudError,
    asset::{Protocol, Rule},
};
use ipnet::IpNet;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde_json::{Value, json};

use super::parts::Place;
use crate::{error::Error, session::Change};

/// One entry of a group's `security_group_rules`.
#[derive(Debug, Deserialize)]
pub(crate) struct NeutronRule {
    id: String,
    /// `ingress` or `egress`.
    direction: String,
    /// `IPv4` or `IPv6`.
    #[serde(default)]
    ethertype: Option<String>,
    /// A name, or a number as text; `None` for all.
    #[serde(default)]
    protocol: Option<String>,
    /// Both are `None` for all; of ICMP the type and the code.
    #[serde(default)]
    port_range_min: Option<u16>,
    #[serde(default)]
    port_range_max: Option<u16>,
    /// As it was given; a host has got its length.
    #[serde(default)]
    remote_ip_prefix: Option<String>,
    #[serde(default)]
    remote_group_id: Option<String>,
    #[serde(default)]
    remote_address_group_id: Option<String>,
}

/// A rule in the one form in which two that mean the same are equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Allowed {
    protocol: &'static str,
    ports: Option<(u16, u16)>,
    from: IpNet,
}

impl Allowed {
    /// [`CloudError::Refused`] when it cannot be.
    pub fn new(rule: &Rule) -> Result<Allowed, CloudError> {
        let Some(from) = net(&rule.from) else {
            return Err(CloudError::Refused(format!(
                "{:?} is no range of addresses; give one such as 10.0.0.0/8",
                rule.from
            )));
        };
        let protocol = match (rule.protocol, from) {
            (Protocol::Tcp, _) => "tcp",
            (Protocol::Udp, _) => "udp",
            (Protocol::Icmp, _) if rule.ports.is_some() => {
                return Err(CloudError::Refused("ICMP has no ports; leave them out".to_owned()));
            }
            (Protocol::Icmp, IpNet::V4(_)) => "icmp",
            (Protocol::Icmp, IpNet::V6(_)) => "ipv6-icmp",
        };
        // Neutron says the same of both.
        let ports = rule.ports.filter(|it| !matches!(it, (0 | 1, u16::MAX)));
        Ok(Allowed { protocol, ports, from })
    }

    /// Of what we would not make, and everything that goes out, `None`.
    fn of(rule: &NeutronRule) -> Option<Allowed> {
        if rule.remote_group_id.is_some() || rule.remote_address_group_id.is_some() {
            return None;
        }
        let is_v6 = rule.ethertype.as_deref() == Some("IPv6");
        let from = match &rule.remote_ip_prefix {
            Some(it) => net(it)?,
            None if is_v6 => "::/0".parse().ok()?,
            None => "0.0.0.0/0".parse().ok()?,
        };
        let protocol = match (rule.protocol.as_deref()?, is_v6) {
            ("tcp" | "6", _) => "tcp",
            ("udp" | "17", _) => "udp",
            ("icmp" | "1", false) => "icmp",
            ("icmp" | "icmpv6" | "ipv6-icmp" | "58", true) => "ipv6-icmp",
            _ => return None,
        };
        let ports = match (rule.port_range_min, rule.port_range_max) {
            (None | Some(0 | 1), None | Some(u16::MAX)) => None,
            (first, last) => Some((first?, last?)),
        };
        Some(Allowed { protocol, ports, from })
    }

    pub fn body(&self, group: &str) -> Value {
        json!({
            "security_group_id": group,
            "direction": "ingress",
            "ethertype": match self.from { IpNet::V4(_) => "IPv4", IpNet::V6(_) => "IPv6" },
            "protocol": self.protocol,
            "port_range_min": self.ports.map(|it| it.0),
            "port_range_max": self.ports.map(|it| it.1),
            "remote_ip_prefix": self.from,
        })
    }
}

/// What is to be added, and the ids of what is too much.
pub(super) fn difference(wanted: &BTreeSet<Allowed>, there: &[NeutronRule]) -> (Vec<Allowed>, Vec<String>) {
    let mut kept = BTreeSet::new();
    let mut too_much = Vec::new();
    for rule in there.iter().filter(|it| it.direction == "ingress") {
        match Allowed::of(rule).filter(|it| wanted.contains(it)) {
            Some(it) if kept.insert(it) => {}
            _ => too_much.push(rule.id.clone()),
        }
    }
    (wanted.difference(&kept).copied().collect(), too_much)
}

/// One that is gone is no error.
pub(super) async fn delete(place: &Place<'_>, id: &str) -> Result<(), Error> {
    let path = format!("/security-group-rules/{}", utf8_percent_encode(id, NON_ALPHANUMERIC));
    match place.session.change(&Change::delete(place.at(), &path)).await {
        Err(err) if err.status() != Some(404) => Err(err),
        _ => Ok(()),
    }
}

/// `10.1.0.0/24`; a host alone is a range of one, and what is behind the length does not count.
pub(super) fn net(text: &str) -> Option<IpNet> {
    let host = || text.parse::<IpAddr>().ok().map(IpNet::from);
    text.parse::<IpNet>().ok().or_else(host).map(|it| it.trunc())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(protocol: Protocol, ports: Option<(u16, u16)>, from: &str) -> Allowed {
        Allowed::new(&Rule { protocol, ports, from: from.to_owned() }).unwrap()
    }

    fn there(id: &str, fields: Value) -> NeutronRule {
        let mut all = json!({ "id": id, "direction": "ingress", "ethertype": "IPv4" });
        all.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        serde_json::from_value(all).unwrap()
    }

    #[test]
    fn what_means_the_same_is_left() {
        use Protocol::{Icmp, Tcp, Udp};
        let check = |wanted: Allowed, fields: Value| {
            let text = fields.to_string();
            let same = difference(&BTreeSet::from([wanted]), &[there("a", fields)]);
            assert_eq!(same, (vec![], vec![]), "{text}");
        };
        let ssh =
            json!({ "protocol": "tcp", "port_range_min": 22, "port_range_max": 22, "remote_ip_prefix": "10.0.0.7/8" });
        check(allowed(Tcp, Some((22, 22)), "10.0.0.0/8"), ssh.clone());
        check(allowed(Tcp, Some((22, 22)), "10.9.9.9/8"), ssh);
        check(allowed(Udp, None, "192.0.2.1"), json!({ "protocol": "17", "remote_ip_prefix": "192.0.2.1/32" }));
        check(allowed(Udp, Some((1, 65535)), "0.0.0.0/0"), json!({ "protocol": "udp" }));
        check(
            allowed(Tcp, None, "::/0"),
            json!({ "protocol": "tcp", "ethertype": "IPv6", "port_range_min": 1, "port_range_max": 65535 }),
        );
        let of_v6 = json!({ "protocol": "icmp", "ethertype": "IPv6", "remote_ip_prefix": "fd00::/8" });
        check(allowed(Icmp, None, "fd00::1/8"), of_v6);
        check(allowed(Icmp, None, "0.0.0.0/0"), json!({ "protocol": "1", "remote_ip_prefix": "0.0.0.0/0" }));
    }

    #[test]
    fn what_differs_is_added_and_removed() {
        let ssh = allowed(Protocol::Tcp, Some((22, 22)), "0.0.0.0/0");
        let ping = allowed(Protocol::Icmp, None, "0.0.0.0/0");
        let rules = [
            there("out", json!({ "direction": "egress" })),
            there("all", json!({})),
            there("group", json!({ "protocol": "icmp", "remote_group_id": "g" })),
            there("addresses", json!({ "protocol": "icmp", "remote_address_group_id": "g" })),
            there("echo", json!({ "protocol": "icmp", "port_range_min": 8, "port_range_max": 0 })),
            there("one", json!({ "protocol": "tcp", "port_range_min": 22, "port_range_max": 22 })),
            there(
                "twice",
                json!({ "protocol": "6", "port_range_min": 22, "port_range_max": 22, "remote_ip_prefix": "0.0.0.0/0" }),
            ),
            there("wide", json!({ "protocol": "tcp", "port_range_min": 22, "port_range_max": 23 })),
            there("other", json!({ "protocol": "vrrp" })),
        ];
        let (add, remove) = difference(&BTreeSet::from([ssh, ping]), &rules);
        assert_eq!(add, [ping]);
        assert_eq!(remove, ["all", "group", "addresses", "echo", "twice", "wide", "other"]);
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let check = |protocol, ports, from: &str, expected: &str| {
            let refused = Allowed::new(&Rule { protocol, ports, from: from.to_owned() });
            assert!(matches!(&refused, Err(CloudError::Refused(it)) if it.contains(expected)), "{refused:?}");
        };
        check(Protocol::Tcp, None, "10.0.0.0/33", "10.0.0.0/33");
        check(Protocol::Tcp, None, "everybody", "everybody");
        check(Protocol::Icmp, Some((8, 0)), "10.0.0.0/8", "no ports");
    }
}
