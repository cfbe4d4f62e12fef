//! Requests to the server: signed, with their errors, pages and streams.

pub mod events;
mod signature;
mod trust;

use std::time::Duration;

use anyhow::Context;
use api_types::envelope::{Envelope, ErrorEnvelope, Freshness, Pagination};
use jiff::Timestamp;
use reqwest::{Method, Response, header};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};
use url::{Host, Url};

use crate::{
    failure::{Failure, Outcome, Refusal},
    output::note,
};

pub use signature::encode;
pub use trust::{Trust, parse_fingerprint};

const BASE: &str = "/api/v1beta0";
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Without a byte. Longer than the checks of a validation may take, and than the pauses of a stream.
const READ_TIMEOUT: Duration = Duration::from_secs(90);
/// The largest page there is.
pub const PAGE: usize = 100;

/// How the client says who it is.
pub enum Login {
    Nobody,
    ApiKey {
        id: String,
        secret: SecretString,
    },
    Token(SecretString),
    /// Of the console: its cookie, and the token that goes with every change.
    Session {
        cookie: SecretString,
        csrf: SecretString,
    },
}

/// One server, one identity.
pub struct Client {
    http: reqwest::Client,
    url: Url,
    login: Login,
    trust: Trust,
}

/// One call. Secrets are kept apart from the rest of the body, so that the rest can be shown.
pub struct Call {
    pub method: Method,
    /// Below the version: `/global/accounts/`.
    pub path: String,
    pub query: Vec<(String, String)>,
    pub body: Option<Map<String, Value>>,
    pub secrets: Vec<(&'static str, SecretString)>,
    /// RFC 7240 §4.1: answer at once with what goes on.
    pub respond_async: bool,
}

impl Call {
    pub fn new(method: Method, path: impl Into<String>) -> Self {
        Call { method, path: path.into(), query: Vec::new(), body: None, secrets: Vec::new(), respond_async: false }
    }

    pub fn get(path: impl Into<String>) -> Self {
        Call::new(Method::GET, path)
    }

    pub fn post(path: impl Into<String>) -> Self {
        Call::new(Method::POST, path).with([])
    }

    pub fn patch(path: impl Into<String>) -> Self {
        Call::new(Method::PATCH, path)
    }

    pub fn delete(path: impl Into<String>) -> Self {
        Call::new(Method::DELETE, path)
    }

    /// Sets the fields that are given; null clears a field.
    pub fn with<const N: usize>(mut self, fields: [(&str, Option<Value>); N]) -> Self {
        let body = self.body.get_or_insert_default();
        body.extend(fields.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))));
        self
    }

    pub fn secret(mut self, key: &'static str, secret: Option<SecretString>) -> Self {
        self.secrets.extend(secret.map(|it| (key, it)));
        self
    }

    pub fn query(mut self, name: &str, value: impl ToString) -> Self {
        self.query.push((name.to_owned(), value.to_string()));
        self
    }
}

/// A good answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    /// Null where the answer has no body.
    pub data: Value,
    pub pagination: Pagination,
    pub freshness: Option<Freshness>,
}

impl Client {
    /// `url` has no path: `https://stackyard.example:7780`.
    pub fn new(url: Url, login: Login, trust: Trust) -> Outcome<Self> {
        if url.scheme() == "http" && !is_loopback(&url) && !trust.allow_http {
            return Err(Failure::usage(format!(
                "{url} is not encrypted, so anybody on the way could read the login and all that is asked; use \
                 https://, or accept that with --allow-http"
            )));
        }
        let http = http(&url, &trust)?.read_timeout(READ_TIMEOUT).build().context("cannot make an HTTP client")?;
        Ok(Client { http, url, login, trust })
    }

    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Sends a call and says on standard error what the server warns of.
    pub async fn send(&self, call: &Call) -> Outcome<Answer> {
        let response = self.response(call).await?;
        let status = response.status().as_u16();
        let bytes = response.bytes().await.map_err(|err| self.unreachable(&err))?;
        if bytes.is_empty() {
            return Ok(Answer { status, data: Value::Null, pagination: Pagination::default(), freshness: None });
        }
        let envelope: Envelope<Value> = serde_json::from_slice(&bytes)
            .with_context(|| format!("{} does not answer as a Stackyard server", self.url))?;
        for warning in &envelope.warnings {
            note(&format!("warning: {} ({})", warning.message, warning.code));
        }
        let pagination = envelope.pagination.unwrap_or_default();
        Ok(Answer { status, data: envelope.data, pagination, freshness: envelope.meta.freshness })
    }

