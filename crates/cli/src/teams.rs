use clap::Subcommand;
use serde_json::{Value, json};

use crate::{
    acl_roles,
    app::{App, Scope},
    client::Call,
    failure::Outcome,
    object::{self, ChangeArgs, Ids, ListArgs, Noun},
    output::column::Column,
    users,
};

pub const NOUN: Noun = Noun {
    what: "team",
    id: "/id",
    name: "name",
    ids: Ids::Number,
    columns: &[
        Column::text("ID", "/id"),
        Column::text("NAME", "/name"),
        Column::text("ACL ROLE", "/defaultAclRole/id"),
        Column::text("DESCRIPTION", "/description"),
    ],
};
const MEMBER: Noun = Noun {
    what: "member",
    id: "/user/id",
    name: "email",
    ids: Ids::Number,
    columns: &[
        Column::text("USER", "/user/id"),
        Column::text("EMAIL", "/email"),
        Column::text("ACL ROLE", "/aclRole/id"),
    ],
};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// List the teams of the account
    #[command(after_long_help = "Examples:\n  stackyard teams list")]
    List(ListArgs),
    /// Show a team
    #[command(after_long_help = "Examples:\n  stackyard teams show Operators")]
    Show { team: String },
    /// Create a team
    #[command(after_long_help = "Examples:\n  stackyard teams create Operators --acl-role \"Full access\"")]
    Create {
        name: String,
        /// What its members may do, by id or name
        #[arg(long, value_name = "ACL_ROLE")]
        acl_role: String,
        #[arg(long)]
        description: Option<String>,
        #[command(flatten)]
        change: ChangeArgs,
    },
    /// Change a team
    #[command(after_long_help = "Examples:\n  stackyard teams update Operators --acl-role \"Read only\"")]
    Update {
        team: String,
        #[arg(long)]
        name: Option<String>,
        #[arg(long, value_name = "ACL_ROLE")]
        acl_role: Option<String>,
        #[arg(long)]
        description: Option<String>,
        #[command(flatten)]
        change: ChangeArgs,
    },
    /// Delete a team
    #[command(after_long_help = "Examples:\n  stackyard teams delete Operators")]
    Delete {
        team: String,
        #[command(flatten)]
        change: ChangeArgs,
    },
    /// List the members of a team
    #[command(after_long_help = "Examples:\n  stackyard teams members Operators")]
    Members {
        team: String,
        #[command(flatten)]
        list: ListArgs,
    },
    /// Add a user to a team
    #[command(after_long_help = "Examples:\n  stackyard teams add-member Operators me@example.org")]
    AddMember {
        team: String,
        /// By id or email
        user: String,
        /// Instead of the team's role
        #[arg(long, value_name = "ACL_ROLE")]
        acl_role: Option<String>,
        #[command(flatten)]
        change: ChangeArgs,
    },
    /// Change the role of a member; without --acl-role it is the team's again
    #[command(
        after_long_help = "Examples:\n  stackyard teams update-member Operators me@example.org --acl-role \"Read only\""
    )]
    UpdateMember {
        team: String,
        /// By id or email
        user: String,
        #[arg(long, value_name = "ACL_ROLE")]
        acl_role: Option<String>,
        #[command(flatten)]
        change: ChangeArgs,
    },
    /// Take a user out of a team
    #[command(after_long_help = "Examples:\n  stackyard teams remove-member Operators me@example.org")]
    RemoveMember {
        team: String,
        /// By id or email
        user: String,
        #[command(flatten)]
        change: ChangeArgs,
    },
}

pub async fn run(app: &App, command: Command) -> Outcome {
    let all = format!("{}/teams/", app.account().await?);
    let role = async |given: Option<String>| match given {
        Some(given) => Ok(Some(json!({ "id": acl_roles::id(app, &given).await? }))),
        None => Outcome::<Option<Value>>::Ok(None),
    };
    let members = async |team: &str| Outcome::Ok(format!("{}members/", object::path(app, &NOUN, &all, team).await?));
    match command {
        Command::List(args) => object::list(app, &NOUN, Call::get(all.as_str()), &args).await,
        Command::Show { team } => object::show(app, &NOUN, &all, &team).await,
        Command::Create { name, acl_role, description, change } => {
            let call = Call::post(all.as_str()).with([
                ("name", Some(name.into())),
                ("defaultAclRole", role(Some(acl_role)).await?),
                ("description", description.map(Into::into)),
            ]);
            object::save(app, change, &NOUN, &call).await
        }
        Command::Update { team, name, acl_role, description, change } => {
            let call = Call::patch(object::path(app, &NOUN, &all, &team).await?).with([
                ("name", name.map(Into::into)),
                ("defaultAclRole", role(acl_role).await?),
                ("description", description.map(Into::into)),
            ]);
            object::save(app, change, &NOUN, &call).await
        }
        Command::Delete { team, change } => object::delete(app, change, &NOUN, &all, &team).await,
        Command::Members { team, list } => object::list(app, &MEMBER, Call::get(members(&team).await?), &list).await,
        Command::AddMember { team, user, acl_role, change } => {
            let id: i64 = users::id(app, Scope::Account, &user).await?.parse().unwrap_or_default();
            let call = Call::post(members(&team).await?)
                .with([("user", Some(json!({ "id": id }))), ("aclRole", role(acl_role).await?)]);
            object::save(app, change, &MEMBER, &call).await
        }
        Command::UpdateMember { team, user, acl_role, change } => {
            let path = format!("{}{}/", members(&team).await?, users::id(app, Scope::Account, &user).await?);
            let role = role(acl_role).await?.unwrap_or_default();
            object::save(app, change, &MEMBER, &Call::patch(path).with([("aclRole", Some(role))])).await
        }
        Command::RemoveMember { team, user, change } => {
            let path = format!("{}{}/", members(&team).await?, users::id(app, Scope::Account, &user).await?);
            object::done(app, change, &Call::delete(path), &format!("removed {user} from {team}")).await
        }
    }
}
