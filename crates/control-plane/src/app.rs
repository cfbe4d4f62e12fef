use std::{
    ops::Deref,
    sync::{Arc, PoisonError, RwLock},
};

use cloud_http::Exit;
use jiff::Timestamp;
use store::{Db, audit::MacKey};
use tokio::sync::{Semaphore, watch};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use uuid::Uuid;

use crate::{
    clouds::Clouds,
    config::{Config, Loaded},
    http::datastore_files::UPLOADS,
    jobs::Failures,
    live::Watchers,
    metrics::Metrics,
    reconcile::Wake,
    secrets::Secrets,
    sync::{Turns, flights::Flights},
    validation::Runs,
};

/// The shared things of one control plane. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Shared>);

pub struct Shared {
    /// Of this process among the control planes on its database.
    pub id: String,
    pub db: Db,
    pub secrets: Secrets,
    pub audit_key: MacKey,
    pub exit: Arc<Exit>,
    pub clouds: Clouds,
    pub flights: Flights,
    pub turns: Turns,
    pub runs: Runs,
    pub metrics: Metrics,
    pub job_failures: Failures,
    pub started_at: Timestamp,
    /// Background work that is waited for at the end.
    pub tasks: TaskTracker,
    /// Cancelled when the server is told to stop.
    pub stopping: CancellationToken,
    /// Changes whenever an event or a check was written: wakes streams.
    pub written: watch::Sender<u64>,
    /// Places for files on their way to a cloud.
    pub uploads: Arc<Semaphore>,
    /// Wakes the reconciler.
    pub wake: Wake,
    pub watchers: Watchers,
    loaded: RwLock<Arc<Loaded>>,
}

impl Deref for App {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

impl App {
    pub fn new(db: Db, secrets: Secrets, audit_key: MacKey, exit: Arc<Exit>, loaded: Loaded) -> Self {
        App(Arc::new(Shared {
            id: Uuid::new_v4().to_string(),
            db,
            secrets,
            audit_key,
            exit,
            clouds: Clouds::default(),
            flights: Flights::default(),
            turns: Turns::default(),
            runs: Runs::default(),
            metrics: Metrics::default(),
            job_failures: Failures::default(),
            started_at: Timestamp::now(),
            tasks: TaskTracker::new(),
            stopping: CancellationToken::new(),
            written: watch::Sender::new(0),
            uploads: Arc::new(Semaphore::new(UPLOADS)),
            wake: Wake::default(),
            watchers: Watchers::default(),
            loaded: RwLock::new(Arc::new(loaded)),
        }))
    }

    /// The configuration as of now; a reconfigure replaces it as a whole.
    pub fn loaded(&self) -> Arc<Loaded> {
        self.loaded.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn config(&self) -> Config {
        self.loaded().config.clone()
    }

    pub fn replace_config(&self, loaded: Loaded) {
        *self.loaded.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(loaded);
    }

    /// Wakes the streams after a commit.
    pub fn wake_streams(&self) {
        self.written.send_modify(|it| *it = it.wrapping_add(1));
    }
}
