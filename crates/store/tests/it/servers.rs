use std::{collections::BTreeMap, time::Duration};

use cloud::server::Order;
use serde_json::json;
use store::{
    DbError, Json, Order as Sorting, Owner, Select, Time, Tx, control_planes, environments, event_logs,
    event_logs::EventLog,
    farm_roles,
    farm_roles::FarmRole,
    farms,
    farms::{Farm, FarmLock, FarmStatus, LaunchOrder, UnlockPermission},
    roles,
    roles::Role,
    servers,
    servers::{NewServer, Reboot, Server, ServerStatus, Wanted},
};

use crate::{
    seed::{Seed, at, seed},
    test_db::TestDb,
};

on_both_engines!(
    farms_and_their_roles,
    what_users_want_of_servers,
    a_lease_belongs_to_one,
    a_wish_during_a_look_is_not_put_off,
    servers_of_a_control_plane_that_is_gone,
    the_ends_of_servers,
    servers_are_found_by_name_and_age,
    events_of_servers,
    servers_that_wait_for_something_of_their_farm,
);

const LEASE: Duration = Duration::from_secs(90);

async fn farm(tx: &mut Tx, seed: &Seed, name: &str) -> Farm {
    let new = Farm {
        id: 0,
        environment_id: seed.environment.id,
        name: name.to_owned(),
        description: "the shop".to_owned(),
        status: FarmStatus::Terminated,
        launch_order: LaunchOrder::Sequential,
        owner_id: seed.user.id,
        owner_email: seed.user.email.clone(),
        created_at: at(1),
        updated_at: at(1),
        locked: None,
        project_id: None,
    };
    farms::insert(tx, &new).await.unwrap()
}

async fn farm_role(tx: &mut Tx, farm: &Farm, alias: &str, launch_index: i64) -> FarmRole {
    let role = Role {
        id: 0,
        owner: Owner { account_id: None, environment_id: None },
        name: format!("{} {alias}", farm.name),
        category_id: 1,
        os_id: "debian-12".to_owned(),
        description: String::new(),
        tags: Json(vec![]),
        builtin_automation: Json(vec![]),
        deprecated_at: None,
        deprecation_message: None,
        replacement_id: None,
    };
    let role_id = roles::insert(tx, &role).await.unwrap().id;
    let new = FarmRole {
        id: 0,
        farm_id: farm.id,
        role_id,
        alias: alias.to_owned(),
        platform: "openstack".to_owned(),
        location_id: "RegionOne".to_owned(),
        instance_type_id: "1".to_owned(),
        launch_index,
        is_scaled: true,
        min_instances: 1,
        max_instances: 3,
        config: Json(json!({ "networking": { "networks": [{ "id": "n" }] } })),
    };
    farm_roles::insert(tx, &new).await.unwrap()
}

async fn server(tx: &mut Tx, seed: &Seed, of: &FarmRole, position: i64) -> Server {
    let new = NewServer {
        id: format!("00000000-0000-4000-8000-{:06}{position:06}", of.id),
        environment_id: seed.environment.id,
        farm_id: of.farm_id,
        farm_role_id: of.id,
        position,
        platform: of.platform.clone(),
        location_id: of.location_id.clone(),
        credential_id: seed.credential.id.clone(),
        instance_type_id: of.instance_type_id.clone(),
        launch_reason: "Farm launched (3)".to_owned(),
        launched_by_id: seed.user.id,
        launched_by_email: seed.user.email.clone(),
    };
    servers::insert(tx, &new, at(position)).await.unwrap()
}

/// A farm with one role and so many servers, due at the seconds 1, 2, ….
async fn servers_of_a_farm(tx: &mut Tx, n_servers: i64) -> (Seed, FarmRole, Vec<Server>) {
    let seed = seed(tx).await;
    let farm = farm(tx, &seed, "shop").await;
    let role = farm_role(tx, &farm, "web", 1).await;
    let mut made = Vec::new();
    for position in 1..=n_servers {
        made.push(server(tx, &seed, &role, position).await);
    }
    (seed, role, made)
}

