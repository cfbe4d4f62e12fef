//! The tiers of a farm.

use api_types::{
    IntegerRef, TextRef,
    farm_roles::{CloudFeatures, FarmRole, Network, PlacementStrategy, Scaling, StorageTemplate},
};
use axum::extract::State;
use cloud::{Driver, Platform};
use http::StatusCode;
use serde_json::Value;
use store::{
    DbError, Json, Owner, Tx, cloud_locations, environment_clouds, farm_roles, farms, instance_types, role_images,
    roles, vmware_instance_types,
};

use super::{
    body::{Body, required, text},
    caller::{Caller, Change},
    error::{ApiError, ApiResult},
    farms::{launched_by, of_environment, refuse_locked},
    inventory::{LocationPath, at, freshen},
    list::{Column, ListQuery},
    reply::Reply,
    route::{Access::Needs, Routes, delete, get, patch, post},
};
use crate::http::extract::Path;
use crate::{
    app::App,
    permission::Permission as P,
    reconcile::farms::{FARM_LAUNCHED, not_enabled, settle},
    sync::Kind,
};

const COLUMNS: &[Column] = &[
    Column::number("id", "id"),
    Column::text("alias", "alias"),
    Column::number("role", "role_id"),
    Column::text("cloudPlatform", "platform"),
    Column::text("cloudLocation", "location_id"),
];
const FILTERS: &[&str] = &["id", "alias", "role", "cloudPlatform", "cloudLocation"];
const READ_ONLY: &[&str] = &["id", "farm"];
pub(super) const CREATE_ONLY: &[&str] = &["role", "cloudPlatform", "cloudLocation"];
const MAX_SERVERS: i64 = 400;
const MAX_NETWORKS: usize = 10;
const MAX_ROOT_VOLUME_GIB: u32 = 16_384;
/// Nova takes 64 KiB of base64.
const MAX_USER_DATA: usize = 48_000;

pub fn routes(routes: &mut Routes) {
    type F = FarmRole;
    let all = "/user/{envId}/farms/{farmId}/farm-roles/";
    let one = "/user/{envId}/farm-roles/{farmRoleId}/";
    routes
        .add(
            get(all, Needs(P::FarmsRead), "List the farm roles of a farm").lists::<F>(FILTERS).sorts(&["id", "alias"]),
            list,
        )
        .add(
            post(all, Needs(P::FarmsManage), "Add a farm role; a running farm launches its servers")
                .takes::<F>()
                .creates::<F>(),
            create,
        )
        .add(get(one, Needs(P::FarmsRead), "Get a farm role").gives::<F>(), show)
        .add(
            patch(one, Needs(P::FarmsManage), "Change a farm role; servers that are there stay as they are")
                .takes::<F>()
                .gives::<F>(),
            update,
        )
        .add(delete(one, Needs(P::FarmsManage), "Remove a farm role and terminate its servers"), remove);
}

/// A farm role of the environment that the path names, with its farm.
pub(super) async fn of_farm(tx: &mut Tx, caller: &Caller, id: i64) -> ApiResult<(farm_roles::FarmRole, farms::Farm)> {
    let not_found = || ApiError::not_found(format!("farm role {id}"));
    let farm_role = farm_roles::find(tx, id).await?.ok_or_else(not_found)?;
    let farm = of_environment(tx, caller, farm_role.farm_id).await.map_err(|_| not_found())?;
    Ok((farm_role, farm))
}

async fn list(
    State(app): State<App>,
    caller: Caller,
    Path((_, farm_id)): Path<(i64, i64)>,
    query: ListQuery,
) -> ApiResult<Reply<Vec<FarmRole>>> {
    let mut tx = app.db.read().await?;
    of_environment(&mut tx, &caller, farm_id).await?;
    let found = farm_roles::list(&mut tx, query.select(COLUMNS)?.eq("farm_id", farm_id)).await?;
    Ok(Reply::list(found.map(view), &query))
}

