//! The same requests by hyper alone: no rules, limits or time-outs, and of the bodies only what leads to the next page.

use std::error::Error;

use bytes::Bytes;
use http::{HeaderMap, Request};
use http_body_util::{BodyExt, Full};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{Done, Flags, Spent};

type Http = Client<HttpConnector, Full<Bytes>>;

#[derive(Deserialize)]
struct Item<'a> {
    id: &'a str,
}

#[derive(Deserialize)]
struct Page<'a> {
    #[serde(borrow, alias = "servers", alias = "flavors")]
    items: Vec<Item<'a>>,
    #[serde(default, alias = "servers_links", alias = "flavors_links")]
    links: Vec<Value>,
}

/// A token, and where Nova is.
struct Session {
    http: Http,
    nova: String,
    token: String,
    n_calls: u64,
    n_bytes: u64,
}

pub async fn read(flags: &Flags, rounds: usize) -> Result<(Done, Spent), Box<dyn Error>> {
    let mut session = log_in(flags).await?;
    let spent = Spent::new()?;
    let mut what = String::new();
    for _ in 0..rounds {
        let n_flavors = session.list("flavors", 1000).await?;
        let n_servers = session.list("servers", 500).await?;
        let limits = session.get("/limits").await?;
        serde_json::from_slice::<serde::de::IgnoredAny>(&limits)?;
        what = format!("{n_servers} servers, {n_flavors} flavors");
    }
    Ok((Done { what, calls: session.n_calls, bytes: session.n_bytes }, spent))
}

impl Session {
    async fn list(&mut self, noun: &str, size: usize) -> Result<usize, Box<dyn Error>> {
        let mut n_items = 0;
        let mut marker = String::new();
        loop {
            let body = self.get(&format!("/{noun}/detail?limit={size}{marker}")).await?;
            let page: Page<'_> = serde_json::from_slice(&body)?;
            n_items += page.items.len();
            match page.items.last() {
                Some(last) if !page.links.is_empty() => marker = format!("&marker={}", last.id),
                _ => return Ok(n_items),
            }
        }
    }

    async fn get(&mut self, path: &str) -> Result<Bytes, Box<dyn Error>> {
        let request = Request::get(format!("{}{path}", self.nova))
            .header("x-auth-token", &self.token)
            .header("accept", "application/json");
        // Servers tell their sizes since that version.
        let request = match path.starts_with("/servers") {
            true => request.header("openstack-api-version", "compute 2.47"),
            false => request,
        };
        let (_, body) = send(&self.http, request.body(Full::default())?).await?;
        self.n_calls += 1;
        self.n_bytes += body.len() as u64;
        Ok(body)
    }
}

async fn send(http: &Http, request: Request<Full<Bytes>>) -> Result<(HeaderMap, Bytes), Box<dyn Error>> {
    let (head, body) = http.request(request).await?.into_parts();
    if !head.status.is_success() {
        return Err(format!("the cloud answers {}", head.status).into());
    }
    Ok((head.headers, body.collect().await?.to_bytes()))
}

async fn log_in(flags: &Flags) -> Result<Session, Box<dyn Error>> {
    let domain = json!({ "name": "Default" });
    let user = json!({ "name": flags.user, "password": flags.password, "domain": domain });
    let body = json!({ "auth": {
        "identity": { "methods": ["password"], "password": { "user": user } },
        "scope": { "project": { "name": flags.project, "domain": domain } },
    } });
    let http = Client::builder(TokioExecutor::new()).build_http();
    let request = Request::post(format!("{}/auth/tokens", flags.keystone)).header("content-type", "application/json");
    let (headers, answer) = send(&http, request.body(body.to_string().into())?).await?;
    let token = headers.get("x-subject-token").ok_or("no token")?.to_str()?.to_owned();
    let answer: Value = serde_json::from_slice(&answer)?;
    let services = answer["token"]["catalog"].as_array().ok_or("no catalog")?;
    let nova = services.iter().find(|it| it["type"] == "compute").ok_or("no compute service")?;
    let endpoints = nova["endpoints"].as_array().ok_or("no endpoints")?;
    let public = endpoints.iter().find(|it| it["interface"] == "public").ok_or("no public endpoint")?;
    let nova = public["url"].as_str().ok_or("no URL")?.trim_end_matches('/').to_owned();
    Ok(Session { http, nova, token, n_calls: 0, n_bytes: 0 })
}
