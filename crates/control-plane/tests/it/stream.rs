//! Live changes as server-sent events, and validations that are followed while they run.

use std::{net::TcpListener, time::Duration};

use dev_clouds::{PASSWORD, USER, Vcenter};
use jiff::Timestamp;
use serde_json::{Value, json};
use store::Time;

use crate::{
    api_keys::Key,
    audit::database,
    support::{Events, TestServer, eventually},
    teams,
    users::Person,
};

/// Far more than a stream may take to notice; without an end the test would wait for ever.
const PATIENCE: Duration = Duration::from_secs(60);

/// Reads what still comes. What is told to the test is only that the stream ends.
async fn ends(mut events: Events, what: &str) {
    let end = async { while events.next().await.is_some() {} };
    tokio::time::timeout(PATIENCE, end).await.unwrap_or_else(|_| panic!("{what}: the stream goes on"));
}

/// By the console's session.
async fn follow(server: &TestServer, person: &Person, path: &str) -> Events {
    let (cookie, _) = person.login.split_once(' ').unwrap();
    let mut events =
        Events::of(server.client.get(format!("{}/api/v1beta0{path}", server.url)).header("cookie", cookie)).await;
    assert_eq!(events.next().await.unwrap().name, "hello");
    events
}

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
    // A browser asks for what happened after it read who is logged in.
    let mark = server.get("/session/").await.data(200)["lastEventId"].clone();
    server.post(&all, json!({ "name": "third" })).await.data(201);
    let mut events = Events::open(&server, &format!("{path}?lastEventId={mark}"), None).await;
    assert_eq!(events.next().await.unwrap().name, "hello");
    assert!(events.next().await.unwrap().data.contains("third"));
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

/// Up to the one whose topic and kind these are: each as its topic, its kind and its body.
async fn up_to(events: &mut Events, topic: &str, kind: &str) -> Vec<(String, Value, Value)> {
    let mut told = Vec::new();
    loop {
        let event = events.next().await.expect("no end");
        let data: Value = serde_json::from_str(&event.data).unwrap();
        let is_last = event.name == topic && data["kind"] == kind;
        told.push((event.name, data["kind"].clone(), data["body"].clone()));
        if is_last {
            return told;
        }
    }
}

#[tokio::test]
async fn new_locations_and_lists_that_cannot_be_read_are_told_once() {
    let vcenter = Vcenter::start(&[]);
    let server = TestServer::start().await;
    let (account_id, environment) = (server.account_id(), server.environment_id());
    let account = format!("/account/{account_id}");
    let body = json!({
        "cloudCredentialsType": "VmwareCloudCredentials", "name": "vc", "url": vcenter.url, "userName": USER,
        "password": PASSWORD, "sslVerification": false,
    });
    let made = server.post(&format!("{account}/cloud-credentials/"), body).await.data(201);
    let mut events = Events::open(&server, &format!("{account}/stream/"), None).await;
    let link = format!("{account}/environments/{environment}/clouds/vmware/");
    server.post(&link, json!({ "id": made["id"] })).await.data(200);
    let told = up_to(&mut events, "syncs", "succeeded").await;
    let inventory = |told: Vec<(String, Value, Value)>, kind: &str, noun: &str| {
        told.iter().filter(|it| it.0 == "inventory" && it.1 == kind && it.2["noun"] == noun).count()
    };
    assert_eq!(inventory(told.clone(), "changed", "cloud-locations"), 1, "{told:#?}");

    let clouds = format!("/user/{environment}/clouds/vmware/cloud-locations/");
    let locations = server.get(&clouds).await.data(200);
    let machines = format!("{clouds}{}/machines/?maxAge=0", locations[0]["cloudLocation"].as_str().unwrap());
    drop(vcenter);
    let id = made["id"].as_str().unwrap();
    let fails_again = async |before: Option<Time>| {
        let ask = || async {
            // What was read before is still shown.
            server.get(&machines).await.data(200);
            let mut tx = server.server.app.db.read().await.unwrap();
            let states = store::sync_state::list(&mut tx, id).await.unwrap();
            let of_machines = states.into_iter().find(|it| it.noun == "machines").unwrap();
            of_machines.error_at.filter(|it| Some(*it) != before)
        };
        Some(eventually(ask).await)
    };
    let first = fails_again(None).await;
    fails_again(first).await;
    server.post(&format!("{account}/environments/"), json!({ "name": "the last" })).await.data(201);
    let told = up_to(&mut events, "environments", "create").await;
    assert_eq!(inventory(told.clone(), "failed", "machines"), 1, "{told:#?}");
}

