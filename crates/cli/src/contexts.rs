use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::{
    context::{Context, Contexts},
    failure::Outcome,
    login::{self, LoginArgs},
    output::{column::Column, note, print_list, print_object},
    settings::Flags,
};

const COLUMNS: &[Column] = &[
    Column::text("", "/current"),
    Column::text("NAME", "/name"),
    Column::text("URL", "/url"),
    Column::text("ACCOUNT", "/account"),
    Column::text("ENVIRONMENT", "/environment"),
    Column::text("LOGIN", "/login"),
];

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Remember a server under a name
    #[command(after_long_help = "\
Contexts are kept in ~/.config/stackyard/config.toml, which only its owner may read. The first one is used from then on.

Examples:
  stackyard context add lab --from-file ./data/initial-admin.json --url http://127.0.0.1:7780
  stackyard context add prod --url https://stackyard.example --api-key-id APIKABCDEFGH --password-file ./key
  stackyard context add ci --url https://stackyard.example --token --password-stdin --environment Build < token")]
    Add(AddArgs),
    /// List the contexts
    #[command(after_long_help = "Examples:\n  stackyard context list")]
    List,
    /// Show a context, by default the current one, without its secret
    #[command(after_long_help = "Examples:\n  stackyard context show\n  stackyard context show lab -o json")]
    Show { name: Option<String> },
    /// Use a context from now on
    #[command(after_long_help = "Examples:\n  stackyard context use lab")]
    Use { name: String },
    /// Forget a context; the key or token stays valid on the server (see stackyard logout)
    #[command(after_long_help = "Examples:\n  stackyard context remove lab")]
    Remove { name: String },
}

#[derive(Debug, Args)]
pub struct AddArgs {
    name: String,
    #[command(flatten)]
    login: LoginArgs,
}

pub fn run(flags: &Flags, command: Command) -> Outcome {
    let mut contexts = Contexts::load()?;
    match command {
        Command::Add(AddArgs { name, login }) => {
            let context = login::context(flags, &login)?;
            contexts.current.get_or_insert_with(|| name.clone());
            let is_current = contexts.current.as_ref() == Some(&name);
            contexts.contexts.insert(name.clone(), context);
            contexts.save()?;
            let hint = if is_current {
                String::new()
            } else {
                format!("; stackyard context use {name} makes it the current one")
            };
            note(&format!("added context {name}{hint}"));
            Ok(())
        }
        Command::List => {
            let current = contexts.current.as_deref();
            let rows: Vec<Value> =
                contexts.contexts.iter().map(|(name, it)| view(name, it, current == Some(name))).collect();
            print_list(flags.output, COLUMNS, "/name", &rows)
        }
        Command::Show { name } => {
            let name = name.or_else(|| flags.context.clone()).or_else(|| contexts.current.clone()).unwrap_or_default();
            let is_current = contexts.current.as_ref() == Some(&name);
            print_object(flags.output, "/name", &view(&name, contexts.get(&name)?, is_current))
        }
        Command::Use { name } => {
            contexts.get(&name)?;
            contexts.current = Some(name);
            contexts.save()
        }
        Command::Remove { name } => {
            contexts.get(&name)?;
            contexts.forget(&name)
        }
    }
}

/// Without the secret.
fn view(name: &str, context: &Context, is_current: bool) -> Value {
    json!({
        "current": if is_current { "*" } else { "" },
        "name": name,
        "url": context.url,
        "account": context.account,
        "environment": context.environment,
        "login": context.means(),
        "caCertificate": context.ca_certificate,
        "fingerprint": context.fingerprint,
        "allowHttp": context.allow_http,
    })
}
