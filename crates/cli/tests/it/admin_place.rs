//! A data directory on which servers come and go, and `stackyard admin` for it.

use std::{
    fs::{self, File},
    net::TcpStream,
    path::{Path, PathBuf},
    process::Child,
    thread::sleep,
    time::Duration,
};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{PROGRAM, Ran, TOML, bare, finish};

pub struct Place {
    pub folder: TempDir,
}

/// Killed when dropped.
pub struct Running {
    pub url: String,
    child: Child,
    /// All of its standard error.
    pub log: PathBuf,
}

impl Place {
    pub fn new() -> Place {
        Place::with(TOML)
    }

    pub fn with(toml: &str) -> Place {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("stackyard.toml"), toml).unwrap();
        Place { folder }
    }

    /// After one start and stop.
    pub fn filled() -> Place {
        let place = Place::new();
        place.start().stop();
        place
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn start(&self) -> Running {
        self.try_start().unwrap_or_else(|log| panic!("the server did not start: {log}"))
    }

    /// What it said, when it ended instead of starting.
    pub fn try_start(&self) -> Result<Running, String> {
        let logs = fs::read_dir(self.folder.path()).unwrap().count();
        let log = self.path(&format!("log-{logs}.txt"));
        let mut command = bare(PROGRAM);
        command.args(["server", "--listen", "127.0.0.1:0", "--data-dir"]).arg(self.folder.path());
        command.arg("--config").arg(self.path("stackyard.toml")).stderr(File::create(&log).unwrap());
        let mut child = command.spawn().unwrap();
        for _ in 0..600 {
            let text = fs::read_to_string(&log).unwrap();
            if let Some((_, rest)) = text.split_once("ready on ")
                && rest.contains('\n')
            {
                let url = rest.split_whitespace().next().unwrap().to_owned();
                return Ok(Running { url, child, log });
            }
            if child.try_wait().unwrap().is_some() {
                return Err(fs::read_to_string(&log).unwrap());
            }
            sleep(Duration::from_millis(50));
        }
        child.kill().unwrap();
        panic!("the server neither starts nor ends: {}", fs::read_to_string(&log).unwrap());
    }

    pub fn admin(&self, arguments: &[&str]) -> Ran {
        self.admin_with(arguments, None)
    }

    pub fn admin_with(&self, arguments: &[&str], stdin: Option<&str>) -> Ran {
        let mut command = bare(PROGRAM);
        command.arg("admin").args(arguments).arg("--data-dir").arg(self.folder.path());
        command.arg("--config").arg(self.path("stackyard.toml")).env("HOME", self.folder.path());
        finish(command, stdin)
    }

    pub fn admin_json(&self, arguments: &[&str]) -> Value {
        let ran = self.admin(&[arguments, &["-o", "json"]].concat()).ok();
        serde_json::from_str(&ran.stdout).unwrap_or_else(|err| panic!("{err}: {ran:?}"))
    }

    /// What the first start wrote.
    pub fn first_login(&self) -> Value {
        serde_json::from_str(&fs::read_to_string(self.path("initial-admin.json")).unwrap()).unwrap()
    }

    /// Signs a request with an API key; gives the client's exit code.
    pub fn client(&self, server: &Running, key: &Value, arguments: &[&str]) -> Ran {
        let mut command = bare(PROGRAM);
        command.args(arguments).env("HOME", self.folder.path());
        command.env("STACKYARD_URL", &server.url);
        command.env("STACKYARD_API_KEY_ID", key["apiKeyId"].as_str().unwrap());
        command.env("STACKYARD_API_SECRET_KEY", key["apiSecretKey"].as_str().unwrap());
        finish(command, None)
    }
}

impl Running {
    /// As an operator would.
    pub fn stop(mut self) {
        self.signal("-TERM");
        assert!(self.child.wait().unwrap().success(), "{}", self.log_text());
    }

    /// As a power cut would.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub fn signal(&self, signal: &str) {
        let mut command = bare("kill");
        assert!(command.args([signal, &self.child.id().to_string()]).status().unwrap().success());
    }

    /// In bytes, or `unlimited`; util-linux's prlimit.
    pub fn limit_files(&self, soft: &str) {
        let mut command = bare("prlimit");
        command.arg("--pid").arg(self.child.id().to_string()).arg(format!("--fsize={soft}:unlimited"));
        assert!(command.status().unwrap().success());
    }

    pub fn wait(&mut self) -> bool {
        self.child.wait().unwrap().success()
    }

    pub fn log_text(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }

    pub fn connect(&self) -> TcpStream {
        TcpStream::connect(self.url.split_once("://").unwrap().1).unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The form of `initial-admin.json`, for [`Place::client`].
pub fn as_login(key: &Value) -> Value {
    json!({ "apiKeyId": key["id"], "apiSecretKey": key["secretKey"] })
}

pub fn mode(path: &Path) -> u32 {
    std::os::unix::fs::PermissionsExt::mode(&fs::metadata(path).unwrap().permissions()) & 0o777
}

/// A login of the console.
pub struct Login {
    client: reqwest::Client,
    base: String,
    pub cookie: String,
    pub csrf: String,
}

impl Login {
    /// The status where the login is refused.
    pub async fn new(server: &Running, email: &str, password: &str) -> Result<Login, u16> {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let base = format!("{}/api/v1beta0", server.url);
        let body = json!({ "email": email, "password": password });
        let response = client.post(format!("{base}/session/")).json(&body).send().await.unwrap();
        if response.status() != 201 {
            return Err(response.status().as_u16());
        }
        let cookie = response.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        let body: Value = response.json().await.unwrap();
        let csrf = body["data"]["csrfToken"].as_str().unwrap().to_owned();
        Ok(Login { client, base, cookie, csrf })
    }

    pub async fn get(&self, path: &str) -> (u16, Value) {
        self.send(self.client.get(format!("{}{path}", self.base))).await
    }

    pub async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        self.send(self.client.post(format!("{}{path}", self.base)).json(&body)).await
    }

    /// Answered before the work is done.
    pub async fn post_async(&self, path: &str, body: Value) -> (u16, Value) {
        let request = self.client.post(format!("{}{path}", self.base)).json(&body);
        self.send(request.header("prefer", "respond-async")).await
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> (u16, Value) {
        let response = request.header("cookie", &self.cookie).header("x-csrf-token", &self.csrf).send().await.unwrap();
        let status = response.status().as_u16();
        let text = response.text().await.unwrap();
        (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
    }
}
