//! Servers: one machine each of a farm role. Users say what is wanted; who has the lease of a row brings it there.

pub mod watched;

use std::{collections::BTreeMap, time::Duration};

use cloud::{
    address::Address,
    server::{Order, ServerSpec},
};
use serde_json::Value;

use self::watched::ObservedBy;
use crate::{DbError, Json, List, Select, Time, Tx, query::query, word::words};

words! {
    pub enum Wanted {
        Running = "running",
        Suspended = "suspended",
        Terminated = "terminated",
    }
}

words! {
    /// As the API tells it.
    pub enum ServerStatus {
        /// The cloud was not asked yet, or did not take the order.
        PendingLaunch = "pending_launch",
        /// The cloud works on it.
        Pending = "pending",
        /// It is on, and what its farm role waits for is not there yet.
        Initializing = "initializing",
        Running = "running",
        PendingSuspend = "pending_suspend",
        Suspended = "suspended",
        Resuming = "resuming",
        PendingTerminate = "pending_terminate",
        /// Its cloud has nothing of it any more.
        Terminated = "terminated",
    }
}

words! {
    pub enum Reboot {
        Soft = "soft",
        Hard = "hard",
    }
}

#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct Server {
    /// A UUID; what is made in the cloud carries it.
    pub id: String,
    pub environment_id: i64,
    pub farm_id: i64,
    pub farm_role_id: i64,
    /// Among the servers of the farm role, beginning with 1; free again when the server is terminated.
    pub position: i64,
    pub platform: String,
    pub location_id: String,
    /// It stays with this one, whatever the environment is linked to later.
    pub credential_id: String,
    pub instance_type_id: String,
    pub launch_reason: String,
    pub launched_by_id: i64,
    pub launched_by_email: String,
    pub created_at: Time,

    pub wanted: Wanted,
    /// Asked for and not done.
    pub reboot: Option<Reboot>,
    pub reboot_sent_at: Option<Time>,
    pub look_at: Time,
    pub generation: i64,
    /// How `seen.observed_at` came to be; `None` before the first time.
    pub observed_by: Option<ObservedBy>,

    #[sqlx(flatten)]
    pub seen: Seen,
}

/// What is written by who has the lease.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct Seen {
    pub status: ServerStatus,
    pub status_since: Time,
    /// As it was decided before the cloud was first asked.
    pub spec: Option<Json<ServerSpec>>,
    pub cloud_order: Option<Json<Order>>,
    pub cloud_id: Option<String>,
    /// The cloud's own word.
    pub cloud_status: Option<String>,
    pub addresses: Json<Vec<Address>>,
    /// As the API tells it: `{summary, class, evidence, nextSteps}`.
    pub failure: Option<Json<Value>>,
    /// What it waits for before it is said to run, as the API tells it: `{for, since, until, lastError}`.
    pub waiting: Option<Json<Value>>,
    /// How often the cloud failed since it last did something.
    pub n_tries: i64,
    /// Since when it is not found, or not in the state it was left in. One reading proves nothing.
    pub odd_since: Option<Time>,
    pub observed_at: Option<Time>,
    pub launched_at: Option<Time>,
    pub suspended_at: Option<Time>,
    pub terminated_at: Option<Time>,
}

/// One that is to be launched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewServer {
    pub id: String,
    pub environment_id: i64,
    pub farm_id: i64,
    pub farm_role_id: i64,
    pub position: i64,
    pub platform: String,
    pub location_id: String,
    pub credential_id: String,
    pub instance_type_id: String,
    pub launch_reason: String,
    pub launched_by_id: i64,
    pub launched_by_email: String,
}

pub async fn insert(tx: &mut Tx, new: &NewServer, now: Time) -> Result<Server, DbError> {
    let sql = "INSERT INTO servers (id, environment_id, farm_id, farm_role_id, position, platform, location_id, \
               credential_id, instance_type_id, launch_reason, launched_by_id, launched_by_email, created_at, wanted, \
               look_at, generation, status, status_since, addresses, n_tries) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $13, 1, $15, $13, '[]', 0) \
               RETURNING *";
    let it = new;
    let inserted = query!(
        tx,
        fetch_one,
        Server,
        sql,
        &it.id,
        it.environment_id,
        it.farm_id,
        it.farm_role_id,
        it.position,
        &it.platform,
        &it.location_id,
        &it.credential_id,
        &it.instance_type_id,
        &it.launch_reason,
        it.launched_by_id,
        &it.launched_by_email,
        now,
        Wanted::Running,
        ServerStatus::PendingLaunch
    );
    let inserted = inserted.map_err(|it| it.about_new("server", "farm or cloud credential"))?;
    count(tx, new.environment_id, 1).await?;
    Ok(inserted)
}

