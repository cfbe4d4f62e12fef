//! A server of one test: answers each request as the test says, one connection each.

use std::{future::Future, net::SocketAddr, pin::Pin, sync::Arc};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpListener,
};
use tokio_rustls::TlsAcceptor;

pub struct Asked {
    pub method: String,
    /// With its query.
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// The bytes to send, head included; `None` says nothing and keeps the connection open.
pub type Said = Option<Vec<u8>>;
type Saying = Pin<Box<dyn Future<Output = Said> + Send>>;
type Behaviour = Arc<dyn Fn(Asked) -> Saying + Send + Sync>;

pub async fn start<F>(behaviour: impl Fn(Asked) -> F + Send + Sync + 'static) -> SocketAddr
where
    F: Future<Output = Said> + Send + 'static,
{
    start_with(None, Arc::new(move |asked| Box::pin(behaviour(asked)))).await
}

pub async fn start_tls<F>(acceptor: TlsAcceptor, behaviour: impl Fn(Asked) -> F + Send + Sync + 'static) -> SocketAddr
where
    F: Future<Output = Said> + Send + 'static,
{
    start_with(Some(acceptor), Arc::new(move |asked| Box::pin(behaviour(asked)))).await
}

async fn start_with(acceptor: Option<TlsAcceptor>, behaviour: Behaviour) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, behaviour) = (acceptor.clone(), behaviour.clone());
            tokio::spawn(async move {
                match acceptor {
                    // A client that does not trust the certificate goes away: that is what tests are for.
                    Some(acceptor) => match acceptor.accept(stream).await {
                        Ok(stream) => serve(stream, behaviour).await,
                        Err(_) => None,
                    },
                    None => serve(stream, behaviour).await,
                }
            });
        }
    });
    address
}

/// `None` when the client went away.
async fn serve(mut stream: impl AsyncRead + AsyncWrite + Unpin, behaviour: Behaviour) -> Option<()> {
    let asked = read(&mut stream).await?;
    match behaviour(asked).await {
        Some(said) => {
            stream.write_all(&said).await.ok()?;
            stream.shutdown().await.ok()
        }
        None => std::future::pending().await,
    }
}

async fn read(stream: &mut (impl AsyncRead + Unpin)) -> Option<Asked> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|it| it == b"\r\n\r\n") {
            break end + 4;
        }
        // A TLS greeting, where plain HTTP is spoken: real servers do not wait for more of it either.
        if stream.read_buf(&mut bytes).await.ok()? == 0 || bytes[0] == 0x16 {
            return None;
        }
    };
    let head = String::from_utf8(bytes[..end].to_vec()).ok()?;
    let mut lines = head.lines();
    let mut first = lines.next()?.split(' ');
    let (method, path) = (first.next()?.to_owned(), first.next()?.to_owned());
    let headers: Vec<(String, String)> = lines
        .filter_map(|it| it.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let length = headers.iter().find(|(name, _)| name == "content-length").map_or(0, |it| it.1.parse().unwrap());
    let mut body = bytes.split_off(end);
    while body.len() < length {
        if stream.read_buf(&mut body).await.ok()? == 0 {
            return None;
        }
    }
    Some(Asked { method, path, headers, body })
}

/// An answer with a JSON body.
pub fn json(status: u16, body: &serde_json::Value) -> Said {
    answer(status, "Content-Type: application/json\r\n", body.to_string().as_bytes())
}

/// `headers` end with `\r\n` each.
pub fn answer(status: u16, headers: &str, body: &[u8]) -> Said {
    let head = format!(
        "HTTP/1.1 {status} Said\r\nX-Openstack-Request-Id: req-test\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    Some([head.as_bytes(), body].concat())
}
