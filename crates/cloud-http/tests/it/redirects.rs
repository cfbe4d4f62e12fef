use cloud_http::{HttpError, Request};
use http::{Method, StatusCode, header::HeaderName};

use crate::{
    client, get, post,
    responder::{Reply, Responder, answer, http_responder, ok, responder_at},
    text,
};

/// Sends everything but `/there` on to `location`.
async fn redirecting_responder(status: &'static str, location: String) -> Responder {
    http_responder(move |_, request| match request.contains(" /there ") {
        true => ok("arrived"),
        false => Reply::Keep(answer(status, &format!("Location: {location}"), "")),
    })
    .await
}

#[tokio::test]
async fn a_read_follows_within_the_origin() {
    for status in ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"] {
        let cloud = redirecting_responder(status, "/there".to_owned()).await;
        let token = HeaderName::from_static("x-auth-token");
        let response = client().send(get(cloud.http("/here")).header(token, "t0k".parse().unwrap())).await.unwrap();
        assert_eq!((response.status, response.url.path()), (StatusCode::OK, "/there"), "{status}");
        assert_eq!(response.body.bytes().await.unwrap(), "arrived");
        assert_eq!(cloud.targets(), ["GET /here", "GET /there"]);
        assert!(cloud.requests()[1].contains("x-auth-token: t0k\r\n"), "{:?}", cloud.requests());
    }
}

#[tokio::test]
async fn an_absolute_location_of_the_same_origin_is_within() {
    let cloud = http_responder(|n, request| {
        let host = request.lines().find_map(|it| it.strip_prefix("host: ")).unwrap();
        match n {
            0 => Reply::Keep(answer("302 Found", &format!("Location: http://{host}/there"), "")),
            _ => ok("arrived"),
        }
    })
    .await;
    assert_eq!(text(&client(), get(cloud.http("/here"))).await.unwrap(), "arrived");
}

#[tokio::test]
async fn another_origin_gets_nothing() {
    let trap = http_responder(|_, _| ok("caught")).await;
    let port = trap.address.port();
    for status in ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"] {
        for location in [
            format!("http://127.0.0.1:{port}/caught"),
            format!("https://127.0.0.1:{port}/caught"),
            format!("//127.0.0.1:{port}/caught"),
            format!("http://localhost:{port}/caught"),
            "http://169.254.169.254/latest/meta-data/".to_owned(),
            "ftp://127.0.0.1/caught".to_owned(),
            "file:///etc/passwd".to_owned(),
        ] {
            let cloud = redirecting_responder(status, location.clone()).await;
            for request in [get(cloud.http("/")), post(cloud.http("/"), "password")] {
                let token = HeaderName::from_static("x-auth-token");
                let err = client().send(request.header(token, "t0k".parse().unwrap())).await.err().unwrap();
                assert!(matches!(err, HttpError::Redirect { .. }), "{location}: {err:?}");
                let told = err.to_string();
                let expected =
                    match (location.contains("127.0.0.1"), location.starts_with("http:") || location.starts_with("//"))
                    {
                        (true, true) => "the same host with another port; the credential is not sent there",
                        (true, false) => "the same host with another scheme; the credential is not sent there",
                        (false, _) => "another host; the credential is not sent there",
                    };
                assert!(told.ends_with(expected), "{location}: {told}");
            }
            assert_eq!(cloud.targets(), ["GET /", "POST /"], "{location}");
        }
    }
    assert_eq!(trap.n_connections(), 0);
}

