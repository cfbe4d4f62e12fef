//! What a vCenter does and did in the last minutes (`TaskManager.recentTask`), and the end of it.

use std::{
    cmp::Reverse,
    collections::{HashMap, HashSet},
};

use cloud::{
    CloudError,
    event::CloudObject,
    task::{CloudTask, TaskState},
};
use futures_util::{StreamExt, TryStreamExt, stream};

use crate::{
    inventory::{Place, unescape},
    property_collector::{self, Object, Wanted, is_true},
    session::VCenter,
    soap::{
        envelope::{Call, MoRef},
        error::CallError,
        fault::Fault,
        tree::Node,
    },
    tasks::{RECENT, WANTED, references},
};

const PARENT: Wanted = Wanted { kind: "ManagedEntity", properties: &["parent"] };
/// Folders in folders; no vCenter nests deeper.
const DEPTH: usize = 50;
/// Objects that are asked for one by one, at once.
const AT_ONCE: usize = 4;
/// The list may change while it is read.
const TRIES: usize = 3;

/// Tasks on what is in the datacenter, the last that was queued first. Of what is gone since nobody knows where it was:
/// its tasks are told in every datacenter.
pub async fn list(place: &Place<'_>) -> Result<Vec<CloudTask>, CloudError> {
    let vcenter = place.vcenter;
    let mut tasks = recent(vcenter).await?;
    let objects = tasks.iter().filter_map(|it| it.object.as_ref()).map(|it| MoRef::new(&it.kind, &it.id)).collect();
    let outside = outside(place, objects).await?;
    let is_inside = |it: &CloudObject| !outside.contains(&MoRef::new(&it.kind, &it.id));
    tasks.retain(|it| it.object.as_ref().is_some_and(is_inside));
    tasks.sort_by_key(|it| Reverse(it.queued_at));
    Ok(tasks)
}

/// `CancelTask`: the task may end a while later, or be done before that. Returns it as it is then.
pub async fn cancel(place: &Place<'_>, id: &str) -> Result<CloudTask, CloudError> {
    let vcenter = place.vcenter;
    let task = one(vcenter, id).await?;
    let task = task.ok_or_else(|| CloudError::NotFound(format!("{} has no task {id}", vcenter.origin)))?;
    let (name, state) = (&task.name, task.state);
    if matches!(state, TaskState::Succeeded | TaskState::Failed) {
        return Err(CloudError::Conflict(format!("{name} ({id}) has ended: it {}", state.as_str())));
    }
    if !task.is_cancelable {
        return Err(CloudError::Refused(format!("the vCenter does not let {name} ({id}) be cancelled")));
    }
    let call = Call::change("CancelTask", &MoRef::new("Task", id));
    vcenter.call(|_| call.clone(), |_| ()).await?;
    Ok(one(vcenter, id).await?.unwrap_or(CloudTask { is_cancelled: true, ..task }))
}

/// `None` for one that the vCenter has forgotten.
async fn one(vcenter: &VCenter, id: &str) -> Result<Option<CloudTask>, CallError> {
    match property_collector::get(vcenter, &[MoRef::new("Task", id)], WANTED, read).await {
        Err(err) if err.is_fault("ManagedObjectNotFound") => Ok(None),
        found => Ok(found?.into_iter().flatten().next()),
    }
}

async fn recent(vcenter: &VCenter) -> Result<Vec<CloudTask>, CallError> {
    let manager = vcenter.session().await?.content.task_manager.clone();
    let mut n_tries = 0;
    loop {
        n_tries += 1;
        let recent =
            property_collector::get(vcenter, std::slice::from_ref(&manager), RECENT, references).await?.concat();
        if recent.is_empty() {
            return Ok(Vec::new());
        }
        match property_collector::get(vcenter, &recent, WANTED, read).await {
            // One was forgotten in between.
            Err(err) if err.is_fault("ManagedObjectNotFound") && n_tries < TRIES => {}
            found => return Ok(found?.into_iter().flatten().collect()),
        }
    }
}

/// Those that are in the vCenter, and not in this datacenter.
async fn outside(place: &Place<'_>, objects: HashSet<MoRef>) -> Result<HashSet<MoRef>, CallError> {
    // How far up each has been followed.
    let mut climbing: HashMap<MoRef, MoRef> = objects.into_iter().map(|it| (it.clone(), it)).collect();
    let mut outside = HashSet::new();
    for _ in 0..DEPTH {
        climbing.retain(|_, at| *at != place.datacenter);
        if climbing.is_empty() {
            break;
        }
        let steps: HashSet<MoRef> = climbing.values().cloned().collect();
        let parents = parents(place.vcenter, steps.into_iter().collect()).await?;
        climbing.retain(|object, at| match parents.get(at) {
            Some(Some(parent)) => {
                *at = parent.clone();
                true
            }
            // The root, or a machine of a vApp, whose parent is not told.
            Some(None) if at.kind != "VirtualMachine" => {
                outside.insert(object.clone());
                false
            }
            // Gone.
            Some(None) | None => false,
        });
    }
    Ok(outside)
}

/// Without those that are gone.
async fn parents(vcenter: &VCenter, objects: Vec<MoRef>) -> Result<HashMap<MoRef, Option<MoRef>>, CallError> {
    let read = |it: Object<'_>| {
        let parent = it.value("parent").map(|it| MoRef::new(it.object_type(), it.text()));
        (it.reference(), parent)
    };
    match property_collector::get(vcenter, &objects, PARENT, read).await {
        Err(err) if err.is_fault("ManagedObjectNotFound") => {}
        found => return Ok(found?.into_iter().collect()),
    }
    let one = async |object: MoRef| match property_collector::get(vcenter, &[object], PARENT, read).await {
        Err(err) if err.is_fault("ManagedObjectNotFound") => Ok(Vec::new()),
        found => found,
    };
    let found: Vec<_> = stream::iter(objects.into_iter().map(one)).buffer_unordered(AT_ONCE).try_collect().await?;
    Ok(found.into_iter().flatten().collect())
}

/// `TaskInfo`.
fn read(object: Object<'_>) -> Option<CloudTask> {
    let info = object.value("info")?;
    let text = |name: &str| Some(info.get(name)).filter(|it| !it.is_empty()).map(ToOwned::to_owned);
    let time = |name: &str| info.get(name).parse().ok();
    let entity = info.child("entity").map(|it| CloudObject {
        kind: it.object_type().to_owned(),
        id: it.text().to_owned(),
        name: unescape(info.get("entityName")),
    });
    Some(CloudTask {
        id: object.id().to_owned(),
        name: text("descriptionId").or_else(|| text("name")).unwrap_or_default(),
        object: entity,
        state: match info.get("state") {
            "success" => TaskState::Succeeded,
            "error" => TaskState::Failed,
            "running" => TaskState::Running,
            _ => TaskState::Queued,
        },
        progress: info.get("progress").parse().ok(),
        user: info.child("reason").map(|it| it.get("userName").to_owned()).filter(|it| !it.is_empty()),
        error: info.child("error").map(|it: Node<'_>| Fault::read_value(it).without(&[]).to_string()),
        queued_at: time("queueTime"),
        started_at: time("startTime"),
        ended_at: time("completeTime"),
        operation_id: text("activationId"),
        is_cancelable: is_true(info.get("cancelable")),
        is_cancelled: is_true(info.get("cancelled")),
    })
}
