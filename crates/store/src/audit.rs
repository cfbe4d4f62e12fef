//! What was done, by whom. Each entry is chained to the one before it by a MAC whose key is not in the database in the
//! clear, so an altered, missing or cut-off entry shows.

use aws_lc_rs::hmac;

use crate::{DbError, Json, List, Select, Time, Tx, nul::without_nul, query::query};

/// HMAC-SHA256. One key for the installation: a random secret, sealed in `secrets`.
#[derive(Clone)]
pub struct MacKey(hmac::Key);

impl MacKey {
    /// Of 32 random bytes or a text made of as many.
    pub fn new(secret: &[u8]) -> MacKey {
        MacKey(hmac::Key::new(hmac::HMAC_SHA256, secret))
    }
}

impl std::fmt::Debug for MacKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MacKey(…)")
    }
}

#[derive(Debug, Clone)]
pub struct NewEntry {
    /// 0: the whole installation.
    pub account_id: i64,
    pub at: Time,
    /// `user` (a session of the console), `api-key`, `token`, `system`.
    pub actor_kind: String,
    pub actor_id: String,
    pub actor_name: String,
    pub remote_addr: String,
    pub action: String,
    pub object_type: String,
    pub object_id: String,
    pub object_name: String,
    /// Without secrets.
    pub before: Option<serde_json::Value>,
    /// Without secrets.
    pub after: Option<serde_json::Value>,
    pub request_id: String,
    pub environment_id: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct Entry {
    pub account_id: i64,
    /// Counted from 1 in each account.
    pub seq: i64,
    pub at: Time,
    pub actor_kind: String,
    pub actor_id: String,
    pub actor_name: String,
    pub remote_addr: String,
    pub action: String,
    pub object_type: String,
    pub object_id: String,
    pub object_name: String,
    pub before: Option<Json<serde_json::Value>>,
    pub after: Option<Json<serde_json::Value>>,
    pub request_id: String,
    pub environment_id: Option<i64>,
}

/// Where a chain stands. Kept outside of the database, it shows later that the whole database was set back.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Head {
    pub count: i64,
    pub head_mac: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    pub ok: bool,
    /// Entries found good before the first bad one.
    pub count: i64,
    pub first_bad: Option<Bad>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bad {
    pub seq: i64,
    pub what: Fault,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The entry is not as it was written, or was written by somebody without the key.
    Altered,
    /// There are later ones.
    Missing,
    /// This and all later ones are missing.
    CutOff,
}

/// Appends an entry and returns its number. Entries of one account wait for each other until the transaction ends, so
/// this should be its last statement.
pub async fn record(tx: &mut Tx, key: &MacKey, entry: &NewEntry) -> Result<i64, DbError> {
    // Locks the head of the account on PostgreSQL; SQLite has one writer.
    let sql = "INSERT INTO audit_heads (account_id, count, head_mac) VALUES ($1, 1, '') \
               ON CONFLICT (account_id) DO UPDATE SET count = audit_heads.count + 1 RETURNING count, head_mac";
    let (seq, head) = query!(tx, fetch_one, (i64, String), sql, entry.account_id)?;
    let sql = "SELECT mac FROM audit WHERE account_id = $1 AND seq = $2";
    let last = query!(tx, fetch_optional, (String,), sql, entry.account_id, seq - 1)?;
    let last = last.map(|(mac,)| mac).unwrap_or_default();
    let is_whole = if seq == 1 { head.is_empty() } else { head == head_mac(key, entry.account_id, seq - 1, &last) };
    // Work goes on when somebody shortened the log, but this entry must not make it look whole: it continues nothing.
    let previous = if is_whole { last } else { "broken".to_owned() };
    let mut row = StoredEntry::new(entry, seq)?;
    row.mac = row.mac_after(key, &previous);
    row.insert(tx).await?;
    let sql = "UPDATE audit_heads SET head_mac = $2 WHERE account_id = $1";
    query!(tx, execute, sql, row.account_id, head_mac(key, row.account_id, seq, &row.mac))?;
    Ok(seq)
}

/// Of all accounts; narrow it with `eq("account_id", …)`.
pub async fn list(tx: &mut Tx, select: Select) -> Result<List<Entry>, DbError> {
    select.fetch(tx, "audit", &["account_id", "seq"]).await
}

/// `None` where nothing was recorded yet.
pub async fn head(tx: &mut Tx, account_id: i64) -> Result<Option<Head>, DbError> {
    query!(tx, fetch_optional, Head, "SELECT count, head_mac FROM audit_heads WHERE account_id = $1", account_id)
}

/// Whose logs there must be, in order: that of the whole installation (0), of each account, and of those that are gone
/// but known to the log of the installation or to anything that is left of their own.
pub async fn accounts(tx: &mut Tx) -> Result<Vec<i64>, DbError> {
    let sql = "SELECT account_id FROM audit_heads UNION SELECT account_id FROM audit UNION SELECT id FROM accounts";
    let mut ids: Vec<i64> = query!(tx, fetch_all, (i64,), sql)?.into_iter().map(|(id,)| id).collect();
    let sql = "SELECT DISTINCT object_id FROM audit WHERE account_id = 0 AND object_type = 'accounts'";
    let named = query!(tx, fetch_all, (String,), sql)?;
    ids.extend(named.iter().filter_map(|(id,)| id.parse::<i64>().ok()));
    ids.push(0);
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}

/// Recomputes the chain of an account to its end or to the first bad entry. Memory holds one page. Each account's log
/// has an entry from the beginning, so an empty one was cut off.
pub async fn verify(tx: &mut Tx, key: &MacKey, account_id: i64) -> Result<Verified, DbError> {
    let head = head(tx, account_id).await?;
    let mut count = 0;
    let mut last_mac = String::new();
    loop {
        let page = StoredEntry::page(tx, account_id, count).await?;
        if page.is_empty() {
            break;
        }
        for row in page {
            let bad = |what| Verified { ok: false, count, first_bad: Some(Bad { seq: count + 1, what }) };
            if row.seq != count + 1 {
                return Ok(bad(Fault::Missing));
            }
            if row.mac != row.mac_after(key, &last_mac) {
                return Ok(bad(Fault::Altered));
            }
            last_mac = row.mac;
            count = row.seq;
        }
    }
    let is_end = match head {
        Some(head) => head.count == count && head.head_mac == head_mac(key, account_id, count, &last_mac),
        None => count == 0 && !accounts(tx).await?.contains(&account_id),
    };
    // The head is bound to the number of entries by the key: who cuts off the end cannot make the head of a shorter log.
    let first_bad = (!is_end).then_some(Bad { seq: count + 1, what: Fault::CutOff });
    Ok(Verified { ok: is_end, count, first_bad })
}

fn head_mac(key: &MacKey, account_id: i64, count: i64, last_mac: &str) -> String {
    let mut mac = Fields::new(key, "stackyard audit head v1");
    mac.int(account_id);
    mac.int(count);
    mac.text(last_mac);
    mac.end()
}

/// A row to the letter, as the MAC sees it.
#[derive(sqlx::FromRow)]
struct StoredEntry {
    account_id: i64,
    seq: i64,
    at: i64,
    actor_kind: String,
    actor_id: String,
    actor_name: String,
    remote_addr: String,
    action: String,
    object_type: String,
    object_id: String,
    object_name: String,
    before: Option<String>,
    after: Option<String>,
    request_id: String,
    environment_id: Option<i64>,
    mac: String,
}

impl StoredEntry {
    fn new(entry: &NewEntry, seq: i64) -> Result<StoredEntry, DbError> {
        let text = |it: &str| without_nul(it).into_owned(); // What an attacker typed must not stop the log.
        let json = |it: &Option<serde_json::Value>| it.as_ref().map(serde_json::to_string).transpose();
        Ok(StoredEntry {
            account_id: entry.account_id,
            seq,
            at: entry.at.as_micros(),
            actor_kind: text(&entry.actor_kind),
            actor_id: text(&entry.actor_id),
            actor_name: text(&entry.actor_name),
            remote_addr: text(&entry.remote_addr),
            action: text(&entry.action),
            object_type: text(&entry.object_type),
            object_id: text(&entry.object_id),
            object_name: text(&entry.object_name),
            before: json(&entry.before).map_err(|err| DbError::Other(err.into()))?,
            after: json(&entry.after).map_err(|err| DbError::Other(err.into()))?,
            request_id: text(&entry.request_id),
            environment_id: entry.environment_id,
            mac: String::new(),
        })
    }

