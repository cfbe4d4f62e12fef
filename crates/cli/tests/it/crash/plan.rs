//! What comes to pass at which call to a cloud.

use std::{collections::BTreeMap, time::Duration};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// The server dies, and the call never reaches the cloud.
    KillBefore,
    /// The server dies when the cloud has acted.
    KillAfter,
    /// The connection ends before the cloud has the call.
    Drop,
    Delay(Duration),
    /// The cloud acts, and the connection ends before its answer.
    Lose,
    /// The cloud acts, and half of its answer comes.
    Cut,
    /// Something before the cloud answers with this status.
    Answer(u16),
}

/// The first call is number 1.
pub type Plan = BTreeMap<usize, Event>;

/// The same seed makes the same plans, one for each phase of a story.
pub struct Seed(u64);

impl Seed {
    pub fn new(seed: u64) -> Seed {
        Seed(seed)
    }

    /// Some events among so many calls.
    pub fn plan(&mut self, n_calls: u64) -> Plan {
        let n_events = 1 + self.below(4);
        (0..n_events).map(|_| (1 + self.below(n_calls) as usize, self.event())).collect()
    }

    fn event(&mut self) -> Event {
        match self.below(10) {
            0 | 1 => Event::KillBefore,
            2 | 3 => Event::KillAfter,
            4 => Event::Drop,
            5 => Event::Delay(Duration::from_millis(100 + self.below(2000))),
            6 | 7 => Event::Lose,
            8 => Event::Cut,
            _ => Event::Answer([500, 503, 429][self.below(3) as usize]),
        }
    }

    fn below(&mut self, limit: u64) -> u64 {
        // SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014).
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % limit
    }
}
