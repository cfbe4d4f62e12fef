//! Clones on the simulator: our calls are recorded, and sent again to a fresh one.

use std::{collections::BTreeMap, time::Instant};

use anyhow::{Context, Result, ensure};

use super::{
    AT_ONCE, Farm, Way, print,
    replay::{self, Replay},
};
use crate::{
    bench::{Asked, RUNS, server::Server, tap::Tap},
    clouds::Vcenter,
    run::say,
};

/// The same inventory each time, with the same references. Not by TLS: the tap has to read.
pub const FLAGS: &[&str] = &["-template", "1", "-plain"];
/// Milliseconds that each call takes besides: as it is, the simulator answers within one, and as a vCenter that takes
/// its time.
const DELAYS: [&str; 2] = ["0", "20"];

pub fn run(asked: &Asked) -> Result<()> {
    for delay in DELAYS {
        let (mut launches, mut terminations) = (Vec::new(), Vec::new());
        for _ in 0..RUNS {
            let (launch, termination) = once(asked.n_servers, delay)?;
            launches.push(launch);
            terminations.push(termination);
        }
        let n = asked.n_servers;
        for (what, runs) in [("launched", &launches), ("terminated", &terminations)] {
            let ours = runs.iter().map(|it| &it.0).min_by_key(|it| it.wall).context("nothing was run")?;
            let bare = runs.iter().map(|it| &it.1).min_by_key(|it| it.wall).context("nothing was run")?;
            print(&format!("{n} clones, {delay} ms a call besides, {what}"), n, ours, bare)?;
            say(format!("{what}: {}", methods(ours)));
        }
    }
    Ok(())
}

/// A farm on the simulator that the server is linked to.
pub fn declare(server: &Server, n_servers: usize) -> Result<Farm<'_>> {
    let location = server.locations()?.into_iter().next().context("no location")?;
    let at = ["--cloud", "vmware", "--location", &location];
    let images = server.json(&[&["cloud-images", "list"], &at[..]].concat())?;
    let image = images[0]["id"].as_str().context("the simulator has no template")?.to_owned();
    let there = ["--folder", "vm", "--compute-resource", "DC0_C0", "--network", "VM Network"];
    let needs = [&there[..], &["--instance-type", "small"]].concat();
    Farm::declare(server, "bench", n_servers, &at, &image, &needs)
}

/// Launch and termination, ours and bare.
fn once(n_servers: usize, delay: &str) -> Result<((Way, Way), (Way, Way))> {
    let flags = [FLAGS, &["-delay", delay]].concat();
    say(format!("launching and terminating {n_servers} clones"));
    let (login, before, launch, termination) = {
        let vcenter = Vcenter::start(7, &flags)?;
        let tap = Tap::start(&[place(&vcenter.url)?])?;
        let server = Server::start_new()?;
        server.link_at(&tap.url(&vcenter.url))?;
        let mut farm = declare(&server, n_servers)?;
        let login = tap.take();
        let before = replay::names(&login);
        let launch = without_watch(farm.bring("launch", "running", &tap)?);
        let termination = without_watch(farm.bring("terminate", "terminated", &tap)?);
        (login, before, launch, termination)
    };
    say("the same calls by a bare client");
    let vcenter = Vcenter::start(7, &flags)?;
    let tap = Tap::start(&[place(&vcenter.url)?])?;
    let mut bare = Replay::log_in(&place(&tap.url(&vcenter.url))?, &login)?;
    let mut again = |way: &Way| -> Result<Way> {
        tap.take();
        let begun = Instant::now();
        let cpu = bare.send(&way.calls, &before, AT_ONCE)?;
        let again = Way { wall: begun.elapsed(), cpu_s: cpu.as_secs_f64(), calls: tap.take() };
        let (n, n_recorded) = (again.calls.len(), way.calls.len());
        ensure!(n == n_recorded, "{n} calls were sent again instead of {n_recorded}");
        Ok(again)
    };
    let (bare_launch, bare_termination) = (again(&launch)?, again(&termination)?);
    Ok(((launch, bare_launch), (termination, bare_termination)))
}

/// The watch waits for what is changed by the others, and its answers are made of that: it cannot be sent again. Its time
/// and CPU stay with the server.
fn without_watch(mut way: Way) -> Way {
    const METHODS: [&str; 4] =
        ["CreatePropertyCollector", "CreateFilter", "WaitForUpdatesEx", "DestroyPropertyCollector"];
    way.calls.retain(|it| !METHODS.contains(&replay::method(&it.request).as_str()));
    way
}

/// `host:port` of a URL.
fn place(url: &str) -> Result<String> {
    Ok(url.split('/').nth(2).with_context(|| format!("{url} has no host"))?.to_owned())
}

/// How often each method was called.
fn methods(way: &Way) -> String {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for call in &way.calls {
        *counts.entry(replay::method(&call.request)).or_default() += 1;
    }
    counts.iter().map(|(method, n)| format!("{method} {n}")).collect::<Vec<_>>().join(", ")
}
