use clap::Subcommand;
use serde_json::{Value, json};

use super::ask::{ask, of_location};
use crate::{
    app::App,
    client::{Call, encode},
    failure::Outcome,
    farms::WaitArgs,
    object::ChangeArgs,
};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make a template of a server, to launch others from (vSphere)
    #[command(
        after_long_help = "The server goes on meanwhile: what its guest has not written to its disks yet is not in the \
                           template. RESULT is the id to register as an image.

Examples:
  stackyard servers create-template 019a9f3e-7d2c-7000-8000-000000000001 --name web-base --wait
  stackyard servers create-template 019a9f3e-7d2c-7000-8000-000000000001 --name web-base --folder images --wait
  stackyard images register web-base --os debian-12 --cloud vmware"
    )]
    CreateTemplate {
        server_id: String,
        /// Of the template
        #[arg(long)]
        name: String,
        /// By id or name; that of the server's machine where it is not given
        #[arg(long)]
        folder: Option<String>,
        /// By id or name; where the disks of the server's machine are, if it is not given
        #[arg(long)]
        datastore: Option<String>,
        #[command(flatten)]
        wait: WaitArgs,
        #[command(flatten)]
        change: ChangeArgs,
    },
}

pub async fn run(app: &App, servers: &str, command: Command) -> Outcome {
    let Command::CreateTemplate { server_id, name, folder, datastore, wait, change } = command;
    let server = format!("{servers}{}/", encode(&server_id));
    let place = async |noun: &str, given: Option<String>| match given {
        Some(given) => Outcome::Ok(Some(json!({ "id": of_location(app, &server, noun, &given).await? }))),
        None => Ok(None::<Value>),
    };
    let folder = place("folders", folder).await?;
    let datastore = place("datastores", datastore).await?;
    let call = Call::post(format!("{server}actions/create-template/"));
    let call = call.with([("name", Some(json!(name))), ("folder", folder), ("datastore", datastore)]);
    ask(app, &server, &call, wait, change).await
}
