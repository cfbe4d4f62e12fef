//! Brings a stored list to what was found, page by page, writing only what differs.

use std::collections::{BTreeMap, HashMap};

use aws_lc_rs::digest;
use serde_json::{Map, Value};

use crate::{
    DbError, Time, Tx,
    cell::{self, Cell, marks},
    list_sizes,
    nul::without_nul,
};

/// What one page changed, as `cloud_id`s.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    pub added: Vec<String>,
    pub changed: Vec<String>,
}

impl Changes {
    pub fn n_changes(&self) -> usize {
        self.added.len() + self.changed.len()
    }
}

/// A table of things found, and which of its lists.
pub(crate) struct Found<'a> {
    pub table: &'static str,
    /// Columns and values that name the list.
    pub list: &'a [(&'static str, &'a str)],
    /// Columns of what the cloud says, in the order of [`Item::content`].
    pub content: &'static [&'static str],
    pub sync_seq: i64,
}

pub(crate) struct Item {
    pub cloud_id: String,
    pub content: Vec<Cell>,
}

impl Found<'_> {
    pub async fn apply_page(&self, tx: &mut Tx, now: Time, items: Vec<Item>) -> Result<Changes, DbError> {
        let mut changes = Changes::default();
        // A cloud may list a thing twice while its pages move; the later one counts.
        let row = |it: Item| (without_nul(&it.cloud_id).into_owned(), it.content);
        let items: BTreeMap<String, Vec<Cell>> = items.into_iter().map(row).collect();
        let items: Vec<_> = items.into_iter().map(|(id, content)| (id, hash(&content), content)).collect();
        for chunk in items.chunks(cell::ROWS_AT_ONCE) {
            let ids: Vec<Cell> = chunk.iter().map(|(id, ..)| text(id)).collect();
            let known = self.hashes(tx, &ids).await?;
            let mut same = Vec::new();
            let mut rows = Vec::new();
            for (cloud_id, hash, content) in chunk {
                match known.get(cloud_id) {
                    Some(it) if it == hash => {
                        same.push(text(cloud_id));
                        continue;
                    }
                    Some(_) => changes.changed.push(cloud_id.clone()),
                    None => changes.added.push(cloud_id.clone()),
                }
                rows.extend(self.list.iter().map(|(_, value)| text(value)));
                rows.push(text(cloud_id));
                rows.extend(content.iter().cloned());
                let now = now.as_micros();
                rows.extend([now, now, now, self.sync_seq].map(|it| Cell::Int(Some(it))));
                rows.push(text(hash));
            }
            self.mark_seen(tx, now, &same).await?;
            self.put(tx, &rows).await?;
        }
        list_sizes::add(tx, self.size_of(), count(changes.added.len())).await?;
        Ok(changes)
    }

    /// Deletes what this synchronisation has not seen and returns its `cloud_id`s. What a later one has seen stays.
    pub async fn finish(&self, tx: &mut Tx) -> Result<Vec<String>, DbError> {
        let (condition, mut cells) = self.condition();
        cells.push(Cell::Int(Some(self.sync_seq)));
        let sql =
            format!("DELETE FROM {} WHERE {condition} AND sync_seq < ${} RETURNING cloud_id", self.table, cells.len());
        let removed = cell::fetch_all::<(String,)>(tx, sql, &cells).await?;
        // Counted once each time: it is missing for a new list and in a backup of an older program, and such a program
        // that runs beside this one does not keep it.
        let n_rows = self.count(tx).await?;
        list_sizes::put(tx, self.size_of(), n_rows).await?;
        Ok(removed.into_iter().map(|(id,)| id).collect())
    }

    /// Deletes these, and returns those that were there.
    pub async fn remove(&self, tx: &mut Tx, cloud_ids: &[String]) -> Result<Vec<String>, DbError> {
        let mut removed = Vec::new();
        for chunk in cloud_ids.chunks(cell::ROWS_AT_ONCE) {
            let (condition, mut cells) = self.condition();
            let marks = marks(cells.len() + 1, chunk.len());
            cells.extend(chunk.iter().map(|it| text(it)));
            let sql =
                format!("DELETE FROM {} WHERE {condition} AND cloud_id IN ({marks}) RETURNING cloud_id", self.table);
            removed.extend(cell::fetch_all::<(String,)>(tx, sql, &cells).await?.into_iter().map(|(id,)| id));
        }
        list_sizes::add(tx, self.size_of(), -count(removed.len())).await?;
        Ok(removed)
    }

    async fn hashes(&self, tx: &mut Tx, ids: &[Cell]) -> Result<HashMap<String, String>, DbError> {
        let (condition, mut cells) = self.condition();
        let marks = marks(cells.len() + 1, ids.len());
        cells.extend_from_slice(ids);
        let sql =
            format!("SELECT cloud_id, content_hash FROM {} WHERE {condition} AND cloud_id IN ({marks})", self.table);
        Ok(cell::fetch_all::<(String, String)>(tx, sql, &cells).await?.into_iter().collect())
    }

    async fn mark_seen(&self, tx: &mut Tx, now: Time, ids: &[Cell]) -> Result<(), DbError> {
        if ids.is_empty() {
            return Ok(());
        }
        let (condition, mut cells) = self.condition();
        let n = cells.len();
        cells.extend([self.sync_seq, now.as_micros()].map(|it| Cell::Int(Some(it))));
        cells.extend_from_slice(ids);
        let sql = format!(
            "UPDATE {} SET sync_seq = ${}, observed_at = ${} WHERE {condition} AND cloud_id IN ({})",
            self.table,
            n + 1,
            n + 2,
            marks(n + 3, ids.len())
        );
        cell::execute(tx, sql, &cells).await?;
        Ok(())
    }

    async fn put(&self, tx: &mut Tx, rows: &[Cell]) -> Result<(), DbError> {
        let key: Vec<&str> = self.list.iter().map(|(column, _)| *column).chain(["cloud_id"]).collect();
        let written: Vec<&str> =
            self.content.iter().copied().chain(["observed_at", "changed_at", "sync_seq", "content_hash"]).collect();
        let sets: Vec<String> = written.iter().map(|it| format!("{it} = excluded.{it}")).collect();
        let conflict = format!("ON CONFLICT ({}) DO UPDATE SET {}", key.join(", "), sets.join(", "));
        let times = ["observed_at", "first_seen_at", "changed_at", "sync_seq", "content_hash"];
        let columns: Vec<&str> = key.iter().chain(self.content).copied().chain(times).collect();
        let put = cell::insert(tx, self.table, &columns, rows, &conflict).await;
        put.map_err(|it| it.about_new("inventory", "cloud credential"))
    }

    async fn count(&self, tx: &mut Tx) -> Result<i64, DbError> {
        let (condition, cells) = self.condition();
        let sql = format!("SELECT count(*) FROM {} WHERE {condition}", self.table);
        Ok(cell::fetch_all::<(i64,)>(tx, sql, &cells).await?.first().map_or(0, |it| it.0))
    }

    /// Machines have a table for themselves, other nouns share one.
    fn size_of(&self) -> list_sizes::Of<'_> {
        let value = |column: &str| self.list.iter().find(|it| it.0 == column).map(|it| it.1);
        list_sizes::Of {
            credential_id: value("credential_id").unwrap_or_default(),
            location_id: value("location_id").unwrap_or_default(),
            noun: value("noun").unwrap_or(self.table),
        }
    }

    /// The list's columns, with `$1` for the first value.
    fn condition(&self) -> (String, Vec<Cell>) {
        let terms: Vec<String> =
            self.list.iter().enumerate().map(|(n, (column, _))| format!("{column} = ${}", n + 1)).collect();
        (terms.join(" AND "), self.list.iter().map(|(_, value)| text(value)).collect())
    }
}

