//! Several control planes on one PostgreSQL.

use std::net::TcpListener;

use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::support::{Postgres, TestServer};

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
    // A minute later, in which the second one has given signs of life.
    let id = of_first.trim_end_matches('/').rsplit_once('/').unwrap().1;
    let age = format!(
        "UPDATE control_planes SET seen_at = seen_at - 61000000 WHERE id = (SELECT run_by FROM validations WHERE id = '{id}')"
    );
    database.execute(&age).await;
    let fourth = first.beside(TOML, &database).await;
    let ended: Value = fourth.get(&of_first).await.data(200);
    assert_eq!((&ended["status"], ended["endedAt"].is_string()), (&json!("failed"), true), "{ended:#}");
    assert_eq!(fourth.get(&of_second).await.data(200)["status"], "running");
    database.remove().await;
}
