//! The real program: a server on a free port of loopback with an empty data directory, and clients with a home of
//! their own.

use std::{
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use serde_json::Value;
use tempfile::TempDir;

pub const PROGRAM: &str = env!("CARGO_BIN_EXE_stackyard");
/// Clouds on loopback may be reached.
pub const TOML: &str = "allowed_cloud_networks = [\"127.0.0.0/8\", \"::1/128\"]\n";

/// A server and the home of a user; both end with this value.
pub struct Lab {
    pub url: String,
    pub data_dir: TempDir,
    pub home: TempDir,
    server: Child,
}

/// A client that ended.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Lab {
    /// With the administrator logged in, by the current context.
    pub fn start() -> Lab {
        let lab = Lab::with(TOML);
        lab.log_in();
        lab
    }

    /// With a configuration and no context.
    pub fn with(toml: &str) -> Lab {
        let data_dir = tempfile::tempdir().unwrap();
        std::fs::write(data_dir.path().join("stackyard.toml"), toml).unwrap();
        let (server, url) = Lab::serve(data_dir.path(), "127.0.0.1:0");
        Lab { url, data_dir, home: tempfile::tempdir().unwrap(), server }
    }

    /// Another server on the same database, and the same user's home beside it.
    pub fn beside(&self) -> Lab {
        let data_dir = tempfile::tempdir().unwrap();
        for name in ["stackyard.toml", "master.key", "initial-admin.json"] {
            std::fs::copy(self.data_dir.path().join(name), data_dir.path().join(name)).unwrap();
        }
        let (server, url) = Lab::serve(data_dir.path(), "127.0.0.1:0");
        let lab = Lab { url, data_dir, home: tempfile::tempdir().unwrap(), server };
        lab.log_in();
        lab
    }

    /// As the administrator, by the current context.
    pub fn log_in(&self) {
        let login = self.data_dir.path().join("initial-admin.json");
        self.run(&["login", "--url", &self.url, "--from-file", login.to_str().unwrap()]).ok();
    }

    /// `-9`, `-STOP`, `-CONT`.
    pub fn signal(&self, signal: &str) {
        let id = self.process_id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
    }

    /// Returns when it listens.
    fn serve(data_dir: &Path, listen: &str) -> (Child, String) {
        let mut server = Lab::server(data_dir, listen).stderr(Stdio::piped()).spawn().unwrap();
        let stderr = BufReader::new(server.stderr.take().unwrap());
        let (sender, receiver) = mpsc::channel();
        // Read to the end, so that the server never waits for somebody to read its log.
        thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        let mut log = Vec::new();
        loop {
            match receiver.recv_timeout(Duration::from_secs(60)) {
                Ok(line) => match line.split_once("ready on ") {
                    Some((_, rest)) => return (server, rest.split_whitespace().next().unwrap().to_owned()),
                    None => log.push(line),
                },
                Err(_) => panic!("the server did not start: {log:#?}"),
            }
        }
    }

    fn server(data_dir: &Path, listen: &str) -> Command {
        let mut command = bare(PROGRAM);
        command.args(["server", "--listen", listen, "--data-dir"]).arg(data_dir);
        command.arg("--config").arg(data_dir.join("stackyard.toml"));
        command
    }

    /// Of the server.
    pub fn process_id(&self) -> u32 {
        self.server.id()
    }

    /// Starts the server again at its address, after somebody killed it.
    pub fn restart(&mut self) {
        self.server.wait().unwrap();
        (self.server, _) = Lab::serve(self.data_dir.path(), self.url.trim_start_matches("http://"));
    }

    pub fn config(&self) -> PathBuf {
        self.data_dir.path().join("stackyard.toml")
    }

    /// What the first start wrote.
    pub fn admin(&self) -> Value {
        serde_json::from_str(&std::fs::read_to_string(self.data_dir.path().join("initial-admin.json")).unwrap())
            .unwrap()
    }

    /// Runs the client.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        self.run_with(arguments, &[], None)
    }

    pub fn run_with(&self, arguments: &[&str], variables: &[(&str, &str)], stdin: Option<&str>) -> Ran {
        let mut command = self.command(arguments);
        command.envs(variables.iter().copied());
        finish(command, stdin)
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = bare(PROGRAM);
        command.args(arguments).env("HOME", self.home.path()).current_dir(self.home.path());
        command
    }

    /// The answer as JSON; must succeed.
    pub fn json(&self, arguments: &[&str]) -> Value {
        let ran = self.run(&[arguments, &["-o", "json"]].concat()).ok();
        serde_json::from_str(&ran.stdout).unwrap_or_else(|err| panic!("{err}: {ran:?}"))
    }

    /// A file in the home of the user.
    pub fn file(&self, name: &str, text: &str) -> String {
        let path = self.home.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// Ends the server as an operator would.
    pub fn stop(&mut self) {
        self.signal("-TERM");
        self.server.wait().unwrap();
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// Without the variables of whoever runs the tests.
pub fn bare(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(program);
    command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

pub fn finish(mut command: Command, stdin: Option<&str>) -> Ran {
    if stdin.is_some() {
        command.stdin(Stdio::piped());
    }
    let mut child = command.spawn().unwrap();
    if let Some(text) = stdin {
        // The program may end without reading it.
        let _ = child.stdin.take().unwrap().write_all(text.as_bytes());
    }
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran { code: output.status.code().unwrap_or(-1), stdout: text(output.stdout), stderr: text(output.stderr) }
}

impl Ran {
    #[track_caller]
    pub fn ok(self) -> Ran {
        self.exits(0)
    }

    #[track_caller]
    pub fn exits(self, code: i32) -> Ran {
        assert_eq!(self.code, code, "{}\n{}", self.stdout, self.stderr);
        self
    }

    /// On standard output.
    #[track_caller]
    pub fn says(self, text: &str) -> Ran {
        assert!(self.stdout.contains(text), "no {text:?} in: {}\n{}", self.stdout, self.stderr);
        self
    }

    /// On standard error.
    #[track_caller]
    pub fn notes(self, text: &str) -> Ran {
        assert!(self.stderr.contains(text), "no {text:?} in: {}\n{}", self.stderr, self.stdout);
        self
    }

    /// Nowhere.
    #[track_caller]
    pub fn hides(self, text: &str) -> Ran {
        assert!(!self.stdout.contains(text) && !self.stderr.contains(text), "{}\n{}", self.stdout, self.stderr);
        self
    }
}
