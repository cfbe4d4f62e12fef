use std::{
    error::Error as _,
    fmt, io,
    pin::pin,
    sync::{Arc, Mutex, PoisonError, atomic::Ordering},
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use futures_util::stream::{self, BoxStream, Stream};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use http_body_util::{BodyExt, Either, Full};
use hyper::body::{Body as _, Incoming};
use hyper_util::{
    client::legacy::{self, connect::capture_connection},
    rt::{TokioExecutor, TokioTimer},
};
use tokio::{
    io::AsyncBufRead,
    select,
    sync::{AcquireError, OwnedSemaphorePermit, Semaphore},
    time::{Instant, sleep, timeout},
};
use tokio_util::io::StreamReader;
use url::Url;

use crate::{
    Exit, HttpError, InvalidTrust, Trust,
    connect::{Connector, origin},
    error::{chain, shorten},
    trust::Tls,
    upload::{Pace, Upload},
};

/// Requests of one account of a cloud that are under way at once.
pub(crate) const CONCURRENT_CALLS: usize = 8;
/// Without a byte for this long, an answer is given up.
const SILENCE: Duration = Duration::from_secs(30);
/// An answer that still arrives after this long is given up, however steadily it trickles.
const TOTAL: Duration = Duration::from_secs(60);
/// Enough for every answer that is not a list.
const DEFAULT_LIMIT: usize = 16 << 20;
const MAX_REDIRECTS: usize = 3;
const MAX_RETRIES: usize = 2;
/// A cloud that asks for more patience gets [`HttpError::Busy`] instead.
const MAX_WAIT: Duration = Duration::from_secs(10);

/// The connections of one credential: its trust, its pool, its budget, which is its own until it gets that of an
/// account. Cheap to clone.
#[derive(Clone)]
pub struct Client {
    pool: Arc<Mutex<Pool>>,
    pub(crate) exit: Arc<Exit>,
    pub(crate) tls: Tls,
    budget: Arc<Semaphore>,
}

/// Idle connections and the settings they were made under: an address that was allowed then may not be any more.
struct Pool {
    epoch: u64,
    connections: Connections,
}

type Connections = legacy::Client<Connector, Either<Full<Bytes>, Upload>>;

/// One request. Reading methods are retried where the cloud asks for it.
#[derive(Clone)]
pub struct Request {
    method: Method,
    url: Url,
    headers: HeaderMap,
    body: Bytes,
    limit: usize,
    silence: Duration,
    total: Duration,
    is_read: bool,
    waits: bool,
}

impl Request {
    pub fn new(method: Method, url: Url) -> Self {
        let is_read = method == Method::GET || method == Method::HEAD;
        let (headers, body) = (HeaderMap::new(), Bytes::new());
        Request {
            method,
            url,
            headers,
            body,
            limit: DEFAULT_LIMIT,
            silence: SILENCE,
            total: TOTAL,
            is_read,
            waits: false,
        }
    }

    pub fn get(url: Url) -> Self {
        Request::new(Method::GET, url)
    }

    pub fn post(url: Url, body: impl Into<Bytes>) -> Self {
        Request { body: body.into(), ..Request::new(Method::POST, url) }
    }

    pub fn put(url: Url, body: impl Into<Bytes>) -> Self {
        Request { body: body.into(), ..Request::new(Method::PUT, url) }
    }

    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// The largest body taken, in bytes (default 16 MiB).
    pub fn limit(mut self, bytes: usize) -> Self {
        self.limit = bytes;
        self
    }

    /// How long to wait for the next byte (default 30 s), counted from the connection on: longer for calls that wait on
    /// purpose. Connecting has limits of its own.
    pub fn silence(mut self, silence: Duration) -> Self {
        self.silence = silence;
        self
    }

    /// How long to wait for the body in all (default 60 s): longer for lists. What the caller does between two pieces
    /// is not counted.
    pub fn total(mut self, total: Duration) -> Self {
        self.total = total;
        self
    }

    /// The answer is held back on purpose for up to so long. It takes no place among the concurrent calls of its
    /// account: some of these would fill it, and nothing else would be asked.
    pub fn waits(mut self, at_most: Duration) -> Self {
        self.silence = SILENCE + at_most;
        self.waits = true;
        self
    }

    /// This POST only reads (SOAP, a token), so it may be sent again.
    pub fn read_only(mut self) -> Self {
        self.is_read = true;
        self
    }
}

/// Method and address only: headers hold tokens, bodies hold passwords.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}{}", self.method, origin(&self.url), self.url.path())
    }
}

