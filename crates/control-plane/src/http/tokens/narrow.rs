use api_types::keys::Token;
use store::Tx;

use crate::{
    http::{
        caller::Caller,
        error::{ApiError, ApiResult},
    },
    permission::{Permission, Scope, is_visible},
};

/// Refuses limits that make no sense: places the user does not see, permissions they have nowhere that the token works.
/// What a token may do is decided with each request, from what its user has then.
pub async fn check(tx: &mut Tx, caller: &Caller, wanted: &Token) -> ApiResult<()> {
    if let Some(id) = wanted.account_id {
        let account = store::accounts::find(tx, id).await?.filter(|_| is_visible(&caller.user, Scope::Account(id)));
        account.ok_or_else(|| ApiError::not_found(format!("account {id}")))?;
    }
    let mut scope = wanted.account_id.map_or(caller.scope, Scope::Account);
    if let Some(id) = wanted.environment_id {
        let environment = store::environments::find(tx, id).await?;
        let environment = environment.map(|it| Scope::Environment { id, account_id: it.account_id });
        let environment = environment.filter(|it| is_visible(&caller.user, *it));
        scope = environment.ok_or_else(|| ApiError::not_found(format!("environment {id}")))?;
        if wanted.account_id.is_some_and(|it| Some(it) != scope.account_id()) {
            return Err(ApiError::value(format!("environment {id} is not one of that account")));
        }
    }
    let Some(names) = &wanted.permissions else { return Ok(()) };
    if names.is_empty() {
        return Err(ApiError::value("permissions is empty; leave it out for all that the user has"));
    }
    let mut missing = Vec::new();
    for name in names {
        let permission: Permission = name.parse().map_err(|err| ApiError::value(format!("{err}")))?;
        if !has_somewhere(caller, scope, permission) {
            missing.push(name.as_str());
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    let message = format!("{} does not have the permissions {}", caller.user.email, missing.join(", "));
    Err(ApiError::forbidden(message))
}

/// In the scope, or where it is an account, in one of its environments.
fn has_somewhere(caller: &Caller, scope: Scope, permission: Permission) -> bool {
    let environments = caller.grants.iter().filter_map(|it| {
        let id = it.environment_id?;
        (scope == Scope::Account(it.account_id)).then_some(Scope::Environment { id, account_id: it.account_id })
    });
    std::iter::once(scope).chain(environments).any(|it| caller.may(permission, it).is_ok())
}
