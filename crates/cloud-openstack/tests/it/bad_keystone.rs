//! Keystones that no real cloud can be made to be, played by responders.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use cloud::{
    Cloud, CloudError,
    check::{Check, CheckStatus},
};
use cloud_openstack::{AuthType, Config, OpenStack};
use serde_json::json;

use crate::{
    real::{LIMIT, check, connect, validate},
    responder::{self, Asked, Said, answer},
};

const PASSWORD: &str = "pa55word-of-the-test";

pub fn config(url: String) -> Config {
    let demo = || Some("demo".to_owned());
    Config { keystone_url: url, user_name: demo(), tenant_name: demo(), ..Config::default() }
}

fn at(url: String) -> OpenStack {
    connect(config(url), PASSWORD.into())
}

pub fn v3() -> Said {
    responder::json(200, &json!({ "version": { "id": "v3.14", "status": "stable" } }))
}

/// The first check that did not pass, of the report of a Keystone that answers everything like this.
async fn first_failure(said: impl Fn(Asked) -> Said + Send + Sync + 'static) -> Check {
    let said = Arc::new(said);
    let address = responder::start(move |asked| {
        let said = said.clone();
        async move { said(asked) }
    })
    .await;
    failure(&at(format!("http://{address}/v3"))).await
}

async fn failure(cloud: &OpenStack) -> Check {
    let checks = validate(cloud, LIMIT).await;
    assert!(checks.iter().all(|it| !it.detail.contains(PASSWORD)), "{checks:#?}");
    let failed: Vec<_> = checks.iter().filter(|it| it.status == CheckStatus::Failed).collect();
    assert_eq!(failed.len(), 1, "{checks:#?}");
    let n_skipped = checks.iter().filter(|it| it.status == CheckStatus::Skipped).count();
    assert!(n_skipped >= 20, "{checks:#?}");
    failed[0].clone()
}

/// Keystone's own answer to a login, after a good version document.
async fn login_failure(said: impl Fn() -> Said + Send + Sync + 'static) -> Check {
    first_failure(move |asked| if asked.path == "/v3" { v3() } else { said() }).await
}

fn says(check: &Check, id: &str, words: &[&str]) {
    assert_eq!(check.id, id, "{check:?}");
    assert!(check.remedy.is_some());
    for word in words {
        assert!(check.detail.contains(word), "no {word:?} in {check:?}");
    }
}

#[tokio::test]
async fn only_v2_responder() {
    let list = || json!({ "versions": { "values": [{ "id": "v2.0", "status": "deprecated" }] } });
    let it = first_failure(move |_| responder::json(300, &list())).await;
    says(&it, "openstack.keystone.version", &["no identity API v3", "only v2.0"]);
    // As it really was: the list at the root, and nothing at /v3.
    let it = first_failure(move |asked| match asked.path.as_str() {
        "/" => responder::json(300, &list()),
        _ => answer(404, "", b"<html>not here</html>"),
    });
    says(&it.await, "openstack.keystone.version", &["no identity API v3", "only v2.0"]);
}

#[tokio::test]
async fn a_path_prefix_responder() {
    let address = responder::start(|asked: Asked| async move {
        match asked.path.as_str() {
            "/identity/v3" => v3(),
            "/identity/v3/auth/tokens" => responder::json(418, &json!({ "error": { "message": "a teapot" } })),
            _ => answer(404, "", b""),
        }
    })
    .await;
    for typed in ["/identity", "/identity/", "/identity/v3", "/identity/v3/auth/tokens"] {
        let it = failure(&at(format!("http://{address}{typed}"))).await;
        says(&it, "openstack.auth", &["/identity/v3/auth/tokens answered 418: a teapot (request req-test)"]);
    }
}

