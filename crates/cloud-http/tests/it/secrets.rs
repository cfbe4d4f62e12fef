use std::{error::Error, time::Duration};

use cloud_http::{HttpError, Request};
use http::{Method, header::HeaderName};

use crate::{
    certificates::{Identity, leaf},
    client, get,
    responder::{Reply, answer, http_responder, https_responder, ok, raw_responder, silent_responder},
    text,
};

const TOKEN: &str = "gAAAAABtoken";
const PASSWORD: &str = "correct-horse";

fn request(url: &str) -> Request {
    let token = HeaderName::from_static("x-auth-token");
    Request::post(url.parse().unwrap(), format!(r#"{{"password":"{PASSWORD}"}}"#))
        .header(token, TOKEN.parse().unwrap())
        .limit(10)
}

fn assert_keeps(secrets: &[&str], err: &HttpError) {
    let mut told = format!("{err}\n{err:?}\n{err:#?}\n{}", err.remedy());
    let mut source = err.source();
    while let Some(cause) = source {
        told = format!("{told}\n{cause}\n{cause:?}");
        source = cause.source();
    }
    for secret in secrets {
        assert!(!told.contains(secret), "{secret} is in {told}");
    }
}

/// Every way to fail, each with servers that send back what they were sent.
#[tokio::test]
async fn no_failure_tells_a_secret() {
    let echo = |head: &'static str| {
        http_responder(move |_, request| Reply::Close(format!("{head}{}", request.replace("\r\n", " "))))
    };
    let garbage = echo("").await;
    let status_line = echo("HTTP/1.1 200 ").await;
    let header = echo("HTTP/1.1 200 OK\r\nX Echo: ").await;
    let length = echo("HTTP/1.1 200 OK\r\nContent-Length: ").await;
    let chunk = echo("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").await;
    let large = echo("HTTP/1.0 200 OK\r\n\r\n").await;
    let busy = http_responder(|_, _| Reply::Keep(answer("429 Too Many", "", ""))).await;
    let elsewhere = http_responder(|_, _| Reply::Keep(answer("302 Found", "Location: http://x.example/", ""))).await;
    let circle = http_responder(|_, _| Reply::Keep(answer("307 Found", "Location: /", ""))).await;
    let slow = http_responder(|_, _| Reply::Hold("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab".into())).await;
    let silent = silent_responder().await;
    let not_tls = raw_responder(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
    let untrusted = https_responder(Identity::self_signed(leaf()).acceptor(), |_, _| ok("")).await;
    let urls = [
        garbage.http("/"),
        status_line.http("/"),
        header.http("/"),
        length.http("/"),
        chunk.http("/"),
        large.http("/"),
        busy.http("/"),
        elsewhere.http("/"),
        circle.http("/"),
        silent.http("/"),
        slow.http("/"),
        silent.https("/"),
        not_tls.https("/"),
        untrusted.https("/"),
        untrusted.http("/"),
        "http://127.0.0.1:1/".to_owned(),
        "http://169.254.169.254/".to_owned(),
        "http://does-not-exist.invalid/".to_owned(),
        "ftp://127.0.0.1/".to_owned(),
    ];
    let mut kinds = std::collections::BTreeSet::new();
    for url in urls {
        let is_silent = url.contains(&silent.address.to_string());
        // Short only where it has to be: the others need their time on a busy machine.
        let silence = Duration::from_millis(if is_silent { 200 } else { 30_000 });
        let total = Duration::from_millis(if url == slow.http("/") { 200 } else { 60_000 });
        let err = text(&client(), request(&url).silence(silence).total(total)).await.expect_err(&url);
        assert_keeps(&[TOKEN, PASSWORD], &err);
        kinds.insert(format!("{err:?}").split([' ', '(']).next().unwrap().to_owned());
    }
    // All kinds of errors there are; a new one belongs into the list above.
    assert_eq!(
        kinds.into_iter().collect::<Vec<_>>(),
        [
            "Address",
            "Busy",
            "Certificate",
            "Connect",
            "NoTls",
            "Protocol",
            "Redirect",
            "Resolve",
            "Silence",
            "Tls",
            "TooLarge",
            "TooSlow",
            "Url"
        ]
    );
}

#[tokio::test]
async fn a_query_is_not_told_either() {
    let err = client().send(get(format!("http://127.0.0.1:1/?signature={TOKEN}"))).await.err().unwrap();
    assert_keeps(&[TOKEN], &err);
}

#[test]
fn a_request_shows_method_and_place_only() {
    let shown = format!("{:?}", request(&format!("https://cloud.example/v3/auth/tokens?signature={TOKEN}")));
    assert_eq!(shown, "POST https://cloud.example:443/v3/auth/tokens");
    let shown = format!("{:?}", Request::new(Method::GET, format!("https://u:{PASSWORD}@h/").parse().unwrap()));
    assert_eq!(shown, "GET https://h:443/");
}
