//! Changes of a cloud that are nobody's wish to be kept, but done once ([0028](../../../docs/decisions/0028-done-once.md)).

use cloud::CloudError;
use serde_json::{Value, json};
use tracing::error;

use super::{
    caller::{Caller, Change},
    error::{ApiError, ApiResult},
};
use crate::app::App;

/// What is asked of a cloud, as the audit log has it.
pub(super) struct Asked {
    pub noun: &'static str,
    pub verb: &'static str,
    /// The verb of the row that follows when it failed.
    pub failed: &'static str,
    pub id: String,
    pub about: Value,
}

/// Has a cloud do something now. That it was asked for is in the audit log before the cloud is asked, and that it failed
/// after, also when the one who asked has hung up.
pub(super) async fn carry_out<T: Send + 'static>(
    app: &App,
    caller: &Caller,
    asked: Asked,
    call: impl Future<Output = Result<T, CloudError>> + Send + 'static,
) -> ApiResult<T> {
    record(app, caller, &asked, asked.verb, asked.about.clone()).await?;
    let (task_app, task_caller) = (app.clone(), caller.clone());
    let task = app.tasks.spawn(async move {
        let outcome = call.await;
        if let Err(err) = &outcome {
            let why = json!({ "error": err.to_string() });
            if let Err(unwritten) = record(&task_app, &task_caller, &asked, asked.failed, why).await {
                error!(object = asked.id, "{} is not in the audit log: {}", asked.failed, unwritten.message());
            }
        }
        outcome
    });
    Ok(task.await.map_err(ApiError::internal)??)
}

async fn record(app: &App, caller: &Caller, asked: &Asked, verb: &'static str, about: Value) -> ApiResult<()> {
    let mut tx = app.db.write().await?;
    caller.record(&mut tx, app, Change::new(asked.noun, verb, &asked.id, &asked.id).after(&about)).await?;
    tx.commit().await?;
    app.wake_streams();
    Ok(())
}
