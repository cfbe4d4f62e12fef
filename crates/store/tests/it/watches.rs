use std::time::Duration;

use serde_json::json;
use store::{
    Json, Time, Tx, control_planes,
    farms::{self, Farm, FarmStatus, LaunchOrder},
    servers::{
        self, NewServer, Seen, ServerStatus, Wanted,
        watched::{self, ObservedBy},
    },
    watches::{self, Place},
};

use crate::{
    seed::{Seed, at, seed},
    test_db::TestDb,
};

on_both_engines!(a_place_has_one_watch, settled_servers_are_confirmed_and_no_others, what_a_watch_saw_is_not_put_off);

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);

fn place(seed: &Seed) -> Place {
    Place { account_id: seed.account.id, credential_id: seed.credential.id.clone(), location_id: "here".to_owned() }
}

async fn farm(tx: &mut Tx, seed: &Seed) -> Farm {
    let new = Farm {
        id: 0,
        environment_id: seed.environment.id,
        name: "shop".to_owned(),
        description: String::new(),
        status: FarmStatus::Running,
        launch_order: LaunchOrder::Simultaneous,
        owner_id: 1,
        owner_email: "ada@example.org".to_owned(),
        created_at: at(0),
        updated_at: at(0),
        locked: None,
        project_id: None,
    };
    farms::insert(tx, &new).await.unwrap()
}

/// One that was made at 0 and read at 10, as `change` leaves it; looked at again at `look_at`.
async fn server(tx: &mut Tx, farm: &Farm, id: &str, look_at: Time, change: impl FnOnce(&mut Seen)) {
    let new = NewServer {
        id: id.to_owned(),
        environment_id: farm.environment_id,
        farm_id: farm.id,
        farm_role_id: 1,
        position: 1,
        platform: "openstack".to_owned(),
        location_id: "here".to_owned(),
        credential_id: "aaaaaaaaaaaa".to_owned(),
        instance_type_id: "1".to_owned(),
        launch_reason: "test".to_owned(),
        launched_by_id: 1,
        launched_by_email: "ada@example.org".to_owned(),
    };
    servers::insert(tx, &new, at(0)).await.unwrap();
    let taken = servers::take_due(tx, "a", at(10), MINUTE, 1, None).await.unwrap().remove(0);
    let mut seen = taken.seen.clone();
    (seen.status, seen.cloud_id, seen.observed_at) = (ServerStatus::Running, Some(format!("vm-{id}")), Some(at(10)));
    change(&mut seen);
    assert!(servers::record(tx, id, "a", &seen).await.unwrap());
    servers::release(tx, id, "a", taken.generation, taken.look_at, look_at).await.unwrap();
}

async fn found(tx: &mut Tx, id: &str) -> (Option<Time>, Option<ObservedBy>, Time) {
    let it = servers::find(tx, id).await.unwrap().unwrap();
    (it.seen.observed_at, it.observed_by, it.look_at)
}

async fn a_place_has_one_watch(test: &TestDb) {
    let mut tx = test.db.write().await.unwrap();
    let seed = seed(&mut tx).await;
    assert_eq!(watches::places(&mut tx).await.unwrap(), []);
    let (farm, here) = (farm(&mut tx, &seed).await, place(&seed));
    for id in ["one", "two"] {
        server(&mut tx, &farm, id, at(300), |_| {}).await;
    }
    assert_eq!(watches::places(&mut tx).await.unwrap(), std::slice::from_ref(&here));
    assert_eq!(watches::environments(&mut tx, &here).await.unwrap(), [seed.environment.id]);

    let take = async |tx: &mut Tx, holder: &str, now| watches::try_take(tx, &here, holder, now, MINUTE).await.unwrap();
    assert!(take(&mut tx, "a", at(0)).await);
    assert!(!take(&mut tx, "b", at(59)).await, "a has it");
    assert!(!watches::is_working(&mut tx, &here, at(1)).await.unwrap(), "nothing was read yet");
    assert!(watches::beat(&mut tx, &here, "a", at(30), MINUTE, Some(at(20))).await.unwrap());
    assert!(watches::beat(&mut tx, &here, "a", at(40), MINUTE, Some(at(35))).await.unwrap());
    let all = watches::list_working(&mut tx, seed.account.id, at(99)).await.unwrap();
    assert_eq!((all[0].whole_at, all[0].alive_at), (at(20), at(40)), "complete since the first reading");
    assert!(watches::is_working(&mut tx, &here, at(99)).await.unwrap());
    assert!(!watches::is_working(&mut tx, &here, at(100)).await.unwrap(), "silent for too long");

    assert!(take(&mut tx, "b", at(100)).await);
    assert!(!watches::is_working(&mut tx, &here, at(101)).await.unwrap(), "b begins anew");
    assert!(!watches::beat(&mut tx, &here, "a", at(101), MINUTE, None).await.unwrap());
    watches::release(&mut tx, &here, "a").await.unwrap();
    assert!(!take(&mut tx, "c", at(101)).await, "a could not let go of it");
    control_planes::beat(&mut tx, "b", at(0)).await.unwrap();
    assert_eq!(watches::free_orphans(&mut tx).await.unwrap(), 0);
    control_planes::delete(&mut tx, "b").await.unwrap();
    assert_eq!(watches::free_orphans(&mut tx).await.unwrap(), 1);
    assert!(take(&mut tx, "c", at(101)).await);
}

