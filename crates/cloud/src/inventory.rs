//! What is found in a cloud, before it is stored.

use std::{fmt, str::FromStr};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::address::Address;

/// A kind of thing that is only read. Its text is the last segment of the API path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Noun {
    /// Glance images; vSphere templates.
    CloudImages,
    /// Neutron networks with their subnets; vSphere networks and distributed port groups.
    Networks,
    SecurityGroups,
    Keypairs,
    AvailabilityZones,
    VolumeTypes,
    /// Rules for which servers are together on a host (OpenStack).
    ServerGroups,
    ObjectContainers,
    Clusters,
    Hosts,
    ResourcePools,
    Folders,
    Datastores,
    StoragePods,
    CustomizationSpecs,
}

impl Noun {
    pub const ALL: [Noun; 15] = [
        Noun::CloudImages,
        Noun::Networks,
        Noun::SecurityGroups,
        Noun::Keypairs,
        Noun::AvailabilityZones,
        Noun::VolumeTypes,
        Noun::ServerGroups,
        Noun::ObjectContainers,
        Noun::Clusters,
        Noun::Hosts,
        Noun::ResourcePools,
        Noun::Folders,
        Noun::Datastores,
        Noun::StoragePods,
        Noun::CustomizationSpecs,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Noun::CloudImages => "cloud-images",
            Noun::Networks => "networks",
            Noun::SecurityGroups => "security-groups",
            Noun::Keypairs => "keypairs",
            Noun::AvailabilityZones => "availability-zones",
            Noun::VolumeTypes => "volume-types",
            Noun::ServerGroups => "server-groups",
            Noun::ObjectContainers => "object-containers",
            Noun::Clusters => "clusters",
            Noun::Hosts => "hosts",
            Noun::ResourcePools => "resource-pools",
            Noun::Folders => "folders",
            Noun::Datastores => "datastores",
            Noun::StoragePods => "storage-pods",
            Noun::CustomizationSpecs => "customization-specs",
        }
    }
}

impl fmt::Display for Noun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// No noun has this name.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is not a kind of inventory")]
pub struct UnknownNoun(String);

impl FromStr for Noun {
    type Err = UnknownNoun;

    fn from_str(name: &str) -> Result<Self, UnknownNoun> {
        Noun::ALL.into_iter().find(|it| it.as_str() == name).ok_or_else(|| UnknownNoun(name.to_owned()))
    }
}

/// One thing found in a cloud.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Resource {
    /// Unique within credential, location and noun: an OpenStack id, or a MoRef (`network-30`). Things without an id
    /// (keypairs, zones, customization specs) have their name here.
    pub cloud_id: String,
    pub name: String,
    /// The cloud's own word (`ACTIVE`, `green`); `None` where it has none.
    pub status: Option<String>,
    /// `cloud_id` of what this is in: a host's cluster, a folder's folder.
    pub parent: Option<String>,
    /// Total size in bytes where there is one: an image, a datastore.
    pub capacity_bytes: Option<u64>,
    /// Free bytes of a datastore or storage pod.
    pub free_bytes: Option<u64>,
    /// Everything else, camelCase, units in the names. The same keys for all things of one noun on one platform.
    pub attributes: Map<String, Value>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PowerState {
    On,
    Off,
    Suspended,
    /// Being built, migrated between states, or not reported.
    Unknown,
}

impl PowerState {
    pub fn as_str(self) -> &'static str {
        match self {
            PowerState::On => "on",
            PowerState::Off => "off",
            PowerState::Suspended => "suspended",
            PowerState::Unknown => "unknown",
        }
    }
}

/// A machine found in a cloud, managed by us or not: a Nova server, a vSphere `VirtualMachine` that is no template.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Machine {
    /// Nova's server id; a MoRef (`vm-53`) in vSphere.
    pub cloud_id: String,
    /// What follows a machine when it moves: Nova's server id; vSphere's `instanceUuid`.
    pub instance_uuid: Option<String>,
    pub name: String,
    pub power_state: PowerState,
    /// The cloud's own word (`ACTIVE`, `poweredOn`).
    pub status: String,
    pub vcpus: Option<u32>,
    /// MiB.
    pub memory_mib: Option<u64>,
    /// Flavor name; `None` in vSphere.
    pub instance_type: Option<String>,
    pub addresses: Vec<Address>,
    /// Availability zone (OpenStack), `cloud_id` of the host (vSphere).
    pub runs_on: Option<String>,
    /// Image id (OpenStack), folder `cloud_id` (vSphere) and the like, camelCase.
    pub attributes: Map<String, Value>,
    pub created_at: Option<Timestamp>,
}

/// A part of a list, in the cloud's own order.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// On the last page: what a second source proves to be there although the list does not show it.
    pub hidden: Option<Hidden>,
}

/// Things that exist but that this credential may not see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Hidden {
    pub count: u64,
    /// The second source, with its number: `cluster DC0_C0 counts 12 machines, 10 are listed`.
    pub evidence: String,
}
