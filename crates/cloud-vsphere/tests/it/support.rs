use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{Arc, OnceLock},
    time::Duration,
};

use cloud::{
    Cloud, LocationId,
    check::{Check, CheckStatus, Reporter},
    inventory::{Machine, Noun, Resource},
};
use cloud_http::{AddressRules, Client, Exit, Request, Trust};
use cloud_vsphere::{Config, Vsphere};
use futures_util::TryStreamExt;
use http::{HeaderName, HeaderValue, header};
use rcgen::CertifiedKey;
use serde_json::Value;

pub const USER: &str = "administrator@vsphere.local";
pub const PASSWORD: &str = "vcsim <&> \"pass\"";

/// A running simulator; ends with this value.
pub struct Vcsim {
    process: Child,
    pub url: String,
    /// What it says of its inventory.
    pub told: Value,
}

impl Vcsim {
    /// With the flags of `dev/vcsim`, letting in [`USER`] alone.
    pub fn start(flags: &[&str]) -> Vcsim {
        Vcsim::for_user(USER, flags)
    }

    /// With an empty name, everybody is let in with any password.
    pub fn for_user(user: &str, flags: &[&str]) -> Vcsim {
        // The simulator's own certificate has an RSA key of 1024 bits, with which our TLS library shakes no hands.
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        let mut flags: Vec<_> = flags.iter().map(|it| (*it).to_owned()).collect();
        if !flags.iter().any(|it| it == "-cert" || it == "-plain") {
            let CertifiedKey { cert, signing_key } =
                rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
            std::fs::write(path("cert.pem"), cert.pem()).unwrap();
            std::fs::write(path("key.pem"), signing_key.serialize_pem()).unwrap();
            flags.extend(["-cert".to_owned(), path("cert.pem"), "-key".to_owned(), path("key.pem")]);
        }
        let mut process = Command::new(binary())
            .args(["-listen", "127.0.0.1:0", "-with-parent", "-user", user, "-password", PASSWORD])
            .args(flags)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let told: Value = serde_json::from_str(&line).expect("the simulator did not start");
        Vcsim { process, url: told["url"].as_str().unwrap().to_owned(), told }
    }

    pub fn count(&self, what: &str) -> usize {
        usize::try_from(self.told[what].as_u64().unwrap()).unwrap()
    }

    pub fn uuid(&self) -> &str {
        self.told["instanceUuid"].as_str().unwrap()
    }
}

impl Drop for Vcsim {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}

fn binary() -> &'static str {
    static BINARY: OnceLock<String> = OnceLock::new();
    BINARY.get_or_init(|| {
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let output = Command::new(workspace.join("dev/vcsim/build")).stderr(Stdio::inherit()).output().unwrap();
        assert!(output.status.success(), "dev/vcsim/build failed");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    })
}

/// The simulator shows a self-signed certificate, so verification is off.
pub fn config(url: &str, linked: &[&str]) -> Config {
    Config {
        url: url.to_owned(),
        linked_vcenters: linked.iter().map(|it| (*it).to_owned()).collect(),
        user_name: USER.to_owned(),
        ssl_verification: false,
        ca_certificate: None,
        certificate_fingerprints: Vec::new(),
    }
}

pub fn exit() -> Arc<Exit> {
    let loopback = vec!["127.0.0.0/8".parse().unwrap()];
    Arc::new(Exit::new(AddressRules::new(Some(loopback)), None))
}

pub fn connect(config: Config) -> Vsphere {
    Vsphere::new(config, PASSWORD.into(), exit()).unwrap()
}

pub async fn machines(cloud: &Vsphere, location: &LocationId) -> Vec<Machine> {
    let pages: Vec<_> = cloud.machines(location).try_collect().await.unwrap();
    pages.into_iter().flat_map(|it| it.items).collect()
}

pub async fn list(cloud: &Vsphere, location: &LocationId, noun: Noun) -> Vec<Resource> {
    let pages: Vec<_> = cloud.list(location, noun).try_collect().await.unwrap();
    pages.into_iter().flat_map(|it| it.items).collect()
}

