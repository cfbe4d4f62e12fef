use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Postgres, TestServer};

pub const PASSWORD: &str = "correct horse battery";

/// A user with a login of the console.
pub struct Person {
    pub id: i64,
    pub email: String,
    pub login: String,
}

impl Person {
    /// `account_id` `None`: of the Scalr scope.
    pub async fn make(server: &TestServer, account_id: Option<i64>, name: &str, is_admin: bool) -> Person {
        let email = format!("{name}@example.net");
        let body = json!({ "email": email, "name": name, "password": PASSWORD, "isAdmin": is_admin });
        let made = server.post(&users(account_id), body).await.data(201);
        let login = server.login(&json!({ "email": email, "password": PASSWORD })).await;
        Person { id: made["id"].as_i64().unwrap(), email, login }
    }

    pub async fn get(&self, server: &TestServer, path: &str) -> Answer {
        server.send(Some(&self.login), Method::GET, path, None).await
    }

    pub async fn post(&self, server: &TestServer, path: &str, body: Value) -> Answer {
        server.send(Some(&self.login), Method::POST, path, Some(body)).await
    }

    pub async fn patch(&self, server: &TestServer, path: &str, body: Value) -> Answer {
        server.send(Some(&self.login), Method::PATCH, path, Some(body)).await
    }

    pub async fn delete(&self, server: &TestServer, path: &str) -> Answer {
        server.send(Some(&self.login), Method::DELETE, path, None).await
    }
}

pub fn users(account_id: Option<i64>) -> String {
    account_id.map_or_else(|| "/global/users/".to_owned(), |id| format!("/account/{id}/users/"))
}

pub async fn account(server: &TestServer, name: &str) -> i64 {
    server.post("/global/accounts/", json!({ "name": name })).await.data(201)["id"].as_i64().unwrap()
}

#[track_caller]
pub fn message(answer: &Answer) -> &str {
    answer.body["errors"][0]["message"].as_str().unwrap_or_else(|| panic!("no error in {:#}", answer.body))
}

#[tokio::test]
async fn a_user_lives_and_dies() {
    let server = TestServer::start().await;
    let all = users(Some(server.account_id()));
    let body = json!({ "email": "Ann@Example.net", "name": "Ann", "password": PASSWORD });
    let made = server.post(&all, body).await.data(201);
    assert_eq!(made["email"], "ann@example.net");
    assert_eq!(made["accountId"], server.account_id());
    assert_eq!((&made["isAdmin"], &made["status"]), (&json!(false), &json!("active")));
    assert!(made.get("password").is_none(), "{made:#}");
    let path = format!("{all}{}/", made["id"]);
    let changed = server.patch(&path, json!({ "name": "Ann B.", "status": "inactive" })).await.data(200);
    assert_eq!((&changed["name"], &changed["status"]), (&json!("Ann B."), &json!("inactive")));
    assert_eq!(server.get(&path).await.data(200), changed);
    for filter in ["email=ANN@example.net", "status=inactive", &format!("id={}", made["id"])] {
        assert_eq!(server.get(&format!("{all}?{filter}")).await.data(200), json!([changed]), "{filter}");
    }
    assert_eq!(server.get(&format!("{all}?status=active")).await.data(200), json!([]));
    assert_eq!(server.delete(&path).await.status, 204);
    assert_eq!(server.get(&path).await.error(404), "ObjectNotFound");
}

#[tokio::test]
async fn users_of_another_scope_are_not_found() {
    let server = TestServer::start().await;
    let (a, b) = (server.account_id(), account(&server, "Other").await);
    let ann = Person::make(&server, Some(a), "ann", false).await;
    let root = server.get("/global/users/").await.data(200)[0]["id"].as_i64().unwrap();
    for (scope, id) in [(Some(b), ann.id), (None, ann.id), (Some(a), root), (Some(b), root)] {
        let path = format!("{}{id}/", users(scope));
        assert_eq!(server.get(&path).await.error(404), "ObjectNotFound", "{path}");
        assert_eq!(server.patch(&path, json!({ "name": "x" })).await.error(404), "ObjectNotFound", "{path}");
        assert_eq!(server.delete(&path).await.error(404), "ObjectNotFound", "{path}");
        assert_eq!(server.post(&format!("{path}actions/unlock/"), json!({})).await.error(404), "ObjectNotFound");
        for list in ["api-keys", "tokens", "sessions"] {
            assert_eq!(server.get(&format!("{path}{list}/")).await.error(404), "ObjectNotFound", "{path}{list}");
        }
    }
    let listed = server.get(&users(Some(a))).await.data(200);
    assert_eq!(listed.as_array().unwrap().len(), 1);
    assert_eq!(server.get(&users(Some(b))).await.data(200), json!([]));
}

