//! What users ask of servers besides their power: written down here, done by the reconciler.

use api_types::{
    TextRef,
    farms::UserIdentity,
    server_operations as api,
    server_operations::{ServerOperation, ServerVolume},
};
use axum::extract::State;
use cloud::{
    Driver, Platform,
    operation::{Compatibility, Operation, Provisioning, RemoteConsole},
    server::Size,
};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use store::{
    Order, Time,
    server_operations::{self, NewServerOperation},
    servers::{self, ServerStatus as S, Wanted},
};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    allocations,
    body::{Body, text},
    caller::{Caller, Change},
    error::{ApiError, ApiResult},
    extract::Path,
    farm_roles::check_instance_type,
    inventory::{LocationPath, at, freshen},
    list::{Column, ListQuery},
    reply::Reply,
    route::{Access::Needs, Route, Routes, get, post},
    servers::of_environment,
};
use crate::{
    app::App,
    operations::{kind, size},
    permission::Permission as P,
    sync::Kind,
};

const COLUMNS: &[Column] = &[Column::text("id", "id"), Column::text("kind", "kind"), Column::text("status", "status")];
/// That wait for one server.
const MOST_UNFINISHED: usize = 20;
/// 62 TiB, the largest disk of a virtual machine.
const LARGEST_DISK_GIB: u32 = 63_488;
const LONGEST_DESCRIPTION: usize = 1024;
/// No text of VMware that we know names a limit; more look at no screen.
const MOST_CONNECTIONS: u32 = 40;
/// Of a machine or template.
const LONGEST_VSPHERE_NAME: usize = 80;

pub fn routes(routes: &mut Routes) {
    type O = ServerOperation;
    macro_rules! below {
        ($($rest:literal),+) => {
            concat!("/user/{envId}/servers/{serverId}/", $($rest),+)
        };
    }
    routes
        .add(
            get(below!("operations/"), Needs(P::ServersRead), "List what was asked of a server, the latest first")
                .lists::<O>(&["id", "kind", "status"]),
            list,
        )
        .add(
            get(below!("operations/{operationId}/"), Needs(P::ServersRead), "Get an operation on a server")
                .gives::<O>(),
            show,
        )
        .add(
            post(below!("actions/change-instance-type/"), Needs(P::ServersManage), "Give a server another size")
                .takes::<api::ChangeInstanceType>()
                .gives::<O>(),
            resize,
        );
    // The name of an action is its verb in the audit log.
    macro_rules! action {
        ($name:literal, $summary:literal, $read:expr) => {
            action!($name, P::ServersManage, $summary, $read);
        };
        ($name:literal, $permission:expr, $summary:literal, $read:expr) => {
            let path = below!("actions/", $name, "/");
            let route = post(path, Needs($permission), $summary).gives::<O>();
            operation(routes, route, $name, Reply::ok, $read);
        };
    }
    action!("add-disk", "Add a disk (vSphere)", add_disk);
    action!("add-raw-disk", P::HostDevicesManage, "Add a LUN of the host as a disk (vSphere)", add_raw_disk);
    action!("extend-disk", "Extend a disk (vSphere)", extend_disk);
    action!("remove-disk", "Remove a disk with its file (vSphere)", remove_disk);
    action!("attach-volume", "Attach a volume (OpenStack)", attach_volume);
    action!("detach-volume", "Detach a volume and keep it (OpenStack)", detach_volume);
    action!("add-floating-ip", "Give a server a floating IP (OpenStack)", add_floating_ip);
    action!("remove-floating-ip", "Take a floating IP from a server (OpenStack)", remove_floating_ip);
    action!("create-template", "Make a template of a server (vSphere)", create_template);
    action!("relocate", "Move a server to another host, resource pool or datastore (vSphere)", relocate);
    action!("set-allocation", "Set shares, reservations and limits (vSphere)", set_allocation);
    action!("connect-cdrom", "Put an ISO of a datastore into a CD drive (vSphere)", connect_cdrom);
    action!("disconnect-cdrom", "Take ISOs out of the CD drives (vSphere)", disconnect_cdrom);
    action!("set-change-tracking", "Track changed blocks for backups, or not (vSphere)", set_change_tracking);
    action!("set-remote-console", "Set the options of the remote console (vSphere)", set_remote_console);
    action!("connect-usb", P::HostDevicesManage, "Connect a USB device of the host (vSphere)", connect_usb);
    action!("disconnect-usb", "Disconnect a USB device of the host (vSphere)", disconnect_usb);
    let summary = "Make a snapshot, or an image of a Nova server";
    let route = post(below!("snapshots/"), Needs(P::ServersManage), summary).creates::<O>();
    operation(routes, route, "snapshot", Reply::created, snapshot);
}

