use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::{
    app::App,
    client::Call,
    failure::Outcome,
    object::{self, ChangeArgs, Ids, ListArgs, Noun},
    output::column::Column,
    projects, servers,
};

pub const NOUN: Noun = Noun {
    what: "farm",
    id: "/id",
    name: "name",
    ids: Ids::Number,
    columns: &[
        Column::text("ID", "/id"),
        Column::text("NAME", "/name"),
        Column::text("STATUS", "/status"),
        Column::text("SERVERS", "/servers"),
        Column::text("LAUNCH ORDER", "/launchOrder"),
        Column::text("LOCKED BY", "/locked/user/email"),
        Column::age("ADDED", "/added"),
    ],
};

#[derive(Debug, Clone, Copy, Default, Args)]
pub struct WaitArgs {
    /// Wait until it is done, with a line for each step of each server
    #[arg(long)]
    pub wait: bool,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// List the farms of the environment
    #[command(after_long_help = "Examples:\n  stackyard farms list --filter status=running")]
    List(ListArgs),
    /// Show a farm
    #[command(after_long_help = "Examples:\n  stackyard farms show shop -o yaml")]
    Show { farm: String },
    /// Create a farm; it has no servers until it has farm roles and is launched
    #[command(after_long_help = "Examples:
  stackyard farms create shop
  stackyard farms create shop --launch-order sequential --project Apollo")]
    Create {
        name: String,
        #[arg(long)]
        description: Option<String>,
        /// simultaneous, or sequential: a farm role begins when the servers of those before it run
        #[arg(long, value_name = "ORDER")]
        launch_order: Option<String>,
        /// By id or name
        #[arg(long)]
        project: Option<String>,
        #[command(flatten)]
        change: ChangeArgs,
    },
    /// Change a farm
    #[command(after_long_help = "Examples:\n  stackyard farms update shop --name web-shop")]
    Update {
        farm: String,
        #[arg(long)]
        name: Option<String>,
        #[arg(long)]
        description: Option<String>,
        /// simultaneous or sequential
        #[arg(long, value_name = "ORDER")]
        launch_order: Option<String>,
        /// By id or name; nothing takes it away
        #[arg(long)]
        project: Option<String>,
        #[command(flatten)]
        change: ChangeArgs,
    },
    /// Delete a farm that has no servers
    #[command(after_long_help = "Examples:\n  stackyard farms delete shop")]
    Delete {
        farm: String,
        #[command(flatten)]
        change: ChangeArgs,
    },
    /// Launch the servers of all farm roles
    #[command(after_long_help = "Examples:\n  stackyard farms launch shop --wait")]
    Launch {
        farm: String,
        #[command(flatten)]
        wait: WaitArgs,
        #[command(flatten)]
        change: ChangeArgs,
    },
    /// Suspend all servers
    #[command(after_long_help = "Examples:\n  stackyard farms suspend shop --wait")]
    Suspend {
        farm: String,
        #[command(flatten)]
        wait: WaitArgs,
        #[command(flatten)]
        change: ChangeArgs,
    },
    /// Resume all suspended servers
    #[command(after_long_help = "Examples:\n  stackyard farms resume shop --wait")]
    Resume {
        farm: String,
        #[command(flatten)]
        wait: WaitArgs,
        #[command(flatten)]
        change: ChangeArgs,
    },
    /// Make a farm with the same farm roles; you own it, and it has no servers
    #[command(after_long_help = "Examples:\n  stackyard farms clone shop shop-staging")]
    Clone {
        farm: String,
        /// Of the new farm
        name: String,
        #[command(flatten)]
        change: ChangeArgs,
    },
    /// Refuse changes of a farm and its farm roles until it is unlocked
    #[command(after_long_help = "Examples:
  stackyard farms lock shop \"sales until Monday\"
  stackyard farms lock shop \"sales until Monday\" --unlock-permission owner")]
    Lock {
        farm: String,
        /// Why; whoever is refused reads it
        comment: String,
        /// owner, or anyone who may change farms
        #[arg(long, value_name = "WHO", default_value = "anyone")]
        unlock_permission: String,
        #[command(flatten)]
        change: ChangeArgs,
    },
    /// Allow changes of a locked farm again
    #[command(after_long_help = "Examples:\n  stackyard farms unlock shop")]
    Unlock {
        farm: String,
        #[command(flatten)]
        change: ChangeArgs,
    },
    /// Terminate all servers; the farm stays
    #[command(after_long_help = "Examples:\n  stackyard farms terminate shop --wait")]
    Terminate {
        farm: String,
        #[command(flatten)]
        wait: WaitArgs,
        #[command(flatten)]
        change: ChangeArgs,
    },
}

