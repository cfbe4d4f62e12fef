//! What is found in the clouds, other than machines.

use cloud::inventory::{Noun, Resource};
use serde_json::{Map, Value};

use crate::{
    Changes, DbError, Json, List, Select, Time, Tx,
    inventory::{Found, Item, int, json_object, optional_text, text},
    list_sizes,
    query::query,
};

/// A [`Resource`] and when it was seen.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct ResourceRow {
    pub credential_id: String,
    pub location_id: String,
    pub noun: String,
    pub cloud_id: String,
    pub name: String,
    pub status: Option<String>,
    pub parent: Option<String>,
    pub capacity_bytes: Option<i64>,
    pub free_bytes: Option<i64>,
    pub attributes: Json<Map<String, Value>>,
    pub observed_at: Time,
    pub first_seen_at: Time,
    pub changed_at: Time,
}

/// Which list, and which synchronisation of it. A later one has a greater `sync_seq`.
#[derive(Debug, Clone, Copy)]
pub struct Of<'a> {
    pub credential_id: &'a str,
    pub location_id: &'a str,
    pub noun: Noun,
}

/// Stores one page of what a synchronisation finds. Rows that are as before are only marked as seen.
pub async fn apply_page(
    tx: &mut Tx,
    of: Of<'_>,
    sync_seq: i64,
    now: Time,
    page: &[Resource],
) -> Result<Changes, DbError> {
    let items = page.iter().map(|it| Item {
        cloud_id: it.cloud_id.clone(),
        content: vec![
            text(&it.name),
            optional_text(it.status.as_deref()),
            optional_text(it.parent.as_deref()),
            int(it.capacity_bytes),
            int(it.free_bytes),
            json_object(&it.attributes),
        ],
    });
    found(&list_of(&of), sync_seq).apply_page(tx, now, items.collect()).await
}

/// After the last page: deletes what this synchronisation has not seen and returns its `cloud_id`s.
pub async fn finish(tx: &mut Tx, of: Of<'_>, sync_seq: i64) -> Result<Vec<String>, DbError> {
    found(&list_of(&of), sync_seq).finish(tx).await
}

/// For clouds that say what has gone. Returns those of these that were there.
pub async fn remove(tx: &mut Tx, of: Of<'_>, cloud_ids: &[String]) -> Result<Vec<String>, DbError> {
    found(&list_of(&of), 0).remove(tx, cloud_ids).await
}

pub async fn list(tx: &mut Tx, of: Of<'_>, select: Select) -> Result<List<ResourceRow>, DbError> {
    let size_of =
        list_sizes::Of { credential_id: of.credential_id, location_id: of.location_id, noun: of.noun.as_str() };
    let total = if select.is_all() { list_sizes::find(tx, size_of).await? } else { None };
    let select = list_of(&of).into_iter().fold(select.total(total), |select, (column, value)| select.eq(column, value));
    select.fetch(tx, "resources", &["cloud_id"]).await
}

pub async fn get(tx: &mut Tx, of: Of<'_>, cloud_id: &str) -> Result<ResourceRow, DbError> {
    let sql = "SELECT * FROM resources WHERE credential_id = $1 AND location_id = $2 AND noun = $3 AND cloud_id = $4";
    let found = query!(tx, fetch_one, ResourceRow, sql, of.credential_id, of.location_id, of.noun.as_str(), cloud_id);
    found.map_err(|it| it.about(of.noun.as_str()))
}

fn list_of<'a>(of: &Of<'a>) -> [(&'static str, &'a str); 3] {
    [("credential_id", of.credential_id), ("location_id", of.location_id), ("noun", of.noun.as_str())]
}

fn found<'a>(list: &'a [(&'static str, &'a str)], sync_seq: i64) -> Found<'a> {
    let content = &["name", "status", "parent", "capacity_bytes", "free_bytes", "attributes"];
    Found { table: "resources", list, content, sync_seq }
}
