mod beside;

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use cloud::Logins;
use cloud_http::{Client, Request, Response, origin};
use http::{HeaderName, HeaderValue, StatusCode, header};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::OnceCell;
use tracing::{debug, warn};
use url::Url;

use crate::{
    content::{Content, OLDEST, best_version, soap_action, supported},
    machines::{clones::Clones, placement::Planned},
    soap::{
        answer::{Answer, Piece},
        envelope::{Call, MoRef},
        error::{CallError, Cause},
        fault::Fault,
        tree::{Node, Tree},
        xml::Parser,
    },
};

/// Short answers: the longest is the list of customization specs.
const ANSWER_LIMIT: usize = 8 << 20;
/// A list arrives as a stream, so this bounds time and traffic and not memory: 50,000 machines with all that is asked
/// of them are about 250 MB.
const LIST_LIMIT: usize = 2 << 30;
/// A vCenter sends a page of a list for as long as it takes to gather it.
const LIST_TOTAL: Duration = Duration::from_secs(10 * 60);
/// Of an answer that is an error, no more is read.
const FAULT_LIMIT: usize = 1 << 20;
/// Of a page of something that is no vCenter, enough to recognize it.
const PAGE_LIMIT: usize = 64 << 10;
/// The parser looks again at the beginning of a tag that has not ended, so it gets no crumbs.
const AT_ONCE: usize = 16 << 10;
/// One vCenter with one session, renewed when it ends.
pub struct VCenter {
    pub url: Url,
    /// `scheme://host:port`.
    pub origin: String,
    user_name: String,
    password: SecretString,
    client: Client,
    logins: Logins<Session, CallError>,
    /// `instanceUuid` as last told.
    instance_uuid: Mutex<Option<String>>,
    /// `info`, `warning`, `error` or `user` by the kind of an event, once they were asked for.
    pub severities: OnceCell<HashMap<String, String>>,
    /// What was placed lately and is not seen yet.
    pub planned: Mutex<Vec<Planned>>,
    pub clones: Clones,
    /// Makes operation ids of different processes differ.
    tag: String,
    n_operations: AtomicU64,
}

pub struct Session {
    pub content: Content,
    pub key: String,
    /// As the vCenter writes it, also of tasks: `VSPHERE.LOCAL\\user`.
    pub user_name: String,
    /// The version spoken: the highest that both sides know.
    pub api_version: String,
    action: HeaderValue,
    cookie: Option<HeaderValue>,
}

impl VCenter {
    pub fn new(url: Url, user_name: String, password: SecretString, client: Client) -> Self {
        let tag = uuid::Uuid::new_v4().simple().to_string()[..8].to_owned();
        let origin = origin(&url);
        let closed =
            CallError { endpoint: origin.clone(), method: "Login", operation_id: String::new(), cause: Cause::Closed };
        let logins = Logins::new(CallError::is_refused_login, closed);
        VCenter {
            url,
            origin,
            user_name,
            password,
            client,
            logins,
            instance_uuid: Mutex::default(),
            severities: OnceCell::new(),
            planned: Mutex::default(),
            clones: Clones::default(),
            tag,
            n_operations: AtomicU64::new(0),
        }
    }

    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The session, logging in first where there is none. A refused login is remembered for a while and not repeated
    /// for each who asks: that could lock the account.
    pub async fn session(&self) -> Result<Arc<Session>, CallError> {
        // On the heap, because every call holds a place for it.
        self.logins.enter(Box::pin(self.log_in())).await
    }

    /// Whether calls need no login first.
    pub fn is_logged_in(&self) -> bool {
        self.logins.current().is_some()
    }

    /// The refusal of a login that is remembered.
    pub fn refusal(&self) -> Option<CallError> {
        self.logins.refusal()
    }

    /// Why this vCenter did not let the user in the last time.
    pub fn last_refusal(&self) -> Option<CallError> {
        self.logins.last_refusal()
    }

    /// A login that was refused is tried again by the next call.
    pub fn try_again(&self) {
        self.logins.try_again();
    }

    /// The session ended: the next call logs in again. Nothing happens if that has been done since.
    pub fn renew(&self, ended: &Arc<Session>) {
        debug!(endpoint = %self.origin, "the session ended");
        self.logins.forget(ended);
    }

