//! Servers of an environment: users say what is wanted of them, the reconciler does it.

use api_types::{
    IntegerRef, TextRef,
    farms::UserIdentity,
    servers::{LaunchServer, Operation, RebootServer, Server, TerminateServer},
};
use axum::extract::State;
use cloud::{
    Platform,
    address::{self, Scope},
};
use store::{
    Select, Time, Tx,
    farms::FarmStatus,
    server_operations,
    servers::{self, Reboot, ServerStatus as S, Wanted},
    watches,
};

use super::{
    body::Body,
    caller::{Caller, Change},
    error::{ApiError, ApiResult},
    farm_roles,
    farms::{self, launched_by},
    list::{Column, ListQuery},
    reply::Reply,
    route::{Access::Needs, Routes, get, post},
};
use crate::http::extract::Path;
use crate::{
    app::App,
    config::Config,
    live,
    operations::words,
    permission::Permission as P,
    reconcile::farms::{BY_USER, launch as launch_one},
};

const COLUMNS: &[Column] = &[
    Column::text("id", "id"),
    Column::number("index", "position"),
    Column::text("cloudServerId", "cloud_id"),
    Column::text("status", "status"),
    Column::text("cloudPlatform", "platform"),
    Column::text("cloudLocation", "location_id"),
    Column::text("launchReason", "launch_reason"),
    Column::number("launchedBy", "launched_by_id"),
    Column::number("farmRole", "farm_role_id"),
    Column::number("farm", "farm_id"),
    Column::text("instanceType", "instance_type_id"),
    Column::truth("failed", "(failure IS NOT NULL)"),
    Column::text("name", "name"),
    Column::part("nameContains", "name"),
    Column::text("added", "created_at"),
];
/// `addedSince` is included, `addedUntil` is not.
const FILTERS: &[&str] = &[
    "id",
    "index",
    "cloudServerId",
    "status",
    "cloudPlatform",
    "cloudLocation",
    "launchReason",
    "launchedBy",
    "farmRole",
    "farm",
    "instanceType",
    "failed",
    "name",
    "nameContains",
    "addedSince",
    "addedUntil",
];
const SORTS: &[&str] = &["id", "index", "status", "farm", "farmRole", "name", "added"];

pub fn routes(routes: &mut Routes) {
    type V = Server;
    macro_rules! action {
        ($name:literal) => {
            concat!("/user/{envId}/servers/{serverId}/actions/", $name, "/")
        };
    }
    let all = "/user/{envId}/servers/";
    let of_farm = "/user/{envId}/farms/{farmId}/servers/";
    let of_role = "/user/{envId}/farm-roles/{farmRoleId}/servers/";
    let lists = |path, summary| get(path, Needs(P::ServersRead), summary).lists::<V>(FILTERS).sorts(SORTS);
    let action = |path, summary| post(path, Needs(P::ServersManage), summary).gives::<V>();
    routes
        .add(lists(all, "List the servers of this environment"), list)
        .add(lists(of_farm, "List the servers of a farm"), list_of_farm)
        .add(lists(of_role, "List the servers of a farm role"), list_of_role)
        .add(
            post(all, Needs(P::ServersManage), "Launch one more server of a farm role")
                .takes::<LaunchServer>()
                .creates::<V>(),
            launch,
        )
        .add(
            post(of_role, Needs(P::ServersManage), "Launch one more server of this farm role").creates::<V>(),
            launch_of_role,
        )
        .add(get("/user/{envId}/servers/{serverId}/", Needs(P::ServersRead), "Get a server").gives::<V>(), show)
        .add(action(action!("suspend"), "Suspend a server that runs"), suspend)
        .add(action(action!("resume"), "Resume a suspended server"), resume)
        .add(action(action!("reboot"), "Reboot a server").takes::<RebootServer>(), reboot)
        .add(action(action!("terminate"), "Terminate a server").takes::<TerminateServer>(), terminate)
        .add(action(action!("sync"), "Look at a server in its cloud now"), sync);
}

