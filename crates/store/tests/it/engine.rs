use std::{fs, os::unix::fs::PermissionsExt, time::Duration};

use store::{Db, DbError, Status, accounts, counters, settings, users};
use tokio::time::timeout;

use crate::{
    seed::{at, machine, seed},
    test_db::TestDb,
};

on_both_engines!(
    opening_again,
    a_newer_schema_is_refused,
    two_writers_at_once,
    what_was_read_is_not_changed_by_another_writer,
    a_snapshot_stays_as_it_was,
    what_is_not_committed_is_not_there,
    a_reader_cannot_write,
    tables_are_all_in_a_backup,
);

async fn opening_again(test: &TestDb) {
    let mut tx = test.db.write().await.unwrap();
    settings::put(&mut tx, "a", "1").await.unwrap();
    tx.commit().await.unwrap();
    let version = test.db.schema_version().await.unwrap();
    assert!(version >= 1);
    assert!(test.db.size_bytes().await.unwrap() > 0);
    assert!(!format!("{:?}", test.db).contains("127.0.0.1"), "nothing of the URL, which may hold a password");
    let (first, second) = tokio::join!(Db::open(&test.url), Db::open(&test.url));
    let again = first.unwrap();
    second.unwrap().close().await;
    let mut tx = again.read().await.unwrap();
    assert_eq!(settings::find(&mut tx, "a").await.unwrap().as_deref(), Some("1"));
    drop(tx);
    again.close().await;
    let closed = again.read().await;
    assert!(matches!(closed, Err(DbError::Unreachable(_))), "{closed:?}");
}

async fn a_newer_schema_is_refused(test: &TestDb) {
    let known = test.db.schema_version().await.unwrap();
    for later in [3, 7] {
        test.tamper(&format!(
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
             SELECT {}, 'later', success, checksum, 0 FROM _sqlx_migrations WHERE version = {known}",
            known + later
        ))
        .await;
    }
    match Db::open(&test.url).await {
        Err(DbError::NewerSchema { found, known: ours }) => assert_eq!((found, ours), (known + 7, known)),
        other => panic!("{other:?}"),
    }
}

async fn two_writers_at_once(test: &TestDb) {
    // Also of two processes.
    let other = Db::open(&test.url).await.unwrap();
    let mut writers = tokio::task::JoinSet::new();
    for n in 0..20 {
        let db = if n % 2 == 0 { test.db.clone() } else { other.clone() };
        writers.spawn(async move {
            let mut tx = db.write().await.unwrap();
            let before = counters::next(&mut tx, "a").await.unwrap();
            accounts::insert(&mut tx, &format!("account {n}"), at(0)).await.unwrap();
            tx.commit().await.unwrap();
            before
        });
    }
    let mut numbers = writers.join_all().await;
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=20).collect::<Vec<_>>());
    let mut tx = test.db.read().await.unwrap();
    assert_eq!(accounts::list(&mut tx, store::Select::new()).await.unwrap().total, 20);
    drop(tx);
    other.close().await;
}

/// A user is read, changed in memory and written as a whole, by two control planes.
/// As by a control plane that is frozen. SQLite has one, and it waits for nobody.
#[tokio::test]
async fn a_writer_who_falls_silent_keeps_nobody_waiting() {
    let test = TestDb::postgres().await;
    let other = Db::open(&test.url).await.unwrap();
    let mut silent = test.db.write().await.unwrap();
    settings::put(&mut silent, "a", "silent").await.unwrap();
    let mut tx = other.write().await.unwrap();
    assert_eq!(settings::find(&mut tx, "a").await.unwrap(), None);
    tx.commit().await.unwrap();
    assert!(silent.commit().await.is_err(), "what it wrote is undone");
    test.db.write().await.unwrap().commit().await.unwrap();
    other.close().await;
    test.drop_database().await;
}

async fn what_was_read_is_not_changed_by_another_writer(test: &TestDb) {
    let other = Db::open(&test.url).await.unwrap();
    let mut tx = test.db.write().await.unwrap();
    let id = seed(&mut tx).await.user.id;
    tx.commit().await.unwrap();

    let mut tx = test.db.write().await.unwrap();
    let mut renamed = users::get(&mut tx, id).await.unwrap();
    let mut deactivating = tokio::spawn({
        let other = other.clone();
        async move {
            let mut tx = other.write().await.unwrap();
            let mut user = users::get(&mut tx, id).await.unwrap();
            user.status = Status::Inactive;
            users::update(&mut tx, &user).await.unwrap();
            tx.commit().await.unwrap();
        }
    });
    // Time enough for one that does not wait.
    let _ = timeout(Duration::from_millis(500), &mut deactivating).await;
    renamed.name = "Another Name".to_owned();
    users::update(&mut tx, &renamed).await.unwrap();
    tx.commit().await.unwrap();
    if !deactivating.is_finished() {
        deactivating.await.unwrap();
    }
    let mut tx = test.db.read().await.unwrap();
    let user = users::get(&mut tx, id).await.unwrap();
    assert_eq!((user.name.as_str(), user.status), ("Another Name", Status::Inactive));
    drop(tx);
    other.close().await;
}

