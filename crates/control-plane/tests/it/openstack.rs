//! The main job on the real OpenStack that `cargo xtask test` starts.

use std::sync::Arc;

use dev_clouds::Openstack;
use serde_json::{Value, json};

use crate::support::{TestServer, eventually};

fn credentials(cloud: &Openstack, name: &str) -> Value {
    json!({
        "cloudCredentialsType": "OpenstackCloudCredentials", "provider": "openstack", "name": name,
        "keystoneUrl": cloud.keystone_url, "userName": "demo", "password": cloud.password, "tenantName": "demo",
        "domainName": "Default",
    })
}

pub async fn linked(server: &TestServer, cloud: &Openstack) -> String {
    let (account, environment) = (server.account_id(), server.environment_id());
    let all = format!("/account/{account}/cloud-credentials/");
    let made = server.post(&all, credentials(cloud, "demo")).await.data(201);
    let link = format!("/account/{account}/environments/{environment}/clouds/openstack/");
    server.post(&link, json!({ "id": made["id"] })).await.data(200);
    made["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn connect_link_and_look() {
    let cloud = dev_clouds::openstack();
    let server = TestServer::start().await;
    let (account, environment) = (server.account_id(), server.environment_id());
    let id = linked(&server, &cloud).await;
    let one = server.get(&format!("/account/{account}/cloud-credentials/{id}/")).await.data(200);
    assert_eq!((&one["status"], &one["sslVerification"]), (&json!("enabled"), &json!(true)));
    assert_eq!(one["usedBy"][0]["name"], "Default");
    let services = one["cloudDetails"]["regions"][0]["services"].as_array().unwrap();
    assert!(
        services.iter().any(|it| it["type"] == "compute" && it["versions"][0].is_object()),
        "{:#}",
        one["cloudDetails"]
    );
    let catalog = server.get(&format!("/account/{account}/cloud-credentials/{id}/catalog/")).await.data(200);
    let nova = catalog.as_array().unwrap().iter().find(|it| it["serviceType"] == "compute" && it["isUsed"] == true);
    assert_eq!(nova.unwrap()["interface"], "public");
    let region = format!("/user/{environment}/clouds/openstack/cloud-locations/RegionOne/");
    let flavors = server.get(&format!("{region}instance-types/?sort=-memory")).await;
    assert_eq!(flavors.body["meta"]["freshness"]["stale"], false);
    let flavors = flavors.data(200);
    assert_eq!(
        (&flavors[0]["name"], &flavors[0]["memory"], &flavors[0]["vcpus"]),
        (&json!("m1.xlarge"), &json!(16.0), &json!(8))
    );
    for flavor in flavors.as_array().unwrap() {
        let same = server.get(&format!("{region}instance-types/?storage={}", flavor["storage"])).await.data(200);
        assert!(same.as_array().unwrap().contains(flavor), "{flavor} among {same}");
    }
    for (noun, name) in [("cloud-images", "tiny"), ("networks", "private"), ("security-groups", "default")] {
        let found = server.get(&format!("{region}{noun}/?name={name}&maxAge=0")).await.data(200);
        assert_eq!(found[0]["name"], name, "{noun}");
    }
    for noun in ["keypairs", "availability-zones", "volume-types", "object-containers", "machines"] {
        server.get(&format!("{region}{noun}/?maxAge=0")).await.data(200);
    }
    assert_eq!(
        server.get(&format!("/user/{environment}/clouds/openstack/cloud-locations/Nowhere/machines/")).await.error(404),
        "ObjectNotFound"
    );
    assert_eq!(
        server.get(&format!("/user/{environment}/clouds/nimbus/cloud-locations/")).await.error(409),
        "NotEnabledPlatform"
    );
}

#[tokio::test]
async fn a_hundred_callers_cause_one_read_and_a_clear_the_next() {
    let cloud = dev_clouds::openstack();
    let server = Arc::new(TestServer::start().await);
    let id = linked(&server, &cloud).await;
    let environment = server.environment_id();
    let syncs = format!("/user/{environment}/clouds/openstack/syncs/");
    eventually(|| async { (server.get(&syncs).await.data(200)[0]["status"] != "running").then_some(()) }).await;
    let path = format!("/user/{environment}/clouds/openstack/cloud-locations/RegionOne/instance-types/");
    tokio::time::sleep(std::time::Duration::from_millis(1500)).await;
    let before = cloud_calls(&server).await;
    let callers = (0..100).map(|_| {
        let (server, path) = (server.clone(), format!("{path}?maxAge=0"));
        tokio::spawn(async move { server.get(&path).await.data(200) })
    });
    for caller in callers.collect::<Vec<_>>() {
        assert_eq!(caller.await.unwrap().as_array().unwrap().len(), 5);
    }
    assert_eq!(cloud_calls(&server).await - before, 1, "calls to the cloud");
    server.get(&path).await.data(200);
    assert_eq!(cloud_calls(&server).await - before, 1, "cached");
    let clear = format!("/account/{}/cloud-credentials/{id}/actions/clear-cache/", server.account_id());
    assert_eq!(server.post(&clear, json!({})).await.data(200), json!({ "nDropped": 5, "syncId": null }));
    server.get(&path).await.data(200);
    assert_eq!(cloud_calls(&server).await - before, 2, "read again after the clear");
}

/// From `/metrics`: requests the server sent to clouds.
pub async fn cloud_calls(server: &TestServer) -> u64 {
    let text = server.client.get(format!("{}/metrics", server.url)).send().await.unwrap().text().await.unwrap();
    let line = text.lines().find(|it| it.starts_with("stackyard_cloud_calls_total")).unwrap();
    line.split(' ').nth(1).unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_wrong_password_is_told_from_a_wrong_project() {
    let cloud = dev_clouds::openstack();
    let server = TestServer::start().await;
    let path = format!("/account/{}/cloud-credentials/", server.account_id());
    for (field, value, told) in [("password", "wrong", "password"), ("tenantName", "nowhere", "project")] {
        let mut body = credentials(&cloud, "wrong");
        body[field] = json!(value);
        let answer = server.post(&path, body).await;
        assert_eq!(answer.error(400), "InvalidValue");
        let message = answer.body["errors"][0]["message"].as_str().unwrap().to_owned();
        assert!(message.contains(told), "{field}: {message}");
    }
    assert_eq!(server.get(&path).await.data(200), json!([]));
}
