use api_types::{TextRef, environments::Environment};
use axum::extract::State;
use http::StatusCode;
use store::{DbError, Time, Tx, environments, projects};

use super::{
    body::{Body, required, text},
    caller::{Caller, Change},
    cost_centers,
    error::{ApiError, ApiResult},
    list::{Column, ListQuery},
    reply::Reply,
    route::{Access::Needs, Routes, delete, get, patch, post},
};
use crate::http::extract::Path;
use crate::{
    app::App,
    permission::{Permission as P, Scope, reasons},
};

const COLUMNS: &[Column] = &[
    Column::number("id", "id"),
    Column::text("name", "name"),
    Column::part("nameContains", "name"),
    Column::text("status", "status"),
    Column::text("costCenter", "cost_center_id"),
];
const FILTERS: &[&str] = &["id", "name", "nameContains", "status", "costCenter"];
const READ_ONLY: &[&str] = &["id", "added"];

pub fn routes(routes: &mut Routes) {
    type E = Environment;
    let all = "/account/{accountId}/environments/";
    let one = "/account/{accountId}/environments/{envId}/";
    routes
        .add(
            get(all, Needs(P::EnvironmentsRead), "List the environments of this account")
                .lists::<E>(FILTERS)
                .sorts(&["id", "name"]),
            list,
        )
        .add(post(all, Needs(P::EnvironmentsManage), "Create an environment").takes::<E>().creates::<E>(), create)
        .add(get(one, Needs(P::EnvironmentsRead), "Get an environment").gives::<E>(), show)
        .add(patch(one, Needs(P::EnvironmentsManage), "Change an environment").takes::<E>().gives::<E>(), update)
        .add(delete(one, Needs(P::EnvironmentsManage), "Delete an environment that has no clouds"), remove)
        .add(get("/user/{envId}/", Needs(P::EnvironmentsRead), "Get this environment").gives::<E>(), own);
}

/// An environment of the account that the path names; another's is not found.
pub(super) async fn of_account(tx: &mut Tx, caller: &Caller, id: i64) -> ApiResult<environments::Environment> {
    let environment = environments::find(tx, id).await?;
    let own = environment.filter(|it| Some(it.account_id) == caller.scope.account_id());
    own.ok_or_else(|| ApiError::not_found(format!("environment {id}")))
}

/// Those of the account that the caller may read.
async fn list(State(app): State<App>, caller: Caller, query: ListQuery) -> ApiResult<Reply<Vec<Environment>>> {
    let account_id = caller.scope.account_id().unwrap_or_default();
    let mut tx = app.db.read().await?;
    let found = environments::list(&mut tx, query.select(COLUMNS)?.eq("account_id", account_id)).await?;
    Ok(Reply::list(found.map(view), &query))
}

async fn create(State(app): State<App>, caller: Caller, body: Body) -> ApiResult<Reply<Environment>> {
    body.refuse(READ_ONLY)?;
    let new: Environment = body.read()?;
    let name = required("name", new.name.as_ref())?;
    check_kind(&new)?;
    let account_id = caller.scope.account_id().unwrap_or_default();
    let mut tx = app.db.write().await?;
    let inserted = environments::insert(&mut tx, account_id, name, Time::now()).await;
    let mut environment = inserted.map_err(|err| taken(err, name))?;
    if let Some(status) = &new.status {
        environment.status = status.parse().map_err(|_| ApiError::value("status is active or inactive"))?;
    }
    if let Some(cost_center) = new.cost_center {
        environment.cost_center_id = Some(cost_centers::get_one(&mut tx, &cost_center.id).await?.id);
    }
    environments::update(&mut tx, &environment).await?;
    let id = environment.id;
    let view = view(environment);
    let change = Change::new("environments", "create", id, name).in_environment(id).after(&view);
    caller.record(&mut tx, &app, change).await?;
    tx.commit().await?;
    app.wake_streams();
    Ok(Reply::created(view))
}