async fn list(State(app): State<App>, caller: Caller, query: ListQuery) -> ApiResult<Reply<Vec<Server>>> {
    let mut tx = app.db.read().await?;
    page(&app, &mut tx, &caller, query.select(COLUMNS)?, &query).await
}

async fn list_of_farm(
    State(app): State<App>,
    caller: Caller,
    Path((_, farm_id)): Path<(i64, i64)>,
    query: ListQuery,
) -> ApiResult<Reply<Vec<Server>>> {
    let mut tx = app.db.read().await?;
    farms::of_environment(&mut tx, &caller, farm_id).await?;
    page(&app, &mut tx, &caller, query.select(COLUMNS)?.eq("farm_id", farm_id), &query).await
}

async fn list_of_role(
    State(app): State<App>,
    caller: Caller,
    Path((_, id)): Path<(i64, i64)>,
    query: ListQuery,
) -> ApiResult<Reply<Vec<Server>>> {
    let mut tx = app.db.read().await?;
    farm_roles::of_farm(&mut tx, &caller, id).await?;
    page(&app, &mut tx, &caller, query.select(COLUMNS)?.eq("farm_role_id", id), &query).await
}

async fn page(
    app: &App,
    tx: &mut Tx,
    caller: &Caller,
    mut select: Select,
    query: &ListQuery,
) -> ApiResult<Reply<Vec<Server>>> {
    let environment_id = caller.scope.environment_id().unwrap_or_default();
    if let Some(since) = query.moment("addedSince")? {
        select = select.at_least("created_at", since);
    }
    if let Some(until) = query.moment("addedUntil")? {
        select = select.below("created_at", until);
    }
    let found = servers::list_of_environment(tx, environment_id, select).await?;
    let doing = server_operations::unfinished_of_environment(tx, environment_id).await?;
    let (config, watched) = (app.config(), Watched::read(tx, caller).await?);
    let view = |server: servers::Server| {
        let own: Vec<_> = doing.iter().filter(|(id, _)| *id == server.id).map(|(_, it)| &it.0).collect();
        watched.view(server, own, &config)
    };
    Ok(Reply::list(found.map(view), query))
}

async fn launch(State(app): State<App>, caller: Caller, body: Body) -> ApiResult<Reply<Server>> {
    let new: LaunchServer = body.read()?;
    one_more(&app, &caller, new.farm_role.id).await
}

async fn launch_of_role(
    State(app): State<App>,
    caller: Caller,
    Path((_, id)): Path<(i64, i64)>,
) -> ApiResult<Reply<Server>> {
    one_more(&app, &caller, id).await
}

async fn one_more(app: &App, caller: &Caller, farm_role_id: i64) -> ApiResult<Reply<Server>> {
    let mut tx = app.db.write().await?;
    let (farm_role, farm) = farm_roles::of_farm(&mut tx, caller, farm_role_id).await?;
    if farm.status != FarmStatus::Running {
        let message = format!("the farm is {}", farm.status);
        return Err(ApiError::conflict("UnacceptableState", message).remedy("launch the farm"));
    }
    let live = servers::live_of_farm(&mut tx, farm.id).await?;
    let own: Vec<_> = live.iter().filter(|it| it.farm_role_id == farm_role_id).collect();
    let n_wanted = own.iter().filter(|it| it.wanted != Wanted::Terminated).count();
    if usize::try_from(farm_role.max_instances).is_ok_and(|max| n_wanted >= max) {
        let message = format!("the farm role has {n_wanted} servers, and maxInstances is {}", farm_role.max_instances);
        let remedy = "raise maxInstances in the scaling of the farm role";
        return Err(ApiError::conflict("UnacceptableState", message).remedy(remedy));
    }
    let taken: Vec<i64> = own.iter().map(|it| it.position).collect();
    let server = launch_one(&mut tx, &farm, &farm_role, &taken, &launched_by(caller, BY_USER)).await?;
    let view = view(server, [], &app.config());
    caller.record(&mut tx, app, Change::new("servers", "launch", &view.id, &farm_role.alias).after(&view)).await?;
    tx.commit().await?;
    app.wake_streams();
    app.wake.wake();
    Ok(Reply::created(view))
}

