use clap::Subcommand;

use crate::{
    app::App,
    failure::Outcome,
    folders,
    inventory::{self, ListVerb, PLACED, ShowVerb},
    location::LocationArgs,
    object::ChangeArgs,
};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// List resource pools
    #[command(after_long_help = "\
Examples:
  stackyard resource-pools list --cloud vmware
  stackyard resource-pools list --max-age 0 -o json")]
    List(ListVerb),
    /// Show one of the resource pools
    #[command(after_long_help = "Examples:\n  stackyard resource-pools show NAME -o yaml")]
    Show(ShowVerb),
    /// Delete an empty resource pool, at once (vSphere)
    #[command(after_long_help = "\
One that holds machines or pools stays as it is, and so do vApps and the root pools of clusters and hosts.

Examples:
  stackyard resource-pools delete web --location DC0")]
    Delete {
        /// By id or unique name
        pool: String,
        #[command(flatten)]
        at: LocationArgs,
        #[command(flatten)]
        change: ChangeArgs,
    },
}

const PATH: &str = "resource-pools";

pub async fn run(app: &App, command: Command) -> Outcome {
    match command {
        Command::List(verb) => inventory::list(app, PATH, PLACED, verb).await,
        Command::Show(verb) => inventory::show(app, PATH, PLACED, verb).await,
        Command::Delete { pool, at, change } => folders::delete(app, PATH, &pool, at, change).await,
    }
}
