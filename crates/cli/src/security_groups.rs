use clap::Subcommand;
use serde_json::{Value, json};

use crate::{
    app::App,
    assets::{Assets, SaveArgs},
    client::Call,
    failure::Outcome,
    inventory::{self, ListVerb, PLAIN, ShowVerb},
    location::LocationArgs,
    object::{self, Ids, ListArgs, Noun},
    output::column::Column,
    private_networks::parse_rule,
};

/// Those that were made for the environment.
const NOUN: Noun = Noun {
    what: "security group that was made here",
    id: "/id",
    name: "name",
    ids: Ids::Uuid,
    columns: &[
        Column::text("ID", "/id"),
        Column::text("NAME", "/name"),
        Column::text("LOCATION", "/cloudLocation"),
        Column::text("STATUS", "/status"),
        Column::text("SERVER", "/usedBy/0/name"),
        Column::text("IN THE CLOUD", "/cloudSecurityGroupId"),
        Column::text("FAILURE", "/failure/summary"),
        Column::age("ADDED", "/added"),
    ],
};
const PATH: &str = "security-groups";

#[derive(Debug, Subcommand)]
pub enum Command {
    /// List all security groups of a location
    #[command(after_long_help = "\
Those that were made here are among them after the next reading; stackyard security-groups made shows them alone.

Examples:
  stackyard security-groups list --cloud openstack
  stackyard security-groups list --max-age 0 -o json")]
    List(ListVerb),
    /// Show one of the security groups of a location
    #[command(after_long_help = "Examples:\n  stackyard security-groups show NAME -o yaml")]
    Show(ShowVerb),
    /// List the security groups that were made for the environment, with their rules
    #[command(after_long_help = "Those that were deleted are shown for ten minutes.

Examples:
  stackyard security-groups made
  stackyard security-groups made --filter name=web -o yaml")]
    Made {
        #[command(flatten)]
        args: ListArgs,
    },
    /// Create a security group (OpenStack)
    #[command(after_long_help = "\
Everything its servers send is let out. What is let in is said with --allow: PROTOCOL:PORTS:FROM, where the protocol is
tcp, udp or icmp, and the ports are one, a range or \"all\". Farm roles name it by its id in the cloud.

Examples:
  stackyard security-groups create web --allow tcp:80:0.0.0.0/0 --allow tcp:443:0.0.0.0/0 --wait
  stackyard security-groups create ssh --allow tcp:22:10.0.0.0/8 --allow icmp:all:10.0.0.0/8")]
    Create {
        /// Unique among the security groups that were made for the environment
        name: String,
        /// Region, by id or name; may be left out where there is one
        #[arg(long, value_name = "LOCATION")]
        location: Option<String>,
        /// Who may send to its servers; may be repeated. Default: nobody
        #[arg(long, value_name = "RULE", value_parser = parse_rule)]
        allow: Vec<Value>,
        #[command(flatten)]
        save: SaveArgs,
    },
    /// Change who may send to the servers of a security group that was made here
    #[command(after_long_help = "What is given takes the place of all that was.

Examples:
  stackyard security-groups update web --allow tcp:443:0.0.0.0/0 --wait
  stackyard security-groups update web --allow-nobody --wait")]
    Update {
        /// By id or name
        security_group: String,
        /// All who may send from now on; may be repeated
        #[arg(long, value_name = "RULE", value_parser = parse_rule, required_unless_present = "allow_nobody")]
        allow: Vec<Value>,
        /// Let nobody in
        #[arg(long, conflicts_with = "allow")]
        allow_nobody: bool,
        #[command(flatten)]
        save: SaveArgs,
    },
    /// Delete a security group that was made here and that no server has
    #[command(after_long_help = "One that servers have is refused, with who they are.

Examples:
  stackyard security-groups delete web --wait")]
    Delete {
        /// By id or name
        security_group: String,
        #[command(flatten)]
        save: SaveArgs,
    },
}

pub async fn run(app: &App, command: Command) -> Outcome {
    let groups = async || -> Outcome<Assets> {
        Ok(Assets { noun: &NOUN, all: format!("{}/{PATH}/", app.environment().await?) })
    };
    match command {
        Command::List(verb) => inventory::list(app, PATH, PLAIN, verb).await,
        Command::Show(verb) => inventory::show(app, PATH, PLAIN, verb).await,
        Command::Made { args } => object::list(app, &NOUN, Call::get(groups().await?.all), &args).await,
        Command::Create { name, location, allow, save } => {
            let groups = groups().await?;
            let (platform, location) = LocationArgs::on("openstack", location).ids(app).await?;
            let call = Call::post(groups.all.as_str()).with([
                ("name", Some(json!(name))),
                ("cloudPlatform", Some(json!(platform))),
                ("cloudLocation", Some(json!(location))),
                ("rules", Some(json!(allow))),
            ]);
            groups.save(app, &call, "ready", save).await
        }
        Command::Update { security_group, allow, allow_nobody: _, save } => {
            let groups = groups().await?;
            let call = Call::patch(groups.path(app, &security_group).await?).with([("rules", Some(json!(allow)))]);
            groups.save(app, &call, "ready", save).await
        }
        Command::Delete { security_group, save } => {
            let groups = groups().await?;
            let call = Call::delete(groups.path(app, &security_group).await?);
            groups.save(app, &call, "deleted", save).await
        }
    }
}
