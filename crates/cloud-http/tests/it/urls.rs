use cloud_http::{HttpError, Stage};

use crate::{
    client, get, probe,
    responder::{http_responder, ok},
    text,
};

/// Refuses `url` before any connection, in a request and in a probe, and tells `expected`.
async fn check(url: &str, expected: &str) {
    let err = client().send(get(url)).await.err().unwrap();
    assert!(matches!(err, HttpError::Url(_)), "{url}: {err:?}");
    assert!(err.to_string().contains(expected), "{url}: {err}");
    assert!(err.remedy().contains("https://"), "{}", err.remedy());
    let probe = probe(&client(), url).await;
    let err = probe.resolve.unwrap_err();
    assert_eq!(err.stage(), Stage::Url, "{url}: {err:?}");
    assert!(probe.connect.is_none());
}

#[tokio::test]
async fn user_info_is_refused_and_not_repeated() {
    let cloud = http_responder(|_, _| ok("")).await;
    for user_info in ["root:hunter2", ":hunter2", "hunter2", "hunter2:", "ro%40ot:hunter2"] {
        let url = format!("http://{user_info}@{}/", cloud.address);
        check(&url, "user name or password").await;
        let err = client().send(get(&url)).await.err().unwrap();
        assert!(!format!("{err} {err:?} {}", err.remedy()).contains("hunter2"), "{err:?}");
    }
    assert_eq!(cloud.n_connections(), 0);
}

#[tokio::test]
async fn only_http_and_https_are_spoken() {
    check("ftp://127.0.0.1/", "ftp:").await;
    check("file:///etc/passwd", "file:").await;
    check("data:text/plain,hello", "data:").await;
    check("ldap://127.0.0.1/", "ldap:").await;
    // What a forgotten scheme becomes.
    check("keystone.example:5000/v3", "keystone.example:").await;
    check("localhost:5000", "localhost:").await;
}

#[tokio::test]
async fn paths_and_queries_arrive_as_they_are() {
    let cloud = http_responder(|_, request| ok(request.lines().next().unwrap())).await;
    for target in ["/identity/v3", "/v3/?a=b%20c&d=%26", "/%2e%2e%2f", "/a|b%7C", "/s%C3%BC%C3%9F"] {
        let line = text(&client(), get(cloud.http(target))).await.unwrap();
        assert_eq!(line, format!("GET {target} HTTP/1.1"));
    }
    // A fragment stays at home.
    assert_eq!(text(&client(), get(cloud.http("/v3#part"))).await.unwrap(), "GET /v3 HTTP/1.1");
}
