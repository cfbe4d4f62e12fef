use std::time::Duration;

use reqwest::{Method, Response};
use serde_json::{Value, json};
use store::{Time, sessions::Session};

use crate::{
    audit::database,
    support::{Events, TestServer},
    users::{PASSWORD, Person},
};

async fn login(server: &TestServer, email: &str, password: &str) -> Response {
    let body = json!({ "email": email, "password": password });
    server.client.post(format!("{}/api/v1beta0/session/", server.url)).json(&body).send().await.unwrap()
}

async fn refused(server: &TestServer, email: &str, password: &str) -> (u16, String, String) {
    let response = login(server, email, password).await;
    let status = response.status().as_u16();
    let body: Value = response.json().await.unwrap();
    let text = |name: &str| body["errors"][0][name].as_str().unwrap_or_default().to_owned();
    (status, text("code"), text("message"))
}

#[tokio::test]
async fn ten_wrong_passwords_lock_a_user_until_somebody_unlocks_them() {
    let server = TestServer::start().await;
    let account_id = server.account_id();
    let ann = Person::make(&server, Some(account_id), "ann", false).await;
    let path = format!("/account/{account_id}/users/{}/", ann.id);
    for n in 1..10 {
        let (status, code, _) = refused(&server, &ann.email, "wrong horse battery").await;
        assert_eq!((status, code.as_str()), (401, "BadAuthentication"), "attempt {n}");
    }
    // A good login in between begins the count anew.
    assert_eq!(login(&server, &ann.email, PASSWORD).await.status(), 201);
    for n in 1..10 {
        assert_eq!(refused(&server, &ann.email, "wrong horse battery").await.0, 401, "attempt {n}");
        assert_eq!(server.get(&path).await.data(200)["lockedUntil"], Value::Null);
    }
    let (status, code, message) = refused(&server, &ann.email, "wrong horse battery").await;
    assert_eq!((status, code.as_str()), (403, "PermissionViolation"));
    assert!(message.contains("locked"), "{message}");
    // The answer does not tell whether a guess is right.
    let right = refused(&server, &ann.email, PASSWORD).await;
    assert_eq!(right, refused(&server, &ann.email, "wrong horse battery").await);
    assert_eq!(right.0, 403);
    assert!(server.get(&path).await.data(200)["lockedUntil"].is_string());
    let locks = server.get(&format!("/account/{account_id}/audit/?action=users.lock")).await.data(200);
    assert_eq!(locks.as_array().unwrap().len(), 1, "{locks:#}");
    assert_eq!((&locks[0]["actorKind"], &locks[0]["objectName"]), (&json!("system"), &json!(ann.email)));
    let unlocked = server.post(&format!("{path}actions/unlock/"), json!({})).await.data(200);
    assert_eq!(unlocked["lockedUntil"], Value::Null);
    assert_eq!(login(&server, &ann.email, PASSWORD).await.status(), 201);
}

/// Other administrators look at the list of users while somebody is locked out.
#[tokio::test]
async fn the_stream_tells_who_is_locked_and_unlocked() {
    let server = TestServer::with("failed_login_attempts = 2\n").await;
    let account_id = server.account_id();
    let ann = Person::make(&server, Some(account_id), "ann", false).await;
    let mut events = Events::open(&server, &format!("/account/{account_id}/stream/"), None).await;
    assert_eq!(events.next().await.unwrap().name, "hello");
    for _ in 0..2 {
        refused(&server, &ann.email, "wrong horse battery").await;
    }
    let path = format!("/account/{account_id}/users/{}/", ann.id);
    let locked = server.get(&path).await.data(200);
    server.post(&format!("{path}actions/unlock/"), json!({})).await.data(200);
    let mut told = Vec::new();
    while told.len() < 2 {
        let event = events.next().await.unwrap();
        assert_eq!(event.name, "users");
        let data: Value = serde_json::from_str(&event.data).unwrap();
        assert_eq!(data["id"], ann.id.to_string());
        told.push((data["kind"].clone(), data["body"]["lockedUntil"].clone()));
    }
    assert_eq!(told, [(json!("lock"), locked["lockedUntil"].clone()), (json!("unlock"), Value::Null)]);
    assert!(locked["lockedUntil"].is_string(), "{locked:#}");
}

#[tokio::test]
async fn many_guesses_at_once_are_no_more_than_one_after_another() {
    let server = TestServer::with("failed_login_attempts = 3\n").await;
    let ann = Person::make(&server, Some(server.account_id()), "ann", false).await;
    let guesses = (0..12).map(|_| refused(&server, &ann.email, "wrong horse battery"));
    let answers = futures_util::future::join_all(guesses).await;
    let n_tried = answers.iter().filter(|(status, ..)| *status == 401).count();
    assert_eq!(n_tried, 2, "the third locks: {answers:?}");
    assert_eq!(refused(&server, &ann.email, PASSWORD).await.0, 403);
}

