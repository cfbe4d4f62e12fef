//! ACL roles of an account, and the permissions they are made of.

pub(super) mod grant;

use std::collections::BTreeMap;

use api_types::teams::{AclRole, PermissionInfo};
use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;
use store::{
    DbError, Json, Select, Tx,
    acl_roles::{self, BaseRole},
};

use super::{
    body::{Body, required, text},
    caller::{Caller, Change},
    error::{ApiError, ApiResult},
    extract::Path,
    list::{Column, ListQuery},
    reply::Reply,
    route::{Access::Needs, Routes, delete, get, patch, post},
};
use crate::{
    app::App,
    permission::{Permission as P, base_role_has},
};

const COLUMNS: &[Column] = &[
    Column::text("id", "id"),
    Column::text("name", "name"),
    Column::part("nameContains", "name"),
    Column::text("baseRole", "base_role"),
];
const FILTERS: &[&str] = &["id", "name", "nameContains", "baseRole"];
const BASE_ROLES: [BaseRole; 3] = [BaseRole::FullAccess, BaseRole::ReadOnly, BaseRole::NoAccess];

pub fn routes(routes: &mut Routes) {
    type R = AclRole;
    let all = "/account/{accountId}/acl-roles/";
    let one = "/account/{accountId}/acl-roles/{aclRoleId}/";
    let permissions = "/account/{accountId}/permissions/";
    routes
        .add(
            get(all, Needs(P::AclRolesRead), "List the ACL roles of this account")
                .lists::<R>(FILTERS)
                .sorts(&["id", "name", "baseRole"]),
            list,
        )
        .add(post(all, Needs(P::AclRolesManage), "Create an ACL role").takes::<R>().creates::<R>(), create)
        .add(get(one, Needs(P::AclRolesRead), "Get an ACL role").gives::<R>(), show)
        .add(patch(one, Needs(P::AclRolesManage), "Change an ACL role").takes::<R>().gives::<R>(), update)
        .add(delete(one, Needs(P::AclRolesManage), "Delete an ACL role that nothing uses"), remove)
        .add(
            get(permissions, Needs(P::AclRolesRead), "List what an ACL role can grant").lists::<PermissionInfo>(&[]),
            list_permissions,
        );
}

/// The roles that every account begins with.
pub(crate) async fn insert_built_in(tx: &mut Tx, account_id: i64) -> Result<(), DbError> {
    let built_in =
        [("Full access", BaseRole::FullAccess), ("Read only", BaseRole::ReadOnly), ("No access", BaseRole::NoAccess)];
    for (name, base_role) in built_in {
        let permissions = Json(BTreeMap::new());
        let role = acl_roles::AclRole { id: new_id(), account_id, name: name.to_owned(), base_role, permissions };
        acl_roles::insert(tx, &role).await?;
    }
    Ok(())
}

