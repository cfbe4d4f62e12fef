//! Routes, and the way of a request: body, identity, scope, permission, handler, envelope.

pub(crate) mod accounts;
pub(crate) mod acl_roles;
mod allocations;
pub(crate) mod api_keys;
mod assets;
pub(crate) mod audit;
pub(crate) mod auth;
pub(crate) mod body;
mod caller;
mod cloud_change;
pub(crate) mod cloud_credentials;
mod cloud_events;
mod cloud_logs;
mod cloud_tasks;
mod clouds;
mod console;
mod cost_centers;
pub(crate) mod datastore_files;
pub(crate) mod environments;
pub(crate) mod error;
mod event_logs;
mod extract;
mod farm_roles;
mod farms;
mod floating_ips;
mod folders;
mod health;
mod images;
mod instance_types;
mod inventory;
mod keypairs;
mod list;
mod machines;
mod networks;
pub mod openapi;
mod os;
mod owned;
mod profile;
mod projects;
mod reply;
mod role_categories;
mod role_script;
mod roles;
pub mod route;
mod search;
mod security_groups;
mod server_details;
mod server_operations;
mod servers;
mod session;
mod sessions;
mod stream;
pub mod swagger;
mod syncs;
pub(crate) mod system;
mod teams;
mod tokens;
pub(crate) mod users;
mod validations;
mod volumes;

use std::{
    net::{IpAddr, SocketAddr},
    sync::{Arc, OnceLock},
};

use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, MatchedPath, RawPathParams, Request, State},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::StatusCode;
use ipnet::IpNet;
use tower_http::{catch_panic::CatchPanicLayer, compression::CompressionLayer};
use tracing::{Instrument, info, info_span};
use uuid::Uuid;

use crate::{
    app::App,
    http::{
        caller::{Caller, Inner},
        error::{ApiError, ApiResult},
        route::{Access, Routes, Table},
    },
    permission::{Scope, is_visible},
};

/// No body of the API is larger, but for files.
const MAX_BODY: usize = 1 << 20;

fn routes() -> Routes {
    let mut routes = Routes::default();
    session::routes(&mut routes);
    accounts::routes(&mut routes);
    environments::routes(&mut routes);
    users::routes(&mut routes);
    teams::routes(&mut routes);
    acl_roles::routes(&mut routes);
    profile::routes(&mut routes);
    api_keys::routes(&mut routes);
    tokens::routes(&mut routes);
    sessions::routes(&mut routes);
    audit::routes(&mut routes);
    search::routes(&mut routes);
    cloud_credentials::routes(&mut routes);
    clouds::routes(&mut routes);
    validations::routes(&mut routes);
    role_script::routes(&mut routes);
    instance_types::routes(&mut routes);
    inventory::routes(&mut routes);
    machines::routes(&mut routes);
    cloud_logs::routes(&mut routes);
    cloud_events::routes(&mut routes);
    datastore_files::routes(&mut routes);
    folders::routes(&mut routes);
    cloud_tasks::routes(&mut routes);
    os::routes(&mut routes);
    images::routes(&mut routes);
    role_categories::routes(&mut routes);
    roles::routes(&mut routes);
    cost_centers::routes(&mut routes);
    projects::routes(&mut routes);
    farms::routes(&mut routes);
    farm_roles::routes(&mut routes);
    keypairs::routes(&mut routes);
    servers::routes(&mut routes);
    server_operations::routes(&mut routes);
    server_details::routes(&mut routes);
    volumes::routes(&mut routes);
    networks::routes(&mut routes);
    security_groups::routes(&mut routes);
    floating_ips::routes(&mut routes);
    event_logs::routes(&mut routes);
    syncs::routes(&mut routes);
    system::routes(&mut routes);
    stream::routes(&mut routes);
    routes
}

/// All operations of the API.
pub fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| routes().split().1)
}

/// The whole server as a router.
pub fn router(app: &App) -> Router {
    let (api, _) = routes().split();
    Router::new()
        .merge(api.route_layer(from_fn_with_state(app.clone(), authorize)))
        .merge(health::routes())
        .merge(openapi::routes())
        .merge(swagger::routes())
        .fallback(console::page)
        .method_not_allowed_fallback(async || not_found())
        .layer(from_fn_with_state(app.clone(), admit))
        .layer(CompressionLayer::new())
        .layer(CatchPanicLayer::new())
        .with_state(app.clone())
}

fn not_found() -> ApiError {
    ApiError::new(StatusCode::NOT_FOUND, "EndpointNotFound", "this endpoint does not exist")
        .remedy("paths begin with /api/v1beta0/ and end with a slash; GET /api/openapi.json lists them")
}

/// What is known of every request.
#[derive(Clone)]
struct Origin {
    request_id: Arc<str>,
    remote_addr: IpAddr,
}

/// What was signed, for the envelope.
#[derive(Clone)]
struct StringToSign(String);

/// Gives each request its id, logs it, and closes the envelope of its answer.
async fn admit(
    State(app): State<App>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    mut request: Request,
    next: Next,
) -> Response {
    let request_id: Arc<str> = Uuid::now_v7().simple().to_string().into();
    let remote_addr = remote_addr(&request, peer.ip(), &app.config().trusted_proxies);
    request.extensions_mut().insert(Origin { request_id: request_id.clone(), remote_addr });
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let span = info_span!("request", id = %request_id);
    let mut response = next.run(request).instrument(span.clone()).await;
    let string_to_sign = response.extensions_mut().remove::<StringToSign>().map(|it| it.0);
    let response = reply::wrap(response, &request_id, string_to_sign);
    app.metrics.count_request(response.status().as_u16());
    span.in_scope(|| info!(%method, path, status = response.status().as_u16(), %remote_addr, "answered"));
    response
}

