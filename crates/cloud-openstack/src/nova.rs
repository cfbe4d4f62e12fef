//! Compute API 2.1 (<https://docs.openstack.org/api-ref/compute/>).

mod actions;
pub(crate) mod console;
pub(crate) mod flavors;
pub(crate) mod keypairs;
pub(crate) mod launch;
pub(crate) mod limits;
pub(crate) mod marked;
pub(crate) mod power;
pub(crate) mod ready;
pub(crate) mod removal;
pub(crate) mod resize;
pub(crate) mod server_groups;
pub(crate) mod servers;
pub(crate) mod snapshot;
pub(crate) mod volumes;
pub(crate) mod watch;
pub(crate) mod zones;
