//! vCenter simulators that outlive the demo that started them. What runs is written down, so that the next one finds it.

use std::{
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread::sleep,
    time::Duration,
};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

/// A process of this or an earlier run. Goes on when dropped.
pub struct Kept {
    pub id: u64,
    pub url: String,
    /// Its command line; together with the id this is known not to be another process.
    command: Vec<String>,
    record: PathBuf,
}

impl Kept {
    /// What was written down at this path, where it still runs.
    pub fn find(record: &Path) -> Result<Option<Kept>> {
        let text = match fs::read_to_string(record) {
            Ok(text) => text,
            Err(err) if err.kind() == ErrorKind::NotFound => return Ok(None),
            Err(err) => return Err(err).with_context(|| format!("cannot read {}", record.display())),
        };
        let read = || {
            let facts: Value = serde_json::from_str(&text).ok()?;
            let words = facts["command"].as_array()?.iter().map(|it| it.as_str().map(str::to_owned));
            Some(Kept {
                id: facts["id"].as_u64()?,
                url: facts["url"].as_str()?.to_owned(),
                command: words.collect::<Option<_>>()?,
                record: record.to_owned(),
            })
        };
        let kept = read().with_context(|| format!("{} is not understood; delete it", record.display()))?;
        Ok(kept.runs().then_some(kept))
    }

    /// Starts a simulator in a process group of its own, and returns when it answers. One that does not is ended.
    pub fn start(record: &Path, command: &[String]) -> Result<Kept> {
        Kept::start_and_look(record, command, 600)
    }

    fn start_and_look(record: &Path, command: &[String], n_looks: usize) -> Result<Kept> {
        use std::os::unix::process::CommandExt;
        let [program, arguments @ ..] = command else { bail!("no command") };
        let output = record.with_extension("out");
        let log = fs::File::create(record.with_extension("log"))?;
        let mut process = Command::new(program);
        process.args(arguments).process_group(0).stdin(Stdio::null());
        let started = process.stdout(fs::File::create(&output)?).stderr(log).spawn();
        let mut child = started.with_context(|| format!("cannot start {program}"))?;
        let id = u64::from(child.id());
        let answered = || {
            for _ in 0..n_looks {
                let line = fs::read_to_string(&output)?;
                if line.ends_with('\n') {
                    let facts: Value =
                        serde_json::from_str(&line).with_context(|| format!("not understood: {line}"))?;
                    let url = facts["url"].as_str().context("the simulator names no URL")?.to_owned();
                    fs::write(record, json!({ "id": id, "url": url, "command": command }).to_string())?;
                    return Ok(Kept { id, url, command: command.to_vec(), record: record.to_owned() });
                }
                sleep(Duration::from_millis(50));
            }
            bail!("the vCenter simulator does not answer; see {}", record.with_extension("log").display())
        };
        let kept = answered();
        if kept.is_err() {
            // Nobody would find it again: it is not written down.
            let _ = child.kill();
            let _ = child.wait();
        }
        kept
    }

    pub fn was_started_by(&self, command: &[String]) -> bool {
        self.command == command
    }

    /// Ends it, and forgets it.
    pub fn end(&self) -> Result<()> {
        // Sent by a program, since signals need unsafe code otherwise.
        Command::new("kill").arg(self.id.to_string()).stderr(Stdio::null()).status()?;
        for _ in 0..200 {
            if !self.runs() {
                return fs::remove_file(&self.record).context("cannot forget a simulator");
            }
            sleep(Duration::from_millis(50));
        }
        bail!("the vCenter simulator with the process id {} does not end", self.id)
    }

    fn runs(&self) -> bool {
        let words = fs::read(format!("/proc/{}/cmdline", self.id)).unwrap_or_default();
        let words = words.strip_suffix(&[0]).unwrap_or(&words);
        words.split(|it| *it == 0).eq(self.command.iter().map(String::as_bytes))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;

    /// Whatever it says instead of its URL, and where it says nothing.
    #[test]
    fn one_that_does_not_answer_is_ended() {
        let folder = std::env::temp_dir().join(format!("stackyard-kept-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        for (n, said) in ["", "echo nonsense;", "echo '{}';"].into_iter().enumerate() {
            let record = folder.join(format!("vcenter-{n}.json"));
            // Longer than anybody waits, and not the same in any other process.
            let seconds = format!("9{n}{:09}", std::process::id());
            let script = format!("{said} exec sleep {seconds}");
            let command = ["/bin/sh", "-c", &script].map(str::to_owned);
            assert!(Kept::start_and_look(&record, &command, 20).is_err(), "{said}");
            assert!(!is_running(&seconds), "{said:?} goes on");
            assert!(!record.exists(), "{said}");
        }
        fs::remove_dir_all(&folder).unwrap();
    }

    /// A process with this in its command line.
    fn is_running(text: &str) -> bool {
        let processes = fs::read_dir("/proc").unwrap().filter_map(Result::ok);
        let lines = processes.filter_map(|it| fs::read(it.path().join("cmdline")).ok());
        lines.into_iter().any(|it| String::from_utf8_lossy(&it).contains(text))
    }
}
