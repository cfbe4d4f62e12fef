use std::{
    collections::HashMap,
    fmt,
    future::Future,
    io,
    net::{IpAddr, SocketAddr},
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError, RwLock, Weak,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use http::Uri;
use hyper_util::client::legacy::connect::{HttpConnector, proxy::Tunnel};
use rustls::{InvalidMessage, pki_types::ServerName};
use tokio::{
    net::{TcpStream, lookup_host},
    sync::Semaphore,
    time::timeout,
};
use tokio_rustls::{TlsConnector, client::TlsStream};
use tokio_util::either::Either;
use tower::Service;
use url::{Host, Url};

use crate::{
    AddressRules, CertificateFacts, HttpError, TrustedBy,
    client::CONCURRENT_CALLS,
    error::{chain, describe},
    stream::Stream,
    trust::{Seen, Tls},
};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Of the addresses of one name, no more than this are tried.
const MAX_ATTEMPTS: usize = 4;
const TLS_TIMEOUT: Duration = Duration::from_secs(10);

/// What all connections to clouds share: the rules, the proxy if one is configured, the budgets of accounts, and the
/// count of traffic.
#[derive(Debug, Default)]
pub struct Exit {
    settings: RwLock<Settings>,
    /// Places for calls, by account, as long as somebody has them.
    budgets: Mutex<HashMap<String, Weak<Semaphore>>>,
    pub(crate) n_calls: AtomicU64,
    pub(crate) n_bytes: AtomicU64,
    n_waiting: AtomicU64,
}

#[derive(Default, Clone)]
struct Settings {
    rules: Arc<AddressRules>,
    proxy: Option<Uri>,
    /// Counts the changes, so that connections made under earlier settings can be told.
    epoch: u64,
}

pub(crate) struct Waiting<'a>(&'a AtomicU64);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Without the proxy: its URL may hold a password.
impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings").field("rules", &self.rules).field("proxy", &self.proxy.is_some()).finish()
    }
}

impl Exit {
    /// `proxy` is an HTTP proxy that allows CONNECT; without one, connections are direct, whatever the environment
    /// variables of this process say.
    pub fn new(rules: AddressRules, proxy: Option<Uri>) -> Self {
        let exit = Exit::default();
        exit.reconfigure(rules, proxy);
        exit
    }

    /// Holds for every request sent from now on: connections made before a change are not used again. Answers that
    /// are being read go on.
    pub fn reconfigure(&self, rules: AddressRules, proxy: Option<Uri>) {
        let mut settings = self.settings.write().unwrap_or_else(PoisonError::into_inner);
        if *settings.rules != rules || settings.proxy != proxy {
            *settings = Settings { rules: Arc::new(rules), proxy, epoch: settings.epoch + 1 };
        }
    }

    pub(crate) fn epoch(&self) -> u64 {
        self.settings.read().unwrap_or_else(PoisonError::into_inner).epoch
    }

    /// Requests sent and bytes of bodies received since the start.
    pub fn traffic(&self) -> (u64, u64) {
        (self.n_calls.load(Ordering::Relaxed), self.n_bytes.load(Ordering::Relaxed))
    }

    /// Requests that wait for a place in the budget of their account.
    pub fn n_waiting(&self) -> u64 {
        self.n_waiting.load(Ordering::Relaxed)
    }

    /// Counted as waiting until it is dropped.
    pub(crate) fn wait(&self) -> Waiting<'_> {
        self.n_waiting.fetch_add(1, Ordering::Relaxed);
        Waiting(&self.n_waiting)
    }

    /// Whether the rules let us connect to an address, for connections that are made elsewhere (to machines).
    pub fn check(&self, ip: IpAddr) -> Result<(), crate::Refusal> {
        self.settings().rules.check(ip)
    }

    /// What all clients of one account of a cloud share.
    pub(crate) fn budget(&self, account: &str) -> Arc<Semaphore> {
        let mut budgets = self.budgets.lock().unwrap_or_else(PoisonError::into_inner);
        budgets.retain(|_, it| it.strong_count() > 0);
        if let Some(budget) = budgets.get(account).and_then(Weak::upgrade) {
            return budget;
        }
        let budget = Arc::new(Semaphore::new(CONCURRENT_CALLS));
        budgets.insert(account.to_owned(), Arc::downgrade(&budget));
        budget
    }

    fn settings(&self) -> Settings {
        self.settings.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Resolves the host of `url` and checks what it found.
    pub(crate) async fn resolve(&self, url: &Url) -> Result<Vec<SocketAddr>, HttpError> {
        let host = url.host().ok_or_else(|| HttpError::Url("the URL names no host".to_owned()))?;
        let port = url.port_or_known_default().unwrap_or(443);
        let addresses: Vec<SocketAddr> = match host {
            Host::Ipv4(ip) => vec![SocketAddr::new(IpAddr::V4(ip), port)],
            Host::Ipv6(ip) => vec![SocketAddr::new(IpAddr::V6(ip), port)],
            Host::Domain(name) => {
                let failed = |reason: String| HttpError::Resolve { host: name.to_owned(), reason };
                let found = timeout(CONNECT_TIMEOUT, lookup_host((name, port))).await;
                let found = found.map_err(|_| failed("the name servers do not answer".to_owned()))?;
                found.map_err(|err| failed(describe(&err)))?.collect()
            }
        };
        if addresses.is_empty() {
            return Err(HttpError::Resolve { host: host.to_string(), reason: "it has no address".to_owned() });
        }
        check_all(&self.settings().rules, &host.to_string(), &addresses)?;
        Ok(addresses)
    }

    pub(crate) async fn connect(&self, url: &Url, addresses: &[SocketAddr]) -> Result<TcpStream, HttpError> {
        let failed = |reason| HttpError::Connect { endpoint: origin(url), reason };
        let mut last = failed("no address".to_owned());
        for address in addresses.iter().take(MAX_ATTEMPTS) {
            let attempt = match self.settings().proxy {
                // The proxy is told the address that passed the rules, so that it cannot resolve another.
                Some(proxy) => Either::Left(through(proxy, *address)),
                None => Either::Right(async { TcpStream::connect(address).await.map_err(|err| describe(&err)) }),
            };
            let attempt = async {
                match attempt {
                    Either::Left(it) => it.await,
                    Either::Right(it) => it.await,
                }
            };
            match timeout(CONNECT_TIMEOUT, attempt).await {
                Ok(Ok(stream)) => {
                    // Small requests must not wait for more; a refusal of the option changes nothing else.
                    let _ = stream.set_nodelay(true);
                    return Ok(stream);
                }
                Ok(Err(reason)) => last = failed(reason),
                Err(_) => last = failed("no answer to the connection attempt (time-out)".to_owned()),
            }
        }
        Err(last)
    }
}