/// A route whose request is an operation of a server.
fn operation<B>(
    routes: &mut Routes,
    route: Route,
    verb: &'static str,
    reply: fn(ServerOperation) -> Reply<ServerOperation>,
    read: fn(B) -> ApiResult<Operation>,
) where
    B: DeserializeOwned + ToSchema + 'static,
{
    let handler = move |State(app): State<App>, caller: Caller, Path((_, id)): ServerPath, body: Body| async move {
        let operation = read(body.read()?)?;
        ask(&app, &caller, &id, verb, operation, None).await.map(reply)
    };
    routes.add(route.takes::<B>(), handler);
}

type ServerPath = Path<(i64, String)>;

async fn list(
    State(app): State<App>,
    caller: Caller,
    Path((_, id)): ServerPath,
    query: ListQuery,
) -> ApiResult<Reply<Vec<ServerOperation>>> {
    let mut tx = app.db.read().await?;
    of_environment(&mut tx, &caller, &id).await?;
    let select = query.select(COLUMNS)?.eq("server_id", id);
    let select = select.order_by("created_at", Order::Descending).order_by("id", Order::Descending);
    Ok(Reply::list(server_operations::list(&mut tx, select).await?.map(view), &query))
}

async fn show(
    State(app): State<App>,
    caller: Caller,
    Path((_, server_id, id)): Path<(i64, String, String)>,
) -> ApiResult<Reply<ServerOperation>> {
    let mut tx = app.db.read().await?;
    of_environment(&mut tx, &caller, &server_id).await?;
    let found = server_operations::find(&mut tx, &id).await?.filter(|it| it.server_id == server_id);
    Ok(Reply::ok(view(found.ok_or_else(|| ApiError::not_found(format!("operation {id} of this server")))?)))
}

async fn resize(
    State(app): State<App>,
    caller: Caller,
    Path((_, id)): ServerPath,
    body: Body,
) -> ApiResult<Reply<ServerOperation>> {
    let api::ChangeInstanceType { instance_type } = body.read()?;
    let mut tx = app.db.read().await?;
    let server = of_environment(&mut tx, &caller, &id).await?;
    drop(tx);
    let platform: Platform = server.platform.parse().map_err(ApiError::internal)?;
    if platform.driver() == Driver::Openstack {
        // So that its flavors are known.
        let path = LocationPath { cloud_platform: server.platform, cloud_location: server.location_id.clone() };
        let at = at(&app, &caller, &path).await?;
        freshen(&app, &caller, &at, Kind::InstanceTypes, None, app.config().instance_types_lifetime).await?;
    }
    let mut tx = app.db.read().await?;
    check_instance_type(&mut tx, &server.credential_id, platform, &server.location_id, &instance_type.id).await?;
    let size = size(&mut tx, platform.driver(), &instance_type.id).await?;
    drop(tx);
    let operation = Operation::Resize { size };
    ask(&app, &caller, &id, "change-instance-type", operation, Some(instance_type.id)).await.map(Reply::ok)
}

fn snapshot(it: api::NewServerSnapshot) -> ApiResult<Operation> {
    let api::NewServerSnapshot { name, description } = it;
    text("name", &name)?;
    if description.chars().count() > LONGEST_DESCRIPTION {
        return Err(ApiError::value(format!("\"description\" has more than {LONGEST_DESCRIPTION} characters")));
    }
    Ok(Operation::Snapshot { name, description })
}

fn add_disk(it: api::AddDisk) -> ApiResult<Operation> {
    let provisioning = match it.provisioning.unwrap_or(api::Provisioning::Thin) {
        api::Provisioning::Thin => Provisioning::Thin,
        api::Provisioning::Thick => Provisioning::Thick,
        api::Provisioning::EagerZeroedThick => Provisioning::EagerZeroedThick,
    };
    Ok(Operation::AddDisk { size_gib: disk_size(it.size_gib)?, provisioning })
}

fn add_raw_disk(it: api::AddRawDisk) -> ApiResult<Operation> {
    let api::AddRawDisk { lun, compatibility } = it;
    text("lun", &lun)?;
    let compatibility = match compatibility {
        api::Compatibility::Physical => Compatibility::Physical,
        api::Compatibility::Virtual => Compatibility::Virtual,
    };
    Ok(Operation::AddRawDisk { lun, compatibility })
}

fn extend_disk(it: api::ExtendDisk) -> ApiResult<Operation> {
    Ok(Operation::ExtendDisk { disk: named("disk", it.disk)?, size_gib: disk_size(it.size_gib)? })
}

