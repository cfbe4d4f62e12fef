use cloud::{Cloud, CloudError, inventory::Noun, server::Placement};

use crate::{
    lab::Lab,
    server_responders::{Scene, location, object},
    support::{config, connect},
};

#[tokio::test]
async fn a_pool_is_deleted_when_nothing_is_in_it() {
    let lab = Lab::with(&["-template", "1", "-vm", "1", "-pg", "1", "-pool", "2"]).await;
    let delete = async |pool: &str| lab.cloud.delete_resource_pool(&lab.location, pool).await;
    let pool = async |name: &str| lab.resource(Noun::ResourcePools, name).await.cloud_id;
    let (used, empty) = (pool("DC0_C0_RP1").await, pool("DC0_C0_RP2").await);
    let mut spec = lab.spec(1).await;
    let Placement::Vsphere { resource_pool, .. } = &mut spec.placement else { panic!() };
    *resource_pool = Some(used.clone());
    lab.cloud.launch(&spec).await.unwrap();
    let err = delete(&used).await.unwrap_err();
    assert!(matches!(&err, CloudError::Conflict(text) if text.contains("holds 1 machines or pools")), "{err:?}");
    delete(&empty).await.unwrap();
    let err = delete(&empty).await.unwrap_err();
    assert!(matches!(&err, CloudError::NotFound(text) if text.contains("no resource pool")), "{err:?}");
    let err = delete(&pool("Resources").await).await.unwrap_err();
    assert!(matches!(&err, CloudError::Refused(text) if text.contains("the root pool")), "{err:?}");
}

/// What may delete disks is not asked for.
#[tokio::test]
async fn what_comes_into_a_folder_meanwhile_is_unregistered_responder() {
    let types = "<val xsi:type=\"ArrayOfString\"><string>VirtualMachine</string></val>";
    let parent = "<val type=\"Folder\">group-v3</val>";
    let folder = object("Folder", "group-v9", &[("childType", types), ("parent", parent)]);
    let done = "<val xsi:type=\"TaskInfo\"><key>task-2</key><state>success</state></val>";
    let scene = Scene::default().with("Folder", &folder).with("Task", &object("Task", "task-2", &[("info", done)]));
    let responder = scene.start().await;
    let cloud = connect(config(&responder.url, &[]));
    cloud.delete_folder(&location(), "group-v9").await.unwrap();
    let sent = scene.sent.lock().unwrap().join("");
    let expected = "<UnregisterAndDestroy_Task xmlns=\"urn:vim25\"><_this type=\"Folder\">group-v9</_this>";
    assert!(sent.contains(expected), "{sent}");
}
