//! The console in a browser: pages that are opened with an empty cache, and a long list. `ui/bench` measures.

use anyhow::{Context, Result, ensure};

use super::{Figures, server::Server};
use crate::{clouds::Vcenter, console, run::say};

const MACHINES: usize = 20_000;

/// Interactive: the parts of the page are drawn, and a key that was pressed then has its effect on the screen. The core
/// is slowed down to a quarter for that, and for nothing else.
pub fn run() -> Result<()> {
    let vcenter = Vcenter::start(9, &["-vm", "2"])?;
    let server = Server::start_new()?;
    server.link(&vcenter)?;
    let location = server.locations()?.into_iter().next().context("no location")?;
    say("storing 20,000 machines");
    server.store_machines(&location, MACHINES)?;
    let admin = server.admin()?;
    let text = |key: &str| admin[key].as_str().with_context(|| format!("no {key} of the administrator"));
    say("opening the console");
    let mut command = console::in_browser("bench")?;
    command.env("STACKYARD_BENCH_URL", format!("http://{}", server.address));
    command.env("STACKYARD_BENCH_EMAIL", text("email")?).env("STACKYARD_BENCH_PASSWORD", text("password")?);
    let list = format!("/environment-{}/inventory/vmware/{location}/machines", server.environment()?);
    let all = Figures::all(command.env("STACKYARD_BENCH_LIST", list))?;
    ensure!(!all.is_empty(), "the browser has measured nothing");
    for it in &all {
        let (what, cpu_ms) = (it.text("what"), it.number("cpuSeconds")? * 1e3);
        if let Ok(interactive_ms) = it.number("interactiveMs") {
            println!(
                "| {what}: interactive with a quarter of a core (whole: wall, CPU of the main thread; transferred) | \
                 {interactive_ms:.0} ms ({:.0} ms, {cpu_ms:.0} ms; {:.0} kB) | 1,000 ms |",
                it.number("unslowedMs")?,
                it.number("kilobytes")?
            );
        } else {
            println!(
                "| {what}, 20,000 machines: longest task by the clock, by CPU (CPU of all) | \
                 {:.0} ms, {:.0} ms ({cpu_ms:.0} ms) | 100 ms |",
                it.number("taskMs")?,
                it.number("taskCpuMs")?
            );
        }
    }
    Ok(())
}