async fn find(tx: &mut Tx, id: &str) -> Server {
    servers::find(tx, id).await.unwrap().unwrap()
}

fn ids(servers: &[Server]) -> Vec<&str> {
    servers.iter().map(|it| it.id.as_str()).collect()
}

async fn take(tx: &mut Tx, holder: &str, now: Time, limit: i64) -> Vec<Server> {
    servers::take_due(tx, holder, now, LEASE, limit, None).await.unwrap()
}

async fn farms_and_their_roles(test: &TestDb) {
    let mut tx = test.db.write().await.unwrap();
    let seed = seed(&mut tx).await;
    let mut shop = farm(&mut tx, &seed, "shop").await;
    let other = farm(&mut tx, &seed, "other").await;
    let of_environment = Select::new().eq("environment_id", seed.environment.id);
    let rows = farms::list(&mut tx, of_environment).await.unwrap().rows;
    assert_eq!(rows, [shop.clone(), other.clone()]);
    let elsewhere = Select::new().eq("environment_id", seed.environment.id + 1);
    assert!(farms::list(&mut tx, elsewhere).await.unwrap().rows.is_empty());

    (shop.name, shop.status, shop.updated_at) = ("store".to_owned(), FarmStatus::Running, at(9));
    shop.launch_order = LaunchOrder::Simultaneous;
    farms::update(&mut tx, &shop).await.unwrap();
    assert_eq!(farms::get(&mut tx, shop.id).await.unwrap(), shop);
    let lock = |unlock_permission| FarmLock {
        comment: "sales".to_owned(),
        unlock_permission,
        user_id: seed.user.id,
        user_email: seed.user.email.clone(),
    };
    for locked in [Some(lock(UnlockPermission::Owner)), Some(lock(UnlockPermission::Anyone)), None] {
        shop.locked = locked.map(Json);
        farms::update(&mut tx, &shop).await.unwrap();
        assert_eq!(farms::get(&mut tx, shop.id).await.unwrap(), shop);
        assert_eq!(farms::get(&mut tx, other.id).await.unwrap(), other);
    }

    let last = farm_role(&mut tx, &shop, "web", 2).await;
    let first = farm_role(&mut tx, &shop, "db", 1).await;
    farm_role(&mut tx, &other, "web", 1).await;
    assert_eq!(farm_roles::list_of_farm(&mut tx, shop.id).await.unwrap(), [first.clone(), last.clone()]);
    let mut changed = last.clone();
    (changed.alias, changed.min_instances, changed.config) = ("front".to_owned(), 2, Json(json!({})));
    farm_roles::update(&mut tx, &changed).await.unwrap();
    assert_eq!(farm_roles::find(&mut tx, last.id).await.unwrap(), Some(changed));
    farm_roles::delete(&mut tx, first.id).await.unwrap();
    assert!(matches!(farm_roles::delete(&mut tx, first.id).await, Err(DbError::NotFound { what: "farm role" })));

    farms::delete(&mut tx, shop.id).await.unwrap();
    assert_eq!(farm_roles::find(&mut tx, last.id).await.unwrap(), None, "roles go with their farm");
    tx.commit().await.unwrap();
    let mut tx = test.db.write().await.unwrap();
    let twice = farms::insert(&mut tx, &other).await;
    assert!(matches!(twice, Err(DbError::Duplicate { what: "farm" })), "{twice:?}");
}

