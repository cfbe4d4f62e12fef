use cloud::inventory::Resource;

use crate::{
    inventory::{Pages, Place, attributes, list as list_objects, number, resource, texts},
    property_collector::{Wanted, is_true},
};

const SDRS_ENABLED: &str = "podStorageDrsEntry.storageDrsConfig.podConfig.enabled";
const WANTED: Wanted = Wanted {
    kind: "StoragePod",
    properties: &["name", "parent", "overallStatus", "summary", "childEntity", SDRS_ENABLED],
};

/// Datastore clusters.
pub fn list(place: Place<'_>) -> Pages<'_> {
    list_objects(place, WANTED, |object| {
        let summary = object.value("summary");
        let attributes = attributes! {
            "sdrsEnabled": object.text(SDRS_ENABLED).map(is_true),
            "datastores": texts(object.value("childEntity")),
        };
        Some(Resource {
            capacity_bytes: number(summary, "capacity"),
            free_bytes: number(summary, "freeSpace"),
            ..resource(object, attributes)
        })
    })
}
