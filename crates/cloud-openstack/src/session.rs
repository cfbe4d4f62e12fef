//! A login and the calls made with it.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use cloud::{CloudError, Logins, server::Order};
use cloud_http::{Client, Exit, Request};
use http::{HeaderName, HeaderValue, Method, StatusCode};
use jiff::{Timestamp, fmt::rfc2822};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::sync::OnceCell;
use url::Url;

use crate::{
    Config,
    catalog::Service,
    discovery::{api_base, with_path},
    error::{ERROR_LIMIT, Error, Refusal, clean, message_of, shown},
    keystone::{self, Keystone, Login, Scope, sensitive},
};

/// The largest page of a list.
const LIST_LIMIT: usize = 64 << 20;

/// One document about versions.
const VERSION_LIMIT: usize = 4 << 20;

/// Documents about versions are at hand in a service that is well.
const VERSION_SILENCE: Duration = Duration::from_secs(10);
/// Nova asks Glance, Neutron and Cinder before it answers.
const CHANGE_SILENCE: Duration = Duration::from_secs(60);
/// Lists may take their time.
const LIST_SILENCE: Duration = Duration::from_secs(30);
const LIST_TOTAL: Duration = Duration::from_secs(10 * 60);

/// A service in a region.
#[derive(Debug, Clone, Copy)]
pub(crate) struct At<'a> {
    pub service: Service,
    pub region: &'a str,
}

/// One reading call.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Get<'a> {
    pub at: At<'a>,
    /// Below the version: `/flavors/detail`.
    pub path: &'a str,
    pub query: &'a [(&'a str, &'a str)],
    /// Nova's or Cinder's microversion; `None` asks for the oldest.
    pub microversion: Option<&'static str>,
}

impl<'a> Get<'a> {
    pub fn new(at: At<'a>, path: &'a str) -> Self {
        Get { at, path, query: &[], microversion: None }
    }

    pub fn query(self, query: &'a [(&'a str, &'a str)]) -> Self {
        Get { query, ..self }
    }
}

/// One call that changes something. It is sent once: what became of it when no answer came is for the caller to see.
pub(crate) struct Change<'a> {
    pub at: At<'a>,
    pub method: Method,
    /// Below the version: `/servers`.
    pub path: &'a str,
    /// `Null` for none.
    pub body: Value,
    /// Nova's or Cinder's microversion; `None` asks for the oldest.
    pub microversion: Option<&'static str>,
    /// What the body holds and no message may repeat.
    pub hidden: &'a [SecretString],
    /// Neutron's `revision_number` of what was looked at: refused with 412 when it is another by now (its extension
    /// `revision-if-match`; without it this is overlooked).
    pub if_revision: Option<u64>,
    /// The largest answer taken, in bytes, where the cloud decides how long it is.
    pub limit: Option<usize>,
}

impl<'a> Change<'a> {
    pub fn post(at: At<'a>, path: &'a str, body: Value) -> Self {
        let (microversion, hidden) = (None, &[] as &[_]);
        Change { at, method: Method::POST, path, body, microversion, hidden, if_revision: None, limit: None }
    }

    pub fn put(at: At<'a>, path: &'a str, body: Value) -> Self {
        Change { method: Method::PUT, ..Change::post(at, path, body) }
    }

    pub fn delete(at: At<'a>, path: &'a str) -> Self {
        Change { method: Method::DELETE, ..Change::post(at, path, Value::Null) }
    }
}

pub(crate) struct Answer {
    pub url: Url,
    pub body: Bytes,
    /// `X-Openstack-Request-Id`, or empty.
    pub request_id: String,
    /// When the service says that it answered: its own clock.
    pub date: Option<Timestamp>,
}

impl Answer {
    /// What was asked of Nova, to find out later what became of it.
    pub fn order(&self, id: String) -> Order {
        Order::new(id, Some(self.request_id.clone()).filter(|it| !it.is_empty()))
    }
}

/// What is sent, and what kind of answer is waited for.
enum Kind<'a> {
    Document,
    List,
    Change { call: &'a Change<'a>, body: Bytes },
}

/// One credential at one cloud.
pub(crate) struct Session {
    pub config: Config,
    secret: SecretString,
    http: Client,
    typed: Url,
    keystone: OnceCell<Keystone>,
    logins: Logins<Login, Error>,
}

impl Session {
    pub fn new(config: Config, secret: SecretString, exit: Arc<Exit>) -> Result<Self, CloudError> {
        config.check()?;
        let invalid =
            |err: cloud_http::InvalidTrust| CloudError::Invalid { field: "caCertificate", message: err.to_string() };
        let http = Client::new(exit, config.trust()?).map_err(invalid)?.of_account(&config.account()?);
        let logins = Logins::new(Error::is_refused_login, Error::Closed);
        let (typed, keystone) = (config.url()?, OnceCell::new());
        Ok(Session { config, secret, http, typed, keystone, logins })
    }

