//! What people wait for: pages of long lists, and the client.

use std::time::Instant;

use anyhow::{Context, Result};

use super::{RUNS, load, process, server::Server};
use crate::{
    clouds::Vcenter,
    run::{self, say},
};

const MACHINES: usize = 100_000;
const REQUESTS_PER_S: usize = 200;
const SECONDS: usize = 10;
const CLIENT_RUNS: u32 = 50;

/// Pages of 100 machines from everywhere in a list of 100,000, by id and by name, some filtered.
pub fn pages() -> Result<()> {
    let vcenter = Vcenter::start(8, &["-vm", "2"])?;
    let server = Server::start_new()?;
    server.link(&vcenter)?;
    let location = server.locations()?.into_iter().next().context("no location")?;
    say("storing 100,000 machines");
    for when in ["new", "again, nothing changed"] {
        let stored = server.store_machines(&location, MACHINES)?;
        println!(
            "| storing 100,000 machines, {when}: wall, CPU | {:.1} s, {:.1} s | reported |",
            stored.number("wallSeconds")?,
            stored.number("cpuSeconds")?
        );
    }
    let caller = load::Caller::new(&server)?;
    let base = format!("clouds/vmware/cloud-locations/{location}/machines/?maxResults=100");
    let kinds: [(&str, &str, usize); 4] = [
        ("any page by id", "", MACHINES / 100),
        ("any page by name", "&sort=name", MACHINES / 100),
        ("any page of those that are on", "&powerState=on", MACHINES * 3 / 400),
        ("the first page", "", 1),
    ];
    for (what, query, n_pages) in kinds {
        let path = |n: usize| format!("{base}{query}&pageNum={}", 1 + (n * 7919) % n_pages);
        let what = format!("{what}, 100,000 machines stored");
        rate(&server, &caller, &what, &path)?;
    }
    Ok(())
}

/// How long such pages take at a steady rate; the best of some runs.
pub fn rate(server: &Server, caller: &load::Caller, what: &str, path: &(dyn Fn(usize) -> String + Sync)) -> Result<()> {
    let mut best: Option<load::Latencies> = None;
    let cpu = process::cpu_seconds(server.id())?;
    for _ in 0..RUNS {
        let run = load::run(caller, REQUESTS_PER_S, REQUESTS_PER_S * SECONDS, path)?;
        best = Some(match best {
            Some(best) if best.p99 < run.p99 => best,
            _ => run,
        });
    }
    let cpu = (process::cpu_seconds(server.id())? - cpu) / (RUNS * REQUESTS_PER_S * SECONDS) as f64;
    let load::Latencies { p50, p99, max } = best.context("nothing was run")?;
    println!(
        "| {what}, {REQUESTS_PER_S} requests/s: p99 (p50, max, CPU for each) | {:.1} ms ({:.1} ms, {:.1} ms, {:.1} ms) \
         | 50 ms |",
        p99.as_secs_f64() * 1e3,
        p50.as_secs_f64() * 1e3,
        max.as_secs_f64() * 1e3,
        cpu * 1e3
    );
    Ok(())
}

/// A short list by the client: the whole process with its request.
pub fn client() -> Result<()> {
    let server = Server::start_new()?;
    let mut list = server.client(&["environments", "list"])?;
    run::output(&mut list)?;
    let (mut wall_ms, mut cpu_ms) = (f64::INFINITY, f64::INFINITY);
    for _ in 0..RUNS {
        let (cpu, begun) = (process::cpu_seconds_of_children()?, Instant::now());
        for _ in 0..CLIENT_RUNS {
            run::output(&mut list)?;
        }
        wall_ms = wall_ms.min(begun.elapsed().as_secs_f64() * 1e3 / f64::from(CLIENT_RUNS));
        cpu_ms = cpu_ms.min((process::cpu_seconds_of_children()? - cpu) * 1e3 / f64::from(CLIENT_RUNS));
    }
    println!("| `stackyard environments list`, mean of 50: wall, CPU | {wall_ms:.1} ms, {cpu_ms:.1} ms | 30 ms |");
    Ok(())
}