fn count(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

pub(crate) fn text(text: &str) -> Cell {
    Cell::Text(Some(without_nul(text).into_owned()))
}

pub(crate) fn optional_text(text: Option<&str>) -> Cell {
    Cell::Text(text.map(|it| without_nul(it).into_owned()))
}

/// Beyond 2⁶³: the greatest number there is.
pub(crate) fn int(number: Option<u64>) -> Cell {
    Cell::Int(number.map(|it| i64::try_from(it).unwrap_or(i64::MAX)))
}

/// With sorted keys at every depth, so that the order in which a cloud names them is no change.
pub(crate) fn json_object(object: &Map<String, Value>) -> Cell {
    let mut value = Value::Object(object.clone());
    value.sort_all_objects();
    Cell::Text(Some(value.to_string()))
}

/// The first 128 bits of SHA-256 over the cells, each with its type and length.
fn hash(content: &[Cell]) -> String {
    let mut sha = digest::Context::new(&digest::SHA256);
    for cell in content {
        let (kind, bytes): (u8, Option<Vec<u8>>) = match cell {
            Cell::Text(it) => (1, it.as_ref().map(|it| it.as_bytes().to_vec())),
            Cell::Int(it) => (2, it.map(|it| it.to_be_bytes().to_vec())),
            Cell::Bool(it) => (3, it.map(|it| vec![u8::from(it)])),
        };
        sha.update(&[kind, u8::from(bytes.is_some())]);
        let bytes = bytes.unwrap_or_default();
        sha.update(&(bytes.len() as u64).to_be_bytes());
        sha.update(&bytes);
    }
    hex::encode(&sha.finish().as_ref()[..16])
}
