//! Volumes on a real OpenStack: made once whatever is lost, made larger, used, and deleted without a trace.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::Request,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use dev_clouds::Openstack;
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::Executor;
use store::{Time, Tx, assets};
use tokio::{net::TcpListener, runtime::Runtime, sync::Notify};

use crate::{
    farms::{self, all, farm, gone, role, tier},
    operations::Raw,
    support::{Events, TestServer, eventually},
};

const TOML: &str = "allowed_cloud_networks = [\"127.0.0.0/8\", \"::1/128\"]\n";

fn path(server: &TestServer, rest: &str) -> String {
    format!("/user/{}/volumes/{rest}", server.environment_id())
}

/// Its id.
async fn create(server: &TestServer, name: &str) -> String {
    let new = json!({ "name": name, "cloudLocation": "RegionOne", "sizeGib": 1 });
    let made = server.post(&path(server, ""), new).await.data(201);
    assert_eq!((&made["status"], &made["cloudVolumeId"]), (&json!("creating"), &Value::Null), "{made:#}");
    made["id"].as_str().unwrap().to_owned()
}

async fn until(server: &TestServer, id: &str, status: &str) -> Value {
    eventually(async || {
        let found = server.get(&path(server, &format!("{id}/"))).await.data(200);
        (found["status"] == status).then_some(found)
    })
    .await
}

/// What Cinder has with the mark, asked without its filter.
async fn marked(raw: &Raw, id: &str) -> Vec<Value> {
    let all = raw.get("volumev3", "/volumes/detail").await;
    let ours = |it: &&Value| it["metadata"]["stackyard_mark"] == *id;
    all["volumes"].as_array().unwrap().iter().filter(ours).cloned().collect()
}

async fn delete(server: &TestServer, id: &str) {
    let deleting = server.delete(&path(server, &format!("{id}/"))).await.data(200);
    assert_eq!(deleting["status"], "deleting", "{deleting:#}");
    until(server, id, "deleted").await;
}

