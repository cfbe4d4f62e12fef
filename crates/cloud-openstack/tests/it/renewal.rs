//! Tokens that end mid-way, at a real Keystone.

use std::sync::Arc;

use cloud::{Cloud, LocationId};
use cloud_http::{Client, Request, Trust};
use cloud_openstack::Config;
use futures_util::future::join_all;
use http::{HeaderName, HeaderValue, Method};

use crate::{
    proxy::Proxy,
    real::{Real, connect, exit, real},
};

/// Revoked as an administrator would do it.
async fn revoke(real: &Real, token: &str) {
    let admin = real.raw("admin").await;
    let url = format!("{}/auth/tokens", real.keystone()).parse().unwrap();
    let request = Request::new(Method::DELETE, url)
        .header(HeaderName::from_static("x-auth-token"), HeaderValue::from_str(&admin.token).unwrap())
        .header(HeaderName::from_static("x-subject-token"), HeaderValue::from_str(token).unwrap());
    let response = Client::new(exit(), Trust::default()).unwrap().send(request).await.unwrap();
    assert_eq!(response.status, 204);
}

#[tokio::test]
async fn a_token_that_ended_is_renewed_once_for_all_who_wait() {
    let real = real();
    let proxy = Proxy::start(None).await;
    let config = Config { keystone_url: proxy.url(&real.keystone()), ..real.config("demo") };
    let cloud = Arc::new(connect(config, real.password()));
    let region = LocationId("RegionOne".to_owned());
    // The catalog is known now, but no service has seen the token and remembers it as good.
    cloud.locations().await.unwrap();
    assert_eq!(proxy.n_calls("POST"), 1);
    let token = proxy.token.lock().unwrap().clone();
    revoke(&real, &token).await;

    let lists = join_all((0..8).map(|_| cloud.instance_types(&region))).await;
    assert!(lists.iter().all(|it| !it.as_ref().unwrap().as_ref().unwrap().is_empty()));
    assert_eq!(proxy.n_calls("POST"), 2, "one renewal for eight calls: {:?}", proxy.calls.lock().unwrap());
    assert_eq!(proxy.n_calls("/flavors/detail"), 16, "each call was repeated once");
}

#[tokio::test]
async fn closing_ends_the_token_at_keystone() {
    let real = real();
    let proxy = Proxy::start(None).await;
    let config = Config { keystone_url: proxy.url(&real.keystone()), ..real.config("demo") };
    let cloud = connect(config, real.password());
    cloud.locations().await.unwrap();
    let token = proxy.token.lock().unwrap().clone();
    let admin = real.raw("admin").await;
    let is_valid = async || {
        let url = format!("{}/auth/tokens", real.keystone()).parse().unwrap();
        let request = Request::get(url)
            .header(HeaderName::from_static("x-auth-token"), HeaderValue::from_str(&admin.token).unwrap())
            .header(HeaderName::from_static("x-subject-token"), HeaderValue::from_str(&token).unwrap());
        Client::new(exit(), Trust::default()).unwrap().send(request).await.unwrap().status == 200
    };
    assert!(is_valid().await);
    cloud.close().await;
    assert!(!is_valid().await);
}

#[tokio::test]
async fn a_hundred_callers_make_one_login() {
    let real = real();
    let proxy = Proxy::start(None).await;
    let config = Config { keystone_url: proxy.url(&real.keystone()), ..real.config("demo") };
    let cloud = connect(config.clone(), real.password());
    let all = join_all((0..100).map(|_| cloud.locations())).await;
    assert!(all.iter().all(Result::is_ok));
    assert_eq!(proxy.n_calls("POST"), 1);
    // A wrong password must not lock the user because many ask at once.
    let wrong = connect(config, "never-this-one".into());
    let all = join_all((0..100).map(|_| wrong.locations())).await;
    assert!(all.iter().all(Result::is_err));
    assert_eq!(proxy.n_calls("POST"), 2);
}