async fn what_users_want_of_servers(test: &TestDb) {
    let mut tx = test.db.write().await.unwrap();
    let (seed, role, made) = servers_of_a_farm(&mut tx, 3).await;
    let first = &made[0];
    assert_eq!((first.wanted, first.seen.status), (Wanted::Running, ServerStatus::PendingLaunch));
    assert_eq!((first.generation, first.look_at, first.created_at), (1, at(1), at(1)));
    let of_role = Select::new().eq("farm_role_id", role.id);
    assert_eq!(servers::list(&mut tx, of_role).await.unwrap().rows, made);
    assert_eq!(servers::live_of_farm(&mut tx, role.farm_id).await.unwrap(), made);
    let environment_id = seed.environment.id;
    assert_eq!(servers::count_live(&mut tx, environment_id, &seed.credential.id).await.unwrap(), 3);
    assert_eq!(servers::count_live(&mut tx, environment_id + 1, &seed.credential.id).await.unwrap(), 0);

    servers::want(&mut tx, &first.id, Wanted::Suspended, at(50)).await.unwrap();
    servers::want_reboot(&mut tx, &first.id, Reboot::Hard, at(51)).await.unwrap();
    servers::look_now(&mut tx, &first.id, at(52)).await.unwrap();
    let wished = find(&mut tx, &first.id).await;
    let expected = (Wanted::Suspended, Some(Reboot::Hard), 4, at(52));
    assert_eq!((wished.wanted, wished.reboot, wished.generation, wished.look_at), expected);

    let held = farms::delete(&mut tx, role.farm_id).await;
    assert!(held.is_err(), "servers hold their farm");
    drop(tx);
    let mut tx = test.db.write().await.unwrap();
    servers_of_a_farm(&mut tx, 1).await;
    tx.commit().await.unwrap();
    let mut tx = test.db.write().await.unwrap();
    assert!(environments::delete(&mut tx, environment_id).await.is_err(), "servers hold their environment");
}

async fn a_lease_belongs_to_one(test: &TestDb) {
    let mut tx = test.db.write().await.unwrap();
    let (seed, _, made) = servers_of_a_farm(&mut tx, 3).await;
    let [first, second, third] = [0, 1, 2].map(|n| made[n].id.as_str());
    assert!(!servers::is_any_due(&mut tx, at(0)).await.unwrap());
    assert!(servers::is_any_due(&mut tx, at(1)).await.unwrap());
    assert_eq!(ids(&take(&mut tx, "a", at(1), 9).await), [first], "the others have time");
    assert_eq!(ids(&take(&mut tx, "b", at(5), 1).await), [second], "who waits longest");
    let account = seed.account.id;
    assert_eq!(servers::take_due(&mut tx, "b", at(5), LEASE, 9, Some(account)).await.unwrap(), []);
    let of_others = servers::take_due(&mut tx, "b", at(5), LEASE, 9, Some(account + 1)).await.unwrap();
    assert_eq!(ids(&of_others), [third]);
    let until = at(5) + LEASE;
    assert!(servers::has_lease(&mut tx, third, "b", until).await.unwrap());
    assert!(!servers::has_lease(&mut tx, third, "b", until + Duration::from_secs(1)).await.unwrap());
    assert!(!servers::has_lease(&mut tx, third, "a", at(5)).await.unwrap(), "another has it");
    assert!(take(&mut tx, "b", at(90), 9).await.is_empty());
    assert!(!servers::is_any_due(&mut tx, at(90)).await.unwrap());

    // The first control plane was silent for too long.
    assert!(servers::renew_lease(&mut tx, second, "b", at(90), LEASE).await.unwrap());
    assert!(servers::is_any_due(&mut tx, at(91)).await.unwrap());
    assert_eq!(ids(&take(&mut tx, "b", at(91), 9).await), [first]);
    assert!(!servers::renew_lease(&mut tx, first, "a", at(91), LEASE).await.unwrap());
    let mut seen = made[0].seen.clone();
    seen.status = ServerStatus::Running;
    assert!(!servers::record(&mut tx, first, "a", &seen).await.unwrap(), "another has it");
    servers::reboot_sent(&mut tx, first, "a", 1, at(92)).await.unwrap();
    servers::accept(&mut tx, first, "a", 1, Wanted::Suspended).await.unwrap();
    servers::release(&mut tx, first, "a", 1, at(1), at(500)).await.unwrap();
    let before = find(&mut tx, first).await;
    assert_eq!(before.seen, made[0].seen);
    assert_eq!((before.wanted, before.reboot_sent_at, before.look_at), (Wanted::Running, None, at(1)));

    seen.cloud_order = Some(Json(Order::new("order".to_owned(), None)));
    seen.failure = Some(Json(json!({ "summary": "full" })));
    (seen.cloud_id, seen.n_tries, seen.odd_since) = (Some("vm-1".to_owned()), 3, Some(at(80)));
    (seen.observed_at, seen.launched_at) = (Some(at(91)), Some(at(92)));
    (seen.suspended_at, seen.terminated_at) = (Some(at(93)), Some(at(94)));
    assert!(servers::record(&mut tx, first, "b", &seen).await.unwrap());
    assert_eq!(find(&mut tx, first).await.seen, seen);
    servers::release(&mut tx, first, "b", 1, at(1), at(500)).await.unwrap();
    assert_eq!(ids(&take(&mut tx, "a", at(120), 9).await), [third], "its lease has ended, and the first is due later");
    assert_eq!(ids(&take(&mut tx, "a", at(500), 1).await), [second], "its lease has ended");
}

