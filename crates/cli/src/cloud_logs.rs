use clap::Subcommand;

use crate::{
    app::App,
    client::{Call, encode},
    failure::Outcome,
    inventory,
    location::LocationArgs,
    object::{self, Ids, ListArgs, Noun},
    output::{Form, clean, column::Column, note, print, print_data},
};

const NOUN: Noun = Noun {
    what: "log",
    id: "/id",
    name: "id",
    ids: Ids::Any,
    columns: &[
        Column::text("ID", "/id"),
        Column::text("CREATOR", "/creator"),
        Column::text("LABEL", "/label"),
        Column::text("FILE", "/fileName"),
    ],
};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// List the logs of a vCenter, or of one of its hosts
    #[command(after_long_help = "\
Needs the permission cloud-logs.show, and of the vCenter's user the privilege Global.Diagnostics on the root folder.

Examples:
  stackyard cloud-logs list
  stackyard cloud-logs list --host esx1.example --location DC0")]
    List {
        /// The host, by id or unique name; without, the vCenter's own logs
        #[arg(long, value_name = "HOST")]
        host: Option<String>,
        #[command(flatten)]
        at: LocationArgs,
        #[command(flatten)]
        list: ListArgs,
    },
    /// Print lines of a log, by default the last ones
    #[command(after_long_help = "\
Each reading is in the audit log. After the lines it is said where to go on.

Examples:
  stackyard cloud-logs show vpxd:vpxd.log
  stackyard cloud-logs show hostd --host esx1.example --lines 1000 | grep vm-42
  stackyard cloud-logs show vpxd:vpxd.log --start 1 --lines 500")]
    Show {
        /// Id of the log, as cloud-logs list prints it
        log: String,
        /// The host, by id or unique name; without, it is one of the vCenter's own logs
        #[arg(long, value_name = "HOST")]
        host: Option<String>,
        /// Number of the first line; the log begins with 1
        #[arg(long, value_name = "LINE", value_parser = clap::value_parser!(u32).range(1..))]
        start: Option<u32>,
        /// How many lines: 1 to 1000
        #[arg(long, value_name = "LINES", value_parser = clap::value_parser!(u32).range(1..=1000))]
        lines: Option<u32>,
        #[command(flatten)]
        at: LocationArgs,
    },
}

pub async fn run(app: &App, command: Command) -> Outcome {
    match command {
        Command::List { host, at, list } => {
            let location = at.or_on("vmware").path(app).await?;
            let call = of_host(app, Call::get(format!("{location}cloud-logs/")), &location, host).await?;
            object::list(app, &NOUN, call, &list).await
        }
        Command::Show { log, host, start, lines, at } => {
            let location = at.or_on("vmware").path(app).await?;
            let call = Call::get(format!("{location}cloud-logs/{}/", encode(&log)));
            let call = of_host(app, call, &location, host).await?;
            let call = start.into_iter().fold(call, |call, it| call.query("start", it));
            let call = lines.into_iter().fold(call, |call, it| call.query("lines", it));
            let answer = app.client.data(&call).await?;
            if !matches!(app.form, Form::Table | Form::Name) {
                return print_data(app.form, &answer);
            }
            // A line of the log stays a line.
            let lines = answer["lines"].as_array().into_iter().flatten().filter_map(|it| it.as_str());
            let lines: Vec<String> = lines.map(|it| clean(&it.replace(['\n', '\r'], " "))).collect();
            if !lines.is_empty() {
                print(&lines.join("\n"))?;
            }
            let next = &answer["nextLine"];
            note(&match answer["atEnd"].as_bool() {
                Some(true) => format!("this is the end of the log; what comes will be at --start {next}"),
                _ => format!("go on with --start {next}"),
            });
            Ok(())
        }
    }
}

async fn of_host(app: &App, call: Call, location: &str, host: Option<String>) -> Outcome<Call> {
    match host {
        Some(host) => Ok(call.query("host", inventory::placed_id(app, location, "hosts", &host).await?)),
        None => Ok(call),
    }
}