#[tokio::test]
async fn a_volume_is_made_used_made_larger_and_deleted() {
    let cloud = dev_clouds::openstack();
    let raw = Raw::new(&cloud, "demo").await;
    let server = TestServer::start().await;
    let place = farms::on_private(&server, farms::openstack(&server, &cloud, "demo").await).await;
    let mut events = Events::open(&server, &format!("/user/{}/stream/", server.environment_id()), None).await;
    let name = format!("data{}", std::process::id());
    let id = create(&server, &name).await;
    let made = until(&server, &id, "ready").await;
    let there = marked(&raw, &id).await;
    assert_eq!((there.len(), &there[0]["id"], &there[0]["name"]), (1, &made["cloudVolumeId"], &json!(name)));
    assert_eq!(
        (&made["cloudStatus"], &made["attachedTo"], &made["failure"]),
        (&json!("available"), &json!([]), &Value::Null)
    );
    let mut kinds = Vec::new();
    while kinds.last().is_none_or(|it| it != "ready") {
        let event = events.next().await.unwrap();
        if event.name == "volumes" {
            let data: Value = serde_json::from_str(&event.data).unwrap();
            assert_eq!((&data["id"], &data["body"]["name"]), (&json!(id), &json!(name)), "{data:#}");
            kinds.push(data["kind"].as_str().unwrap().to_owned());
        }
    }
    assert_eq!(kinds.first().map(String::as_str), Some("create"));

    // Lists, and what is refused.
    let of = |query: &str| path(&server, query);
    let found = server.get(&of(&format!("?nameContains={name}&status=ready&sort=-added"))).await.data(200);
    assert_eq!((found.as_array().unwrap().len(), &found[0]["id"]), (1, &json!(id)));
    assert_eq!(server.get(&of("?status=failed")).await.data(200), json!([]));
    let new = |change: Value| {
        let mut new = json!({ "name": "other", "cloudLocation": "RegionOne", "sizeGib": 1 });
        new.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        new
    };
    for (change, status, code) in [
        (json!({ "name": name }), 409, "UnicityViolation"),
        (json!({ "sizeGib": 0 }), 400, "InvalidValue"),
        (json!({ "sizeGib": 16385 }), 400, "InvalidValue"),
        (json!({ "name": "x".repeat(256) }), 400, "InvalidValue"),
        (json!({ "name": "" }), 400, "InvalidValue"),
        (json!({ "cloudPlatform": "vmware" }), 409, "UnacceptableObjectConfiguration"),
        (json!({ "cloudLocation": "Nowhere" }), 404, "ObjectNotFound"),
        (json!({ "bootable": true }), 400, "InvalidStructure"),
    ] {
        assert_eq!(server.post(&of(""), new(change.clone())).await.error(status), code, "{change}");
    }
    let one = of(&format!("{id}/"));
    assert_eq!(server.patch(&one, json!({ "name": "other" })).await.error(400), "InvalidStructure");

    // Credentials that made it cannot be taken away.
    let clouds = format!("/account/{}/environments/{}/clouds/openstack/", server.account_id(), server.environment_id());
    let held = server.delete(&clouds).await;
    assert_eq!(held.error(409), "ObjectInUse");
    assert!(held.body["errors"][0]["message"].as_str().unwrap().starts_with("1 volumes"), "{:#}", held.body);

    // A server has it, so it is not deleted; it may be made larger.
    let role = role(&server, &name, &[&place]).await;
    let farm = farm(&server, json!({ "name": &name })).await;
    server.post(&format!("{farm}farm-roles/"), tier("web", role, &place)).await.data(201);
    server.post(&format!("{farm}actions/launch/"), json!({})).await.data(200);
    let machine = all(&server, &farm, 1, "running").await.remove(0);
    let servers = format!("/user/{}/servers/{}/", server.environment_id(), machine["id"].as_str().unwrap());
    let reference = json!({ "volume": { "id": made["cloudVolumeId"] } });
    server.post(&format!("{servers}actions/attach-volume/"), reference.clone()).await.data(200);
    let used = eventually(async || {
        let found = server.get(&one).await.data(200);
        (found["attachedTo"] != json!([])).then_some(found)
    })
    .await;
    assert_eq!(used["attachedTo"][0]["server"]["id"], machine["id"], "{used:#}");
    assert_eq!(used["attachedTo"][0]["cloudServerId"], machine["cloudServerId"]);
    let refused = server.delete(&one).await;
    assert_eq!(refused.error(409), "ObjectInUse");
    let message = refused.body["errors"][0]["message"].as_str().unwrap();
    assert!(message.contains(machine["name"].as_str().unwrap()), "{message}");
    let larger = server.patch(&one, json!({ "sizeGib": 2 })).await.data(200);
    assert_eq!((&larger["status"], &larger["sizeGib"]), (&json!("updating"), &json!(2)));
    until(&server, &id, "ready").await;
    assert_eq!(marked(&raw, &id).await[0]["size"], 2);
    assert_eq!(server.patch(&one, json!({ "sizeGib": 1 })).await.error(400), "InvalidValue");
    server.post(&format!("{servers}actions/detach-volume/"), reference).await.data(200);
    eventually(async || (server.get(&one).await.data(200)["cloudStatus"] == "available").then_some(())).await;

    delete(&server, &id).await;
    assert_eq!(marked(&raw, &id).await, Vec::<Value>::new());
    assert_eq!(server.delete(&one).await.error(409), "UnacceptableState");
    assert_eq!(server.patch(&one, json!({ "sizeGib": 3 })).await.error(409), "UnacceptableState");
    let audit = server.get(&format!("/account/{}/audit/?objectId={id}", server.account_id())).await.data(200);
    let mut actions: Vec<_> = audit.as_array().unwrap().iter().map(|it| it["action"].as_str().unwrap()).collect();
    actions.sort_unstable();
    assert_eq!(actions, ["volumes.create", "volumes.delete", "volumes.extend"]);
    server.post(&format!("{farm}actions/terminate/"), json!({ "force": false })).await.data(200);
    gone(&server, &farm).await;
}

