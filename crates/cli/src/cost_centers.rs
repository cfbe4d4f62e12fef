use clap::{Args, Subcommand};
use serde_json::Value;

use crate::{
    app::{App, ScopeArgs},
    client::Call,
    failure::Outcome,
    object::{self, ChangeArgs, Ids, ListArgs, Noun},
    output::column::Column,
};

pub const NOUN: Noun = Noun {
    what: "cost center",
    id: "/id",
    name: "name",
    ids: Ids::Uuid,
    columns: &[
        Column::text("ID", "/id"),
        Column::text("NAME", "/name"),
        Column::text("BILLING CODE", "/billingCode"),
        Column::text("LEAD", "/leadEmail"),
    ],
};
/// They are made and changed there, whatever the scope of the command.
const ALL: &str = "/global/cost-centers/";

/// Of cost centers and of projects.
#[derive(Debug, Args)]
pub struct NoteArgs {
    /// What the bookkeeping calls it
    #[arg(long, value_name = "CODE")]
    billing_code: Option<String>,
    /// Of the person who answers for it
    #[arg(long, value_name = "EMAIL")]
    lead_email: Option<String>,
    /// What it is for
    #[arg(long)]
    description: Option<String>,
}

impl NoteArgs {
    pub fn fields(self) -> [(&'static str, Option<Value>); 3] {
        [
            ("billingCode", self.billing_code.map(Value::from)),
            ("leadEmail", self.lead_email.map(Value::from)),
            ("description", self.description.map(Value::from)),
        ]
    }
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// List the cost centers
    #[command(after_long_help = "Examples:\n  stackyard cost-centers list")]
    List {
        #[command(flatten)]
        list: ListArgs,
        #[command(flatten)]
        at: ScopeArgs,
    },
    /// Show a cost center
    #[command(after_long_help = "Examples:\n  stackyard cost-centers show Research")]
    Show {
        /// Its name or id
        cost_center: String,
        #[command(flatten)]
        at: ScopeArgs,
    },
    /// Create a cost center (Scalr scope)
    #[command(after_long_help = "Examples:\n  stackyard cost-centers create Research --billing-code R-4711")]
    Create {
        /// Unique where it is made
        name: String,
        #[command(flatten)]
        notes: NoteArgs,
        #[command(flatten)]
        change: ChangeArgs,
    },
    /// Change a cost center (Scalr scope)
    #[command(after_long_help = "Examples:\n  stackyard cost-centers update Research --lead-email ann@example.com")]
    Update {
        /// Its name or id
        cost_center: String,
        /// Another name
        #[arg(long)]
        name: Option<String>,
        #[command(flatten)]
        notes: NoteArgs,
        #[command(flatten)]
        change: ChangeArgs,
    },
    /// Delete a cost center that no environment and no project is of (Scalr scope)
    #[command(after_long_help = "Examples:\n  stackyard cost-centers delete Research")]
    Delete {
        /// Its name or id
        cost_center: String,
        #[command(flatten)]
        change: ChangeArgs,
    },
}

pub async fn run(app: &App, command: Command) -> Outcome {
    let all = async |at: ScopeArgs| Outcome::Ok(format!("{}/cost-centers/", app.at(at.scope).await?));
    match command {
        Command::List { list, at } => object::list(app, &NOUN, Call::get(all(at).await?), &list).await,
        Command::Show { cost_center, at } => object::show(app, &NOUN, &all(at).await?, &cost_center).await,
        Command::Create { name, notes, change } => {
            let call = Call::post(ALL).with([("name", Some(name.into()))]).with(notes.fields());
            object::save(app, change, &NOUN, &call).await
        }
        Command::Update { cost_center, name, notes, change } => {
            let path = object::path(app, &NOUN, ALL, &cost_center).await?;
            let call = Call::patch(path).with([("name", name.map(Into::into))]).with(notes.fields());
            object::save(app, change, &NOUN, &call).await
        }
        Command::Delete { cost_center, change } => object::delete(app, change, &NOUN, ALL, &cost_center).await,
    }
}
