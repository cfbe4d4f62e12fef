use std::{fs::OpenOptions, io, os::unix::fs::OpenOptionsExt, path::Path, str::FromStr, time::Duration};

use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection, Error, Pool, Postgres, SqlSafeStr, Sqlite, SqliteConnection,
    Transaction,
    migrate::{Migrate, MigrateError, Migrator},
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use tokio::time::timeout;

use crate::{DbError, query::query};

static MIGRATIONS: Migrator = sqlx::migrate!();

const SQLITE_READERS: u32 = 4;
const POSTGRES_READERS: u32 = 16;
/// The advisory lock of whoever writes: the letters `stackyrd`.
const WRITER_LOCK: i64 = i64::from_be_bytes(*b"stackyrd");
/// How long to wait for another writer, or for a free connection.
const PATIENCE: Duration = Duration::from_secs(10);
/// PostgreSQL ends the session of a writer who is silent for that long, so that a control plane which is frozen or cut
/// off does not keep all others from writing. What it had not committed is undone.
const SILENCE: Duration = Duration::from_secs(8);

/// An open database. Cheap to clone.
#[derive(Debug, Clone)]
pub enum Db {
    /// One writer, so that writers wait in a queue and not for a lock.
    Sqlite { writer: Pool<Sqlite>, readers: Pool<Sqlite> },
    /// One writer here too; those of several control planes wait for each other by a lock.
    Postgres { writer: Pool<Postgres>, readers: Pool<Postgres> },
}

/// A transaction. Dropped without [`Tx::commit`] it is undone.
#[derive(Debug)]
pub enum Tx {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

impl Db {
    /// Opens `sqlite://PATH` (made with mode 0600 if it is not there) or `postgres://…` and brings its schema up to date.
    /// Several control planes may do so at the same time on PostgreSQL.
    pub async fn open(url: &str) -> Result<Db, DbError> {
        if let Some(path) = url.strip_prefix("sqlite://") {
            Db::open_sqlite(Path::new(path)).await
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            Db::open_postgres(url).await
        } else {
            // The rest of the text may hold a password.
            Err(DbError::Url(url.split(':').next().unwrap_or_default().to_owned()))
        }
    }

    async fn open_sqlite(path: &Path) -> Result<Db, DbError> {
        // The journals beside it inherit the mode.
        match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
            Err(err) if err.kind() != io::ErrorKind::AlreadyExists => return Err(DbError::Unreachable(err.into())),
            _ => {}
        }
        let options = SqliteConnectOptions::new()
            .filename(path)
            .busy_timeout(PATIENCE)
            .journal_mode(SqliteJournalMode::Wal)
            // A commit outlasts a power cut: what follows it outside of the database (a key that is removed) relies on it.
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .disable_statement_logging();
        let pool = || {
            let options = SqlitePoolOptions::new().acquire_timeout(PATIENCE).max_lifetime(None).idle_timeout(None);
            options.after_release(|connection, _| Box::pin(is_usable(connection)))
        };
        let writer = pool().max_connections(1).connect_with(options.clone()).await?;
        {
            let mut connection = writer.acquire().await?;
            migrate(&MIGRATIONS, &mut *connection).await?;
        }
        let readers = pool().max_connections(SQLITE_READERS);
        let readers = readers.connect_lazy_with(options.pragma("query_only", "ON"));
        Ok(Db::Sqlite { writer, readers })
    }

    async fn open_postgres(url: &str) -> Result<Db, DbError> {
        let options = PgConnectOptions::from_str(url)?.application_name("stackyard").disable_statement_logging();
        {
            // Not by the pool, which knocks again for as long as it has patience.
            let connect = timeout(PATIENCE, options.connect());
            let mut connection = connect.await.map_err(|err| DbError::Unreachable(err.into()))??;
            migrate(&compared_by_bytes(&MIGRATIONS), &mut connection).await?;
            connection.close().await?;
        }
        let pool = || PgPoolOptions::new().acquire_timeout(PATIENCE);
        let readers = pool().max_connections(POSTGRES_READERS).connect_lazy_with(options.clone());
        let writer = pool().max_connections(1).connect_lazy_with(options);
        Ok(Db::Postgres { writer, readers })
    }

