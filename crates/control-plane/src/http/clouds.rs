//! Links of environments to cloud credentials.

use api_types::{
    TextRef,
    cloud_credentials::CloudCredentials,
    clouds::{Cloud, CloudLocation, LinkStatus},
};
use axum::extract::State;
use cloud::Platform;
use http::StatusCode;
use serde::Deserialize;
use store::{
    Time, Tx,
    cloud_credentials::{CloudCredential, CredentialStatus},
    environment_clouds,
};

use super::{
    body::Body,
    caller::{Caller, Change},
    cloud_credentials::{brief, details, visible},
    environments,
    error::{ApiError, ApiResult},
    list::ListQuery,
    reply::Reply,
    route::{Access::Needs, Routes, delete, get, post},
};
use crate::http::extract::Path;
use crate::{
    app::App,
    clouds::{Aim, Opening, commit_and_forget},
    permission::Permission as P,
    reconcile::keypairs,
    sync,
};

pub fn routes(routes: &mut Routes) {
    let all = "/account/{accountId}/environments/{envId}/clouds/";
    let one = "/account/{accountId}/environments/{envId}/clouds/{cloud}/";
    let locations = "/user/{envId}/clouds/{cloudPlatform}/cloud-locations/";
    type C = CloudCredentials;
    routes
        .add(get(all, Needs(P::CloudsRead), "List the clouds this environment has access to").lists::<Cloud>(&[]), list)
        .add(get(one, Needs(P::CloudsRead), "Get the cloud credentials this environment uses").gives::<C>(), show)
        .add(
            post(one, Needs(P::CloudsManage), "Link cloud credentials to this environment, or replace them")
                .takes::<TextRef>()
                .gives::<C>(),
            link,
        )
        .add(delete(one, Needs(P::CloudsManage), "Detach the cloud credentials from this environment"), unlink)
        .add(
            get("/user/{envId}/clouds/", Needs(P::CloudsRead), "List the clouds of this environment")
                .lists::<Cloud>(&[]),
            list_own,
        )
        .add(
            get(locations, Needs(P::InventoryRead), "List the regions or datacenters of a cloud")
                .lists::<CloudLocation>(&[]),
            list_locations,
        );
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LinkPath {
    env_id: i64,
    cloud: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct EnvironmentPath {
    env_id: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PlatformPath {
    cloud_platform: String,
}

async fn list(
    State(app): State<App>,
    caller: Caller,
    Path(path): Path<EnvironmentPath>,
    query: ListQuery,
) -> ApiResult<Reply<Vec<Cloud>>> {
    let mut tx = app.db.read().await?;
    environments::of_account(&mut tx, &caller, path.env_id).await?;
    views(&mut tx, path.env_id, &query).await
}

async fn list_own(State(app): State<App>, caller: Caller, query: ListQuery) -> ApiResult<Reply<Vec<Cloud>>> {
    let mut tx = app.db.read().await?;
    views(&mut tx, caller.scope.environment_id().unwrap_or_default(), &query).await
}

async fn views(tx: &mut Tx, environment_id: i64, query: &ListQuery) -> ApiResult<Reply<Vec<Cloud>>> {
    let links = environment_clouds::list_of_environment(tx, environment_id).await?;
    let mut rows = Vec::with_capacity(links.len());
    for link in links {
        let credential = store::cloud_credentials::get(tx, &link.credential_id).await?;
        rows.push(view(link, credential.name));
    }
    Ok(Reply::list(query.page_of(rows), query))
}

fn view(link: environment_clouds::EnvironmentCloud, credentials_name: String) -> Cloud {
    Cloud {
        cloud: link.platform,
        credentials: TextRef { id: link.credential_id },
        credentials_name,
        status: match link.status {
            environment_clouds::LinkStatus::Active => LinkStatus::Active,
            environment_clouds::LinkStatus::Suspended => LinkStatus::Suspended,
        },
        suspended_since: link.suspended_since.map(|it| it.0),
        auth_failing_since: link.auth_failing_since.map(|it| it.0),
        reason: link.reason,
        linked_at: link.linked_at.0,
    }
}

async fn show(
    State(app): State<App>,
    caller: Caller,
    Path(path): Path<LinkPath>,
) -> ApiResult<Reply<CloudCredentials>> {
    let mut tx = app.db.read().await?;
    environments::of_account(&mut tx, &caller, path.env_id).await?;
    let link = environment_clouds::find(&mut tx, path.env_id, &path.cloud).await?;
    let link = link.ok_or_else(|| not_linked(&path))?;
    let credential = store::cloud_credentials::get(&mut tx, &link.credential_id).await?;
    Ok(Reply::ok(shown(&mut tx, &caller, &credential).await?))
}

/// A link tells which credentials are used; what is in them, only to those who may read them.
async fn shown(tx: &mut Tx, caller: &Caller, credential: &CloudCredential) -> ApiResult<CloudCredentials> {
    match caller.may(P::CloudCredentialsRead, caller.scope) {
        Ok(()) => details(tx, caller.scope, credential).await,
        Err(_) => Ok(brief(credential)),
    }
}

async fn link(
    State(app): State<App>,
    caller: Caller,
    Path(path): Path<LinkPath>,
    body: Body,
) -> ApiResult<Reply<CloudCredentials>> {
    let platform: Platform = path.cloud.parse().map_err(|err| ApiError::value(format!("{err}")))?;
    let TextRef { id } = body.read()?;
    let mut tx = app.db.write().await?;
    let environment = environments::of_account(&mut tx, &caller, path.env_id).await?;
    let credential = visible(&mut tx, caller.scope, &id).await?;
    if credential.provider != platform.as_str() {
        let message = format!("mismatch: cloud credentials {id} are for {}, not for {platform}", credential.provider);
        return Err(ApiError::value(message));
    }
    let before = environment_clouds::find(&mut tx, path.env_id, platform.as_str()).await?;
    let is_new = before.as_ref().is_none_or(|it| it.credential_id != id);
    let mut replaced = None;
    if is_new {
        if let Some(before) = &before {
            unneeded(&mut tx, before).await?;
        }
        environment_clouds::link(&mut tx, path.env_id, platform.as_str(), &id, Time::now()).await?;
        let link = environment_clouds::get(&mut tx, path.env_id, platform.as_str()).await?;
        let mut change =
            Change::new("clouds", if before.is_some() { "replace" } else { "link" }, platform, &environment.name)
                .in_environment(path.env_id)
                .after(&view(link, credential.name.clone()));
        if let Some(before) = before {
            replaced = unused(&mut tx, &before.credential_id).await?;
            let name = store::cloud_credentials::get(&mut tx, &before.credential_id).await?.name;
            change = change.before(&view(before, name));
        }
        caller.record(&mut tx, &app, change).await?;
    }
    let reply = Reply::ok(shown(&mut tx, &caller, &credential).await?);
    match replaced {
        Some(id) => commit_and_forget(&app, tx, &id).await?,
        None => {
            tx.commit().await?;
            app.wake_streams();
        }
    }
    if credential.status != CredentialStatus::Enabled {
        return Ok(reply.warn("NotValidated", "these credentials are disabled until a validation passes"));
    }
    if is_new && let Err(err) = sync::start(&app, &credential, sync::Trigger::Link, caller.requester()).await {
        return Ok(reply.warn("NotRead", format!("linked, but not read: {}", err.message())));
    }
    Ok(reply)
}

async fn unlink(State(app): State<App>, caller: Caller, Path(path): Path<LinkPath>) -> ApiResult<StatusCode> {
    let mut tx = app.db.write().await?;
    let environment = environments::of_account(&mut tx, &caller, path.env_id).await?;
    let link = environment_clouds::find(&mut tx, path.env_id, &path.cloud).await?;
    let link = link.ok_or_else(|| not_linked(&path))?;
    unneeded(&mut tx, &link).await?;
    environment_clouds::unlink(&mut tx, path.env_id, &path.cloud).await?;
    let name = store::cloud_credentials::get(&mut tx, &link.credential_id).await?.name;
    let credential_id = link.credential_id.clone();
    let change = Change::new("clouds", "unlink", &path.cloud, &environment.name).in_environment(path.env_id);
    caller.record(&mut tx, &app, change.before(&view(link, name))).await?;
    match unused(&mut tx, &credential_id).await? {
        Some(id) => commit_and_forget(&app, tx, &id).await?,
        None => {
            tx.commit().await?;
            app.wake_streams();
        }
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Nobody else could change or remove the servers and assets that these credentials made.
async fn unneeded(tx: &mut Tx, link: &environment_clouds::EnvironmentCloud) -> ApiResult<()> {
    let (environment_id, credential_id) = (link.environment_id, &link.credential_id);
    let n_servers = store::servers::count_live(tx, environment_id, credential_id).await?;
    if n_servers > 0 {
        let message =
            format!("{n_servers} servers of this environment were made with cloud credentials {credential_id}");
        let remedy = "terminate these servers first; GET …/servers/ lists them";
        return Err(ApiError::conflict("ObjectInUse", message).remedy(remedy));
    }
    let assets = store::assets::count_live(tx, environment_id, credential_id).await?;
    let Some((kind, n_assets)) = assets.into_iter().next() else { return Ok(()) };
    let message = format!("{n_assets} {kind}s of this environment were made with cloud credentials {credential_id}");
    let remedy = match kind.as_str() {
        keypairs::KIND => "wait until they are gone: a keypair goes when its farm is terminated; \
                           GET …/farms/{farmId}/keypairs/ lists those of a farm"
            .to_owned(),
        kind => format!("delete these {kind}s first; GET …/{kind}s/ lists them"),
    };
    Err(ApiError::conflict("ObjectInUse", message).remedy(remedy))
}

/// Credentials whose last link is gone: their sessions are ended.
async fn unused(tx: &mut Tx, credential_id: &str) -> ApiResult<Option<String>> {
    let links = environment_clouds::list_of_credential(tx, credential_id).await?;
    Ok(links.is_empty().then(|| credential_id.to_owned()))
}

fn not_linked(path: &LinkPath) -> ApiError {
    ApiError::not_found(format!("cloud {} in environment {}", path.cloud, path.env_id))
}

/// The credential an environment uses for a platform, to be used now.
pub(super) async fn credential(app: &App, caller: &Caller, platform: &str) -> ApiResult<(Platform, CloudCredential)> {
    let platform: Platform = platform.parse().map_err(|err| {
        // As the original: an unknown platform is a conflict, not a missing page.
        ApiError::conflict("NotEnabledPlatform", format!("cloud not found: {err}"))
    })?;
    let mut tx = app.db.read().await?;
    let environment_id = caller.scope.environment_id().unwrap_or_default();
    let link = environment_clouds::find(&mut tx, environment_id, platform.as_str()).await?;
    let link = link.ok_or_else(|| {
        let message = format!("{platform} is not enabled in this environment");
        ApiError::conflict("NotEnabledPlatform", message).remedy("link cloud credentials to the environment")
    })?;
    Ok((platform, store::cloud_credentials::get(&mut tx, &link.credential_id).await?))
}

pub(super) fn opening(caller: &Caller, credential: &CloudCredential, purpose: &'static str) -> Opening {
    // Reading the inventory goes through the session of the credential's owner: its rows are shared by all who link it.
    let aim = Aim::Inventory { environment_id: caller.scope.environment_id() };
    Opening { aim, purpose, requester: caller.requester(), account_id: credential.account_id }
}

async fn list_locations(
    State(app): State<App>,
    caller: Caller,
    Path(path): Path<PlatformPath>,
    query: ListQuery,
) -> ApiResult<Reply<Vec<CloudLocation>>> {
    let (platform, credential) = credential(&app, &caller, &path.cloud_platform).await?;
    let mut tx = app.db.read().await?;
    let mut found = store::cloud_locations::list(&mut tx, &credential.id).await?;
    drop(tx);
    if found.is_empty() {
        sync::locations(&app, &credential, &opening(&caller, &credential, "sync")).await?;
        let mut tx = app.db.read().await?;
        found = store::cloud_locations::list(&mut tx, &credential.id).await?;
    }
    let rows: Vec<CloudLocation> = found
        .into_iter()
        .map(|it| CloudLocation {
            cloud_location: it.location_id,
            cloud_platform: platform.to_string(),
            name: it.name,
            vcenter: it.vcenter,
        })
        .collect();
    Ok(Reply::list(query.page_of(rows), &query))
}
