//! Nobody gives what they do not have.

use std::collections::BTreeSet;

use store::acl_roles::AclRole;

use crate::{
    http::{
        caller::Caller,
        error::{ApiError, ApiResult},
    },
    permission::{Permission, role_has},
};

/// What a role grants wherever it is given.
pub fn granted(role: &AclRole) -> BTreeSet<Permission> {
    let permissions = Permission::ALL.iter().copied();
    permissions.filter(|it| role_has(role.base_role, &role.permissions, *it)).collect()
}

/// Refuses to grant what the caller does not have in the scope of the path, with the means they use: a token that was
/// narrowed gives no more than it has.
pub fn may_grant(caller: &Caller, permissions: &BTreeSet<Permission>) -> ApiResult<()> {
    let missing: Vec<&str> =
        permissions.iter().filter(|it| caller.may(**it, caller.scope).is_err()).map(|it| it.as_str()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let message = format!("{} cannot grant what they do not have: {}", caller.user.email, missing.join(", "));
    Err(ApiError::forbidden(message).remedy("ask an administrator of the account to do it"))
}

/// True for an administrator of the scope of the path who uses a login that was not narrowed.
pub fn is_administrator(caller: &Caller) -> bool {
    caller.user.is_admin && Permission::ALL.iter().all(|it| caller.may(*it, caller.scope).is_ok())
}
