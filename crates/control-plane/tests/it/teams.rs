use serde_json::{Value, json};

use crate::{
    acl_roles,
    support::TestServer,
    users::{Person, account, message},
};

/// A team with a role by its id.
pub async fn make(server: &TestServer, account_id: i64, name: &str, role: &str, members: &[&Person]) -> i64 {
    let body = json!({ "name": name, "defaultAclRole": { "id": role } });
    let team = server.post(&format!("/account/{account_id}/teams/"), body).await.data(201)["id"].as_i64().unwrap();
    let path = format!("/account/{account_id}/teams/{team}/members/");
    for member in members {
        server.post(&path, json!({ "user": { "id": member.id } })).await.data(201);
    }
    team
}

/// A team of that name with a role that has these permissions and no others; the id of the role.
pub async fn give(server: &TestServer, account_id: i64, name: &str, permissions: Value, members: &[&Person]) -> String {
    let body = json!({ "name": name, "baseRole": "no-access", "permissions": permissions });
    let role = server.post(&format!("/account/{account_id}/acl-roles/"), body).await.data(201);
    let role = role["id"].as_str().unwrap().to_owned();
    make(server, account_id, name, &role, members).await;
    role
}

#[tokio::test]
async fn a_team_lives_and_dies() {
    let server = TestServer::start().await;
    let account_id = server.account_id();
    let all = format!("/account/{account_id}/teams/");
    let role = acl_roles::id(&server, account_id, "Read only").await;
    let full = acl_roles::id(&server, account_id, "Full access").await;
    let made = server.post(&all, json!({ "name": "Ops", "defaultAclRole": { "id": role } })).await.data(201);
    assert_eq!(made["description"], "");
    let path = format!("{all}{}/", made["id"]);
    let body = json!({ "name": "Operators", "description": "on call", "defaultAclRole": { "id": full } });
    let changed = server.patch(&path, body).await.data(200);
    assert_eq!(changed["defaultAclRole"]["id"], full);
    assert_eq!(server.get(&path).await.data(200), changed);
    assert_eq!(server.get(&format!("{all}?defaultAclRole={full}")).await.data(200), json!([changed]));
    assert_eq!(server.get(&format!("{all}?name=Ops")).await.data(200), json!([]));
    assert_eq!(server.post(&all, json!({ "name": "x" })).await.error(400), "InvalidStructure");
    let twice = json!({ "name": "Operators", "defaultAclRole": { "id": role } });
    assert_eq!(server.post(&all, twice).await.error(409), "UnicityViolation");
    let unknown = json!({ "name": "x", "defaultAclRole": { "id": "00000000000000000000" } });
    assert_eq!(server.post(&all, unknown).await.error(404), "ObjectNotFound");
    let other = account(&server, "Other").await;
    assert_eq!(server.get(&format!("/account/{other}/teams/{}/", made["id"])).await.error(404), "ObjectNotFound");
    assert_eq!(server.delete(&path).await.status, 204);
    assert_eq!(server.get(&path).await.error(404), "ObjectNotFound");
}

