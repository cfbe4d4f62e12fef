use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use cloud_http::{HttpError, Stage};
use http::StatusCode;

use crate::{
    client, get, post,
    responder::{Reply, Responder, answer, http_responder, ok},
    text,
};

/// Refuses the first `n_refused` requests.
async fn busy_responder(n_refused: usize, status: &'static str, headers: &'static str) -> Responder {
    http_responder(move |n, _| match n < n_refused {
        true => Reply::Keep(answer(status, headers, "busy")),
        false => ok("fine"),
    })
    .await
}

#[tokio::test]
async fn reads_are_sent_again() {
    for status in ["429 Too Many Requests", "503 Service Unavailable"] {
        let cloud = busy_responder(2, status, "Retry-After: 0").await;
        assert_eq!(text(&client(), get(cloud.http("/"))).await.unwrap(), "fine");
        assert_eq!(cloud.requests().len(), 3);
        let cloud = busy_responder(2, status, "Retry-After: 0").await;
        assert_eq!(text(&client(), post(cloud.http("/"), "question").read_only()).await.unwrap(), "fine");
        assert!(cloud.requests()[2].ends_with("\r\n\r\nquestion"), "{:?}", cloud.requests());
    }
}

#[tokio::test]
async fn writes_are_not() {
    for status in ["429 Too Many Requests", "503 Service Unavailable"] {
        let cloud = busy_responder(1, status, "Retry-After: 0").await;
        let err = client().send(post(cloud.http("/"), "order")).await.err().unwrap();
        assert!(matches!(err, HttpError::Busy { retry_after: Some(Duration::ZERO), .. }), "{err:?}");
        assert_eq!(cloud.requests().len(), 1);
    }
}

#[tokio::test]
async fn patience_has_an_end() {
    let cloud = busy_responder(100, "429 Too Many Requests", "Retry-After: 0").await;
    let err = client().send(get(cloud.http("/"))).await.err().unwrap();
    assert!(matches!(err, HttpError::Busy { status: 429, retry_after: Some(Duration::ZERO), .. }), "{err:?}");
    assert_eq!((cloud.requests().len(), err.stage()), (3, Stage::Answer));
}

/// Were it waited for, this test would never end.
#[tokio::test]
async fn a_long_wait_is_left_to_the_caller() {
    for (status, code) in [("429 Too Many Requests", 429), ("503 Service Unavailable", 503)] {
        let cloud = busy_responder(1, status, "Retry-After: 3600").await;
        let err = client().send(get(cloud.http("/"))).await.err().unwrap();
        let HttpError::Busy { status, retry_after, .. } = &err else { panic!("{err:?}") };
        assert_eq!((*status, *retry_after), (code, Some(Duration::from_secs(3600))));
        assert!(err.to_string().ends_with(&format!("asks to wait (HTTP {code}), 3600 s")), "{err}");
        assert_eq!(cloud.requests().len(), 1);
    }
}

#[tokio::test]
async fn the_wait_is_as_long_as_asked_for() {
    let times = Arc::new(Mutex::new(Vec::new()));
    let cloud = http_responder({
        let times = times.clone();
        move |n, _| {
            times.lock().unwrap().push(Instant::now());
            match n {
                0 => Reply::Keep(answer("429 Too Many Requests", "Retry-After: 2", "")),
                _ => ok("fine"),
            }
        }
    })
    .await;
    assert_eq!(text(&client(), get(cloud.http("/"))).await.unwrap(), "fine");
    let times = times.lock().unwrap();
    assert!(times[1] - times[0] >= Duration::from_secs(2), "{:?}", times[1] - times[0]);
}

/// A 503 of a gateway tells nothing about when; its text may say why, so it is kept.
#[tokio::test]
async fn a_503_that_asks_for_nothing_is_an_answer() {
    let cloud = busy_responder(100, "503 Service Unavailable", "").await;
    let response = client().send(get(cloud.http("/"))).await.unwrap();
    assert_eq!((response.status, cloud.requests().len()), (StatusCode::SERVICE_UNAVAILABLE, 3));
    assert_eq!(response.body.bytes().await.unwrap(), "busy");
    let response = client().send(post(cloud.http("/"), "order")).await.unwrap();
    assert_eq!((response.status, cloud.requests().len()), (StatusCode::SERVICE_UNAVAILABLE, 4));
}

#[tokio::test]
async fn a_429_is_busy_even_without_a_time() {
    for headers in ["", "Retry-After: soon", "Retry-After: -1", "Retry-After: Wed, 21 Oct 2037 07:28:00 GMT"] {
        let cloud = busy_responder(1, "429 Too Many Requests", headers).await;
        let err = client().send(post(cloud.http("/"), "order")).await.err().unwrap();
        assert!(matches!(err, HttpError::Busy { retry_after: None, .. }), "{headers}: {err:?}");
        assert!(err.to_string().ends_with("asks to wait (HTTP 429)"), "{err}");
    }
}

#[tokio::test]
async fn other_failures_are_answers() {
    for status in ["300 Multiple Choices", "401 Unauthorized", "403 Forbidden", "404 Not Found", "500 Oops", "502 Bad"]
    {
        let cloud = busy_responder(1, status, "Retry-After: 0").await;
        assert_eq!(text(&client(), get(cloud.http("/"))).await.unwrap(), "busy", "{status}");
        assert_eq!(cloud.requests().len(), 1);
    }
}
