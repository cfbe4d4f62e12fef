//! Numbers for Prometheus. A scrape reads our own database and never a cloud.

use std::{sync::atomic::AtomicU64, time::Duration};

use api_types::validations::ValidationStatus;
use cloud::watch::Sighting;
use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::Registry,
};
use store::{Select, Time};

use crate::{
    app::App,
    http::error::{ApiError, ApiResult},
    live::Doing,
    sync,
};

#[derive(Debug, Clone, Default)]
pub struct Metrics {
    requests: Family<StatusLabel, Counter>,
    validations: Family<OutcomeLabel, Counter>,
    syncs: Family<OutcomeLabel, Counter>,
    sync_seconds: Counter<f64, AtomicU64>,
    passwords: Counter,
    /// Ends of runs that the database did not take yet.
    pub unwritten_ends: Gauge,
    sightings: Family<KindLabel, Counter>,
    /// At servers, in their clouds.
    pub reconciler_looks: Counter,
    /// Looks that are under way here.
    pub reconciler_working: Gauge,
    /// Tries.
    pub launches_held_back: Counter,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct StatusLabel {
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OutcomeLabel {
    outcome: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct KindLabel {
    kind: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct StateLabel {
    state: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CredentialLabel {
    credential: String,
}

impl Metrics {
    pub fn count_request(&self, status: u16) {
        self.requests.get_or_create(&StatusLabel { status }).inc();
    }

    pub fn count_password(&self) {
        self.passwords.inc();
    }

    pub fn count_validation(&self, status: ValidationStatus) {
        let outcome = format!("{status:?}").to_lowercase();
        self.validations.get_or_create(&OutcomeLabel { outcome }).inc();
    }

    pub fn count_sighting(&self, sighting: &Sighting) {
        let kind = match sighting {
            Sighting::Whole(_) => "whole",
            Sighting::Changed(_) => "changed",
            Sighting::Alive => "alive",
        };
        self.sightings.get_or_create(&KindLabel { kind }).inc();
    }

    pub fn count_sync(&self, is_good: bool, elapsed: Duration) {
        let outcome = if is_good { "succeeded" } else { "failed" }.to_owned();
        self.syncs.get_or_create(&OutcomeLabel { outcome }).inc();
        self.sync_seconds.inc_by(elapsed.as_secs_f64());
    }
}

/// OpenMetrics text. One series a credential, none a machine.
pub async fn scrape(app: &App) -> ApiResult<String> {
    let mut registry = Registry::with_prefix("stackyard");
    let metrics = app.metrics.clone();
    registry.register("http_requests", "Answers by status", metrics.requests);
    registry.register("validations", "Finished validations", metrics.validations);
    registry.register("syncs", "Finished synchronisations", metrics.syncs);
    registry.register("sync_seconds", "Time spent in synchronisations", metrics.sync_seconds);
    registry.register("passwords_verified", "Passwords that were verified, right or wrong", metrics.passwords);
    let help = "Ends of validations and synchronisations that wait for the database";
    registry.register("unwritten_ends", help, metrics.unwritten_ends);
    registry.register("watch_sightings", "What watches of clouds told, by kind", metrics.sightings);
    let watchers = Family::<StateLabel, Gauge>::default();
    for doing in Doing::ALL {
        let count = i64::try_from(app.watchers.count(doing)).unwrap_or(i64::MAX);
        watchers.get_or_create(&StateLabel { state: doing.as_str() }).set(count);
    }
    registry.register("watchers", "Watches of cloud locations by what they are at", watchers);
    registry.register("reconciler_looks", "Looks at servers and assets in their clouds", metrics.reconciler_looks);
    registry.register("reconciler_working", "Servers and assets that are being looked at", metrics.reconciler_working);
    let help = "Launches that were not sent yet, since their cloud takes no more at once";
    registry.register("launches_held_back", help, metrics.launches_held_back);
    let waiting = Gauge::<i64>::default();
    waiting.set(i64::try_from(app.exit.n_waiting()).unwrap_or(i64::MAX));
    registry.register("cloud_calls_waiting", "Requests that wait for a place among those of their account", waiting);
    let (n_calls, n_bytes) = app.exit.traffic();
    let calls = Counter::<u64>::default();
    calls.inc_by(n_calls);
    registry.register("cloud_calls", "Requests sent to clouds", calls);
    let bytes = Counter::<u64>::default();
    bytes.inc_by(n_bytes);
    registry.register("cloud_bytes", "Bytes received from clouds", bytes);
    let ages = Family::<CredentialLabel, Gauge>::default();
    let mut tx = app.db.read().await?;
    let due = Gauge::<i64>::default();
    let n_servers = store::servers::count_due(&mut tx, Time::now()).await?;
    due.set(n_servers + store::assets::count_due(&mut tx, Time::now()).await?);
    registry.register("reconciler_due", "Servers and assets that wait to be looked at, whoever looks", due);
    let states = store::sync_state::list_all(&mut tx).await?;
    for credential in store::cloud_credentials::list_all(&mut tx, Select::new()).await?.rows {
        let Some((seen, _)) = sync::ages(&states, &credential.id) else { continue };
        let age_s = Time::now().0.as_second() - seen.0.as_second();
        ages.get_or_create(&CredentialLabel { credential: credential.id }).set(age_s);
    }
    registry.register("sync_age_seconds", "Age of what is known through a credential", ages);
    let info = Family::<Vec<(String, String)>, Gauge>::default();
    info.get_or_create(&vec![("version".to_owned(), env!("CARGO_PKG_VERSION").to_owned())]).set(1);
    registry.register("build_info", "The version of this program", info);
    let mut text = String::new();
    encode(&mut text, &registry).map_err(ApiError::internal)?;
    Ok(text)
}