pub async fn run(app: &App, command: Command) -> Outcome {
    let environment = app.environment().await?;
    let all = format!("{environment}/farms/");
    let project = async |given: Option<String>| match given {
        Some(given) if given.is_empty() => Outcome::Ok(Some(Value::Null)),
        Some(given) => {
            let projects = format!("{environment}/projects/");
            Ok(Some(json!({ "id": object::id_of(app, &projects::NOUN, &projects, &given).await? })))
        }
        None => Ok(None),
    };
    let action = async |farm: String, verb: &str, status: &'static str, wait: WaitArgs, change: ChangeArgs| {
        let path = object::path(app, &NOUN, &all, &farm).await?;
        let body = if verb == "terminate" { json!({ "force": false }) } else { Value::Null };
        let force = body.get("force").cloned();
        let call = Call::post(format!("{path}actions/{verb}/")).with([("force", force)]);
        let Some(farm) = object::change(app, change, &call).await? else { return Ok(()) };
        if wait.wait {
            servers::follow(app, &format!("{path}servers/"), status).await?;
            return object::print_saved(app, &NOUN, &app.client.data(&Call::get(path)).await?);
        }
        object::print_saved(app, &NOUN, &farm)
    };
    match command {
        Command::List(args) => object::list(app, &NOUN, Call::get(all), &args).await,
        Command::Show { farm } => object::show(app, &NOUN, &all, &farm).await,
        Command::Create { name, description, launch_order, project: given, change } => {
            let call = Call::post(all.as_str()).with([
                ("name", Some(json!(name))),
                ("description", description.map(Into::into)),
                ("launchOrder", launch_order.map(Into::into)),
                ("project", project(given).await?),
            ]);
            object::save(app, change, &NOUN, &call).await
        }
        Command::Update { farm, name, description, launch_order, project: given, change } => {
            let call = Call::patch(object::path(app, &NOUN, &all, &farm).await?).with([
                ("name", name.map(Into::into)),
                ("description", description.map(Into::into)),
                ("launchOrder", launch_order.map(Into::into)),
                ("project", project(given).await?),
            ]);
            object::save(app, change, &NOUN, &call).await
        }
        Command::Clone { farm, name, change } => {
            let path = object::path(app, &NOUN, &all, &farm).await?;
            let call = Call::post(format!("{path}actions/clone/")).with([("name", Some(json!(name)))]);
            object::save(app, change, &NOUN, &call).await
        }
        Command::Lock { farm, comment, unlock_permission, change } => {
            let path = object::path(app, &NOUN, &all, &farm).await?;
            let call = Call::post(format!("{path}actions/lock/"))
                .with([("lockComment", Some(json!(comment))), ("unlockPermission", Some(json!(unlock_permission)))]);
            object::save(app, change, &NOUN, &call).await
        }
        Command::Unlock { farm, change } => {
            let path = object::path(app, &NOUN, &all, &farm).await?;
            object::save(app, change, &NOUN, &Call::post(format!("{path}actions/unlock/"))).await
        }
        Command::Delete { farm, change } => object::delete(app, change, &NOUN, &all, &farm).await,
        Command::Launch { farm, wait, change } => action(farm, "launch", "running", wait, change).await,
        Command::Suspend { farm, wait, change } => action(farm, "suspend", "suspended", wait, change).await,
        Command::Resume { farm, wait, change } => action(farm, "resume", "running", wait, change).await,
        Command::Terminate { farm, wait, change } => action(farm, "terminate", "terminated", wait, change).await,
    }
}