async fn create(
    State(app): State<App>,
    caller: Caller,
    Path((_, farm_id)): Path<(i64, i64)>,
    body: Body,
) -> ApiResult<Reply<FarmRole>> {
    body.refuse(READ_ONLY)?;
    let new: FarmRole = body.read()?;
    let missing = |key: &str| ApiError::structure(format!("{key:?} is missing"));
    let alias = required("alias", new.alias.as_ref())?.to_owned();
    let platform = platform(required("cloudPlatform", new.cloud_platform.as_ref())?)?;
    let location_id = required("cloudLocation", new.cloud_location.as_ref())?.to_owned();
    let role_id = new.role.as_ref().ok_or_else(|| missing("role"))?.id;
    let instance_type_id = new.instance_type.clone().ok_or_else(|| missing("instanceType"))?.id;
    let (is_scaled, min_instances, max_instances) = scaling(new.scaling.as_ref())?;
    check_config(&new, platform)?;
    if platform.driver() == Driver::Openstack {
        // So that its flavors are known.
        let path = LocationPath { cloud_platform: platform.to_string(), cloud_location: location_id.clone() };
        let at = at(&app, &caller, &path).await?;
        freshen(&app, &caller, &at, Kind::InstanceTypes, None, app.config().instance_types_lifetime).await?;
    }
    let mut tx = app.db.write().await?;
    let farm = of_environment(&mut tx, &caller, farm_id).await?;
    refuse_locked(&farm)?;
    let farm_role = farm_roles::FarmRole {
        id: 0,
        farm_id,
        role_id,
        alias: alias.clone(),
        platform: platform.to_string(),
        location_id,
        instance_type_id,
        launch_index: new.launch_index.unwrap_or_default(),
        is_scaled,
        min_instances,
        max_instances,
        config: Json(config(&new)),
    };
    check(&mut tx, &caller, &farm, &farm_role, platform).await?;
    let farm_role = farm_roles::insert(&mut tx, &farm_role).await.map_err(|err| taken(err, &alias))?;
    let view = view(farm_role);
    let id = view.id.unwrap_or_default();
    caller.record(&mut tx, &app, Change::new("farm-roles", "create", id, &alias).after(&view)).await?;
    settle(&mut tx, &farm, &launched_by(&caller, FARM_LAUNCHED)).await?;
    tx.commit().await?;
    app.wake_streams();
    app.wake.wake();
    Ok(Reply::created(view))
}

async fn show(State(app): State<App>, caller: Caller, Path((_, id)): Path<(i64, i64)>) -> ApiResult<Reply<FarmRole>> {
    let mut tx = app.db.read().await?;
    Ok(Reply::ok(view(of_farm(&mut tx, &caller, id).await?.0)))
}

async fn update(
    State(app): State<App>,
    caller: Caller,
    Path((_, id)): Path<(i64, i64)>,
    body: Body,
) -> ApiResult<Reply<FarmRole>> {
    body.refuse(READ_ONLY)?;
    let mut tx = app.db.write().await?;
    let (mut farm_role, farm) = of_farm(&mut tx, &caller, id).await?;
    refuse_locked(&farm)?;
    let before = view(farm_role.clone());
    // scalr-ctl sends what cannot be changed along: it may, as long as it is the same.
    let known = serde_json::to_value(&before).map_err(ApiError::internal)?;
    if let Some(key) =
        CREATE_ONLY.iter().find(|it| body.0.get(**it).is_some_and(|value| known.get(**it) != Some(value)))
    {
        return Err(ApiError::structure(format!("{key:?} can only be given when the farm role is made")));
    }
    let mut merged = known.as_object().cloned().unwrap_or_default();
    merged.extend(body.0);
    let wanted: FarmRole = Body(merged).read()?;
    let platform = platform(&farm_role.platform)?;
    check_config(&wanted, platform)?;
    farm_role.alias = required("alias", wanted.alias.as_ref())?.to_owned();
    farm_role.instance_type_id = wanted.instance_type.clone().map_or(farm_role.instance_type_id, |it| it.id);
    farm_role.launch_index = wanted.launch_index.unwrap_or_default();
    (farm_role.is_scaled, farm_role.min_instances, farm_role.max_instances) = scaling(wanted.scaling.as_ref())?;
    farm_role.config = Json(config(&wanted));
    check(&mut tx, &caller, &farm, &farm_role, platform).await?;
    farm_roles::update(&mut tx, &farm_role).await.map_err(|err| taken(err, &farm_role.alias))?;
    let alias = farm_role.alias.clone();
    let after = view(farm_role);
    let change = Change::new("farm-roles", "update", id, &alias).before(&before).after(&after);
    caller.record(&mut tx, &app, change).await?;
    settle(&mut tx, &farm, &launched_by(&caller, FARM_LAUNCHED)).await?;
    tx.commit().await?;
    app.wake_streams();
    app.wake.wake();
    Ok(Reply::ok(after))
}

