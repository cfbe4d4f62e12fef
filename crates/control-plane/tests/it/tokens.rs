use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    api_keys::answer,
    support::TestServer,
    teams,
    users::{Person, account},
};

/// With a bearer token; `path` below `/api/v1beta0`.
pub async fn with_token(server: &TestServer, token: &Value, method: Method, path: &str) -> (u16, Value) {
    let url = format!("{}/api/v1beta0{path}", server.url);
    answer(server.client.request(method, url).bearer_auth(token["token"].as_str().unwrap()).json(&json!({}))).await
}

#[tokio::test]
async fn a_token_lives_and_dies() {
    let server = TestServer::start().await;
    let ann = Person::make(&server, Some(server.account_id()), "ann", true).await;
    let all = "/profile/tokens/";
    let made = ann.post(&server, all, json!({ "name": "ci" })).await.data(201);
    assert!(made["token"].as_str().unwrap().starts_with("syt_"), "{made:#}");
    let days = |it: &Value| {
        let expires: Timestamp = it["expiresAt"].as_str().unwrap().parse().unwrap();
        (expires.as_second() - Timestamp::now().as_second() + 3600) / (24 * 3600)
    };
    assert_eq!(days(&made), 90);
    let (status, profile) = with_token(&server, &made, Method::GET, "/profile/").await;
    assert_eq!((status, &profile["data"]["email"]), (200, &json!(ann.email)));
    let listed = ann.get(&server, all).await.data(200);
    assert!(listed[0].get("token").is_none() && listed[0]["lastUsedAt"].is_string(), "{listed:#}");
    let later = |days: i64| (Timestamp::now() + SignedDuration::from_hours(24 * days)).to_string();
    let long = ann.post(&server, all, json!({ "name": "x", "expiresAt": later(365) })).await.data(201);
    assert_eq!(days(&long), 365);
    for expires_at in [later(367), later(-1)] {
        let body = json!({ "name": "x", "expiresAt": expires_at });
        assert_eq!(ann.post(&server, all, body).await.error(400), "InvalidValue", "{expires_at}");
    }
    let (_, seen) = with_token(&server, &made, Method::GET, all).await;
    let current: Vec<_> = seen["data"].as_array().unwrap().iter().filter(|it| it["isCurrent"] == true).collect();
    assert_eq!((current.len(), &current[0]["id"]), (1, &made["id"]), "{seen:#}");
    assert_eq!(ann.get(&server, all).await.data(200)[0]["isCurrent"], false, "this is a session");
    let path = format!("{all}{}/", made["id"].as_str().unwrap());
    assert_eq!(ann.delete(&server, &path).await.status, 204);
    assert_eq!(with_token(&server, &made, Method::GET, "/profile/").await.0, 401);
    assert_eq!(ann.delete(&server, &path).await.error(404), "ObjectNotFound");
}

#[tokio::test]
async fn a_token_is_limited_to_what_its_user_has() {
    let server = TestServer::start().await;
    let (account_id, environment_id) = (server.account_id(), server.environment_id());
    let other = account(&server, "Other").await;
    let there = server.post(&format!("/account/{other}/environments/"), json!({ "name": "E" })).await.data(201);
    let ann = Person::make(&server, Some(account_id), "ann", false).await;
    teams::give(&server, account_id, "Readers", json!({ "teams.read": true }), &[&ann]).await;
    let post = |limits: Value| {
        let mut body = json!({ "name": "t" });
        body.as_object_mut().unwrap().extend(limits.as_object().unwrap().clone());
        ann.post(&server, "/profile/tokens/", body)
    };
    assert_eq!(post(json!({ "accountId": other })).await.error(404), "ObjectNotFound");
    assert_eq!(post(json!({ "environmentId": there["id"] })).await.error(404), "ObjectNotFound");
    assert_eq!(post(json!({ "environmentId": 9999 })).await.error(404), "ObjectNotFound");
    assert_eq!(post(json!({ "permissions": [] })).await.error(400), "InvalidValue");
    assert_eq!(post(json!({ "permissions": ["teams.raed"] })).await.error(400), "InvalidValue");
    assert_eq!(post(json!({ "permissions": ["teams.manage"] })).await.error(403), "PermissionViolation");
    let both = json!({ "accountId": other, "environmentId": environment_id });
    assert_eq!(server.post("/profile/tokens/", with_name(both)).await.error(400), "InvalidValue");
    post(json!({ "accountId": account_id, "permissions": ["teams.read"] })).await.data(201);
}

fn with_name(mut body: Value) -> Value {
    body["name"] = json!("t");
    body
}

