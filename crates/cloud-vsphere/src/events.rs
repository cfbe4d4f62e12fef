//! What a vCenter remembers of what came to pass (`EventManager`).

use std::{collections::HashMap, sync::Arc};

use cloud::{
    CloudError,
    event::{CloudEvent, CloudObject, EventPage, EventQuery},
};
use jiff::Timestamp;

use crate::{
    inventory::{Place, unescape},
    property_collector::{self, Object, Wanted},
    session::{Session, VCenter},
    soap::{
        envelope::{Call, MoRef, escape},
        error::CallError,
        tree::Node,
    },
    temporary::Temporary,
};

/// A collector's page has no more
/// (https://developer.broadcom.com/xapis/vsphere-web-services-api/latest/vim.HistoryCollector.html).
const MOST: usize = 1000;
/// Events of the same moment as the last one of a page come again with the next page and are left out there.
const OF_ONE_MOMENT: usize = 100;

const LATEST: Wanted = Wanted { kind: "EventHistoryCollector", properties: &["latestPage"] };
const DESCRIPTION: Wanted = Wanted { kind: "EventManager", properties: &["description.eventInfo"] };

/// What an event can be about, the nearest first.
const ABOUT: [(&str, &str); 7] = [
    ("vm", "vm"),
    ("host", "host"),
    ("ds", "datastore"),
    ("net", "network"),
    ("dvs", "dvs"),
    ("computeResource", "computeResource"),
    ("datacenter", "datacenter"),
];

pub async fn list(place: &Place<'_>, query: &EventQuery) -> Result<EventPage, CloudError> {
    let vcenter = place.vcenter;
    let manager = manager(vcenter).await?;
    let severities = vcenter.severities.get_or_try_init(|| severities(vcenter, &manager)).await?;
    let wanted = query.n_events.min(MOST);
    let mut size = (wanted + OF_ONE_MOMENT).min(MOST);
    loop {
        let mut events = latest(place, &manager, query, size).await?;
        let is_full = events.len() >= size;
        // They come in no order.
        events.sort_by_key(|it| std::cmp::Reverse(it.key));
        events.retain(|it| {
            query.since.is_none_or(|since| it.at >= since)
                && query.until.is_none_or(|until| it.at <= until)
                && query.before.is_none_or(|before| it.key < before)
        });
        if events.len() <= wanted && is_full && size < MOST {
            size = MOST;
            continue;
        }
        let has_more = events.len() > wanted || is_full;
        events.truncate(wanted);
        for event in &mut events {
            event.severity = event.severity.take().or_else(|| severities.get(&event.kind).cloned());
        }
        let next = events.last().filter(|_| has_more).map(|it| (it.at, it.key));
        return Ok(EventPage { events, next });
    }
}

/// What came to pass with a machine that is new: by one call, in no order, and without severities. Of one that has a longer
/// history, which part of it a vCenter tells is not said.
pub async fn of_new_machine(place: &Place<'_>, id: &str) -> Result<Vec<CloudEvent>, CloudError> {
    let manager = manager(place.vcenter).await?;
    let machine = entity(&MoRef::new("VirtualMachine", id), "self");
    let filter = format!("<filter>{machine}<maxCount>{MOST}</maxCount></filter>");
    let query = |_: &Session| Call::new("QueryEvents", &manager).raw(&filter);
    let read = |node: Node<'_>| node.children().filter_map(event).collect();
    Ok(place.vcenter.call(query, read).await?)
}

async fn manager(vcenter: &VCenter) -> Result<MoRef, CloudError> {
    let manager = vcenter.session().await?.content.event_manager.clone();
    manager.ok_or_else(|| CloudError::Unsupported(format!("{} keeps no events", vcenter.origin)))
}

