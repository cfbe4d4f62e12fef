//! What becomes of the machines of a datacenter, by the updates of a property collector.
//!
//! <https://developer.broadcom.com/xapis/virtual-infrastructure-json-api/8.0.3/sdk/vim25/release/PropertyCollector/moId/WaitForUpdatesEx/post>

mod collector;

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use async_stream::try_stream;
use cloud::{
    address::Address,
    server::Mark,
    watch::{Glimpse, Sighting, State},
};
use futures_util::stream::BoxStream;

use crate::{
    inventory::{Place, machines as inventory},
    session::Session,
    soap::{error::CallError, fault::Fault, tree::Node},
    watch::collector::Collector,
};

/// What is watched: as much as it takes to see that a server is not as it was left. Each of them comes whole.
const PROPERTIES: [&str; 4] = ["runtime.powerState", "config.instanceUuid", "guest.net", "guest.ipAddress"];

/// Faults after which a new collector goes on where this one ended: the session, or what was made in it, is gone. A
/// version of updates that were cut is good for one call, whose answer may be lost.
const LOST: [&str; 3] = ["NotAuthenticated", "ManagedObjectNotFound", "InvalidCollectorVersion"];
/// So many of them are made good before a wait has to be answered: the objects of a session are gone with it, which may
/// be said first.
const LOSSES: u8 = 2;

/// What is known is told as a whole this often: it costs the vCenter nothing, and whoever listens may compare all.
const WHOLE_EVERY: Duration = Duration::from_secs(300);
/// Then a new collector begins from nothing, so that no mistake lasts.
const COLLECTOR_FOR: Duration = Duration::from_secs(3600);

/// The first sighting, and the first after a session was lost, is the whole.
pub fn watch<'a>(place: &'a Place<'_>) -> BoxStream<'a, Result<Sighting, CallError>> {
    Box::pin(try_stream! {
        let vcenter = place.vcenter;
        let mut n_lost = 0;
        let is_made_good = |err: &CallError, n_lost: &mut u8, session: &Arc<Session>| {
            *n_lost += 1;
            let is_lost = LOST.iter().any(|it| err.is_fault(it)) && *n_lost <= LOSSES;
            if is_lost && err.is_not_authenticated() {
                vcenter.renew(session);
            }
            is_lost
        };
        'collectors: loop {
            let session = vcenter.session().await?;
            let collector = match Collector::create(vcenter, &session, &place.datacenter, &PROPERTIES).await {
                Err(err) if is_made_good(&err, &mut n_lost, &session) => continue 'collectors,
                outcome => outcome?,
            };
            let mut machines = Machines::default();
            let (created_at, mut version) = (Instant::now(), String::new());
            // When the whole was told.
            let mut told_at: Option<Instant> = None;
            while created_at.elapsed() < COLLECTOR_FOR {
                let update = match collector.wait(&version, |node| machines.update(node)).await {
                    Err(err) if is_made_good(&err, &mut n_lost, &session) => continue 'collectors,
                    outcome => outcome?,
                };
                n_lost = 0;
                let changed = std::mem::take(&mut machines.changed);
                let is_truncated = update.as_ref().is_some_and(|it| it.is_truncated);
                if let Some(update) = update {
                    version = update.version;
                }
                if told_at.is_none_or(|it| it.elapsed() >= WHOLE_EVERY) {
                    // It holds what changed, too.
                    if !is_truncated {
                        told_at = Some(Instant::now());
                        yield Sighting::Whole(machines.all());
                    }
                } else if changed.is_empty() {
                    yield Sighting::Alive;
                } else {
                    yield Sighting::Changed(changed);
                }
            }
        }
    })
}

/// All that is known, since an update tells only what is new.
#[derive(Default)]
struct Machines {
    known: HashMap<String, Known>,
    changed: Vec<Glimpse>,
}

#[derive(Default)]
struct Known {
    mark: Option<Mark>,
    power_state: Option<String>,
    cards: Vec<Address>,
    main: Option<Address>,
}

impl Machines {
    /// One `objectSet`. False where it says that the session is gone.
    fn update(&mut self, object: Node<'_>) -> bool {
        let id = object.get("obj");
        let missing = object.children().filter(|it| it.name() == "missingSet");
        let mut faults = missing.filter_map(|it| it.child("fault")).map(Fault::read_value);
        if faults.any(|it| it.name == "NotAuthenticated") {
            return false;
        }
        if object.get("kind") == "leave" {
            let mark = self.known.remove(id).and_then(|it| it.mark);
            self.changed.push(Glimpse { cloud_id: id.to_owned(), mark, state: None });
            return true;
        }
        let known = self.known.entry(id.to_owned()).or_default();
        for change in object.children().filter(|it| it.name() == "changeSet") {
            known.take(change.get("name"), change.child("val"));
        }
        let glimpse = known.glimpse(id);
        self.changed.push(glimpse);
        true
    }

    fn all(&self) -> Vec<Glimpse> {
        self.known.iter().map(|(id, known)| known.glimpse(id)).collect()
    }
}

impl Known {
    /// The new value of a property; `None` where it has none any more.
    fn take(&mut self, name: &str, value: Option<Node<'_>>) {
        let text = value.map(Node::text).filter(|it| !it.is_empty());
        match name {
            "runtime.powerState" => self.power_state = text.map(str::to_owned),
            "config.instanceUuid" => self.mark = text.and_then(|it| it.parse().ok()).map(Mark),
            "guest.net" => self.cards = inventory::of_cards(value),
            "guest.ipAddress" => self.main = text.and_then(inventory::main_address),
            _ => {}
        }
    }

    fn glimpse(&self, id: &str) -> Glimpse {
        let status = self.power_state.clone().unwrap_or_else(|| "unknown".to_owned());
        let addresses = if self.cards.is_empty() { self.main.iter().cloned().collect() } else { self.cards.clone() };
        let power_state = inventory::power_state(self.power_state.as_deref());
        Glimpse { cloud_id: id.to_owned(), mark: self.mark, state: Some(State { power_state, status, addresses }) }
    }
}