/// A server of the environment that the path names.
pub(super) async fn of_environment(tx: &mut Tx, caller: &Caller, id: &str) -> ApiResult<servers::Server> {
    let server = servers::find(tx, id).await?;
    let own = server.filter(|it| Some(it.environment_id) == caller.scope.environment_id());
    own.ok_or_else(|| ApiError::not_found(format!("server {id}")))
}

async fn show(State(app): State<App>, caller: Caller, Path((_, id)): Path<(i64, String)>) -> ApiResult<Reply<Server>> {
    let mut tx = app.db.read().await?;
    let server = of_environment(&mut tx, &caller, &id).await?;
    let doing = server_operations::unfinished_of_server(&mut tx, &id).await?;
    let watched = Watched::read(&mut tx, &caller).await?;
    Ok(Reply::ok(watched.view(server, doing.iter().map(|it| &it.operation.0), &app.config())))
}

/// The watches that work, for what they know of servers beyond the rows.
struct Watched {
    account_id: i64,
    watches: Vec<watches::Watch>,
    now: Time,
}

impl Watched {
    async fn read(tx: &mut Tx, caller: &Caller) -> ApiResult<Watched> {
        let (account_id, now) = (caller.scope.account_id().unwrap_or_default(), Time::now());
        Ok(Watched { account_id, watches: watches::list_working(tx, account_id, now).await?, now })
    }

    fn view<'a>(
        &self,
        server: servers::Server,
        doing: impl IntoIterator<Item = &'a cloud::operation::Operation>,
        config: &Config,
    ) -> Server {
        let (at, by) = live::seen(&server, self.account_id, &self.watches, self.now);
        Server { observed_at: at.map(|it| it.0), observed_by: by, ..view(server, doing, config) }
    }
}

async fn suspend(
    State(app): State<App>,
    caller: Caller,
    Path((_, id)): Path<(i64, String)>,
) -> ApiResult<Reply<Server>> {
    let mut tx = app.db.write().await?;
    let server = of_environment(&mut tx, &caller, &id).await?;
    if server.seen.status != S::Running || server.wanted != Wanted::Running {
        return Err(state(&server, "only a running one can be suspended"));
    }
    servers::want(&mut tx, &id, Wanted::Suspended, Time::now()).await?;
    done(&app, &caller, tx, server, "suspend").await
}

async fn resume(
    State(app): State<App>,
    caller: Caller,
    Path((_, id)): Path<(i64, String)>,
) -> ApiResult<Reply<Server>> {
    let mut tx = app.db.write().await?;
    let server = of_environment(&mut tx, &caller, &id).await?;
    if server.seen.status != S::Suspended {
        return Err(state(&server, "only a suspended one can be resumed"));
    }
    servers::want(&mut tx, &id, Wanted::Running, Time::now()).await?;
    done(&app, &caller, tx, server, "resume").await
}

async fn reboot(
    State(app): State<App>,
    caller: Caller,
    Path((_, id)): Path<(i64, String)>,
    body: Body,
) -> ApiResult<Reply<Server>> {
    let RebootServer { hard } = body.read()?;
    let mut tx = app.db.write().await?;
    let server = of_environment(&mut tx, &caller, &id).await?;
    if server.seen.status != S::Running || server.wanted != Wanted::Running {
        return Err(state(&server, "only a running one can be rebooted"));
    }
    let how = if hard == Some(true) { Reboot::Hard } else { Reboot::Soft };
    servers::want_reboot(&mut tx, &id, how, Time::now()).await?;
    done(&app, &caller, tx, server, "reboot").await
}

async fn terminate(
    State(app): State<App>,
    caller: Caller,
    Path((_, id)): Path<(i64, String)>,
    body: Body,
) -> ApiResult<Reply<Server>> {
    let TerminateServer { force: _ } = body.read()?;
    let mut tx = app.db.write().await?;
    let server = of_environment(&mut tx, &caller, &id).await?;
    if server.seen.status == S::Terminated {
        return Err(state(&server, "it is gone"));
    }
    servers::want(&mut tx, &id, Wanted::Terminated, Time::now()).await?;
    done(&app, &caller, tx, server, "terminate").await
}

