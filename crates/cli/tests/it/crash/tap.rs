//! Between the server and a cloud; a connection for each call.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    process::Command,
    sync::{Arc, Mutex},
    thread,
};

use super::plan::{Event, Plan};

/// In front of all services of a cloud, which count together.
pub struct Tap {
    routes: Arc<Vec<Route>>,
    state: Arc<Mutex<State>>,
}

/// Both as `host:port`.
struct Route {
    cloud: String,
    tap: String,
}

#[derive(Default)]
struct State {
    plan: Plan,
    n_calls: usize,
    /// Which plan it is: what was under way when one ended is not of the next.
    number: u64,
    /// The server's process.
    process_id: u32,
    n_events: usize,
    n_kills: usize,
    is_dead: bool,
}

impl Tap {
    pub fn start(clouds: &[String]) -> Tap {
        let listen = |cloud: &String| {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let tap = listener.local_addr().unwrap().to_string();
            (listener, Route { cloud: cloud.clone(), tap })
        };
        let (listeners, routes): (Vec<_>, Vec<_>) = clouds.iter().map(listen).unzip();
        let (routes, state) = (Arc::new(routes), Arc::<Mutex<State>>::default());
        for (n, listener) in listeners.into_iter().enumerate() {
            let (routes, state) = (routes.clone(), state.clone());
            thread::spawn(move || {
                for client in listener.incoming().map_while(Result::ok) {
                    let (routes, state) = (routes.clone(), state.clone());
                    thread::spawn(move || pass(client, n, &routes, &state));
                }
            });
        }
        Tap { routes, state }
    }

    /// With the places of the cloud replaced by those of the tap.
    pub fn url(&self, url: &str) -> String {
        self.routes.iter().fold(url.to_owned(), |url, route| url.replace(&route.cloud, &route.tap))
    }

    /// Calls are counted from 1 again.
    pub fn begin(&self, plan: Plan, process_id: u32) {
        let mut state = self.state.lock().unwrap();
        *state = State { plan, process_id, number: state.number + 1, ..State::default() };
    }

    pub fn is_dead(&self) -> bool {
        self.state.lock().unwrap().is_dead
    }

    /// The server was started again; the rest of the plan holds for this process.
    pub fn revived(&self, process_id: u32) {
        let mut state = self.state.lock().unwrap();
        (state.is_dead, state.process_id) = (false, process_id);
    }

    /// Nothing more comes to pass. Events and kills that did.
    pub fn end(&self) -> (usize, usize) {
        let mut state = self.state.lock().unwrap();
        state.plan.clear();
        state.number += 1;
        (state.n_events, state.n_kills)
    }
}

/// One call and its answer. `None`: one side is gone.
fn pass(mut client: TcpStream, n: usize, routes: &[Route], state: &Mutex<State>) -> Option<()> {
    let request = request(&mut client)?;
    let (event, number) = {
        let mut state = state.lock().unwrap();
        let mut event = None;
        if !is_of_watch(&request) {
            state.n_calls += 1;
            event = state.plan.get(&state.n_calls).copied();
            state.n_events += usize::from(event.is_some());
        }
        (event, state.number)
    };
    match event {
        Some(Event::KillBefore) => return die(state, number),
        Some(Event::Drop) => return None,
        Some(Event::Delay(time)) => thread::sleep(time),
        Some(Event::Answer(status)) => {
            let answer = format!("HTTP/1.1 {status} Fault\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            return client.write_all(answer.as_bytes()).ok();
        }
        _ => {}
    }
    let mut cloud = TcpStream::connect(&routes[n].cloud).ok()?;
    cloud.write_all(&request).ok()?;
    let mut answer = Vec::new();
    cloud.read_to_end(&mut answer).ok()?;
    match event {
        Some(Event::KillAfter) => return die(state, number),
        Some(Event::Lose) => return None,
        Some(Event::Cut) => answer.truncate(answer.len() / 2),
        _ => answer = through(answer, routes),
    }
    client.write_all(&answer).ok()
}

/// Calls that a server makes all the time, and that change nothing: they are passed and not counted.
fn is_of_watch(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    ["CreatePropertyCollector", "CreateFilter", "WaitForUpdatesEx", "DestroyPropertyCollector", "changes-since="]
        .iter()
        .any(|it| text.contains(it))
}

fn die(state: &Mutex<State>, number: u64) -> Option<()> {
    let mut state = state.lock().unwrap();
    // Who is dead already dies no second death; nor does who has been started in its place, or has done all by now.
    if !state.is_dead && state.number == number {
        assert!(Command::new("kill").args(["-9", &state.process_id.to_string()]).status().unwrap().success());
        (state.is_dead, state.n_kills) = (true, state.n_kills + 1);
    }
    None
}

/// A whole request, changed so that both ends close after it and the answer is plain.
fn request(client: &mut TcpStream) -> Option<Vec<u8>> {
    let mut read = Vec::new();
    let mut buffer = [0; 16 << 10];
    loop {
        let n_bytes = client.read(&mut buffer).ok().filter(|it| *it > 0)?;
        read.extend_from_slice(&buffer[..n_bytes]);
        let Some(end) = read.windows(4).position(|it| it == b"\r\n\r\n") else { continue };
        let head = String::from_utf8(read[..end].to_vec()).ok()?;
        if read.len() < end + 4 + length(&head).unwrap_or(0) {
            continue;
        }
        let is_kept = |it: &&str| {
            let line = it.to_lowercase();
            !line.starts_with("connection:") && !line.starts_with("accept-encoding:")
        };
        let head: Vec<&str> = head.lines().filter(is_kept).chain(["connection: close", "", ""]).collect();
        return Some([head.join("\r\n").as_bytes(), &read[end + 4..]].concat());
    }
}

fn length(head: &str) -> Option<usize> {
    head.lines().find_map(|it| it.to_lowercase().strip_prefix("content-length: ")?.trim().parse().ok())
}

/// The answer, with the cloud's addresses replaced by the tap's: the catalog says where the services are.
fn through(answer: Vec<u8>, routes: &[Route]) -> Vec<u8> {
    let Some(end) = answer.windows(4).position(|it| it == b"\r\n\r\n") else { return answer };
    let (Ok(head), Ok(body)) = (std::str::from_utf8(&answer[..end]), std::str::from_utf8(&answer[end + 4..])) else {
        return answer;
    };
    let body = routes.iter().fold(body.to_owned(), |body, route| body.replace(&route.cloud, &route.tap));
    let head: Vec<String> = head
        .lines()
        .map(|line| match line.to_lowercase().starts_with("content-length:") {
            true => format!("content-length: {}", body.len()),
            false => line.to_owned(),
        })
        .collect();
    format!("{}\r\n\r\n{body}", head.join("\r\n")).into_bytes()
}