/// Keeps the number of rows of an environment: counting 100,000 of them takes longer than reading a page.
async fn count(tx: &mut Tx, environment_id: i64, n_more: i64) -> Result<(), DbError> {
    let sql = "UPDATE environments SET n_servers = n_servers + $2 WHERE id = $1";
    query!(tx, execute, sql, environment_id, n_more)?;
    Ok(())
}

pub async fn find(tx: &mut Tx, id: &str) -> Result<Option<Server>, DbError> {
    query!(tx, fetch_optional, Server, "SELECT * FROM servers WHERE id = $1", id)
}

/// Of all environments; narrow it with `eq("environment_id", …)`. The column `name` is empty before there is a
/// specification.
pub async fn list(tx: &mut Tx, select: Select) -> Result<List<Server>, DbError> {
    select.fetch(tx, "servers", &["id"]).await
}

/// As [`list`], of one environment.
pub async fn list_of_environment(tx: &mut Tx, environment_id: i64, select: Select) -> Result<List<Server>, DbError> {
    let select = if select.is_all() {
        let sql = "SELECT n_servers FROM environments WHERE id = $1";
        let total = query!(tx, fetch_optional, (i64,), sql, environment_id)?.map(|it| it.0);
        select.eq("environment_id", environment_id).total(total)
    } else if FEW.iter().any(|it| select.has_eq(it)) {
        // With a sign an engine uses no index of this column. SQLite would: they have the order that is asked for, and
        // then it reads every row of the environment to filter it.
        select.eq("+environment_id", environment_id)
    } else {
        select.eq("environment_id", environment_id)
    };
    list(tx, select).await
}

/// Columns with an index, of whose values each has few servers.
const FEW: [&str; 4] = ["id", "farm_id", "farm_role_id", "cloud_id"];

/// Those that are not terminated, by position.
pub async fn live_of_farm(tx: &mut Tx, farm_id: i64) -> Result<Vec<Server>, DbError> {
    let sql = "SELECT * FROM servers WHERE farm_id = $1 AND status <> 'terminated' ORDER BY farm_role_id, position, id";
    query!(tx, fetch_all, Server, sql, farm_id)
}

/// Those that are not terminated and that need this credential in this environment.
pub async fn count_live(tx: &mut Tx, environment_id: i64, credential_id: &str) -> Result<i64, DbError> {
    let sql =
        "SELECT count(*) FROM servers WHERE credential_id = $1 AND environment_id = $2 AND status <> 'terminated'";
    Ok(query!(tx, fetch_one, (i64,), sql, credential_id, environment_id)?.0)
}

/// A user decided; it is looked at as soon as somebody can.
pub async fn want(tx: &mut Tx, id: &str, wanted: Wanted, now: Time) -> Result<(), DbError> {
    let sql = "UPDATE servers SET wanted = $2, look_at = $3, generation = generation + 1 WHERE id = $1";
    query!(tx, execute, sql, id, wanted, now)?;
    Ok(())
}

/// A second wish before the first is done replaces it.
pub async fn want_reboot(tx: &mut Tx, id: &str, reboot: Reboot, now: Time) -> Result<(), DbError> {
    let sql = "UPDATE servers SET reboot = $2, reboot_sent_at = NULL, look_at = $3, generation = generation + 1 \
               WHERE id = $1";
    query!(tx, execute, sql, id, reboot, now)?;
    Ok(())
}

/// Somebody wants it looked at, now.
pub async fn look_now(tx: &mut Tx, id: &str, now: Time) -> Result<(), DbError> {
    let sql = "UPDATE servers SET look_at = $2, generation = generation + 1 WHERE id = $1";
    query!(tx, execute, sql, id, now)?;
    Ok(())
}

/// Those of a farm that no cloud was asked for yet are looked at now: what they waited for is there, or is not to be had.
pub async fn look_at_waiting(
    tx: &mut Tx,
    farm_id: i64,
    credential_id: &str,
    location_id: &str,
    now: Time,
) -> Result<(), DbError> {
    let sql = "UPDATE servers SET look_at = $4 WHERE farm_id = $1 AND status = 'pending_launch' AND wanted = 'running' \
               AND credential_id = $2 AND location_id = $3";
    query!(tx, execute, sql, farm_id, credential_id, location_id, now)?;
    Ok(())
}

