use cloud::{CloudError, operation::Snapshot};
use uuid::Uuid;

use crate::{
    machines::{find::Marked, layout::Layout, operate::Look},
    property_collector::{self, Object, Wanted},
    session::VCenter,
    soap::{envelope::Call, tree::Node},
};

const WANTED: Wanted = Wanted { kind: "VirtualMachine", properties: &["snapshot"] };

/// The last line of a description, with the id of the operation: a snapshot has no other place for it.
const MARK: &str = "stackyard ";

/// Without memory, and without the guest's help, which needs tools.
pub async fn look(
    vcenter: &VCenter,
    machine: &Marked,
    id: Uuid,
    name: &str,
    description: &str,
) -> Result<Look, CloudError> {
    let read = |object: Object<'_>| object.value("snapshot").map(all).unwrap_or_default();
    let taken = property_collector::get(vcenter, std::slice::from_ref(&machine.reference), WANTED, read).await?;
    let ours = taken.into_iter().flatten().find(|it| mark(&it.description) == Some(id));
    if let Some(found) = ours {
        return Ok(Look::Done(Some(found.id)));
    }
    let description = match description.trim_end() {
        "" => format!("{MARK}{id}"),
        text => format!("{text}\n{MARK}{id}"),
    };
    let call = Call::change("CreateSnapshot_Task", &machine.reference)
        .text("name", name)
        .text("description", &description)
        .text("memory", "false")
        .text("quiesce", "false");
    Ok(Look::Next(call))
}

/// As people see them; parents come before their children.
pub fn view(snapshot: Node<'_>, layout: Option<&Layout>) -> Vec<Snapshot> {
    let all = all(snapshot);
    let current = snapshot.get("currentSnapshot");
    let size = |taken: &Taken| {
        let children = all.iter().filter(|it| it.parent.as_deref() == Some(taken.id.as_str()));
        let children: Vec<_> = children.map(|it| it.id.as_str()).collect();
        layout?.size(&taken.id, &children, taken.id == current)
    };
    let view = |taken: &Taken| {
        let text = match mark(&taken.description) {
            Some(_) => taken.description.trim_end().rsplit_once('\n').map(|(text, _)| text).unwrap_or_default(),
            None => &taken.description,
        };
        Snapshot {
            id: taken.id.clone(),
            name: taken.name.clone(),
            description: Some(text.to_owned()).filter(|it| !it.is_empty()),
            status: taken.state.clone(),
            parent: taken.parent.clone(),
            size_bytes: size(taken),
            created_at: taken.created.parse().ok(),
        }
    };
    all.iter().map(view).collect()
}

/// Whether a machine has any.
pub fn any(snapshot: Option<Node<'_>>) -> bool {
    snapshot.is_some_and(|it| it.child("rootSnapshotList").is_some())
}

/// `VirtualMachineSnapshotTree` without its children.
struct Taken {
    id: String,
    name: String,
    description: String,
    /// Of the machine, then.
    state: String,
    created: String,
    parent: Option<String>,
}

/// Of `VirtualMachineSnapshotInfo`.
fn all(snapshot: Node<'_>) -> Vec<Taken> {
    let mut all = Vec::new();
    for root in snapshot.children().filter(|it| it.name() == "rootSnapshotList") {
        flatten(root, None, &mut all);
    }
    all
}

/// The parser reads nothing that is nested without end.
fn flatten(tree: Node<'_>, parent: Option<&str>, all: &mut Vec<Taken>) {
    let id = tree.get("snapshot");
    all.push(Taken {
        id: id.to_owned(),
        name: tree.get("name").to_owned(),
        description: tree.get("description").to_owned(),
        state: tree.get("state").to_owned(),
        created: tree.get("createTime").to_owned(),
        parent: parent.map(str::to_owned),
    });
    for child in tree.children().filter(|it| it.name() == "childSnapshotList") {
        flatten(child, Some(id), all);
    }
}

/// The operation that a description names.
fn mark(description: &str) -> Option<Uuid> {
    description.trim_end().lines().last()?.strip_prefix(MARK)?.parse().ok()
}
