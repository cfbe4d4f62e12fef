use std::{io, time::Duration};

use bytes::Bytes;
use cloud_http::{HttpError, Request};
use futures_util::{StreamExt, stream};
use http::Method;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::sleep,
};
use url::Url;

use crate::{
    client,
    responder::{answer, connection_responder, http_responder, ok, silent_responder},
};

fn put(url: &str) -> Request {
    Request::new(Method::PUT, url.parse::<Url>().unwrap())
}

fn pieces(sizes: &[usize]) -> stream::BoxStream<'static, io::Result<Bytes>> {
    let pieces: Vec<_> = sizes.iter().map(|it| Ok(Bytes::from(vec![b'x'; *it]))).collect();
    stream::iter(pieces).boxed()
}

#[tokio::test]
async fn a_body_goes_out_as_it_comes() {
    let cloud = http_responder(|_, _| ok("")).await;
    let response = client().upload(&put(&cloud.http("/a%20b")), 300, pieces(&[100, 0, 200])).await.unwrap();
    assert_eq!(response.status, 200);
    let request = cloud.requests().remove(0);
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("PUT /a%20b ") && head.to_lowercase().contains("content-length: 300"), "{head}");
    assert_eq!(body, "x".repeat(300));
    assert!(client().upload(&put(&cloud.http("/")), 0, pieces(&[])).await.is_ok());
}

#[tokio::test]
async fn another_length_than_announced_breaks_it_off() {
    for (sizes, expected) in [(&[100, 100][..], "100 of its bytes are missing"), (&[200, 101], "more bytes than")] {
        let cloud = http_responder(|_, _| ok("")).await;
        let err = client().upload(&put(&cloud.http("/")), 300, pieces(sizes)).await.err().unwrap();
        assert!(matches!(&err, HttpError::Upload { reason, .. } if reason.contains(expected)), "{err:?}");
        assert!(cloud.requests().is_empty(), "{expected}");
        cloud.until_hung_up().await;
    }
}

#[tokio::test]
async fn what_breaks_off_says_why() {
    let cloud = http_responder(|_, _| ok("")).await;
    let broken = pieces(&[100]).chain(stream::once(async { Err(io::Error::other("the disk is gone")) })).boxed();
    let err = client().upload(&put(&cloud.http("/")), 300, broken).await.err().unwrap();
    assert!(err.to_string().ends_with(" broke off: the disk is gone"), "{err}");
}

/// More than the buffers of both sides take; the answer comes before it was read.
#[tokio::test]
async fn a_refusal_is_heard_before_the_end() {
    let cloud = connection_responder("127.0.0.1:0", async |mut tcp, _| {
        tcp.read_exact(&mut [0; 4096]).await.unwrap();
        tcp.write_all(answer("507 Insufficient Storage", "", "full").as_bytes()).await.unwrap();
        sleep(Duration::from_secs(60)).await;
    })
    .await;
    let endless = stream::repeat_with(|| Ok(Bytes::from_static(&[b'x'; 1000]))).boxed();
    let response = client().upload(&put(&cloud.http("/")), 1 << 40, endless).await;
    assert_eq!(response.unwrap().status, 507);
}

#[tokio::test]
async fn a_cloud_that_takes_no_more_is_given_up() {
    let limit = Duration::from_millis(150);
    // Taken, and never answered.
    let cloud = silent_responder().await;
    let err = client().upload(&put(&cloud.http("/")).silence(limit), 3, pieces(&[3])).await.err().unwrap();
    assert!(matches!(err, HttpError::Silence { .. }), "{err:?}");
    // Slow to come, and yet never silent for so long.
    let cloud = http_responder(|_, _| ok("")).await;
    let slow = pieces(&[1; 8]).then(async |it| {
        sleep(Duration::from_millis(100)).await;
        it
    });
    let request = put(&cloud.http("/")).silence(Duration::from_millis(600));
    assert_eq!(client().upload(&request, 8, slow.boxed()).await.unwrap().status, 200);
}
