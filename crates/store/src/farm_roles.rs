//! The tiers of farms: a role on a cloud, and how many servers of it.

use serde_json::Value;

use crate::{
    DbError, Json, List, Select, Tx, counters,
    query::{one, query},
};

#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct FarmRole {
    pub id: i64,
    pub farm_id: i64,
    pub role_id: i64,
    /// Unique within the farm.
    pub alias: String,
    pub platform: String,
    pub location_id: String,
    pub instance_type_id: String,
    /// Smaller ones begin earlier where the farm's order is sequential.
    pub launch_index: i64,
    /// Without it there is one server.
    pub is_scaled: bool,
    pub min_instances: i64,
    pub max_instances: i64,
    /// As in the API: `networking`, `security`, `availabilityZones`, `cloudFeatures`, `advancedConfiguration`.
    pub config: Json<Value>,
}

/// Gives the farm role its id.
pub async fn insert(tx: &mut Tx, new: &FarmRole) -> Result<FarmRole, DbError> {
    let id = counters::next(tx, "farm_roles").await?;
    let sql = "INSERT INTO farm_roles (id, farm_id, role_id, alias, platform, location_id, instance_type_id, \
               launch_index, is_scaled, min_instances, max_instances, config) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) RETURNING *";
    let it = new;
    let inserted = query!(
        tx,
        fetch_one,
        FarmRole,
        sql,
        id,
        it.farm_id,
        it.role_id,
        &it.alias,
        &it.platform,
        &it.location_id,
        &it.instance_type_id,
        it.launch_index,
        it.is_scaled,
        it.min_instances,
        it.max_instances,
        &it.config
    );
    inserted.map_err(|it| it.about_new("farm role", "farm or role"))
}

pub async fn find(tx: &mut Tx, id: i64) -> Result<Option<FarmRole>, DbError> {
    query!(tx, fetch_optional, FarmRole, "SELECT * FROM farm_roles WHERE id = $1", id)
}

/// Of all farms; narrow it with `eq("farm_id", …)`.
pub async fn list(tx: &mut Tx, select: Select) -> Result<List<FarmRole>, DbError> {
    select.fetch(tx, "farm_roles", &["id"]).await
}

/// In the order they are launched.
pub async fn list_of_farm(tx: &mut Tx, farm_id: i64) -> Result<Vec<FarmRole>, DbError> {
    let sql = "SELECT * FROM farm_roles WHERE farm_id = $1 ORDER BY launch_index, id";
    query!(tx, fetch_all, FarmRole, sql, farm_id)
}

/// Writes what a user may change.
pub async fn update(tx: &mut Tx, farm_role: &FarmRole) -> Result<(), DbError> {
    let sql = "UPDATE farm_roles SET alias = $2, instance_type_id = $3, launch_index = $4, is_scaled = $5, \
               min_instances = $6, max_instances = $7, config = $8 WHERE id = $1";
    let it = farm_role;
    let updated = query!(
        tx,
        execute,
        sql,
        it.id,
        &it.alias,
        &it.instance_type_id,
        it.launch_index,
        it.is_scaled,
        it.min_instances,
        it.max_instances,
        &it.config
    );
    one(updated.map_err(|it| it.about("farm role"))?, "farm role")
}

pub async fn delete(tx: &mut Tx, id: i64) -> Result<(), DbError> {
    one(query!(tx, execute, "DELETE FROM farm_roles WHERE id = $1", id)?, "farm role")
}
