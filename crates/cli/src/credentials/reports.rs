use api_types::validations::Validation;
use clap::Args;
use serde_json::Value;

use super::{
    NOUN,
    validate::{read, tell_changes},
    validation_path,
};
use crate::{
    app::App,
    client::{Call, encode},
    failure::{Failure, Outcome},
    object,
    output::{column::Column, print_list, report},
};

pub const EXAMPLES: &str = "\
Examples:
  stackyard credentials reports lab
  stackyard credentials reports lab last
  stackyard credentials reports lab 0192f0c1-2a6b-7cc2-8a55-0123456789ab -o json";

const COLUMNS: &[Column] = &[
    Column::text("ID", "/id"),
    Column::text("STATUS", "/status"),
    Column::age("STARTED", "/startedAt"),
    Column::text("CHECKS", "/nChecks"),
    Column::text("CHANGES", "/nChanges"),
];

#[derive(Debug, Args)]
pub struct Reports {
    /// By id or name
    credentials: String,
    /// Show this one: an id, or last
    report: Option<String>,
}

pub async fn run(app: &App, base: &str, args: Reports) -> Outcome {
    let all = format!("{base}/cloud-credentials/");
    let id = object::id_of(app, &NOUN, &all, &args.credentials).await?;
    let list = || async { app.client.data(&Call::get(format!("{all}{}/validations/", encode(&id)))).await };
    let validation: Validation = match args.report.as_deref() {
        None => return print(app, list().await?),
        Some("last") => {
            let newest = list().await?.get(0).cloned();
            read(newest.ok_or_else(|| Failure::NotFound("these credentials were never validated".to_owned()))?)?
        }
        Some(id) => read(app.client.data(&Call::get(validation_path(base, id, ""))).await?)?,
    };
    report::print_report(app.form, &validation)?;
    tell_changes(app, &validation);
    Ok(())
}

/// The data as it is; for the table with what counts.
fn print(app: &App, data: Value) -> Outcome {
    let mut rows = data.as_array().cloned().unwrap_or_default();
    if app.form == crate::output::Form::Table {
        for row in &mut rows {
            for (list, count) in [("checks", "nChecks"), ("changes", "nChanges")] {
                row[count] = row[list].as_array().map_or(0, Vec::len).into();
            }
        }
    }
    print_list(app.form, COLUMNS, "/id", &rows)
}
