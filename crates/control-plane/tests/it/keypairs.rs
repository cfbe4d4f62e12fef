//! The keypairs of farms on a real OpenStack: made once, given to servers, shown to who may see them, and gone with the farm.

use control_plane::{
    admin::rekey::rekey,
    secrets::{SecretError, private_key_place},
};
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::Executor;
use store::{DbError, Tx};
use uuid::Uuid;

use crate::{
    farms::{all, farm, gone, on_private, openstack, openstack_with, role, tier, vsphere},
    operations::Raw,
    support::{Events, TestServer, eventually},
};

async fn keypairs(server: &TestServer, farm: &str) -> Vec<Value> {
    server.get(&format!("{farm}keypairs/?sort=added")).await.data(200).as_array().unwrap().clone()
}

/// What Nova has of these, in their order.
async fn there(raw: &Raw, keypairs: &[Value]) -> Vec<Value> {
    let all = raw.get("compute", "/os-keypairs").await;
    let all: Vec<Value> = all["keypairs"].as_array().unwrap().iter().map(|it| it["keypair"].clone()).collect();
    keypairs.iter().filter_map(|it| all.iter().find(|found| found["name"] == it["name"]).cloned()).collect()
}

async fn key_names(raw: &Raw, servers: &[Value]) -> Vec<Value> {
    let mut names = Vec::new();
    for server in servers {
        let path = format!("/servers/{}", server["cloudServerId"].as_str().unwrap());
        names.push(raw.get("compute", &path).await["server"]["key_name"].clone());
    }
    names
}

async fn terminate(server: &TestServer, farm: &str) {
    server.post(&format!("{farm}actions/terminate/"), json!({ "force": false })).await.data(200);
    gone(server, farm).await;
}

async fn until_deleted(server: &TestServer, farm: &str) {
    eventually(async || keypairs(server, farm).await.iter().all(|it| it["status"] == "deleted").then_some(())).await;
}

#[tokio::test]
async fn a_farm_has_a_keypair_of_its_own() {
    let cloud = dev_clouds::openstack();
    let raw = Raw::new(&cloud, "demo").await;
    let server = TestServer::start().await;
    let mut events = Events::open(&server, &format!("/user/{}/stream/", server.environment_id()), None).await;
    let place = on_private(&server, openstack(&server, &cloud, "demo").await).await;
    let name = format!("keys{}", std::process::id());
    let role = role(&server, &name, &[&place]).await;
    let farm = farm(&server, json!({ "name": name })).await;
    let mut new = tier("web", role, &place);
    new["scaling"] = json!({ "enabled": true, "minInstances": 3, "maxInstances": 4 });
    let web = server.post(&format!("{farm}farm-roles/"), new).await.data(201);
    assert_eq!(keypairs(&server, &farm).await, Vec::<Value>::new(), "nothing before a launch");
    server.post(&format!("{farm}actions/launch/"), json!({})).await.data(200);
    let servers = all(&server, &farm, 3, "running").await;

    let made = keypairs(&server, &farm).await;
    let [one] = made.as_slice() else { panic!("{made:#?}") };
    assert_eq!((&one["status"], &one["cloudLocation"]), (&json!("ready"), &json!("RegionOne")), "{one:#}");
    assert_eq!(one["name"], json!(format!("stackyard-{}", one["id"].as_str().unwrap())));
    assert!(one["fingerprint"].as_str().unwrap().starts_with("SHA256:") && one["failure"].is_null(), "{one:#}");
    let in_nova = there(&raw, &made).await;
    assert_eq!((in_nova.len(), &in_nova[0]["public_key"]), (1, &one["publicKey"]));
    assert_eq!(key_names(&raw, &servers).await, vec![one["name"].clone(); 3]);
    loop {
        let event = events.next().await.unwrap();
        if event.name == "keypairs" {
            assert!(event.data.contains(one["id"].as_str().unwrap()), "{}", event.data);
            break;
        }
    }

    // The private key, for who may see it, before and after a new master key.
    let path = format!("{farm}keypairs/{}/actions/show-private-key/", one["id"].as_str().unwrap());
    let shown = server.post(&path, json!({})).await.data(200);
    let private_key = shown["privateKey"].as_str().unwrap().to_owned();
    assert!(private_key.starts_with("-----BEGIN RSA PRIVATE KEY-----"));
    assert_eq!((&shown["publicKey"], &shown["fingerprint"]), (&one["publicKey"], &one["fingerprint"]));
    let app = &server.server.app;
    rekey(&app.db, &app.secrets, &app.audit_key, &app.config(), None).await.unwrap();
    assert_eq!(server.post(&path, json!({})).await.data(200)["privateKey"], json!(private_key));
    let id = one["id"].as_str().unwrap();
    let audit = server.get(&format!("/account/{}/audit/?objectId={id}", server.account_id())).await.data(200);
    let rows = audit.as_array().unwrap();
    assert_eq!(rows.len(), 2, "{audit:#}");
    assert!(rows.iter().all(|it| it["action"] == "keypairs.show-private-key"), "{audit:#}");
    assert!(!audit.to_string().contains("PRIVATE KEY") && audit.to_string().contains("ssh-rsa"), "{audit:#}");
    let response = server.client.post(format!("{}/api/v1beta0{path}", server.url));
    assert_eq!(response.json(&json!({})).send().await.unwrap().status(), 401);
    let elsewhere = format!("{farm}keypairs/{}/actions/show-private-key/", Uuid::nil());
    assert_eq!(server.post(&elsewhere, json!({})).await.error(404), "ObjectNotFound");

    // Credentials that it was made with stay.
    let clouds = format!("/account/{}/environments/{}/clouds/openstack/", server.account_id(), server.environment_id());
    assert_eq!(server.delete(&clouds).await.error(409), "ObjectInUse");

    // One that somebody deleted comes again, the same, when the next server is launched.
    let in_nova = format!("/os-keypairs/{}", one["name"].as_str().unwrap());
    assert_eq!(raw.call(Method::DELETE, "compute", &in_nova, Value::Null).await.0, 202);
    ready_long_since(&server).await;
    let more = format!("/user/{}/servers/", server.environment_id());
    server.post(&more, json!({ "farmRole": { "id": web["id"] } })).await.data(201);
    let servers = all(&server, &farm, 4, "running").await;
    assert_eq!(key_names(&raw, &servers).await, vec![one["name"].clone(); 4]);
    assert_eq!(there(&raw, &made).await[0]["public_key"], one["publicKey"]);

    terminate(&server, &farm).await;
    until_deleted(&server, &farm).await;
    assert_eq!(there(&raw, &made).await, Vec::<Value>::new());
    assert_eq!(server.post(&path, json!({})).await.error(409), "UnacceptableState");
    let mut tx = app.db.read().await.unwrap();
    let opened = app.secrets.open(&mut tx, &private_key_place(id)).await;
    assert!(matches!(opened, Err(SecretError::Db(DbError::NotFound { .. }))), "it is destroyed");
    drop(tx);

    // The next launch has another.
    server.post(&format!("{farm}actions/launch/"), json!({})).await.data(200);
    all(&server, &farm, 3, "running").await;
    let both = keypairs(&server, &farm).await;
    assert_eq!((both.len(), there(&raw, &both).await.len()), (2, 1), "{both:#?}");
    assert_ne!(both[0]["publicKey"], both[1]["publicKey"]);
    terminate(&server, &farm).await;
    until_deleted(&server, &farm).await;
    assert_eq!(there(&raw, &both).await, Vec::<Value>::new());
    assert_eq!(server.delete(&clouds).await.status, 204, "the credentials are free");
}

