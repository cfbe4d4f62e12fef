//! Between a client and a cloud: passes calls on, and keeps each with its times.

use std::{
    io::BufReader,
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};

use super::http::{Message, Unsaid};

/// In front of all services of a cloud. Listens until the program ends.
pub struct Tap {
    routes: Arc<Vec<Route>>,
    calls: Arc<Mutex<Vec<Call>>>,
}

/// Both as `host:port`.
struct Route {
    cloud: String,
    tap: String,
}

pub struct Call {
    pub request: Message,
    pub answer: Message,
    /// The request was here.
    pub begun: Instant,
    /// The answer was.
    pub ended: Instant,
}

impl Tap {
    pub fn start(clouds: &[String]) -> Result<Tap> {
        let (mut routes, mut listeners) = (Vec::new(), Vec::new());
        for cloud in clouds {
            let listener = TcpListener::bind("127.0.0.1:0")?;
            routes.push(Route { cloud: cloud.clone(), tap: listener.local_addr()?.to_string() });
            listeners.push(listener);
        }
        let (routes, calls) = (Arc::new(routes), Arc::default());
        for (n, listener) in listeners.into_iter().enumerate() {
            let (routes, calls) = (Arc::clone(&routes), Arc::clone(&calls));
            thread::spawn(move || {
                for client in listener.incoming().map_while(Result::ok) {
                    let (routes, calls) = (routes.clone(), Arc::clone(&calls));
                    thread::spawn(move || {
                        // The client sees it as an end of the connection, and says so.
                        let _ = pass(client, n, &routes, &calls);
                    });
                }
            });
        }
        Ok(Tap { routes, calls })
    }

    /// With the places of the cloud replaced by those of the tap.
    pub fn url(&self, url: &str) -> String {
        self.routes.iter().fold(url.to_owned(), |url, it| url.replace(&it.cloud, &it.tap))
    }

    /// What has ended since the last time, in the order in which it began.
    pub fn take(&self) -> Vec<Call> {
        let mut calls = std::mem::take(&mut *self.calls.lock().unwrap_or_else(PoisonError::into_inner));
        calls.sort_by_key(|it| it.begun);
        calls
    }
}

/// All calls of one connection. Each has a connection of its own to the cloud, which may have closed an older one.
fn pass(client: TcpStream, n: usize, routes: &[Route], calls: &Mutex<Vec<Call>>) -> Result<()> {
    client.set_nodelay(true)?;
    let mut client = BufReader::new(client);
    while let Some(request) = Message::read(&mut client, Unsaid::Nothing)? {
        let begun = Instant::now();
        let mut plain = request.clone();
        plain.headers.retain(|it| it.0 != "accept-encoding");
        let mut cloud = TcpStream::connect(&routes[n].cloud)?;
        cloud.set_nodelay(true)?;
        plain.write(&mut cloud, "connection: close\r\n")?;
        let is_head = request.first_line.starts_with("HEAD ");
        let unsaid = if is_head { Unsaid::NothingAtAll } else { Unsaid::UntilTheEnd };
        let answer = Message::read(&mut BufReader::new(cloud), unsaid)?;
        let mut answer = answer.context("the cloud ended the connection")?;
        // The catalog says where the services are.
        if let (true, Ok(text)) = (routes.len() > 1, std::str::from_utf8(&answer.body)) {
            answer.body = routes.iter().fold(text.to_owned(), |text, it| text.replace(&it.cloud, &it.tap)).into_bytes();
        }
        // Written down first: whoever has the answer may ask for what was written down, or send the next call.
        let call = Call { request, answer: answer.clone(), begun, ended: Instant::now() };
        calls.lock().unwrap_or_else(PoisonError::into_inner).push(call);
        answer.write(client.get_mut(), "")?;
    }
    Ok(())
}

/// How long all calls took together.
pub fn time_in(calls: &[Call]) -> Duration {
    calls.iter().map(|it| it.ended - it.begun).sum()
}
