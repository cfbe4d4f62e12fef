use std::collections::BTreeMap;

use base64::{Engine, engine::general_purpose::STANDARD};
use cloud::{
    CloudError,
    inventory::PowerState,
    server::{CloudServer, ServerSpec, Size},
};

use crate::{
    inventory::Place,
    machines::{
        BUILDING, CONFIGURED, PHASE, PREFIX, READY, SERVER, attributes,
        cards::{self, Card},
        disks, power,
    },
    property_collector::{self, Object, Wanted},
    session::VCenter,
    soap::{
        envelope::{Call, MoRef, escape},
        error::CallError,
        tree::Node,
    },
    tasks,
};

const WANTED: Wanted = Wanted {
    kind: "VirtualMachine",
    properties: &[
        "config.template",
        "config.instanceUuid",
        "config.hardware.numCPU",
        "config.hardware.numCoresPerSocket",
        "config.hardware.memoryMB",
        "config.hardware.device",
        "config.extraConfig",
        "runtime.host",
    ],
};

/// What a machine or template is made of, as far as we change it.
pub struct Hardware {
    pub reference: MoRef,
    pub is_template: bool,
    /// Of all its disks, full.
    pub disk_bytes: u64,
    /// Where it is: a MoRef.
    pub host: Option<String>,
    instance_uuid: Option<String>,
    vcpus: Option<u32>,
    cores_per_socket: Option<u32>,
    memory_mib: Option<u64>,
    cards: Vec<Card>,
    extra: BTreeMap<String, String>,
}

impl Hardware {
    /// How many network cards its clone has.
    pub fn n_cards(&self, spec: &ServerSpec) -> usize {
        if spec.nics.is_empty() { self.cards.len() } else { spec.nics.len() }
    }
}

/// `None` for a machine that does not exist.
pub async fn hardware(vcenter: &VCenter, reference: MoRef) -> Result<Option<Hardware>, CallError> {
    let read = |object: Object<'_>| {
        let devices = || object.value("config.hardware.device").into_iter().flat_map(Node::children);
        let mut cards: Vec<_> = devices().filter_map(Card::read).collect();
        cards.sort_by_key(Card::place);
        let options = object.value("config.extraConfig").into_iter().flat_map(Node::children);
        Hardware {
            reference: object.reference(),
            is_template: object.is_true("config.template"),
            disk_bytes: devices().filter_map(disks::capacity_bytes).sum(),
            host: object.text("runtime.host").map(str::to_owned),
            instance_uuid: object.text("config.instanceUuid").map(str::to_lowercase),
            vcpus: object.number("config.hardware.numCPU"),
            cores_per_socket: object.number("config.hardware.numCoresPerSocket"),
            memory_mib: object.number("config.hardware.memoryMB"),
            cards,
            extra: options.map(|it| (it.get("key").to_owned(), it.get("value").to_owned())).collect(),
        }
    };
    match property_collector::get(vcenter, &[reference], WANTED, read).await {
        Ok(found) => Ok(found.into_iter().next()),
        Err(err) if err.is_fault("ManagedObjectNotFound") => Ok(None),
        Err(err) => Err(err),
    }
}

/// Does the next step that a machine needs to be what was ordered and to run: its configuration where the clone did not
/// bring it, power, and the note that it is ready. False, and nothing, where a clone is under way or all is done. Safe
/// to repeat.
pub async fn advance(place: &Place<'_>, spec: &ServerSpec, server: &CloudServer) -> Result<bool, CloudError> {
    let Some(id) = &server.cloud_id else { return Ok(false) };
    let found = power::ours(place.vcenter, id, Some(spec.mark)).await?;
    let (vcenter, reference) = (place.vcenter, &found.reference);
    let is_on = found.machine.power_state == PowerState::On;
    match found.phase.as_deref() {
        Some(READY) if is_on => return Ok(false),
        _ if is_on => {
            attributes::set(vcenter, reference, &spec.metadata).await?;
            tasks::start(vcenter, &reconfigure(reference, &option(PHASE, READY))).await?;
        }
        Some(READY | CONFIGURED) => power::on(vcenter, reference).await?,
        _ => {
            let hardware = hardware(vcenter, reference.clone()).await?;
            let hardware = hardware.ok_or_else(|| CloudError::NotFound(format!("machine {id}")))?;
            let changes = differences(place, spec, &hardware).await?;
            if changes.is_empty() {
                power::on(vcenter, reference).await?;
            } else {
                let changes = changes + &option(PHASE, CONFIGURED);
                tasks::start(vcenter, &reconfigure(reference, &changes)).await?;
            }
        }
    }
    Ok(true)
}

/// What is not as it was ordered, as the inside of a `VirtualMachineConfigSpec`: all of it for the source of a clone. In
/// the order of the API reference, on which a vCenter insists.
pub async fn differences(place: &Place<'_>, spec: &ServerSpec, hardware: &Hardware) -> Result<String, CloudError> {
    let Size::Custom { vcpus, cores_per_socket, memory_mib } = spec.size else {
        return Err(CloudError::Refused("vSphere has no flavors; choose an instance type with a size".to_owned()));
    };
    let mut changes = String::new();
    if hardware.instance_uuid.as_deref() != Some(spec.mark.to_string().as_str()) {
        changes.push_str(&format!("<instanceUuid>{}</instanceUuid>", spec.mark));
    }
    if hardware.vcpus != Some(vcpus) {
        changes.push_str(&format!("<numCPUs>{vcpus}</numCPUs>"));
    }
    if hardware.cores_per_socket != Some(cores_per_socket) {
        changes.push_str(&format!("<numCoresPerSocket>{cores_per_socket}</numCoresPerSocket>"));
    }
    if hardware.memory_mib != Some(memory_mib) {
        changes.push_str(&format!("<memoryMB>{memory_mib}</memoryMB>"));
    }
    changes.push_str(&cards::changes(&hardware.cards, &cards::networks(place, &spec.nics).await?));
    for (key, value) in options(spec)? {
        if hardware.extra.get(&key) != Some(&value) {
            changes.push_str(&option(&key, &value));
        }
    }
    Ok(changes)
}

/// Our entries of `extraConfig`. Whoever may read the machine in the vCenter may read them.
fn options(spec: &ServerSpec) -> Result<BTreeMap<String, String>, CloudError> {
    let mut options: BTreeMap<_, _> =
        spec.metadata.iter().map(|(name, value)| (format!("{PREFIX}{name}"), value.clone())).collect();
    for (key, value) in [(SERVER, spec.mark.to_string()), (PHASE, BUILDING.to_owned())] {
        if options.insert(key.to_owned(), value).is_some() {
            return Err(CloudError::Refused(format!("metadata cannot be named {key}; choose another name")));
        }
    }
    // https://docs.cloud-init.io/en/latest/reference/datasources/vmware.html, GuestInfo keys.
    if let Some(user_data) = &spec.user_data {
        options.insert("guestinfo.userdata".to_owned(), STANDARD.encode(user_data));
        options.insert("guestinfo.userdata.encoding".to_owned(), "base64".to_owned());
    }
    Ok(options)
}

/// `<extraConfig>` of a `VirtualMachineConfigSpec`.
pub fn option(key: &str, value: &str) -> String {
    format!(
        "<extraConfig><key>{}</key><value xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\" xsi:type=\"xsd:string\">{}\
         </value></extraConfig>",
        escape(key),
        escape(value)
    )
}

pub fn reconfigure(machine: &MoRef, changes: &str) -> Call {
    Call::change("ReconfigVM_Task", machine).raw(&format!("<spec>{changes}</spec>"))
}