/// The head of an answer; its body is still to be read.
pub struct Response {
    pub status: StatusCode,
    pub headers: HeaderMap,
    /// Where it came from, after redirects within the origin.
    pub url: Url,
    pub body: Body,
}

impl Response {
    /// A header as text, empty when absent: `x-openstack-request-id`.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|it| it.to_str().ok()).unwrap_or_default()
    }
}

/// A body that ends with an error where it grows over its limit, falls silent or does not end.
pub struct Body {
    incoming: Incoming,
    exit: Arc<Exit>,
    endpoint: String,
    limit: usize,
    n_read: usize,
    silence: Duration,
    total: Duration,
    /// Time spent waiting for pieces.
    waited: Duration,
    _permit: Option<OwnedSemaphorePermit>,
}

impl Body {
    /// The next piece, `None` at the end.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, HttpError> {
        // The length that the head announces; zero where it announces none.
        let announced = usize::try_from(self.incoming.size_hint().lower()).unwrap_or(usize::MAX);
        if announced.saturating_add(self.n_read) > self.limit {
            return Err(HttpError::TooLarge { endpoint: self.endpoint.clone(), limit: self.limit });
        }
        loop {
            let left = self.total.saturating_sub(self.waited);
            let begun = Instant::now();
            let frame = timeout(self.silence.min(left), self.incoming.frame()).await;
            self.waited += begun.elapsed();
            let endpoint = || self.endpoint.clone();
            let frame = frame
                .map_err(|_| match left <= self.silence {
                    true => HttpError::TooSlow { endpoint: endpoint(), limit: self.total },
                    false => HttpError::Silence { endpoint: endpoint(), limit: self.silence },
                })?
                .transpose()
                .map_err(|err| HttpError::Protocol { endpoint: self.endpoint.clone(), reason: chain(&err) })?;
            let Some(frame) = frame else { return Ok(None) };
            // Trailers are of no use to us.
            let Ok(data) = frame.into_data() else { continue };
            self.n_read += data.len();
            self.exit.n_bytes.fetch_add(data.len() as u64, Ordering::Relaxed);
            if self.n_read > self.limit {
                return Err(HttpError::TooLarge { endpoint: self.endpoint.clone(), limit: self.limit });
            }
            return Ok(Some(data));
        }
    }

    pub async fn bytes(mut self) -> Result<Bytes, HttpError> {
        let mut all = BytesMut::new();
        while let Some(chunk) = self.chunk().await? {
            all.extend_from_slice(&chunk);
        }
        Ok(all.freeze())
    }

    /// With a smaller limit: for answers that turn out to be errors.
    pub fn at_most(mut self, n_bytes: usize) -> Self {
        self.limit = self.limit.min(n_bytes);
        self
    }

    /// No more than the first `n_bytes`, for the messages of errors. The rest is not read.
    pub async fn beginning(mut self, n_bytes: usize) -> Result<Bytes, HttpError> {
        self.limit = usize::MAX;
        let mut beginning = BytesMut::new();
        while beginning.len() < n_bytes {
            let Some(chunk) = self.chunk().await? else { break };
            beginning.extend_from_slice(&chunk);
        }
        beginning.truncate(n_bytes);
        Ok(beginning.freeze())
    }

    /// For streaming parsers. An [`HttpError`] arrives inside the `io::Error`.
    pub fn into_reader(self) -> impl AsyncBufRead + Send + Unpin {
        StreamReader::new(Box::pin(self.into_stream()))
    }

    fn into_stream(self) -> impl Stream<Item = std::io::Result<Bytes>> + Send {
        stream::unfold(Some(self), |body| async move {
            let mut body = body?;
            match body.chunk().await {
                Ok(Some(chunk)) => Some((Ok(chunk), Some(body))),
                Ok(None) => None,
                Err(err) => Some((Err(std::io::Error::other(err)), None)),
            }
        })
    }
}

