//! Files on datastores (`HostDatastoreBrowser`, `FileManager`, `VirtualDiskManager`).

mod upload;
mod users;

use cloud::{
    CloudError,
    file::{CloudFile, FileKind},
};

pub use upload::upload;

use crate::{
    finish::carry_out,
    inventory::Place,
    property_collector::{self, Object, Wanted},
    soap::{
        envelope::{Call, MoRef, escape},
        tree::Node,
    },
};

const WANTED: Wanted = Wanted { kind: "Datastore", properties: &["name", "browser", "vm", "summary.freeSpace"] };

struct Datastore {
    /// As paths have it.
    name: String,
    browser: MoRef,
    machines: Vec<MoRef>,
    free_bytes: Option<u64>,
}

impl Datastore {
    /// `[ds1] web-1/web-1.vmx`.
    fn path(&self, path: &str) -> String {
        format!("[{}] {path}", self.name)
    }
}

/// What is in one folder, by name; the top of the datastore is the empty path.
pub async fn list(place: &Place<'_>, datastore: &str, folder: &str) -> Result<Vec<CloudFile>, CloudError> {
    let folder = checked(folder)?;
    let store = find(place, datastore).await?;
    search(place, &store, folder, "*").await
}

/// Removes one file for good, and of a disk all its parts. [`CloudError::Conflict`] for what a machine uses, as far as this
/// user sees the machines; [`CloudError::Refused`] for folders.
pub async fn delete(place: &Place<'_>, datastore: &str, path: &str) -> Result<(), CloudError> {
    let path = checked(path)?;
    let store = find(place, datastore).await?;
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    // What a name matches as a pattern may be more than the file of that name.
    let found = search(place, &store, folder, name).await?;
    let file = found.into_iter().find(|it| it.path == path);
    let full = store.path(path);
    let file = file.ok_or_else(|| CloudError::NotFound(format!("there is no file {full}")))?;
    if file.kind == FileKind::Folder {
        return Err(CloudError::Refused(format!("{full} is a folder; only single files are deleted")));
    }
    if let Some(machine) = users::find(place, &store.machines, &full).await? {
        let why = format!("{full} is used by {machine}; take it from there first");
        return Err(CloudError::Conflict(why));
    }
    let session = place.vcenter.session().await?;
    let (manager, method) = match file.kind {
        // The file of a disk only describes it; its contents are in others.
        FileKind::Disk if users::whole_disk(name).is_none() => {
            (session.content.virtual_disk_manager.clone(), "DeleteVirtualDisk_Task")
        }
        _ => (session.content.file_manager.clone(), "DeleteDatastoreFile_Task"),
    };
    let manager = manager.ok_or_else(|| CloudError::Unsupported(format!("{method} at {}", place.vcenter.origin)))?;
    let call = Call::change(method, &manager).text("name", &full).reference("datacenter", &place.datacenter);
    carry_out(place, &call, |_| ()).await
}

/// A path without the slashes around it that stays on its datastore.
fn checked(path: &str) -> Result<&str, CloudError> {
    let path = path.trim_matches('/');
    let is_odd = |it: &str| matches!(it, "" | "." | "..") || it.chars().any(char::is_control);
    if !path.is_empty() && path.split('/').any(is_odd) {
        return Err(CloudError::Refused(format!("{path:?} is no path on a datastore, such as web-1/web-1.vmx")));
    }
    Ok(path)
}

async fn find(place: &Place<'_>, id: &str) -> Result<Datastore, CloudError> {
    let read = |object: Object<'_>| {
        let machines = object.value("vm").into_iter().flat_map(Node::children);
        Some(Datastore {
            name: object.text("name")?.to_owned(),
            browser: object.value("browser").map(|it| MoRef::new(it.object_type(), it.text()))?,
            machines: machines.map(|it| MoRef::new("VirtualMachine", it.text())).collect(),
            free_bytes: object.number("summary.freeSpace"),
        })
    };
    let found = property_collector::get(place.vcenter, &[MoRef::new(WANTED.kind, id)], WANTED, read).await?;
    found.into_iter().flatten().next().ok_or_else(|| CloudError::Forbidden(format!("to browse the datastore {id}")))
}

/// `SearchDatastore_Task` of one folder.
async fn search(
    place: &Place<'_>,
    store: &Datastore,
    folder: &str,
    pattern: &str,
) -> Result<Vec<CloudFile>, CloudError> {
    let details = "<details><fileType>true</fileType><fileSize>true</fileSize><modification>true</modification>\
                   <fileOwner>false</fileOwner></details>";
    let spec = format!("<searchSpec>{details}<matchPattern>{}</matchPattern></searchSpec>", escape(pattern));
    let call =
        Call::change("SearchDatastore_Task", &store.browser).text("datastorePath", &store.path(folder)).raw(&spec);
    let read = |result: Node<'_>| {
        let files = result.children().filter(|it| it.name() == "file");
        files.map(|it| file(folder, it)).collect::<Vec<_>>()
    };
    let mut files = carry_out(place, &call, read).await?;
    files.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(files)
}

/// `FileInfo`.
fn file(folder: &str, node: Node<'_>) -> CloudFile {
    let name = node.get("path");
    let kind = match node.value_type() {
        "FolderFileInfo" => FileKind::Folder,
        "VmDiskFileInfo" => FileKind::Disk,
        "IsoImageFileInfo" => FileKind::Iso,
        "FloppyImageFileInfo" => FileKind::Floppy,
        "VmConfigFileInfo" => FileKind::Config,
        "TemplateConfigFileInfo" => FileKind::Template,
        "VmNvramFileInfo" => FileKind::Nvram,
        "VmLogFileInfo" => FileKind::Log,
        "VmSnapshotFileInfo" => FileKind::Snapshot,
        _ => FileKind::Other,
    };
    CloudFile {
        path: if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") },
        kind,
        // Of a folder it says nothing about what is in it.
        size_bytes: node.get("fileSize").parse().ok().filter(|_| kind != FileKind::Folder),
        modified_at: node.get("modification").parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_on_their_datastore() {
        for (given, expected) in [("", ""), ("/", ""), ("a/b.iso", "a/b.iso"), ("/a b/", "a b"), ("..a", "..a")] {
            assert_eq!(checked(given).unwrap(), expected);
        }
        for wrong in ["..", "a/../b", "./a", "a//b", "a\nb"] {
            assert!(matches!(checked(wrong), Err(CloudError::Refused(_))), "{wrong:?}");
        }
    }
}
