//! Measures against the budgets, as ratios side by side in one run. Prints a table for docs/performance.md.

mod console;
mod lists;
mod load;
mod openstack;
mod process;
mod server;
mod start;
mod vcenter;

use std::{path::PathBuf, process::Command};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::run::{self, root, say};

/// Each side of a comparison, in turn; the best counts.
const RUNS: usize = 3;

type Bench = (&'static str, fn() -> Result<()>);
const BENCHES: [Bench; 7] = [
    ("start", start::run),
    ("vcenter", vcenter::read),
    ("memory", vcenter::memory),
    ("openstack", openstack::run),
    ("lists", lists::pages),
    ("client", lists::client),
    ("console", console::run),
];

/// Those that are named, or all. `--no-build` measures what was built before.
pub fn run(arguments: &[String]) -> Result<()> {
    let (options, names): (Vec<&String>, Vec<&String>) = arguments.iter().partition(|it| it.starts_with("--"));
    if let Some(unknown) = options.iter().find(|it| **it != "--no-build") {
        bail!("{unknown:?} is not known; there is --no-build");
    }
    if let Some(unknown) = names.iter().find(|name| BENCHES.iter().all(|(known, _)| known != *name)) {
        let known = BENCHES.map(|(name, _)| name).join(", ");
        bail!("there is no bench {unknown:?}; there are {known}");
    }
    if options.is_empty() {
        build()?;
    }
    println!("| what | measured | budget |\n| --- | --- | --- |");
    for (name, bench) in BENCHES {
        if names.is_empty() || names.iter().any(|it| *it == name) {
            bench().with_context(|| format!("the bench {name}"))?;
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
    for example in ["read_vms", "measure", "store_machines"] {
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
