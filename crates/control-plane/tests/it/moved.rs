//! Machines that were moved to another vCenter of the same credential: there, with the same instance UUID, and here no more.

use dev_clouds::Vcenter;
use serde_json::{Value, json};

use crate::{
    farms::{all, farm, gone, linked_vcenters, role, tier},
    live::soap,
    support::{TestServer, eventually},
};

/// What a migration leaves in the vCenter that it leads to: a machine with this instance UUID that runs.
async fn arrive(there: &Vcenter, server: &TestServer, at: &str, instance_uuid: &str, name: &str) {
    let first = async |noun: &str, name: &str| {
        let found = server.get(&format!("{at}{noun}/?maxAge=0&name={name}")).await.data(200);
        found[0]["id"].as_str().unwrap().to_owned()
    };
    let template = server.get(&format!("{at}cloud-images/?maxAge=0")).await.data(200)[0]["id"].clone();
    let pool = server.get(&format!("{at}resource-pools/?maxAge=0")).await.data(200)[0]["id"].clone();
    let fields = format!(
        "<folder type=\"Folder\">{}</folder><name>{name}</name><spec><location><pool type=\"ResourcePool\">{}</pool>\
         </location><template>false</template><config><instanceUuid>{instance_uuid}</instanceUuid>\
         <extraConfig><key>stackyard.phase</key><value xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" \
         xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\" xsi:type=\"xsd:string\">ready</value></extraConfig></config>\
         <powerOn>true</powerOn></spec>",
        first("folders", "vm").await,
        pool.as_str().unwrap()
    );
    soap(there, template.as_str().unwrap(), "CloneVM_Task", &fields).await;
}

async fn leave(here: &Vcenter, id: &str) {
    soap(here, id, "PowerOffVM_Task", "").await;
    soap(here, id, "Destroy_Task", "").await;
}

#[tokio::test]
async fn a_machine_is_followed_to_a_linked_vcenter() {
    let main = Vcenter::start(&["-template", "1", "-plain"]);
    let other = Vcenter::start(&["-template", "1", "-plain"]);
    let server = TestServer::start().await;
    let place = linked_vcenters(&server, &[&main, &other]).await;
    let locations = format!("/user/{}/clouds/vmware/cloud-locations/", server.environment_id());
    let all_locations = server.get(&locations).await.data(200);
    let other_location = all_locations[1]["cloudLocation"].as_str().unwrap().to_owned();
    assert!(other_location.ends_with(&other.instance_uuid), "{all_locations:#}");
    let there = format!("{locations}{other_location}/");

    let role = role(&server, "moved", &[&place]).await;
    let farm = farm(&server, json!({ "name": "moved" })).await;
    let mut new = tier("web", role, &place);
    new["scaling"] = json!({ "enabled": true, "minInstances": 2, "maxInstances": 2 });
    server.post(&format!("{farm}farm-roles/"), new).await.data(201);
    server.post(&format!("{farm}actions/launch/"), json!({})).await.data(200);
    let servers = all(&server, &farm, 2, "running").await;
    let id = |n: usize| servers[n]["id"].as_str().unwrap();
    let machine = |n: usize| servers[n]["cloudServerId"].as_str().unwrap();

    arrive(&other, &server, &there, id(0), "moved-web-1").await;
    leave(&main, machine(0)).await;
    let one = |n: usize| format!("/user/{}/servers/{}/", server.environment_id(), id(n));
    let moved = eventually(async || {
        let now = server.get(&one(0)).await.data(200);
        (now["cloudLocation"] == other_location && now["status"] == "running").then_some(now)
    })
    .await;
    assert_eq!(moved["failure"], Value::Null, "{moved:#}");
    let log = format!("/user/{}/event-logs/?server={}&event=ServerMoved", server.environment_id(), id(0));
    let entry = server.get(&log).await.data(200)[0].clone();
    assert_eq!(entry["evidence"], json!({ "from": place.location, "to": other_location }), "{entry:#}");
    // What is asked of it from now on is asked there.
    server.post(&format!("{}actions/suspend/", one(0)), json!({})).await.data(200);
    eventually(async || (server.get(&one(0)).await.data(200)["status"] == "suspended").then_some(())).await;

    // One that is moved while it is being terminated is not left behind.
    arrive(&other, &server, &there, id(1), "moved-web-2").await;
    leave(&main, machine(1)).await;
    server.post(&format!("{farm}actions/terminate/"), json!({ "force": false })).await.data(200);
    gone(&server, &farm).await;
    let left = server.get(&format!("{there}machines/?maxAge=0&nameContains=moved-")).await.data(200);
    assert_eq!(left, json!([]));
}
