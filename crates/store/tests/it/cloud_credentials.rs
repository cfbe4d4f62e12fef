use std::time::Duration;

use serde_json::json;
use store::{
    DbError, Json, Order, Select, Status, accounts,
    cloud_credentials::{self, CloudCredential, CredentialStatus},
    credential_uses,
    environment_clouds::{self, LinkStatus},
    environments,
};

use crate::{
    seed::{at, credential, seed},
    test_db::TestDb,
};

on_both_engines!(credentials, names_in_the_visible_scope, uses_are_counted, links, failures_of_authentication);

async fn credentials(test: &TestDb) {
    let mut tx = test.db.write().await.unwrap();
    let seed = seed(&mut tx).await;
    let id = seed.credential.id.as_str();
    assert_eq!(cloud_credentials::get(&mut tx, id).await.unwrap(), seed.credential);
    cloud_credentials::record_validation(&mut tx, id, "v1", Some(&json!({"regions": ["R1"]}))).await.unwrap();
    cloud_credentials::record_validation(&mut tx, id, "v2", None).await.unwrap();
    cloud_credentials::update_status(&mut tx, id, CredentialStatus::Suspended, at(8)).await.unwrap();
    let mut changed = cloud_credentials::find(&mut tx, id).await.unwrap().unwrap();
    assert_eq!(changed.details, Some(Json(json!({"regions": ["R1"]}))));
    assert_eq!((changed.last_validation_id.as_deref(), changed.updated_at), (Some("v2"), at(8)));
    changed.name = "Renamed".to_owned();
    changed.secret_version = 2;
    changed.allowed_uses = Json(vec![]);
    changed.status = CredentialStatus::Enabled;
    // What a validation found while the change was made stays.
    let read_before = CloudCredential { details: None, last_validation_id: Some("v0".to_owned()), ..changed.clone() };
    cloud_credentials::update(&mut tx, &read_before).await.unwrap();
    assert_eq!(cloud_credentials::get(&mut tx, id).await.unwrap(), changed);

    let second = accounts::insert(&mut tx, "Second", at(0)).await.unwrap();
    let global = credential("bbbbbbbbbbbb", None, "Global");
    cloud_credentials::insert(&mut tx, &global).await.unwrap();
    let own = Some(seed.account.id);
    for (account_id, id, is_visible) in [
        (own, "aaaaaaaaaaaa", true),
        (own, "bbbbbbbbbbbb", true),
        (Some(second.id), "aaaaaaaaaaaa", false),
        (Some(second.id), "bbbbbbbbbbbb", true),
        (None, "aaaaaaaaaaaa", false),
        (None, "bbbbbbbbbbbb", true),
    ] {
        let found = cloud_credentials::get_visible(&mut tx, account_id, id).await;
        assert_eq!(found.is_ok(), is_visible, "{account_id:?} {id} {found:?}");
        let listed = cloud_credentials::list(&mut tx, account_id, Select::new().eq("id", id)).await.unwrap();
        assert_eq!(listed.total == 1, is_visible);
    }
    let by_name = Select::new().order_by("name", Order::Descending);
    let listed = cloud_credentials::list(&mut tx, own, by_name).await.unwrap();
    assert_eq!(listed.rows, [changed, global]);
    assert_eq!(cloud_credentials::list_all(&mut tx, Select::new()).await.unwrap().total, 2);
    cloud_credentials::delete(&mut tx, "bbbbbbbbbbbb").await.unwrap();
    let gone = cloud_credentials::get(&mut tx, "bbbbbbbbbbbb").await;
    assert!(matches!(gone, Err(DbError::NotFound { what: "cloud credential" })), "{gone:?}");
}

async fn names_in_the_visible_scope(test: &TestDb) {
    let mut tx = test.db.write().await.unwrap();
    let seed = seed(&mut tx).await;
    let own = Some(seed.account.id);
    let second = Some(accounts::insert(&mut tx, "Second", at(0)).await.unwrap().id);
    cloud_credentials::insert(&mut tx, &credential("bbbbbbbbbbbb", None, "Global")).await.unwrap();
    for (account_id, name, but, expected) in [
        (own, "OpenStack", None, Some("aaaaaaaaaaaa")),
        (own, "OpenStack", Some("aaaaaaaaaaaa"), None),
        (own, "Global", None, Some("bbbbbbbbbbbb")),
        (second, "OpenStack", None, None),
        (None, "OpenStack", None, None),
        (None, "Global", None, Some("bbbbbbbbbbbb")),
    ] {
        let found = cloud_credentials::duplicate_in_visible_scope(&mut tx, account_id, name, but).await.unwrap();
        assert_eq!(found.map(|it| it.id).as_deref(), expected, "{account_id:?} {name} {but:?}");
    }
    cloud_credentials::insert(&mut tx, &credential("cccccccccccc", second, "OpenStack")).await.unwrap();
    tx.commit().await.unwrap();
    for (account_id, name) in [(own, "OpenStack"), (None, "Global")] {
        let mut tx = test.db.write().await.unwrap();
        let same = cloud_credentials::insert(&mut tx, &credential("dddddddddddd", account_id, name)).await;
        assert!(matches!(same, Err(DbError::Duplicate { what: "cloud credential" })), "{same:?}");
    }
}

