//! Watches each cloud location that has servers, and has those looked at that differ from what is recorded. What a watch
//! tells is a reason to look and never a result: that is for the reconciler, whose looks are rare while a watch works.

mod compare;
mod watch;

use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use store::{
    Time,
    servers::Server,
    watches::{self, Place},
};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tracing::warn;

use crate::app::App;

/// How often it is looked which places have servers.
const LOOK_EVERY: Duration = Duration::from_secs(3);

/// The watches of this control plane, by what they are at.
#[derive(Debug, Default)]
pub struct Watchers(Mutex<HashMap<Place, Doing>>);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Doing {
    /// Logs in, or reads all for the first time.
    Starting,
    Watching,
    /// It failed, or may not ask; it tries again later.
    Waiting,
    /// Another control plane has it.
    Elsewhere,
}

impl Doing {
    pub const ALL: [Doing; 4] = [Doing::Starting, Doing::Watching, Doing::Waiting, Doing::Elsewhere];

    pub fn as_str(self) -> &'static str {
        match self {
            Doing::Starting => "starting",
            Doing::Watching => "watching",
            Doing::Waiting => "waiting",
            Doing::Elsewhere => "elsewhere",
        }
    }
}

impl Watchers {
    /// How many do this.
    pub fn count(&self, doing: Doing) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).values().filter(|it| **it == doing).count()
    }

    /// `None`: it is no more.
    fn note(&self, place: &Place, doing: Option<Doing>) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match doing {
            Some(doing) => all.insert(place.clone(), doing),
            None => all.remove(place),
        };
    }
}

/// Begins to watch; ends when the server stops.
pub fn start(app: &App) {
    let app = app.clone();
    app.clone().tasks.spawn(async move {
        let mut watched = HashMap::new();
        loop {
            match places(&app).await {
                Ok(places) => follow(&app, &mut watched, places),
                Err(err) => warn!("cannot look which locations have servers: {err:#}"),
            }
            tokio::select! {
                () = sleep(LOOK_EVERY) => {}
                () = app.stopping.cancelled() => return,
            }
        }
    });
}

async fn places(app: &App) -> anyhow::Result<HashSet<Place>> {
    Ok(watches::places(&mut app.db.read().await?).await?.into_iter().collect())
}

/// A watch for each place and none for others.
fn follow(app: &App, watched: &mut HashMap<Place, CancellationToken>, places: HashSet<Place>) {
    watched.retain(|place, stop| {
        let is_needed = places.contains(place);
        if !is_needed {
            stop.cancel();
        }
        is_needed
    });
    for place in places {
        watched.entry(place).or_insert_with_key(|place| {
            let stop = app.stopping.child_token();
            app.tasks.spawn(watch::keep(app.clone(), place.clone(), stop.clone()));
            stop
        });
    }
}

/// When and how a server was last seen: while its location is watched, whatever would differ would have been told.
/// `watches` are those that work.
pub fn seen(server: &Server, account_id: i64, watches: &[watches::Watch], now: Time) -> (Option<Time>, Option<String>) {
    let own = (server.seen.observed_at, server.observed_by.map(|it| it.to_string()));
    let Some(observed_at) = server.seen.observed_at else { return (None, None) };
    let place = |it: &&watches::Watch| {
        let Place { account_id: account, credential_id, location_id } = &it.place;
        (*account, credential_id, location_id) == (account_id, &server.credential_id, &server.location_id)
    };
    // Seen since the watch knows all, and nothing is to be looked at.
    let is_as_wanted = server.wanted.as_str() == server.seen.status.as_str() && server.seen.failure.is_none();
    let is_settled = is_as_wanted && server.seen.odd_since.is_none() && server.look_at > now;
    match watches.iter().find(place).filter(|it| is_settled && observed_at >= it.whole_at) {
        Some(watch) if watch.alive_at > observed_at => (Some(watch.alive_at), Some("watch".to_owned())),
        _ => own,
    }
}
