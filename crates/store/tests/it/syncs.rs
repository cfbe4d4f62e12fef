use cloud::{
    InstanceType, Location, LocationId,
    inventory::{Hidden, Noun, PowerState},
};
use store::{
    DbError, Order, Select, cloud_locations, control_planes, instance_types, machines, resources,
    sync_state::{self, Of},
    syncs::{self, Sync, SyncStatus},
    vmware_instance_types::{self, VmwareInstanceType},
};

use crate::{
    seed::{at, machine, resource, seed},
    test_db::TestDb,
};

on_both_engines!(
    runs_of_a_sync,
    freshness_of_a_list,
    locations,
    what_was_in_a_location_goes_with_it,
    published_instance_types,
    vmware_sizes
);

async fn runs_of_a_sync(test: &TestDb) {
    let mut tx = test.db.write().await.unwrap();
    let credential_id = seed(&mut tx).await.credential.id;
    let run = |id: &str, second| Sync {
        id: id.to_owned(),
        credential_id: credential_id.clone(),
        trigger: "schedule".to_owned(),
        requested_by: "system".to_owned(),
        status: SyncStatus::Running,
        started_at: at(second),
        ended_at: None,
        n_changes: 0,
        error: None,
        run_by: Some("cp-1".to_owned()),
    };
    for (second, id) in (0..).zip(["s1", "s2", "s3"]) {
        syncs::insert(&mut tx, &run(id, second)).await.unwrap();
    }
    let running = syncs::find_running(&mut tx, &credential_id, at(1)).await.unwrap();
    assert_eq!(running.map(|it| it.id).as_deref(), Some("s3"), "the newest");
    assert_eq!(syncs::find_running(&mut tx, &credential_id, at(2)).await.unwrap(), None, "too old");
    assert_eq!(syncs::find_running(&mut tx, "another", at(0)).await.unwrap(), None);
    syncs::end(&mut tx, "s1", at(9), 12, None).await.unwrap();
    syncs::end(&mut tx, "s2", at(9), 0, Some("cannot reach it")).await.unwrap();
    assert_eq!(syncs::count_running(&mut tx).await.unwrap(), 1);
    control_planes::beat(&mut tx, "cp-1", at(0)).await.unwrap();
    assert_eq!(syncs::abandon_orphans(&mut tx, at(10)).await.unwrap(), []);
    control_planes::delete(&mut tx, "cp-1").await.unwrap();
    assert_eq!(syncs::abandon_orphans(&mut tx, at(10)).await.unwrap().len(), 1);
    syncs::end(&mut tx, "s3", at(11), 5, None).await.unwrap();
    let newest = Select::new().order_by("started_at", Order::Descending).limit(2);
    let listed = syncs::list(&mut tx, &credential_id, newest).await.unwrap();
    assert_eq!((listed.rows.len(), listed.total, listed.rows[0].id.as_str()), (2, 3, "s3"));
    assert_eq!((listed.rows[0].status, listed.rows[0].ended_at), (SyncStatus::Failed, Some(at(10))));
    assert_eq!((listed.rows[1].status, listed.rows[1].error.as_deref()), (SyncStatus::Failed, Some("cannot reach it")));
    let first = syncs::get(&mut tx, "s1").await.unwrap();
    assert_eq!((first.status, first.n_changes), (SyncStatus::Succeeded, 12));
    assert_eq!(syncs::prune(&mut tx, at(2)).await.unwrap(), 2);
}

