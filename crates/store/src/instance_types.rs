//! Sizes the clouds publish (OpenStack flavors), cached.

use cloud::InstanceType;

use crate::{
    DbError, List, Select, Tx,
    cell::{self, Cell},
    inventory::{int, text},
    query::query,
};

#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct InstanceTypeRow {
    pub credential_id: String,
    pub location_id: String,
    pub cloud_id: String,
    pub name: String,
    pub vcpus: i64,
    pub memory_mib: i64,
    /// 0: as large as the image.
    pub root_disk_gib: i64,
    pub ephemeral_disk_gib: i64,
    pub swap_mib: i64,
    pub is_public: bool,
}

const COLUMNS: [&str; 10] = [
    "credential_id",
    "location_id",
    "cloud_id",
    "name",
    "vcpus",
    "memory_mib",
    "root_disk_gib",
    "ephemeral_disk_gib",
    "swap_mib",
    "is_public",
];

/// Returns true when something is other than before. When it was read is in `sync_state`.
pub async fn replace_location(
    tx: &mut Tx,
    credential_id: &str,
    location_id: &str,
    types: &[InstanceType],
) -> Result<bool, DbError> {
    let before = list(tx, credential_id, location_id, Select::new()).await?;
    let sql = "DELETE FROM instance_types WHERE credential_id = $1 AND location_id = $2";
    query!(tx, execute, sql, credential_id, location_id)?;
    let mut cells = Vec::with_capacity(types.len() * COLUMNS.len());
    for it in types {
        cells.extend([text(credential_id), text(location_id), text(&it.cloud_id), text(&it.name)]);
        let sizes = [u64::from(it.vcpus), it.memory_mib, it.root_disk_gib, it.ephemeral_disk_gib, it.swap_mib];
        cells.extend(sizes.map(|it| int(Some(it))));
        cells.push(Cell::Bool(Some(it.is_public)));
    }
    let inserted = cell::insert(tx, "instance_types", &COLUMNS, &cells, "ON CONFLICT DO NOTHING").await;
    inserted.map_err(|it| it.about_new("instance type", "cloud credential"))?;
    Ok(before != list(tx, credential_id, location_id, Select::new()).await?)
}

pub async fn list(
    tx: &mut Tx,
    credential_id: &str,
    location_id: &str,
    select: Select,
) -> Result<List<InstanceTypeRow>, DbError> {
    let select = select.eq("credential_id", credential_id).eq("location_id", location_id);
    select.fetch(tx, "instance_types", &["cloud_id"]).await
}

pub async fn get(
    tx: &mut Tx,
    credential_id: &str,
    location_id: &str,
    cloud_id: &str,
) -> Result<InstanceTypeRow, DbError> {
    let sql = "SELECT * FROM instance_types WHERE credential_id = $1 AND location_id = $2 AND cloud_id = $3";
    let found = query!(tx, fetch_one, InstanceTypeRow, sql, credential_id, location_id, cloud_id);
    found.map_err(|it| it.about("instance type"))
}

/// Forgets the types of a location, or of all, and when they were read, so that the next reader asks the cloud.
pub async fn clear(tx: &mut Tx, credential_id: &str, location_id: Option<&str>) -> Result<(), DbError> {
    let sql = "DELETE FROM instance_types WHERE credential_id = $1 AND location_id = coalesce($2, location_id)";
    query!(tx, execute, sql, credential_id, location_id)?;
    let sql = "DELETE FROM sync_state WHERE credential_id = $1 AND location_id = coalesce($2, location_id) \
               AND noun = 'instance-types'";
    query!(tx, execute, sql, credential_id, location_id)?;
    Ok(())
}
