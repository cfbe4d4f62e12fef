//! Volumes of an environment: users say what is wanted of them, the reconciler does it.

use std::collections::{BTreeMap, BTreeSet};

use api_types::{
    TextRef,
    farms::UserIdentity,
    volumes::{ChangeVolume, NewVolume, Volume, VolumeServer},
};
use axum::extract::State;
use cloud::{
    LocationId, Platform,
    asset::{Asset as Description, Part},
    server::Mark,
};
use store::{
    Select, Time, Tx,
    assets::{self, Asset, AssetStatus as S, AssetWanted, NewAsset},
    environment_clouds, servers,
};
use uuid::Uuid;

use super::{
    body::{Body, text},
    caller::{Caller, Change},
    error::{ApiError, ApiResult},
    extract::Path,
    inventory::{At, LocationPath, at},
    list::{Column, ListQuery},
    reply::Reply,
    route::{Access::Needs, Routes, delete, get, patch, post},
};
use crate::{
    app::App,
    clouds::{Aim, Clouds, Opening},
    permission::Permission as P,
};

pub(super) const COLUMNS: &[Column] = &[
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
const FIXED: &[&str] = &["name", "cloudPlatform", "cloudLocation", "volumeType", "availabilityZone"];
const LARGEST_GIB: u32 = 16_384;
/// In an environment.
const MOST: i64 = 1000;

pub fn routes(routes: &mut Routes) {
    type V = Volume;
    let all = "/user/{envId}/volumes/";
    let one = "/user/{envId}/volumes/{volumeId}/";
    routes
        .add(
            get(all, Needs(P::VolumesRead), "List the volumes of this environment").lists::<V>(FILTERS).sorts(SORTS),
            list,
        )
        .add(
            post(all, Needs(P::VolumesManage), "Create a volume (OpenStack)").takes::<NewVolume>().creates::<V>(),
            create,
        )
        .add(get(one, Needs(P::VolumesRead), "Get a volume").gives::<V>(), show)
        .add(patch(one, Needs(P::VolumesManage), "Make a volume larger").takes::<ChangeVolume>().gives::<V>(), change)
        .add(
            delete(one, Needs(P::VolumesManage), "Delete a volume that no server has, with its data").gives::<V>(),
            remove,
        );
}

async fn list(State(app): State<App>, caller: Caller, query: ListQuery) -> ApiResult<Reply<Vec<Volume>>> {
    let environment_id = caller.scope.environment_id().unwrap_or_default();
    let mut tx = app.db.read().await?;
    let select = query.select(COLUMNS)?.eq("environment_id", environment_id).eq("kind", "volume");
    let found = assets::list(&mut tx, select).await?;
    let users = Users::read(&mut tx, environment_id, found.rows.iter().flat_map(|it| &it.seen.parts.0)).await?;
    Ok(Reply::list(found.map(|it| users.view(it)), &query))
}

async fn show(State(app): State<App>, caller: Caller, Path((_, id)): Path<(i64, String)>) -> ApiResult<Reply<Volume>> {
    let mut tx = app.db.read().await?;
    let volume = of_environment(&mut tx, &caller, &id).await?;
    Ok(Reply::ok(view(&mut tx, volume).await?))
}

/// A volume of the environment that the path names.
async fn of_environment(tx: &mut Tx, caller: &Caller, id: &str) -> ApiResult<Asset> {
    let found = assets::find(tx, id).await?;
    let own = found.filter(|it| Some(it.environment_id) == caller.scope.environment_id() && it.kind == "volume");
    own.ok_or_else(|| ApiError::not_found(format!("volume {id}")))
}

async fn create(State(app): State<App>, caller: Caller, body: Body) -> ApiResult<Reply<Volume>> {
    let new: NewVolume = body.read()?;
    let name = text("name", &new.name)?.to_owned();
    let size_gib = size(new.size_gib)?;
    let cloud_platform = new.cloud_platform.unwrap_or_else(|| Platform::Openstack.to_string());
    if cloud_platform != Platform::Openstack.as_str() {
        let message = format!("{cloud_platform} has no volumes of their own");
        let remedy = "create it on openstack; virtual machines have disks: add one to a server";
        return Err(ApiError::conflict("UnacceptableObjectConfiguration", message).remedy(remedy));
    }
    let path = LocationPath { cloud_platform, cloud_location: new.cloud_location };
    let At { credential, location } = at(&app, &caller, &path).await?;
    let environment_id = caller.scope.environment_id().unwrap_or_default();
    let mut tx = app.db.write().await?;
    let id = |key: &str, it: Option<TextRef>| it.map(|it| text(key, &it.id).map(ToOwned::to_owned)).transpose();
    let description = Description::Volume {
        name: name.clone(),
        size_gib,
        volume_type: id("volumeType", new.volume_type)?,
        availability_zone: id("availabilityZone", new.availability_zone)?,
    };
    has_room(&mut tx, environment_id, &path.cloud_platform, &credential.id, &description).await?;
    let row = NewAsset {
        id: Uuid::now_v7().to_string(),
        environment_id,
        platform: path.cloud_platform,
        location_id: location.0,
        credential_id: credential.id,
        description,
        created_by_id: caller.user.id,
        created_by_email: caller.user.email.clone(),
    };
    let made = assets::insert(&mut tx, &row, Time::now()).await;
    let made = made.map_err(|err| ApiError::of_named(err, "a volume", &name, "in this environment"))?;
    let view = view(&mut tx, made).await?;
    caller.record(&mut tx, &app, Change::new("volumes", "create", &view.id, &name).after(&view)).await?;
    committed(&app, tx).await?;
    Ok(Reply::created(view))
}

async fn change(
    State(app): State<App>,
    caller: Caller,
    Path((_, id)): Path<(i64, String)>,
    body: Body,
) -> ApiResult<Reply<Volume>> {
    body.refuse_later(FIXED)?;
    let ChangeVolume { size_gib } = body.read()?;
    let mut tx = app.db.write().await?;
    let volume = of_environment(&mut tx, &caller, &id).await?;
    present(&volume)?;
    let before = view(&mut tx, volume.clone()).await?;
    let mut description = volume.description.0.clone();
    let Description::Volume { size_gib: size_now, .. } = &mut description else { return Ok(Reply::ok(before)) };
    let Some(size_gib) = size_gib.map(size).transpose()?.filter(|it| it != size_now) else {
        return Ok(Reply::ok(before));
    };
    if size_gib < *size_now {
        return Err(ApiError::value(format!("sizeGib is {size_now}, and a volume is never made smaller")));
    }
    *size_now = size_gib;
    assets::describe(&mut tx, &id, &description, Time::now()).await?;
    let volume = of_environment(&mut tx, &caller, &id).await?;
    let after = view(&mut tx, volume).await?;
    let change = Change::new("volumes", "extend", &id, &after.name).before(&before).after(&after);
    caller.record(&mut tx, &app, change).await?;
    committed(&app, tx).await?;
    Ok(Reply::ok(after))
}

async fn remove(
    State(app): State<App>,
    caller: Caller,
    Path((_, id)): Path<(i64, String)>,
) -> ApiResult<Reply<Volume>> {
    let mut tx = app.db.read().await?;
    let volume = of_environment(&mut tx, &caller, &id).await?;
    present(&volume)?;
    drop(tx);
    let parts = parts_now(&app, &caller, &volume).await;
    let mut tx = app.db.write().await?;
    let volume = of_environment(&mut tx, &caller, &id).await?;
    present(&volume)?;
    let parts = parts.as_ref().unwrap_or(&volume.seen.parts.0);
    refuse_used(&mut tx, &volume, parts, "detach it: POST …/servers/{serverId}/actions/detach-volume/").await?;
    let before = view(&mut tx, volume).await?;
    assets::want_absent(&mut tx, &id, Time::now()).await?;
    let volume = of_environment(&mut tx, &caller, &id).await?;
    let after = view(&mut tx, volume).await?;
    let change = Change::new("volumes", "delete", &id, &after.name).before(&before).after(&after);
    caller.record(&mut tx, &app, change).await?;
    committed(&app, tx).await?;
    Ok(Reply::ok(after))
}

/// The link may be another since the location was looked up, and an environment has so many of a kind and no more.
pub(super) async fn has_room(
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
pub(super) async fn refuse_used(tx: &mut Tx, asset: &Asset, parts: &[Part], remedy: &str) -> ApiResult<()> {
    let users = Users::read(tx, asset.environment_id, parts).await?.of(parts);
    let shown = |it: &VolumeServer| match (&it.name, &it.server) {
        (Some(name), Some(server)) => format!("server {name} ({})", server.id),
        (None, Some(server)) => format!("server {}", server.id),
        _ => format!("the cloud's server {}, which is not of this environment", it.cloud_server_id),
    };
    let users: BTreeSet<String> = users.iter().map(shown).collect();
    if users.is_empty() {
        return Ok(());
    }
    let users: Vec<String> = users.into_iter().collect();
    let message = format!("{} {} is used by {}", asset.kind, asset.name, users.join(" and by "));
    Err(ApiError::conflict("ObjectInUse", message).remedy(remedy))
}

pub(super) async fn committed(app: &App, tx: Tx) -> ApiResult<()> {
    tx.commit().await?;
    app.wake_streams();
    app.wake.wake();
    Ok(())
}

/// One that somebody else deletes is not changed any more.
pub(super) fn present(volume: &Asset) -> ApiResult<()> {
    match volume.wanted {
        AssetWanted::Present => Ok(()),
        AssetWanted::Absent => {
            let status = if volume.seen.status == S::Deleted { "deleted" } else { "being deleted" };
            Err(ApiError::conflict("UnacceptableState", format!("the {} is {status}", volume.kind)))
        }
    }
}

/// What the cloud has of it at the moment: who uses it is to be known before its data is deleted. `None` where the cloud
/// does not tell; then it is deleted as soon as it does, and nobody uses it.
pub(super) async fn parts_now(app: &App, caller: &Caller, volume: &Asset) -> Option<Vec<Part>> {
    let opening = Opening {
        aim: Aim::Inventory { environment_id: Some(volume.environment_id) },
        purpose: "assets",
        requester: caller.requester(),
        account_id: caller.scope.account_id(),
    };
    let connected = Clouds::connect(app, &volume.credential_id, &opening).await.ok()?;
    let mark = Mark(volume.id.parse::<Uuid>().ok()?);
    let location = LocationId(volume.location_id.clone());
    let found = connected.cloud().find_asset(&location, mark, &volume.description).await;
    found.inspect_err(|err| tracing::debug!(volume.id, "who uses volume {} is not known: {err}", volume.id)).ok()
}

fn size(size_gib: u32) -> ApiResult<u32> {
    match (1..=LARGEST_GIB).contains(&size_gib) {
        true => Ok(size_gib),
        false => Err(ApiError::value(format!("sizeGib is 1 to {LARGEST_GIB}"))),
    }
}

/// Servers by their id in the cloud.
pub(super) struct Users(BTreeMap<String, (String, Option<String>)>);

impl Users {
    /// Those of the environment that use one of these.
    pub(super) async fn read(
        tx: &mut Tx,
        environment_id: i64,
        parts: impl IntoIterator<Item = &Part>,
    ) -> ApiResult<Users> {
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

    pub(super) fn of(&self, parts: &[Part]) -> Vec<VolumeServer> {
        let user = |cloud_server_id: &String| {
            let (id, name) = self.0.get(cloud_server_id).cloned().unzip();
            let server = id.map(|id| TextRef { id });
            VolumeServer { cloud_server_id: cloud_server_id.clone(), server, name: name.flatten() }
        };
        parts.iter().flat_map(|it| it.used_by.iter().map(user)).collect()
    }

    fn view(&self, volume: Asset) -> Volume {
        let (size_gib, volume_type, availability_zone) = match volume.description.0 {
            Description::Volume { size_gib, volume_type, availability_zone, .. } => {
                (size_gib, volume_type, availability_zone)
            }
            Description::Network { .. } => (0, None, None),
        };
        let seen = volume.seen;
        let attached_to = self.of(&seen.parts);
        let part = seen.parts.0.into_iter().next();
        let (cloud_volume_id, cloud_status) = part.map(|it| (it.id, it.status)).unzip();
        Volume {
            id: volume.id,
            name: volume.name,
            cloud_platform: volume.platform,
            cloud_location: volume.location_id,
            size_gib,
            volume_type: volume_type.map(|id| TextRef { id }),
            availability_zone: availability_zone.map(|id| TextRef { id }),
            status: seen.status.to_string(),
            status_since: seen.status_since.0,
            cloud_volume_id,
            cloud_status: cloud_status.flatten(),
            attached_to,
            failure: seen.failure.and_then(|it| serde_json::from_value(it.0).ok()),
            created_by: UserIdentity { id: volume.created_by_id, email: Some(volume.created_by_email) },
            added: volume.created_at.0,
            observed_at: seen.observed_at.map(|it| it.0),
            deleted: seen.deleted_at.map(|it| it.0),
        }
    }
}

async fn view(tx: &mut Tx, volume: Asset) -> ApiResult<Volume> {
    let users = Users::read(tx, volume.environment_id, &volume.seen.parts.0).await?;
    Ok(users.view(volume))
}
