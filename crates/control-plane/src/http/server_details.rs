//! What only a cloud knows of one server, asked when somebody looks.

use std::sync::Arc;

use api_types::{
    server_details::{ConsoleOutput, ServerDetails, ServerDisk, ServerFloatingIp, ServerSnapshot},
    server_operations::RemoteConsole,
};
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use cloud::{CloudError, LocationId, operation};
use http::header;
use serde::Deserialize;

use super::{
    allocations,
    caller::Caller,
    error::{ApiError, ApiResult},
    extract::{Path, Query},
    list::ListQuery,
    reply::Reply,
    route::{Access::Needs, Routes, get},
    servers::of_environment,
};
use crate::{
    app::App,
    clouds::{Aim, Clouds, Connected, Opening},
    permission::Permission as P,
};

const LINES: u32 = 200;
const MOST_LINES: u32 = 10_000;
const QUERY: &[(&str, &str)] = &[("lines", "How many lines at most, from the end: 1 to 10000; default 200.")];

pub fn routes(routes: &mut Routes) {
    macro_rules! below {
        ($rest:literal) => {
            concat!("/user/{envId}/servers/{serverId}/", $rest)
        };
    }
    // A console may show secrets, so to see it takes more than to see the server.
    let console = |path, summary| get(path, Needs(P::ServersManage), summary);
    let snapshots = "List the snapshots of a server, as its cloud has them now";
    routes
        .add(
            get(below!("details/"), Needs(P::ServersRead), "Ask the cloud for disks, snapshots and floating IPs")
                .gives::<ServerDetails>(),
            show,
        )
        .add(get(below!("snapshots/"), Needs(P::ServersRead), snapshots).lists::<ServerSnapshot>(&[]), list_snapshots)
        .add(
            console(below!("console-output/"), "Get the end of a server's serial console; it may show secrets")
                .gives::<ConsoleOutput>()
                .query(QUERY),
            console_output,
        )
        .add(
            console(below!("console-picture/"), "Get a picture of a server's screen (vSphere); it may show secrets")
                .sends("image/png"),
            console_picture,
        );
}

type ServerPath = Path<(i64, String)>;

async fn show(State(app): State<App>, caller: Caller, Path((_, id)): ServerPath) -> ApiResult<Reply<ServerDetails>> {
    Ok(Reply::ok(details(&app, &caller, &id).await?))
}

async fn list_snapshots(
    State(app): State<App>,
    caller: Caller,
    Path((_, id)): ServerPath,
    query: ListQuery,
) -> ApiResult<Reply<Vec<ServerSnapshot>>> {
    let snapshots = details(&app, &caller, &id).await?.snapshots;
    Ok(Reply::list(query.page_of(snapshots), &query))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Lines {
    lines: Option<u32>,
}

async fn console_output(
    State(app): State<App>,
    caller: Caller,
    Path((_, id)): ServerPath,
    Query(Lines { lines }): Query<Lines>,
) -> ApiResult<Reply<ConsoleOutput>> {
    let n_lines = lines.unwrap_or(LINES);
    if !(1..=MOST_LINES).contains(&n_lines) {
        return Err(ApiError::value(format!("lines is 1 to {MOST_LINES}")));
    }
    let machine = machine(&app, &caller, &id).await?;
    let output = machine.connected.cloud().console_output(&machine.location, &machine.cloud_id, n_lines).await;
    let output = output.map_err(|err| explained(err, "ask for console-picture, a picture of its screen"))?;
    Ok(Reply::ok(ConsoleOutput { output }))
}

async fn console_picture(State(app): State<App>, caller: Caller, Path((_, id)): ServerPath) -> ApiResult<Response> {
    let machine = machine(&app, &caller, &id).await?;
    let picture = machine.connected.cloud().console_picture(&machine.location, &machine.cloud_id).await;
    let picture = picture.map_err(|err| explained(err, "ask for console-output, the text of its serial console"))?;
    let headers = [
        (header::CONTENT_TYPE, "image/png"),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    Ok((headers, picture).into_response())
}

/// What a cloud of this kind has not.
fn explained(err: CloudError, instead: &str) -> ApiError {
    match err {
        CloudError::Unsupported(_) => ApiError::from(err).remedy(instead),
        other => other.into(),
    }
}

/// A machine that is in its cloud, as far as we know, and a session to ask it with.
struct Machine {
    connected: Arc<Connected>,
    location: LocationId,
    cloud_id: String,
}

async fn machine(app: &App, caller: &Caller, id: &str) -> ApiResult<Machine> {
    let mut tx = app.db.read().await?;
    let server = of_environment(&mut tx, caller, id).await?;
    drop(tx);
    let status = server.seen.status;
    let cloud_id = server.seen.cloud_id.filter(|_| server.seen.terminated_at.is_none());
    let cloud_id = cloud_id.ok_or_else(|| {
        ApiError::conflict("UnacceptableState", format!("the server is {status}: its cloud has no machine of it"))
    })?;
    let opening = Opening {
        aim: Aim::Inventory { environment_id: Some(server.environment_id) },
        purpose: "servers",
        requester: caller.requester(),
        account_id: caller.scope.account_id(),
    };
    let connected = Clouds::connect(app, &server.credential_id, &opening).await?;
    Ok(Machine { connected, location: LocationId(server.location_id), cloud_id })
}

async fn details(app: &App, caller: &Caller, id: &str) -> ApiResult<ServerDetails> {
    let machine = machine(app, caller, id).await?;
    let found = machine.connected.cloud().details(&machine.location, &machine.cloud_id).await?;
    Ok(ServerDetails {
        disks: found.disks.into_iter().map(disk).collect(),
        snapshots: found.snapshots.into_iter().map(snapshot).collect(),
        floating_ips: found.floating_ips.into_iter().map(floating_ip).collect(),
        cpu_allocation: found.cpu_allocation.as_ref().map(allocations::cpu),
        cdrom: found.cdrom,
        change_tracking: found.change_tracking,
        remote_console: found.remote_console.map(remote_console),
        usb_devices: found.usb_devices,
        memory_allocation: found.memory_allocation.as_ref().map(allocations::memory),
    })
}

fn disk(it: operation::Disk) -> ServerDisk {
    let operation::Disk { id, name, size_bytes, place, provisioning, raw_device } = it;
    let provisioning = provisioning.map(|it| match it {
        operation::Provisioning::Thin => "thin",
        operation::Provisioning::Thick => "thick",
        operation::Provisioning::EagerZeroedThick => "eagerZeroedThick",
    });
    ServerDisk { id, name, size_bytes, place, provisioning: provisioning.map(ToOwned::to_owned), raw_device }
}

fn snapshot(it: operation::Snapshot) -> ServerSnapshot {
    let operation::Snapshot { id, name, description, status, parent, size_bytes, created_at } = it;
    ServerSnapshot { id, name, description, status, parent, size_bytes, created: created_at }
}

fn remote_console(it: operation::RemoteConsole) -> RemoteConsole {
    let operation::RemoteConsole { max_connections, lock_guest } = it;
    RemoteConsole { max_connections, lock_guest }
}

fn floating_ip(it: operation::FloatingIp) -> ServerFloatingIp {
    let operation::FloatingIp { id, address, fixed_address } = it;
    ServerFloatingIp { id, address, fixed_address }
}
