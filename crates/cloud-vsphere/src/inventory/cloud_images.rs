use cloud::inventory::Resource;
use futures_util::TryStreamExt;

use crate::{
    inventory::{Pages, Place, attributes, collected, resource, text},
    property_collector::{self, Object, Wanted},
    soap::{envelope::MoRef, error::CallError, tree::Node},
};

/// To find the templates: a vCenter cannot be asked for them alone, and all devices of all machines would be too much.
const FIND: Wanted = Wanted { kind: "VirtualMachine", properties: &["config.template"] };
const WANTED: Wanted = Wanted {
    kind: "VirtualMachine",
    properties: &[
        "name",
        "parent",
        "overallStatus",
        "runtime.host",
        "datastore",
        "config.guestId",
        "config.guestFullName",
        "config.version",
        "config.firmware",
        "config.uuid",
        "config.instanceUuid",
        "config.changeVersion",
        "config.hardware.numCPU",
        "config.hardware.numCoresPerSocket",
        "config.hardware.memoryMB",
        "config.hardware.device",
    ],
};
/// Templates in one answer; each comes with all its devices.
const AT_ONCE: usize = 100;

/// Templates: machines with `config.template`.
pub fn list(place: Place<'_>) -> Pages<'_> {
    collected(async move { templates(&place).await })
}

async fn templates(place: &Place<'_>) -> Result<Vec<Resource>, CallError> {
    let found = property_collector::list(place.vcenter, place.datacenter.clone(), FIND, |object| {
        object.is_true("config.template").then(|| object.reference())
    });
    let found: Vec<MoRef> = found.try_collect::<Vec<_>>().await?.into_iter().flatten().collect();
    let mut all = Vec::with_capacity(found.len());
    for some in found.chunks(AT_ONCE) {
        match property_collector::get(place.vcenter, some, WANTED, template).await {
            Ok(templates) => all.extend(templates),
            // One was deleted since: the others one by one.
            Err(err) if err.is_fault("ManagedObjectNotFound") => {
                for one in some {
                    match property_collector::get(place.vcenter, std::slice::from_ref(one), WANTED, template).await {
                        Ok(templates) => all.extend(templates),
                        Err(err) if err.is_fault("ManagedObjectNotFound") => {}
                        Err(err) => return Err(err),
                    }
                }
            }
            Err(err) => return Err(err),
        }
    }
    Ok(all)
}

fn template(object: Object<'_>) -> Resource {
    let devices = object.value("config.hardware.device").into_iter().flat_map(Node::children);
    let disks = devices.filter(|it| it.value_type() == "VirtualDisk");
    let disks: Vec<_> = disks
        .map(|disk| {
            // capacityInKB is there in every version, capacityInBytes since 5.5.
            let bytes = disk.get("capacityInBytes").parse::<u64>().ok();
            let bytes = bytes.or_else(|| Some(disk.get("capacityInKB").parse::<u64>().ok()? * 1024));
            attributes! {
                "key": disk.get("key").parse::<i64>().ok(),
                "label": text(disk.child("deviceInfo"), "label"),
                "diskObjectId": text(Some(disk), "diskObjectId"),
                "capacityBytes": bytes,
            }
        })
        .collect();
    let capacity = disks.iter().filter_map(|it| it.get("capacityBytes")?.as_u64()).sum();
    let attributes = attributes! {
        "folder": object.text("parent"),
        "host": object.text("runtime.host"),
        "datastores": super::texts(object.value("datastore")),
        "guestId": object.text("config.guestId"),
        "guestFullName": object.text("config.guestFullName"),
        "hardwareVersion": object.text("config.version"),
        "firmware": object.text("config.firmware"),
        "biosUuid": object.text("config.uuid"),
        "instanceUuid": object.text("config.instanceUuid"),
        "changeVersion": object.text("config.changeVersion"),
        "numCpu": object.number::<u64>("config.hardware.numCPU"),
        "numCoresPerSocket": object.number::<u64>("config.hardware.numCoresPerSocket"),
        "memoryMib": object.number::<u64>("config.hardware.memoryMB"),
        "disks": disks,
    };
    Resource { capacity_bytes: Some(capacity), ..resource(object, attributes) }
}
