//! A real OpenStack with 200 servers and 1,000 flavors.

use std::{fs, process::Command};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::{Figures, RUNS, best, built};
use crate::{
    clouds::Openstack,
    run::{self, say},
};

/// Reads in one process: one alone takes a few milliseconds of CPU.
const ROUNDS: usize = 5;
const VALIDATIONS: &str = "20";

pub fn run() -> Result<()> {
    // One that is filled can be kept, since filling takes minutes.
    let given = std::env::var_os("STACKYARD_BENCH_OPENSTACK");
    let is_ours = given.is_none();
    let state = given.map_or_else(|| std::env::temp_dir().join(format!("sy-bench-{}", std::process::id())), Into::into);
    say("starting OpenStack");
    let cloud = Openstack::start(state, !is_ours, if is_ours { &["--free-ports"] } else { &[] })?;
    say("filling it with 200 servers and 1,000 flavors (minutes, the first time)");
    let mut fill = Command::new("dev/openstack/cloud");
    fill.args(["fill", "--servers", "200", "--flavors", "1000", "--state"]).arg(&cloud.state);
    let measured = run::run(&mut fill).and_then(|()| read(&cloud)).and_then(|()| validate(&cloud));
    if is_ours {
        let state = cloud.state.clone();
        drop(cloud);
        run::run(Command::new("dev/openstack/cloud").args(["down", "--wipe", "--state"]).arg(state))?;
    }
    measured
}

/// The driver and requests made by hand in turn. The calls are those that Nova has logged.
fn read(cloud: &Openstack) -> Result<()> {
    say("reading servers and flavors");
    let rounds = ROUNDS.to_string();
    let (mut ours, mut bare) = (Vec::new(), Vec::new());
    let (mut our_calls, mut bare_calls) = (0, 0);
    for _ in 0..RUNS {
        let before = logged(cloud)?;
        ours.push(measure(cloud, &["driver", &rounds])?);
        let between = logged(cloud)?;
        bare.push(measure(cloud, &["bare", &rounds])?);
        our_calls = between - before;
        bare_calls = logged(cloud)? - between;
    }
    let what = ours[0].text("what");
    ensure!(what == bare[0].text("what"), "the driver found {what}, the bare requests {}", bare[0].text("what"));
    let n_rounds = ROUNDS as f64;
    let (cpu, bare_cpu) = (best(&ours, "cpuSeconds")? / n_rounds, best(&bare, "cpuSeconds")? / n_rounds);
    let (bytes, bare_bytes) = (best(&ours, "bytes")? / n_rounds, best(&bare, "bytes")? / n_rounds);
    println!(
        "| {what}: calls in Nova's log, ours / bare | {} / {} = {:.2} | 1.1 |",
        our_calls / ROUNDS,
        bare_calls / ROUNDS,
        our_calls as f64 / bare_calls as f64
    );
    println!("| the same: bytes of bodies | {bytes:.0} / {bare_bytes:.0} = {:.2} | 1.1 |", bytes / bare_bytes);
    println!("| the same: client CPU | {:.1} ms / {:.1} ms = {:.2} | 1.1 |", cpu * 1e3, bare_cpu * 1e3, cpu / bare_cpu);
    Ok(())
}

fn validate(cloud: &Openstack) -> Result<()> {
    say("validating 20 credentials, one by one and at once");
    let (mut together, mut single) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        together.push(measure(cloud, &["validate", VALIDATIONS, "--at-once"])?);
        single.push(measure(cloud, &["validate", VALIDATIONS])?);
    }
    // One that gave up on a slow answer has read less.
    for it in together.iter().chain(&single) {
        ensure!(
            it.text("what") == single[0].text("what"),
            "found {}, then {}",
            single[0].text("what"),
            it.text("what")
        );
    }
    for key in ["calls", "bytes"] {
        let (all, each) = (best(&together, key)?, best(&single, key)?);
        println!("| 20 validations: {key}, at once / one by one | {all:.0} / {each:.0} = {:.2} | 1.1 |", all / each);
    }
    let (all, each) = (best(&together, "cpuSeconds")?, best(&single, "cpuSeconds")?);
    println!("| the same: client CPU | {all:.3} s / {each:.3} s = {:.2} | 1.1 |", all / each);
    let (all, each) = (best(&together, "wallSeconds")?, best(&single, "wallSeconds")?);
    println!("| the same: wall, and what was found | {all:.1} s / {each:.1} s, {} | |", together[0].text("what"));
    Ok(())
}

fn measure(cloud: &Openstack, work: &[&str]) -> Result<Figures> {
    let facts: Value = serde_json::from_str(&fs::read_to_string(cloud.state.join("cloud.json"))?)?;
    let text = |key: &str| facts[key].as_str().with_context(|| format!("no {key} in cloud.json"));
    let mut command = Command::new(built("examples/measure"));
    command.args(["--keystone", text("keystoneUrl")?, "--user", "demo", "--project", "demo"]).args(work);
    Figures::of(command.env("OS_PASSWORD", text("password")?))
}

/// Reading calls that Nova has answered so far.
fn logged(cloud: &Openstack) -> Result<usize> {
    let log = fs::read_to_string(cloud.state.join("log/nova-api.access.log"))?;
    Ok(log.lines().filter(|it| it.contains(" GET ")).count())
}