/// The newest events that the vCenter's filter lets through, in no order.
async fn latest(
    place: &Place<'_>,
    manager: &MoRef,
    query: &EventQuery,
    size: usize,
) -> Result<Vec<CloudEvent>, CallError> {
    let vcenter = place.vcenter;
    let create = Call::new("CreateCollectorForEvents", manager).raw(&filter(place, query));
    let mut session = vcenter.session().await?;
    let collector = match collector(vcenter, &session, &create).await {
        Err(err) if err.is_not_authenticated() => {
            vcenter.renew(&session);
            session = vcenter.session().await?;
            collector(vcenter, &session, &create).await?
        }
        outcome => outcome?,
    };
    let resize = Call::new("SetCollectorPageSize", &collector.reference).text("maxCount", &size.to_string());
    vcenter.call_in(&session, &resize, |_| ()).await?;
    let read = |object: Object<'_>| {
        object.value("latestPage").into_iter().flat_map(Node::children).filter_map(event).collect::<Vec<_>>()
    };
    let page = property_collector::get(vcenter, std::slice::from_ref(&collector.reference), LATEST, read).await?;
    // All was read; whether the collector could be destroyed as well changes nothing for the caller.
    let _ = collector.destroy().await;
    Ok(page.concat())
}

async fn collector(vcenter: &Arc<VCenter>, session: &Arc<Session>, create: &Call) -> Result<Temporary, CallError> {
    let id = vcenter.call_in(session, create, |node| node.get("returnval").to_owned()).await?;
    Ok(Temporary::new(vcenter, session, MoRef::new(LATEST.kind, id), "DestroyCollector"))
}

/// `EventFilterSpec`, whose order is that of its definition.
fn filter(place: &Place<'_>, query: &EventQuery) -> String {
    let machine = query.machine.as_deref().map(|id| MoRef::new("VirtualMachine", id));
    let (entity, recursion) = match &machine {
        Some(machine) => (machine, "self"),
        None => (&place.datacenter, "all"),
    };
    let bound = |name: &str, at: Option<Timestamp>| at.map(|it| format!("<{name}>{it}</{name}>")).unwrap_or_default();
    let (begin, end) = (bound("beginTime", query.since), bound("endTime", query.until));
    let time = if begin.is_empty() && end.is_empty() { String::new() } else { format!("<time>{begin}{end}</time>") };
    format!("<filter>{}{time}</filter>", self::entity(entity, recursion))
}

/// `EventFilterSpecByEntity`.
fn entity(entity: &MoRef, recursion: &str) -> String {
    let MoRef { kind, id } = entity;
    let id = escape(id);
    format!("<entity><entity type=\"{kind}\">{id}</entity><recursion>{recursion}</recursion></entity>")
}

fn event(node: Node<'_>) -> Option<CloudEvent> {
    let text = |name: &str| Some(node.get(name)).filter(|it| !it.is_empty()).map(ToOwned::to_owned);
    // Events of extensions say themselves what they are (`EventEx`).
    let kind = text("eventTypeId").unwrap_or_else(|| node.value_type().to_owned());
    let object = |(field, reference): (&str, &str)| {
        let argument = node.child(field)?;
        let object = argument.child(reference)?;
        let name = unescape(argument.get("name"));
        Some(CloudObject { kind: object.object_type().to_owned(), id: object.text().to_owned(), name })
    };
    Some(CloudEvent {
        key: node.get("key").parse().ok()?,
        at: node.get("createdTime").parse().ok()?,
        kind,
        message: text("fullFormattedMessage").or_else(|| text("message")).unwrap_or_default(),
        user: text("userName"),
        severity: text("severity"),
        objects: ABOUT.into_iter().filter_map(object).collect(),
    })
}

/// `EventDescriptionEventDetail`: the category of each kind of event. Some thousand, the same while a vCenter runs.
async fn severities(vcenter: &VCenter, manager: &MoRef) -> Result<HashMap<String, String>, CallError> {
    let read = |object: Object<'_>| {
        let details = object.value("description.eventInfo").into_iter().flat_map(Node::children);
        details.map(|it| (it.get("key").to_owned(), it.get("category").to_owned())).collect::<Vec<_>>()
    };
    let found = property_collector::get(vcenter, std::slice::from_ref(manager), DESCRIPTION, read).await?;
    Ok(found.into_iter().flatten().filter(|(_, severity)| !severity.is_empty()).collect())
}
