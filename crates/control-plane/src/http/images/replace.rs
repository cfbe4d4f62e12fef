use api_types::{
    Scope,
    images::{ReplaceImage, RoleScopeIdentity},
};
use axum::extract::State;
use store::{Owner, Tx, images, role_images, roles};

use super::{
    super::{
        body::Body,
        caller::{Caller, Change},
        error::{ApiError, ApiResult},
        extract::Path,
        owned,
        reply::Reply,
    },
    Id, view, visible,
};
use crate::{app::App, permission, permission::Permission as P};

/// All roles or none of them.
pub async fn replace(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Id>,
    body: Body,
) -> ApiResult<Reply<Vec<RoleScopeIdentity>>> {
    let wanted: ReplaceImage = body.read()?;
    let new = wanted.new_image.ok_or_else(|| ApiError::structure("\"newImage\" is missing"))?;
    let here = caller.scope.owner();
    let mut tx = app.db.write().await?;
    let old = visible(&mut tx, here, &id.image_id).await?;
    let new = visible(&mut tx, here, &new.id).await?;
    may_replace(&old, &new)?;
    let scopes = scopes(here, wanted.scope)?;
    let mut changed = Vec::new();
    for role in role_images::list_roles(&mut tx, &old.id).await? {
        if !role.owner.sees(here) || !scopes.contains(&owned::scope(role.owner)) {
            continue;
        }
        caller.may(P::RolesManage, permission::Scope::of(role.owner))?;
        swap(&mut tx, &app, &caller, &role, &old, &new).await?;
        changed.push(RoleScopeIdentity {
            id: role.id,
            scope: owned::scope(role.owner),
            account_id: role.owner.account_id,
            env_id: role.owner.environment_id,
        });
    }
    if wanted.deprecate_old_image == Some(true) {
        owned::refuse_foreign(&caller, old.owner, format_args!("image {}", old.id))?;
        caller.may(P::ImagesManage, caller.scope)?;
        let deprecated = images::Image { deprecated: true, ..old.clone() };
        images::update(&mut tx, &deprecated).await?;
        let change = Change::new("images", "update", &old.id, &old.name);
        caller.record(&mut tx, &app, change.before(&view(old.clone())).after(&view(deprecated))).await?;
    }
    tx.commit().await?;
    app.wake_streams();
    Ok(Reply::ok(changed))
}

/// Refuses an image that is not for the same servers in the same place.
pub(in super::super) fn may_replace(old: &images::Image, new: &images::Image) -> ApiResult<()> {
    if old.id == new.id {
        return Err(ApiError::value("this is the same image"));
    }
    if (&old.platform, &old.location_id) != (&new.platform, &new.location_id) {
        let place = format!("{} {}", old.platform, old.location_id);
        return Err(ApiError::value(format!("image {} is not in {place}, as the one that it replaces", new.id)));
    }
    if old.os_id != new.os_id {
        let message = format!("image {} has the operating system {}, not {}", new.id, new.os_id, old.os_id);
        return Err(ApiError::conflict("OperatingSystemMismatch", message));
    }
    Ok(())
}

pub(in super::super) async fn swap(
    tx: &mut Tx,
    app: &App,
    caller: &Caller,
    role: &roles::Role,
    old: &images::Image,
    new: &images::Image,
) -> ApiResult<()> {
    role_images::delete(tx, role.id, &old.id).await?;
    role_images::insert(tx, role.id, new).await?;
    let of = |image: &images::Image| serde_json::json!({ "role": { "id": role.id }, "image": { "id": image.id } });
    let change = Change::new("roles", "replace-image", role.id, &role.name).before(&of(old)).after(&of(new));
    caller.record(tx, app, change).await
}

/// From the caller's scope downwards, without a gap.
fn scopes(here: Owner, wanted: Option<Vec<Scope>>) -> ApiResult<Vec<Scope>> {
    let own = owned::scope(here);
    let all = [Scope::Scalr, Scope::Account, Scope::Environment];
    let from_here: Vec<Scope> = all.into_iter().skip_while(|it| *it != own).collect();
    let wanted = wanted.unwrap_or_else(|| vec![own]);
    let n_wanted = from_here.iter().take_while(|it| wanted.contains(it)).count();
    if n_wanted == 0 || wanted.iter().any(|it| !from_here[..n_wanted].contains(it)) {
        return Err(ApiError::value("scope begins with the scope of the path and goes downwards without a gap"));
    }
    Ok(from_here.into_iter().take(n_wanted).collect())
}
