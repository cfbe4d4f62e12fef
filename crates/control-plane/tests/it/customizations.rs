//! A server that is launched with a customization specification runs when its guest is customized. What the guest says is
//! put into the simulator by the test.

use dev_clouds::Vcenter;
use serde_json::{Value, json};

use crate::{
    farms::{all, farm, gone, role, tier, vsphere},
    live::soap_to,
    support::{TestServer, eventually},
};

async fn say(vcenter: &Vcenter, machine: &str, kind: &str) {
    let event = format!(
        "<eventToPost xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"{kind}\"><key>0</key>\
         <chainId>0</chainId><createdTime>2026-01-01T00:00:00Z</createdTime><userName></userName><vm><name>web</name>\
         <vm type=\"VirtualMachine\">{machine}</vm></vm><template>false</template></eventToPost>"
    );
    soap_to(vcenter, "EventManager", "EventManager", "PostEvent", &event).await;
}

#[tokio::test]
async fn a_server_runs_when_its_guest_is_customized() {
    let vcenter = Vcenter::start(&["-template", "1"]);
    let server = TestServer::with("allowed_cloud_networks = [\"127.0.0.0/8\"]\ncustomization_limit = \"2s\"\n").await;
    let mut place = vsphere(&server, &vcenter).await;
    place.needs["cloudFeatures"]["customizationSpec"] = json!("vcsim-linux");
    let role = role(&server, "customized", &[&place]).await;
    let farm = farm(&server, json!({ "name": "customized" })).await;
    let mut new = tier("web", role, &place);
    new["scaling"] = json!({ "enabled": true, "minInstances": 2, "maxInstances": 2 });
    let tier = server.post(&format!("{farm}farm-roles/"), new).await.data(201);
    server.post(&format!("{farm}actions/launch/"), json!({})).await.data(200);

    let of_farm = format!("{farm}servers/?sort=index");
    let listed = async |index: usize| server.get(&of_farm).await.data(200)[index].clone();
    let failed = eventually(async || Some(listed(0).await).filter(|it| it["failure"].is_object())).await;
    let (waiting, failure) = (&failed["waitingFor"], &failed["failure"]);
    assert_eq!((&failed["status"], &failure["class"]), (&json!("initializing"), &json!("permanent")), "{failed:#}");
    assert_eq!(waiting["for"], "the customization of its guest");
    assert!(waiting["lastError"].as_str().unwrap().contains("does not tell that it began"), "{failed:#}");
    assert!(failure["nextSteps"][0].as_str().unwrap().contains("toolsDeployPkg.log"), "{failed:#}");
    let time = |key: &str| waiting[key].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    assert_eq!(time("until").duration_since(time("since")).as_secs(), 2);

    let path = |it: &Value| format!("/user/{}/servers/{}/", server.environment_id(), it["id"].as_str().unwrap());
    let (first, second) =
        (listed(0).await, eventually(async || Some(listed(1).await).filter(|it| it["status"] == "initializing")).await);
    let look = async |it: &Value| server.post(&format!("{}actions/sync/", path(it)), json!({})).await.data(200);
    say(&vcenter, first["cloudServerId"].as_str().unwrap(), "CustomizationLinuxIdentityFailed").await;
    look(&first).await;
    let failed = eventually(async || {
        let text = |it: &Value| it["waitingFor"]["lastError"].as_str().unwrap_or_default().to_owned();
        Some(listed(0).await).filter(|it| text(it).contains("CustomizationLinuxIdentityFailed"))
    })
    .await;
    assert_eq!(failed["waitingFor"]["until"], failed["waitingFor"]["since"], "it is not waited for");
    assert!(failed["failure"]["evidence"][0].as_str().unwrap().contains("event "), "{failed:#}");

    // The other one is customized, and the first is taken as it is.
    say(&vcenter, second["cloudServerId"].as_str().unwrap(), "CustomizationSucceeded").await;
    look(&second).await;
    let running = eventually(async || Some(listed(1).await).filter(|it| it["status"] == "running")).await;
    assert_eq!((&running["failure"], &running["waitingFor"]), (&Value::Null, &Value::Null));
    let log = format!("/user/{}/event-logs/?server={}", server.environment_id(), second["id"].as_str().unwrap());
    let log = server.get(&log).await.data(200);
    let entry = log.as_array().unwrap().iter().find(|it| it["event"]["id"] == "CustomizationComplete").unwrap();
    assert!(entry["evidence"]["event"].as_str().is_some_and(|it| it.parse::<u32>().is_ok()), "{entry:#}");
    assert_eq!(listed(0).await["status"], "initializing");
    let mut features = place.needs["cloudFeatures"].clone();
    features.as_object_mut().unwrap().remove("customizationSpec");
    let tier = format!("/user/{}/farm-roles/{}/", server.environment_id(), tier["id"]);
    server.patch(&tier, json!({ "cloudFeatures": features })).await.data(200);
    look(&first).await;
    all(&server, &farm, 2, "running").await;

    // Who ran is not asked again.
    let mut features = place.needs["cloudFeatures"].clone();
    features["customizationSpec"] = json!("vcsim-linux");
    server.patch(&tier, json!({ "cloudFeatures": features })).await.data(200);
    server.post(&format!("{farm}actions/suspend/"), json!({})).await.data(200);
    all(&server, &farm, 2, "suspended").await;
    server.post(&format!("{farm}actions/resume/"), json!({})).await.data(200);
    all(&server, &farm, 2, "running").await;
    server.post(&format!("{farm}actions/terminate/"), json!({ "force": false })).await.data(200);
    gone(&server, &farm).await;
}
