use std::time::Duration;

use cloud::CloudError;
use cloud_http::{HttpError, origin};
use secrecy::SecretString;
use serde_json::Value;
use url::Url;

use crate::catalog::Service;

/// Of an answer's own words, no more than this is kept.
const MAX_MESSAGE: usize = 400;
/// Of a body that is an error, no more is read: its words are at the beginning.
pub(crate) const ERROR_LIMIT: usize = 64 << 10;

/// Why a call failed. Richer than [`CloudError`], which it becomes at the border of this crate: a validation tells
/// more than a caller needs to decide.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum Error {
    #[error(transparent)]
    Http(#[from] HttpError),
    /// Keystone does not let this credential in.
    #[error("{0}")]
    Login(Refusal),
    /// A service answered with an error of its own.
    #[error("{0}")]
    Refused(Refusal),
    #[error("{endpoint} did not answer as OpenStack does: {reason}")]
    Unreadable { endpoint: String, reason: String },
    #[error("no identity API v3: {0}")]
    NoIdentityV3(String),
    #[error("there is no region {region:?} for this credential; there is {there}")]
    NoRegion { region: String, there: String },
    #[error("the catalog has no {service} service in {region}{also}")]
    NoService { service: &'static str, region: String, also: String },
    #[error("the catalog's URL of the {service} service in {region} cannot be used: {reason}")]
    BadEndpoint { service: &'static str, region: String, reason: String },
    #[error("the token is not scoped to a project; give tenantName or projectId")]
    NoProject,
    /// The stored token goes to Keystone alone, which has to make another for the services.
    #[error("Keystone does not exchange this token for one of our own: {0}")]
    NoExchange(Refusal),
    #[error("logged out, because the credential was changed, deleted or let go")]
    Closed,
}

/// What a service said.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{endpoint} answered {status}: {message}{}", in_request(.request_id))]
pub(crate) struct Refusal {
    /// URL without its query.
    pub endpoint: String,
    pub status: u16,
    /// The service's own words, cleaned and cut.
    pub message: String,
    /// `X-Openstack-Request-Id`, or empty.
    pub request_id: String,
}

fn in_request(id: &str) -> String {
    if id.is_empty() { String::new() } else { format!(" (request {id})") }
}

impl Error {
    /// Keystone refused the secret: sending it again soon could lock the user.
    pub fn is_refused_login(&self) -> bool {
        matches!(self, Error::Login(_) | Error::NoExchange(_))
    }

    pub fn status(&self) -> Option<u16> {
        match self {
            Error::Login(refusal) | Error::Refused(refusal) => Some(refusal.status),
            _ => None,
        }
    }

    /// What the owner of the credential can do.
    pub fn remedy(&self) -> String {
        match self {
            Error::Http(err) => err.remedy(),
            Error::Login(_) => {
                "check user name, password, project and domains with the cloud's administrator".to_owned()
            }
            Error::Refused(Refusal { status: 403, .. }) => {
                "ask the cloud's administrator for a role that the named policy rule allows".to_owned()
            }
            Error::Refused(Refusal { status: 404, .. }) | Error::Unreadable { .. } => {
                "check that the URL leads to the OpenStack service and not to another web server".to_owned()
            }
            Error::Refused(Refusal { status: 401, .. }) => {
                "the service refuses a token that Keystone has just made: the cloud's administrator should check its \
                 keystonemiddleware settings"
                    .to_owned()
            }
            Error::Refused(Refusal { request_id, .. }) if request_id.is_empty() => {
                "ask the cloud's administrator to look at that service's log".to_owned()
            }
            Error::Refused(_) => {
                "give the request id to the cloud's administrator, who finds the cause in that service's log".to_owned()
            }
            Error::NoIdentityV3(_) => "ask the cloud's administrator for the URL of Keystone's v3 API".to_owned(),
            Error::NoRegion { .. } => "correct the region, or leave it empty to use all".to_owned(),
            Error::NoService { .. } | Error::BadEndpoint { .. } => {
                "ask the cloud's administrator to correct the service catalog, or choose another interface".to_owned()
            }
            Error::NoProject => "give tenantName or projectId".to_owned(),
            Error::NoExchange(_) => {
                "use an application credential; tokens of application credentials are never exchanged, and others only \
                 where Keystone has allow_rescope_scoped_token"
                    .to_owned()
            }
            Error::Closed => "ask again".to_owned(),
        }
    }
}

impl From<Error> for CloudError {
    fn from(err: Error) -> Self {
        let text = err.to_string();
        match err {
            Error::Http(err) => from_http(err),
            Error::Login(_) | Error::NoProject | Error::NoExchange(_) => CloudError::Unauthorized(text),
            Error::Closed => CloudError::Service { endpoint: "Keystone".to_owned(), message: text },
            // Nova says it with 403 or 413, Neutron with 409.
            Error::Refused(Refusal { status: 403 | 409 | 413, message, .. }) if is_about_quota(&message) => {
                CloudError::QuotaExceeded(text)
            }
            Error::Refused(Refusal { status: 400, .. }) => CloudError::Refused(text),
            Error::Refused(Refusal { status: 409, .. }) => CloudError::Conflict(text),
            Error::Refused(Refusal { status: 403, .. }) => CloudError::Forbidden(text),
            Error::Refused(Refusal { status: 404, .. }) | Error::NoRegion { .. } => CloudError::NotFound(text),
            // A 401 from a service although the token is fresh is that service's trouble, not the credential's.
            Error::Refused(Refusal { endpoint, status, message, request_id }) => {
                let message = format!("{status} {message}{}", in_request(&request_id));
                CloudError::Service { endpoint, message }
            }
            Error::Unreadable { endpoint, reason } => CloudError::Service { endpoint, message: reason },
            Error::BadEndpoint { service, .. } => {
                CloudError::Service { endpoint: format!("the catalog ({service})"), message: text }
            }
            Error::NoIdentityV3(_) | Error::NoService { .. } => CloudError::Unsupported(text),
        }
    }
}

fn from_http(err: HttpError) -> CloudError {
    match &err {
        HttpError::Busy { retry_after, .. } => CloudError::Busy(retry_after.unwrap_or(Duration::from_secs(1))),
        HttpError::TooLarge { endpoint, .. }
        | HttpError::Redirect { endpoint, .. }
        | HttpError::Protocol { endpoint, .. } => {
            CloudError::Service { endpoint: endpoint.clone(), message: err.to_string() }
        }
        HttpError::Connect { endpoint, .. }
        | HttpError::Certificate { endpoint, .. }
        | HttpError::NoTls { endpoint }
        | HttpError::Tls { endpoint, .. }
        | HttpError::TooSlow { endpoint, .. }
        | HttpError::Silence { endpoint, .. }
        | HttpError::Upload { endpoint, .. } => {
            CloudError::Unreachable { endpoint: endpoint.clone(), source: Box::new(err) }
        }
        HttpError::Resolve { host, .. } | HttpError::Address { host, .. } => {
            CloudError::Unreachable { endpoint: host.clone(), source: Box::new(err) }
        }
        HttpError::Url(message) => CloudError::Invalid { field: "keystoneUrl", message: message.clone() },
    }
}

fn is_about_quota(message: &str) -> bool {
    let message = message.to_ascii_lowercase();
    message.contains("quota") || message.contains("limit exceeded") || message.contains("exceeds allowed")
}

/// A service that a location lacks: said when the caller asks for what only it has.
pub(crate) fn no_service(service: Service, region: &str, also: String) -> Error {
    Error::NoService { service: service.as_str(), region: region.to_owned(), also }
}

/// A URL for messages: without query.
pub(crate) fn shown(url: &Url) -> String {
    format!("{}{}", origin(url), url.path())
}

/// The service's own words out of the body of an error. The forms, all seen in real clouds:
/// `{"error": {"message": …}}` (Keystone), `{"itemNotFound": {"message": …}}` (Nova, Cinder),
/// `{"NeutronError": {"message": …}}` or `{"NeutronError": "…"}`, `{"message": …}`, and an HTML page (Glance, Swift).
/// Servers send back what they were sent, so that is taken out, before anything is cut.
pub(crate) fn message_of(body: &[u8], secrets: &[SecretString]) -> String {
    let text = cloud::without(&String::from_utf8_lossy(body), secrets);
    match serde_json::from_str::<Value>(&text) {
        Ok(Value::Object(fields)) => {
            let inner = fields.values().find_map(|it| it.get("message").and_then(Value::as_str));
            let flat = fields.get("message").or_else(|| fields.values().next()).and_then(Value::as_str);
            clean(inner.or(flat).unwrap_or(&text))
        }
        _ if text.trim_start().starts_with('<') => clean(&without_tags(&text)),
        _ => clean(&text),
    }
}

/// One line without control characters, not too long.
pub(crate) fn clean(text: &str) -> String {
    let words = text.split(|it: char| it.is_whitespace() || it.is_control()).filter(|it| !it.is_empty());
    let line = words.collect::<Vec<_>>().join(" ");
    if line.is_empty() {
        return "(no text)".to_owned();
    }
    match line.char_indices().nth(MAX_MESSAGE) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

fn without_tags(html: &str) -> String {
    let mut text = String::new();
    let mut is_tag = false;
    for it in html.chars() {
        match it {
            '<' => is_tag = true,
            '>' => {
                is_tag = false;
                text.push(' ');
            }
            _ if !is_tag => text.push(it),
            _ => {}
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(body: &str, expected: &str) {
        assert_eq!(message_of(body.as_bytes(), &[]), expected, "{body}");
    }

    #[test]
    fn the_message_is_found_in_every_form_of_error() {
        check(
            r#"{"error":{"code":401,"message":"needs authentication","title":"Unauthorized"}}"#,
            "needs authentication",
        );
        check(
            r#"{"itemNotFound": {"code": 404, "message": "Instance x could not be found."}}"#,
            "Instance x could not be found.",
        );
        check(r#"{"NeutronError": {"type": "HTTPNotFound", "message": "not there", "detail": ""}}"#, "not there");
        check(r#"{"NeutronError": "plain"}"#, "plain");
        check(r#"{"message": "flat"}"#, "flat");
        check("<html><h1>Forbidden</h1><p>Access was denied.</p></html>", "Forbidden Access was denied.");
        check("bad\u{1b}[31m\r\ngateway", "bad [31m gateway");
        check("", "(no text)");
        let secret = SecretString::from("pass <word>\"");
        for body in [
            r#"{"error": {"message": "wrong: pass <word>\" it was"}}"#,
            r#"{"error": {"message": "wrong: pass \u003cword\u003e\" it was"}}"#,
            "<p>wrong: pass &lt;word&gt;&#34; it was</p>",
            "wrong: pass <word>\" it was",
        ] {
            assert_eq!(message_of(body.as_bytes(), std::slice::from_ref(&secret)), "wrong: [secret] it was", "{body}");
        }
        // One that stands where the message is cut.
        let long = format!("{} pass <word>\"", "x".repeat(MAX_MESSAGE - 8));
        assert!(!message_of(long.as_bytes(), &[secret]).contains("pass"));
        assert_eq!(message_of("x".repeat(1000).as_bytes(), &[]).chars().count(), MAX_MESSAGE + 1);
    }
}