    /// The data alone.
    pub async fn data(&self, call: &Call) -> Outcome<Value> {
        Ok(self.send(call).await?.data)
    }

    /// An answer that is no JSON, such as a picture.
    pub async fn bytes(&self, call: &Call) -> Outcome<Vec<u8>> {
        let response = self.response(call).await?;
        Ok(response.bytes().await.map_err(|err| self.unreachable(&err))?.to_vec())
    }

    /// Sends a login, and gives the session's cookie with the data.
    pub async fn log_in(&self, call: &Call) -> Outcome<(SecretString, Value)> {
        let response = self.response(call).await?;
        let cookie = response.headers().get(header::SET_COOKIE).and_then(|it| it.to_str().ok());
        let cookie = cookie.and_then(|it| it.split(';').next()).unwrap_or_default();
        let cookie = SecretString::from(cookie);
        let bytes = response.bytes().await.map_err(|err| self.unreachable(&err))?;
        let envelope: Envelope<Value> = serde_json::from_slice(&bytes)
            .with_context(|| format!("{} does not answer as a Stackyard server", self.url))?;
        Ok((cookie, envelope.data))
    }

    /// Sends a file. The answer comes when it has all been sent on, which may take hours: the server gives up by itself
    /// where nothing moves.
    pub async fn upload(&self, call: &Call, n_bytes: u64, file: reqwest::Body) -> Outcome<Value> {
        let mut request = self.request(call, None)?;
        request.headers_mut().insert(header::CONTENT_LENGTH, n_bytes.into());
        *request.body_mut() = Some(file);
        let http = http(&self.url, &self.trust)?.build().context("cannot make an HTTP client")?;
        let response = http.execute(request).await.map_err(|err| self.unreachable(&err))?;
        if !response.status().is_success() {
            return Err(self.refusal(response).await);
        }
        let bytes = response.bytes().await.map_err(|err| self.unreachable(&err))?;
        let envelope: Envelope<Value> = serde_json::from_slice(&bytes)
            .with_context(|| format!("{} does not answer as a Stackyard server", self.url))?;
        Ok(envelope.data)
    }

    /// All pages of a list.
    pub async fn all(&self, path: &str) -> Outcome<Vec<Value>> {
        let mut rows = Vec::new();
        for page in 1.. {
            let answer = self.send(&Call::get(path).query("maxResults", PAGE).query("pageNum", page)).await?;
            rows.extend(answer.data.as_array().into_iter().flatten().cloned());
            if answer.pagination.next.is_none() {
                break;
            }
        }
        Ok(rows)
    }

    /// Sends a call, and turns an error answer into a failure. The body is not read yet.
    async fn response(&self, call: &Call) -> Outcome<Response> {
        let request = self.request(call, None)?;
        let response = self.http.execute(request).await.map_err(|err| self.unreachable(&err))?;
        if response.status().is_success() {
            return Ok(response);
        }
        Err(self.refusal(response).await)
    }

    fn request(&self, call: &Call, last_event: Option<&str>) -> Outcome<reqwest::Request> {
        let path = format!("{BASE}{}", call.path);
        let mut url = self.url.join(&path).with_context(|| format!("{path} is no path"))?;
        // An id of two dots, say, would lead elsewhere.
        if url.path() != path {
            return Err(Failure::usage(format!("{path} is no path of the API")));
        }
        // As the server decodes it: percent-encoding where form encoding would write a plus.
        let query = signature::canonical_query(&call.query);
        url.set_query(Some(query.as_str()).filter(|it| !it.is_empty()));
        let body = call.body_text()?;
        let mut builder = self.http.request(call.method.clone(), url.clone());
        if call.body.is_some() {
            builder = builder.header(header::CONTENT_TYPE, "application/json");
        }
        if call.respond_async {
            builder = builder.header("prefer", "respond-async");
        }
        if let Some(id) = last_event {
            builder = builder.header("last-event-id", id);
        }
        builder = match &self.login {
            Login::Nobody => builder,
            Login::Token(token) => builder.bearer_auth(token.expose_secret()),
            Login::Session { cookie, csrf } => {
                builder.header(header::COOKIE, cookie.expose_secret()).header("x-csrf-token", csrf.expose_secret())
            }
            Login::ApiKey { id, secret } => {
                let date = signature::date(Timestamp::now());
                let signed =
                    signature::sign(secret, call.method.as_str(), &date, url.path(), &query, body.expose_secret());
                builder.header("x-scalr-key-id", id).header("x-scalr-date", date).header("x-scalr-signature", signed)
            }
        };
        let builder = builder.body(body.expose_secret().to_owned());
        Ok(builder.build().context("the request cannot be written")?)
    }

