//! Farms of an environment: what users declare, and when it is to run.

use std::collections::{BTreeMap, BTreeSet};

use api_types::{
    TextRef,
    farms::{CloneFarm, Farm, TerminateFarm, UserIdentity},
};
use axum::extract::State;
use http::StatusCode;
use store::{
    DbError, Select, Time, Tx, assets, environments, farm_roles,
    farms::{self, FarmStatus, LaunchOrder},
    servers::{self, Wanted},
};

use super::{
    body::{Body, required, text},
    caller::{Caller, Change},
    error::{ApiError, ApiResult},
    farm_roles::view as view_of_role,
    list::{Column, ListQuery},
    projects,
    reply::Reply,
    route::{Access::Needs, Routes, delete, get, patch, post},
};
use crate::http::extract::Path;
use crate::{
    app::App,
    permission::Permission as P,
    reconcile::farms::{FARM_LAUNCHED, LaunchedBy, settle},
};

mod lock;

pub(super) use lock::refuse_locked;

const COLUMNS: &[Column] = &[
    Column::number("id", "id"),
    Column::text("name", "name"),
    Column::part("nameContains", "name"),
    Column::text("status", "status"),
    Column::text("launchOrder", "launch_order"),
    Column::number("owner", "owner_id"),
    Column::text("project", "project_id"),
];
const FILTERS: &[&str] = &["id", "name", "nameContains", "status", "launchOrder", "owner", "role", "project"];
const READ_ONLY: &[&str] = &["id", "status", "owner", "locked", "servers", "added"];

pub fn routes(routes: &mut Routes) {
    type F = Farm;
    let all = "/user/{envId}/farms/";
    let one = "/user/{envId}/farms/{farmId}/";
    macro_rules! action {
        ($name:literal) => {
            concat!("/user/{envId}/farms/{farmId}/actions/", $name, "/")
        };
    }
    let action = |path, summary| post(path, Needs(P::FarmsLaunch), summary).gives::<F>();
    routes
        .add(
            get(all, Needs(P::FarmsRead), "List the farms of this environment")
                .lists::<F>(FILTERS)
                .sorts(&["id", "name", "status"]),
            list,
        )
        .add(
            post(all, Needs(P::FarmsManage), "Create a farm; it has no servers yet").takes::<F>().creates::<F>(),
            create,
        )
        .add(get(one, Needs(P::FarmsRead), "Get a farm").gives::<F>(), show)
        .add(patch(one, Needs(P::FarmsManage), "Change a farm").takes::<F>().gives::<F>(), update)
        .add(delete(one, Needs(P::FarmsManage), "Delete a farm that has no servers"), remove)
        .add(action(action!("launch"), "Launch the servers of all farm roles"), launch)
        .add(action(action!("suspend"), "Suspend all servers"), suspend)
        .add(action(action!("resume"), "Resume all suspended servers"), resume)
        .add(action(action!("terminate"), "Terminate all servers; the farm stays").takes::<TerminateFarm>(), terminate)
        .add(
            post(action!("clone"), Needs(P::FarmsManage), "Make a farm with the same farm roles; it has no servers")
                .takes::<CloneFarm>()
                .creates::<F>(),
            copy,
        );
    lock::routes(routes);
}

/// A farm of the environment that the path names.
pub(super) async fn of_environment(tx: &mut Tx, caller: &Caller, id: i64) -> ApiResult<farms::Farm> {
    let farm = farms::find(tx, id).await?;
    let own = farm.filter(|it| Some(it.environment_id) == caller.scope.environment_id());
    own.ok_or_else(|| ApiError::not_found(format!("farm {id}")))
}

/// For whom servers are launched by this request.
pub(super) fn launched_by<'a>(caller: &'a Caller, reason: &'static str) -> LaunchedBy<'a> {
    LaunchedBy { id: caller.user.id, email: &caller.user.email, reason }
}

