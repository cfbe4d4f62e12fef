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
    what: "floating IP",
    id: "/id",
    name: "name",
    ids: Ids::Uuid,
    columns: &[
        Column::text("ID", "/id"),
        Column::text("NAME", "/name"),
        Column::text("LOCATION", "/cloudLocation"),
        Column::text("ADDRESS", "/address"),
        Column::text("STATUS", "/status"),
        Column::text("SERVER", "/usedBy/0/name"),
        Column::text("IN THE CLOUD", "/cloudFloatingIpId"),
        Column::text("FAILURE", "/failure/summary"),
        Column::age("ADDED", "/added"),
    ],
};
/// Networks that its cloud has.
const POOL: Noun = Noun { what: "network of the cloud named", id: "/id", name: "name", ids: Ids::Any, columns: &[] };

#[derive(Debug, Subcommand)]
pub enum Command {
    /// List the floating IPs that were made for the environment
    #[command(after_long_help = "\
Those that go with a server are not among them: stackyard servers details shows these. Those that were deleted are shown
for ten minutes.

Examples:
  stackyard floating-ips list
  stackyard floating-ips list --filter status=failed -o yaml")]
    List {
        #[command(flatten)]
        args: ListArgs,
    },
    /// Show one with the server it leads to
    #[command(after_long_help = "Examples:\n  stackyard floating-ips show front -o yaml")]
    Show {
        /// By id or name
        floating_ip: String,
    },
    /// Create a floating IP that stays when servers go (OpenStack)
    #[command(after_long_help = "\
The cloud chooses the address. Servers that only want a free address of the pool get another.

Examples:
  stackyard floating-ips create front --pool public --wait
  stackyard servers add-floating-ip 019a9f3e-7d2c-7000-8000-000000000001 --floating-ip front --wait")]
    Create {
        /// Unique among the floating IPs that were made for the environment
        name: String,
        /// An external network, by id or name; stackyard networks list shows them
        #[arg(long, value_name = "NETWORK")]
        pool: String,
        /// Region, by id or name; may be left out where there is one
        #[arg(long, value_name = "LOCATION")]
        location: Option<String>,
        #[command(flatten)]
        save: SaveArgs,
    },
    /// Release a floating IP that leads to no server
    #[command(after_long_help = "One that leads to a server is refused, with which.

Examples:
  stackyard floating-ips delete front --wait")]
    Delete {
        /// By id or name
        floating_ip: String,
        #[command(flatten)]
        save: SaveArgs,
    },
}

pub async fn run(app: &App, command: Command) -> Outcome {
    let all = floating_ips(app).await?;
    match command {
        Command::List { args } => object::list(app, &NOUN, Call::get(all.all), &args).await,
        Command::Show { floating_ip } => print_object(app.form, NOUN.id, &all.get(app, &floating_ip).await?),
        Command::Create { name, pool, location, save } => {
            let at = LocationArgs::on("openstack", location);
            let (platform, location) = at.ids(app).await?;
            let found = object::get(app, &POOL, &format!("{}networks/", at.path(app).await?), &pool).await?;
            let call = Call::post(all.all.as_str()).with([
                ("name", Some(json!(name))),
                ("cloudPlatform", Some(json!(platform))),
                ("cloudLocation", Some(json!(location))),
                ("pool", Some(json!({ "id": found["id"] }))),
            ]);
            all.save(app, &call, "ready", save).await
        }
        Command::Delete { floating_ip, save } => {
            let call = Call::delete(all.path(app, &floating_ip).await?);
            all.save(app, &call, "deleted", save).await
        }
    }
}

async fn floating_ips(app: &App) -> Outcome<Assets> {
    Ok(Assets { noun: &NOUN, all: format!("{}/floating-ips/", app.environment().await?) })
}

/// The id in the cloud of one that need not be ours.
pub async fn in_cloud(app: &App, given: &str) -> Outcome<String> {
    floating_ips(app).await?.in_cloud(app, given, "/cloudFloatingIpId", "floating-ips").await
}
