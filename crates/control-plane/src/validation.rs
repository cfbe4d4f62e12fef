//! Runs of the checks of a credential: rows that grow while they run.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use api_types::validations::{Check, CheckChange, CheckStatus, Validation, ValidationStatus};
use cloud::check::Reporter;
use serde_json::{Value, json};
use store::{
    DbError, Time, Tx, audit,
    cloud_credentials::{self, CloudCredential, CredentialStatus},
    events, validations,
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, mpsc},
    time::timeout_at,
};
use uuid::Uuid;

use crate::{
    app::App,
    clouds::Connected,
    http::error::{ApiError, ApiResult},
    sync, unwritten,
};

/// What a driver may take beyond the limit of its checks before it is dropped.
const GRACE: Duration = Duration::from_secs(2);

/// Runs at once of all accounts, and of one. Further ones are refused, not queued.
const RUNS_AT_ONCE: usize = 32;
const RUNS_OF_ONE: usize = 8;
/// Of these, those that nobody asked for.
const RUNS_BEHIND: usize = 4;

/// What a report says that could not be written as a whole.
pub const UNWRITTEN: &str = "the control plane could not write the report";

/// Whose run it is.
#[derive(Debug, Clone)]
pub struct Ask {
    /// `None` while the input is not saved.
    pub of: Option<Version>,
    pub account_id: Option<i64>,
    pub requested_by: String,
}

/// Saved credentials as they are when a run begins: if they are changed before it ends, it says nothing about them.
#[derive(Debug, Clone)]
pub struct Version {
    credential_id: String,
    updated_at: Time,
    /// Asked for in the scope that they belong to; only then a report can enable them.
    is_owner: bool,
}

impl Version {
    /// `asker`: the account that asks; `None`: the installation.
    pub fn of(credential: &CloudCredential, asker: Option<i64>) -> Version {
        Version {
            credential_id: credential.id.clone(),
            updated_at: credential.updated_at,
            is_owner: credential.account_id == asker,
        }
    }
}

/// How many runs there are now.
pub struct Runs {
    by_account: Arc<Mutex<HashMap<Option<i64>, usize>>>,
    behind: Arc<Semaphore>,
}

/// One of them, until it is dropped.
pub struct Permit {
    runs: Arc<Mutex<HashMap<Option<i64>, usize>>>,
    account_id: Option<i64>,
}

impl Default for Runs {
    fn default() -> Self {
        Runs { by_account: Arc::default(), behind: Arc::new(Semaphore::new(RUNS_BEHIND)) }
    }
}

impl Runs {
    /// `None` while enough of them run that nobody asked for.
    pub fn background(&self) -> Option<OwnedSemaphorePermit> {
        self.behind.clone().try_acquire_owned().ok()
    }

    pub fn enter(&self, account_id: Option<i64>) -> ApiResult<Permit> {
        let mut runs = self.by_account.lock().unwrap_or_else(PoisonError::into_inner);
        let of_account = runs.get(&account_id).copied().unwrap_or_default();
        let (n, whose) = match runs.values().sum::<usize>() {
            _ if of_account >= RUNS_OF_ONE => (of_account, "of this account "),
            all if all >= RUNS_AT_ONCE => (all, ""),
            _ => {
                runs.insert(account_id, of_account + 1);
                return Ok(Permit { runs: self.by_account.clone(), account_id });
            }
        };
        let message = format!("{n} validations {whose}run already");
        Err(ApiError::unavailable(message).remedy("try again when one of them has ended"))
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
        match runs.get_mut(&self.account_id) {
            Some(n) if *n > 1 => *n -= 1,
            _ => drop(runs.remove(&self.account_id)),
        }
    }
}

/// A run that has begun.
pub struct Run {
    pub row: validations::Validation,
    _permit: Permit,
}

/// The result of a run, not yet written as ended.
#[derive(Debug, Clone)]
pub struct Outcome {
    pub id: String,
    pub status: ValidationStatus,
    pub checks: Vec<Check>,
    /// What the cloud is, when no required check failed.
    pub details: Option<Value>,
    /// Why the cloud does not let this identity in; `None` where it does or was not asked.
    pub refusal: Option<String>,
}

