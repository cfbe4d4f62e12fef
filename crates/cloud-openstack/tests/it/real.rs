//! The real OpenStack that `cargo xtask test` starts, and what an administrator does to it.

use std::{path::PathBuf, sync::Arc, time::Duration};

use cloud::{
    Cloud,
    check::{Check, Reporter},
};
use cloud_http::{AddressRules, Client, Exit, Request, Trust};
use cloud_openstack::{Config, OpenStack};
use http::{HeaderName, HeaderValue, Method};
use secrecy::SecretString;
use serde_json::{Value, json};

/// More than any validation of a healthy cloud takes, also while other tests run.
pub const LIMIT: Duration = Duration::from_secs(60);

pub struct Real {
    clouds: Value,
}

/// The cloud in `STACKYARD_TEST_OPENSTACK`, a state folder of `dev/openstack/cloud`.
pub fn real() -> Real {
    let state = std::env::var_os("STACKYARD_TEST_OPENSTACK")
        .map(PathBuf::from)
        .expect("STACKYARD_TEST_OPENSTACK is not set: this test needs a real OpenStack; `cargo xtask test` starts one");
    let text = std::fs::read_to_string(state.join("clouds.yaml")).expect("clouds.yaml of the started OpenStack");
    let yaml: Value = serde_yaml_ng::from_str(&text).unwrap();
    Real { clouds: yaml["clouds"].clone() }
}

impl Real {
    /// An entry of `clouds.yaml`: `admin`, `demo` (member), `reader` or `small`.
    pub fn config(&self, name: &str) -> Config {
        let auth = &self.clouds[name]["auth"];
        let text = |key: &str| Some(auth[key].as_str().unwrap().to_owned());
        Config {
            keystone_url: self.keystone(),
            user_name: text("username"),
            user_domain_name: text("user_domain_name"),
            tenant_name: text("project_name"),
            project_domain_name: text("project_domain_name"),
            ..Config::default()
        }
    }

    pub fn password(&self) -> SecretString {
        self.clouds["demo"]["auth"]["password"].as_str().unwrap().into()
    }

    /// With `/v3`.
    pub fn keystone(&self) -> String {
        self.clouds["demo"]["auth"]["auth_url"].as_str().unwrap().trim_end_matches('/').to_owned()
    }

    pub fn connect(&self, name: &str) -> OpenStack {
        connect(self.config(name), self.password())
    }

    /// Logs in without our driver, to prepare what it shall find.
    pub async fn raw(&self, name: &str) -> Raw {
        self.raw_in(name, self.clouds[name]["auth"]["project_name"].as_str().unwrap()).await
    }

    /// The same user in another project.
    pub async fn raw_in(&self, name: &str, project: &str) -> Raw {
        let auth = &self.clouds[name]["auth"];
        let domain = json!({ "name": auth["user_domain_name"] });
        let body = json!({ "auth": {
            "identity": { "methods": ["password"], "password": { "user": {
                "name": auth["username"], "password": auth["password"], "domain": domain } } },
            "scope": { "project": { "name": project, "domain": domain } },
        } });
        let client = Client::new(exit(), Trust::default()).unwrap();
        let url = format!("{}/auth/tokens", self.keystone());
        let response = client.send(
            Request::post(url.parse().unwrap(), body.to_string())
                .header(http::header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
        );
        let response = response.await.unwrap();
        let token = response.header("x-subject-token").to_owned();
        let body: Value = serde_json::from_slice(&response.body.bytes().await.unwrap()).unwrap();
        Raw { client, token, body: body["token"].clone() }
    }
}

pub struct Raw {
    client: Client,
    pub token: String,
    pub body: Value,
}

impl Raw {
    /// `service` is a type of the catalog. The body of the answer, whose status must be good.
    pub async fn call(&self, method: Method, service: &str, path: &str, body: Value) -> Value {
        let (status, answer) = self.try_call(method, service, path, body).await;
        assert!(status < 300, "{service} {path}: {status} {answer}");
        answer
    }