#[tokio::test]
async fn statuses_at_login_responder() {
    let error = |status: u16| responder::json(status, &json!({ "error": { "message": "as Keystone says" } }));
    for status in [401, 403] {
        says(
            &login_failure(move || error(status)).await,
            "openstack.auth",
            &["refuses this login", "as Keystone says", "req-test"],
        );
    }
    for status in [400, 500, 503] {
        let words = [&format!("answered {status}") as &str, "as Keystone says", "req-test"];
        says(&login_failure(move || error(status)).await, "openstack.auth", &words);
    }
    let it = login_failure(|| answer(404, "", b"<html><h1>Not Found</h1></html>")).await;
    says(&it, "openstack.auth", &["answered 404: Not Found"]);
    let it = login_failure(|| answer(429, "Retry-After: 3600\r\n", b"")).await;
    says(&it, "openstack.auth", &["asks to wait", "3600 s"]);
}

#[tokio::test]
async fn statuses_at_discovery_responder() {
    for status in [401, 403, 404, 500, 503] {
        let it = first_failure(move |_| answer(status, "", b"gateway says no")).await;
        says(&it, "openstack.keystone.version", &[&format!("answered {status}"), "gateway says no"]);
    }
}

#[tokio::test]
async fn an_overload_that_ends_is_waited_for_responder() {
    let n_asked = Arc::new(AtomicUsize::new(0));
    let counted = n_asked.clone();
    let it = first_failure(move |_| match counted.fetch_add(1, Ordering::SeqCst) {
        0 => answer(429, "Retry-After: 1\r\n", b""),
        1 => answer(503, "", b""),
        2 => v3(),
        _ => responder::json(500, &json!({ "error": { "message": "done" } })),
    })
    .await;
    says(&it, "openstack.auth", &["done"]);
}

