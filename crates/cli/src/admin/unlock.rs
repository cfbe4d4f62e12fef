use clap::Args;
use control_plane::admin::users;

use super::Installation;
use crate::{failure::Outcome, output::note};

pub const EXAMPLES: &str = "\
Examples:
  stackyard admin unlock ann@example.net";

#[derive(Debug, Args)]
pub struct UnlockArgs {
    email: String,
}

pub async fn run(installation: &Installation, args: UnlockArgs) -> Outcome {
    let offline = installation.open().await?;
    users::unlock(&offline, &args.email).await?;
    offline.close().await;
    note(&format!("{} can try to log in again", args.email));
    Ok(())
}
