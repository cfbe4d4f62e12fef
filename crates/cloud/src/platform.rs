use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A cloud platform as the API names it: in paths, in `provider` and in links of environments.
/// The names other than `vmware` are distributions of OpenStack and use the same driver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Platform {
    Openstack,
    Ocs,
    Hpcloud,
    Mirantis,
    Vio,
    Cisco,
    Vmware,
}

/// Which of our drivers speaks to a platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Driver {
    Openstack,
    Vsphere,
}

impl Platform {
    pub const ALL: [Platform; 7] = [
        Platform::Openstack,
        Platform::Ocs,
        Platform::Hpcloud,
        Platform::Mirantis,
        Platform::Vio,
        Platform::Cisco,
        Platform::Vmware,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Platform::Openstack => "openstack",
            Platform::Ocs => "ocs",
            Platform::Hpcloud => "hpcloud",
            Platform::Mirantis => "mirantis",
            Platform::Vio => "vio",
            Platform::Cisco => "cisco",
            Platform::Vmware => "vmware",
        }
    }

    pub fn driver(self) -> Driver {
        match self {
            Platform::Vmware => Driver::Vsphere,
            _ => Driver::Openstack,
        }
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// No platform has this name.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is not a cloud platform; choose one of openstack, ocs, hpcloud, mirantis, vio, cisco, vmware")]
pub struct UnknownPlatform(String);

impl FromStr for Platform {
    type Err = UnknownPlatform;

    fn from_str(name: &str) -> Result<Self, UnknownPlatform> {
        Platform::ALL.into_iter().find(|it| it.as_str() == name).ok_or_else(|| UnknownPlatform(name.to_owned()))
    }
}

/// What a credential may be used for (`allowedUses`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Use {
    /// Reading: validation, inventory, instance types.
    Inventory,
    /// Launching, changing and terminating.
    Provision,
}

impl Use {
    pub fn as_str(self) -> &'static str {
        match self {
            Use::Inventory => "inventory",
            Use::Provision => "provision",
        }
    }
}
