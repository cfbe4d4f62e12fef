//! Which machine a file belongs to.

use cloud::CloudError;

use crate::{
    inventory::{Place, name},
    property_collector::{self, Object, Wanted},
    soap::{envelope::MoRef, tree::Node},
};

const WANTED: Wanted =
    Wanted { kind: "VirtualMachine", properties: &["name", "layoutEx.file", "config.hardware.device"] };
/// Machines that are asked about at once: each tells all its files.
const AT_ONCE: usize = 100;
/// Ends of the names of files that are parts of a disk.
const PARTS: [&str; 6] = ["-flat.vmdk", "-delta.vmdk", "-sesparse.vmdk", "-ctk.vmdk", "-rdm.vmdk", "-rdmp.vmdk"];

/// One machine that has the file among its own, or a device on it, as `web-1 (vm-42)`.
pub async fn find(place: &Place<'_>, machines: &[MoRef], file: &str) -> Result<Option<String>, CloudError> {
    let whole = whole_disk(file);
    let is_it = |text: &str| text == file || Some(text) == whole.as_deref();
    let read = |object: Object<'_>| {
        let files = object.value("layoutEx.file").into_iter().flat_map(Node::children).map(|it| it.get("name"));
        let devices = object.value("config.hardware.device").into_iter().flat_map(Node::children);
        let mut backings = devices.filter_map(|it| it.child("backing"));
        let is_used = files.into_iter().any(is_it) || backings.any(|it| is_it(it.get("fileName")));
        is_used.then(|| format!("{} ({})", name(object), object.id()))
    };
    for machines in machines.chunks(AT_ONCE) {
        let found = match property_collector::get(place.vcenter, machines, WANTED, read).await {
            Err(err) if err.is_fault("ManagedObjectNotFound") => {
                return Err(CloudError::Conflict(format!("machines of the datastore change; try again: {err}")));
            }
            found => found?,
        };
        if let Some(machine) = found.into_iter().flatten().next() {
            return Ok(Some(machine));
        }
    }
    Ok(None)
}

/// The file that describes the disk of which this one is a part; `None` for others.
pub fn whole_disk(file: &str) -> Option<String> {
    let base = PARTS.iter().find_map(|it| file.strip_suffix(it))?;
    Some(format!("{base}.vmdk"))
}
