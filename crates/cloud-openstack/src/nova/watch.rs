//! What becomes of the servers of a project: asked every few seconds for what changed, and every few minutes for all.

use std::{
    collections::{BTreeMap, HashMap},
    time::{Duration, Instant},
};

use cloud::{
    server::Phase,
    watch::{Glimpse, Sighting, State},
};
use futures_util::Stream;
use jiff::Timestamp;
use tokio::time::sleep;

use super::{
    marked::{WITH_TAGS, cloud_server, find_one},
    servers::{NovaServer, PAGE, Reply},
};
use crate::{
    catalog::Service,
    error::Error,
    neutron::cards::Cards,
    pages::{MAX_PAGES, PageReply},
    session::{At, Get, Session},
};

/// While things change, and otherwise.
const BUSY: Duration = Duration::from_secs(2);
const QUIET: Duration = Duration::from_secs(8);
/// How long after a change it is thought that more will come.
const BUSY_FOR: Duration = Duration::from_secs(60);
/// Changes are asked for from this long before the last answer on: whole seconds are compared, the hosts of a cloud have
/// clocks of their own, and what a transaction wrote is seen when it ends.
const OVERLAP: Duration = Duration::from_secs(10);
/// A deletion that Nova forgot in the meantime, or one by its operator in the database, is seen by this alone.
const WHOLE_EVERY: Duration = Duration::from_secs(300);
/// Nova hears of a change of addresses from Neutron, and tells it a moment later: so often is looked.
const LOOKS: u8 = 3;

/// The first sighting is the whole, and others come every [`WHOLE_EVERY`].
pub(crate) fn watch<'a>(
    session: &'a Session,
    region: &'a str,
) -> impl Stream<Item = Result<Sighting, Error>> + Send + 'a {
    async_stream::try_stream! {
        // Read before the servers, so that no change falls in between.
        let mut cards = Cards::read(session, region).await?;
        let mut changed_at: Option<Instant> = None;
        loop {
            let read_at = Instant::now();
            let (all, mut since) = read(session, region, None).await?;
            yield Sighting::Whole(all);
            let mut told: HashMap<String, Glimpse> = HashMap::new();
            // Servers whose addresses Nova may not know yet, with the looks that are left.
            let mut doubtful: BTreeMap<String, u8> = BTreeMap::new();
            while read_at.elapsed() < WHOLE_EVERY {
                let is_busy = changed_at.is_some_and(|it| it.elapsed() < BUSY_FOR);
                sleep(if is_busy { BUSY } else { QUIET }).await;
                let (mut seen, now) = read(session, region, Some(since)).await?;
                since = now;
                doubtful.extend(cards.changed(session, region).await?.into_iter().map(|id| (id, LOOKS)));
                for (id, n_left) in &mut doubtful {
                    *n_left -= 1;
                    if seen.iter().all(|it| it.cloud_id != *id) {
                        seen.push(match find_one(session, region, id).await? {
                            Some(server) => glimpse(server),
                            None => Glimpse { cloud_id: id.clone(), mark: None, state: None },
                        });
                    }
                }
                doubtful.retain(|_, n_left| *n_left > 0);
                // The overlap tells things again.
                let is_news = |it: &&Glimpse| told.get(&it.cloud_id) != Some(*it);
                let changed: Vec<_> = seen.iter().filter(is_news).cloned().collect();
                told = seen.into_iter().map(|it| (it.cloud_id.clone(), it)).collect();
                if changed.is_empty() {
                    yield Sighting::Alive;
                } else {
                    changed_at = Some(Instant::now());
                    yield Sighting::Changed(changed);
                }
            }
        }
    }
}

/// All servers of the project, or those that changed, and when that was by Nova's clock. What changed includes what was
/// deleted, for users too: <https://docs.openstack.org/api-guide/compute/polling_changes.html>.
async fn read(session: &Session, region: &str, since: Option<Timestamp>) -> Result<(Vec<Glimpse>, Timestamp), Error> {
    let call = Get::new(At { service: Service::Compute, region }, "/servers/detail");
    let call = Get { microversion: Some(WITH_TAGS), ..call };
    let overlap = i64::try_from(OVERLAP.as_secs()).unwrap_or_default();
    let since = since.map(|it| Timestamp::from_second(it.as_second() - overlap).unwrap_or(it).to_string());
    let limit = PAGE.to_string();
    let (mut glimpses, mut read_at, mut marker) = (Vec::new(), None, None::<String>);
    for _ in 0..MAX_PAGES {
        let mut query = vec![("limit", limit.as_str())];
        query.extend(since.as_deref().map(|it| ("changes-since", it)));
        query.extend(marker.as_deref().map(|it| ("marker", it)));
        let (reply, date) = session.get_dated::<Reply>(&Get { query: &query, ..call }).await?;
        let read_at = *read_at.get_or_insert(date);
        let (servers, next) = reply.split();
        glimpses.extend(servers.into_iter().map(glimpse));
        if next.is_none() {
            return Ok((glimpses, read_at));
        }
        marker = next;
    }
    let reason = format!("the list {} does not end", call.path);
    Err(Error::Unreadable { endpoint: format!("the {} service", call.at.service.as_str()), reason })
}

fn glimpse(server: NovaServer) -> Glimpse {
    let mark = server.mark();
    let cloud_id = server.id.clone();
    let server = cloud_server(server, None);
    let is_there = server.phase != Phase::Removing;
    Glimpse { cloud_id, mark, state: is_there.then(|| State::from(server)) }
}
