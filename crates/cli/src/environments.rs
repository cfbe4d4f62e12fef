use clap::Subcommand;
use serde_json::{Value, json};

use crate::{
    acl_roles,
    app::App,
    client::Call,
    cost_centers,
    failure::Outcome,
    object::{self, ChangeArgs, Ids, ListArgs, Noun},
    output::column::Column,
    teams,
};

pub const NOUN: Noun = Noun {
    what: "environment",
    id: "/id",
    name: "name",
    ids: Ids::Number,
    columns: &[
        Column::text("ID", "/id"),
        Column::text("NAME", "/name"),
        Column::text("STATUS", "/status"),
        Column::age("ADDED", "/added"),
    ],
};
const TEAM: Noun = Noun {
    what: "team of the environment",
    id: "/team/id",
    name: "name",
    ids: Ids::Number,
    columns: &[
        Column::text("TEAM", "/team/id"),
        Column::text("NAME", "/team/name"),
        Column::text("ACL ROLE", "/defaultAclRole/id"),
    ],
};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// List the environments of the account
    #[command(after_long_help = "Examples:\n  stackyard environments list --sort -name")]
    List(ListArgs),
    /// Show an environment
    #[command(after_long_help = "Examples:\n  stackyard environments show Default -o yaml")]
    Show { environment_id: String },
    /// Create an environment
    #[command(after_long_help = "Examples:\n  stackyard environments create Staging")]
    Create {
        name: String,
        #[command(flatten)]
        change: ChangeArgs,
    },
    /// Change an environment; an inactive one makes no cloud calls
    #[command(after_long_help = "Examples:\n  stackyard environments update Staging --status inactive")]
    Update {
        environment_id: String,
        #[arg(long)]
        name: Option<String>,
        /// active or inactive
        #[arg(long)]
        status: Option<String>,
        /// By id or name; nothing takes it away
        #[arg(long, value_name = "COST CENTER")]
        cost_center: Option<String>,
        #[command(flatten)]
        change: ChangeArgs,
    },
    /// Delete an environment that has no clouds
    #[command(after_long_help = "Examples:\n  stackyard environments delete Staging")]
    Delete {
        environment_id: String,
        #[command(flatten)]
        change: ChangeArgs,
    },
    /// List the teams that have access to an environment
    #[command(after_long_help = "Examples:\n  stackyard environments teams Staging")]
    Teams { environment_id: String },
    /// Give a team access to an environment
    #[command(
        after_long_help = "Examples:\n  stackyard environments add-team Staging Operators --acl-role \"Read only\""
    )]
    AddTeam {
        environment_id: String,
        team: String,
        /// Instead of the team's own role
        #[arg(long, value_name = "ACL_ROLE")]
        acl_role: Option<String>,
        #[command(flatten)]
        change: ChangeArgs,
    },
    /// Change the role that a team has in an environment
    #[command(after_long_help = "Without --acl-role the team's own role holds again.

Examples:
  stackyard environments update-team Staging Operators --acl-role \"Read only\"")]
    UpdateTeam {
        environment_id: String,
        team: String,
        #[arg(long, value_name = "ACL_ROLE")]
        acl_role: Option<String>,
        #[command(flatten)]
        change: ChangeArgs,
    },
    /// Take the access of a team away
    #[command(after_long_help = "Examples:\n  stackyard environments remove-team Staging Operators")]
    RemoveTeam {
        environment_id: String,
        team: String,
        #[command(flatten)]
        change: ChangeArgs,
    },
}

pub async fn run(app: &App, command: Command) -> Outcome {
    let account = app.account().await?;
    let all = format!("{account}/environments/");
    let teams_of = async |given: &str| Outcome::Ok(format!("{}teams/", object::path(app, &NOUN, &all, given).await?));
    let team_id = async |given: &str| object::id_of(app, &teams::NOUN, &format!("{account}/teams/"), given).await;
    let role = async |given: Option<String>| match given {
        Some(given) => Ok(Some(json!({ "id": acl_roles::id(app, &given).await? }))),
        None => Outcome::Ok(None),
    };
    match command {
        Command::List(args) => object::list(app, &NOUN, Call::get(all), &args).await,
        Command::Show { environment_id } => object::show(app, &NOUN, &all, &environment_id).await,
        Command::Create { name, change } => {
            object::save(app, change, &NOUN, &Call::post(all).with([("name", Some(json!(name)))])).await
        }
        Command::Update { environment_id, name, status, cost_center, change } => {
            let path = object::path(app, &NOUN, &all, &environment_id).await?;
            let cost_center = match cost_center {
                Some(given) if given.is_empty() => Some(Value::Null),
                Some(given) => {
                    let all = format!("{account}/cost-centers/");
                    Some(json!({ "id": object::id_of(app, &cost_centers::NOUN, &all, &given).await? }))
                }
                None => None,
            };
            let call = Call::patch(path).with([
                ("name", name.map(Into::into)),
                ("status", status.map(Into::into)),
                ("costCenter", cost_center),
            ]);
            object::save(app, change, &NOUN, &call).await
        }
        Command::Delete { environment_id, change } => object::delete(app, change, &NOUN, &all, &environment_id).await,
        Command::Teams { environment_id } => {
            object::list(app, &TEAM, Call::get(teams_of(&environment_id).await?), &ListArgs::default()).await
        }
        Command::AddTeam { environment_id, team, acl_role, change } => {
            let id: i64 = team_id(&team).await?.parse().unwrap_or_default();
            let call = Call::post(teams_of(&environment_id).await?)
                .with([("team", Some(json!({ "id": id }))), ("defaultAclRole", role(acl_role).await?)]);
            object::save(app, change, &TEAM, &call).await
        }
        Command::UpdateTeam { environment_id, team, acl_role, change } => {
            let path = format!("{}{}/", teams_of(&environment_id).await?, team_id(&team).await?);
            let role = role(acl_role).await?.unwrap_or_default();
            object::save(app, change, &TEAM, &Call::patch(path).with([("defaultAclRole", Some(role))])).await
        }
        Command::RemoveTeam { environment_id, team, change } => {
            let path = format!("{}{}/", teams_of(&environment_id).await?, team_id(&team).await?);
            object::done(app, change, &Call::delete(path), &format!("removed team {team}")).await
        }
    }
}