/// The first address from the right that is not a proxy of ours.
fn remote_addr(request: &Request, peer: IpAddr, trusted: &[IpNet]) -> IpAddr {
    let is_trusted = |ip: &IpAddr| trusted.iter().any(|it| it.contains(ip));
    if !is_trusted(&peer) {
        return peer;
    }
    let values = request.headers().get_all("x-forwarded-for").iter().filter_map(|it| it.to_str().ok());
    let hops: Vec<IpAddr> = values.flat_map(|it| it.split(',')).filter_map(|it| it.trim().parse().ok()).collect();
    hops.into_iter().rev().find(|it| !is_trusted(it)).unwrap_or(peer)
}

/// Looks up who asks and whether they may, before the handler of a route runs.
async fn authorize(
    State(app): State<App>,
    matched: MatchedPath,
    params: RawPathParams,
    request: Request,
    next: Next,
) -> Response {
    let (mut parts, body) = request.into_parts();
    let mut string_to_sign = auth::string_to_sign(&parts);
    let prepared = async {
        let method = if parts.method == http::Method::HEAD { http::Method::GET } else { parts.method.clone() };
        let route = table().find(&method, matched.as_str());
        let route = route.ok_or_else(|| ApiError::internal(anyhow::anyhow!("a route is not in the table")))?;
        parts.extensions.insert(route);
        // Read as a whole because the signature covers it.
        let (signed, body) = if route.is_upload {
            string_to_sign = auth::string_to_sign_of_upload(&parts);
            (Bytes::new(), body)
        } else {
            let body = body::read_whole(body, MAX_BODY).await?;
            (body.clone(), Body::from(body))
        };
        if route.access == Access::Public {
            return Ok(body);
        }
        let identity = auth::authenticate(&app, &parts, &signed).await?;
        let scope = scope(&app, route.path, &params).await?;
        if !is_visible(&identity.user, scope) {
            return Err(no_scope(scope));
        }
        let mut tx = app.db.read().await?;
        if let Some(id) = identity.user.account_id
            && store::accounts::get(&mut tx, id).await?.status != store::Status::Active
        {
            let message = format!("account {id} is inactive: its users may do nothing until it is active again");
            return Err(ApiError::forbidden(message).remedy("ask the platform operator"));
        }
        let grants = store::grants::of_user(&mut tx, identity.user.id).await?;
        drop(tx);
        let origin = parts.extensions.get::<Origin>().cloned();
        let origin = origin.ok_or_else(|| ApiError::internal(anyhow::anyhow!("a request without origin")))?;
        let caller = Caller::new(Inner {
            user: identity.user,
            grants,
            means: identity.means,
            scope,
            access: route.access,
            remote_addr: origin.remote_addr,
            request_id: origin.request_id.to_string(),
        });
        match route.access {
            Access::Needs(permission) => caller.may(permission, scope)?,
            Access::Login if parts.method != http::Method::GET && !caller.means.is_unlimited() => {
                return Err(ApiError::forbidden("a limited token cannot change its user"));
            }
            Access::Login | Access::Logout | Access::Public => {}
        }
        parts.extensions.insert(caller);
        ApiResult::Ok(body)
    };
    let mut response = match prepared.await {
        Ok(body) => next.run(Request::from_parts(parts, body)).await,
        // With what should have been signed, which is what a refused signature is compared with.
        Err(err) => err.into_response(),
    };
    if let Some(text) = string_to_sign {
        response.extensions_mut().insert(StringToSign(text));
    }
    response
}

/// The scope that a path names. What does not exist is not found, as another account's.
async fn scope(app: &App, path: &str, params: &RawPathParams) -> ApiResult<Scope> {
    let param = |name: &str| params.iter().find(|(it, _)| *it == name).map(|(_, value)| value.to_owned());
    let number =
        |name: &str, text: String| text.parse::<i64>().map_err(|_| ApiError::not_found(format!("{name} {text}")));
    let mut tx = app.db.read().await?;
    if path.starts_with("/user/") {
        let id = number("environment", param("envId").unwrap_or_default())?;
        let environment = store::environments::find(&mut tx, id).await?;
        let environment = environment.ok_or_else(|| ApiError::not_found(format!("environment {id}")))?;
        return Ok(Scope::Environment { id, account_id: environment.account_id });
    }
    if path.starts_with("/account/") {
        let id = number("account", param("accountId").unwrap_or_default())?;
        let account = store::accounts::find(&mut tx, id).await?;
        return account.map(|_| Scope::Account(id)).ok_or_else(|| no_scope(Scope::Account(id)));
    }
    Ok(Scope::Scalr)
}

fn no_scope(scope: Scope) -> ApiError {
    match scope {
        Scope::Scalr => ApiError::not_found("such installation"),
        Scope::Account(id) => ApiError::not_found(format!("account {id}")),
        Scope::Environment { id, .. } => ApiError::not_found(format!("environment {id}")),
    }
}
