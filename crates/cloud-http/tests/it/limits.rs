use std::sync::Arc;

use cloud_http::{Client, Exit, HttpError, Request, Trust};
use http::Method;
use tokio::io::AsyncReadExt;

use crate::{
    get,
    responder::{Reply, answer, http_responder},
    rules, text,
};

fn counted() -> (Arc<Exit>, Client) {
    let exit = Arc::new(Exit::new(rules(&["127.0.0.0/8"]), None));
    (exit.clone(), Client::new(exit, Trust::default()).unwrap())
}

#[tokio::test]
async fn an_announced_length_over_the_limit_is_not_waited_for() {
    let cloud = http_responder(|_, _| Reply::Hold("HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n".into())).await;
    let (exit, client) = counted();
    let err = text(&client, get(cloud.http("/")).limit(1000)).await.unwrap_err();
    assert!(matches!(err, HttpError::TooLarge { limit: 1000, .. }), "{err:?}");
    assert!(err.to_string().contains("larger than 1000 bytes"), "{err}");
    assert_eq!(exit.traffic(), (1, 0));
    cloud.until_hung_up().await;
}

#[tokio::test]
async fn the_default_limit_stops_a_hundred_megabytes() {
    let cloud =
        http_responder(|_, _| Reply::Hold("HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n[".into())).await;
    let err = text(&counted().1, get(cloud.http("/"))).await.unwrap_err();
    assert!(matches!(err, HttpError::TooLarge { .. }), "{err:?}");
}

#[tokio::test]
async fn a_body_of_just_the_limit_is_read() {
    let cloud = http_responder(|_, _| Reply::Keep(answer("200 OK", "", "12345"))).await;
    let (exit, client) = counted();
    assert_eq!(text(&client, get(cloud.http("/")).limit(5)).await.unwrap(), "12345");
    assert!(text(&client, get(cloud.http("/")).limit(4)).await.is_err());
    assert_eq!(exit.traffic(), (2, 5));
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n123\r\n2\r\n45\r\n0\r\n\r\n";
    let cloud = http_responder(move |_, _| Reply::Keep(chunked.into())).await;
    assert_eq!(text(&client, get(cloud.http("/")).limit(5)).await.unwrap(), "12345");
    assert!(matches!(text(&client, get(cloud.http("/")).limit(4)).await, Err(HttpError::TooLarge { .. })));
}

/// Neither announces a length: chunks without end, and HTTP/1.0 until the connection closes.
#[tokio::test]
async fn a_body_without_length_or_end_is_cut_off() {
    for (head, piece) in [
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "10\r\n0123456789abcdef\r\n"),
        ("HTTP/1.0 200 OK\r\n\r\n", "0123456789abcdef"),
    ] {
        let cloud = http_responder(move |_, _| Reply::Forever(head.into(), piece)).await;
        let (exit, client) = counted();
        let err = text(&client, get(cloud.http("/")).limit(100_000)).await.unwrap_err();
        assert!(matches!(err, HttpError::TooLarge { limit: 100_000, .. }), "{err:?}");
        let (_, n_bytes) = exit.traffic();
        // One read more than the limit at most; hyper reads no more than 400 KiB at once.
        assert!(n_bytes > 100_000 && n_bytes < 600_000, "{n_bytes}");
        cloud.until_hung_up().await;
    }
}

/// Not even the piece that goes over it is handed out.
#[tokio::test]
async fn no_more_than_the_limit_is_handed_out() {
    let text = format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7d0\r\n{}\r\n", "x".repeat(2000));
    let cloud = http_responder(move |_, _| Reply::Hold(text.clone())).await;
    let mut body = counted().1.send(get(cloud.http("/")).limit(1000)).await.unwrap().body;
    assert!(matches!(body.chunk().await, Err(HttpError::TooLarge { .. })));
}

#[tokio::test]
async fn a_reader_ends_with_the_error_inside() {
    let cloud = http_responder(|_, _| Reply::Keep(answer("200 OK", "", &"x".repeat(2000)))).await;
    let response = counted().1.send(get(cloud.http("/")).limit(1000)).await.unwrap();
    let err = response.body.into_reader().read_to_end(&mut Vec::new()).await.unwrap_err();
    let err = err.get_ref().unwrap().downcast_ref::<HttpError>();
    assert!(matches!(err, Some(HttpError::TooLarge { .. })), "{err:?}");
}

#[tokio::test]
async fn a_reader_reads_what_is_within_the_limit() {
    let cloud = http_responder(|_, _| Reply::Keep(answer("200 OK", "", &"x".repeat(2000)))).await;
    let response = counted().1.send(get(cloud.http("/")).limit(2000)).await.unwrap();
    let mut text = String::new();
    response.body.into_reader().read_to_string(&mut text).await.unwrap();
    assert_eq!(text, "x".repeat(2000));
}

/// Swift tells the size of an object this way; nothing of it is sent.
#[tokio::test]
async fn head_tells_any_length() {
    let cloud = http_responder(|_, _| Reply::Keep("HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n".into())).await;
    let head = Request::new(Method::HEAD, cloud.http("/object").parse().unwrap()).limit(10);
    let response = counted().1.send(head).await.unwrap();
    assert_eq!(response.header("content-length"), "100000000");
    assert!(response.body.bytes().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_body_that_ends_early_is_not_taken_for_whole() {
    for reply in [
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{\"a\":1}",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7\r\n{\"a\":1}\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n",
    ] {
        let cloud = http_responder(move |_, _| Reply::Close(reply.into())).await;
        let err = text(&counted().1, get(cloud.http("/"))).await.unwrap_err();
        assert!(matches!(err, HttpError::Protocol { .. }), "{reply:?}: {err:?}");
    }
}

#[tokio::test]
async fn heads_are_limited() {
    let line = "X-Filler: 0123456789012345678901234567890123456789\r\n";
    let one =
        http_responder(|_, _| Reply::Close(format!("HTTP/1.1 200 OK\r\nX-Large: {}\r\n\r\n", "x".repeat(1_000_000))));
    let many = http_responder(move |_, _| Reply::Close(format!("HTTP/1.1 200 OK\r\n{}\r\n", line.repeat(1000))));
    let endless = http_responder(move |_, _| Reply::Forever("HTTP/1.1 200 OK\r\n".into(), line));
    for cloud in [one.await, many.await, endless.await] {
        let err = counted().1.send(get(cloud.http("/"))).await.err().unwrap();
        assert!(err.to_string().ends_with("message head is too large"), "{err}");
        cloud.until_hung_up().await;
    }
}