async fn remove(State(app): State<App>, caller: Caller, Path((_, id)): Path<(i64, i64)>) -> ApiResult<StatusCode> {
    let mut tx = app.db.write().await?;
    let (farm_role, farm) = of_farm(&mut tx, &caller, id).await?;
    refuse_locked(&farm)?;
    farm_roles::delete(&mut tx, id).await?;
    settle(&mut tx, &farm, &launched_by(&caller, FARM_LAUNCHED)).await?;
    let alias = farm_role.alias.clone();
    let change = Change::new("farm-roles", "delete", id, &alias).before(&view(farm_role));
    caller.record(&mut tx, &app, change).await?;
    tx.commit().await?;
    app.wake_streams();
    app.wake.wake();
    Ok(StatusCode::NO_CONTENT)
}

/// That all it names is there, as far as it is known without asking the cloud.
async fn check(
    tx: &mut Tx,
    caller: &Caller,
    farm: &farms::Farm,
    farm_role: &farm_roles::FarmRole,
    platform: Platform,
) -> ApiResult<()> {
    let here = Owner { account_id: caller.scope.account_id(), environment_id: caller.scope.environment_id() };
    let role = roles::find(tx, farm_role.role_id).await?.filter(|it| here.sees(it.owner));
    if role.is_none() {
        return Err(ApiError::not_found(format!("role {}", farm_role.role_id)));
    }
    let link = environment_clouds::find(tx, farm.environment_id, platform.as_str()).await?;
    let link = link.ok_or_else(|| not_enabled(platform.as_str()))?;
    let location = &farm_role.location_id;
    let locations = cloud_locations::list(tx, &link.credential_id).await?;
    if locations.iter().all(|it| it.location_id != *location) {
        let there: Vec<_> = locations.into_iter().map(|it| it.location_id).collect();
        return Err(ApiError::value(format!(
            "{location:?} is no location of {platform}; there are: {}",
            there.join(", ")
        )));
    }
    if role_images::find(tx, farm_role.role_id, platform.as_str(), location).await?.is_none() {
        let message = format!("the role has no image for {platform} at {location}");
        let remedy = "register an image there and add it to the role";
        return Err(ApiError::conflict("UnacceptableObjectConfiguration", message).remedy(remedy));
    }
    check_instance_type(tx, &link.credential_id, platform, location, &farm_role.instance_type_id).await
}

/// That it is known at a location, as far as it is known without asking the cloud.
pub(super) async fn check_instance_type(
    tx: &mut Tx,
    credential_id: &str,
    platform: Platform,
    location: &str,
    id: &str,
) -> ApiResult<()> {
    let found = match platform.driver() {
        Driver::Vsphere => vmware_instance_types::get(tx, id).await.map(drop),
        Driver::Openstack => instance_types::get(tx, credential_id, location, id).await.map(drop),
    };
    match found {
        Err(DbError::NotFound { .. }) => {
            let message = format!("there is no instance type {id:?} of {platform} at {location}");
            let remedy = "list the instance types of the location; that also reads them anew when they are a day old";
            Err(ApiError::value(message).remedy(remedy))
        }
        other => Ok(other?),
    }
}

