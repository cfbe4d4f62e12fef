//! What the server answers outside of the API. The pages themselves are tried in a browser.

use reqwest::{Method, Response};
use serde_json::Value;

use crate::support::TestServer;

const NAVIGATION: &str = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8";

async fn ask(server: &TestServer, method: Method, path: &str, accept: &str) -> Response {
    let request = server.client.request(method, format!("{}{path}", server.url));
    request.header("accept", accept).send().await.unwrap()
}

#[tokio::test]
async fn what_is_no_page_stays_a_refusal_of_the_api() {
    let server = TestServer::start().await;
    for (method, path, accept) in [
        (Method::GET, "/api/v1beta0/nothing/", NAVIGATION),
        (Method::GET, "/assets/nothing.js", "*/*"),
        (Method::GET, "/%2e%2e/package.json", "*/*"),
        (Method::GET, "/..%2fpackage.json", "*/*"),
        (Method::POST, "/account-1", NAVIGATION),
    ] {
        let response = ask(&server, method.clone(), path, accept).await;
        assert_eq!(response.status(), 404, "{method} {path}");
        let body: Value = response.json().await.unwrap();
        assert_eq!(body["errors"][0]["code"], "EndpointNotFound", "{method} {path}");
    }
}

/// Any address is the same page, whose script reads it; nothing of it may come from elsewhere or be framed.
#[tokio::test]
async fn a_navigation_gets_the_page_with_its_policy() {
    let server = TestServer::start().await;
    for path in ["/", "/login", "/account-1/credentials/new?cloud=vmware"] {
        let response = ask(&server, Method::GET, path, NAVIGATION).await;
        assert_eq!(response.status(), 200, "{path}: `cargo xtask console` makes the page");
        let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
        assert_eq!(header("content-type"), "text/html; charset=utf-8");
        assert_eq!(header("cache-control"), "no-cache");
        assert!(header("content-security-policy").contains("default-src 'self'"));
        assert!(header("content-security-policy").contains("frame-ancestors 'none'"));
        let known = server.client.get(format!("{}{path}", server.url)).header("accept", NAVIGATION);
        assert_eq!(known.header("if-none-match", header("etag")).send().await.unwrap().status(), 304);
        assert!(response.text().await.unwrap().contains("<title>Stackyard</title>"));
    }
}
