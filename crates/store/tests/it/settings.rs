use std::time::Duration;

use store::{
    DbError, counters, leases,
    secrets::{self, Secret},
    settings,
};

use crate::{seed::at, test_db::TestDb};

on_both_engines!(numbers_and_settings, secrets_and_their_keys, leases_of_several_holders);

async fn numbers_and_settings(test: &TestDb) {
    let mut tx = test.db.write().await.unwrap();
    for number in 1..=3 {
        assert_eq!(counters::next(&mut tx, "farms").await.unwrap(), number);
    }
    assert_eq!(counters::next(&mut tx, "servers").await.unwrap(), 1);

    assert_eq!(settings::find(&mut tx, "installation").await.unwrap(), None);
    assert_eq!(settings::insert_if_absent(&mut tx, "installation", "a").await.unwrap(), "a");
    assert_eq!(settings::insert_if_absent(&mut tx, "installation", "b").await.unwrap(), "a");
    settings::put(&mut tx, "installation", "c").await.unwrap();
    assert_eq!(settings::find(&mut tx, "installation").await.unwrap().as_deref(), Some("c"));
}

fn secret(owner_id: &str, name: &str, key_id: &str) -> Secret {
    Secret {
        owner: "cloud_credentials".to_owned(),
        owner_id: owner_id.to_owned(),
        name: name.to_owned(),
        version: 1,
        key_id: key_id.to_owned(),
        wrapped_key: "d3JhcA==".to_owned(),
        ciphertext: "Y2lwaGVy".to_owned(),
    }
}

async fn secrets_and_their_keys(test: &TestDb) {
    let mut tx = test.db.write().await.unwrap();
    let rows = [secret("1", "password", "old"), secret("1", "token", "old"), secret("2", "password", "old")];
    for it in &rows {
        secrets::put(&mut tx, it).await.unwrap();
    }
    let replaced = Secret { version: 2, ciphertext: "bmV3".to_owned(), ..rows[0].clone() };
    secrets::put(&mut tx, &replaced).await.unwrap();
    assert_eq!(secrets::get(&mut tx, "cloud_credentials", "1", "password").await.unwrap(), replaced);
    assert_eq!(secrets::find(&mut tx, "cloud_credentials", "1", "no such").await.unwrap(), None);
    let none = secrets::get(&mut tx, "api_keys", "1", "password").await;
    assert!(matches!(none, Err(DbError::NotFound { what: "secret" })), "{none:?}");

    // Re-keying, two at a time.
    let page = secrets::next_with_other_key(&mut tx, "new", None, 2).await.unwrap();
    assert_eq!(page, [replaced.clone(), rows[1].clone()]);
    assert!(secrets::update_wrapped(&mut tx, &page[0], "new", "bmV3d3JhcA==").await.unwrap());
    assert!(!secrets::update_wrapped(&mut tx, &page[0], "new", "x").await.unwrap(), "it is not as it was read");
    assert!(!secrets::update_wrapped(&mut tx, &rows[0], "new", "x").await.unwrap(), "an older version");
    let rest = secrets::next_with_other_key(&mut tx, "new", Some(&page[1]), 2).await.unwrap();
    assert_eq!(rest, [rows[2].clone()]);
    let counts = secrets::count_by_key(&mut tx).await.unwrap();
    assert_eq!(counts, [("new".to_owned(), 1), ("old".to_owned(), 2)]);
    let rewrapped = secrets::get(&mut tx, "cloud_credentials", "1", "password").await.unwrap();
    assert_eq!((rewrapped.ciphertext, rewrapped.version), (replaced.ciphertext, 2));
    assert_eq!(secrets::delete_all(&mut tx, "cloud_credentials", "1").await.unwrap(), 2);
}

async fn leases_of_several_holders(test: &TestDb) {
    let ttl = Duration::from_secs(10);
    let mut tx = test.db.write().await.unwrap();
    assert!(leases::try_take(&mut tx, "prune", "one", at(0), ttl).await.unwrap());
    assert!(!leases::try_take(&mut tx, "prune", "two", at(9), ttl).await.unwrap());
    assert!(leases::try_take(&mut tx, "prune", "one", at(9), ttl).await.unwrap(), "its own, longer");
    assert!(!leases::try_take(&mut tx, "prune", "two", at(18), ttl).await.unwrap());
    assert!(leases::try_take(&mut tx, "prune", "two", at(19), ttl).await.unwrap(), "expired");
    leases::release(&mut tx, "prune", "one").await.unwrap();
    assert!(!leases::try_take(&mut tx, "prune", "one", at(20), ttl).await.unwrap(), "released by another");
    leases::release(&mut tx, "prune", "two").await.unwrap();
    assert!(leases::try_take(&mut tx, "prune", "one", at(20), ttl).await.unwrap());
}
