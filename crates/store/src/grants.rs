//! What a user has by their teams.

use std::collections::BTreeMap;

use crate::{DbError, Json, Tx, acl_roles::BaseRole, query::query};

/// One team gives its member one role, in the account or in one environment.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Grant {
    pub account_id: i64,
    /// `None`: at account scope, where every team of the account counts.
    pub environment_id: Option<i64>,
    pub team_id: i64,
    pub team_name: String,
    pub acl_role_id: String,
    pub acl_role_name: String,
    pub base_role: BaseRole,
    /// Where the role differs from its base.
    pub permissions: Json<BTreeMap<String, bool>>,
}

/// A member's own role counts first, then the environment's, then the team's default. Ordered by team, account scope
/// first, then by environment.
pub async fn of_user(tx: &mut Tx, user_id: i64) -> Result<Vec<Grant>, DbError> {
    let sql = "SELECT t.account_id, it.environment_id, t.id AS team_id, t.name AS team_name, \
                   r.id AS acl_role_id, r.name AS acl_role_name, r.base_role, r.permissions \
               FROM ( \
                   SELECT m.team_id, CAST(NULL AS BIGINT) AS environment_id, m.acl_role_id \
                   FROM team_members m WHERE m.user_id = $1 \
                   UNION ALL \
                   SELECT m.team_id, e.environment_id, coalesce(m.acl_role_id, e.acl_role_id) \
                   FROM team_members m JOIN environment_teams e ON e.team_id = m.team_id WHERE m.user_id = $1 \
               ) it \
               JOIN teams t ON t.id = it.team_id \
               JOIN acl_roles r ON r.id = coalesce(it.acl_role_id, t.default_acl_role_id) \
               ORDER BY t.id, coalesce(it.environment_id, 0)";
    query!(tx, fetch_all, Grant, sql, user_id)
}
