use std::time::Duration;

use cloud::asset::{Asset as Description, Part, Protocol, Rule};
use serde_json::json;
use store::{
    DbError, Json, Select, Tx,
    assets::{self, Asset, AssetStatus as S, AssetWanted, NewAsset},
    cloud_credentials, control_planes, environments,
};

use crate::{
    seed::{Seed, at, seed},
    test_db::TestDb,
};

on_both_engines!(
    assets_are_as_they_were_inserted,
    a_name_is_free_again_when_the_asset_is_deleted,
    a_lease_of_an_asset_belongs_to_one,
    what_a_user_wrote_during_a_look_stays,
    deleted_assets_hold_nothing,
    a_farm_has_one_keypair_for_each_credential_and_location,
);

const LEASE: Duration = Duration::from_secs(90);

fn volume(name: &str, size_gib: u32) -> Description {
    let (volume_type, availability_zone) = (Some("fast".to_owned()), None);
    Description::Volume { name: name.to_owned(), size_gib, volume_type, availability_zone }
}

fn network(name: &str) -> Description {
    let rule = Rule { protocol: Protocol::Tcp, ports: Some((22, 22)), from: "0.0.0.0/0".to_owned() };
    Description::Network {
        name: name.to_owned(),
        cidr: "10.1.0.0/24".to_owned(),
        dns_servers: vec!["9.9.9.9".parse().unwrap()],
        external_network: Some("public".to_owned()),
        rules: vec![rule, Rule { protocol: Protocol::Icmp, ports: None, from: "::/0".to_owned() }],
    }
}

async fn insert(tx: &mut Tx, seed: &Seed, number: i64, description: Description) -> Result<Asset, DbError> {
    let new = NewAsset {
        id: format!("00000000-0000-4000-8000-{number:012}"),
        environment_id: seed.environment.id,
        platform: "openstack".to_owned(),
        location_id: "RegionOne".to_owned(),
        credential_id: seed.credential.id.clone(),
        farm_id: None,
        description,
        created_by_id: seed.user.id,
        created_by_email: seed.user.email.clone(),
    };
    assets::insert(tx, &new, at(number)).await
}

async fn find(tx: &mut Tx, id: &str) -> Asset {
    assets::find(tx, id).await.unwrap().unwrap()
}

async fn take(tx: &mut Tx, holder: &str, second: i64, limit: i64) -> Vec<String> {
    let taken = assets::take_due(tx, holder, at(second), LEASE, limit, None).await.unwrap();
    taken.into_iter().map(|it| it.id).collect()
}

/// Deleted, at the second.
async fn delete(tx: &mut Tx, asset: &Asset, second: i64) {
    assets::want_absent(tx, &asset.id, at(second)).await.unwrap();
    assert_eq!(take(tx, "a", second, 9).await, [asset.id.as_str()]);
    let now = find(tx, &asset.id).await;
    let mut seen = now.seen.clone();
    (seen.status, seen.deleted_at) = (S::Deleted, Some(at(second)));
    assert!(assets::record(tx, &asset.id, "a", now.generation, &seen).await.unwrap());
    assets::release(tx, &asset.id, "a", now.generation, at(9999)).await.unwrap();
}

async fn assets_are_as_they_were_inserted(test: &TestDb) {
    let mut tx = test.db.write().await.unwrap();
    let seed = seed(&mut tx).await;
    let made = insert(&mut tx, &seed, 1, network("private")).await.unwrap();
    assert_eq!((made.kind.as_str(), made.name.as_str()), ("network", "private"));
    assert_eq!((made.wanted, made.seen.status, made.look_at), (AssetWanted::Present, S::Creating, at(1)));
    assert_eq!((&made.description.0, made.seen.parts.0.len()), (&network("private"), 0));
    assert_eq!(find(&mut tx, &made.id).await, made);
    insert(&mut tx, &seed, 2, volume("private", 3)).await.unwrap();
    let select = Select::new().eq("environment_id", seed.environment.id).eq("kind", "volume");
    let found = assets::list(&mut tx, select).await.unwrap();
    assert_eq!((found.total, &found.rows[0].description.0), (1, &volume("private", 3)));
    let id = seed.environment.id;
    assert_eq!(assets::count_of_environment(&mut tx, id, "volume").await.unwrap(), 1);
    assert_eq!(assets::count_of_environment(&mut tx, id + 1, "volume").await.unwrap(), 0);
    let live = assets::count_live(&mut tx, id, &seed.credential.id).await.unwrap();
    assert_eq!(live, [("network".to_owned(), 1), ("volume".to_owned(), 1)]);
    assert_eq!(assets::count_live(&mut tx, id + 1, &seed.credential.id).await.unwrap(), []);
}

