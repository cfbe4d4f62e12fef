//! Which credential an environment uses on each cloud platform.

use std::time::Duration;

use crate::{
    DbError, Status, Time, Tx,
    query::{one, query},
    word::words,
};

words! {
    pub enum LinkStatus {
        Active = "active",
        /// The cloud has refused the credential for too long; nothing is asked of it for this environment.
        Suspended = "suspended",
    }
}

#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct EnvironmentCloud {
    pub environment_id: i64,
    pub platform: String,
    pub credential_id: String,
    pub status: LinkStatus,
    /// When the cloud first refused the credential, if it has not accepted it since.
    pub auth_failing_since: Option<Time>,
    pub suspended_since: Option<Time>,
    /// Why it fails or is suspended.
    pub reason: Option<String>,
    pub linked_at: Time,
}

/// A link seen from the credential.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct LinkedEnvironment {
    #[sqlx(flatten)]
    pub link: EnvironmentCloud,
    pub environment_name: String,
    pub environment_status: Status,
    pub account_id: i64,
    pub account_name: String,
    pub account_status: Status,
}

/// Inserts, or replaces the credential and forgets its failures. Linking the same credential again changes nothing.
pub async fn link(
    tx: &mut Tx,
    environment_id: i64,
    platform: &str,
    credential_id: &str,
    now: Time,
) -> Result<EnvironmentCloud, DbError> {
    let sql = "INSERT INTO environment_clouds (environment_id, platform, credential_id, status, linked_at) \
               VALUES ($1, $2, $3, $4, $5) ON CONFLICT (environment_id, platform) DO UPDATE \
               SET credential_id = excluded.credential_id, status = excluded.status, auth_failing_since = NULL, \
               suspended_since = NULL, reason = NULL, linked_at = excluded.linked_at \
               WHERE environment_clouds.credential_id <> excluded.credential_id";
    let linked = query!(tx, execute, sql, environment_id, platform, credential_id, LinkStatus::Active, now);
    linked.map_err(|it| it.about_new("link", "environment or cloud credential"))?;
    get(tx, environment_id, platform).await
}

pub async fn get(tx: &mut Tx, environment_id: i64, platform: &str) -> Result<EnvironmentCloud, DbError> {
    find(tx, environment_id, platform).await?.ok_or(DbError::NotFound { what: "cloud of the environment" })
}

pub async fn find(tx: &mut Tx, environment_id: i64, platform: &str) -> Result<Option<EnvironmentCloud>, DbError> {
    let sql = "SELECT * FROM environment_clouds WHERE environment_id = $1 AND platform = $2";
    query!(tx, fetch_optional, EnvironmentCloud, sql, environment_id, platform)
}

/// By platform.
pub async fn list_of_environment(tx: &mut Tx, environment_id: i64) -> Result<Vec<EnvironmentCloud>, DbError> {
    let sql = "SELECT * FROM environment_clouds WHERE environment_id = $1 ORDER BY platform";
    query!(tx, fetch_all, EnvironmentCloud, sql, environment_id)
}

/// By account and environment. Those of all accounts: what a caller may see of them is for the caller to decide.
pub async fn list_of_credential(tx: &mut Tx, credential_id: &str) -> Result<Vec<LinkedEnvironment>, DbError> {
    let sql = "SELECT l.*, e.name AS environment_name, e.status AS environment_status, a.id AS account_id, \
               a.name AS account_name, a.status AS account_status FROM environment_clouds l \
               JOIN environments e ON e.id = l.environment_id JOIN accounts a ON a.id = e.account_id WHERE l.credential_id = $1 ORDER BY a.id, e.id, l.platform";
    query!(tx, fetch_all, LinkedEnvironment, sql, credential_id)
}

pub async fn unlink(tx: &mut Tx, environment_id: i64, platform: &str) -> Result<(), DbError> {
    let sql = "DELETE FROM environment_clouds WHERE environment_id = $1 AND platform = $2";
    one(query!(tx, execute, sql, environment_id, platform)?, "cloud of the environment")
}

/// The cloud refused the credential: starts the clock of its active links, and suspends those whose clock began
/// `suspend_after` ago. Returns the links whose clock started or that are suspended now.
pub async fn record_auth_failure(
    tx: &mut Tx,
    credential_id: &str,
    now: Time,
    suspend_after: Duration,
    reason: &str,
) -> Result<Vec<EnvironmentCloud>, DbError> {
    let sql = "UPDATE environment_clouds SET auth_failing_since = coalesce(auth_failing_since, $2), reason = $3, \
               status = CASE WHEN coalesce(auth_failing_since, $2) <= $4 THEN 'suspended' ELSE status END, \
               suspended_since = CASE WHEN coalesce(auth_failing_since, $2) <= $4 THEN $2 ELSE suspended_since END \
               WHERE credential_id = $1 AND status = 'active' \
               AND (auth_failing_since IS NULL OR auth_failing_since <= $4) RETURNING *";
    query!(tx, fetch_all, EnvironmentCloud, sql, credential_id, now, reason, now.before(suspend_after))
}

/// The cloud accepted the credential: stops the clock of its links and resumes the suspended ones. Returns those that
/// changed.
pub async fn record_auth_success(tx: &mut Tx, credential_id: &str) -> Result<Vec<EnvironmentCloud>, DbError> {
    let sql = "UPDATE environment_clouds SET auth_failing_since = NULL, suspended_since = NULL, reason = NULL, \
               status = 'active' WHERE credential_id = $1 AND (auth_failing_since IS NOT NULL OR status <> 'active') \
               RETURNING *";
    query!(tx, fetch_all, EnvironmentCloud, sql, credential_id)
}
