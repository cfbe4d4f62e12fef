use std::{collections::HashSet, net::IpAddr};

use async_stream::try_stream;
use cloud::{
    CloudError,
    address::{Address, Origin},
    inventory::{Machine, Page, PowerState},
};
use futures_util::{TryStreamExt, stream::BoxStream};
use jiff::Timestamp;

use crate::{
    inventory::{Place, attributes, hidden, name, texts},
    property_collector::{self, Object, Wanted},
    soap::tree::Node,
};

const WANTED: Wanted = Wanted {
    kind: "VirtualMachine",
    properties: &[
        "name",
        "parent",
        "resourcePool",
        "datastore",
        "overallStatus",
        "runtime.powerState",
        "runtime.connectionState",
        "runtime.host",
        "config.template",
        "config.uuid",
        "config.instanceUuid",
        "config.createDate",
        "config.guestFullName",
        "config.hardware.numCPU",
        "config.hardware.memoryMB",
        "guest.net",
        "guest.ipAddress",
        "guest.hostName",
        "guest.toolsRunningStatus",
    ],
};

/// All machines of a datacenter that are no templates. The last page, which may be empty, tells what is hidden.
pub fn list(place: Place<'_>) -> BoxStream<'_, Result<Page<Machine>, CloudError>> {
    Box::pin(try_stream! {
        let mut seen = HashSet::new();
        {
            let seen = &mut seen;
            let mut pieces = property_collector::list(place.vcenter, place.datacenter.clone(), WANTED, |object| {
                seen.insert(object.id().to_owned());
                (!object.is_true("config.template")).then(|| read(object))
            });
            while let Some(items) = pieces.try_next().await? {
                yield Page { items, hidden: None };
            }
        }
        let hidden = hidden::machines(&place, &seen).await?;
        yield Page { items: Vec::new(), hidden };
    })
}

/// What the properties tell that were asked for; a template too.
pub fn read(object: Object<'_>) -> Machine {
    let owned = |path| object.text(path).map(str::to_owned);
    let attributes = attributes! {
        "folder": object.text("parent"),
        "resourcePool": object.text("resourcePool"),
        "datastores": texts(object.value("datastore")),
        "biosUuid": object.text("config.uuid"),
        "guestFullName": object.text("config.guestFullName"),
        "guestHostName": object.text("guest.hostName"),
        "guestToolsRunningStatus": object.text("guest.toolsRunningStatus"),
        "overallStatus": object.text("overallStatus"),
        "connectionState": object.text("runtime.connectionState"),
    };
    Machine {
        cloud_id: object.id().to_owned(),
        instance_uuid: owned("config.instanceUuid"),
        name: name(object),
        power_state: power_state(object.text("runtime.powerState")),
        status: owned("runtime.powerState").unwrap_or_else(|| "unknown".to_owned()),
        vcpus: object.number("config.hardware.numCPU"),
        memory_mib: object.number("config.hardware.memoryMB"),
        instance_type: None,
        addresses: addresses(object),
        runs_on: owned("runtime.host"),
        attributes,
        // A machine that was made before 6.7 has 1970 here.
        created_at: object
            .text("config.createDate")
            .and_then(|it| it.parse::<Timestamp>().ok())
            .filter(|it| it.as_second() > 0),
    }
}

/// Of `runtime.powerState`.
pub fn power_state(word: Option<&str>) -> PowerState {
    match word {
        Some("poweredOn") => PowerState::On,
        Some("poweredOff") => PowerState::Off,
        Some("suspended") => PowerState::Suspended,
        _ => PowerState::Unknown,
    }
}

/// What guest tools report, in their order.
fn addresses(object: Object<'_>) -> Vec<Address> {
    match of_cards(object.value("guest.net")) {
        // Old guest tools report only the main address.
        none if none.is_empty() => object.text("guest.ipAddress").and_then(main_address).into_iter().collect(),
        addresses => addresses,
    }
}

/// Of `guest.net`.
pub fn of_cards(net: Option<Node<'_>>) -> Vec<Address> {
    let cards = net.into_iter().flat_map(Node::children);
    let by_card = cards.flat_map(|card| {
        // A device of the machine has a key; a bridge made inside has -1.
        let own_card = card.get("deviceConfigId").parse::<i64>().is_ok_and(|it| it >= 0);
        let network = Some(card.get("network")).filter(|it| !it.is_empty());
        let texts = card.children().filter(|it| it.name() == "ipAddress").map(Node::text);
        texts.filter_map(parse_ip).map(move |ip| Address {
            ip,
            origin: Origin::Guest,
            network: network.map(str::to_owned),
            own_card,
        })
    });
    by_card.collect()
}

/// Of `guest.ipAddress`.
pub fn main_address(text: &str) -> Option<Address> {
    Some(Address { ip: parse_ip(text)?, origin: Origin::Guest, network: None, own_card: true })
}

/// Link-local IPv6 addresses come with their zone: `fe80::1%2`.
fn parse_ip(text: &str) -> Option<IpAddr> {
    text.split('%').next()?.trim().parse().ok()
}
