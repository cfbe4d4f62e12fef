use dev_clouds::Vcenter;
use serde_json::{Value, json};

use crate::{
    farms::{farm, role, tier, vsphere},
    support::TestServer,
    teams,
    users::{Person, message},
};

/// Somebody who may do with farms of the environment what there is, and does not administer the account.
async fn developer(server: &TestServer, name: &str) -> Person {
    let account_id = server.account_id();
    let person = Person::make(server, Some(account_id), name, false).await;
    let permissions = json!({ "farms.manage": true, "farms.launch": true });
    let role = json!({ "name": name, "baseRole": "read-only", "permissions": permissions });
    let role = server.post(&format!("/account/{account_id}/acl-roles/"), role).await.data(201);
    let team = teams::make(server, account_id, name, role["id"].as_str().unwrap(), &[&person]).await;
    let link = format!("/account/{account_id}/environments/{}/teams/", server.environment_id());
    server.post(&link, json!({ "team": { "id": team } })).await.data(201);
    person
}

#[tokio::test]
async fn a_locked_farm_stays_as_it_is() {
    let vcenter = Vcenter::start(&["-template", "1"]);
    let server = TestServer::start().await;
    let place = vsphere(&server, &vcenter).await;
    let role = role(&server, "locked", &[&place]).await;
    let farm = farm(&server, json!({ "name": "shop" })).await;
    let all = format!("{farm}farm-roles/");
    let mut new = tier("web", role, &place);
    new["scaling"] = json!({ "enabled": true, "minInstances": 0, "maxInstances": 1 });
    let id = server.post(&all, new).await.data(201)["id"].as_i64().unwrap();
    let one = format!("/user/{}/farm-roles/{id}/", server.environment_id());
    let before = server.get(&farm).await.data(200);

    let lock = format!("{farm}actions/lock/");
    assert_eq!(server.post(&lock, json!({})).await.error(400), "InvalidStructure");
    assert_eq!(server.post(&lock, json!({ "lockComment": " " })).await.error(400), "InvalidValue");
    for wrong in ["team", "nobody"] {
        let body = json!({ "lockComment": "sales", "unlockPermission": wrong });
        assert_eq!(server.post(&lock, body).await.error(400), "InvalidValue", "{wrong}");
    }
    let unlock = format!("{farm}actions/unlock/");
    assert_eq!(server.post(&unlock, json!({})).await.error(409), "UnacceptableState", "it is not locked");

    let locked = server.post(&lock, json!({ "lockComment": "sales until Monday" })).await.data(200);
    let who = server.get("/profile/").await.data(200);
    let expected = json!({
        "comment": "sales until Monday", "unlockPermission": "anyone",
        "user": { "id": who["id"], "email": who["email"] },
    });
    assert_eq!(locked["locked"], expected);
    assert_eq!(server.get(&farm).await.data(200), locked);
    for (what, answer) in [
        ("patch", server.patch(&farm, json!({ "name": "store" })).await),
        ("delete", server.delete(&farm).await),
        ("launch", server.post(&format!("{farm}actions/launch/"), json!({})).await),
        ("suspend", server.post(&format!("{farm}actions/suspend/"), json!({})).await),
        ("resume", server.post(&format!("{farm}actions/resume/"), json!({})).await),
        ("terminate", server.post(&format!("{farm}actions/terminate/"), json!({ "force": true })).await),
        ("lock", server.post(&lock, json!({ "lockComment": "mine" })).await),
        ("add", server.post(&all, tier("db", role, &place)).await),
        ("change", server.patch(&one, json!({ "alias": "front" })).await),
        ("remove", server.delete(&one).await),
    ] {
        assert_eq!(answer.error(409), "Locked", "{what}");
        let expected = format!("the farm is locked by {}: sales until Monday", who["email"].as_str().unwrap());
        assert_eq!(message(&answer), expected, "{what}");
    }
    assert_eq!(server.patch(&farm, json!({ "locked": null })).await.error(400), "InvalidStructure");
    assert_eq!(server.get(&all).await.data(200).as_array().unwrap().len(), 1);

    let unlocked = server.post(&unlock, json!({})).await.data(200);
    assert_eq!(unlocked, before, "as it was");
    server.patch(&one, json!({ "alias": "front" })).await.data(200);
    assert_eq!(server.post(&format!("{farm}actions/launch/"), json!({})).await.data(200)["status"], "running");
    let audit = format!("/account/{}/audit/?objectType=farms", server.account_id());
    let audit = server.get(&audit).await.data(200);
    let changes: Vec<_> = audit.as_array().unwrap().iter().map(|it| it["action"].as_str().unwrap()).collect();
    assert_eq!(changes, ["farms.launch", "farms.unlock", "farms.lock", "farms.create"]);
    assert_eq!((&audit[1]["before"]["locked"], &audit[1]["after"]["locked"]), (&expected, &Value::Null));
}

#[tokio::test]
async fn a_lock_tells_who_may_end_it() {
    let server = TestServer::start().await;
    let (owner, other) = (developer(&server, "owner").await, developer(&server, "other").await);
    let farms = format!("/user/{}/farms/", server.environment_id());
    let farm = owner.post(&server, &farms, json!({ "name": "shop" })).await.data(201);
    let action = |verb: &str| format!("{farms}{}/actions/{verb}/", farm["id"]);
    let (lock, unlock) = (action("lock"), action("unlock"));

    owner.post(&server, &lock, json!({ "lockComment": "" })).await.data(200);
    let refused = other.post(&server, &action("launch"), json!({})).await;
    assert_eq!(message(&refused), "the farm is locked by owner@example.net");
    other.post(&server, &unlock, json!({})).await.data(200);

    // Also when the owner is not the one who locked it.
    let by_owner = json!({ "lockComment": "sales", "unlockPermission": "owner" });
    let locked = other.post(&server, &lock, by_owner.clone()).await.data(200);
    assert_eq!((&locked["locked"]["user"]["id"], &locked["owner"]["id"]), (&json!(other.id), &json!(owner.id)));
    let refused = other.post(&server, &unlock, json!({})).await;
    assert_eq!(refused.error(403), "PermissionViolation");
    assert!(server.get(&format!("{farms}{}/", farm["id"])).await.data(200)["locked"].is_object());
    let refused = other.post(&server, &action("launch"), json!({})).await;
    assert_eq!(refused.error(409), "Locked");
    let remedy = refused.body["errors"][0]["remedy"].as_str().unwrap();
    assert!(remedy.starts_with("owner@example.net, who owns the farm"), "{remedy}");
    owner.post(&server, &unlock, json!({})).await.data(200);

    // Nobody has to wait for an owner who left.
    owner.post(&server, &lock, by_owner).await.data(200);
    assert_eq!(server.post(&unlock, json!({})).await.data(200).get("locked"), None);
}
