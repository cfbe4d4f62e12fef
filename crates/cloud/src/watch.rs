//! What is noticed of machines without being asked for each.

use crate::{
    address::Address,
    inventory::PowerState,
    server::{CloudServer, Mark},
};

/// A piece of news of a watch. It is a reason to look at a machine, and no more: what is to be believed of it is found
/// by [`Cloud::find_servers`](crate::Cloud::find_servers).
#[derive(Debug, Clone, PartialEq)]
pub enum Sighting {
    /// All machines of the location that may be ours, as they were at some moment after the sighting before this one.
    /// What is not here is not there. The first sighting is one, and others come when the cloud was read anew.
    Whole(Vec<Glimpse>),
    /// These were told otherwise before, or not at all.
    Changed(Vec<Glimpse>),
    /// The cloud was asked, and no more has changed than was told.
    Alive,
}

/// One machine in a few words: a machine of another's, too.
#[derive(Debug, Clone, PartialEq)]
pub struct Glimpse {
    /// Nova's server id; a MoRef.
    pub cloud_id: String,
    /// What it bears, ours or not. `None` also where the cloud does not tell it of a machine that is gone.
    pub mark: Option<Mark>,
    /// `None`: it is gone, or on its way.
    pub state: Option<State>,
}

/// As in [`CloudServer`].
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    pub power_state: PowerState,
    pub status: String,
    pub addresses: Vec<Address>,
}

impl From<CloudServer> for State {
    fn from(it: CloudServer) -> State {
        State { power_state: it.power_state, status: it.status, addresses: it.addresses }
    }
}