async fn settled_servers_are_confirmed_and_no_others(test: &TestDb) {
    let mut tx = test.db.write().await.unwrap();
    let seed = seed(&mut tx).await;
    let (farm, here) = (farm(&mut tx, &seed).await, place(&seed));
    server(&mut tx, &farm, "settled", at(310), |_| {}).await;
    server(&mut tx, &farm, "due", at(90), |_| {}).await;
    server(&mut tx, &farm, "failed", at(3610), |it| it.failure = Some(Json(json!({})))).await;
    server(&mut tx, &farm, "odd", at(310), |it| it.odd_since = Some(at(10))).await;
    server(&mut tx, &farm, "pending", at(310), |it| it.status = ServerStatus::Pending).await;
    server(&mut tx, &farm, "later", at(310), |it| it.observed_at = Some(at(31))).await;
    server(&mut tx, &farm, "leaving", at(310), |_| {}).await;
    servers::want(&mut tx, "leaving", Wanted::Terminated, at(20)).await.unwrap();

    let elsewhere = Place { location_id: "there".to_owned(), ..here.clone() };
    let confirm =
        async |tx: &mut Tx, place: &Place| watched::confirm(tx, place, at(30), at(40), HOUR, MINUTE).await.unwrap();
    assert_eq!(confirm(&mut tx, &elsewhere).await, 0);
    assert_eq!(confirm(&mut tx, &here).await, 1);
    let (observed_at, by, look_at) = found(&mut tx, "settled").await;
    assert_eq!((observed_at, by), (Some(at(30)), Some(ObservedBy::Watch)));
    assert!(at(40) + HOUR <= look_at && look_at < at(40) + HOUR + MINUTE, "{look_at}");
    for id in ["due", "failed", "odd", "pending", "leaving"] {
        assert_eq!(found(&mut tx, id).await.1, Some(ObservedBy::Read), "{id}");
    }
    let briefs = watched::list_briefs(&mut tx, &here).await.unwrap();
    let mut settled: Vec<_> = briefs.iter().filter(|it| it.is_settled).map(|it| it.id.as_str()).collect();
    settled.sort_unstable();
    assert_eq!((briefs.len(), settled), (7, vec!["due", "later", "settled"]));
    assert_eq!(watched::briefs_of_machine(&mut tx, "vm-odd").await.unwrap()[0].id, "odd");
    assert_eq!(watched::find_brief(&mut tx, "odd").await.unwrap().unwrap().place, here);

    // Nobody watches any more.
    assert_eq!(watched::look_within(&mut tx, &here, at(50), MINUTE).await.unwrap(), 2);
    for (id, at_most) in [("settled", at(110)), ("later", at(110)), ("due", at(90))] {
        assert!(found(&mut tx, id).await.2 <= at_most, "{id}");
    }
    assert_eq!(found(&mut tx, "failed").await.2, at(3610), "it waits for another reason");
}

async fn what_a_watch_saw_is_not_put_off(test: &TestDb) {
    let mut tx = test.db.write().await.unwrap();
    let seed = seed(&mut tx).await;
    let farm = farm(&mut tx, &seed).await;
    server(&mut tx, &farm, "one", at(310), |_| {}).await;
    watched::look_by(&mut tx, "one", at(400)).await.unwrap();
    assert_eq!(found(&mut tx, "one").await.2, at(310), "it is looked at before that");
    watched::look_by(&mut tx, "one", at(100)).await.unwrap();

    // What is told during a look may have happened after it read.
    let taken = servers::take_due(&mut tx, "a", at(200), MINUTE, 1, None).await.unwrap().remove(0);
    servers::want_reboot(&mut tx, "one", servers::Reboot::Soft, at(150)).await.unwrap();
    let asked = servers::find(&mut tx, "one").await.unwrap().unwrap();
    servers::release(&mut tx, "one", "a", taken.generation, taken.look_at, at(900)).await.unwrap();
    assert_eq!(found(&mut tx, "one").await.2, at(150), "a user wrote");

    let taken = servers::take_due(&mut tx, "a", at(200), MINUTE, 1, None).await.unwrap().remove(0);
    assert_eq!(taken.generation, asked.generation);
    watched::look_by(&mut tx, "one", at(140)).await.unwrap();
    servers::reboot_sent(&mut tx, "one", "a", taken.generation, at(201)).await.unwrap();
    servers::release(&mut tx, "one", "a", taken.generation, taken.look_at, at(900)).await.unwrap();
    let server = servers::find(&mut tx, "one").await.unwrap().unwrap();
    assert_eq!(server.look_at, at(140));
    assert_eq!(server.reboot_sent_at, Some(at(201)), "unlike what a user writes, it leaves the step valid");
}
