//! Running programs, and telling what goes on.

use std::{
    io::{Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::OnceLock,
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

/// The folder of the workspace.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."))
}

/// Where cargo builds.
pub fn target() -> PathBuf {
    let named = std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
    root().join(named)
}

/// Where software and other things that outlive a checkout are kept.
pub fn cache() -> PathBuf {
    if let Some(folder) = std::env::var_os("STACKYARD_CACHE") {
        return folder.into();
    }
    let base = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let base = base.or_else(|| std::env::var_os("HOME").map(|it| Path::new(&it).join(".cache")));
    base.unwrap_or_else(std::env::temp_dir).join("stackyard")
}

/// A line of progress with the seconds since the start.
pub fn say(text: impl std::fmt::Display) {
    static BEGUN: OnceLock<Instant> = OnceLock::new();
    let begun = BEGUN.get_or_init(Instant::now);
    eprintln!("[{:>6.1} s] {text}", begun.elapsed().as_secs_f64());
}

/// Runs a program to its end; its output is shown.
pub fn run(command: &mut Command) -> Result<()> {
    let name = name(command);
    let status = command.current_dir(root()).status().with_context(|| format!("cannot start {name}"))?;
    if !status.success() {
        bail!("{name} failed ({status})");
    }
    Ok(())
}

/// Runs a program to its end and returns what it wrote to its standard output.
pub fn output(command: &mut Command) -> Result<String> {
    let name = name(command);
    let output = command.current_dir(root()).stderr(Stdio::inherit()).output();
    let output = output.with_context(|| format!("cannot start {name}"))?;
    if !output.status.success() {
        bail!("{name} failed ({}): {}", output.status, String::from_utf8_lossy(&output.stdout));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

pub fn name(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|it| it.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

/// Whether a server of ours says that it is ready.
pub fn is_ready(address: &str) -> bool {
    let Ok(mut stream) = TcpStream::connect(address) else { return false };
    let _ = stream.set_read_timeout(Some(Duration::from_secs(2)));
    let request = format!("GET /readyz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    let mut answer = String::new();
    stream.write_all(request.as_bytes()).is_ok()
        && stream.read_to_string(&mut answer).is_ok()
        && answer.starts_with("HTTP/1.1 200")
}

/// A program that runs beside us. Asked to end when dropped: first by closing its standard input, then by SIGTERM.
pub struct Beside {
    name: String,
    child: Child,
}

impl Beside {
    /// In a process group of its own, so that Ctrl-C reaches only us and the order of ending is ours.
    pub fn start(name: &str, command: &mut Command) -> Result<Beside> {
        use std::os::unix::process::CommandExt;
        let started = command.current_dir(root()).process_group(0).stdin(Stdio::piped()).spawn();
        let child = started.with_context(|| format!("cannot start {name}"))?;
        Ok(Beside { name: name.to_owned(), child })
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    pub fn stdout(&mut self) -> Option<std::process::ChildStdout> {
        self.child.stdout.take()
    }

    /// Fails when the program has ended on its own.
    pub fn check(&mut self) -> Result<()> {
        match self.child.try_wait()? {
            None => Ok(()),
            Some(status) => bail!("{} ended ({status})", self.name),
        }
    }

    /// Waits until the program has ended, at most this long.
    fn wait(&mut self, patience: Duration) -> bool {
        let begun = Instant::now();
        while begun.elapsed() < patience {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return true;
            }
            sleep(Duration::from_millis(50));
        }
        false
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        if matches!(self.child.try_wait(), Ok(Some(_))) {
            return;
        }
        // Sent by a program, since signals need unsafe code otherwise.
        let _ = Command::new("kill").arg(self.child.id().to_string()).stderr(Stdio::null()).status();
        if !self.wait(Duration::from_secs(60)) {
            eprintln!("{} does not end; killing it", self.name);
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}