#[tokio::test]
async fn members_come_and_go() {
    let server = TestServer::start().await;
    let account_id = server.account_id();
    let (ann, bob) = tokio::join!(
        Person::make(&server, Some(account_id), "ann", false),
        Person::make(&server, Some(account_id), "bob", false),
    );
    let role = acl_roles::id(&server, account_id, "Read only").await;
    let team = make(&server, account_id, "Ops", &role, &[&ann, &bob]).await;
    let all = format!("/account/{account_id}/teams/{team}/members/");
    let listed = server.get(&format!("{all}?sort=email")).await.data(200);
    let view = |it: &Person, role: Value| json!({ "user": { "id": it.id }, "email": it.email, "aclRole": role });
    assert_eq!(listed, json!([view(&ann, Value::Null), view(&bob, Value::Null)]));
    let page = server.get(&format!("{all}?sort=-email&maxResults=1")).await;
    assert!(page.body["pagination"]["next"].is_string(), "{:#}", page.body);
    assert_eq!(page.data(200), json!([view(&bob, Value::Null)]));
    let path = format!("{all}{}/", ann.id);
    let own = json!({ "id": role });
    let changed = server.patch(&path, json!({ "user": { "id": ann.id }, "aclRole": own })).await.data(200);
    assert_eq!(changed, view(&ann, own.clone()));
    assert_eq!(server.patch(&path, json!({})).await.data(200), changed, "left out is unchanged");
    assert_eq!(server.patch(&path, json!({ "aclRole": Value::Null })).await.data(200), view(&ann, Value::Null));
    assert_eq!(server.patch(&path, json!({ "user": { "id": bob.id } })).await.error(400), "InvalidStructure");
    let again = server.post(&all, json!({ "user": { "id": ann.id } })).await;
    assert_eq!(again.error(409), "UnicityViolation");
    assert_eq!(server.delete(&path).await.status, 204);
    assert_eq!(server.delete(&path).await.error(404), "ObjectNotFound");
    assert_eq!(server.get(&all).await.data(200), json!([view(&bob, Value::Null)]));
    // Users of another scope cannot be taken in.
    let other = account(&server, "Other").await;
    let stranger = Person::make(&server, Some(other), "stranger", false).await;
    let root = server.get("/global/users/").await.data(200)[0]["id"].clone();
    for id in [json!(stranger.id), root, json!(9999)] {
        assert_eq!(server.post(&all, json!({ "user": { "id": id } })).await.error(404), "ObjectNotFound");
    }
}

#[tokio::test]
async fn teams_work_in_the_environments_that_let_them_in() {
    let server = TestServer::start().await;
    let (account_id, environment_id) = (server.account_id(), server.environment_id());
    let ann = Person::make(&server, Some(account_id), "ann", false).await;
    let none = acl_roles::id(&server, account_id, "No access").await;
    let read = acl_roles::id(&server, account_id, "Read only").await;
    let team = make(&server, account_id, "Ops", &none, &[&ann]).await;
    let all = format!("/account/{account_id}/environments/{environment_id}/teams/");
    let own = format!("/user/{environment_id}/");
    assert_eq!(ann.get(&server, &own).await.error(403), "PermissionViolation");
    let body = json!({ "team": { "id": team }, "defaultAclRole": { "id": read } });
    let made = server.post(&all, body.clone()).await.data(201);
    assert_eq!(made, json!({ "team": { "id": team, "name": "Ops" }, "defaultAclRole": { "id": read } }));
    assert_eq!(ann.get(&server, &own).await.status, 200);
    assert_eq!(server.get(&all).await.data(200), json!([made]));
    assert_eq!(server.get(&format!("{all}?defaultAclRole={none}")).await.data(200), json!([]));
    assert_eq!(server.post(&all, body).await.error(409), "UnicityViolation");
    let path = format!("{all}{team}/");
    assert_eq!(server.patch(&path, json!({ "team": { "id": team } })).await.data(200), made, "left out is unchanged");
    let changed = server.patch(&path, json!({ "defaultAclRole": Value::Null })).await.data(200);
    assert_eq!(changed["defaultAclRole"], Value::Null);
    assert_eq!(ann.get(&server, &own).await.error(403), "PermissionViolation");
    // A role of their own counts before the environment's.
    let member = format!("/account/{account_id}/teams/{team}/members/{}/", ann.id);
    server.patch(&member, json!({ "aclRole": { "id": read } })).await.data(200);
    assert_eq!(ann.get(&server, &own).await.status, 200);
    assert_eq!(server.delete(&path).await.status, 204);
    assert_eq!(ann.get(&server, &own).await.error(403), "PermissionViolation");
    assert_eq!(server.delete(&path).await.error(404), "ObjectNotFound");
    let other = account(&server, "Other").await;
    let foreign = format!("/account/{other}/environments/{environment_id}/teams/");
    assert_eq!(server.get(&foreign).await.error(404), "ObjectNotFound");
}