fn remove_disk(it: api::RemoveDisk) -> ApiResult<Operation> {
    Ok(Operation::RemoveDisk { disk: named("disk", it.disk)? })
}

fn attach_volume(it: ServerVolume) -> ApiResult<Operation> {
    Ok(Operation::AttachVolume { volume: named("volume", it.volume)? })
}

fn detach_volume(it: ServerVolume) -> ApiResult<Operation> {
    Ok(Operation::DetachVolume { volume: named("volume", it.volume)? })
}

fn add_floating_ip(it: api::AddFloatingIp) -> ApiResult<Operation> {
    match (it.pool, it.floating_ip) {
        (Some(pool), None) => Ok(Operation::AddFloatingIp { pool: named("pool", pool)? }),
        (None, Some(it)) => Ok(Operation::AssociateFloatingIp { floating_ip: named("floatingIp", it)? }),
        _ => Err(ApiError::value("give either pool, for any address of it, or floatingIp, for one that is there")),
    }
}

fn remove_floating_ip(it: api::RemoveFloatingIp) -> ApiResult<Operation> {
    Ok(Operation::RemoveFloatingIp { floating_ip: named("floatingIp", it.floating_ip)? })
}

fn create_template(it: api::CreateTemplate) -> ApiResult<Operation> {
    let api::CreateTemplate { name, folder, datastore } = it;
    text("name", &name)?;
    if name.chars().count() > LONGEST_VSPHERE_NAME {
        return Err(ApiError::value(format!("\"name\" has more than {LONGEST_VSPHERE_NAME} characters")));
    }
    let folder = folder.map(|it| named("folder", it)).transpose()?;
    let datastore = datastore.map(|it| named("datastore", it)).transpose()?;
    Ok(Operation::CreateTemplate { name, folder, datastore })
}

fn relocate(it: api::Relocate) -> ApiResult<Operation> {
    let api::Relocate { host, resource_pool, datastore } = it;
    let host = host.map(|it| named("host", it)).transpose()?;
    let resource_pool = resource_pool.map(|it| named("resourcePool", it)).transpose()?;
    let datastore = datastore.map(|it| named("datastore", it)).transpose()?;
    if host.is_none() && resource_pool.is_none() && datastore.is_none() {
        return Err(ApiError::value("nothing says where it is to go: give a host, a resource pool or a datastore"));
    }
    Ok(Operation::Relocate { host, resource_pool, datastore })
}

fn set_allocation(it: api::SetAllocation) -> ApiResult<Operation> {
    let (cpu, memory) = allocations::read(it)?;
    Ok(Operation::SetAllocation { cpu, memory })
}

fn connect_cdrom(it: api::ConnectCdrom) -> ApiResult<Operation> {
    text("iso", &it.iso)?;
    let file =
        it.iso.strip_prefix('[').and_then(|it| it.split_once("] ")).filter(|(datastore, _)| !datastore.is_empty());
    // Nothing else: as a CD, a machine could read the disk of another.
    let is_iso =
        |file: &str| file.to_lowercase().ends_with(".iso") && file.split('/').all(|it| it != ".." && !it.is_empty());
    match file {
        Some((_, file)) if is_iso(file) => Ok(Operation::ConnectCdrom { iso: it.iso }),
        _ => Err(ApiError::value("iso is \"[datastore] folder/image.iso\"")),
    }
}

fn disconnect_cdrom(_: api::DisconnectCdrom) -> ApiResult<Operation> {
    Ok(Operation::DisconnectCdrom)
}

fn set_change_tracking(it: api::SetChangeTracking) -> ApiResult<Operation> {
    Ok(Operation::SetChangeTracking { enabled: it.enabled })
}

fn set_remote_console(it: api::RemoteConsole) -> ApiResult<Operation> {
    let api::RemoteConsole { max_connections, lock_guest } = it;
    if max_connections.is_some_and(|it| !(1..=MOST_CONNECTIONS).contains(&it)) {
        return Err(ApiError::value(format!("maxConnections is 1 to {MOST_CONNECTIONS}")));
    }
    if max_connections.is_none() && lock_guest.is_none() {
        return Err(ApiError::value("nothing is to be set: give maxConnections or lockGuest"));
    }
    Ok(Operation::SetRemoteConsole { console: RemoteConsole { max_connections, lock_guest } })
}

fn connect_usb(it: api::UsbDevice) -> ApiResult<Operation> {
    text("device", &it.device)?;
    Ok(Operation::ConnectUsb { device: it.device })
}