pub struct Report(pub Vec<Check>);

impl Report {
    pub async fn of(cloud: &Vsphere) -> Report {
        let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
        cloud.validate(&Reporter::new(sender, Duration::from_secs(20))).await;
        let mut checks = Vec::new();
        while let Ok(check) = receiver.try_recv() {
            checks.push(check);
        }
        Report(checks)
    }

    pub fn get(&self, id: &str) -> &Check {
        let mut found = self.0.iter().filter(|it| it.id == id);
        let check = found.next().unwrap_or_else(|| panic!("no check {id}"));
        assert!(found.next().is_none(), "{id} twice");
        check
    }

    pub fn status(&self, id: &str) -> CheckStatus {
        self.get(id).status
    }

    /// Ids of the checks with this status, sorted.
    pub fn with(&self, status: CheckStatus) -> Vec<&str> {
        let mut ids: Vec<_> = self.0.iter().filter(|it| it.status == status).map(|it| it.id.as_str()).collect();
        ids.sort_unstable();
        ids
    }
}

/// A session of the test itself, for what the driver does not do.
pub struct Raw {
    client: Client,
    url: String,
    cookie: Option<HeaderValue>,
}

impl Raw {
    pub async fn log_in(url: &str, user: &str) -> Raw {
        let trust = Trust { verify: false, ..Trust::default() };
        let mut raw = Raw { client: Client::new(exit(), trust).unwrap(), url: url.to_owned(), cookie: None };
        let password = PASSWORD.replace('&', "&amp;").replace('<', "&lt;");
        let fields = format!("<userName>{user}</userName><password>{password}</password>");
        raw.call("SessionManager", "SessionManager", "Login", &fields).await;
        raw
    }

    /// Returns the answer as text.
    pub async fn call(&mut self, kind: &str, id: &str, method: &str, fields: &str) -> String {
        let body = format!(
            "<Envelope xmlns=\"http://schemas.xmlsoap.org/soap/envelope/\" \
             xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><Body><{method} xmlns=\"urn:vim25\">\
             <_this type=\"{kind}\">{id}</_this>{fields}</{method}></Body></Envelope>"
        );
        let action = HeaderValue::from_static("urn:vim25/6.7");
        let mut request =
            Request::post(self.url.parse().unwrap(), body).header(HeaderName::from_static("soapaction"), action);
        if let Some(cookie) = &self.cookie {
            request = request.header(header::COOKIE, cookie.clone());
        }
        let response = self.client.send(request).await.unwrap();
        if let Some(cookie) = response.headers.get(header::SET_COOKIE) {
            self.cookie = Some(HeaderValue::from_str(cookie.to_str().unwrap().split(';').next().unwrap()).unwrap());
        }
        String::from_utf8(response.body.bytes().await.unwrap().to_vec()).unwrap()
    }

    /// Keys of all sessions but this one.
    pub async fn sessions(&mut self) -> Vec<String> {
        let spec = "<specSet><propSet><type>SessionManager</type><pathSet>sessionList</pathSet>\
                    <pathSet>currentSession</pathSet></propSet><objectSet><obj type=\"SessionManager\">SessionManager\
                    </obj></objectSet></specSet><options/>";
        let answer = self.call("PropertyCollector", "propertyCollector", "RetrievePropertiesEx", spec).await;
        let own = self.cookie.as_ref().unwrap().to_str().unwrap().rsplit('=').next().unwrap().to_owned();
        let keys = answer.split("<key>").skip(1).map(|it| it.split('<').next().unwrap().to_owned());
        let mut keys: Vec<_> = keys.filter(|it| *it != own).collect();
        keys.sort();
        keys.dedup();
        keys
    }

    /// Ends all sessions but this one.
    pub async fn end_sessions(&mut self) -> usize {
        let keys = self.sessions().await;
        for key in &keys {
            let answer = self
                .call("SessionManager", "SessionManager", "TerminateSession", &format!("<sessionId>{key}</sessionId>"))
                .await;
            assert!(answer.contains("TerminateSessionResponse"), "{answer}");
        }
        keys.len()
    }
}
