//! Lives of farms in which the server is killed and its calls to clouds go wrong, as many as wanted.

use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::{
    clouds::{self, Openstack},
    postgres::Postgres,
    run::{self, say},
};

/// `--runs N` lives with the seeds from `--seed N` on.
pub fn run(arguments: &[String]) -> Result<()> {
    let (mut runs, mut seed) = (None, 1);
    for pair in arguments.chunks(2) {
        let [name, value] = pair else { bail!("{} needs a number", pair[0]) };
        let value: u64 = value.parse().with_context(|| format!("{name} needs a number"))?;
        match name.as_str() {
            "--runs" => runs = Some(value),
            "--seed" => (seed, runs) = (value, runs.or(Some(1))),
            _ => bail!("{name:?} is not known; there are --runs N and --seed N"),
        }
    }
    clouds::build_vcsim()?;
    say("compiling");
    run::run(Command::new("cargo").args(["test", "-p", "cli", "--no-run", "--quiet"]))?;
    say("starting OpenStack and PostgreSQL");
    let state = std::env::temp_dir().join(format!("sy-os-{}", std::process::id()));
    let cloud = Openstack::start(state.clone(), false, &["--free-ports"])?;
    let postgres = Postgres::start()?;
    say("running");
    let mut command = Command::new("cargo");
    command.args(["test", "-p", "cli", "--test", "it", "--", "--ignored", "--exact", "crash::long", "--nocapture"]);
    command.env("STACKYARD_TEST_OPENSTACK", &cloud.state).env("STACKYARD_TEST_POSTGRES", &postgres.url);
    command.env("STACKYARD_CRASH_RUNS", runs.unwrap_or(30).to_string());
    command.env("STACKYARD_CRASH_SEED", seed.to_string());
    let ran = run::run(&mut command);
    drop(postgres);
    drop(cloud);
    run::run(Command::new("dev/openstack/cloud").args(["down", "--wipe", "--state"]).arg(&state))?;
    ran
}
