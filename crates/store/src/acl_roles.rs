//! Named sets of permissions of an account.

use std::collections::BTreeMap;

use crate::{
    DbError, Json, List, Select, Tx,
    query::{one, query},
    word::words,
};

words! {
    /// What is allowed where a role says nothing.
    pub enum BaseRole {
        FullAccess = "full-access",
        ReadOnly = "read-only",
        NoAccess = "no-access",
    }
}

#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct AclRole {
    /// 20 hex digits.
    pub id: String,
    pub account_id: i64,
    /// Unique within the account.
    pub name: String,
    pub base_role: BaseRole,
    /// Where it differs from the base role.
    pub permissions: Json<BTreeMap<String, bool>>,
}

pub async fn insert(tx: &mut Tx, role: &AclRole) -> Result<(), DbError> {
    let sql = "INSERT INTO acl_roles (id, account_id, name, base_role, permissions) VALUES ($1, $2, $3, $4, $5)";
    let it = role;
    let inserted = query!(tx, execute, sql, &it.id, it.account_id, &it.name, it.base_role, &it.permissions);
    inserted.map_err(|it| it.about_new("ACL role", "account"))?;
    Ok(())
}

pub async fn get(tx: &mut Tx, id: &str) -> Result<AclRole, DbError> {
    find(tx, id).await?.ok_or(DbError::NotFound { what: "ACL role" })
}

pub async fn find(tx: &mut Tx, id: &str) -> Result<Option<AclRole>, DbError> {
    query!(tx, fetch_optional, AclRole, "SELECT * FROM acl_roles WHERE id = $1", id)
}

/// Of all accounts; narrow it with `eq("account_id", …)`.
pub async fn list(tx: &mut Tx, select: Select) -> Result<List<AclRole>, DbError> {
    select.fetch(tx, "acl_roles", &["id"]).await
}

/// Writes name, base role and permissions.
pub async fn update(tx: &mut Tx, role: &AclRole) -> Result<(), DbError> {
    let sql = "UPDATE acl_roles SET name = $2, base_role = $3, permissions = $4 WHERE id = $1";
    let updated = query!(tx, execute, sql, &role.id, &role.name, role.base_role, &role.permissions);
    one(updated.map_err(|it| it.about("ACL role"))?, "ACL role")
}

/// In use while a team, a member or an environment has it.
pub async fn delete(tx: &mut Tx, id: &str) -> Result<(), DbError> {
    let deleted = query!(tx, execute, "DELETE FROM acl_roles WHERE id = $1", id);
    one(deleted.map_err(|it| it.about("ACL role"))?, "ACL role")
}
