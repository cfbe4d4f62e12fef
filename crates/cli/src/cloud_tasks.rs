use clap::Subcommand;

use crate::{
    app::App,
    client::{Call, encode},
    failure::Outcome,
    location::LocationArgs,
    object::{self, ChangeArgs, Ids, ListArgs, Noun},
    output::column::Column,
};

const NOUN: Noun = Noun {
    what: "task",
    id: "/id",
    name: "id",
    ids: Ids::Any,
    columns: &[
        Column::text("ID", "/id"),
        Column::text("NAME", "/name"),
        Column::text("ON", "/object/name"),
        Column::text("STATE", "/state"),
        Column::text("%", "/progress"),
        Column::text("USER", "/user"),
        Column::age("QUEUED", "/queuedAt"),
        Column::text("ERROR", "/error"),
    ],
};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// List what a vCenter does and did in the last minutes, whoever asked for it
    #[command(after_long_help = "\
Examples:
  stackyard cloud-tasks list --location DC0
  stackyard cloud-tasks list --filter state=running
  stackyard cloud-tasks list --filter state=failed -o json")]
    List {
        #[command(flatten)]
        at: LocationArgs,
        #[command(flatten)]
        list: ListArgs,
    },
    /// Have a vCenter end a task, whoever asked for it
    #[command(after_long_help = "\
The task ends some time after. One that the vCenter does not let be cancelled, or that has ended, is refused.

Examples:
  stackyard cloud-tasks cancel task-1234
  stackyard cloud-tasks cancel task-1234 --location DC0 --dry-run")]
    Cancel {
        /// Id of the task
        task: String,
        #[command(flatten)]
        at: LocationArgs,
        #[command(flatten)]
        change: ChangeArgs,
    },
}

pub async fn run(app: &App, command: Command) -> Outcome {
    let all = async |at: LocationArgs| Outcome::Ok(format!("{}cloud-tasks/", at.or_on("vmware").path(app).await?));
    match command {
        Command::List { at, list } => object::list(app, &NOUN, Call::get(all(at).await?), &list).await,
        Command::Cancel { task, at, change } => {
            let call = Call::post(format!("{}{}/actions/cancel/", all(at).await?, encode(&task)));
            object::save(app, change, &NOUN, &call).await
        }
    }
}
