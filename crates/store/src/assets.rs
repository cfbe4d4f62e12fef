//! Volumes and networks of environments, keypairs of farms. Users say what is wanted; who has the lease of a row brings
//! it there.

use std::time::Duration;

use cloud::asset::{Asset as Description, Part};
use serde_json::Value;

use crate::{DbError, Json, List, Select, Time, Tx, query::query, word::words};

words! {
    pub enum AssetWanted {
        Present = "present",
        Absent = "absent",
    }
}

words! {
    /// As the API tells it.
    pub enum AssetStatus {
        /// Not all of it was there yet.
        Creating = "creating",
        /// It is as described.
        Ready = "ready",
        /// It is described otherwise than it is.
        Updating = "updating",
        /// The cloud gave up on it, or it is gone without our doing.
        Failed = "failed",
        Deleting = "deleting",
        /// Its cloud has nothing of it any more.
        Deleted = "deleted",
    }
}

#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct Asset {
    /// A UUID; what is made in the cloud carries it.
    pub id: String,
    pub environment_id: i64,
    pub platform: String,
    pub location_id: String,
    /// It stays with this one, whatever the environment is linked to later.
    pub credential_id: String,
    /// Whose servers it is made for; the farm may be gone. `None`: of the environment alone.
    pub farm_id: Option<i64>,
    /// The tag of `description`, for filters.
    pub kind: String,
    /// Unique in the environment among those of its kind that are not deleted.
    pub name: String,
    pub description: Json<Description>,
    pub created_by_id: i64,
    pub created_by_email: String,
    pub created_at: Time,

    pub wanted: AssetWanted,
    pub look_at: Time,
    pub generation: i64,

    #[sqlx(flatten)]
    pub seen: Seen,
}

/// What is written by who has the lease.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct Seen {
    pub status: AssetStatus,
    pub status_since: Time,
    /// What there is of it in the cloud; what there was when it is gone without our doing.
    pub parts: Json<Vec<Part>>,
    /// As the API tells it: `{summary, class, evidence, nextSteps}`.
    pub failure: Option<Json<Value>>,
    /// How often the cloud failed since it last did something.
    pub n_tries: i64,
    /// Since when something of it is not found. One reading proves nothing.
    pub odd_since: Option<Time>,
    /// When the cloud was last asked for a step whose answer is not known: something may come of it yet.
    pub asked_at: Option<Time>,
    /// When all of it was first there: from then on nothing of it is made again.
    pub ready_at: Option<Time>,
    pub observed_at: Option<Time>,
    pub deleted_at: Option<Time>,
}

impl Seen {
    /// The parts that it had when all of it was there; none before.
    pub fn made(&self) -> &[Part] {
        if self.ready_at.is_some() { &self.parts.0 } else { &[] }
    }
}

/// One that is to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAsset {
    pub id: String,
    pub environment_id: i64,
    pub platform: String,
    pub location_id: String,
    pub credential_id: String,
    pub farm_id: Option<i64>,
    pub description: Description,
    pub created_by_id: i64,
    pub created_by_email: String,
}

pub async fn insert(tx: &mut Tx, new: &NewAsset, now: Time) -> Result<Asset, DbError> {
    let sql = "INSERT INTO assets (id, environment_id, platform, location_id, credential_id, kind, name, description, \
               created_by_id, created_by_email, created_at, wanted, look_at, generation, status, status_since, parts, \
               n_tries, farm_id) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $11, 1, $13, $11, '[]', 0, $14) RETURNING *";
    let it = new;
    let inserted = query!(
        tx,
        fetch_one,
        Asset,
        sql,
        &it.id,
        it.environment_id,
        &it.platform,
        &it.location_id,
        &it.credential_id,
        it.description.kind(),
        it.description.name(),
        Json(&it.description),
        it.created_by_id,
        &it.created_by_email,
        now,
        AssetWanted::Present,
        AssetStatus::Creating,
        it.farm_id
    );
    inserted.map_err(|err| err.about_new("name", "environment or cloud credential"))
}

pub async fn find(tx: &mut Tx, id: &str) -> Result<Option<Asset>, DbError> {
    query!(tx, fetch_optional, Asset, "SELECT * FROM assets WHERE id = $1", id)
}

/// The one of a farm that is wanted.
pub async fn find_of_farm(
    tx: &mut Tx,
    farm_id: i64,
    kind: &str,
    credential_id: &str,
    location_id: &str,
) -> Result<Option<Asset>, DbError> {
    let sql = "SELECT * FROM assets WHERE farm_id = $1 AND kind = $2 AND credential_id = $3 AND location_id = $4 \
               AND wanted = 'present'";
    query!(tx, fetch_optional, Asset, sql, farm_id, kind, credential_id, location_id)
}

