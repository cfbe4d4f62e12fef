use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::sleep,
};
use tokio_rustls::TlsAcceptor;

/// What a responder does with one request.
pub enum Reply {
    /// Sends this and waits for the next request.
    Keep(String),
    /// Sends this and hangs up.
    Close(String),
    /// Sends this and then nothing more, without hanging up.
    Hold(String),
    /// Sends the first, then the second again and again, until the client hangs up.
    Forever(String, &'static str),
}

/// A server for one test, gone when dropped, with what it saw.
pub struct Responder {
    pub address: SocketAddr,
    seen: Arc<Mutex<Seen>>,
    task: tokio::task::JoinHandle<()>,
}

#[derive(Default)]
struct Seen {
    n_connections: usize,
    n_hung_up: usize,
    requests: Vec<String>,
}

impl Responder {
    pub fn http(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub fn https(&self, path: &str) -> String {
        format!("https://{}{path}", self.address)
    }

    /// Connections taken, whether or not a request came.
    pub fn n_connections(&self) -> usize {
        self.seen.lock().unwrap().n_connections
    }

    /// Connections that ended, by either side.
    pub fn n_hung_up(&self) -> usize {
        self.seen.lock().unwrap().n_hung_up
    }

    /// Waits for the first connection to end.
    pub async fn until_hung_up(&self) {
        for _ in 0..2000 {
            if self.n_hung_up() > 0 {
                return;
            }
            sleep(Duration::from_millis(5)).await;
        }
        panic!("the connection stays open");
    }

    /// Heads and bodies as they came.
    pub fn requests(&self) -> Vec<String> {
        self.seen.lock().unwrap().requests.clone()
    }

    /// `GET /path` of each request.
    pub fn targets(&self) -> Vec<String> {
        self.requests().iter().map(|it| it.split(" HTTP/").next().unwrap().to_owned()).collect()
    }
}

impl Drop for Responder {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// An answer with its length.
pub fn answer(status: &str, headers: &str, body: &str) -> String {
    let separator = if headers.is_empty() { "" } else { "\r\n" };
    format!("HTTP/1.1 {status}\r\n{headers}{separator}Content-Length: {}\r\n\r\n{body}", body.len())
}

pub fn ok(body: &str) -> Reply {
    Reply::Keep(answer("200 OK", "", body))
}

/// Answers by what `reply` makes of the n-th request (from 0) over all connections.
pub async fn http_responder(reply: impl Fn(usize, &str) -> Reply + Send + Sync + 'static) -> Responder {
    responder_at("127.0.0.1:0", None, reply).await
}

pub async fn https_responder(
    acceptor: TlsAcceptor,
    reply: impl Fn(usize, &str) -> Reply + Send + Sync + 'static,
) -> Responder {
    responder_at("127.0.0.1:0", Some(acceptor), reply).await
}

pub async fn responder_at(
    address: &str,
    acceptor: Option<TlsAcceptor>,
    reply: impl Fn(usize, &str) -> Reply + Send + Sync + 'static,
) -> Responder {
    let reply = Arc::new(reply);
    connection_responder(address, move |tcp, seen| {
        let (acceptor, reply) = (acceptor.clone(), reply.clone());
        async move {
            match acceptor {
                Some(acceptor) => {
                    // A client that refuses the certificate ends here.
                    let Ok(tls) = acceptor.accept(tcp).await else { return };
                    converse(tls, &seen, &*reply).await;
                }
                None => converse(tcp, &seen, &*reply).await,
            }
        }
    })
    .await
}

/// Sends `bytes` to everyone who connects and has said something, then hangs up.
pub async fn raw_responder(bytes: &'static [u8]) -> Responder {
    connection_responder("127.0.0.1:0", move |mut tcp, _| async move {
        let n_read = tcp.read(&mut [0; 4096]).await.unwrap_or(0);
        if n_read > 0 {
            let _ = tcp.write_all(bytes).await;
        }
        let _ = tcp.shutdown().await;
    })
    .await
}

/// Takes connections and never says anything.
pub async fn silent_responder() -> Responder {
    connection_responder(
        "127.0.0.1:0",
        |mut tcp, _| async move { while let Ok(1..) = tcp.read(&mut [0; 4096]).await {} },
    )
    .await
}

pub struct Log(Arc<Mutex<Seen>>);

impl Log {
    /// Returns the number of this request.
    pub fn request(&self, request: String) -> usize {
        let mut seen = self.0.lock().unwrap();
        seen.requests.push(request);
        seen.requests.len() - 1
    }
}

pub async fn connection_responder<F: Future<Output = ()> + Send + 'static>(
    address: &str,
    serve: impl Fn(TcpStream, Log) -> F + Send + Sync + 'static,
) -> Responder {
    let listener = TcpListener::bind(address).await.unwrap();
    let address = listener.local_addr().unwrap();
    let seen = Arc::new(Mutex::new(Seen::default()));
    let task = tokio::spawn({
        let seen = seen.clone();
        async move {
            let mut connections = tokio::task::JoinSet::new();
            loop {
                let (tcp, _) = listener.accept().await.unwrap();
                seen.lock().unwrap().n_connections += 1;
                let serving = serve(tcp, Log(seen.clone()));
                let seen = seen.clone();
                connections.spawn(async move {
                    serving.await;
                    seen.lock().unwrap().n_hung_up += 1;
                });
            }
        }
    });
    Responder { address, seen, task }
}

async fn converse(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    log: &Log,
    reply: &(impl Fn(usize, &str) -> Reply + Sync + ?Sized),
) {
    while let Some(request) = read_request(&mut stream).await {
        let n = log.request(request.clone());
        match reply(n, &request) {
            Reply::Keep(text) => {
                let _ = stream.write_all(text.as_bytes()).await;
                let _ = stream.flush().await;
            }
            Reply::Close(text) => {
                let _ = stream.write_all(text.as_bytes()).await;
                let _ = stream.shutdown().await;
                return;
            }
            Reply::Hold(text) => {
                let _ = stream.write_all(text.as_bytes()).await;
                let _ = stream.flush().await;
                while let Ok(1..) = stream.read(&mut [0; 4096]).await {}
                return;
            }
            Reply::Forever(head, piece) => {
                let mut sent = stream.write_all(head.as_bytes()).await;
                while sent.is_ok() {
                    sent = stream.write_all(piece.as_bytes()).await;
                }
                return;
            }
        }
    }
}

/// A head and as much body as it announces; `None` when the client hung up.
pub async fn read_request(stream: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut request = Vec::new();
    let mut n_missing = None;
    while n_missing != Some(0) {
        request.push(stream.read_u8().await.ok()?);
        match n_missing {
            Some(n) => n_missing = Some(n - 1),
            None if request.ends_with(b"\r\n\r\n") => {
                let head = String::from_utf8_lossy(&request).to_lowercase();
                let length = head.lines().find_map(|it| it.strip_prefix("content-length: "));
                n_missing = Some(length.map_or(0, |it| it.parse::<usize>().unwrap()));
            }
            None => {}
        }
    }
    Some(String::from_utf8(request).unwrap())
}
