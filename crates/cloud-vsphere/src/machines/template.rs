//! Templates that are made of servers.
//!
//! A clone has the `extraConfig` of its source, and its custom attributes. So what we wrote to the server is emptied: a
//! vCenter removes an entry of `extraConfig` that gets no value, and shows no attribute that has none
//! (https://developer.broadcom.com/xapis/vsphere-web-services-api/latest/vim.vm.ConfigSpec.html).

use cloud::CloudError;
use uuid::Uuid;

use crate::{
    inventory::typed,
    machines::{
        DISK, OPERATION, PHASE, PREFIX, SERVER, attributes, configure,
        find::{self, Marked},
        operate::Look,
    },
    property_collector::{self, Object, Wanted},
    session::{Session, VCenter},
    soap::{
        envelope::{Call, MoRef, escape},
        error::CallError,
        tree::Node,
    },
};

const SOURCE: Wanted = Wanted { kind: "VirtualMachine", properties: &["parent", "config.extraConfig"] };
const ENTRIES: Wanted = Wanted { kind: "VirtualMachine", properties: &["config.extraConfig"] };
/// A server has its own at its first start; what is launched from the template gets another.
const USER_DATA: [&str; 2] = ["guestinfo.userdata", "guestinfo.userdata.encoding"];

/// What is to be made.
pub struct Template<'a> {
    /// Of the operation.
    pub id: Uuid,
    pub name: &'a str,
    pub folder: Option<&'a str>,
    pub datastore: Option<&'a str>,
}

struct Source {
    folder: Option<MoRef>,
    /// Keys of `extraConfig`.
    keys: Vec<String>,
}

/// One that is there is found by its name, which a folder has once, and known by the operation that it carries.
/// `made` is what the task of the operation made. The server may run.
pub async fn look(
    vcenter: &VCenter,
    machine: &Marked,
    template: &Template<'_>,
    made: Option<MoRef>,
) -> Result<Look, CloudError> {
    let (server, name) = (&machine.machine.name, template.name);
    let Some(source) = source(vcenter, &machine.reference).await? else {
        let origin = &vcenter.origin;
        return Err(CloudError::Conflict(format!("{origin} does not tell how {server} is configured now")));
    };
    let Some(folder) = template.folder.map(|it| MoRef::new("Folder", it)).or(source.folder) else {
        return Err(CloudError::Refused(format!("{server} is in a vApp, which takes no templates; name a folder")));
    };
    let made = match made {
        Some(made) => Some(made),
        None => in_folder(vcenter, &folder, name, template.id).await?,
    };
    if let Some(made) = made {
        let names: Vec<_> = source.keys.iter().filter_map(|it| attribute(it)).collect();
        attributes::clear(vcenter, &made, &names).await?;
        return Ok(Look::Done(Some(made.id)));
    }
    let is_ours = |key: &&String| key.starts_with(PREFIX) || USER_DATA.contains(&key.as_str());
    let keys = source.keys.iter().filter(is_ours).filter(|it| *it != OPERATION);
    let entries: String = keys.map(|it| configure::option(it, "")).collect();
    let entries = entries + &configure::option(OPERATION, &template.id.to_string());
    let datastore = match template.datastore {
        Some(id) => format!("<datastore type=\"Datastore\">{}</datastore>", escape(id)),
        None => String::new(),
    };
    // A template has no resource pool.
    let call = Call::change("CloneVM_Task", &machine.reference)
        .reference("folder", &folder)
        .text("name", &typed(name))
        .raw(&format!(
            "<spec><location>{datastore}</location><template>true</template><config>{entries}</config>\
             <powerOn>false</powerOn></spec>"
        ));
    Ok(Look::Next(call))
}

/// The custom attribute that is the same as an entry of `extraConfig`: see [`attributes::set`].
fn attribute(key: &str) -> Option<&str> {
    let is_other = [SERVER, PHASE, OPERATION].contains(&key) || key.starts_with(DISK);
    key.strip_prefix(PREFIX).filter(|_| !is_other)
}

async fn source(vcenter: &VCenter, machine: &MoRef) -> Result<Option<Source>, CallError> {
    let read = |object: Object<'_>| {
        let mut keys: Vec<_> =
            object.value("config.extraConfig")?.children().map(|it| it.get("key").to_owned()).collect();
        // The simulator has some twice.
        keys.sort();
        keys.dedup();
        Some(Source { folder: object.text("parent").map(|it| MoRef::new("Folder", it)), keys })
    };
    let found = property_collector::get(vcenter, std::slice::from_ref(machine), SOURCE, read).await?;
    Ok(found.into_iter().flatten().next())
}

/// What the operation made, `None` where nothing has the name.
async fn in_folder(vcenter: &VCenter, folder: &MoRef, name: &str, id: Uuid) -> Result<Option<MoRef>, CloudError> {
    let find = |session: &Session| {
        Call::new("FindChild", &session.content.search_index).reference("entity", folder).text("name", &typed(name))
    };
    let read = |node: Node<'_>| node.child("returnval").map(|it| MoRef::new(it.object_type(), it.text()));
    let Some(found) = vcenter.call(find, read).await? else { return Ok(None) };
    if found.kind == ENTRIES.kind {
        let entry = |object: Object<'_>| find::extra(object, OPERATION) == Some(id.to_string().as_str());
        let entries = property_collector::get(vcenter, std::slice::from_ref(&found), ENTRIES, entry).await?;
        if entries.contains(&true) {
            return Ok(Some(found));
        }
    }
    let (folder, found) = (&folder.id, &found.id);
    Err(CloudError::Refused(format!("choose another name for the template: {folder} has a {name:?} already, {found}")))
}
