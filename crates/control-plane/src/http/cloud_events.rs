//! What a cloud says came to pass in it, asked when somebody looks.

use api_types::cloud_events::{CloudEvent, CloudEvents, CloudEventsNext, CloudObject};
use axum::extract::State;
use cloud::event::{self, EventPage, EventQuery};
use jiff::Timestamp;
use serde::Deserialize;

use super::{
    caller::Caller,
    error::{ApiError, ApiResult},
    extract::{Path, Query},
    inventory::{LocationPath, asked},
    reply::Reply,
    route::{Access::Needs, Routes, get},
};
use crate::{app::App, permission::Permission as P};

const EVENTS: usize = 100;
const MOST_EVENTS: usize = 500;
const QUERY: &[(&str, &str)] = &[
    ("machine", "Id of a machine, for its events alone; without, of all in the datacenter."),
    ("since", "RFC 3339: events of this time and later."),
    ("until", "RFC 3339: events of this time and earlier."),
    ("before", "Id of an event: of those, the ones before it. With `until`, as `next` of the page before has them."),
    ("maxResults", "How many events at most: 1 to 500; default 100."),
];

pub fn routes(routes: &mut Routes) {
    routes.add(
        get(
            "/user/{envId}/clouds/{cloudPlatform}/cloud-locations/{cloudLocation}/cloud-events/",
            Needs(P::CloudEventsRead),
            "List what a vCenter says came to pass, newest first",
        )
        .gives::<CloudEvents>()
        .query(QUERY),
        list,
    );
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Wanted {
    machine: Option<String>,
    since: Option<String>,
    until: Option<String>,
    before: Option<i64>,
    max_results: Option<usize>,
}

async fn list(
    State(app): State<App>,
    caller: Caller,
    Path(path): Path<LocationPath>,
    Query(wanted): Query<Wanted>,
) -> ApiResult<Reply<CloudEvents>> {
    let n_events = wanted.max_results.unwrap_or(EVENTS);
    if !(1..=MOST_EVENTS).contains(&n_events) {
        return Err(ApiError::value(format!("maxResults is 1 to {MOST_EVENTS}")));
    }
    let query = EventQuery {
        machine: wanted.machine,
        since: moment("since", wanted.since)?,
        until: moment("until", wanted.until)?,
        before: wanted.before,
        n_events,
    };
    let asked = asked(&app, &caller, &path, "events").await?;
    let EventPage { events, next } = asked.connected.cloud().events(&asked.location, &query).await?;
    Ok(Reply::ok(CloudEvents {
        events: events.into_iter().map(view).collect(),
        next: next.map(|(until, before)| CloudEventsNext { until, before }),
    }))
}

fn moment(name: &str, text: Option<String>) -> ApiResult<Option<Timestamp>> {
    let wrong = |_| ApiError::value(format!("{name} is no RFC 3339 time such as 2026-11-22T03:42:38Z"));
    text.map(|it| it.parse().map_err(wrong)).transpose()
}

fn view(it: event::CloudEvent) -> CloudEvent {
    let event::CloudEvent { key, at, kind, message, user, severity, objects } = it;
    let object = |it: event::CloudObject| CloudObject { kind: it.kind, id: it.id, name: it.name };
    let objects = objects.into_iter().map(object).collect();
    CloudEvent { id: key, at, event: kind, message, user, severity, objects }
}
