use crate::{
    inventory::{Pages, Place, attributes, flag, list as list_objects, number, resource, text},
    property_collector::Wanted,
};

/// `configurationEx` and `summary` are read whole: which paths lead into them depends on the object's own type.
const WANTED: Wanted = Wanted {
    kind: "ComputeResource",
    properties: &["name", "parent", "overallStatus", "resourcePool", "summary", "configurationEx"],
};

/// Clusters, and hosts that stand alone: a vCenter puts each of those into a compute resource of its own.
pub fn list(place: Place<'_>) -> Pages<'_> {
    list_objects(place, WANTED, |object| {
        let summary = object.value("summary");
        let configuration = object.value("configurationEx");
        let of = |part: &str| configuration.and_then(|it| it.child(part));
        let usage = summary.and_then(|it| it.child("usageSummary"));
        let attributes = attributes! {
            "isCluster": object.kind() == "ClusterComputeResource",
            "resourcePool": object.text("resourcePool"),
            "hostCount": number(summary, "numHosts"),
            "effectiveHostCount": number(summary, "numEffectiveHosts"),
            "totalCpuMhz": number(summary, "totalCpu"),
            "effectiveCpuMhz": number(summary, "effectiveCpu"),
            "cpuCores": number(summary, "numCpuCores"),
            "cpuThreads": number(summary, "numCpuThreads"),
            "totalMemoryBytes": number(summary, "totalMemory"),
            // The vCenter gives this one in MB.
            "effectiveMemoryBytes": number(summary, "effectiveMemory").map(|it| it.saturating_mul(1 << 20)),
            "drsEnabled": flag(of("drsConfig"), "enabled"),
            "drsBehavior": text(of("drsConfig"), "defaultVmBehavior"),
            "haEnabled": flag(of("dasConfig"), "enabled"),
            "vmCount": number(usage, "totalVmCount"),
        };
        Some(resource(object, attributes))
    })
}
