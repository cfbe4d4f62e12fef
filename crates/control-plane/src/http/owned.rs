//! What belongs to one of the three scopes: visible there and below, changed only there.

use http::StatusCode;
use store::{DbError, Owner, Select};

use super::{
    caller::Caller,
    error::{ApiError, ApiResult},
    list::ListQuery,
};
use crate::permission::Scope;

/// The same path at each scope.
macro_rules! everywhere {
    ($path:literal) => {
        [concat!("/global/", $path), concat!("/account/{accountId}/", $path), concat!("/user/{envId}/", $path)]
    };
}

pub(super) use everywhere;

/// As the API names it.
pub fn scope(owner: Owner) -> api_types::Scope {
    match Scope::of(owner) {
        Scope::Scalr => api_types::Scope::Scalr,
        Scope::Account(_) => api_types::Scope::Account,
        Scope::Environment { .. } => api_types::Scope::Environment,
    }
}

/// In a sentence for somebody who sees it.
pub fn place(owner: Owner) -> &'static str {
    match Scope::of(owner) {
        Scope::Scalr => "at Scalr scope",
        Scope::Account(_) => "in this account",
        Scope::Environment { .. } => "in this environment",
    }
}

/// Refuses to change from here what is only visible here. `what` with its id: `image …`.
pub fn refuse_foreign(caller: &Caller, owner: Owner, what: impl std::fmt::Display) -> ApiResult<()> {
    if caller.scope.owner() == owner {
        return Ok(());
    }
    let message = format!("{what} was made {} and can only be changed there", place(owner));
    Err(ApiError::new(StatusCode::FORBIDDEN, "ScopeViolation", message))
}

/// Refuses a name that another than `but` has. `kind` with its article; `same` are id and owner of all that have the name
/// and are visible from where it would be.
pub fn refuse_duplicate<I: PartialEq>(
    kind: &'static str,
    name: &str,
    but: Option<I>,
    same: impl IntoIterator<Item = (I, Owner)>,
) -> ApiResult<()> {
    match same.into_iter().find(|(id, _)| Some(id) != but.as_ref()) {
        Some((_, owner)) => Err(ApiError::of_named(DbError::Duplicate { what: kind }, kind, name, place(owner))),
        None => Ok(()),
    }
}

/// The filter `scope`.
pub fn of_scope(query: &ListQuery, select: Select) -> ApiResult<Select> {
    match query.filter("scope") {
        None => Ok(select),
        Some("scalr") => Ok(select.is_null("account_id")),
        Some("account") => Ok(select.is_not_null("account_id").is_null("environment_id")),
        Some("environment") => Ok(select.is_not_null("environment_id")),
        Some(_) => Err(ApiError::value("scope is scalr, account or environment")),
    }
}
