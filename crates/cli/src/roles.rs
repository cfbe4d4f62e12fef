use clap::Subcommand;
use serde_json::{Value, json};

use crate::{
    app::{App, ScopeArgs},
    client::Call,
    failure::Outcome,
    images,
    object::{self, ChangeArgs, Ids, ListArgs, Noun},
    output::column::Column,
    role_categories,
};

const NOUN: Noun = Noun {
    what: "role",
    id: "/id",
    name: "name",
    ids: Ids::Number,
    columns: &[
        Column::text("ID", "/id"),
        Column::text("NAME", "/name"),
        Column::text("OS", "/os/id"),
        Column::text("CATEGORY", "/category/id"),
        Column::text("SCOPE", "/scope"),
        Column::age("DEPRECATED", "/deprecated/deprecated"),
        Column::text("REPLACEMENT", "/deprecated/replacement/id"),
    ],
};
const IMAGE: Noun = Noun {
    what: "image of the role",
    id: "/image/id",
    name: "image",
    ids: Ids::Any,
    columns: &[Column::text("ROLE", "/role/id"), Column::text("IMAGE", "/image/id")],
};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// List the roles that are available here
    #[command(after_long_help = "Examples:\n  stackyard roles list\n  stackyard roles list --filter os=debian-12")]
    List {
        #[command(flatten)]
        list: ListArgs,
        #[command(flatten)]
        at: ScopeArgs,
    },
    /// Show a role
    #[command(after_long_help = "Examples:\n  stackyard roles show web -o yaml")]
    Show {
        /// Role, by id or name
        role: String,
        #[command(flatten)]
        at: ScopeArgs,
    },
    /// Create a role
    #[command(after_long_help = "\
Examples:
  stackyard roles create web --os debian-12 --category \"Web servers\" --tag front
  stackyard roles create base --os ubuntu-24-04 --category Base --scope account")]
    Create {
        name: String,
        /// Of all its images, such as debian-12; stackyard os list shows all
        #[arg(long)]
        os: String,
        #[arg(long, default_value = "Base")]
        category: String,
        #[arg(long)]
        description: Option<String>,
        /// May be repeated
        #[arg(long)]
        tag: Vec<String>,
        #[command(flatten)]
        at: ScopeArgs,
        #[command(flatten)]
        change: ChangeArgs,
    },
    /// Change a role
    #[command(after_long_help = "Examples:\n  stackyard roles update web --tag front --tag nginx")]
    Update {
        /// Role, by id or name
        role: String,
        #[arg(long)]
        name: Option<String>,
        #[arg(long)]
        category: Option<String>,
        #[arg(long)]
        description: Option<String>,
        /// Instead of all tags it has; may be repeated
        #[arg(long)]
        tag: Vec<String>,
        #[command(flatten)]
        at: ScopeArgs,
        #[command(flatten)]
        change: ChangeArgs,
    },
    /// Delete a role; its images stay
    #[command(after_long_help = "Examples:\n  stackyard roles delete web")]
    Delete {
        /// Role, by id or name
        role: String,
        #[command(flatten)]
        at: ScopeArgs,
        #[command(flatten)]
        change: ChangeArgs,
    },
    /// List the images of a role
    #[command(after_long_help = "Examples:\n  stackyard roles images web")]
    Images {
        /// Role, by id or name
        role: String,
        #[command(flatten)]
        at: ScopeArgs,
    },
    /// Add an image to a role; one in each location
    #[command(after_long_help = "Examples:\n  stackyard roles add-image web debian-12")]
    AddImage {
        /// Role, by id or name
        role: String,
        image: String,
        #[command(flatten)]
        at: ScopeArgs,
        #[command(flatten)]
        change: ChangeArgs,
    },
    /// Put another image of the same location in the place of one
    #[command(after_long_help = "Examples:\n  stackyard roles replace-image web debian-12-old debian-12-new")]
    ReplaceImage {
        /// Role, by id or name
        role: String,
        image: String,
        /// By id or name
        new_image: String,
        #[command(flatten)]
        at: ScopeArgs,
        #[command(flatten)]
        change: ChangeArgs,
    },
    /// Take an image out of a role
    #[command(after_long_help = "Examples:\n  stackyard roles remove-image web debian-12")]
    RemoveImage {
        /// Role, by id or name
        role: String,
        image: String,
        #[command(flatten)]
        at: ScopeArgs,
        #[command(flatten)]
        change: ChangeArgs,
    },
    /// Copy a role with its images to this scope
    #[command(after_long_help = "Examples:\n  stackyard roles clone base \"my base\"")]
    Clone {
        /// Role, by id or name
        role: String,
        /// Of the copy
        new_name: String,
        #[command(flatten)]
        at: ScopeArgs,
        #[command(flatten)]
        change: ChangeArgs,
    },
    /// Move a role, with the images of its scope, to the scope above
    #[command(after_long_help = "Examples:\n  stackyard roles promote web")]
    Promote {
        /// Role, by id or name
        role: String,
        #[command(flatten)]
        at: ScopeArgs,
        #[command(flatten)]
        change: ChangeArgs,
    },
    /// Say that a role should not be used any more
    #[command(after_long_help = "\