async fn list(State(app): State<App>, caller: Caller, query: ListQuery) -> ApiResult<Reply<Vec<Farm>>> {
    let environment_id = caller.scope.environment_id().unwrap_or_default();
    let mut select = query.select(COLUMNS)?.eq("environment_id", environment_id);
    let mut tx = app.db.read().await?;
    if let Some(role) = query.filter("role") {
        let role: i64 = role.parse().map_err(|_| ApiError::value("role is a number"))?;
        let tiers = farm_roles::list(&mut tx, Select::new().eq("role_id", role)).await?;
        let farm_ids: BTreeSet<i64> = tiers.rows.into_iter().map(|it| it.farm_id).collect();
        select = select.any_of("id", farm_ids);
    }
    let found = farms::list(&mut tx, select).await?;
    let mut views = Vec::new();
    for farm in found.rows {
        views.push(view(&mut tx, farm).await?);
    }
    Ok(Reply::list(store::List { rows: views, total: found.total }, &query))
}

async fn create(State(app): State<App>, caller: Caller, body: Body) -> ApiResult<Reply<Farm>> {
    body.refuse(READ_ONLY)?;
    let new: Farm = body.read()?;
    let name = required("name", new.name.as_ref())?;
    let now = Time::now();
    let farm = farms::Farm {
        id: 0,
        environment_id: caller.scope.environment_id().unwrap_or_default(),
        name: name.to_owned(),
        description: description(new.description)?,
        status: FarmStatus::Terminated,
        launch_order: launch_order(new.launch_order.as_deref())?.unwrap_or(LaunchOrder::Simultaneous),
        owner_id: caller.user.id,
        owner_email: caller.user.email.clone(),
        created_at: now,
        updated_at: now,
        locked: None,
        project_id: new.project.map(|it| it.id),
    };
    let mut tx = app.db.write().await?;
    check_project(&mut tx, &caller, &farm).await?;
    let farm = farms::insert(&mut tx, &farm).await.map_err(|err| taken(err, name))?;
    let view = view(&mut tx, farm.clone()).await?;
    caller.record(&mut tx, &app, Change::new("farms", "create", farm.id, name).after(&view)).await?;
    tx.commit().await?;
    app.wake_streams();
    Ok(Reply::created(view))
}

async fn show(State(app): State<App>, caller: Caller, Path((_, id)): Path<(i64, i64)>) -> ApiResult<Reply<Farm>> {
    let mut tx = app.db.read().await?;
    let farm = of_environment(&mut tx, &caller, id).await?;
    Ok(Reply::ok(view(&mut tx, farm).await?))
}

async fn update(
    State(app): State<App>,
    caller: Caller,
    Path((_, id)): Path<(i64, i64)>,
    body: Body,
) -> ApiResult<Reply<Farm>> {
    body.refuse(READ_ONLY)?;
    let is_project_given = body.0.contains_key("project");
    let wanted: Farm = body.read()?;
    let mut tx = app.db.write().await?;
    let mut farm = of_environment(&mut tx, &caller, id).await?;
    refuse_locked(&farm)?;
    let before = view(&mut tx, farm.clone()).await?;
    if let Some(name) = &wanted.name {
        farm.name = text("name", name)?.to_owned();
    }
    if wanted.description.is_some() {
        farm.description = description(wanted.description)?;
    }
    if let Some(order) = launch_order(wanted.launch_order.as_deref())? {
        farm.launch_order = order;
    }
    if is_project_given {
        farm.project_id = wanted.project.map(|it| it.id);
        check_project(&mut tx, &caller, &farm).await?;
    }
    change(&app, &caller, tx, farm, before, "update").await
}

/// The caller owns the copy; a lock is not copied.
async fn copy(
    State(app): State<App>,
    caller: Caller,
    Path((_, id)): Path<(i64, i64)>,
    body: Body,
) -> ApiResult<Reply<Farm>> {
    let wanted: CloneFarm = body.read()?;
    let name = required("name", wanted.name.as_ref())?.to_owned();
    let now = Time::now();
    let mut tx = app.db.write().await?;
    let original = of_environment(&mut tx, &caller, id).await?;
    let copy = farms::Farm {
        name: name.clone(),
        status: FarmStatus::Terminated,
        owner_id: caller.user.id,
        owner_email: caller.user.email.clone(),
        created_at: now,
        updated_at: now,
        locked: None,
        ..original
    };
    let copy = farms::insert(&mut tx, &copy).await.map_err(|err| taken(err, &name))?;
    let copy_id = copy.id;
    let view = view(&mut tx, copy).await?;
    caller.record(&mut tx, &app, Change::new("farms", "clone", copy_id, &name).after(&view)).await?;
    for farm_role in farm_roles::list_of_farm(&mut tx, id).await? {
        let farm_role = farm_roles::insert(&mut tx, &farm_roles::FarmRole { farm_id: copy_id, ..farm_role }).await?;
        let (role_id, alias) = (farm_role.id, farm_role.alias.clone());
        let change = Change::new("farm-roles", "clone", role_id, &alias).after(&view_of_role(farm_role));
        caller.record(&mut tx, &app, change).await?;
    }
    tx.commit().await?;
    app.wake_streams();
    Ok(Reply::created(view))
}

