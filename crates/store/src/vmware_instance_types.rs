//! Sizes for vSphere, which has none of its own.

use crate::{
    DbError, List, Select, Tx,
    query::{one, query},
};

#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct VmwareInstanceType {
    /// 12 hex digits.
    pub id: String,
    pub name: String,
    pub memory_mib: i64,
    pub vcpus: i64,
    pub cores_per_socket: i64,
}

pub async fn insert(tx: &mut Tx, it: &VmwareInstanceType) -> Result<(), DbError> {
    let sql = "INSERT INTO vmware_instance_types (id, name, memory_mib, vcpus, cores_per_socket) \
               VALUES ($1, $2, $3, $4, $5)";
    let inserted = query!(tx, execute, sql, &it.id, &it.name, it.memory_mib, it.vcpus, it.cores_per_socket);
    inserted.map_err(|it| it.about("instance type"))?;
    Ok(())
}

pub async fn get(tx: &mut Tx, id: &str) -> Result<VmwareInstanceType, DbError> {
    let found = query!(tx, fetch_one, VmwareInstanceType, "SELECT * FROM vmware_instance_types WHERE id = $1", id);
    found.map_err(|it| it.about("instance type"))
}

pub async fn list(tx: &mut Tx, select: Select) -> Result<List<VmwareInstanceType>, DbError> {
    select.fetch(tx, "vmware_instance_types", &["id"]).await
}

pub async fn update(tx: &mut Tx, it: &VmwareInstanceType) -> Result<(), DbError> {
    let sql = "UPDATE vmware_instance_types SET name = $2, memory_mib = $3, vcpus = $4, cores_per_socket = $5 \
               WHERE id = $1";
    let updated = query!(tx, execute, sql, &it.id, &it.name, it.memory_mib, it.vcpus, it.cores_per_socket);
    one(updated.map_err(|it| it.about("instance type"))?, "instance type")
}

pub async fn delete(tx: &mut Tx, id: &str) -> Result<(), DbError> {
    one(query!(tx, execute, "DELETE FROM vmware_instance_types WHERE id = $1", id)?, "instance type")
}
