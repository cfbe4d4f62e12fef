//! What a vCenter still does after it has answered (`Task`).

use cloud::server::Order;

use crate::{
    property_collector::{self, Object, Wanted, is_true},
    session::VCenter,
    soap::{
        envelope::{Call, MoRef},
        error::CallError,
        fault::Fault,
        tree::Node,
    },
};

pub const WANTED: Wanted = Wanted { kind: "Task", properties: &["info"] };
pub const RECENT: Wanted = Wanted { kind: "TaskManager", properties: &["recentTask"] };
const OF_MACHINE: Wanted = Wanted { kind: "VirtualMachine", properties: &["recentTask"] };
/// `VirtualMachine.clone` by a vCenter, `VirtualMachine.cloneVm` by the simulator.
const CLONE: &str = "VirtualMachine.clone";

/// `TaskInfo` of the API reference.
pub struct Task {
    pub id: String,
    /// What is done, by type and method: `VirtualMachine.clone`.
    description_id: String,
    /// As [`crate::session::Session::user_name`]; `None` for what the vCenter does by itself.
    user_name: Option<String>,
    pub is_cancelable: bool,
    pub is_cancelled: bool,
    pub state: State,
}

pub enum State {
    /// In the vCenter's words, with the progress where it tells one: `queued`, `running 45 %`.
    UnderWay(String),
    Failed(Fault),
    /// With what it made.
    Done(Option<MoRef>),
}

impl Task {
    pub fn is_clone(&self) -> bool {
        self.description_id.starts_with(CLONE)
    }

    pub fn is_under_way(&self) -> bool {
        matches!(self.state, State::UnderWay(_))
    }

    /// Of a clone: another one has the name, which may be an earlier one of the same launch.
    pub fn came_second(&self) -> bool {
        matches!(&self.state, State::Failed(fault) if fault.name == "DuplicateName")
    }
}

/// Has a task begin, and does not look at it.
pub async fn begin(vcenter: &VCenter, call: &Call) -> Result<Order, CallError> {
    let (id, operation_id) = vcenter.order(|_| call.clone(), |node| node.get("returnval").to_owned()).await?;
    Ok(Order::new(id, Some(operation_id)))
}

/// Has a task begin, and fails where it failed at once. Does not wait for its end.
pub async fn start(vcenter: &VCenter, call: &Call) -> Result<(), CallError> {
    let order = begin(vcenter, call).await?;
    match find(vcenter, &order.id).await?.map(|it| it.state) {
        Some(State::Failed(fault)) => {
            Err(vcenter.task_failed(call.method, order.request_id.as_deref().unwrap_or_default(), fault))
        }
        _ => Ok(()),
    }
}

/// `None` for a task that the vCenter has forgotten, which it does some time after the end.
pub async fn find(vcenter: &VCenter, id: &str) -> Result<Option<Task>, CallError> {
    let task = MoRef::new("Task", id);
    match property_collector::get(vcenter, &[task], WANTED, read).await {
        Ok(found) => Ok(found.into_iter().flatten().next()),
        Err(err) if err.is_fault("ManagedObjectNotFound") => Ok(None),
        Err(err) => Err(err),
    }
}

/// Those of `ids` that are not queued or running any more, or forgotten. One call, unless one is forgotten.
pub async fn ended(vcenter: &VCenter, ids: &[String]) -> Result<Vec<String>, CallError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let all: Vec<_> = ids.iter().map(|id| MoRef::new("Task", id)).collect();
    let under_way = |object: Object<'_>| read(object).filter(Task::is_under_way).map(|it| it.id);
    let mut under_way_ids = Vec::new();
    match property_collector::get(vcenter, &all, WANTED, under_way).await {
        Ok(found) => under_way_ids.extend(found.into_iter().flatten()),
        Err(err) if err.is_fault("ManagedObjectNotFound") => {
            for id in ids {
                under_way_ids.extend(find(vcenter, id).await?.filter(Task::is_under_way).map(|it| it.id));
            }
        }
        Err(err) => return Err(err),
    }
    Ok(ids.iter().filter(|it| !under_way_ids.contains(it)).cloned().collect())
}

/// Asks for its end: it may be done before that.
pub async fn cancel(vcenter: &VCenter, id: &str) -> Result<(), CallError> {
    let call = Call::change("CancelTask", &MoRef::new("Task", id));
    match vcenter.call(|_| call.clone(), |_| ()).await {
        // It has ended since, or cannot be cancelled any more.
        Err(err) if ["ManagedObjectNotFound", "InvalidState", "NotSupported"].iter().any(|it| err.is_fault(it)) => {
            Ok(())
        }
        outcome => outcome,
    }
}

/// Whether any clone that our user began is queued or running. A task does not tell the name or the UUID of what it
/// will make.
pub async fn any_clone_under_way(vcenter: &VCenter) -> Result<bool, CallError> {
    let session = vcenter.session().await?;
    let manager = session.content.task_manager.clone();
    let recent = property_collector::get(vcenter, &[manager], RECENT, references).await?.concat();
    if recent.is_empty() {
        return Ok(false);
    }
    let is_ours = |task: Task| {
        let by_us = task.user_name.as_deref().is_some_and(|it| it.eq_ignore_ascii_case(&session.user_name));
        by_us && task.is_clone() && task.is_under_way()
    };
    match property_collector::get(vcenter, &recent, WANTED, |it| read(it).is_some_and(is_ours)).await {
        Ok(found) => Ok(found.contains(&true)),
        // One was forgotten in between: to be asked again.
        Err(err) if err.is_fault("ManagedObjectNotFound") => Ok(true),
        Err(err) => Err(err),
    }
}

/// What a machine has queued or running, whoever began it: `VirtualMachine.reconfigure, running 45 %`.
pub async fn under_way_on(vcenter: &VCenter, machine: &MoRef) -> Result<Option<String>, CallError> {
    let recent =
        property_collector::get(vcenter, std::slice::from_ref(machine), OF_MACHINE, references).await?.concat();
    if recent.is_empty() {
        return Ok(None);
    }
    let under_way = |task: Task| match task.state {
        State::UnderWay(status) => Some(format!("{}, {status}", task.description_id)),
        State::Failed(_) | State::Done(_) => None,
    };
    match property_collector::get(vcenter, &recent, WANTED, |it| read(it).and_then(under_way)).await {
        Ok(found) => Ok(found.into_iter().flatten().next()),
        // One was forgotten in between: to be asked again.
        Err(err) if err.is_fault("ManagedObjectNotFound") => Ok(Some("its tasks change".to_owned())),
        Err(err) => Err(err),
    }
}

pub fn references(object: Object<'_>) -> Vec<MoRef> {
    let tasks = object.value("recentTask").into_iter().flat_map(Node::children);
    tasks.map(|it| MoRef::new("Task", it.text())).collect()
}

fn read(object: Object<'_>) -> Option<Task> {
    let info = object.value("info")?;
    let word = info.get("state");
    let state = match word {
        "success" => State::Done(info.child("result").map(|it| MoRef::new(it.object_type(), it.text()))),
        "error" => State::Failed(info.child("error").map(Fault::read_value).unwrap_or_default()),
        _ => State::UnderWay(match info.get("progress") {
            "" => word.to_owned(),
            progress => format!("{word} {progress} %"),
        }),
    };
    Some(Task {
        id: object.id().to_owned(),
        description_id: info.get("descriptionId").to_owned(),
        user_name: info.child("reason").and_then(|it| it.child("userName")).map(|it| it.text().to_owned()),
        is_cancelable: is_true(info.get("cancelable")),
        is_cancelled: is_true(info.get("cancelled")),
        state,
    })
}
