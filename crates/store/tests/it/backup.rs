use cloud::inventory::{Noun, PowerState};
use serde_json::json;
use store::{
    Db, DbError, Json, Owner, Select, Tx,
    audit::{self, MacKey, NewEntry},
    backup, environment_clouds, environments, events, machines, resources, role_categories, roles,
    roles::Role,
    settings,
};

use crate::{
    seed::{at, machine, resource, seed},
    test_db::TestDb,
};

on_both_engines!(a_used_database_is_not_imported_into, what_is_no_backup_is_refused);

async fn fill(db: &Db) {
    let mut tx = db.write().await.unwrap();
    let seed = seed(&mut tx).await;
    environment_clouds::link(&mut tx, seed.environment.id, "openstack", &seed.credential.id, at(1)).await.unwrap();
    settings::put(&mut tx, "hostile", "'; -- \u{1f98a}\n\"\\").await.unwrap();
    let of = resources::Of { credential_id: &seed.credential.id, location_id: "R1", noun: Noun::Networks };
    let found: Vec<_> = (0..600).map(|n| resource(&format!("{n}"), "ä B b")).collect();
    resources::apply_page(&mut tx, of, 1, at(1), &found).await.unwrap();
    let of = machines::Of { credential_id: &seed.credential.id, location_id: "R1" };
    machines::apply_page(&mut tx, of, 1, at(1), &[machine("vm", "vm", PowerState::On, &["::1"])]).await.unwrap();
    roles_that_replace_each_other(&mut tx).await;
    role_categories::delete(&mut tx, 8).await.unwrap();
    for n in 0..3 {
        audit::record(&mut tx, &key(), &entry(n % 2)).await.unwrap();
    }
    let event = events::NewEvent {
        account_id: None,
        environment_id: None,
        credential_id: None,
        topic: "a".to_owned(),
        object_id: "b".to_owned(),
        kind: "c".to_owned(),
        body: json!({"nul": "\0"}),
        at: at(1),
    };
    events::insert(&mut tx, &event).await.unwrap();
    tx.commit().await.unwrap();
}

fn key() -> MacKey {
    MacKey::new(b"key")
}

fn entry(account_id: i64) -> NewEntry {
    NewEntry {
        account_id,
        at: at(5),
        actor_kind: "user".to_owned(),
        actor_id: "1".to_owned(),
        actor_name: String::new(),
        remote_addr: String::new(),
        action: "create".to_owned(),
        object_type: String::new(),
        object_id: String::new(),
        object_name: String::new(),
        before: Some(json!(null)),
        after: None,
        request_id: String::new(),
        environment_id: None,
    }
}

/// One for the other, so that one of them comes before the role it refers to.
async fn roles_that_replace_each_other(tx: &mut Tx) {
    let new = Role {
        id: 0,
        owner: Owner::default(),
        name: String::new(),
        category_id: role_categories::insert(tx, Owner::default(), "Ours").await.unwrap().id,
        os_id: "debian-12".to_owned(),
        description: String::new(),
        tags: Json(vec![]),
        builtin_automation: Json(vec![]),
        deprecated_at: None,
        deprecation_message: None,
        replacement_id: None,
    };
    // More than are inserted by one statement.
    let mut last = None;
    for n in 0..600 {
        last = Some(roles::insert(tx, &Role { name: n.to_string(), ..new.clone() }).await.unwrap());
    }
    let first = roles::find(tx, 1).await.unwrap().unwrap();
    let first = Role { replacement_id: last.map(|it| it.id), deprecated_at: Some(at(1)), ..first };
    roles::update(tx, &first).await.unwrap();
}

async fn export(db: &Db) -> Vec<u8> {
    let mut out = Vec::new();
    let mut tx = db.read().await.unwrap();
    backup::export(&mut tx, "0.1.0", &mut out).await.unwrap();
    out
}

async fn import(db: &Db, text: &[u8]) -> Result<u64, DbError> {
    let mut tx = db.write().await.unwrap();
    let n_rows = backup::import(&mut tx, &mut &*text).await?;
    tx.commit().await.unwrap();
    Ok(n_rows)
}