async fn sync(State(app): State<App>, caller: Caller, Path((_, id)): Path<(i64, String)>) -> ApiResult<Reply<Server>> {
    let mut tx = app.db.write().await?;
    let server = of_environment(&mut tx, &caller, &id).await?;
    servers::look_now(&mut tx, &id, Time::now()).await?;
    done(&app, &caller, tx, server, "sync").await
}

/// What a user wants is written down, with who it was; the reconciler is told.
async fn done(
    app: &App,
    caller: &Caller,
    mut tx: Tx,
    before: servers::Server,
    verb: &'static str,
) -> ApiResult<Reply<Server>> {
    let config = app.config();
    let doing = server_operations::unfinished_of_server(&mut tx, &before.id).await?;
    let view = |it| view(it, doing.iter().map(|it| &it.operation.0), &config);
    let after = view(of_environment(&mut tx, caller, &before.id).await?);
    let name = before.seen.spec.as_ref().map(|it| it.name.clone()).unwrap_or_default();
    let change = Change::new("servers", verb, &before.id, &name).before(&view(before.clone())).after(&after);
    caller.record(&mut tx, app, change).await?;
    tx.commit().await?;
    app.wake_streams();
    app.wake.wake();
    Ok(Reply::ok(after))
}

fn state(server: &servers::Server, only: &str) -> ApiError {
    let status = server.seen.status;
    let message = match server.wanted.as_str() == status.as_str() {
        true => format!("the server is {status}: {only}"),
        false => format!("the server is {status} and is to be {}: {only}", server.wanted),
    };
    ApiError::conflict("UnacceptableState", message)
}

/// `doing` are the operations that did not end, the oldest first.
fn view<'a>(
    server: servers::Server,
    doing: impl IntoIterator<Item = &'a cloud::operation::Operation>,
    config: &Config,
) -> Server {
    let seen = server.seen;
    let policy =
        server.platform.parse::<Platform>().map_or(config.instances_connection_policy, |it| config.policy(it.driver()));
    let (addresses, private) = (&seen.addresses.0, &config.private_networks);
    let of = |scope: Scope| -> Vec<String> {
        addresses.iter().filter(|it| address::scope(it, private) == scope).map(|it| it.ip.to_string()).collect()
    };
    let chosen = address::connection_address(policy, addresses, private);
    let is_up = matches!(seen.status, S::Running | S::Initializing);
    let operations = server.reboot.map(|_| "rebooting").into_iter();
    let operations = operations.chain(doing.into_iter().map(|it| words(it).doing));
    Server {
        farm: IntegerRef { id: server.farm_id },
        farm_role: IntegerRef { id: server.farm_role_id },
        index: server.position,
        cloud_platform: server.platform,
        cloud_location: server.location_id,
        instance_type: TextRef { id: server.instance_type_id },
        status: seen.status.to_string(),
        status_since: seen.status_since.0,
        wanted: server.wanted.to_string(),
        operations: operations.map(|it| Operation { name: it.to_owned() }).collect(),
        name: seen.spec.map(|it| it.0.name),
        cloud_server_id: seen.cloud_id,
        cloud_status: seen.cloud_status,
        public_ip: of(Scope::Public),
        private_ip: of(Scope::Local),
        no_address_because: (is_up && chosen.is_none()).then(|| address::why_none(policy, addresses, private)),
        connection_address: chosen.map(|it| it.to_string()),
        waiting_for: seen.waiting.and_then(|it| serde_json::from_value(it.0).ok()),
        failure: seen.failure.and_then(|it| serde_json::from_value(it.0).ok()),
        launch_reason: server.launch_reason,
        launched_by: UserIdentity { id: server.launched_by_id, email: Some(server.launched_by_email) },
        added: server.created_at.0,
        launched: seen.launched_at.map(|it| it.0),
        suspended: seen.suspended_at.map(|it| it.0),
        terminated: seen.terminated_at.map(|it| it.0),
        observed_at: seen.observed_at.map(|it| it.0),
        observed_by: server.observed_by.map(|it| it.to_string()),
        id: server.id,
    }
}
