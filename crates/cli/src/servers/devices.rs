use clap::{Subcommand, ValueEnum};
use serde_json::json;

use super::ask::ask;
use crate::{
    app::App,
    client::{Call, encode},
    failure::Outcome,
    farms::WaitArgs,
    object::ChangeArgs,
};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Put an ISO of a datastore into a CD drive of a server (vSphere)
    #[command(
        after_long_help = "What is in the drive is taken out. stackyard datastore-files list shows what a datastore has.

Examples:
  stackyard servers connect-cdrom 019a9f3e-7d2c-7000-8000-000000000001 \"[nfs-1] iso/debian-12.iso\" --wait"
    )]
    ConnectCdrom {
        server_id: String,
        /// \"[datastore] folder/image.iso\"
        iso: String,
        #[command(flatten)]
        wait: WaitArgs,
        #[command(flatten)]
        change: ChangeArgs,
    },
    /// Take ISOs out of the CD drives of a server (vSphere)
    #[command(
        after_long_help = "Unmount them in the guest first: a vCenter asks whether a locked drive is to be opened.

Examples:
  stackyard servers disconnect-cdrom 019a9f3e-7d2c-7000-8000-000000000001 --wait"
    )]
    DisconnectCdrom {
        server_id: String,
        #[command(flatten)]
        wait: WaitArgs,
        #[command(flatten)]
        change: ChangeArgs,
    },
    /// Have changed blocks of a server's disks tracked for backups, or not (vSphere)
    #[command(after_long_help = "It begins with the next start of the machine, or the next snapshot.

Examples:
  stackyard servers set-change-tracking 019a9f3e-7d2c-7000-8000-000000000001 on --wait")]
    SetChangeTracking {
        server_id: String,
        /// Tracked or not
        #[arg(value_enum)]
        to: Switch,
        #[command(flatten)]
        wait: WaitArgs,
        #[command(flatten)]
        change: ChangeArgs,
    },
    /// Set who may look at the screen of a server at once, and whether its guest is locked after them (vSphere)
    #[command(
        after_long_help = "What is not given stays as it is. It is about the remote console of the vCenter and its hosts; those
who are connected stay. stackyard servers details shows what it has.

Examples:
  stackyard servers set-remote-console 019a9f3e-7d2c-7000-8000-000000000001 --max-connections 1 --lock-guest on --wait"
    )]
    SetRemoteConsole {
        server_id: String,
        /// How many may be connected at once: 1 to 40
        #[arg(long, value_name = "N")]
        max_connections: Option<u32>,
        /// Whether the guest is locked when the last one goes
        #[arg(long, value_enum)]
        lock_guest: Option<Switch>,
        #[command(flatten)]
        wait: WaitArgs,
        #[command(flatten)]
        change: ChangeArgs,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Switch {
    On,
    Off,
}

pub async fn run(app: &App, servers: &str, command: Command) -> Outcome {
    let one = |id: &str| format!("{servers}{}/", encode(id));
    let action = |id: &str, verb: &str| Call::post(format!("{}actions/{verb}/", one(id)));
    match command {
        Command::ConnectCdrom { server_id, iso, wait, change } => {
            let call = action(&server_id, "connect-cdrom").with([("iso", Some(json!(iso)))]);
            ask(app, &one(&server_id), &call, wait, change).await
        }
        Command::DisconnectCdrom { server_id, wait, change } => {
            let call = action(&server_id, "disconnect-cdrom").with([]);
            ask(app, &one(&server_id), &call, wait, change).await
        }
        Command::SetChangeTracking { server_id, to, wait, change } => {
            let call = action(&server_id, "set-change-tracking").with([("enabled", Some(json!(to == Switch::On)))]);
            ask(app, &one(&server_id), &call, wait, change).await
        }
        Command::SetRemoteConsole { server_id, max_connections, lock_guest, wait, change } => {
            let call = action(&server_id, "set-remote-console").with([
                ("maxConnections", max_connections.map(|it| json!(it))),
                ("lockGuest", lock_guest.map(|it| json!(it == Switch::On))),
            ]);
            ask(app, &one(&server_id), &call, wait, change).await
        }
    }
}
