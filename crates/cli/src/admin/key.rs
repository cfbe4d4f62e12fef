use anyhow::anyhow;
use clap::{Args, Subcommand};
use control_plane::admin::keys;
use serde_json::to_value;

use super::Installation;
use crate::{
    failure::Outcome,
    output::{Form, column::Column, note, print_list, print_object},
};

const COLUMNS: &[Column] = &[
    Column::text("ID", "/id"),
    Column::text("NAME", "/name"),
    Column::text("STATUS", "/status"),
    Column::age("EXPIRES", "/expiresAt"),
    Column::age("LAST USED", "/lastUsedAt"),
    Column::age("ADDED", "/added"),
];

#[derive(Debug, Args)]
pub struct OwnerArgs {
    /// Whose keys
    #[arg(long, value_name = "EMAIL")]
    user: String,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// List the API keys of a user
    #[command(after_long_help = "Examples:\n  stackyard admin key list --user admin@localhost")]
    List {
        #[command(flatten)]
        owner: OwnerArgs,
    },
    /// Create an API key and print its secret half, this once
    #[command(after_long_help = "Examples:\n  stackyard admin key create --user admin@localhost --name backup -o json")]
    Create {
        #[command(flatten)]
        owner: OwnerArgs,
        #[arg(long, default_value = "admin")]
        name: String,
    },
    /// Delete an API key; what it signs is refused from now on
    #[command(after_long_help = "Examples:\n  stackyard admin key revoke APIK0123456789ABCDEF --user admin@localhost")]
    Revoke {
        id: String,
        #[command(flatten)]
        owner: OwnerArgs,
    },
}

pub async fn run(installation: &Installation, form: Form, command: Command) -> Outcome {
    let offline = installation.open().await?;
    match command {
        Command::List { owner } => {
            let rows = keys::list(&offline, &owner.user).await?;
            let rows: Result<Vec<_>, _> = rows.iter().map(to_value).collect();
            print_list(form, COLUMNS, "/id", &rows.map_err(|err| anyhow!(err))?)?;
        }
        Command::Create { owner, name } => {
            let key = keys::create(&offline, &owner.user, &name).await?;
            print_object(form, "/id", &to_value(key).map_err(|err| anyhow!(err))?)?;
        }
        Command::Revoke { owner, id } => {
            keys::revoke(&offline, &owner.user, &id).await?;
            note(&format!("revoked {id}"));
        }
    }
    offline.close().await;
    Ok(())
}
