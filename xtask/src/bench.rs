//! Measures against the budgets, as ratios side by side in one run. Prints a table for docs/performance.md.

mod ask;
mod console;
mod http;
mod launch;
mod lists;
mod live;
mod load;
mod openstack;
mod process;
mod server;
mod servers;
mod start;
mod tap;
mod vcenter;

use std::{path::PathBuf, process::Command};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::run::{self, root, say};

/// Each side of a comparison, in turn; the best counts.
const RUNS: usize = 3;

type Bench = (&'static str, fn(&Asked) -> Result<()>);
const BENCHES: [Bench; 12] = [
    ("start", |_| start::run()),
    ("vcenter", |_| vcenter::read()),
    ("memory", |_| vcenter::memory()),
    ("openstack", |_| openstack::run()),
    ("live", |_| live::changes()),
    ("managed", |_| live::managed()),
    ("lists", |_| lists::pages()),
    ("servers", |_| servers::run()),
    ("client", |_| lists::client()),
    ("console", |_| console::run()),
    ("launch", launch::vsphere::run),
    ("launch-openstack", launch::openstack::run),
];

/// What the command line says besides names.
struct Asked {
    /// Of a farm that is launched.
    n_servers: usize,
}

/// Those that are named, or all. `--no-build` measures what was built before; `--servers N` is the size of farms.
pub fn run(arguments: &[String]) -> Result<()> {
    let (mut names, mut asked, mut builds) = (Vec::new(), Asked { n_servers: 200 }, true);
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--no-build" => builds = false,
            "--servers" => {
                let number = arguments.next().and_then(|it| it.parse().ok());
                asked.n_servers = number.context("--servers is a number")?;
            }
            unknown if unknown.starts_with("--") => {
                bail!("{unknown:?} is not known; there are --no-build and --servers N")
            }
            _ => names.push(argument),
        }
    }
    if let Some(unknown) = names.iter().find(|name| BENCHES.iter().all(|(known, _)| known != *name)) {
        let known = BENCHES.map(|(name, _)| name).join(", ");
        bail!("there is no bench {unknown:?}; there are {known}");
    }
    if builds {
        build()?;
    }
    println!("| what | measured | budget |\n| --- | --- | --- |");
    for (name, bench) in BENCHES {
        if names.is_empty() || names.iter().any(|it| *it == name) {
            bench(&asked).with_context(|| format!("the bench {name}"))?;
        }
    }
    Ok(())
}

/// All by one command: by several, what they share would be built once for each set of features.
fn build() -> Result<()> {
    // A program that is built with optimisation holds the console.
    crate::console::build()?;
    say("building with optimisation");
    let mut command = Command::new("cargo");
    command.args(["build", "--quiet", "--release", "--bin", "stackyard"]);
    for package in ["cli", "cloud-vsphere", "cloud-openstack", "store"] {
        command.args(["--package", package]);
    }
    for example in ["read_vms", "measure", "store_machines", "manage_machines"] {
        command.args(["--example", example]);
    }
    run::run(&mut command)
}

/// A program or example that was built; `examples/NAME` for the latter.
fn built(name: &str) -> PathBuf {
    target().join("release").join(name)
}

fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// What a measuring program says of itself in the one line of JSON that has figures.
struct Figures(Value);

impl Figures {
    fn of(command: &mut Command) -> Result<Figures> {
        Figures::all(command)?.into_iter().next().context("no figures")
    }

    /// One for each such line.
    fn all(command: &mut Command) -> Result<Vec<Figures>> {
        let text = run::output(command)?;
        let lines = text.lines().filter_map(|it| serde_json::from_str::<Value>(it).ok());
        Ok(lines.filter(|it| it["cpuSeconds"].is_number()).map(Figures).collect())
    }

    fn number(&self, key: &str) -> Result<f64> {
        self.0[key].as_f64().with_context(|| format!("no {key} in {}", self.0))
    }

    fn text(&self, key: &str) -> &str {
        self.0[key].as_str().unwrap_or_default()
    }
}

/// The least of a figure over all runs.
fn best(runs: &[Figures], key: &str) -> Result<f64> {
    let all: Vec<f64> = runs.iter().map(|it| it.number(key)).collect::<Result<_>>()?;
    all.into_iter().reduce(f64::min).context("nothing was run")
}

const MIB: f64 = 1024.0 * 1024.0;
