//! Third-party clouds on loopback, for tests. A cloud that cannot be had fails the test that asks for it.
#![allow(clippy::expect_used, clippy::panic, reason = "only tests use it")]

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::OnceLock,
};

use serde_json::Value;

pub const USER: &str = "administrator@vsphere.local";
pub const PASSWORD: &str = "vcsim";

/// A vCenter simulated by govmomi, on a free port. Ends when dropped, or with this process.
pub struct Vcenter {
    /// Ends in `/sdk`.
    pub url: String,
    pub instance_uuid: String,
    child: Child,
}

impl Vcenter {
    /// Small by default: one datacenter, one cluster. `flags` come after the defaults and win.
    pub fn start(flags: &[&str]) -> Vcenter {
        let mut child = Command::new(program())
            .args(["-listen", "127.0.0.1:0", "-user", USER, "-password", PASSWORD, "-with-parent"])
            .args(flags)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the simulator starts");
        let stdout = child.stdout.take().expect("its output is ours");
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line).expect("it says where it is");
        let facts: Value = serde_json::from_str(&line).unwrap_or_else(|err| panic!("{err}: {line:?}"));
        let text = |key: &str| facts[key].as_str().unwrap_or_default().to_owned();
        Vcenter { url: text("url"), instance_uuid: text("instanceUuid"), child }
    }
}

impl Drop for Vcenter {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let build = Path::new(env!("CARGO_MANIFEST_DIR")).join("../vcsim/build");
        let output = Command::new(build).stderr(Stdio::inherit()).output().expect("dev/vcsim/build runs");
        assert!(output.status.success(), "dev/vcsim/build failed");
        String::from_utf8_lossy(&output.stdout).trim().into()
    })
}

/// The real OpenStack that `cargo xtask test` started for all tests.
pub struct Openstack {
    /// Of the identity service, with `/v3`.
    pub keystone_url: String,
    pub password: String,
    pub state: PathBuf,
    /// Where each service is (`nova-api`, `neutron`), as `host:port`.
    pub services: BTreeMap<String, String>,
}

/// Fails where there is none.
pub fn openstack() -> Openstack {
    let state = std::env::var_os("STACKYARD_TEST_OPENSTACK");
    let state =
        PathBuf::from(state.expect("STACKYARD_TEST_OPENSTACK is not set; `cargo xtask test` starts an OpenStack"));
    let text = std::fs::read_to_string(state.join("cloud.json")).expect("the cloud says where it is");
    let facts: Value = serde_json::from_str(&text).expect("in JSON");
    let text = |key: &str| facts[key].as_str().unwrap_or_default().to_owned();
    let ports = facts["ports"].as_object().into_iter().flatten();
    let services = ports.map(|(name, port)| (name.clone(), format!("127.0.0.1:{port}"))).collect();
    Openstack { keystone_url: text("keystoneUrl"), password: text("password"), state, services }
}