async fn freshness_of_a_list(test: &TestDb) {
    let mut tx = test.db.write().await.unwrap();
    let credential_id = seed(&mut tx).await.credential.id;
    let of = Of { credential_id: &credential_id, location_id: "RegionOne", noun: "machines" };
    assert_eq!(sync_state::find(&mut tx, of).await.unwrap(), None);
    sync_state::put_failure(&mut tx, of, at(1), "poll", "timed out").await.unwrap();
    let failed = sync_state::find(&mut tx, of).await.unwrap().unwrap();
    assert_eq!((failed.observed_at, failed.error.as_deref(), failed.error_at), (None, Some("timed out"), Some(at(1))));
    let hidden = Hidden { count: 2, evidence: "cluster DC0_C0 counts 12 machines, 10 are listed".to_owned() };
    sync_state::put_success(&mut tx, of, at(2), "poll", 10, Some(&hidden)).await.unwrap();
    let good = sync_state::find(&mut tx, of).await.unwrap().unwrap();
    assert_eq!((good.observed_at, good.error, good.hidden_count, good.n_items), (Some(at(2)), None, 2, 10));
    sync_state::put_failure(&mut tx, of, at(3), "poll", "refused").await.unwrap();
    let stale = sync_state::find(&mut tx, of).await.unwrap().unwrap();
    assert_eq!((stale.observed_at, stale.n_items, stale.error.as_deref()), (Some(at(2)), 10, Some("refused")));
    assert_eq!(sync_state::list(&mut tx, &credential_id).await.unwrap(), std::slice::from_ref(&stale));
    assert_eq!(sync_state::list_all(&mut tx).await.unwrap(), [stale]);
}

async fn locations(test: &TestDb) {
    let mut tx = test.db.write().await.unwrap();
    let id = seed(&mut tx).await.credential.id;
    let location = |id: &str| Location { id: LocationId(id.to_owned()), name: id.to_owned(), vcenter: None };
    let mut found = vec![location("two"), location("one"), location("two")];
    assert!(cloud_locations::replace_all(&mut tx, &id, &found, at(1)).await.unwrap());
    assert!(!cloud_locations::replace_all(&mut tx, &id, &found, at(2)).await.unwrap(), "the same again");
    let listed = cloud_locations::list(&mut tx, &id).await.unwrap();
    let names: Vec<_> = listed.iter().map(|it| (it.location_id.as_str(), it.seen_at)).collect();
    assert_eq!(names, [("two", at(2)), ("one", at(2))]);
    found[1].vcenter = Some("https://vc.example/sdk".to_owned());
    assert!(cloud_locations::replace_all(&mut tx, &id, &found, at(3)).await.unwrap());
    let one = cloud_locations::get(&mut tx, &id, "one").await.unwrap();
    assert_eq!(one.vcenter.as_deref(), Some("https://vc.example/sdk"));
    assert!(cloud_locations::replace_all(&mut tx, &id, &[], at(4)).await.unwrap());
    let gone = cloud_locations::get(&mut tx, &id, "one").await;
    assert!(matches!(gone, Err(DbError::NotFound { what: "cloud location" })), "{gone:?}");
}

async fn what_was_in_a_location_goes_with_it(test: &TestDb) {
    let mut tx = test.db.write().await.unwrap();
    let id = seed(&mut tx).await.credential.id;
    let location = |id: &str| Location { id: LocationId(id.to_owned()), name: id.to_owned(), vcenter: None };
    let both = [location("stays"), location("goes")];
    cloud_locations::replace_all(&mut tx, &id, &both, at(1)).await.unwrap();
    let (resource, machine) = (resource("n", "net"), machine("m", "vm", PowerState::On, &[]));
    let size = InstanceType {
        cloud_id: "f".to_owned(),
        name: "m1".to_owned(),
        vcpus: 1,
        memory_mib: 512,
        root_disk_gib: 1,
        ephemeral_disk_gib: 0,
        swap_mib: 0,
        is_public: true,
    };
    for location in &both {
        let at_location = location.id.0.as_str();
        let nets = resources::Of { credential_id: &id, location_id: at_location, noun: Noun::Networks };
        resources::apply_page(&mut tx, nets, 1, at(1), std::slice::from_ref(&resource)).await.unwrap();
        resources::finish(&mut tx, nets, 1).await.unwrap();
        let vms = machines::Of { credential_id: &id, location_id: at_location };
        machines::apply_page(&mut tx, vms, 1, at(1), std::slice::from_ref(&machine)).await.unwrap();
        machines::finish(&mut tx, vms, 1).await.unwrap();
        instance_types::replace_location(&mut tx, &id, at_location, std::slice::from_ref(&size)).await.unwrap();
        let state = Of { credential_id: &id, location_id: at_location, noun: "networks" };
        sync_state::put_success(&mut tx, state, at(1), "full", 1, None).await.unwrap();
    }
    cloud_locations::replace_all(&mut tx, &id, &both[..1], at(2)).await.unwrap();
    for (location, expected) in [("stays", 1), ("goes", 0)] {
        let nets = resources::Of { credential_id: &id, location_id: location, noun: Noun::Networks };
        assert_eq!(resources::list(&mut tx, nets, Select::new()).await.unwrap().total, expected);
        let vms = machines::Of { credential_id: &id, location_id: location };
        assert_eq!(machines::list(&mut tx, vms, Select::new()).await.unwrap().total, expected);
        assert_eq!(instance_types::list(&mut tx, &id, location, Select::new()).await.unwrap().total, expected);
    }
    let states = sync_state::list(&mut tx, &id).await.unwrap();
    assert_eq!(states.iter().map(|it| it.location_id.as_str()).collect::<Vec<_>>(), ["stays"]);
}

