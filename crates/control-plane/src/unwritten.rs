//! Ends of runs that the database does not take, because it is full or away. A run without its end would look as if it
//! went on.

use std::time::Duration;

use store::DbError;
use tokio::time::sleep;
use tracing::{info, warn};

use crate::app::App;

const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// More are not waited for. What runs at once is limited too, so there are so many only where ends alone are refused.
const MOST: i64 = 1000;

/// Writes the end of a run: now, or where the database does not take it, in the background until it does. What is left
/// when this control plane stops is ended by the next look of any other (`presence.rs`). `write` may be called many
/// times and commits by itself.
pub async fn end<F, W>(app: &App, what: &'static str, id: &str, write: F)
where
    F: Fn(App) -> W + Send + Sync + 'static,
    W: Future<Output = Result<(), DbError>> + Send,
{
    let Err(err) = write(app.clone()).await else { return app.wake_streams() };
    let may_wait = is_temporary(&err) && app.metrics.unwritten_ends.get() < MOST;
    warn!(run.id = id, will_try_again = may_wait, "cannot write the end of a {what}: {:#}", anyhow::Error::from(err));
    if !may_wait {
        return;
    }
    app.metrics.unwritten_ends.inc();
    let (app, id) = (app.clone(), id.to_owned());
    app.clone().tasks.spawn(async move {
        let mut wait = FIRST_WAIT;
        loop {
            tokio::select! {
                () = sleep(wait) => {}
                () = app.stopping.cancelled() => break,
            }
            match write(app.clone()).await {
                Ok(()) => {
                    info!(run.id = id, "wrote the end of a {what} that had waited for the database");
                    app.wake_streams();
                    break;
                }
                Err(err) if is_temporary(&err) => wait = LONGEST_WAIT.min(2 * wait),
                Err(err) => {
                    warn!(run.id = id, "cannot write the end of a {what}: {:#}", anyhow::Error::from(err));
                    break;
                }
            }
        }
        app.metrics.unwritten_ends.dec();
    });
}

fn is_temporary(err: &DbError) -> bool {
    matches!(err, DbError::Full(_) | DbError::Busy(_) | DbError::Unreachable(_))
}
