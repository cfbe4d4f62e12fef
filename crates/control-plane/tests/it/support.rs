//! A server of its own for each test, on a free port of loopback, with an empty database.

use std::sync::atomic::{AtomicU32, Ordering};

use control_plane::{
    Server,
    config::{self, Overrides},
};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use tempfile::TempDir;

/// Stopped when dropped: the data directory goes with it.
pub struct TestServer {
    pub url: String,
    pub data_dir: TempDir,
    /// Login of the administrator, as the first start wrote it.
    pub admin: Value,
    pub client: reqwest::Client,
    pub server: Server,
    token: String,
}

/// An empty database on the PostgreSQL of the tests.
pub struct Postgres {
    pub url: String,
}

impl Postgres {
    pub async fn new() -> Postgres {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("control_plane_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let url = format!("{}/{name}", Postgres::server().rsplit_once('/').unwrap().0);
        Postgres::run(&Postgres::server(), format!("CREATE DATABASE {name}")).await.unwrap();
        Postgres { url }
    }

    fn server() -> String {
        std::env::var("STACKYARD_TEST_POSTGRES").expect("STACKYARD_TEST_POSTGRES is not set; cargo xtask test sets it")
    }

    /// Past all rules of the store.
    pub async fn execute(&self, sql: &str) {
        Postgres::run(&self.url, sql.to_owned()).await.unwrap();
    }

    async fn run(url: &str, sql: String) -> Result<(), sqlx::Error> {
        let mut connection = PgConnection::connect(url).await?;
        connection.execute(AssertSqlSafe(sql)).await?;
        connection.close().await
    }

    pub async fn remove(self) {
        let name = self.url.rsplit_once('/').unwrap().1;
        Postgres::run(&Postgres::server(), format!("DROP DATABASE {name} WITH (FORCE)")).await.unwrap();
    }
}

pub struct Answer {
    pub status: StatusCode,
    pub body: Value,
}

impl Answer {
    #[track_caller]
    pub fn data(self, expected: u16) -> Value {
        assert_eq!(self.status.as_u16(), expected, "{:#}", self.body);
        self.body["data"].clone()
    }

    /// `errors[0].code`.
    #[track_caller]
    pub fn error(&self, expected: u16) -> &str {
        assert_eq!(self.status.as_u16(), expected, "{:#}", self.body);
        self.body["errors"][0]["code"].as_str().unwrap_or_default()
    }
}

impl TestServer {
    /// Clouds on loopback are allowed.
    pub async fn start() -> TestServer {
        TestServer::with("allowed_cloud_networks = [\"127.0.0.0/8\", \"::1/128\"]\n").await
    }

    /// With the text of a configuration file.
    pub async fn with(toml: &str) -> TestServer {
        let data_dir = tempfile::tempdir().unwrap();
        TestServer::on(data_dir, toml).await
    }

    pub async fn on(data_dir: TempDir, toml: &str) -> TestServer {
        TestServer::on_database(data_dir, toml, None).await
    }

    /// On `database`, where it is not the one of the data directory.
    pub async fn on_database(data_dir: TempDir, toml: &str, database: Option<&Postgres>) -> TestServer {
        let file = data_dir.path().join("stackyard.toml");
        std::fs::write(&file, toml).unwrap();
        let overrides = Overrides {
            config: Some(file),
            listen: Some("127.0.0.1:0".parse().unwrap()),
            data_dir: Some(data_dir.path().to_owned()),
            database_url: database.map(|it| it.url.clone().into()),
        };
        let loaded = config::load(&overrides).unwrap();
        let server = Server::start(loaded, overrides).await.unwrap();
        let admin = std::fs::read_to_string(data_dir.path().join("initial-admin.json")).unwrap();
        let admin: Value = serde_json::from_str(&admin).unwrap();
        let url = format!("http://{}", server.address);
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let mut server = TestServer { url, data_dir, admin, client, token: String::new(), server };
        server.token = server.login(&server.admin.clone()).await;
        server
    }

    /// Another control plane on the same database, which is not SQLite.
    pub async fn beside(&self, toml: &str, database: &Postgres) -> TestServer {
        let data_dir = tempfile::tempdir().unwrap();
        for file in ["master.key", "initial-admin.json"] {
            std::fs::copy(self.data_dir.path().join(file), data_dir.path().join(file)).unwrap();
        }
        TestServer::on_database(data_dir, toml, Some(database)).await
    }

