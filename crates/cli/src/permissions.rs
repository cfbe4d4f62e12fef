use std::collections::BTreeMap;

use clap::Subcommand;
use serde::Deserialize;

use crate::{
    app::{App, Scope},
    client::{Call, encode},
    failure::{Failure, Outcome},
    object::{self, Ids, ListArgs, Noun},
    output::{Form, column::Column, print, print_data, table::Table},
    users,
};

const NOUN: Noun = Noun {
    what: "permission",
    id: "/name",
    name: "name",
    ids: Ids::Any,
    columns: &[
        Column::text("PERMISSION", "/name"),
        Column::text("WHAT", "/description"),
        Column::text("BASE ROLES", "/baseRoles"),
    ],
};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// List the permissions there are
    #[command(after_long_help = "Examples:\n  stackyard permissions list")]
    List,
    /// What a user may do, and why
    #[command(after_long_help = "\
Without --in-environment, in the account.

Examples:
  stackyard permissions of me@example.org
  stackyard permissions of me@example.org --in-environment 2")]
    Of {
        /// By id or email
        user: String,
        /// In an environment, by its id
        #[arg(long, value_name = "ID")]
        in_environment: Option<i64>,
    },
}

/// What is shown of `effective-permissions`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Effective {
    granted: BTreeMap<String, Vec<String>>,
    not_granted: Vec<String>,
}

pub async fn run(app: &App, command: Command) -> Outcome {
    let account = app.account().await?;
    match command {
        Command::List => {
            let list = ListArgs { all: true, ..ListArgs::default() };
            object::list(app, &NOUN, Call::get(format!("{account}/permissions/")), &list).await
        }
        Command::Of { user, in_environment } => {
            let id = users::id(app, Scope::Account, &user).await?;
            let mut call = Call::get(format!("{account}/users/{}/effective-permissions/", encode(&id)));
            if let Some(environment) = in_environment {
                call = call.query("environmentId", environment);
            }
            let data = app.client.data(&call).await?;
            if matches!(app.form, Form::Json | Form::Yaml) {
                return print_data(app.form, &data);
            }
            let effective: Effective = serde_json::from_value(data).map_err(|err| Failure::Other(err.into()))?;
            if app.form == Form::Name {
                return print(&effective.granted.keys().cloned().collect::<Vec<_>>().join("\n"));
            }
            let mut table = Table::new(["PERMISSION", "GRANTED", "BECAUSE"]);
            for (permission, reasons) in effective.granted {
                table.row([permission, "yes".to_owned(), reasons.join("; ")]);
            }
            for permission in effective.not_granted {
                table.row([permission, "no".to_owned(), String::new()]);
            }
            print(&table.to_string())
        }
    }
}
