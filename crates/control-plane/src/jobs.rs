//! Periodic work. A lease keeps several control planes on one database from doing it twice.

mod prune;
mod read_clouds;
mod revalidate;

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use store::Time;
use tracing::warn;
use uuid::Uuid;

use crate::app::App;

/// How often each job looks whether there is something to do.
const LOOK_EVERY: Duration = Duration::from_secs(15);

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
    spawn(app, "prune", Duration::from_secs(3600), prune::run);
}

fn spawn<F>(app: &App, name: &'static str, period: Duration, job: fn(App) -> F)
where
    F: Future<Output = anyhow::Result<()>> + Send + 'static,
{
    let app = app.clone();
    let holder = Uuid::new_v4().to_string();
    app.clone().tasks.spawn(async move {
        loop {
            tokio::select! {
                () = tokio::time::sleep(period) => {}
                () = app.stopping.cancelled() => return,
            }
            let worked = async {
                if take(&app, name, &holder, period).await? {
                    job(app.clone()).await?;
                }
                anyhow::Ok(())
            };
            tokio::select! {
                result = worked => {
                    app.job_failures.note(name, &result);
                    if let Err(err) = result {
                        warn!(job = name, "job {name} failed: {err:#}");
                    }
                }
                () = app.stopping.cancelled() => return,
            }
        }
    });
}

/// Held a little longer than a period, so that the same control plane goes on.
async fn take(app: &App, name: &str, holder: &str, period: Duration) -> anyhow::Result<bool> {
    let mut tx = app.db.write().await?;
    let taken = store::leases::try_take(&mut tx, name, holder, Time::now(), period * 4).await?;
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
