//! Periodic work. A lease keeps several control planes on one database from doing it twice.

mod prune;
mod read_clouds;
mod revalidate;

use std::{
    collections::BTreeMap,
    pin::pin,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use store::Time;
use tokio::time::sleep;
use tracing::warn;
use uuid::Uuid;

use crate::app::App;

/// How often each job looks whether there is something to do.
const LOOK_EVERY: Duration = Duration::from_secs(15);
const PRUNE_EVERY: Duration = Duration::from_secs(3600);
/// A lease ends by itself when its control plane is killed.
const LEASE: Duration = Duration::from_secs(60);
const RENEW_EVERY: Duration = Duration::from_secs(15);

/// The jobs whose last run failed, with the reason.
#[derive(Debug, Default)]
pub struct Failures(Mutex<BTreeMap<&'static str, String>>);

impl Failures {
    fn note(&self, job: &'static str, result: &anyhow::Result<()>) {
        let mut failures = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match result {
            Ok(()) => failures.remove(job),
            Err(err) => failures.insert(job, format!("{err:#}")),
        };
    }

    pub fn list(&self) -> Vec<String> {
        let failures = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        failures.iter().map(|(job, reason)| format!("{job}: {reason}")).collect()
    }
}

/// Starts all jobs; they end when the server stops.
pub fn start(app: &App) {
    spawn(app, "read-clouds", LOOK_EVERY, read_clouds::run);
    spawn(app, "revalidate", LOOK_EVERY, revalidate::run);
    spawn(app, "prune", PRUNE_EVERY, prune::run);
    let app = app.clone();
    app.clone().tasks.spawn(async move {
        if let Err(err) = prune::log_heads(&app).await {
            warn!("cannot log the heads of the audit chains: {err:#}");
        }
    });
}

/// A job that has begun is not dropped when the server stops: it looks, starts what is due, and ends.
fn spawn<F>(app: &App, name: &'static str, period: Duration, job: fn(App) -> F)
where
    F: Future<Output = anyhow::Result<()>> + Send + 'static,
{
    let app = app.clone();
    let holder = Uuid::new_v4().to_string();
    app.clone().tasks.spawn(async move {
        loop {
            tokio::select! {
                () = sleep(period) => {}
                () = app.stopping.cancelled() => return,
            }
            let result = alone(&app, name, &holder, job).await;
            app.job_failures.note(name, &result);
            if let Err(err) = result {
                warn!(job = name, "job {name} failed: {err:#}");
            }
        }
    });
}

/// Runs a job while no other control plane does, however long it takes.
async fn alone<F>(app: &App, name: &str, holder: &str, job: fn(App) -> F) -> anyhow::Result<()>
where
    F: Future<Output = anyhow::Result<()>> + Send + 'static,
{
    if !take(app, name, holder).await? {
        return Ok(());
    }
    let mut work = pin!(job(app.clone()));
    let worked = loop {
        tokio::select! {
            worked = &mut work => break worked,
            () = sleep(RENEW_EVERY) => {}
        }
        if let Err(err) = take(app, name, holder).await {
            warn!(job = name, "cannot keep the lease of job {name}: {err:#}");
        }
    };
    let mut tx = app.db.write().await?;
    store::leases::release(&mut tx, name, holder).await?;
    tx.commit().await?;
    worked
}

async fn take(app: &App, name: &str, holder: &str) -> anyhow::Result<bool> {
    let mut tx = app.db.write().await?;
    let taken = store::leases::try_take(&mut tx, name, holder, Time::now(), LEASE).await?;
    tx.commit().await?;
    Ok(taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_has_failed_until_it_runs_well() {
        let failures = Failures::default();
        failures.note("prune", &Err(anyhow::anyhow!("busy").context("cannot prune")));
        failures.note("revalidate", &Ok(()));
        assert_eq!(failures.list(), ["prune: cannot prune: busy"]);
        failures.note("prune", &Ok(()));
        assert!(failures.list().is_empty());
    }
}