/// What can be wrong without looking anything up.
fn check_config(farm_role: &FarmRole, platform: Platform) -> ApiResult<()> {
    let wrong = |message: &str| Err(ApiError::value(message));
    let networks = farm_role.networking.as_ref().map_or(&[][..], |it| &it.networks);
    let is_vsphere = platform.driver() == Driver::Vsphere;
    let has_groups = farm_role.security.as_ref().is_some_and(|it| !it.security_groups.is_empty());
    let has_zones = farm_role.availability_zones.as_ref().is_some_and(|it| !it.is_empty());
    let advanced = farm_role.advanced_configuration.clone().unwrap_or_default();
    let features = farm_role.cloud_features.clone().unwrap_or_default();
    let expected = if is_vsphere { "VmwareCloudFeatures" } else { "OpenstackCloudFeatures" };
    if farm_role.cloud_features.is_some() && features.kind != expected {
        return Err(ApiError::value(format!("the type of cloudFeatures is {expected} for {platform}")));
    }
    if is_vsphere {
        if features.folder.is_none() {
            return wrong("cloudFeatures of the type VmwareCloudFeatures, with a folder, are needed for vmware");
        }
        let is_chosen = features.placement_strategy == Some(PlacementStrategy::ScalrAuto);
        if is_chosen && features.resource_pool.is_some() {
            return wrong("with scalr-auto no resourcePool is given: it is the root pool of the host that is chosen");
        }
        if !is_chosen && features.compute_resource.is_none() && features.resource_pool.is_none() {
            return wrong("computeResource or resourcePool is needed: a machine runs in a pool");
        }
        if !is_chosen && features.hosts.len() > 1 {
            return wrong("hosts takes one host; without one DRS chooses, with scalr-auto one of several is chosen");
        }
        if features.config_drive || features.server_group.is_some() {
            return wrong("configDrive and serverGroup are for OpenStack");
        }
        if features.disable_key_pair_management || features.key_pair.is_some() {
            return wrong("disableKeyPairManagement and keyPair are for OpenStack");
        }
    } else {
        let CloudFeatures { kind, config_drive, server_group, disable_key_pair_management, key_pair, .. } =
            features.clone();
        let own = CloudFeatures {
            kind,
            config_drive,
            server_group,
            disable_key_pair_management,
            key_pair,
            ..CloudFeatures::default()
        };
        if features != own {
            return wrong(
                "OpenstackCloudFeatures have nothing but their type, configDrive, serverGroup, keyPair and \
                 disableKeyPairManagement",
            );
        }
        if features.disable_key_pair_management && features.key_pair.is_some() {
            return wrong("keyPair names a keypair, and disableKeyPairManagement is to have none; give one of them");
        }
        if let Some(name) = &features.key_pair {
            text("keyPair", name)?;
        }
        if let Some(group) = &features.server_group {
            text("serverGroup", group)?;
        }
    }
    if is_vsphere && (has_groups || has_zones) {
        return wrong("vSphere has no security groups and no availability zones");
    }
    let has_fixed_ip = networks.iter().any(|it| !it.static_ip_map.is_empty());
    if is_vsphere && has_fixed_ip && features.customization_spec.is_none() {
        return wrong(
            "staticIpMap needs a customizationSpec in vSphere: it sets the addresses, with its subnet mask and gateway",
        );
    }
    if is_vsphere && networks.iter().any(|it| it.cloud_features.is_some()) {
        return wrong("cloudFeatures of a network are for OpenStack");
    }
    let storage = farm_role.storage.as_deref().unwrap_or_default();
    if is_vsphere && !storage.is_empty() {
        return wrong("storage is for OpenStack; in vSphere a server has the disks of its template");
    }
    if storage.len() > 1 {
        return wrong("storage takes one RootStorageConfiguration: a server has one root volume");
    }
    for StorageTemplate { size, volume_type } in storage.iter().map(|it| &it.template) {
        if !(1..=MAX_ROOT_VOLUME_GIB).contains(size) {
            return Err(ApiError::value(format!("the size of the root volume is 1 to {MAX_ROOT_VOLUME_GIB} GiB")));
        }
        if let Some(volume_type) = volume_type {
            text("the type of the root volume", volume_type)?;
        }
    }
    let has_pool = |it: &Network| it.cloud_features.as_ref().is_some_and(|it| it.floating_ip_pool.is_some());
    // Without a mark the first is the primary one.
    let primary = networks.iter().position(|it| it.primary).unwrap_or_default();
    if networks.iter().enumerate().any(|(n, it)| n != primary && has_pool(it)) {
        return wrong("floatingIpPool is for the primary network");
    }
    let pools = networks.iter().filter_map(|it| it.cloud_features.as_ref()?.floating_ip_pool.as_ref());
    for pool in pools {
        text("floatingIpPool", &pool.id)?;
    }
    if networks.len() > MAX_NETWORKS || networks.iter().filter(|it| it.primary).count() > 1 {
        return wrong("networks are ten at most, and one of them at most is primary");
    }
    if farm_role.wait_for_port == Some(0) {
        return wrong("waitForPort is 1 to 65535");
    }
    if let Some(name) = &advanced.instance_name {
        text("instanceName", name)?;
    }
    if advanced.user_data.is_some_and(|it| it.len() > MAX_USER_DATA) {
        return Err(ApiError::value(format!("userData is larger than {MAX_USER_DATA} bytes")));
    }
    Ok(())
}

