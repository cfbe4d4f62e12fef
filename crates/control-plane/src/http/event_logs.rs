//! What came to pass with servers, with what to look for in the cloud's own logs.

use api_types::{IntegerRef, TextRef, servers::EventLogEntry};
use axum::extract::State;
use store::event_logs;

use super::{
    caller::Caller,
    error::{ApiError, ApiResult},
    list::{Column, ListQuery},
    reply::Reply,
    route::{Access::Needs, Routes, get},
};
use crate::http::extract::Path;
use crate::{app::App, permission::Permission as P};

const COLUMNS: &[Column] = &[
    Column::text("id", "id"),
    Column::text("server", "server_id"),
    Column::number("farm", "farm_id"),
    Column::text("event", "event"),
    Column::number("at", "at"),
];

pub fn routes(routes: &mut Routes) {
    type E = EventLogEntry;
    routes
        .add(
            get(
                "/user/{envId}/event-logs/",
                Needs(P::ServersRead),
                "List what came to pass with servers, in its order",
            )
            .lists::<E>(&["id", "server", "farm", "event"])
            .sorts(&["at"]),
            list,
        )
        .add(
            get("/user/{envId}/event-logs/{id}/", Needs(P::ServersRead), "Get an entry of the event log").gives::<E>(),
            show,
        );
}

async fn list(State(app): State<App>, caller: Caller, query: ListQuery) -> ApiResult<Reply<Vec<EventLogEntry>>> {
    let environment_id = caller.scope.environment_id().unwrap_or_default();
    let mut tx = app.db.read().await?;
    let found = event_logs::list(&mut tx, query.select(COLUMNS)?.eq("environment_id", environment_id)).await?;
    Ok(Reply::list(found.map(view), &query))
}

async fn show(
    State(app): State<App>,
    caller: Caller,
    Path((environment_id, id)): Path<(i64, String)>,
) -> ApiResult<Reply<EventLogEntry>> {
    let mut tx = app.db.read().await?;
    let entry = event_logs::find(&mut tx, &id).await?;
    let own =
        entry.filter(|it| it.environment_id == environment_id && caller.scope.environment_id() == Some(environment_id));
    Ok(Reply::ok(view(own.ok_or_else(|| ApiError::not_found(format!("entry {id} of the event log")))?)))
}

fn view(entry: event_logs::EventLog) -> EventLogEntry {
    EventLogEntry {
        id: entry.id,
        event: TextRef { id: entry.event },
        message: entry.message,
        evidence: entry.evidence.0,
        server: TextRef { id: entry.server_id },
        farm: IntegerRef { id: entry.farm_id },
        farm_role: IntegerRef { id: entry.farm_role_id },
        at: entry.at.0,
    }
}
