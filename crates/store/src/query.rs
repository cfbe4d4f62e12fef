/// Runs one SQL text with `$1`-style binds on the engine of a transaction.
///
/// `query!(tx, execute, "…", binds…)` gives the number of rows; `query!(tx, fetch_one, Row, "…", binds…)` (also
/// `fetch_optional`, `fetch_all`) gives rows. The error is a [`crate::DbError`].
macro_rules! query {
    ($tx:expr, execute, $sql:expr $(, $bind:expr)* $(,)?) => {
        match $tx {
            $crate::Tx::Sqlite(tx) => {
                sqlx::query($sql)$(.bind($bind))*.execute(&mut **tx).await.map(|it| it.rows_affected())
            }
            $crate::Tx::Postgres(tx) => {
                sqlx::query($sql)$(.bind($bind))*.execute(&mut **tx).await.map(|it| it.rows_affected())
            }
        }
        .map_err($crate::DbError::from)
    };
    ($tx:expr, $fetch:ident, $row:ty, $sql:expr $(, $bind:expr)* $(,)?) => {
        match $tx {
            $crate::Tx::Sqlite(tx) => sqlx::query_as::<_, $row>($sql)$(.bind($bind))*.$fetch(&mut **tx).await,
            $crate::Tx::Postgres(tx) => sqlx::query_as::<_, $row>($sql)$(.bind($bind))*.$fetch(&mut **tx).await,
        }
        .map_err($crate::DbError::from)
    };
}

pub(crate) use query;

use crate::DbError;

/// Turns "no row changed" into "not found".
pub(crate) fn one(n_rows: u64, what: &'static str) -> Result<(), DbError> {
    if n_rows == 0 { Err(DbError::NotFound { what }) } else { Ok(()) }
}
