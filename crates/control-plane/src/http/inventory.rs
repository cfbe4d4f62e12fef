//! What is found in the clouds of an environment: images, networks, datastores and so on.

use std::{sync::Arc, time::Duration};

use api_types::{
    envelope::{Freshness, Hidden},
    inventory::Resource,
};
use axum::extract::State;
use cloud::{LocationId, inventory::Noun};
use serde::Deserialize;
use store::{Time, cloud_credentials::CloudCredential, resources, sync_state::SyncState};

use super::{
    caller::Caller,
    clouds,
    error::{ApiError, ApiResult},
    list::{Column, ListQuery},
    reply::Reply,
    route::{Access::Needs, Routes, get},
};
use crate::http::extract::Path;
use crate::{
    app::App,
    clouds::{Aim, Clouds, Connected, Opening},
    permission::Permission as P,
    sync::{self, Kind, Source},
};

const COLUMNS: &[Column] = &[
    Column::text("id", "cloud_id"),
    Column::text("name", "name"),
    Column::part("nameContains", "name"),
    Column::text("status", "status"),
    Column::text("parent", "parent"),
    Column::number("capacityBytes", "capacity_bytes"),
    Column::number("freeBytes", "free_bytes"),
];
const FILTERS: &[&str] = &["id", "name", "nameContains", "status", "parent"];
const SORTS: &[&str] = &["id", "name", "status", "capacityBytes", "freeBytes"];

