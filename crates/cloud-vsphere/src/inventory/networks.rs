use std::collections::HashMap;

use cloud::inventory::Resource;
use futures_util::TryStreamExt;
use serde_json::{Value, json};

use crate::{
    inventory::{Pages, Place, attributes, collected, name, resource, texts},
    property_collector::{self, Object, Wanted},
    soap::{error::CallError, tree::Node},
};

const SWITCHES: Wanted =
    Wanted { kind: "DistributedVirtualSwitch", properties: &["name", "uuid", "config.uplinkPortgroup"] };
const PORT_GROUPS: Wanted = Wanted {
    kind: "DistributedVirtualPortgroup",
    properties: &[
        "name",
        "parent",
        "overallStatus",
        "tag",
        "summary.accessible",
        "key",
        "config.distributedVirtualSwitch",
        "config.defaultPortConfig",
    ],
};
const OPAQUE: Wanted = Wanted { kind: "OpaqueNetwork", properties: &["name", "parent", "overallStatus", "summary"] };
const STANDARD: Wanted =
    Wanted { kind: "Network", properties: &["name", "parent", "overallStatus", "summary.accessible"] };

/// The tag of port groups that lead out of a switch; machines cannot be attached to them.
const UPLINK_TAG: &str = "SYSTEM/DVS.UPLINKPG";

/// Standard networks, distributed port groups and networks of NSX.
pub fn list(place: Place<'_>) -> Pages<'_> {
    collected(async move {
        let mut all = standard(&place).await?;
        all.extend(port_groups(&place).await?);
        all.extend(opaque(&place).await?);
        Ok(all)
    })
}

async fn standard(place: &Place<'_>) -> Result<Vec<Resource>, CallError> {
    let read = |object: Object<'_>| {
        // The other kinds are derived from this one and come along.
        (object.kind() == "Network").then(|| {
            let accessible = object.text("summary.accessible").map(property_collector::is_true);
            resource(object, network("standard", None, accessible, Value::Null, None, false))
        })
    };
    let pieces = property_collector::list(place.vcenter, place.datacenter.clone(), STANDARD, read);
    Ok(pieces.try_collect::<Vec<_>>().await?.into_iter().flatten().collect())
}

async fn port_groups(place: &Place<'_>) -> Result<Vec<Resource>, CallError> {
    let switches = property_collector::list(place.vcenter, place.datacenter.clone(), SWITCHES, |object| {
        Some((object.id().to_owned(), (name(object), texts(object.value("config.uplinkPortgroup")))))
    });
    let switches: HashMap<_, _> = switches.try_collect::<Vec<_>>().await?.into_iter().flatten().collect();
    let read = |object: Object<'_>| {
        let switch = object.text("config.distributedVirtualSwitch");
        let known = switch.and_then(|it| switches.get(it));
        let mut tags = object.value("tag").into_iter().flat_map(Node::children);
        let is_uplink = tags.any(|it| it.get("key") == UPLINK_TAG)
            || known.is_some_and(|(_, uplinks)| uplinks.iter().any(|it| it == object.id()));
        let switch = switch.map(|id| json!({"id": id, "name": known.map(|(name, _)| name)}));
        let vlan = object.value("config.defaultPortConfig").and_then(|it| it.child("vlan")).map_or(Value::Null, vlan);
        let accessible = object.text("summary.accessible").map(property_collector::is_true);
        Some(resource(object, network("distributed", object.text("key"), accessible, vlan, switch, is_uplink)))
    };
    let pieces = property_collector::list(place.vcenter, place.datacenter.clone(), PORT_GROUPS, read);
    Ok(pieces.try_collect::<Vec<_>>().await?.into_iter().flatten().collect())
}

async fn opaque(place: &Place<'_>) -> Result<Vec<Resource>, CallError> {
    let read = |object: Object<'_>| {
        let summary = object.value("summary");
        let id = summary.map(|it| it.get("opaqueNetworkId")).filter(|it| !it.is_empty());
        let accessible = super::flag(summary, "accessible");
        Some(resource(object, network("opaque", id, accessible, Value::Null, None, false)))
    };
    let pieces = property_collector::list(place.vcenter, place.datacenter.clone(), OPAQUE, read);
    Ok(pieces.try_collect::<Vec<_>>().await?.into_iter().flatten().collect())
}

fn network(
    kind: &str,
    key: Option<&str>,
    accessible: Option<bool>,
    vlan: Value,
    switch: Option<Value>,
    is_uplink: bool,
) -> serde_json::Map<String, Value> {
    attributes! {
        "kind": kind,
        "key": key,
        "accessible": accessible,
        "vlan": vlan,
        "switch": switch,
        "isUplink": is_uplink,
    }
}

/// `{id}`, `{trunk: ["0-4094"]}` or `{privateId}`.
fn vlan(spec: Node<'_>) -> Value {
    match spec.value_type() {
        "VmwareDistributedVirtualSwitchVlanIdSpec" => json!({"id": spec.get("vlanId").parse::<u64>().ok()}),
        "VmwareDistributedVirtualSwitchTrunkVlanSpec" => {
            let ranges = spec.children().filter(|it| it.name() == "vlanId");
            let ranges = ranges.map(|it| format!("{}-{}", it.get("start"), it.get("end")));
            json!({"trunk": ranges.collect::<Vec<_>>()})
        }
        "VmwareDistributedVirtualSwitchPvlanSpec" => json!({"privateId": spec.get("pvlanId").parse::<u64>().ok()}),
        _ => Value::Null,
    }
}
