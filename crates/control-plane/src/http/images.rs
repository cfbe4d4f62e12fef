//! Images and templates, registered to be launched from.

mod found;
mod register;
mod replace;

use api_types::{
    TextRef,
    images::{Image, ImageCloudFeatures, ReplaceImage, RoleScopeIdentity},
};
use axum::extract::State;
use cloud::{Driver, Platform};
use http::StatusCode;
use serde::Deserialize;
use serde_json::json;
use store::{Owner, Tx, images, role_images};

use super::{
    body::{Body, text},
    caller::{Caller, Change},
    cloud_change::{Asked, carry_out},
    error::{ApiError, ApiResult},
    extract::{Path, Query},
    inventory::{LocationPath, to_change},
    list::{Column, ListQuery},
    owned::{self, everywhere},
    reply::Reply,
    route::{Access::Needs, Routes, delete, get, patch, post},
};
use crate::{app::App, permission::Permission as P};

pub(super) use replace::{may_replace, swap};

const COLUMNS: &[Column] = &[
    Column::text("id", "id"),
    Column::text("name", "name"),
    Column::part("nameContains", "name"),
    Column::text("cloudPlatform", "platform"),
    Column::text("cloudLocation", "location_id"),
    Column::text("cloudImageId", "cloud_image_id"),
    Column::text("architecture", "architecture"),
    Column::text("os", "os_id"),
    // Nobody sets another one yet.
    Column::text("source", "'Manual'"),
    Column::text("status", "'active'"),
    Column::truth("deprecated", "deprecated"),
    Column::truth("scalrAgentInstalled", "has_agent"),
    Column::truth("cloudInitInstalled", "has_cloud_init"),
    Column::number("added", "created_at"),
];
const FILTERS: &[&str] = &[
    "id",
    "name",
    "nameContains",
    "scope",
    "cloudPlatform",
    "cloudLocation",
    "cloudImageId",
    "architecture",
    "source",
    "status",
    "deprecated",
    "os",
    "scalrAgentInstalled",
    "cloudInitInstalled",
];
const READ_ONLY: &[&str] = &["id", "scope", "status", "statusError", "source", "added", "lastUsed"];
pub(super) const CREATE_ONLY: &[&str] = &[
    "cloudImageId",
    "size",
    "scalrAgentInstalled",
    "cloudInitInstalled",
    "cloudLocation",
    "cloudPlatform",
    "os",
    "architecture",
    "cloudFeatures",
];
const DELETE: &[(&str, &str)] = &[(
    "deleteFromCloud",
    "true deletes the image, or the template with its disks, in its cloud too; in an environment only",
)];

