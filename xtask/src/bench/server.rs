//! The server that is measured, and its client.

use std::{
    fs,
    net::TcpListener,
    path::PathBuf,
    process::{Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::{Figures, built, target};
use crate::{
    clouds::{VCSIM_PASSWORD, VCSIM_USER, Vcenter},
    run::{self, Beside},
};

/// Clouds are read when a bench says so, and not in between.
const CONFIG: &str = "allowed_cloud_networks = [\"127.0.0.0/8\"]\nsync_interval = \"1d\"\n";

/// Ends when dropped. Its data directory stays for another start.
pub struct Server {
    /// `127.0.0.1:PORT`.
    pub address: String,
    /// From the start of the process.
    pub ready_in: Duration,
    data: PathBuf,
    process: Beside,
}

impl Server {
    /// With an empty data directory.
    pub fn start_new() -> Result<Server> {
        let data = data();
        if data.exists() {
            fs::remove_dir_all(&data)?;
        }
        Server::start()
    }

    /// With the data directory of the last one.
    pub fn start() -> Result<Server> {
        let data = data();
        fs::create_dir_all(&data)?;
        let config = data.with_extension("toml");
        fs::write(&config, CONFIG)?;
        let log = fs::File::create(data.with_extension("log"))?;
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string();
        let begun = Instant::now();
        let mut command = Command::new(built("stackyard"));
        command.arg("server").arg("--config").arg(config).arg("--data-dir").arg(&data).args(["--listen", &address]);
        // The server takes it for a key of its configuration that is misspelt.
        command.env_remove("STACKYARD_BENCH_OPENSTACK");
        let mut process = Beside::start("the server", command.stdout(Stdio::null()).stderr(log))?;
        while !run::is_ready(&address) {
            process.check()?;
            if begun.elapsed() > Duration::from_secs(60) {
                bail!("the server is not ready");
            }
            sleep(Duration::from_millis(2));
        }
        Ok(Server { address, ready_in: begun.elapsed(), data, process })
    }

    pub fn id(&self) -> u32 {
        self.process.id()
    }

    pub fn database(&self) -> PathBuf {
        self.data.join("stackyard.db")
    }

    pub fn database_url(&self) -> String {
        format!("sqlite://{}", self.database().display())
    }

    /// The client, logged in as the administrator.
    pub fn client(&self, arguments: &[&str]) -> Result<Command> {
        let admin = self.admin()?;
        let text = |key: &str| match &admin[key] {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let mut command = Command::new(built("stackyard"));
        command
            .args(arguments)
            .env("STACKYARD_URL", format!("http://{}", self.address))
            .env("STACKYARD_API_KEY_ID", text("apiKeyId"))
            .env("STACKYARD_API_SECRET_KEY", text("apiSecretKey"))
            .env("STACKYARD_ACCOUNT", text("accountId"))
            .env("STACKYARD_ENVIRONMENT", text("environmentId"));
        Ok(command)
    }

    pub fn admin(&self) -> Result<Value> {
        Ok(serde_json::from_str(&fs::read_to_string(self.data.join("initial-admin.json"))?)?)
    }

    pub fn environment(&self) -> Result<String> {
        Ok(self.admin()?["environmentId"].to_string().replace('"', ""))
    }

    /// What the client prints with `-o json`.
    pub fn json(&self, arguments: &[&str]) -> Result<Value> {
        let text = run::output(self.client(arguments)?.args(["-o", "json"]))?;
        serde_json::from_str(&text).with_context(|| format!("not understood: {text}"))
    }

    /// Adds the simulator's credential, links it and waits until everything was read.
    pub fn link(&self, vcenter: &Vcenter) -> Result<()> {
        self.link_at(&vcenter.url)
    }

    /// The same by another way there.
    pub fn link_at(&self, url: &str) -> Result<()> {
        let mut add = self.client(&["credentials", "add", "vsphere", "--name", "bench", "--from-env", "-o", "name"])?;
        add.env("GOVC_URL", url).env("GOVC_USERNAME", VCSIM_USER).env("GOVC_PASSWORD", VCSIM_PASSWORD);
        // The simulator's certificate is signed by nobody.
        run::output(add.env("GOVC_INSECURE", "true"))?;
        run::output(&mut self.client(&["clouds", "link", "vmware", "bench", "--wait"])?)?;
        Ok(())
    }

    /// In a linked location, in place of what was read there. They stay until the next reading.
    pub fn store_machines(&self, location: &str, n_machines: usize) -> Result<Figures> {
        let credentials = run::output(&mut self.client(&["credentials", "list", "-o", "name"])?)?;
        let credential = credentials.lines().next().context("no credentials")?;
        let mut store = Command::new(built("examples/store_machines"));
        store.args(["--database-url", &self.database_url(), "--credential", credential, "--location", location]);
        Figures::of(store.args(["--machines", &n_machines.to_string()]))
    }

    /// The ids of the simulator's datacenters.
    pub fn locations(&self) -> Result<Vec<String>> {
        let text = run::output(&mut self.client(&["clouds", "locations", "vmware", "-o", "name"])?)?;
        Ok(text.lines().map(str::to_owned).collect())
    }
}

fn data() -> PathBuf {
    target().join("bench/data")
}