impl Client {
    pub fn new(exit: Arc<Exit>, trust: Trust) -> Result<Self, InvalidTrust> {
        let tls = Tls::new(trust)?;
        let pool = Arc::new(Mutex::new(Pool::new(&exit, &tls)));
        Ok(Client { pool, exit, tls, budget: Arc::new(Semaphore::new(CONCURRENT_CALLS)) })
    }

    /// One that shares its budget with all clients of the same account, whatever credential they are of: a cloud does
    /// not care which of them overloads it. The name is the caller's, and unique among clouds.
    pub fn of_account(self, account: &str) -> Self {
        Client { budget: self.exit.budget(account), ..self }
    }

    /// Connections made under the settings of now. Those of earlier settings are closed when they fall idle.
    fn connections(&self) -> Connections {
        let mut pool = self.pool.lock().unwrap_or_else(PoisonError::into_inner);
        if pool.epoch != self.exit.epoch() {
            *pool = Pool::new(&self.exit, &self.tls);
        }
        pool.connections.clone()
    }

    /// Sends a request and returns the head of the answer, whatever its status. Redirects within the origin are
    /// followed; one to another origin is an error, so that no token travels there.
    pub async fn send(&self, request: Request) -> Result<Response, HttpError> {
        let mut request = request;
        let (mut n_redirects, mut n_retries) = (0, 0);
        loop {
            check_url(&request.url)?;
            let body = Either::Left(Full::new(request.body.clone()));
            let response = self.send_once(&request, body, &Pace::new()).await?;
            let status = response.status;
            if let Some(to) = redirect(&response, &request)? {
                n_redirects += 1;
                if n_redirects > MAX_REDIRECTS {
                    let reason = "it redirects in a circle".to_owned();
                    return Err(HttpError::Protocol { endpoint: origin(&request.url), reason });
                }
                request.url = to;
                continue;
            }
            if status != StatusCode::TOO_MANY_REQUESTS && status != StatusCode::SERVICE_UNAVAILABLE {
                return Ok(response);
            }
            let retry_after = retry_after(&response.headers);
            let wait = retry_after.unwrap_or(Duration::from_secs(1));
            if request.is_read && n_retries < MAX_RETRIES && wait <= MAX_WAIT {
                n_retries += 1;
                drop(response);
                sleep(wait).await;
                continue;
            }
            if status == StatusCode::TOO_MANY_REQUESTS || retry_after.is_some() {
                let endpoint = origin(&request.url);
                return Err(HttpError::Busy { endpoint, status: status.as_u16(), retry_after });
            }
            return Ok(response);
        }
    }

    /// Sends a request whose body arrives piece by piece, once, and returns the head of the answer. The time without a
    /// byte counts from the last one sent. Give it a request that waits: it may take hours.
    pub async fn upload(
        &self,
        request: &Request,
        n_bytes: u64,
        pieces: BoxStream<'static, io::Result<Bytes>>,
    ) -> Result<Response, HttpError> {
        check_url(&request.url)?;
        let pace = Pace::new();
        let body = Either::Right(Upload::new(n_bytes, pieces, pace.clone()));
        self.send_once(request, body, &pace).await.map_err(|err| match pace.broken() {
            Some(reason) => HttpError::Upload { endpoint: origin(&request.url), reason },
            None => err,
        })
    }

    /// A place among the calls of this account.
    pub(crate) async fn permit(&self, url: &Url) -> Result<OwnedSemaphorePermit, HttpError> {
        let closed = |err: AcquireError| HttpError::Protocol { endpoint: origin(url), reason: err.to_string() };
        let _waiting = self.exit.wait();
        self.budget.clone().acquire_owned().await.map_err(closed)
    }

