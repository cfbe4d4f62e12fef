//! Networks of an environment (OpenStack): a network with a subnet, a security group and the way outside, made and removed
//! as one.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    TextRef,
    assets::{AssetCommon, AssetServer},
};

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PrivateNetwork {
    #[serde(flatten)]
    #[schema(inline)]
    pub common: AssetCommon,
    /// `10.1.0.0/24`.
    pub cidr: String,
    /// What servers ask for names, in this order; the cloud's own, without.
    pub dns_servers: Vec<String>,
    /// The external network that its router leads to; without, it leads nowhere.
    pub external_network: Option<TextRef>,
    /// What its security group lets in. It lets everything out.
    pub rules: Vec<NetworkRule>,
    /// What there is of it in its cloud, as far as it was made.
    pub parts: Vec<NetworkPart>,
    /// The servers that were on it, or had its security group, when it was last looked at.
    pub used_by: Vec<AssetServer>,
}

/// One object in the cloud.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NetworkPart {
    /// `network`, `subnet`, `securityGroup`, `router`.
    pub kind: String,
    /// Its id in the cloud.
    pub id: String,
    /// The cloud's own word, where it tells one.
    pub status: Option<String>,
}

/// Somebody who may send something to the servers of a network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NetworkRule {
    /// `tcp`, `udp` or `icmp`.
    pub protocol: String,
    /// 1 to 65535; all ports, without. ICMP has none.
    pub first_port: Option<u16>,
    /// The first alone, without.
    pub last_port: Option<u16>,
    /// A range of addresses, or one: `0.0.0.0/0`, `fd00::/8`, `192.0.2.1`.
    pub from: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewNetwork {
    /// 1 to 255 characters.
    pub name: String,
    /// `openstack`, which is the default.
    pub cloud_platform: Option<String>,
    pub cloud_location: String,
    /// Of IPv4 or IPv6: `10.1.0.0/24`.
    pub cidr: String,
    /// Of the same kind of addresses.
    pub dns_servers: Option<Vec<String>>,
    /// One of the location's `networks` whose attribute `external` is true, by id.
    pub external_network: Option<TextRef>,
    /// 100 at most. Without, nobody may send anything.
    pub rules: Option<Vec<NetworkRule>>,
}

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ChangeNetwork {
    /// All of them.
    pub dns_servers: Option<Vec<String>>,
    /// All of them.
    pub rules: Option<Vec<NetworkRule>>,
}
