//! All rows as JSON lines, the same for both engines. Secrets stay sealed, and the key that opens them is not in it.
//!
//! First a header, then a line for each row (`{"table":"users","row":{…}}`) in an order in which they can be inserted, and
//! at the end their number, without which a backup is not whole.

use futures_util::TryStreamExt;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sqlx::{AssertSqlSafe, ColumnIndex, Decode, Row, Type};
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncWrite, AsyncWriteExt};

use crate::{
    DbError, Tx,
    cell::{self, Cell, ROWS_AT_ONCE},
    db,
    query::query,
    schema::{self, Column, Kind, TABLES},
};

const FORMAT: i64 = 1;
/// Migrations put rows in these, so they are not empty in a new database.
const BORN_FILLED: [&str; 2] = ["counters", "role_categories"];
/// Backups of this schema or a later one bring those rows themselves.
const FILLED_SINCE: i64 = 4;

#[derive(Serialize, Deserialize)]
struct Header {
    format: i64,
    schema: i64,
    product: String,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Line {
    Row { table: String, row: Map<String, Value> },
    End { rows: u64 },
}

/// Every table of ours, in the order they are written.
pub fn tables() -> &'static [&'static str] {
    &TABLES
}

/// Writes everything the transaction sees ([`crate::Db::read`]: of one moment) and returns the number of rows. Equal rows
/// give equal bytes. Memory holds one row.
pub async fn export(tx: &mut Tx, product_version: &str, out: &mut (impl AsyncWrite + Unpin)) -> Result<u64, DbError> {
    let schema = db::schema_version(tx).await?;
    write(out, &Header { format: FORMAT, schema, product: product_version.to_owned() }).await?;
    let mut n_rows = 0;
    for table in TABLES {
        let columns = schema::columns(tx, table).await?;
        let names: Vec<&str> = columns.iter().map(|it| it.name.as_str()).collect();
        let key: Vec<&str> = columns.iter().filter(|it| it.is_key).map(|it| it.name.as_str()).collect();
        let sql = AssertSqlSafe(format!("SELECT {} FROM {table} ORDER BY {}", names.join(", "), key.join(", ")));
        // The two arms differ in the type of the row alone.
        match tx {
            Tx::Sqlite(tx) => {
                let mut rows = sqlx::query(sql).fetch(&mut **tx);
                while let Some(row) = rows.try_next().await? {
                    write(out, &Line::Row { table: table.to_owned(), row: read(&row, &columns)? }).await?;
                    n_rows += 1;
                }
            }
            Tx::Postgres(tx) => {
                let mut rows = sqlx::query(sql).fetch(&mut **tx);
                while let Some(row) = rows.try_next().await? {
                    write(out, &Line::Row { table: table.to_owned(), row: read(&row, &columns)? }).await?;
                    n_rows += 1;
                }
            }
        }
    }
    write(out, &Line::End { rows: n_rows }).await?;
    out.flush().await.map_err(DbError::File)?;
    Ok(n_rows)
}

/// Into an empty database, of a backup with this schema or an older one; returns the number of rows. Committing is for
/// the caller.
pub async fn import(tx: &mut Tx, input: &mut (impl AsyncBufRead + Unpin)) -> Result<u64, DbError> {
    refuse_used(tx).await?;
    let mut lines = input.lines();
    let bad = |line, message: &str| DbError::Backup { line, message: message.to_owned() };
    let header = lines.next_line().await.map_err(DbError::File)?.unwrap_or_default();
    let header: Header = serde_json::from_str(&header).map_err(|_| bad(1, "this is no header of a backup"))?;
    if header.format != FORMAT {
        return Err(bad(1, "this format is unknown; import it with the program that wrote it"));
    }
    let known = db::schema_version(tx).await?;
    if header.schema > known {
        return Err(DbError::NewerSchema { found: header.schema, known });
    }
    if header.schema >= FILLED_SINCE {
        for table in BORN_FILLED {
            query!(tx, execute, AssertSqlSafe(format!("DELETE FROM {table}")))?;
        }
    }
    let mut batch = Batch::default();
    let mut columns = Vec::new();
    let mut n_rows = 0;
    for number in 2.. {
        let Some(line) = lines.next_line().await.map_err(DbError::File)? else {
            return Err(bad(number, "the backup ends too early"));
        };
        match serde_json::from_str(&line).map_err(|_| bad(number, "neither a row nor the end"))? {
            Line::Row { table, row } => {
                if !batch.takes(&table, &row) {
                    batch.insert(tx).await?;
                    let known = TABLES.into_iter().find(|it| *it == table);
                    let table = known.ok_or_else(|| bad(number, "there is no such table"))?;
                    columns = schema::columns(tx, table).await?;
                    batch = Batch::new(table, &row);
                }
                batch.add(&row, &columns).map_err(|it| bad(number, &it))?;
                n_rows += 1;
            }
            Line::End { rows } if rows == n_rows => break,
            Line::End { .. } => return Err(bad(number, "rows are missing before this line")),
        }
    }
    batch.insert(tx).await?;
    Ok(n_rows)
}

