use anyhow::anyhow;
use clap::Subcommand;
use control_plane::admin::audit;
use serde_json::to_value;

use super::{Installation, user};
use crate::{
    failure::{Failure, Outcome},
    output::{Form, column::Column, note, print_list},
};

const COLUMNS: &[Column] = &[
    Column::text("ACCOUNT", "/accountId"),
    Column::text("OK", "/ok"),
    Column::text("ROWS", "/count"),
    Column::text("FIRST BAD", "/firstBadSeq"),
    Column::text("PROBLEM", "/problem"),
];

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Check that no row of the log was altered, removed or cut off
    #[command(after_long_help = "\
Exits with 1 when the log is broken, and names the first bad row. Account 0 is the whole installation.

Examples:
  stackyard admin audit verify
  stackyard admin audit verify --account 1 -o json")]
    Verify {
        /// Only the log of this account
        #[arg(long, value_name = "ID")]
        account: Option<String>,
    },
}

pub async fn run(installation: &Installation, form: Form, command: Command) -> Outcome {
    let Command::Verify { account } = command;
    let account_id = account.as_deref().map(user::account_id).transpose()?;
    let offline = installation.open().await?;
    let found = audit::verify(&offline, account_id).await?;
    offline.close().await;
    let rows: Result<Vec<_>, _> = found.iter().map(to_value).collect();
    print_list(form, COLUMNS, "/accountId", &rows.map_err(|err| anyhow!(err))?)?;
    let broken: Vec<_> = found.iter().filter(|it| !it.ok).collect();
    for it in &broken {
        let (seq, problem) = (it.first_bad_seq.unwrap_or_default(), it.problem.as_deref().unwrap_or_default());
        note(&format!("error: the log of account {} is broken: entry {seq} is {problem}", it.account_id));
    }
    if broken.is_empty() { Ok(()) } else { Err(Failure::Told) }
}