#[tokio::test]
async fn managing_teams_grants_nothing_new() {
    let server = TestServer::start().await;
    let (account_id, environment_id) = (server.account_id(), server.environment_id());
    let all = format!("/account/{account_id}/teams/");
    let in_environment = format!("/account/{account_id}/environments/{environment_id}/teams/");
    let clerk = Person::make(&server, Some(account_id), "clerk", false).await;
    let plain = Person::make(&server, Some(account_id), "plain", false).await;
    let permissions = json!({ "teams.read": true, "teams.manage": true });
    let own = give(&server, account_id, "Clerks", permissions, &[&clerk]).await;
    let full = acl_roles::id(&server, account_id, "Full access").await;
    let none = acl_roles::id(&server, account_id, "No access").await;
    let strong = make(&server, account_id, "Strong", &full, &[]).await;
    let weak = make(&server, account_id, "Weak", &none, &[]).await;

    let forbidden = |answer: crate::support::Answer| {
        assert_eq!(answer.error(403), "PermissionViolation");
        assert!(message(&answer).contains("cannot grant"), "{}", message(&answer));
        assert!(message(&answer).contains("users.manage"), "{}", message(&answer));
    };
    let role = |id: &str| json!({ "id": id });
    let user = |it: &Person| json!({ "id": it.id });
    // A team of their own with a strong role, or a strong role for a team.
    forbidden(clerk.post(&server, &all, json!({ "name": "x", "defaultAclRole": role(&full) })).await);
    forbidden(clerk.patch(&server, &format!("{all}{weak}/"), json!({ "defaultAclRole": role(&full) })).await);
    // Into a strong team, or into a weak one with a strong role.
    forbidden(clerk.post(&server, &format!("{all}{strong}/members/"), json!({ "user": user(&clerk) })).await);
    let body = json!({ "user": user(&clerk), "aclRole": role(&full) });
    forbidden(clerk.post(&server, &format!("{all}{weak}/members/"), body).await);
    clerk.post(&server, &format!("{all}{weak}/members/"), json!({ "user": user(&clerk) })).await.data(201);
    let membership = format!("{all}{weak}/members/{}/", clerk.id);
    forbidden(clerk.patch(&server, &membership, json!({ "aclRole": role(&full) })).await);
    // Into an environment.
    forbidden(clerk.post(&server, &in_environment, json!({ "team": { "id": strong } })).await);
    let body = json!({ "team": { "id": weak }, "defaultAclRole": role(&full) });
    forbidden(clerk.post(&server, &in_environment, body).await);
    clerk.post(&server, &in_environment, json!({ "team": { "id": weak } })).await.data(201);
    forbidden(
        clerk.patch(&server, &format!("{in_environment}{weak}/"), json!({ "defaultAclRole": role(&full) })).await,
    );
    // What an administrator gave a team is not the clerk's to give on: neither the role of an environment …
    let guests = make(&server, account_id, "Guests", &none, &[]).await;
    server.post(&in_environment, json!({ "team": { "id": guests }, "defaultAclRole": role(&full) })).await.data(201);
    forbidden(clerk.post(&server, &format!("{all}{guests}/members/"), json!({ "user": user(&plain) })).await);
    // … nor that of a member, in a further environment.
    let body = json!({ "user": user(&plain), "aclRole": role(&full) });
    let mixed = make(&server, account_id, "Mixed", &none, &[]).await;
    server.post(&format!("{all}{mixed}/members/"), body).await.data(201);
    forbidden(clerk.post(&server, &in_environment, json!({ "team": { "id": mixed } })).await);
    // Back to the role of a strong team is up, too.
    server
        .post(&format!("{all}{strong}/members/"), json!({ "user": user(&clerk), "aclRole": role(&none) }))
        .await
        .data(201);
    let membership = format!("{all}{strong}/members/{}/", clerk.id);
    forbidden(clerk.patch(&server, &membership, json!({ "aclRole": Value::Null })).await);
    server.post(&in_environment, json!({ "team": { "id": strong }, "defaultAclRole": role(&none) })).await.data(201);
    let link = format!("{in_environment}{strong}/");
    forbidden(clerk.patch(&server, &link, json!({ "defaultAclRole": Value::Null })).await);
    // What they have they may give, and anything may be renamed.
    clerk.post(&server, &all, json!({ "name": "Twins", "defaultAclRole": role(&own) })).await.data(201);
    clerk.patch(&server, &format!("{all}{strong}/"), json!({ "name": "Stronger" })).await.data(200);
}