/// Whether it is scaled, and how many servers there are at least and at most.
fn scaling(given: Option<&Scaling>) -> ApiResult<(bool, i64, i64)> {
    let Some(scaling) = given.filter(|it| it.enabled) else { return Ok((false, 1, 1)) };
    let min = scaling.min_instances.unwrap_or(1);
    let max = scaling.max_instances.unwrap_or(min.max(2));
    if min < 0 || max < min.max(1) || max > MAX_SERVERS {
        let message = format!("minInstances is 0 or more, maxInstances from minInstances (or 1) to {MAX_SERVERS}");
        return Err(ApiError::value(message));
    }
    Ok((true, min, max))
}

fn platform(name: &str) -> ApiResult<Platform> {
    name.parse().map_err(|err| ApiError::value(format!("{err}")))
}

/// What is kept as it was given.
fn config(farm_role: &FarmRole) -> Value {
    let FarmRole {
        networking,
        security,
        availability_zones,
        storage,
        cloud_features,
        advanced_configuration,
        wait_for_port,
        ..
    } = farm_role.clone();
    let kept = FarmRole {
        networking,
        security,
        availability_zones,
        storage,
        cloud_features,
        advanced_configuration,
        wait_for_port,
        ..FarmRole::default()
    };
    serde_json::to_value(kept).unwrap_or_default()
}

fn taken(err: DbError, alias: &str) -> ApiError {
    ApiError::of_named(err, "a farm role", alias, "in this farm")
}

pub(super) fn view(row: farm_roles::FarmRole) -> FarmRole {
    let kept: FarmRole = serde_json::from_value(row.config.0).unwrap_or_default();
    FarmRole {
        id: Some(row.id),
        farm: Some(IntegerRef { id: row.farm_id }),
        alias: Some(row.alias),
        role: Some(IntegerRef { id: row.role_id }),
        cloud_platform: Some(row.platform),
        cloud_location: Some(row.location_id),
        instance_type: Some(TextRef { id: row.instance_type_id }),
        launch_index: Some(row.launch_index),
        scaling: Some(Scaling {
            enabled: row.is_scaled,
            min_instances: Some(row.min_instances),
            max_instances: Some(row.max_instances),
        }),
        ..kept
    }
}
