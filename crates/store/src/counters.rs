//! Ids that are numbers.

use crate::{DbError, Tx, query::query};

/// The next number of a counter, beginning with 1. Taken back when the transaction is. Others who want one of the same
/// counter wait until then, so a greater number is never visible before a smaller one.
pub async fn next(tx: &mut Tx, name: &str) -> Result<i64, DbError> {
    let sql = "INSERT INTO counters (name, next) VALUES ($1, 2) \
               ON CONFLICT (name) DO UPDATE SET next = counters.next + 1 RETURNING next - 1";
    let (number,) = query!(tx, fetch_one, (i64,), sql, name)?;
    Ok(number)
}
