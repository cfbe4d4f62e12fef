use std::{io, os::fd::AsFd, path::PathBuf};

use anyhow::Context;
use clap::Args;
use control_plane::{
    admin::backup::{self, Restored},
    config::{self, Overrides},
};
use secrecy::SecretString;
use tokio::{fs::File, io::BufReader};

use super::Installation;
use crate::{
    failure::{Failure, Outcome},
    output::note,
};

pub const EXAMPLES: &str = "\
The database must be empty and the master key of the backup in its place; with another key nothing is restored. This is
also the way from SQLite to PostgreSQL and back.

Examples:
  stackyard admin restore /var/backups/stackyard.jsonl
  stackyard admin restore stackyard.jsonl --database-url postgres://stackyard@db.example.net/stackyard";

#[derive(Debug, Args)]
pub struct RestoreArgs {
    /// A backup, or - for standard input
    file: PathBuf,
    /// sqlite://PATH or postgres://… [default: as configured]. A password belongs in the configuration file
    #[arg(long, value_name = "URL")]
    database_url: Option<SecretString>,
}

pub async fn run(installation: &Installation, args: RestoreArgs) -> Outcome {
    let RestoreArgs { file, database_url } = args;
    let is_elsewhere = database_url.is_some();
    let loaded = config::load(&Overrides { database_url, ..installation.overrides() }).map_err(|err| {
        for problem in err.problems() {
            note(&format!("error: {problem}"));
        }
        Failure::Told
    })?;
    let restored = if file.as_os_str() == "-" {
        let stdin = io::stdin().as_fd().try_clone_to_owned().context("cannot read standard input")?;
        backup::restore(&loaded.config, &mut BufReader::new(File::from_std(stdin.into()))).await?
    } else {
        let input = File::open(&file).await.with_context(|| format!("cannot read {}", file.display()))?;
        backup::restore(&loaded.config, &mut BufReader::new(input)).await?
    };
    let Restored { n_rows, audit } = restored;
    note(&format!("restored {n_rows} rows; the master key opens them"));
    for broken in audit.iter().filter(|it| !it.ok) {
        let seq = broken.first_bad_seq.unwrap_or_default();
        note(&format!(
            "warning: the audit log of account {} is broken at {seq}, as it was in the backup",
            broken.account_id
        ));
    }
    if is_elsewhere {
        note("now set database_url in the configuration to where it was restored");
    }
    Ok(())
}
