//! Custom attributes: what people see of a machine's metadata in the vSphere Client.
//!
//! A name is defined once for all machines of a vCenter. The metadata are in `extraConfig` too, so that a user who may
//! define or set no attributes can launch servers nevertheless.

use std::collections::BTreeMap;

use tracing::warn;

use crate::{
    property_collector::{self, Object, Wanted},
    session::{Session, VCenter},
    soap::{
        envelope::{Call, MoRef},
        error::CallError,
        tree::Node,
    },
};

const DEFINITIONS: Wanted = Wanted { kind: "CustomFieldsManager", properties: &["field"] };
const VALUES: Wanted = Wanted { kind: "VirtualMachine", properties: &["customValue"] };

/// The type of objects that have our attributes.
const MACHINE: &str = "VirtualMachine";

/// Sets what is not set yet, and defines first what is not defined. Safe to repeat. What is not permitted is logged and
/// left out.
pub async fn set(vcenter: &VCenter, machine: &MoRef, metadata: &BTreeMap<String, String>) -> Result<(), CallError> {
    if metadata.is_empty() {
        return Ok(());
    }
    let session = vcenter.session().await?;
    let Some(manager) = session.content.custom_fields_manager.clone() else {
        warn!(endpoint = %vcenter.origin, "{} has no custom attributes", vcenter.origin);
        return Ok(());
    };
    let mut defined = definitions(vcenter, &manager).await?;
    let values = values(vcenter, machine).await?;
    for (name, value) in metadata {
        let outcome = async {
            let key = match defined.get(name) {
                Some(key) => key.clone(),
                None => {
                    defined = define(vcenter, &manager, name).await?;
                    match defined.get(name) {
                        Some(key) => key.clone(),
                        None => return Err(vcenter.unreadable("AddCustomFieldDef", format!("no attribute {name}"))),
                    }
                }
            };
            if values.get(&key) == Some(value) {
                return Ok(());
            }
            let set = |_: &Session| {
                Call::change("SetField", &manager).reference("entity", machine).text("key", &key).text("value", value)
            };
            vcenter.call(set, |_| ()).await
        };
        match outcome.await {
            Err(err) if err.is_fault("NoPermission") => {
                warn!(endpoint = %vcenter.origin, machine = %machine.id, "no custom attribute {name} on {machine}: {err}");
            }
            outcome => outcome?,
        }
    }
    Ok(())
}

/// Empties these of a copy of a server. What is not permitted is logged and left as it is.
pub async fn clear(vcenter: &VCenter, machine: &MoRef, names: &[&str]) -> Result<(), CallError> {
    let session = vcenter.session().await?;
    let Some(manager) = session.content.custom_fields_manager.clone().filter(|_| !names.is_empty()) else {
        return Ok(());
    };
    let defined = definitions(vcenter, &manager).await?;
    let values = values(vcenter, machine).await?;
    for name in names {
        let Some(key) = defined.get(*name) else { continue };
        if values.get(key).is_none_or(String::is_empty) {
            continue;
        }
        let set = |_: &Session| {
            Call::change("SetField", &manager).reference("entity", machine).text("key", key).text("value", "")
        };
        match vcenter.call(set, |_| ()).await {
            Err(err) if err.is_fault("NoPermission") => {
                warn!(endpoint = %vcenter.origin, machine = %machine.id, "the attribute {name} stays on {machine}: {err}");
            }
            outcome => outcome?,
        }
    }
    Ok(())
}

/// Keys of the attributes that a machine can have, by name.
async fn definitions(vcenter: &VCenter, manager: &MoRef) -> Result<BTreeMap<String, String>, CallError> {
    let read = |object: Object<'_>| {
        let fields = object.value("field").into_iter().flat_map(Node::children);
        // Without a type it is one of all objects.
        let of_machines = fields.filter(|it| ["", MACHINE].contains(&it.get("managedObjectType")));
        of_machines.map(|it| (it.get("name").to_owned(), it.get("key").to_owned())).collect::<Vec<_>>()
    };
    let found = property_collector::get(vcenter, std::slice::from_ref(manager), DEFINITIONS, read).await?;
    Ok(found.into_iter().flatten().collect())
}

/// Another control plane or launch may do it at the same time, so the vCenter is asked again what there is.
async fn define(vcenter: &VCenter, manager: &MoRef, name: &str) -> Result<BTreeMap<String, String>, CallError> {
    let add = |_: &Session| Call::change("AddCustomFieldDef", manager).text("name", name).text("moType", MACHINE);
    match vcenter.call(add, |_| ()).await {
        Err(err) if !err.is_fault("DuplicateName") => Err(err),
        _ => definitions(vcenter, manager).await,
    }
}

/// What a machine has, by key.
async fn values(vcenter: &VCenter, machine: &MoRef) -> Result<BTreeMap<String, String>, CallError> {
    let read = |object: Object<'_>| {
        let values = object.value("customValue").into_iter().flat_map(Node::children);
        values.map(|it| (it.get("key").to_owned(), it.get("value").to_owned())).collect::<Vec<_>>()
    };
    let found = property_collector::get(vcenter, std::slice::from_ref(machine), VALUES, read).await?;
    Ok(found.into_iter().flatten().collect())
}