/// Of all environments and kinds; narrow it with `eq("environment_id", …)` and `eq("kind", …)`.
pub async fn list(tx: &mut Tx, select: Select) -> Result<List<Asset>, DbError> {
    select.fetch(tx, "assets", &["id"]).await
}

/// Those of a kind that are not deleted.
pub async fn count_of_environment(tx: &mut Tx, environment_id: i64, kind: &str) -> Result<i64, DbError> {
    let sql = "SELECT count(*) FROM assets WHERE environment_id = $1 AND kind = $2 AND status <> 'deleted'";
    Ok(query!(tx, fetch_one, (i64,), sql, environment_id, kind)?.0)
}

/// How many of each kind are not deleted and need this credential in this environment.
pub async fn count_live(tx: &mut Tx, environment_id: i64, credential_id: &str) -> Result<Vec<(String, i64)>, DbError> {
    let sql = "SELECT kind, count(*) FROM assets WHERE credential_id = $1 AND environment_id = $2 \
               AND status <> 'deleted' GROUP BY kind ORDER BY kind";
    query!(tx, fetch_all, (String, i64), sql, credential_id, environment_id)
}

/// A user wants it otherwise; it is looked at as soon as somebody can.
pub async fn describe(tx: &mut Tx, id: &str, description: &Description, now: Time) -> Result<(), DbError> {
    let sql = "UPDATE assets SET description = $2, look_at = $3, generation = generation + 1, \
               status = CASE WHEN status = 'creating' THEN status ELSE 'updating' END, status_since = $3, \
               failure = NULL, n_tries = 0 WHERE id = $1";
    query!(tx, execute, sql, id, Json(description), now)?;
    Ok(())
}

/// A user does not want it any more. That is not taken back.
pub async fn want_absent(tx: &mut Tx, id: &str, now: Time) -> Result<(), DbError> {
    let sql = "UPDATE assets SET wanted = $2, look_at = $3, generation = generation + 1, \
               status = $4, status_since = $3, failure = NULL, n_tries = 0 WHERE id = $1 AND status <> 'deleted'";
    query!(tx, execute, sql, id, AssetWanted::Absent, now, AssetStatus::Deleting)?;
    Ok(())
}

/// The farm has no use for what was made for its servers.
pub async fn want_absent_of_farm(tx: &mut Tx, farm_id: i64, now: Time) -> Result<(), DbError> {
    let sql = "SELECT id FROM assets WHERE farm_id = $1 AND wanted = 'present'";
    for (id,) in query!(tx, fetch_all, (String,), sql, farm_id)? {
        want_absent(tx, &id, now).await?;
    }
    Ok(())
}

/// What is generated before the cloud is asked. False, and nothing written, when another has the lease.
pub async fn fill_in(tx: &mut Tx, id: &str, holder: &str, description: &Description) -> Result<bool, DbError> {
    let sql = "UPDATE assets SET description = $3 WHERE id = $1 AND lease_holder = $2";
    Ok(query!(tx, execute, sql, id, holder, Json(description))? == 1)
}

/// The cloud does not have it any more, and it is to be made as it was.
pub async fn make_again(tx: &mut Tx, id: &str, now: Time) -> Result<(), DbError> {
    let sql = "UPDATE assets SET status = $2, status_since = $3, ready_at = NULL, look_at = $3, \
               generation = generation + 1 WHERE id = $1 AND wanted = 'present'";
    query!(tx, execute, sql, id, AssetStatus::Creating, now)?;
    Ok(())
}

/// Somebody wants it looked at, now.
pub async fn look_now(tx: &mut Tx, id: &str, now: Time) -> Result<(), DbError> {
    let sql = "UPDATE assets SET look_at = $2, generation = generation + 1 WHERE id = $1";
    query!(tx, execute, sql, id, now)?;
    Ok(())
}

/// As [`look_now`], at the one that has this part in its cloud, if there is one.
pub async fn look_at_part(tx: &mut Tx, environment_id: i64, part_id: &str, now: Time) -> Result<(), DbError> {
    let sql = "SELECT id, parts FROM assets WHERE environment_id = $1 AND status <> 'deleted'";
    let rows = query!(tx, fetch_all, (String, Json<Vec<Part>>), sql, environment_id)?;
    for (id, _) in rows.iter().filter(|(_, parts)| parts.iter().any(|it| it.id == part_id)) {
        look_now(tx, id, now).await?;
    }
    Ok(())
}

/// Whether the time of any has come.
pub async fn is_any_due(tx: &mut Tx, now: Time) -> Result<bool, DbError> {
    let sql = "SELECT id FROM assets WHERE look_at <= $1 AND (lease_until IS NULL OR lease_until <= $1) LIMIT 1";
    Ok(query!(tx, fetch_optional, (String,), sql, now)?.is_some())
}