    /// Which vCenter this is, as far as that was told.
    pub fn known_uuid(&self) -> Option<String> {
        self.instance_uuid.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Which vCenter this is. Needs no login; asked once.
    pub async fn instance_uuid(&self) -> Result<String, CallError> {
        match self.known_uuid() {
            Some(uuid) => Ok(uuid),
            None => Ok(self.about().await?.about.instance_uuid),
        }
    }

    /// Sends a call; `make` builds it for the session. When the session has ended, which is said before anything is
    /// done, logs in again and repeats once. `read` gets the `…Response` element.
    pub async fn call<T: Send>(
        &self,
        make: impl Fn(&Session) -> Call + Send,
        read: impl Fn(Node<'_>) -> T + Send + Sync,
    ) -> Result<T, CallError> {
        Ok(self.order(make, read).await?.0)
    }

    /// As [`VCenter::call`], and tells the operation id too.
    pub async fn order<T: Send>(
        &self,
        make: impl Fn(&Session) -> Call + Send,
        read: impl Fn(Node<'_>) -> T + Send + Sync,
    ) -> Result<(T, String), CallError> {
        let session = self.session().await?;
        let outcome = match self.ask(session.link(), &make(&session), &read).await {
            Err(err) if err.is_not_authenticated() => {
                self.renew(&session);
                let session = self.session().await?;
                self.ask(session.link(), &make(&session), &read).await
            }
            outcome => outcome,
        };
        outcome.map(|(value, reading)| (value, reading.operation_id))
    }

    /// Sends a call in this session and no other.
    pub async fn call_in<T: Send>(
        &self,
        session: &Session,
        call: &Call,
        read: impl FnOnce(Node<'_>) -> T + Send,
    ) -> Result<T, CallError> {
        Ok(self.ask(session.link(), call, read).await?.0)
    }

    /// Sends a call whose answer is a list, to be read with [`Reading::next`].
    pub async fn open(&self, session: &Session, call: &Call) -> Result<Reading, CallError> {
        self.send(session.link(), call, LIST_LIMIT, call.piece).await
    }

    /// What the vCenter is; needs no login.
    pub async fn about(&self) -> Result<Content, CallError> {
        let action = soap_action(OLDEST);
        Ok(self.content(Link { action: &action, cookie: None }).await?.0)
    }

    /// Lets nobody in any more and ends the session, if there is one. Failing is only logged: the vCenter ends it by
    /// itself after 30 minutes.
    pub async fn close(&self) {
        let Some(session) = self.logins.close().await else { return };
        let call = Call::new("Logout", &session.content.session_manager);
        match self.call_in(&session, &call, |_| ()).await {
            Err(err) if !err.is_not_authenticated() => {
                warn!(endpoint = %self.origin, "cannot log out of {}: {err}", self.origin);
            }
            _ => {}
        }
    }

    async fn log_in(&self) -> Result<Session, CallError> {
        let api_version = self.choose_version().await?;
        let action = soap_action(&api_version);
        let (content, early_cookie) = self.content(Link { action: &action, cookie: None }).await?;
        if let Err(why) = supported(&content.about) {
            return Err(self.error("RetrieveServiceContent", "", Cause::Unsupported(why)));
        }
        let call = Call::new("Login", &content.session_manager)
            .text("userName", &self.user_name)
            .text("password", self.password.expose_secret());
        let link = Link { action: &action, cookie: early_cookie.as_ref() };
        let read = |node: Node<'_>| {
            let text = |name| node.child("returnval").map(|it| it.get(name).to_owned()).unwrap_or_default();
            (text("key"), text("userName"))
        };
        let ((key, user_name), reading) = self.ask(link, &call, read).await?;
        Ok(Session { content, key, user_name, api_version, action, cookie: reading.cookie.or(early_cookie) })
    }

    /// Reads which versions are offered: `{namespace: {name, version, priorVersions: {version}}}`. A vCenter that has
    /// no such file gets the oldest that we speak.
    async fn choose_version(&self) -> Result<String, CallError> {
        let method = "vimServiceVersions.xml";
        let error = |cause| self.error(method, "", cause);
        let mut url = self.url.clone();
        url.set_path(&format!("{}/{method}", self.url.path()));
        let response = self.client.send(Request::get(url).limit(1 << 20)).await;
        let response = response.map_err(|err| error(Cause::Http(err)))?;
        match response.status {
            StatusCode::OK => {}
            // The next call would wait for the same.
            status @ StatusCode::SERVICE_UNAVAILABLE => {
                let text = response.body.beginning(PAGE_LIMIT).await.map_err(|err| error(Cause::Http(err)))?;
                return Err(error(Cause::status(status.as_u16(), &text)));
            }
            _ => return Ok(OLDEST.to_owned()),
        }
        let bytes = response.body.bytes().await.map_err(|err| error(Cause::Http(err)))?;
        let (mut parser, mut tree) = (Parser::default(), Tree::default());
        if parser.feed(&bytes, &mut tree).and_then(|()| parser.finish()).is_err() {
            return Ok(OLDEST.to_owned());
        }
        let namespaces = tree.root().into_iter().flat_map(Node::children).filter(|it| it.get("name") == "urn:vim25");
        let offered = namespaces.flat_map(|it| {
            let prior = it.child("priorVersions").into_iter().flat_map(Node::children);
            it.children().chain(prior).filter(|it| it.name() == "version").map(Node::text)
        });
        Ok(best_version(offered))
    }

    async fn content(&self, link: Link<'_>) -> Result<(Content, Option<HeaderValue>), CallError> {
        let call = Call::new("RetrieveServiceContent", &MoRef::new("ServiceInstance", "ServiceInstance"));
        let (content, reading) = self.ask(link, &call, |node| node.child("returnval").and_then(Content::read)).await?;
        let unreadable = || Cause::Unreadable("it does not say what this service is".to_owned());
        let content = content.ok_or_else(|| self.error(call.method, "", unreadable()))?;
        let uuid = content.about.instance_uuid.clone();
        *self.instance_uuid.lock().unwrap_or_else(PoisonError::into_inner) = Some(uuid);
        Ok((content, reading.cookie))
    }

    async fn ask<T: Send>(
        &self,
        link: Link<'_>,
        call: &Call,
        read: impl FnOnce(Node<'_>) -> T + Send,
    ) -> Result<(T, Reading), CallError> {
        let mut reading = self.send(link, call, ANSWER_LIMIT, Piece::Response).await?;
        let (mut read, mut outcome) = (Some(read), None);
        while reading.next(&mut |node| outcome = read.take().map(|it| it(node)).or(outcome.take())).await? {}
        let empty = Cause::Unreadable("it is an empty envelope".to_owned());
        let outcome = outcome.ok_or_else(|| self.error(call.method, &reading.operation_id, empty))?;
        Ok((outcome, reading))
    }

    async fn send(&self, link: Link<'_>, call: &Call, limit: usize, piece: Piece) -> Result<Reading, CallError> {
        let n = self.n_operations.fetch_add(1, Ordering::Relaxed);
        let operation_id = format!("stackyard-{}-{n}", self.tag);
        let mut request = Request::post(self.url.clone(), call.envelope(&operation_id))
            .header(header::CONTENT_TYPE, HeaderValue::from_static("text/xml; charset=utf-8"))
            .header(HeaderName::from_static("soapaction"), link.action.clone())
            .limit(limit);
        let mut secrets = vec![self.password.clone()];
        if let Some(cookie) = link.cookie {
            request = request.header(header::COOKIE, cookie.clone());
            secrets.extend(secret_of(cookie));
        }
        if piece != Piece::Response {
            request = request.total(LIST_TOTAL);
        }
        if let Some(at_most) = call.waits {
            request = request.waits(at_most);
        }
        // A login that was answered with "later" is not tried again on its own: each try counts against the account.
        if call.only_reads && call.method != "Login" {
            request = request.read_only();
        }
        debug!(endpoint = %self.origin, operation_id, "{}", call.method);
        let error = |cause: Cause| {
            let (endpoint, operation_id) = (self.origin.clone(), operation_id.clone());
            CallError { endpoint, method: call.method, operation_id, cause: cause.without(&secrets) }
        };
        let response = self.client.send(request).await.map_err(|err| error(Cause::Http(err)))?;
        let cookie = session_cookie(&response);
        let status = response.status;
        // Faults come with 500 (SOAP 1.1 §6.2).
        if status != StatusCode::OK && status != StatusCode::INTERNAL_SERVER_ERROR {
            let text = response.body.beginning(PAGE_LIMIT).await.map_err(|err| error(Cause::Http(err)))?;
            return Err(error(Cause::status(status.as_u16(), &text)));
        }
        let (endpoint, method, answer) = (self.origin.clone(), call.method, Some(Answer::new(piece)));
        let body = if status == StatusCode::OK { response.body } else { response.body.at_most(FAULT_LIMIT) };
        Ok(Reading { body, status, answer, cookie, endpoint, method, operation_id, secrets })
    }

    /// For an answer that says so in a place of its own.
    pub fn session_ended(&self, method: &'static str) -> CallError {
        let fault = Fault { name: "NotAuthenticated".to_owned(), ..Fault::default() };
        self.error(method, "", Cause::Fault(fault))
    }

    /// For a task that failed after the call that began it was answered.
    pub fn task_failed(&self, method: &'static str, operation_id: &str, fault: Fault) -> CallError {
        self.error(method, operation_id, Cause::Fault(fault))
    }

    /// For a list that does not end.
    pub fn endless(&self, method: &'static str, kind: &str) -> CallError {
        self.unreadable(method, format!("the list of {kind} does not end"))
    }

    /// For an answer that cannot be.
    pub fn unreadable(&self, method: &'static str, why: String) -> CallError {
        self.error(method, "", Cause::Unreadable(why))
    }

    fn error(&self, method: &'static str, operation_id: &str, cause: Cause) -> CallError {
        let cause = cause.without(std::slice::from_ref(&self.password));
        CallError { endpoint: self.origin.clone(), method, operation_id: operation_id.to_owned(), cause }
    }
}

impl Session {
    fn link(&self) -> Link<'_> {
        Link { action: &self.action, cookie: self.cookie.as_ref() }
    }
}

/// What tells one call from another besides its body.
#[derive(Clone, Copy)]
struct Link<'a> {
    action: &'a HeaderValue,
    cookie: Option<&'a HeaderValue>,
}

/// An answer that is still arriving.
pub struct Reading {
    body: cloud_http::Body,
    status: StatusCode,
    /// `None` after the end.
    answer: Option<Answer>,
    cookie: Option<HeaderValue>,
    endpoint: String,
    method: &'static str,
    operation_id: String,
    /// What was sent and must not be repeated.
    secrets: Vec<SecretString>,
}

impl Reading {
    /// Reads on and hands over what is complete. False at the end; a fault is an error there.
    pub async fn next(&mut self, on_piece: &mut (dyn FnMut(Node<'_>) + Send)) -> Result<bool, CallError> {
        let mut collected = Vec::new();
        let is_over = loop {
            match self.body.chunk().await.map_err(|err| self.error(Cause::Http(err)))? {
                None => break true,
                Some(chunk) => collected.extend_from_slice(&chunk),
            }
            if collected.len() >= AT_ONCE {
                break false;
            }
        };
        let Some(answer) = &mut self.answer else { return Ok(false) };
        answer.feed(&collected, on_piece).map_err(|err| self.unreadable(&err.0))?;
        if !is_over {
            return Ok(true);
        }
        let outcome = self.answer.take().map(Answer::finish).transpose();
        match outcome.map_err(|err| self.unreadable(&err.0))?.flatten() {
            Some(fault) => Err(self.error(Cause::Fault(fault))),
            None if self.status == StatusCode::OK => Ok(false),
            None => Err(self.error(Cause::status(self.status.as_u16(), b""))),
        }
    }

    fn unreadable(&self, why: &str) -> CallError {
        let is_ok = self.status == StatusCode::OK;
        let status = || Cause::status(self.status.as_u16(), b"");
        self.error(if is_ok { Cause::Unreadable(why.to_owned()) } else { status() })
    }

    fn error(&self, cause: Cause) -> CallError {
        let (endpoint, operation_id) = (self.endpoint.clone(), self.operation_id.clone());
        CallError { endpoint, method: self.method, operation_id, cause: cause.without(&self.secrets) }
    }
}

/// What of a cookie must not be repeated.
fn secret_of(cookie: &HeaderValue) -> Option<SecretString> {
    let (_, value) = cookie.to_str().ok()?.split_once('=')?;
    Some(value.trim_matches('"').into())
}

/// `vmware_soap_session=…` of an answer, as it is to be sent back.
fn session_cookie(response: &Response) -> Option<HeaderValue> {
    let cookies = response.headers.get_all(header::SET_COOKIE).iter().filter_map(|it| it.to_str().ok());
    let pair = cookies.filter_map(|it| it.split(';').next()).find(|it| it.starts_with("vmware_soap_session="))?;
    let mut cookie = HeaderValue::from_str(pair).ok()?;
    cookie.set_sensitive(true);
    Some(cookie)
}
