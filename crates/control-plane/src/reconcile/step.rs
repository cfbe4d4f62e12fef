//! What is to be done next about a server: from what is wanted, what it was, and what its cloud says.

use std::time::Duration;

use cloud::{
    inventory::PowerState,
    server::{CloudServer, Phase, PowerChange},
};
use store::{
    Time,
    servers::{Reboot, Server, ServerStatus as S, Wanted},
};

/// That a machine is not there is believed when readings for this long say so.
pub const ODD_FOR: Duration = Duration::from_secs(5);
/// And that its power is another one when a second reading, this much later, says the same: nothing is lost by being
/// wrong, and people wait for it.
pub const OTHER_POWER_FOR: Duration = Duration::from_millis(1500);
/// A reboot is shown at least this long, for clients that ask each second.
const REBOOT_FOR: Duration = Duration::from_secs(3);

#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    Launch,
    /// It is there, and not finished.
    Advance,
    Power(PowerChange),
    Reboot(Reboot),
    /// The reboot that was asked for took place.
    Rebooted,
    Remove,
    /// Somebody changed the power in the cloud: that is what is wanted from now on.
    Accept(Wanted),
    /// It is as wanted, or the cloud works on it.
    Nothing,
    /// It does not fit, and a second reading has to say so.
    LookAgain,
    /// Two readings say that it is not there.
    Missing,
    /// The cloud gave up on it.
    Failed(String),
}

/// The step, and the status from now on. While an operation is under way, the power of the machine is its doing: it goes on
/// before what is wanted of the power since.
pub fn decide(server: &Server, found: Option<&CloudServer>, is_operated: bool, now: Time) -> (Step, S) {
    let status = server.seen.status;
    if server.wanted == Wanted::Terminated {
        return (Step::Remove, S::PendingTerminate);
    }
    let is_odd_for = |long| server.seen.odd_since.is_some_and(|it| it + long <= now);
    let odd = |step| (if is_odd_for(ODD_FOR) { step } else { Step::LookAgain }, status);
    let Some(machine) = found else {
        let was_ordered = server.seen.cloud_id.is_some() || server.seen.cloud_order.is_some();
        return if was_ordered { odd(Step::Missing) } else { (Step::Launch, S::PendingLaunch) };
    };
    let begins = matches!(status, S::PendingLaunch | S::Pending);
    match &machine.phase {
        Phase::Failed { message } => return (Step::Failed(message.clone()), if begins { S::Pending } else { status }),
        Phase::Removing => return odd(Step::Missing),
        Phase::Building if begins => return (Step::Advance, S::Pending),
        Phase::Building => return (Step::Nothing, status),
        Phase::Ready if is_operated => return (Step::Nothing, status),
        Phase::Ready => {}
    }
    let is_down = matches!(machine.power_state, PowerState::Off | PowerState::Suspended);
    match (server.wanted, machine.power_state) {
        (_, PowerState::Unknown) => (Step::Nothing, status),
        (Wanted::Running, PowerState::On) => (reboot(server, now), S::Running),
        (Wanted::Running, _) if status == S::Running && server.reboot.is_none() => match is_odd_for(OTHER_POWER_FOR) {
            false => (Step::LookAgain, status),
            true => (Step::Accept(Wanted::Suspended), S::Suspended),
        },
        (Wanted::Running, _) if begins || status == S::Initializing => (Step::Power(PowerChange::On), S::Pending),
        (Wanted::Running, _) => (Step::Power(PowerChange::On), S::Resuming),
        (_, _) if is_down => (Step::Nothing, S::Suspended),
        (_, _) if status == S::Suspended => match is_odd_for(OTHER_POWER_FOR) {
            false => (Step::LookAgain, status),
            true => (Step::Accept(Wanted::Running), S::Running),
        },
        (_, _) => (Step::Power(PowerChange::Suspend), S::PendingSuspend),
    }
}

