//! Whom what is used is charged to. They belong to the installation.

use crate::{
    DbError, List, Select, Time, Tx,
    query::{one, query},
};

#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct CostCenter {
    /// A UUID.
    pub id: String,
    /// Unique.
    pub name: String,
    pub billing_code: String,
    pub lead_email: String,
    pub description: String,
    pub created_at: Time,
}

pub async fn insert(tx: &mut Tx, new: &CostCenter) -> Result<(), DbError> {
    let sql = "INSERT INTO cost_centers (id, name, billing_code, lead_email, description, created_at) \
               VALUES ($1, $2, $3, $4, $5, $6)";
    let it = new;
    let inserted =
        query!(tx, execute, sql, &it.id, &it.name, &it.billing_code, &it.lead_email, &it.description, it.created_at);
    inserted.map(drop).map_err(|it| it.about("cost center"))
}

pub async fn find(tx: &mut Tx, id: &str) -> Result<Option<CostCenter>, DbError> {
    query!(tx, fetch_optional, CostCenter, "SELECT * FROM cost_centers WHERE id = $1", id)
}

pub async fn list(tx: &mut Tx, select: Select) -> Result<List<CostCenter>, DbError> {
    select.fetch(tx, "cost_centers", &["id"]).await
}

/// Writes all but id and `created_at`.
pub async fn update(tx: &mut Tx, cost_center: &CostCenter) -> Result<(), DbError> {
    let sql = "UPDATE cost_centers SET name = $2, billing_code = $3, lead_email = $4, description = $5 WHERE id = $1";
    let it = cost_center;
    let updated = query!(tx, execute, sql, &it.id, &it.name, &it.billing_code, &it.lead_email, &it.description);
    one(updated.map_err(|it| it.about("cost center"))?, "cost center")
}

/// In use while an environment or a project is of it.
pub async fn delete(tx: &mut Tx, id: &str) -> Result<(), DbError> {
    let deleted = query!(tx, execute, "DELETE FROM cost_centers WHERE id = $1", id);
    one(deleted.map_err(|it| it.about("cost center"))?, "cost center")
}