Examples:
  stackyard roles deprecate web --replacement web-2 --message \"Debian 11 has ended\"
  stackyard roles deprecate web --undo")]
    Deprecate {
        /// Role, by id or name
        role: String,
        /// What to use instead, by id or name
        #[arg(long, value_name = "ROLE")]
        replacement: Option<String>,
        /// Why
        #[arg(long)]
        message: Option<String>,
        /// It may be used again
        #[arg(long, conflicts_with_all = ["replacement", "message"])]
        undo: bool,
        #[command(flatten)]
        at: ScopeArgs,
        #[command(flatten)]
        change: ChangeArgs,
    },
}

pub async fn run(app: &App, command: Command) -> Outcome {
    let all = async |at: ScopeArgs| Outcome::Ok(format!("{}/roles/", app.at(at.scope).await?));
    let one = async |at: ScopeArgs, role: &str| object::path(app, &NOUN, &all(at).await?, role).await;
    let category = async |at: ScopeArgs, given: &str| {
        let all = format!("{}/role-categories/", app.at(at.scope).await?);
        Outcome::Ok(reference(&object::id_of(app, &role_categories::NOUN, &all, given).await?))
    };
    let image = async |at: ScopeArgs, given: &str| {
        let all = format!("{}/images/", app.at(at.scope).await?);
        let found = object::get(app, &images::NOUN, &all, given).await?;
        Outcome::Ok(found["id"].as_str().unwrap_or_default().to_owned())
    };
    match command {
        Command::List { list, at } => object::list(app, &NOUN, Call::get(all(at).await?), &list).await,
        Command::Show { role, at } => object::show(app, &NOUN, &all(at).await?, &role).await,
        Command::Create { name, os, category: given, description, tag, at, change } => {
            let call = Call::post(all(at).await?).with([
                ("name", Some(name.into())),
                ("os", Some(json!({ "id": os }))),
                ("category", Some(category(at, &given).await?)),
                ("description", description.map(Into::into)),
                ("tags", tags(tag)),
            ]);
            object::save(app, change, &NOUN, &call).await
        }
        Command::Update { role, name, category: given, description, tag, at, change } => {
            let category = match given {
                Some(given) => Some(category(at, &given).await?),
                None => None,
            };
            let call = Call::patch(one(at, &role).await?).with([
                ("name", name.map(Into::into)),
                ("category", category),
                ("description", description.map(Into::into)),
                ("tags", tags(tag)),
            ]);
            object::save(app, change, &NOUN, &call).await
        }
        Command::Delete { role, at, change } => object::delete(app, change, &NOUN, &all(at).await?, &role).await,
        Command::Images { role, at } => {
            let path = format!("{}images/", one(at, &role).await?);
            object::list(app, &IMAGE, Call::get(path), &ListArgs::default()).await
        }
        Command::AddImage { role, image: given, at, change } => {
            let call = Call::post(format!("{}images/", one(at, &role).await?))
                .with([("image", Some(json!({ "id": image(at, &given).await? })))]);
            object::save(app, change, &IMAGE, &call).await
        }
        Command::ReplaceImage { role, image: old, new_image, at, change } => {
            let path = format!("{}images/{}/actions/replace/", one(at, &role).await?, image(at, &old).await?);
            let new = json!({ "id": image(at, &new_image).await? });
            object::save(app, change, &IMAGE, &Call::post(path).with([("image", Some(new))])).await
        }
        Command::RemoveImage { role, image: given, at, change } => {
            let path = format!("{}images/{}/", one(at, &role).await?, image(at, &given).await?);
            object::done(app, change, &Call::delete(path), &format!("removed image {given}")).await
        }
        Command::Clone { role, new_name, at, change } => {
            let path = format!("{}actions/clone/", one(at, &role).await?);
            object::save(app, change, &NOUN, &Call::post(path).with([("name", Some(new_name.into()))])).await
        }
        Command::Promote { role, at, change } => {
            let path = format!("{}actions/promote/", one(at, &role).await?);
            object::save(app, change, &NOUN, &Call::post(path).with([])).await
        }
        Command::Deprecate { role, replacement, message, undo, at, change } => {
            let replacement = match replacement {
                Some(given) => Some(reference(&object::id_of(app, &NOUN, &all(at).await?, &given).await?)),
                None => None,
            };
            let call = Call::post(format!("{}actions/deprecate/", one(at, &role).await?)).with([
                ("deprecate", undo.then_some(Value::Bool(false))),
                ("replacement", replacement),
                ("message", message.map(Into::into)),
            ]);
            object::save(app, change, &NOUN, &call).await
        }
    }
}

fn reference(id: &str) -> Value {
    json!({ "id": id.parse::<i64>().unwrap_or_default() })
}

/// `None`: they stay as they are.
fn tags(given: Vec<String>) -> Option<Value> {
    (!given.is_empty()).then(|| json!(given))
}