/// Writes the row of a run that begins; its id is what clients follow.
pub async fn begin(app: &App, ask: &Ask) -> ApiResult<Run> {
    let permit = app.runs.enter(ask.account_id)?;
    let row = validations::Validation {
        id: Uuid::now_v7().to_string(),
        credential_id: ask.of.as_ref().map(|it| it.credential_id.clone()),
        account_id: ask.account_id,
        requested_by: ask.requested_by.clone(),
        status: validations::ValidationStatus::Running,
        started_at: Time::now(),
        ended_at: None,
        run_by: Some(app.id.clone()),
    };
    let mut tx = app.db.write().await?;
    if row.credential_id.is_none() {
        validations::prune_drafts(&mut tx, row.account_id).await?;
    }
    validations::insert(&mut tx, &row).await?;
    events::insert(&mut tx, &event(&row, "started")).await?;
    tx.commit().await?;
    app.wake_streams();
    Ok(Run { row, _permit: permit })
}

fn event(row: &validations::Validation, kind: &str) -> events::NewEvent {
    events::NewEvent {
        account_id: row.account_id,
        environment_id: None,
        credential_id: row.credential_id.clone(),
        topic: "validations".to_owned(),
        object_id: row.id.clone(),
        kind: kind.to_owned(),
        body: json!({ "id": row.id, "cloudCredentialsId": row.credential_id, "status": row.status.as_str() }),
        at: Time::now(),
    }
}

/// Runs all checks and writes each as it ends. The caller writes the end, in the transaction of what follows from it;
/// when this fails, the end is written.
pub async fn run(app: &App, run: &Run, connected: &Connected) -> ApiResult<Outcome> {
    let outcome = look(app, run, connected).await;
    if let Err(err) = &outcome {
        fail(app, &run.row.id, UNWRITTEN, err).await;
    }
    outcome
}

async fn look(app: &App, run: &Run, connected: &Connected) -> ApiResult<Outcome> {
    let limit = app.config().validation_limit;
    let (sender, mut receiver) = mpsc::unbounded_channel();
    let report = Reporter::new(sender, limit);
    let deadline = report.deadline() + GRACE;
    let driver = async {
        if timeout_at(deadline, connected.cloud().validate(&report)).await.is_err() {
            report.give_up();
        }
        drop(report);
    };
    let mut checks: Vec<Check> = Vec::new();
    let writer = async {
        let mut batch = Vec::new();
        // What ended together is written together.
        while receiver.recv_many(&mut batch, 256).await > 0 {
            let mut tx = app.db.write().await?;
            for check in batch.drain(..) {
                let check = Check::from(check);
                add_check(&mut tx, &run.row.id, &check).await?;
                checks.push(check);
            }
            tx.commit().await?;
            app.wake_streams();
        }
        Ok::<_, DbError>(())
    };
    let ((), written) = tokio::join!(driver, writer);
    written?;
    let status = status(&checks);
    let details = match status {
        ValidationStatus::Failed => None,
        // A good report without them is better than none in time.
        _ => timeout_at(deadline, connected.describe()).await.ok().and_then(Result::ok),
    };
    app.metrics.count_validation(status);
    Ok(Outcome { id: run.row.id.clone(), status, checks, details, refusal: connected.refusal() })
}

async fn add_check(tx: &mut Tx, validation_id: &str, check: &Check) -> Result<(), DbError> {
    validations::add_check(tx, validation_id, &serde_json::to_value(check).unwrap_or_default()).await?;
    Ok(())
}

/// Ends a run that came to no report of its own, or whose report was good and what should follow was not: with a failed
/// check that says why. Where the database does not take it now, it is written as soon as it does. Does nothing to a run
/// that has ended.
pub async fn fail(app: &App, validation_id: &str, what: &str, why: &ApiError) {
    let check = of_run(format!("{what}: {}", why.message()), why.advice().map(str::to_owned));
    let id = validation_id.to_owned();
    let write = move |app: App| {
        let (check, id) = (check.clone(), id.clone());
        async move {
            let mut tx = app.db.write().await?;
            if validations::get(&mut tx, &id).await?.ended_at.is_some() {
                return Ok(());
            }
            add_check(&mut tx, &id, &check).await?;
            end_row(&mut tx, &id, validations::ValidationStatus::Failed).await?;
            tx.commit().await
        }
    };
    unwritten::end(app, "validation", validation_id, write).await;
}

/// Says of a run that was ended with its control plane why it has no more checks, and tells those who follow it.
pub async fn record_abandoned(tx: &mut Tx, row: &validations::Validation) -> Result<(), DbError> {
    let check = of_run("the control plane that ran the checks stopped".to_owned(), Some("validate again".to_owned()));
    add_check(tx, &row.id, &check).await?;
    events::insert(tx, &event(row, "ended")).await?;
    Ok(())
}