#[tokio::test]
async fn wrong_input_names_what_is_wrong() {
    let server = TestServer::start().await;
    let all = users(Some(server.account_id()));
    let with = |key: &str, value: Value| {
        let mut body = json!({ "email": "ann@example.net", "name": "Ann", "password": PASSWORD });
        body[key] = value;
        body
    };
    for (body, code) in [
        (with("password", json!("short")), "InvalidValue"),
        (with("password", Value::Null), "InvalidStructure"),
        (with("email", json!("ann")), "InvalidValue"),
        (with("email", json!("ann @example.net")), "InvalidValue"),
        (with("email", json!("@example.net")), "InvalidValue"),
        (with("email", Value::Null), "InvalidStructure"),
        (with("name", json!("")), "InvalidValue"),
        (with("status", json!("pending")), "InvalidValue"),
        (with("accountId", json!(1)), "InvalidStructure"),
        (with("colour", json!("red")), "InvalidStructure"),
    ] {
        let answer = server.post(&all, body.clone()).await;
        assert_eq!(answer.error(400), code, "{body}");
        assert!(!answer.body.to_string().contains(PASSWORD), "{:#}", answer.body);
    }
    server.post(&all, with("name", json!("Ann"))).await.data(201);
    let again = server.post("/global/users/", with("email", json!("ANN@example.net"))).await;
    assert_eq!(again.error(409), "UnicityViolation");
}

#[tokio::test]
async fn somebody_stays_to_administer() {
    let server = TestServer::start().await;
    let root = server.get("/global/users/").await.data(200)[0]["id"].as_i64().unwrap();
    let path = format!("/global/users/{root}/");
    for body in [json!({ "status": "inactive" }), json!({ "isAdmin": false })] {
        assert_eq!(server.patch(&path, body).await.error(409), "UnacceptableState");
    }
    assert_eq!(server.delete(&path).await.error(409), "UnacceptableState");
    // An administrator who is inactive is no help.
    let second = Person::make(&server, None, "second", true).await;
    server.patch(&format!("/global/users/{}/", second.id), json!({ "status": "inactive" })).await.data(200);
    assert_eq!(server.patch(&path, json!({ "isAdmin": false })).await.error(409), "UnacceptableState");
    server.patch(&format!("/global/users/{}/", second.id), json!({ "status": "active" })).await.data(200);
    let second = server.login(&json!({ "email": second.email, "password": PASSWORD })).await;
    let changed = server.send(Some(&second), Method::PATCH, &path, Some(json!({ "isAdmin": false }))).await;
    assert_eq!(changed.data(200)["isAdmin"], false);
    // Nobody deletes themselves, last or not.
    let third = Person::make_by(&server, &second, "third").await;
    assert_eq!(third.delete(&server, &format!("/global/users/{}/", third.id)).await.error(409), "UnacceptableState");
}

impl Person {
    /// A global administrator, by another one than the first.
    async fn make_by(server: &TestServer, login: &str, name: &str) -> Person {
        let email = format!("{name}@example.net");
        let body = json!({ "email": email, "name": name, "password": PASSWORD, "isAdmin": true });
        let made = server.send(Some(login), Method::POST, "/global/users/", Some(body)).await.data(201);
        let login = server.login(&json!({ "email": email, "password": PASSWORD })).await;
        Person { id: made["id"].as_i64().unwrap(), email, login }
    }
}

