use serde_json::json;

use crate::{
    support::TestServer,
    users::{PASSWORD, Person},
};

#[tokio::test]
async fn sessions_are_seen_and_ended() {
    let server = TestServer::start().await;
    let account_id = server.account_id();
    let ann = Person::make(&server, Some(account_id), "ann", false).await;
    let bob = Person::make(&server, Some(account_id), "bob", false).await;
    let second = server.login(&json!({ "email": ann.email, "password": PASSWORD })).await;
    let listed = ann.get(&server, "/profile/sessions/").await.data(200);
    let listed = listed.as_array().unwrap();
    let find = |is_current: bool| listed.iter().find(|it| it["isCurrent"] == is_current).unwrap().clone();
    assert_eq!(listed.len(), 2);
    assert_eq!(find(true)["remoteAddress"], "127.0.0.1");
    let other = find(false)["id"].as_str().unwrap().to_owned();
    let own = format!("/profile/sessions/{other}/");
    assert_eq!(bob.delete(&server, &own).await.error(404), "ObjectNotFound");
    assert_eq!(ann.delete(&server, &own).await.status, 204);
    assert_eq!(server.send(Some(&second), reqwest::Method::GET, "/profile/", None).await.status, 401);
    // An administrator ends the rest.
    let of = |it: &Person| format!("/account/{account_id}/users/{}/sessions/", it.id);
    let id = find(true)["id"].as_str().unwrap().to_owned();
    assert_eq!(bob.get(&server, &of(&ann)).await.error(403), "PermissionViolation");
    let seen = server.get(&of(&ann)).await.data(200);
    assert_eq!((&seen[0]["id"], &seen[0]["isCurrent"]), (&json!(id), &json!(false)));
    assert_eq!(server.delete(&format!("{}{id}/", of(&bob))).await.error(404), "ObjectNotFound");
    assert_eq!(server.delete(&format!("{}{id}/", of(&ann))).await.status, 204);
    assert_eq!(ann.get(&server, "/profile/").await.status, 401);
    assert_eq!(server.get(&of(&ann)).await.data(200), json!([]));
}

#[tokio::test]
async fn a_new_password_ends_the_other_sessions() {
    let server = TestServer::start().await;
    let ann = Person::make(&server, Some(server.account_id()), "ann", false).await;
    let second = server.login(&json!({ "email": ann.email, "password": PASSWORD })).await;
    let change = |current: &str, new: &str| json!({ "currentPassword": current, "newPassword": new });
    let path = "/profile/password/";
    assert_eq!(
        ann.post(&server, path, change("wrong horse battery", "new horse battery")).await.error(400),
        "InvalidValue"
    );
    assert_eq!(ann.post(&server, path, change(PASSWORD, "short")).await.error(400), "InvalidValue");
    assert_eq!(server.send(Some(&second), reqwest::Method::GET, "/profile/", None).await.status, 200);
    assert_eq!(ann.post(&server, path, change(PASSWORD, "new horse battery")).await.status, 204);
    assert_eq!(ann.get(&server, "/profile/").await.status, 200);
    assert_eq!(server.send(Some(&second), reqwest::Method::GET, "/profile/", None).await.status, 401);
    server.login(&json!({ "email": ann.email, "password": "new horse battery" })).await;
}

#[tokio::test]
async fn guessing_the_current_password_locks_the_user() {
    let server = TestServer::with("failed_login_attempts = 3\n").await;
    let ann = Person::make(&server, Some(server.account_id()), "ann", false).await;
    let change = json!({ "currentPassword": "wrong horse battery", "newPassword": "new horse battery" });
    for _ in 0..3 {
        assert_eq!(ann.post(&server, "/profile/password/", change.clone()).await.error(400), "InvalidValue");
    }
    let right = json!({ "currentPassword": PASSWORD, "newPassword": "new horse battery" });
    assert_eq!(ann.post(&server, "/profile/password/", right).await.error(403), "PermissionViolation");
}

#[tokio::test]
async fn one_changes_ones_name_and_nothing_else() {
    let server = TestServer::start().await;
    let ann = Person::make(&server, Some(server.account_id()), "ann", false).await;
    assert_eq!(ann.patch(&server, "/profile/", json!({ "name": "Ann B." })).await.data(200)["name"], "Ann B.");
    for body in [json!({ "name": "x", "isAdmin": true }), json!({ "email": "x@example.net" }), json!({})] {
        assert_eq!(ann.patch(&server, "/profile/", body).await.error(400), "InvalidStructure");
    }
    assert_eq!(ann.get(&server, "/profile/").await.data(200)["isAdmin"], false);
}