async fn launch(State(app): State<App>, caller: Caller, Path((_, id)): Path<(i64, i64)>) -> ApiResult<Reply<Farm>> {
    let mut tx = app.db.write().await?;
    let mut farm = of_environment(&mut tx, &caller, id).await?;
    refuse_locked(&farm)?;
    let before = view(&mut tx, farm.clone()).await?;
    match farm.status {
        FarmStatus::Running => return Err(state("the farm runs already")),
        FarmStatus::Suspended => return Err(state("the farm is suspended").remedy("resume it")),
        FarmStatus::Terminated => {}
    }
    if farm_roles::list_of_farm(&mut tx, id).await?.is_empty() {
        return Err(state("the farm has no farm roles").remedy("add one with POST …/farms/{farmId}/farm-roles/"));
    }
    farm.status = FarmStatus::Running;
    change(&app, &caller, tx, farm, before, "launch").await
}

async fn suspend(State(app): State<App>, caller: Caller, Path((_, id)): Path<(i64, i64)>) -> ApiResult<Reply<Farm>> {
    let mut tx = app.db.write().await?;
    let mut farm = of_environment(&mut tx, &caller, id).await?;
    refuse_locked(&farm)?;
    let before = view(&mut tx, farm.clone()).await?;
    if farm.status != FarmStatus::Running {
        return Err(state(&format!("the farm is {}; only a running one can be suspended", farm.status)));
    }
    farm.status = FarmStatus::Suspended;
    for server in servers::live_of_farm(&mut tx, id).await? {
        if server.wanted == Wanted::Running {
            servers::want(&mut tx, &server.id, Wanted::Suspended, Time::now()).await?;
        }
    }
    change(&app, &caller, tx, farm, before, "suspend").await
}

async fn resume(State(app): State<App>, caller: Caller, Path((_, id)): Path<(i64, i64)>) -> ApiResult<Reply<Farm>> {
    let mut tx = app.db.write().await?;
    let mut farm = of_environment(&mut tx, &caller, id).await?;
    refuse_locked(&farm)?;
    let before = view(&mut tx, farm.clone()).await?;
    if farm.status != FarmStatus::Suspended {
        return Err(state(&format!("the farm is {}; only a suspended one can be resumed", farm.status)));
    }
    farm.status = FarmStatus::Running;
    for server in servers::live_of_farm(&mut tx, id).await? {
        if server.wanted == Wanted::Suspended {
            servers::want(&mut tx, &server.id, Wanted::Running, Time::now()).await?;
        }
    }
    change(&app, &caller, tx, farm, before, "resume").await
}

async fn terminate(
    State(app): State<App>,
    caller: Caller,
    Path((_, id)): Path<(i64, i64)>,
    body: Body,
) -> ApiResult<Reply<Farm>> {
    let TerminateFarm { force: _ } = body.read()?;
    let mut tx = app.db.write().await?;
    let mut farm = of_environment(&mut tx, &caller, id).await?;
    refuse_locked(&farm)?;
    let before = view(&mut tx, farm.clone()).await?;
    farm.status = FarmStatus::Terminated;
    change(&app, &caller, tx, farm, before, "terminate").await
}

