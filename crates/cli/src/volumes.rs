use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::{
    app::App,
    client::{Call, encode},
    failure::{Failure, Outcome},
    location::LocationArgs,
    object::{self, ChangeArgs, Ids, ListArgs, Noun},
    output::{
        column::{Column, text},
        print_object,
    },
    servers::follow,
};

const NOUN: Noun = Noun {
    what: "volume",
    id: "/id",
    name: "name",
    ids: Ids::Uuid,
    columns: &[
        Column::text("ID", "/id"),
        Column::text("NAME", "/name"),
        Column::text("LOCATION", "/cloudLocation"),
        Column::text("GIB", "/sizeGib"),
        Column::text("TYPE", "/volumeType/id"),
        Column::text("STATUS", "/status"),
        Column::text("SERVER", "/attachedTo/0/name"),
        Column::text("IN THE CLOUD", "/cloudVolumeId"),
        Column::text("FAILURE", "/failure/summary"),
        Column::age("ADDED", "/added"),
    ],
};

#[derive(Debug, Clone, Copy, Default, Args)]
pub struct WaitArgs {
    /// Wait until the cloud has done it, with a line for each step
    #[arg(long)]
    wait: bool,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// List the volumes of the environment
    #[command(after_long_help = "Those that were deleted are shown for ten minutes.

Examples:
  stackyard volumes list
  stackyard volumes list --filter status=failed -o yaml
  stackyard volumes list --filter nameContains=data --sort=-added")]
    List {
        #[command(flatten)]
        args: ListArgs,
    },
    /// Show a volume, with the server that has it
    #[command(after_long_help = "Examples:\n  stackyard volumes show data -o yaml")]
    Show {
        /// By id or name
        volume: String,
    },
    /// Create a volume (OpenStack)
    #[command(
        after_long_help = "It is empty, and stays whatever becomes of the servers that use it, until it is deleted.

Examples:
  stackyard volumes create data --size 20 --wait
  stackyard volumes create data --size 20 --location RegionOne --type fast --zone nova
  stackyard volumes create data --size 20 --wait -o name"
    )]
    Create {
        /// Unique among the volumes of the environment
        name: String,
        /// In GiB
        #[arg(long, value_name = "GIB")]
        size: u32,
        /// Region, by id or name; may be left out where there is one
        #[arg(long, value_name = "LOCATION")]
        location: Option<String>,
        /// A volume type, by id or name; stackyard volume-types list shows them. Default: the cloud's
        #[arg(long = "type", value_name = "TYPE")]
        volume_type: Option<String>,
        /// An availability zone, where volumes and servers have to be in the same
        #[arg(long)]
        zone: Option<String>,
        #[command(flatten)]
        wait: WaitArgs,
        #[command(flatten)]
        change: ChangeArgs,
    },
    /// Make a volume larger
    #[command(
        after_long_help = "Never smaller. A server that has the volume keeps it, where the cloud can; its guest sees the new \
                           size after a rescan, and its file system stays as it is.

Examples:
  stackyard volumes extend data --size 40 --wait"
    )]
    Extend {
        /// By id or name
        volume: String,
        /// In GiB; never less than it has
        #[arg(long, value_name = "GIB")]
        size: u32,
        #[command(flatten)]
        wait: WaitArgs,
        #[command(flatten)]
        change: ChangeArgs,
    },
    /// Delete a volume that no server has, with its data
    #[command(
        after_long_help = "One that a server has is refused, with who it is: stackyard servers detach-volume takes it away.

Examples:
  stackyard volumes delete data --wait"
    )]
    Delete {
        /// By id or name
        volume: String,
        #[command(flatten)]
        wait: WaitArgs,
        #[command(flatten)]
        change: ChangeArgs,
    },
}

pub async fn run(app: &App, command: Command) -> Outcome {
    let all = all(app).await?;
    match command {
        Command::List { args } => object::list(app, &NOUN, Call::get(all), &args).await,
        Command::Show { volume } => print_object(app.form, NOUN.id, &get(app, &volume).await?),
        Command::Create { name, size, location, volume_type, zone, wait, change } => {
            let (platform, location) = LocationArgs::on("openstack", location).ids(app).await?;
            let reference = |it: Option<String>| it.map(|id| json!({ "id": id }));
            let call = Call::post(all.as_str()).with([
                ("name", Some(json!(name))),
                ("cloudPlatform", Some(json!(platform))),
                ("cloudLocation", Some(json!(location))),
                ("sizeGib", Some(json!(size))),
                ("volumeType", reference(volume_type)),
                ("availabilityZone", reference(zone)),
            ]);
            save(app, &all, &call, "ready", wait, change).await
        }
        Command::Extend { volume, size, wait, change } => {
            let call = Call::patch(path(app, &all, &volume).await?).with([("sizeGib", Some(json!(size)))]);
            save(app, &all, &call, "ready", wait, change).await
        }
        Command::Delete { volume, wait, change } => {
            let call = Call::delete(path(app, &all, &volume).await?);
            save(app, &all, &call, "deleted", wait, change).await
        }
    }
}

async fn all(app: &App) -> Outcome<String> {
    Ok(format!("{}/volumes/", app.environment().await?))
}

/// Sends a change, and waits for its end when told to.
async fn save(app: &App, all: &str, call: &Call, status: &'static str, wait: WaitArgs, change: ChangeArgs) -> Outcome {
    let Some(mut volume) = object::change(app, change, call).await? else { return Ok(()) };
    if wait.wait {
        let one = format!("{all}{}/", encode(&volume.pointer(NOUN.id).map(text).unwrap_or_default()));
        follow(app, &one, status).await?;
        volume = app.client.data(&Call::get(one)).await?;
    }
    object::print_saved(app, &NOUN, &volume)
}

async fn path(app: &App, all: &str, given: &str) -> Outcome<String> {
    let id = get(app, given).await?.pointer(NOUN.id).map(text).unwrap_or_default();
    Ok(format!("{all}{}/", encode(&id)))
}

/// One by id, or by the name that it alone has among those that are not deleted.
async fn get(app: &App, given: &str) -> Outcome<Value> {
    find(app, given).await?.ok_or_else(|| Failure::NotFound(format!("there is no volume {given:?}")))
}

async fn find(app: &App, given: &str) -> Outcome<Option<Value>> {
    let all = all(app).await?;
    if NOUN.ids.match_(given) {
        return match app.client.data(&Call::get(format!("{all}{}/", encode(given)))).await {
            Err(err) if err.is_not_found() => Ok(None),
            found => Ok(Some(found?)),
        };
    }
    let rows = app.client.data(&Call::get(all).query(NOUN.name, given)).await?;
    let rows = rows.as_array().cloned().unwrap_or_default();
    Ok(rows.into_iter().find(|it| it["status"] != "deleted"))
}

/// The id in the cloud of a volume that is given by its id or name, or by the cloud's id: it need not be ours.
pub async fn in_cloud(app: &App, given: &str) -> Outcome<String> {
    match find(app, given).await? {
        Some(volume) => volume.pointer("/cloudVolumeId").filter(|it| it.is_string()).map(text).ok_or_else(|| {
            let status = volume.pointer("/status").map(text).unwrap_or_default();
            Failure::Other(anyhow::anyhow!("volume {given} is {status}: it is not in its cloud"))
        }),
        None if NOUN.ids.match_(given) => Ok(given.to_owned()),
        None => Err(Failure::NotFound(format!(
            "there is no volume {given:?}; stackyard volumes list shows them, and one that was not made here is given by \
             its id in the cloud"
        ))),
    }
}
