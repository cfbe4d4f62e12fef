use serde::{Deserialize, Serialize};

/// One size a cloud location offers: an OpenStack flavor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InstanceType {
    pub cloud_id: String,
    pub name: String,
    pub vcpus: u32,
    /// MiB.
    pub memory_mib: u64,
    /// Root disk in GiB. 0: as large as the image.
    pub root_disk_gib: u64,
    /// Ephemeral disk in GiB.
    pub ephemeral_disk_gib: u64,
    /// Swap in MiB.
    pub swap_mib: u64,
    pub is_public: bool,
}
