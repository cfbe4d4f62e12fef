use clap::{Subcommand, ValueEnum};
use serde_json::{Value, json};

use super::ask::{OPERATION, ask, details, of_details, of_location};
use crate::{
    app::App,
    client::{Call, encode},
    failure::Outcome,
    farms::WaitArgs,
    floating_ips,
    object::{self, ChangeArgs, Ids, ListArgs, Noun},
    output::{Form, column::Column, print_data, print_list},
    volumes,
};

const SNAPSHOT: Noun = Noun {
    what: "snapshot",
    id: "/id",
    name: "name",
    ids: Ids::Any,
    columns: &[
        Column::text("ID", "/id"),
        Column::text("NAME", "/name"),
        Column::text("STATUS", "/status"),
        Column::text("AFTER", "/parent"),
        Column::bytes("SIZE", "/sizeBytes"),
        Column::age("AGE", "/created"),
        Column::text("DESCRIPTION", "/description"),
    ],
};
const DISKS: &[Column] = &[
    Column::text("ID", "/id"),
    Column::text("NAME", "/name"),
    Column::bytes("SIZE", "/sizeBytes"),
    Column::text("PROVISIONING", "/provisioning"),
    Column::text("PLACE", "/place"),
];

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Give a server another instance type
    #[command(
        after_long_help = "OpenStack restarts a server that runs for it, and leaves one that is off as it is. On vSphere a \
                           machine that runs can only grow, and only with hot add; otherwise it has to be off.

Examples:
  stackyard servers resize 019a9f3e-7d2c-7000-8000-000000000001 --to m1.large --wait"
    )]
    Resize {
        server_id: String,
        /// A flavor or a vSphere size, by id or name
        #[arg(long, value_name = "TYPE")]
        to: String,
        #[command(flatten)]
        wait: WaitArgs,
        #[command(flatten)]
        change: ChangeArgs,
    },
    /// Make a snapshot of a server: an image on OpenStack
    #[command(
        after_long_help = "Without the memory of the guest; what it has not written to its disks yet is not in it.

Examples:
  stackyard servers snapshot 019a9f3e-7d2c-7000-8000-000000000001 before-upgrade --wait"
    )]
    Snapshot {
        server_id: String,
        name: String,
        #[arg(long)]
        description: Option<String>,
        #[command(flatten)]
        wait: WaitArgs,
        #[command(flatten)]
        change: ChangeArgs,
    },
    /// List the snapshots of a server, with their age, as its cloud has them now
    #[command(after_long_help = "Examples:\n  stackyard servers snapshots 019a9f3e-7d2c-7000-8000-000000000001")]
    Snapshots { server_id: String },
    /// List the disks of a server, or its volumes, as its cloud has them now
    #[command(after_long_help = "Examples:\n  stackyard servers disks 019a9f3e-7d2c-7000-8000-000000000001")]
    Disks { server_id: String },
    /// Show disks, snapshots and floating IPs of a server, as its cloud has them now
    #[command(after_long_help = "Examples:\n  stackyard servers details 019a9f3e-7d2c-7000-8000-000000000001 -o yaml")]
    Details { server_id: String },
    /// Add a disk to a server (vSphere)
    #[command(after_long_help = "Examples:
  stackyard servers add-disk 019a9f3e-7d2c-7000-8000-000000000001 --size 20 --wait
  stackyard servers add-disk 019a9f3e-7d2c-7000-8000-000000000001 --size 20 --provisioning thick")]
    AddDisk {
        server_id: String,
        /// In GiB
        #[arg(long, value_name = "GIB")]
        size: u32,
        /// How its bytes come to be there
        #[arg(long, value_enum)]
        provisioning: Option<Provisioning>,
        #[command(flatten)]
        wait: WaitArgs,
        #[command(flatten)]
        change: ChangeArgs,
    },
    /// Make a disk of a server larger (vSphere)
    #[command(after_long_help = "The guest sees the new size after a rescan; its partitions stay as they are.

