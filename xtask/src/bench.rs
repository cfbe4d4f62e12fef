//! Measures against the budgets, as ratios side by side in one run. Prints a table for docs/performance.md.

use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::{
    clouds::{VCSIM_PASSWORD, VCSIM_USER, Vcenter},
    run::{self, Beside, root, say},
};

const RUNS: usize = 3;

pub fn run() -> Result<()> {
    say("building with optimisation");
    run::run(Command::new("cargo").args(["build", "--quiet", "--release", "--package", "cli"]))?;
    let example = ["build", "--quiet", "--release", "--package", "cloud-vsphere", "--example", "read_vms"];
    run::run(Command::new("cargo").args(example))?;
    println!("| what | measured | budget |\n| --- | --- | --- |");
    start_and_idle()?;
    read_machines()
}

/// From the start of the process until it is ready, on an empty data directory and again on a filled one.
fn start_and_idle() -> Result<()> {
    let data = root().join("target/bench/data");
    let _ = fs::remove_dir_all(&data);
    let program = program("stackyard");
    let mut ready_ms = Vec::new();
    let mut idle_mib = 0;
    for _ in 0..RUNS + 1 {
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string();
        let begun = Instant::now();
        let mut command = Command::new(&program);
        command.arg("server").arg("--data-dir").arg(&data).args(["--listen", &address]);
        let server = Beside::start("the server", command.stdout(Stdio::null()).stderr(Stdio::null()))?;
        while !run::is_ready(&address) {
            if begun.elapsed() > Duration::from_secs(30) {
                bail!("the server is not ready");
            }
            sleep(Duration::from_millis(2));
        }
        ready_ms.push(begun.elapsed().as_millis());
        sleep(Duration::from_secs(2));
        idle_mib = resident_mib(server.id())?;
    }
    let again = ready_ms.iter().skip(1).min().copied().unwrap_or_default();
    println!("| start to ready, first / again | {} ms / {again} ms | 500 ms |", ready_ms[0]);
    println!("| idle memory, SQLite, no clouds | {idle_mib} MiB | 64 MiB |");
    Ok(())
}

/// Eight properties of 10,000 machines: our driver and govmomi in turn, against the same simulator.
fn read_machines() -> Result<()> {
    say("starting a vCenter with 10,000 machines (half a minute)");
    let sizes = "-dc 2 -cluster 10 -host 16 -standalone-host 0 -ds 4 -pg 4 -vm 500 -ip-base 10.0.0.1";
    let vcenter = Vcenter::start(9, &sizes.split(' ').collect::<Vec<_>>())?;
    let baseline = run::output(Command::new("dev/vcsim/build").arg("--baseline"))?;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        let mut command = Command::new(root().join("target/release/examples/read_vms"));
        command.args(["--url", &vcenter.url, "--user", VCSIM_USER]).env("VSPHERE_PASSWORD", VCSIM_PASSWORD);
        ours.push(measured(&run::output(&mut command)?)?);
        let with_user =
            vcenter.url.replace("https://", &format!("https://{VCSIM_USER}:{VCSIM_PASSWORD}@").replace("@vs", "%40vs"));
        theirs.push(measured(&run::output(Command::new(baseline.trim()).args(["-url", &with_user, "-runs", "1"]))?)?);
    }
    let best = |runs: &[(f64, f64)], pick: fn(&(f64, f64)) -> f64| runs.iter().map(pick).fold(f64::INFINITY, f64::min);
    let (cpu, base_cpu) = (best(&ours, |it| it.0), best(&theirs, |it| it.0));
    let (rss, base_rss) = (best(&ours, |it| it.1), best(&theirs, |it| it.1));
    println!(
        "| 10,000 machines: client CPU, ours / govmomi | {cpu:.2} s / {base_cpu:.2} s = {:.2} | 0.5 |",
        cpu / base_cpu
    );
    let mib = 1024.0 * 1024.0;
    println!(
        "| 10,000 machines: peak memory, ours / govmomi | {:.1} MiB / {:.1} MiB = {:.2} | 0.33 |",
        rss / mib,
        base_rss / mib,
        rss / base_rss
    );
    Ok(())
}

/// CPU seconds and peak bytes of the one line of JSON that has them.
fn measured(text: &str) -> Result<(f64, f64)> {
    let lines = text.lines().filter_map(|it| serde_json::from_str::<Value>(it).ok());
    let all: Vec<Value> = lines.collect();
    let line = all.iter().find(|it| it["cpuSeconds"].is_number()).context("no figures")?;
    let number = |key: &str| line[key].as_f64().with_context(|| format!("no {key} in {line}"));
    Ok((number("cpuSeconds")?, number("peakRssBytes")?))
}

fn program(name: &str) -> PathBuf {
    root().join("target/release").join(name)
}

fn resident_mib(pid: u32) -> Result<u64> {
    let status = fs::read_to_string(Path::new("/proc").join(pid.to_string()).join("status"))?;
    let line = status.lines().find_map(|it| it.strip_prefix("VmRSS:")).context("no VmRSS")?;
    Ok(line.trim().trim_end_matches(" kB").trim().parse::<u64>()? / 1024)
}
