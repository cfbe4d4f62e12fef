mod allocation;
mod ask;
mod console;
mod devices;
mod host_devices;
mod operations;
mod relocate;
mod template;

use std::{collections::HashMap, time::Duration};

use clap::Subcommand;
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::{
    app::App,
    client::Call,
    failure::{Failure, Outcome},
    farms::{self, WaitArgs},
    object::{self, ChangeArgs, Ids, ListArgs, Noun},
    output::{column::Column, column::text, note},
};

const NOUN: Noun = Noun {
    what: "server",
    id: "/id",
    name: "name",
    ids: Ids::Uuid,
    columns: &[
        Column::text("ID", "/id"),
        Column::text("NAME", "/name"),
        Column::text("FARM", "/farm/id"),
        Column::text("INDEX", "/index"),
        Column::text("CLOUD", "/cloudPlatform"),
        Column::text("TYPE", "/instanceType/id"),
        Column::text("STATUS", "/status"),
        Column::text("ADDRESS", "/connectionAddress"),
        Column::text("FAILURE", "/failure/summary"),
        Column::age("SINCE", "/statusSince"),
        Column::age("ADDED", "/added"),
    ],
};
const EVENT: Noun = Noun {
    what: "event",
    id: "/id",
    name: "id",
    ids: Ids::Uuid,
    columns: &[
        Column::age("WHEN", "/at"),
        Column::text("EVENT", "/event/id"),
        Column::text("MESSAGE", "/message"),
        Column::text("EVIDENCE", "/evidence"),
    ],
};
/// How often it is asked while somebody waits.
const ASK_EVERY: Duration = Duration::from_secs(1);

#[derive(Debug, Subcommand)]
pub enum Command {
    /// List the servers of the environment, or of a farm
    #[command(after_long_help = "Examples:
  stackyard servers list
  stackyard servers list --farm shop --filter status=running -o name
  stackyard servers list --filter nameContains=web --sort=-added")]
    List {
        /// Only of this farm
        #[arg(long)]
        farm: Option<String>,
        #[command(flatten)]
        args: ListArgs,
    },
    /// Show a server
    #[command(after_long_help = "Examples:\n  stackyard servers show 019a9f3e-7d2c-7000-8000-000000000001 -o yaml")]
    Show { server_id: String },
    /// Show what came to pass with a server, with what to look for in the cloud's own logs
    #[command(after_long_help = "Examples:\n  stackyard servers events 019a9f3e-7d2c-7000-8000-000000000001")]
    Events { server_id: String },
    /// Follow the servers of a farm until it is stopped, a line for each step
    #[command(after_long_help = "Examples:\n  stackyard servers watch --farm shop")]
    Watch {
        /// Whose servers
        #[arg(long)]
        farm: String,
    },
    /// Launch one more server of a farm role, as far as its scaling lets
    #[command(after_long_help = "Examples:\n  stackyard servers launch 7")]
    Launch {
        /// By its id; stackyard farm-roles list shows them
        farm_role: i64,
        #[command(flatten)]
        change: ChangeArgs,
    },
    /// Suspend a server that runs
    #[command(after_long_help = "Examples:\n  stackyard servers suspend 019a9f3e-7d2c-7000-8000-000000000001 --wait")]
    Suspend {
        server_id: String,
        #[command(flatten)]
        wait: WaitArgs,
        #[command(flatten)]
        change: ChangeArgs,
    },
    /// Resume a suspended server
    #[command(after_long_help = "Examples:\n  stackyard servers resume 019a9f3e-7d2c-7000-8000-000000000001 --wait")]
    Resume {
        server_id: String,
        #[command(flatten)]
        wait: WaitArgs,
        #[command(flatten)]
        change: ChangeArgs,
    },
    /// Reboot a server
    #[command(after_long_help = "Examples:\n  stackyard servers reboot 019a9f3e-7d2c-7000-8000-000000000001 --hard")]
    Reboot {
        server_id: String,
        /// Without asking the guest
        #[arg(long)]
        hard: bool,
        #[command(flatten)]
        change: ChangeArgs,
    },
    /// Terminate a server; a running farm launches another in its place
    #[command(after_long_help = "Examples:\n  stackyard servers terminate 019a9f3e-7d2c-7000-8000-000000000001 --wait")]
    Terminate {
        server_id: String,
        #[command(flatten)]
        wait: WaitArgs,
        #[command(flatten)]
        change: ChangeArgs,
    },
    /// Have a server looked at in its cloud now
    #[command(after_long_help = "Examples:\n  stackyard servers sync 019a9f3e-7d2c-7000-8000-000000000001")]
    Sync {
        server_id: String,
        #[command(flatten)]
        change: ChangeArgs,
    },
    #[command(flatten)]
    Operations(operations::Command),
    #[command(flatten)]
    Template(template::Command),
    #[command(flatten)]
    Relocate(relocate::Command),
    #[command(flatten)]
    Allocation(allocation::Command),
    #[command(flatten)]
    Devices(devices::Command),
    #[command(flatten)]
    HostDevices(host_devices::Command),
    #[command(flatten)]
    Console(console::Command),
}

