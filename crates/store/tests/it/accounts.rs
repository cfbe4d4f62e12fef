use std::time::Duration;

use store::{
    DbError, Order, Select, Status, accounts, environment_clouds, environments,
    users::{self, PasswordHash},
};

use crate::{
    seed::{at, new_user, seed},
    test_db::TestDb,
};

on_both_engines!(
    accounts_and_environments,
    names_are_unique_within_their_scope,
    users_and_their_logins,
    parents_and_children
);

async fn accounts_and_environments(test: &TestDb) {
    let mut tx = test.db.write().await.unwrap();
    let mut account = accounts::insert(&mut tx, "Main", at(0)).await.unwrap();
    assert_eq!(accounts::get(&mut tx, account.id).await.unwrap(), account);
    account.name = "Renamed".to_owned();
    account.status = Status::Inactive;
    accounts::update(&mut tx, &account).await.unwrap();
    assert_eq!(accounts::find(&mut tx, account.id).await.unwrap(), Some(account.clone()));
    assert_eq!(accounts::find(&mut tx, 99).await.unwrap(), None);

    let mut environment = environments::insert(&mut tx, account.id, "Test", at(1)).await.unwrap();
    let other = environments::insert(&mut tx, account.id, "Alpha", at(1)).await.unwrap();
    assert_ne!(environment.id, other.id);
    environment.status = Status::Inactive;
    environment.updated_at = at(9);
    environments::update(&mut tx, &environment).await.unwrap();
    assert_eq!(environments::get(&mut tx, environment.id).await.unwrap(), environment);
    let by_name = Select::new().eq("account_id", account.id).order_by("name", Order::Ascending);
    let listed = environments::list(&mut tx, by_name).await.unwrap();
    assert_eq!((listed.rows, listed.total), (vec![other, environment.clone()], 2));
    environments::delete(&mut tx, environment.id).await.unwrap();
    let gone = environments::get(&mut tx, environment.id).await;
    assert!(matches!(gone, Err(DbError::NotFound { what: "environment" })), "{gone:?}");
    let again = environments::delete(&mut tx, environment.id).await;
    assert!(matches!(again, Err(DbError::NotFound { what: "environment" })), "{again:?}");
    assert_eq!(accounts::list(&mut tx, Select::new()).await.unwrap().total, 1);
}

async fn names_are_unique_within_their_scope(test: &TestDb) {
    let mut tx = test.db.write().await.unwrap();
    let seed = seed(&mut tx).await;
    let second = accounts::insert(&mut tx, "Second", at(0)).await.unwrap();
    environments::insert(&mut tx, second.id, &seed.environment.name, at(1)).await.unwrap();
    tx.commit().await.unwrap();

    let mut tx = test.db.write().await.unwrap();
    let same = environments::insert(&mut tx, second.id, &seed.environment.name, at(1)).await;
    assert!(matches!(same, Err(DbError::Duplicate { what: "environment" })), "{same:?}");
    drop(tx);
    let mut tx = test.db.write().await.unwrap();
    let same = accounts::insert(&mut tx, "Second", at(1)).await;
    assert!(matches!(same, Err(DbError::Duplicate { what: "account" })), "{same:?}");
    drop(tx);
    let mut tx = test.db.write().await.unwrap();
    let same = users::insert(&mut tx, &new_user(None, "ADA@Example.org"), at(1)).await;
    assert!(matches!(same, Err(DbError::Duplicate { what: "user" })), "{same:?}");
    drop(tx);
    // What failed has left nothing, not even in the counters.
    let mut tx = test.db.write().await.unwrap();
    let next = accounts::insert(&mut tx, "Third", at(1)).await.unwrap();
    assert_eq!(next.id, second.id + 1);
    let renamed = accounts::Account { name: "Main".to_owned(), ..next };
    let same = accounts::update(&mut tx, &renamed).await;
    assert!(matches!(same, Err(DbError::Duplicate { what: "account" })), "{same:?}");
}