    async fn insert(&self, tx: &mut Tx) -> Result<(), DbError> {
        let sql = "INSERT INTO audit (account_id, seq, at, actor_kind, actor_id, actor_name, remote_addr, action, \
                   object_type, object_id, object_name, before, after, request_id, environment_id, mac) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)";
        query!(
            tx,
            execute,
            sql,
            self.account_id,
            self.seq,
            self.at,
            &self.actor_kind,
            &self.actor_id,
            &self.actor_name,
            &self.remote_addr,
            &self.action,
            &self.object_type,
            &self.object_id,
            &self.object_name,
            &self.before,
            &self.after,
            &self.request_id,
            self.environment_id,
            &self.mac
        )?;
        Ok(())
    }

    async fn page(tx: &mut Tx, account_id: i64, after: i64) -> Result<Vec<StoredEntry>, DbError> {
        let sql = "SELECT * FROM audit WHERE account_id = $1 AND seq > $2 ORDER BY seq LIMIT 2000";
        query!(tx, fetch_all, StoredEntry, sql, account_id, after)
    }

    fn mac_after(&self, key: &MacKey, previous: &str) -> String {
        let environment_id = self.environment_id.map(|it| it.to_string());
        let mut mac = Fields::new(key, "stackyard audit v1");
        mac.int(self.account_id);
        mac.int(self.seq);
        mac.int(self.at);
        let texts = [
            previous,
            &self.actor_kind,
            &self.actor_id,
            &self.actor_name,
            &self.remote_addr,
            &self.action,
            &self.object_type,
            &self.object_id,
            &self.object_name,
            &self.request_id,
        ];
        texts.into_iter().for_each(|it| mac.text(it));
        mac.optional_text(self.before.as_deref());
        mac.optional_text(self.after.as_deref());
        mac.optional_text(environment_id.as_deref());
        mac.end()
    }
}

/// Feeds fields to a MAC so that no two lists of fields give the same bytes: each has its length before it.
struct Fields(hmac::Context);

impl Fields {
    fn new(key: &MacKey, purpose: &str) -> Fields {
        let mut fields = Fields(hmac::Context::with_key(&key.0));
        fields.text(purpose);
        fields
    }

    fn text(&mut self, text: &str) {
        self.0.update(&(text.len() as u64).to_be_bytes());
        self.0.update(text.as_bytes());
    }

    fn optional_text(&mut self, text: Option<&str>) {
        self.0.update(&[u8::from(text.is_some())]);
        self.text(text.unwrap_or_default());
    }

    fn int(&mut self, number: i64) {
        self.0.update(&number.to_be_bytes());
    }

    fn end(self) -> String {
        hex::encode(self.0.sign())
    }
}