#[tokio::test]
async fn from_sqlite_to_postgres_and_back() {
    let (first, second, third) = (TestDb::sqlite().await, TestDb::postgres().await, TestDb::sqlite().await);
    fill(&first.db).await;
    let text = export(&first.db).await;
    let n_lines = text.iter().filter(|it| **it == b'\n').count() as u64;
    assert_eq!(import(&second.db, &text).await.unwrap(), n_lines - 2);
    let there = export(&second.db).await;
    assert_eq!(String::from_utf8(text.clone()).unwrap(), String::from_utf8(there.clone()).unwrap());
    import(&third.db, &there).await.unwrap();
    assert!(export(&third.db).await == text);

    // One that somebody deleted does not come back.
    let mut tx = second.db.read().await.unwrap();
    let categories = role_categories::list(&mut tx, Owner::default(), Select::new()).await.unwrap();
    assert_eq!(categories.rows.iter().map(|it| it.id).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6, 7, 9]);
    drop(tx);

    // What was imported is alive: numbers go on, and the log is authentic.
    let mut tx = second.db.write().await.unwrap();
    let verified = audit::verify(&mut tx, &key(), 0).await.unwrap();
    assert_eq!((verified.ok, verified.count), (true, 2));
    assert_eq!(environments::insert(&mut tx, 1, "Next", at(0)).await.unwrap().id, 2);
    drop(tx);
    second.drop_database().await;
}

async fn a_used_database_is_not_imported_into(test: &TestDb) {
    let other = test.another().await;
    fill(&test.db).await;
    let text = export(&test.db).await;
    let mut tx = other.db.write().await.unwrap();
    settings::put(&mut tx, "a", "1").await.unwrap();
    tx.commit().await.unwrap();
    let used = import(&other.db, &text).await;
    assert!(matches!(used, Err(DbError::NotEmpty)), "{used:?}");
    if other.db.engine() == "postgres" {
        other.drop_database().await;
    }
}

async fn what_is_no_backup_is_refused(test: &TestDb) {
    let header = r#"{"format":1,"schema":1,"product":"0.1.0"}"#;
    let row = r#"{"table":"settings","row":{"name":"a","value":"1"}}"#;
    let cases = [
        (String::new(), 1),
        ("{}\n".to_owned(), 1),
        (r#"{"format":2,"schema":1,"product":""}"#.to_owned(), 1),
        (format!("{header}\n{row}\n"), 3),
        (format!("{header}\n{row}\n{{\"rows\":2}}\n"), 3),
        (format!("{header}\n{}\n", &row[..20]), 2),
        (format!("{header}\n{}\n", row.replace("settings", "passwords")), 2),
        (format!("{header}\n{}\n", row.replace("value", "worth")), 2),
        (format!("{header}\n{}\n", row.replace("\"1\"", "1")), 2),
        (format!("{header}\n{row}\n\u{0}\n"), 3),
    ];
    for (text, expected) in cases {
        match import(&test.db, text.as_bytes()).await {
            Err(DbError::Backup { line, .. }) => assert_eq!(line, expected, "{text}"),
            other => panic!("{other:?} for {text}"),
        }
    }
    let newer = import(&test.db, r#"{"format":1,"schema":999,"product":""}"#.as_bytes()).await;
    assert!(matches!(newer, Err(DbError::NewerSchema { found: 999, .. })), "{newer:?}");
    // Nothing of all this has stayed.
    let good = format!("{header}\n{row}\n{{\"rows\":1}}\n");
    assert_eq!(import(&test.db, good.as_bytes()).await.unwrap(), 1);
    // What later migrations brought is not in it, and stays.
    let mut tx = test.db.write().await.unwrap();
    assert_eq!(role_categories::list(&mut tx, Owner::default(), Select::new()).await.unwrap().total, 8);
    assert_eq!(role_categories::insert(&mut tx, Owner::default(), "Ours").await.unwrap().id, 9);
}
