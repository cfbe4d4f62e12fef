//! What farms are for: each project is of a cost center.

use crate::{
    DbError, List, Owner, Select, Time, Tx,
    query::{one, query},
};

#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Project {
    /// A UUID.
    pub id: String,
    #[sqlx(flatten)]
    pub owner: Owner,
    pub cost_center_id: String,
    pub name: String,
    pub billing_code: String,
    pub lead_email: String,
    pub description: String,
    pub created_at: Time,
}

pub async fn insert(tx: &mut Tx, new: &Project) -> Result<(), DbError> {
    let sql = "INSERT INTO projects (id, account_id, environment_id, cost_center_id, name, billing_code, lead_email, \
               description, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    let it = new;
    let inserted = query!(
        tx,
        execute,
        sql,
        &it.id,
        it.owner.account_id,
        it.owner.environment_id,
        &it.cost_center_id,
        &it.name,
        &it.billing_code,
        &it.lead_email,
        &it.description,
        it.created_at
    );
    inserted.map(drop).map_err(|it| it.about_new("project", "cost center"))
}

pub async fn find(tx: &mut Tx, id: &str) -> Result<Option<Project>, DbError> {
    query!(tx, fetch_optional, Project, "SELECT * FROM projects WHERE id = $1", id)
}

/// Those visible from `here`.
pub async fn list(tx: &mut Tx, here: Owner, select: Select) -> Result<List<Project>, DbError> {
    select.visible_from(here).fetch(tx, "projects", &["id"]).await
}

/// Writes what a user may change later: not whose it is, nor its cost center.
pub async fn update(tx: &mut Tx, project: &Project) -> Result<(), DbError> {
    let sql = "UPDATE projects SET name = $2, billing_code = $3, lead_email = $4, description = $5 WHERE id = $1";
    let it = project;
    let updated = query!(tx, execute, sql, &it.id, &it.name, &it.billing_code, &it.lead_email, &it.description);
    one(updated.map_err(|it| it.about("project"))?, "project")
}

/// In use while a farm is of it.
pub async fn delete(tx: &mut Tx, id: &str) -> Result<(), DbError> {
    let deleted = query!(tx, execute, "DELETE FROM projects WHERE id = $1", id);
    one(deleted.map_err(|it| it.about("project"))?, "project")
}

/// Whether a farm of this environment has a project of another cost center.
pub async fn is_any_of_another(tx: &mut Tx, environment_id: i64, cost_center_id: &str) -> Result<bool, DbError> {
    let sql = "SELECT farms.id FROM farms JOIN projects ON projects.id = farms.project_id \
               WHERE farms.environment_id = $1 AND projects.cost_center_id <> $2 LIMIT 1";
    Ok(query!(tx, fetch_optional, (i64,), sql, environment_id, cost_center_id)?.is_some())
}
