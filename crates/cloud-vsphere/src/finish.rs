//! Short tasks that somebody waits for (`Task`).

use std::time::Duration;

use cloud::CloudError;
use tokio::time::{Instant, sleep};

use crate::{
    inventory::Place,
    property_collector::{self, Object},
    soap::{
        envelope::{Call, MoRef},
        error::CallError,
        fault::Fault,
        tree::Node,
    },
    tasks,
};

/// How long a task is waited for while somebody waits for the answer.
const PATIENCE: Duration = Duration::from_secs(20);

enum End<T> {
    UnderWay(String),
    Failed(Fault),
    Done(T),
}

/// Has a task begin, and waits for its end, though not for long. `read` gets the result.
pub async fn carry_out<T: Default + Send>(
    place: &Place<'_>,
    call: &Call,
    read: impl Fn(Node<'_>) -> T + Send + Sync,
) -> Result<T, CloudError> {
    let vcenter = place.vcenter;
    let order = tasks::begin(vcenter, call).await?;
    let task = MoRef::new("Task", &order.id);
    let look = |object: Object<'_>| {
        let info = object.value("info")?;
        Some(match info.get("state") {
            "success" => End::Done(info.child("result").map(&read).unwrap_or_default()),
            "error" => End::Failed(info.child("error").map(Fault::read_value).unwrap_or_default()),
            state => End::UnderWay(state.to_owned()),
        })
    };
    let begun = Instant::now();
    let mut pause = Duration::from_millis(50);
    loop {
        let found = property_collector::get(vcenter, std::slice::from_ref(&task), tasks::WANTED, look).await?;
        match found.into_iter().flatten().next() {
            Some(End::Done(result)) => return Ok(result),
            Some(End::Failed(fault)) => {
                let request_id = order.request_id.as_deref().unwrap_or_default();
                return Err(explained(vcenter.task_failed(call.method, request_id, fault)));
            }
            Some(End::UnderWay(state)) if begun.elapsed() > PATIENCE => {
                let text = format!("{} ({}) is still {state}; look at it among the tasks", call.method, order.id);
                return Err(CloudError::Conflict(text));
            }
            Some(End::UnderWay(_)) => {}
            None => return Err(vcenter.unreadable(call.method, format!("{} says nothing of itself", order.id)).into()),
        }
        sleep(pause).await;
        pause = (pause * 2).min(Duration::from_secs(1));
    }
}

fn explained(err: CallError) -> CloudError {
    let text = err.to_string();
    if err.is_fault("FileNotFound") {
        CloudError::NotFound(text)
    } else if err.is_fault("FileLocked") || err.is_fault("CannotDeleteFile") {
        CloudError::Conflict(text)
    } else {
        err.into()
    }
}
