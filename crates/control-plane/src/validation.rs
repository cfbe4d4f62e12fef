//! Runs of the checks of a credential: rows that grow while they run.

use std::time::Duration;

use api_types::validations::{Check, CheckChange, CheckStatus, Validation, ValidationStatus};
use cloud::check::Reporter;
use serde_json::Value;
use store::{
    DbError, Time, Tx,
    cloud_credentials::{self, CredentialStatus},
    validations,
};
use tokio::{sync::mpsc, time::timeout_at};
use uuid::Uuid;

use crate::{app::App, clouds::Connected, sync};

/// What a driver may take beyond the limit of its checks before it is dropped.
const GRACE: Duration = Duration::from_secs(2);

/// Whose run it is.
#[derive(Debug, Clone)]
pub struct Ask {
    /// `None` while the input is not saved.
    pub credential_id: Option<String>,
    pub account_id: Option<i64>,
    pub requested_by: String,
}

/// The result of a run, not yet written as ended.
#[derive(Debug, Clone)]
pub struct Outcome {
    pub id: String,
    pub status: ValidationStatus,
    pub checks: Vec<Check>,
    /// What the cloud is, when no required check failed.
    pub details: Option<Value>,
}

/// Writes the row of a run that begins; its id is what clients follow.
pub async fn begin(app: &App, ask: &Ask) -> Result<validations::Validation, DbError> {
    let validation = validations::Validation {
        id: Uuid::now_v7().to_string(),
        credential_id: ask.credential_id.clone(),
        account_id: ask.account_id,
        requested_by: ask.requested_by.clone(),
        status: validations::ValidationStatus::Running,
        started_at: Time::now(),
        ended_at: None,
        run_by: Some(app.id.clone()),
    };
    let mut tx = app.db.write().await?;
    validations::insert(&mut tx, &validation).await?;
    tx.commit().await?;
    app.wake_streams();
    Ok(validation)
}

/// Runs all checks and writes each as it ends. The caller writes the end, in the transaction of what follows from it.
pub async fn run(app: &App, validation: &validations::Validation, connected: &Connected) -> Result<Outcome, DbError> {
    let limit = app.config().validation_limit;
    let (sender, mut receiver) = mpsc::unbounded_channel();
    let report = Reporter::new(sender, limit);
    let driver = async {
        if timeout_at(report.deadline() + GRACE, connected.cloud().validate(&report)).await.is_err() {
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
                validations::add_check(&mut tx, &validation.id, &serde_json::to_value(&check).unwrap_or_default())
                    .await?;
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
        _ => connected.describe().await.ok(),
    };
    app.metrics.count_validation(status);
    Ok(Outcome { id: validation.id.clone(), status, checks, details })
}

/// The worst of the required checks, or a warning of any other.
fn status(checks: &[Check]) -> ValidationStatus {
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
        validations::end(tx, &self.id, status, Time::now()).await?;
        if let Some(id) = credential_id {
            validations::update_credential(tx, &self.id, id).await?;
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

    /// True where the cloud says that this identity is not let in, which starts the clock of suspension.
    pub fn is_refused_login(&self) -> bool {
        let login = ["openstack.auth", "vsphere.login"];
        self.checks.iter().any(|it| login.contains(&it.id.as_str()) && it.status == CheckStatus::Failed)
    }
}

/// Writes the end of a run that saves nothing new, and what it says about saved credentials.
pub async fn conclude(app: &App, ask: &Ask, outcome: &Outcome) -> Result<Validation, DbError> {
    let mut tx = app.db.write().await?;
    outcome.end(&mut tx, ask.credential_id.as_deref()).await?;
    if let Some(id) = &ask.credential_id {
        let refused = outcome.is_refused_login().then(|| outcome.sentence());
        sync::record_login(app, &mut tx, id, refused, outcome.is_usable()).await?;
        let credential = cloud_credentials::get(&mut tx, id).await?;
        // Saved while the cloud was down: the first good report enables.
        if outcome.is_usable() && credential.status == CredentialStatus::Disabled {
            cloud_credentials::update_status(&mut tx, id, CredentialStatus::Enabled, Time::now()).await?;
        }
    }
    let row = validations::get(&mut tx, &outcome.id).await?;
    let report = view(&mut tx, &row).await?;
    tx.commit().await?;
    Ok(report)
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