/// One refused address among several refuses the name: which one would be taken is not ours to guess.
fn check_all(rules: &AddressRules, host: &str, addresses: &[SocketAddr]) -> Result<(), HttpError> {
    addresses
        .iter()
        .map(SocketAddr::ip)
        .try_for_each(|ip| rules.check(ip).map_err(|refusal| HttpError::Address { host: host.to_owned(), ip, refusal }))
}

async fn through(proxy: Uri, address: SocketAddr) -> Result<TcpStream, String> {
    let target = Uri::builder().scheme("https").authority(address.to_string()).path_and_query("/").build();
    let target = target.map_err(|err| err.to_string())?;
    let mut connector = HttpConnector::new();
    connector.enforce_http(false);
    let stream =
        Tunnel::new(proxy, connector).call(target).await.map_err(|err| format!("the proxy: {}", chain(&err)))?;
    Ok(stream.into_inner())
}

pub(crate) async fn handshake(
    tls: &Tls,
    url: &Url,
    stream: TcpStream,
) -> Result<(TlsStream<TcpStream>, CertificateFacts, TrustedBy), HttpError> {
    let failed = |reason: String| HttpError::Tls { endpoint: origin(url), reason };
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
    let name = ServerName::try_from(host).map_err(|_| failed("the host is no valid name".to_owned()))?;
    // One record a connection: two handshakes at once must not mix up what they saw.
    let seen = Arc::new(Seen::default());
    let config = Arc::new(tls.config(seen.clone()).map_err(|err| failed(err.to_string()))?);
    let outcome = timeout(TLS_TIMEOUT, TlsConnector::from(config).connect(name, stream)).await;
    match (outcome, seen.take()) {
        (Ok(Ok(stream)), Some((facts, Ok(by)))) => Ok((stream, facts, by)),
        (Ok(Ok(_)), _) => Err(failed("the server showed no certificate".to_owned())),
        (Ok(Err(_)), Some((leaf, Err(reason)))) => {
            Err(HttpError::Certificate { endpoint: origin(url), reason, leaf: Box::new(leaf) })
        }
        (Ok(Err(err)), _) if is_no_tls(&err) => Err(HttpError::NoTls { endpoint: origin(url) }),
        (Ok(Err(err)), _) => Err(failed(explain(&err))),
        (Err(_), _) => Err(failed(format!("no answer to the TLS greeting within {} s", TLS_TIMEOUT.as_secs()))),
    }
}

/// What came back is no TLS at all.
fn is_no_tls(err: &io::Error) -> bool {
    let tls = err.get_ref().and_then(|it| it.downcast_ref::<rustls::Error>());
    matches!(tls, Some(rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType)))
}

/// What usually makes a handshake fail before a certificate is seen.
fn explain(err: &io::Error) -> String {
    match err.kind() {
        io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset => {
            "it hung up during the TLS greeting".to_owned()
        }
        _ => describe(err),
    }
}

/// `scheme://host:port` of a URL, the port always told.
pub fn origin(url: &Url) -> String {
    let port = url.port_or_known_default().map(|it| format!(":{it}")).unwrap_or_default();
    format!("{}://{}{port}", url.scheme(), url.host_str().unwrap_or_default())
}

/// Makes the connections of one [`crate::Client`].
#[derive(Clone)]
pub(crate) struct Connector {
    pub(crate) exit: Arc<Exit>,
    pub(crate) tls: Tls,
}

impl Service<Uri> for Connector {
    type Response = Stream;
    type Error = HttpError;
    type Future = Pin<Box<dyn Future<Output = Result<Stream, HttpError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), HttpError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let Connector { exit, tls } = self.clone();
        Box::pin(async move {
            let url = Url::parse(&uri.to_string()).map_err(|err| HttpError::Url(err.to_string()))?;
            let addresses = exit.resolve(&url).await?;
            let stream = exit.connect(&url, &addresses).await?;
            let stream = match url.scheme() {
                "https" => Stream::encrypted(handshake(&tls, &url, stream).await?.0),
                _ => Stream::plain(stream),
            };
            Ok(stream)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_refused_address_refuses_the_name() {
        let check = |ips: [&str; 2]| {
            let addresses = ips.map(|it| SocketAddr::new(it.parse().unwrap(), 443));
            check_all(&AddressRules::default(), "cloud.example", &addresses).is_ok()
        };
        assert!(check(["203.0.113.1", "2001:db8::1"]));
        assert!(!check(["203.0.113.1", "127.0.0.1"]));
        assert!(!check(["169.254.169.254", "203.0.113.1"]));
    }
}