#[tokio::test]
async fn an_account_keeps_its_last_administrator_while_there_is_something_to_administer() {
    let server = TestServer::start().await;
    let id = account(&server, "Other").await;
    let boss = Person::make(&server, Some(id), "boss", true).await;
    let path = format!("/account/{id}/users/{}/", boss.id);
    let helper = Person::make(&server, Some(id), "helper", false).await;
    assert_eq!(server.delete(&path).await.error(409), "UnacceptableState", "another user");
    assert_eq!(server.delete(&format!("/account/{id}/users/{}/", helper.id)).await.status, 204);
    let environments = format!("/account/{id}/environments/");
    let environment = server.post(&environments, json!({ "name": "E" })).await.data(201);
    assert_eq!(server.delete(&path).await.error(409), "UnacceptableState", "an environment");
    assert_eq!(server.delete(&format!("{environments}{}/", environment["id"])).await.status, 204);
    assert_eq!(boss.delete(&server, &path).await.error(409), "UnacceptableState", "themselves");
    assert_eq!(server.delete(&path).await.status, 204);
    assert_eq!(server.delete(&format!("/global/accounts/{id}/")).await.status, 204);
}

#[tokio::test]
async fn a_new_password_or_no_access_ends_every_session() {
    let server = TestServer::start().await;
    let ann = Person::make(&server, Some(server.account_id()), "ann", false).await;
    let path = format!("{}{}/", users(Some(server.account_id())), ann.id);
    ann.get(&server, "/profile/").await.data(200);
    server.patch(&path, json!({ "name": "still here" })).await.data(200);
    ann.get(&server, "/profile/").await.data(200);
    server.patch(&path, json!({ "password": "another horse battery" })).await.data(200);
    assert_eq!(ann.get(&server, "/profile/").await.error(401), "BadAuthentication");
    let again = server.login(&json!({ "email": ann.email, "password": "another horse battery" })).await;
    assert_eq!(server.send(Some(&again), Method::GET, "/profile/", None).await.status, 200);
    server.patch(&path, json!({ "status": "inactive" })).await.data(200);
    assert_eq!(server.send(Some(&again), Method::GET, "/profile/", None).await.error(401), "BadAuthentication");
}

#[tokio::test]
async fn managing_users_makes_nobody_an_administrator() {
    let server = TestServer::start().await;
    let account_id = server.account_id();
    let all = users(Some(account_id));
    let boss = Person::make(&server, Some(account_id), "boss", true).await;
    let plain = Person::make(&server, Some(account_id), "plain", false).await;
    let clerk = Person::make(&server, Some(account_id), "clerk", false).await;
    let permissions = json!({ "users.read": true, "users.manage": true });
    crate::teams::give(&server, account_id, "Clerks", permissions, &[&clerk]).await;

    let new = |is_admin| json!({ "email": "new@example.net", "name": "n", "password": PASSWORD, "isAdmin": is_admin });
    assert_eq!(clerk.post(&server, &all, new(true)).await.error(403), "PermissionViolation");
    clerk.post(&server, &all, new(false)).await.data(201);
    let one = |it: &Person| format!("{all}{}/", it.id);
    for path in [one(&clerk), one(&plain)] {
        let answer = clerk.patch(&server, &path, json!({ "isAdmin": true })).await;
        assert_eq!(answer.error(403), "PermissionViolation");
        assert!(message(&answer).contains("administrator"), "{}", message(&answer));
    }
    // Who sets a password has the permissions of its user.
    for path in [one(&boss), one(&plain)] {
        let answer = clerk.patch(&server, &path, json!({ "password": "my own horse battery" })).await;
        assert_eq!(answer.error(403), "PermissionViolation");
    }
    for body in [json!({ "name": "x" }), json!({ "email": "x@example.net" }), json!({ "status": "inactive" })] {
        assert_eq!(clerk.patch(&server, &one(&boss), body).await.error(403), "PermissionViolation");
    }
    assert_eq!(clerk.delete(&server, &one(&boss)).await.error(403), "PermissionViolation");
    let unlock = format!("{}actions/unlock/", one(&boss));
    assert_eq!(clerk.post(&server, &unlock, json!({})).await.error(403), "PermissionViolation");
    clerk.patch(&server, &one(&plain), json!({ "name": "renamed" })).await.data(200);
    // A token of an administrator that was narrowed is not an administrator.
    let body = json!({ "name": "t", "accountId": account_id, "permissions": ["users.read", "users.manage"] });
    let token = boss.post(&server, "/profile/tokens/", body).await.data(201);
    let url = format!("{}/api/v1beta0{}", server.url, one(&plain));
    let request = server.client.patch(url).bearer_auth(token["token"].as_str().unwrap());
    assert_eq!(request.json(&json!({ "isAdmin": true })).send().await.unwrap().status(), 403);
    boss.patch(&server, &one(&plain), json!({ "isAdmin": true })).await.data(200);
}

