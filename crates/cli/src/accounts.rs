use clap::Subcommand;
use serde_json::json;

use crate::{
    app::App,
    client::Call,
    failure::Outcome,
    object::{self, ChangeArgs, Ids, ListArgs, Noun},
    output::column::Column,
};

const PATH: &str = "/global/accounts/";
const NOUN: Noun = Noun {
    what: "account",
    id: "/id",
    name: "name",
    ids: Ids::Number,
    columns: &[
        Column::text("ID", "/id"),
        Column::text("NAME", "/name"),
        Column::text("STATUS", "/status"),
        Column::age("ADDED", "/added"),
    ],
};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// List the accounts
    #[command(after_long_help = "Examples:\n  stackyard accounts list --filter status=active")]
    List(ListArgs),
    /// Show an account
    #[command(after_long_help = "Examples:\n  stackyard accounts show Main")]
    Show { account: String },
    /// Create an account
    #[command(after_long_help = "Examples:\n  stackyard accounts create Research")]
    Create {
        name: String,
        #[command(flatten)]
        change: ChangeArgs,
    },
    /// Change an account
    #[command(after_long_help = "Examples:\n  stackyard accounts update Research --name Science --status inactive")]
    Update {
        account: String,
        #[arg(long)]
        name: Option<String>,
        /// active or inactive
        #[arg(long)]
        status: Option<String>,
        #[command(flatten)]
        change: ChangeArgs,
    },
    /// Delete an account that has no environments and users
    #[command(after_long_help = "Examples:\n  stackyard accounts delete Research")]
    Delete {
        account: String,
        #[command(flatten)]
        change: ChangeArgs,
    },
}

pub async fn run(app: &App, command: Command) -> Outcome {
    match command {
        Command::List(args) => object::list(app, &NOUN, Call::get(PATH), &args).await,
        Command::Show { account } => object::show(app, &NOUN, PATH, &account).await,
        Command::Create { name, change } => {
            object::save(app, change, &NOUN, &Call::post(PATH).with([("name", Some(json!(name)))])).await
        }
        Command::Update { account, name, status, change } => {
            let path = object::path(app, &NOUN, PATH, &account).await?;
            let call = Call::patch(path).with([("name", name.map(Into::into)), ("status", status.map(Into::into))]);
            object::save(app, change, &NOUN, &call).await
        }
        Command::Delete { account, change } => object::delete(app, change, &NOUN, PATH, &account).await,
    }
}

/// Names of all accounts, for who makes something that all of them get.
pub async fn names(app: &App) -> Outcome<Vec<String>> {
    let accounts = app.client.all(PATH).await?;
    Ok(accounts.iter().filter_map(|it| it["name"].as_str()).map(str::to_owned).collect())
}
