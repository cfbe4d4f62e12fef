use std::time::Duration;

use clap::Args;
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::{
    app::App,
    client::events::Event,
    failure::{Failure, Outcome},
    output::{Form, clean, column::text, note, print},
    search::Where,
};

pub const EXAMPLES: &str = "\
Follows until it is stopped; after an interruption it goes on where it was, and nothing is missed.

Examples:
  stackyard watch
  stackyard watch --scope environment --count 1 -o json";

/// Before a stream that broke is opened again.
const PAUSE: Duration = Duration::from_secs(1);

#[derive(Debug, Args)]
pub struct WatchArgs {
    /// What to follow
    #[arg(long, value_enum, default_value_t)]
    scope: Where,
    /// End after so many changes
    #[arg(long, value_name = "N")]
    count: Option<usize>,
}

pub async fn run(app: &App, args: WatchArgs) -> Outcome {
    let path = format!("{}/stream/", args.scope.base(app).await?);
    let mut last: Option<String> = None;
    let mut seen = 0;
    loop {
        match app.client.events(&path, last.as_deref()).await {
            Ok(mut events) => loop {
                match events.next().await {
                    Ok(Some(event)) => {
                        last = Some(event.id.clone());
                        match event.name.as_str() {
                            "hello" => note("following"),
                            "reset" => note("changes were missed; read everything anew"),
                            _ => {
                                show(app.form, &event)?;
                                seen += 1;
                            }
                        }
                        if args.count.is_some_and(|it| seen >= it) {
                            return Ok(());
                        }
                    }
                    Ok(None) => break,
                    Err(Failure::Unreachable { reason, .. }) => {
                        note(&format!("interrupted: {reason}"));
                        break;
                    }
                    Err(err) => return Err(err),
                }
            },
            // Only a server that answered once is waited for.
            Err(Failure::Unreachable { .. }) if last.is_some() => {}
            Err(err) => return Err(err),
        }
        sleep(PAUSE).await;
    }
}

/// A line for each.
fn show(form: Form, event: &Event) -> Outcome {
    let Event { name, id, data } = event;
    let field = |key: &str| data.get(key).map(text).unwrap_or_default();
    match form {
        Form::Table => {
            print(&clean(&format!("{}  {name} {}  {}  {}", field("at"), field("kind"), field("id"), summary(data))))
        }
        Form::Name => print(&clean(&field("id"))),
        Form::Json => print(&json!({ "event": name, "id": id, "data": data }).to_string()),
        Form::Yaml => {
            let document = serde_yaml_ng::to_string(&json!({ "event": name, "id": id, "data": data }));
            print(&format!("---\n{}", document.map_err(|err| Failure::Other(err.into()))?))
        }
    }
}

fn summary(data: &Value) -> String {
    let body = &data["body"];
    let parts = ["name", "status", "location", "nChanges", "error"];
    let parts = parts
        .iter()
        .filter_map(|key| body.get(*key).filter(|it| !it.is_null()).map(|it| format!("{key}={}", text(it))));
    parts.collect::<Vec<_>>().join(" ")
}
