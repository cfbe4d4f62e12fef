use clap::Subcommand;

use crate::{
    app::{App, ScopeArgs},
    client::Call,
    failure::Outcome,
    object::{self, ChangeArgs, Ids, ListArgs, Noun},
    output::column::Column,
};

pub const NOUN: Noun = Noun {
    what: "role category",
    id: "/id",
    name: "name",
    ids: Ids::Number,
    columns: &[Column::text("ID", "/id"), Column::text("NAME", "/name"), Column::text("SCOPE", "/scope")],
};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// List the role categories that are available here
    #[command(after_long_help = "Examples:\n  stackyard role-categories list")]
    List {
        #[command(flatten)]
        list: ListArgs,
        #[command(flatten)]
        at: ScopeArgs,
    },
    /// Show a role category
    #[command(after_long_help = "Examples:\n  stackyard role-categories show Base")]
    Show {
        category: String,
        #[command(flatten)]
        at: ScopeArgs,
    },
    /// Create a role category
    #[command(after_long_help = "Examples:\n  stackyard role-categories create Monitoring --scope account")]
    Create {
        name: String,
        #[command(flatten)]
        at: ScopeArgs,
        #[command(flatten)]
        change: ChangeArgs,
    },
    /// Rename a role category
    #[command(after_long_help = "Examples:\n  stackyard role-categories update Monitoring --name Observability")]
    Update {
        category: String,
        #[arg(long)]
        name: Option<String>,
        #[command(flatten)]
        at: ScopeArgs,
        #[command(flatten)]
        change: ChangeArgs,
    },
    /// Delete a role category that no role is of
    #[command(after_long_help = "Examples:\n  stackyard role-categories delete Monitoring")]
    Delete {
        category: String,
        #[command(flatten)]
        at: ScopeArgs,
        #[command(flatten)]
        change: ChangeArgs,
    },
}

pub async fn run(app: &App, command: Command) -> Outcome {
    let all = async |at: ScopeArgs| Outcome::Ok(format!("{}/role-categories/", app.at(at.scope).await?));
    match command {
        Command::List { list, at } => object::list(app, &NOUN, Call::get(all(at).await?), &list).await,
        Command::Show { category, at } => object::show(app, &NOUN, &all(at).await?, &category).await,
        Command::Create { name, at, change } => {
            let call = Call::post(all(at).await?).with([("name", Some(name.into()))]);
            object::save(app, change, &NOUN, &call).await
        }
        Command::Update { category, name, at, change } => {
            let path = object::path(app, &NOUN, &all(at).await?, &category).await?;
            object::save(app, change, &NOUN, &Call::patch(path).with([("name", name.map(Into::into))])).await
        }
        Command::Delete { category, at, change } => {
            object::delete(app, change, &NOUN, &all(at).await?, &category).await
        }
    }
}