    pub fn http(&self) -> &Client {
        &self.http
    }

    /// Keystone's URL as typed.
    pub fn typed(&self) -> &Url {
        &self.typed
    }

    pub async fn keystone(&self) -> Result<&Keystone, Error> {
        self.keystone.get_or_try_init(|| keystone::discover(&self.http, &self.typed)).await
    }

    /// The login in use, made at the first call. A refused one is remembered for a while, because Keystone may lock a
    /// user after a few attempts; after any other failure the next caller tries again.
    pub async fn login(&self) -> Result<Arc<Login>, Error> {
        // On the heap, because every call holds a place for it.
        self.logins.enter(Box::pin(self.log_in())).await
    }

    /// Why Keystone did not let this credential in the last time.
    pub fn last_refusal(&self) -> Option<Error> {
        self.logins.last_refusal()
    }

    /// A login that was refused is tried again by the next call.
    pub fn try_again(&self) {
        self.logins.try_again();
    }

    async fn log_in(&self) -> Result<Login, Error> {
        let keystone = self.keystone().await?;
        keystone::log_in(&self.http, &keystone.base, &self.config, &self.secret, Scope::Project).await
    }

    /// What was sent and must not be repeated in a message.
    fn secrets(&self) -> Vec<SecretString> {
        let token = self.logins.current().map(|it| it.token.clone());
        std::iter::once(self.secret.clone()).chain(token).collect()
    }

    /// Why a login was refused, in words for the owner of the credential.
    pub async fn explain(&self, err: &Error) -> cloud::check::Finding {
        match self.keystone().await {
            Ok(keystone) => keystone::explain_login(&self.http, &keystone.base, &self.config, &self.secret, err).await,
            Err(err) => cloud::check::Finding::Failed { detail: err.to_string(), remedy: err.remedy() },
        }
    }

    /// The id of the project that the login is for.
    pub async fn project_id(&self) -> Result<String, Error> {
        self.login().await?.project.as_ref().map(|it| it.id.clone()).ok_or(Error::NoProject)
    }

    /// Ends the login, for good.
    pub async fn close(&self) {
        let (Some(login), Some(keystone)) = (self.logins.close().await, self.keystone.get()) else { return };
        if let Err(err) = keystone::log_out(&self.http, &keystone.base, &login.token).await {
            tracing::debug!("cannot end a token: {err}");
        }
    }

    /// Reads JSON from a service's API.
    pub async fn get<T: DeserializeOwned>(&self, call: &Get<'_>) -> Result<T, Error> {
        let (url, body) = self.get_body(call).await?;
        self.parse(&url, &body)
    }

    /// Reads JSON from a URL made of the catalog's one, which may lie above the API (version documents).
    pub async fn get_at<T: DeserializeOwned>(&self, at: At<'_>, url: impl Fn(&Url, &Login) -> Url) -> Result<T, Error> {
        let Answer { url, body, .. } = self.send(at, None, Kind::Document, url).await?;
        self.parse(&url, &body)
    }

    /// As [`Session::get`], and when it was by the service's clock: its head `Date`, to the second.
    pub async fn get_dated<T: DeserializeOwned>(&self, call: &Get<'_>) -> Result<(T, Timestamp), Error> {
        let url = |base: &Url, login: &Login| call_url(call.at, call.path, call.query, base, login);
        let Answer { url, body, date, .. } = self.send(call.at, call.microversion, Kind::List, url).await?;
        let undated = || Error::Unreadable { endpoint: shown(&url), reason: "its answer has no Date".to_owned() };
        Ok((self.parse(&url, &body)?, date.ok_or_else(undated)?))
    }

    /// As [`Session::get`], for services that answer an empty list with no body at all.
    pub async fn get_body(&self, call: &Get<'_>) -> Result<(Url, Bytes), Error> {
        let url = |base: &Url, login: &Login| call_url(call.at, call.path, call.query, base, login);
        let answer = self.send(call.at, call.microversion, Kind::List, url).await?;
        Ok((answer.url, answer.body))
    }

    /// Sends what changes something. Only a call that was answered with 401, and so not done, is repeated.
    pub async fn change(&self, call: &Change<'_>) -> Result<Answer, Error> {
        let body = if call.body.is_null() { Bytes::new() } else { Bytes::from(call.body.to_string()) };
        let kind = Kind::Change { call, body };
        let url = |base: &Url, login: &Login| call_url(call.at, call.path, &[], base, login);
        self.send(call.at, call.microversion, kind, url).await
    }