/// Of a server that runs.
fn reboot(server: &Server, now: Time) -> Step {
    match (server.reboot, server.reboot_sent_at) {
        (None, _) => Step::Nothing,
        (Some(reboot), None) => Step::Reboot(reboot),
        (Some(_), Some(sent_at)) if sent_at + REBOOT_FOR <= now => Step::Rebooted,
        (Some(_), Some(_)) => Step::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use cloud::server::Order;
    use store::{Json, servers::Seen};

    use super::*;

    const NOW: Time = Time(jiff::Timestamp::UNIX_EPOCH);

    fn server(wanted: Wanted, status: S) -> Server {
        let seen = Seen {
            status,
            status_since: NOW,
            spec: None,
            cloud_order: Some(Json(Order::new("1".to_owned(), None))),
            cloud_id: None,
            cloud_status: None,
            addresses: Json(Vec::new()),
            failure: None,
            waiting: None,
            n_tries: 0,
            odd_since: None,
            observed_at: None,
            launched_at: None,
            suspended_at: None,
            terminated_at: None,
        };
        Server {
            id: String::new(),
            environment_id: 1,
            farm_id: 1,
            farm_role_id: 1,
            position: 1,
            platform: "openstack".to_owned(),
            location_id: "RegionOne".to_owned(),
            credential_id: String::new(),
            instance_type_id: "1".to_owned(),
            launch_reason: String::new(),
            launched_by_id: 1,
            launched_by_email: String::new(),
            created_at: NOW,
            wanted,
            reboot: None,
            reboot_sent_at: None,
            look_at: NOW,
            generation: 1,
            observed_by: None,
            seen,
        }
    }

    fn machine(phase: Phase, power_state: PowerState) -> Option<CloudServer> {
        Some(CloudServer {
            cloud_id: Some("1".to_owned()),
            name: String::new(),
            phase,
            power_state,
            status: String::new(),
            addresses: Vec::new(),
            created_at: None,
        })
    }

    fn check(wanted: Wanted, status: S, found: &Option<CloudServer>, first: (Step, S), second: (Step, S)) {
        let mut server = server(wanted, status);
        assert_eq!(decide(&server, found.as_ref(), false, NOW), first, "the first reading");
        server.seen.odd_since = Some(NOW);
        assert_eq!(decide(&server, found.as_ref(), false, NOW + ODD_FOR), second, "a later one");
    }

    fn same(wanted: Wanted, status: S, found: &Option<CloudServer>, expected: (Step, S)) {
        check(wanted, status, found, expected.clone(), expected);
    }

    #[test]
    fn a_server_is_launched_once() {
        let mut new = server(Wanted::Running, S::PendingLaunch);
        new.seen.cloud_order = None;
        assert_eq!(decide(&new, None, false, NOW), (Step::Launch, S::PendingLaunch));
        let building = machine(Phase::Building, PowerState::Unknown);
        same(Wanted::Running, S::PendingLaunch, &building, (Step::Advance, S::Pending));
        let off = machine(Phase::Ready, PowerState::Off);
        same(Wanted::Running, S::Pending, &off, (Step::Power(PowerChange::On), S::Pending));
        let on = machine(Phase::Ready, PowerState::On);
        same(Wanted::Running, S::Pending, &on, (Step::Nothing, S::Running));
    }

    #[test]
    fn one_strange_reading_changes_nothing() {
        let off = machine(Phase::Ready, PowerState::Off);
        let accepted = (Step::Accept(Wanted::Suspended), S::Suspended);
        check(Wanted::Running, S::Running, &off, (Step::LookAgain, S::Running), accepted);
        check(Wanted::Running, S::Running, &None, (Step::LookAgain, S::Running), (Step::Missing, S::Running));
        let on = machine(Phase::Ready, PowerState::On);
        let accepted = (Step::Accept(Wanted::Running), S::Running);
        check(Wanted::Suspended, S::Suspended, &on, (Step::LookAgain, S::Suspended), accepted);
        let unknown = machine(Phase::Ready, PowerState::Unknown);
        same(Wanted::Running, S::Running, &unknown, (Step::Nothing, S::Running));
    }

    #[test]
    fn suspended_and_resumed() {
        let on = machine(Phase::Ready, PowerState::On);
        let suspended = machine(Phase::Ready, PowerState::Suspended);
        same(Wanted::Suspended, S::Running, &on, (Step::Power(PowerChange::Suspend), S::PendingSuspend));
        same(Wanted::Suspended, S::PendingSuspend, &suspended, (Step::Nothing, S::Suspended));
        same(Wanted::Running, S::Suspended, &suspended, (Step::Power(PowerChange::On), S::Resuming));
        same(Wanted::Running, S::Resuming, &on, (Step::Nothing, S::Running));
    }

    /// A resize switches a machine off and on, and a snapshot may freeze it: nobody else did.
    #[test]
    fn an_operation_goes_on_before_anything_but_a_removal() {
        for power in [PowerState::On, PowerState::Off, PowerState::Suspended, PowerState::Unknown] {
            for (wanted, status) in [
                (Wanted::Running, S::Running),
                (Wanted::Suspended, S::Running),
                (Wanted::Suspended, S::Suspended),
                (Wanted::Running, S::Suspended),
            ] {
                for phase in [Phase::Ready, Phase::Building] {
                    let mut server = server(wanted, status);
                    (server.reboot, server.seen.odd_since) = (Some(Reboot::Hard), Some(NOW));
                    let found = machine(phase, power);
                    let later = NOW + ODD_FOR;
                    assert_eq!(decide(&server, found.as_ref(), true, later), (Step::Nothing, status), "{found:?}");
                }
            }
        }
        let on = machine(Phase::Ready, PowerState::On);
        let step = |wanted, found: &Option<CloudServer>| {
            let mut server = server(wanted, S::Running);
            server.seen.odd_since = Some(NOW);
            decide(&server, found.as_ref(), true, NOW + ODD_FOR).0
        };
        assert_eq!(step(Wanted::Terminated, &on), Step::Remove);
        assert_eq!(step(Wanted::Running, &None), Step::Missing);
        let failed = machine(Phase::Failed { message: "no room".to_owned() }, PowerState::Unknown);
        assert_eq!(step(Wanted::Running, &failed), Step::Failed("no room".to_owned()));
    }

    #[test]
    fn what_is_to_go_is_removed_whatever_it_is() {
        for found in [None, machine(Phase::Ready, PowerState::On), machine(Phase::Building, PowerState::Unknown)] {
            same(Wanted::Terminated, S::Running, &found, (Step::Remove, S::PendingTerminate));
        }
    }

    #[test]
    fn a_reboot_is_sent_once_and_shown_for_a_while() {
        let on = machine(Phase::Ready, PowerState::On);
        let mut server = server(Wanted::Running, S::Running);
        server.reboot = Some(Reboot::Soft);
        assert_eq!(decide(&server, on.as_ref(), false, NOW).0, Step::Reboot(Reboot::Soft));
        server.reboot_sent_at = Some(NOW);
        assert_eq!(decide(&server, on.as_ref(), false, NOW).0, Step::Nothing);
        assert_eq!(decide(&server, on.as_ref(), false, NOW + REBOOT_FOR).0, Step::Rebooted);
    }
}