    pub async fn try_call(&self, method: Method, service: &str, path: &str, body: Value) -> (u16, Value) {
        let catalog = self.body["catalog"].as_array().unwrap();
        let entry = catalog.iter().find(|it| it["type"] == service).unwrap();
        let endpoint = entry["endpoints"].as_array().unwrap().iter().find(|it| it["interface"] == "public").unwrap();
        let base = endpoint["url"].as_str().unwrap().trim_end_matches('/');
        let sent = if body.is_null() { String::new() } else { body.to_string() };
        let mut request = Request::new(method.clone(), format!("{base}{path}").parse().unwrap());
        if !sent.is_empty() {
            request = Request::post(format!("{base}{path}").parse().unwrap(), sent.clone());
            if method == Method::PUT {
                request = Request::put(format!("{base}{path}").parse().unwrap(), sent);
            } else if method != Method::POST {
                // The client's constructors know no PATCH with a body; Keystone's is rare enough for this.
                return self.patch(&format!("{base}{path}"), sent).await;
            }
        }
        let request = request
            .header(HeaderName::from_static("x-auth-token"), HeaderValue::from_str(&self.token).unwrap())
            .header(http::header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let response = self.client.send(request).await.unwrap();
        let status = response.status.as_u16();
        let body = response.body.bytes().await.unwrap();
        (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
    }

    async fn patch(&self, url: &str, body: String) -> (u16, Value) {
        let url: url::Url = url.parse().unwrap();
        let stream = tokio::net::TcpStream::connect((url.host_str().unwrap(), url.port().unwrap())).await.unwrap();
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(hyper_util::rt::TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        let request = http::Request::patch(url.path())
            .header("host", url.authority())
            .header("x-auth-token", &self.token)
            .header("content-type", "application/json")
            .body(http_body_util::Full::new(bytes::Bytes::from(body)))
            .unwrap();
        let response = sender.send_request(request).await.unwrap();
        let status = response.status().as_u16();
        let body = http_body_util::BodyExt::collect(response.into_body()).await.unwrap().to_bytes();
        (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
    }

    pub async fn get(&self, service: &str, path: &str) -> Value {
        self.call(Method::GET, service, path, Value::Null).await
    }

    /// The id of the one thing of that name in a list.
    pub async fn id(&self, service: &str, path: &str, list: &str, name: &str) -> String {
        let all = self.get(service, path).await;
        let found = all[list].as_array().unwrap().iter().find(|it| it["name"] == name);
        found.unwrap_or_else(|| panic!("no {name} in {path}"))["id"].as_str().unwrap().to_owned()
    }

    /// Makes a server and waits until it is there.
    pub async fn server(&self, name: &str) -> String {
        let image = self.id("image", "/v2/images", "images", "tiny").await;
        let flavor = self.id("compute", "/flavors", "flavors", "m1.tiny").await;
        let network = self.id("network", "/v2.0/networks", "networks", "private").await;
        let body = json!({ "server": { "name": name, "imageRef": image, "flavorRef": flavor,
            "networks": [{ "uuid": network }] } });
        let made = self.call(Method::POST, "compute", "/servers", body).await;
        let id = made["server"]["id"].as_str().unwrap().to_owned();
        for _ in 0..240 {
            let server = self.get("compute", &format!("/servers/{id}")).await;
            if server["server"]["status"] == "ACTIVE" {
                return id;
            }
            assert_ne!(server["server"]["status"], "ERROR", "{server}");
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
        panic!("server {id} does not become active");
    }
}

/// The way out of tests: loopback only.
pub fn exit() -> Arc<Exit> {
    let nets = ["127.0.0.0/8", "::1/128"].map(|it| it.parse().unwrap());
    Arc::new(Exit::new(AddressRules::new(Some(nets.into())), None))
}

pub fn connect(config: Config, secret: SecretString) -> OpenStack {
    OpenStack::new(config, secret, exit()).unwrap()
}

/// The whole report.
pub async fn validate(cloud: &OpenStack, limit: Duration) -> Vec<Check> {
    let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
    let report = Reporter::new(sender, limit);
    cloud.validate(&report).await;
    drop(report);
    let mut checks = Vec::new();
    while let Some(check) = receiver.recv().await {
        checks.push(check);
    }
    checks
}

/// The one check of that id, or the first of several.
pub fn check<'a>(checks: &'a [Check], id: &str) -> &'a Check {
    checks.iter().find(|it| it.id == id).unwrap_or_else(|| panic!("no {id} in {checks:#?}"))
}

pub fn unique(what: &str) -> String {
    format!("{what}-{}", uuid::Uuid::new_v4().simple())
}