pub async fn run(app: &App, command: Command) -> Outcome {
    let environment = app.environment().await?;
    let all = format!("{environment}/servers/");
    let of_farm = async |farm: &str| {
        let path = object::path(app, &farms::NOUN, &format!("{environment}/farms/"), farm).await?;
        Outcome::Ok(format!("{path}servers/"))
    };
    let action =
        async |server: String, verb: &str, hard: Option<bool>, status: Option<&'static str>, change: ChangeArgs| {
            let path = object::path(app, &NOUN, &all, &server).await?;
            let call = Call::post(format!("{path}actions/{verb}/")).with([("hard", hard.map(Value::Bool))]);
            let Some(object) = object::change(app, change, &call).await? else { return Ok(()) };
            match status {
                Some(status) => {
                    follow(app, &path, status).await?;
                    object::print_saved(app, &NOUN, &app.client.data(&Call::get(path)).await?)
                }
                None => object::print_saved(app, &NOUN, &object),
            }
        };
    match command {
        Command::List { farm, args } => {
            let path = match farm {
                Some(farm) => of_farm(&farm).await?,
                None => all,
            };
            object::list(app, &NOUN, Call::get(path), &args).await
        }
        Command::Show { server_id } => object::show(app, &NOUN, &all, &server_id).await,
        Command::Events { server_id } => {
            let id = object::id_of(app, &NOUN, &all, &server_id).await?;
            let call = Call::get(format!("{environment}/event-logs/")).query("server", &id);
            object::list(app, &EVENT, call, &ListArgs { all: true, ..ListArgs::default() }).await
        }
        Command::Watch { farm } => watch(app, &of_farm(&farm).await?, None).await,
        Command::Launch { farm_role, change } => {
            let call = Call::post(all.as_str()).with([("farmRole", Some(json!({ "id": farm_role })))]);
            object::save(app, change, &NOUN, &call).await
        }
        Command::Suspend { server_id, wait, change } => {
            action(server_id, "suspend", None, wait.wait.then_some("suspended"), change).await
        }
        Command::Resume { server_id, wait, change } => {
            action(server_id, "resume", None, wait.wait.then_some("running"), change).await
        }
        Command::Reboot { server_id, hard, change } => {
            action(server_id, "reboot", hard.then_some(true), None, change).await
        }
        Command::Terminate { server_id, wait, change } => {
            action(server_id, "terminate", None, wait.wait.then_some("terminated"), change).await
        }
        Command::Sync { server_id, change } => action(server_id, "sync", None, None, change).await,
        Command::Operations(command) => operations::run(app, &all, command).await,
        Command::Relocate(command) => relocate::run(app, &all, command).await,
        Command::Template(command) => template::run(app, &all, command).await,
        Command::Allocation(command) => allocation::run(app, &all, command).await,
        Command::Devices(command) => devices::run(app, &all, command).await,
        Command::HostDevices(command) => host_devices::run(app, &all, command).await,
        Command::Console(command) => console::run(app, &all, command).await,
    }
}

/// Waits until all servers of a list, or the one at the path, have this status; says each step on standard error. Ends
/// with an error when one cannot get there by itself.
pub async fn follow(app: &App, path: &str, status: &'static str) -> Outcome {
    watch(app, path, Some(status)).await
}

async fn watch(app: &App, path: &str, until: Option<&'static str>) -> Outcome {
    let mut said: HashMap<String, String> = HashMap::new();
    loop {
        let rows = match app.client.data(&Call::get(path).query("maxResults", crate::client::PAGE)).await {
            Ok(Value::Array(rows)) => rows,
            Ok(server) => vec![server],
            Err(Failure::Unreachable { reason, .. }) => {
                note(&format!("interrupted: {reason}"));
                sleep(ASK_EVERY).await;
                continue;
            }
            Err(err) => return Err(err),
        };
        for row in &rows {
            let line = line(row);
            let id = row.pointer("/id").map(text).unwrap_or_default();
            if said.get(&id) != Some(&line) {
                note(&line);
                said.insert(id, line);
            }
        }
        if let Some(until) = until {
            let is = |row: &Value, status: &str| row["status"] == status;
            // Those that were terminated before are still shown for a while.
            let counted = |row: &&Value| until == "terminated" || !is(row, "terminated");
            if rows.iter().filter(counted).all(|it| is(it, until)) {
                return Ok(());
            }
            let hopeless = ["permanent", "failed", "missing", "unreachable"];
            if let Some(row) = rows.iter().find(|it| hopeless.iter().any(|class| it["failure"]["class"] == *class)) {
                let next = row.pointer("/failure/nextSteps/0").map(text).unwrap_or_default();
                return Err(Failure::Other(anyhow::anyhow!("{}; next: {next}", line(row))));
            }
        }
        sleep(ASK_EVERY).await;
    }
}

/// `web-1 (openstack): running, 10.20.0.5`.
fn line(row: &Value) -> String {
    let field = |pointer: &str| row.pointer(pointer).filter(|it| !it.is_null()).map(text);
    let name = field("/name").or_else(|| field("/id")).unwrap_or_default();
    let cloud = field("/cloudPlatform").unwrap_or_default();
    let status = field("/status").unwrap_or_default();
    let address = field("/connectionAddress").map_or_else(String::new, |it| format!(", {it}"));
    let failure = field("/failure/summary").map_or_else(String::new, |it| format!("; {it}"));
    let waits = field("/waitingFor/for").filter(|_| failure.is_empty());
    let error = field("/waitingFor/lastError").unwrap_or_default();
    let waits = waits.map_or_else(String::new, |it| format!("; waits for {it}: {error}"));
    format!("{name} ({cloud}): {status}{address}{waits}{failure}")
}
