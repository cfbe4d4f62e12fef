use clap::{Args, ValueEnum};

use crate::{
    app::{App, Scope},
    client::Call,
    failure::Outcome,
    output::{column::Column, print_list},
};

pub const EXAMPLES: &str = "Examples:
  stackyard search web-1 --scope environment
  stackyard search lab
  stackyard search 10.0.0.4 --scope environment -o json";

const COLUMNS: &[Column] = &[
    Column::text("TYPE", "/type"),
    Column::text("ID", "/id"),
    Column::text("NAME", "/name"),
    Column::text("DETAIL", "/detail"),
];

#[derive(Debug, Args)]
pub struct SearchArgs {
    /// Part of a name, id or address; at least two characters
    text: String,
    /// Where to look; machines and networks are in environments
    #[arg(long, value_enum, default_value_t)]
    scope: Where,
}

/// A scope with a stream and a search.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
pub enum Where {
    /// The whole installation.
    Scalr,
    /// One account: that of --account, the variable or the context.
    #[default]
    Account,
    /// One environment, with its machines and networks.
    Environment,
}

impl Where {
    pub async fn base(self, app: &App) -> Outcome<String> {
        match self {
            Where::Scalr => app.base(Scope::Scalr).await,
            Where::Account => app.account().await,
            Where::Environment => app.environment().await,
        }
    }
}

pub async fn run(app: &App, args: SearchArgs) -> Outcome {
    let path = format!("{}/search/", args.scope.base(app).await?);
    let hits = app.client.data(&Call::get(path).query("q", args.text)).await?;
    print_list(app.form, COLUMNS, "/id", hits.as_array().map_or(&[], Vec::as_slice))
}
