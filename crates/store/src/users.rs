use std::fmt;

use crate::{
    DbError, List, Select, Status, Time, Tx, counters,
    query::{one, query},
};

#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct User {
    pub id: i64,
    /// `None`: a user of the whole installation.
    pub account_id: Option<i64>,
    /// Lower case; unique in the installation.
    pub email: String,
    pub name: String,
    pub password_hash: PasswordHash,
    pub status: Status,
    /// Of the installation where `account_id` is `None`, else of the account.
    pub is_admin: bool,
    /// In a row, since the last login.
    pub failed_logins: i64,
    pub locked_until: Option<Time>,
    pub created_at: Time,
    pub last_login_at: Option<Time>,
}

/// In PHC format. Not shown.
#[derive(Clone, PartialEq, Eq, sqlx::Type)]
#[sqlx(transparent)]
pub struct PasswordHash(pub String);

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

#[derive(Debug, Clone)]
pub struct NewUser {
    pub account_id: Option<i64>,
    /// Stored in lower case.
    pub email: String,
    pub name: String,
    pub password_hash: PasswordHash,
    pub is_admin: bool,
}

pub async fn insert(tx: &mut Tx, new: &NewUser, now: Time) -> Result<User, DbError> {
    let id = counters::next(tx, "users").await?;
    let sql = "INSERT INTO users (id, account_id, email, name, password_hash, status, is_admin, failed_logins, \
               created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8) RETURNING *";
    let email = new.email.to_lowercase();
    let inserted = query!(
        tx,
        fetch_one,
        User,
        sql,
        id,
        new.account_id,
        email,
        &new.name,
        &new.password_hash,
        Status::Active,
        new.is_admin,
        now
    );
    inserted.map_err(|it| it.about_new("user", "account"))
}

pub async fn get(tx: &mut Tx, id: i64) -> Result<User, DbError> {
    find(tx, id).await?.ok_or(DbError::NotFound { what: "user" })
}

pub async fn find(tx: &mut Tx, id: i64) -> Result<Option<User>, DbError> {
    query!(tx, fetch_optional, User, "SELECT * FROM users WHERE id = $1", id)
}

/// The case of the email does not matter.
pub async fn find_by_email(tx: &mut Tx, email: &str) -> Result<Option<User>, DbError> {
    query!(tx, fetch_optional, User, "SELECT * FROM users WHERE email = $1", email.to_lowercase())
}

/// Makes others who want this wait until the transaction ends, so that what is read of users from here on stays true. On
/// SQLite a transaction that writes is alone anyway. Comes first: a row read before may be of before their change.
pub async fn lock(tx: &mut Tx) -> Result<(), DbError> {
    query!(tx, execute, "UPDATE counters SET next = next WHERE name = 'users'")?;
    Ok(())
}

/// Of the whole installation; narrow it with `eq("account_id", …)` or `is_null("account_id")`.
pub async fn list(tx: &mut Tx, select: Select) -> Result<List<User>, DbError> {
    select.fetch(tx, "users", &["id"]).await
}

/// Writes email, name, status and `is_admin`.
pub async fn update(tx: &mut Tx, user: &User) -> Result<(), DbError> {
    let sql = "UPDATE users SET email = $2, name = $3, status = $4, is_admin = $5 WHERE id = $1";
    let email = user.email.to_lowercase();
    let updated = query!(tx, execute, sql, user.id, email, &user.name, user.status, user.is_admin);
    one(updated.map_err(|it| it.about("user"))?, "user")
}

pub async fn update_password(tx: &mut Tx, id: i64, hash: &PasswordHash) -> Result<(), DbError> {
    one(query!(tx, execute, "UPDATE users SET password_hash = $2 WHERE id = $1", id, hash)?, "user")
}

/// Returns how many logins failed in a row; from `limit` on, the user is locked until `lock_until`. After a lock that is
/// over it counts from 1 again.
pub async fn record_failed_login(
    tx: &mut Tx,
    id: i64,
    limit: i64,
    lock_until: Time,
    now: Time,
) -> Result<i64, DbError> {
    let sql = "UPDATE users SET failed_logins = 0, locked_until = NULL WHERE id = $1 AND locked_until <= $2";
    query!(tx, execute, sql, id, now)?;
    let sql = "UPDATE users SET failed_logins = failed_logins + 1, \
               locked_until = CASE WHEN failed_logins + 1 >= $2 THEN $3 ELSE locked_until END \
               WHERE id = $1 RETURNING failed_logins";
    let row = query!(tx, fetch_one, (i64,), sql, id, limit, lock_until).map_err(|it| it.about("user"))?;
    Ok(row.0)
}

/// Forgets the failures.
pub async fn record_login(tx: &mut Tx, id: i64, now: Time) -> Result<(), DbError> {
    let sql = "UPDATE users SET failed_logins = 0, locked_until = NULL, last_login_at = $2 WHERE id = $1";
    one(query!(tx, execute, sql, id, now)?, "user")
}

pub async fn unlock(tx: &mut Tx, id: i64) -> Result<(), DbError> {
    one(query!(tx, execute, "UPDATE users SET failed_logins = 0, locked_until = NULL WHERE id = $1", id)?, "user")
}

/// With sessions, API keys, tokens and memberships. Secrets of the API keys are for the caller to delete.
pub async fn delete(tx: &mut Tx, id: i64) -> Result<(), DbError> {
    one(query!(tx, execute, "DELETE FROM users WHERE id = $1", id)?, "user")
}
