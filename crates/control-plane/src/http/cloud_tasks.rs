//! What a cloud does and did lately, asked when somebody looks; and the end of it.

use api_types::{cloud_events::CloudObject, cloud_tasks::CloudTask};
use axum::extract::State;
use cloud::task;
use serde::Deserialize;
use serde_json::json;

use super::{
    caller::Caller,
    cloud_change::{Asked, carry_out},
    error::ApiResult,
    extract::Path,
    inventory::{LocationPath, asked, to_change},
    list::ListQuery,
    reply::Reply,
    route::{Access::Needs, Routes, get, post},
};
use crate::{app::App, permission::Permission as P};

pub fn routes(routes: &mut Routes) {
    macro_rules! below {
        ($rest:literal) => {
            concat!("/user/{envId}/clouds/{cloudPlatform}/cloud-locations/{cloudLocation}/cloud-tasks/", $rest)
        };
    }
    routes
        .add(
            get(below!(""), Needs(P::CloudTasksRead), "List what a vCenter does and did in the last minutes")
                .lists::<CloudTask>(&["state"]),
            list,
        )
        .add(
            post(below!("{taskId}/actions/cancel/"), Needs(P::CloudTasksCancel), "Have a vCenter end a task")
                .gives::<CloudTask>(),
            cancel,
        );
}

async fn list(
    State(app): State<App>,
    caller: Caller,
    Path(path): Path<LocationPath>,
    query: ListQuery,
) -> ApiResult<Reply<Vec<CloudTask>>> {
    let asked = asked(&app, &caller, &path, "tasks").await?;
    let found = asked.connected.cloud().tasks(&asked.location).await?;
    let state = query.filter("state");
    let views = found.into_iter().map(view).filter(|it| state.is_none_or(|state| it.state == state));
    Ok(Reply::list(query.page_of(views.collect()), &query))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TaskPath {
    #[serde(flatten)]
    at: LocationPath,
    task_id: String,
}

async fn cancel(
    State(app): State<App>,
    caller: Caller,
    Path(TaskPath { at, task_id }): Path<TaskPath>,
) -> ApiResult<Reply<CloudTask>> {
    let asked = to_change(&app, &caller, &at, "tasks").await?;
    let about = json!({ "cloudLocation": asked.location });
    let change = Asked { noun: "cloud-tasks", verb: "cancel", failed: "cancel-failed", id: task_id.clone(), about };
    let call = async move { asked.connected.cloud().cancel_task(&asked.location, &task_id).await };
    Ok(Reply::ok(view(carry_out(&app, &caller, change, call).await?)))
}

fn view(it: task::CloudTask) -> CloudTask {
    CloudTask {
        id: it.id,
        name: it.name,
        object: it.object.map(|it| CloudObject { kind: it.kind, id: it.id, name: it.name }),
        state: it.state.as_str().to_owned(),
        progress: it.progress,
        user: it.user,
        error: it.error,
        queued_at: it.queued_at,
        started_at: it.started_at,
        ended_at: it.ended_at,
        operation_id: it.operation_id,
        cancelable: it.is_cancelable,
        cancelled: it.is_cancelled,
    }
}
