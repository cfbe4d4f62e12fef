//! Servers that we make: what one is to be, how it is found again, and what the cloud says of it.

use std::{collections::BTreeMap, fmt, net::IpAddr};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{LocationId, address::Address, inventory::PowerState};

/// What every object of a server carries in its cloud, so that it is found again whatever was lost in between: the id
/// of our server. A tag of a Nova server and the name of its ports; the `instanceUuid` of a virtual machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Mark(pub Uuid);

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// All that a cloud is told to make one server. Decided before the first call, and the same for each repetition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ServerSpec {
    pub mark: Mark,
    pub location: LocationId,
    pub name: String,
    /// A Glance image; the MoRef of a template or of a virtual machine to clone.
    pub image: String,
    pub size: Size,
    /// The first is the primary one. None: the cloud's own choice (OpenStack), the template's (vSphere).
    pub nics: Vec<Nic>,
    /// For cloud-init, as text: Nova's user data; `guestinfo.userdata` of a virtual machine.
    pub user_data: Option<String>,
    /// Names and values for whoever looks at the machine in its cloud: Nova metadata; custom attributes.
    pub metadata: BTreeMap<String, String>,
    pub placement: Placement,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Size {
    /// The id of a flavor the cloud publishes (OpenStack).
    Flavor(String),
    /// Sized by hand (vSphere has no flavors).
    Custom { vcpus: u32, cores_per_socket: u32, memory_mib: u64 },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Nic {
    /// A Neutron network; the MoRef of a network or distributed port group.
    pub network: String,
    /// The address its port is to have (OpenStack), or that a customization specification sets in the guest (vSphere).
    pub fixed_ip: Option<IpAddr>,
}

/// Where in its location, and what else only its kind of cloud is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Placement {
    Openstack {
        /// Ids. None: the project's `default`.
        security_groups: Vec<String>,
        /// `None`: Nova's choice.
        availability_zone: Option<String>,
        /// `None`: the host's own disk, as large as the flavor says.
        #[serde(default)]
        root_volume: Option<RootVolume>,
        /// User data and metadata on a disk, for guests that do not reach the metadata service. Without it as the cloud
        /// is set up.
        #[serde(default)]
        config_drive: bool,
        /// The id or name of one that is there, whose policy says which servers are together on a host.
        #[serde(default)]
        server_group: Option<String>,
        /// A keypair of the credentials' user, whose public key the guest gets.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        key_name: Option<String>,
    },
    /// All are MoRefs of the location's vCenter.
    Vsphere {
        folder: String,
        /// The root pool of this is used where no pool is named.
        compute_resource: Option<String>,
        resource_pool: Option<String>,
        /// A datastore. `None`: the template's.
        datastore: Option<String>,
        /// `None`: the choice of DRS, or of the host alone.
        host: Option<String>,
        /// The name of a customization specification.
        customization_spec: Option<String>,
        /// Host, and the datastore where none is named, are chosen when the machine is made; no pool and no host is named
        /// then, and a compute resource limits the choice to its hosts. `None`: as it is named above.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        choice: Option<Choice>,
    },
}

/// How a host and a datastore are chosen for a machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Choice {
    /// MoRefs of hosts that may be chosen; none: all.
    pub hosts: Vec<String>,
    pub weights: Weights,
    /// What has to stay free on a datastore beside the disks of the machine.
    pub buffer_bytes: u64,
}

/// How much what is free of each counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Weights {
    pub cpu: u32,
    pub memory: u32,
    pub disk: u32,
}

/// A volume that is made of the image with the server, and goes with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RootVolume {
    pub size_gib: u32,
    /// Id or name. `None`: the cloud's choice.
    pub volume_type: Option<String>,
}

/// What a cloud gave for an order it took: kept, to ask later what became of it, and shown as evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Order {
    /// The id of the Nova server; the MoRef of the vCenter's task.
    pub id: String,
    /// Where the order is in the cloud's own logs: Nova's request id; the opID.
    pub request_id: Option<String>,
    /// What the driver decided for it, in words for people: `host`, `datastore`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub decided: BTreeMap<String, String>,
}

impl Order {
    pub fn new(id: String, request_id: Option<String>) -> Order {
        Order { id, request_id, decided: BTreeMap::new() }
    }
}

/// A machine with our mark, or one that is on its way to be one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CloudServer {
    /// Nova's server id; a MoRef. `None` while a clone is under way, or when it failed and left no machine.
    pub cloud_id: Option<String>,
    pub name: String,
    pub phase: Phase,
    pub power_state: PowerState,
    /// The cloud's own word (`ACTIVE`, `poweredOn`, of a clone under way `running`).
    pub status: String,
    pub addresses: Vec<Address>,
    pub created_at: Option<Timestamp>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Phase {
    /// The cloud works on its first start, or on a change of its size.
    Building,
    /// It is what its power state says.
    Ready,
    /// The cloud gave up on it. In the cloud's own words, with its request id where there is one.
    Failed { message: String },
    /// The cloud works on its removal.
    Removing,
}

/// What became of what a specification sets inside of a guest at its first start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Customization {
    /// It has not ended; how far it is, in words.
    UnderWay(String),
    /// With what the cloud said of it.
    Done(BTreeMap<String, String>),
    /// In the cloud's own words.
    Failed(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum PowerChange {
    /// From off, suspended or paused.
    On,
    Suspend,
    /// By the guest, and by force where the guest cannot.
    RebootSoft,
    RebootHard,
}

/// How far a removal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Removal {
    /// The cloud works on it: ask again.
    UnderWay,
    /// Nothing carries the mark any more.
    Gone,
}
