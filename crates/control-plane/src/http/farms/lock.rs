//! Locks that people put on farms, so that nobody changes them by mistake.

use api_types::farms::{Farm, FarmLock, LockFarm, UserIdentity};
use axum::extract::State;
use store::{
    Json,
    farms::{self, UnlockPermission},
};

use super::{
    super::{
        body::{Body, text},
        caller::Caller,
        error::{ApiError, ApiResult},
        extract::Path,
        reply::Reply,
        route::{Access::Needs, Routes, post},
    },
    of_environment, save, state,
};
use crate::{app::App, permission::Permission as P};

pub fn routes(routes: &mut Routes) {
    let action = |path, summary| post(path, Needs(P::FarmsManage), summary).gives::<Farm>();
    routes
        .add(
            action("/user/{envId}/farms/{farmId}/actions/lock/", "Refuse changes of a farm and its farm roles")
                .takes::<LockFarm>(),
            lock,
        )
        .add(action("/user/{envId}/farms/{farmId}/actions/unlock/", "Allow changes again"), unlock);
}

/// 409 with who locked it and why. Single servers are no part of what is locked.
pub fn refuse_locked(farm: &farms::Farm) -> ApiResult<()> {
    let Some(lock) = &farm.locked else { return Ok(()) };
    let why = if lock.comment.is_empty() { String::new() } else { format!(": {}", lock.comment) };
    let message = format!("the farm is locked by {}{why}", lock.user_email);
    let who = match lock.unlock_permission {
        UnlockPermission::Owner => format!("{}, who owns the farm, can unlock it", farm.owner_email),
        UnlockPermission::Anyone => "unlock it first; whoever may change farms can".to_owned(),
    };
    Err(ApiError::conflict("Locked", message).remedy(who))
}

async fn lock(
    State(app): State<App>,
    caller: Caller,
    Path((_, id)): Path<(i64, i64)>,
    body: Body,
) -> ApiResult<Reply<Farm>> {
    let wanted: LockFarm = body.read()?;
    let comment = wanted.lock_comment.ok_or_else(|| ApiError::structure("\"lockComment\" is missing"))?;
    if !comment.is_empty() {
        text("lockComment", &comment)?; // scalr-ctl sends an empty one where it is given none.
    }
    let unlock_permission = match wanted.unlock_permission.as_deref() {
        None => UnlockPermission::Anyone,
        Some("team") => {
            return Err(ApiError::value("farms have no teams here, so unlockPermission is owner or anyone"));
        }
        Some(other) => other.parse().map_err(|_| ApiError::value("unlockPermission is owner or anyone"))?,
    };
    let mut tx = app.db.write().await?;
    let mut farm = of_environment(&mut tx, &caller, id).await?;
    refuse_locked(&farm)?;
    let before = super::view(&mut tx, farm.clone()).await?;
    let (user_id, user_email) = (caller.user.id, caller.user.email.clone());
    farm.locked = Some(Json(farms::FarmLock { comment, unlock_permission, user_id, user_email }));
    save(&app, &caller, tx, farm, before, "lock").await
}

async fn unlock(State(app): State<App>, caller: Caller, Path((_, id)): Path<(i64, i64)>) -> ApiResult<Reply<Farm>> {
    let mut tx = app.db.write().await?;
    let mut farm = of_environment(&mut tx, &caller, id).await?;
    let before = super::view(&mut tx, farm.clone()).await?;
    let lock = farm.locked.take().ok_or_else(|| state("the farm is not locked"))?;
    let is_owner = farm.owner_id == caller.user.id;
    // Or a farm whose owner has left would stay locked for ever.
    let administers = || caller.scope.parent().is_some_and(|it| caller.may(P::EnvironmentsManage, it).is_ok());
    if lock.unlock_permission == UnlockPermission::Owner && !is_owner && !administers() {
        let message = format!("{} may not unlock this farm", caller.user.email);
        let remedy =
            format!("ask {}, who owns it, or whoever manages the environments of the account", farm.owner_email);
        return Err(ApiError::forbidden(message).remedy(remedy));
    }
    save(&app, &caller, tx, farm, before, "unlock").await
}

pub fn view(lock: farms::FarmLock) -> FarmLock {
    FarmLock {
        comment: lock.comment,
        unlock_permission: lock.unlock_permission.to_string(),
        user: UserIdentity { id: lock.user_id, email: Some(lock.user_email) },
    }
}
