//! Runs of validations, finished and running.

use std::{convert::Infallible, time::Duration};

use api_types::validations::Validation;
use axum::{
    extract::State,
    response::{
        IntoResponse, Response, Sse,
        sse::{Event, KeepAlive},
    },
};
use http::HeaderMap;
use serde::Deserialize;
use store::{Tx, validations};

use super::{
    caller::Caller,
    cloud_credentials::visible,
    error::{ApiError, ApiResult},
    reply::Reply,
    route::{Access::Needs, Routes, get},
};
use crate::http::extract::Path;
use crate::{app::App, permission::Permission as P, validation};

/// How often a stream looks on its own, for checks that another control plane wrote.
const LOOK_EVERY: Duration = Duration::from_secs(2);

pub fn routes(routes: &mut Routes) {
    macro_rules! both {
        ($path:literal) => {
            [concat!("/global/", $path), concat!("/account/{accountId}/", $path)]
        };
    }
    for path in both!("validations/{validationId}/") {
        let summary = "Get the report of a validation, which may still run";
        routes.add(get(path, Needs(P::CloudCredentialsRead), summary).gives::<Validation>(), show);
    }
    for path in both!("validations/{validationId}/stream/") {
        let summary = "Follow a validation: an event for each check, then one for its end";
        routes.add(get(path, Needs(P::CloudCredentialsRead), summary).streams(), stream);
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Id {
    validation_id: String,
}

/// A run of the caller's scope, or of credentials that are visible in it.
async fn find(tx: &mut Tx, caller: &Caller, id: &str) -> ApiResult<validations::Validation> {
    let missing = || ApiError::not_found(format!("validation {id}"));
    let found = validations::get(tx, id).await.map_err(|_| missing())?;
    let is_own = found.account_id == caller.scope.account_id();
    let is_visible = match &found.credential_id {
        Some(credential_id) => visible(tx, caller.scope, credential_id).await.is_ok(),
        None => is_own,
    };
    if is_visible { Ok(found) } else { Err(missing()) }
}

async fn show(State(app): State<App>, caller: Caller, Path(id): Path<Id>) -> ApiResult<Reply<Validation>> {
    let mut tx = app.db.read().await?;
    let found = find(&mut tx, &caller, &id.validation_id).await?;
    Ok(Reply::ok(validation::view(&mut tx, &found).await?))
}

/// Events `check` (id: its number, data: a check) and at last `end` (data: the report). `Last-Event-ID` resumes. Without
/// `end` it ends when the caller could not open it any more.
async fn stream(State(app): State<App>, caller: Caller, Path(id): Path<Id>, headers: HeaderMap) -> ApiResult<Response> {
    let mut tx = app.db.read().await?;
    let found = find(&mut tx, &caller, &id.validation_id).await?;
    drop(tx);
    let mut seq: i64 =
        headers.get("last-event-id").and_then(|it| it.to_str().ok()).and_then(|it| it.parse().ok()).unwrap_or_default();
    let events = async_stream::stream! {
        let mut written = app.written.subscribe();
        loop {
            let Ok((rows, row)) = look(&app, &caller, &found.id, seq).await else { break };
            for check in rows {
                seq = check.seq;
                yield Ok::<_, Infallible>(Event::default().event("check").id(seq.to_string()).data(check.body.0.to_string()));
            }
            if row.ended_at.is_some() {
                if let Ok(report) = report(&app, &row).await {
                    yield Ok(Event::default().event("end").data(report));
                }
                break;
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

/// The end is read before the checks are, so that no check is missed.
async fn look(
    app: &App,
    caller: &Caller,
    id: &str,
    seq: i64,
) -> ApiResult<(Vec<validations::ValidationCheck>, validations::Validation)> {
    let mut tx = app.db.read().await?;
    let caller = caller.again(app, &mut tx).await?;
    let row = find(&mut tx, &caller, id).await?;
    Ok((validations::checks(&mut tx, id, seq).await?, row))
}

async fn report(app: &App, row: &validations::Validation) -> ApiResult<String> {
    let mut tx = app.db.read().await?;
    let view = validation::view(&mut tx, row).await?;
    serde_json::to_string(&view).map_err(ApiError::internal)
}
