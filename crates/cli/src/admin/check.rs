use control_plane::config::{self, Loaded};
use serde_json::json;

use super::Installation;
use crate::{
    failure::{Failure, Outcome},
    output::{Form, note, print, print_data, table::Table},
};

pub const EXAMPLES: &str = "\
Exits with 1 when the server would refuse to start with this configuration.

Examples:
  stackyard admin check
  stackyard admin check --config ./stackyard.toml -o json";

pub fn run(installation: &Installation, form: Form) -> Outcome {
    let Loaded { values, warnings, .. } = load(installation)?;
    match form {
        Form::Table => {
            let mut table = Table::new(["KEY", "VALUE", "SOURCE"]);
            for (key, value) in &values {
                table.row([key.clone(), value.text.clone(), value.source.to_string()]);
            }
            print(&table.to_string())?;
        }
        Form::Name => print(&values.keys().cloned().collect::<Vec<_>>().join("\n"))?,
        Form::Json | Form::Yaml => {
            let values =
                values.iter().map(|(key, it)| json!({ "key": key, "value": it.text, "source": it.source.to_string() }));
            print_data(form, &json!({ "configuration": values.collect::<Vec<_>>(), "warnings": warnings }))?;
        }
    }
    for warning in &warnings {
        note(&format!("warning: {warning}"));
    }
    Ok(())
}

/// What is wrong is told here, all of it.
pub fn load(installation: &Installation) -> Outcome<Loaded> {
    config::load(&installation.overrides()).map_err(|err| {
        for problem in err.problems() {
            note(&format!("error: {problem}"));
        }
        Failure::Told
    })
}