/// One that is made again is not made a third time at once.
async fn ready_long_since(server: &TestServer) {
    let sql = "UPDATE assets SET status_since = status_since - 120000000";
    let mut tx = server.server.app.db.write().await.unwrap();
    let n_rows = match &mut tx {
        Tx::Sqlite(tx) => tx.execute(sql).await.unwrap().rows_affected(),
        Tx::Postgres(tx) => tx.execute(sql).await.unwrap().rows_affected(),
    };
    tx.commit().await.unwrap();
    assert_eq!(n_rows, 1);
}

#[tokio::test]
async fn a_farm_role_names_another_keypair_or_none() {
    let cloud = dev_clouds::openstack();
    let raw = Raw::new(&cloud, "demo").await;
    let server = TestServer::start().await;
    let place = on_private(&server, openstack(&server, &cloud, "demo").await).await;
    let name = format!("own-keys{}", std::process::id());
    let body = json!({ "keypair": { "name": name } });
    assert_eq!(raw.call(Method::POST, "compute", "/os-keypairs", body).await.0, 200);
    let role = role(&server, &name, &[&place]).await;
    let farm = farm(&server, json!({ "name": name })).await;
    let tiers = format!("{farm}farm-roles/");
    let features = |more: Value| {
        let mut features = json!({ "type": "OpenstackCloudFeatures" });
        features.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        features
    };
    for (wrong, expected) in [
        (json!({ "keyPair": "" }), "InvalidValue"),
        (json!({ "keyPair": 1 }), "InvalidStructure"),
        (json!({ "keyPair": "mine", "disableKeyPairManagement": true }), "InvalidValue"),
    ] {
        let mut new = tier("wrong", role, &place);
        new["cloudFeatures"] = features(wrong);
        assert_eq!(server.post(&tiers, new.clone()).await.error(400), expected, "{new:#}");
    }
    let mut of = Vec::new();
    for (alias, more) in [
        ("named", json!({ "keyPair": name })),
        ("none", json!({ "disableKeyPairManagement": true })),
        ("missing", json!({ "keyPair": "nobody-has-this" })),
    ] {
        let mut new = tier(alias, role, &place);
        new["cloudFeatures"] = features(more);
        let made = server.post(&tiers, new.clone()).await.data(201);
        assert_eq!(made["cloudFeatures"], new["cloudFeatures"]);
        of.push(made["id"].clone());
    }
    server.post(&format!("{farm}actions/launch/"), json!({})).await.data(200);
    let servers = eventually(async || {
        let servers = server.get(&format!("{farm}servers/")).await.data(200).as_array().unwrap().clone();
        let find = |id: &Value| servers.iter().find(|it| it["farmRole"]["id"] == *id).cloned();
        let [named, none, missing] = [0, 1, 2].map(|n| find(&of[n]).unwrap());
        let is_so = named["status"] == "running" && none["status"] == "running" && missing["failure"].is_object();
        is_so.then_some([named, none, missing])
    })
    .await;
    assert_eq!(key_names(&raw, &servers[..2]).await, [json!(name), Value::Null]);
    let failure = &servers[2]["failure"];
    let summary = "the user of the cloud credentials has no keypair of this name";
    assert_eq!((&failure["class"], &failure["summary"]), (&json!("permanent"), &json!(summary)), "{failure:#}");
    assert_eq!(keypairs(&server, &farm).await, Vec::<Value>::new(), "none is made that nobody needs");
    terminate(&server, &farm).await;
    let (status, _) = raw.call(Method::DELETE, "compute", &format!("/os-keypairs/{name}"), Value::Null).await;
    assert_eq!(status, 202, "what is not ours stays");
}

