//! Which teams work in an environment.

use crate::{
    DbError, Tx,
    query::{one, query},
};

#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct EnvironmentTeam {
    pub environment_id: i64,
    pub team_id: i64,
    /// Instead of the team's default.
    pub acl_role_id: Option<String>,
}

/// Inserts or replaces.
pub async fn put(tx: &mut Tx, link: &EnvironmentTeam) -> Result<(), DbError> {
    let sql = "INSERT INTO environment_teams (environment_id, team_id, acl_role_id) VALUES ($1, $2, $3) \
               ON CONFLICT (environment_id, team_id) DO UPDATE SET acl_role_id = excluded.acl_role_id";
    let put = query!(tx, execute, sql, link.environment_id, link.team_id, &link.acl_role_id);
    put.map_err(|it| it.about_new("team of an environment", "environment, team or ACL role"))?;
    Ok(())
}

pub async fn list_of_environment(tx: &mut Tx, environment_id: i64) -> Result<Vec<EnvironmentTeam>, DbError> {
    let sql = "SELECT * FROM environment_teams WHERE environment_id = $1 ORDER BY team_id";
    query!(tx, fetch_all, EnvironmentTeam, sql, environment_id)
}

pub async fn list_of_team(tx: &mut Tx, team_id: i64) -> Result<Vec<EnvironmentTeam>, DbError> {
    let sql = "SELECT * FROM environment_teams WHERE team_id = $1 ORDER BY environment_id";
    query!(tx, fetch_all, EnvironmentTeam, sql, team_id)
}

pub async fn delete(tx: &mut Tx, environment_id: i64, team_id: i64) -> Result<(), DbError> {
    let sql = "DELETE FROM environment_teams WHERE environment_id = $1 AND team_id = $2";
    one(query!(tx, execute, sql, environment_id, team_id)?, "team of an environment")
}
