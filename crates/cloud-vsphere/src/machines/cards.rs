//! Network cards: which a machine has, and what makes them those that are wanted.

use cloud::{CloudError, server::Nic};

use crate::{
    inventory::{Place, name},
    property_collector::{self, Object, Wanted},
    session::VCenter,
    soap::{
        envelope::{MoRef, escape},
        error::CallError,
        tree::Node,
    },
};

const NETWORKS: Wanted = Wanted { kind: "Datacenter", properties: &["network"] };
const STANDARD: Wanted = Wanted { kind: "Network", properties: &["name"] };
const PORT_GROUP: Wanted =
    Wanted { kind: "DistributedVirtualPortgroup", properties: &["key", "config.distributedVirtualSwitch"] };
const SWITCH: Wanted = Wanted { kind: "DistributedVirtualSwitch", properties: &["uuid"] };
const OPAQUE: Wanted = Wanted { kind: "OpaqueNetwork", properties: &["summary"] };

/// One `VirtualEthernetCard` of a machine.
pub struct Card {
    key: i64,
    /// Its type: `VirtualVmxnet3`.
    kind: String,
    label: String,
    controller_key: String,
    unit_number: Option<i64>,
    /// MoRef of a standard network, key of a port group, or id of an opaque network.
    network: String,
}

/// What a card is connected to.
pub enum Network {
    Standard { id: String, name: String },
    Distributed { switch_uuid: String, key: String },
    Opaque { id: String, kind: String },
}

impl Card {
    /// `None` for a device of another kind: only network cards have a MAC address.
    pub fn read(device: Node<'_>) -> Option<Card> {
        device.child("macAddress")?;
        let backing = device.child("backing")?;
        let port_group = backing.child("port").map(|it| it.get("portgroupKey"));
        let network = port_group.unwrap_or_else(|| match backing.get("network") {
            "" => backing.get("opaqueNetworkId"),
            network => network,
        });
        Some(Card {
            key: device.get("key").parse().ok()?,
            kind: device.value_type().to_owned(),
            label: device.child("deviceInfo").map(|it| it.get("label").to_owned()).unwrap_or_default(),
            controller_key: device.get("controllerKey").to_owned(),
            unit_number: device.get("unitNumber").parse().ok(),
            network: network.to_owned(),
        })
    }

    /// As the guest numbers them: by their place on the bus.
    pub fn place(&self) -> (Option<i64>, i64) {
        (self.unit_number, self.key)
    }
}

/// The networks in the order of the cards that are wanted.
pub async fn networks(place: &Place<'_>, nics: &[Nic]) -> Result<Vec<Network>, CloudError> {
    if nics.is_empty() {
        return Ok(Vec::new());
    }
    let references = |object: Object<'_>| {
        let networks = object.value("network").into_iter().flat_map(Node::children);
        networks.map(|it| MoRef::new(it.object_type(), it.text())).collect::<Vec<_>>()
    };
    let datacenter = std::slice::from_ref(&place.datacenter);
    let known = property_collector::get(place.vcenter, datacenter, NETWORKS, references).await?.concat();
    let mut networks = Vec::with_capacity(nics.len());
    for nic in nics {
        let reference = known.iter().find(|it| it.id == nic.network);
        let network = match reference {
            Some(reference) => network(place.vcenter, reference).await?,
            None => None,
        };
        networks.push(network.ok_or_else(|| {
            CloudError::Refused(format!("the datacenter has no network {}; choose another", nic.network))
        })?);
    }
    Ok(networks)
}

