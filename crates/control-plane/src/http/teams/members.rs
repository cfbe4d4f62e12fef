//! Who is in a team, and with which role.

use api_types::{IntegerRef, TextRef, teams::TeamMember};
use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;
use store::{Tx, environment_teams, team_members, teams::Team};

use super::{Id, may_give, of_account};
use crate::{
    app::App,
    http::{
        body::Body,
        caller::{Caller, Change},
        error::{ApiError, ApiResult},
        extract::Path,
        list::{Column, ListQuery},
        reply::Reply,
        route::{Access::Needs, Routes, delete, get, patch, post},
        users,
    },
    permission::Permission as P,
};

const COLUMNS: &[Column] = &[Column::number("user", "id"), Column::text("email", "email")];
const FILTERS: &[&str] = &["user", "email"];

pub fn routes(routes: &mut Routes) {
    type M = TeamMember;
    let all = "/account/{accountId}/teams/{teamId}/members/";
    let one = "/account/{accountId}/teams/{teamId}/members/{userId}/";
    routes
        .add(
            get(all, Needs(P::TeamsRead), "List the members of a team").lists::<M>(FILTERS).sorts(&["user", "email"]),
            list,
        )
        .add(post(all, Needs(P::TeamsManage), "Take a user into a team").takes::<M>().creates::<M>(), create)
        .add(patch(one, Needs(P::TeamsManage), "Change the role of a member").takes::<M>().gives::<M>(), update)
        .add(delete(one, Needs(P::TeamsManage), "Take a user out of a team"), remove);
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct MemberPath {
    team_id: i64,
    user_id: i64,
}

async fn list(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Id>,
    query: ListQuery,
) -> ApiResult<Reply<Vec<TeamMember>>> {
    let mut tx = app.db.read().await?;
    let team = of_account(&mut tx, &caller, id.team_id).await?;
    let members = team_members::list_of_team(&mut tx, team.id).await?;
    let select = query.select(COLUMNS)?.any_of("id", members.iter().map(|it| it.user_id));
    let users = store::users::list(&mut tx, select).await?;
    let found = users.map(|user| {
        let member = members.iter().find(|it| it.user_id == user.id);
        view(user.id, user.email, member.and_then(|it| it.acl_role_id.clone()))
    });
    Ok(Reply::list(found, &query))
}

async fn create(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Id>,
    body: Body,
) -> ApiResult<Reply<TeamMember>> {
    body.refuse(&["email"])?;
    let new: TeamMember = body.read()?;
    let user_id = new.user.ok_or_else(|| ApiError::structure("\"user\" is missing"))?.id;
    let mut tx = app.db.write().await?;
    let team = of_account(&mut tx, &caller, id.team_id).await?;
    let user = users::of_scope(&mut tx, &caller, user_id).await?;
    if find(&mut tx, team.id, user.id).await?.is_some() {
        let message = format!("{} is a member of the team {} already", user.email, team.name);
        return Err(ApiError::conflict("UnicityViolation", message));
    }
    let acl_role_id = new.acl_role.map(|it| it.id);
    may_have(&mut tx, &caller, &team, acl_role_id.as_deref()).await?;
    let member = team_members::TeamMember { team_id: team.id, user_id: user.id, acl_role_id };
    team_members::put(&mut tx, &member).await?;
    let view = view(user.id, user.email, member.acl_role_id);
    let name = name(&view, &team);
    let change = Change::new("team-members", "create", object_id(&team, user.id), &name).after(&view);
    caller.record(&mut tx, &app, change).await?;
    tx.commit().await?;
    app.wake_streams();
    Ok(Reply::created(view))
}

/// `aclRole: null` gives back the role of the team.
async fn update(
    State(app): State<App>,
    caller: Caller,
    Path(path): Path<MemberPath>,
    body: Body,
) -> ApiResult<Reply<TeamMember>> {
    body.refuse(&["email"])?;
    let names_role = body.0.contains_key("aclRole");
    let wanted: TeamMember = body.read()?;
    let mut tx = app.db.write().await?;
    let team = of_account(&mut tx, &caller, path.team_id).await?;
    let user = users::of_scope(&mut tx, &caller, path.user_id).await?;
    let mut member = find(&mut tx, team.id, user.id).await?.ok_or_else(|| no_member(&path))?;
    if wanted.user.is_some_and(|it| it.id != user.id) {
        return Err(ApiError::structure("\"user\" cannot be changed; take the other user into the team"));
    }
    let before = view(user.id, user.email.clone(), member.acl_role_id.clone());
    let acl_role_id = wanted.acl_role.map(|it| it.id);
    if names_role && acl_role_id != member.acl_role_id {
        may_have(&mut tx, &caller, &team, acl_role_id.as_deref()).await?;
        member.acl_role_id = acl_role_id;
        team_members::put(&mut tx, &member).await?;
    }
    let after = view(user.id, user.email, member.acl_role_id);
    let name = name(&after, &team);
    let change = Change::new("team-members", "update", object_id(&team, user.id), &name);
    caller.record(&mut tx, &app, change.before(&before).after(&after)).await?;
    tx.commit().await?;
    app.wake_streams();
    Ok(Reply::ok(after))
}

async fn remove(State(app): State<App>, caller: Caller, Path(path): Path<MemberPath>) -> ApiResult<StatusCode> {
    let mut tx = app.db.write().await?;
    let team = of_account(&mut tx, &caller, path.team_id).await?;
    let user = users::of_scope(&mut tx, &caller, path.user_id).await?;
    let member = find(&mut tx, team.id, user.id).await?.ok_or_else(|| no_member(&path))?;
    team_members::delete(&mut tx, team.id, user.id).await?;
    let view = view(user.id, user.email, member.acl_role_id);
    let name = name(&view, &team);
    let change = Change::new("team-members", "delete", object_id(&team, user.id), &name).before(&view);
    caller.record(&mut tx, &app, change).await?;
    tx.commit().await?;
    app.wake_streams();
    Ok(StatusCode::NO_CONTENT)
}

async fn find(tx: &mut Tx, team_id: i64, user_id: i64) -> ApiResult<Option<team_members::TeamMember>> {
    let members = team_members::list_of_team(tx, team_id).await?;
    Ok(members.into_iter().find(|it| it.user_id == user_id))
}

/// Refuses a membership that gives more than the caller has. Without a role of its own it gives the team's, and in each
/// environment that the team works in what that environment says.
async fn may_have(tx: &mut Tx, caller: &Caller, team: &Team, acl_role_id: Option<&str>) -> ApiResult<()> {
    if let Some(id) = acl_role_id {
        return may_give(tx, caller, id).await;
    }
    may_give(tx, caller, &team.default_acl_role_id).await?;
    for link in environment_teams::list_of_team(tx, team.id).await? {
        if let Some(id) = link.acl_role_id {
            may_give(tx, caller, &id).await?;
        }
    }
    Ok(())
}

/// For the audit log: a membership has no id of its own.
fn object_id(team: &Team, user_id: i64) -> String {
    format!("{}/{user_id}", team.id)
}

fn name(member: &TeamMember, team: &Team) -> String {
    format!("{} in {}", member.email.as_deref().unwrap_or_default(), team.name)
}

fn no_member(path: &MemberPath) -> ApiError {
    ApiError::not_found(format!("user {} in team {}", path.user_id, path.team_id))
}

fn view(user_id: i64, email: String, acl_role_id: Option<String>) -> TeamMember {
    TeamMember {
        user: Some(IntegerRef { id: user_id }),
        email: Some(email),
        acl_role: acl_role_id.map(|id| TextRef { id }),
    }
}
