use std::collections::HashMap;

use cloud::{
    inventory::PowerState,
    watch::{Glimpse, State},
};
use store::servers::{ServerStatus as S, watched::Brief};

/// Whether what was seen is not what the row says, as the reconciler would write it. `None`: nothing is there.
pub fn differs(row: &Brief, seen: Option<&State>) -> bool {
    let Some(state) = seen else { return true };
    let is_on = state.power_state == PowerState::On && row.status != S::Suspended;
    let addresses = if is_on { state.addresses.as_slice() } else { &[] };
    let has_power = match row.status {
        S::Running => state.power_state == PowerState::On,
        S::Suspended => matches!(state.power_state, PowerState::Off | PowerState::Suspended),
        // On its way.
        _ => true,
    };
    !has_power || row.cloud_status.as_deref() != Some(state.status.as_str()) || row.addresses.0 != addresses
}

/// The settled ones of a place that a reading of all of it does not show as they are recorded.
pub fn differing<'a>(rows: &'a [Brief], all: &[Glimpse]) -> Vec<&'a Brief> {
    let by_id: HashMap<&str, &Glimpse> = all.iter().map(|it| (it.cloud_id.as_str(), it)).collect();
    let by_mark: HashMap<String, &Glimpse> = all.iter().filter_map(|it| Some((it.mark?.to_string(), it))).collect();
    let seen = |row: &Brief| {
        let known = row.cloud_id.as_deref().and_then(|it| by_id.get(it));
        known.or_else(|| by_mark.get(&row.id)).and_then(|it| it.state.as_ref())
    };
    rows.iter().filter(|it| it.is_settled && differs(it, seen(it))).collect()
}

#[cfg(test)]
mod tests {
    use cloud::{
        address::{Address, Origin},
        server::Mark,
    };
    use store::{Json, watches::Place};
    use uuid::Uuid;

    use super::*;

    fn address(ip: &str) -> Address {
        Address { ip: ip.parse().unwrap(), origin: Origin::Fixed, network: None, own_card: true }
    }

    fn row(n: u128, status: S, cloud_status: &str, addresses: &[&str]) -> Brief {
        Brief {
            id: Uuid::from_u128(n).to_string(),
            place: Place { account_id: 1, credential_id: "c".to_owned(), location_id: "l".to_owned() },
            status,
            cloud_id: Some(format!("vm-{n}")),
            cloud_status: Some(cloud_status.to_owned()),
            addresses: Json(addresses.iter().map(|it| address(it)).collect()),
            is_settled: true,
        }
    }

    fn state(power_state: PowerState, status: &str, addresses: &[&str]) -> State {
        State { power_state, status: status.to_owned(), addresses: addresses.iter().map(|it| address(it)).collect() }
    }

    #[test]
    fn what_the_row_says_is_no_difference() {
        let check = |row: &Brief, seen: Option<State>, expected: bool| {
            assert_eq!(differs(row, seen.as_ref()), expected, "{seen:?}");
        };
        let running = row(1, S::Running, "ACTIVE", &["10.0.0.4"]);
        check(&running, Some(state(PowerState::On, "ACTIVE", &["10.0.0.4"])), false);
        check(&running, Some(state(PowerState::On, "ACTIVE", &["10.0.0.5"])), true);
        check(&running, Some(state(PowerState::On, "REBOOT", &["10.0.0.4"])), true);
        check(&running, Some(state(PowerState::Off, "ACTIVE", &["10.0.0.4"])), true);
        check(&running, Some(state(PowerState::Off, "SHUTOFF", &["10.0.0.4"])), true);
        check(&running, None, true);
        // A suspended server has its addresses no more for us, though it keeps them in its cloud.
        let suspended = row(1, S::Suspended, "SUSPENDED", &[]);
        check(&suspended, Some(state(PowerState::Suspended, "SUSPENDED", &["10.0.0.4"])), false);
        check(&suspended, Some(state(PowerState::On, "SUSPENDED", &["10.0.0.4"])), true);
        let pending = row(1, S::Pending, "BUILD", &[]);
        check(&pending, Some(state(PowerState::Unknown, "BUILD", &[])), false);
        check(&pending, Some(state(PowerState::On, "ACTIVE", &[])), true);
    }

    #[test]
    fn a_whole_reading_shows_who_differs_or_is_missing() {
        let seen = |id: &str, mark: Option<u128>, power_state, status: &str| Glimpse {
            cloud_id: id.to_owned(),
            mark: mark.map(|it| Mark(Uuid::from_u128(it))),
            state: Some(state(power_state, status, &[])),
        };
        let rows: Vec<_> = (1..=5).map(|n| row(n, S::Running, "on", &[])).collect();
        let mut unsettled = row(6, S::Pending, "off", &[]);
        unsettled.is_settled = false;
        let rows = [rows, vec![unsettled]].concat();
        let all = [
            seen("vm-1", Some(1), PowerState::On, "on"),
            seen("vm-2", None, PowerState::On, "on"),
            seen("vm-3", Some(3), PowerState::Off, "off"),
            // Another machine with the mark, and none with the id.
            seen("vm-40", Some(4), PowerState::On, "on"),
            seen("vm-70", Some(7), PowerState::On, "on"),
        ];
        let ids: Vec<_> = differing(&rows, &all).iter().map(|it| it.cloud_id.as_deref().unwrap()).collect();
        assert_eq!(ids, ["vm-3", "vm-5"]);
    }
}
