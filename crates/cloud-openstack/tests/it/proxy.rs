//! A proxy in front of the real cloud: counts calls, sees tokens, and may ask for smaller pages. The services appear
//! under path prefixes of one port (`/8774/v2.1`), as behind many a load balancer.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use cloud_http::{Client, Request, Trust};
use http::{HeaderName, HeaderValue, Method};

use crate::{
    real::exit,
    responder::{self, Asked, Said},
};

#[derive(Clone)]
pub struct Proxy {
    pub address: SocketAddr,
    /// `GET /8774/v2.1/flavors/detail?limit=1000`.
    pub calls: Arc<Mutex<Vec<String>>>,
    /// The last token that Keystone made.
    pub token: Arc<Mutex<String>>,
    loses_changes: Arc<AtomicBool>,
}

impl Proxy {
    /// `page` replaces the size of pages that the driver asks for.
    pub async fn start(page: Option<&'static str>) -> Proxy {
        let client = Client::new(exit(), Trust::default()).unwrap();
        let (calls, token) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Mutex::new(String::new())));
        let own = Arc::new(Mutex::new(String::new()));
        let loses_changes = Arc::new(AtomicBool::new(false));
        let behaviour = {
            let (calls, token, own, loses) = (calls.clone(), token.clone(), own.clone(), loses_changes.clone());
            move |asked: Asked| {
                let (client, calls, token, own) = (client.clone(), calls.clone(), token.clone(), own.clone());
                let is_lost = asked.method != "GET" && loses.load(Ordering::Relaxed);
                async move {
                    let said = forward(client, asked, page, &calls, &token, &own).await;
                    if is_lost { Some(Vec::new()) } else { said }
                }
            }
        };
        let address = responder::start(behaviour).await;
        *own.lock().unwrap() = format!("http://{address}");
        Proxy { address, calls, token, loses_changes }
    }

    /// Keystone's URL behind this proxy, for the real one (`http://127.0.0.1:5000/v3`).
    pub fn url(&self, keystone: &str) -> String {
        moved(keystone, &format!("http://{}", self.address))
    }

    /// From now on the connection ends where the answer to a change should be, which was made.
    pub fn lose_answers_to_changes(&self) {
        self.loses_changes.store(true, Ordering::Relaxed);
    }

    pub fn n_calls(&self, part: &str) -> usize {
        self.calls.lock().unwrap().iter().filter(|it| it.contains(part)).count()
    }
}

fn moved(text: &str, own: &str) -> String {
    text.replace("http://127.0.0.1:", &format!("{own}/"))
}

async fn forward(
    client: Client,
    asked: Asked,
    page: Option<&str>,
    calls: &Mutex<Vec<String>>,
    token: &Mutex<String>,
    own: &Mutex<String>,
) -> Said {
    calls.lock().unwrap().push(format!("{} {}", asked.method, asked.path));
    let mut path = asked.path.trim_start_matches('/').to_owned();
    if let (Some(page), Some((before, after))) = (page, path.clone().split_once("limit=")) {
        let rest = after.trim_start_matches(|it: char| it.is_ascii_digit());
        path = format!("{before}limit={page}{rest}");
    }
    let url = format!("http://127.0.0.1:{path}").parse().unwrap();
    let method: Method = asked.method.parse().unwrap();
    let mut request = match method {
        Method::POST => Request::post(url, asked.body),
        Method::PUT => Request::put(url, asked.body),
        method => Request::new(method, url),
    };
    for (name, value) in &asked.headers {
        if name.starts_with("x-") || name.starts_with("openstack") || name == "content-type" || name == "accept" {
            request =
                request.header(HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap());
        }
    }
    let response = client.send(request).await.unwrap();
    let mut headers = String::new();
    for name in ["x-subject-token", "content-type", "openstack-api-version"] {
        let value = response.header(name);
        if !value.is_empty() {
            headers += &format!("{name}: {value}\r\n");
        }
    }
    let made = response.header("x-subject-token").to_owned();
    if !made.is_empty() {
        *token.lock().unwrap() = made;
    }
    let status = response.status.as_u16();
    let body = response.body.bytes().await.unwrap();
    let own = own.lock().unwrap().clone();
    let body = match std::str::from_utf8(&body) {
        Ok(text) => moved(text, &own).into_bytes(),
        Err(_) => body.to_vec(),
    };
    responder::answer(status, &headers, &body)
}
