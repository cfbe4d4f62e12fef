use serde_json::{Value, json};

use crate::{
    support::TestServer,
    teams,
    users::{Person, account, message},
};

/// Of a role by its name.
pub async fn id(server: &TestServer, account_id: i64, name: &str) -> String {
    let name = name.replace(' ', "%20");
    let found = server.get(&format!("/account/{account_id}/acl-roles/?name={name}")).await.data(200);
    found[0]["id"].as_str().unwrap_or_else(|| panic!("no role {name}")).to_owned()
}

#[tokio::test]
async fn every_account_begins_with_three_roles() {
    let server = TestServer::start().await;
    for account_id in [server.account_id(), account(&server, "Other").await] {
        let path = format!("/account/{account_id}/acl-roles/?sort=name");
        let roles = server.get(&path).await.data(200);
        let roles: Vec<_> = roles.as_array().unwrap().iter().map(|it| (&it["name"], &it["baseRole"])).collect();
        let expected = [("Full access", "full-access"), ("No access", "no-access"), ("Read only", "read-only")];
        assert_eq!(roles.len(), 3);
        for (role, (name, base)) in roles.iter().zip(expected) {
            assert_eq!(*role, (&json!(name), &json!(base)));
        }
    }
}

#[tokio::test]
async fn a_role_lives_and_dies() {
    let server = TestServer::start().await;
    let all = format!("/account/{}/acl-roles/", server.account_id());
    let body = json!({ "name": "Clerks", "baseRole": "read-only", "permissions": { "users.read": false } });
    let made = server.post(&all, body).await.data(201);
    let id = made["id"].as_str().unwrap();
    assert!(id.len() == 20 && id.chars().all(|it| it.is_ascii_hexdigit()), "{id}");
    let path = format!("{all}{id}/");
    let body = json!({ "name": "Staff", "baseRole": "read-only", "permissions": { "users.manage": true } });
    let changed = server.patch(&path, body).await.data(200);
    assert_eq!(changed["permissions"], json!({ "users.manage": true }));
    assert_eq!(server.get(&path).await.data(200), changed);
    assert_eq!(server.patch(&path, json!({ "baseRole": "full-access" })).await.error(400), "InvalidStructure");
    assert_eq!(server.get(&format!("{all}?baseRole=read-only")).await.data(200).as_array().unwrap().len(), 2);
    assert_eq!(server.delete(&path).await.status, 204);
    assert_eq!(server.get(&path).await.error(404), "ObjectNotFound");
}

#[tokio::test]
async fn wrong_input_names_what_is_wrong() {
    let server = TestServer::start().await;
    let all = format!("/account/{}/acl-roles/", server.account_id());
    let post = |body| server.post(&all, body);
    assert_eq!(post(json!({ "baseRole": "read-only" })).await.error(400), "InvalidStructure");
    assert_eq!(post(json!({ "name": "x" })).await.error(400), "InvalidStructure");
    assert_eq!(post(json!({ "name": "x", "baseRole": "god" })).await.error(400), "InvalidValue");
    let typo = post(json!({ "name": "x", "baseRole": "no-access", "permissions": { "users.raed": true } })).await;
    assert_eq!(typo.error(400), "InvalidValue");
    assert!(message(&typo).contains("users.raed"), "{}", message(&typo));
    assert_eq!(post(json!({ "name": "Read only", "baseRole": "no-access" })).await.error(409), "UnicityViolation");
    let permissions = server.get(&format!("/account/{}/permissions/", server.account_id())).await.data(200);
    let named = |name: &str| permissions.as_array().unwrap().iter().find(|it| it["name"] == name).unwrap().clone();
    assert_eq!(named("users.read")["baseRoles"], json!(["full-access", "read-only"]));
    assert_eq!(named("users.manage")["baseRoles"], json!(["full-access"]));
}

#[tokio::test]
async fn a_role_in_use_stays() {
    let server = TestServer::start().await;
    let account_id = server.account_id();
    let ann = Person::make(&server, Some(account_id), "ann", false).await;
    let role = id(&server, account_id, "Read only").await;
    let other = id(&server, account_id, "No access").await;
    let team = teams::make(&server, account_id, "Readers", &role, &[&ann]).await;
    let refused = server.delete(&format!("/account/{account_id}/acl-roles/{role}/")).await;
    assert_eq!(refused.error(409), "ObjectInUse");
    assert!(message(&refused).contains("Readers"), "{}", message(&refused));
    // A member's own role counts too.
    let member = format!("/account/{account_id}/teams/{team}/members/{}/", ann.id);
    server.patch(&member, json!({ "aclRole": { "id": other } })).await.data(200);
    let path = format!("/account/{account_id}/acl-roles/{other}/");
    assert_eq!(server.delete(&path).await.error(409), "ObjectInUse");
    server.patch(&member, json!({ "aclRole": Value::Null })).await.data(200);
    assert_eq!(server.delete(&path).await.status, 204);
}

#[tokio::test]
async fn a_role_of_another_account_is_not_found() {
    let server = TestServer::start().await;
    let other = account(&server, "Other").await;
    let role = id(&server, server.account_id(), "Full access").await;
    let path = format!("/account/{other}/acl-roles/{role}/");
    assert_eq!(server.get(&path).await.error(404), "ObjectNotFound");
    assert_eq!(server.patch(&path, json!({ "name": "mine" })).await.error(404), "ObjectNotFound");
    assert_eq!(server.delete(&path).await.error(404), "ObjectNotFound");
    let team = json!({ "name": "T", "defaultAclRole": { "id": role } });
    assert_eq!(server.post(&format!("/account/{other}/teams/"), team).await.error(404), "ObjectNotFound");
}

#[tokio::test]
async fn managing_roles_grants_nothing_new() {
    let server = TestServer::start().await;
    let account_id = server.account_id();
    let all = format!("/account/{account_id}/acl-roles/");
    let clerk = Person::make(&server, Some(account_id), "clerk", false).await;
    let permissions = json!({ "acl-roles.read": true, "acl-roles.manage": true, "teams.read": true });
    let own = teams::give(&server, account_id, "Clerks", permissions, &[&clerk]).await;

    let answer = clerk.post(&server, &all, json!({ "name": "x", "baseRole": "full-access" })).await;
    assert_eq!(answer.error(403), "PermissionViolation");
    assert!(message(&answer).contains("users.manage"), "{}", message(&answer));
    // Their own role is the shortest way up.
    let path = format!("{all}{own}/");
    let more = json!({ "permissions": { "acl-roles.read": true, "acl-roles.manage": true, "users.manage": true } });
    let answer = clerk.patch(&server, &path, more).await;
    assert_eq!(answer.error(403), "PermissionViolation");
    assert!(message(&answer).ends_with("have: users.manage"), "{}", message(&answer));
    // Leaving an override of the base role out gives what the base role has.
    let narrow = json!({ "name": "most", "baseRole": "read-only", "permissions": { "users.read": false } });
    let narrow = server.post(&all, narrow).await.data(201);
    let path = format!("{all}{}/", narrow["id"].as_str().unwrap());
    assert_eq!(clerk.patch(&server, &path, json!({ "permissions": {} })).await.error(403), "PermissionViolation");
    clerk.patch(&server, &path, json!({ "name": "renamed" })).await.data(200);
    let less = json!({ "name": "less", "baseRole": "no-access", "permissions": { "teams.read": true } });
    clerk.post(&server, &all, less).await.data(201);
}