/// How many wait to be looked at.
pub async fn count_due(tx: &mut Tx, now: Time) -> Result<i64, DbError> {
    let sql = "SELECT count(*) FROM assets WHERE look_at <= $1 AND (lease_until IS NULL OR lease_until <= $1)";
    Ok(query!(tx, fetch_one, (i64,), sql, now)?.0)
}

/// Leases up to `limit` whose time has come to `holder`, those that wait longest first; none of the account `not_of`.
pub async fn take_due(
    tx: &mut Tx,
    holder: &str,
    now: Time,
    lease: Duration,
    limit: i64,
    not_of: Option<i64>,
) -> Result<Vec<Asset>, DbError> {
    let sql = "UPDATE assets SET lease_holder = $1, lease_until = $2 WHERE id IN (SELECT id FROM assets \
               WHERE look_at <= $3 AND (lease_until IS NULL OR lease_until <= $3) AND ($5 IS NULL \
               OR environment_id NOT IN (SELECT id FROM environments WHERE account_id = $5)) \
               ORDER BY look_at LIMIT $4) RETURNING *";
    query!(tx, fetch_all, Asset, sql, holder, now + lease, now, limit, not_of)
}

/// False when another has taken it, after a time in which this one gave no sign.
pub async fn renew_lease(tx: &mut Tx, id: &str, holder: &str, now: Time, lease: Duration) -> Result<bool, DbError> {
    let sql = "UPDATE assets SET lease_until = $3 WHERE id = $1 AND lease_holder = $2";
    Ok(query!(tx, execute, sql, id, holder, now + lease)? == 1)
}

/// The cloud is about to be asked for a step. Renews the lease too; false, and nothing written, when another has it.
pub async fn ask(tx: &mut Tx, id: &str, holder: &str, now: Time, lease: Duration) -> Result<bool, DbError> {
    let sql = "UPDATE assets SET asked_at = $3, lease_until = $4 WHERE id = $1 AND lease_holder = $2";
    Ok(query!(tx, execute, sql, id, holder, now, now + lease)? == 1)
}

/// Writes what was seen and done. Where a user wrote since `generation` was read, status and failure stay what that made
/// them.
/// False, and nothing written, when another has the lease.
pub async fn record(tx: &mut Tx, id: &str, holder: &str, generation: i64, seen: &Seen) -> Result<bool, DbError> {
    let sql = "UPDATE assets SET status = CASE WHEN generation = $3 THEN $4 ELSE status END, \
               status_since = CASE WHEN generation = $3 THEN $5 ELSE status_since END, \
               deleted_at = CASE WHEN generation = $3 THEN $6 ELSE deleted_at END, \
               failure = CASE WHEN generation = $3 THEN $8 ELSE failure END, \
               n_tries = CASE WHEN generation = $3 THEN $9 ELSE n_tries END, parts = $7, odd_since = $10, asked_at = $11, ready_at = $12, \
               observed_at = $13 WHERE id = $1 AND lease_holder = $2";
    let it = seen;
    let n_rows = query!(
        tx,
        execute,
        sql,
        id,
        holder,
        generation,
        it.status,
        it.status_since,
        it.deleted_at,
        &it.parts,
        &it.failure,
        it.n_tries,
        it.odd_since,
        it.asked_at,
        it.ready_at,
        it.observed_at
    )?;
    Ok(n_rows == 1)
}

/// Gives the lease back. The next look is at `next`, or now if a user wrote since `generation` was read.
pub async fn release(tx: &mut Tx, id: &str, holder: &str, generation: i64, next: Time) -> Result<(), DbError> {
    let sql = "UPDATE assets SET lease_holder = NULL, lease_until = NULL, \
               look_at = CASE WHEN generation = $3 THEN $4 ELSE look_at END WHERE id = $1 AND lease_holder = $2";
    query!(tx, execute, sql, id, holder, generation, next)?;
    Ok(())
}

/// Those that a control plane had which is gone are looked at by the others, at once.
pub async fn free_orphans(tx: &mut Tx) -> Result<u64, DbError> {
    let sql = "UPDATE assets SET lease_holder = NULL, lease_until = NULL \
               WHERE lease_holder IS NOT NULL AND lease_holder NOT IN (SELECT id FROM control_planes)";
    query!(tx, execute, sql)
}

/// Deleted ones that are shown no longer.
pub async fn prune(tx: &mut Tx, deleted_before: Time) -> Result<u64, DbError> {
    query!(tx, execute, "DELETE FROM assets WHERE deleted_at < $1", deleted_before)
}