/// A failed check about the run itself.
fn of_run(detail: String, remedy: Option<String>) -> Check {
    let here = || "control plane".to_owned();
    Check {
        id: "stackyard.run".to_owned(),
        group: here(),
        target: here(),
        status: CheckStatus::Failed,
        required: true,
        detail,
        remedy,
        elapsed_ms: 0,
        operations: Vec::new(),
        certificate: None,
    }
}

async fn end_row(tx: &mut Tx, id: &str, status: validations::ValidationStatus) -> Result<(), DbError> {
    validations::end(tx, id, status, Time::now()).await?;
    let row = validations::get(tx, id).await?;
    events::insert(tx, &event(&row, "ended")).await?;
    Ok(())
}

/// The worst of the required checks, or a warning of any other.
pub fn status(checks: &[Check]) -> ValidationStatus {
    let any = |wanted| checks.iter().any(|it| it.status == wanted);
    let unseen = checks.iter().any(|it| it.required && it.status == CheckStatus::Skipped);
    match () {
        () if any(CheckStatus::Failed) || unseen || checks.is_empty() => ValidationStatus::Failed,
        () if any(CheckStatus::Warning) => ValidationStatus::Warning,
        () => ValidationStatus::Passed,
    }
}

impl Outcome {
    pub fn is_usable(&self) -> bool {
        self.status != ValidationStatus::Failed
    }

    /// Writes that the run has ended; `credential_id` when it is saved now.
    pub async fn end(&self, tx: &mut Tx, credential_id: Option<&str>) -> Result<(), DbError> {
        let status = match self.status {
            ValidationStatus::Passed => validations::ValidationStatus::Passed,
            ValidationStatus::Warning => validations::ValidationStatus::Warning,
            ValidationStatus::Failed | ValidationStatus::Running => validations::ValidationStatus::Failed,
        };
        if let Some(id) = credential_id {
            validations::update_credential(tx, &self.id, id).await?;
        }
        end_row(tx, &self.id, status).await?;
        if let Some(id) = credential_id {
            store::cloud_credentials::record_validation(tx, id, &self.id, self.details.as_ref()).await?;
            validations::prune(tx, id).await?;
        }
        Ok(())
    }

    /// One plain sentence about the first required check that failed.
    pub fn sentence(&self) -> String {
        let failed = self.checks.iter().find(|it| it.required && it.status == CheckStatus::Failed);
        match failed {
            Some(check) => format!("{} ({})", check.detail, check.target),
            None => "the checks could not be run to their end".to_owned(),
        }
    }

    pub fn remedy(&self) -> Option<String> {
        let failed = self.checks.iter().find(|it| it.required && it.status == CheckStatus::Failed);
        failed.and_then(|it| it.remedy.clone())
    }
}

/// Writes the end of a run that saves nothing new, and what it says about saved credentials. Where that is not possible,
/// the run has failed.
pub async fn conclude(app: &App, ask: &Ask, outcome: &Outcome) -> ApiResult<Validation> {
    let written = write_end(app, ask, outcome).await;
    if let Err(err) = &written {
        fail(app, &outcome.id, UNWRITTEN, err).await;
    }
    written
}

async fn write_end(app: &App, ask: &Ask, outcome: &Outcome) -> ApiResult<Validation> {
    let mut tx = app.db.write().await?;
    let saved = match &ask.of {
        Some(version) => cloud_credentials::find(&mut tx, &version.credential_id)
            .await?
            .filter(|it| it.updated_at == version.updated_at)
            .map(|it| (it, version.is_owner)),
        None => None,
    };
    outcome.end(&mut tx, saved.as_ref().map(|(it, _)| it.id.as_str())).await?;
    if let Some((credential, is_owner)) = &saved {
        sync::record_login(app, &mut tx, &credential.id, outcome.refusal.clone(), outcome.is_usable()).await?;
        // Saved while the cloud was down: the first good report enables.
        if outcome.is_usable() && *is_owner && credential.status == CredentialStatus::Disabled {
            enable(app, &mut tx, credential, &outcome.id).await?;
        }
    }
    let row = validations::get(&mut tx, &outcome.id).await?;
    let report = view(&mut tx, &row).await?;
    tx.commit().await?;
    if let Some((credential, _)) = saved.filter(|_| outcome.is_usable()) {
        app.clouds.try_again(&credential.id);
        // What failed a moment ago is no answer any more.
        app.flights.forget(&credential.id);
    }
    app.wake_streams();
    Ok(report)
}

