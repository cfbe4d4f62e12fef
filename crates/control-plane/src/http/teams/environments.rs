//! Which teams work in an environment, and with which role.

use api_types::{
    TextRef,
    teams::{ComposedTeam, EnvironmentTeam},
};
use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;
use store::{Tx, environment_teams, team_members, teams::Team};

use super::{may_give, of_account};
use crate::{
    app::App,
    http::{
        body::Body,
        caller::{Caller, Change},
        environments,
        error::{ApiError, ApiResult},
        extract::Path,
        list::{Column, ListQuery},
        reply::Reply,
        route::{Access::Needs, Routes, delete, get, patch, post},
    },
    permission::Permission as P,
};

const COLUMNS: &[Column] = &[Column::number("team", "id")];
const FILTERS: &[&str] = &["team", "defaultAclRole"];

pub fn routes(routes: &mut Routes) {
    type T = EnvironmentTeam;
    let all = "/account/{accountId}/environments/{envId}/teams/";
    let one = "/account/{accountId}/environments/{envId}/teams/{teamId}/";
    let change = "Change the role of a team in this environment";
    routes
        .add(
            get(all, Needs(P::TeamsRead), "List the teams that have access to this environment").lists::<T>(FILTERS),
            list,
        )
        .add(
            post(all, Needs(P::TeamsManage), "Grant a team access to this environment").takes::<T>().creates::<T>(),
            create,
        )
        .add(patch(one, Needs(P::TeamsManage), change).takes::<T>().gives::<T>(), update)
        .add(delete(one, Needs(P::TeamsManage), "Withhold access to this environment from a team"), remove);
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AllPath {
    env_id: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OnePath {
    env_id: i64,
    team_id: i64,
}

async fn list(
    State(app): State<App>,
    caller: Caller,
    Path(path): Path<AllPath>,
    query: ListQuery,
) -> ApiResult<Reply<Vec<EnvironmentTeam>>> {
    let mut tx = app.db.read().await?;
    environments::of_account(&mut tx, &caller, path.env_id).await?;
    let mut links = environment_teams::list_of_environment(&mut tx, path.env_id).await?;
    if let Some(id) = query.filter("defaultAclRole") {
        links.retain(|it| it.acl_role_id.as_deref() == Some(id));
    }
    let select = query.select(COLUMNS)?.any_of("id", links.iter().map(|it| it.team_id));
    let teams = store::teams::list(&mut tx, select).await?;
    let found = teams.map(|team| {
        let link = links.iter().find(|it| it.team_id == team.id);
        view(&team, link.and_then(|it| it.acl_role_id.clone()))
    });
    Ok(Reply::list(found, &query))
}

async fn create(
    State(app): State<App>,
    caller: Caller,
    Path(path): Path<AllPath>,
    body: Body,
) -> ApiResult<Reply<EnvironmentTeam>> {
    let new: EnvironmentTeam = body.read()?;
    let wanted = new.team.ok_or_else(|| ApiError::structure("\"team\" is missing"))?;
    if wanted.name.is_some() {
        return Err(ApiError::structure("\"team.name\" is read-only"));
    }
    let mut tx = app.db.write().await?;
    let environment = environments::of_account(&mut tx, &caller, path.env_id).await?;
    let team = of_account(&mut tx, &caller, wanted.id).await?;
    if find(&mut tx, path.env_id, team.id).await?.is_some() {
        let message = format!("team {} has access to environment {} already", team.name, environment.name);
        return Err(ApiError::conflict("UnicityViolation", message));
    }
    let acl_role_id = new.default_acl_role.map(|it| it.id);
    may_let_in(&mut tx, &caller, &team, acl_role_id.as_deref()).await?;
    let link = environment_teams::EnvironmentTeam { environment_id: path.env_id, team_id: team.id, acl_role_id };
    environment_teams::put(&mut tx, &link).await?;
    let view = view(&team, link.acl_role_id);
    let change = Change::new("environment-teams", "create", object_id(&path, &team), &team.name);
    caller.record(&mut tx, &app, change.in_environment(path.env_id).after(&view)).await?;
    tx.commit().await?;
    app.wake_streams();
    Ok(Reply::created(view))
}

/// `defaultAclRole: null` gives back the role of the team.
async fn update(
    State(app): State<App>,
    caller: Caller,
    Path(path): Path<OnePath>,
    body: Body,
) -> ApiResult<Reply<EnvironmentTeam>> {
    let names_role = body.0.contains_key("defaultAclRole");
    let wanted: EnvironmentTeam = body.read()?;
    let mut tx = app.db.write().await?;
    let (team, mut link) = linked(&mut tx, &caller, &path).await?;
    if wanted.team.is_some_and(|it| it.id != team.id) {
        return Err(ApiError::structure("\"team\" cannot be changed; grant the other team access"));
    }
    let before = view(&team, link.acl_role_id.clone());
    let acl_role_id = wanted.default_acl_role.map(|it| it.id);
    if names_role && acl_role_id != link.acl_role_id {
        may_give(&mut tx, &caller, acl_role_id.as_deref().unwrap_or(&team.default_acl_role_id)).await?;
        link.acl_role_id = acl_role_id;
        environment_teams::put(&mut tx, &link).await?;
    }
    let after = view(&team, link.acl_role_id);
    let at = AllPath { env_id: path.env_id };
    let change = Change::new("environment-teams", "update", object_id(&at, &team), &team.name);
    caller.record(&mut tx, &app, change.in_environment(path.env_id).before(&before).after(&after)).await?;
    tx.commit().await?;
    app.wake_streams();
    Ok(Reply::ok(after))
}

async fn remove(State(app): State<App>, caller: Caller, Path(path): Path<OnePath>) -> ApiResult<StatusCode> {
    let mut tx = app.db.write().await?;
    let (team, link) = linked(&mut tx, &caller, &path).await?;
    environment_teams::delete(&mut tx, path.env_id, team.id).await?;
    let at = AllPath { env_id: path.env_id };
    let change = Change::new("environment-teams", "delete", object_id(&at, &team), &team.name);
    let change = change.in_environment(path.env_id).before(&view(&team, link.acl_role_id));
    caller.record(&mut tx, &app, change).await?;
    tx.commit().await?;
    app.wake_streams();
    Ok(StatusCode::NO_CONTENT)
}

async fn find(tx: &mut Tx, env_id: i64, team_id: i64) -> ApiResult<Option<environment_teams::EnvironmentTeam>> {
    let links = environment_teams::list_of_environment(tx, env_id).await?;
    Ok(links.into_iter().find(|it| it.team_id == team_id))
}

async fn linked(tx: &mut Tx, caller: &Caller, path: &OnePath) -> ApiResult<(Team, environment_teams::EnvironmentTeam)> {
    environments::of_account(tx, caller, path.env_id).await?;
    let team = of_account(tx, caller, path.team_id).await?;
    let link = find(tx, path.env_id, team.id).await?;
    let missing = || ApiError::not_found(format!("team {} in environment {}", path.team_id, path.env_id));
    Ok((team, link.ok_or_else(missing)?))
}

/// Refuses to let in a team whose members would get more there than the caller has: by the role given here or the
/// team's, and by the roles of their own that some members have.
async fn may_let_in(tx: &mut Tx, caller: &Caller, team: &Team, acl_role_id: Option<&str>) -> ApiResult<()> {
    may_give(tx, caller, acl_role_id.unwrap_or(&team.default_acl_role_id)).await?;
    for member in team_members::list_of_team(tx, team.id).await? {
        if let Some(id) = member.acl_role_id {
            may_give(tx, caller, &id).await?;
        }
    }
    Ok(())
}

/// For the audit log: the access of a team has no id of its own.
fn object_id(path: &AllPath, team: &Team) -> String {
    format!("{}/{}", path.env_id, team.id)
}

fn view(team: &Team, acl_role_id: Option<String>) -> EnvironmentTeam {
    EnvironmentTeam {
        team: Some(ComposedTeam { id: team.id, name: Some(team.name.clone()) }),
        default_acl_role: acl_role_id.map(|id| TextRef { id }),
    }
}
