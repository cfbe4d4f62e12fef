//! Sizes: OpenStack flavors as cached, and the vSphere sizes that are defined here.

use api_types::inventory::{InstanceType, VmwareInstanceType};
use axum::extract::State;
use cloud::{Driver, Platform};
use http::StatusCode;
use store::{DbError, instance_types, vmware_instance_types};

use super::{
    body::{Body, required, text},
    caller::{Caller, Change},
    cloud_credentials::new_id,
    error::{ApiError, ApiResult},
    inventory::{LocationPath, at, freshen},
    list::{Column, ListQuery},
    reply::Reply,
    route::{Access::Needs, Routes, delete, get, patch, post},
};
use crate::http::extract::Path;
use crate::{app::App, permission::Permission as P, sync::Kind};

const FLAVOR_COLUMNS: &[Column] = &[
    Column::text("id", "cloud_id"),
    Column::text("name", "name"),
    Column::number("storage", "(root_disk_gib + ephemeral_disk_gib)"),
    Column::number("vcpus", "vcpus"),
    Column::number("memory", "memory_mib"),
];
const COLUMNS: &[Column] = &[
    Column::text("id", "id"),
    Column::text("name", "name"),
    Column::number("vcpus", "vcpus"),
    Column::number("memory", "memory_mib"),
];

pub fn routes(routes: &mut Routes) {
    type V = VmwareInstanceType;
    let of_location = "/user/{envId}/clouds/{cloudPlatform}/cloud-locations/{cloudLocation}/instance-types/";
    let all = "/global/vmware-instance-types/";
    let one = "/global/vmware-instance-types/{id}/";
    routes
        .add(
            get(of_location, Needs(P::InventoryRead), "List the instance types of a location")
                .lists::<InstanceType>(&["id", "name", "storage"])
                .sorts(&["id", "name", "vcpus", "memory"])
                .takes_age(),
            list,
        )
        .add(get(all, Needs(P::InstanceTypesRead), "List the vSphere sizes").lists::<V>(&["id", "name"]), sizes)
        .add(post(all, Needs(P::InstanceTypesManage), "Define a vSphere size").takes::<V>().creates::<V>(), create)
        .add(get(one, Needs(P::InstanceTypesRead), "Get a vSphere size").gives::<V>(), show)
        .add(patch(one, Needs(P::InstanceTypesManage), "Change a vSphere size").takes::<V>().gives::<V>(), update)
        .add(delete(one, Needs(P::InstanceTypesManage), "Delete a vSphere size"), remove);
}

async fn list(
    State(app): State<App>,
    caller: Caller,
    Path(path): Path<LocationPath>,
    query: ListQuery,
) -> ApiResult<Reply<Vec<InstanceType>>> {
    let at = at(&app, &caller, &path).await?;
    if path.cloud_platform.parse::<Platform>().is_ok_and(|it| it.driver() == Driver::Vsphere) {
        let mut tx = app.db.read().await?;
        let mut select = query.select(COLUMNS)?;
        if query.filter("storage").is_some() {
            // They have none, so none has that much.
            select = select.is_null("id");
        }
        let found = vmware_instance_types::list(&mut tx, select).await?;
        return Ok(Reply::list(found.map(size_view), &query));
    }
    let lifetime = app.config().instance_types_lifetime;
    let freshness = freshen(&app, &caller, &at, Kind::InstanceTypes, query.max_age, lifetime).await?;
    let mut tx = app.db.read().await?;
    let select = query.select(FLAVOR_COLUMNS)?;
    let found = instance_types::list(&mut tx, &at.credential.id, &at.location.0, select).await?;
    let view = |it: instance_types::InstanceTypeRow| InstanceType {
        id: it.cloud_id,
        name: it.name,
        memory: gib(it.memory_mib),
        vcpus: it.vcpus,
        storage: Some(it.root_disk_gib + it.ephemeral_disk_gib),
        cores_per_socket: None,
        observed_at: freshness.observed_at,
    };
    Ok(Reply::list(found.map(view), &query).freshness(freshness.clone()))
}

fn size_view(size: vmware_instance_types::VmwareInstanceType) -> InstanceType {
    InstanceType {
        id: size.id,
        name: size.name,
        memory: gib(size.memory_mib),
        vcpus: size.vcpus,
        storage: None,
        cores_per_socket: Some(size.cores_per_socket),
        observed_at: None,
    }
}

/// Exact up to 2^53 MiB.
#[allow(clippy::cast_precision_loss)]
fn gib(mib: i64) -> f64 {
    mib as f64 / 1024.0
}

