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
    /// Move a server to another host, resource pool or datastore (vSphere)
    #[command(
        after_long_help = "A server that runs goes on. With a host of another cluster and no pool it goes to the root pool of that \
                           cluster; with a pool alone, DRS chooses the host. All of its disks go to the datastore.

Examples:
  stackyard servers relocate 019a9f3e-7d2c-7000-8000-000000000001 --host esx-7.example.org --wait
  stackyard servers relocate 019a9f3e-7d2c-7000-8000-000000000001 --resource-pool gold --wait
  stackyard servers relocate 019a9f3e-7d2c-7000-8000-000000000001 --datastore nfs-2 --dry-run"
    )]
    Relocate {
        server_id: String,
        /// By id or name
        #[arg(long, required_unless_present_any = ["resource_pool", "datastore"])]
        host: Option<String>,
        /// By id or name
        #[arg(long, value_name = "POOL")]
        resource_pool: Option<String>,
        /// By id or name
        #[arg(long)]
        datastore: Option<String>,
        #[command(flatten)]
        wait: WaitArgs,
        #[command(flatten)]
        change: ChangeArgs,
    },
}

pub async fn run(app: &App, servers: &str, command: Command) -> Outcome {
    let Command::Relocate { server_id, host, resource_pool, datastore, wait, change } = command;
    let server = format!("{servers}{}/", encode(&server_id));
    let place = async |noun: &str, given: Option<String>| match given {
        Some(given) => Outcome::Ok(Some(json!({ "id": of_location(app, &server, noun, &given).await? }))),
        None => Ok(None::<Value>),
    };
    let host = place("hosts", host).await?;
    let pool = place("resource-pools", resource_pool).await?;
    let datastore = place("datastores", datastore).await?;
    let call = Call::post(format!("{server}actions/relocate/"));
    let call = call.with([("host", host), ("resourcePool", pool), ("datastore", datastore)]);
    ask(app, &server, &call, wait, change).await
}
