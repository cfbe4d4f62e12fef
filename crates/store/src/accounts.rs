use crate::{
    DbError, List, Select, Status, Time, Tx, counters,
    query::{one, query},
};

#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Account {
    pub id: i64,
    pub name: String,
    pub status: Status,
    pub created_at: Time,
}

/// Duplicate where the name is taken.
pub async fn insert(tx: &mut Tx, name: &str, now: Time) -> Result<Account, DbError> {
    let id = counters::next(tx, "accounts").await?;
    let sql = "INSERT INTO accounts (id, name, status, created_at) VALUES ($1, $2, $3, $4) RETURNING *";
    query!(tx, fetch_one, Account, sql, id, name, Status::Active, now).map_err(|it| it.about("account"))
}

pub async fn get(tx: &mut Tx, id: i64) -> Result<Account, DbError> {
    find(tx, id).await?.ok_or(DbError::NotFound { what: "account" })
}

pub async fn find(tx: &mut Tx, id: i64) -> Result<Option<Account>, DbError> {
    query!(tx, fetch_optional, Account, "SELECT * FROM accounts WHERE id = $1", id)
}

pub async fn list(tx: &mut Tx, select: Select) -> Result<List<Account>, DbError> {
    select.fetch(tx, "accounts", &["id"]).await
}

/// Writes name and status.
pub async fn update(tx: &mut Tx, account: &Account) -> Result<(), DbError> {
    let sql = "UPDATE accounts SET name = $2, status = $3 WHERE id = $1";
    let updated = query!(tx, execute, sql, account.id, &account.name, account.status);
    one(updated.map_err(|it| it.about("account"))?, "account")
}

/// With its roles, images and role categories. In use while it has environments, users or cloud credentials.
pub async fn delete(tx: &mut Tx, id: i64) -> Result<(), DbError> {
    // First, since they keep images and categories from being deleted.
    query!(tx, execute, "DELETE FROM roles WHERE account_id = $1", id)?;
    let deleted = query!(tx, execute, "DELETE FROM accounts WHERE id = $1", id);
    one(deleted.map_err(|it| it.about("account"))?, "account")
}
