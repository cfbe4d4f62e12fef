use clap::{Args, Subcommand};

use crate::{
    app::{App, Scope},
    client::{Call, encode},
    failure::Outcome,
    object::{self, ChangeArgs, Ids, ListArgs, Noun},
    output::{column::Column, note},
    users,
};

const NOUN: Noun = Noun {
    what: "API key",
    id: "/id",
    name: "name",
    ids: Ids::Any,
    columns: &[
        Column::text("ID", "/id"),
        Column::text("NAME", "/name"),
        Column::text("STATUS", "/status"),
        Column::age("EXPIRES", "/expiresAt"),
        Column::age("LAST USED", "/lastUsedAt"),
        Column::age("ADDED", "/added"),
    ],
};

/// Whose keys, tokens or sessions.
#[derive(Debug, Clone, Args)]
pub struct OwnerArgs {
    /// Another user's, by id or email, for administrators
    #[arg(long, value_name = "USER")]
    user: Option<String>,
    /// Where that user belongs
    #[arg(long, value_enum, default_value_t, requires = "user")]
    scope: Scope,
}

impl OwnerArgs {
    pub async fn path(&self, app: &App, noun: &str) -> Outcome<String> {
        match &self.user {
            None => Ok(format!("/profile/{noun}/")),
            Some(user) => {
                let id = users::id(app, self.scope, user).await?;
                Ok(format!("{}/users/{}/{noun}/", app.base(self.scope).await?, encode(&id)))
            }
        }
    }
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// List one's own API keys, or another user's
    #[command(
        after_long_help = "Examples:\n  stackyard api-keys list\n  stackyard api-keys list --user me@example.org"
    )]
    List {
        #[command(flatten)]
        owner: OwnerArgs,
        #[command(flatten)]
        list: ListArgs,
    },
    /// Create an API key; its secret is shown this once
    #[command(after_long_help = "Examples:\n  stackyard api-keys create ci --expires-at 2027-01-01T00:00:00Z -o json")]
    Create {
        name: String,
        /// RFC 3339 time [default: never]
        #[arg(long, value_name = "TIME")]
        expires_at: Option<String>,
        #[command(flatten)]
        change: ChangeArgs,
    },
    /// Change an API key
    #[command(after_long_help = "Examples:\n  stackyard api-keys update APIKABCDEFGH --status inactive")]
    Update {
        id: String,
        #[arg(long)]
        name: Option<String>,
        /// active or inactive
        #[arg(long)]
        status: Option<String>,
        #[command(flatten)]
        change: ChangeArgs,
    },
    /// Delete an API key
    #[command(after_long_help = "Examples:\n  stackyard api-keys delete APIKABCDEFGH")]
    Delete {
        id: String,
        #[command(flatten)]
        owner: OwnerArgs,
        #[command(flatten)]
        change: ChangeArgs,
    },
}

pub async fn run(app: &App, command: Command) -> Outcome {
    const OWN: &str = "/profile/api-keys/";
    match command {
        Command::List { owner, list } => {
            object::list(app, &NOUN, Call::get(owner.path(app, "api-keys").await?), &list).await
        }
        Command::Create { name, expires_at, change } => {
            let call = Call::post(OWN).with([("name", Some(name.into())), ("expiresAt", expires_at.map(Into::into))]);
            let Some(key) = object::change(app, change, &call).await? else { return Ok(()) };
            note("the secret key is shown this once");
            crate::output::print_object(app.form, NOUN.id, &key)
        }
        Command::Update { id, name, status, change } => {
            let call = Call::patch(format!("{OWN}{}/", encode(&id)))
                .with([("name", name.map(Into::into)), ("status", status.map(Into::into))]);
            object::save(app, change, &NOUN, &call).await
        }
        Command::Delete { id, owner, change } => {
            let path = format!("{}{}/", owner.path(app, "api-keys").await?, encode(&id));
            object::done(app, change, &Call::delete(path), &format!("deleted API key {id}")).await
        }
    }
}
