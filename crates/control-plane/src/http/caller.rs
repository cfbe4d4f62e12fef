use std::{net::IpAddr, sync::Arc};

use axum::extract::FromRequestParts;
use http::request::Parts;
use serde::Serialize;
use serde_json::Value;
use store::{Time, Tx, audit, events, grants::Grant, users::User};

use crate::{
    app::App,
    http::{
        auth,
        error::{ApiError, ApiResult},
        route::Access,
    },
    permission::{Permission, Scope, is_global_administrator, is_visible, reasons},
};

/// Who asks, from where, by which means, and in which scope. Made by the permission check of the route; a handler that
/// takes one runs only for callers who may call it.
#[derive(Clone)]
pub struct Caller(Arc<Inner>);

pub struct Inner {
    pub user: User,
    pub grants: Vec<Grant>,
    pub means: Means,
    /// What the path names; Scalr scope for routes about oneself.
    pub scope: Scope,
    /// What the route asked for.
    pub access: Access,
    pub remote_addr: IpAddr,
    pub request_id: String,
}

/// How the caller proved who they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Means {
    /// Public id of the session.
    Session(String),
    ApiKey(String),
    Token {
        id: String,
        account_id: Option<i64>,
        environment_id: Option<i64>,
        permissions: Option<Vec<String>>,
    },
}

impl std::ops::Deref for Caller {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl Caller {
    pub fn new(inner: Inner) -> Self {
        Caller(Arc::new(inner))
    }

    /// For objects in another scope than the path's, such as an environment named in a body.
    pub fn may(&self, permission: Permission, scope: Scope) -> ApiResult<()> {
        if self.means.allows(permission, scope) && !reasons(&self.user, &self.grants, scope, permission).is_empty() {
            return Ok(());
        }
        let message = format!("{} may not do this: it needs the permission {permission}", self.user.email);
        Err(ApiError::forbidden(message).remedy("ask an administrator of the account for it"))
    }

    /// The caller as of now, for answers that go on after the check of their route. Refused once the login has ended, the
    /// user may not log in, the scope is gone, or the permission of the route is.
    pub async fn again(&self, app: &App, tx: &mut Tx) -> ApiResult<Caller> {
        let user = auth::again(app, tx, &self.means).await?;
        let is_there = match self.scope {
            Scope::Scalr => true,
            Scope::Account(id) => store::accounts::find(tx, id).await?.is_some(),
            Scope::Environment { id, .. } => store::environments::find(tx, id).await?.is_some(),
        };
        if !is_there || !is_visible(&user, self.scope) {
            return Err(ApiError::not_found("such scope any more"));
        }
        let caller = Caller::new(Inner {
            grants: store::grants::of_user(tx, user.id).await?,
            user,
            means: self.means.clone(),
            scope: self.scope,
            access: self.access,
            remote_addr: self.remote_addr,
            request_id: self.request_id.clone(),
        });
        if let Access::Needs(permission) = self.access {
            caller.may(permission, self.scope)?;
        }
        Ok(caller)
    }

    pub fn is_global_administrator(&self) -> bool {
        is_global_administrator(&self.user)
    }

    /// In words, for reports and counts: `user admin@example`.
    pub fn requester(&self) -> String {
        format!("user {}", self.user.email)
    }

    /// Writes the audit row of a change and the event that tells others, in the transaction of the change.
    pub async fn record(&self, tx: &mut Tx, app: &App, change: Change<'_>) -> ApiResult<()> {
        let (actor_kind, actor_id) = match &self.means {
            Means::Session(_) => ("user", self.user.id.to_string()),
            Means::ApiKey(id) => ("api-key", id.clone()),
            Means::Token { id, .. } => ("token", id.clone()),
        };
        let entry = audit::NewEntry {
            account_id: self.scope.account_id().unwrap_or_default(),
            at: Time::now(),
            actor_kind: actor_kind.to_owned(),
            actor_id,
            actor_name: self.user.email.clone(),
            remote_addr: self.remote_addr.to_string(),
            action: format!("{}.{}", change.noun, change.verb),
            object_type: change.noun.to_owned(),
            object_id: change.id.clone(),
            object_name: change.name.to_owned(),
            before: change.before,
            after: change.after.clone(),
            request_id: self.request_id.clone(),
            environment_id: self.scope.environment_id().or(change.environment_id),
        };
        audit::record(tx, &app.audit_key, &entry).await?;
        let event = events::NewEvent {
            account_id: self.scope.account_id(),
            environment_id: entry.environment_id,
            credential_id: None,
            topic: change.noun.to_owned(),
            object_id: change.id,
            kind: change.verb.to_owned(),
            body: change.after.unwrap_or(Value::Null),
            at: entry.at,
        };
        events::insert(tx, &event).await?;
        Ok(())
    }
}

/// What is written about a change. `before` and `after` are bodies of the API, so they hold no secret.
pub struct Change<'a> {
    pub noun: &'static str,
    pub verb: &'static str,
    pub id: String,
    pub name: &'a str,
    pub environment_id: Option<i64>,
    pub before: Option<Value>,
    pub after: Option<Value>,
}

impl<'a> Change<'a> {
    pub fn new(noun: &'static str, verb: &'static str, id: impl ToString, name: &'a str) -> Self {
        Change { noun, verb, id: id.to_string(), name, environment_id: None, before: None, after: None }
    }

    pub fn before(mut self, view: &impl Serialize) -> Self {
        self.before = serde_json::to_value(view).ok();
        self
    }

    pub fn after(mut self, view: &impl Serialize) -> Self {
        self.after = serde_json::to_value(view).ok();
        self
    }

    pub fn in_environment(mut self, id: i64) -> Self {
        self.environment_id = Some(id);
        self
    }
}

impl Means {
    /// A token can be narrower than its user.
    pub fn allows(&self, permission: Permission, scope: Scope) -> bool {
        let Means::Token { account_id, environment_id, permissions, .. } = self else { return true };
        let permitted = permissions.as_ref().is_none_or(|it| it.iter().any(|it| it == permission.as_str()));
        let in_environment = environment_id.is_none_or(|id| scope.environment_id() == Some(id));
        let in_account = account_id.is_none_or(|id| scope.account_id() == Some(id));
        permitted && in_environment && in_account
    }

    /// A narrowed token says nothing about its user: keys, sessions, the password.
    pub fn is_unlimited(&self) -> bool {
        !matches!(self, Means::Token { account_id, environment_id, permissions, .. }
            if account_id.is_some() || environment_id.is_some() || permissions.is_some())
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let caller = parts.extensions.get::<Caller>().cloned();
        caller.ok_or_else(|| ApiError::internal(anyhow::anyhow!("a public route asks who calls")))
    }
}