#[tokio::test]
async fn a_stream_ends_with_the_login_it_was_opened_by() {
    let server = TestServer::start().await;
    let account_id = server.account_id();
    let path = format!("/account/{account_id}/stream/");
    let url = format!("{}/api/v1beta0{path}", server.url);
    let make = |name: &'static str| Person::make(&server, Some(account_id), name, true);
    let bystander = make("bystander").await;
    let mut other = follow(&server, &bystander, &path).await;

    let ann = make("logout").await;
    let events = follow(&server, &ann, &path).await;
    assert_eq!(ann.delete(&server, "/session/").await.status, 204);
    ends(events, "a logout").await;

    let ann = make("ended").await;
    let events = follow(&server, &ann, &path).await;
    let sessions = format!("/account/{account_id}/users/{}/sessions/", ann.id);
    let id = server.get(&sessions).await.data(200)[0]["id"].as_str().unwrap().to_owned();
    assert_eq!(server.delete(&format!("{sessions}{id}/")).await.status, 204);
    ends(events, "a session that an administrator ended").await;

    let ann = make("token").await;
    let token = ann.post(&server, "/profile/tokens/", json!({ "name": "t" })).await.data(201);
    let events = Events::of(server.client.get(&url).bearer_auth(token["token"].as_str().unwrap())).await;
    let of_session = follow(&server, &ann, &path).await;
    let token = format!("/profile/tokens/{}/", token["id"].as_str().unwrap());
    assert_eq!(ann.delete(&server, &token).await.status, 204);
    ends(events, "a revoked token").await;
    assert_eq!(ann.delete(&server, "/session/").await.status, 204);
    ends(of_session, "the session of the same user").await;

    let ann = make("key").await;
    for change in ["inactive", "deleted"] {
        let key = Key::of(&ann.post(&server, "/profile/api-keys/", json!({ "name": change })).await.data(201));
        let text = ["GET", &format!("/api/v1beta0{path}"), "", ""];
        let events = Events::of(key.sign(server.client.get(&url), text, Timestamp::now())).await;
        let key = format!("/profile/api-keys/{}/", key.id);
        match change {
            "inactive" => drop(ann.patch(&server, &key, json!({ "status": "inactive" })).await.data(200)),
            _ => assert_eq!(ann.delete(&server, &key).await.status, 204),
        }
        ends(events, "an API key").await;
    }

    // Behind the back of this process, as another control plane or a command on the machine does it.
    let ann = make("behind").await;
    let events = follow(&server, &ann, &path).await;
    let db = database(&server).await;
    let mut tx = db.write().await.unwrap();
    assert_eq!(store::sessions::delete_all(&mut tx, ann.id, None).await.unwrap(), 1);
    tx.commit().await.unwrap();
    ends(events, "a session that another process ended").await;

    // Whose login is what it was hears all of it, to this moment.
    server.post(&format!("/account/{account_id}/environments/"), json!({ "name": "the last" })).await.data(201);
    while !other.next().await.expect("nobody ended this one").data.contains("the last") {}
}

#[tokio::test]
async fn a_stream_ends_with_the_user_or_the_permission() {
    let server = TestServer::start().await;
    let account_id = server.account_id();
    let path = format!("/account/{account_id}/stream/");
    let user = |it: &Person| format!("/account/{account_id}/users/{}/", it.id);

    Person::make(&server, Some(account_id), "stays", true).await;
    let ann = Person::make(&server, Some(account_id), "inactive", true).await;
    let token = ann.post(&server, "/profile/tokens/", json!({ "name": "t" })).await.data(201);
    let url = format!("{}/api/v1beta0{path}", server.url);
    let of_token = Events::of(server.client.get(url).bearer_auth(token["token"].as_str().unwrap())).await;
    let events = follow(&server, &ann, &path).await;
    server.patch(&user(&ann), json!({ "status": "inactive" })).await.data(200);
    ends(events, "an inactive user's session").await;
    ends(of_token, "an inactive user's token").await;

    let ann = Person::make(&server, Some(account_id), "deleted", true).await;
    let events = follow(&server, &ann, &path).await;
    assert_eq!(server.delete(&user(&ann)).await.status, 204);
    ends(events, "a deleted user").await;

    let ann = Person::make(&server, Some(account_id), "demoted", true).await;
    let events = follow(&server, &ann, &path).await;
    server.patch(&user(&ann), json!({ "isAdmin": false })).await.data(200);
    ends(events, "an administrator who is none any more").await;

    let ann = Person::make(&server, Some(account_id), "member", false).await;
    let bob = Person::make(&server, Some(account_id), "bob", false).await;
    let permissions = json!({ "environments.read": true, "teams.read": true });
    let role = teams::give(&server, account_id, "Readers", permissions, &[&ann, &bob]).await;
    let (of_ann, mut of_bob) = (follow(&server, &ann, &path).await, follow(&server, &bob, &path).await);
    let teams = server.get(&format!("/account/{account_id}/teams/")).await.data(200);
    let member = format!("/account/{account_id}/teams/{}/members/{}/", teams[0]["id"], ann.id);
    assert_eq!(server.delete(&member).await.status, 204);
    ends(of_ann, "a member who was taken out of the team").await;

    // Part of what a stream tells can be lost, too: then it goes on without that part.
    let role = format!("/account/{account_id}/acl-roles/{role}/");
    server.patch(&role, json!({ "permissions": { "environments.read": true } })).await.data(200);
    server
        .patch(&format!("/account/{account_id}/teams/{}/", teams[0]["id"]), json!({ "name": "secret" }))
        .await
        .data(200);
    server.post(&format!("/account/{account_id}/environments/"), json!({ "name": "told" })).await.data(201);
    loop {
        let event = of_bob.next().await.expect("the stream goes on");
        assert!(!event.data.contains("secret"), "{event:?}");
        if event.data.contains("told") {
            break;
        }
    }
    server.patch(&role, json!({ "permissions": {} })).await.data(200);
    ends(of_bob, "a role without the permission").await;
}