/// Deletes what is not in any cloud.
async fn remove(State(app): State<App>, caller: Caller, Path((_, id)): Path<(i64, i64)>) -> ApiResult<StatusCode> {
    let mut tx = app.db.write().await?;
    let farm = of_environment(&mut tx, &caller, id).await?;
    refuse_locked(&farm)?;
    let n_live = servers::live_of_farm(&mut tx, id).await?.len();
    if n_live > 0 {
        let message = format!("the farm has {n_live} servers");
        return Err(
            ApiError::conflict("ObjectInUse", message).remedy("terminate the farm and wait until they are gone")
        );
    }
    let before = view(&mut tx, farm.clone()).await?;
    assets::want_absent_of_farm(&mut tx, id, Time::now()).await?;
    servers::delete_of_farm(&mut tx, id).await?;
    farms::delete(&mut tx, id).await?;
    caller.record(&mut tx, &app, Change::new("farms", "delete", id, &farm.name).before(&before)).await?;
    tx.commit().await?;
    app.wake_streams();
    Ok(StatusCode::NO_CONTENT)
}

/// Writes a changed farm and brings its rows of servers to it; what clouds do about them comes after.
async fn change(
    app: &App,
    caller: &Caller,
    mut tx: Tx,
    farm: farms::Farm,
    before: Farm,
    verb: &'static str,
) -> ApiResult<Reply<Farm>> {
    settle(&mut tx, &farm, &launched_by(caller, FARM_LAUNCHED)).await?;
    let changed = save(app, caller, tx, farm, before, verb).await?;
    app.wake.wake();
    Ok(changed)
}

async fn save(
    app: &App,
    caller: &Caller,
    mut tx: Tx,
    mut farm: farms::Farm,
    before: Farm,
    verb: &'static str,
) -> ApiResult<Reply<Farm>> {
    farm.updated_at = Time::now();
    farms::update(&mut tx, &farm).await.map_err(|err| taken(err, &farm.name))?;
    let (id, name) = (farm.id, farm.name.clone());
    let after = view(&mut tx, farm).await?;
    caller.record(&mut tx, app, Change::new("farms", verb, id, &name).before(&before).after(&after)).await?;
    tx.commit().await?;
    app.wake_streams();
    Ok(Reply::ok(after))
}

/// That it is visible, and of the environment's cost center where there is one.
async fn check_project(tx: &mut Tx, caller: &Caller, farm: &farms::Farm) -> ApiResult<()> {
    let Some(id) = &farm.project_id else { return Ok(()) };
    let project = projects::visible(tx, caller.scope.owner(), id).await?;
    let cost_center_id = environments::get(tx, farm.environment_id).await?.cost_center_id;
    if cost_center_id.is_some_and(|it| it != project.cost_center_id) {
        let message = format!("project {:?} is of another cost center than the environment", project.name);
        let remedy = "choose a project of the environment's cost center";
        return Err(ApiError::conflict("UnacceptableObjectConfiguration", message).remedy(remedy));
    }
    Ok(())
}

fn state(message: &str) -> ApiError {
    ApiError::conflict("UnacceptableState", message)
}

fn taken(err: DbError, name: &str) -> ApiError {
    ApiError::of_named(err, "a farm", name, "in this environment")
}

fn description(given: Option<String>) -> ApiResult<String> {
    let given = given.unwrap_or_default();
    if given.chars().count() > 4096 {
        return Err(ApiError::value("\"description\" has more than 4096 characters"));
    }
    Ok(given)
}

fn launch_order(given: Option<&str>) -> ApiResult<Option<LaunchOrder>> {
    let parse = |it: &str| it.parse().map_err(|_| ApiError::value("launchOrder is simultaneous or sequential"));
    given.map(parse).transpose()
}

async fn view(tx: &mut Tx, farm: farms::Farm) -> Result<Farm, DbError> {
    let counts = servers::counts_of_farm(tx, farm.id).await?;
    let n_servers: BTreeMap<String, i64> = counts.into_iter().map(|(status, n)| (status.to_string(), n)).collect();
    Ok(Farm {
        id: Some(farm.id),
        name: Some(farm.name),
        description: Some(farm.description),
        launch_order: Some(farm.launch_order.to_string()),
        project: farm.project_id.map(|id| TextRef { id }),
        status: Some(farm.status.to_string()),
        owner: Some(UserIdentity { id: farm.owner_id, email: Some(farm.owner_email) }),
        locked: farm.locked.map(|it| lock::view(it.0)),
        servers: Some(n_servers),
        added: Some(farm.created_at.0),
    })
}
