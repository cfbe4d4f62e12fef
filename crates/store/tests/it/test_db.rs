//! A database for one test.

use std::{
    env,
    process::id,
    sync::atomic::{AtomicU32, Ordering},
};

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use store::Db;
use tempfile::TempDir;

/// Runs each test, a function of a `&TestDb`, on both engines.
macro_rules! on_both_engines {
    ($($test:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test]
            async fn $test() {
                super::$test(&crate::test_db::TestDb::sqlite().await).await;
            })+
        }
        mod postgres {
            $(#[tokio::test]
            async fn $test() {
                let db = crate::test_db::TestDb::postgres().await;
                super::$test(&db).await;
                db.drop_database().await;
            })+
        }
    };
}

pub struct TestDb {
    pub db: Db,
    pub url: String,
    pub folder: TempDir,
}

static NUMBER: AtomicU32 = AtomicU32::new(0);

impl TestDb {
    pub async fn sqlite() -> TestDb {
        let folder = TempDir::new().unwrap();
        let url = format!("sqlite://{}", folder.path().join("test.db").display());
        TestDb { db: Db::open(&url).await.unwrap(), url, folder }
    }

    /// A new database whose language orders texts otherwise than by bytes.
    pub async fn postgres() -> TestDb {
        let name = format!("store_{}_{}", id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let locale = "TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en-US'";
        let mut server = PgConnection::connect(&server_url()).await.unwrap();
        server.execute(AssertSqlSafe(format!("CREATE DATABASE {name} {locale}"))).await.unwrap();
        let mut url = url_parts(&server_url()).0;
        url += &name;
        TestDb { db: Db::open(&url).await.unwrap(), url, folder: TempDir::new().unwrap() }
    }

    /// Of the same engine, empty.
    pub async fn another(&self) -> TestDb {
        if self.db.engine() == "sqlite" { TestDb::sqlite().await } else { TestDb::postgres().await }
    }

    pub async fn drop_database(self) {
        self.db.close().await;
        let mut server = PgConnection::connect(&server_url()).await.unwrap();
        let name = url_parts(&self.url).1;
        server.execute(AssertSqlSafe(format!("DROP DATABASE {name} WITH (FORCE)"))).await.unwrap();
    }

    /// Past all rules of the store, as somebody with the password of the database could.
    pub async fn tamper(&self, sql: &str) {
        assert!(self.run(sql).await > 0, "nothing changed by {sql}");
    }

    /// The number of rows that changed.
    pub async fn run(&self, sql: &str) -> u64 {
        let mut tx = self.db.write().await.unwrap();
        let n_rows = match &mut tx {
            store::Tx::Sqlite(tx) => tx.execute(AssertSqlSafe(sql.to_owned())).await.unwrap().rows_affected(),
            store::Tx::Postgres(tx) => tx.execute(AssertSqlSafe(sql.to_owned())).await.unwrap().rows_affected(),
        };
        tx.commit().await.unwrap();
        n_rows
    }
}

fn server_url() -> String {
    env::var("STACKYARD_TEST_POSTGRES").expect(
        "STACKYARD_TEST_POSTGRES is not set: `cargo xtask test` starts a PostgreSQL and sets it; or give the \
         postgres:// URL of a server where databases may be created",
    )
}

/// The URL up to the last slash, and the name of the database.
fn url_parts(url: &str) -> (String, String) {
    let (server, query) = url.split_once('?').unwrap_or((url, ""));
    assert!(query.is_empty(), "STACKYARD_TEST_POSTGRES may have no parameters");
    let (server, name) = server.rsplit_once('/').unwrap();
    (format!("{server}/"), name.to_owned())
}
