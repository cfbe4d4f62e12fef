//! What became of a request to a server: <https://docs.openstack.org/api-ref/compute/#servers-actions-servers-os-instance-actions>.

use cloud::{CloudError, server::Order};
use serde::Deserialize;

use super::marked::{self, WITH_TAGS};
use crate::{
    catalog::Service,
    error::{Error, clean},
    session::{At, Get, Session},
};

/// From here on (Nova 22, 2020) events have `details`, for those whom the cloud's policy lets read them.
const WITH_DETAILS: &str = "2.84";

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    UnderWay,
    /// Nova is done with it, and tells of no failure.
    Ended,
    Failed {
        message: String,
    },
}

#[derive(Deserialize)]
struct Action {
    action: String,
    /// `Error` once an event has failed.
    #[serde(default)]
    message: Option<String>,
    /// The newest first.
    #[serde(default)]
    events: Vec<Event>,
}

/// One step of an action, on one host.
#[derive(Deserialize)]
struct Event {
    event: String,
    #[serde(default)]
    finish_time: Option<String>,
    /// `Success` or `Error`; none until it has finished.
    #[serde(default)]
    result: Option<String>,
    #[serde(default)]
    details: Option<String>,
}

/// What became of an order. To be asked when the server is as if it had not been given: while a server is worked on,
/// its own state says so. An action that this credential may not see has ended.
pub(super) async fn outcome(
    session: &Session,
    region: &str,
    server_id: &str,
    order: &Order,
) -> Result<Outcome, CloudError> {
    #[derive(Deserialize)]
    struct One {
        #[serde(rename = "instanceAction")]
        action: Action,
    }
    // A request id goes into a path: nothing but what Nova makes.
    let is_sound = |it: &&String| it.chars().all(|it| it.is_ascii_alphanumeric() || it == '-');
    let (Some(path), Some(request_id)) = (marked::path(server_id), order.request_id.as_ref().filter(is_sound)) else {
        return Ok(Outcome::Ended);
    };
    let path = format!("{path}/os-instance-actions/{request_id}");
    let call = Get::new(At { service: Service::Compute, region }, &path);
    let mut found = session.get::<One>(&Get { microversion: Some(WITH_DETAILS), ..call }).await;
    if found.as_ref().is_err_and(|err| err.status() == Some(406)) {
        found = session.get::<One>(&Get { microversion: Some(WITH_TAGS), ..call }).await;
    }
    match found {
        Ok(One { action }) => Ok(ended(&action, request_id)),
        Err(err) if matches!(err.status(), Some(403 | 404)) => Ok(Outcome::Ended),
        Err(err) => Err(err.into()),
    }
}

/// The newest action of a server is this one, and did not fail.
pub(super) async fn is_newest(session: &Session, region: &str, server_id: &str, name: &str) -> Result<bool, Error> {
    #[derive(Deserialize)]
    struct All {
        #[serde(rename = "instanceActions")]
        actions: Vec<Action>,
    }
    let Some(path) = marked::path(server_id) else { return Ok(false) };
    let path = format!("{path}/os-instance-actions");
    let call = Get::new(At { service: Service::Compute, region }, &path);
    let All { actions } = session.get(&Get { microversion: Some(WITH_TAGS), ..call }).await?;
    Ok(actions.first().is_some_and(|it| it.action == name && it.message.is_none()))
}

fn ended(action: &Action, request_id: &str) -> Outcome {
    if action.events.iter().any(|it| it.finish_time.is_none()) {
        return Outcome::UnderWay;
    }
    let failed = action.events.iter().find(|it| it.result.as_deref() == Some("Error"));
    if failed.is_none() && action.message.is_none() {
        return Outcome::Ended;
    }
    let why = match failed {
        Some(Event { details: Some(details), .. }) => clean(details),
        Some(Event { event, .. }) => {
            format!("{} ended with an error; Nova tells only its administrator why", clean(event))
        }
        None => clean(action.message.as_deref().unwrap_or_default()),
    };
    Outcome::Failed { message: format!("Nova gave up on {}: {why} (request {request_id})", clean(&action.action)) }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn an_action_has_ended_with_its_last_event() {
        let check = |message: Value, events: Value, expected: Outcome| {
            let action = json!({ "action": "resize", "message": message, "events": events });
            assert_eq!(ended(&serde_json::from_value(action).unwrap(), "req-1"), expected, "{events}");
        };
        let event = |result: Value, details: Value| {
            let finished = result.is_string().then_some("2026-11-22T18:51:53.000000");
            json!({ "event": "cold_migrate", "finish_time": finished, "result": result, "details": details })
        };
        let failed =
            |text: &str| Outcome::Failed { message: format!("Nova gave up on resize: {text} (request req-1)") };
        let (running, good) = (event(Value::Null, Value::Null), event("Success".into(), Value::Null));
        let silent = event("Error".into(), Value::Null);
        let told = event("Error".into(), "No valid host was found.".into());
        check(Value::Null, json!([good, running]), Outcome::UnderWay);
        // A host gave up, and another is being asked.
        check("Error".into(), json!([running, silent]), Outcome::UnderWay);
        check(Value::Null, json!([good, good]), Outcome::Ended);
        check("Error".into(), json!([told, good]), failed("No valid host was found."));
        check("Error".into(), json!([]), failed("Error"));
        let only = "cold_migrate ended with an error; Nova tells only its administrator why";
        check("Error".into(), json!([good, silent]), failed(only));
    }
}
