//! Kinds of servers: an operating system, with an image for each place it can be launched in.

use crate::{
    DbError, Json, List, Owner, Select, Time, Tx, counters,
    query::{one, query},
};

#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Role {
    pub id: i64,
    #[sqlx(flatten)]
    pub owner: Owner,
    /// Unique within the owner.
    pub name: String,
    pub category_id: i64,
    pub os_id: String,
    pub description: String,
    pub tags: Json<Vec<String>>,
    /// `["base"]` or nothing.
    pub builtin_automation: Json<Vec<String>>,
    /// `None`: it is not deprecated, and has neither message nor replacement.
    pub deprecated_at: Option<Time>,
    pub deprecation_message: Option<String>,
    pub replacement_id: Option<i64>,
}

/// The id of `role` is given anew.
pub async fn insert(tx: &mut Tx, role: &Role) -> Result<Role, DbError> {
    let id = counters::next(tx, "roles").await?;
    let sql = "INSERT INTO roles (id, account_id, environment_id, name, category_id, os_id, description, tags, \
               builtin_automation) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING *";
    let it = role;
    let inserted = query!(
        tx,
        fetch_one,
        Role,
        sql,
        id,
        it.owner.account_id,
        it.owner.environment_id,
        &it.name,
        it.category_id,
        &it.os_id,
        &it.description,
        &it.tags,
        &it.builtin_automation
    );
    inserted.map_err(|it| it.about_new("role", "role category, account or environment"))
}

pub async fn find(tx: &mut Tx, id: i64) -> Result<Option<Role>, DbError> {
    query!(tx, fetch_optional, Role, "SELECT * FROM roles WHERE id = $1", id)
}

/// Those visible from `here`.
pub async fn list(tx: &mut Tx, here: Owner, select: Select) -> Result<List<Role>, DbError> {
    select.visible_from(here).fetch(tx, "roles", &["id"]).await
}

/// Writes all but id, operating system and automation.
pub async fn update(tx: &mut Tx, role: &Role) -> Result<(), DbError> {
    let sql = "UPDATE roles SET account_id = $2, environment_id = $3, name = $4, category_id = $5, description = $6, \
               tags = $7, deprecated_at = $8, deprecation_message = $9, replacement_id = $10 WHERE id = $1";
    let it = role;
    let updated = query!(
        tx,
        execute,
        sql,
        it.id,
        it.owner.account_id,
        it.owner.environment_id,
        &it.name,
        it.category_id,
        &it.description,
        &it.tags,
        it.deprecated_at,
        &it.deprecation_message,
        it.replacement_id
    );
    one(updated.map_err(|it| it.about_new("role", "role category or role"))?, "role")
}

/// With its list of images, which stay. Nobody is told to use it as a replacement any more.
pub async fn delete(tx: &mut Tx, id: i64) -> Result<(), DbError> {
    one(query!(tx, execute, "DELETE FROM roles WHERE id = $1", id).map_err(|it| it.about("role"))?, "role")
}
