//! Measures what this driver needs to read all VMs of a vCenter: the counterpart of `dev/vcsim/baseline`.
//!
//! `read_vms --url https://HOST:PORT/sdk --user NAME [--password PASSWORD]` prints one line of JSON. The certificate
//! is not verified, as in the baseline.
#![allow(clippy::print_stdout)]

use std::{fs, sync::Arc, time::Instant};

use clap::Parser;
use cloud::Cloud;
use cloud_http::{AddressRules, Exit};
use cloud_vsphere::{Config, Vsphere};
use futures_util::TryStreamExt;

#[derive(Parser)]
struct Flags {
    #[arg(long)]
    url: String,
    #[arg(long)]
    user: String,
    #[arg(long, env = "VSPHERE_PASSWORD", default_value = "")]
    password: String,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let flags = Flags::parse();
    let everywhere = vec!["0.0.0.0/0".parse()?, "::/0".parse()?];
    let config = Config {
        url: flags.url,
        linked_vcenters: Vec::new(),
        user_name: flags.user,
        ssl_verification: false,
        ca_certificate: None,
        certificate_fingerprints: Vec::new(),
    };
    let exit = Arc::new(Exit::new(AddressRules::new(Some(everywhere)), None));
    let vsphere = Vsphere::new(config, flags.password.into(), exit.clone())?;
    // The login is not measured, as in the baseline.
    vsphere.locations().await?;
    let (cpu, bytes, begun) = (cpu_seconds()?, exit.traffic().1, Instant::now());
    let (mut n_vms, mut n_with_address) = (0, 0);
    let mut pieces = vsphere.outlines();
    while let Some(piece) = pieces.try_next().await? {
        n_vms += piece.len();
        n_with_address += piece.iter().filter(|it| it.ip_address.is_some()).count();
    }
    let line = serde_json::json!({
        "set": "8 properties",
        "vms": n_vms,
        "withAddress": n_with_address,
        "wallSeconds": begun.elapsed().as_secs_f64(),
        "cpuSeconds": cpu_seconds()? - cpu,
        "bytes": exit.traffic().1 - bytes,
        "peakRssBytes": peak_rss()?,
    });
    println!("{line}");
    drop(pieces);
    vsphere.close().await;
    Ok(())
}

/// User and system time of this process: fields 14 and 15 of proc_pid_stat(5), in ticks of 1/100 s.
fn cpu_seconds() -> Result<f64, Box<dyn std::error::Error>> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    // The second field is the name, in brackets, and may hold spaces.
    let fields: Vec<_> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |index: usize| fields.get(index - 3).and_then(|it| it.parse::<f64>().ok()).unwrap_or_default();
    Ok((ticks(14) + ticks(15)) / 100.0)
}

/// `VmHWM` of proc_pid_status(5).
fn peak_rss() -> Result<u64, Box<dyn std::error::Error>> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|it| it.strip_prefix("VmHWM:")).ok_or("no VmHWM")?;
    Ok(line.trim().trim_end_matches(" kB").parse::<u64>()? * 1024)
}