    pub fn parse<T: DeserializeOwned>(&self, url: &Url, body: &[u8]) -> Result<T, Error> {
        serde_json::from_slice(body).map_err(|err| {
            let reason = match serde_json::from_slice::<serde::de::IgnoredAny>(body) {
                Ok(_) => format!("its JSON is not the expected one: {err}"),
                Err(_) if body.trim_ascii_start().starts_with(b"<") => {
                    let beginning = &body[..body.len().min(ERROR_LIMIT)];
                    format!("a web page: {}", message_of(beginning, &self.secrets()))
                }
                Err(err) => format!("broken JSON: {err}"),
            };
            Error::Unreadable { endpoint: shown(url), reason: clean(&cloud::without(&reason, &self.secrets())) }
        })
    }

    /// Sends one call. A token that the service no longer takes is renewed once, and the call repeated once.
    async fn send(
        &self,
        at: At<'_>,
        microversion: Option<&'static str>,
        kind: Kind<'_>,
        url: impl Fn(&Url, &Login) -> Url,
    ) -> Result<Answer, Error> {
        let login = self.login().await?;
        let answer = self.send_once(&login, at, microversion, &kind, &url).await;
        if !matches!(&answer, Err(Error::Refused(Refusal { status: 401, .. }))) {
            return answer;
        }
        self.logins.forget(&login);
        let login = self.login().await?;
        self.send_once(&login, at, microversion, &kind, &url).await
    }

    async fn send_once(
        &self,
        login: &Login,
        at: At<'_>,
        microversion: Option<&'static str>,
        kind: &Kind<'_>,
        url: impl Fn(&Url, &Login) -> Url,
    ) -> Result<Answer, Error> {
        let (catalogued, _) = login.catalog.find(at.service, at.region, self.config.interface)?;
        let url = url(&catalogued, login);
        let request = match kind {
            Kind::Document => Request::get(url.clone()).limit(VERSION_LIMIT).silence(VERSION_SILENCE),
            Kind::List => Request::get(url.clone()).limit(LIST_LIMIT).silence(LIST_SILENCE).total(LIST_TOTAL),
            Kind::Change { call, body } => {
                let request = match call.method {
                    Method::POST => Request::post(url.clone(), body.clone()),
                    Method::PUT => Request::put(url.clone(), body.clone()),
                    _ => Request::new(call.method.clone(), url.clone()),
                };
                changing(request, call)
            }
        };
        let mut request = request
            .header(HeaderName::from_static("x-auth-token"), sensitive(login.token.expose_secret())?)
            .header(http::header::ACCEPT, HeaderValue::from_static("application/json"));
        if let Some(microversion) = microversion {
            let value = HeaderValue::from_str(&format!("{} {microversion}", at.service.as_str()));
            if at.service == Service::Compute {
                // For Nova before 2.27.
                let name = HeaderName::from_static("x-openstack-nova-api-version");
                request = request.header(name, HeaderValue::from_static(microversion));
            }
            if let Ok(value) = value {
                request = request.header(HeaderName::from_static("openstack-api-version"), value);
            }
        }
        let response = self.http.send(request).await?;
        let status = response.status;
        let request_id = keystone::clean_id(response.header("x-openstack-request-id"));
        let date = rfc2822::DateTimeParser::new().parse_timestamp(response.header("date")).ok();
        // Version documents come as 300.
        if status.is_success() || status == StatusCode::MULTIPLE_CHOICES {
            return Ok(Answer { url, body: response.body.bytes().await?, request_id, date });
        }
        let body = response.body.beginning(ERROR_LIMIT).await?;
        let mut secrets = vec![self.secret.clone(), login.token.clone()];
        if let Kind::Change { call, .. } = kind {
            secrets.extend_from_slice(call.hidden);
        }
        let message = message_of(&body, &secrets);
        Err(Error::Refused(Refusal { endpoint: shown(&url), status: status.as_u16(), message, request_id }))
    }
}

/// What a change has beside its body.
fn changing(mut request: Request, call: &Change<'_>) -> Request {
    if !call.body.is_null() {
        request = request.header(http::header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    let condition = call.if_revision.map(|it| HeaderValue::from_str(&format!("revision_number={it}")));
    if let Some(Ok(condition)) = condition {
        request = request.header(http::header::IF_MATCH, condition);
    }
    if let Some(limit) = call.limit {
        request = request.limit(limit);
    }
    request.silence(CHANGE_SILENCE)
}

fn call_url(at: At<'_>, path: &str, query: &[(&str, &str)], catalogued: &Url, login: &Login) -> Url {
    let project = login.project.as_ref().map(|it| it.id.as_str()).unwrap_or_default();
    let base = api_base(at.service, catalogued, project);
    let path = format!("{}{path}", base.path().trim_end_matches('/'));
    let segments: Vec<&str> = path.split('/').filter(|it| !it.is_empty()).collect();
    let mut url = with_path(&base, &segments, false);
    if !query.is_empty() {
        url.query_pairs_mut().extend_pairs(query);
    }
    url
}