/// 20 hexadecimal digits.
fn new_id() -> String {
    uuid::Uuid::new_v4().simple().to_string().chars().take(20).collect()
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Id {
    acl_role_id: String,
}

/// A role of the account that the path names; another's is not found.
pub(super) async fn of_account(tx: &mut Tx, caller: &Caller, id: &str) -> ApiResult<acl_roles::AclRole> {
    let role = acl_roles::find(tx, id).await?;
    let own = role.filter(|it| Some(it.account_id) == caller.scope.account_id());
    own.ok_or_else(|| ApiError::not_found(format!("ACL role {id}")))
}

async fn list(State(app): State<App>, caller: Caller, query: ListQuery) -> ApiResult<Reply<Vec<AclRole>>> {
    let account_id = caller.scope.account_id().unwrap_or_default();
    let mut tx = app.db.read().await?;
    let found = acl_roles::list(&mut tx, query.select(COLUMNS)?.eq("account_id", account_id)).await?;
    Ok(Reply::list(found.map(view), &query))
}

async fn create(State(app): State<App>, caller: Caller, body: Body) -> ApiResult<Reply<AclRole>> {
    body.refuse(&["id"])?;
    let new: AclRole = body.read()?;
    let name = required("name", new.name.as_ref())?.to_owned();
    let base_role = base_role(required("baseRole", new.base_role.as_ref())?)?;
    let permissions = Json(checked(new.permissions.unwrap_or_default())?);
    let account_id = caller.scope.account_id().unwrap_or_default();
    let role = acl_roles::AclRole { id: new_id(), account_id, name, base_role, permissions };
    grant::may_grant(&caller, &grant::granted(&role))?;
    let mut tx = app.db.write().await?;
    acl_roles::insert(&mut tx, &role).await.map_err(|err| taken(err, &role.name))?;
    let view = view(role.clone());
    let change = Change::new("acl-roles", "create", &role.id, &role.name).after(&view);
    caller.record(&mut tx, &app, change).await?;
    tx.commit().await?;
    app.wake_streams();
    Ok(Reply::created(view))
}

async fn show(State(app): State<App>, caller: Caller, Path(id): Path<Id>) -> ApiResult<Reply<AclRole>> {
    let mut tx = app.db.read().await?;
    Ok(Reply::ok(view(of_account(&mut tx, &caller, &id.acl_role_id).await?)))
}

/// Who has the role has the change at once, so nobody may add to it what they do not have.
async fn update(State(app): State<App>, caller: Caller, Path(id): Path<Id>, body: Body) -> ApiResult<Reply<AclRole>> {
    body.refuse(&["id"])?;
    let wanted: AclRole = body.read()?;
    let mut tx = app.db.write().await?;
    let mut role = of_account(&mut tx, &caller, &id.acl_role_id).await?;
    let (before, granted_before) = (view(role.clone()), grant::granted(&role));
    if let Some(name) = &wanted.name {
        role.name = text("name", name)?.to_owned();
    }
    if let Some(wanted) = &wanted.base_role
        && base_role(wanted)? != role.base_role
    {
        return Err(ApiError::structure("\"baseRole\" cannot be changed; create another ACL role"));
    }
    if let Some(permissions) = wanted.permissions {
        role.permissions = Json(checked(permissions)?);
    }
    let mut added = grant::granted(&role);
    added.retain(|it| !granted_before.contains(it));
    grant::may_grant(&caller, &added)?;
    acl_roles::update(&mut tx, &role).await.map_err(|err| taken(err, &role.name))?;
    let after = view(role.clone());
    let change = Change::new("acl-roles", "update", &role.id, &role.name).before(&before).after(&after);
    caller.record(&mut tx, &app, change).await?;
    tx.commit().await?;
    app.wake_streams();
    Ok(Reply::ok(after))
}

async fn remove(State(app): State<App>, caller: Caller, Path(id): Path<Id>) -> ApiResult<StatusCode> {
    let mut tx = app.db.write().await?;
    let role = of_account(&mut tx, &caller, &id.acl_role_id).await?;
    let teams = store::teams::list(&mut tx, Select::new().eq("default_acl_role_id", role.id.as_str())).await?.rows;
    if !teams.is_empty() {
        let names: Vec<&str> = teams.iter().map(|it| it.name.as_str()).collect();
        let message = format!("ACL role {} is the role of the teams {}", role.name, names.join(", "));
        return Err(ApiError::conflict("ObjectInUse", message).remedy("give them another role first"));
    }
    acl_roles::delete(&mut tx, &role.id).await?;
    let name = role.name.clone();
    let change = Change::new("acl-roles", "delete", &id.acl_role_id, &name).before(&view(role));
    caller.record(&mut tx, &app, change).await?;
    tx.commit().await?;
    app.wake_streams();
    Ok(StatusCode::NO_CONTENT)
}

async fn list_permissions() -> Reply<Vec<PermissionInfo>> {
    let info = |permission: &P| PermissionInfo {
        name: permission.to_string(),
        description: permission.description().to_owned(),
        base_roles: BASE_ROLES.iter().filter(|it| base_role_has(**it, *permission)).map(ToString::to_string).collect(),
    };
    Reply::ok(P::ALL.iter().map(info).collect())
}

fn taken(err: DbError, name: &str) -> ApiError {
    ApiError::of_named(err, "an ACL role", name, "in this account")
}

fn base_role(word: &str) -> ApiResult<BaseRole> {
    word.parse().map_err(|_| ApiError::value("baseRole is full-access, read-only or no-access"))
}

/// Only names that exist, so that a slip of the pen does not look like a permission.
fn checked(permissions: BTreeMap<String, bool>) -> ApiResult<BTreeMap<String, bool>> {
    for name in permissions.keys() {
        name.parse::<P>().map_err(|err| ApiError::value(err.to_string()).remedy("GET …/permissions/ lists them"))?;
    }
    Ok(permissions)
}

fn view(role: acl_roles::AclRole) -> AclRole {
    let acl_roles::AclRole { id, name, base_role, permissions, .. } = role;
    AclRole { id: Some(id), name: Some(name), base_role: Some(base_role.to_string()), permissions: Some(permissions.0) }
}
