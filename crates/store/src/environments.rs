use crate::{
    DbError, List, Select, Status, Time, Tx, counters,
    query::{one, query},
};

#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Environment {
    pub id: i64,
    pub account_id: i64,
    /// Unique within the account.
    pub name: String,
    pub status: Status,
    pub created_at: Time,
    pub updated_at: Time,
    pub cost_center_id: Option<String>,
}

pub async fn insert(tx: &mut Tx, account_id: i64, name: &str, now: Time) -> Result<Environment, DbError> {
    let id = counters::next(tx, "environments").await?;
    let sql = "INSERT INTO environments (id, account_id, name, status, created_at, updated_at) \
               VALUES ($1, $2, $3, $4, $5, $5) RETURNING *";
    let inserted = query!(tx, fetch_one, Environment, sql, id, account_id, name, Status::Active, now);
    inserted.map_err(|it| it.about_new("environment", "account"))
}

pub async fn get(tx: &mut Tx, id: i64) -> Result<Environment, DbError> {
    find(tx, id).await?.ok_or(DbError::NotFound { what: "environment" })
}

pub async fn find(tx: &mut Tx, id: i64) -> Result<Option<Environment>, DbError> {
    query!(tx, fetch_optional, Environment, "SELECT * FROM environments WHERE id = $1", id)
}

/// Of all accounts; narrow it with `eq("account_id", …)`.
pub async fn list(tx: &mut Tx, select: Select) -> Result<List<Environment>, DbError> {
    select.fetch(tx, "environments", &["id"]).await
}

/// Writes name, status, cost center and `updated_at`.
pub async fn update(tx: &mut Tx, environment: &Environment) -> Result<(), DbError> {
    let sql = "UPDATE environments SET name = $2, status = $3, updated_at = $4, cost_center_id = $5 WHERE id = $1";
    let it = environment;
    let updated = query!(tx, execute, sql, it.id, &it.name, it.status, it.updated_at, &it.cost_center_id);
    one(updated.map_err(|it| it.about("environment"))?, "environment")
}

/// With its roles, images and role categories, and what is known of assets that are deleted. In use while clouds are
/// linked.
pub async fn delete(tx: &mut Tx, id: i64) -> Result<(), DbError> {
    // First, since they keep images and categories from being deleted.
    query!(tx, execute, "DELETE FROM roles WHERE environment_id = $1", id)?;
    query!(tx, execute, "DELETE FROM assets WHERE environment_id = $1 AND status = 'deleted'", id)?;
    let deleted = query!(tx, execute, "DELETE FROM environments WHERE id = $1", id);
    one(deleted.map_err(|it| it.about("environment"))?, "environment")
}