#[tokio::test]
async fn effective_permissions_say_why() {
    let server = TestServer::start().await;
    let (account_id, environment_id) = (server.account_id(), server.environment_id());
    let ann = Person::make(&server, Some(account_id), "ann", false).await;
    let role = crate::acl_roles::id(&server, account_id, "Read only").await;
    let team = crate::teams::make(&server, account_id, "Readers", &role, &[&ann]).await;
    let path = format!("/account/{account_id}/users/{}/effective-permissions/", ann.id);
    let here = server.get(&path).await.data(200);
    assert_eq!(here["scope"], "account");
    assert_eq!(here["granted"]["teams.read"], json!(["team Readers: role Read only"]));
    assert!(here["notGranted"].as_array().unwrap().contains(&json!("teams.manage")));
    let there = format!("{path}?environmentId={environment_id}");
    assert_eq!(server.get(&there).await.data(200)["granted"], json!({}), "the environment lets no team in");
    let teams = format!("/account/{account_id}/environments/{environment_id}/teams/");
    server.post(&teams, json!({ "team": { "id": team } })).await.data(201);
    let granted = server.get(&there).await.data(200);
    assert_eq!(granted["scope"], environment_id.to_string());
    assert_eq!(granted["granted"]["inventory.read"], json!(["team Readers: role Read only"]));
    assert_eq!(server.get(&format!("{path}?environmentId=9999")).await.error(404), "ObjectNotFound");
    let boss = Person::make(&server, Some(account_id), "boss", true).await;
    let path = format!("/account/{account_id}/users/{}/effective-permissions/", boss.id);
    let all = server.get(&path).await.data(200);
    assert_eq!(all["granted"]["teams.manage"], json!(["account administrator"]));
    assert_eq!(all["notGranted"], json!([]));
}

/// Each by their own control plane, so that nothing but the database can keep them apart.
#[tokio::test]
async fn two_administrators_who_remove_each_other_at_once_do_not_both_succeed() {
    let database = Postgres::new().await;
    let server = TestServer::on_database(tempfile::tempdir().unwrap(), "", Some(&database)).await;
    let other = server.beside("", &database).await;
    let ways = [
        (Method::PATCH, Some(json!({ "isAdmin": false }))),
        (Method::PATCH, Some(json!({ "status": "inactive" }))),
        (Method::DELETE, None),
    ];
    let mut n_refused = 0;
    for (n, (method, body)) in ways.iter().cycle().take(12).enumerate() {
        let account_id = account(&server, &format!("account {n}")).await;
        let all = users(Some(account_id));
        let ann = Person::make(&server, Some(account_id), &format!("ann-{n}"), true).await;
        let bob = Person::make(&server, Some(account_id), &format!("bob-{n}"), true).await;
        let (of_ann, of_bob) = (format!("{all}{}/", ann.id), format!("{all}{}/", bob.id));
        let (first, second) = tokio::join!(
            server.send(Some(&ann.login), method.clone(), &of_bob, body.clone()),
            other.send(Some(&bob.login), method.clone(), &of_ann, body.clone()),
        );
        let users = server.get(&format!("{all}?status=active")).await.data(200);
        let n_left = users.as_array().unwrap().iter().filter(|it| it["isAdmin"] == true).count();
        assert_eq!(n_left, 1, "{method} {body:?}: {} and {}", first.status, second.status);
        n_refused += usize::from(first.status == 409 || second.status == 409);
    }
    // Where one comes before the other has asked, 401 or 403 is the answer instead.
    assert!(n_refused > 0, "they were never at the same time");
    database.remove().await;
}