/// Since the calls without an answer.
async fn two_minutes_later(server: &TestServer) {
    let sql = "UPDATE assets SET asked_at = asked_at - 120000000 WHERE asked_at IS NOT NULL";
    let mut tx = server.server.app.db.write().await.unwrap();
    let n_rows = match &mut tx {
        Tx::Sqlite(tx) => tx.execute(sql).await.unwrap().rows_affected(),
        Tx::Postgres(tx) => tx.execute(sql).await.unwrap().rows_affected(),
    };
    tx.commit().await.unwrap();
    assert_eq!(n_rows, 2);
}

/// One that was ready and is deleted in the cloud is not made again, empty.
#[tokio::test]
async fn a_volume_that_somebody_deleted_is_missing() {
    let cloud = dev_clouds::openstack();
    let raw = Raw::new(&cloud, "demo").await;
    let server = TestServer::start().await;
    farms::openstack(&server, &cloud, "demo").await;
    let id = create(&server, &format!("lost{}", std::process::id())).await;
    let made = until(&server, &id, "ready").await;
    let there = format!("/volumes/{}", made["cloudVolumeId"].as_str().unwrap());
    raw.call(Method::DELETE, "volumev3", &there, Value::Null).await;
    eventually(async || (raw.call(Method::GET, "volumev3", &there, Value::Null).await.0 == 404).then_some(())).await;
    let mut tx = server.server.app.db.write().await.unwrap();
    assets::look_now(&mut tx, &id, Time::now()).await.unwrap();
    tx.commit().await.unwrap();
    let failed = until(&server, &id, "failed").await;
    assert_eq!(failed["failure"]["class"], "missing", "{failed:#}");
    let evidence = failed["failure"]["evidence"][0].as_str().unwrap();
    assert!(evidence.contains(made["cloudVolumeId"].as_str().unwrap()), "{evidence}");
    assert_eq!(marked(&raw, &id).await, Vec::<Value>::new());
    delete(&server, &id).await;
}

#[tokio::test]
async fn what_the_cloud_refuses_is_explained() {
    let cloud = dev_clouds::openstack();
    let server = TestServer::start().await;
    farms::openstack(&server, &cloud, "demo").await;
    let new = json!({ "name": "refused", "cloudLocation": "RegionOne", "sizeGib": 1, "volumeType": { "id": "none" } });
    let made = server.post(&path(&server, ""), new).await.data(201);
    let id = made["id"].as_str().unwrap();
    let failed = until(&server, id, "failed").await;
    let failure = &failed["failure"];
    assert_eq!(
        (&failure["class"], &failure["summary"]),
        (&json!("permanent"), &json!("the cloud does not take this volume type"))
    );
    assert!(failure["evidence"][0].as_str().unwrap().contains("req-"), "{failure:#}");
    delete(&server, id).await;
}

/// The real cloud, with an answer to an order for a volume that is lost, or not given.
struct Between {
    url: String,
    loses: AtomicBool,
    holds: AtomicBool,
    held: Notify,
}

