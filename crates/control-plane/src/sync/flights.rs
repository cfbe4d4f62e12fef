use std::{
    collections::HashMap,
    sync::{Arc, Mutex as StdMutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use cloud::LocationId;
use tokio::sync::Mutex;

use super::Source;
use crate::http::error::ApiResult;

/// How long it is remembered that a read ended; longer than anybody asks for.
const REMEMBERED: Duration = Duration::from_secs(60);

/// Reads that are under way, so that many who ask at once cause one.
#[derive(Default)]
pub struct Flights(StdMutex<HashMap<Key, Arc<Flight>>>);

/// Credential, location, and what is read.
type Key = (String, String, &'static str);

/// Held by the one who reads.
pub type Flight = Mutex<Option<Landed>>;

/// How the last read ended: the answer to all who waited for it.
pub struct Landed {
    pub at: Instant,
    pub outcome: ApiResult<Source>,
}

impl Landed {
    pub fn now(outcome: ApiResult<Source>) -> Landed {
        Landed { at: Instant::now(), outcome }
    }
}

impl Flights {
    pub fn of(&self, credential_id: &str, location: &LocationId, what: &'static str) -> Arc<Flight> {
        let mut flights = self.flights();
        let is_recent = |flight: &Flight| {
            flight.try_lock().is_ok_and(|it| it.as_ref().is_some_and(|it| it.at.elapsed() < REMEMBERED))
        };
        flights.retain(|_, it| Arc::strong_count(it) > 1 || is_recent(it));
        flights.entry((credential_id.to_owned(), location.0.clone(), what)).or_default().clone()
    }

    /// The credential was changed, or works again: what was read before is no answer any more.
    pub fn forget(&self, credential_id: &str) {
        self.flights().retain(|(id, ..), _| id != credential_id);
    }

    fn flights(&self) -> MutexGuard<'_, HashMap<Key, Arc<Flight>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flight_that_nobody_uses_is_dropped() {
        let flights = Flights::default();
        let here = |name: &str| LocationId(name.to_owned());
        let held = flights.of("c", &here("held"), "machines");
        drop(flights.of("c", &here("unused"), "machines"));
        flights.of("c", &here("landed"), "machines").try_lock().unwrap().replace(Landed::now(Ok(Source::Cloud)));
        assert!(Arc::ptr_eq(&held, &flights.of("c", &here("held"), "machines")));
        let mut left: Vec<_> = flights.flights().keys().map(|(_, location, _)| location.clone()).collect();
        left.sort();
        assert_eq!(left, ["held", "landed"]);
        flights.forget("c");
        assert!(flights.flights().is_empty());
    }
}
