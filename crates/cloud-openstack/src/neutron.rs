//! Networking API v2.0 (<https://docs.openstack.org/api-ref/network/v2/>).

pub(crate) mod cards;
pub(crate) mod floating_ips;
pub(crate) mod networks;
pub(crate) mod ports;
pub(crate) mod private_networks;
pub(crate) mod quotas;
pub(crate) mod security_groups;