pub fn routes(routes: &mut Routes) {
    type I = Image;
    for path in everywhere!("images/") {
        routes
            .add(
                get(path, Needs(P::ImagesRead), "List the images available here")
                    .lists::<I>(FILTERS)
                    .sorts(&["id", "name", "added"]),
                list,
            )
            .add(
                post(path, Needs(P::ImagesManage), "Register an image of a cloud").takes::<I>().creates::<I>(),
                register::create,
            );
    }
    for path in everywhere!("images/{imageId}/") {
        routes
            .add(get(path, Needs(P::ImagesRead), "Get an image").gives::<I>(), show)
            .add(patch(path, Needs(P::ImagesManage), "Rename or deprecate an image").takes::<I>().gives::<I>(), update)
            .add(
                delete(path, Needs(P::ImagesManage), "Forget an image; its cloud keeps it unless told").query(DELETE),
                remove,
            );
    }
    for path in everywhere!("images/{imageId}/actions/replace/") {
        let summary = "Put another image in its place in every role";
        routes.add(
            post(path, Needs(P::RolesManage), summary).takes::<ReplaceImage>().lists::<RoleScopeIdentity>(&[]),
            replace::replace,
        );
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Id {
    image_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RemoveQuery {
    delete_from_cloud: Option<bool>,
}

/// An image that is visible from `here`.
pub(super) async fn visible(tx: &mut Tx, here: Owner, id: &str) -> ApiResult<images::Image> {
    let found = images::find(tx, id).await?.filter(|it| here.sees(it.owner));
    found.ok_or_else(|| ApiError::not_found(format!("image {id}")))
}

/// An image that belongs to the caller's scope.
async fn own(tx: &mut Tx, caller: &Caller, id: &str) -> ApiResult<images::Image> {
    let image = visible(tx, caller.scope.owner(), id).await?;
    owned::refuse_foreign(caller, image.owner, format_args!("image {id}"))?;
    Ok(image)
}

/// Refuses an image that `owner` would see twice.
pub(super) async fn refuse_duplicate(tx: &mut Tx, owner: Owner, image: &images::Image) -> ApiResult<()> {
    let select = store::Select::new()
        .eq("platform", image.platform.as_str())
        .eq("location_id", image.location_id.as_str())
        .eq("cloud_image_id", image.cloud_image_id.as_str());
    let same = images::list(tx, owner, select).await?;
    let Some(taken) = same.rows.iter().find(|it| it.id != image.id) else { return Ok(()) };
    let images::Image { platform, location_id, cloud_image_id, .. } = image;
    let message = format!(
        "image {cloud_image_id} of {platform} {location_id} is registered already {}, as {:?}",
        owned::place(taken.owner),
        taken.name
    );
    Err(ApiError::conflict("UnicityViolation", message).remedy(format!("use image {}", taken.id)))
}

async fn list(State(app): State<App>, caller: Caller, query: ListQuery) -> ApiResult<Reply<Vec<Image>>> {
    if query.filter("cloudLocation").is_some() && query.filter("cloudPlatform").is_none() {
        return Err(ApiError::structure("cloudLocation is a filter only together with cloudPlatform"));
    }
    let select = owned::of_scope(&query, query.select(COLUMNS)?)?;
    let mut tx = app.db.read().await?;
    let found = images::list(&mut tx, caller.scope.owner(), select).await?;
    Ok(Reply::list(found.map(view), &query))
}

async fn show(State(app): State<App>, caller: Caller, Path(id): Path<Id>) -> ApiResult<Reply<Image>> {
    let mut tx = app.db.read().await?;
    Ok(Reply::ok(view(visible(&mut tx, caller.scope.owner(), &id.image_id).await?)))
}

async fn update(State(app): State<App>, caller: Caller, Path(id): Path<Id>, body: Body) -> ApiResult<Reply<Image>> {
    body.refuse(READ_ONLY)?;
    body.refuse_later(CREATE_ONLY)?;
    let wanted: Image = body.read()?;
    let mut tx = app.db.write().await?;
    let mut image = own(&mut tx, &caller, &id.image_id).await?;
    let before = view(image.clone());
    if let Some(name) = &wanted.name {
        image.name = text("name", name)?.to_owned();
    }
    image.deprecated = wanted.deprecated.unwrap_or(image.deprecated);
    images::update(&mut tx, &image).await?;
    let name = image.name.clone();
    let after = view(image);
    let change = Change::new("images", "update", &id.image_id, &name).before(&before).after(&after);
    caller.record(&mut tx, &app, change).await?;
    tx.commit().await?;
    app.wake_streams();
    Ok(Reply::ok(after))
}

async fn remove(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Id>,
    Query(query): Query<RemoveQuery>,
    body: Body,
) -> ApiResult<StatusCode> {
    let in_body = body.0.get("deleteFromCloud").and_then(serde_json::Value::as_bool);
    if in_body.or(query.delete_from_cloud) == Some(true) {
        let mut tx = app.db.read().await?;
        let image = unused(&mut tx, &caller, &id.image_id).await?;
        drop(tx);
        delete_from_cloud(&app, &caller, image).await?;
    }
    let mut tx = app.db.write().await?;
    let image = unused(&mut tx, &caller, &id.image_id).await?;
    images::delete(&mut tx, &image.id).await?;
    let name = image.name.clone();
    let change = Change::new("images", "delete", &id.image_id, &name).before(&view(image));
    caller.record(&mut tx, &app, change).await?;
    tx.commit().await?;
    app.wake_streams();
    Ok(StatusCode::NO_CONTENT)
}

/// An image of the caller's scope that no role has.
async fn unused(tx: &mut Tx, caller: &Caller, id: &str) -> ApiResult<images::Image> {
    let image = own(tx, caller, id).await?;
    let roles = role_images::list_roles(tx, &image.id).await?;
    if roles.is_empty() {
        return Ok(image);
    }
    // Of roles further down only so much is told as the caller sees.
    let here = caller.scope.owner();
    let names: Vec<&str> = roles.iter().filter(|it| here.sees(it.owner)).map(|it| it.name.as_str()).collect();
    let n_others = roles.len() - names.len();
    let others = if n_others == 0 { String::new() } else { format!(" ({n_others} further down)") };
    let message = format!("image {:?} is used by roles: {}{others}", image.name, names.join(", "));
    Err(ApiError::conflict("ObjectInUse", message).remedy("take it out of those roles, or replace it"))
}

/// By the credentials of the environment. Killed in between, the registration stays, and the same request forgets it.
async fn delete_from_cloud(app: &App, caller: &Caller, image: images::Image) -> ApiResult<()> {
    if caller.scope.environment_id().is_none() {
        let message = "only an environment has credentials to delete the image in its cloud";
        return Err(ApiError::conflict("UnacceptableState", message)
            .remedy("leave deleteFromCloud out, and delete the image in the cloud yourself"));
    }
    let mut tx = app.db.read().await?;
    let others = images::count_others(&mut tx, &image).await?;
    drop(tx);
    if others > 0 {
        let message = format!("image {} is registered {others} more times, in other scopes", image.cloud_image_id);
        return Err(ApiError::conflict("ObjectInUse", message).remedy("delete those registrations first"));
    }
    let path = LocationPath { cloud_platform: image.platform, cloud_location: image.location_id };
    let asked = to_change(app, caller, &path, "images").await?;
    let about = json!({ "cloudLocation": asked.location, "image": image.id });
    let id = image.cloud_image_id;
    let change =
        Asked { noun: "images", verb: "delete-from-cloud", failed: "delete-from-cloud-failed", id: id.clone(), about };
    let call = async move { asked.connected.cloud().delete_image(&asked.location, &id).await };
    carry_out(app, caller, change, call).await
}

pub(super) fn view(image: images::Image) -> Image {
    let driver = image.platform.parse::<Platform>().map(Platform::driver);
    let features = match driver {
        Ok(Driver::Vsphere) => ImageCloudFeatures {
            kind: register::VSPHERE.to_owned(),
            vcenter_host: image.vcenter,
            ..ImageCloudFeatures::default()
        },
        _ => ImageCloudFeatures {
            kind: register::OPENSTACK.to_owned(),
            source_type: Some("image".to_owned()),
            ..ImageCloudFeatures::default()
        },
    };
    Image {
        id: Some(image.id),
        name: Some(image.name),
        cloud_platform: Some(image.platform),
        cloud_location: Some(image.location_id),
        cloud_image_id: Some(image.cloud_image_id),
        architecture: Some(image.architecture),
        os: Some(TextRef { id: image.os_id }),
        size: image.size_gib,
        scope: Some(owned::scope(image.owner)),
        status: Some("active".to_owned()),
        source: Some("Manual".to_owned()),
        cloud_init_installed: Some(image.has_cloud_init),
        scalr_agent_installed: Some(image.has_agent),
        deprecated: Some(image.deprecated),
        added: Some(image.created_at.0),
        last_used: image.last_used_at.map(|it| it.0),
        cloud_features: Some(features),
    }
}
