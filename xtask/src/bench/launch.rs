//! A farm that is launched and terminated, beside a client that makes the calls by hand.

pub mod openstack;
mod replay;
pub mod vsphere;

use std::{
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};

use super::{
    load::Caller,
    process,
    server::Server,
    tap::{Call, Tap, time_in},
};
use crate::run;

/// Calls that the server has under way at once for one account of a cloud (`cloud-http`).
const AT_ONCE: usize = 8;
/// How often it is looked whether the farm is as wanted; wall times are as exact as that.
const LOOK_EVERY: Duration = Duration::from_millis(50);
const PATIENCE: Duration = Duration::from_secs(3600);

/// A farm with one tier, not launched.
pub struct Farm<'a> {
    server: &'a Server,
    pub caller: Caller,
    pub id: String,
    n_servers: usize,
}

/// One way from a status to the next.
pub struct Way {
    wall: Duration,
    /// Of the server, or of the client instead of it, in seconds.
    cpu_s: f64,
    calls: Vec<Call>,
}

impl Farm<'_> {
    /// `needs` are options of `farm-roles add` that only this cloud has.
    fn declare<'a>(
        server: &'a Server,
        name: &str,
        n_servers: usize,
        at: &[&str],
        image: &str,
        needs: &[&str],
    ) -> Result<Farm<'a>> {
        let client = |arguments: &[&str]| run::output(&mut server.client(arguments)?);
        let os = ["--os", "other-linux"];
        client(&[&["images", "register", image, "--name", "base"], &os[..], at].concat())?;
        client(&[&["roles", "create", "base"], &os[..]].concat())?;
        client(&["roles", "add-image", "base", "base"])?;
        client(&["farms", "create", name])?;
        let role = server.json(&["roles", "show", "base"])?["id"].to_string();
        let id = server.json(&["farms", "show", name])?["id"].to_string().replace('"', "");
        let (n, instance_name) = (n_servers.to_string(), format!("{name}-{{SCALR_INSTANCE_INDEX}}"));
        let scale = ["--min", &n, "--max", &n, "--instance-name", &instance_name];
        let tier = ["farm-roles", "add", name, "--alias", "web", "--role", &role];
        client(&[&tier[..], at, needs, &scale[..]].concat())?;
        Ok(Farm { server, caller: Caller::new(server)?, id, n_servers })
    }

    /// Until all servers have this status.
    pub fn bring(&mut self, verb: &str, status: &str, tap: &Tap) -> Result<Way> {
        tap.take();
        let (cpu, begun) = (process::cpu_seconds(self.server.id())?, Instant::now());
        run::output(&mut self.server.client(&["farms", verb, &self.id])?)?;
        while self.count(status)? < self.n_servers {
            ensure!(begun.elapsed() < PATIENCE, "{} servers are {status} in an hour", self.count(status)?);
            sleep(LOOK_EVERY);
        }
        let wall = begun.elapsed();
        Ok(Way { wall, cpu_s: process::cpu_seconds(self.server.id())? - cpu, calls: tap.take() })
    }

    fn count(&mut self, status: &str) -> Result<usize> {
        self.total(&format!("servers/?farm={}&status={status}&maxResults=1", self.id))
    }

    /// Rows of the list at this path.
    pub fn total(&mut self, path: &str) -> Result<usize> {
        let answer = self.caller.get_json(path)?;
        let total = answer["meta"]["total"].as_u64().with_context(|| format!("no total: {}", answer["meta"]))?;
        Ok(usize::try_from(total)?)
    }
}

impl Way {
    /// Calls that were under way on average.
    fn at_once(&self) -> f64 {
        time_in(&self.calls).as_secs_f64() / self.wall.as_secs_f64()
    }

    /// How long a call took on average.
    fn call_ms(&self) -> f64 {
        time_in(&self.calls).as_secs_f64() * 1e3 / self.calls.len().max(1) as f64
    }
}

/// Both ways in turn; of each the fastest counts.
fn print(what: &str, n_servers: usize, ours: &Way, bare: &Way) -> Result<()> {
    let (wall, bare_wall) = (ours.wall.as_secs_f64(), bare.wall.as_secs_f64());
    let each = |way: &Way| way.calls.len() as f64 / n_servers as f64;
    println!("| {what}: wall, ours / bare | {wall:.1} s / {bare_wall:.1} s = {:.2} | 1.10 |", wall / bare_wall);
    println!(
        "| the same: calls for each server; under way on average; mean time of a call | {:.1} / {:.1}; {:.1} / {:.1}; \
         {:.1} ms / {:.1} ms | |",
        each(ours),
        each(bare),
        ours.at_once(),
        bare.at_once(),
        ours.call_ms(),
        bare.call_ms()
    );
    println!(
        "| the same: CPU of the server / of the bare client (load of the machine) | {:.2} s / {:.2} s ({}) | |",
        ours.cpu_s,
        bare.cpu_s,
        process::load()?
    );
    Ok(())
}
