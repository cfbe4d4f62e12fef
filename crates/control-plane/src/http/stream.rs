//! Live changes as server-sent events.

use std::{convert::Infallible, time::Duration};

use axum::{
    extract::State,
    response::{
        IntoResponse, Response, Sse,
        sse::{Event, KeepAlive},
    },
};
use http::HeaderMap;
use serde::Deserialize;
use serde_json::{Value, json};
use store::events::{self, Audience};

use super::{
    caller::Caller,
    error::ApiResult,
    extract::Query,
    route::{Access::Needs, Routes, get},
};
use crate::{
    app::App,
    permission::{Permission as P, Scope},
};

/// How often a stream looks on its own, for events that another control plane wrote.
const LOOK_EVERY: Duration = Duration::from_secs(2);
const PAGE: i64 = 200;
const QUERY: &[(&str, &str)] =
    &[("lastEventId", "tell what followed this event; for browsers, which cannot send `Last-Event-ID` at first")];

pub fn routes(routes: &mut Routes) {
    let summary = "Follow changes of credentials, environments, validations, syncs and inventory";
    let mut add = |path, permission| {
        routes.add(get(path, Needs(permission), summary).query(QUERY).streams(), stream);
    };
    add("/global/stream/", P::AccountsRead);
    add("/account/{accountId}/stream/", P::EnvironmentsRead);
    add("/user/{envId}/stream/", P::EnvironmentsRead);
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Since {
    last_event_id: Option<i64>,
}

/// Begins with `hello` whose id is where the stream stands; each event is named by its topic. After `Last-Event-ID`, or
/// `lastEventId` of the query where a browser opens it, nothing is missed; where that is too long ago, `reset` says that everything is to be read anew. Ends when the caller
/// could not open it any more; opening it again then tells why.
async fn stream(
    State(app): State<App>,
    caller: Caller,
    Query(since): Query<Since>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let resumed = headers.get("last-event-id").and_then(|it| it.to_str().ok()).and_then(|it| it.parse::<i64>().ok());
    // A browser that connects again repeats the query and adds the header, which is newer.
    let resumed = resumed.or(since.last_event_id);
    let mut tx = app.db.read().await?;
    let newest = events::newest_seq(&mut tx).await?;
    let oldest = events::oldest_seq(&mut tx).await?;
    drop(tx);
    let is_gap = resumed.is_some_and(|seq| seq > newest || seq + 1 < oldest.unwrap_or(newest + 1));
    let mut seq = resumed.filter(|_| !is_gap).unwrap_or(newest);
    let events = async_stream::stream! {
        let first = if is_gap { "reset" } else { "hello" };
        yield Ok::<_, Infallible>(Event::default().event(first).id(seq.to_string()).data("{}"));
        let mut written = app.written.subscribe();
        loop {
            let Ok((caller, rows)) = look(&app, &caller, seq).await else { break };
            let is_full = rows.len() as i64 == PAGE;
            for row in rows {
                seq = row.seq;
                if !may_see(&caller, &row) {
                    continue;
                }
                let body = body(&caller, &row);
                let data = json!({ "id": row.object_id, "kind": row.kind, "at": row.at.0, "body": body });
                yield Ok(Event::default().event(row.topic).id(seq.to_string()).data(data.to_string()));
            }
            if is_full {
                continue;
            }
            tokio::select! {
                _ = written.changed() => {}
                () = tokio::time::sleep(LOOK_EVERY) => {}
                () = app.stopping.cancelled() => break,
            }
        }
    };
    Ok(Sse::new(events).keep_alive(KeepAlive::default()).into_response())
}

/// An event tells what its object would: to those who may read that, in the scope it belongs to. What accounts see of
/// the Scalr scope are its cloud credentials, what is found with them, its images and roles, cost
/// centers and projects.
fn may_see(caller: &Caller, event: &events::Event) -> bool {
    let permission = match event.topic.as_str() {
        "accounts" => P::AccountsRead,
        "users" | "api-keys" | "tokens" | "sessions" => P::UsersRead,
        "teams" | "team-members" | "environment-teams" => P::TeamsRead,
        "acl-roles" => P::AclRolesRead,
        "environments" => P::EnvironmentsRead,
        "cost-centers" => P::CostCentersRead,
        "projects" => P::ProjectsRead,
        "clouds" => P::CloudsRead,
        "images" => P::ImagesRead,
        "roles" | "role-categories" => P::RolesRead,
        "farms" | "farm-roles" | "keypairs" => P::FarmsRead,
        "servers" => P::ServersRead,
        "volumes" => P::VolumesRead,
        "networks" | "security-groups" | "floating-ips" => P::NetworksRead,
        "vmware-instance-types" => P::InstanceTypesRead,
        "cloud-credentials" | "validations" => P::CloudCredentialsRead,
        _ => P::InventoryRead,
    };
    let is_shared = matches!(permission, P::CloudCredentialsRead | P::InventoryRead) && event.credential_id.is_some()
        || matches!(
            event.topic.as_str(),
            "cloud-credentials" | "images" | "roles" | "role-categories" | "cost-centers" | "projects"
        );
    let scope = match event.account_id {
        None if !is_shared => Scope::Scalr,
        Some(id) if Some(id) != caller.scope.account_id() => Scope::Account(id),
        _ => caller.scope,
    };
    caller.may(permission, scope).is_ok()
}

/// Who uses what all accounts share is told to the Scalr scope alone.
fn body(caller: &Caller, event: &events::Event) -> Value {
    let mut body = event.body.0.clone();
    if event.account_id.is_none()
        && caller.scope != Scope::Scalr
        && let Some(fields) = body.as_object_mut()
    {
        fields.retain(|name, _| !["usedBy", "lastUses"].contains(&name.as_str()));
    }
    body
}

/// Who asks, what they may see and which credentials an environment uses is looked up each time, since all of it changes
/// while the stream runs: nobody is told what was written after they lost the permission to see it.
async fn look(app: &App, caller: &Caller, seq: i64) -> ApiResult<(Caller, Vec<events::Event>)> {
    let mut tx = app.db.read().await?;
    let caller = caller.again(app, &mut tx).await?;
    let found = match caller.scope {
        Scope::Scalr => events::after(&mut tx, seq, Audience::Everything, PAGE).await?,
        Scope::Account(id) => events::after(&mut tx, seq, Audience::Account(id), PAGE).await?,
        Scope::Environment { id, .. } => {
            let links = store::environment_clouds::list_of_environment(&mut tx, id).await?;
            let credential_ids: Vec<String> = links.into_iter().map(|it| it.credential_id).collect();
            let audience = Audience::Environment { environment_id: id, credential_ids: &credential_ids };
            events::after(&mut tx, seq, audience, PAGE).await?
        }
    };
    Ok((caller, found))
}
