//! Measures what this driver needs, beside requests made by hand. `cargo xtask bench` runs it.
//!
//! `measure --keystone URL --user NAME --project NAME WORK` prints one line of JSON; the password is in `OS_PASSWORD`.
#![allow(clippy::print_stdout)]

mod bare;
mod driver;

use std::{error::Error, fs, time::Instant};

use clap::{Parser, Subcommand};

#[derive(Parser)]
struct Flags {
    /// With `/v3`.
    #[arg(long)]
    keystone: String,
    #[arg(long)]
    user: String,
    #[arg(long, env = "OS_PASSWORD", hide_env_values = true)]
    password: String,
    #[arg(long)]
    project: String,
    #[command(subcommand)]
    work: Work,
}

#[derive(Subcommand)]
enum Work {
    /// Reads flavors and servers by the driver
    Driver { rounds: usize },
    /// Reads them by the same requests, made by hand
    Bare { rounds: usize },
    /// Validates credentials, one after the other or all at once
    Validate {
        credentials: usize,
        #[arg(long)]
        at_once: bool,
    },
}

/// What was read, by how many requests and bytes of bodies.
struct Done {
    what: String,
    calls: u64,
    bytes: u64,
}

/// CPU and wall time so far.
struct Spent {
    begun: Instant,
    cpu_s: f64,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let flags = Flags::parse();
    let (done, spent) = match flags.work {
        Work::Driver { rounds } => driver::read(&flags, rounds).await?,
        Work::Bare { rounds } => bare::read(&flags, rounds).await?,
        Work::Validate { credentials, at_once } => driver::validate(&flags, credentials, at_once).await?,
    };
    let line = serde_json::json!({
        "what": done.what,
        "calls": done.calls,
        "bytes": done.bytes,
        "wallSeconds": spent.begun.elapsed().as_secs_f64(),
        "cpuSeconds": cpu_seconds()? - spent.cpu_s,
        "peakRssBytes": peak_rss()?,
    });
    println!("{line}");
    Ok(())
}

impl Spent {
    /// From now on.
    fn new() -> Result<Spent, Box<dyn Error>> {
        Ok(Spent { begun: Instant::now(), cpu_s: cpu_seconds()? })
    }
}

/// The time all threads were on a CPU: the first field of `schedstat`, in nanoseconds
/// (<https://docs.kernel.org/scheduler/sched-stats.html>). `/proc/self/stat` counts in hundredths of a second only.
fn cpu_seconds() -> Result<f64, Box<dyn Error>> {
    let mut sum_ns = 0;
    for thread in fs::read_dir("/proc/self/task")? {
        let text = fs::read_to_string(thread?.path().join("schedstat"))?;
        sum_ns += text.split(' ').next().unwrap_or_default().parse::<u64>()?;
    }
    Ok(sum_ns as f64 / 1e9)
}

/// `VmHWM` of proc_pid_status(5).
fn peak_rss() -> Result<u64, Box<dyn Error>> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|it| it.strip_prefix("VmHWM:")).ok_or("no VmHWM")?;
    Ok(line.trim().trim_end_matches(" kB").trim().parse::<u64>()? * 1024)
}