impl Between {
    async fn start() -> Arc<Between> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let (loses, holds) = (AtomicBool::new(false), AtomicBool::new(false));
        let between = Arc::new(Between { url, loses, holds, held: Notify::new() });
        let router = {
            let (between, client) = (between.clone(), reqwest::Client::builder().no_proxy().build().unwrap());
            Router::new().fallback(move |request: Request| {
                let (between, client) = (between.clone(), client.clone());
                async move { between.forward(&client, request).await }
            })
        };
        tokio::spawn(async move { axum::serve(listener, router).await });
        between
    }

    async fn forward(&self, client: &reqwest::Client, request: Request) -> Response {
        let (parts, body) = request.into_parts();
        let is_order = parts.method == Method::POST && parts.uri.path().ends_with("/volumes");
        let url = format!("http://127.0.0.1:{}", parts.uri.path_and_query().unwrap().as_str().trim_start_matches('/'));
        let mut sent = client.request(parts.method, url).body(to_bytes(body, 1 << 20).await.unwrap());
        for (name, value) in
            parts.headers.iter().filter(|(name, _)| !["host", "content-length"].contains(&name.as_str()))
        {
            sent = sent.header(name, value);
        }
        let answer = sent.send().await.unwrap();
        if is_order && self.holds.load(Ordering::SeqCst) {
            self.held.notify_one();
            std::future::pending::<()>().await;
        }
        if is_order && self.loses.swap(false, Ordering::SeqCst) {
            return (StatusCode::BAD_GATEWAY, "lost").into_response();
        }
        let mut response = Response::builder().status(answer.status());
        for name in ["x-subject-token", "content-type", "x-openstack-request-id", "date", "location"] {
            if let Some(value) = answer.headers().get(name) {
                response = response.header(name, value);
            }
        }
        let body = answer.bytes().await.unwrap();
        let body = match std::str::from_utf8(&body) {
            Ok(text) => text.replace("http://127.0.0.1:", &self.url).into_bytes(),
            Err(_) => body.to_vec(),
        };
        response.body(Body::from(body)).unwrap()
    }
}

#[tokio::test]
async fn a_lost_answer_and_a_kill_leave_one_volume() {
    let cloud = dev_clouds::openstack();
    let raw = Raw::new(&cloud, "demo").await;
    let between = Between::start().await;
    let behind = Openstack { keystone_url: cloud.keystone_url.replace("http://127.0.0.1:", &between.url), ..cloud };
    // A runtime of its own, so that it can die as a process does that is killed.
    let runtime = Runtime::new().unwrap();
    let first = runtime
        .spawn(async move {
            let server = TestServer::with(TOML).await;
            farms::openstack(&server, &behind, "demo").await;
            server
        })
        .await
        .unwrap();
    between.holds.store(true, Ordering::SeqCst);
    let name = format!("killed{}", std::process::id());
    let killed = create(&first, &name).await;
    between.held.notified().await;
    let row = first.get(&path(&first, &format!("{killed}/"))).await.data(200);
    assert_eq!((&row["status"], marked(&raw, &killed).await.len()), (&json!("creating"), 1), "{row:#}");
    runtime.shutdown_background();
    let TestServer { server, data_dir, .. } = first;
    drop(server);
    between.holds.store(false, Ordering::SeqCst);
    let second = TestServer::on(data_dir, TOML).await;
    let ready = until(&second, &killed, "ready").await;
    let there = marked(&raw, &killed).await;
    assert_eq!((there.len(), &there[0]["id"]), (1, &ready["cloudVolumeId"]));

    between.loses.store(true, Ordering::SeqCst);
    let lost = create(&second, &format!("lost-{name}")).await;
    let ready = until(&second, &lost, "ready").await;
    assert!(!between.loses.load(Ordering::SeqCst), "the answer was lost");
    let there = marked(&raw, &lost).await;
    assert_eq!((there.len(), &there[0]["id"]), (1, &ready["cloudVolumeId"]));

    // Something may come of a call without an answer yet, so that nothing being there is not believed at once.
    for id in [&killed, &lost] {
        second.delete(&path(&second, &format!("{id}/"))).await.data(200);
        eventually(async || marked(&raw, id).await.is_empty().then_some(())).await;
    }
    tokio::time::sleep(std::time::Duration::from_secs(3)).await;
    assert_eq!(second.get(&path(&second, &format!("{lost}/"))).await.data(200)["status"], "deleting");
    two_minutes_later(&second).await;
    for id in [&killed, &lost] {
        until(&second, id, "deleted").await;
        assert_eq!(marked(&raw, id).await, Vec::<Value>::new());
    }
}