async fn a_name_is_free_again_when_the_asset_is_deleted(test: &TestDb) {
    let mut tx = test.db.write().await.unwrap();
    let seed = seed(&mut tx).await;
    let first = insert(&mut tx, &seed, 1, volume("data", 1)).await.unwrap();
    delete(&mut tx, &first, 2).await;
    let second = insert(&mut tx, &seed, 3, volume("data", 1)).await.unwrap();
    assert_ne!(first.id, second.id);
    tx.commit().await.unwrap();
    let mut tx = test.db.write().await.unwrap();
    let taken = insert(&mut tx, &seed, 4, volume("data", 1)).await;
    assert!(matches!(taken, Err(DbError::Duplicate { .. })), "{taken:?}");
    drop(tx);
    let mut tx = test.db.write().await.unwrap();
    assert_eq!(assets::prune(&mut tx, at(2)).await.unwrap(), 0);
    assert_eq!(assets::prune(&mut tx, at(3)).await.unwrap(), 1);
    assert_eq!(assets::find(&mut tx, &first.id).await.unwrap(), None);
    assert_eq!(find(&mut tx, &second.id).await.seen.status, S::Creating);
}

async fn a_lease_of_an_asset_belongs_to_one(test: &TestDb) {
    let mut tx = test.db.write().await.unwrap();
    let seed = seed(&mut tx).await;
    let first = insert(&mut tx, &seed, 1, volume("one", 1)).await.unwrap();
    let second = insert(&mut tx, &seed, 2, volume("two", 1)).await.unwrap();
    assert!(!assets::is_any_due(&mut tx, at(0)).await.unwrap());
    assert_eq!(assets::count_due(&mut tx, at(2)).await.unwrap(), 2);
    assert_eq!(take(&mut tx, "a", 2, 1).await, [first.id.as_str()], "who waits longest");
    assert_eq!(take(&mut tx, "b", 2, 9).await, [second.id.as_str()]);
    assert!(take(&mut tx, "b", 91, 9).await.is_empty() && !assets::is_any_due(&mut tx, at(91)).await.unwrap());
    assert_eq!(take(&mut tx, "b", 92, 1).await, [first.id.as_str()], "the first was silent for too long");
    assert!(!assets::renew_lease(&mut tx, &first.id, "a", at(93), LEASE).await.unwrap());
    assert!(!assets::ask(&mut tx, &first.id, "a", at(93), LEASE).await.unwrap());
    let part = Part {
        kind: "volume".to_owned(),
        id: "v".to_owned(),
        status: None,
        address: None,
        used_by: vec!["s".to_owned()],
    };
    let mut seen = first.seen.clone();
    (seen.status, seen.status_since, seen.parts) = (S::Ready, at(94), Json(vec![part]));
    (seen.failure, seen.n_tries, seen.odd_since) = (Some(Json(json!({ "summary": "full" }))), 3, Some(at(95)));
    (seen.asked_at, seen.ready_at, seen.observed_at) = (Some(at(96)), Some(at(97)), Some(at(98)));
    assert!(!assets::record(&mut tx, &first.id, "a", 1, &seen).await.unwrap());
    assets::release(&mut tx, &first.id, "a", 1, at(500)).await.unwrap();
    assert_eq!(find(&mut tx, &first.id).await, first, "another has it");

    assert!(assets::ask(&mut tx, &first.id, "b", at(93), LEASE).await.unwrap());
    assert_eq!(find(&mut tx, &first.id).await.seen.asked_at, Some(at(93)));
    assert!(take(&mut tx, "a", 182, 9).await.iter().all(|it| *it != first.id), "the lease was renewed too");
    assert!(assets::record(&mut tx, &first.id, "b", 1, &seen).await.unwrap());
    assert_eq!(find(&mut tx, &first.id).await.seen, seen);
    assets::release(&mut tx, &first.id, "b", 1, at(500)).await.unwrap();
    assert_eq!(find(&mut tx, &first.id).await.look_at, at(500));

    control_planes::beat(&mut tx, "alive", at(0)).await.unwrap();
    assert_eq!(assets::free_orphans(&mut tx).await.unwrap(), 1);
    assert_eq!(take(&mut tx, "alive", 183, 9).await, [second.id.as_str()]);
    assert_eq!(assets::free_orphans(&mut tx).await.unwrap(), 0);
}

