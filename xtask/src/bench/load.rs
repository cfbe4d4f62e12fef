//! Requests at a steady rate, whether or not the answers keep up.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, anyhow, ensure};
use serde_json::Value;

use super::server::Server;

/// More than are ever under way when the server keeps up.
const CONNECTIONS: usize = 32;

/// From the moment a request was due, so that waiting for a free connection counts too.
pub struct Latencies {
    pub p50: Duration,
    pub p99: Duration,
    pub max: Duration,
}

/// Sends `n_requests` of them; `path` names the n-th, below the environment. An answer that is not 200 is an error.
pub fn run(
    caller: &Caller,
    per_second: usize,
    n_requests: usize,
    path: &(dyn Fn(usize) -> String + Sync),
) -> Result<Latencies> {
    let callers: Vec<Caller> = (0..CONNECTIONS).map(|_| caller.another()).collect::<Result<_>>()?;
    let next = AtomicUsize::new(0);
    let begun = Instant::now();
    let mut all = thread::scope(|scope| -> Result<Vec<Duration>> {
        let working: Vec<_> = callers
            .into_iter()
            .map(|mut caller| {
                scope.spawn({
                    let next = &next;
                    move || -> Result<Vec<Duration>> {
                        let mut latencies = Vec::new();
                        loop {
                            let n = next.fetch_add(1, Ordering::Relaxed);
                            if n >= n_requests {
                                return Ok(latencies);
                            }
                            let due = begun + Duration::from_secs(1) * u32::try_from(n)? / u32::try_from(per_second)?;
                            thread::sleep(due.saturating_duration_since(Instant::now()));
                            caller.get(&path(n))?;
                            latencies.push(due.elapsed());
                        }
                    }
                })
            })
            .collect();
        let mut all = Vec::new();
        for it in working {
            all.extend(it.join().map_err(|_| anyhow!("a sender panicked"))??);
        }
        Ok(all)
    })?;
    all.sort();
    let at = |percent: usize| all.get((all.len() * percent / 100).min(all.len() - 1)).copied();
    let (p50, p99, max) = (at(50), at(99), at(100));
    Ok(Latencies { p50: p50.context("none")?, p99: p99.context("none")?, max: max.context("none")? })
}

/// One connection to the API with a bearer token.
pub struct Caller {
    address: String,
    environment: String,
    token: String,
    stream: BufReader<TcpStream>,
}

impl Caller {
    pub fn new(server: &Server) -> Result<Caller> {
        let token = server.json(&["tokens", "create", "bench"])?;
        Ok(Caller {
            address: server.address.clone(),
            environment: server.environment()?,
            token: token["token"].as_str().with_context(|| format!("no token in {token}"))?.to_owned(),
            stream: connect(&server.address)?,
        })
    }

    /// The same identity by another connection.
    fn another(&self) -> Result<Caller> {
        let (address, environment, token) = (self.address.clone(), self.environment.clone(), self.token.clone());
        Ok(Caller { stream: connect(&address)?, address, environment, token })
    }

    pub fn get_json(&mut self, path: &str) -> Result<Value> {
        Ok(serde_json::from_slice(&self.get(path)?)?)
    }

    /// Of `/metrics`, without `stackyard_`.
    pub fn metric(&mut self, name: &str) -> Result<f64> {
        let text = String::from_utf8(self.send("/metrics")?)?;
        let line = text.lines().find_map(|it| it.strip_prefix("stackyard_")?.strip_prefix(name)?.strip_prefix(' '));
        Ok(line.with_context(|| format!("no {name}"))?.parse()?)
    }

    /// The body of the answer.
    fn get(&mut self, path: &str) -> Result<Vec<u8>> {
        self.send(&format!("/api/v1beta0/user/{}/{path}", self.environment))
    }

    fn send(&mut self, path: &str) -> Result<Vec<u8>> {
        let (address, token) = (&self.address, &self.token);
        let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n\r\n");
        let mut line = String::new();
        // The server closes a connection by which nothing came for a while.
        if !matches!(ask(&mut self.stream, &request, &mut line), Ok(1..)) {
            self.stream = connect(address)?;
            ask(&mut self.stream, &request, &mut line)?;
        }
        let status = line.trim().to_owned();
        let mut n_bytes: Option<usize> = None;
        loop {
            line.clear();
            self.stream.read_line(&mut line)?;
            let Some((name, value)) = line.trim_end().split_once(':') else { break };
            if name.eq_ignore_ascii_case("content-length") {
                n_bytes = Some(value.trim().parse()?);
            }
        }
        let mut body = vec![0; n_bytes.with_context(|| format!("{status}, without a length"))?];
        self.stream.read_exact(&mut body)?;
        ensure!(status.contains(" 200"), "{status}: {}", String::from_utf8_lossy(&body));
        Ok(body)
    }
}

/// The first line of the answer; of 0 bytes where the other side ended instead.
fn ask(stream: &mut BufReader<TcpStream>, request: &str, line: &mut String) -> std::io::Result<usize> {
    stream.get_mut().write_all(request.as_bytes())?;
    stream.read_line(line)
}

fn connect(address: &str) -> Result<BufReader<TcpStream>> {
    let stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    Ok(BufReader::new(stream))
}
