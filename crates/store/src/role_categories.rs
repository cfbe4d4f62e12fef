//! What roles are sorted by. A few are there from the beginning (see the migration).

use crate::{
    DbError, List, Owner, Select, Tx, counters,
    query::{one, query},
};

#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct RoleCategory {
    pub id: i64,
    #[sqlx(flatten)]
    pub owner: Owner,
    /// Unique within the owner.
    pub name: String,
}

pub async fn insert(tx: &mut Tx, owner: Owner, name: &str) -> Result<RoleCategory, DbError> {
    let id = counters::next(tx, "role_categories").await?;
    let sql = "INSERT INTO role_categories (id, account_id, environment_id, name) VALUES ($1, $2, $3, $4) RETURNING *";
    let inserted = query!(tx, fetch_one, RoleCategory, sql, id, owner.account_id, owner.environment_id, name);
    inserted.map_err(|it| it.about_new("role category", "account or environment"))
}

pub async fn find(tx: &mut Tx, id: i64) -> Result<Option<RoleCategory>, DbError> {
    query!(tx, fetch_optional, RoleCategory, "SELECT * FROM role_categories WHERE id = $1", id)
}

/// Those visible from `here`.
pub async fn list(tx: &mut Tx, here: Owner, select: Select) -> Result<List<RoleCategory>, DbError> {
    select.visible_from(here).fetch(tx, "role_categories", &["id"]).await
}

/// Writes the name.
pub async fn update(tx: &mut Tx, category: &RoleCategory) -> Result<(), DbError> {
    let sql = "UPDATE role_categories SET name = $2 WHERE id = $1";
    let updated = query!(tx, execute, sql, category.id, &category.name);
    one(updated.map_err(|it| it.about("role category"))?, "role category")
}

/// In use while a role is of it.
pub async fn delete(tx: &mut Tx, id: i64) -> Result<(), DbError> {
    let deleted = query!(tx, execute, "DELETE FROM role_categories WHERE id = $1", id);
    one(deleted.map_err(|it| it.about("role category"))?, "role category")
}
