use clap::{Args, Subcommand};
use serde_json::Value;

use crate::{
    app::{App, Scope},
    client::Call,
    failure::Outcome,
    object::{self, ChangeArgs, Ids, ListArgs, Noun},
    output::column::Column,
    secret::PasswordArgs,
};

const NOUN: Noun = Noun {
    what: "user",
    id: "/id",
    name: "email",
    ids: Ids::Number,
    columns: &[
        Column::text("ID", "/id"),
        Column::text("EMAIL", "/email"),
        Column::text("NAME", "/name"),
        Column::text("STATUS", "/status"),
        Column::text("ADMIN", "/isAdmin"),
        Column::age("LAST LOGIN", "/lastLogin"),
        Column::age("LOCKED", "/lockedUntil"),
    ],
};

#[derive(Debug, Args)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub struct Users {
    /// Users of the installation, or of the account
    #[arg(long, value_enum, default_value_t, global = true)]
    scope: Scope,
    #[command(subcommand)]
    command: Verb,
}

#[derive(Debug, Subcommand)]
pub enum Verb {
    /// List users
    #[command(
        after_long_help = "Examples:\n  stackyard users list --filter status=active\n  stackyard users list --scope scalr"
    )]
    List(ListArgs),
    /// Show a user, by id or email
    #[command(after_long_help = "Examples:\n  stackyard users show me@example.org")]
    Show { user: String },
    /// Create a user; the password is asked for
    #[command(after_long_help = "\
Examples:
  stackyard users create me@example.org --name Me
  stackyard users create root@example.org --scope scalr --admin --password-file ./password")]
    Create {
        email: String,
        #[arg(long)]
        name: Option<String>,
        /// An administrator of the account, or at Scalr scope of the installation
        #[arg(long)]
        admin: bool,
        #[command(flatten)]
        password: PasswordArgs,
        #[command(flatten)]
        change: ChangeArgs,
    },
    /// Change a user
    #[command(after_long_help = "\
Examples:
  stackyard users update me@example.org --status inactive
  stackyard users update me@example.org --admin true --password-file ./password")]
    Update {
        user: String,
        #[arg(long)]
        email: Option<String>,
        #[arg(long)]
        name: Option<String>,
        /// active or inactive
        #[arg(long)]
        status: Option<String>,
        #[arg(long, value_name = "true|false")]
        admin: Option<bool>,
        #[command(flatten)]
        password: PasswordArgs,
        #[command(flatten)]
        change: ChangeArgs,
    },
    /// Delete a user
    #[command(after_long_help = "Examples:\n  stackyard users delete me@example.org")]
    Delete {
        user: String,
        #[command(flatten)]
        change: ChangeArgs,
    },
    /// Let a user log in again who is locked out after failed logins
    #[command(after_long_help = "Examples:\n  stackyard users unlock me@example.org")]
    Unlock {
        user: String,
        #[command(flatten)]
        change: ChangeArgs,
    },
}

pub async fn run(app: &App, users: Users) -> Outcome {
    let Users { scope, command } = users;
    let all = path(app, scope).await?;
    match command {
        Verb::List(args) => object::list(app, &NOUN, Call::get(all), &args).await,
        Verb::Show { user } => object::show(app, &NOUN, &all, &user).await,
        Verb::Create { email, name, admin, password, change } => {
            let password =
                if change.dry_run { password.given()? } else { Some(password.read("password", "STACKYARD_PASSWORD")?) };
            let call = Call::post(all)
                .with([
                    ("email", Some(email.into())),
                    ("name", name.map(Into::into)),
                    ("isAdmin", admin.then_some(Value::Bool(true))),
                ])
                .secret("password", password);
            object::save(app, change, &NOUN, &call).await
        }
        Verb::Update { user, email, name, status, admin, password, change } => {
            let call = Call::patch(object::path(app, &NOUN, &all, &user).await?)
                .with([
                    ("email", email.map(Into::into)),
                    ("name", name.map(Into::into)),
                    ("status", status.map(Into::into)),
                    ("isAdmin", admin.map(Into::into)),
                ])
                .secret("password", password.given()?);
            object::save(app, change, &NOUN, &call).await
        }
        Verb::Delete { user, change } => object::delete(app, change, &NOUN, &all, &user).await,
        Verb::Unlock { user, change } => {
            let path = format!("{}actions/unlock/", object::path(app, &NOUN, &all, &user).await?);
            object::save(app, change, &NOUN, &Call::post(path)).await
        }
    }
}

async fn path(app: &App, scope: Scope) -> Outcome<String> {
    Ok(format!("{}/users/", app.base(scope).await?))
}

/// Of a user that is given by id or email.
pub async fn id(app: &App, scope: Scope, given: &str) -> Outcome<String> {
    object::id_of(app, &NOUN, &path(app, scope).await?, given).await
}