/// By nobody: the audit log names the control plane.
async fn enable(app: &App, tx: &mut Tx, credential: &CloudCredential, validation_id: &str) -> Result<(), DbError> {
    let now = Time::now();
    cloud_credentials::update_status(tx, &credential.id, CredentialStatus::Enabled, now).await?;
    let body = |status: CredentialStatus| json!({ "id": credential.id, "name": credential.name, "status": status.as_str(), "validationId": validation_id });
    let entry = audit::NewEntry {
        account_id: credential.account_id.unwrap_or_default(),
        at: now,
        actor_kind: "system".to_owned(),
        actor_id: String::new(),
        actor_name: "control plane".to_owned(),
        remote_addr: String::new(),
        action: "cloud-credentials.enable".to_owned(),
        object_type: "cloud-credentials".to_owned(),
        object_id: credential.id.clone(),
        object_name: credential.name.clone(),
        before: Some(body(credential.status)),
        after: Some(body(CredentialStatus::Enabled)),
        request_id: String::new(),
        environment_id: None,
    };
    audit::record(tx, &app.audit_key, &entry).await?;
    let event = events::NewEvent {
        account_id: credential.account_id,
        environment_id: None,
        credential_id: Some(credential.id.clone()),
        topic: "cloud-credentials".to_owned(),
        object_id: credential.id.clone(),
        kind: "enable".to_owned(),
        body: body(CredentialStatus::Enabled),
        at: now,
    };
    events::insert(tx, &event).await?;
    Ok(())
}

/// A run as the API shows it, with the differences from the run before.
pub async fn view(tx: &mut Tx, validation: &validations::Validation) -> Result<Validation, DbError> {
    let checks = checks(tx, &validation.id).await?;
    let changes = match before(tx, validation).await? {
        Some(before) => Some(changes(&self::checks(tx, &before.id).await?, &checks)),
        None => None,
    };
    Ok(Validation {
        id: validation.id.clone(),
        status: api_status(validation.status),
        cloud_credentials_id: validation.credential_id.clone(),
        started_at: validation.started_at.0,
        ended_at: validation.ended_at.map(|it| it.0),
        checks,
        changes,
    })
}

pub fn api_status(status: validations::ValidationStatus) -> ValidationStatus {
    match status {
        validations::ValidationStatus::Running => ValidationStatus::Running,
        validations::ValidationStatus::Passed => ValidationStatus::Passed,
        validations::ValidationStatus::Warning => ValidationStatus::Warning,
        validations::ValidationStatus::Failed => ValidationStatus::Failed,
    }
}

/// The run before this one of the same credential.
async fn before(tx: &mut Tx, validation: &validations::Validation) -> Result<Option<validations::Validation>, DbError> {
    let Some(credential_id) = &validation.credential_id else { return Ok(None) };
    let all = validations::list_of_credential(tx, credential_id).await?;
    Ok(all.into_iter().filter(|it| it.id < validation.id && it.ended_at.is_some()).max_by(|a, b| a.id.cmp(&b.id)))
}

async fn checks(tx: &mut Tx, validation_id: &str) -> Result<Vec<Check>, DbError> {
    let rows = validations::checks(tx, validation_id, 0).await?;
    Ok(rows.into_iter().filter_map(|it| serde_json::from_value(it.body.0).ok()).collect())
}

fn changes(before: &[Check], after: &[Check]) -> Vec<CheckChange> {
    let find = |checks: &[Check], of: &Check| {
        checks.iter().find(|it| it.id == of.id && it.target == of.target).map(|it| it.status)
    };
    let change = |check: &Check, before, after| CheckChange {
        id: check.id.clone(),
        target: check.target.clone(),
        before,
        after,
    };
    let now = after.iter().map(|it| change(it, find(before, it), Some(it.status)));
    let gone = before.iter().filter(|it| find(after, it).is_none()).map(|it| change(it, Some(it.status), None));
    now.chain(gone).filter(|it| it.before != it.after).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_limited_for_each_account_and_for_all() {
        let runs = Runs::default();
        let mut permits: Vec<_> = (0..8).map(|_| runs.enter(Some(1)).unwrap()).collect();
        assert!(runs.enter(Some(1)).err().unwrap().message().contains("8 validations of this account"));
        permits.extend((100..124).map(|id| runs.enter(Some(id)).unwrap()));
        assert!(runs.enter(Some(3)).err().unwrap().message().starts_with("32 validations run"));
        permits.remove(0);
        assert!(runs.enter(Some(3)).is_ok());
        permits.clear();
        assert!(runs.by_account.lock().unwrap().is_empty());
    }
}
