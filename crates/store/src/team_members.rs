use crate::{
    DbError, Tx,
    query::{one, query},
};

#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct TeamMember {
    pub team_id: i64,
    pub user_id: i64,
    /// Instead of what the environment and the team say.
    pub acl_role_id: Option<String>,
}

/// Inserts or replaces.
pub async fn put(tx: &mut Tx, member: &TeamMember) -> Result<(), DbError> {
    let sql = "INSERT INTO team_members (team_id, user_id, acl_role_id) VALUES ($1, $2, $3) \
               ON CONFLICT (team_id, user_id) DO UPDATE SET acl_role_id = excluded.acl_role_id";
    let put = query!(tx, execute, sql, member.team_id, member.user_id, &member.acl_role_id);
    put.map_err(|it| it.about_new("team member", "team, user or ACL role"))?;
    Ok(())
}

pub async fn list_of_team(tx: &mut Tx, team_id: i64) -> Result<Vec<TeamMember>, DbError> {
    query!(tx, fetch_all, TeamMember, "SELECT * FROM team_members WHERE team_id = $1 ORDER BY user_id", team_id)
}

pub async fn delete(tx: &mut Tx, team_id: i64, user_id: i64) -> Result<(), DbError> {
    let sql = "DELETE FROM team_members WHERE team_id = $1 AND user_id = $2";
    one(query!(tx, execute, sql, team_id, user_id)?, "team member")
}
