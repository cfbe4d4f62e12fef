//! Who did what, and whether the log is whole.

use api_types::audit::{AuditEntry, AuditVerification};
use axum::extract::State;
use store::{
    DbError, Order, Tx,
    audit::{self, Bad, Fault, MacKey},
};

use super::{
    caller::Caller,
    error::{ApiError, ApiResult},
    list::{Column, ListQuery},
    reply::Reply,
    route::{Access::Needs, Routes, get, post},
    users::both,
};
use crate::{app::App, permission::Permission as P};

const COLUMNS: &[Column] = &[
    Column::text("action", "action"),
    Column::text("objectType", "object_type"),
    Column::text("objectId", "object_id"),
    Column::text("actorName", "actor_name"),
    Column::text("requestId", "request_id"),
];
/// `since` is included, `until` is not.
const FILTERS: &[&str] = &["action", "objectType", "objectId", "actorName", "requestId", "since", "until"];
/// The account under which the Scalr scope is written.
const SCALR: i64 = 0;

pub fn routes(routes: &mut Routes) {
    for path in both!("audit/") {
        let summary = "List the changes in this scope, newest first";
        routes.add(get(path, Needs(P::AuditRead), summary).lists::<AuditEntry>(FILTERS), list);
    }
    let own = "/account/{accountId}/audit/actions/verify/";
    let all = "/global/audit/actions/verify/";
    let summary = "Check that no row of the audit log was altered, removed or cut off";
    routes.add(post(own, Needs(P::AuditRead), summary).gives::<AuditVerification>(), verify_own).add(
        post(all, Needs(P::AuditRead), "Check the audit logs of all accounts, or of one")
            .lists::<AuditVerification>(&["accountId"]),
        verify_all,
    );
}

async fn list(State(app): State<App>, caller: Caller, query: ListQuery) -> ApiResult<Reply<Vec<AuditEntry>>> {
    let account_id = caller.scope.account_id().unwrap_or(SCALR);
    let mut select = query.select(COLUMNS)?.eq("account_id", account_id).order_by("seq", Order::Descending);
    if let Some(since) = query.moment("since")? {
        select = select.at_least("at", since);
    }
    if let Some(until) = query.moment("until")? {
        select = select.below("at", until);
    }
    let mut tx = app.db.read().await?;
    Ok(Reply::list(audit::list(&mut tx, select).await?.map(view), &query))
}

async fn verify_own(State(app): State<App>, caller: Caller) -> ApiResult<Reply<AuditVerification>> {
    let mut tx = app.db.read().await?;
    Ok(Reply::ok(verify(&mut tx, &app.audit_key, caller.scope.account_id().unwrap_or(SCALR)).await?))
}

/// On one page: accounts that are gone too, since their log stays.
async fn verify_all(State(app): State<App>, query: ListQuery) -> ApiResult<Reply<Vec<AuditVerification>>> {
    let mut tx = app.db.read().await?;
    Ok(Reply::ok(match query.filter("accountId") {
        Some(id) => {
            let id = id.parse().map_err(|_| ApiError::value("accountId is a whole number"))?;
            vec![verify(&mut tx, &app.audit_key, id).await?]
        }
        None => verify_every(&mut tx, &app.audit_key).await?,
    }))
}

pub(crate) async fn verify_every(tx: &mut Tx, key: &MacKey) -> Result<Vec<AuditVerification>, DbError> {
    let mut verifications = Vec::new();
    for id in audit::accounts(tx).await? {
        verifications.push(verify(tx, key, id).await?);
    }
    Ok(verifications)
}

pub(crate) async fn verify(tx: &mut Tx, key: &MacKey, account_id: i64) -> Result<AuditVerification, DbError> {
    let audit::Verified { ok, count, first_bad } = audit::verify(tx, key, account_id).await?;
    let problem = first_bad.map(|Bad { what, .. }| match what {
        Fault::Altered => "altered",
        Fault::Missing => "missing",
        Fault::CutOff => "cut-off",
    });
    let first_bad_seq = first_bad.map(|it| it.seq);
    Ok(AuditVerification { account_id, ok, count, first_bad_seq, problem: problem.map(str::to_owned) })
}

fn view(entry: audit::Entry) -> AuditEntry {
    AuditEntry {
        seq: entry.seq,
        at: entry.at.0,
        actor_kind: entry.actor_kind,
        actor_id: entry.actor_id,
        actor_name: entry.actor_name,
        remote_address: entry.remote_addr,
        action: entry.action,
        object_type: entry.object_type,
        object_id: entry.object_id,
        object_name: entry.object_name,
        environment_id: entry.environment_id,
        before: entry.before.map(|it| it.0),
        after: entry.after.map(|it| it.0),
        request_id: entry.request_id,
    }
}