    /// A snapshot: all that is read is of one moment. Nothing can be written.
    pub async fn read(&self) -> Result<Tx, DbError> {
        Ok(match self {
            Db::Sqlite { readers, .. } => Tx::Sqlite(readers.begin_with("BEGIN").await?),
            Db::Postgres { readers, .. } => {
                Tx::Postgres(begin(readers, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?)
            }
        })
    }

    /// There is one at a time in the whole installation and the others wait, so it should be short. A row that was read
    /// in it is still so when it is written back.
    pub async fn write(&self) -> Result<Tx, DbError> {
        Ok(match self {
            Db::Sqlite { writer, .. } => Tx::Sqlite(writer.begin_with("BEGIN IMMEDIATE").await?),
            Db::Postgres { writer, .. } => {
                let mut tx = begin(writer, "BEGIN").await?;
                // Released by the end of the transaction, whichever it is.
                let sql = "SELECT set_config('lock_timeout', $1, true), \
                           set_config('idle_in_transaction_session_timeout', $2, true), pg_advisory_xact_lock($3)";
                let [patience, silence] = [PATIENCE, SILENCE].map(|it| format!("{}s", it.as_secs()));
                sqlx::query(sql).bind(patience).bind(silence).bind(WRITER_LOCK).execute(&mut *tx).await?;
                Tx::Postgres(tx)
            }
        })
    }

    /// Waits for transactions that are open.
    pub async fn close(&self) {
        match self {
            Db::Sqlite { writer, readers } => {
                readers.close().await;
                writer.close().await;
            }
            Db::Postgres { writer, readers } => {
                readers.close().await;
                writer.close().await;
            }
        }
    }

    /// `sqlite` or `postgres`.
    pub fn engine(&self) -> &'static str {
        match self {
            Db::Sqlite { .. } => "sqlite",
            Db::Postgres { .. } => "postgres",
        }
    }

    /// Of the data, without SQLite's journal.
    pub async fn size_bytes(&self) -> Result<i64, DbError> {
        let sql = match self {
            Db::Sqlite { .. } => "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()",
            Db::Postgres { .. } => "SELECT pg_database_size(current_database())",
        };
        let mut tx = self.read().await?;
        let (size,) = query!(&mut tx, fetch_one, (i64,), sql)?;
        Ok(size)
    }

    /// Number of the last migration.
    pub async fn schema_version(&self) -> Result<i64, DbError> {
        let mut tx = self.read().await?;
        schema_version(&mut tx).await
    }
}

impl Tx {
    pub async fn commit(self) -> Result<(), DbError> {
        match self {
            Tx::Sqlite(tx) => tx.commit().await?,
            Tx::Postgres(tx) => tx.commit().await?,
        }
        Ok(())
    }
}

/// SQLite ends a transaction by itself when the disk is full or cannot be written
/// (<https://sqlite.org/lang_transaction.html>, 2.3). sqlx then counts one that is not there and can neither undo it nor
/// begin another, so the connection is replaced.
async fn is_usable(connection: &mut SqliteConnection) -> Result<bool, Error> {
    // What was to be undone is undone before this answers.
    connection.ping().await?;
    Ok(!connection.is_in_transaction())
}

async fn begin(pool: &Pool<Postgres>, statement: &'static str) -> Result<Transaction<'static, Postgres>, DbError> {
    match pool.begin_with(statement).await {
        // It had room for another connection and could not make one.
        Err(err @ Error::PoolTimedOut) if pool.size() < pool.options().get_max_connections() => {
            Err(DbError::Unreachable(err.into()))
        }
        result => Ok(result?),
    }
}

pub(crate) async fn schema_version(tx: &mut Tx) -> Result<i64, DbError> {
    let (version,) = query!(tx, fetch_one, (Option<i64>,), "SELECT max(version) FROM _sqlx_migrations")?;
    Ok(version.unwrap_or_default())
}

async fn migrate<C: Migrate>(migrations: &Migrator, connection: &mut C) -> Result<(), DbError> {
    match migrations.run_direct(None, connection, false).await {
        Ok(()) => Ok(()),
        Err(MigrateError::VersionMissing(_)) => {
            let applied = connection.list_applied_migrations(&migrations.table_name).await;
            let applied = applied.map_err(|err| DbError::Other(err.into()))?;
            let found = applied.iter().map(|it| it.version).max().unwrap_or_default();
            let known = migrations.iter().map(|it| it.version).max().unwrap_or_default();
            Err(DbError::NewerSchema { found, known })
        }
        Err(MigrateError::Execute(err) | MigrateError::ExecuteMigration(err, _)) => Err(err.into()),
        Err(err) => Err(DbError::Other(err.into())),
    }
}

/// SQLite compares texts by bytes. PostgreSQL does so where a column says it; then lists have the same order, `>` has
/// the same meaning and indexes serve both, whatever the locale of the server.
fn compared_by_bytes(migrations: &Migrator) -> Migrator {
    let mut migrations = migrations.migrations.to_vec();
    for migration in &mut migrations {
        let sql = migration.sql.as_str().replace(" TEXT", " TEXT COLLATE \"C\"");
        migration.sql = AssertSqlSafe(sql).into_sql_str(); // Our own text; the checksum stays that of the file.
    }
    Migrator::with_migrations(migrations)
}
