use clap::{Args, Subcommand};
use serde_json::{Map, Value};

use crate::{
    app::App,
    client::Call,
    failure::Outcome,
    object::{self, ChangeArgs, Ids, ListArgs, Noun, parse_filter},
    output::column::Column,
};

const NOUN: Noun = Noun {
    what: "ACL role",
    id: "/id",
    name: "name",
    ids: Ids::Hex(20),
    columns: &[
        Column::text("ID", "/id"),
        Column::text("NAME", "/name"),
        Column::text("BASE ROLE", "/baseRole"),
        Column::text("PERMISSIONS", "/permissions"),
    ],
};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// List the ACL roles of the account
    #[command(after_long_help = "Examples:\n  stackyard acl-roles list")]
    List(ListArgs),
    /// Show an ACL role
    #[command(after_long_help = "Examples:\n  stackyard acl-roles show Auditor")]
    Show { acl_role: String },
    /// Create an ACL role
    #[command(after_long_help = "\
stackyard permissions list names the permissions.

Examples:
  stackyard acl-roles create Auditor --base-role read-only --grant audit.read=true
  stackyard acl-roles create Operator --base-role full-access --grant users.manage=false")]
    Create {
        name: String,
        /// full-access, read-only or no-access
        #[arg(long, value_name = "ROLE")]
        base_role: String,
        #[command(flatten)]
        grants: Grants,
        #[command(flatten)]
        change: ChangeArgs,
    },
    /// Change an ACL role; permissions that are given replace all it had over its base role
    #[command(
        after_long_help = "Examples:\n  stackyard acl-roles update Auditor --grant audit.read=true --grant users.read=false"
    )]
    Update {
        acl_role: String,
        #[arg(long)]
        name: Option<String>,
        #[command(flatten)]
        grants: Grants,
        #[command(flatten)]
        change: ChangeArgs,
    },
    /// Delete an ACL role that no team uses
    #[command(after_long_help = "Examples:\n  stackyard acl-roles delete Auditor")]
    Delete {
        acl_role: String,
        #[command(flatten)]
        change: ChangeArgs,
    },
}

#[derive(Debug, Args)]
pub struct Grants {
    /// Grant (true) or withhold (false) a permission, over the base role; may be repeated
    #[arg(long = "grant", value_name = "PERMISSION=true|false", value_parser = parse_grant)]
    grants: Vec<(String, bool)>,
}

impl Grants {
    fn value(self) -> Option<Value> {
        let grants: Map<String, Value> = self.grants.into_iter().map(|(name, it)| (name, it.into())).collect();
        (!grants.is_empty()).then(|| grants.into())
    }
}

fn parse_grant(text: &str) -> Result<(String, bool), String> {
    let (name, value) = parse_filter(text)?;
    Ok((name, value.parse().map_err(|_| "the value is true or false")?))
}

pub async fn run(app: &App, command: Command) -> Outcome {
    let all = path(app).await?;
    match command {
        Command::List(args) => object::list(app, &NOUN, Call::get(all), &args).await,
        Command::Show { acl_role } => object::show(app, &NOUN, &all, &acl_role).await,
        Command::Create { name, base_role, grants, change } => {
            let call = Call::post(all).with([
                ("name", Some(name.into())),
                ("baseRole", Some(base_role.into())),
                ("permissions", grants.value()),
            ]);
            object::save(app, change, &NOUN, &call).await
        }
        Command::Update { acl_role, name, grants, change } => {
            let path = object::path(app, &NOUN, &all, &acl_role).await?;
            let call = Call::patch(path).with([("name", name.map(Into::into)), ("permissions", grants.value())]);
            object::save(app, change, &NOUN, &call).await
        }
        Command::Delete { acl_role, change } => object::delete(app, change, &NOUN, &all, &acl_role).await,
    }
}

async fn path(app: &App) -> Outcome<String> {
    Ok(format!("{}/acl-roles/", app.account().await?))
}

/// Of a role that is given by id or name.
pub async fn id(app: &App, given: &str) -> Outcome<String> {
    object::id_of(app, &NOUN, &path(app).await?, given).await
}