#[tokio::test]
async fn an_unknown_user_is_refused_as_a_known_one() {
    let server = TestServer::with("failed_login_attempts = 100\n").await;
    let ann = Person::make(&server, Some(server.account_id()), "ann", false).await;
    let known = refused(&server, &ann.email, "wrong horse battery").await;
    assert_eq!(known, refused(&server, "nobody@example.net", "wrong horse battery").await);
    assert_eq!(known.0, 401);
    // As slow, too: verifying the password is what takes its time, and it is done for either.
    let n_verified = async || {
        let text = server.client.get(format!("{}/metrics", server.url)).send().await.unwrap().text().await.unwrap();
        let line = text.lines().find_map(|it| it.strip_prefix("stackyard_passwords_verified_total "));
        line.expect("passwords are counted").parse::<u64>().unwrap()
    };
    for email in [ann.email.as_str(), "nobody@example.net"] {
        let before = n_verified().await;
        refused(&server, email, "wrong horse battery").await;
        assert_eq!(n_verified().await - before, 1, "{email}");
    }
}

#[tokio::test]
async fn inactive_users_stay_out() {
    let server = TestServer::start().await;
    let ann = Person::make(&server, Some(server.account_id()), "ann", false).await;
    let path = format!("/account/{}/users/{}/", server.account_id(), ann.id);
    server.patch(&path, json!({ "status": "inactive" })).await.data(200);
    assert_eq!(refused(&server, &ann.email, PASSWORD).await.0, 403);
    assert_eq!(refused(&server, &ann.email, "wrong horse battery").await.0, 401, "told to those who know it");
}

#[tokio::test]
async fn the_cookie_is_for_this_site_alone() {
    let server = TestServer::start().await;
    let response =
        login(&server, server.admin["email"].as_str().unwrap(), server.admin["password"].as_str().unwrap()).await;
    let cookie = response.headers()["set-cookie"].to_str().unwrap().to_owned();
    let mut parts = cookie.split("; ");
    assert!(parts.next().unwrap().starts_with("stackyard_session="), "{cookie}");
    assert_eq!(parts.collect::<Vec<_>>(), ["Path=/", "HttpOnly", "SameSite=Strict"], "no TLS, so not Secure");
}

#[tokio::test]
async fn the_cookie_is_secure_with_tls() {
    let data_dir = tempfile::tempdir().unwrap();
    let at = |name: &str| data_dir.path().join(name);
    let key = rcgen::KeyPair::generate().unwrap();
    let certificate = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap().self_signed(&key).unwrap();
    std::fs::write(at("certificate.pem"), certificate.pem()).unwrap();
    std::fs::write(at("key.pem"), key.serialize_pem()).unwrap();
    let tls = format!("[tls]\ncertificate = {:?}\nkey = {:?}\n", at("certificate.pem"), at("key.pem"));
    std::fs::write(at("stackyard.toml"), tls).unwrap();
    let overrides = control_plane::config::Overrides {
        config: Some(at("stackyard.toml")),
        listen: Some("127.0.0.1:0".parse().unwrap()),
        data_dir: Some(data_dir.path().to_owned()),
        database_url: None,
    };
    let loaded = control_plane::config::load(&overrides).unwrap();
    let server = control_plane::Server::start(loaded, overrides).await.unwrap();
    let admin: Value = serde_json::from_slice(&std::fs::read(at("initial-admin.json")).unwrap()).unwrap();
    let client = reqwest::Client::builder().no_proxy().danger_accept_invalid_certs(true).build().unwrap();
    let body = json!({ "email": admin["email"], "password": admin["password"] });
    let url = format!("https://{}/api/v1beta0/session/", server.address);
    let response = client.post(url).json(&body).send().await.unwrap();
    let cookie = response.headers()["set-cookie"].to_str().unwrap().to_owned();
    assert!(cookie.ends_with("; Path=/; HttpOnly; SameSite=Strict; Secure"), "{cookie}");
}

#[tokio::test]
async fn changes_need_the_csrf_token() {
    let server = TestServer::start().await;
    let ann = Person::make(&server, Some(server.account_id()), "ann", false).await;
    let bob = Person::make(&server, Some(server.account_id()), "bob", false).await;
    let (cookie, csrf) = ann.login.split_once(' ').unwrap();
    let (_, of_bob) = bob.login.split_once(' ').unwrap();
    let patch = |token: Option<&str>| {
        let request = server.client.patch(format!("{}/api/v1beta0/profile/", server.url)).header("cookie", cookie);
        let request = match token {
            Some(token) => request.header("x-csrf-token", token),
            None => request,
        };
        request.json(&json!({ "name": "x" })).send()
    };
    assert_eq!(patch(None).await.unwrap().status(), 403);
    assert_eq!(patch(Some("")).await.unwrap().status(), 403);
    assert_eq!(patch(Some(of_bob)).await.unwrap().status(), 403);
    assert_eq!(patch(Some(csrf)).await.unwrap().status(), 200);
    // Reading needs none.
    let read = server.client.get(format!("{}/api/v1beta0/profile/", server.url)).header("cookie", cookie);
    assert_eq!(read.send().await.unwrap().status(), 200);
}

