use std::{
    fs,
    net::TcpListener,
    path::PathBuf,
    process::{Command, Stdio},
    thread::sleep,
    time::Duration,
};

use anyhow::{Context, Result, bail};

use crate::{
    packages,
    run::{Beside, run, say},
};

const BIN: &str = "/usr/lib/postgresql/15/bin";

/// A PostgreSQL of its own in a temporary folder, gone when dropped.
pub struct Postgres {
    pub url: String,
    server: Option<Beside>,
    folder: PathBuf,
}

impl Postgres {
    /// Under the user `postgres` when we are root, which PostgreSQL refuses.
    pub fn start() -> Result<Postgres> {
        packages::debian(&[("/usr/lib/postgresql/15/bin/postgres", "postgresql-15")])?;
        let folder = std::env::temp_dir().join(format!("stackyard-pg-{}", std::process::id()));
        fs::create_dir_all(&folder)?;
        let is_root = fs::metadata("/proc/self").map(|it| std::os::unix::fs::MetadataExt::uid(&it) == 0)?;
        if is_root {
            run(Command::new("chown").arg("postgres:").arg(&folder))?;
        }
        let as_user = |program: &str| {
            let program = format!("{BIN}/{program}");
            if !is_root {
                return Command::new(program);
            }
            let mut command = Command::new("setpriv");
            command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]).arg(program);
            command
        };
        let data = folder.join("data");
        let mut init = as_user("initdb");
        run(init
            .args(["-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-sync", "-D"])
            .arg(&data)
            .stdout(Stdio::null()))?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut command = as_user("postgres");
        command.arg("-D").arg(&data).args(["-h", "127.0.0.1", "-p", &port.to_string(), "-F", "-k"]).arg(&folder);
        command.args(["-c", "max_connections=400"]);
        let log = fs::File::create(folder.join("log")).context("cannot write the log of PostgreSQL")?;
        let server = Beside::start("PostgreSQL", command.stdout(log.try_clone()?).stderr(log))?;
        let url = format!("postgres://postgres@127.0.0.1:{port}/postgres");
        let mut postgres = Postgres { url, server: Some(server), folder };
        for _ in 0..200 {
            if let Some(server) = &mut postgres.server {
                server.check()?;
            }
            let mut ready = Command::new(format!("{BIN}/pg_isready"));
            let ready = ready.args(["-q", "-h", "127.0.0.1", "-p", &port.to_string()]).status();
            if ready.is_ok_and(|it| it.success()) {
                say(format!("PostgreSQL answers on port {port}"));
                return Ok(postgres);
            }
            sleep(Duration::from_millis(100));
        }
        bail!("PostgreSQL does not answer; see {}", postgres.folder.join("log").display())
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.server = None;
        let _ = fs::remove_dir_all(&self.folder);
    }
}