/// Only the host, only the port, only the scheme differs.
#[tokio::test]
async fn one_difference_is_enough() {
    let cloud = http_responder(|_, request| {
        let location = request.lines().find_map(|it| it.strip_prefix("x-location: ")).unwrap();
        Reply::Keep(answer("302 Found", &format!("Location: {location}"), ""))
    })
    .await;
    let port = cloud.address.port();
    let twin = responder_at(&format!("127.0.0.2:{port}"), None, |_, _| ok("caught")).await;
    let neighbour = http_responder(|_, _| ok("caught")).await;
    let told = [
        format!("http://127.0.0.2:{port}/there"),
        format!("http://127.0.0.1:{}/there", neighbour.address.port()),
        format!("https://127.0.0.1:{port}/there"),
    ];
    for location in &told {
        let name = HeaderName::from_static("x-location");
        let err = client().send(get(cloud.http("/")).header(name, location.parse().unwrap())).await.err().unwrap();
        assert!(matches!(&err, HttpError::Redirect { to, .. } if to == location), "{err:?}");
        assert!(err.remedy().contains(location), "{}", err.remedy());
    }
    assert_eq!((twin.n_connections(), neighbour.n_connections(), cloud.n_connections()), (0, 0, 3));
}

#[tokio::test]
async fn a_write_is_not_sent_again() {
    for status in ["301 Moved", "302 Found", "303 See Other"] {
        let cloud = redirecting_responder(status, "/there".to_owned()).await;
        for request in [post(cloud.http("/"), "{}"), post(cloud.http("/"), "{}").read_only()] {
            let err = client().send(request).await.err().unwrap();
            assert!(matches!(err, HttpError::Redirect { .. }), "{err:?}");
            assert!(
                err.to_string().ends_with("/there; a request that may change something is not sent twice"),
                "{err}"
            );
        }
        let delete = Request::new(Method::DELETE, cloud.http("/").parse().unwrap());
        assert!(client().send(delete).await.is_err());
        assert_eq!(cloud.targets(), ["POST /", "POST /", "DELETE /"], "{status}");
    }
}

/// RFC 9110 §15.4.8: these two ask for the same method and body at the other place.
#[tokio::test]
async fn a_write_follows_307_and_308_within_the_origin() {
    for status in ["307 Temporary", "308 Permanent"] {
        let cloud = redirecting_responder(status, "/there".to_owned()).await;
        assert_eq!(text(&client(), post(cloud.http("/here"), "body")).await.unwrap(), "arrived");
        assert_eq!(cloud.targets(), ["POST /here", "POST /there"]);
        assert!(cloud.requests()[1].ends_with("\r\n\r\nbody"));
    }
}

#[tokio::test]
async fn a_circle_ends() {
    let cloud = redirecting_responder("302 Found", "/again".to_owned()).await;
    let err = client().send(get(cloud.http("/"))).await.err().unwrap();
    assert!(err.to_string().ends_with("it redirects in a circle"), "{err}");
    assert_eq!(cloud.targets().len(), 4);
}

/// The origin of a URL does not tell user info, so the URL is looked at again.
#[tokio::test]
async fn user_info_in_a_location_is_refused() {
    let cloud = http_responder(|_, request| {
        let host = request.lines().find_map(|it| it.strip_prefix("host: ")).unwrap();
        Reply::Keep(answer("302 Found", &format!("Location: http://root:hunter2@{host}/there"), ""))
    })
    .await;
    let err = client().send(get(cloud.http("/"))).await.err().unwrap();
    assert!(matches!(err, HttpError::Url(_)), "{err:?}");
    assert!(!format!("{err} {err:?}").contains("hunter2"), "{err:?}");
    assert_eq!(cloud.targets(), ["GET /"]);
}

#[tokio::test]
async fn without_a_readable_location_it_is_an_answer_like_others() {
    for headers in ["", "Location: ", "Location: http://[::broken/", "Location: http://"] {
        let cloud = http_responder(move |_, _| Reply::Keep(answer("302 Found", headers, "look here"))).await;
        let response = client().send(get(cloud.http("/"))).await.unwrap();
        assert_eq!(response.status, StatusCode::FOUND, "{headers:?}");
        assert_eq!(response.body.bytes().await.unwrap(), "look here");
    }
}

#[tokio::test]
async fn a_long_location_makes_no_long_message() {
    let cloud = redirecting_responder("302 Found", format!("http://127.0.0.2/{}", "a".repeat(100_000))).await;
    let err = client().send(get(cloud.http("/"))).await.err().unwrap();
    assert!(err.to_string().len() < 400, "{}", err.to_string().len());
}
