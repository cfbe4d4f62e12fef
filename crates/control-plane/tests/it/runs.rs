//! Runs of checks and synchronisations: how many there are, what they say, and about what.

use dev_clouds::{PASSWORD, USER, Vcenter};
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::{Events, TestServer, eventually};

fn credentials(vcenter: &Vcenter, name: &str) -> Value {
    json!({
        "cloudCredentialsType": "VmwareCloudCredentials", "name": name, "url": vcenter.url, "userName": USER,
        "password": PASSWORD, "sslVerification": false,
    })
}

/// The report of a run when it has ended.
async fn report(server: &TestServer, account: &str, run: &Value) -> Value {
    let path = format!("{account}/validations/{}/", run["id"].as_str().unwrap());
    eventually(|| async {
        let report = server.get(&path).await.data(200);
        (report["status"] != "running").then_some(report)
    })
    .await
}

#[tokio::test]
async fn a_refused_change_says_nothing_about_what_stays() {
    let vcenter = Vcenter::start(&[]);
    let server = TestServer::start().await;
    let account = format!("/account/{}", server.account_id());
    let made = server.post(&format!("{account}/cloud-credentials/"), credentials(&vcenter, "stays")).await.data(201);
    let one = format!("{account}/cloud-credentials/{}/", made["id"].as_str().unwrap());
    let refused = server.patch(&one, json!({ "password": "not it" })).await;
    assert_eq!(refused.error(400), "InvalidValue");
    let whole = server.get(&one).await.data(200);
    let behind = server.patch_async(&one, json!({ "password": "not it either" })).await.data(202);
    assert_eq!(report(&server, &account, &behind).await["status"], "failed");
    assert_eq!(server.get(&one).await.data(200), whole);
    for key in ["status", "lastValidation", "cloudDetails", "updated"] {
        assert_eq!(whole[key], made[key], "{key}");
    }
    let listed = server.get(&format!("{account}/cloud-credentials/")).await.data(200);
    assert_eq!((&listed[0]["status"], &listed[0]["lastValidation"]), (&made["status"], &made["lastValidation"]));
    assert_eq!(server.get(&format!("{one}validations/")).await.data(200).as_array().unwrap().len(), 1);
    let still = server.post(&format!("{one}actions/validate/"), json!({})).await.data(200);
    assert_ne!(still["status"], "failed", "with the secret that stayed: {still:#}");
    let accepted = server.patch(&one, json!({ "password": PASSWORD })).await.data(200);
    assert_ne!(accepted["lastValidation"], made["lastValidation"]);
    assert_eq!(server.get(&format!("{one}validations/")).await.data(200).as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn a_run_of_what_was_changed_meanwhile_enables_nothing() {
    let slow = Vcenter::start(&["-delay", "300"]);
    let server = TestServer::start().await;
    let account = format!("/account/{}", server.account_id());
    let new = format!("{account}/cloud-credentials/?validate=false");
    let made = server.post(&new, credentials(&slow, "moving")).await.data(201);
    let one = format!("{account}/cloud-credentials/{}/", made["id"].as_str().unwrap());
    let run = server.post_async(&format!("{one}actions/validate/"), json!({})).await.data(202);
    let moved = json!({ "url": "https://127.0.0.1:1/sdk", "password": "another" });
    server.patch(&format!("{one}?validate=false"), moved).await.data(200);
    let report = report(&server, &account, &run).await;
    assert_ne!(report["status"], "failed", "of what was there before: {report:#}");
    assert_eq!(server.get(&one).await.data(200)["status"], "disabled");
}

#[tokio::test]
async fn the_log_and_the_stream_tell_who_enabled() {
    let vcenter = Vcenter::start(&[]);
    let server = TestServer::start().await;
    let account = format!("/account/{}", server.account_id());
    let new = format!("{account}/cloud-credentials/?validate=false");
    let made = server.post(&new, credentials(&vcenter, "later")).await.data(201);
    let id = made["id"].as_str().unwrap();
    let mut events = Events::open(&server, &format!("{account}/stream/"), None).await;
    assert_eq!(events.next().await.unwrap().name, "hello");
    let validate = format!("{account}/cloud-credentials/{id}/actions/validate/");
    let report = server.post(&validate, json!({})).await.data(200);
    let mut told = Vec::new();
    while told.len() < 3 {
        let event = events.next().await.unwrap();
        let data: Value = serde_json::from_str(&event.data).unwrap();
        told.push((event.name, data["kind"].clone(), data["body"].clone()));
    }
    let run = |kind: &str, status: &Value| {
        let body = json!({ "id": report["id"], "cloudCredentialsId": id, "status": status });
        ("validations".to_owned(), json!(kind), body)
    };
    assert_eq!(told[0], run("started", &json!("running")));
    assert_eq!(told[1], run("ended", &report["status"]));
    assert_eq!((told[2].0.as_str(), &told[2].1), ("cloud-credentials", &json!("enable")));
    assert_eq!((&told[2].2["id"], &told[2].2["status"]), (&json!(id), &json!("enabled")));
    let log = server.get(&format!("{account}/audit/?action=cloud-credentials.enable")).await.data(200);
    assert_eq!((&log[0]["actorKind"], &log[0]["objectId"]), (&json!("system"), &json!(id)), "{log:#}");
    assert_eq!((&log[0]["before"]["status"], &log[0]["after"]["status"]), (&json!("disabled"), &json!("enabled")));
}

#[tokio::test]
async fn a_save_in_the_background_says_why_nothing_was_saved() {
    let slow = Vcenter::start(&["-delay", "100"]);
    let server = TestServer::start().await;
    let account = format!("/account/{}", server.account_id());
    let all = format!("{account}/cloud-credentials/");
    let body = credentials(&slow, "twice");
    let (first, second) = tokio::join!(server.post_async(&all, body.clone()), server.post_async(&all, body));
    let (first, second) = (first.data(202), second.data(202));
    let reports = [report(&server, &account, &first).await, report(&server, &account, &second).await];
    let refused: Vec<_> = reports.iter().filter(|it| it["status"] == "failed").collect();
    assert_eq!(refused.len(), 1, "{reports:#?}");
    let checks = refused[0]["checks"].as_array().unwrap();
    let failed: Vec<_> = checks.iter().filter(|it| it["status"] == "failed").collect();
    assert_eq!(failed.len(), 1, "{failed:#?}");
    assert!(failed[0]["detail"].as_str().unwrap().contains("named \"twice\""), "{failed:#?}");
    assert_eq!(failed[0]["remedy"], "choose another name");
    let run = format!("{account}/validations/{}/stream/", refused[0]["id"].as_str().unwrap());
    followed(&server, &run, refused[0]).await;
}

/// That who follows a run is told its last check, and at the end the whole report.
async fn followed(server: &TestServer, path: &str, report: &Value) {
    let mut events = Events::open(server, path, None).await;
    let mut checks = Vec::new();
    let end: Value = loop {
        let event = events.next().await.expect("an end");
        let data = serde_json::from_str(&event.data).unwrap();
        match event.name.as_str() {
            "check" => checks.push(data),
            _ => break data,
        }
    };
    assert_eq!(&end, report);
    assert_eq!(&json!(checks), &report["checks"]);
}

#[tokio::test]
async fn a_change_in_the_background_says_why_nothing_was_saved() {
    let slow = Vcenter::start(&["-delay", "100"]);
    let server = TestServer::start().await;
    let account = format!("/account/{}", server.account_id());
    let all = format!("{account}/cloud-credentials/");
    let made = server.post(&format!("{all}?validate=false"), credentials(&slow, "changed")).await.data(201);
    let one = format!("{all}{}/", made["id"].as_str().unwrap());
    let change = json!({ "description": "late", "password": PASSWORD });
    for (meanwhile, told) in [
        (Some(json!({ "description": "first" })), "somebody else changed these credentials meanwhile"),
        (None, "there is no cloud credential"),
    ] {
        let run = server.patch_async(&one, change.clone()).await.data(202);
        match meanwhile {
            Some(other) => drop(server.patch(&one, other).await.data(200)),
            None => assert_eq!(server.delete(&one).await.status, 204),
        }
        let report = report(&server, &account, &run).await;
        assert_eq!(report["status"], "failed", "{report:#}");
        let last = report["checks"].as_array().unwrap().last().unwrap();
        assert_eq!((&last["id"], &last["status"]), (&json!("stackyard.run"), &json!("failed")), "{report:#}");
        assert!(last["detail"].as_str().unwrap().contains(told), "{last:#}");
        assert!(last["remedy"].is_string(), "{last:#}");
        followed(&server, &format!("{account}/validations/{}/stream/", run["id"].as_str().unwrap()), &report).await;
    }
}

#[tokio::test]
async fn one_synchronisation_however_often_it_is_asked_for() {
    let slow = Vcenter::start(&["-delay", "300"]);
    let server = TestServer::start().await;
    let (account, environment) = (server.account_id(), server.environment_id());
    let made =
        server.post(&format!("/account/{account}/cloud-credentials/"), credentials(&slow, "slow")).await.data(201);
    let link = format!("/account/{account}/environments/{environment}/clouds/vmware/");
    server.post(&link, json!({ "id": made["id"] })).await.data(200);
    let cloud = format!("/user/{environment}/clouds/vmware/");
    let ask = || async { server.post(&format!("{cloud}actions/sync/"), json!({})).await.data(202)["id"].clone() };
    let (first, second) = tokio::join!(ask(), ask());
    let clear = format!("/account/{account}/cloud-credentials/{}/actions/clear-cache/", made["id"].as_str().unwrap());
    let third = server.post(&clear, json!({})).await.data(200)["syncId"].clone();
    assert_eq!((&first, &first), (&second, &third));
    let syncs = server.get(&format!("{cloud}syncs/")).await.data(200);
    assert_eq!(syncs.as_array().unwrap().len(), 1, "the one of the link: {syncs:#}");
}

#[tokio::test]
async fn runs_beyond_the_limit_are_refused() {
    let slow = Vcenter::start(&["-delay", "10000"]);
    let server = TestServer::start().await;
    let validate = format!("/account/{}/cloud-credentials/actions/validate/", server.account_id());
    let body = credentials(&slow, "draft");
    for _ in 0..8 {
        server.post_async(&validate, body.clone()).await.data(202);
    }
    let refused = server.post_async(&validate, body).await;
    assert_eq!(refused.error(503), "ServiceUnavailable");
    assert!(refused.body["errors"][0]["message"].as_str().unwrap().contains("8 validations"), "{:#}", refused.body);
}

#[tokio::test]
async fn all_who_wait_for_a_read_get_what_the_reader_got() {
    let vcenter = Vcenter::start(&["-delay", "100"]);
    let server = TestServer::start().await;
    let (account, environment) = (server.account_id(), server.environment_id());
    let made =
        server.post(&format!("/account/{account}/cloud-credentials/"), credentials(&vcenter, "vc")).await.data(201);
    let link = format!("/account/{account}/environments/{environment}/clouds/vmware/");
    server.post(&link, json!({ "id": made["id"] })).await.data(200);
    let cloud = format!("/user/{environment}/clouds/vmware/");
    let locations = server.get(&format!("{cloud}cloud-locations/")).await.data(200);
    // vSphere has none, so there are no rows to show and no time of observation.
    let at = locations[0]["cloudLocation"].as_str().unwrap();
    let path = format!("{cloud}cloud-locations/{at}/security-groups/?maxAge=0");
    let answers = join_all((0..10).map(|_| server.get(&path))).await;
    let statuses: Vec<u16> = answers.iter().map(|it| it.status.as_u16()).collect();
    assert_eq!(statuses, [409; 10], "{:#}", answers[9].body);
}
