use api_types::system::System;

use crate::{
    app::App,
    client::Call,
    failure::{Failure, Outcome},
    output::{Form, age::ago_text, print, print_data, table::Table},
};

pub const EXAMPLES: &str = "Examples:
  stackyard system
  stackyard system -o json";

pub async fn run(app: &App) -> Outcome {
    let data = app.client.data(&Call::get("/global/system/")).await?;
    match app.form {
        Form::Json | Form::Yaml => print_data(app.form, &data),
        form => print_system(form, &serde_json::from_value(data).map_err(|err| Failure::Other(err.into()))?),
    }
}

/// Also for `stackyard admin status`. Fails when a part of the server is not well.
pub fn print_system(form: Form, system: &System) -> Outcome {
    match form {
        Form::Json | Form::Yaml => {
            print_data(form, &serde_json::to_value(system).map_err(|err| Failure::Other(err.into()))?)?;
        }
        Form::Name => print(&system.parts.iter().map(|it| it.name.as_str()).collect::<Vec<_>>().join("\n"))?,
        Form::Table => print(&text(system))?,
    }
    if system.parts.iter().all(|it| it.ok) { Ok(()) } else { Err(Failure::Told) }
}

fn text(system: &System) -> String {
    let mut head = Table::plain();
    head.row(["version".to_owned(), system.version.clone()]);
    head.row(["started".to_owned(), ago_text(&system.started_at.to_string())]);
    for part in &system.parts {
        let state = if part.ok { "" } else { "NOT WELL: " };
        head.row([part.name.clone(), format!("{state}{}", part.detail)]);
    }
    head.row(["validations".to_owned(), format!("{} running", system.n_running_validations)]);
    head.row(["syncs".to_owned(), format!("{} running", system.n_running_syncs)]);
    if system.credentials.is_empty() {
        return head.to_string();
    }
    let mut table = Table::new(["CREDENTIALS", "NAME", "STATUS", "LAST SYNC", "ERROR"]);
    for it in &system.credentials {
        let last = it.last_sync_at.map_or_else(|| "never".to_owned(), |time| ago_text(&time.to_string()));
        table.row([it.id.clone(), it.name.clone(), it.status.clone(), last, it.error.clone().unwrap_or_default()]);
    }
    format!("{head}\n{table}")
}