#[tokio::test]
async fn answers_that_are_no_answers_responder() {
    let id = "openstack.keystone.version";
    let html = || answer(200, "Content-Type: text/html\r\n", b"<html><title>Welcome to nginx!</title></html>");
    says(&first_failure(move |_| html()).await, id, &["did not answer as OpenStack does", "Welcome to nginx!"]);
    let it = first_failure(|_| answer(200, "", br#"{"version": {"id": "v3.1"#)).await;
    says(&it, id, &["did not answer as OpenStack does"]);
    says(&first_failure(|_| answer(200, "", br#"{"hello": "world"}"#)).await, id, &["no list of versions"]);
    says(&first_failure(|_| Some(b"SSH-2.0-OpenSSH_9.2\r\n".to_vec())).await, id, &["does not speak HTTP"]);
    let cut = || answer(201, "X-Subject-Token: t\r\n", br#"{"token": {"user": {"id": "u"#);
    says(&login_failure(cut).await, "openstack.auth", &["did not answer as OpenStack does"]);
    let no_token = || responder::json(201, &json!({ "token": { "user": { "id": "u" }, "project": { "id": "p" } } }));
    says(&login_failure(no_token).await, "openstack.auth", &["no X-Subject-Token"]);
    let unscoped = || answer(201, "X-Subject-Token: t\r\n", br#"{"token": {"user": {"id": "u"}}}"#);
    says(&login_failure(unscoped).await, "openstack.auth", &["not scoped to a project"]);
}

#[tokio::test]
async fn a_hundred_megabytes_responder() {
    let huge = Arc::new(format!(r#"{{"version": {{"id": "v3.14", "x": "{}"}}}}"#, "x".repeat(100 << 20)));
    let body = huge.clone();
    let it = first_failure(move |_| answer(200, "", body.as_bytes())).await;
    says(&it, "openstack.keystone.version", &["is larger than 1048576 bytes"]);
    let it = first_failure(move |asked| match asked.path.as_str() {
        "/v3" => v3(),
        _ => answer(201, "X-Subject-Token: t\r\n", huge.as_bytes()),
    });
    says(&it.await, "openstack.auth", &["is larger than 4194304 bytes"]);
}

#[tokio::test]
async fn a_redirect_to_another_host_takes_no_password_along_responder() {
    let caught = Arc::new(AtomicUsize::new(0));
    let counted = caught.clone();
    let thief = responder::start(move |_| {
        counted.fetch_add(1, Ordering::SeqCst);
        async { v3() }
    })
    .await;
    let to = format!("Location: http://{thief}/v3/auth/tokens\r\n");
    let header = to.clone();
    let it = first_failure(move |_| answer(302, &header, b"")).await;
    says(&it, "openstack.keystone.version", &["redirects to", "the same host with another port"]);
    for status in [302, 307, 308] {
        let header = to.clone();
        let it = login_failure(move || answer(status, &header, b"")).await;
        says(&it, "openstack.auth", &["redirects to", "the same host with another port"]);
    }
    assert_eq!(caught.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_secret_that_is_sent_back_is_not_shown_responder() {
    let echo = |asked: Asked| match asked.path.as_str() {
        "/v3" => v3(),
        _ => {
            let body = format!("you said {}", String::from_utf8_lossy(&asked.body));
            responder::json(401, &json!({ "error": { "message": body } }))
        }
    };
    let address = responder::start(move |asked| async move { echo(asked) }).await;
    let cloud = at(format!("http://{address}"));
    says(&failure(&cloud).await, "openstack.auth", &["[secret]"]);
    match cloud.locations().await {
        Err(CloudError::Unauthorized(text)) => assert!(text.contains("[secret]") && !text.contains(PASSWORD), "{text}"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn silence_responder() {
    let address = responder::start(|_| async { None }).await;
    let cloud = at(format!("http://{address}"));
    let checks = validate(&cloud, Duration::from_secs(1)).await;
    let version = check(&checks, "openstack.keystone.version");
    assert_eq!(version.status, CheckStatus::Failed);
    assert!(version.detail.ends_with("when the 1 s for all checks were over"), "{version:?}");
    let tcp = check(&checks, "openstack.tcp");
    assert_eq!(tcp.status, CheckStatus::Passed);
    assert!(checks.iter().filter(|it| it.status == CheckStatus::Skipped).count() >= 20);
}

#[tokio::test]
async fn nothing_listens_and_nothing_resolves() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    says(&failure(&at(format!("http://{address}/v3"))).await, "openstack.tcp", &["connection refused"]);
    let it = failure(&at("https://no-such-host.invalid:5000".to_owned())).await;
    says(&it, "openstack.dns", &["no-such-host.invalid", "does not resolve"]);
    for url in ["http://169.254.169.254/v3", "http://[::ffff:169.254.169.254]/v3", "http://10.0.0.1:5000"] {
        says(&failure(&at(url.to_owned())).await, "openstack.dns", &["which is refused"]);
    }
}

/// A Keystone that lets in, with the paths and tokens of all calls. `login` answers a request for a token.
async fn keystone(login: impl Fn(&Asked) -> Said + Send + Sync + 'static) -> (String, Arc<Mutex<Vec<String>>>) {
    let calls = Arc::<Mutex<Vec<String>>>::default();
    let (seen, login) = (calls.clone(), Arc::new(login));
    let address = responder::start(move |asked: Asked| {
        let header =
            |name: &str| asked.headers.iter().find(|it| it.0 == name).map_or("-".to_owned(), |it| it.1.clone());
        seen.lock().unwrap().push(format!("{} {} {}", asked.method, asked.path, header("x-auth-token")));
        let login = login.clone();
        async move {
            match (asked.method.as_str(), asked.path.as_str()) {
                (_, "/v3") => v3(),
                ("DELETE", _) => answer(204, "", b""),
                _ => login(&asked),
            }
        }
    })
    .await;
    (format!("http://{address}/v3"), calls)
}

fn token(asked: &Asked, made: &str) -> Said {
    let host = &asked.headers.iter().find(|it| it.0 == "host").unwrap().1;
    let body = json!({ "token": { "user": { "id": "u" }, "project": { "id": "p7" }, "catalog": [{ "type": "compute",
        "endpoints": [{ "interface": "public", "region_id": "One", "url": format!("http://{host}/v2.1") }] }] } });
    answer(201, &format!("X-Subject-Token: {made}\r\n"), body.to_string().as_bytes())
}

fn count(calls: &Mutex<Vec<String>>, beginning: &str) -> usize {
    calls.lock().unwrap().iter().filter(|it| it.starts_with(beginning)).count()
}

#[tokio::test]
async fn a_refused_login_is_not_repeated_for_the_next_caller_responder() {
    let (url, calls) = keystone(|_| responder::json(401, &json!({ "error": { "message": "no" } }))).await;
    let cloud = at(url);
    for _ in 0..3 {
        assert!(matches!(cloud.locations().await, Err(CloudError::Unauthorized(_))));
    }
    assert_eq!(count(&calls, "POST"), 1);
    // Another failure is no refusal.
    let (url, calls) = keystone(|_| answer(500, "", b"")).await;
    let cloud = at(url);
    for _ in 0..3 {
        assert!(matches!(cloud.locations().await, Err(CloudError::Service { .. })));
    }
    assert_eq!(count(&calls, "POST"), 3);
}

#[tokio::test]
async fn after_closing_nothing_logs_in_again_responder() {
    let (url, calls) = keystone(|asked| token(asked, "t1")).await;
    let cloud = at(url);
    cloud.locations().await.unwrap();
    cloud.close().await;
    assert_eq!(count(&calls, "DELETE /v3/auth/tokens t1"), 1);
    match cloud.instance_types(&cloud::LocationId("One".to_owned())).await {
        Err(CloudError::Service { message, .. }) => assert!(message.contains("logged out"), "{message}"),
        other => panic!("{other:?}"),
    }
    assert_eq!((count(&calls, "POST"), count(&calls, "GET /v2.1")), (1, 0));
}

fn with_token(url: String) -> OpenStack {
    let config = Config { keystone_url: url, auth_type: AuthType::Token, ..Config::default() };
    connect(config, "stored-token".into())
}

#[tokio::test]
async fn a_stored_token_goes_to_keystone_alone_responder() {
    let (url, calls) = keystone(|asked| match (asked.method.as_str(), asked.path.as_str()) {
        ("GET", "/v3/auth/tokens") => token(asked, "stored-token"),
        ("POST", _) => {
            let body: serde_json::Value = serde_json::from_slice(&asked.body).unwrap();
            assert_eq!(body["auth"]["identity"], json!({ "methods": ["token"], "token": { "id": "stored-token" } }));
            assert_eq!(body["auth"]["scope"], json!({ "project": { "id": "p7" } }));
            token(asked, "own-token")
        }
        _ => responder::json(200, &json!({ "flavors": [] })),
    })
    .await;
    let cloud = with_token(url);
    cloud.instance_types(&cloud::LocationId("One".to_owned())).await.unwrap();
    assert_eq!(count(&calls, "GET /v2.1/flavors/detail"), 1);
    let calls_with =
        |token: &str| calls.lock().unwrap().iter().filter(|it| it.ends_with(token)).cloned().collect::<Vec<_>>();
    assert_eq!(calls_with("stored-token"), ["GET /v3/auth/tokens stored-token"]);
    cloud.close().await;
    assert_eq!(count(&calls, "DELETE /v3/auth/tokens own-token"), 1, "and what was made is ended");
}

#[tokio::test]
async fn a_token_that_is_not_exchanged_is_explained_responder() {
    let (url, calls) = keystone(|asked| match asked.method.as_str() {
        "GET" => token(asked, "stored-token"),
        _ => responder::json(403, &json!({ "error": { "message": "rescope is off" } })),
    })
    .await;
    let cloud = with_token(url);
    says(&failure(&cloud).await, "openstack.auth", &["does not exchange this token", "rescope is off"]);
    assert!(matches!(cloud.locations().await, Err(CloudError::Unauthorized(_))));
    assert_eq!(count(&calls, "POST"), 1);
}
