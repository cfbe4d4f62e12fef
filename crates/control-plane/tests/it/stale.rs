//! A cloud that goes away, and a credential that the cloud refuses from one day on.

use dev_clouds::{PASSWORD, USER, Vcenter};
use serde_json::{Value, json};

use crate::support::{TestServer, eventually};

async fn link(server: &TestServer, vcenter: &Vcenter) -> (String, String) {
    let (account, environment) = (server.account_id(), server.environment_id());
    let body = json!({
        "cloudCredentialsType": "VmwareCloudCredentials", "name": "going away", "url": vcenter.url, "userName": USER,
        "password": PASSWORD, "sslVerification": false,
    });
    let made = server.post(&format!("/account/{account}/cloud-credentials/"), body).await.data(201);
    let clouds = format!("/account/{account}/environments/{environment}/clouds/");
    server.post(&format!("{clouds}vmware/"), json!({ "id": made["id"] })).await.data(200);
    let syncs = format!("/user/{environment}/clouds/vmware/syncs/");
    eventually(|| async { (server.get(&syncs).await.data(200)[0]["status"] == "succeeded").then_some(()) }).await;
    let locations = server.get(&format!("/user/{environment}/clouds/vmware/cloud-locations/")).await.data(200);
    let location = locations[0]["cloudLocation"].as_str().unwrap();
    (clouds, format!("/user/{environment}/clouds/vmware/cloud-locations/{location}/"))
}

#[tokio::test]
async fn what_is_known_is_shown_as_stale_while_the_cloud_is_down() {
    let vcenter = Vcenter::start(&[]);
    let server = TestServer::start().await;
    let (_, at) = link(&server, &vcenter).await;
    let before = server.get(&format!("{at}machines/")).await.data(200);
    drop(vcenter);
    tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
    let answer = server.get(&format!("{at}machines/?maxAge=0")).await;
    let freshness = &answer.body["meta"]["freshness"];
    assert_eq!((&freshness["stale"], &freshness["source"]), (&json!(true), &json!("store")), "{freshness}");
    assert!(freshness["error"].as_str().unwrap().contains("connection refused"), "{freshness}");
    assert_eq!(answer.data(200), before);
    let system = server.get("/global/system/").await.data(200);
    assert!(system["credentials"][0]["error"].as_str().unwrap().contains("connection refused"), "{system:#}");
}

/// Nothing is asked for its lists when the vCenter itself is gone.
#[tokio::test]
async fn a_synchronisation_that_came_to_no_list_says_why_all_is_old() {
    let vcenter = Vcenter::start(&[]);
    let server = TestServer::with("allowed_cloud_networks = [\"127.0.0.0/8\"]\nsync_interval = \"1s\"\n").await;
    let (_, at) = link(&server, &vcenter).await;
    // Stopped between two synchronisations, not within one.
    eventually(|| async { (server.get("/global/system/").await.data(200)["nRunningSyncs"] == 0).then_some(()) }).await;
    drop(vcenter);
    let error = eventually(|| async {
        let system = server.get("/global/system/").await.data(200);
        system["credentials"][0]["error"].as_str().map(str::to_owned)
    })
    .await;
    assert!(error.contains("cannot reach"), "{error}");
    let freshness = eventually(|| async {
        let answer = server.get(&format!("{at}machines/?maxAge=86400")).await;
        let freshness = answer.body["meta"]["freshness"].clone();
        (freshness["stale"] == true).then_some(freshness)
    })
    .await;
    assert!(freshness["error"].as_str().unwrap().contains("cannot reach"), "{freshness}");
}

#[tokio::test]
async fn a_refused_credential_suspends_its_link_and_recovers_by_itself() {
    let vcenter = Vcenter::start(&[]);
    let configuration = "allowed_cloud_networks = [\"127.0.0.0/8\"]\nsuspend_after = \"1s\"\nsync_interval = \"1s\"\n";
    let server = TestServer::with(configuration).await;
    let (clouds, at) = link(&server, &vcenter).await;
    let environment = server.environment_id();
    let address = vcenter.url.strip_prefix("https://").unwrap().strip_suffix("/sdk").unwrap().to_owned();
    let uuid = vcenter.instance_uuid.clone();
    drop(vcenter);
    let again = |password: &'static str| {
        let flags = ["-listen", &address, "-instance-uuid", &uuid, "-password", password].map(str::to_owned);
        Vcenter::start(&flags.iter().map(String::as_str).collect::<Vec<_>>())
    };
    let changed = again("changed");
    let cloud = || async { server.get(&clouds).await.data(200)[0].clone() };
    let ask = || async { server.post(&format!("/user/{environment}/clouds/vmware/actions/sync/"), json!({})).await };
    let failing: Value = eventually(|| async {
        let _ = ask().await;
        let cloud = cloud().await;
        cloud["authFailingSince"].is_string().then_some(cloud)
    })
    .await;
    assert!(failing["reason"].as_str().unwrap().contains("refused this credential"), "{failing}");
    let suspended: Value = eventually(|| async {
        let _ = ask().await;
        let cloud = cloud().await;
        (cloud["status"] == "suspended").then_some(cloud)
    })
    .await;
    assert!(suspended["suspendedSince"].is_string() && suspended["reason"].is_string(), "{suspended}");
    let refused = ask().await;
    assert_eq!(refused.error(409), "UnacceptableState");
    assert!(refused.body["errors"][0]["message"].as_str().unwrap().contains("is suspended since"), "{}", refused.body);
    let shown = server.get(&format!("{at}machines/?maxAge=0")).await;
    let freshness = shown.body["meta"]["freshness"].clone();
    assert!(freshness["error"].as_str().unwrap().contains("is suspended since"), "{freshness}");
    assert!(!shown.data(200).as_array().unwrap().is_empty());
    drop(changed);
    let _right = again(PASSWORD);
    let recovered = eventually(|| async {
        let cloud = cloud().await;
        (cloud["status"] == "active").then_some(cloud)
    })
    .await;
    assert_eq!((&recovered["reason"], &recovered["authFailingSince"]), (&Value::Null, &Value::Null), "{recovered}");
}
