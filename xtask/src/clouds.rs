//! Third-party clouds on loopback, by the scripts in `dev/`.

use std::{
    io::{BufRead, BufReader},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::{
    kept::Kept,
    run::{Beside, output, root, say},
};

pub const VCSIM_USER: &str = "administrator@vsphere.local";
pub const VCSIM_PASSWORD: &str = "vcsim";

/// A simulated vCenter. Ends when dropped, unless it was started to be kept.
pub struct Vcenter {
    pub url: String,
    _server: Option<Beside>,
    of_earlier_run: Option<Kept>,
}

/// Builds the simulator where that is needed, and returns its path.
pub fn build_vcsim() -> Result<PathBuf> {
    Ok(output(&mut Command::new("dev/vcsim/build"))?.trim().into())
}

impl Vcenter {
    pub fn start(n: u32, flags: &[&str]) -> Result<Vcenter> {
        let words = command(n, flags)?;
        let [program, arguments @ ..] = words.as_slice() else { bail!("no command") };
        let mut command = Command::new(program);
        command.args(arguments).arg("-with-parent");
        let log = std::fs::File::create(std::env::temp_dir().join(format!("stackyard-vcsim-{n}.log")))?;
        let mut server = Beside::start("the vCenter simulator", command.stdout(Stdio::piped()).stderr(log))?;
        let facts = first_line(&mut server)?;
        let url = facts["url"].as_str().context("the simulator names no URL")?.to_owned();
        Ok(Vcenter { url, _server: Some(server), of_earlier_run: None })
    }

    /// One that an earlier run kept, when it is the same; else a new one. `keep` leaves it running.
    pub fn start_or_find(n: u32, flags: &[&str], folder: &Path, keep: bool) -> Result<Vcenter> {
        let command = command(n, flags)?;
        let record = record(folder, n);
        if let Some(kept) = Kept::find(&record)? {
            if kept.was_started_by(&command) {
                say(format!("the vCenter {} of an earlier demo still runs", kept.url));
                return Ok(Vcenter { url: kept.url.clone(), _server: None, of_earlier_run: (!keep).then_some(kept) });
            }
            kept.end()?;
        }
        if !keep {
            return Vcenter::start(n, flags);
        }
        std::fs::create_dir_all(folder)?;
        Ok(Vcenter { url: Kept::start(&record, &command)?.url, _server: None, of_earlier_run: None })
    }
}

impl Drop for Vcenter {
    fn drop(&mut self) {
        if let Some(Err(err)) = self.of_earlier_run.take().map(|it| it.end()) {
            eprintln!("{err:#}");
        }
    }
}

/// What is written down of a simulator that is kept.
pub fn record(folder: &Path, n: u32) -> PathBuf {
    folder.join(format!("vcenter-{n}.json"))
}

fn command(n: u32, flags: &[&str]) -> Result<Vec<String>> {
    let program = build_vcsim()?.to_string_lossy().into_owned();
    let uuid = format!("00000000-0000-4000-8000-{n:012}");
    let fixed = ["-listen", "127.0.0.1:0", "-user", VCSIM_USER, "-password", VCSIM_PASSWORD, "-instance-uuid", &uuid];
    let flags = fixed.iter().chain(flags).map(|it| (*it).to_owned());
    Ok(std::iter::once(program).chain(flags).collect())
}

/// A real OpenStack. Ends when dropped, unless it was started to be kept.
pub struct Openstack {
    pub state: PathBuf,
    _server: Option<Beside>,
}

impl Openstack {
    /// `state` is short: there are unix sockets below it.
    pub fn start(state: PathBuf, keep: bool, more: &[&str]) -> Result<Openstack> {
        let mut command = Command::new(root().join("dev/openstack/cloud"));
        command.arg("up").arg("--state").arg(&state).args(more);
        if keep {
            output(&mut command)?;
            return Ok(Openstack { state, _server: None });
        }
        let mut server = Beside::start("OpenStack", command.arg("--with-parent").stdout(Stdio::piped()))?;
        first_line(&mut server)?;
        Ok(Openstack { state, _server: Some(server) })
    }

    /// Whether the Keystone of this folder takes connections.
    pub fn answers(state: &Path) -> bool {
        let facts = std::fs::read(state.join("cloud.json")).ok();
        let facts = facts.and_then(|it| serde_json::from_slice::<Value>(&it).ok());
        let port = facts.and_then(|it| it["ports"]["keystone"].as_u64()).and_then(|it| u16::try_from(it).ok());
        port.is_some_and(|it| TcpStream::connect(("127.0.0.1", it)).is_ok())
    }
}

fn first_line(server: &mut Beside) -> Result<Value> {
    let stdout = server.stdout().context("no output")?;
    let mut line = String::new();
    BufReader::new(stdout).read_line(&mut line)?;
    if line.trim().is_empty() {
        server.check()?;
        bail!("the cloud ended before it answered");
    }
    serde_json::from_str(line.trim()).with_context(|| format!("not understood: {line}"))
}