async fn a_wish_during_a_look_is_not_put_off(test: &TestDb) {
    let mut tx = test.db.write().await.unwrap();
    let (_, _, made) = servers_of_a_farm(&mut tx, 1).await;
    let id = &made[0].id;
    servers::want_reboot(&mut tx, id, Reboot::Soft, at(1)).await.unwrap();
    let generation = take(&mut tx, "a", at(1), 1).await[0].generation;
    servers::reboot_sent(&mut tx, id, "a", generation, at(2)).await.unwrap();
    assert_eq!(find(&mut tx, id).await.reboot_sent_at, Some(at(2)));
    // Before the look ends, a user writes.
    servers::want_reboot(&mut tx, id, Reboot::Hard, at(3)).await.unwrap();
    servers::reboot_done(&mut tx, id, "a", generation).await.unwrap();
    servers::accept(&mut tx, id, "a", generation, Wanted::Suspended).await.unwrap();
    servers::release(&mut tx, id, "a", generation, at(1), at(300)).await.unwrap();
    let after = find(&mut tx, id).await;
    assert_eq!((after.reboot, after.reboot_sent_at, after.wanted), (Some(Reboot::Hard), None, Wanted::Running));
    let again = take(&mut tx, "a", at(3), 1).await;
    assert_eq!(ids(&again), [id], "looked at again at once");
    let generation = again[0].generation;
    servers::reboot_done(&mut tx, id, "a", generation).await.unwrap();
    servers::accept(&mut tx, id, "a", generation, Wanted::Suspended).await.unwrap();
    let after = find(&mut tx, id).await;
    assert_eq!((after.reboot, after.wanted), (None, Wanted::Suspended));
}

async fn servers_of_a_control_plane_that_is_gone(test: &TestDb) {
    let mut tx = test.db.write().await.unwrap();
    let (_, _, made) = servers_of_a_farm(&mut tx, 2).await;
    control_planes::beat(&mut tx, "alive", at(0)).await.unwrap();
    take(&mut tx, "dead", at(1), 1).await;
    take(&mut tx, "alive", at(2), 1).await;
    assert_eq!(servers::free_orphans(&mut tx).await.unwrap(), 1);
    assert_eq!(ids(&take(&mut tx, "alive", at(3), 9).await), [&made[0].id]);
}

