//! What a user may do, and why.

use api_types::users::EffectivePermissions;
use axum::extract::State;
use serde::Deserialize;

use super::{Id, of_scope};
use crate::{
    app::App,
    http::{
        caller::Caller,
        environments,
        error::ApiResult,
        extract::{Path, Query},
        reply::Reply,
        route::{Access::Needs, Routes, get},
    },
    permission::{Permission as P, Scope, reasons},
};

const QUERY: &[(&str, &str)] = &[("environmentId", "In this environment; without it, at account scope")];

pub fn routes(routes: &mut Routes) {
    let path = "/account/{accountId}/users/{userId}/effective-permissions/";
    let summary = "Get what a user may do, and why";
    routes.add(get(path, Needs(P::UsersRead), summary).gives::<EffectivePermissions>().query(QUERY), show);
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Where {
    environment_id: Option<i64>,
}

async fn show(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Id>,
    Query(Where { environment_id }): Query<Where>,
) -> ApiResult<Reply<EffectivePermissions>> {
    let mut tx = app.db.read().await?;
    let user = of_scope(&mut tx, &caller, id.user_id).await?;
    let scope = match environment_id {
        Some(id) => {
            let environment = environments::of_account(&mut tx, &caller, id).await?;
            Scope::Environment { id, account_id: environment.account_id }
        }
        None => caller.scope,
    };
    let grants = store::grants::of_user(&mut tx, user.id).await?;
    let mut permissions = EffectivePermissions {
        user_id: user.id,
        scope: environment_id.map_or_else(|| "account".to_owned(), |id| id.to_string()),
        environment_id,
        granted: Default::default(),
        not_granted: Vec::new(),
    };
    for permission in P::ALL {
        let reasons = reasons(&user, &grants, scope, *permission);
        if reasons.is_empty() {
            permissions.not_granted.push(permission.to_string());
        } else {
            permissions.granted.insert(permission.to_string(), reasons);
        }
    }
    Ok(Reply::ok(permissions))
}
