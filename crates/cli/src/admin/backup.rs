use std::{io, os::fd::AsFd, path::PathBuf};

use anyhow::Context;
use clap::Args;
use control_plane::admin::backup;
use tokio::{
    fs::{File, OpenOptions},
    io::BufWriter,
};

use super::{Installation, check};
use crate::{failure::Outcome, output::note};

pub const EXAMPLES: &str = "\
Everything of one moment, while the server runs or not. Secrets stay sealed in it: the master key is not in the backup,
and without it the backup cannot be restored. Keep a copy of the key elsewhere.

Examples:
  stackyard admin backup /var/backups/stackyard.jsonl
  stackyard admin backup - | gzip > stackyard.jsonl.gz";

#[derive(Debug, Args)]
pub struct BackupArgs {
    /// A file that is not there yet, or - for standard output
    file: PathBuf,
}

pub async fn run(installation: &Installation, args: BackupArgs) -> Outcome {
    let config = check::load(installation)?.config;
    let BackupArgs { file } = args;
    let n_rows = if file.as_os_str() == "-" {
        let stdout = io::stdout().as_fd().try_clone_to_owned()?;
        backup::backup(&config, &mut BufWriter::new(File::from_std(stdout.into()))).await?
    } else {
        let opened = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&file).await;
        let out = opened.map_err(|err| match err.kind() {
            io::ErrorKind::AlreadyExists => anyhow::anyhow!("{} exists already and is not overwritten", file.display()),
            _ => anyhow::Error::from(err).context(format!("cannot write {}", file.display())),
        })?;
        let mut out = BufWriter::new(out);
        let written = match backup::backup(&config, &mut out).await {
            Ok(n_rows) => out.get_ref().sync_all().await.map(|()| n_rows).map_err(Into::into),
            Err(err) => Err(err),
        };
        // Half a backup must not be taken for one.
        if written.is_err() {
            let _ = tokio::fs::remove_file(&file).await;
        }
        written.with_context(|| format!("{} was not written", file.display()))?
    };
    note(&format!(
        "{n_rows} rows; the master key is not among them, it is in {}: keep a copy elsewhere",
        config.master_key
    ));
    Ok(())
}