/// Whether the time of any has come.
pub async fn is_any_due(tx: &mut Tx, now: Time) -> Result<bool, DbError> {
    let sql = "SELECT id FROM servers WHERE look_at <= $1 AND (lease_until IS NULL OR lease_until <= $1) LIMIT 1";
    Ok(query!(tx, fetch_optional, (String,), sql, now)?.is_some())
}

/// How many wait to be looked at.
pub async fn count_due(tx: &mut Tx, now: Time) -> Result<i64, DbError> {
    let sql = "SELECT count(*) FROM servers WHERE look_at <= $1 AND (lease_until IS NULL OR lease_until <= $1)";
    Ok(query!(tx, fetch_one, (i64,), sql, now)?.0)
}

/// Leases up to `limit` servers whose time has come to `holder`, those that wait longest first; none of the
/// account `not_of`.
pub async fn take_due(
    tx: &mut Tx,
    holder: &str,
    now: Time,
    lease: Duration,
    limit: i64,
    not_of: Option<i64>,
) -> Result<Vec<Server>, DbError> {
    let sql = "UPDATE servers SET lease_holder = $1, lease_until = $2 WHERE id IN (SELECT id FROM servers \
               WHERE look_at <= $3 AND (lease_until IS NULL OR lease_until <= $3) AND ($5 IS NULL \
               OR environment_id NOT IN (SELECT id FROM environments WHERE account_id = $5)) \
               ORDER BY look_at LIMIT $4) RETURNING *";
    query!(tx, fetch_all, Server, sql, holder, now + lease, now, limit, not_of)
}

/// False when another has taken it, after a time in which this one gave no sign.
pub async fn renew_lease(tx: &mut Tx, id: &str, holder: &str, now: Time, lease: Duration) -> Result<bool, DbError> {
    let sql = "UPDATE servers SET lease_until = $3 WHERE id = $1 AND lease_holder = $2";
    Ok(query!(tx, execute, sql, id, holder, now + lease)? == 1)
}

/// Whether nobody else can take it before `until`.
pub async fn has_lease(tx: &mut Tx, id: &str, holder: &str, until: Time) -> Result<bool, DbError> {
    let sql = "SELECT id FROM servers WHERE id = $1 AND lease_holder = $2 AND lease_until >= $3";
    Ok(query!(tx, fetch_optional, (String,), sql, id, holder, until)?.is_some())
}

/// Writes what was seen and done. False, and nothing written, when another has the lease.
pub async fn record(tx: &mut Tx, id: &str, holder: &str, seen: &Seen) -> Result<bool, DbError> {
    let sql = "UPDATE servers SET status = $3, status_since = $4, spec = $5, cloud_order = $6, cloud_id = $7, \
               cloud_status = $8, addresses = $9, failure = $10, n_tries = $11, odd_since = $12, observed_at = $13, \
               observed_by = CASE WHEN observed_at = $13 THEN observed_by ELSE 'read' END, \
               launched_at = $14, suspended_at = $15, terminated_at = $16, name = $17, waiting = $18 \
               WHERE id = $1 AND lease_holder = $2";
    let it = seen;
    let name = it.spec.as_ref().map_or("", |it| it.name.as_str());
    let n_rows = query!(
        tx,
        execute,
        sql,
        id,
        holder,
        it.status,
        it.status_since,
        &it.spec,
        &it.cloud_order,
        &it.cloud_id,
        &it.cloud_status,
        &it.addresses,
        &it.failure,
        it.n_tries,
        it.odd_since,
        it.observed_at,
        it.launched_at,
        it.suspended_at,
        it.terminated_at,
        name,
        &it.waiting
    )?;
    Ok(n_rows == 1)
}

/// The cloud took the reboot that was asked for as of `generation`. A later wish stays.
pub async fn reboot_sent(tx: &mut Tx, id: &str, holder: &str, generation: i64, now: Time) -> Result<(), DbError> {
    let sql = "UPDATE servers SET reboot_sent_at = $4 WHERE id = $1 AND lease_holder = $2 AND generation = $3";
    query!(tx, execute, sql, id, holder, generation, now)?;
    Ok(())
}