    async fn send_once(
        &self,
        request: &Request,
        body: Either<Full<Bytes>, Upload>,
        pace: &Pace,
    ) -> Result<Response, HttpError> {
        let endpoint = origin(&request.url);
        let protocol = |reason: String| HttpError::Protocol { endpoint: endpoint.clone(), reason };
        let permit = if request.waits { None } else { Some(self.permit(&request.url).await?) };
        let mut head = http::Request::builder().method(request.method.clone()).uri(request.url.as_str());
        if let Some(headers) = head.headers_mut() {
            headers.clone_from(&request.headers);
            headers
                .insert(header::USER_AGENT, HeaderValue::from_static(concat!("stackyard/", env!("CARGO_PKG_VERSION"))));
        }
        let mut http_request = head.body(body).map_err(|err| HttpError::Url(err.to_string()))?;
        self.exit.n_calls.fetch_add(1, Ordering::Relaxed);
        let mut connection = capture_connection(&mut http_request);
        let mut answer = pin!(self.connections().request(http_request));
        // A port that drops packets is not a silent service, so silence begins where a connection is.
        let early = select! {
            answer = &mut answer => Some(answer),
            _ = connection.wait_for_connection_metadata() => None,
        };
        let answer = match early {
            Some(answer) => Some(answer),
            None => {
                pace.go_on();
                select! {
                    answer = answer => Some(answer),
                    () = pace.silence(request.silence) => None,
                }
            }
        };
        let silence = || HttpError::Silence { endpoint: endpoint.clone(), limit: request.silence };
        let answer = answer.ok_or_else(silence)?;
        let answer = answer.map_err(|err| {
            // The outermost text names only a part of the library.
            let Some(cause) = err.source() else { return protocol(err.to_string()) };
            cause.downcast_ref::<HttpError>().cloned().unwrap_or_else(|| protocol(chain(cause)))
        })?;
        let (head, incoming) = answer.into_parts();
        let body = Body {
            incoming,
            exit: self.exit.clone(),
            endpoint,
            limit: request.limit,
            n_read: 0,
            silence: request.silence,
            total: request.total,
            waited: Duration::ZERO,
            _permit: permit,
        };
        Ok(Response { status: head.status, headers: head.headers, url: request.url.clone(), body })
    }
}

impl Pool {
    fn new(exit: &Arc<Exit>, tls: &Tls) -> Self {
        // Read before any connection is made: a change in between costs one pool more, and misses none.
        let epoch = exit.epoch();
        let connector = Connector { exit: exit.clone(), tls: tls.clone() };
        let connections = legacy::Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(Duration::from_secs(60))
            .pool_max_idle_per_host(CONCURRENT_CALLS)
            .build(connector);
        Pool { epoch, connections }
    }
}

/// What we ask of every URL before connecting.
pub(crate) fn check_url(url: &Url) -> Result<(), HttpError> {
    let wrong = |what: &str| Err(HttpError::Url(what.to_owned()));
    match url.scheme() {
        "http" | "https" if !url.username().is_empty() || url.password().is_some() => {
            wrong("the URL holds a user name or password; give them in their own fields")
        }
        "http" | "https" if url.host().is_none() => wrong("the URL names no host"),
        "http" | "https" => Ok(()),
        other => wrong(&format!("the URL begins with {other}: instead of http:// or https://")),
    }
}

/// The next URL, if this answer redirects within the origin.
fn redirect(response: &Response, request: &Request) -> Result<Option<Url>, HttpError> {
    let same_method = matches!(response.status.as_u16(), 307 | 308);
    let any_method = matches!(response.status.as_u16(), 301..=303);
    if !same_method && !any_method {
        return Ok(None);
    }
    let Some(to) =
        request.url.join(response.header("location")).ok().filter(|_| !response.header("location").is_empty())
    else {
        return Ok(None);
    };
    let is_read_method = request.method == Method::GET || request.method == Method::HEAD;
    if to.origin() != request.url.origin() || (any_method && !is_read_method) {
        let to = shorten(&format!("{}{}", origin(&to), to.path()));
        return Err(HttpError::Redirect { endpoint: origin(&request.url), to });
    }
    Ok(Some(to))
}

/// Seconds only; the date form of RFC 9110 §10.2.3 is not used by the clouds we know.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}