#[tokio::test]
async fn a_server_says_why_there_is_no_keypair() {
    let cloud = dev_clouds::openstack();
    let admin = Raw::new(&cloud, "admin").await;
    let name = format!("no-keys{}", std::process::id());
    let project = json!({ "project": { "name": name, "domain_id": "default" } });
    let project = admin.call(Method::POST, "identity", "/projects", project).await.1["project"]["id"].clone();
    let project = project.as_str().unwrap();
    let find = async |list: &str| {
        let all = admin.get("identity", &format!("/{list}")).await;
        let wanted = if list == "users" { "demo" } else { "member" };
        let found = all[list].as_array().unwrap().iter().find(|it| it["name"] == wanted).unwrap()["id"].clone();
        found.as_str().unwrap().to_owned()
    };
    let grant = format!("/projects/{project}/users/{}/roles/{}", find("users").await, find("roles").await);
    admin.call(Method::PUT, "identity", &grant, Value::Null).await;
    let quota = format!("/os-quota-sets/{project}");
    let none = json!({ "quota_set": { "key_pairs": 0, "force": true } });
    assert_eq!(admin.call(Method::PUT, "compute", &quota, none).await.0, 200);

    let server = TestServer::start().await;
    let credentials = json!({
        "cloudCredentialsType": "OpenstackCloudCredentials", "provider": "openstack", "name": "lab",
        "keystoneUrl": cloud.keystone_url, "userName": "demo", "password": cloud.password, "tenantName": name,
        "domainName": "Default",
    });
    let place = openstack_with(&server, credentials).await;
    let role = role(&server, &name, &[&place]).await;
    let farm = farm(&server, json!({ "name": name })).await;
    server.post(&format!("{farm}farm-roles/"), tier("web", role, &place)).await.data(201);
    server.post(&format!("{farm}actions/launch/"), json!({})).await.data(200);
    let failed = eventually(async || {
        let servers = server.get(&format!("{farm}servers/")).await.data(200);
        Some(servers[0].clone()).filter(|it| it["failure"].is_object())
    })
    .await;
    let failure = &failed["failure"];
    let summary = "the keypair of the farm is not there: the quota of keypairs of the credentials' user is used up";
    assert_eq!((&failure["class"], &failure["summary"]), (&json!("capacity"), &json!(summary)), "{failure:#}");
    assert_eq!((&failed["status"], failure["nextSteps"].as_array().unwrap().len()), (&json!("pending_launch"), 2));
    let of_farm = keypairs(&server, &farm).await;
    assert_eq!((of_farm.len(), &of_farm[0]["failure"]["class"]), (1, &json!("capacity")));
    terminate(&server, &farm).await;
    until_deleted(&server, &farm).await;
    admin.call(Method::DELETE, "compute", &quota, Value::Null).await;
    admin.call(Method::DELETE, "identity", &format!("/projects/{project}"), Value::Null).await;
}

#[tokio::test]
async fn a_machine_of_vsphere_has_no_keypair() {
    let vcenter = dev_clouds::Vcenter::start(&["-template", "1"]);
    let server = TestServer::start().await;
    let place = vsphere(&server, &vcenter).await;
    let role = role(&server, "keyless", &[&place]).await;
    let farm = farm(&server, json!({ "name": "keyless" })).await;
    let mut new = tier("web", role, &place);
    for features in [json!({ "keyPair": "mine" }), json!({ "disableKeyPairManagement": true })] {
        let mut new = new.clone();
        new["cloudFeatures"].as_object_mut().unwrap().extend(features.as_object().unwrap().clone());
        assert_eq!(server.post(&format!("{farm}farm-roles/"), new).await.error(400), "InvalidValue");
    }
    new["scaling"] = json!({ "enabled": true, "minInstances": 1 });
    server.post(&format!("{farm}farm-roles/"), new).await.data(201);
    server.post(&format!("{farm}actions/launch/"), json!({})).await.data(200);
    all(&server, &farm, 1, "running").await;
    assert_eq!(keypairs(&server, &farm).await, Vec::<Value>::new());
    terminate(&server, &farm).await;
}
