use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{IntegerRef, TextRef};

/// A tier of a farm: a role on a cloud and location, and how many servers of it.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FarmRole {
    #[schema(read_only)]
    pub id: Option<i64>,
    #[schema(read_only)]
    pub farm: Option<IntegerRef>,
    /// Unique within the farm; of servers' names it is the part that tells the tier.
    pub alias: Option<String>,
    pub role: Option<IntegerRef>,
    pub cloud_platform: Option<String>,
    pub cloud_location: Option<String>,
    /// A flavor, or a size of the installation for vSphere.
    pub instance_type: Option<TextRef>,
    /// Smaller ones begin earlier where the farm's order is `sequential`.
    pub launch_index: Option<i64>,
    pub scaling: Option<Scaling>,
    pub networking: Option<Networking>,
    /// OpenStack only.
    pub security: Option<Security>,
    /// OpenStack only. None: the cloud chooses; several: the one with the fewest servers of this farm role.
    pub availability_zones: Option<Vec<String>>,
    /// OpenStack only. One at most: the root volume. Without it the flavor's disk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub storage: Option<Vec<StorageConfiguration>>,
    pub cloud_features: Option<CloudFeatures>,
    pub advanced_configuration: Option<AdvancedConfiguration>,
    /// A server that is on is `initializing`, and `running` only when this TCP port takes a connection at its connection
    /// address. None: when it is on.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1)]
    pub wait_for_port: Option<u16>,
}

/// How many servers. Without it, one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Scaling {
    #[serde(default)]
    pub enabled: bool,
    /// 1 where it is not given.
    pub min_instances: Option<i64>,
    /// 2 where it is not given, and never less than `minInstances`.
    pub max_instances: Option<i64>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Networking {
    #[serde(default)]
    pub networks: Vec<Network>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Network {
    /// As in the inventory: a Neutron network, a MoRef.
    pub id: String,
    /// Of one network at most; the first where none says so.
    #[serde(default)]
    pub primary: bool,
    /// In vSphere with a `customizationSpec`, which has the subnet mask and gateway of each network card.
    #[serde(default)]
    pub static_ip_map: Vec<StaticIp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cloud_features: Option<NetworkCloudFeatures>,
}

/// What only one kind of cloud has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NetworkCloudFeatures {
    /// `OpenstackNetworkCloudFeatures`.
    #[serde(rename = "type")]
    pub kind: NetworkCloudFeaturesKind,
    /// Of the primary network alone: an external network, of which each server gets a floating IP when it first runs.
    pub floating_ip_pool: Option<TextRef>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub enum NetworkCloudFeaturesKind {
    OpenstackNetworkCloudFeatures,
}

/// An address that the server with this index has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StaticIp {
    pub server_index: i64,
    #[schema(value_type = String)]
    pub ip_address: IpAddr,
    /// `GenericStaticIp`: of the network itself.
    #[serde(rename = "type")]
    pub kind: StaticIpKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub enum StaticIpKind {
    GenericStaticIp,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Security {
    #[serde(default)]
    pub security_groups: Vec<TextRef>,
}

/// A disk of each server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StorageConfiguration {
    /// `RootStorageConfiguration`: the disk it boots from.
    #[serde(rename = "type")]
    pub kind: StorageConfigurationKind,
    pub template: StorageTemplate,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub enum StorageConfigurationKind {
    RootStorageConfiguration,
}

/// A volume that is made of the role's image with the server, and deleted with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StorageTemplate {
    /// GiB.
    #[schema(minimum = 1, maximum = 16384)]
    pub size: u32,
    /// One of the location's `volume-types`, by id or name. Without it the cloud's own choice.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub volume_type: Option<String>,
}

/// What only one kind of cloud has. Ids of vSphere are managed object references of the location's vCenter.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CloudFeatures {
    /// `OpenstackCloudFeatures` or `VmwareCloudFeatures`, as the platform is.
    #[serde(rename = "type")]
    pub kind: String,
    /// OpenStack: user data and metadata are on a disk of the server too, for guests that do not reach the metadata
    /// service.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub config_drive: bool,
    /// OpenStack: one of the location's `server-groups`, by id or name, whose policy says which servers are together on a
    /// host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_group: Option<String>,
    /// OpenStack: servers have no keypair, for images that bring their own ways in.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub disable_key_pair_management: bool,
    /// OpenStack: the name of a keypair that the user of the credentials has in the cloud. Without it, and without
    /// `disableKeyPairManagement`, Stackyard makes one for the farm.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_pair: Option<String>,
    /// Where in the inventory the machines are put. Needed for vSphere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder: Option<String>,
    /// Who chooses a host and a datastore for each server; by default `manual`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub placement_strategy: Option<PlacementStrategy>,
    /// A cluster or a host alone; its root pool is used where no pool is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compute_resource: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_pool: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_store: Option<String>,
    /// One at most; none: the choice of DRS. Where Stackyard chooses: those that it may choose from; none: all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hosts: Vec<String>,
    /// The name of a customization specification.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customization_spec: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PlacementStrategy {
    /// It is as `computeResource`, `resourcePool`, `dataStore` and `hosts` say.
    Manual,
    /// Stackyard chooses when it launches a server: the host that has most CPU, memory and disk free, and of its
    /// datastores that with most room. What of `computeResource`, `hosts` and `dataStore` is given limits the choice.
    ScalrAuto,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AdvancedConfiguration {
    /// The name in the cloud, with variables such as `{SCALR_FARM_ROLE_ALIAS}` and `{SCALR_INSTANCE_INDEX}`; by default
    /// `{SCALR_SERVER_ID}`.
    pub instance_name: Option<String>,
    /// For cloud-init, with the same variables.
    pub user_data: Option<String>,
}