fn disconnect_usb(it: api::UsbDevice) -> ApiResult<Operation> {
    text("device", &it.device)?;
    Ok(Operation::DisconnectUsb { device: it.device })
}

/// Writes down what is wanted, with who it was; the reconciler is told.
async fn ask(
    app: &App,
    caller: &Caller,
    server_id: &str,
    verb: &'static str,
    operation: Operation,
    instance_type_id: Option<String>,
) -> ApiResult<ServerOperation> {
    let mut tx = app.db.write().await?;
    let server = of_environment(&mut tx, caller, server_id).await?;
    check(&server, &operation, instance_type_id.as_deref())?;
    let unfinished = server_operations::unfinished_of_server(&mut tx, server_id).await?;
    let is_resize = |it: &Operation| matches!(it, Operation::Resize { .. });
    let is_same = |it: &Operation| *it == operation || (is_resize(it) && is_resize(&operation));
    if let Some(same) = unfinished.iter().find(|it| is_same(&it.operation)) {
        let message = format!("the same was asked for already and is {}: operation {}", same.status, same.id);
        return Err(ApiError::conflict("UnacceptableState", message).remedy("wait until it has ended"));
    }
    if unfinished.len() >= MOST_UNFINISHED {
        let message = format!("{MOST_UNFINISHED} operations wait for this server already");
        return Err(ApiError::conflict("UnacceptableState", message).remedy("wait until some have ended"));
    }
    let now = Time::now();
    let new = NewServerOperation {
        id: Uuid::now_v7().to_string(),
        server_id: server.id.clone(),
        environment_id: server.environment_id,
        kind: kind(&operation).to_owned(),
        operation,
        instance_type_id,
        requested_by_id: caller.user.id,
        requested_by_email: caller.user.email.clone(),
    };
    let view = view(server_operations::insert(&mut tx, &new, now).await?);
    servers::look_now(&mut tx, server_id, now).await?;
    let name = server.seen.spec.as_ref().map(|it| it.name.clone()).unwrap_or_default();
    caller.record(&mut tx, app, Change::new("servers", verb, server_id, &name).after(&view)).await?;
    tx.commit().await?;
    app.wake_streams();
    app.wake.wake();
    Ok(view)
}

/// That the server is in a state for it, and in a cloud that knows such a thing.
fn check(server: &servers::Server, operation: &Operation, instance_type_id: Option<&str>) -> ApiResult<()> {
    let platform: Platform = server.platform.parse().map_err(ApiError::internal)?;
    let other = match (operation, platform.driver()) {
        (
            Operation::AddDisk { .. }
            | Operation::AddRawDisk { .. }
            | Operation::ExtendDisk { .. }
            | Operation::RemoveDisk { .. },
            Driver::Openstack,
        ) => Some(("servers of OpenStack have volumes", "attach or detach a volume")),
        (Operation::CreateTemplate { .. }, Driver::Openstack) => {
            Some(("OpenStack has no templates", "make a snapshot, which is an image"))
        }
        (Operation::ConnectCdrom { .. } | Operation::DisconnectCdrom, Driver::Openstack) => {
            Some(("OpenStack connects no ISO to a server", "launch a server from an image of the ISO"))
        }
        (Operation::SetChangeTracking { .. }, Driver::Openstack) => {
            Some(("OpenStack tracks no changed blocks of servers", "use the backups of volumes"))
        }
        (Operation::SetRemoteConsole { .. }, Driver::Openstack) => {
            Some(("OpenStack has no options of the console of a server", "use its console as it is"))
        }
        (Operation::ConnectUsb { .. } | Operation::DisconnectUsb { .. }, Driver::Openstack) => {
            Some(("OpenStack gives no USB devices of hosts to servers", "use a server on vSphere"))
        }
        (Operation::Relocate { .. }, Driver::Openstack) => {
            Some(("where a server runs is decided by Nova", "ask the cloud's operator to migrate it"))
        }
        (Operation::SetAllocation { .. }, Driver::Openstack) => {
            Some(("on OpenStack shares and limits are those of the flavor", "choose another instance type"))
        }
        (Operation::AttachVolume { .. } | Operation::DetachVolume { .. }, Driver::Vsphere) => {
            Some(("virtual machines have disks", "add, extend or remove a disk"))
        }
        (
            Operation::AddFloatingIp { .. }
            | Operation::AssociateFloatingIp { .. }
            | Operation::RemoveFloatingIp { .. },
            Driver::Vsphere,
        ) => Some(("vSphere has no floating IPs", "give the machine a network with the address it needs")),
        _ => None,
    };
    if let Some((message, remedy)) = other {
        return Err(ApiError::conflict("UnacceptableObjectConfiguration", message).remedy(remedy));
    }
    match (server.seen.status, server.wanted) {
        (S::Running, Wanted::Running) | (S::Suspended, Wanted::Suspended) => {}
        (status, wanted) => {
            let message = format!("the server is {status} and is to be {wanted}: it has to be running or suspended");
            return Err(ApiError::conflict("UnacceptableState", message).remedy("ask again when it is"));
        }
    }
    if instance_type_id == Some(&server.instance_type_id) {
        let message = format!("the server has the instance type {:?} already", server.instance_type_id);
        return Err(ApiError::conflict("UnacceptableState", message).remedy("choose another"));
    }
    Ok(())
}