/// A page that is loaded anew has the cookie and nothing else.
#[tokio::test]
async fn a_reloaded_page_is_told_its_csrf_token() {
    let server = TestServer::start().await;
    let ann = Person::make(&server, Some(server.account_id()), "ann", false).await;
    let (cookie, csrf) = ann.login.split_once(' ').unwrap();
    let url = format!("{}/api/v1beta0/session/", server.url);
    let response = server.client.get(&url).header("cookie", cookie).send().await.unwrap();
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["data"]["csrfToken"], csrf);
    let token = ann.post(&server, "/profile/tokens/", json!({ "name": "t" })).await.data(201);
    let response = server.client.get(&url).bearer_auth(token["token"].as_str().unwrap()).send().await.unwrap();
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["data"].get("csrfToken"), None, "{body}");
}

#[tokio::test]
async fn a_form_of_another_site_logs_nobody_in() {
    let server = TestServer::start().await;
    let body = json!({ "email": server.admin["email"], "password": server.admin["password"] }).to_string();
    for kind in ["text/plain", "application/x-www-form-urlencoded"] {
        let request = server.client.post(format!("{}/api/v1beta0/session/", server.url)).header("content-type", kind);
        let response = request.body(body.clone()).send().await.unwrap();
        assert_eq!(response.status(), 400, "{kind}");
        assert!(response.headers().get("set-cookie").is_none());
    }
}

#[tokio::test]
async fn logging_out_ends_the_session_and_the_cookie() {
    let server = TestServer::start().await;
    let account_id = server.account_id();
    let ann = Person::make(&server, Some(account_id), "ann", false).await;
    let (cookie, csrf) = ann.login.split_once(' ').unwrap();
    let request = server.client.delete(format!("{}/api/v1beta0/session/", server.url));
    let response = request.header("cookie", cookie).header("x-csrf-token", csrf).send().await.unwrap();
    assert_eq!(response.status(), 204);
    let cookie = response.headers()["set-cookie"].to_str().unwrap();
    assert!(cookie.starts_with("stackyard_session=;") && cookie.contains("Max-Age=0"), "{cookie}");
    assert_eq!(ann.get(&server, "/profile/").await.error(401), "BadAuthentication");
    let rows = server.get(&format!("/account/{account_id}/audit/?objectType=sessions&actorName={}", ann.email)).await;
    let rows = rows.data(200);
    let actions: Vec<_> = rows.as_array().unwrap().iter().map(|it| it["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["sessions.logout", "sessions.login"]);
}

#[tokio::test]
async fn sessions_end_when_idle_and_at_last() {
    let server = TestServer::with("[session]\nidle = \"30m\"\nlifetime = \"8h\"\n").await;
    let ann = Person::make(&server, Some(server.account_id()), "ann", false).await;
    let db = database(&server).await;
    let check = async |name: &str, last_used_s: u64, ends_in_s: u64, ended_s: u64, expected: u16| {
        let now = Time::now();
        let session = Session {
            id_hash: vault::token::sha256_hex(name),
            public_id: name.to_owned(),
            user_id: ann.id,
            csrf_hash: vault::token::sha256_hex(name),
            created_at: now.before(Duration::from_secs(last_used_s)),
            last_used_at: now.before(Duration::from_secs(last_used_s)),
            expires_at: (now + Duration::from_secs(ends_in_s)).before(Duration::from_secs(ended_s)),
            remote_addr: "192.0.2.1".to_owned(),
            user_agent: String::new(),
        };
        let mut tx = db.write().await.unwrap();
        store::sessions::insert(&mut tx, &session).await.unwrap();
        tx.commit().await.unwrap();
        let login = format!("stackyard_session={name} {name}");
        let answer = server.send(Some(&login), Method::GET, "/profile/", None).await;
        assert_eq!(answer.status, expected, "{name}: {:#}", answer.body);
    };
    check("fresh", 60, 3600, 0, 200).await;
    check("nearly-idle", 29 * 60, 3600, 0, 200).await;
    check("idle", 31 * 60, 3600, 0, 401).await;
    check("ended", 60, 0, 1, 401).await;
    // Being used keeps a session from being idle.
    let mut tx = db.read().await.unwrap();
    let used = store::sessions::get(&mut tx, "nearly-idle").await.unwrap().last_used_at;
    assert!(used > Time::now().before(Duration::from_secs(60)), "{used}");
    // A new login ends eight hours later.
    let real = store::sessions::list(&mut tx, ann.id).await.unwrap();
    let real = real.iter().find(|it| it.remote_addr == "127.0.0.1").unwrap();
    assert_eq!(real.expires_at.as_micros() - real.created_at.as_micros(), 8 * 3600 * 1_000_000);
    let listed = ann.get(&server, "/profile/sessions/").await.data(200);
    assert_eq!(listed.as_array().unwrap().len(), 3, "only those that work: {listed:#}");
}
