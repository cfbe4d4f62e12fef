use api_types::roles::{CloneRole, DeprecateRole, Role};
use axum::extract::State;
use store::{Owner, Time, Tx, images as images_table, role_images, roles as roles_table};

use super::{
    super::{
        body::{Body, required},
        caller::{Caller, Change},
        error::{ApiError, ApiResult},
        extract::Path,
        images, owned,
        owned::everywhere,
        reply::Reply,
        role_categories,
        route::{Access::Needs, Routes, post},
    },
    Id, checked_name, description, own, refuse_duplicate, save, view, visible,
};
use crate::{app::App, permission::Permission as P};

pub fn routes(routes: &mut Routes) {
    for path in everywhere!("roles/{roleId}/actions/clone/") {
        let summary = "Copy a role with its images to this scope";
        routes.add(post(path, Needs(P::RolesManage), summary).takes::<CloneRole>().creates::<Role>(), copy);
    }
    for path in everywhere!("roles/{roleId}/actions/deprecate/") {
        let summary = "Say that a role should not be used any more, or that it may";
        routes.add(post(path, Needs(P::RolesManage), summary).takes::<DeprecateRole>().gives::<Role>(), deprecate);
    }
    for (path, summary) in [
        ("/user/{envId}/roles/{roleId}/actions/promote/", "Move a role to the account"),
        ("/account/{accountId}/roles/{roleId}/actions/promote/", "Move a role to the Scalr scope"),
    ] {
        routes.add(post(path, Needs(P::RolesManage), summary).gives::<Role>(), promote);
    }
}

async fn copy(State(app): State<App>, caller: Caller, Path(id): Path<Id>, body: Body) -> ApiResult<Reply<Role>> {
    let wanted: CloneRole = body.read()?;
    let name = checked_name(required("name", wanted.name.as_ref())?)?.to_owned();
    let owner = caller.scope.owner();
    let mut tx = app.db.write().await?;
    let original = visible(&mut tx, owner, id.role_id).await?;
    refuse_duplicate(&mut tx, owner, &name, None).await?;
    let images = role_images::list_images(&mut tx, original.id).await?;
    let copy = roles_table::insert(&mut tx, &roles_table::Role { owner, name, ..original }).await?;
    for image in &images {
        role_images::insert(&mut tx, copy.id, image).await?;
    }
    let (id, name) = (copy.id, copy.name.clone());
    let view = view(copy);
    caller.record(&mut tx, &app, Change::new("roles", "clone", id, &name).after(&view)).await?;
    tx.commit().await?;
    app.wake_streams();
    Ok(Reply::created(view))
}

async fn deprecate(State(app): State<App>, caller: Caller, Path(id): Path<Id>, body: Body) -> ApiResult<Reply<Role>> {
    let wanted: DeprecateRole = body.read()?;
    let mut tx = app.db.write().await?;
    let before = own(&mut tx, &caller, id.role_id).await?;
    let mut role = before.clone();
    if wanted.deprecate == Some(false) {
        if wanted.message.is_some() || wanted.replacement.is_some() {
            return Err(ApiError::structure("a role that is not deprecated has neither message nor replacement"));
        }
        (role.deprecated_at, role.deprecation_message, role.replacement_id) = (None, None, None);
        return save(app, caller, tx, "deprecate", before, role).await;
    }
    if let Some(replacement) = &wanted.replacement {
        let replacement = visible(&mut tx, role.owner, replacement.id).await?;
        if replacement.id == role.id {
            return Err(ApiError::value("a role does not replace itself"));
        }
    }
    role.deprecated_at = Some(role.deprecated_at.unwrap_or_else(Time::now));
    role.deprecation_message = wanted.message.map(description).transpose()?;
    role.replacement_id = wanted.replacement.map(|it| it.id);
    save(app, caller, tx, "deprecate", before, role).await
}

/// With those of its images that belong to the same scope: a role has only images that are visible where it belongs.
async fn promote(State(app): State<App>, caller: Caller, Path(id): Path<Id>) -> ApiResult<Reply<Role>> {
    let mut tx = app.db.write().await?;
    let before = own(&mut tx, &caller, id.role_id).await?;
    let Some(parent) = caller.scope.parent() else {
        return Err(ApiError::value("there is no scope above this one"));
    };
    caller.may(P::RolesManage, parent)?;
    let owner = parent.owner();
    refuse_duplicate(&mut tx, owner, &before.name, Some(before.id)).await?;
    refuse_left_behind(&mut tx, owner, &before).await?;
    for image in role_images::list_images(&mut tx, before.id).await? {
        if owner.sees(image.owner) {
            continue;
        }
        caller.may(P::ImagesManage, parent)?;
        images::refuse_duplicate(&mut tx, owner, &image).await?;
        let moved = images_table::Image { owner, ..image.clone() };
        images_table::update(&mut tx, &moved).await?;
        let change = Change::new("images", "promote", &moved.id, &image.name);
        let change = change.before(&images::view(image.clone())).after(&images::view(moved.clone()));
        caller.record(&mut tx, &app, change).await?;
    }
    let role = roles_table::Role { owner, ..before.clone() };
    save(app, caller, tx, "promote", before, role).await
}

/// Refuses a role that `owner` would see with a category or replacement that it does not see.
async fn refuse_left_behind(tx: &mut Tx, owner: Owner, role: &roles_table::Role) -> ApiResult<()> {
    let conflict = |message: String| ApiError::conflict("UnacceptableObjectConfiguration", message);
    let category = role_categories::visible(tx, role.owner, role.category_id).await?;
    if !owner.sees(category.owner) {
        let message = format!("its category {:?} is known only {}", category.name, owned::place(category.owner));
        return Err(conflict(message).remedy("give the role a category of the scope above first"));
    }
    if let Some(id) = role.replacement_id
        && let replacement = visible(tx, role.owner, id).await?
        && !owner.sees(replacement.owner)
    {
        let place = owned::place(replacement.owner);
        let message = format!("role {:?}, which replaces it, is known only {place}", replacement.name);
        return Err(conflict(message).remedy("promote that role first, or deprecate this one without a replacement"));
    }
    Ok(())
}
