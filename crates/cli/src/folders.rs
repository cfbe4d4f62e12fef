use clap::Subcommand;
use serde_json::json;

use crate::{
    app::App,
    client::{Call, encode},
    failure::Outcome,
    inventory::{self, ListVerb, PLACED, ShowVerb},
    location::LocationArgs,
    object::{self, ChangeArgs},
};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// List folders
    #[command(after_long_help = "\
Examples:
  stackyard folders list --cloud vmware
  stackyard folders list --max-age 0 -o json")]
    List(ListVerb),
    /// Show one of the folders
    #[command(after_long_help = "Examples:\n  stackyard folders show NAME -o yaml")]
    Show(ShowVerb),
    /// Make a folder for machines, at once (vSphere)
    #[command(after_long_help = "\
Examples:
  stackyard folders create web --in vm --location DC0
  stackyard folders create web --in group-v3 --dry-run")]
    Create {
        name: String,
        /// The folder that it is in, by id or unique name; the top one of a datacenter is called vm
        #[arg(long, value_name = "FOLDER")]
        r#in: String,
        #[command(flatten)]
        at: LocationArgs,
        #[command(flatten)]
        change: ChangeArgs,
    },
    /// Delete an empty folder, at once (vSphere)
    #[command(after_long_help = "\
One that holds machines, templates or folders stays as it is.

Examples:
  stackyard folders delete web --location DC0")]
    Delete {
        /// By id or unique name
        folder: String,
        #[command(flatten)]
        at: LocationArgs,
        #[command(flatten)]
        change: ChangeArgs,
    },
}

const PATH: &str = "folders";

pub async fn run(app: &App, command: Command) -> Outcome {
    match command {
        Command::List(verb) => inventory::list(app, PATH, PLACED, verb).await,
        Command::Show(verb) => inventory::show(app, PATH, PLACED, verb).await,
        Command::Create { name, r#in, at, change } => {
            let location = at.or_on("vmware").path(app).await?;
            let parent = inventory::placed_id(app, &location, PATH, &r#in).await?;
            let call = Call::post(format!("{location}{PATH}/"));
            let call = call.with([("name", Some(json!(name))), ("parent", Some(json!({ "id": parent })))]);
            object::save(app, change, &inventory::noun(PLACED), &call).await
        }
        Command::Delete { folder, at, change } => delete(app, PATH, &folder, at, change).await,
    }
}

/// Of a folder or a resource pool.
pub async fn delete(app: &App, noun: &str, given: &str, at: LocationArgs, change: ChangeArgs) -> Outcome {
    let location = at.or_on("vmware").path(app).await?;
    let id = inventory::placed_id(app, &location, noun, given).await?;
    let call = Call::delete(format!("{location}{noun}/{}/", encode(&id)));
    object::done(app, change, &call, &format!("deleted {given}")).await
}
