//! Reading and storing the machines of a simulated vCenter.

use std::{
    process::Command,
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};

use super::{Figures, MIB, RUNS, best, built, load::Caller, process, server::Server};
use crate::{
    clouds::{VCSIM_PASSWORD, VCSIM_USER, Vcenter},
    run::{self, say},
};

/// Eight properties of 10,000 machines: our driver and govmomi in turn, against the same simulator. Then all that is
/// read and stored of them.
pub fn read() -> Result<()> {
    let vcenter = start(10_000, &[])?;
    let baseline = run::output(Command::new("dev/vcsim/build").arg("--baseline"))?;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        ours.push(Figures::of(&mut driver(&vcenter))?);
        let with_user =
            vcenter.url.replace("https://", &format!("https://{VCSIM_USER}:{VCSIM_PASSWORD}@").replace("@vs", "%40vs"));
        theirs.push(Figures::of(Command::new(baseline.trim()).args(["-url", &with_user, "-runs", "1"]))?);
    }
    let (cpu, base_cpu) = (best(&ours, "cpuSeconds")?, best(&theirs, "cpuSeconds")?);
    let (rss, base_rss) = (best(&ours, "peakRssBytes")? / MIB, best(&theirs, "peakRssBytes")? / MIB);
    let ratio = cpu / base_cpu;
    println!("| 10,000 machines: client CPU, ours / govmomi | {cpu:.2} s / {base_cpu:.2} s = {ratio:.2} | 0.5 |");
    let ratio = rss / base_rss;
    println!("| 10,000 machines: peak memory, ours / govmomi | {rss:.1} MiB / {base_rss:.1} MiB = {ratio:.2} | 0.33 |");
    synchronise(&vcenter, "10,000")
}

/// What a vCenter with 50,000 machines costs in memory.
pub fn memory() -> Result<()> {
    // In pages, as a real one answers: the simulator writes none of a whole answer before it is complete.
    let vcenter = start(50_000, &["-strict"])?;
    let alone = Figures::of(&mut driver(&vcenter))?;
    println!(
        "| 50,000 machines: the driver alone (8 properties): peak memory, CPU | {:.1} MiB, {:.2} s | |",
        alone.number("peakRssBytes")? / MIB,
        alone.number("cpuSeconds")?
    );
    synchronise(&vcenter, "50,000")
}

/// Two datacenters. The simulator needs about a second for 1,000 machines.
fn start(n_machines: usize, more: &[&str]) -> Result<Vcenter> {
    say(format!("starting a vCenter with {n_machines} machines"));
    let sizes = "-dc 2 -cluster 10 -host 16 -standalone-host 0 -ds 4 -pg 4 -ip-base 10.0.0.1";
    let in_each = (n_machines / 20).to_string();
    let flags = sizes.split(' ').chain(["-vm", &in_each]).chain(more.iter().copied());
    Vcenter::start(9, &flags.collect::<Vec<_>>())
}

fn driver(vcenter: &Vcenter) -> Command {
    let mut command = Command::new(built("examples/read_vms"));
    command.args(["--url", &vcenter.url, "--user", VCSIM_USER]).env("VSPHERE_PASSWORD", VCSIM_PASSWORD);
    command
}

/// A new server reads everything, and then the machines of both datacenters again, of which none has changed.
fn synchronise(vcenter: &Vcenter, n_machines: &str) -> Result<()> {
    let server = Server::start_new()?;
    let (idle_mib, cpu, begun) =
        (process::resident_mib(server.id())?, process::cpu_seconds(server.id())?, Instant::now());
    server.link(vcenter)?;
    println!(
        "| {n_machines} machines: connecting, reading and storing everything: wall, CPU of the server, peak memory (idle) | \
         {:.1} s, {:.1} s, {} MiB ({idle_mib} MiB) | reported |",
        begun.elapsed().as_secs_f64(),
        process::cpu_seconds(server.id())? - cpu,
        process::peak_mib(server.id())?
    );
    let mut caller = Caller::new(&server)?;
    // Reads that end within the same second as this one begins would do for it.
    sleep(Duration::from_secs(2));
    let (cpu, begun, mut n_stored) = (process::cpu_seconds(server.id())?, Instant::now(), 0);
    for location in server.locations()? {
        let path = format!("clouds/vmware/cloud-locations/{location}/machines/?maxAge=0&maxResults=1");
        let answer = caller.get_json(&path)?;
        ensure!(answer["meta"]["freshness"]["source"] == "cloud", "not read again: {}", answer["meta"]);
        let last = answer["pagination"]["last"].as_str().context("no last page")?;
        let total = last.rsplit("pageNum=").next().context("no number of pages")?;
        n_stored += total.parse::<u64>()?;
    }
    println!(
        "| the same again, nothing changed, machines alone ({n_stored}): wall, CPU of the server, peak memory | \
         {:.1} s, {:.1} s, {} MiB | reported |",
        begun.elapsed().as_secs_f64(),
        process::cpu_seconds(server.id())? - cpu,
        process::peak_mib(server.id())?
    );
    Ok(())
}