async fn the_ends_of_servers(test: &TestDb) {
    let mut tx = test.db.write().await.unwrap();
    let (seed, role, made) = servers_of_a_farm(&mut tx, 3).await;
    for (server, status) in made.iter().zip([ServerStatus::Terminated, ServerStatus::Running]) {
        take(&mut tx, "a", at(9), 9).await;
        let mut seen = server.seen.clone();
        seen.status = status;
        seen.terminated_at = (status == ServerStatus::Terminated).then(|| at(10));
        assert!(servers::record(&mut tx, &server.id, "a", &seen).await.unwrap());
    }
    let mut counts = servers::counts_of_farm(&mut tx, role.farm_id).await.unwrap();
    counts.sort_by_key(|(status, _)| status.as_str());
    assert_eq!(counts, [(ServerStatus::PendingLaunch, 1), (ServerStatus::Running, 1)]);
    let live = servers::live_of_farm(&mut tx, role.farm_id).await.unwrap();
    assert_eq!(ids(&live), [&made[1].id, &made[2].id]);
    assert_eq!(servers::prune(&mut tx, at(10)).await.unwrap(), 0);
    assert_eq!(servers::prune(&mut tx, at(11)).await.unwrap(), 1);
    assert_eq!(servers::find(&mut tx, &made[0].id).await.unwrap(), None);
    check_list(&mut tx, &seed, &role, &[&made[1], &made[2]]).await;

    let mut seen = made[1].seen.clone();
    seen.status = ServerStatus::Terminated;
    assert!(servers::record(&mut tx, &made[1].id, "a", &seen).await.unwrap());
    servers::delete_of_farm(&mut tx, role.farm_id).await.unwrap();
    assert_eq!(servers::find(&mut tx, &made[1].id).await.unwrap(), None);
    assert!(servers::find(&mut tx, &made[2].id).await.unwrap().is_some(), "one that lives stays");
    check_list(&mut tx, &seed, &role, &[&made[2]]).await;
}

/// The number of all is kept; those of filters are counted.
async fn check_list(tx: &mut Tx, seed: &Seed, role: &FarmRole, expected: &[&Server]) {
    let expected: Vec<_> = expected.iter().map(|it| it.id.as_str()).collect();
    let environment_id = seed.environment.id;
    let of_role = Select::new().eq("farm_role_id", role.id);
    let by_age = Select::new().at_least("created_at", at(0));
    for select in [Select::new(), of_role, by_age] {
        let found = servers::list_of_environment(tx, environment_id, select.clone()).await.unwrap();
        assert_eq!((ids(&found.rows), found.total), (expected.clone(), expected.len() as i64), "{select:?}");
        let other = servers::list_of_environment(tx, environment_id + 1, select.clone()).await.unwrap();
        assert_eq!((other.rows, other.total), (Vec::new(), 0), "{select:?}");
    }
}

async fn servers_are_found_by_name_and_age(test: &TestDb) {
    let mut tx = test.db.write().await.unwrap();
    let (seed, _, made) = servers_of_a_farm(&mut tx, 3).await;
    take(&mut tx, "a", at(9), 9).await;
    for (server, name) in made.iter().zip(["web-2", "web-1"]) {
        let mut seen = server.seen.clone();
        let spec = json!({
            "mark": server.id, "location": "RegionOne", "name": name, "image": "i", "size": { "flavor": "1" },
            "nics": [], "userData": null, "metadata": {},
            "placement": { "openstack": { "securityGroups": [], "availabilityZone": null } },
        });
        seen.spec = Some(Json(serde_json::from_value(spec).unwrap()));
        assert!(servers::record(&mut tx, &server.id, "a", &seen).await.unwrap());
    }
    let all = || Select::new().eq("environment_id", seed.environment.id);
    let by_name = all().order_by("name", Sorting::Ascending);
    let by_age = all().order_by("created_at", Sorting::Descending);
    for (select, expected) in [
        (by_name, [&made[2], &made[1], &made[0]].as_slice()), // The first has no name yet.
        (by_age, &[&made[2], &made[1], &made[0]]),
        (all().eq("name", "web-1"), &[&made[1]]),
        (all().contains("name", "WEB"), &[&made[0], &made[1]]),
        (all().at_least("created_at", at(2)).below("created_at", at(3)), &[&made[1]]),
    ] {
        let found = servers::list(&mut tx, select).await.unwrap().rows;
        let expected: Vec<_> = expected.iter().map(|it| it.id.as_str()).collect();
        assert_eq!(ids(&found), expected);
    }
}

