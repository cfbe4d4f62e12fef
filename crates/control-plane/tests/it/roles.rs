use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    images::{image, scopes},
    support::TestServer,
    teams,
    users::{Person, account},
};

fn role(name: &str) -> Value {
    json!({ "name": name, "category": { "id": 1 }, "os": { "id": "debian-12" } })
}

fn id(it: &Value) -> i64 {
    it["id"].as_i64().unwrap()
}

/// An image of these in a location, and its id.
async fn registered(server: &TestServer, all: &str, name: &str, location: &str) -> String {
    let made = server.post(all, image(name, location)).await.data(201);
    made["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_role_lives_and_dies() {
    let server = TestServer::start().await;
    let [global, _, all] = scopes(&server, "roles");
    let made = server.post(&all, role("web")).await.data(201);
    let expected = json!({
        "id": made["id"], "name": "web", "category": { "id": 1 }, "os": { "id": "debian-12" }, "description": "",
        "tags": [], "builtinAutomation": [], "useScalrAgent": false, "quickStart": false, "scope": "environment",
        "deprecated": null,
    });
    assert_eq!(made, expected);
    let path = format!("{all}{}/", id(&made));
    let body = json!({ "name": "Web 2.0", "description": "front", "tags": ["b", "a", "b"], "category": { "id": 7 } });
    let changed = server.patch(&path, body).await.data(200);
    assert_eq!((&changed["name"], &changed["tags"]), (&json!("Web 2.0"), &json!(["b", "a"])));
    assert_eq!(server.get(&path).await.data(200), changed);
    let based = json!({ "builtinAutomation": ["base"], "useScalrAgent": false, "quickStart": false });
    let mut body = role("based");
    body.as_object_mut().unwrap().extend(based.as_object().unwrap().clone());
    let based = server.post(&all, body).await.data(201);
    for (filter, found) in [
        ("category=7", json!([changed])),
        ("builtinAutomation=base", json!([based])),
        ("os=debian-12&useScalrAgent=false&quickStart=false&deprecated=false", json!([changed, based])),
        ("os=debian-11", json!([])),
        ("useScalrAgent=true", json!([])),
        ("scope=environment&sort=-name", json!([based, changed])),
        ("scope=account", json!([])),
    ] {
        assert_eq!(server.get(&format!("{all}?{filter}")).await.data(200), found, "{filter}");
    }
    for name in ["", " x", "-x", "a/b", "x."] {
        assert_eq!(server.post(&all, role(name)).await.error(400), "InvalidValue", "{name:?}");
    }
    for key in ["name", "category", "os"] {
        let mut body = role("x");
        body.as_object_mut().unwrap().remove(key);
        assert_eq!(server.post(&all, body).await.error(400), "InvalidStructure", "{key}");
    }
    for (key, value) in [
        ("useScalrAgent", json!(true)),
        ("quickStart", json!(true)),
        ("builtinAutomation", json!(["chef"])),
        ("os", json!({ "id": "minix" })),
    ] {
        let mut body = role("x");
        body[key] = value;
        assert_eq!(server.post(&all, body).await.error(400), "InvalidValue", "{key}");
    }
    let mut body = role("x");
    body["category"]["id"] = json!(99);
    assert_eq!(server.post(&all, body).await.error(404), "ObjectNotFound");
    assert_eq!(server.patch(&path, json!({ "os": { "id": "debian-11" } })).await.error(400), "InvalidStructure");
    let taken = server.post(&all, role("Web 2.0")).await;
    assert_eq!(taken.error(409), "UnicityViolation");
    let shared = server.post(&global, role("shared")).await.data(201);
    let taken = server.patch(&path, json!({ "name": "shared" })).await;
    assert_eq!(taken.error(409), "UnicityViolation");
    assert!(taken.body["errors"][0]["message"].as_str().unwrap().contains("at Scalr scope"), "{:#}", taken.body);
    let below = format!("{all}{}/", id(&shared));
    assert_eq!(server.get(&below).await.data(200), shared);
    assert_eq!(server.patch(&below, json!({ "name": "x" })).await.error(403), "ScopeViolation");
    assert_eq!(server.delete(&below).await.error(403), "ScopeViolation");
    assert_eq!(server.delete(&path).await.status, 204);
    assert_eq!(server.get(&path).await.error(404), "ObjectNotFound");
}

#[tokio::test]
async fn categories_of_each_scope() {
    let server = TestServer::start().await;
    let [global, of_account, of_environment] = scopes(&server, "role-categories");
    let born = server.get(&global).await.data(200);
    assert_eq!((born.as_array().unwrap().len(), &born[0]["name"]), (8, &json!("Base")));
    let made = server.post(&of_account, json!({ "name": "Ours" })).await.data(201);
    assert_eq!(made, json!({ "id": 9, "name": "Ours", "scope": "account" }));
    assert_eq!(server.post(&of_environment, json!({ "name": "Ours" })).await.error(409), "UnicityViolation");
    assert_eq!(server.post(&of_environment, json!({ "name": "Base" })).await.error(409), "UnicityViolation");
    let path = format!("{of_account}9/");
    let changed = server.patch(&path, json!({ "name": "Own" })).await.data(200);
    assert_eq!(server.get(&format!("{of_environment}?scope=account")).await.data(200), json!([changed]));
    assert_eq!(server.patch(&format!("{of_environment}9/"), json!({ "name": "x" })).await.error(403), "ScopeViolation");
    assert_eq!(server.get(&format!("{global}9/")).await.error(404), "ObjectNotFound");
    let mut body = role("of it");
    body["category"]["id"] = json!(9);
    let [global_roles, _, roles] = scopes(&server, "roles");
    assert_eq!(server.post(&global_roles, body.clone()).await.error(404), "ObjectNotFound");
    let role = server.post(&roles, body).await.data(201);
    assert_eq!(server.delete(&path).await.error(409), "ObjectInUse");
    assert_eq!(server.delete(&format!("{roles}{}/", id(&role))).await.status, 204);
    assert_eq!(server.delete(&path).await.status, 204);
    assert_eq!(server.delete(&format!("{global}8/")).await.status, 204, "those from the beginning too");
}

#[tokio::test]
async fn a_role_has_one_image_in_each_location() {
    let server = TestServer::start().await;
    let [_, images, _] = scopes(&server, "images");
    let [_, of_account, all] = scopes(&server, "roles");
    let role = server.post(&all, role("web")).await.data(201);
    let path = format!("{all}{}/images/", id(&role));
    let first = registered(&server, &images, "first", "RegionOne").await;
    let second = registered(&server, &images, "second", "RegionOne").await;
    let third = registered(&server, &images, "third", "RegionTwo").await;
    let of = |image: &str| json!({ "role": { "id": role["id"] }, "image": { "id": image } });
    let added = server.post(&path, json!({ "image": { "id": first } })).await.data(201);
    assert_eq!(added, of(&first));
    assert_eq!(server.post(&path, of(&second)).await.error(409), "UnicityViolation");
    server.post(&path, of(&third)).await.data(201);
    assert_eq!(server.get(&path).await.data(200), json!([of(&first), of(&third)]));
    assert_eq!(server.get(&format!("{path}?image={third}")).await.data(200), json!([of(&third)]));
    let mut other = of(&second);
    other["role"]["id"] = json!(999);
    assert_eq!(server.post(&path, other).await.error(400), "InvalidValue");
    assert_eq!(server.post(&path, json!({})).await.error(400), "InvalidStructure");
    assert_eq!(server.post(&path, of("00000000")).await.error(404), "ObjectNotFound");
    assert_eq!(server.get(&format!("{path}{first}/")).await.data(200)["name"], "first");
    assert_eq!(server.get(&format!("{path}{second}/")).await.error(404), "ObjectNotFound");
    let mut strange = image("strange", "RegionThree");
    strange["os"]["id"] = json!("debian-11");
    let strange = server.post(&images, strange).await.data(201);
    let mismatch = server.post(&path, of(strange["id"].as_str().unwrap())).await;
    assert_eq!(mismatch.error(409), "OperatingSystemMismatch");

    let used = server.delete(&format!("{images}{first}/")).await;
    assert_eq!(used.error(409), "ObjectInUse");
    assert!(used.body["errors"][0]["message"].as_str().unwrap().contains("1 further down"), "{:#}", used.body);
    let replace = format!("{path}{first}/actions/replace/");
    for wrong in [&first, &third] {
        assert_eq!(server.post(&replace, of(wrong)).await.error(400), "InvalidValue");
    }
    assert_eq!(server.post(&replace, of(&second)).await.data(200), of(&second));
    assert_eq!(server.post(&replace, of(&second)).await.error(404), "ObjectNotFound");
    assert_eq!(server.delete(&format!("{images}{first}/")).await.status, 204);
    assert_eq!(server.delete(&format!("{path}{third}/")).await.status, 204);
    assert_eq!(server.get(&path).await.data(200), json!([of(&second)]));
    // From the account a role of the environment is not seen at all.
    assert_eq!(server.get(&format!("{of_account}{}/images/", id(&role))).await.error(404), "ObjectNotFound");
    // An image of another account cannot be had.
    let others = account(&server, "Other").await;
    let foreign = registered(&server, &format!("/account/{others}/images/"), "foreign", "RegionNine").await;
    assert_eq!(server.post(&path, of(&foreign)).await.error(404), "ObjectNotFound");
}

#[tokio::test]
async fn a_clone_is_of_the_scope_it_is_made_in() {
    let server = TestServer::start().await;
    let [images, ..] = scopes(&server, "images");
    let [global, of_account, of_environment] = scopes(&server, "roles");
    let mut body = role("base");
    body["tags"] = json!(["a"]);
    let original = server.post(&global, body).await.data(201);
    let first = registered(&server, &images, "first", "RegionOne").await;
    server.post(&format!("{global}{}/images/", id(&original)), json!({ "image": { "id": first } })).await.data(201);
    server.post(&format!("{global}{}/actions/deprecate/", id(&original)), json!({})).await.data(200);
    for (all, scope) in [(&of_account, "account"), (&of_environment, "environment")] {
        let path = format!("{all}{}/actions/clone/", id(&original));
        assert_eq!(server.post(&path, json!({})).await.error(400), "InvalidStructure");
        assert_eq!(server.post(&path, json!({ "name": "base" })).await.error(409), "UnicityViolation");
        let made = server.post(&path, json!({ "name": scope })).await.data(201);
        assert_eq!((&made["scope"], &made["tags"]), (&json!(scope), &json!(["a"])));
        assert_eq!(made["deprecated"], Value::Null);
        let listed = server.get(&format!("{all}{}/images/", id(&made))).await.data(200);
        assert_eq!(listed, json!([{ "role": { "id": made["id"] }, "image": { "id": first } }]));
    }
    let mine = server.get(&format!("{of_environment}?scope=environment")).await.data(200)[0].clone();
    let up = format!("{of_account}{}/actions/clone/", id(&mine));
    assert_eq!(server.post(&up, json!({ "name": "x" })).await.error(404), "ObjectNotFound");
}

#[tokio::test]
async fn a_deprecated_role_says_what_to_use() {
    let server = TestServer::start().await;
    let [_, of_account, of_environment] = scopes(&server, "roles");
    let old = server.post(&of_account, role("old")).await.data(201);
    let new = server.post(&of_account, role("new")).await.data(201);
    let below = server.post(&of_environment, role("below")).await.data(201);
    let path = format!("{of_account}{}/", id(&old));
    let action = format!("{path}actions/deprecate/");
    let body = json!({ "message": "out of date", "replacement": { "id": new["id"] } });
    let done = server.post(&action, body).await.data(200);
    assert_eq!(done["deprecated"]["message"], "out of date");
    assert_eq!(done["deprecated"]["replacement"], json!({ "id": new["id"] }));
    let again = server.post(&action, json!({})).await.data(200);
    let expected = json!({ "deprecated": done["deprecated"]["deprecated"], "message": null, "replacement": null });
    assert_eq!(again["deprecated"], expected, "since when stays");
    assert_eq!(server.post(&action, json!({ "replacement": { "id": old["id"] } })).await.error(400), "InvalidValue");
    assert_eq!(
        server.post(&action, json!({ "replacement": { "id": below["id"] } })).await.error(404),
        "ObjectNotFound"
    );
    let wrong = json!({ "deprecate": false, "message": "x" });
    assert_eq!(server.post(&action, wrong).await.error(400), "InvalidStructure");
    assert_eq!(server.patch(&path, json!({ "deprecated": null })).await.error(400), "InvalidStructure");
    assert_eq!(server.get(&format!("{of_account}?deprecated=true")).await.data(200), json!([again]));
    let from_below = format!("{of_environment}{}/actions/deprecate/", id(&old));
    assert_eq!(server.post(&from_below, json!({})).await.error(403), "ScopeViolation");
    let done = server.post(&action, json!({ "deprecate": false })).await.data(200);
    assert_eq!(done["deprecated"], Value::Null);
}

#[tokio::test]
async fn a_role_is_promoted_with_its_images() {
    let server = TestServer::start().await;
    let [_, of_account, of_environment] = scopes(&server, "roles");
    let [_, account_images, _] = scopes(&server, "images");
    let [_, _, categories] = scopes(&server, "role-categories");
    let category = server.post(&categories, json!({ "name": "Ours" })).await.data(201);
    let mut body = role("web");
    body["category"]["id"] = category["id"].clone();
    let made = server.post(&of_environment, body).await.data(201);
    let promote = format!("{of_environment}{}/actions/promote/", id(&made));
    let left = server.post(&promote, json!({})).await;
    assert_eq!(left.error(409), "UnacceptableObjectConfiguration");
    let base = json!({ "category": { "id": 1 } });
    server.patch(&format!("{of_environment}{}/", id(&made)), base).await.data(200);
    let taken = server.post(&of_account, role("web")).await.data(201);
    assert_eq!(server.post(&promote, json!({})).await.error(409), "UnicityViolation");
    server.delete(&format!("{of_account}{}/", id(&taken))).await;

    // Somebody who may do it in the account.
    let permissions = json!({ "roles.read": true, "roles.manage": true });
    let ann = Person::make(&server, Some(server.account_id()), "ann", false).await;
    teams::give(&server, server.account_id(), "account", permissions, &[&ann]).await;
    let up = format!("{of_account}{}/actions/promote/", id(&made));
    let promoted = server.post(&promote, json!({})).await.data(200);
    assert_eq!((&promoted["scope"], &promoted["id"]), (&json!("account"), &made["id"]));
    let image = registered(&server, &account_images, "own", "RegionOne").await;
    let of_role = format!("{of_account}{}/images/", id(&made));
    server.post(&of_role, json!({ "image": { "id": image } })).await.data(201);
    let refused = server.send(Some(&ann.login), Method::POST, &up, Some(json!({}))).await;
    assert_eq!(refused.error(403), "PermissionViolation", "the Scalr scope is not an account's");
    assert_eq!(server.post(&promote, json!({})).await.error(403), "ScopeViolation");
    let promoted = server.post(&up, json!({})).await.data(200);
    assert_eq!(promoted["scope"], "scalr");
    assert_eq!(server.get(&format!("{account_images}{image}/")).await.data(200)["scope"], "scalr");
    assert_eq!(server.get(&format!("/global/roles/{}/images/{image}/", id(&made))).await.data(200)["name"], "own");
}

#[tokio::test]
async fn an_image_is_replaced_in_all_roles_of_a_scope() {
    let server = TestServer::start().await;
    let [_, images, _] = scopes(&server, "images");
    let [_, of_account, of_environment] = scopes(&server, "roles");
    let old = registered(&server, &images, "old", "RegionOne").await;
    let new = registered(&server, &images, "new", "RegionOne").await;
    let elsewhere = registered(&server, &images, "elsewhere", "RegionTwo").await;
    let mut made = Vec::new();
    for (all, name) in [(&of_account, "above"), (&of_environment, "below")] {
        let role = server.post(all, role(name)).await.data(201);
        server.post(&format!("{all}{}/images/", id(&role)), json!({ "image": { "id": old } })).await.data(201);
        made.push(role);
    }
    let path = format!("{images}{old}/actions/replace/");
    let to = |id: &str| json!({ "newImage": { "id": id } });
    assert_eq!(server.post(&path, json!({})).await.error(400), "InvalidStructure");
    assert_eq!(server.post(&path, to(&elsewhere)).await.error(400), "InvalidValue");
    for scope in [json!(["environment"]), json!(["scalr", "account"]), json!([])] {
        let mut body = to(&new);
        body["scope"] = scope.clone();
        assert_eq!(server.post(&path, body).await.error(400), "InvalidValue", "{scope}");
    }
    let (account, environment) = (server.account_id(), server.environment_id());
    let replaced = server.post(&path, to(&new)).await.data(200);
    let above = json!({ "id": made[0]["id"], "scope": "account", "accountId": account, "envId": null });
    assert_eq!(replaced, json!([above]));
    let mut body = to(&new);
    (body["scope"], body["deprecateOldImage"]) = (json!(["account", "environment"]), json!(true));
    let replaced = server.post(&path, body).await.data(200);
    let below = json!({ "id": made[1]["id"], "scope": "environment", "accountId": account, "envId": environment });
    assert_eq!(replaced, json!([below]));
    assert_eq!(server.get(&format!("{images}{old}/")).await.data(200)["deprecated"], true);
    let listed = server.get(&format!("{of_environment}{}/images/", id(&made[1]))).await.data(200);
    assert_eq!(listed[0]["image"]["id"], json!(new));
    assert_eq!(server.delete(&format!("{images}{old}/")).await.status, 204);
}
