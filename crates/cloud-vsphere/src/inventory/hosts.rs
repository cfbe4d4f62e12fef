use cloud::inventory::Resource;

use crate::{
    inventory::{Pages, Place, attributes, list as list_objects, number, resource, text},
    property_collector::Wanted,
};

const WANTED: Wanted = Wanted {
    kind: "HostSystem",
    properties: &[
        "name",
        "parent",
        "overallStatus",
        "runtime.connectionState",
        "runtime.powerState",
        "runtime.inMaintenanceMode",
        "summary.hardware",
        "summary.quickStats",
        "summary.config.product",
    ],
};

/// ESXi hosts; their parent is a cluster or the compute resource of a host that stands alone.
pub fn list(place: Place<'_>) -> Pages<'_> {
    list_objects(place, WANTED, |object| {
        let hardware = object.value("summary.hardware");
        let usage = object.value("summary.quickStats");
        let product = object.value("summary.config.product");
        let attributes = attributes! {
            "connectionState": object.text("runtime.connectionState"),
            "powerState": object.text("runtime.powerState"),
            "inMaintenanceMode": object.is_true("runtime.inMaintenanceMode"),
            "overallStatus": object.text("overallStatus"),
            "vendor": text(hardware, "vendor"),
            "model": text(hardware, "model"),
            "uuid": text(hardware, "uuid"),
            "cpuModel": text(hardware, "cpuModel"),
            "cpuMhz": number(hardware, "cpuMhz"),
            "cpuSockets": number(hardware, "numCpuPkgs"),
            "cpuCores": number(hardware, "numCpuCores"),
            "cpuThreads": number(hardware, "numCpuThreads"),
            "memoryBytes": number(hardware, "memorySize"),
            "usedCpuMhz": number(usage, "overallCpuUsage"),
            // The vCenter gives this one in MB.
            "usedMemoryBytes": number(usage, "overallMemoryUsage").map(|it| it.saturating_mul(1 << 20)),
            "productName": text(product, "name"),
            "productVersion": text(product, "version"),
            "productBuild": text(product, "build"),
        };
        let status = object.text("runtime.connectionState").map(str::to_owned);
        Some(Resource { status, ..resource(object, attributes) })
    })
}