#[tokio::test]
async fn a_narrowed_token_does_less_than_its_user() {
    let server = TestServer::start().await;
    let (account_id, environment_id) = (server.account_id(), server.environment_id());
    let other = account(&server, "Other").await;
    let make = |body: Value| async { server.post("/profile/tokens/", with_name(body)).await.data(201) };
    let get = |token: Value, path: String| {
        let server = &server;
        async move { with_token(server, &token, Method::GET, &path).await.0 }
    };
    let here = make(json!({ "accountId": account_id })).await;
    assert_eq!(get(here.clone(), format!("/account/{account_id}/teams/")).await, 200);
    assert_eq!(get(here.clone(), format!("/account/{other}/teams/")).await, 403);
    assert_eq!(get(here.clone(), "/global/accounts/".to_owned()).await, 403);
    assert_eq!(get(here.clone(), format!("/user/{environment_id}/")).await, 200);
    let environment = make(json!({ "environmentId": environment_id })).await;
    assert_eq!(get(environment.clone(), format!("/user/{environment_id}/")).await, 200);
    assert_eq!(get(environment, format!("/account/{account_id}/teams/")).await, 403);
    let reader = make(json!({ "permissions": ["teams.read"] })).await;
    assert_eq!(get(reader.clone(), format!("/account/{account_id}/teams/")).await, 200);
    assert_eq!(get(reader.clone(), format!("/account/{account_id}/users/")).await, 403);
    // It is not its user: no keys, no further tokens, no password.
    for path in ["/profile/", "/profile/api-keys/", "/profile/tokens/", "/profile/sessions/"] {
        assert_eq!(get(reader.clone(), path.to_owned()).await, 403, "{path}");
    }
    for path in ["/profile/api-keys/", "/profile/tokens/", "/profile/password/"] {
        assert_eq!(with_token(&server, &here, Method::POST, path).await.0, 403, "{path}");
    }
}

/// Whoever finds or loses one can make an end of it.
#[tokio::test]
async fn every_token_can_revoke_itself_and_nothing_else() {
    let server = TestServer::start().await;
    let account_id = server.account_id();
    let make = |body: Value| async { server.post("/profile/tokens/", with_name(body)).await.data(201) };
    let limits = [json!({}), json!({ "accountId": account_id }), json!({ "permissions": ["teams.read"] })];
    let one = |it: &Value| format!("/profile/tokens/{}/", it["id"].as_str().unwrap());
    for limit in &limits {
        let token = make(limit.clone()).await;
        let logout = server.client.delete(format!("{}/api/v1beta0/session/", server.url));
        let ended = logout.bearer_auth(token["token"].as_str().unwrap()).send().await.unwrap();
        assert_eq!(ended.status(), 204, "{limit}");
        assert_eq!(with_token(&server, &token, Method::GET, "/session/").await.0, 401, "{limit}");
        assert_eq!(server.delete(&one(&token)).await.error(404), "ObjectNotFound", "{limit}");
    }
    let (limited, other) = (make(limits[2].clone()).await, make(json!({})).await);
    assert_eq!(with_token(&server, &limited, Method::DELETE, &one(&other)).await.0, 403);
    assert_eq!(with_token(&server, &other, Method::GET, "/profile/").await.0, 200);
    let log = server.get("/global/audit/?action=tokens.delete").await.data(200);
    assert_eq!(log.as_array().unwrap().len(), 3, "{log:#}");
    assert!(log.as_array().unwrap().iter().all(|it| it["actorKind"] == "token"), "{log:#}");
}

#[tokio::test]
async fn a_limited_token_learns_nothing_beyond_its_limits() {
    let server = TestServer::start().await;
    let (account_id, environment_id) = (server.account_id(), server.environment_id());
    let other = account(&server, "Other").await;
    server.post(&format!("/account/{account_id}/environments/"), json!({ "name": "Second" })).await.data(201);
    let session = async |limits: Value| {
        let mut body = json!({ "name": "t" });
        body.as_object_mut().unwrap().extend(limits.as_object().unwrap().clone());
        let token = server.post("/profile/tokens/", body).await.data(201);
        let (status, body) = with_token(&server, &token, Method::GET, "/session/").await;
        assert_eq!(status, 200, "{body:#}");
        body["data"].clone()
    };
    let ids = |it: &Value| it.as_array().unwrap().iter().map(|it| it["id"].as_i64().unwrap()).collect::<Vec<_>>();
    let all = session(json!({})).await;
    assert_eq!((&all["email"], &all["isGlobalAdministrator"]), (&json!("admin@localhost"), &json!(true)));
    assert_eq!((ids(&all["accounts"]), ids(&all["environments"]).len()), (vec![account_id, other], 2));
    let of_account = session(json!({ "accountId": other })).await;
    assert_eq!((ids(&of_account["accounts"]), ids(&of_account["environments"])), (vec![other], vec![]));
    let of_environment = session(json!({ "environmentId": environment_id })).await;
    assert_eq!(ids(&of_environment["accounts"]), [account_id]);
    assert_eq!(ids(&of_environment["environments"]), [environment_id]);
    for it in [&of_account, &of_environment] {
        assert_eq!((it.get("email"), it.get("name"), &it["isGlobalAdministrator"]), (None, None, &json!(false)));
    }
}
