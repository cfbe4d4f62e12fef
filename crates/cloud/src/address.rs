//! Which of a machine's addresses we connect to.

use std::{fmt, net::IpAddr, str::FromStr};

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

/// `instances_connection_policy`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ConnectionPolicy {
    /// Only ever the public address.
    Public,
    /// Only ever the private address.
    Local,
    /// The public address if there is one, else the private one.
    #[default]
    Auto,
}

impl ConnectionPolicy {
    pub fn as_str(self) -> &'static str {
        match self {
            ConnectionPolicy::Public => "public",
            ConnectionPolicy::Local => "local",
            ConnectionPolicy::Auto => "auto",
        }
    }
}

impl fmt::Display for ConnectionPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[derive(Debug, thiserror::Error)]
#[error("{0:?} is not a connection policy; choose one of public, local, auto")]
pub struct UnknownPolicy(String);

impl FromStr for ConnectionPolicy {
    type Err = UnknownPolicy;

    fn from_str(name: &str) -> Result<Self, UnknownPolicy> {
        match name {
            "public" => Ok(ConnectionPolicy::Public),
            "local" => Ok(ConnectionPolicy::Local),
            "auto" => Ok(ConnectionPolicy::Auto),
            _ => Err(UnknownPolicy(name.to_owned())),
        }
    }
}

/// Who says that a machine has an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// A floating IP: public, whatever its range.
    Floating,
    /// Given by the network (Neutron fixed IP): by range.
    Fixed,
    /// Reported from inside the machine by guest tools: by range.
    Guest,
}

/// An address of a machine, as its cloud tells it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Address {
    pub ip: IpAddr,
    pub origin: Origin,
    /// Name of the network it is on, if known.
    pub network: Option<String>,
    /// On a network card of the machine itself. False for bridges that software inside made (docker0), which the
    /// guest reports without a device of the machine.
    pub own_card: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    Public,
    Local,
    /// Never connected to: loopback, link-local, multicast, unspecified, or not on the machine's own card.
    Unusable,
}

/// Ranges that are private by convention. RFC 1918, RFC 6598 (carrier-grade NAT), RFC 4193 (unique local IPv6).
const PRIVATE: [&str; 5] = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"];

/// `private` are further ranges to take for private, from the configuration.
pub fn scope(address: &Address, private: &[IpNet]) -> Scope {
    let ip = address.ip.to_canonical();
    let useless = ip.is_loopback() || ip.is_unspecified() || ip.is_multicast() || is_link_local(ip);
    if useless || !address.own_card {
        return Scope::Unusable;
    }
    if address.origin == Origin::Floating {
        return Scope::Public;
    }
    let conventional = PRIVATE.iter().filter_map(|it| it.parse::<IpNet>().ok());
    if conventional.chain(private.iter().copied()).any(|it| it.contains(&ip)) { Scope::Local } else { Scope::Public }
}

fn is_link_local(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_unicast_link_local(),
    }
}

/// The address to connect to, or `None` while the machine has none that the policy allows. Among equals, the first in
/// the cloud's own order.
pub fn connection_address(policy: ConnectionPolicy, addresses: &[Address], private: &[IpNet]) -> Option<IpAddr> {
    let first = |wanted| addresses.iter().find(|it| scope(it, private) == wanted).map(|it| it.ip);
    match policy {
        ConnectionPolicy::Public => first(Scope::Public),
        ConnectionPolicy::Local => first(Scope::Local),
        ConnectionPolicy::Auto => first(Scope::Public).or_else(|| first(Scope::Local)),
    }
}

/// Why [`connection_address`] returned `None`, and what to do, in one sentence.
pub fn why_none(policy: ConnectionPolicy, addresses: &[Address], private: &[IpNet]) -> String {
    let has = |wanted| addresses.iter().any(|it| scope(it, private) == wanted);
    match policy {
        _ if addresses.is_empty() => {
            "the cloud reports no address; is the machine on, and do its guest tools run?".to_owned()
        }
        ConnectionPolicy::Public if has(Scope::Local) => {
            "the policy is public and the machine has only private addresses; give it a floating IP or set the policy \
             to local or auto"
                .to_owned()
        }
        ConnectionPolicy::Local if has(Scope::Public) => {
            "the policy is local and the machine has only public addresses; set the policy to public or auto, or list \
             the range in private_networks"
                .to_owned()
        }
        _ => "the machine has only addresses that cannot be connected to from outside (loopback, link-local, or of a \
              bridge inside it)"
            .to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(policy: ConnectionPolicy, public: &[&str], local: &[&str], expected: Option<&str>) {
        let all = public.iter().chain(local);
        let addresses: Vec<_> = all.map(|ip| address(ip, Origin::Fixed)).collect();
        let chosen = connection_address(policy, &addresses, &[]);
        assert_eq!(chosen, expected.map(|it| it.parse().unwrap()), "{policy:?} {public:?} {local:?}");
    }

    fn address(ip: &str, origin: Origin) -> Address {
        Address { ip: ip.parse().unwrap(), origin, network: None, own_card: true }
    }

    #[test]
    fn the_table_of_policies() {
        use ConnectionPolicy::{Auto, Local, Public};
        check(Public, &["203.0.113.7"], &["10.0.0.4"], Some("203.0.113.7"));
        check(Public, &["203.0.113.7"], &[], Some("203.0.113.7"));
        check(Public, &[], &["10.0.0.4"], None);
        check(Public, &[], &[], None);
        check(Local, &["203.0.113.7"], &["10.0.0.4"], Some("10.0.0.4"));
        check(Local, &["203.0.113.7"], &[], None);
        check(Local, &[], &["10.0.0.4"], Some("10.0.0.4"));
        check(Local, &[], &[], None);
        check(Auto, &["203.0.113.7"], &["10.0.0.4"], Some("203.0.113.7"));
        check(Auto, &["203.0.113.7"], &[], Some("203.0.113.7"));
        check(Auto, &[], &["10.0.0.4"], Some("10.0.0.4"));
        check(Auto, &[], &[], None);
    }

    #[test]
    fn scopes_by_range() {
        let by_range = |ip| scope(&address(ip, Origin::Guest), &[]);
        for ip in ["10.1.2.3", "172.16.0.1", "172.31.255.1", "192.168.7.7", "100.64.0.1", "fd00::1", "::ffff:10.0.0.1"]
        {
            assert_eq!(by_range(ip), Scope::Local, "{ip}");
        }
        for ip in ["8.8.8.8", "172.32.0.1", "100.128.0.1", "2001:db8::1"] {
            assert_eq!(by_range(ip), Scope::Public, "{ip}");
        }
        for ip in ["127.0.0.1", "169.254.1.1", "fe80::1", "::1", "0.0.0.0", "224.0.0.1"] {
            assert_eq!(by_range(ip), Scope::Unusable, "{ip}");
        }
        assert_eq!(scope(&address("10.0.0.9", Origin::Floating), &[]), Scope::Public);
        let configured = ["198.18.0.0/15".parse().unwrap()];
        assert_eq!(scope(&address("198.18.0.9", Origin::Fixed), &configured), Scope::Local);
    }

    #[test]
    fn a_bridge_inside_the_machine_is_never_chosen() {
        let docker = Address { own_card: false, ..address("172.17.0.1", Origin::Guest) };
        assert_eq!(connection_address(ConnectionPolicy::Auto, &[docker], &[]), None);
    }
}
