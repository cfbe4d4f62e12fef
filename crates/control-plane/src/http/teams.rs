//! Teams of an account: users who get access together.

mod environments;
mod members;

use api_types::{TextRef, teams::Team};
use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;
use store::{
    DbError, Tx,
    teams::{self, NewTeam},
};

use super::{
    acl_roles::{self, grant},
    body::{Body, required, text},
    caller::{Caller, Change},
    error::{ApiError, ApiResult},
    extract::Path,
    list::{Column, ListQuery},
    reply::Reply,
    route::{Access::Needs, Routes, delete, get, patch, post},
};
use crate::{app::App, permission::Permission as P};

const COLUMNS: &[Column] = &[
    Column::number("id", "id"),
    Column::text("name", "name"),
    Column::part("nameContains", "name"),
    Column::text("defaultAclRole", "default_acl_role_id"),
];
const FILTERS: &[&str] = &["id", "name", "nameContains", "defaultAclRole"];
const LONGEST_DESCRIPTION: usize = 2000;

pub fn routes(routes: &mut Routes) {
    type T = Team;
    let all = "/account/{accountId}/teams/";
    let one = "/account/{accountId}/teams/{teamId}/";
    routes
        .add(
            get(all, Needs(P::TeamsRead), "List the teams of this account").lists::<T>(FILTERS).sorts(&["id", "name"]),
            list,
        )
        .add(post(all, Needs(P::TeamsManage), "Create a team").takes::<T>().creates::<T>(), create)
        .add(get(one, Needs(P::TeamsRead), "Get a team").gives::<T>(), show)
        .add(patch(one, Needs(P::TeamsManage), "Change a team").takes::<T>().gives::<T>(), update)
        .add(delete(one, Needs(P::TeamsManage), "Delete a team; its members stay users"), remove);
    members::routes(routes);
    environments::routes(routes);
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Id {
    team_id: i64,
}

/// A team of the account that the path names; another's is not found.
async fn of_account(tx: &mut Tx, caller: &Caller, id: i64) -> ApiResult<teams::Team> {
    let team = teams::find(tx, id).await?.filter(|it| Some(it.account_id) == caller.scope.account_id());
    team.ok_or_else(|| ApiError::not_found(format!("team {id}")))
}

/// Refuses to give a role of the account that grants more than the caller has.
async fn may_give(tx: &mut Tx, caller: &Caller, acl_role_id: &str) -> ApiResult<()> {
    let role = acl_roles::of_account(tx, caller, acl_role_id).await?;
    grant::may_grant(caller, &grant::granted(&role))
}

async fn list(State(app): State<App>, caller: Caller, query: ListQuery) -> ApiResult<Reply<Vec<Team>>> {
    let account_id = caller.scope.account_id().unwrap_or_default();
    let mut tx = app.db.read().await?;
    let found = teams::list(&mut tx, query.select(COLUMNS)?.eq("account_id", account_id)).await?;
    Ok(Reply::list(found.map(view), &query))
}

async fn create(State(app): State<App>, caller: Caller, body: Body) -> ApiResult<Reply<Team>> {
    body.refuse(&["id"])?;
    let new: Team = body.read()?;
    let name = required("name", new.name.as_ref())?.to_owned();
    let role = new.default_acl_role.ok_or_else(|| ApiError::structure("\"defaultAclRole\" is missing"))?;
    let description = description(new.description.unwrap_or_default())?;
    let account_id = caller.scope.account_id().unwrap_or_default();
    let mut tx = app.db.write().await?;
    may_give(&mut tx, &caller, &role.id).await?;
    let new = NewTeam { account_id, name, description, default_acl_role_id: role.id };
    let view = view(teams::insert(&mut tx, &new).await.map_err(|err| taken(err, &new.name))?);
    let change = Change::new("teams", "create", view.id.unwrap_or_default(), &new.name).after(&view);
    caller.record(&mut tx, &app, change).await?;
    tx.commit().await?;
    app.wake_streams();
    Ok(Reply::created(view))
}

async fn show(State(app): State<App>, caller: Caller, Path(id): Path<Id>) -> ApiResult<Reply<Team>> {
    let mut tx = app.db.read().await?;
    Ok(Reply::ok(view(of_account(&mut tx, &caller, id.team_id).await?)))
}

async fn update(State(app): State<App>, caller: Caller, Path(id): Path<Id>, body: Body) -> ApiResult<Reply<Team>> {
    body.refuse(&["id"])?;
    let wanted: Team = body.read()?;
    let mut tx = app.db.write().await?;
    let mut team = of_account(&mut tx, &caller, id.team_id).await?;
    let before = view(team.clone());
    if let Some(name) = &wanted.name {
        team.name = text("name", name)?.to_owned();
    }
    if let Some(text) = wanted.description {
        team.description = description(text)?;
    }
    if let Some(role) = wanted.default_acl_role
        && role.id != team.default_acl_role_id
    {
        may_give(&mut tx, &caller, &role.id).await?;
        team.default_acl_role_id = role.id;
    }
    teams::update(&mut tx, &team).await.map_err(|err| taken(err, &team.name))?;
    let name = team.name.clone();
    let after = view(team);
    let change = Change::new("teams", "update", id.team_id, &name).before(&before).after(&after);
    caller.record(&mut tx, &app, change).await?;
    tx.commit().await?;
    app.wake_streams();
    Ok(Reply::ok(after))
}

async fn remove(State(app): State<App>, caller: Caller, Path(id): Path<Id>) -> ApiResult<StatusCode> {
    let mut tx = app.db.write().await?;
    let team = of_account(&mut tx, &caller, id.team_id).await?;
    teams::delete(&mut tx, team.id).await?;
    let name = team.name.clone();
    let change = Change::new("teams", "delete", id.team_id, &name).before(&view(team));
    caller.record(&mut tx, &app, change).await?;
    tx.commit().await?;
    app.wake_streams();
    Ok(StatusCode::NO_CONTENT)
}

fn taken(err: DbError, name: &str) -> ApiError {
    ApiError::of_named(err, "a team", name, "in this account")
}

fn description(text: String) -> ApiResult<String> {
    if text.chars().count() > LONGEST_DESCRIPTION {
        return Err(ApiError::value(format!("\"description\" has more than {LONGEST_DESCRIPTION} characters")));
    }
    Ok(text)
}

fn view(team: teams::Team) -> Team {
    let teams::Team { id, name, description, default_acl_role_id, .. } = team;
    Team {
        id: Some(id),
        name: Some(name),
        description: Some(description),
        default_acl_role: Some(TextRef { id: default_acl_role_id }),
    }
}
