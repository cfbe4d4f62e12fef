//! What volumes, networks, security groups and floating IPs of an environment have in common: users say what is wanted of
//! one, the reconciler does it.

use std::collections::{BTreeMap, BTreeSet};

use api_types::{
    TextRef,
    assets::{AssetCommon, AssetServer},
    farms::UserIdentity,
};
use axum::extract::State;
use cloud::{
    LocationId, Platform,
    asset::{Asset as Description, Part},
    server::Mark,
};
use serde::Serialize;
use store::{
    Select, Time, Tx,
    assets::{self, Asset, AssetStatus as S, AssetWanted, NewAsset},
    environment_clouds, servers,
};
use uuid::Uuid;

use super::{
    caller::{Caller, Change},
    error::{ApiError, ApiResult},
    extract::Path,
    inventory::{At, LocationPath, at},
    list::{Column, ListQuery},
    reply::Reply,
};
use crate::{
    app::App,
    clouds::{Aim, Clouds, Opening},
};

const COLUMNS: &[Column] = &[
    Column::text("id", "id"),
    Column::text("name", "name"),
    Column::part("nameContains", "name"),
    Column::text("status", "status"),
    Column::text("cloudPlatform", "platform"),
    Column::text("cloudLocation", "location_id"),
    Column::truth("failed", "(failure IS NOT NULL)"),
    Column::number("createdBy", "created_by_id"),
    Column::text("added", "created_at"),
];
pub(super) const FILTERS: &[&str] =
    &["id", "name", "nameContains", "status", "cloudPlatform", "cloudLocation", "failed", "createdBy"];
pub(super) const SORTS: &[&str] = &["id", "name", "status", "added"];
/// Of a kind, in an environment.
const MOST: i64 = 1000;