async fn a_snapshot_stays_as_it_was(test: &TestDb) {
    let mut reader = test.db.read().await.unwrap();
    assert_eq!(settings::find(&mut reader, "a").await.unwrap(), None);
    let mut tx = test.db.write().await.unwrap();
    settings::put(&mut tx, "a", "1").await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(settings::find(&mut reader, "a").await.unwrap(), None);
    drop(reader);
    let mut reader = test.db.read().await.unwrap();
    assert_eq!(settings::find(&mut reader, "a").await.unwrap().as_deref(), Some("1"));
}

async fn what_is_not_committed_is_not_there(test: &TestDb) {
    let mut tx = test.db.write().await.unwrap();
    settings::put(&mut tx, "a", "1").await.unwrap();
    drop(tx);
    let mut tx = test.db.write().await.unwrap();
    assert_eq!(settings::find(&mut tx, "a").await.unwrap(), None);
}

async fn a_reader_cannot_write(test: &TestDb) {
    let mut tx = test.db.read().await.unwrap();
    let refused = settings::put(&mut tx, "a", "1").await;
    assert!(matches!(refused, Err(DbError::Other(_))), "{refused:?}");
}

async fn tables_are_all_in_a_backup(test: &TestDb) {
    let mut tx = test.db.read().await.unwrap();
    let mut known = store::backup::tables().to_vec();
    known.push("_sqlx_migrations");
    known.sort_unstable();
    let tables: Vec<(String,)> = match &mut tx {
        store::Tx::Sqlite(tx) => {
            let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name";
            sqlx::query_as(sql).fetch_all(&mut **tx).await.unwrap()
        }
        store::Tx::Postgres(tx) => {
            let sql = "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename::text";
            sqlx::query_as(sql).fetch_all(&mut **tx).await.unwrap()
        }
    };
    let mut tables: Vec<_> = tables.iter().map(|(name,)| name.as_str()).collect();
    tables.sort_unstable();
    assert_eq!(tables, known);
}

#[tokio::test]
async fn a_commit_outlasts_a_power_cut() {
    let test = TestDb::sqlite().await;
    let mut tx = test.db.write().await.unwrap();
    let store::Tx::Sqlite(sqlite) = &mut tx else { unreachable!() };
    let mode: (i64,) = sqlx::query_as("PRAGMA synchronous").fetch_one(&mut **sqlite).await.unwrap();
    // <https://sqlite.org/pragma.html#pragma_synchronous>: 2 is FULL, which syncs the journal after each commit.
    assert_eq!(mode, (2,));
}

#[tokio::test]
async fn a_file_is_for_its_owner_alone() {
    let test = TestDb::sqlite().await;
    let mut tx = test.db.write().await.unwrap();
    settings::put(&mut tx, "a", "1").await.unwrap();
    tx.commit().await.unwrap();
    for file in fs::read_dir(test.folder.path()).unwrap() {
        let file = file.unwrap();
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{file:?}");
    }
}

#[tokio::test]
async fn what_cannot_be_opened_says_so() {
    for url in ["sqlite:///no/such/folder/x.db", "postgres://u:secret@127.0.0.1:1/x"] {
        let err = Db::open(url).await.unwrap_err();
        assert!(matches!(err, DbError::Unreachable(_)), "{err:?}");
        assert!(!format!("{err:?}").contains("secret"));
    }
    for url in ["mysql://u:secret@h/x", "", "/var/lib/x.db"] {
        let err = Db::open(url).await.unwrap_err();
        assert!(matches!(err, DbError::Url(_)), "{err:?}");
        assert!(!err.to_string().contains("secret"));
    }
}

/// A page of 4 KiB each: what does not fit is refused, and what was there before stays.
#[tokio::test]
async fn a_full_sqlite_database_loses_nothing() {
    let test = TestDb::sqlite().await;
    let mut tx = test.db.write().await.unwrap();
    let id = seed(&mut tx).await.credential.id;
    tx.commit().await.unwrap();
    let mut tx = test.db.write().await.unwrap();
    let store::Tx::Sqlite(sqlite) = &mut tx else { unreachable!() };
    sqlx::query("PRAGMA max_page_count = 120").fetch_all(&mut **sqlite).await.unwrap();
    tx.commit().await.unwrap();

    let of = store::machines::Of { credential_id: &id, location_id: "R1" };
    let found: Vec<_> =
        (0..2000).map(|n| machine(&format!("vm-{n}"), "a machine", cloud::inventory::PowerState::On, &[])).collect();
    let mut tx = test.db.write().await.unwrap();
    accounts::insert(&mut tx, "before it is full", at(0)).await.unwrap();
    let full = store::machines::apply_page(&mut tx, of, 1, at(1), &found).await;
    assert!(matches!(full, Err(DbError::Full(_))), "{full:?}");
    drop(tx);

    let mut tx = test.db.write().await.unwrap();
    assert_eq!(store::machines::list(&mut tx, of, store::Select::new()).await.unwrap().total, 0);
    assert_eq!(accounts::list(&mut tx, store::Select::new()).await.unwrap().total, 1, "not half of it");
    settings::put(&mut tx, "small", "fits").await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = test.db.read().await.unwrap();
    assert_eq!(settings::find(&mut tx, "small").await.unwrap().as_deref(), Some("fits"));
}

#[tokio::test]
async fn a_nul_is_refused_by_postgres() {
    let test = TestDb::postgres().await;
    let mut tx = test.db.write().await.unwrap();
    let refused = settings::put(&mut tx, "a", "\0").await;
    assert!(matches!(refused, Err(DbError::Nul)), "{refused:?}");
    drop(tx);
    test.drop_database().await;
}