async fn uses_are_counted(test: &TestDb) {
    let mut tx = test.db.write().await.unwrap();
    let id = seed(&mut tx).await.credential.id;
    credential_uses::count_up(&mut tx, &id, "inventory", "system", at(1)).await.unwrap();
    credential_uses::count_up(&mut tx, &id, "validation", "ada@example.org", at(2)).await.unwrap();
    credential_uses::count_up(&mut tx, &id, "inventory", "system", at(3)).await.unwrap();
    let uses = credential_uses::list(&mut tx, &id).await.unwrap();
    let uses: Vec<_> = uses.iter().map(|it| (it.purpose.as_str(), it.count, it.last_at)).collect();
    assert_eq!(uses, [("inventory", 2, at(3)), ("validation", 1, at(2))]);
    let none = credential_uses::count_up(&mut tx, "no such", "inventory", "system", at(1)).await;
    assert!(matches!(none, Err(DbError::NotFound { what: "cloud credential" })), "{none:?}");
}

async fn links(test: &TestDb) {
    let mut tx = test.db.write().await.unwrap();
    let seed = seed(&mut tx).await;
    let (environment_id, id) = (seed.environment.id, seed.credential.id.as_str());
    let link = environment_clouds::link(&mut tx, environment_id, "openstack", id, at(1)).await.unwrap();
    assert_eq!((link.status, link.linked_at), (LinkStatus::Active, at(1)));
    environment_clouds::link(&mut tx, environment_id, "vio", id, at(2)).await.unwrap();
    environment_clouds::link(&mut tx, environment_id, "openstack", id, at(3)).await.unwrap();
    let links = environment_clouds::list_of_environment(&mut tx, environment_id).await.unwrap();
    assert_eq!(links[0], link, "linked again to the same");
    assert_eq!(links.len(), 2);
    assert_eq!(environment_clouds::find(&mut tx, environment_id, "vmware").await.unwrap(), None);

    let other = credential("bbbbbbbbbbbb", None, "Other");
    cloud_credentials::insert(&mut tx, &other).await.unwrap();
    environment_clouds::link(&mut tx, environment_id, "openstack", "bbbbbbbbbbbb", at(4)).await.unwrap();
    let linked = environment_clouds::list_of_credential(&mut tx, "bbbbbbbbbbbb").await.unwrap();
    assert_eq!((linked.len(), linked[0].link.linked_at, linked[0].account_id), (1, at(4), seed.account.id));
    assert_eq!((linked[0].environment_name.as_str(), linked[0].account_name.as_str()), ("Production", "Main"));
    assert_eq!((linked[0].environment_status, linked[0].account_status), (Status::Active, Status::Active));
    environment_clouds::unlink(&mut tx, environment_id, "openstack").await.unwrap();
    let gone = environment_clouds::unlink(&mut tx, environment_id, "openstack").await;
    assert!(matches!(gone, Err(DbError::NotFound { what: "cloud of the environment" })), "{gone:?}");
    tx.commit().await.unwrap();

    let mut tx = test.db.write().await.unwrap();
    let used = cloud_credentials::delete(&mut tx, id).await;
    assert!(matches!(used, Err(DbError::InUse { what: "cloud credential" })), "{used:?}");
    drop(tx);
    let mut tx = test.db.write().await.unwrap();
    let none = environment_clouds::link(&mut tx, environment_id, "vmware", "no such", at(1)).await;
    assert!(matches!(none, Err(DbError::NotFound { what: "environment or cloud credential" })), "{none:?}");
}

async fn failures_of_authentication(test: &TestDb) {
    let mut tx = test.db.write().await.unwrap();
    let seed = seed(&mut tx).await;
    let id = seed.credential.id.as_str();
    let later = environments::insert(&mut tx, seed.account.id, "Later", at(0)).await.unwrap();
    environment_clouds::link(&mut tx, seed.environment.id, "openstack", id, at(0)).await.unwrap();
    let hour = Duration::from_secs(3600);
    let reason = "the cloud refused this credential";
    assert_eq!(environment_clouds::record_auth_success(&mut tx, id).await.unwrap(), []);
    let started = environment_clouds::record_auth_failure(&mut tx, id, at(10), hour, reason).await.unwrap();
    assert_eq!(
        (started.len(), started[0].auth_failing_since, started[0].status),
        (1, Some(at(10)), LinkStatus::Active)
    );
    assert_eq!(environment_clouds::record_auth_failure(&mut tx, id, at(20), hour, reason).await.unwrap(), []);
    environment_clouds::link(&mut tx, later.id, "openstack", id, at(0)).await.unwrap();
    let started = environment_clouds::record_auth_failure(&mut tx, id, at(3609), hour, reason).await.unwrap();
    assert_eq!(started.iter().map(|it| it.environment_id).collect::<Vec<_>>(), [later.id]);
    let suspended = environment_clouds::record_auth_failure(&mut tx, id, at(3610), hour, reason).await.unwrap();
    assert_eq!(suspended.len(), 1);
    assert_eq!((suspended[0].environment_id, suspended[0].status), (seed.environment.id, LinkStatus::Suspended));
    assert_eq!((suspended[0].auth_failing_since, suspended[0].suspended_since), (Some(at(10)), Some(at(3610))));
    assert_eq!(suspended[0].reason.as_deref(), Some(reason));
    let resumed = environment_clouds::record_auth_success(&mut tx, id).await.unwrap();
    assert_eq!(resumed.len(), 2);
    assert!(resumed.iter().all(|it| it.status == LinkStatus::Active && it.auth_failing_since.is_none()));
    assert!(resumed.iter().all(|it| it.reason.is_none() && it.suspended_since.is_none()));
    // Without patience, at once.
    let now = environment_clouds::record_auth_failure(&mut tx, id, at(9), Duration::ZERO, reason).await.unwrap();
    assert!(now.len() == 2 && now.iter().all(|it| it.status == LinkStatus::Suspended), "{now:?}");
}
