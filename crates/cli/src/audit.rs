use clap::{Args, Subcommand};
use serde_json::Value;

use crate::{
    app::{App, Scope},
    client::Call,
    failure::{Failure, Outcome},
    object::{self, Ids, ListArgs, Noun},
    output::{column::Column, print_list},
};

const NOUN: Noun = Noun {
    what: "audit row",
    id: "/seq",
    name: "seq",
    ids: Ids::Number,
    columns: &[
        Column::text("SEQ", "/seq"),
        Column::text("AT", "/at"),
        Column::text("WHO", "/actorName"),
        Column::text("FROM", "/remoteAddress"),
        Column::text("ACTION", "/action"),
        Column::text("OBJECT", "/objectId"),
        Column::text("NAME", "/objectName"),
        Column::text("REQUEST", "/requestId"),
    ],
};
const VERIFICATION: &[Column] = &[
    Column::text("ACCOUNT", "/accountId"),
    Column::text("WHOLE", "/ok"),
    Column::text("ROWS", "/count"),
    Column::text("FIRST BAD", "/firstBadSeq"),
    Column::text("PROBLEM", "/problem"),
];

#[derive(Debug, Args)]
pub struct ScopeArgs {
    /// The installation's log, or the account's
    #[arg(long, value_enum, default_value_t)]
    scope: Scope,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// List who did what, the newest first
    #[command(after_long_help = "\
Examples:
  stackyard audit list --filter action=cloud-credentials.create
  stackyard audit list --scope scalr --filter since=2026-11-22T00:00:00Z --all -o json")]
    List {
        #[command(flatten)]
        scope: ScopeArgs,
        #[command(flatten)]
        list: ListArgs,
    },
    /// Prove that no row was altered, removed or cut off
    #[command(after_long_help = "\
Exits with 1 when a row is not as it was written.

Examples:
  stackyard audit verify
  stackyard audit verify --scope scalr")]
    Verify {
        #[command(flatten)]
        scope: ScopeArgs,
    },
}

pub async fn run(app: &App, command: Command) -> Outcome {
    match command {
        Command::List { scope, list } => {
            let path = format!("{}/audit/", app.base(scope.scope).await?);
            object::list(app, &NOUN, Call::get(path), &list).await
        }
        Command::Verify { scope } => {
            let path = format!("{}/audit/actions/verify/", app.base(scope.scope).await?);
            let data = app.client.data(&Call::post(path)).await?;
            // One chain for an account, at Scalr scope all of them.
            let rows = match data {
                Value::Array(rows) => rows,
                one => vec![one],
            };
            print_list(app.form, VERIFICATION, "/accountId", &rows)?;
            if rows.iter().all(|it| it["ok"] == true) { Ok(()) } else { Err(Failure::Told) }
        }
    }
}
