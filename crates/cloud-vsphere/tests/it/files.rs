use std::{
    io,
    sync::atomic::{AtomicUsize, Ordering},
};

use bytes::Bytes;
use cloud::{
    Cloud, CloudError,
    file::{CloudFile, FileKind, Upload},
    inventory::Noun,
};
use futures_util::{StreamExt, stream};

use crate::{
    lab::Lab,
    responder::{Reply, Responder, answer, vcenter},
    server_responders::{failed, info, location, object},
    support::{Raw, USER, config, connect, machines},
};

impl Lab {
    async fn store(&self) -> String {
        self.resource(Noun::Datastores, "LocalDS_0").await.cloud_id
    }

    async fn files(&self, folder: &str) -> Vec<CloudFile> {
        self.cloud.files(&self.location, &self.store().await, folder).await.unwrap()
    }

    async fn upload(&self, path: &str, upload: Upload) -> Result<CloudFile, CloudError> {
        self.cloud.upload_file(&self.location, &self.store().await, path, upload).await
    }

    async fn delete_file(&self, path: &str) -> Result<(), CloudError> {
        self.cloud.delete_file(&self.location, &self.store().await, path).await
    }
}

/// Pieces of a file that has `size_bytes`.
fn file(size_bytes: u64, pieces: &[&'static [u8]]) -> Upload {
    let pieces: Vec<io::Result<Bytes>> = pieces.iter().map(|it| Ok(Bytes::from_static(it))).collect();
    Upload { size_bytes, pieces: stream::iter(pieces).boxed() }
}

fn paths(files: &[CloudFile]) -> Vec<&str> {
    files.iter().map(|it| it.path.as_str()).collect()
}

#[tokio::test]
async fn what_is_in_a_folder() {
    let lab = Lab::start().await;
    let top = lab.files("").await;
    assert!(top.iter().all(|it| it.kind == FileKind::Folder && it.size_bytes.is_none()), "{top:?}");
    let machine = machines(&lab.cloud, &lab.location).await.remove(0).name;
    assert!(paths(&top).contains(&machine.as_str()), "{top:?}");
    let files = lab.files(&format!("/{machine}/")).await;
    let kind = |name: &str| files.iter().find(|it| it.path == format!("{machine}/{name}")).unwrap();
    assert_eq!(kind("disk1.vmdk").kind, FileKind::Disk);
    assert_eq!(kind(&format!("{machine}.vmx")).kind, FileKind::Config);
    let log = kind("vmware.log");
    assert_eq!(log.kind, FileKind::Log);
    assert!(log.size_bytes.unwrap() > 0 && log.modified_at.is_some(), "{log:?}");
    assert!(files.is_sorted_by_key(|it| &it.path), "{files:?}");

    let store = lab.store().await;
    let err = lab.cloud.files(&lab.location, &store, "nosuch").await.unwrap_err();
    assert!(matches!(&err, CloudError::NotFound(text) if text.contains("(FileNotFound)")), "{err:?}");
    let err = lab.cloud.files(&lab.location, &store, "../..").await.unwrap_err();
    assert!(matches!(err, CloudError::Refused(_)), "{err:?}");
    let err = lab.cloud.files(&lab.location, "datastore-0", "").await.unwrap_err();
    assert!(matches!(err, CloudError::NotFound(_)), "{err:?}");
}

#[tokio::test]
async fn a_file_that_no_machine_uses_is_deleted() {
    let lab = Lab::start().await;
    let mut raw = Raw::log_in(&lab.vcsim.url, USER).await;
    let datacenter = |name: &str| {
        let id = lab.location.0.split('@').next().unwrap();
        format!("<{name} type=\"Datacenter\">{id}</{name}>")
    };
    let disk = format!(
        "<name>[LocalDS_0] spare.vmdk</name>{}<spec xsi:type=\"FileBackedVirtualDiskSpec\"><diskType>thin</diskType>\
         <adapterType>lsiLogic</adapterType><capacityKb>1024</capacityKb></spec>",
        datacenter("datacenter")
    );
    raw.call("VirtualDiskManager", "virtualDiskManager", "CreateVirtualDisk_Task", &disk).await;
    let machine = machines(&lab.cloud, &lab.location).await.remove(0).name;
    for name in ["notes.txt", "notes2.txt"] {
        let copy = format!(
            "<sourceName>[LocalDS_0] {machine}/vmware.log</sourceName>{}<destinationName>[LocalDS_0] {name}\
             </destinationName>{}",
            datacenter("sourceDatacenter"),
            datacenter("destinationDatacenter")
        );
        raw.call("FileManager", "FileManager", "CopyDatastoreFile_Task", &copy).await;
    }
    let before = lab.files("").await;
    let own = ["notes.txt", "notes2.txt", "spare-flat.vmdk", "spare.vmdk"];
    assert!(own.iter().all(|it| paths(&before).contains(it)), "{before:?}");

    // A name is no pattern.
    for wrong in ["*", "notes?.txt", "nosuch.iso"] {
        let err = lab.delete_file(wrong).await.unwrap_err();
        assert!(matches!(&err, CloudError::NotFound(text) if text.contains(wrong)), "{err:?}");
    }
    assert_eq!(lab.files("").await, before);
    lab.delete_file("notes.txt").await.unwrap();
    lab.delete_file("spare.vmdk").await.unwrap();
    let rest: Vec<_> = paths(&before).into_iter().filter(|it| *it == "notes2.txt" || !own.contains(it)).collect();
    assert_eq!(paths(&lab.files("").await), rest);
}

#[tokio::test]
async fn what_a_machine_uses_is_not_deleted() {
    let lab = Lab::start().await;
    let machine = machines(&lab.cloud, &lab.location).await.remove(0);
    let (name, id) = (&machine.name, &machine.cloud_id);
    let before = lab.files(name).await;
    // Its own disk, and the part of it that has the contents.
    for file in ["disk1.vmdk", "disk1-flat.vmdk"] {
        let err = lab.delete_file(&format!("{name}/{file}")).await.unwrap_err();
        let expected = format!("[LocalDS_0] {name}/{file} is used by {name} ({id}); take it from there first");
        assert!(matches!(&err, CloudError::Conflict(text) if *text == expected), "{err:?}");
    }
    let err = lab.delete_file(name).await.unwrap_err();
    assert!(matches!(&err, CloudError::Refused(text) if text.contains("is a folder")), "{err:?}");
    assert_eq!(lab.files(name).await, before);
}

#[tokio::test]
async fn a_file_is_uploaded_as_a_whole_or_not_at_all() {
    let lab = Lab::start().await;
    let made = lab.upload("/media/iso/a b.iso", file(10, &[b"01234", b"56789"])).await.unwrap();
    assert_eq!((made.path.as_str(), made.kind, made.size_bytes), ("media/iso/a b.iso", FileKind::Iso, Some(10)));
    let before = lab.files("media/iso").await;
    assert_eq!(paths(&before), ["media/iso/a b.iso"]);

    let err = lab.upload("media/iso/a b.iso", file(1, &[b"x"])).await.unwrap_err();
    assert!(matches!(&err, CloudError::Conflict(text) if text.contains("delete it first")), "{err:?}");
    let err = lab.upload("media/iso/c.iso", file(10, &[b"01234"])).await.unwrap_err();
    assert!(matches!(&err, CloudError::Refused(text) if text.contains("5 of its bytes are missing")), "{err:?}");
    let err = lab.upload("media/iso/c.iso", file(u64::MAX, &[])).await.unwrap_err();
    assert!(matches!(&err, CloudError::Refused(text) if text.contains("has room for")), "{err:?}");
    for wrong in ["media/iso/c.vmdk", "", "/", "a/../c.iso"] {
        let err = lab.upload(wrong, file(1, &[b"x"])).await.unwrap_err();
        assert!(matches!(err, CloudError::Refused(_)), "{wrong:?}: {err:?}");
    }
    // Nothing of the half remains.
    assert_eq!(lab.files("media/iso").await, before);
    lab.upload("top.iso", file(0, &[])).await.unwrap();
    assert!(paths(&lab.files("").await).contains(&"top.iso"));
}

/// A datastore with one machine, whose only trace of the file is the device, and one file.
fn store(method: &str, body: &str, task: &str) -> Reply {
    let kind = body.split("<type>").nth(1).map(|it| it.split('<').next().unwrap()).unwrap_or_default();
    let reference = |id: &str| format!("<val type=\"HostDatastoreBrowser\">{id}</val>");
    let objects = match (method, kind) {
        ("RetrievePropertiesEx", "Datastore") => {
            let machines = "<val><ManagedObjectReference type=\"VirtualMachine\">vm-9</ManagedObjectReference></val>";
            object("Datastore", "ds-1", &[("name", "<val>ds</val>"), ("browser", &reference("b-1")), ("vm", machines)])
        }
        ("RetrievePropertiesEx", "VirtualMachine") => {
            let cd = "<val><VirtualDevice xsi:type=\"VirtualCdrom\"><backing><fileName>[ds] a.iso</fileName></backing>\
                      </VirtualDevice></val>";
            object("VirtualMachine", "vm-9", &[("name", "<val>web</val>"), ("config.hardware.device", cd)])
        }
        ("RetrievePropertiesEx", "Task") => task.to_owned(),
        (task, _) if task.ends_with("_Task") => return answer(method, "<returnval type=\"Task\">task-1</returnval>"),
        _ => return vcenter(method),
    };
    answer(method, &format!("<returnval>{objects}</returnval>"))
}

const FOUND: &str = "<result xsi:type=\"HostDatastoreBrowserSearchResults\"><file xsi:type=\"IsoImageFileInfo\">\
                     <path>a.iso</path></file><file xsi:type=\"FileInfo\"><path>b.bin</path></file></result>";

#[tokio::test]
async fn a_search_is_waited_for_and_a_mounted_image_is_kept_responder() {
    let n_looks = AtomicUsize::default();
    let responder = Responder::start(move |method, body| {
        let is_look = body.contains("<type>Task</type>");
        let n_looks = if is_look { n_looks.fetch_add(1, Ordering::Relaxed) } else { 0 };
        let state = if n_looks % 2 == 0 { info("running", "") } else { info("success", FOUND) };
        store(method, body, &state)
    })
    .await;
    let cloud = connect(config(&responder.url, &[]));
    let err = cloud.delete_file(&location(), "ds-1", "a.iso").await.unwrap_err();
    assert!(matches!(&err, CloudError::Conflict(text) if text.contains("is used by web (vm-9)")), "{err:?}");
    assert_eq!(responder.count("DeleteDatastoreFile_Task"), 0);
    cloud.delete_file(&location(), "ds-1", "b.bin").await.unwrap();
    assert_eq!(responder.count("DeleteDatastoreFile_Task"), 1);
}

#[tokio::test]
async fn a_file_that_a_host_holds_is_a_conflict_responder() {
    let responder =
        Responder::start(|method, body| store(method, body, &failed("FileLocked", "Unable to access file."))).await;
    let err = connect(config(&responder.url, &[])).files(&location(), "ds-1", "").await.unwrap_err();
    assert!(matches!(&err, CloudError::Conflict(text) if text.contains("(FileLocked)")), "{err:?}");
}
