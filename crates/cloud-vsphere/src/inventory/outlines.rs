use std::sync::Arc;

use futures_util::stream::BoxStream;

use crate::{
    property_collector::{self, Wanted},
    session::VCenter,
    soap::{envelope::MoRef, error::CallError},
};

const WANTED: Wanted = Wanted {
    kind: "VirtualMachine",
    properties: &[
        "name",
        "runtime.powerState",
        "runtime.host",
        "config.hardware.numCPU",
        "config.hardware.memoryMB",
        "config.uuid",
        "guest.ipAddress",
        "summary.config.vmPathName",
    ],
};

/// A machine or template in the eight properties by which vSphere clients are compared, as the vCenter tells them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outline {
    pub id: String,
    pub name: String,
    pub power_state: Option<String>,
    pub host: Option<String>,
    pub vcpus: Option<u32>,
    /// MiB.
    pub memory_mib: Option<u64>,
    pub bios_uuid: Option<String>,
    pub ip_address: Option<String>,
    /// Datastore path of the `.vmx` file.
    pub path: Option<String>,
}

/// All machines and templates below an object.
pub fn list(vcenter: &Arc<VCenter>, root: MoRef) -> BoxStream<'_, Result<Vec<Outline>, CallError>> {
    property_collector::list(vcenter, root, WANTED, |object| {
        let owned = |path| object.text(path).map(str::to_owned);
        Some(Outline {
            id: object.id().to_owned(),
            name: super::name(object),
            power_state: owned("runtime.powerState"),
            host: owned("runtime.host"),
            vcpus: object.number("config.hardware.numCPU"),
            memory_mib: object.number("config.hardware.memoryMB"),
            bios_uuid: owned("config.uuid"),
            ip_address: owned("guest.ipAddress"),
            path: owned("summary.config.vmPathName"),
        })
    })
}
