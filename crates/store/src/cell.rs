use sqlx::{AssertSqlSafe, FromRow, postgres::PgRow, sqlite::SqliteRow};

use crate::{DbError, Tx};

/// A value of a column, for SQL that is put together at run time. PostgreSQL wants to know the type of a NULL too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Cell {
    Text(Option<String>),
    Int(Option<i64>),
    Bool(Option<bool>),
}

/// Rows of one INSERT. SQLite takes 32,766 values in a statement, PostgreSQL 65,535.
pub(crate) const ROWS_AT_ONCE: usize = 250;

macro_rules! bound {
    ($query:expr, $cells:expr) => {{
        let mut query = $query;
        for cell in $cells {
            query = match cell {
                Cell::Text(it) => query.bind(it.as_deref()),
                Cell::Int(it) => query.bind(*it),
                Cell::Bool(it) => query.bind(*it),
            };
        }
        query
    }};
}

/// The text must be made of names and numbers from our own code. Not kept as a prepared statement.
pub(crate) async fn execute(tx: &mut Tx, sql: String, cells: &[Cell]) -> Result<u64, DbError> {
    let n_rows = match tx {
        Tx::Sqlite(tx) => {
            let query = bound!(sqlx::query(AssertSqlSafe(sql)).persistent(false), cells);
            query.execute(&mut **tx).await?.rows_affected()
        }
        Tx::Postgres(tx) => {
            let query = bound!(sqlx::query(AssertSqlSafe(sql)).persistent(false), cells);
            query.execute(&mut **tx).await?.rows_affected()
        }
    };
    Ok(n_rows)
}

/// As [`execute`], but the statement is kept prepared.
pub(crate) async fn fetch_all<T>(tx: &mut Tx, sql: String, cells: &[Cell]) -> Result<Vec<T>, DbError>
where
    T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin,
{
    let rows = match tx {
        Tx::Sqlite(tx) => bound!(sqlx::query_as(AssertSqlSafe(sql)), cells).fetch_all(&mut **tx).await?,
        Tx::Postgres(tx) => bound!(sqlx::query_as(AssertSqlSafe(sql)), cells).fetch_all(&mut **tx).await?,
    };
    Ok(rows)
}

/// Inserts rows given one after the other in `cells`. `conflict` is an `ON CONFLICT …` clause or empty.
pub(crate) async fn insert(
    tx: &mut Tx,
    table: &str,
    columns: &[&str],
    cells: &[Cell],
    conflict: &str,
) -> Result<(), DbError> {
    for cells in cells.chunks(columns.len() * ROWS_AT_ONCE) {
        // SQLite looks a numbered value up among all before it, which takes seconds for some thousands.
        let row = |first: usize| match tx {
            Tx::Sqlite(_) => format!("({})", vec!["?"; columns.len()].join(", ")),
            Tx::Postgres(_) => format!("({})", marks(first, columns.len())),
        };
        let rows: Vec<String> = (1..=cells.len()).step_by(columns.len()).map(row).collect();
        let sql = format!("INSERT INTO {table} ({}) VALUES {} {conflict}", columns.join(", "), rows.join(", "));
        execute(tx, sql, cells).await?;
    }
    Ok(())
}

/// `$3, $4` for `first` 3 and two values.
pub(crate) fn marks(first: usize, n: usize) -> String {
    let marks: Vec<String> = (first..first + n).map(|it| format!("${it}")).collect();
    marks.join(", ")
}