fn named(key: &str, it: TextRef) -> ApiResult<String> {
    text(key, &it.id)?;
    Ok(it.id)
}

fn disk_size(size_gib: u32) -> ApiResult<u32> {
    match (1..=LARGEST_DISK_GIB).contains(&size_gib) {
        true => Ok(size_gib),
        false => Err(ApiError::value(format!("sizeGib is 1 to {LARGEST_DISK_GIB}"))),
    }
}

fn view(row: server_operations::ServerOperation) -> ServerOperation {
    let order = row.cloud_order.map(|it| it.0);
    let evidence = order.map_or_else(Vec::new, |it| vec![("order", Some(it.id)), ("requestId", it.request_id)]);
    ServerOperation {
        parameters: parameters(&row.operation, row.instance_type_id.as_deref()),
        id: row.id,
        server: TextRef { id: row.server_id },
        kind: row.kind,
        status: row.status.to_string(),
        requested_by: UserIdentity { id: row.requested_by_id, email: Some(row.requested_by_email) },
        added: row.created_at.0,
        started: row.started_at.map(|it| it.0),
        ended: row.ended_at.map(|it| it.0),
        result: row.cloud_result.map(|id| TextRef { id }),
        evidence: evidence.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect(),
        failure: row.failure.and_then(|it| serde_json::from_value(it.0).ok()),
    }
}

/// As the requests have them.
fn parameters(operation: &Operation, instance_type_id: Option<&str>) -> Map<String, Value> {
    let reference = |id: &Option<String>| id.as_ref().map(|it| json!({ "id": it }));
    let value = match operation {
        Operation::Resize { size } => {
            let flavor = match size {
                Size::Flavor(id) => Some(id.as_str()),
                Size::Custom { .. } => None,
            };
            json!({ "instanceType": { "id": instance_type_id.or(flavor) } })
        }
        Operation::Snapshot { name, description } => json!({ "name": name, "description": description }),
        Operation::AddDisk { size_gib, provisioning } => json!({ "sizeGib": size_gib, "provisioning": provisioning }),
        Operation::AddRawDisk { lun, compatibility } => json!({ "lun": lun, "compatibility": compatibility }),
        Operation::ExtendDisk { disk, size_gib } => json!({ "disk": { "id": disk }, "sizeGib": size_gib }),
        Operation::RemoveDisk { disk } => json!({ "disk": { "id": disk } }),
        Operation::AttachVolume { volume } | Operation::DetachVolume { volume } => {
            json!({ "volume": { "id": volume } })
        }
        Operation::AddFloatingIp { pool } => json!({ "pool": { "id": pool } }),
        Operation::AssociateFloatingIp { floating_ip } | Operation::RemoveFloatingIp { floating_ip } => {
            json!({ "floatingIp": { "id": floating_ip } })
        }
        Operation::ConnectCdrom { iso } => json!({ "iso": iso }),
        Operation::DisconnectCdrom => json!({}),
        Operation::SetChangeTracking { enabled } => json!({ "enabled": enabled }),
        Operation::ConnectUsb { device } | Operation::DisconnectUsb { device } => json!({ "device": device }),
        Operation::SetRemoteConsole { console } => {
            json!({ "maxConnections": console.max_connections, "lockGuest": console.lock_guest })
        }
        Operation::SetAllocation { cpu, memory } => {
            json!({ "cpu": allocations::cpu(cpu), "memory": allocations::memory(memory) })
        }
        Operation::Relocate { host, resource_pool, datastore } => json!({
            "host": reference(host), "resourcePool": reference(resource_pool), "datastore": reference(datastore),
        }),
        Operation::CreateTemplate { name, folder, datastore } => {
            json!({ "name": name, "folder": reference(folder), "datastore": reference(datastore) })
        }
    };
    value.as_object().cloned().unwrap_or_default()
}