async fn what_a_user_wrote_during_a_look_stays(test: &TestDb) {
    let mut tx = test.db.write().await.unwrap();
    let seed = seed(&mut tx).await;
    let made = insert(&mut tx, &seed, 1, volume("data", 1)).await.unwrap();
    take(&mut tx, "a", 1, 1).await;
    let mut seen = made.seen.clone();
    (seen.status, seen.status_since, seen.ready_at) = (S::Ready, at(2), Some(at(2)));
    assert!(assets::record(&mut tx, &made.id, "a", 1, &seen).await.unwrap());
    // Before that look gives the row back, a user wants it larger.
    assets::describe(&mut tx, &made.id, &volume("data", 2), at(3)).await.unwrap();
    (seen.odd_since, seen.failure, seen.n_tries) = (Some(at(4)), Some(Json(json!({ "summary": "old" }))), 4);
    assert!(assets::record(&mut tx, &made.id, "a", 1, &seen).await.unwrap());
    assets::release(&mut tx, &made.id, "a", 1, at(300)).await.unwrap();
    let now = find(&mut tx, &made.id).await;
    assert_eq!((now.seen.status, now.seen.status_since, now.look_at), (S::Updating, at(3), at(3)));
    assert_eq!((now.seen.odd_since, &now.description.0), (Some(at(4)), &volume("data", 2)));
    assert_eq!((now.seen.failure, now.seen.n_tries), (None, 0), "they are of what was wanted before");
    assert_eq!(take(&mut tx, "a", 3, 1).await, [made.id.as_str()]);
    // And then not at all.
    assets::want_absent(&mut tx, &made.id, at(5)).await.unwrap();
    assert!(assets::record(&mut tx, &made.id, "a", 2, &seen).await.unwrap());
    let now = find(&mut tx, &made.id).await;
    assert_eq!((now.seen.status, now.wanted, now.seen.deleted_at), (S::Deleting, AssetWanted::Absent, None));
    assets::look_now(&mut tx, &made.id, at(6)).await.unwrap();
    assert_eq!((find(&mut tx, &made.id).await.look_at, find(&mut tx, &made.id).await.generation), (at(6), 4));

    let other = insert(&mut tx, &seed, 9, volume("other", 1)).await.unwrap();
    assets::describe(&mut tx, &other.id, &volume("other", 2), at(9)).await.unwrap();
    assert_eq!(find(&mut tx, &other.id).await.seen.status, S::Creating, "none of it was there yet");
}

async fn deleted_assets_hold_nothing(test: &TestDb) {
    let mut tx = test.db.write().await.unwrap();
    let seed = seed(&mut tx).await;
    let made = insert(&mut tx, &seed, 1, volume("data", 1)).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = test.db.write().await.unwrap();
    let held = cloud_credentials::delete(&mut tx, &seed.credential.id).await;
    assert!(matches!(held, Err(DbError::InUse { .. })), "{held:?}");
    drop(tx);
    let mut tx = test.db.write().await.unwrap();
    let held = environments::delete(&mut tx, seed.environment.id).await;
    assert!(matches!(held, Err(DbError::InUse { .. })), "{held:?}");
    drop(tx);
    let mut tx = test.db.write().await.unwrap();
    delete(&mut tx, &made, 2).await;
    assert_eq!(assets::count_live(&mut tx, seed.environment.id, &seed.credential.id).await.unwrap(), []);
    tx.commit().await.unwrap();
    let mut tx = test.db.write().await.unwrap();
    environments::delete(&mut tx, seed.environment.id).await.unwrap();
    drop(tx);
    let mut tx = test.db.write().await.unwrap();
    cloud_credentials::delete(&mut tx, &seed.credential.id).await.unwrap();
    assert_eq!(assets::find(&mut tx, &made.id).await.unwrap(), None);
}