pub fn routes(routes: &mut Routes) {
    // A path for each noun, so that the API documents name them all.
    macro_rules! below_location {
        ($name:literal) => {
            concat!("/user/{envId}/clouds/{cloudPlatform}/cloud-locations/{cloudLocation}/", $name, "/")
        };
        ($name:literal, $rest:literal) => {
            concat!("/user/{envId}/clouds/{cloudPlatform}/cloud-locations/{cloudLocation}/", $name, "/", $rest)
        };
    }
    macro_rules! noun {
        ($noun:expr, $name:literal, $what:literal) => {
            routes
                .add(
                    get(below_location!($name), Needs(P::InventoryRead), concat!("List the ", $what, " of a location"))
                        .lists::<Resource>(FILTERS)
                        .sorts(SORTS)
                        .takes_age(),
                    |app, caller, path, query| list($noun, app, caller, path, query),
                )
                .add(
                    get(below_location!($name, "{id}/"), Needs(P::InventoryRead), concat!("Get one of the ", $what))
                        .gives::<Resource>(),
                    |app, caller, path| show($noun, app, caller, path),
                );
        };
    }
    noun!(Noun::CloudImages, "cloud-images", "images or templates");
    noun!(Noun::Networks, "networks", "networks or port groups");
    noun!(Noun::SecurityGroups, "security-groups", "security groups");
    noun!(Noun::Keypairs, "keypairs", "keypairs");
    noun!(Noun::AvailabilityZones, "availability-zones", "availability zones");
    noun!(Noun::VolumeTypes, "volume-types", "volume types");
    noun!(Noun::ServerGroups, "server-groups", "server groups");
    noun!(Noun::ObjectContainers, "object-containers", "object containers");
    noun!(Noun::Clusters, "clusters", "clusters");
    noun!(Noun::Hosts, "hosts", "hosts");
    noun!(Noun::ResourcePools, "resource-pools", "resource pools");
    noun!(Noun::Folders, "folders", "folders");
    noun!(Noun::Datastores, "datastores", "datastores");
    noun!(Noun::StoragePods, "storage-pods", "storage pods");
    noun!(Noun::CustomizationSpecs, "customization-specs", "customization specifications");
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LocationPath {
    pub cloud_platform: String,
    pub cloud_location: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ThingPath {
    #[serde(flatten)]
    pub at: LocationPath,
    pub id: String,
}

/// A location of a cloud of the caller's environment, with the credential that reaches it.
pub(super) struct At {
    pub credential: CloudCredential,
    pub location: LocationId,
}

pub(super) async fn at(app: &App, caller: &Caller, path: &LocationPath) -> ApiResult<At> {
    let (_, credential) = clouds::credential(app, caller, &path.cloud_platform).await?;
    let location = LocationId(path.cloud_location.clone());
    let mut tx = app.db.read().await?;
    match store::cloud_locations::get(&mut tx, &credential.id, &location.0).await {
        Ok(_) => return Ok(At { credential, location }),
        Err(store::DbError::NotFound { .. }) => {}
        Err(err) => return Err(err.into()),
    }
    drop(tx);
    // New in the cloud, or never asked for.
    let found = sync::locations(app, &credential, &clouds::opening(caller, &credential, "sync")).await?;
    if found.contains(&location) {
        return Ok(At { credential, location });
    }
    let all: Vec<&str> = found.iter().map(|it| it.0.as_str()).collect();
    Err(ApiError::not_found(format!("cloud location {location}; there are: {}", all.join(", "))))
}

/// A location of a cloud, with a session to ask it for what is not stored.
pub(super) struct Asked {
    pub connected: Arc<Connected>,
    pub location: LocationId,
}

pub(super) async fn asked(app: &App, caller: &Caller, path: &LocationPath, purpose: &'static str) -> ApiResult<Asked> {
    let At { credential, location } = at(app, caller, path).await?;
    let connected = Clouds::connect(app, &credential.id, &clouds::opening(caller, &credential, purpose)).await?;
    Ok(Asked { connected, location })
}

/// As [`asked`], to change something: only where the credential may be used to provision.
pub(super) async fn to_change(
    app: &App,
    caller: &Caller,
    path: &LocationPath,
    purpose: &'static str,
) -> ApiResult<Asked> {
    let At { credential, location } = at(app, caller, path).await?;
    let aim = Aim::Provision { environment_id: caller.scope.environment_id().unwrap_or_default() };
    let opening = Opening { aim, ..clouds::opening(caller, &credential, purpose) };
    Ok(Asked { connected: Clouds::connect(app, &credential.id, &opening).await?, location })
}

/// Reads the cloud where the rows are older than asked for, and says how fresh they are.
pub(super) async fn freshen(
    app: &App,
    caller: &Caller,
    at: &At,
    kind: Kind,
    max_age: Option<u64>,
    default_age: Duration,
) -> ApiResult<Freshness> {
    let At { credential, location } = at;
    let max_age = max_age.map_or(default_age, Duration::from_secs);
    let purpose = if kind == Kind::InstanceTypes { "instance-types" } else { "sync" };
    let opening = clouds::opening(caller, credential, purpose);
    let source = sync::at_most(app, credential, location, kind, max_age, opening).await?;
    let state = sync::state(app, credential, location, kind).await?;
    let mut freshness = freshness(state, source, default_age);
    if freshness.stale && freshness.error.is_none() {
        let mut tx = app.db.read().await?;
        freshness.error = store::syncs::find_last(&mut tx, &credential.id).await?.and_then(|it| it.error);
    }
    Ok(freshness)
}

fn freshness(state: Option<SyncState>, source: Source, expected: Duration) -> Freshness {
    let observed_at = state.as_ref().and_then(|it| it.observed_at);
    let age_seconds = observed_at.map(|it| (Time::now().0.as_second() - it.0.as_second()).max(0));
    let hidden = state
        .as_ref()
        .filter(|it| it.hidden_count > 0)
        .map(|it| Hidden { count: it.hidden_count, evidence: it.hidden_evidence.clone().unwrap_or_default() });
    let is_old = age_seconds.and_then(|it| u64::try_from(it).ok()).is_none_or(|it| it > 2 * expected.as_secs());
    let (source, error) = match source {
        Source::Cloud => ("cloud", None),
        Source::Store => ("store", state.and_then(|it| it.error.filter(|_| it.error_at > it.observed_at))),
        Source::Stale(err) => ("store", Some(err)),
    };
    Freshness {
        observed_at: observed_at.map(|it| it.0),
        age_seconds,
        source: if observed_at.is_some() { source } else { "none" }.to_owned(),
        stale: error.is_some() || is_old,
        error,
        hidden,
    }
}

async fn list(
    noun: Noun,
    State(app): State<App>,
    caller: Caller,
    Path(path): Path<LocationPath>,
    query: ListQuery,
) -> ApiResult<Reply<Vec<Resource>>> {
    let at = at(&app, &caller, &path).await?;
    let lifetime = app.config().sync_interval;
    let freshness = freshen(&app, &caller, &at, Kind::Resources(noun), query.max_age, lifetime).await?;
    let mut tx = app.db.read().await?;
    let found = resources::list(&mut tx, of(&at, noun), query.select(COLUMNS)?).await?;
    Ok(Reply::list(found.map(view), &query).freshness(freshness))
}

async fn show(
    noun: Noun,
    State(app): State<App>,
    caller: Caller,
    Path(path): Path<ThingPath>,
) -> ApiResult<Reply<Resource>> {
    let at = at(&app, &caller, &path.at).await?;
    let mut tx = app.db.read().await?;
    let found = resources::get(&mut tx, of(&at, noun), &path.id).await;
    let found = found.map_err(|err| match err {
        store::DbError::NotFound { .. } => ApiError::not_found(format!("{} among the {noun}", path.id)),
        other => other.into(),
    })?;
    Ok(Reply::ok(view(found)))
}

pub(super) fn of(at: &At, noun: Noun) -> resources::Of<'_> {
    resources::Of { credential_id: &at.credential.id, location_id: &at.location.0, noun }
}

pub(super) fn view(row: resources::ResourceRow) -> Resource {
    Resource {
        id: row.cloud_id,
        name: row.name,
        status: row.status,
        parent: row.parent,
        capacity_bytes: row.capacity_bytes,
        free_bytes: row.free_bytes,
        attributes: row.attributes.0,
        observed_at: row.observed_at.0,
        first_seen_at: row.first_seen_at.0,
        changed_at: row.changed_at.0,
    }
}