async fn events_of_servers(test: &TestDb) {
    let mut tx = test.db.write().await.unwrap();
    let event = |n: i64, server_id: &str, second: i64| EventLog {
        id: format!("00000000-0000-4000-8000-{n:012}"),
        environment_id: 1,
        farm_id: 2,
        farm_role_id: 3,
        server_id: server_id.to_owned(),
        event: "HostUp".to_owned(),
        message: "the server runs".to_owned(),
        evidence: Json(BTreeMap::from([("requestId".to_owned(), "req-1".to_owned())])),
        at: at(second),
    };
    let all = [event(1, "a", 30), event(2, "b", 10), event(3, "a", 20)];
    for it in &all {
        event_logs::insert(&mut tx, it).await.unwrap();
    }
    assert_eq!(event_logs::find(&mut tx, &all[0].id).await.unwrap(), Some(all[0].clone()));
    let of_a = event_logs::list(&mut tx, Select::new().eq("server_id", "a")).await.unwrap();
    assert_eq!(of_a.rows, [all[2].clone(), all[0].clone()], "by time");
    assert_eq!(event_logs::count(&mut tx, 2, "HostUp", at(20)).await.unwrap(), 2);
    assert_eq!(event_logs::count(&mut tx, 2, "HostDown", at(20)).await.unwrap(), 0);
    assert_eq!(event_logs::prune(&mut tx, at(20)).await.unwrap(), 1);
    assert_eq!(event_logs::list(&mut tx, Select::new()).await.unwrap().rows.len(), 2);
}

async fn servers_that_wait_for_something_of_their_farm(test: &TestDb) {
    let mut tx = test.db.write().await.unwrap();
    let (seed, role, made) = servers_of_a_farm(&mut tx, 3).await;
    let credential = seed.credential.id.as_str();
    let put_off = async |tx: &mut Tx| {
        for it in servers::take_due(tx, "a", at(9), LEASE, 9, None).await.unwrap() {
            servers::release(tx, &it.id, "a", it.generation, it.look_at, at(900)).await.unwrap();
        }
    };
    put_off(&mut tx).await;
    servers::want(&mut tx, &made[1].id, Wanted::Terminated, at(800)).await.unwrap();
    let id = &made[2].id;
    servers::look_now(&mut tx, id, at(9)).await.unwrap();
    let taken = servers::take_due(&mut tx, "a", at(9), LEASE, 9, None).await.unwrap().remove(0);
    for (farm_id, credential, location) in [
        (role.farm_id + 1, credential, "RegionOne"),
        (role.farm_id, "another", "RegionOne"),
        (role.farm_id, credential, "RegionTwo"),
    ] {
        servers::look_at_waiting(&mut tx, farm_id, credential, location, at(10)).await.unwrap();
        assert_eq!(find(&mut tx, &made[0].id).await.look_at, at(900));
    }
    servers::look_at_waiting(&mut tx, role.farm_id, credential, "RegionOne", at(10)).await.unwrap();
    assert_eq!(find(&mut tx, &made[0].id).await.look_at, at(10));
    assert_eq!(find(&mut tx, &made[1].id).await.look_at, at(800), "it is to go");
    // One that is looked at just now may have missed it.
    servers::release(&mut tx, id, "a", taken.generation, taken.look_at, at(900)).await.unwrap();
    assert_eq!(find(&mut tx, id).await.look_at, at(10));
    // What was asked of a cloud waits for nothing of the farm.
    let taken = servers::take_due(&mut tx, "a", at(11), LEASE, 1, None).await.unwrap().remove(0);
    let mut seen = taken.seen.clone();
    seen.status = ServerStatus::Running;
    assert!(servers::record(&mut tx, &taken.id, "a", &seen).await.unwrap());
    servers::release(&mut tx, &taken.id, "a", taken.generation, taken.look_at, at(900)).await.unwrap();
    servers::look_at_waiting(&mut tx, role.farm_id, credential, "RegionOne", at(12)).await.unwrap();
    assert_eq!(find(&mut tx, &taken.id).await.look_at, at(900));
}