async fn a_farm_has_one_keypair_for_each_credential_and_location(test: &TestDb) {
    let mut tx = test.db.write().await.unwrap();
    let seed = seed(&mut tx).await;
    let keypair = |number: i64, public_key: Option<&str>| Description::Keypair {
        name: format!("stackyard-{number}"),
        public_key: public_key.map(str::to_owned),
    };
    let of_farm = |number: i64, farm_id: i64, location: &str| NewAsset {
        id: format!("00000000-0000-4000-8000-{number:012}"),
        environment_id: seed.environment.id,
        platform: "openstack".to_owned(),
        location_id: location.to_owned(),
        credential_id: seed.credential.id.clone(),
        farm_id: Some(farm_id),
        description: keypair(number, None),
        created_by_id: seed.user.id,
        created_by_email: seed.user.email.clone(),
    };
    let first = assets::insert(&mut tx, &of_farm(1, 7, "One"), at(0)).await.unwrap();
    assert_eq!((first.farm_id, first.kind.as_str(), first.name.as_str()), (Some(7), "keypair", "stackyard-1"));
    for (number, farm_id, location) in [(2, 7, "Two"), (3, 8, "One")] {
        assets::insert(&mut tx, &of_farm(number, farm_id, location), at(1)).await.unwrap();
    }
    // Those of no farm are not counted.
    insert(&mut tx, &seed, 4, volume("a", 1)).await.unwrap();
    insert(&mut tx, &seed, 5, volume("b", 1)).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = test.db.write().await.unwrap();
    let second = assets::insert(&mut tx, &of_farm(6, 7, "One"), at(2)).await;
    assert!(matches!(second, Err(DbError::Duplicate { .. })), "{second:?}");
    drop(tx);

    let mut tx = test.db.write().await.unwrap();
    let credential = seed.credential.id.as_str();
    let found = assets::find_of_farm(&mut tx, 7, "keypair", credential, "One").await.unwrap();
    assert_eq!(found.as_ref(), Some(&first));
    for (farm_id, kind, location) in [(7, "volume", "One"), (7, "keypair", "Three"), (9, "keypair", "One")] {
        let found = assets::find_of_farm(&mut tx, farm_id, kind, credential, location).await.unwrap();
        assert_eq!(found, None);
    }

    // The key is written by who has the lease.
    let filled = keypair(1, Some("ssh-rsa AAAA"));
    assert!(!assets::fill_in(&mut tx, &first.id, "a", &filled).await.unwrap());
    assert_eq!(take(&mut tx, "a", 3, 1).await, [first.id.as_str()]);
    assert!(!assets::fill_in(&mut tx, &first.id, "b", &filled).await.unwrap());
    assert!(assets::fill_in(&mut tx, &first.id, "a", &filled).await.unwrap());
    let mut seen = first.seen.clone();
    (seen.status, seen.ready_at) = (S::Ready, Some(at(3)));
    assert!(assets::record(&mut tx, &first.id, "a", 1, &seen).await.unwrap());
    assets::release(&mut tx, &first.id, "a", 1, at(300)).await.unwrap();
    assets::make_again(&mut tx, &first.id, at(4)).await.unwrap();
    let again = find(&mut tx, &first.id).await;
    assert_eq!((again.description.0, again.look_at, again.seen.ready_at), (filled, at(4), None));
    assert_eq!((again.seen.status, again.seen.status_since), (S::Creating, at(4)));

    // When the farm has no use for them there is room for new ones, before the old ones are gone.
    assets::want_absent_of_farm(&mut tx, 7, at(5)).await.unwrap();
    assert_eq!(assets::find_of_farm(&mut tx, 7, "keypair", credential, "One").await.unwrap(), None);
    assert!(assets::find_of_farm(&mut tx, 8, "keypair", credential, "One").await.unwrap().is_some());
    let gone = find(&mut tx, &first.id).await;
    assert_eq!((gone.wanted, gone.seen.status, gone.look_at), (AssetWanted::Absent, S::Deleting, at(5)));
    assets::make_again(&mut tx, &first.id, at(6)).await.unwrap();
    assert_eq!(find(&mut tx, &first.id).await, gone, "that is not taken back");
    assets::insert(&mut tx, &of_farm(6, 7, "One"), at(6)).await.unwrap();
    tx.commit().await.unwrap();
}
