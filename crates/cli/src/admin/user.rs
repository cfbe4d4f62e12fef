use anyhow::anyhow;
use clap::{Args, Subcommand};
use control_plane::admin::users;
use secrecy::{ExposeSecret, SecretString};
use serde_json::to_value;

use super::Installation;
use crate::{
    failure::{Failure, Outcome},
    output::{Form, column::Column, note, print, print_list},
    secret::{self, PasswordArgs},
};

const COLUMNS: &[Column] = &[
    Column::text("ID", "/id"),
    Column::text("EMAIL", "/email"),
    Column::text("NAME", "/name"),
    Column::text("ACCOUNT", "/accountId"),
    Column::text("ADMIN", "/isAdmin"),
    Column::text("STATUS", "/status"),
    Column::age("LOCKED UNTIL", "/lockedUntil"),
    Column::age("LAST LOGIN", "/lastLogin"),
];

#[derive(Debug, Subcommand)]
pub enum Command {
    /// List the users of all scopes
    #[command(after_long_help = "Examples:\n  stackyard admin user list")]
    List,
    /// Add a user, of the whole installation or of an account
    #[command(after_long_help = "\
Examples:
  stackyard admin user add root@example.net --name Root --admin --generate
  stackyard admin user add ann@example.net --name Ann --account 1 --password-stdin < password.txt")]
    Add {
        email: String,
        #[arg(long)]
        name: String,
        /// Id of the account the user belongs to [default: the whole installation]
        #[arg(long, value_name = "ID")]
        account: Option<String>,
        /// An administrator of the account, or without --account of everything
        #[arg(long)]
        admin: bool,
        #[command(flatten)]
        password: NewPasswordArgs,
    },
    /// Lock a user out and end their sessions
    #[command(after_long_help = "Examples:\n  stackyard admin user deactivate ann@example.net")]
    Deactivate { email: String },
    /// Let a deactivated user in again
    #[command(after_long_help = "Examples:\n  stackyard admin user activate ann@example.net")]
    Activate { email: String },
}

/// Where a new password comes from; without any of these it is asked for, twice.
#[derive(Debug, Clone, Args)]
pub struct NewPasswordArgs {
    #[command(flatten)]
    given: PasswordArgs,
    /// Make a password and print it, this once
    #[arg(long, conflicts_with_all = ["password_stdin", "password_file"])]
    generate: bool,
}

/// A password, and whether nobody knows it yet.
pub struct NewPassword {
    pub password: SecretString,
    pub is_generated: bool,
}

impl NewPasswordArgs {
    pub fn read(&self) -> Outcome<NewPassword> {
        if self.generate {
            return Ok(NewPassword { password: users::new_password()?, is_generated: true });
        }
        if let Some(password) = self.given.given()? {
            return Ok(NewPassword { password, is_generated: false });
        }
        let password = secret::prompt("New password", "give --password-stdin, --password-file FILE or --generate")?;
        let again = secret::prompt("Again", "give --password-stdin")?;
        if password.expose_secret() != again.expose_secret() {
            return Err(Failure::usage("the two passwords differ"));
        }
        Ok(NewPassword { password, is_generated: false })
    }
}

impl NewPassword {
    /// After the change: a password that was not set is not shown.
    pub fn tell(&self) -> Outcome {
        if self.is_generated { print(self.password.expose_secret()) } else { Ok(()) }
    }
}

/// A text, since `--account` is one for all commands.
pub fn account_id(text: &str) -> Outcome<i64> {
    text.parse().map_err(|_| Failure::usage(format!("--account {text:?} is no id; here an account has no other name")))
}

pub async fn run(installation: &Installation, form: Form, command: Command) -> Outcome {
    match command {
        Command::List => {
            let offline = installation.open().await?;
            let rows = users::list(&offline).await?;
            let rows: Result<Vec<_>, _> = rows.iter().map(to_value).collect();
            print_list(form, COLUMNS, "/id", &rows.map_err(|err| anyhow!(err))?)?;
            offline.close().await;
        }
        Command::Add { email, name, account, admin, password } => {
            let account_id = account.as_deref().map(account_id).transpose()?;
            let offline = installation.open().await?;
            let new = password.read()?;
            let password = new.password.clone();
            let add = users::Add { email, name, account_id, is_admin: admin, password };
            let user = users::add(&offline, add).await?;
            offline.close().await;
            note(&format!("added user {} ({})", user.email.unwrap_or_default(), user.id.unwrap_or_default()));
            new.tell()?;
        }
        Command::Deactivate { email } => {
            let offline = installation.open().await?;
            users::set_status(&offline, &email, false).await?;
            let all = users::list(&offline).await?;
            offline.close().await;
            note(&format!("{email} cannot log in any more; their sessions have ended"));
            let administers = |it: &&api_types::users::User| {
                it.account_id.is_none() && it.is_admin == Some(true) && it.status.as_deref() == Some("active")
            };
            if !all.iter().any(|it| administers(&it)) {
                note("warning: nobody can administer the whole installation now; activate a user again, or add one");
            }
        }
        Command::Activate { email } => {
            let offline = installation.open().await?;
            users::set_status(&offline, &email, true).await?;
            offline.close().await;
            note(&format!("{email} can log in"));
        }
    }
    Ok(())
}
