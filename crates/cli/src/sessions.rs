use clap::Subcommand;

use crate::{
    api_keys::OwnerArgs,
    app::App,
    client::{Call, encode},
    failure::Outcome,
    object::{self, ChangeArgs, Ids, ListArgs, Noun},
    output::column::Column,
};

const NOUN: Noun = Noun {
    what: "session",
    id: "/id",
    name: "id",
    ids: Ids::Any,
    columns: &[
        Column::text("ID", "/id"),
        Column::text("FROM", "/remoteAddress"),
        Column::text("WITH", "/userAgent"),
        Column::age("BEGAN", "/added"),
        Column::age("LAST USED", "/lastUsedAt"),
        Column::age("ENDS", "/expiresAt"),
    ],
};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// List one's own console sessions, or another user's
    #[command(after_long_help = "Examples:\n  stackyard sessions list --user me@example.org")]
    List {
        #[command(flatten)]
        owner: OwnerArgs,
        #[command(flatten)]
        list: ListArgs,
    },
    /// End a console session
    #[command(after_long_help = "Examples:\n  stackyard sessions delete ID --user me@example.org")]
    Delete {
        id: String,
        #[command(flatten)]
        owner: OwnerArgs,
        #[command(flatten)]
        change: ChangeArgs,
    },
}

pub async fn run(app: &App, command: Command) -> Outcome {
    match command {
        Command::List { owner, list } => {
            object::list(app, &NOUN, Call::get(owner.path(app, "sessions").await?), &list).await
        }
        Command::Delete { id, owner, change } => {
            let path = format!("{}{}/", owner.path(app, "sessions").await?, encode(&id));
            object::done(app, change, &Call::delete(path), &format!("ended session {id}")).await
        }
    }
}
