use crate::{
    DbError, List, Select, Tx, counters,
    query::{one, query},
};

#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Team {
    pub id: i64,
    pub account_id: i64,
    /// Unique within the account.
    pub name: String,
    pub description: String,
    pub default_acl_role_id: String,
}

#[derive(Debug, Clone)]
pub struct NewTeam {
    pub account_id: i64,
    pub name: String,
    pub description: String,
    pub default_acl_role_id: String,
}

pub async fn insert(tx: &mut Tx, new: &NewTeam) -> Result<Team, DbError> {
    let id = counters::next(tx, "teams").await?;
    let sql = "INSERT INTO teams (id, account_id, name, description, default_acl_role_id) \
               VALUES ($1, $2, $3, $4, $5) RETURNING *";
    let it = new;
    let inserted =
        query!(tx, fetch_one, Team, sql, id, it.account_id, &it.name, &it.description, &it.default_acl_role_id);
    inserted.map_err(|it| it.about_new("team", "account or ACL role"))
}

pub async fn get(tx: &mut Tx, id: i64) -> Result<Team, DbError> {
    find(tx, id).await?.ok_or(DbError::NotFound { what: "team" })
}

pub async fn find(tx: &mut Tx, id: i64) -> Result<Option<Team>, DbError> {
    query!(tx, fetch_optional, Team, "SELECT * FROM teams WHERE id = $1", id)
}

/// Of all accounts; narrow it with `eq("account_id", …)`.
pub async fn list(tx: &mut Tx, select: Select) -> Result<List<Team>, DbError> {
    select.fetch(tx, "teams", &["id"]).await
}

/// Writes name, description and default ACL role.
pub async fn update(tx: &mut Tx, team: &Team) -> Result<(), DbError> {
    let sql = "UPDATE teams SET name = $2, description = $3, default_acl_role_id = $4 WHERE id = $1";
    let updated = query!(tx, execute, sql, team.id, &team.name, &team.description, &team.default_acl_role_id);
    one(updated.map_err(|it| it.about_new("team", "ACL role"))?, "team")
}

/// With its memberships.
pub async fn delete(tx: &mut Tx, id: i64) -> Result<(), DbError> {
    one(query!(tx, execute, "DELETE FROM teams WHERE id = $1", id)?, "team")
}
