//! New files: first under a name of their own, then under the right one, so that nobody takes a half for a whole.

use cloud::{
    CloudError,
    file::{CloudFile, Upload},
};
use cloud_http::HttpError;
use uuid::Uuid;

use super::{Datastore, checked, find, search};
use crate::{
    finish::carry_out,
    inventory::Place,
    property_collector::{self, Object, Wanted},
    soap::{
        envelope::{Call, MoRef},
        error::{CallError, Cause},
    },
};

const ABOVE: Wanted = Wanted { kind: "ManagedEntity", properties: &["name", "parent"] };
/// Folders around a datacenter.
const DEEPEST: usize = 64;

/// Makes the folders above it.
pub async fn upload(place: &Place<'_>, datastore: &str, path: &str, upload: Upload) -> Result<CloudFile, CloudError> {
    let path = checked(path)?;
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    if name.is_empty() {
        return Err(CloudError::Refused("a file needs a name, such as iso/debian-13.iso".to_owned()));
    }
    if is_part_of_machine(name) {
        return Err(CloudError::Refused(format!(
            "{name} would be a part of a machine, through which the files of others can be reached; upload disks and \
             machines in the vCenter itself"
        )));
    }
    let store = find(place, datastore).await?;
    let full = store.path(path);
    if let Some(free) = store.free_bytes.filter(|it| *it < upload.size_bytes) {
        let (size, name) = (upload.size_bytes, &store.name);
        return Err(CloudError::Refused(format!("{full} has {size} bytes, and {name} has room for {free}")));
    }
    if in_folder(place, &store, folder, name).await?.is_some() {
        return Err(CloudError::Conflict(format!(
            "there is a file {full} already; delete it first, or take another name"
        )));
    }
    let size_bytes = upload.size_bytes;
    let part = format!("{path}.{}.part", Uuid::new_v4().simple());
    let outcome = async {
        send(place, &store, &part, upload).await?;
        let arrived = in_folder(place, &store, folder, &part[path.len() - name.len()..]).await?;
        // The size of an empty file is not told.
        if arrived.as_ref().map(|it| it.size_bytes.unwrap_or_default()) != Some(size_bytes) {
            let message = format!("of the {size_bytes} bytes of {full} other ones arrived: {arrived:?}");
            return Err(CloudError::Service { endpoint: place.vcenter.origin.clone(), message });
        }
        rename(place, &store.path(&part), &full).await?;
        let missing = || CloudError::Conflict(format!("{full} is gone again; look who deletes it"));
        in_folder(place, &store, folder, name).await?.ok_or_else(missing)
    };
    match outcome.await {
        Ok(file) => Ok(file),
        Err(err) => Err(without(place, &store, &part, err).await),
    }
}

/// Disks, and what describes a machine: a disk may name the contents of any other by their path.
fn is_part_of_machine(name: &str) -> bool {
    let end = name.rsplit_once('.').map(|(_, end)| end.to_ascii_lowercase()).unwrap_or_default();
    end.starts_with("vm") || end.starts_with("vs") || end == "nvram"
}

/// Nothing where there is no such folder.
async fn in_folder(
    place: &Place<'_>,
    store: &Datastore,
    folder: &str,
    name: &str,
) -> Result<Option<CloudFile>, CloudError> {
    let path = if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
    match search(place, store, folder, name).await {
        Ok(found) => Ok(found.into_iter().find(|it| it.path == path)),
        Err(CloudError::NotFound(_)) => Ok(None),
        Err(err) => Err(err),
    }
}

/// `PUT /folder/PATH?dcPath=…&dsName=…`, as VMware's documentation of `FileManager` has it.
async fn send(place: &Place<'_>, store: &Datastore, part: &str, upload: Upload) -> Result<(), CloudError> {
    let datacenter = path_of(place).await?;
    if let Some((folder, _)) = part.rsplit_once('/') {
        make_folder(place, &store.path(folder)).await?;
    }
    let query = [("dcPath", datacenter.as_str()), ("dsName", &store.name)];
    place.vcenter.upload("/folder", part, &query, upload).await.map_err(|err| match &err.cause {
        Cause::Http(broken @ HttpError::Upload { .. }) => CloudError::Refused(broken.to_string()),
        Cause::Status { status: 401 | 403, .. } => CloudError::Forbidden(format!(
            "to write a file needs the privilege Datastore.FileManagement on {}: {err}",
            store.name
        )),
        _ => err.into(),
    })
}

async fn make_folder(place: &Place<'_>, folder: &str) -> Result<(), CloudError> {
    let manager = file_manager(place).await?;
    let call = Call::change("MakeDirectory", &manager)
        .text("name", folder)
        .reference("datacenter", &place.datacenter)
        .text("createParentDirectories", "true");
    match place.vcenter.call(|_| call.clone(), |_| ()).await {
        Err(err) if err.is_fault("FileAlreadyExists") => Ok(()),
        made => Ok(made?),
    }
}

/// Refused by the vCenter where the new name is taken meanwhile.
async fn rename(place: &Place<'_>, from: &str, to: &str) -> Result<(), CloudError> {
    let manager = file_manager(place).await?;
    let call = Call::change("MoveDatastoreFile_Task", &manager)
        .text("sourceName", from)
        .reference("sourceDatacenter", &place.datacenter)
        .text("destinationName", to)
        .reference("destinationDatacenter", &place.datacenter)
        .text("force", "false");
    carry_out(place, &call, |_| ()).await
}

/// Removes what arrived, and says so where that fails too.
async fn without(place: &Place<'_>, store: &Datastore, part: &str, err: CloudError) -> CloudError {
    let path = store.path(part);
    let removed = async {
        let manager = file_manager(place).await?;
        let call = Call::change("DeleteDatastoreFile_Task", &manager)
            .text("name", &path)
            .reference("datacenter", &place.datacenter);
        carry_out(place, &call, |_| ()).await
    };
    match removed.await {
        Ok(()) | Err(CloudError::NotFound(_)) => err,
        Err(left) => CloudError::Conflict(format!("{err}; and {path} is left, delete it: {left}")),
    }
}

async fn file_manager(place: &Place<'_>) -> Result<MoRef, CloudError> {
    let session = place.vcenter.session().await?;
    let missing = || CloudError::Unsupported(format!("files on datastores at {}", place.vcenter.origin));
    session.content.file_manager.clone().ok_or_else(missing)
}

/// `Folder/DC0`: names from below the root folder to the datacenter.
async fn path_of(place: &Place<'_>) -> Result<String, CallError> {
    let read = |object: Object<'_>| {
        let parent = object.value("parent").map(|it| MoRef::new(it.object_type(), it.text()));
        parent.map(|it| (object.text("name").unwrap_or_default().to_owned(), it))
    };
    let (mut names, mut at) = (Vec::new(), place.datacenter.clone());
    while names.len() < DEEPEST {
        let found = property_collector::get(place.vcenter, &[at], ABOVE, read).await?;
        // The root has none.
        let Some((name, parent)) = found.into_iter().flatten().next() else { break };
        names.push(name);
        at = parent;
    }
    names.reverse();
    Ok(names.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_machines_are_known() {
        for part in ["a.vmdk", "A.VMX", "b.vmtx", "c.vmsd", "d.vswp", "e.nvram", "f.iso.vmdk"] {
            assert!(is_part_of_machine(part), "{part}");
        }
        for other in ["a.iso", "vmx", "a.vmdk.txt", "b.ova", ".part"] {
            assert!(!is_part_of_machine(other), "{other}");
        }
    }
}
