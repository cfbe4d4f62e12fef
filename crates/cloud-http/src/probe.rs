use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use url::Url;

use crate::{CertificateFacts, Client, HttpError, TrustedBy, client::check_url, connect::handshake};

/// A result with the time it took.
#[derive(Debug, Clone)]
pub struct Timed<T> {
    pub result: Result<T, HttpError>,
    pub elapsed: Duration,
}

/// How far a connection comes, step by step. A step is `None` when one before it failed, or for `tls` when the URL
/// begins with `http://`.
#[derive(Debug, Clone)]
pub struct Probe {
    pub resolve: Timed<Vec<SocketAddr>>,
    pub connect: Option<Timed<()>>,
    pub tls: Option<Timed<(CertificateFacts, TrustedBy)>>,
}

impl Client {
    /// Resolves, connects and shakes hands without sending a request: for reports that tell these steps apart.
    pub async fn probe(&self, url: &Url) -> Probe {
        let begun = Instant::now();
        let result = match check_url(url) {
            Ok(()) => self.exit.resolve(url).await,
            Err(err) => Err(err),
        };
        let resolve = Timed { result, elapsed: begun.elapsed() };
        let Ok(addresses) = &resolve.result else { return Probe { resolve, connect: None, tls: None } };
        let begun = Instant::now();
        let stream = self.exit.connect(url, addresses).await;
        let elapsed = begun.elapsed();
        let stream = match stream {
            Ok(stream) => stream,
            Err(err) => return Probe { resolve, connect: Some(Timed { result: Err(err), elapsed }), tls: None },
        };
        let connect = Some(Timed { result: Ok(()), elapsed });
        if url.scheme() != "https" {
            return Probe { resolve, connect, tls: None };
        }
        let begun = Instant::now();
        let result = handshake(&self.tls, url, stream).await.map(|(_, facts, by)| (facts, by));
        Probe { resolve, connect, tls: Some(Timed { result, elapsed: begun.elapsed() }) }
    }
}
