use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::{SignedDuration, Timestamp};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::{support::TestServer, users::Person};

/// A key pair as a client has it.
#[derive(Clone)]
pub struct Key {
    pub id: String,
    pub secret: String,
}

impl Key {
    pub fn of(made: &Value) -> Key {
        let text = |name: &str| made[name].as_str().unwrap().to_owned();
        Key { id: text("id"), secret: text("secretKey") }
    }

    /// `query` as it is signed, which may differ from how it is sent in `url`.
    pub fn sign(&self, request: RequestBuilder, text: [&str; 4], date: Timestamp) -> RequestBuilder {
        let [method, path, query, body] = text;
        let date = date.strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string();
        let text = [method, &date, path, query, body].join("\n");
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.secret.as_bytes());
        let signature = STANDARD.encode(hmac::sign(&key, text.as_bytes()));
        request
            .header("X-Scalr-Key-Id", &self.id)
            .header("X-Scalr-Date", date)
            .header("X-Scalr-Signature", format!("V1-HMAC-SHA256 {signature}"))
    }

    /// `path` below `/api/v1beta0`, without a query.
    pub async fn get(&self, server: &TestServer, path: &str) -> (u16, Value) {
        let path = format!("/api/v1beta0{path}");
        let request = server.client.request(Method::GET, format!("{}{path}", server.url));
        answer(self.sign(request, ["GET", &path, "", ""], Timestamp::now())).await
    }
}

pub async fn answer(request: RequestBuilder) -> (u16, Value) {
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

#[tokio::test]
async fn a_key_lives_and_dies() {
    let server = TestServer::start().await;
    let ann = Person::make(&server, Some(server.account_id()), "ann", true).await;
    let all = "/profile/api-keys/";
    let made = ann.post(&server, all, json!({ "name": "laptop" })).await.data(201);
    let key = Key::of(&made);
    assert_eq!((&made["name"], &made["status"]), (&json!("laptop"), &json!("active")));
    let (status, profile) = key.get(&server, "/profile/").await;
    assert_eq!((status, &profile["data"]["email"]), (200, &json!(ann.email)));
    let listed = ann.get(&server, all).await.data(200);
    assert_eq!(listed[0]["id"], key.id);
    assert!(listed[0].get("secretKey").is_none() && listed[0]["lastUsedAt"].is_string(), "{listed:#}");
    let path = format!("{all}{}/", key.id);
    let changed = ann.patch(&server, &path, json!({ "name": "old laptop", "status": "inactive" })).await.data(200);
    assert_eq!((&changed["name"], &changed["status"]), (&json!("old laptop"), &json!("inactive")));
    assert_eq!(key.get(&server, "/profile/").await.0, 401);
    assert_eq!(ann.patch(&server, &path, json!({ "secretKey": "x" })).await.error(400), "InvalidStructure");
    ann.patch(&server, &path, json!({ "status": "active" })).await.data(200);
    assert_eq!(key.get(&server, "/profile/").await.0, 200);
    assert_eq!(ann.delete(&server, &path).await.status, 204);
    assert_eq!(key.get(&server, "/profile/").await.0, 401);
    assert_eq!(ann.delete(&server, &path).await.error(404), "ObjectNotFound");
    let past = Timestamp::now() - SignedDuration::from_secs(1);
    let expired = json!({ "name": "x", "expiresAt": past.to_string() });
    assert_eq!(ann.post(&server, all, expired).await.error(400), "InvalidValue");
}

#[tokio::test]
async fn keys_of_others_are_for_administrators() {
    let server = TestServer::start().await;
    let account_id = server.account_id();
    let ann = Person::make(&server, Some(account_id), "ann", false).await;
    let bob = Person::make(&server, Some(account_id), "bob", false).await;
    let key = Key::of(&ann.post(&server, "/profile/api-keys/", json!({ "name": "k" })).await.data(201));
    let own = format!("/profile/api-keys/{}/", key.id);
    assert_eq!(bob.delete(&server, &own).await.error(404), "ObjectNotFound");
    assert_eq!(bob.patch(&server, &own, json!({ "status": "inactive" })).await.error(404), "ObjectNotFound");
    let of = |it: &Person| format!("/account/{account_id}/users/{}/api-keys/", it.id);
    assert_eq!(bob.get(&server, &of(&ann)).await.error(403), "PermissionViolation");
    assert_eq!(server.get(&of(&ann)).await.data(200)[0]["id"], key.id);
    assert_eq!(server.delete(&format!("{}{}/", of(&bob), key.id)).await.error(404), "ObjectNotFound");
    assert_eq!(key.get(&server, "/profile/").await.0, 200);
    assert_eq!(server.delete(&format!("{}{}/", of(&ann), key.id)).await.status, 204);
    assert_eq!(key.get(&server, "/profile/").await.0, 401);
}

#[tokio::test]
async fn keys_go_with_their_user() {
    let server = TestServer::start().await;
    let account_id = server.account_id();
    let ann = Person::make(&server, Some(account_id), "ann", false).await;
    let key = Key::of(&ann.post(&server, "/profile/api-keys/", json!({ "name": "k" })).await.data(201));
    let path = format!("/account/{account_id}/users/{}/", ann.id);
    server.patch(&path, json!({ "status": "inactive" })).await.data(200);
    assert_eq!(key.get(&server, "/profile/").await.0, 403);
    assert_eq!(server.delete(&path).await.status, 204);
    assert_eq!(key.get(&server, "/profile/").await.0, 401);
    let db = crate::audit::database(&server).await;
    let mut tx = db.read().await.unwrap();
    assert!(store::secrets::find(&mut tx, "api_keys", &key.id, "secret_key").await.unwrap().is_none());
}