Examples:
  stackyard servers extend-disk 019a9f3e-7d2c-7000-8000-000000000001 \"Hard disk 2\" --size 40 --wait")]
    ExtendDisk {
        server_id: String,
        /// By id or name; stackyard servers disks shows them
        disk: String,
        /// In GiB; never less than it has
        #[arg(long, value_name = "GIB")]
        size: u32,
        #[command(flatten)]
        wait: WaitArgs,
        #[command(flatten)]
        change: ChangeArgs,
    },
    /// Remove a disk of a server with its file (vSphere)
    #[command(after_long_help = "What is on the disk is gone.

Examples:
  stackyard servers remove-disk 019a9f3e-7d2c-7000-8000-000000000001 \"Hard disk 2\" --wait")]
    RemoveDisk {
        server_id: String,
        /// By id or name; stackyard servers disks shows them
        disk: String,
        #[command(flatten)]
        wait: WaitArgs,
        #[command(flatten)]
        change: ChangeArgs,
    },
    /// Attach a volume that is there and free to a server (OpenStack)
    #[command(after_long_help = "Examples:
  stackyard servers attach-volume 019a9f3e-7d2c-7000-8000-000000000001 data --wait
  stackyard servers attach-volume 019a9f3e-7d2c-7000-8000-000000000001 5f1c7c7e-6a3f-4a52-9d0e-3c1d2b4a6f80 --wait")]
    AttachVolume {
        server_id: String,
        /// By id or name; stackyard volumes list shows them. One that was not made here by its id in the cloud
        volume: String,
        #[command(flatten)]
        wait: WaitArgs,
        #[command(flatten)]
        change: ChangeArgs,
    },
    /// Detach a volume from a server and keep it (OpenStack)
    #[command(after_long_help = "Unmount it in the guest first.

Examples:
  stackyard servers detach-volume 019a9f3e-7d2c-7000-8000-000000000001 data --wait")]
    DetachVolume {
        server_id: String,
        /// By id or name
        volume: String,
        #[command(flatten)]
        wait: WaitArgs,
        #[command(flatten)]
        change: ChangeArgs,
    },
    /// Give a server a floating IP (OpenStack)
    #[command(
        after_long_help = "Of a pool, a free one that is the project's own, or a new one, which goes with the server. One that \
                           was made with stackyard floating-ips is named by --floating-ip, and stays when the server goes.

