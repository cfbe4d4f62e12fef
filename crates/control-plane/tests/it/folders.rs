use serde_json::{Value, json};

use crate::{stand_in::StandIn, support::TestServer};

async fn first(server: &TestServer, at: &str, noun: &str, name: &str) -> String {
    let found = server.get(&format!("{at}{noun}/?name={name}&maxAge=0")).await.data(200);
    found[0]["id"].as_str().unwrap_or_else(|| panic!("no {name} among the {noun}")).to_owned()
}

async fn actions(server: &TestServer, noun: &str) -> Vec<Value> {
    let audit = format!("/account/{}/audit/?objectType={noun}", server.account_id());
    let entries = server.get(&audit).await.data(200);
    entries.as_array().unwrap().iter().map(|it| json!([it["action"], it["objectId"]])).collect()
}

#[tokio::test]
async fn folders_and_pools_are_made_and_deleted_at_once_responder() {
    let vcenter = StandIn::start(|_, _| None).await;
    let server = TestServer::start().await;
    let at = vcenter.link(&server).await;
    let folders = format!("{at}folders/");
    let vm = first(&server, &at, "folders", "vm").await;
    let make = async |parent: &str, name: &str| {
        server.post(&folders, json!({ "name": name, "parent": { "id": parent } })).await
    };
    let web = make(&vm, "web").await.data(201);
    assert_eq!(
        (&web["name"], &web["parent"], &web["attributes"]["path"]),
        (&json!("web"), &json!(vm), &json!("vm/web"))
    );
    let web = web["id"].as_str().unwrap();
    let answer = make(&vm, "web").await;
    assert_eq!(answer.error(409), "UnacceptableState");
    let message = answer.body["errors"][0]["message"].as_str().unwrap();
    assert!(message.contains("vm has a web already"), "{message}");
    let inner = make(web, "a/b").await.data(201);
    assert_eq!(inner["name"], "a/b");
    assert_eq!(make("group-none", "x").await.error(409), "ObjectNotFoundOnCloud");
    // A folder of the vCenter that takes no machines.
    assert_eq!(make("group-d1", "x").await.error(409), "ObjectNotFoundOnCloud");
    assert_eq!(make(&vm, " ").await.error(400), "InvalidValue");
    assert_eq!(make(&vm, &"x".repeat(81)).await.error(400), "InvalidValue");

    let delete = async |noun: &str, id: &str| server.delete(&format!("{at}{noun}/{id}/")).await;
    let answer = delete("folders", web).await;
    assert_eq!(answer.error(409), "UnacceptableState");
    let message = answer.body["errors"][0]["message"].as_str().unwrap();
    assert!(message.contains("holds 1 machines, templates or folders"), "{message}");
    assert_eq!(delete("folders", &vm).await.error(409), "UnacceptableObjectConfiguration");
    assert_eq!(delete("folders", inner["id"].as_str().unwrap()).await.status, 204);
    assert_eq!(delete("folders", web).await.status, 204);
    assert_eq!(server.get(&format!("{folders}?name=web")).await.data(200), json!([]), "the list has the change");
    assert_eq!(delete("folders", web).await.error(409), "ObjectNotFoundOnCloud");
    let told = actions(&server, "folders").await;
    assert_eq!(told[0], json!(["folders.delete-failed", web]));
    assert_eq!(told[1], json!(["folders.delete", web]));
    assert_eq!(told.last().unwrap(), &json!(["folders.create", "web"]));

    let root = first(&server, &at, "resource-pools", "Resources").await;
    assert_eq!(delete("resource-pools", &root).await.error(409), "UnacceptableObjectConfiguration");
    assert_eq!(delete("resource-pools", "resgroup-none").await.error(409), "ObjectNotFoundOnCloud");
}