/// A reader of the Scalr scope is nobody in an account, and an account does not learn who else uses what all share.
#[tokio::test]
async fn a_stream_tells_nothing_of_other_accounts() {
    let server = TestServer::start().await;
    let here = server.account_id();
    let elsewhere = server.post("/global/accounts/", json!({ "name": "Elsewhere" })).await.data(201)["id"].clone();
    let environment = server
        .post(&format!("/account/{elsewhere}/environments/"), json!({ "name": "their-environment" }))
        .await
        .data(201);
    let shared = json!({
        "cloudCredentialsType": "VmwareCloudCredentials", "provider": "vmware", "name": "shared",
        "url": "https://127.0.0.1:9/sdk", "userName": USER, "password": PASSWORD,
    });
    let shared = server.post("/global/cloud-credentials/?validate=false", shared).await.data(201);
    let link = format!("/account/{elsewhere}/environments/{}/clouds/vmware/", environment["id"]);
    let link = server.post(&link, json!({ "id": shared["id"] })).await;
    assert!(link.status.is_success(), "{}", link.body);

    let reader = Person::make(&server, None, "reader", false).await;
    let neighbour = Person::make(&server, Some(here), "neighbour", true).await;
    let mut of_reader = follow(&server, &reader, "/global/stream/").await;
    let mut of_neighbour = follow(&server, &neighbour, &format!("/account/{here}/stream/")).await;
    server.post(&format!("/account/{elsewhere}/teams/"), json!({ "name": "their-secret-team" })).await;
    server.post(&format!("/account/{elsewhere}/environments/"), json!({ "name": "their-secret" })).await.data(201);
    let path = format!("/global/cloud-credentials/{}/", shared["id"].as_str().unwrap());
    server.patch(&path, json!({ "description": "the end" })).await.data(200);
    for (who, events) in [("reader", &mut of_reader), ("neighbour", &mut of_neighbour)] {
        loop {
            let event = events.next().await.expect("the stream goes on");
            assert!(!event.data.contains("their-secret"), "{who}: {event:?}");
            if event.data.contains("the end") {
                assert_eq!(event.data.contains("their-environment"), who == "reader", "{who}: {event:?}");
                break;
            }
        }
    }
}

#[tokio::test]
async fn nobody_follows_a_validation_who_may_not_see_it_any_more() {
    let server = TestServer::start().await;
    let account = format!("/account/{}", server.account_id());
    let ann = Person::make(&server, Some(server.account_id()), "ann", true).await;
    // Accepts, and never answers, so that the run outlives the login.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let body = json!({
        "cloudCredentialsType": "OpenstackCloudCredentials", "provider": "openstack", "name": "slow",
        "keystoneUrl": format!("http://{}/v3", silent.local_addr().unwrap()), "userName": "u", "password": "p",
        "tenantName": "t", "domainName": "Default",
    });
    let run = server.post_async(&format!("{account}/cloud-credentials/"), body).await.data(202);
    let run = format!("{account}/validations/{}/", run["id"].as_str().unwrap());
    let (cookie, _) = ann.login.split_once(' ').unwrap();
    let url = format!("{}/api/v1beta0{run}stream/", server.url);
    let mut events = Events::of(server.client.get(url).header("cookie", cookie)).await;
    assert_eq!(ann.delete(&server, "/session/").await.status, 204);
    let end = async {
        while let Some(event) = events.next().await {
            assert_ne!(event.name, "end", "the run is not over, and not for them to see");
        }
    };
    tokio::time::timeout(PATIENCE, end).await.expect("the stream goes on");
    assert_eq!(server.get(&run).await.data(200)["status"], "running");
}
