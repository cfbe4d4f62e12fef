//! The images of a role, one for each location.

use api_types::{IntegerRef, TextRef, images::Image, roles::RoleImage};
use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;
use store::{Tx, images, role_images, roles};

use super::{
    super::{
        body::Body,
        caller::{Caller, Change},
        error::{ApiError, ApiResult},
        extract::Path,
        images as all_images,
        list::{Column, ListQuery},
        owned::everywhere,
        reply::Reply,
        route::{Access::Needs, Routes, delete, get, post},
    },
    Id, own, visible,
};
use crate::{app::App, permission::Permission as P};

const COLUMNS: &[Column] = &[Column::number("role", "role_id"), Column::text("image", "image_id")];

pub fn routes(routes: &mut Routes) {
    type RI = RoleImage;
    for path in everywhere!("roles/{roleId}/images/") {
        routes
            .add(get(path, Needs(P::RolesRead), "List the images of a role").lists::<RI>(&["role", "image"]), list)
            .add(post(path, Needs(P::RolesManage), "Add an image to a role").takes::<RI>().creates::<RI>(), add);
    }
    for path in everywhere!("roles/{roleId}/images/{imageId}/") {
        routes
            .add(get(path, Needs(P::RolesRead), "Get an image of a role").gives::<Image>(), show)
            .add(delete(path, Needs(P::RolesManage), "Take an image out of a role"), remove);
    }
    for path in everywhere!("roles/{roleId}/images/{imageId}/actions/replace/") {
        let summary = "Put another image in its place";
        routes.add(post(path, Needs(P::RolesManage), summary).takes::<RI>().gives::<RI>(), replace);
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ImageOfRole {
    role_id: i64,
    image_id: String,
}

/// One of the images of a role.
async fn of_role(tx: &mut Tx, role: &roles::Role, id: &str) -> ApiResult<images::Image> {
    let found = role_images::list_images(tx, role.id).await?.into_iter().find(|it| it.id == id);
    found.ok_or_else(|| ApiError::not_found(format!("image {id} in role {}", role.id)))
}

/// The image that a body names, visible where the role belongs.
async fn named(tx: &mut Tx, role: &roles::Role, body: RoleImage) -> ApiResult<images::Image> {
    if body.role.is_some_and(|it| it.id != role.id) {
        return Err(ApiError::value("\"role\" is another one than the path names"));
    }
    let image = body.image.ok_or_else(|| ApiError::structure("\"image\" is missing"))?;
    all_images::visible(tx, role.owner, &image.id).await
}

async fn list(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Id>,
    query: ListQuery,
) -> ApiResult<Reply<Vec<RoleImage>>> {
    let mut tx = app.db.read().await?;
    let role = visible(&mut tx, caller.scope.owner(), id.role_id).await?;
    let found = role_images::list(&mut tx, query.select(COLUMNS)?.eq("role_id", role.id)).await?;
    Ok(Reply::list(found.map(|it| view(it.role_id, it.image_id)), &query))
}

async fn add(State(app): State<App>, caller: Caller, Path(id): Path<Id>, body: Body) -> ApiResult<Reply<RoleImage>> {
    let new: RoleImage = body.read()?;
    let mut tx = app.db.write().await?;
    let role = own(&mut tx, &caller, id.role_id).await?;
    let image = named(&mut tx, &role, new).await?;
    if image.os_id != role.os_id {
        let message = format!("image {} has the operating system {}, the role {}", image.id, image.os_id, role.os_id);
        return Err(ApiError::conflict("OperatingSystemMismatch", message));
    }
    let (platform, location) = (&image.platform, &image.location_id);
    if let Some(taken) = role_images::find(&mut tx, role.id, platform, location).await? {
        let message = format!("role {:?} has an image in {platform} {location} already: {}", role.name, taken.id);
        return Err(ApiError::conflict("UnicityViolation", message).remedy("replace that image"));
    }
    role_images::insert(&mut tx, role.id, &image).await?;
    let view = view(role.id, image.id);
    let change = Change::new("roles", "add-image", role.id, &role.name).after(&view);
    caller.record(&mut tx, &app, change).await?;
    tx.commit().await?;
    app.wake_streams();
    Ok(Reply::created(view))
}

async fn show(State(app): State<App>, caller: Caller, Path(id): Path<ImageOfRole>) -> ApiResult<Reply<Image>> {
    let mut tx = app.db.read().await?;
    let role = visible(&mut tx, caller.scope.owner(), id.role_id).await?;
    Ok(Reply::ok(all_images::view(of_role(&mut tx, &role, &id.image_id).await?)))
}

async fn replace(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<ImageOfRole>,
    body: Body,
) -> ApiResult<Reply<RoleImage>> {
    let wanted: RoleImage = body.read()?;
    let mut tx = app.db.write().await?;
    let role = own(&mut tx, &caller, id.role_id).await?;
    let old = of_role(&mut tx, &role, &id.image_id).await?;
    let new = named(&mut tx, &role, wanted).await?;
    all_images::may_replace(&old, &new)?;
    all_images::swap(&mut tx, &app, &caller, &role, &old, &new).await?;
    tx.commit().await?;
    app.wake_streams();
    Ok(Reply::ok(view(role.id, new.id)))
}

async fn remove(State(app): State<App>, caller: Caller, Path(id): Path<ImageOfRole>) -> ApiResult<StatusCode> {
    let mut tx = app.db.write().await?;
    let role = own(&mut tx, &caller, id.role_id).await?;
    let image = of_role(&mut tx, &role, &id.image_id).await?;
    role_images::delete(&mut tx, role.id, &image.id).await?;
    let change = Change::new("roles", "remove-image", role.id, &role.name).before(&view(role.id, image.id));
    caller.record(&mut tx, &app, change).await?;
    tx.commit().await?;
    app.wake_streams();
    Ok(StatusCode::NO_CONTENT)
}

fn view(role_id: i64, image_id: String) -> RoleImage {
    RoleImage { role: Some(IntegerRef { id: role_id }), image: Some(TextRef { id: image_id }) }
}
