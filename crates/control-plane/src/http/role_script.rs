use cloud_vsphere::{ScriptKind, role_script};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    error::{ApiError, ApiResult},
    reply::Reply,
    route::{Access::Needs, Routes, get},
};
use crate::http::extract::Query;
use crate::permission::Permission as P;

const QUERY: &[(&str, &str)] = &[
    ("user", "The vCenter user that gets the role, such as stackyard@vsphere.local."),
    ("role", "Name of the role; default Stackyard."),
    ("format", "govc (default) or powercli."),
];

pub fn routes(routes: &mut Routes) {
    let summary = "Get a script that creates a vCenter role with the privileges we need, and assigns it";
    let path = "/account/{accountId}/vmware-role-script/";
    routes.add(get(path, Needs(P::CloudCredentialsRead), summary).gives::<RoleScript>().query(QUERY), show);
}

#[derive(Serialize, ToSchema)]
struct RoleScript {
    script: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    user: Option<String>,
    role: Option<String>,
    format: Option<String>,
}

async fn show(Query(wanted): Query<Wanted>) -> ApiResult<Reply<RoleScript>> {
    let user = wanted.user.filter(|it| !it.trim().is_empty());
    let user = user.ok_or_else(|| ApiError::structure("\"user\" is missing"))?;
    let kind = match wanted.format.as_deref() {
        None | Some("govc") => ScriptKind::Govc,
        Some("powercli") => ScriptKind::PowerCli,
        Some(_) => return Err(ApiError::value("format is govc or powercli")),
    };
    let script = role_script(kind, &user, wanted.role.as_deref().unwrap_or("Stackyard"));
    Ok(Reply::ok(RoleScript { script }))
}
