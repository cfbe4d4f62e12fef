use std::{error::Error, io, net::IpAddr, time::Duration};

use url::Url;

use crate::{CertificateFacts, Refusal};

/// How far a connection came before it failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    Url,
    Resolve,
    Address,
    Connect,
    Tls,
    Answer,
}

/// Why a request has no answer. `endpoint` is `scheme://host:port`; texts never hold a header, a body or user info.
#[derive(Debug, Clone, thiserror::Error)]
pub enum HttpError {
    #[error("{0}")]
    Url(String),
    #[error("the name {host} does not resolve: {reason}")]
    Resolve { host: String, reason: String },
    #[error("{host} is at {ip}, which is refused: {refusal}")]
    Address { host: String, ip: IpAddr, refusal: Refusal },
    #[error("nothing answers at {endpoint}: {reason}")]
    Connect { endpoint: String, reason: String },
    /// The certificate was seen and is not trusted.
    #[error("the certificate of {endpoint} is not trusted: {reason} ({leaf})")]
    Certificate { endpoint: String, reason: String, leaf: Box<CertificateFacts> },
    #[error("no TLS at {endpoint}: it does not speak TLS")]
    NoTls { endpoint: String },
    /// TLS is spoken, or nothing is said at all.
    #[error("the TLS handshake with {endpoint} failed: {reason}")]
    Tls { endpoint: String, reason: String },
    #[error("{endpoint} sent nothing for {} s", .limit.as_secs_f32())]
    Silence { endpoint: String, limit: Duration },
    #[error("the answer of {endpoint} did not end within {} s", .limit.as_secs_f32())]
    TooSlow { endpoint: String, limit: Duration },
    #[error("the answer of {endpoint} is larger than {limit} bytes")]
    TooLarge { endpoint: String, limit: usize },
    /// Only reads within the origin are redirected.
    #[error("{endpoint} redirects to {to}{}", not_followed(.endpoint, .to))]
    Redirect { endpoint: String, to: String },
    #[error("{endpoint} does not speak HTTP as expected: {reason}")]
    Protocol { endpoint: String, reason: String },
    /// What was to be sent did not come to its end.
    #[error("what was sent to {endpoint} broke off: {reason}")]
    Upload { endpoint: String, reason: String },
    #[error("{endpoint} asks to wait (HTTP {status}){}", after(.retry_after))]
    Busy { endpoint: String, status: u16, retry_after: Option<Duration> },
}

impl HttpError {
    pub fn stage(&self) -> Stage {
        match self {
            HttpError::Url(_) => Stage::Url,
            HttpError::Resolve { .. } => Stage::Resolve,
            HttpError::Address { .. } => Stage::Address,
            HttpError::Connect { .. } => Stage::Connect,
            HttpError::Certificate { .. } | HttpError::NoTls { .. } | HttpError::Tls { .. } => Stage::Tls,
            HttpError::Silence { .. }
            | HttpError::TooSlow { .. }
            | HttpError::TooLarge { .. }
            | HttpError::Redirect { .. }
            | HttpError::Protocol { .. }
            | HttpError::Upload { .. }
            | HttpError::Busy { .. } => Stage::Answer,
        }
    }

    /// What the person who typed the URL can do.
    pub fn remedy(&self) -> String {
        match self {
            HttpError::Url(_) => "correct the URL, for example https://keystone.example:5000/v3".to_owned(),
            HttpError::Resolve { host, .. } => {
                format!("check the spelling of {host}, or the name servers of the control plane")
            }
            HttpError::Address { refusal: Refusal::Loopback | Refusal::NotAllowed, .. } => {
                "ask the platform operator to add its network to allowed_cloud_networks".to_owned()
            }
            HttpError::Address { .. } => "use the address of the cloud's API".to_owned(),
            HttpError::Connect { endpoint, .. } => {
                format!("check that the service runs and that a firewall lets the control plane connect to {endpoint}")
            }
            HttpError::Certificate { leaf, .. } => format!(
                "give the certificate of the issuing CA (caCertificate), or pin this certificate if you trust it: \
                 certificateFingerprints = [\"{}\"]",
                leaf.sha256
            ),
            HttpError::NoTls { .. } => "check the port, and whether the URL should begin with http://".to_owned(),
            HttpError::Tls { endpoint, .. } => {
                format!("check that {endpoint} is the right port, and that the server speaks TLS 1.2 or 1.3")
            }
            HttpError::Silence { endpoint, .. } | HttpError::TooSlow { endpoint, .. } => {
                format!("check that {endpoint} is the right port and that the service is not overloaded")
            }
            HttpError::TooLarge { .. } | HttpError::Protocol { .. } => {
                "check that the URL leads to the cloud's API and not to another web server".to_owned()
            }
            HttpError::Upload { .. } => "send it again, from its beginning".to_owned(),
            HttpError::Redirect { to, .. } => format!("if that is the right place, use {to} as the URL"),
            HttpError::Busy { .. } => "try again later; the service limits the number of requests".to_owned(),
        }
    }
}

/// Both begin with an origin.
fn not_followed(endpoint: &str, to: &str) -> &'static str {
    let (Ok(here), Ok(there)) = (Url::parse(endpoint), Url::parse(to)) else {
        return ELSEWHERE;
    };
    if here.origin() == there.origin() {
        return "; a request that may change something is not sent twice";
    }
    match (here.host() == there.host(), here.scheme() == there.scheme()) {
        (true, false) => ", the same host with another scheme; the credential is not sent there",
        (true, true) => ", the same host with another port; the credential is not sent there",
        (false, _) => ELSEWHERE,
    }
}

const ELSEWHERE: &str = ", another host; the credential is not sent there";

/// An error and its causes in one line.
pub(crate) fn chain(err: &dyn Error) -> String {
    let mut text = err.to_string();
    let mut source = err.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

/// Text that the other side chose, fit for a message: one line of at most 200 characters.
pub(crate) fn shorten(text: &str) -> String {
    const LENGTH: usize = 200;
    let printable = |it: char| if it.is_control() { '\u{fffd}' } else { it };
    let mut short: String = text.chars().take(LENGTH).map(printable).collect();
    if text.chars().nth(LENGTH).is_some() {
        short.push('…');
    }
    short
}

/// The usual reasons in plain words.
pub(crate) fn describe(err: &io::Error) -> String {
    // The resolver's errors have no kind of their own.
    const RESOLVER: &str = "failed to lookup address information: ";
    match err.kind() {
        io::ErrorKind::ConnectionRefused => "connection refused".to_owned(),
        io::ErrorKind::TimedOut => "no answer to the connection attempt (time-out)".to_owned(),
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => "no route to it".to_owned(),
        _ => err.to_string().trim_start_matches(RESOLVER).to_lowercase(),
    }
}

fn after(retry_after: &Option<Duration>) -> String {
    retry_after.map(|it| format!(", {} s", it.as_secs())).unwrap_or_default()
}
