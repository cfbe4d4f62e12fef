//! Against small responders on loopback, written here: they misbehave in ways that no real cloud does on demand. They
//! prove what the client does, not what clouds do.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod addresses;
mod budget;
mod certificates;
mod limits;
mod pins;
mod pool;
mod protocol;
mod proxy;
mod redirects;
mod responder;
mod retry;
mod secrets;
mod silence;
mod tls;
mod uploads;
mod urls;

use std::{net::SocketAddr, sync::Arc};

use cloud_http::{AddressRules, CertificateFacts, Client, Exit, HttpError, Request, Trust, TrustedBy};
use url::Url;

/// Rules that allow these networks and nothing else.
fn rules(networks: &[&str]) -> AddressRules {
    AddressRules::new(Some(networks.iter().map(|it| it.parse().unwrap()).collect()))
}

/// A client that may speak to the responders.
fn client() -> Client {
    client_trusting(Trust::default())
}

fn client_trusting(trust: Trust) -> Client {
    Client::new(Arc::new(Exit::new(rules(&["127.0.0.0/8"]), None)), trust).unwrap()
}

fn get(url: impl AsRef<str>) -> Request {
    Request::get(url.as_ref().parse::<Url>().unwrap())
}

fn post(url: impl AsRef<str>, body: &'static str) -> Request {
    Request::post(url.as_ref().parse::<Url>().unwrap(), body)
}

/// The text of an answer.
async fn text(client: &Client, request: Request) -> Result<String, HttpError> {
    let bytes = client.send(request).await?.body.bytes().await?;
    Ok(String::from_utf8(bytes.to_vec()).unwrap())
}

/// How far a connection comes. A step is `None` when one before it failed, or for `tls` without TLS.
struct Probed {
    resolve: Result<Vec<SocketAddr>, HttpError>,
    connect: Option<Result<(), HttpError>>,
    tls: Option<Result<(CertificateFacts, TrustedBy), HttpError>>,
}

async fn probe(client: &Client, url: &str) -> Probed {
    let url: Url = url.parse().unwrap();
    let mut probe = client.probe(&url);
    let resolve = probe.resolve().await.map(<[SocketAddr]>::to_vec);
    if resolve.is_err() {
        return Probed { resolve, connect: None, tls: None };
    }
    let connect = probe.connect().await;
    let tls = match url.scheme() == "https" && connect.is_ok() {
        true => Some(probe.handshake().await),
        false => None,
    };
    Probed { resolve, connect: Some(connect), tls }
}