async fn sizes(State(app): State<App>, query: ListQuery) -> ApiResult<Reply<Vec<VmwareInstanceType>>> {
    let mut tx = app.db.read().await?;
    let found = vmware_instance_types::list(&mut tx, query.select(COLUMNS)?).await?;
    Ok(Reply::list(found.map(view), &query))
}

async fn show(State(app): State<App>, Path(id): Path<String>) -> ApiResult<Reply<VmwareInstanceType>> {
    let mut tx = app.db.read().await?;
    Ok(Reply::ok(view(vmware_instance_types::get(&mut tx, &id).await?)))
}

async fn create(State(app): State<App>, caller: Caller, body: Body) -> ApiResult<Reply<VmwareInstanceType>> {
    body.refuse(&["id"])?;
    let new: VmwareInstanceType = body.read()?;
    let missing = |key: &str| ApiError::structure(format!("{key:?} is missing"));
    let size = vmware_instance_types::VmwareInstanceType {
        id: new_id(),
        name: required("name", new.name.as_ref())?.to_owned(),
        memory_mib: new.memory_mib.ok_or_else(|| missing("memoryMib"))?,
        vcpus: new.vcpus.ok_or_else(|| missing("vcpus"))?,
        cores_per_socket: new.cores_per_socket.unwrap_or(1),
    };
    check(&size)?;
    let mut tx = app.db.write().await?;
    vmware_instance_types::insert(&mut tx, &size).await.map_err(|err| taken(err, &size.name))?;
    let view = view(size.clone());
    let change = Change::new("vmware-instance-types", "create", &size.id, &size.name).after(&view);
    caller.record(&mut tx, &app, change).await?;
    tx.commit().await?;
    app.wake_streams();
    Ok(Reply::created(view))
}

async fn update(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    body: Body,
) -> ApiResult<Reply<VmwareInstanceType>> {
    body.refuse(&["id"])?;
    let wanted: VmwareInstanceType = body.read()?;
    let mut tx = app.db.write().await?;
    let mut size = vmware_instance_types::get(&mut tx, &id).await?;
    let before = view(size.clone());
    if let Some(name) = &wanted.name {
        size.name = text("name", name)?.to_owned();
    }
    size.memory_mib = wanted.memory_mib.unwrap_or(size.memory_mib);
    size.vcpus = wanted.vcpus.unwrap_or(size.vcpus);
    size.cores_per_socket = wanted.cores_per_socket.unwrap_or(size.cores_per_socket);
    check(&size)?;
    vmware_instance_types::update(&mut tx, &size).await.map_err(|err| taken(err, &size.name))?;
    let after = view(size.clone());
    let change = Change::new("vmware-instance-types", "update", &id, &size.name).before(&before).after(&after);
    caller.record(&mut tx, &app, change).await?;
    tx.commit().await?;
    app.wake_streams();
    Ok(Reply::ok(after))
}

async fn remove(State(app): State<App>, caller: Caller, Path(id): Path<String>) -> ApiResult<StatusCode> {
    let mut tx = app.db.write().await?;
    let size = vmware_instance_types::get(&mut tx, &id).await?;
    vmware_instance_types::delete(&mut tx, &id).await?;
    let name = size.name.clone();
    let change = Change::new("vmware-instance-types", "delete", &id, &name).before(&view(size));
    caller.record(&mut tx, &app, change).await?;
    tx.commit().await?;
    app.wake_streams();
    Ok(StatusCode::NO_CONTENT)
}

fn taken(err: DbError, name: &str) -> ApiError {
    ApiError::of_named(err, "an instance type", name, "in this installation")
}

/// Limits of vSphere 8: 768 vCPUs and 24 TiB of a machine ("vSphere 8.0 Configuration Maximums").
fn check(size: &vmware_instance_types::VmwareInstanceType) -> ApiResult<()> {
    let wrong = |message: &str| Err(ApiError::value(message));
    match size {
        it if !(4..=24 << 20).contains(&it.memory_mib) || it.memory_mib % 4 != 0 => {
            wrong("memoryMib is a multiple of 4 from 4 to 25165824")
        }
        it if !(1..=768).contains(&it.vcpus) => wrong("vcpus is from 1 to 768"),
        it if it.cores_per_socket < 1 || it.vcpus % it.cores_per_socket != 0 => wrong("coresPerSocket divides vcpus"),
        _ => Ok(()),
    }
}

fn view(size: vmware_instance_types::VmwareInstanceType) -> VmwareInstanceType {
    VmwareInstanceType {
        id: Some(size.id),
        name: Some(size.name),
        memory_mib: Some(size.memory_mib),
        vcpus: Some(size.vcpus),
        cores_per_socket: Some(size.cores_per_socket),
    }
}
