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
    /// Connect a USB device of its host to a server (vSphere)
    #[command(
        after_long_help = "The device is named as the host names it. Where the host has no such device, the answer says which it \
                           has. The machine stays on this host while it has the device.

Examples:
  stackyard servers connect-usb 019a9f3e-7d2c-7000-8000-000000000001 \"path:1/0/3 version:2\" --wait"
    )]
    ConnectUsb {
        server_id: String,
        /// \"path:1/0/3 version:2\"
        device: String,
        #[command(flatten)]
        wait: WaitArgs,
        #[command(flatten)]
        change: ChangeArgs,
    },
    /// Disconnect a USB device of its host from a server (vSphere)
    #[command(
        after_long_help = "Unmount it in the guest first. stackyard servers details shows what is connected; the path is enough.

Examples:
  stackyard servers disconnect-usb 019a9f3e-7d2c-7000-8000-000000000001 path:1/0/3 --wait"
    )]
    DisconnectUsb {
        server_id: String,
        /// \"path:1/0/3\"
        device: String,
        #[command(flatten)]
        wait: WaitArgs,
        #[command(flatten)]
        change: ChangeArgs,
    },
    /// Add a LUN of its host as a disk to a server: a raw device mapping (vSphere)
    #[command(
        after_long_help = "What is on the LUN stays, and the server reads and writes it. A LUN with a datastore, a disk of the \
                           host itself or of another machine is refused. stackyard servers remove-disk takes it away again, \
                           and leaves what is on it.

Examples:
  stackyard servers add-raw-disk 019a9f3e-7d2c-7000-8000-000000000001 --lun naa.600a0b80001111550000f35b93e19350 \
--compatibility virtual --wait"
    )]
    AddRawDisk {
        server_id: String,
        /// The canonical name of the LUN
        #[arg(long, value_name = "NAME")]
        lun: String,
        /// The device itself, which is in no snapshot, or a disk like others
        #[arg(long, value_enum)]
        compatibility: Compatibility,
        #[command(flatten)]
        wait: WaitArgs,
        #[command(flatten)]
        change: ChangeArgs,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Compatibility {
    Physical,
    Virtual,
}

pub async fn run(app: &App, servers: &str, command: Command) -> Outcome {
    let one = |id: &str| format!("{servers}{}/", encode(id));
    let action = |id: &str, verb: &str| Call::post(format!("{}actions/{verb}/", one(id)));
    match command {
        Command::ConnectUsb { server_id, device, wait, change } => {
            let call = action(&server_id, "connect-usb").with([("device", Some(json!(device)))]);
            ask(app, &one(&server_id), &call, wait, change).await
        }
        Command::DisconnectUsb { server_id, device, wait, change } => {
            let call = action(&server_id, "disconnect-usb").with([("device", Some(json!(device)))]);
            ask(app, &one(&server_id), &call, wait, change).await
        }
        Command::AddRawDisk { server_id, lun, compatibility, wait, change } => {
            let compatibility = match compatibility {
                Compatibility::Physical => "physical",
                Compatibility::Virtual => "virtual",
            };
            let body = [("lun", Some(json!(lun))), ("compatibility", Some(json!(compatibility)))];
            ask(app, &one(&server_id), &action(&server_id, "add-raw-disk").with(body), wait, change).await
        }
    }
}
