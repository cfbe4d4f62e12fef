//! How many rows a list of the inventory has, without counting them.

use crate::{DbError, Tx, query::query};

/// Which list.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Of<'a> {
    pub credential_id: &'a str,
    pub location_id: &'a str,
    /// A noun of the inventory, or `machines`.
    pub noun: &'a str,
}

/// `None` where nobody has written it down.
pub(crate) async fn find(tx: &mut Tx, of: Of<'_>) -> Result<Option<i64>, DbError> {
    let sql = "SELECT n_rows FROM list_sizes WHERE credential_id = $1 AND location_id = $2 AND noun = $3";
    let found = query!(tx, fetch_optional, (i64,), sql, of.credential_id, of.location_id, of.noun)?;
    Ok(found.map(|it| it.0))
}

/// Below 0 for rows that went. A number that nobody has written down stays unknown.
pub(crate) async fn add(tx: &mut Tx, of: Of<'_>, n_rows: i64) -> Result<(), DbError> {
    let sql = "UPDATE list_sizes SET n_rows = n_rows + $4 WHERE credential_id = $1 AND location_id = $2 AND noun = $3";
    query!(tx, execute, sql, of.credential_id, of.location_id, of.noun, n_rows)?;
    Ok(())
}

pub(crate) async fn put(tx: &mut Tx, of: Of<'_>, n_rows: i64) -> Result<(), DbError> {
    let sql = "INSERT INTO list_sizes (credential_id, location_id, noun, n_rows) VALUES ($1, $2, $3, $4) \
               ON CONFLICT (credential_id, location_id, noun) DO UPDATE SET n_rows = excluded.n_rows";
    let put = query!(tx, execute, sql, of.credential_id, of.location_id, of.noun, n_rows);
    put.map_err(|it| it.about_new("inventory", "cloud credential"))?;
    Ok(())
}