/// The reboot that was asked for as of `generation` is done. A later wish stays.
pub async fn reboot_done(tx: &mut Tx, id: &str, holder: &str, generation: i64) -> Result<(), DbError> {
    let sql = "UPDATE servers SET reboot = NULL, reboot_sent_at = NULL \
               WHERE id = $1 AND lease_holder = $2 AND generation = $3";
    query!(tx, execute, sql, id, holder, generation)?;
    Ok(())
}

/// Somebody changed the power in the cloud itself, and it stays so unless a user wrote since `generation`.
pub async fn accept(tx: &mut Tx, id: &str, holder: &str, generation: i64, wanted: Wanted) -> Result<(), DbError> {
    let sql = "UPDATE servers SET wanted = $4 WHERE id = $1 AND lease_holder = $2 AND generation = $3";
    query!(tx, execute, sql, id, holder, generation, wanted)?;
    Ok(())
}

/// It is at another location of the same credential.
pub async fn relocate(tx: &mut Tx, id: &str, holder: &str, location_id: &str) -> Result<(), DbError> {
    let sql = "UPDATE servers SET location_id = $3 WHERE id = $1 AND lease_holder = $2";
    query!(tx, execute, sql, id, holder, location_id)?;
    Ok(())
}

/// The cloud gave it another size.
pub async fn update_instance_type(tx: &mut Tx, id: &str, instance_type_id: &str) -> Result<(), DbError> {
    query!(tx, execute, "UPDATE servers SET instance_type_id = $2 WHERE id = $1", id, instance_type_id)?;
    Ok(())
}

/// Gives the lease back. The next look is at `next`, or now if a user wrote since `generation` was read, or a watch saw
/// something since the look was due at `look_at`.
pub async fn release(
    tx: &mut Tx,
    id: &str,
    holder: &str,
    generation: i64,
    look_at: Time,
    next: Time,
) -> Result<(), DbError> {
    let sql = "UPDATE servers SET lease_holder = NULL, lease_until = NULL, \
               look_at = CASE WHEN generation = $3 AND look_at = $4 THEN $5 ELSE look_at END \
               WHERE id = $1 AND lease_holder = $2";
    query!(tx, execute, sql, id, holder, generation, look_at, next)?;
    Ok(())
}

/// How many there are of each status, but of terminated ones.
pub async fn counts_of_farm(tx: &mut Tx, farm_id: i64) -> Result<Vec<(ServerStatus, i64)>, DbError> {
    let sql = "SELECT status, count(*) FROM servers WHERE farm_id = $1 AND status <> 'terminated' GROUP BY status";
    query!(tx, fetch_all, (ServerStatus, i64), sql, farm_id)
}

/// Terminated ones; others hold the farm.
pub async fn delete_of_farm(tx: &mut Tx, farm_id: i64) -> Result<(), DbError> {
    let sql = "DELETE FROM servers WHERE farm_id = $1 AND status = 'terminated' RETURNING environment_id";
    let deleted = query!(tx, fetch_all, (i64,), sql, farm_id)?;
    count_less(tx, &deleted).await
}

/// Those that a control plane had which is gone are looked at by the others, at once.
pub async fn free_orphans(tx: &mut Tx) -> Result<u64, DbError> {
    let sql = "UPDATE servers SET lease_holder = NULL, lease_until = NULL \
               WHERE lease_holder IS NOT NULL AND lease_holder NOT IN (SELECT id FROM control_planes)";
    query!(tx, execute, sql)
}

/// Terminated ones that are shown no longer.
pub async fn prune(tx: &mut Tx, terminated_before: Time) -> Result<u64, DbError> {
    let sql = "DELETE FROM servers WHERE terminated_at < $1 RETURNING environment_id";
    let deleted = query!(tx, fetch_all, (i64,), sql, terminated_before)?;
    count_less(tx, &deleted).await?;
    Ok(deleted.len() as u64)
}

/// The environments of rows that were deleted, in one order for all, lest two wait for each other.
async fn count_less(tx: &mut Tx, deleted: &[(i64,)]) -> Result<(), DbError> {
    let mut n_deleted = BTreeMap::<i64, i64>::new();
    for (environment_id,) in deleted {
        *n_deleted.entry(*environment_id).or_default() += 1;
    }
    for (environment_id, n) in n_deleted {
        count(tx, environment_id, -n).await?;
    }
    Ok(())
}