async fn published_instance_types(test: &TestDb) {
    let mut tx = test.db.write().await.unwrap();
    let id = seed(&mut tx).await.credential.id;
    let flavor = |n: u32| InstanceType {
        cloud_id: format!("{n}"),
        name: format!("m1.{n}"),
        vcpus: n,
        memory_mib: u64::from(n) * 1024,
        root_disk_gib: 0,
        ephemeral_disk_gib: 1,
        swap_mib: u64::MAX,
        is_public: n.is_multiple_of(2),
    };
    let mut types: Vec<_> = (1..=600).map(flavor).collect();
    assert!(instance_types::replace_location(&mut tx, &id, "R1", &types).await.unwrap());
    assert!(!instance_types::replace_location(&mut tx, &id, "R1", &types).await.unwrap(), "the same again");
    types[5].is_public = false;
    assert!(instance_types::replace_location(&mut tx, &id, "R1", &types).await.unwrap());
    instance_types::replace_location(&mut tx, &id, "R2", &types[..1]).await.unwrap();
    let big = Select::new().eq("is_public", true).at_least("vcpus", 598).order_by("vcpus", Order::Descending);
    let big = instance_types::list(&mut tx, &id, "R1", big).await.unwrap();
    assert_eq!(big.rows.iter().map(|it| it.vcpus).collect::<Vec<_>>(), [600, 598]);
    let one = instance_types::get(&mut tx, &id, "R1", "1").await.unwrap();
    assert_eq!((one.memory_mib, one.swap_mib, one.is_public), (1024, i64::MAX, false));

    let of = Of { credential_id: &id, location_id: "R1", noun: "instance-types" };
    sync_state::put_success(&mut tx, of, at(1), "poll", 600, None).await.unwrap();
    instance_types::clear(&mut tx, &id, Some("R1")).await.unwrap();
    assert_eq!(sync_state::find(&mut tx, of).await.unwrap(), None);
    assert_eq!(instance_types::list(&mut tx, &id, "R1", Select::new()).await.unwrap().total, 0);
    assert_eq!(instance_types::list(&mut tx, &id, "R2", Select::new()).await.unwrap().total, 1);
    instance_types::clear(&mut tx, &id, None).await.unwrap();
    assert_eq!(instance_types::list(&mut tx, &id, "R2", Select::new()).await.unwrap().total, 0);
}

async fn vmware_sizes(test: &TestDb) {
    let mut tx = test.db.write().await.unwrap();
    let mut size = VmwareInstanceType {
        id: "bbbbbbbbbbbb".to_owned(),
        name: "small".to_owned(),
        memory_mib: 2048,
        vcpus: 2,
        cores_per_socket: 1,
    };
    vmware_instance_types::insert(&mut tx, &size).await.unwrap();
    size.memory_mib = 4096;
    vmware_instance_types::update(&mut tx, &size).await.unwrap();
    assert_eq!(vmware_instance_types::get(&mut tx, &size.id).await.unwrap(), size);
    assert_eq!(vmware_instance_types::list(&mut tx, Select::new()).await.unwrap().rows, [size.clone()]);
    vmware_instance_types::delete(&mut tx, &size.id).await.unwrap();
    vmware_instance_types::insert(&mut tx, &size).await.unwrap();
    let same = vmware_instance_types::insert(&mut tx, &VmwareInstanceType { id: "c".to_owned(), ..size }).await;
    assert!(matches!(same, Err(DbError::Duplicate { what: "instance type" })), "{same:?}");
}
