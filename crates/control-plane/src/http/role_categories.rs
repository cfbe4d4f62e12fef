use api_types::role_categories::RoleCategory;
use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;
use store::{DbError, Owner, Select, Tx, role_categories};

use super::{
    body::{Body, required, text},
    caller::{Caller, Change},
    error::{ApiError, ApiResult},
    extract::Path,
    list::{Column, ListQuery},
    owned::{self, everywhere},
    reply::Reply,
    route::{Access::Needs, Routes, delete, get, patch, post},
};
use crate::{app::App, permission::Permission as P};

const COLUMNS: &[Column] =
    &[Column::number("id", "id"), Column::text("name", "name"), Column::part("nameContains", "name")];
const READ_ONLY: &[&str] = &["id", "scope"];

pub fn routes(routes: &mut Routes) {
    type C = RoleCategory;
    for path in everywhere!("role-categories/") {
        routes
            .add(
                get(path, Needs(P::RolesRead), "List the role categories available here")
                    .lists::<C>(&["id", "name", "nameContains", "scope"])
                    .sorts(&["id", "name"]),
                list,
            )
            .add(post(path, Needs(P::RolesManage), "Create a role category").takes::<C>().creates::<C>(), create);
    }
    for path in everywhere!("role-categories/{roleCategoryId}/") {
        routes
            .add(get(path, Needs(P::RolesRead), "Get a role category").gives::<C>(), show)
            .add(patch(path, Needs(P::RolesManage), "Rename a role category").takes::<C>().gives::<C>(), update)
            .add(delete(path, Needs(P::RolesManage), "Delete a role category that no role is of"), remove);
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Id {
    role_category_id: i64,
}

/// A category that is visible from `here`.
pub(super) async fn visible(tx: &mut Tx, here: Owner, id: i64) -> ApiResult<role_categories::RoleCategory> {
    let found = role_categories::find(tx, id).await?.filter(|it| here.sees(it.owner));
    found.ok_or_else(|| ApiError::not_found(format!("role category {id}")))
}

/// A category that belongs to the caller's scope.
async fn own(tx: &mut Tx, caller: &Caller, id: i64) -> ApiResult<role_categories::RoleCategory> {
    let category = visible(tx, caller.scope.owner(), id).await?;
    owned::refuse_foreign(caller, category.owner, format_args!("role category {id}"))?;
    Ok(category)
}

async fn list(State(app): State<App>, caller: Caller, query: ListQuery) -> ApiResult<Reply<Vec<RoleCategory>>> {
    let select = owned::of_scope(&query, query.select(COLUMNS)?)?;
    let mut tx = app.db.read().await?;
    let found = role_categories::list(&mut tx, caller.scope.owner(), select).await?;
    Ok(Reply::list(found.map(view), &query))
}

async fn create(State(app): State<App>, caller: Caller, body: Body) -> ApiResult<Reply<RoleCategory>> {
    body.refuse(READ_ONLY)?;
    let new: RoleCategory = body.read()?;
    let name = required("name", new.name.as_ref())?;
    let owner = caller.scope.owner();
    let mut tx = app.db.write().await?;
    let same = role_categories::list(&mut tx, owner, Select::new().eq("name", name)).await?.rows;
    owned::refuse_duplicate("a role category", name, None, same.iter().map(|it| (it.id, it.owner)))?;
    let category = role_categories::insert(&mut tx, owner, name).await?;
    let id = category.id;
    let view = view(category);
    caller.record(&mut tx, &app, Change::new("role-categories", "create", id, name).after(&view)).await?;
    tx.commit().await?;
    app.wake_streams();
    Ok(Reply::created(view))
}

async fn show(State(app): State<App>, caller: Caller, Path(id): Path<Id>) -> ApiResult<Reply<RoleCategory>> {
    let mut tx = app.db.read().await?;
    Ok(Reply::ok(view(visible(&mut tx, caller.scope.owner(), id.role_category_id).await?)))
}

async fn update(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Id>,
    body: Body,
) -> ApiResult<Reply<RoleCategory>> {
    body.refuse(READ_ONLY)?;
    let wanted: RoleCategory = body.read()?;
    let mut tx = app.db.write().await?;
    let mut category = own(&mut tx, &caller, id.role_category_id).await?;
    let before = view(category.clone());
    if let Some(name) = &wanted.name {
        let name = text("name", name)?;
        category.name = name.to_owned();
        let same = role_categories::list(&mut tx, category.owner, Select::new().eq("name", name)).await?.rows;
        let same = same.iter().map(|it| (it.id, it.owner));
        owned::refuse_duplicate("a role category", name, Some(category.id), same)?;
    }
    role_categories::update(&mut tx, &category).await?;
    let name = category.name.clone();
    let after = view(category);
    let change = Change::new("role-categories", "update", id.role_category_id, &name).before(&before).after(&after);
    caller.record(&mut tx, &app, change).await?;
    tx.commit().await?;
    app.wake_streams();
    Ok(Reply::ok(after))
}

async fn remove(State(app): State<App>, caller: Caller, Path(id): Path<Id>) -> ApiResult<StatusCode> {
    let mut tx = app.db.write().await?;
    let category = own(&mut tx, &caller, id.role_category_id).await?;
    role_categories::delete(&mut tx, category.id).await.map_err(|err| match err {
        DbError::InUse { .. } => {
            let message = format!("role category {:?} is in use by roles", category.name);
            ApiError::conflict("ObjectInUse", message).remedy("give those roles another category first")
        }
        other => other.into(),
    })?;
    let name = category.name.clone();
    let change = Change::new("role-categories", "delete", category.id, &name).before(&view(category));
    caller.record(&mut tx, &app, change).await?;
    tx.commit().await?;
    app.wake_streams();
    Ok(StatusCode::NO_CONTENT)
}

fn view(category: role_categories::RoleCategory) -> RoleCategory {
    let role_categories::RoleCategory { id, owner, name } = category;
    RoleCategory { id: Some(id), name: Some(name), scope: Some(owned::scope(owner)) }
}
