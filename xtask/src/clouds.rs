//! Third-party clouds on loopback, by the scripts in `dev/`.

use std::{
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::run::{Beside, output, root};

pub const VCSIM_USER: &str = "administrator@vsphere.local";
pub const VCSIM_PASSWORD: &str = "vcsim";

/// A simulated vCenter. Ends when dropped.
pub struct Vcenter {
    pub url: String,
    _server: Beside,
}

/// Builds the simulator where that is needed, and returns its path.
pub fn build_vcsim() -> Result<PathBuf> {
    Ok(output(&mut Command::new("dev/vcsim/build"))?.trim().into())
}

impl Vcenter {
    pub fn start(n: u32, flags: &[&str]) -> Result<Vcenter> {
        let mut command = Command::new(build_vcsim()?);
        command.args(["-listen", "127.0.0.1:0", "-user", VCSIM_USER, "-password", VCSIM_PASSWORD, "-with-parent"]);
        command.args(["-instance-uuid", &format!("00000000-0000-4000-8000-{n:012}")]).args(flags);
        let log = std::fs::File::create(std::env::temp_dir().join(format!("stackyard-vcsim-{n}.log")))?;
        let mut server = Beside::start("the vCenter simulator", command.stdout(Stdio::piped()).stderr(log))?;
        let facts = first_line(&mut server)?;
        let url = facts["url"].as_str().context("the simulator names no URL")?.to_owned();
        Ok(Vcenter { url, _server: server })
    }
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
