//! Cost centers: made at Scalr scope, visible everywhere.

use api_types::cost_centers::CostCenter;
use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;
use store::{DbError, Time, Tx, cost_centers};
use uuid::Uuid;

use super::{
    body::{Body, required, text},
    caller::{Caller, Change},
    error::{ApiError, ApiResult},
    extract::Path,
    list::{Column, ListQuery},
    owned::everywhere,
    reply::Reply,
    route::{Access::Needs, Routes, delete, get, patch, post},
};
use crate::{app::App, permission::Permission as P};

const COLUMNS: &[Column] = &[
    Column::text("id", "id"),
    Column::text("name", "name"),
    Column::part("nameContains", "name"),
    Column::text("billingCode", "billing_code"),
];
const FILTERS: &[&str] = &["id", "name", "nameContains", "billingCode"];
const READ_ONLY: &[&str] = &["id"];

pub fn routes(routes: &mut Routes) {
    type C = CostCenter;
    for path in everywhere!("cost-centers/") {
        let summary = "List the cost centers";
        routes.add(get(path, Needs(P::CostCentersRead), summary).lists::<C>(FILTERS).sorts(&["id", "name"]), list);
    }
    for path in everywhere!("cost-centers/{costCenterId}/") {
        routes.add(get(path, Needs(P::CostCentersRead), "Get a cost center").gives::<C>(), show);
    }
    let (all, one) = ("/global/cost-centers/", "/global/cost-centers/{costCenterId}/");
    routes
        .add(post(all, Needs(P::CostCentersManage), "Create a cost center").takes::<C>().creates::<C>(), create)
        .add(patch(one, Needs(P::CostCentersManage), "Change a cost center").takes::<C>().gives::<C>(), update)
        .add(delete(one, Needs(P::CostCentersManage), "Delete a cost center that is not in use"), remove);
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Id {
    cost_center_id: String,
}

pub(super) async fn get_one(tx: &mut Tx, id: &str) -> ApiResult<cost_centers::CostCenter> {
    let found = cost_centers::find(tx, id).await?;
    found.ok_or_else(|| ApiError::not_found(format!("cost center {id}")))
}

/// What may be empty, of projects too. `None`: it is not given.
pub(super) fn note(name: &str, given: Option<String>) -> ApiResult<Option<String>> {
    match given {
        Some(given) if !given.is_empty() => Ok(Some(text(name, &given)?.to_owned())),
        given => Ok(given),
    }
}

async fn list(State(app): State<App>, query: ListQuery) -> ApiResult<Reply<Vec<CostCenter>>> {
    let mut tx = app.db.read().await?;
    let found = cost_centers::list(&mut tx, query.select(COLUMNS)?).await?;
    Ok(Reply::list(found.map(view), &query))
}

async fn create(State(app): State<App>, caller: Caller, body: Body) -> ApiResult<Reply<CostCenter>> {
    body.refuse(READ_ONLY)?;
    let new: CostCenter = body.read()?;
    let cost_center = cost_centers::CostCenter {
        id: Uuid::now_v7().to_string(),
        name: required("name", new.name.as_ref())?.to_owned(),
        billing_code: note("billingCode", new.billing_code)?.unwrap_or_default(),
        lead_email: note("leadEmail", new.lead_email)?.unwrap_or_default(),
        description: note("description", new.description)?.unwrap_or_default(),
        created_at: Time::now(),
    };
    let mut tx = app.db.write().await?;
    cost_centers::insert(&mut tx, &cost_center).await.map_err(|err| taken(err, &cost_center.name))?;
    let (id, name) = (cost_center.id.clone(), cost_center.name.clone());
    let view = view(cost_center);
    caller.record(&mut tx, &app, Change::new("cost-centers", "create", id, &name).after(&view)).await?;
    tx.commit().await?;
    app.wake_streams();
    Ok(Reply::created(view))
}

async fn show(State(app): State<App>, Path(Id { cost_center_id }): Path<Id>) -> ApiResult<Reply<CostCenter>> {
    let mut tx = app.db.read().await?;
    Ok(Reply::ok(view(get_one(&mut tx, &cost_center_id).await?)))
}

async fn update(
    State(app): State<App>,
    caller: Caller,
    Path(Id { cost_center_id }): Path<Id>,
    body: Body,
) -> ApiResult<Reply<CostCenter>> {
    body.refuse(READ_ONLY)?;
    let wanted: CostCenter = body.read()?;
    let mut tx = app.db.write().await?;
    let mut cost_center = get_one(&mut tx, &cost_center_id).await?;
    let before = view(cost_center.clone());
    if let Some(name) = &wanted.name {
        cost_center.name = text("name", name)?.to_owned();
    }
    cost_center.billing_code = note("billingCode", wanted.billing_code)?.unwrap_or(cost_center.billing_code);
    cost_center.lead_email = note("leadEmail", wanted.lead_email)?.unwrap_or(cost_center.lead_email);
    cost_center.description = note("description", wanted.description)?.unwrap_or(cost_center.description);
    cost_centers::update(&mut tx, &cost_center).await.map_err(|err| taken(err, &cost_center.name))?;
    let name = cost_center.name.clone();
    let after = view(cost_center);
    let change = Change::new("cost-centers", "update", cost_center_id, &name).before(&before).after(&after);
    caller.record(&mut tx, &app, change).await?;
    tx.commit().await?;
    app.wake_streams();
    Ok(Reply::ok(after))
}

async fn remove(
    State(app): State<App>,
    caller: Caller,
    Path(Id { cost_center_id }): Path<Id>,
) -> ApiResult<StatusCode> {
    let mut tx = app.db.write().await?;
    let cost_center = get_one(&mut tx, &cost_center_id).await?;
    cost_centers::delete(&mut tx, &cost_center_id).await.map_err(|err| match err {
        DbError::InUse { .. } => {
            let message = format!("cost center {:?} is in use by environments or projects", cost_center.name);
            ApiError::conflict("ObjectInUse", message).remedy("delete its projects, and give environments another one")
        }
        other => other.into(),
    })?;
    let name = cost_center.name.clone();
    let change = Change::new("cost-centers", "delete", cost_center_id, &name).before(&view(cost_center));
    caller.record(&mut tx, &app, change).await?;
    tx.commit().await?;
    app.wake_streams();
    Ok(StatusCode::NO_CONTENT)
}

fn taken(err: DbError, name: &str) -> ApiError {
    ApiError::of_named(err, "a cost center", name, "in this installation")
}

fn view(cost_center: cost_centers::CostCenter) -> CostCenter {
    let cost_centers::CostCenter { id, name, billing_code, lead_email, description, .. } = cost_center;
    CostCenter {
        id: Some(id),
        name: Some(name),
        billing_code: Some(billing_code),
        lead_email: Some(lead_email),
        description: Some(description),
    }
}
