use clap::Subcommand;
use jiff::Timestamp;
use serde_json::Value;

use crate::{
    app::App,
    client::Call,
    failure::Outcome,
    location::LocationArgs,
    machines,
    output::{column::Column, note, print_list},
};

const COLUMNS: &[Column] = &[
    Column::text("ID", "/id"),
    Column::age("AT", "/at"),
    Column::text("SEVERITY", "/severity"),
    Column::text("OF", "/objects/0/name"),
    Column::text("USER", "/user"),
    Column::text("MESSAGE", "/message"),
];
/// What a page of the API has at most.
const PAGE: usize = 500;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// List what a vCenter says came to pass, newest first
    #[command(after_long_help = "\
These are the vCenter's own events, of everybody who uses it; stackyard servers events has those of Stackyard.

Examples:
  stackyard cloud-events list --location DC0
  stackyard cloud-events list --machine web-1 --limit 20
  stackyard cloud-events list --since 2026-11-22T00:00:00Z --until 2026-11-22T06:00:00Z -o json")]
    List {
        /// Of this machine alone, by id or unique name
        #[arg(long, value_name = "MACHINE")]
        machine: Option<String>,
        /// Of this time and later, as RFC 3339
        #[arg(long, value_name = "TIME")]
        since: Option<Timestamp>,
        /// Of this time and earlier, as RFC 3339
        #[arg(long, value_name = "TIME")]
        until: Option<Timestamp>,
        /// How many at most
        #[arg(long, value_name = "EVENTS", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
        limit: u32,
        #[command(flatten)]
        at: LocationArgs,
    },
}

pub async fn run(app: &App, command: Command) -> Outcome {
    let Command::List { machine, since, until, limit, at } = command;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let location = at.or_on("vmware").path(app).await?;
    let machine = match machine {
        Some(machine) => Some(machines::id(app, &location, &machine).await?),
        None => None,
    };
    let page_of = |n_events: usize, until: Option<&String>, before: Option<i64>| {
        let call = Call::get(format!("{location}cloud-events/")).query("maxResults", n_events);
        let call = machine.iter().fold(call, |call, it| call.query("machine", it));
        let call = since.iter().fold(call, |call, it| call.query("since", it));
        let call = until.into_iter().fold(call, |call, it| call.query("until", it));
        before.into_iter().fold(call, |call, it| call.query("before", it))
    };
    let mut rows: Vec<Value> = Vec::new();
    let mut until = until.map(|it| it.to_string());
    let mut before = None;
    loop {
        let page = app.client.data(&page_of((limit - rows.len()).min(PAGE), until.as_ref(), before)).await?;
        rows.extend(page["events"].as_array().into_iter().flatten().cloned());
        until = page["next"]["until"].as_str().map(ToOwned::to_owned);
        before = page["next"]["before"].as_i64();
        if rows.len() >= limit || before.is_none() {
            break;
        }
    }
    if let Some(until) = until {
        note(&format!("there are more; those before with --until {until}, or raise --limit"));
    }
    print_list(app.form, COLUMNS, "/id", &rows)
}