async fn users_and_their_logins(test: &TestDb) {
    let mut tx = test.db.write().await.unwrap();
    let user = users::insert(&mut tx, &new_user(None, "Grace@Example.ORG"), at(0)).await.unwrap();
    assert_eq!(user.email, "grace@example.org");
    assert!(!format!("{user:?}").contains("argon2id"), "the hash is not shown");
    assert_eq!(users::find_by_email(&mut tx, "GRACE@example.org").await.unwrap().unwrap().id, user.id);
    assert_eq!(users::find_by_email(&mut tx, "nobody@example.org").await.unwrap(), None);

    for n in 1..=2 {
        assert_eq!(users::record_failed_login(&mut tx, user.id, 3, at(100), at(5)).await.unwrap(), n);
        assert_eq!(users::get(&mut tx, user.id).await.unwrap().locked_until, None);
    }
    assert_eq!(users::record_failed_login(&mut tx, user.id, 3, at(100), at(5)).await.unwrap(), 3);
    assert_eq!(users::get(&mut tx, user.id).await.unwrap().locked_until, Some(at(100)));
    // The lock is over: one more wrong password is the first of three.
    assert_eq!(users::record_failed_login(&mut tx, user.id, 3, at(200), at(101)).await.unwrap(), 1);
    assert_eq!(users::get(&mut tx, user.id).await.unwrap().locked_until, None);
    for n in 2..=3 {
        assert_eq!(users::record_failed_login(&mut tx, user.id, 3, at(200), at(102)).await.unwrap(), n);
    }
    assert_eq!(users::get(&mut tx, user.id).await.unwrap().locked_until, Some(at(200)));
    users::unlock(&mut tx, user.id).await.unwrap();
    let unlocked = users::get(&mut tx, user.id).await.unwrap();
    assert_eq!((unlocked.failed_logins, unlocked.locked_until), (0, None));
    users::record_failed_login(&mut tx, user.id, 1, at(100) + Duration::from_secs(1), at(5)).await.unwrap();
    users::record_login(&mut tx, user.id, at(7)).await.unwrap();
    let mut logged_in = users::get(&mut tx, user.id).await.unwrap();
    assert_eq!((logged_in.failed_logins, logged_in.locked_until, logged_in.last_login_at), (0, None, Some(at(7))));

    let hash = PasswordHash("$new$".to_owned());
    users::update_password(&mut tx, user.id, &hash).await.unwrap();
    logged_in.name = "Rear Admiral".to_owned();
    logged_in.is_admin = false;
    users::update(&mut tx, &logged_in).await.unwrap();
    logged_in.password_hash = hash;
    assert_eq!(users::get(&mut tx, user.id).await.unwrap(), logged_in);
    assert_eq!(users::list(&mut tx, Select::new().is_null("account_id")).await.unwrap().rows, [logged_in]);
    users::delete(&mut tx, user.id).await.unwrap();
    assert_eq!(users::list(&mut tx, Select::new()).await.unwrap().total, 0);
    let nobody = users::record_failed_login(&mut tx, user.id, 3, at(0), at(0)).await;
    assert!(matches!(nobody, Err(DbError::NotFound { what: "user" })), "{nobody:?}");
}

async fn parents_and_children(test: &TestDb) {
    let mut tx = test.db.write().await.unwrap();
    let seed = seed(&mut tx).await;
    environment_clouds::link(&mut tx, seed.environment.id, "openstack", &seed.credential.id, at(1)).await.unwrap();
    tx.commit().await.unwrap();

    let mut tx = test.db.write().await.unwrap();
    let orphan = environments::insert(&mut tx, 99, "Orphan", at(0)).await;
    assert!(matches!(orphan, Err(DbError::NotFound { what: "account" })), "{orphan:?}");
    drop(tx);
    let mut tx = test.db.write().await.unwrap();
    let linked = environments::delete(&mut tx, seed.environment.id).await;
    assert!(matches!(linked, Err(DbError::InUse { what: "environment" })), "{linked:?}");
    drop(tx);
    let mut tx = test.db.write().await.unwrap();
    let full = accounts::delete(&mut tx, seed.account.id).await;
    assert!(matches!(full, Err(DbError::InUse { what: "account" })), "{full:?}");
    drop(tx);
    let mut tx = test.db.write().await.unwrap();
    environment_clouds::unlink(&mut tx, seed.environment.id, "openstack").await.unwrap();
    environments::delete(&mut tx, seed.environment.id).await.unwrap();
    let empty = accounts::insert(&mut tx, "Empty", at(0)).await.unwrap();
    accounts::delete(&mut tx, empty.id).await.unwrap();
    tx.commit().await.unwrap();
}
