//! Changes as they are told to those who listen, kept for a while so that they can resume.

use crate::{DbError, Json, Time, Tx, cell::Cell, counters, query::query};

#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct Event {
    pub seq: i64,
    /// `None`: of the whole installation.
    pub account_id: Option<i64>,
    pub environment_id: Option<i64>,
    pub credential_id: Option<String>,
    /// Kind of the object: `cloud-credentials`, `machines`.
    pub topic: String,
    pub object_id: String,
    /// What happened to it. Of what a user changes the verb, as in the audit log: `create`, `update`, `delete`, `unlock`.
    /// Else what came to pass: `changed`, `failed` (inventory), `started` and its end (syncs), the new status (links to clouds).
    pub kind: String,
    pub body: Json<serde_json::Value>,
    pub at: Time,
}

#[derive(Debug, Clone)]
pub struct NewEvent {
    pub account_id: Option<i64>,
    pub environment_id: Option<i64>,
    pub credential_id: Option<String>,
    pub topic: String,
    pub object_id: String,
    pub kind: String,
    pub body: serde_json::Value,
    pub at: Time,
}

/// Who listens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience<'a> {
    /// All events.
    Everything,
    /// Those of the account, of its environments and of the whole installation.
    Account(i64),
    /// Those of the environment, and of these credentials (the ones linked to it).
    Environment { environment_id: i64, credential_ids: &'a [String] },
}

/// Returns its number. A greater number is never visible before a smaller one, because other transactions with events
/// wait until this one ends; so it should come late.
pub async fn insert(tx: &mut Tx, new: &NewEvent) -> Result<i64, DbError> {
    let seq = counters::next(tx, "events").await?;
    let sql = "INSERT INTO events (seq, account_id, environment_id, credential_id, topic, object_id, kind, body, at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    let body = Json(&new.body);
    query!(
        tx,
        execute,
        sql,
        seq,
        new.account_id,
        new.environment_id,
        &new.credential_id,
        &new.topic,
        &new.object_id,
        &new.kind,
        body,
        new.at
    )?;
    Ok(seq)
}

/// In order, those with a greater number than `seq`.
pub async fn after(tx: &mut Tx, seq: i64, audience: Audience<'_>, limit: i64) -> Result<Vec<Event>, DbError> {
    let mut cells = vec![Cell::Int(Some(seq)), Cell::Int(Some(limit))];
    let condition = match audience {
        Audience::Everything => String::new(),
        Audience::Account(id) => {
            cells.push(Cell::Int(Some(id)));
            " AND (account_id = $3 OR account_id IS NULL)".to_owned()
        }
        Audience::Environment { environment_id, credential_ids } => {
            cells.push(Cell::Int(Some(environment_id)));
            cells.extend(credential_ids.iter().map(|it| Cell::Text(Some(it.clone()))));
            let marks = crate::cell::marks(4, credential_ids.len());
            let or_credential =
                if credential_ids.is_empty() { String::new() } else { format!(" OR credential_id IN ({marks})") };
            format!(" AND (environment_id = $3{or_credential})")
        }
    };
    let sql = format!("SELECT * FROM events WHERE seq > $1{condition} ORDER BY seq LIMIT $2");
    crate::cell::fetch_all(tx, sql, &cells).await
}

/// `None` without events. Who wants to resume before it has missed some.
pub async fn oldest_seq(tx: &mut Tx) -> Result<Option<i64>, DbError> {
    Ok(query!(tx, fetch_one, (Option<i64>,), "SELECT min(seq) FROM events")?.0)
}

/// 0 when there was never an event.
pub async fn newest_seq(tx: &mut Tx) -> Result<i64, DbError> {
    let row = query!(tx, fetch_optional, (i64,), "SELECT next - 1 FROM counters WHERE name = 'events'")?;
    Ok(row.map_or(0, |(seq,)| seq))
}

pub async fn prune(tx: &mut Tx, older_than: Time) -> Result<u64, DbError> {
    query!(tx, execute, "DELETE FROM events WHERE at < $1", older_than)
}
