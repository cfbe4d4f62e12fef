use anyhow::anyhow;
use api_types::system::System;
use control_plane::admin::{Answer, Command, ask};

use super::{Installation, check};
use crate::{failure::Outcome, output::Form, system};

pub const EXAMPLES: &str = "\
Speaks to the server over a socket in its data directory, so it works without a login, for the server's own user.

Examples:
  stackyard admin status
  stackyard admin status --data-dir ./data -o json";

pub async fn run(installation: &Installation, form: Form) -> Outcome {
    let data_dir = match &installation.data_dir {
        Some(data_dir) => data_dir.clone(),
        None => check::load(installation)?.config.data_dir,
    };
    let system: System = match ask(&data_dir, &Command::Status).await? {
        Answer::Status(system) => *system,
        Answer::Refused(reason) => return Err(anyhow!(reason).into()),
        Answer::Reconfigured { .. } | Answer::Rekeyed(_) => {
            return Err(anyhow!("the server answered another question").into());
        }
    };
    system::print_system(form, &system)
}
