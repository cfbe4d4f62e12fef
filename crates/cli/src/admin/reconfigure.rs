use anyhow::anyhow;
use control_plane::{
    admin::{Answer, Command, ReconfiguredKey, ask},
    config,
};
use serde_json::json;

use super::Installation;
use crate::{
    failure::{Failure, Outcome},
    output::{Form, note, print, print_data, table::Table},
};

pub const EXAMPLES: &str = "\
The server reads its files and variables as it did when it started, checks all of it, and only then uses it; requests
under way are not dropped. Keys that need a restart are named and keep their old value.

Examples:
  stackyard admin reconfigure
  stackyard admin reconfigure --data-dir ./data";

pub async fn run(installation: &Installation, form: Form) -> Outcome {
    // The server's variables may be others than ours, so its own word counts; ours finds it, and helps where it is not.
    let local = config::load(&installation.overrides());
    let data_dir = match (&installation.data_dir, &local) {
        (Some(data_dir), _) => data_dir.clone(),
        (None, Ok(loaded)) => loaded.config.data_dir.clone(),
        (None, Err(err)) => {
            for problem in err.problems() {
                note(&format!("error: {problem}"));
            }
            note("nothing was changed");
            return Err(Failure::Told);
        }
    };
    match ask(&data_dir, &Command::Reconfigure).await {
        Ok(Answer::Reconfigured { changes, warnings }) => {
            print_changes(form, &changes, &warnings)?;
            for warning in &warnings {
                note(&format!("warning: {warning}"));
            }
            Ok(())
        }
        Ok(Answer::Refused(reason)) => {
            note(&format!("error: {reason}"));
            note("nothing was changed");
            Err(Failure::Told)
        }
        Ok(Answer::Status(_) | Answer::Rekeyed(_)) => Err(anyhow!("the server answered another question").into()),
        Err(err) => {
            note(&format!("error: {err:#}"));
            match local {
                Ok(_) => note("the configuration itself is right: start the server and it will be used"),
                Err(err) => note(&format!("the configuration is wrong too: {err}")),
            }
            Err(Failure::Told)
        }
    }
}

fn print_changes(form: Form, changes: &[ReconfiguredKey], warnings: &[String]) -> Outcome {
    match form {
        Form::Table if changes.is_empty() => print("nothing changed"),
        Form::Table => {
            let mut table = Table::new(["KEY", "FROM", "TO", ""]);
            for change in changes {
                let rest = if change.needs_restart { "needs a restart" } else { "" };
                table.row([change.key.clone(), change.from.clone(), change.to.clone(), rest.to_owned()]);
            }
            print(&table.to_string())
        }
        Form::Name => print(&changes.iter().map(|it| it.key.as_str()).collect::<Vec<_>>().join("\n")),
        Form::Json | Form::Yaml => print_data(form, &json!({ "changes": changes, "warnings": warnings })),
    }
}
