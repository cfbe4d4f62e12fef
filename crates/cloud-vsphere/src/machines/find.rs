use cloud::{
    CloudError,
    inventory::{Machine, PowerState},
    server::{CloudServer, Mark, Order, Phase},
};

use crate::{
    inventory::{Place, machines as inventory},
    machines::{BUILDING, PHASE, READY, SERVER},
    property_collector::{self, Object, Wanted},
    session::{Session, VCenter},
    soap::{
        envelope::{Call, MoRef},
        error::CallError,
        fault::Fault,
        tree::Node,
    },
    tasks::{self, State, Task},
};

const WANTED: Wanted = Wanted {
    kind: "VirtualMachine",
    properties: &[
        "name",
        "runtime.powerState",
        "config.template",
        "config.instanceUuid",
        "config.createDate",
        "config.extraConfig",
        "guest.net",
        "guest.ipAddress",
    ],
};

/// A machine with what we wrote to it.
pub struct Marked {
    pub reference: MoRef,
    pub machine: Machine,
    pub is_template: bool,
    /// How far its launch is: one of the values of [`PHASE`].
    pub phase: Option<String>,
    /// The mark as it stands in `extraConfig`.
    server: Option<String>,
}

impl Marked {
    pub fn is_ready(&self) -> bool {
        self.phase.as_deref() == Some(READY)
    }

    pub fn is(&self, mark: Mark) -> bool {
        self.machine.instance_uuid.as_deref().is_some_and(|it| it.eq_ignore_ascii_case(&mark.to_string()))
    }

    /// A clone of ours that got another UUID: its first step is to get the right one. A copy that somebody makes of our
    /// machine is past that.
    pub fn is_to_be(&self, mark: Mark) -> bool {
        self.server.as_deref() == Some(mark.to_string().as_str()) && self.phase.as_deref() == Some(BUILDING)
    }
}

/// What carries the mark, or is on its way to. Two or three calls, however many machines there are.
pub async fn servers(place: &Place<'_>, mark: Mark, order: Option<&Order>) -> Result<Vec<CloudServer>, CloudError> {
    let task = of_order(place.vcenter, order).await?;
    if let Some(order) = order.filter(|_| !task.as_ref().is_some_and(Task::is_under_way)) {
        place.vcenter.clones.ended(&order.id);
    }
    let came_second = task.as_ref().is_some_and(Task::came_second);
    // Asked before the search: what ends in between is found by it.
    let first_is_under_way = came_second && tasks::any_clone_under_way(place.vcenter).await?;
    let found = match &task {
        Some(Task { state: State::UnderWay(status), .. }) => {
            return Ok(vec![without_machine(mark, Phase::Building, status.clone())]);
        }
        task => by_mark(place, mark, task.as_ref()).await?,
    };
    let failed = match task.map(|it| it.state) {
        Some(State::Failed(fault)) => Some(message(place.vcenter, order, fault)),
        _ => None,
    };
    Ok(match (found, failed) {
        (Some(found), Some(message)) if !found.is_ready() && !came_second => {
            vec![server(found, Phase::Failed { message })]
        }
        (Some(found), _) => {
            let phase = if found.is_ready() { Phase::Ready } else { Phase::Building };
            vec![server(found, phase)]
        }
        (None, Some(_)) if first_is_under_way => vec![without_machine(mark, Phase::Building, "running".to_owned())],
        (None, Some(message)) => vec![without_machine(mark, Phase::Failed { message }, "error".to_owned())],
        (None, None) => Vec::new(),
    })
}

/// The task of a launch, while the vCenter remembers it.
pub async fn of_order(vcenter: &VCenter, order: Option<&Order>) -> Result<Option<Task>, CallError> {
    match order {
        Some(order) => Ok(tasks::find(vcenter, &order.id).await?.filter(Task::is_clone)),
        None => Ok(None),
    }
}

/// The machine whose `instanceUuid` is the mark, wherever it was moved within its vCenter; or what the task of the launch made and is to be it.
pub async fn by_mark(place: &Place<'_>, mark: Mark, task: Option<&Task>) -> Result<Option<Marked>, CallError> {
    let vcenter = place.vcenter;
    if let Some(reference) = by_uuid(place, mark, None).await?
        && let Some(found) = get(vcenter, reference).await?.filter(|it| it.is(mark))
    {
        return Ok(Some(found));
    }
    let Some(Task { state: State::Done(Some(made)), .. }) = task else { return Ok(None) };
    let made = get(vcenter, made.clone()).await?;
    Ok(made.filter(|it| it.is(mark) || it.is_to_be(mark)))
}

/// Whether a machine with the mark is in this datacenter.
pub async fn is_in(place: &Place<'_>, mark: Mark) -> Result<bool, CallError> {
    match by_uuid(place, mark, Some(&place.datacenter)).await? {
        Some(reference) => Ok(get(place.vcenter, reference).await?.is_some_and(|it| it.is(mark))),
        None => Ok(false),
    }
}

async fn by_uuid(place: &Place<'_>, mark: Mark, within: Option<&MoRef>) -> Result<Option<MoRef>, CallError> {
    let make = |session: &Session| {
        let call = Call::new("FindByUuid", &session.content.search_index);
        let call = within.into_iter().fold(call, |call, it| call.reference("datacenter", it));
        call.text("uuid", &mark.to_string()).text("vmSearch", "true").text("instanceUuid", "true")
    };
    let read = |node: Node<'_>| node.child("returnval").map(|it| MoRef::new(it.object_type(), it.text()));
    place.vcenter.call(make, read).await
}

/// `None` for one that is gone.
pub async fn get(vcenter: &VCenter, reference: MoRef) -> Result<Option<Marked>, CallError> {
    let read = |object: Object<'_>| Marked {
        reference: object.reference(),
        machine: inventory::read(object),
        is_template: object.is_true("config.template"),
        phase: extra(object, PHASE).map(str::to_owned),
        server: extra(object, SERVER).map(str::to_owned),
    };
    match property_collector::get(vcenter, &[reference], WANTED, read).await {
        Ok(found) => Ok(found.into_iter().next()),
        Err(err) if err.is_fault("ManagedObjectNotFound") => Ok(None),
        Err(err) => Err(err),
    }
}

/// An entry of `config.extraConfig`. A vCenter has each once, the simulator adds without replacing.
pub fn extra<'a>(object: Object<'a>, key: &str) -> Option<&'a str> {
    let options = object.value("config.extraConfig").into_iter().flat_map(Node::children);
    options.filter(|it| it.get("key") == key).last().map(|it| it.get("value"))
}

fn server(found: Marked, phase: Phase) -> CloudServer {
    let Machine { cloud_id, name, power_state, status, addresses, created_at, .. } = found.machine;
    CloudServer { cloud_id: Some(cloud_id), name, phase, power_state, status, addresses, created_at }
}

/// Its name is known when the machine is.
fn without_machine(mark: Mark, phase: Phase, status: String) -> CloudServer {
    CloudServer {
        cloud_id: None,
        name: mark.to_string(),
        phase,
        power_state: PowerState::Unknown,
        status,
        addresses: Vec::new(),
        created_at: None,
    }
}

fn message(vcenter: &VCenter, order: Option<&Order>, fault: Fault) -> String {
    let operation_id = order.and_then(|it| it.request_id.as_deref()).unwrap_or_default();
    vcenter.task_failed("CloneVM_Task", operation_id, fault).to_string()
}
