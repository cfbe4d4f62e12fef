use serde_json::{Value, json};

use crate::{
    inventory::{Pages, Place, attributes, list as list_objects, resource},
    property_collector::Wanted,
    soap::tree::Node,
};

const WANTED: Wanted =
    Wanted { kind: "ResourcePool", properties: &["name", "parent", "owner", "overallStatus", "config"] };

/// Resource pools and vApps; the parent of a root pool is its compute resource.
pub fn list(place: Place<'_>) -> Pages<'_> {
    list_objects(place, WANTED, |object| {
        let config = object.value("config");
        let attributes = attributes! {
            "owner": object.text("owner"),
            "isVapp": object.kind() == "VirtualApp",
            "isRoot": object.value("parent").is_some_and(|it| it.object_type().ends_with("ComputeResource")),
            "cpuMhz": allocation(config.and_then(|it| it.child("cpuAllocation"))),
            "memoryMib": allocation(config.and_then(|it| it.child("memoryAllocation"))),
        };
        Some(resource(object, attributes))
    })
}

/// `limit` is `null` where there is none.
fn allocation(node: Option<Node<'_>>) -> Value {
    let Some(node) = node else { return Value::Null };
    let number = |name: &str| node.get(name).parse::<i64>().ok().filter(|it| *it >= 0);
    json!({
        "reservation": number("reservation"),
        "limit": number("limit"),
        "isExpandable": node.child("expandableReservation").map(|it| it.text() == "true"),
    })
}