    async fn refusal(&self, response: Response) -> Failure {
        let status = response.status();
        let bytes = match response.bytes().await {
            Ok(bytes) => bytes,
            Err(err) => return self.unreachable(&err),
        };
        let Ok(envelope) = serde_json::from_slice::<ErrorEnvelope>(&bytes) else {
            // Of a proxy in between, or of another kind of server.
            let reason = format!("it answers {status}, and not as a Stackyard server does");
            return Failure::Unreachable { url: self.url.to_string(), reason };
        };
        let request_id = envelope.meta.request_id;
        let Some(error) = envelope.errors.into_iter().next() else {
            return Failure::Other(anyhow::anyhow!(
                "the server answers {status} without a reason (request {request_id})"
            ));
        };
        Failure::Refused(Box::new(Refusal {
            status: status.as_u16(),
            code: error.code,
            message: error.message,
            remedy: error.remedy,
            validation: error.validation,
            request_id,
        }))
    }

    fn unreachable(&self, err: &reqwest::Error) -> Failure {
        let mut reason = self.trust.refusal().unwrap_or_default();
        if reason.is_empty() {
            // The innermost cause is what the network said; those around it say where we were.
            let mut cause: &dyn std::error::Error = err;
            while let Some(source) = cause.source() {
                cause = source;
            }
            reason = cause.to_string();
            if err.is_timeout() {
                reason = "no answer in time".to_owned();
            }
        }
        Failure::Unreachable { url: self.url.to_string(), reason }
    }
}

fn http(url: &Url, trust: &Trust) -> Outcome<reqwest::ClientBuilder> {
    let builder = reqwest::Client::builder()
        .tls_backend_preconfigured(trust.config(url.scheme() == "https")?)
        .connect_timeout(CONNECT_TIMEOUT)
        // A signature holds for one host and path.
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(concat!("stackyard/", env!("CARGO_PKG_VERSION")));
    Ok(if is_loopback(url) { builder.no_proxy() } else { builder })
}

/// What never leaves this machine.
fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

impl Call {
    fn body_text(&self) -> Outcome<SecretString> {
        let Some(body) = &self.body else { return Ok(SecretString::from("")) };
        let mut body = body.clone();
        for (key, secret) in &self.secrets {
            body.insert((*key).to_owned(), Value::String(secret.expose_secret().to_owned()));
        }
        let text = serde_json::to_string(&body).context("the body cannot be written")?;
        Ok(SecretString::from(text))
    }

    /// What would be sent, without secrets.
    pub fn describe(&self, url: &Url) -> String {
        let query = signature::canonical_query(&self.query);
        let query = if query.is_empty() { query } else { format!("?{query}") };
        let origin = url.as_str().trim_end_matches('/');
        let mut text = format!("{} {origin}{BASE}{}{query}\n", self.method, self.path);
        if let Some(body) = &self.body {
            let mut body = body.clone();
            for (key, _) in &self.secrets {
                body.insert((*key).to_owned(), Value::String("(not shown)".to_owned()));
            }
            text.push_str(&format!("{:#}\n", Value::Object(body)));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_is_for_this_machine_alone() {
        let check = |url: &str, allow_http: bool, is_good: bool| {
            let client = Client::new(url.parse().unwrap(), Login::Nobody, Trust::new(None, None, allow_http));
            match client {
                Ok(_) => assert!(is_good, "{url}"),
                Err(Failure::Usage(text)) => assert!(!is_good && text.contains("--allow-http"), "{url}: {text}"),
                Err(other) => panic!("{url}: {other:?}"),
            }
        };
        for url in ["http://127.0.0.1:7780", "http://127.1.2.3", "http://[::1]:7780", "http://localhost:7780"] {
            check(url, false, true);
        }
        for url in
            ["http://stackyard.example", "http://192.0.2.1:7780", "http://127.evil.example", "http://[2001:db8::1]"]
        {
            check(url, false, false);
            check(url, true, true);
        }
    }
}