    /// Logs in and returns `cookie` and CSRF token in one text, for [`TestServer::send`].
    pub async fn login(&self, who: &Value) -> String {
        let body = json!({ "email": who["email"], "password": who["password"] });
        let response = self.client.post(format!("{}/api/v1beta0/session/", self.url)).json(&body).send().await.unwrap();
        assert_eq!(response.status(), 201);
        let cookie = response.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        let body: Value = response.json().await.unwrap();
        format!("{cookie} {}", body["data"]["csrfToken"].as_str().unwrap())
    }

    pub fn account_id(&self) -> i64 {
        self.admin["accountId"].as_i64().unwrap()
    }

    pub fn environment_id(&self) -> i64 {
        self.admin["environmentId"].as_i64().unwrap()
    }

    /// As the administrator; `path` below `/api/v1beta0`.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(Some(&self.token), Method::GET, path, None).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(Some(&self.token), Method::POST, path, Some(body)).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.send(Some(&self.token), Method::PATCH, path, Some(body)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send(Some(&self.token), Method::DELETE, path, None).await
    }

    /// To be sent with a file.
    pub fn put(&self, path: &str) -> RequestBuilder {
        self.request(Some(&self.token), Method::PUT, path)
    }

    fn request(&self, login: Option<&str>, method: Method, path: &str) -> RequestBuilder {
        let request = self.client.request(method, format!("{}/api/v1beta0{path}", self.url));
        match login.and_then(|it| it.split_once(' ')) {
            Some((cookie, csrf)) => request.header("cookie", cookie).header("x-csrf-token", csrf),
            None => request,
        }
    }

    /// `login` is what [`TestServer::login`] gave; `None`: without any.
    pub async fn send(&self, login: Option<&str>, method: Method, path: &str, body: Option<Value>) -> Answer {
        let mut request = self.request(login, method, path);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.unwrap();
        let status = response.status();
        let text = response.text().await.unwrap();
        Answer { status, body: serde_json::from_str(&text).unwrap_or(Value::String(text)) }
    }
}

/// Asks until there is an answer. Gives up after a number of attempts that no working server needs.
pub async fn eventually<T, F: Future<Output = Option<T>>>(ask: impl Fn() -> F) -> T {
    for _ in 0..600 {
        if let Some(answer) = ask().await {
            return answer;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("it never came");
}

/// A stream of server-sent events, as the administrator.
pub struct Events {
    response: reqwest::Response,
    text: String,
}

#[derive(Debug, Default)]
pub struct Event {
    pub name: String,
    pub id: String,
    pub data: String,
}

impl Events {
    pub async fn open(server: &TestServer, path: &str, last: Option<&str>) -> Events {
        let (cookie, _) = server.token.split_once(' ').unwrap();
        let mut request = server.client.get(format!("{}/api/v1beta0{path}", server.url)).header("cookie", cookie);
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        Events::of(request).await
    }

    /// With the login that the request has.
    pub async fn of(request: reqwest::RequestBuilder) -> Events {
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        Events { response, text: String::new() }
    }

    /// `None` at the end of the stream.
    pub async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let mut event = Event::default();
                for (key, value) in block.lines().filter_map(|it| it.split_once(": ")) {
                    match key {
                        "event" => event.name = value.to_owned(),
                        "id" => event.id = value.to_owned(),
                        "data" => event.data += value,
                        _ => {}
                    }
                }
                self.text = rest.to_owned();
                if event.name.is_empty() {
                    continue; // A comment that keeps the connection alive.
                }
                return Some(event);
            }
            let chunk = self.response.chunk().await.unwrap()?;
            self.text += &String::from_utf8_lossy(&chunk);
        }
    }
}

impl TestServer {
    /// With `Prefer: respond-async`.
    pub async fn post_async(&self, path: &str, body: Value) -> Answer {
        self.send_async(Method::POST, path, body).await
    }

    pub async fn patch_async(&self, path: &str, body: Value) -> Answer {
        self.send_async(Method::PATCH, path, body).await
    }

    async fn send_async(&self, method: Method, path: &str, body: Value) -> Answer {
        let (cookie, csrf) = self.token.split_once(' ').unwrap();
        let request = self.client.request(method, format!("{}/api/v1beta0{path}", self.url)).json(&body);
        let request = request.header("cookie", cookie).header("x-csrf-token", csrf).header("prefer", "respond-async");
        let response = request.send().await.unwrap();
        Answer { status: response.status(), body: response.json().await.unwrap() }
    }
}
