//! Live changes as server-sent events, and validations that are followed while they run.

use dev_clouds::{PASSWORD, USER, Vcenter};
use serde_json::{Value, json};

use crate::support::{Events, TestServer};

#[tokio::test]
async fn a_change_arrives_and_a_resumed_stream_misses_nothing() {
    let server = TestServer::start().await;
    let path = format!("/account/{}/stream/", server.account_id());
    let mut events = Events::open(&server, &path, None).await;
    assert_eq!(events.next().await.unwrap().name, "hello");
    let all = format!("/account/{}/environments/", server.account_id());
    server.post(&all, json!({ "name": "first" })).await.data(201);
    let first = events.next().await.unwrap();
    let data: Value = serde_json::from_str(&first.data).unwrap();
    assert_eq!(
        (first.name.as_str(), &data["kind"], &data["body"]["name"]),
        ("environments", &json!("create"), &json!("first"))
    );
    drop(events);
    server.post(&all, json!({ "name": "second" })).await.data(201);
    let mut events = Events::open(&server, &path, Some(&first.id)).await;
    assert_eq!(events.next().await.unwrap().name, "hello");
    assert!(events.next().await.unwrap().data.contains("second"));
    let mut lost = Events::open(&server, &path, Some("999999")).await;
    assert_eq!(lost.next().await.unwrap().name, "reset");
}

#[tokio::test]
async fn a_save_in_the_background_is_followed_to_its_end() {
    let vcenter = Vcenter::start(&[]);
    let server = TestServer::start().await;
    let account = format!("/account/{}", server.account_id());
    let body = json!({
        "cloudCredentialsType": "VmwareCloudCredentials", "name": "followed", "url": vcenter.url, "userName": USER,
        "password": PASSWORD, "sslVerification": false,
    });
    let answer = server.post_async(&format!("{account}/cloud-credentials/"), body).await;
    let run = answer.data(202);
    assert_eq!(run["status"], "running");
    let id = run["id"].as_str().unwrap();
    let mut events = Events::open(&server, &format!("{account}/validations/{id}/stream/"), None).await;
    let mut n_checks = 0;
    let report = loop {
        let event = events.next().await.expect("an end");
        match event.name.as_str() {
            "check" => n_checks += 1,
            _ => break serde_json::from_str::<Value>(&event.data).unwrap(),
        }
    };
    assert_eq!(report["checks"].as_array().unwrap().len(), n_checks);
    assert_ne!(report["status"], "running");
    let saved = server.get(&format!("{account}/cloud-credentials/?name=followed")).await.data(200);
    assert_eq!(saved[0]["id"], report["cloudCredentialsId"]);
    // After a reload the same run is still there.
    assert_eq!(server.get(&format!("{account}/validations/{id}/")).await.data(200)["checks"], report["checks"]);
}
