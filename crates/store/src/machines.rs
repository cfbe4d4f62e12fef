//! Machines found in the clouds, managed by us or not.

use cloud::{address::Address, inventory::Machine};
use serde_json::{Map, Value};

use crate::{
    Changes, DbError, Json, List, Select, Time, Tx,
    cell::{self, Cell, marks},
    inventory::{Found, Item, int, json_object, optional_text, text},
    list_sizes,
    query::query,
};

/// A [`Machine`] and when it was seen.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct MachineRow {
    pub credential_id: String,
    pub location_id: String,
    pub cloud_id: String,
    pub instance_uuid: Option<String>,
    pub name: String,
    /// `on`, `off`, `suspended`, `unknown`.
    pub power_state: String,
    pub status: String,
    pub vcpus: Option<i64>,
    pub memory_mib: Option<i64>,
    pub instance_type: Option<String>,
    pub addresses: Json<Vec<Address>>,
    /// The addresses with a space between, to search in.
    pub address_text: String,
    pub runs_on: Option<String>,
    pub attributes: Json<Map<String, Value>>,
    pub created_at: Option<Time>,
    pub observed_at: Time,
    pub first_seen_at: Time,
    pub changed_at: Time,
}

/// Which list.
#[derive(Debug, Clone, Copy)]
pub struct Of<'a> {
    pub credential_id: &'a str,
    pub location_id: &'a str,
}

/// Stores one page of what a synchronisation finds; a later one has a greater `sync_seq`. Rows that are as before are
/// only marked as seen.
pub async fn apply_page(
    tx: &mut Tx,
    of: Of<'_>,
    sync_seq: i64,
    now: Time,
    page: &[Machine],
) -> Result<Changes, DbError> {
    let items = page.iter().map(item).collect::<Result<_, _>>()?;
    found(&list_of(&of), sync_seq).apply_page(tx, now, items).await
}

/// After the last page: deletes what this synchronisation has not seen and returns its `cloud_id`s.
pub async fn finish(tx: &mut Tx, of: Of<'_>, sync_seq: i64) -> Result<Vec<String>, DbError> {
    found(&list_of(&of), sync_seq).finish(tx).await
}

/// For clouds that say what has gone. Returns those of these that were there.
pub async fn remove(tx: &mut Tx, of: Of<'_>, cloud_ids: &[String]) -> Result<Vec<String>, DbError> {
    found(&list_of(&of), 0).remove(tx, cloud_ids).await
}

pub async fn list(tx: &mut Tx, of: Of<'_>, select: Select) -> Result<List<MachineRow>, DbError> {
    let size_of = list_sizes::Of { credential_id: of.credential_id, location_id: of.location_id, noun: "machines" };
    let total = if select.is_all() { list_sizes::find(tx, size_of).await? } else { None };
    let select = list_of(&of).into_iter().fold(select.total(total), |select, (column, value)| select.eq(column, value));
    select.fetch(tx, "machines", &["cloud_id"]).await
}

pub async fn get(tx: &mut Tx, of: Of<'_>, cloud_id: &str) -> Result<MachineRow, DbError> {
    let sql = "SELECT * FROM machines WHERE credential_id = $1 AND location_id = $2 AND cloud_id = $3";
    let found = query!(tx, fetch_one, MachineRow, sql, of.credential_id, of.location_id, cloud_id);
    found.map_err(|it| it.about("machine"))
}

/// One of several machines of a credential that have the same instance UUID.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Duplicate {
    pub instance_uuid: String,
    pub location_id: String,
    pub cloud_id: String,
    pub name: String,
    pub observed_at: Time,
}

/// Machines at any location of the credential that have one of these instance UUIDs: those of the rows themselves, and
/// all others that share theirs.
pub async fn with_uuids(tx: &mut Tx, credential_id: &str, rows: &[MachineRow]) -> Result<Vec<Duplicate>, DbError> {
    let mut found = Vec::new();
    let uuids: Vec<_> = rows.iter().filter_map(|it| it.instance_uuid.as_deref()).collect();
    for chunk in uuids.chunks(cell::ROWS_AT_ONCE) {
        let marks = marks(2, chunk.len());
        let sql = format!(
            "SELECT instance_uuid, location_id, cloud_id, name, observed_at FROM machines \
             WHERE credential_id = $1 AND instance_uuid IN ({marks}) ORDER BY location_id, cloud_id"
        );
        let cells: Vec<_> = [credential_id].iter().chain(chunk).map(|it| text(it)).collect();
        found.extend(cell::fetch_all::<Duplicate>(tx, sql, &cells).await?);
    }
    Ok(found)
}

fn item(machine: &Machine) -> Result<Item, DbError> {
    let it = machine;
    let addresses = serde_json::to_string(&it.addresses).map_err(|err| DbError::Other(err.into()))?;
    let ips: Vec<String> = it.addresses.iter().map(|it| it.ip.to_string()).collect();
    Ok(Item {
        cloud_id: it.cloud_id.clone(),
        content: vec![
            optional_text(it.instance_uuid.as_deref()),
            text(&it.name),
            text(it.power_state.as_str()),
            text(&it.status),
            int(it.vcpus.map(u64::from)),
            int(it.memory_mib),
            optional_text(it.instance_type.as_deref()),
            text(&addresses),
            text(&ips.join(" ")),
            optional_text(it.runs_on.as_deref()),
            json_object(&it.attributes),
            Cell::Int(it.created_at.map(|it| it.as_microsecond())),
        ],
    })
}

fn list_of<'a>(of: &Of<'a>) -> [(&'static str, &'a str); 2] {
    [("credential_id", of.credential_id), ("location_id", of.location_id)]
}

fn found<'a>(list: &'a [(&'static str, &'a str)], sync_seq: i64) -> Found<'a> {
    let content = &[
        "instance_uuid",
        "name",
        "power_state",
        "status",
        "vcpus",
        "memory_mib",
        "instance_type",
        "addresses",
        "address_text",
        "runs_on",
        "attributes",
        "created_at",
    ];
    Found { table: "machines", list, content, sync_seq }
}
