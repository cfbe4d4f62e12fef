use clap::{Args, Subcommand};

use crate::{
    app::App,
    client::Call,
    failure::Outcome,
    object::{self, ChangeArgs, Ids, ListArgs, Noun},
    output::column::Column,
};

const PATH: &str = "/global/vmware-instance-types/";
const NOUN: Noun = Noun {
    what: "vSphere size",
    id: "/id",
    name: "name",
    ids: Ids::Hex(12),
    columns: &[
        Column::text("ID", "/id"),
        Column::text("NAME", "/name"),
        Column::text("VCPUS", "/vcpus"),
        Column::text("CORES PER SOCKET", "/coresPerSocket"),
        Column::mib("MEMORY", "/memoryMib"),
    ],
};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// List the vSphere sizes
    #[command(after_long_help = "Examples:\n  stackyard sizes list")]
    List(ListArgs),
    /// Show a vSphere size
    #[command(after_long_help = "Examples:\n  stackyard sizes show small")]
    Show { size: String },
    /// Define a vSphere size
    #[command(
        after_long_help = "Examples:\n  stackyard sizes create huge --vcpus 16 --memory-mib 65536 --cores-per-socket 8"
    )]
    Create {
        name: String,
        #[command(flatten)]
        fields: Fields,
        #[command(flatten)]
        change: ChangeArgs,
    },
    /// Change a vSphere size
    #[command(after_long_help = "Examples:\n  stackyard sizes update huge --memory-mib 131072")]
    Update {
        size: String,
        #[arg(long)]
        name: Option<String>,
        #[command(flatten)]
        fields: Fields,
        #[command(flatten)]
        change: ChangeArgs,
    },
    /// Delete a vSphere size
    #[command(after_long_help = "Examples:\n  stackyard sizes delete huge")]
    Delete {
        size: String,
        #[command(flatten)]
        change: ChangeArgs,
    },
}

#[derive(Debug, Args)]
pub struct Fields {
    #[arg(long, value_name = "N")]
    vcpus: Option<i64>,
    /// A multiple of 4
    #[arg(long, value_name = "MIB")]
    memory_mib: Option<i64>,
    /// Divides the number of vCPUs [default: 1]
    #[arg(long, value_name = "N")]
    cores_per_socket: Option<i64>,
}

pub async fn run(app: &App, command: Command) -> Outcome {
    let with = |call: Call, name: Option<String>, fields: Fields| {
        call.with([
            ("name", name.map(Into::into)),
            ("vcpus", fields.vcpus.map(Into::into)),
            ("memoryMib", fields.memory_mib.map(Into::into)),
            ("coresPerSocket", fields.cores_per_socket.map(Into::into)),
        ])
    };
    match command {
        Command::List(args) => object::list(app, &NOUN, Call::get(PATH), &args).await,
        Command::Show { size } => object::show(app, &NOUN, PATH, &size).await,
        Command::Create { name, fields, change } => {
            object::save(app, change, &NOUN, &with(Call::post(PATH), Some(name), fields)).await
        }
        Command::Update { size, name, fields, change } => {
            let path = object::path(app, &NOUN, PATH, &size).await?;
            object::save(app, change, &NOUN, &with(Call::patch(path), name, fields)).await
        }
        Command::Delete { size, change } => object::delete(app, change, &NOUN, PATH, &size).await,
    }
}
