use clap::Args;
use control_plane::admin::users;

use super::{Installation, user::NewPasswordArgs};
use crate::{failure::Outcome, output::note};

pub const EXAMPLES: &str = "\
Also lets in a user who is locked out after failed logins.

Examples:
  stackyard admin reset-password admin@localhost --generate
  stackyard admin reset-password ann@example.net --password-stdin < password.txt";

#[derive(Debug, Args)]
pub struct ResetPasswordArgs {
    email: String,
    #[command(flatten)]
    password: NewPasswordArgs,
}

pub async fn run(installation: &Installation, args: ResetPasswordArgs) -> Outcome {
    let offline = installation.open().await?;
    let new = args.password.read()?;
    users::reset_password(&offline, &args.email, new.password.clone()).await?;
    offline.close().await;
    note(&format!("{} has a new password; their sessions have ended", args.email));
    new.tell()
}
