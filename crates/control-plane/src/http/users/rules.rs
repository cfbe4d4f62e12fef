//! Who may change whom, so that nobody rises by managing users.

use secrecy::SecretString;
use store::{
    Select, Status, Tx,
    users::{self, PasswordHash, User},
};

use crate::http::{
    acl_roles::grant,
    auth::password,
    caller::Caller,
    error::{ApiError, ApiResult},
    users::in_scope,
};

/// Only an administrator makes another.
pub fn may_make(caller: &Caller, is_admin: bool) -> ApiResult<()> {
    if is_admin && !grant::is_administrator(caller) {
        return Err(only_administrators(caller, "make a user an administrator"));
    }
    Ok(())
}

/// An administrator is changed, locked in or out and deleted by administrators alone; who is not one changes others.
pub fn may_change(caller: &Caller, user: &User) -> ApiResult<()> {
    if user.is_admin && !grant::is_administrator(caller) {
        return Err(only_administrators(caller, "change an administrator"));
    }
    Ok(())
}

/// Who sets a password can log in as its user and has their permissions, so this too is for administrators.
pub async fn hash_for(caller: &Caller, password: SecretString) -> ApiResult<PasswordHash> {
    if !grant::is_administrator(caller) {
        return Err(only_administrators(caller, "set the password of a user"));
    }
    password::check(&password)?;
    password::hash(password).await
}

fn only_administrators(caller: &Caller, what: &str) -> ApiError {
    let message = format!("the user {} may not {what}: only an administrator may", caller.user.email);
    ApiError::forbidden(message).remedy("ask an administrator to do it")
}

/// Refuses a change after which nobody could administer the scope; `users::lock` comes before, else two who take each
/// other's place would both find the other one there. `after` is `None` for a deletion. Only an account
/// that is empty but for its last user can lose them, to a global administrator: else it could never be deleted.
pub async fn keeps_an_administrator(
    tx: &mut Tx,
    caller: &Caller,
    before: &User,
    after: Option<&User>,
) -> ApiResult<()> {
    let administers = |it: &User| it.is_admin && it.status == Status::Active;
    if !administers(before) || after.is_some_and(administers) {
        return Ok(());
    }
    let administrators = in_scope(Select::new().eq("is_admin", true), caller);
    let administrators = users::list(tx, administrators).await?.rows;
    if administrators.iter().any(|it| it.id != before.id && administers(it)) {
        return Ok(());
    }
    if let (Some(account_id), None, true) = (before.account_id, after, caller.is_global_administrator()) {
        let n_users = users::list(tx, in_scope(Select::new().limit(1), caller)).await?.total;
        let environments = Select::new().eq("account_id", account_id).limit(1);
        if n_users == 1 && store::environments::list(tx, environments).await?.total == 0 {
            return Ok(());
        }
    }
    let message = format!("the user {} is the last active administrator here", before.email);
    Err(ApiError::conflict("UnacceptableState", message).remedy("make another user an administrator first"))
}