#[tokio::test]
async fn what_is_no_id_is_not_found() {
    let server = TestServer::start().await;
    let account = format!("/account/{}", server.account_id());
    for path in
        ["teams/x/", "teams/99999999999999999999/members/", "users/x/", "users/1.5/tokens/", "environments/1/teams/x/"]
    {
        let path = format!("{account}/{path}");
        let method =
            if path.ends_with("environments/1/teams/x/") { reqwest::Method::DELETE } else { reqwest::Method::GET };
        let token = server.login(&server.admin).await;
        assert_eq!(server.send(Some(&token), method, &path, None).await.error(404), "ObjectNotFound", "{path}");
    }
    let ann = Person::make(&server, Some(server.account_id()), "ann", false).await;
    let path = format!("{account}/users/{}/effective-permissions/?environmentId=x", ann.id);
    assert_eq!(server.get(&path).await.error(400), "InvalidValue");
    assert_eq!(server.get("/global/search/?q=aa&q=bb").await.error(400), "InvalidValue");
}

#[tokio::test]
async fn a_role_in_one_environment_is_none_in_the_account() {
    let server = TestServer::start().await;
    let (account_id, environment_id) = (server.account_id(), server.environment_id());
    let ann = Person::make(&server, Some(account_id), "ann", false).await;
    let none = acl_roles::id(&server, account_id, "No access").await;
    let full = acl_roles::id(&server, account_id, "Full access").await;
    let team = make(&server, account_id, "Guests", &none, &[&ann]).await;
    let body = json!({ "team": { "id": team }, "defaultAclRole": { "id": full } });
    server.post(&format!("/account/{account_id}/environments/{environment_id}/teams/"), body).await.data(201);
    assert_eq!(ann.get(&server, &format!("/user/{environment_id}/")).await.status, 200);
    assert_eq!(ann.get(&server, &format!("/account/{account_id}/users/")).await.error(403), "PermissionViolation");
    let path = format!("/account/{account_id}/users/{}/effective-permissions/", ann.id);
    assert_eq!(server.get(&path).await.data(200)["granted"], json!({}));
}

#[tokio::test]
async fn a_stream_tells_what_its_listener_may_read() {
    let server = TestServer::start().await;
    let account_id = server.account_id();
    let ann = Person::make(&server, Some(account_id), "ann", false).await;
    give(&server, account_id, "Readers", json!({ "environments.read": true }), &[&ann]).await;
    let made = ann.post(&server, "/profile/tokens/", json!({ "name": "t" })).await.data(201);
    let url = format!("{}/api/v1beta0/account/{account_id}/stream/", server.url);
    let token = made["token"].as_str().unwrap();
    let mut stream = server.client.get(url).bearer_auth(token).send().await.unwrap();
    account(&server, "Somebody else").await;
    Person::make(&server, None, "global-secret", false).await;
    Person::make(&server, Some(account_id), "own-secret", false).await;
    server.post(&format!("/account/{account_id}/environments/"), json!({ "name": "the-end" })).await.data(201);
    let mut text = String::new();
    while !text.contains("the-end") {
        text += &String::from_utf8_lossy(&stream.chunk().await.unwrap().unwrap());
    }
    for topic in ["Somebody else", "global-secret", "own-secret", "event: users", "event: accounts"] {
        assert!(!text.contains(topic), "{topic} in {text}");
    }
}
