//! What an environment has in a cloud besides servers: made, and removed, as a unit.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

/// Carries a [`Mark`](crate::server::Mark) from the moment it is made, so that it is found again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Asset {
    /// A Cinder volume. Of another size than it has, it is made larger; never smaller.
    Volume {
        name: String,
        size_gib: u32,
        /// The cloud's default, without.
        volume_type: Option<String>,
        availability_zone: Option<String>,
    },
    /// A network of Neutron with one subnet and a security group, and with a router where it leads outside: what other
    /// clouds call a VPC.
    Network {
        name: String,
        /// `10.1.0.0/24`; of IPv4 or IPv6.
        cidr: String,
        dns_servers: Vec<IpAddr>,
        /// The id of the external network that the router leads to.
        external_network: Option<String>,
        /// What the security group lets in. It lets everything out.
        rules: Vec<Rule>,
    },
    /// A security group of Neutron, which belongs to no network of ours. It lets everything out.
    SecurityGroup {
        name: String,
        /// What it lets in.
        rules: Vec<Rule>,
    },
    /// An address of an external network of Neutron. Which server it leads to is said by operations on servers; whoever only
    /// wants a free address gets another.
    FloatingIp {
        name: String,
        /// The id of the external network.
        pool: String,
    },
    /// The public half of an SSH key, as Nova knows it for the user of the credentials, whatever the project: it puts it
    /// into servers that name it.
    Keypair {
        /// Says whose it is by the [`Mark`](crate::server::Mark) in it, since Nova's keypairs carry nothing else.
        name: String,
        /// In one line, as in `authorized_keys`. `None` before the key was generated: then no cloud is asked.
        public_key: Option<String>,
    },
}

impl Asset {
    /// The tag in its JSON.
    pub fn kind(&self) -> &'static str {
        match self {
            Asset::Volume { .. } => "volume",
            Asset::Network { .. } => "network",
            Asset::SecurityGroup { .. } => "securityGroup",
            Asset::FloatingIp { .. } => "floatingIp",
            Asset::Keypair { .. } => "keypair",
        }
    }

    /// For sentences: `volumes`.
    pub fn plural(&self) -> &'static str {
        match self {
            Asset::Volume { .. } => "volumes",
            Asset::Network { .. } => "networks",
            Asset::SecurityGroup { .. } => "security groups",
            Asset::FloatingIp { .. } => "floating IPs",
            Asset::Keypair { .. } => "keypairs",
        }
    }

    pub fn name(&self) -> &str {
        match self {
            Asset::Volume { name, .. }
            | Asset::Network { name, .. }
            | Asset::SecurityGroup { name, .. }
            | Asset::FloatingIp { name, .. }
            | Asset::Keypair { name, .. } => name,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Rule {
    pub protocol: Protocol,
    /// The first and the last port; all of the protocol's, without.
    pub ports: Option<(u16, u16)>,
    /// Who may: `0.0.0.0/0`.
    pub from: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Protocol {
    Tcp,
    Udp,
    Icmp,
}

/// How far an asset is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Making {
    /// The cloud took a step just now, or works on it: ask again. With what is there so far.
    UnderWay(Vec<Part>),
    /// All of it is there as described.
    Ready(Vec<Part>),
    /// These were made, and are gone. Nothing was made in their place.
    Missing(Vec<Part>),
    /// The cloud gave up on it. In its own words, with its request id where it tells one.
    Failed { message: String, parts: Vec<Part> },
}

/// One object in the cloud.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Part {
    /// `volume`, `network`, `subnet`, `router`, `securityGroup`, `floatingIp`, `keypair`.
    pub kind: String,
    pub id: String,
    /// The cloud's own word (`available`, `ACTIVE`), where it tells one.
    pub status: Option<String>,
    /// Of a floating IP.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<IpAddr>,
    /// Ids of the cloud's machines that use it.
    #[serde(default)]
    pub used_by: Vec<String>,
}

/// Those of `made` that are not among `found`.
pub fn missing(made: &[Part], found: &[Part]) -> Vec<Part> {
    made.iter().filter(|part| !found.iter().any(|it| it.id == part.id)).cloned().collect()
}
