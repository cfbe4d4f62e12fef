use clap::Subcommand;

use crate::{
    app::{App, ScopeArgs},
    client::Call,
    failure::Outcome,
    object::{self, Ids, ListArgs, Noun},
    output::column::Column,
};

const NOUN: Noun = Noun {
    what: "operating system",
    id: "/id",
    name: "name",
    ids: Ids::Any,
    columns: &[
        Column::text("ID", "/id"),
        Column::text("NAME", "/name"),
        Column::text("FAMILY", "/family"),
        Column::text("GENERATION", "/generation"),
    ],
};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// List the operating systems that images and roles can have
    #[command(after_long_help = "Examples:\n  stackyard os list --filter family=ubuntu")]
    List {
        #[command(flatten)]
        list: ListArgs,
        #[command(flatten)]
        at: ScopeArgs,
    },
    /// Show an operating system
    #[command(after_long_help = "Examples:\n  stackyard os show debian-12")]
    Show {
        /// Operating system, by id or name
        os: String,
        #[command(flatten)]
        at: ScopeArgs,
    },
}

pub async fn run(app: &App, command: Command) -> Outcome {
    let all = async |at: ScopeArgs| Outcome::Ok(format!("{}/os/", app.at(at.scope).await?));
    match command {
        Command::List { list, at } => object::list(app, &NOUN, Call::get(all(at).await?), &list).await,
        Command::Show { os, at } => object::show(app, &NOUN, &all(at).await?, &os).await,
    }
}
