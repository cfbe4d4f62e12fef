use cloud::inventory::Resource;

use crate::{
    inventory::{Pages, Place, attributes, flag, list as list_objects, number, resource, text},
    property_collector::Wanted,
};

const WANTED: Wanted = Wanted { kind: "Datastore", properties: &["name", "parent", "overallStatus", "summary"] };

/// Datastores; the parent is a folder or a storage pod.
pub fn list(place: Place<'_>) -> Pages<'_> {
    list_objects(place, WANTED, |object| {
        let summary = object.value("summary");
        let is_in_pod = object.value("parent").is_some_and(|it| it.object_type() == "StoragePod");
        let attributes = attributes! {
            "type": text(summary, "type"),
            "url": text(summary, "url"),
            "accessible": flag(summary, "accessible"),
            "maintenanceMode": text(summary, "maintenanceMode"),
            "multipleHostAccess": flag(summary, "multipleHostAccess"),
            "uncommittedBytes": number(summary, "uncommitted"),
            "storagePod": object.text("parent").filter(|_| is_in_pod),
        };
        Some(Resource {
            capacity_bytes: number(summary, "capacity"),
            free_bytes: number(summary, "freeSpace"),
            ..resource(object, attributes)
        })
    })
}
