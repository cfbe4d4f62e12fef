//! Cloud credentials: added with proof, validated, explained.

mod catalog;
mod certificate;
mod clouds_yaml;
mod details;
mod fields;
mod openrc;
mod reports;
mod save;
mod validate;
mod variables;

use clap::{Args, Subcommand};
use serde_json::Value;

use crate::{
    app::{App, Scope},
    client::{Call, encode},
    clouds,
    failure::Outcome,
    object::{self, ChangeArgs, Ids, ListArgs, Noun},
    output::{Form, column::Column, note, print, print_list, print_object},
};

pub const NOUN: Noun = Noun {
    what: "cloud credentials",
    id: "/id",
    name: "name",
    ids: Ids::Hex(12),
    columns: &[
        Column::text("ID", "/id"),
        Column::text("NAME", "/name"),
        Column::text("PROVIDER", "/provider"),
        Column::text("SCOPE", "/scope"),
        Column::text("STATUS", "/status"),
        Column::text("LAST VALIDATION", "/lastValidation/status"),
        Column::age("", "/lastValidation/startedAt"),
        Column::each("USED BY", "/usedBy", "/name"),
    ],
};
const USES: &[Column] = &[
    Column::text("PURPOSE", "/purpose"),
    Column::text("REQUESTER", "/requester"),
    Column::text("COUNT", "/count"),
    Column::age("LAST", "/lastAt"),
];

/// `--scope` stands before or after the verb.
#[derive(Debug, Args)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub struct Credentials {
    /// Credentials of the installation, which every account may use, or of the account
    #[arg(long, value_enum, default_value_t, global = true)]
    scope: Scope,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List the credentials that are available here
    #[command(
        after_long_help = "Examples:\n  stackyard credentials list --filter status=enabled\n  stackyard credentials list --scope scalr -o name"
    )]
    List(ListArgs),
    /// Show credentials, without their secret, and what their cloud told about itself
    #[command(after_long_help = details::EXAMPLES)]
    Show(details::Show),
    /// Prove credentials and keep them
    #[command(subcommand)]
    Add(save::Add),
    /// Change credentials; what matters to the cloud is proved again
    #[command(after_long_help = save::UPDATE_EXAMPLES)]
    Update(save::Update),
    /// Delete credentials that nothing uses
    #[command(after_long_help = "Examples:\n  stackyard credentials delete lab")]
    Delete {
        credentials: String,
        #[command(flatten)]
        change: ChangeArgs,
    },
    /// Run the checks of credentials
    #[command(after_long_help = validate::EXAMPLES)]
    Validate(validate::Validate),
    /// List every address of the cloud, with ports
    #[command(after_long_help = catalog::EXAMPLES)]
    Catalog(catalog::Catalog),
    /// Probe the ports of a cloud without a login
    #[command(after_long_help = catalog::PORT_EXAMPLES)]
    CheckPorts(catalog::CheckPorts),
    /// Drop cached instance types; vSphere: read everything anew
    #[command(after_long_help = "\
Examples:
  stackyard credentials clear-cache lab
  stackyard credentials clear-cache vc --scope scalr --wait")]
    ClearCache {
        credentials: String,
        /// vSphere: wait until the cloud was read
        #[arg(long)]
        wait: bool,
        #[command(flatten)]
        change: ChangeArgs,
    },
    /// List the reports of credentials, or show one
    #[command(after_long_help = reports::EXAMPLES)]
    Reports(reports::Reports),
    /// Print a script that creates the vCenter role that is needed, and assigns it
    #[command(after_long_help = "\
The script grants the role on the root folder, with propagation. Run it with govc or PowerCLI as an administrator of the
vCenter.

Examples:
  stackyard credentials role-script --user stackyard@vsphere.local
  stackyard credentials role-script --user stackyard@vsphere.local --role Stackyard --format powercli > role.ps1")]
    RoleScript {
        /// The vCenter user that gets the role
        #[arg(long)]
        user: String,
        #[arg(long)]
        role: Option<String>,
        /// govc or powercli
        #[arg(long, value_parser = ["govc", "powercli"], default_value = "govc")]
        format: String,
    },
    /// How often, when and by whom the secret was opened
    #[command(after_long_help = "Examples:\n  stackyard credentials uses lab")]
    Uses { credentials: String },
}

pub async fn run(app: &App, credentials: Credentials) -> Outcome {
    let Credentials { scope, command } = credentials;
    let base = app.base(scope).await?;
    let all = format!("{base}/cloud-credentials/");
    match command {
        Command::List(args) => object::list(app, &NOUN, Call::get(all), &args).await,
        Command::Show(args) => details::show(app, &all, args).await,
        Command::Add(add) => save::add(app, scope, &base, add).await,
        Command::Update(update) => save::update(app, &base, update).await,
        Command::Delete { credentials, change } => object::delete(app, change, &NOUN, &all, &credentials).await,
        Command::Validate(args) => validate::run(app, &base, args).await,
        Command::Catalog(args) => catalog::run(app, &all, args).await,
        Command::CheckPorts(args) => catalog::check_ports(app, &all, args).await,
        Command::ClearCache { credentials, wait, change } => {
            let path = format!("{}actions/clear-cache/", object::path(app, &NOUN, &all, &credentials).await?);
            let Some(cleared) = object::change(app, change, &Call::post(path)).await? else { return Ok(()) };
            if app.form != Form::Table && !wait {
                return print_object(app.form, "/syncId", &cleared);
            }
            note(&format!("dropped {} instance types", cleared["nDropped"]));
            match cleared["syncId"].as_str() {
                Some(id) if wait => {
                    let sync = app.client.data(&Call::get(format!("{base}/syncs/{}/", encode(id)))).await?;
                    clouds::finish(app, &format!("{base}/"), sync, wait).await
                }
                Some(id) => print(&format!("sync {id} reads the cloud anew")),
                None => Ok(()),
            }
        }
        Command::Reports(args) => reports::run(app, &base, args).await,
        Command::RoleScript { user, role, format } => {
            let path = format!("{}/vmware-role-script/", app.account().await?);
            let mut call = Call::get(path).query("user", user).query("format", format);
            if let Some(role) = role {
                call = call.query("role", role);
            }
            let data = app.client.data(&call).await?;
            match app.form {
                Form::Json | Form::Yaml => print_object(app.form, "/script", &data),
                Form::Table | Form::Name => print(data["script"].as_str().unwrap_or_default()),
            }
        }
        Command::Uses { credentials } => {
            let object = object::get(app, &NOUN, &all, &credentials).await?;
            let rows: &[Value] = object["lastUses"].as_array().map_or(&[], Vec::as_slice);
            print_list(app.form, USES, "/purpose", rows)
        }
    }
}

/// The path of a validation or of its stream.
fn validation_path(base: &str, id: &str, rest: &str) -> String {
    format!("{base}/validations/{}/{rest}", encode(id))
}
