use clap::Subcommand;
use serde_json::json;

use crate::{
    api_keys::OwnerArgs,
    app::App,
    client::{Call, encode},
    failure::Outcome,
    object::{self, ChangeArgs, Ids, ListArgs, Noun},
    output::{column::Column, note, print_object},
};

const NOUN: Noun = Noun {
    what: "token",
    id: "/id",
    name: "name",
    ids: Ids::Any,
    columns: &[
        Column::text("ID", "/id"),
        Column::text("NAME", "/name"),
        Column::text("ACCOUNT", "/accountId"),
        Column::text("ENVIRONMENT", "/environmentId"),
        Column::text("PERMISSIONS", "/permissions"),
        Column::age("EXPIRES", "/expiresAt"),
        Column::age("LAST USED", "/lastUsedAt"),
    ],
};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// List one's own tokens, or another user's
    #[command(after_long_help = "Examples:\n  stackyard tokens list")]
    List {
        #[command(flatten)]
        owner: OwnerArgs,
        #[command(flatten)]
        list: ListArgs,
    },
    /// Create a token, which is shown this once
    #[command(after_long_help = "\
Examples:
  stackyard tokens create ci
  stackyard tokens create inventory --only-environment 2 --permission inventory.read -o json")]
    Create {
        name: String,
        /// Valid in this account alone
        #[arg(long, value_name = "ID")]
        only_account: Option<i64>,
        /// Valid in this environment alone
        #[arg(long, value_name = "ID")]
        only_environment: Option<i64>,
        /// Only this permission; may be repeated [default: all that the user has]
        #[arg(long = "permission", value_name = "PERMISSION")]
        permissions: Vec<String>,
        /// RFC 3339 time, at most a year from now [default: in 90 days]
        #[arg(long, value_name = "TIME")]
        expires_at: Option<String>,
        #[command(flatten)]
        change: ChangeArgs,
    },
    /// Revoke a token
    #[command(after_long_help = "Examples:\n  stackyard tokens delete ID")]
    Delete {
        id: String,
        #[command(flatten)]
        owner: OwnerArgs,
        #[command(flatten)]
        change: ChangeArgs,
    },
}

pub async fn run(app: &App, command: Command) -> Outcome {
    match command {
        Command::List { owner, list } => {
            object::list(app, &NOUN, Call::get(owner.path(app, "tokens").await?), &list).await
        }
        Command::Create { name, only_account, only_environment, permissions, expires_at, change } => {
            let call = Call::post("/profile/tokens/").with([
                ("name", Some(name.into())),
                ("accountId", only_account.map(Into::into)),
                ("environmentId", only_environment.map(Into::into)),
                ("permissions", Some(json!(permissions)).filter(|_| !permissions.is_empty())),
                ("expiresAt", expires_at.map(Into::into)),
            ]);
            let Some(token) = object::change(app, change, &call).await? else { return Ok(()) };
            note("the token is shown this once");
            print_object(app.form, NOUN.id, &token)
        }
        Command::Delete { id, owner, change } => {
            let path = format!("{}{}/", owner.path(app, "tokens").await?, encode(&id));
            object::done(app, change, &Call::delete(path), &format!("revoked token {id}")).await
        }
    }
}
