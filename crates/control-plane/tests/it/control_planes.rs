//! Several control planes on one PostgreSQL.

use std::net::TcpListener;

use serde_json::{Value, json};
use store::{
    Time,
    syncs::{Sync, SyncStatus},
};
use tokio::runtime::Runtime;

use crate::support::{Events, Postgres, TestServer};

const TOML: &str = "allowed_cloud_networks = [\"127.0.0.0/8\", \"::1/128\"]\n";

/// A run that waits for a cloud which never answers; the path of its report.
async fn run(server: &TestServer, silent: &TcpListener) -> String {
    let account = format!("/account/{}", server.account_id());
    let body = json!({
        "cloudCredentialsType": "OpenstackCloudCredentials", "provider": "openstack", "name": "slow",
        "keystoneUrl": format!("http://{}/v3", silent.local_addr().unwrap()), "userName": "u", "password": "p",
        "tenantName": "t", "domainName": "Default",
    });
    let run = server.post_async(&format!("{account}/cloud-credentials/"), body).await.data(202);
    format!("{account}/validations/{}/", run["id"].as_str().unwrap())
}

/// A synchronisation that a control plane ran which is gone; its id and that of its credentials.
async fn orphan(server: &TestServer) -> (String, String) {
    let all = format!("/account/{}/cloud-credentials/?validate=false", server.account_id());
    let body = json!({
        "cloudCredentialsType": "VmwareCloudCredentials", "name": "vc", "url": "https://127.0.0.1:1/sdk",
        "userName": "u", "password": "p",
    });
    let made = server.post(&all, body).await.data(201);
    let sync = Sync {
        id: uuid::Uuid::now_v7().to_string(),
        credential_id: made["id"].as_str().unwrap().to_owned(),
        trigger: "request".to_owned(),
        requested_by: "user u".to_owned(),
        status: SyncStatus::Running,
        started_at: Time::now(),
        ended_at: None,
        n_changes: 0,
        error: None,
        run_by: Some("gone".to_owned()),
    };
    let mut tx = server.server.app.db.write().await.unwrap();
    store::syncs::insert(&mut tx, &sync).await.unwrap();
    tx.commit().await.unwrap();
    (sync.id, sync.credential_id)
}

#[tokio::test]
async fn only_what_a_dead_one_ran_is_ended() {
    let database = Postgres::new().await;
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let first = tempfile::tempdir().unwrap();
    // A runtime of its own, so that it can die as a process does that is killed.
    let runtime = Runtime::new().unwrap();
    let url = database.url.clone();
    let start = async move { TestServer::on_database(first, TOML, Some(&Postgres { url })).await };
    let first = runtime.spawn(start).await.unwrap();
    let of_first = run(&first, &silent).await;

    let second = first.beside(TOML, &database).await;
    let of_second = run(&second, &silent).await;
    assert_eq!(second.get(&of_first).await.data(200)["status"], "running", "the first one lives");

    runtime.shutdown_background();
    let third = first.beside(TOML, &database).await;
    assert_eq!(third.get(&of_first).await.data(200)["status"], "running", "it was seen a moment ago");
    let mut events = Events::open(&second, &format!("/account/{}/stream/", second.account_id()), None).await;
    assert_eq!(events.next().await.unwrap().name, "hello");
    // A minute later, in which the second one has given signs of life.
    let id = of_first.trim_end_matches('/').rsplit_once('/').unwrap().1;
    let age = format!(
        "UPDATE control_planes SET seen_at = seen_at - 61000000 WHERE id = (SELECT run_by FROM validations WHERE id = '{id}')"
    );
    database.execute(&age).await;
    let (sync, credential) = orphan(&second).await;
    let fourth = first.beside(TOML, &database).await;
    let ended: Value = fourth.get(&of_first).await.data(200);
    assert_eq!((&ended["status"], ended["endedAt"].is_string()), (&json!("failed"), true), "{ended:#}");
    let last = ended["checks"].as_array().unwrap().last().unwrap();
    assert_eq!((&last["id"], &last["status"]), (&json!("stackyard.run"), &json!("failed")), "{ended:#}");
    assert!(last["detail"].as_str().unwrap().contains("stopped"), "{ended:#}");
    // Who looks at either through another control plane is told.
    let mut told = Vec::new();
    while told.len() < 2 {
        let event = events.next().await.unwrap();
        let data: Value = serde_json::from_str(&event.data).unwrap();
        if ["ended", "failed"].contains(&data["kind"].as_str().unwrap()) {
            told.push((event.name, data["id"].clone(), data["body"].clone()));
        }
    }
    let of_validation = json!({ "id": id, "cloudCredentialsId": null, "status": "failed" });
    let of_sync = json!({ "id": sync, "cloudCredentialsId": credential, "nChanges": 0 });
    assert_eq!(told[0], ("validations".to_owned(), json!(id), of_validation));
    assert_eq!(told[1], ("syncs".to_owned(), json!(sync), of_sync));
    assert_eq!(fourth.get(&of_second).await.data(200)["status"], "running");
    database.remove().await;
}
