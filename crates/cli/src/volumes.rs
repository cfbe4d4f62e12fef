use clap::Subcommand;
use serde_json::json;

use crate::{
    app::App,
    assets::{Assets, SaveArgs},
    client::Call,
    failure::Outcome,
    location::LocationArgs,
    object::{self, Ids, ListArgs, Noun},
    output::{column::Column, print_object},
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
        save: SaveArgs,
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
        save: SaveArgs,
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
        save: SaveArgs,
    },
}

pub async fn run(app: &App, command: Command) -> Outcome {
    let volumes = volumes(app).await?;
    match command {
        Command::List { args } => object::list(app, &NOUN, Call::get(volumes.all), &args).await,
        Command::Show { volume } => print_object(app.form, NOUN.id, &volumes.get(app, &volume).await?),
        Command::Create { name, size, location, volume_type, zone, save } => {
            let (platform, location) = LocationArgs::on("openstack", location).ids(app).await?;
            let reference = |it: Option<String>| it.map(|id| json!({ "id": id }));
            let call = Call::post(volumes.all.as_str()).with([
                ("name", Some(json!(name))),
                ("cloudPlatform", Some(json!(platform))),
                ("cloudLocation", Some(json!(location))),
                ("sizeGib", Some(json!(size))),
                ("volumeType", reference(volume_type)),
                ("availabilityZone", reference(zone)),
            ]);
            volumes.save(app, &call, "ready", save).await
        }
        Command::Extend { volume, size, save } => {
            let call = Call::patch(volumes.path(app, &volume).await?).with([("sizeGib", Some(json!(size)))]);
            volumes.save(app, &call, "ready", save).await
        }
        Command::Delete { volume, save } => {
            let call = Call::delete(volumes.path(app, &volume).await?);
            volumes.save(app, &call, "deleted", save).await
        }
    }
}

async fn volumes(app: &App) -> Outcome<Assets> {
    Ok(Assets { noun: &NOUN, all: format!("{}/volumes/", app.environment().await?) })
}

/// The id in the cloud of a volume that need not be ours.
pub async fn in_cloud(app: &App, given: &str) -> Outcome<String> {
    volumes(app).await?.in_cloud(app, given, "/cloudVolumeId", "volumes").await
}
