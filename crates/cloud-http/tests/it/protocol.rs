use cloud_http::{HttpError, Stage};

use crate::{
    certificates::{Identity, leaf},
    client, get, post,
    responder::{Reply, http_responder, https_responder, ok, raw_responder},
    text,
};

#[tokio::test]
async fn http_1_0_is_understood() {
    for reply in ["HTTP/1.0 200 OK\r\n\r\nold", "HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nold"] {
        let cloud = http_responder(move |_, _| Reply::Close(reply.into())).await;
        assert_eq!(text(&client(), get(cloud.http("/"))).await.unwrap(), "old");
    }
}

#[tokio::test]
async fn what_is_not_http_is_told() {
    for bytes in [
        &b"SSH-2.0-OpenSSH_9.6\r\n"[..],
        b"220 mail.example ESMTP\r\n",
        b"<!doctype html><title>hello</title>",
        b"\0\0\x12\x04\0\0\0\0\0",
        b"HTTP/1.1 abc Moved\r\n\r\n",
        b"HTTP/9.9 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
        b"\xff\xff\xff\xff",
        b"",
    ] {
        let cloud = raw_responder(bytes).await;
        let err = text(&client(), get(cloud.http("/"))).await.unwrap_err();
        let start = format!("{} does not speak HTTP as expected: ", cloud.http(""));
        assert!(matches!(err, HttpError::Protocol { .. }), "{bytes:?}: {err:?}");
        assert!(err.to_string().strip_prefix(&start).is_some_and(|it| !it.starts_with("client error")), "{err}");
        assert!(err.remedy().contains("URL"), "{}", err.remedy());
    }
}

#[tokio::test]
async fn https_on_a_plain_port() {
    let plain = raw_responder(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n").await;
    let err = client().send(get(plain.https("/"))).await.err().unwrap();
    assert_eq!(err.to_string(), format!("no TLS at {}: it does not speak TLS", plain.https("")));
    assert_eq!(err.stage(), Stage::Tls);
    assert!(err.remedy().contains("http://"), "{}", err.remedy());
    let closing = raw_responder(b"").await;
    let err = client().send(get(closing.https("/"))).await.err().unwrap();
    let expected = format!("the TLS handshake with {} failed: it hung up during the TLS greeting", closing.https(""));
    assert_eq!(err.to_string(), expected);
    assert!(!err.remedy().contains("http://"), "{}", err.remedy());
}

#[tokio::test]
async fn http_on_a_tls_port() {
    let cloud = https_responder(Identity::self_signed(leaf()).acceptor(), |_, _| ok("")).await;
    let err = client().send(get(cloud.http("/"))).await.err().unwrap();
    assert!(err.to_string().contains("begin the URL with https://"), "{err}");
}

/// Whether it was carried out is not known, so it is the caller's to look.
#[tokio::test]
async fn a_write_that_got_no_answer_is_not_sent_again() {
    let cloud = http_responder(|_, _| Reply::Close(String::new())).await;
    assert!(matches!(client().send(post(cloud.http("/"), "order")).await, Err(HttpError::Protocol { .. })));
    assert_eq!(cloud.requests().len(), 1);

    // The same on a connection that was used before.
    let cloud = http_responder(|n, _| if n == 0 { ok("fine") } else { Reply::Close(String::new()) }).await;
    let client = client();
    assert_eq!(text(&client, get(cloud.http("/"))).await.unwrap(), "fine");
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    assert!(matches!(client.send(post(cloud.http("/"), "order")).await, Err(HttpError::Protocol { .. })));
    assert_eq!((cloud.requests().len(), cloud.n_connections()), (2, 1));
}