Examples:
  stackyard servers add-floating-ip 019a9f3e-7d2c-7000-8000-000000000001 --pool public --wait
  stackyard servers add-floating-ip 019a9f3e-7d2c-7000-8000-000000000001 --floating-ip front --wait"
    )]
    AddFloatingIp {
        server_id: String,
        /// An external network, by id or name
        #[arg(long, value_name = "NETWORK", required_unless_present = "floating_ip", conflicts_with = "floating_ip")]
        pool: Option<String>,
        /// This one, by id or name
        #[arg(long, value_name = "FLOATING_IP")]
        floating_ip: Option<String>,
        #[command(flatten)]
        wait: WaitArgs,
        #[command(flatten)]
        change: ChangeArgs,
    },
    /// Take a floating IP from a server (OpenStack)
    #[command(after_long_help = "Examples:
  stackyard servers remove-floating-ip 019a9f3e-7d2c-7000-8000-000000000001 203.0.113.7 --wait")]
    RemoveFloatingIp {
        server_id: String,
        /// By address or id; stackyard servers details shows them
        address: String,
        #[command(flatten)]
        wait: WaitArgs,
        #[command(flatten)]
        change: ChangeArgs,
    },
    /// List what was asked of a server, the latest first, and how far it is
    #[command(after_long_help = "Examples:
  stackyard servers operations 019a9f3e-7d2c-7000-8000-000000000001
  stackyard servers operations 019a9f3e-7d2c-7000-8000-000000000001 --filter status=failed -o yaml")]
    Operations {
        server_id: String,
        #[command(flatten)]
        args: ListArgs,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Provisioning {
    Thin,
    /// Zeroed when first written
    Thick,
    /// Zeroed at once
    EagerZeroedThick,
}

pub async fn run(app: &App, servers: &str, command: Command) -> Outcome {
    let one = |id: &str| format!("{servers}{}/", encode(id));
    let reference = |id: String| Some(json!({ "id": id }));
    let action = |id: &str, verb: &str| Call::post(format!("{}actions/{verb}/", one(id)));
    match command {
        Command::Resize { server_id, to, wait, change } => {
            let id = of_location(app, &one(&server_id), "instance-types", &to).await?;
            let call = action(&server_id, "change-instance-type").with([("instanceType", reference(id))]);
            ask(app, &one(&server_id), &call, wait, change).await
        }
        Command::Snapshot { server_id, name, description, wait, change } => {
            let call = Call::post(format!("{}snapshots/", one(&server_id)));
            let call = call.with([("name", Some(json!(name))), ("description", description.map(Value::from))]);
            ask(app, &one(&server_id), &call, wait, change).await
        }
        Command::Snapshots { server_id } => {
            let call = Call::get(format!("{}snapshots/", one(&server_id)));
            object::list(app, &SNAPSHOT, call, &ListArgs { all: true, ..ListArgs::default() }).await
        }
        Command::Disks { server_id } => {
            let disks = details(app, &one(&server_id)).await?["disks"].take();
            print_list(app.form, DISKS, "/id", disks.as_array().map_or(&[], Vec::as_slice))
        }
        Command::Details { server_id } => match app.form {
            Form::Table => {
                let details = details(app, &one(&server_id)).await?;
                print_data(Form::Yaml, &details)
            }
            form => print_data(form, &details(app, &one(&server_id)).await?),
        },
        Command::AddDisk { server_id, size, provisioning, wait, change } => {
            let provisioning = provisioning.map(|it| match it {
                Provisioning::Thin => json!("thin"),
                Provisioning::Thick => json!("thick"),
                Provisioning::EagerZeroedThick => json!("eagerZeroedThick"),
            });
            let call = action(&server_id, "add-disk");
            let call = call.with([("sizeGib", Some(json!(size))), ("provisioning", provisioning)]);
            ask(app, &one(&server_id), &call, wait, change).await
        }
        Command::ExtendDisk { server_id, disk, size, wait, change } => {
            let id = of_details(app, &one(&server_id), "disks", "name", &disk).await?;
            let call = action(&server_id, "extend-disk");
            let call = call.with([("disk", reference(id)), ("sizeGib", Some(json!(size)))]);
            ask(app, &one(&server_id), &call, wait, change).await
        }
        Command::RemoveDisk { server_id, disk, wait, change } => {
            let id = of_details(app, &one(&server_id), "disks", "name", &disk).await?;
            let call = action(&server_id, "remove-disk").with([("disk", reference(id))]);
            ask(app, &one(&server_id), &call, wait, change).await
        }
        Command::AttachVolume { server_id, volume, wait, change } => {
            let id = volumes::in_cloud(app, &volume).await?;
            let call = action(&server_id, "attach-volume").with([("volume", reference(id))]);
            ask(app, &one(&server_id), &call, wait, change).await
        }
        Command::DetachVolume { server_id, volume, wait, change } => {
            let id = of_details(app, &one(&server_id), "disks", "name", &volume).await?;
            let call = action(&server_id, "detach-volume").with([("volume", reference(id))]);
            ask(app, &one(&server_id), &call, wait, change).await
        }
        Command::AddFloatingIp { server_id, pool, floating_ip, wait, change } => {
            let pool = match pool {
                Some(pool) => reference(of_location(app, &one(&server_id), "networks", &pool).await?),
                None => None,
            };
            let floating_ip = match floating_ip {
                Some(given) => reference(floating_ips::in_cloud(app, &given).await?),
                None => None,
            };
            let call = action(&server_id, "add-floating-ip").with([("pool", pool), ("floatingIp", floating_ip)]);
            ask(app, &one(&server_id), &call, wait, change).await
        }
        Command::RemoveFloatingIp { server_id, address, wait, change } => {
            let id = of_details(app, &one(&server_id), "floatingIps", "address", &address).await?;
            let call = action(&server_id, "remove-floating-ip").with([("floatingIp", reference(id))]);
            ask(app, &one(&server_id), &call, wait, change).await
        }
        Command::Operations { server_id, args } => {
            object::list(app, &OPERATION, Call::get(format!("{}operations/", one(&server_id))), &args).await
        }
    }
}
