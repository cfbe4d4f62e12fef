use clap::Subcommand;

use crate::{
    app::App,
    client::Call,
    failure::Outcome,
    object::{self, ChangeArgs},
    output::{note, print_object},
    secret::{PasswordArgs, prompt},
};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show who one is
    #[command(after_long_help = "Examples:\n  stackyard profile show")]
    Show,
    /// Change one's name
    #[command(after_long_help = "Examples:\n  stackyard profile update --name Me")]
    Update {
        #[arg(long)]
        name: String,
        #[command(flatten)]
        change: ChangeArgs,
    },
    /// Change one's password; all other sessions end
    #[command(after_long_help = "\
The password until now is asked for, or taken from STACKYARD_PASSWORD; the new one is asked for, or read from a file or
standard input.

Examples:
  stackyard profile password
  stackyard profile password --password-file ./new-password")]
    Password {
        #[command(flatten)]
        new: PasswordArgs,
    },
}

pub async fn run(app: &App, command: Command) -> Outcome {
    match command {
        Command::Show => print_object(app.form, "/id", &app.client.data(&Call::get("/profile/")).await?),
        Command::Update { name, change } => {
            let call = Call::patch("/profile/").with([("name", Some(name.into()))]);
            match object::change(app, change, &call).await? {
                Some(profile) => print_object(app.form, "/id", &profile),
                None => Ok(()),
            }
        }
        Command::Password { new } => {
            let current = PasswordArgs::default().read("current password", "STACKYARD_PASSWORD")?;
            let new = match new.given()? {
                Some(new) => new,
                None => prompt("new password", "give --password-stdin or --password-file FILE")?,
            };
            let call = Call::post("/profile/password/");
            app.client.send(&call.secret("currentPassword", Some(current)).secret("newPassword", Some(new))).await?;
            note("the password is changed");
            Ok(())
        }
    }
}