async fn network(vcenter: &VCenter, reference: &MoRef) -> Result<Option<Network>, CallError> {
    let one = std::slice::from_ref(reference);
    let found = match reference.kind.as_str() {
        "DistributedVirtualPortgroup" => {
            let read = |object: Object<'_>| {
                let switch = object.value("config.distributedVirtualSwitch")?;
                Some((object.text("key")?.to_owned(), MoRef::new(switch.object_type(), switch.text())))
            };
            let found = property_collector::get(vcenter, one, PORT_GROUP, read).await?.into_iter().flatten().next();
            let Some((key, switch)) = found else { return Ok(None) };
            let uuid = |object: Object<'_>| object.text("uuid").map(str::to_owned);
            let uuids = property_collector::get(vcenter, &[switch], SWITCH, uuid).await?;
            uuids.into_iter().flatten().map(|switch_uuid| Network::Distributed { switch_uuid, key: key.clone() }).next()
        }
        "OpaqueNetwork" => {
            let read = |object: Object<'_>| {
                let summary = object.value("summary")?;
                let text = |name| summary.get(name).to_owned();
                Some(Network::Opaque { id: text("opaqueNetworkId"), kind: text("opaqueNetworkType") })
            };
            property_collector::get(vcenter, one, OPAQUE, read).await?.into_iter().flatten().next()
        }
        _ => {
            let read = |object: Object<'_>| Network::Standard { id: object.id().to_owned(), name: name(object) };
            property_collector::get(vcenter, one, STANDARD, read).await?.into_iter().next()
        }
    };
    Ok(found)
}

/// `<deviceChange>` for each card that is not on its network, is missing, or is one too many. Nothing where no network
/// is named.
pub fn changes(cards: &[Card], networks: &[Network]) -> String {
    if networks.is_empty() {
        return String::new();
    }
    let change = |operation: &str, kind: &str, inside: &str| {
        let kind = escape(kind);
        format!(
            "<deviceChange><operation>{operation}</operation><device xsi:type=\"{kind}\">{inside}</device></deviceChange>"
        )
    };
    let mut changes = String::new();
    for (index, network) in networks.iter().enumerate() {
        let backing = network.backing();
        match cards.get(index) {
            Some(card) if network.is_that_of(card) => {}
            // Without its MAC address: that of a template stays the template's.
            Some(card) => {
                let Card { key, kind, .. } = card;
                changes.push_str(&change(
                    "edit",
                    kind,
                    &format!("<key>{key}</key>{}{backing}{CONNECTED}{}", card.info(), card.bus()),
                ));
            }
            None => {
                // Negative: the vCenter chooses another. Different, since one request may add several.
                let key = -1 - i64::try_from(index).unwrap_or_default();
                let inside = format!("<key>{key}</key>{backing}{CONNECTED}<addressType>generated</addressType>");
                changes.push_str(&change("add", "VirtualVmxnet3", &inside));
            }
        }
    }
    for card in cards.iter().skip(networks.len()) {
        changes.push_str(&change("remove", &card.kind, &format!("<key>{}</key>", card.key)));
    }
    changes
}

const CONNECTED: &str = "<connectable><startConnected>true</startConnected><allowGuestControl>true</allowGuestControl>\
                         <connected>true</connected></connectable>";

impl Card {
    fn info(&self) -> String {
        format!("<deviceInfo><label>{}</label><summary></summary></deviceInfo>", escape(&self.label))
    }

    fn bus(&self) -> String {
        let unit = self.unit_number.map(|it| format!("<unitNumber>{it}</unitNumber>")).unwrap_or_default();
        match self.controller_key.as_str() {
            "" => unit,
            key => format!("<controllerKey>{}</controllerKey>{unit}", escape(key)),
        }
    }
}

impl Network {
    fn is_that_of(&self, card: &Card) -> bool {
        match self {
            Network::Standard { id, .. } | Network::Opaque { id, .. } => card.network == *id,
            Network::Distributed { key, .. } => card.network == *key,
        }
    }

    fn backing(&self) -> String {
        let (kind, inside) = match self {
            Network::Standard { id, name } => (
                "VirtualEthernetCardNetworkBackingInfo",
                format!("<deviceName>{}</deviceName><network type=\"Network\">{}</network>", escape(name), escape(id)),
            ),
            Network::Distributed { switch_uuid, key } => (
                "VirtualEthernetCardDistributedVirtualPortBackingInfo",
                format!(
                    "<port><switchUuid>{}</switchUuid><portgroupKey>{}</portgroupKey></port>",
                    escape(switch_uuid),
                    escape(key)
                ),
            ),
            Network::Opaque { id, kind } => (
                "VirtualEthernetCardOpaqueNetworkBackingInfo",
                format!(
                    "<opaqueNetworkId>{}</opaqueNetworkId><opaqueNetworkType>{}</opaqueNetworkType>",
                    escape(id),
                    escape(kind)
                ),
            ),
        };
        format!("<backing xsi:type=\"{kind}\">{inside}</backing>")
    }
}