/// One kind of asset, as the API tells it.
pub(super) trait View: Serialize + Send + Sized {
    /// The tag of its description.
    const KIND: &'static str;
    /// In sentences.
    const WHAT: &'static str;
    /// In the audit log.
    const KINDS: &'static str;
    /// Why other clouds have none, and what to do there.
    const ONLY_OPENSTACK: [&'static str; 2];
    /// How the servers that use one let it go.
    const RELEASE: &'static str;

    fn of(asset: Asset, users: &Users) -> Self;
}

type AssetPath = Path<(i64, String)>;

pub(super) async fn list<V: View>(
    State(app): State<App>,
    caller: Caller,
    query: ListQuery,
) -> ApiResult<Reply<Vec<V>>> {
    let environment_id = caller.scope.environment_id().unwrap_or_default();
    let mut tx = app.db.read().await?;
    let select = query.select(COLUMNS)?.eq("environment_id", environment_id).eq("kind", V::KIND);
    let found = assets::list(&mut tx, select).await?;
    let users = Users::read(&mut tx, environment_id, found.rows.iter().flat_map(|it| &it.seen.parts.0)).await?;
    Ok(Reply::list(found.map(|it| V::of(it, &users)), &query))
}

pub(super) async fn show<V: View>(
    State(app): State<App>,
    caller: Caller,
    Path((_, id)): AssetPath,
) -> ApiResult<Reply<V>> {
    let mut tx = app.db.read().await?;
    let asset = of_environment::<V>(&mut tx, &caller, &id).await?;
    Ok(Reply::ok(view(&mut tx, asset).await?))
}

/// An asset of the environment that the path names.
async fn of_environment<V: View>(tx: &mut Tx, caller: &Caller, id: &str) -> ApiResult<Asset> {
    let found = assets::find(tx, id).await?;
    let own = found.filter(|it| Some(it.environment_id) == caller.scope.environment_id() && it.kind == V::KIND);
    own.ok_or_else(|| ApiError::not_found(format!("{} {id}", V::WHAT)))
}

/// Without a platform it is of OpenStack.
pub(super) async fn create<V: View>(
    app: &App,
    caller: &Caller,
    platform: Option<String>,
    cloud_location: String,
    description: Description,
) -> ApiResult<Reply<V>> {
    let cloud_platform = platform.unwrap_or_else(|| Platform::Openstack.to_string());
    if cloud_platform != Platform::Openstack.as_str() {
        let [why, remedy] = V::ONLY_OPENSTACK;
        let message = format!("{cloud_platform} {why}");
        return Err(ApiError::conflict("UnacceptableObjectConfiguration", message).remedy(remedy));
    }
    let path = LocationPath { cloud_platform, cloud_location };
    let At { credential, location } = at(app, caller, &path).await?;
    let environment_id = caller.scope.environment_id().unwrap_or_default();
    let mut tx = app.db.write().await?;
    has_room(&mut tx, environment_id, &path.cloud_platform, &credential.id, &description).await?;
    let name = description.name().to_owned();
    let row = NewAsset {
        id: Uuid::now_v7().to_string(),
        environment_id,
        platform: path.cloud_platform,
        location_id: location.0,
        credential_id: credential.id,
        farm_id: None,
        description,
        created_by_id: caller.user.id,
        created_by_email: caller.user.email.clone(),
    };
    let made = assets::insert(&mut tx, &row, Time::now()).await;
    let made = made.map_err(|err| ApiError::of_named(err, &format!("a {}", V::WHAT), &name, "in this environment"))?;
    let view: V = view(&mut tx, made).await?;
    caller.record(&mut tx, app, Change::new(V::KINDS, "create", &row.id, &name).after(&view)).await?;
    committed(app, tx).await?;
    Ok(Reply::created(view))
}

/// Nothing is written where it is described so already.
pub(super) async fn change<V: View>(
    app: &App,
    caller: &Caller,
    id: &str,
    verb: &'static str,
    edit: impl FnOnce(&mut Description) -> ApiResult<()>,
) -> ApiResult<Reply<V>> {
    let mut tx = app.db.write().await?;
    let asset = present::<V>(&mut tx, caller, id).await?;
    let mut description = asset.description.0.clone();
    edit(&mut description)?;
    let is_same = description == asset.description.0;
    let before: V = view(&mut tx, asset).await?;
    if is_same {
        return Ok(Reply::ok(before));
    }
    assets::describe(&mut tx, id, &description, Time::now()).await?;
    changed(app, caller, tx, id, verb, &before).await
}

pub(super) async fn remove<V: View>(
    State(app): State<App>,
    caller: Caller,
    Path((_, id)): AssetPath,
) -> ApiResult<Reply<V>> {
    let mut tx = app.db.read().await?;
    let asset = present::<V>(&mut tx, &caller, &id).await?;
    drop(tx);
    let parts = parts_now(&app, &caller, &asset).await;
    let mut tx = app.db.write().await?;
    let asset = present::<V>(&mut tx, &caller, &id).await?;
    refuse_used::<V>(&mut tx, &asset, parts.as_ref().unwrap_or(&asset.seen.parts.0)).await?;
    let before: V = view(&mut tx, asset).await?;
    assets::want_absent(&mut tx, &id, Time::now()).await?;
    changed(&app, &caller, tx, &id, "delete", &before).await
}

/// What was written last in `tx`, recorded and committed.
async fn changed<V: View>(
    app: &App,
    caller: &Caller,
    mut tx: Tx,
    id: &str,
    verb: &'static str,
    before: &V,
) -> ApiResult<Reply<V>> {
    let asset = of_environment::<V>(&mut tx, caller, id).await?;
    let name = asset.name.clone();
    let after: V = view(&mut tx, asset).await?;
    caller.record(&mut tx, app, Change::new(V::KINDS, verb, id, &name).before(before).after(&after)).await?;
    committed(app, tx).await?;
    Ok(Reply::ok(after))
}

/// One that somebody else deletes is not changed any more.
async fn present<V: View>(tx: &mut Tx, caller: &Caller, id: &str) -> ApiResult<Asset> {
    let asset = of_environment::<V>(tx, caller, id).await?;
    match asset.wanted {
        AssetWanted::Present => Ok(asset),
        AssetWanted::Absent => {
            let status = if asset.seen.status == S::Deleted { "deleted" } else { "being deleted" };
            Err(ApiError::conflict("UnacceptableState", format!("the {} is {status}", V::WHAT)))
        }
    }
}

/// The link may be another since the location was looked up, and an environment has so many of a kind and no more.
async fn has_room(
    tx: &mut Tx,
    environment_id: i64,
    platform: &str,
    credential_id: &str,
    description: &Description,
) -> ApiResult<()> {
    let link = environment_clouds::get(tx, environment_id, platform).await?;
    if link.credential_id != credential_id {
        let message = format!("the environment was linked to other credentials for {platform} just now");
        return Err(ApiError::conflict("UnacceptableState", message).remedy("ask again"));
    }
    let kinds = description.plural();
    if assets::count_of_environment(tx, environment_id, description.kind()).await? >= MOST {
        let message = format!("the environment has {MOST} {kinds}, which is the most it may have");
        let remedy = format!("delete {kinds} that nobody needs");
        return Err(ApiError::conflict("UnacceptableState", message).remedy(remedy));
    }
    Ok(())
}

/// 409 with the names of the servers that use one of these parts.
async fn refuse_used<V: View>(tx: &mut Tx, asset: &Asset, parts: &[Part]) -> ApiResult<()> {
    let users = Users::read(tx, asset.environment_id, parts).await?.of(parts);
    let shown = |it: &AssetServer| match (&it.name, &it.server) {
        (Some(name), Some(server)) => format!("server {name} ({})", server.id),
        (None, Some(server)) => format!("server {}", server.id),
        _ => format!("the cloud's server {}, which is not of this environment", it.cloud_server_id),
    };
    let users: BTreeSet<String> = users.iter().map(shown).collect();
    if users.is_empty() {
        return Ok(());
    }
    let users: Vec<String> = users.into_iter().collect();
    let message = format!("{} {} is used by {}", V::WHAT, asset.name, users.join(" and by "));
    Err(ApiError::conflict("ObjectInUse", message).remedy(V::RELEASE))
}

async fn committed(app: &App, tx: Tx) -> ApiResult<()> {
    tx.commit().await?;
    app.wake_streams();
    app.wake.wake();
    Ok(())
}

/// What the cloud has of it at the moment: who uses it is to be known before its data is deleted. `None` where the cloud
/// does not tell; then it is deleted as soon as it does, and nobody uses it.
async fn parts_now(app: &App, caller: &Caller, asset: &Asset) -> Option<Vec<Part>> {
    let opening = Opening {
        aim: Aim::Inventory { environment_id: Some(asset.environment_id) },
        purpose: "assets",
        requester: caller.requester(),
        account_id: caller.scope.account_id(),
    };
    let connected = Clouds::connect(app, &asset.credential_id, &opening).await.ok()?;
    let mark = Mark(asset.id.parse::<Uuid>().ok()?);
    let location = LocationId(asset.location_id.clone());
    let found = connected.cloud().find_asset(&location, mark, &asset.description, asset.seen.made()).await;
    found.inspect_err(|err| tracing::debug!(asset.id, "who uses {} {} is not known: {err}", asset.kind, asset.id)).ok()
}

pub(super) fn common(asset: &Asset) -> AssetCommon {
    let seen = &asset.seen;
    AssetCommon {
        id: asset.id.clone(),
        name: asset.name.clone(),
        cloud_platform: asset.platform.clone(),
        cloud_location: asset.location_id.clone(),
        status: seen.status.to_string(),
        status_since: seen.status_since.0,
        failure: seen.failure.clone().and_then(|it| serde_json::from_value(it.0).ok()),
        created_by: UserIdentity { id: asset.created_by_id, email: Some(asset.created_by_email.clone()) },
        added: asset.created_at.0,
        observed_at: seen.observed_at.map(|it| it.0),
        deleted: seen.deleted_at.map(|it| it.0),
    }
}

async fn view<V: View>(tx: &mut Tx, asset: Asset) -> ApiResult<V> {
    let users = Users::read(tx, asset.environment_id, &asset.seen.parts.0).await?;
    Ok(V::of(asset, &users))
}

/// Servers by their id in the cloud.
pub(super) struct Users(BTreeMap<String, (String, Option<String>)>);

impl Users {
    /// Those of the environment that use one of these.
    async fn read(tx: &mut Tx, environment_id: i64, parts: impl IntoIterator<Item = &Part>) -> ApiResult<Users> {
        let ids: Vec<&str> = parts.into_iter().flat_map(|it| it.used_by.iter().map(String::as_str)).collect();
        let mut known = BTreeMap::new();
        // As many as one statement takes without a thought.
        for ids in ids.chunks(500) {
            let select = Select::new().eq("environment_id", environment_id).any_of("cloud_id", ids.iter().copied());
            for server in servers::list(tx, select).await?.rows {
                let name = server.seen.spec.map(|it| it.0.name);
                known.extend(server.seen.cloud_id.map(|id| (id, (server.id, name))));
            }
        }
        Ok(Users(known))
    }

    /// Once each, by the id in the cloud.
    pub(super) fn of(&self, parts: &[Part]) -> Vec<AssetServer> {
        let user = |cloud_server_id: &String| {
            let (id, name) = self.0.get(cloud_server_id).cloned().unzip();
            let server = id.map(|id| TextRef { id });
            AssetServer { cloud_server_id: cloud_server_id.clone(), server, name: name.flatten() }
        };
        let ids: BTreeSet<&String> = parts.iter().flat_map(|it| &it.used_by).collect();
        ids.into_iter().map(user).collect()
    }
}
