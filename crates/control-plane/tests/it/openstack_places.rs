//! What a farm role can say of a server on OpenStack alone.

use serde_json::{Value, json};

use crate::{
    farms::{all, farm, gone, machines, on_private, openstack, role, tier, vsphere},
    support::{TestServer, eventually},
};

fn root_volume(size: Value) -> Value {
    json!([{ "type": "RootStorageConfiguration", "template": { "size": size, "type": "__DEFAULT__" } }])
}

#[tokio::test]
async fn a_farm_role_has_its_servers_boot_from_volumes() {
    let cloud = dev_clouds::openstack();
    let server = TestServer::start().await;
    let place = openstack(&server, &cloud, "demo").await;
    let place = on_private(&server, place).await;
    let name = format!("volumes{}", std::process::id());
    let role = role(&server, &name, &[&place]).await;
    let farm = farm(&server, json!({ "name": name })).await;
    let tiers = format!("{farm}farm-roles/");
    let mut new = tier("web", role, &place);
    let two = [root_volume(json!(1)), root_volume(json!(1))].map(|it| it[0].clone());
    for (wrong, expected) in [
        (root_volume(json!(0)), "InvalidValue"),
        (root_volume(json!(16_385)), "InvalidValue"),
        (root_volume(json!("1")), "InvalidStructure"),
        (json!(two), "InvalidValue"),
        (json!([{ "type": "PersistentStorageConfiguration", "template": { "size": 1 } }]), "InvalidStructure"),
        (json!([{ "type": "RootStorageConfiguration", "template": { "size": 1, "type": " " } }]), "InvalidValue"),
    ] {
        new["storage"] = wrong;
        assert_eq!(server.post(&tiers, new.clone()).await.error(400), expected, "{new:#}");
    }
    new["storage"] = root_volume(json!(1));
    let tier = server.post(&tiers, new).await.data(201);
    assert_eq!(tier["storage"], root_volume(json!(1)));
    server.post(&format!("{farm}actions/launch/"), json!({})).await.data(200);
    all(&server, &farm, 1, "running").await;
    let there = machines(&server, &place, &name).await;
    assert_eq!((there.len(), &there[0]["attributes"]["imageId"]), (1, &Value::Null), "{there:#?}");
    server.post(&format!("{farm}actions/terminate/"), json!({ "force": false })).await.data(200);
    gone(&server, &farm).await;

    let path = format!("/user/{}/farm-roles/{}/", server.environment_id(), tier["id"]);
    let changed = server.patch(&path, json!({ "storage": null })).await.data(200);
    assert_eq!(changed.get("storage"), None, "{changed:#}");
    server.post(&format!("{farm}actions/launch/"), json!({})).await.data(200);
    all(&server, &farm, 1, "running").await;
    let there = machines(&server, &place, &name).await;
    assert_eq!(there[0]["attributes"]["imageId"], json!(place.image), "{there:#?}");
    server.post(&format!("{farm}actions/terminate/"), json!({ "force": false })).await.data(200);
    gone(&server, &farm).await;
}

#[tokio::test]
async fn a_farm_role_says_where_user_data_is() {
    let cloud = dev_clouds::openstack();
    let server = TestServer::start().await;
    let place = openstack(&server, &cloud, "demo").await;
    let place = on_private(&server, place).await;
    let name = format!("drives{}", std::process::id());
    let role = role(&server, &name, &[&place]).await;
    let farm = farm(&server, json!({ "name": name })).await;
    let tiers = format!("{farm}farm-roles/");
    let mut new = tier("web", role, &place);
    for (wrong, expected) in
        [(json!({ "folder": "group-v3" }), "InvalidValue"), (json!({ "configDrive": 1 }), "InvalidStructure")]
    {
        new["cloudFeatures"] = wrong;
        new["cloudFeatures"]["type"] = json!("OpenstackCloudFeatures");
        assert_eq!(server.post(&tiers, new.clone()).await.error(400), expected, "{new:#}");
    }
    new["cloudFeatures"] = json!({ "type": "OpenstackCloudFeatures", "configDrive": true });
    let tier = server.post(&tiers, new.clone()).await.data(201);
    assert_eq!(tier["cloudFeatures"], new["cloudFeatures"]);
    server.post(&format!("{farm}actions/launch/"), json!({})).await.data(200);
    all(&server, &farm, 1, "running").await;
    let there = machines(&server, &place, &name).await;
    assert_eq!((there.len(), &there[0]["attributes"]["configDrive"]), (1, &json!(true)), "{there:#?}");
    server.post(&format!("{farm}actions/terminate/"), json!({ "force": false })).await.data(200);
    gone(&server, &farm).await;
}

#[tokio::test]
async fn a_server_group_that_is_not_there_is_said() {
    let cloud = dev_clouds::openstack();
    let server = TestServer::start().await;
    let place = openstack(&server, &cloud, "demo").await;
    let place = on_private(&server, place).await;
    let name = format!("groups{}", std::process::id());
    let role = role(&server, &name, &[&place]).await;
    let farm = farm(&server, json!({ "name": name })).await;
    let tiers = format!("{farm}farm-roles/");
    let mut new = tier("web", role, &place);
    new["cloudFeatures"] = json!({ "type": "OpenstackCloudFeatures", "serverGroup": "" });
    assert_eq!(server.post(&tiers, new.clone()).await.error(400), "InvalidValue");
    new["cloudFeatures"]["serverGroup"] = json!("nowhere");
    server.post(&tiers, new).await.data(201);
    server.post(&format!("{farm}actions/launch/"), json!({})).await.data(200);
    let path = format!("{farm}servers/");
    let failed =
        eventually(async || Some(server.get(&path).await.data(200)[0].clone()).filter(|it| it["failure"].is_object()))
            .await;
    let failure = &failed["failure"];
    assert_eq!(failure["class"], "permanent", "{failure:#}");
    assert!(failure["nextSteps"][0].as_str().unwrap().contains("list the server groups"), "{failure:#}");
    server.post(&format!("{farm}actions/terminate/"), json!({ "force": false })).await.data(200);
    gone(&server, &farm).await;
}

#[tokio::test]
async fn a_machine_of_vsphere_has_nothing_of_it() {
    let vcenter = dev_clouds::Vcenter::start(&["-template", "1"]);
    let server = TestServer::start().await;
    let place = vsphere(&server, &vcenter).await;
    let role = role(&server, "plain", &[&place]).await;
    let farm = farm(&server, json!({ "name": "plain" })).await;
    let mut new = tier("web", role, &place);
    new["storage"] = root_volume(json!(1));
    assert_eq!(server.post(&format!("{farm}farm-roles/"), new.clone()).await.error(400), "InvalidValue");
    new["storage"] = Value::Null;
    new["cloudFeatures"]["configDrive"] = json!(true);
    assert_eq!(server.post(&format!("{farm}farm-roles/"), new).await.error(400), "InvalidValue");
}