async fn show(
    State(app): State<App>,
    caller: Caller,
    Path((_, id)): Path<(i64, i64)>,
) -> ApiResult<Reply<Environment>> {
    let mut tx = app.db.read().await?;
    Ok(Reply::ok(view(of_account(&mut tx, &caller, id).await?)))
}

async fn own(State(app): State<App>, caller: Caller) -> ApiResult<Reply<Environment>> {
    let mut tx = app.db.read().await?;
    let id = caller.scope.environment_id().unwrap_or_default();
    Ok(Reply::ok(view(of_account(&mut tx, &caller, id).await?)))
}

async fn update(
    State(app): State<App>,
    caller: Caller,
    Path((_, id)): Path<(i64, i64)>,
    body: Body,
) -> ApiResult<Reply<Environment>> {
    body.refuse(READ_ONLY)?;
    let is_cost_center_given = body.0.contains_key("costCenter");
    let wanted: Environment = body.read()?;
    check_kind(&wanted)?;
    let mut tx = app.db.write().await?;
    let mut environment = of_account(&mut tx, &caller, id).await?;
    let before = view(environment.clone());
    if let Some(name) = &wanted.name {
        environment.name = text("name", name)?.to_owned();
    }
    if let Some(status) = &wanted.status {
        environment.status = status.parse().map_err(|_| ApiError::value("status is active or inactive"))?;
    }
    if is_cost_center_given {
        if let Some(cost_center) = &wanted.cost_center {
            cost_centers::get_one(&mut tx, &cost_center.id).await?;
            if projects::is_any_of_another(&mut tx, id, &cost_center.id).await? {
                let message = "farms of the environment have projects of another cost center";
                let remedy = "give those farms projects of the new cost center, or none, first";
                return Err(ApiError::conflict("UnacceptableObjectConfiguration", message).remedy(remedy));
            }
        }
        environment.cost_center_id = wanted.cost_center.map(|it| it.id);
    }
    environment.updated_at = Time::now();
    environments::update(&mut tx, &environment).await.map_err(|err| taken(err, &environment.name))?;
    let name = environment.name.clone();
    let after = view(environment);
    let change = Change::new("environments", "update", id, &name).in_environment(id).before(&before).after(&after);
    caller.record(&mut tx, &app, change).await?;
    tx.commit().await?;
    app.wake_streams();
    Ok(Reply::ok(after))
}

async fn remove(State(app): State<App>, caller: Caller, Path((_, id)): Path<(i64, i64)>) -> ApiResult<StatusCode> {
    let mut tx = app.db.write().await?;
    let environment = of_account(&mut tx, &caller, id).await?;
    environments::delete(&mut tx, id).await?;
    let name = environment.name.clone();
    let change = Change::new("environments", "delete", id, &name).in_environment(id).before(&view(environment));
    caller.record(&mut tx, &app, change).await?;
    tx.commit().await?;
    app.wake_streams();
    Ok(StatusCode::NO_CONTENT)
}

fn taken(err: DbError, name: &str) -> ApiError {
    ApiError::of_named(err, "an environment", name, "in this account")
}

/// Only `cmp`: the other kind of the original was for another product.
fn check_kind(environment: &Environment) -> ApiResult<()> {
    match environment.kind.as_deref() {
        None | Some("cmp") => Ok(()),
        Some(_) => Err(ApiError::value("type can only be cmp")),
    }
}

/// What a caller may see of their account, for the console and for clients that guess their environment.
pub(super) fn may_read(caller: &Caller, environment: &environments::Environment) -> bool {
    let scope = Scope::Environment { id: environment.id, account_id: environment.account_id };
    caller.means.allows(P::EnvironmentsRead, scope)
        && !reasons(&caller.user, &caller.grants, scope, P::EnvironmentsRead).is_empty()
}

pub(crate) fn view(environment: environments::Environment) -> Environment {
    let environments::Environment { id, name, status, created_at, cost_center_id, .. } = environment;
    Environment {
        id: Some(id),
        name: Some(name),
        status: Some(status.to_string()),
        cost_center: cost_center_id.map(|id| TextRef { id }),
        kind: Some("cmp".to_owned()),
        added: Some(created_at.0),
    }
}
