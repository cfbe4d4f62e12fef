//! How something is asked of a server, and followed to its end.

use std::time::Duration;

use serde_json::Value;
use tokio::time::sleep;

use crate::{
    app::App,
    client::{Call, encode},
    failure::{Failure, Outcome},
    farms::WaitArgs,
    object::{self, ChangeArgs, Ids, Noun},
    output::{
        column::{Column, text},
        note,
    },
};

pub const OPERATION: Noun = Noun {
    what: "operation",
    id: "/id",
    name: "id",
    ids: Ids::Uuid,
    columns: &[
        Column::text("ID", "/id"),
        Column::text("KIND", "/kind"),
        Column::text("STATUS", "/status"),
        Column::text("RESULT", "/result/id"),
        Column::text("FAILURE", "/failure/summary"),
        Column::text("BY", "/requestedBy/email"),
        Column::age("ADDED", "/added"),
    ],
};
/// Things of a location, by their id or name.
const THING: Noun = Noun { what: "thing of the location", id: "/id", name: "name", ids: Ids::Any, columns: &[] };
/// How often it is asked while somebody waits.
const ASK_EVERY: Duration = Duration::from_secs(1);

/// Sends an order, and waits for its end when told to.
pub async fn ask(app: &App, server: &str, call: &Call, wait: WaitArgs, change: ChangeArgs) -> Outcome {
    let Some(mut operation) = object::change(app, change, call).await? else { return Ok(()) };
    if wait.wait {
        let id = operation.pointer("/id").map(text).unwrap_or_default();
        operation = follow(app, &format!("{server}operations/{}/", encode(&id))).await?;
    }
    object::print_saved(app, &OPERATION, &operation)
}

/// Says each step on standard error. Ends with an error when it was not done.
async fn follow(app: &App, path: &str) -> Outcome<Value> {
    let mut said = String::new();
    loop {
        let operation = match app.client.data(&Call::get(path)).await {
            Ok(operation) => operation,
            Err(Failure::Unreachable { reason, .. }) => {
                note(&format!("interrupted: {reason}"));
                sleep(ASK_EVERY).await;
                continue;
            }
            Err(err) => return Err(err),
        };
        let field = |pointer: &str| operation.pointer(pointer).filter(|it| !it.is_null()).map(text).unwrap_or_default();
        let status = field("/status");
        let line = format!("{}: {status}", field("/kind"));
        if line != said {
            note(&line);
            said = line;
        }
        match status.as_str() {
            "done" => return Ok(operation),
            "failed" => {
                let (kind, summary) = (field("/kind"), field("/failure/summary"));
                let evidence = field("/failure/evidence/0");
                let evidence = if evidence.is_empty() { evidence } else { format!(" ({evidence})") };
                let next = field("/failure/nextSteps/0");
                return Err(Failure::Other(anyhow::anyhow!("{kind} failed: {summary}{evidence}; next: {next}")));
            }
            _ => sleep(ASK_EVERY).await,
        }
    }
}

/// The id of a thing in the server's location that is given by id or name.
pub async fn of_location(app: &App, server: &str, noun: &str, given: &str) -> Outcome<String> {
    let row = app.client.data(&Call::get(server)).await?;
    let field = |pointer: &str| encode(&row.pointer(pointer).map(text).unwrap_or_default());
    let environment = app.environment().await?;
    let (platform, location) = (field("/cloudPlatform"), field("/cloudLocation"));
    let all = format!("{environment}/clouds/{platform}/cloud-locations/{location}/{noun}/");
    match noun {
        // They have no page of their own.
        "instance-types" => {
            let noun = Noun { what: "instance type", ..THING };
            Ok(object::id_of(app, &noun, &all, given).await.unwrap_or_else(|_| given.to_owned()))
        }
        _ => Ok(object::get(app, &THING, &all, given).await?.pointer("/id").map(text).unwrap_or_default()),
    }
}

pub async fn details(app: &App, server: &str) -> Outcome<Value> {
    app.client.data(&Call::get(format!("{server}details/"))).await
}

/// The id of something of the server that is given by id or by another field.
pub async fn of_details(app: &App, server: &str, list: &str, field: &str, given: &str) -> Outcome<String> {
    let details = details(app, server).await?;
    let rows = details[list].as_array().cloned().unwrap_or_default();
    let found: Vec<_> = rows.iter().filter(|it| it["id"] == given || it[field] == given).collect();
    match found.as_slice() {
        [one] => Ok(text(&one["id"])),
        [] => {
            let all: Vec<_> = rows.iter().map(|it| format!("{} ({})", text(&it[field]), text(&it["id"]))).collect();
            Err(Failure::NotFound(format!("the server has no {given:?}; it has: {}", all.join(", "))))
        }
        _ => Err(Failure::usage(format!("{given:?} is the name of several; give an id"))),
    }
}