async fn refuse_used(tx: &mut Tx) -> Result<(), DbError> {
    for table in TABLES.into_iter().filter(|it| !BORN_FILLED.contains(it)) {
        let sql = format!("SELECT count(*) FROM (SELECT 1 FROM {table} LIMIT 1) it");
        if cell::fetch_all::<(i64,)>(tx, sql, &[]).await?.iter().any(|(n_rows,)| *n_rows > 0) {
            return Err(DbError::NotEmpty);
        }
    }
    Ok(())
}

async fn write(out: &mut (impl AsyncWrite + Unpin), line: &impl Serialize) -> Result<(), DbError> {
    let mut line = serde_json::to_vec(line).map_err(|err| DbError::Other(err.into()))?;
    line.push(b'\n');
    out.write_all(&line).await.map_err(DbError::File)
}

fn read<'r, R: Row>(row: &'r R, columns: &[Column]) -> Result<Map<String, Value>, DbError>
where
    usize: ColumnIndex<R>,
    String: Decode<'r, R::Database> + Type<R::Database>,
    i64: Decode<'r, R::Database> + Type<R::Database>,
    bool: Decode<'r, R::Database> + Type<R::Database>,
{
    let mut values = Map::new();
    for (n, column) in columns.iter().enumerate() {
        let value = match column.kind {
            Kind::Text => row.try_get::<Option<String>, _>(n)?.map(Value::from),
            Kind::Int => row.try_get::<Option<i64>, _>(n)?.map(Value::from),
            Kind::Bool => row.try_get::<Option<bool>, _>(n)?.map(Value::from),
        };
        values.insert(column.name.clone(), value.unwrap_or(Value::Null));
    }
    Ok(values)
}

/// Rows of one table with the same columns, to be inserted together.
#[derive(Default)]
struct Batch {
    table: &'static str,
    columns: Vec<String>,
    cells: Vec<Cell>,
}

impl Batch {
    fn new(table: &'static str, row: &Map<String, Value>) -> Batch {
        Batch { table, columns: row.keys().cloned().collect(), cells: Vec::new() }
    }

    fn takes(&self, table: &str, row: &Map<String, Value>) -> bool {
        self.table == table && self.cells.len() < ROWS_AT_ONCE * self.columns.len() && row.keys().eq(&self.columns)
    }

    fn add(&mut self, row: &Map<String, Value>, columns: &[Column]) -> Result<(), String> {
        for (name, value) in row {
            let column = columns.iter().find(|it| it.name == *name);
            let column = column.ok_or_else(|| format!("{} has no column {name:?}", self.table))?;
            let cell = match (column.kind, value) {
                (Kind::Text, Value::Null) => Cell::Text(None),
                (Kind::Text, Value::String(it)) => Cell::Text(Some(it.clone())),
                (Kind::Int, Value::Null) => Cell::Int(None),
                (Kind::Int, Value::Number(it)) if it.is_i64() => Cell::Int(it.as_i64()),
                (Kind::Bool, Value::Null) => Cell::Bool(None),
                (Kind::Bool, Value::Bool(it)) => Cell::Bool(Some(*it)),
                _ => return Err(format!("{} {name} has a value of another type", self.table)),
            };
            self.cells.push(cell);
        }
        Ok(())
    }

    async fn insert(&self, tx: &mut Tx) -> Result<(), DbError> {
        let columns: Vec<&str> = self.columns.iter().map(String::as_str).collect();
        if self.cells.is_empty() { Ok(()) } else { cell::insert(tx, self.table, &columns, &self.cells, "").await }
    }
}
