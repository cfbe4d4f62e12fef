//! What users declare: applications.

use serde::{Deserialize, Serialize};

use crate::{
    DbError, Json, List, Select, Time, Tx, counters,
    query::{one, query},
    word::words,
};

words! {
    /// What is wanted of a farm's servers.
    pub enum FarmStatus {
        Running = "running",
        Suspended = "suspended",
        Terminated = "terminated",
    }
}

words! {
    pub enum LaunchOrder {
        Simultaneous = "simultaneous",
        /// A farm role begins when the servers of those before it run.
        Sequential = "sequential",
    }
}

words! {
    /// Who may unlock a farm.
    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "lowercase")]
    pub enum UnlockPermission {
        Owner = "owner",
        /// Whoever may change farms.
        Anyone = "anyone",
    }
}

/// Keeps a farm as it is until it is unlocked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FarmLock {
    pub comment: String,
    pub unlock_permission: UnlockPermission,
    pub user_id: i64,
    pub user_email: String,
}

#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Farm {
    pub id: i64,
    pub environment_id: i64,
    /// Unique within the environment.
    pub name: String,
    pub description: String,
    pub status: FarmStatus,
    pub launch_order: LaunchOrder,
    pub owner_id: i64,
    pub owner_email: String,
    pub created_at: Time,
    pub updated_at: Time,
    pub locked: Option<Json<FarmLock>>,
    pub project_id: Option<String>,
}

/// Gives the farm its id.
pub async fn insert(tx: &mut Tx, new: &Farm) -> Result<Farm, DbError> {
    let id = counters::next(tx, "farms").await?;
    let sql = "INSERT INTO farms (id, environment_id, name, description, status, launch_order, owner_id, owner_email, \
               created_at, updated_at, locked, project_id) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) RETURNING *";
    let it = new;
    let inserted = query!(
        tx,
        fetch_one,
        Farm,
        sql,
        id,
        it.environment_id,
        &it.name,
        &it.description,
        it.status,
        it.launch_order,
        it.owner_id,
        &it.owner_email,
        it.created_at,
        it.updated_at,
        &it.locked,
        &it.project_id
    );
    inserted.map_err(|it| it.about_new("farm", "environment or project"))
}

pub async fn get(tx: &mut Tx, id: i64) -> Result<Farm, DbError> {
    find(tx, id).await?.ok_or(DbError::NotFound { what: "farm" })
}

pub async fn find(tx: &mut Tx, id: i64) -> Result<Option<Farm>, DbError> {
    query!(tx, fetch_optional, Farm, "SELECT * FROM farms WHERE id = $1", id)
}

/// Of all environments; narrow it with `eq("environment_id", …)`.
pub async fn list(tx: &mut Tx, select: Select) -> Result<List<Farm>, DbError> {
    select.fetch(tx, "farms", &["id"]).await
}

/// Writes what a user may change, status, lock and `updated_at`.
pub async fn update(tx: &mut Tx, farm: &Farm) -> Result<(), DbError> {
    let sql = "UPDATE farms SET name = $2, description = $3, status = $4, launch_order = $5, updated_at = $6, \
               locked = $7, project_id = $8 WHERE id = $1";
    let it = farm;
    let updated = query!(
        tx,
        execute,
        sql,
        it.id,
        &it.name,
        &it.description,
        it.status,
        it.launch_order,
        it.updated_at,
        &it.locked,
        &it.project_id
    );
    one(updated.map_err(|it| it.about("farm"))?, "farm")
}

/// In use while it has servers, terminated ones that are still shown included.
pub async fn delete(tx: &mut Tx, id: i64) -> Result<(), DbError> {
    let deleted = query!(tx, execute, "DELETE FROM farms WHERE id = $1", id);
    one(deleted.map_err(|it| it.about("farm"))?, "farm")
}
