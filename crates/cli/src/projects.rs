use clap::Subcommand;
use serde_json::json;

use crate::{
    app::{App, ScopeArgs},
    client::Call,
    cost_centers::{self, NoteArgs},
    failure::Outcome,
    object::{self, ChangeArgs, Ids, ListArgs, Noun},
    output::column::Column,
};

pub const NOUN: Noun = Noun {
    what: "project",
    id: "/id",
    name: "name",
    ids: Ids::Uuid,
    columns: &[
        Column::text("ID", "/id"),
        Column::text("NAME", "/name"),
        Column::text("COST CENTER", "/costCenter/id"),
        Column::text("BILLING CODE", "/billingCode"),
        Column::text("SCOPE", "/scope"),
    ],
};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// List the projects that are available here
    #[command(after_long_help = "Examples:\n  stackyard projects list --filter scope=account")]
    List {
        #[command(flatten)]
        list: ListArgs,
        #[command(flatten)]
        at: ScopeArgs,
    },
    /// Show a project
    #[command(after_long_help = "Examples:\n  stackyard projects show Apollo")]
    Show {
        /// Its name or id
        project: String,
        #[command(flatten)]
        at: ScopeArgs,
    },
    /// Create a project of a cost center
    #[command(after_long_help = "Examples:\n  stackyard projects create Apollo --cost-center Research --scope account")]
    Create {
        /// What it is called
        name: String,
        /// By id or name
        #[arg(long, value_name = "COST CENTER")]
        cost_center: String,
        #[command(flatten)]
        notes: NoteArgs,
        #[command(flatten)]
        at: ScopeArgs,
        #[command(flatten)]
        change: ChangeArgs,
    },
    /// Change a project
    #[command(after_long_help = "Examples:\n  stackyard projects update Apollo --billing-code A-11 --scope account")]
    Update {
        /// Its name or id
        project: String,
        /// Another name
        #[arg(long)]
        name: Option<String>,
        #[command(flatten)]
        notes: NoteArgs,
        #[command(flatten)]
        at: ScopeArgs,
        #[command(flatten)]
        change: ChangeArgs,
    },
    /// Delete a project that no farm is of
    #[command(after_long_help = "Examples:\n  stackyard projects delete Apollo --scope account")]
    Delete {
        /// Its name or id
        project: String,
        #[command(flatten)]
        at: ScopeArgs,
        #[command(flatten)]
        change: ChangeArgs,
    },
}

pub async fn run(app: &App, command: Command) -> Outcome {
    let all = async |at: ScopeArgs| Outcome::Ok(format!("{}/projects/", app.at(at.scope).await?));
    match command {
        Command::List { list, at } => object::list(app, &NOUN, Call::get(all(at).await?), &list).await,
        Command::Show { project, at } => object::show(app, &NOUN, &all(at).await?, &project).await,
        Command::Create { name, cost_center, notes, at, change } => {
            let here = app.at(at.scope).await?;
            let all = format!("{here}/cost-centers/");
            let cost_center = object::id_of(app, &cost_centers::NOUN, &all, &cost_center).await?;
            let fields = [("name", Some(json!(name))), ("costCenter", Some(json!({ "id": cost_center })))];
            let call = Call::post(format!("{here}/projects/")).with(fields).with(notes.fields());
            object::save(app, change, &NOUN, &call).await
        }
        Command::Update { project, name, notes, at, change } => {
            let path = object::path(app, &NOUN, &all(at).await?, &project).await?;
            let call = Call::patch(path).with([("name", name.map(Into::into))]).with(notes.fields());
            object::save(app, change, &NOUN, &call).await
        }
        Command::Delete { project, at, change } => object::delete(app, change, &NOUN, &all(at).await?, &project).await,
    }
}
