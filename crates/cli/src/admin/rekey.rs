use anyhow::anyhow;
use clap::Args;
use control_plane::admin::{self, Answer, ask, is_running, rekey};

use super::{Installation, check};
use crate::{
    failure::{Failure, Outcome},
    output::{Form, note, print, print_data},
};

pub const EXAMPLES: &str = "\
Makes a new master key, wraps all secrets with it and puts it in the place of the old one, which is removed: without it
older backups cannot be opened, so copy it first if you keep any. With a running server the server does it, and no
request fails; several servers on one database must be stopped first. When interrupted, run it again.

Examples:
  stackyard admin rekey
  stackyard admin rekey --to file:/etc/stackyard/master.key";

#[derive(Debug, Args)]
pub struct RekeyArgs {
    /// file:PATH (made where there is none) or env:NAME [default: a new file in the place of the old one]
    #[arg(long, value_name = "SOURCE")]
    to: Option<String>,
}

pub async fn run(installation: &Installation, form: Form, args: RekeyArgs) -> Outcome {
    let RekeyArgs { to } = args;
    let config = check::load(installation)?.config;
    let rekeyed = if is_running(&config.data_dir).await {
        match ask(&config.data_dir, &admin::Command::Rekey { to }).await? {
            Answer::Rekeyed(rekeyed) => rekeyed,
            Answer::Refused(reason) => {
                note(&format!("error: {reason}"));
                return Err(Failure::Told);
            }
            Answer::Status(_) | Answer::Reconfigured { .. } => {
                return Err(anyhow!("the server answered another question").into());
            }
        }
    } else {
        rekey::rekey_offline(&config, to.as_deref()).await?
    };
    match form {
        Form::Table | Form::Name => print(&rekeyed.key_id)?,
        Form::Json | Form::Yaml => {
            print_data(form, &serde_json::to_value(&rekeyed).map_err(|err| Failure::Other(err.into()))?)?;
        }
    }
    if rekeyed.was_interrupted {
        note("finished what an interrupted run had begun");
    }
    note(&format!("{} secrets are sealed with the new master key in {}", rekeyed.n_secrets, rekeyed.source));
    if rekeyed.needs_configuration {
        note(&format!("now set master_key = {:?} before the next start, then remove the old key", rekeyed.source));
    } else {
        note("the old key was removed and opens nothing any more, except older backups");
    }
    note("keep a copy of the new key apart from backups");
    Ok(())
}
