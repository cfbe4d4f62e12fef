//! Administration on the server's own machine: commands to the running server over a socket that only its own user may
//! open, and below `admin/` those that open database and vault themselves, whether a server runs or not.

pub mod audit;
pub mod backup;
pub mod keys;
pub mod offline;
pub mod rekey;
pub mod users;

use std::{
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, ensure};
use api_types::system::System;
use serde::{Deserialize, Serialize};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{UnixListener, UnixStream},
    sync::Semaphore,
    time::timeout,
};
use tracing::{info, warn};

use crate::{
    app::App,
    config::{self, Change, Overrides},
    http,
    serve::{ServerTls, exit_settings, load_tls},
};

/// Bytes of a request.
const MAX_REQUEST: u64 = 64 << 10;
/// For a request to come, and for its answer to be taken.
const PATIENCE: Duration = Duration::from_secs(5);

/// One request a connection: a line of JSON there, a line of JSON back.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "kebab-case")]
pub enum Command {
    Status,
    Reconfigure,
    /// `to` as in `--to`; the server reads or makes the new key itself.
    Rekey {
        to: Option<String>,
    },
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    Status(Box<System>),
    Reconfigured { changes: Vec<ReconfiguredKey>, warnings: Vec<String> },
    Rekeyed(rekey::Rekeyed),
    Refused(String),
}

/// A key whose value changed.
#[derive(Debug, Serialize, Deserialize)]
pub struct ReconfiguredKey {
    pub key: String,
    pub from: String,
    pub to: String,
    /// Named, and not applied.
    pub needs_restart: bool,
}

/// Gone with the server.
pub struct Socket {
    path: PathBuf,
    inode: u64,
}

impl Drop for Socket {
    fn drop(&mut self) {
        // Another one in its place is not ours.
        if std::fs::metadata(&self.path).is_ok_and(|it| it.ino() == self.inode) {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

fn path(data_dir: &Path) -> PathBuf {
    data_dir.join("admin.sock")
}

/// Of the server that holds the lock of the data directory; what is at the path is of one that was killed.
pub fn listen(app: &App, tls: Arc<ServerTls>, overrides: Overrides) -> anyhow::Result<Socket> {
    let path = path(&app.config().data_dir);
    // Bound under a name nobody knows, and given its own when only we may open it.
    let hidden = path.with_extension(format!("{}", std::process::id()));
    let _ = std::fs::remove_file(&hidden);
    let listener = UnixListener::bind(&hidden).with_context(|| format!("cannot listen on {}", hidden.display()))?;
    std::fs::set_permissions(&hidden, std::fs::Permissions::from_mode(0o600))?;
    std::fs::rename(&hidden, &path)?;
    let socket = Socket { inode: std::fs::metadata(&path)?.ino(), path };
    let of = Arc::new(Of { app: app.clone(), tls, overrides, changes: Semaphore::new(1) });
    app.tasks.spawn(async move {
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                () = of.app.stopping.cancelled() => return,
            };
            match accepted {
                Ok((stream, _)) => {
                    let of = of.clone();
                    of.app.clone().tasks.spawn(async move {
                        if let Err(err) = of.answer(stream).await {
                            warn!("an admin command was not answered: {err:#}");
                        }
                    });
                }
                Err(err) => warn!("cannot accept an admin command: {err}"),
            }
        }
    });
    Ok(socket)
}

/// What a command needs.
struct Of {
    app: App,
    tls: Arc<ServerTls>,
    overrides: Overrides,
    /// One after another: two reconfigurations at once make no sense.
    changes: Semaphore,
}

impl Of {
    async fn answer(&self, stream: UnixStream) -> anyhow::Result<()> {
        let app = &self.app;
        let mut stream = BufReader::new(stream);
        let mut line = String::new();
        {
            let mut limited = (&mut stream).take(MAX_REQUEST);
            tokio::select! {
                read = timeout(PATIENCE, limited.read_line(&mut line)) => read.context("no command came")??,
                () = app.stopping.cancelled() => return Ok(()),
            };
        }
        if line.is_empty() {
            // Somebody only asked whether a server runs.
            return Ok(());
        }
        ensure!(line.ends_with('\n'), "the command has no end");
        let answer = match serde_json::from_str(&line)? {
            Command::Status => match http::system::system(app).await {
                Ok(system) => Answer::Status(Box::new(system)),
                Err(err) => Answer::Refused(err.message().to_owned()),
            },
            Command::Reconfigure => {
                let _turn = self.changes.acquire().await?;
                reconfigure(app, &self.tls, &self.overrides).unwrap_or_else(|err| Answer::Refused(format!("{err:#}")))
            }
            Command::Rekey { to } => {
                let _turn = self.changes.acquire().await?;
                match rekey::rekey(&app.db, &app.secrets, &app.audit_key, &app.config(), to.as_deref()).await {
                    Ok(rekeyed) => Answer::Rekeyed(rekeyed),
                    Err(err) => Answer::Refused(format!("{err:#}")),
                }
            }
        };
        let mut text = serde_json::to_string(&answer)?;
        text.push('\n');
        timeout(PATIENCE, stream.write_all(text.as_bytes())).await.context("the answer is not taken")??;
        Ok(())
    }
}

/// Reads everything anew and applies it, or changes nothing. Requests under way keep what they began with.
fn reconfigure(app: &App, tls: &ServerTls, overrides: &Overrides) -> anyhow::Result<Answer> {
    let old = app.loaded();
    let mut new = config::load(overrides)?;
    let changes: Vec<Change> = config::changes(&old, &new);
    // Everything that can fail comes before anything is replaced.
    config::keep_until_restart(&old, &mut new)
        .context("some of the changes need a restart, and the rest alone is wrong")?;
    new.config.tls.as_ref().map(load_tls).transpose()?;
    let (rules, proxy) = exit_settings(&new.config)?;
    tls.reload(new.config.tls.as_ref())?;
    app.exit.reconfigure(rules, proxy);
    let warnings = new.warnings.clone();
    app.replace_config(new);
    info!(n_changes = changes.len(), "reconfigured");
    let changes = changes.into_iter().map(|it| ReconfiguredKey {
        key: it.key,
        from: it.from,
        to: it.to,
        needs_restart: it.needs_restart,
    });
    Ok(Answer::Reconfigured { changes: changes.collect(), warnings })
}

/// Whether a server answers on this data directory.
pub async fn is_running(data_dir: &Path) -> bool {
    UnixStream::connect(path(data_dir)).await.is_ok()
}

/// Asks the server that runs on a data directory.
pub async fn ask(data_dir: &Path, command: &Command) -> anyhow::Result<Answer> {
    let path = path(data_dir);
    let stream = UnixStream::connect(&path).await;
    let mut stream = stream.with_context(|| format!("no server answers on {}; does it run?", path.display()))?;
    let mut text = serde_json::to_string(command)?;
    text.push('\n');
    stream.write_all(text.as_bytes()).await?;
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line).await?;
    serde_json::from_str(&line).context("the server ended before it answered")
}
