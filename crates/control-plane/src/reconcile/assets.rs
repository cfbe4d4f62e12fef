//! One look at one volume, network, security group, floating IP or keypair: has the cloud do the next step, and writes down
//! what it saw. Safe at any time, any number of times, and to be cut off anywhere.

use std::time::Duration;

use api_types::servers::Failure;
use cloud::{
    Cloud, CloudError, LocationId,
    asset::{Asset as Description, Making, Part},
    server::{Mark, Removal},
};
use serde_json::json;
use store::{
    Json, Time,
    assets::{self, Asset, AssetStatus as S, AssetWanted, Seen},
    environments, events, secrets, servers,
};
use uuid::Uuid;

use super::{LEASE, failure, keypairs};
use crate::{
    app::App,
    clouds::{Aim, Clouds, Opening},
};

/// While the cloud works on it, at first and after a minute.
const SOON: Duration = Duration::from_secs(1);
const LATER: Duration = Duration::from_secs(5);
const LONG: Duration = Duration::from_secs(60);
/// Of one that is as wanted.
const STEADY: Duration = Duration::from_secs(300);
/// After a call whose answer was lost something may still be made, at most for so long: what waits in a proxy or a queue
/// of the cloud is given up there within a minute.
const STILL_COMING: Duration = Duration::from_secs(120);

/// Returns when to look again.
pub async fn reconcile(app: &App, id: &str) -> anyhow::Result<Duration> {
    let mut tx = app.db.read().await?;
    let Some(asset) = assets::find(&mut tx, id).await? else { return Ok(STEADY) };
    let account_id = environments::get(&mut tx, asset.environment_id).await?.account_id;
    drop(tx);
    if asset.seen.status == S::Deleted {
        return Ok(STEADY);
    }
    let mark = Mark(id.parse::<Uuid>()?);
    let seen = asset.seen.clone();
    Look { app, account_id, now: Time::now(), mark, asset, seen }.run().await
}

struct Look<'a> {
    app: &'a App,
    account_id: i64,
    now: Time,
    mark: Mark,
    asset: Asset,
    /// What will be written.
    seen: Seen,
}

impl Look<'_> {
    async fn run(mut self) -> anyhow::Result<Duration> {
        let was_asked = self.seen.asked_at.is_some() || self.seen.observed_at.is_some();
        if self.asset.wanted == AssetWanted::Absent && !was_asked {
            return self.gone().await;
        }
        let opening = Opening {
            aim: Aim::Provision { environment_id: self.asset.environment_id },
            purpose: "assets",
            requester: "control plane".to_owned(),
            account_id: Some(self.account_id),
        };
        let connected = match Clouds::connect(self.app, &self.asset.credential_id, &opening).await {
            Ok(connected) => connected,
            Err(err) => {
                self.fail(failure::paused(err.message().to_owned()));
                return self.write(LONG).await;
            }
        };
        match self.asset.wanted {
            AssetWanted::Present => self.make(connected.cloud()).await,
            AssetWanted::Absent => self.remove(connected.cloud()).await,
        }
    }

    async fn make(mut self, cloud: &dyn Cloud) -> anyhow::Result<Duration> {
        let location = LocationId(self.asset.location_id.clone());
        let made = self.asset.seen.made().to_vec();
        if let Description::Keypair { public_key: None, .. } = &self.asset.description.0 {
            keypairs::generate(self.app, &mut self.asset).await?;
        }
        self.ask().await?;
        let making = match cloud.make_asset(&location, self.mark, &self.asset.description, &made).await {
            Ok(making) => making,
            Err(err) => return self.failed(cloud, &err).await,
        };
        self.answered();
        let is_missing = matches!(making, Making::Missing(_));
        self.seen.odd_since = is_missing.then(|| self.seen.odd_since.unwrap_or(self.now));
        match making {
            Making::UnderWay(parts) => {
                self.seen.parts = Json(parts);
                self.become_(if self.seen.ready_at.is_none() { S::Creating } else { S::Updating });
                self.did_something();
                let next = self.soon();
                self.write(next).await
            }
            Making::Ready(parts) => {
                self.seen.parts = Json(parts);
                self.seen.ready_at = self.seen.ready_at.or(Some(self.now));
                self.become_(S::Ready);
                self.did_something();
                self.write(STEADY).await
            }
            // One reading proves nothing.
            Making::Missing(_) if self.asset.seen.odd_since.is_none() => self.write(LATER).await,
            Making::Missing(gone) => {
                self.become_(S::Failed);
                self.fail(failure::assets::missing(gone.iter().map(not_found).collect()));
                self.write(STEADY).await
            }
            Making::Failed { message, parts } => {
                self.seen.parts = Json(parts);
                self.become_(S::Failed);
                self.fail(failure::assets::of_failed(&message));
                self.write(LONG).await
            }
        }
    }

    async fn remove(mut self, cloud: &dyn Cloud) -> anyhow::Result<Duration> {
        let location = LocationId(self.asset.location_id.clone());
        self.keep_lease().await?;
        self.become_(S::Deleting);
        let made = self.asset.seen.made();
        match cloud.remove_asset(&location, self.mark, &self.asset.description, made).await {
            Ok(Removal::UnderWay) => {
                self.seen.observed_at = Some(self.now);
                self.did_something();
                let next = self.soon();
                self.write(next).await
            }
            Ok(Removal::Gone) => {
                self.seen.observed_at = Some(self.now);
                match self.seen.asked_at.filter(|it| *it + STILL_COMING > self.now) {
                    Some(_) => self.write(LATER).await,
                    None => self.gone().await,
                }
            }
            Err(err) => self.failed(cloud, &err).await,
        }
    }

    /// Just before a cloud is told to change something. Who was frozen for long may have lost the row meanwhile; and the
    /// row says that something may come of the call, whether we hear of it or not.
    async fn ask(&self) -> anyhow::Result<()> {
        if self.seen.status == S::Ready {
            return self.keep_lease().await;
        }
        let mut tx = self.app.db.write().await?;
        let is_ours = assets::ask(&mut tx, &self.asset.id, &self.app.id, Time::now(), LEASE).await?;
        tx.commit().await?;
        anyhow::ensure!(is_ours, "another control plane works on it");
        Ok(())
    }

    async fn keep_lease(&self) -> anyhow::Result<()> {
        let mut tx = self.app.db.write().await?;
        let is_ours = assets::renew_lease(&mut tx, &self.asset.id, &self.app.id, Time::now(), LEASE).await?;
        tx.commit().await?;
        anyhow::ensure!(is_ours, "another control plane works on it");
        Ok(())
    }

    /// Nothing more comes of the call, but perhaps of an earlier one.
    fn answered(&mut self) {
        self.seen.observed_at = Some(self.now);
        self.seen.asked_at = self.asset.seen.asked_at.filter(|it| *it + STILL_COMING > self.now);
    }

    fn did_something(&mut self) {
        self.seen.failure = None;
        self.seen.n_tries = 0;
    }

    fn soon(&self) -> Duration {
        if self.seen.status_since + LONG > self.now { SOON } else { LATER }
    }

    fn become_(&mut self, status: S) {
        if self.seen.status != status {
            self.seen.status = status;
            self.seen.status_since = self.now;
        }
    }

    async fn failed(mut self, cloud: &dyn Cloud, err: &CloudError) -> anyhow::Result<Duration> {
        let (failure, after) = failure::assets::of_error(err, self.seen.n_tries);
        self.seen.n_tries += 1;
        let is_lost = matches!(err, CloudError::Unreachable { .. } | CloudError::Service { .. });
        let is_making = self.asset.wanted == AssetWanted::Present;
        if is_making && self.seen.status != S::Ready {
            // Something may have come of it: of a call without an answer, or of a step before the one that was refused.
            self.seen.asked_at = Some(Time::now());
            let location = LocationId(self.asset.location_id.clone());
            if !is_lost
                && let Ok(parts) =
                    cloud.find_asset(&location, self.mark, &self.asset.description, self.asset.seen.made()).await
            {
                self.answered();
                if self.seen.ready_at.is_none() {
                    self.seen.parts = Json(parts);
                }
            }
        }
        if is_making && self.seen.status != S::Ready && failure.class == failure::Class::Permanent.as_str() {
            self.become_(S::Failed);
        }
        self.fail(failure);
        self.write(after).await
    }

    async fn gone(mut self) -> anyhow::Result<Duration> {
        self.become_(S::Deleted);
        self.seen.deleted_at = Some(self.now);
        self.seen.parts = Json(Vec::new());
        self.did_something();
        self.write(STEADY).await
    }

    /// `since` is when it was first so.
    fn fail(&mut self, mut failure: Failure) {
        let before = self.seen.failure.as_ref().and_then(|it| serde_json::from_value::<Failure>(it.0.clone()).ok());
        if let Some(before) = before.filter(|it| it.summary == failure.summary) {
            failure.since = before.since;
        }
        self.seen.failure = serde_json::to_value(failure).ok().map(Json);
    }

    /// Everything that was seen, at once. Fails when another control plane has the row.
    async fn write(self, next: Duration) -> anyhow::Result<Duration> {
        let (before, seen) = (&self.asset.seen, &self.seen);
        let mut tx = self.app.db.write().await?;
        if !assets::record(&mut tx, &self.asset.id, &self.app.id, self.asset.generation, seen).await? {
            anyhow::bail!("another control plane works on it");
        }
        let has_changed = before.status != seen.status || before.failure != seen.failure || before.parts != seen.parts;
        if has_changed {
            let status = seen.status.as_str();
            let event = events::NewEvent {
                account_id: Some(self.account_id),
                environment_id: Some(self.asset.environment_id),
                credential_id: None,
                topic: self.asset.description.plural().replace(' ', "-").to_lowercase(),
                object_id: self.asset.id.clone(),
                kind: status.to_owned(),
                body: json!({ "status": status, "name": self.asset.name }),
                at: Time::now(),
            };
            events::insert(&mut tx, &event).await?;
            if let Asset { farm_id: Some(farm_id), credential_id, location_id, .. } = &self.asset {
                servers::look_at_waiting(&mut tx, *farm_id, credential_id, location_id, Time::now()).await?;
            }
        }
        // Who has not kept the private key by now has no server to use it for.
        if seen.status == S::Deleted {
            secrets::delete_all(&mut tx, "assets", &self.asset.id).await?;
        }
        tx.commit().await?;
        if has_changed {
            self.app.wake_streams();
        }
        Ok(next)
    }
}

/// `volume 6f1c…`.
fn not_found(part: &Part) -> String {
    format!("two readings do not show {} {}", part.kind, part.id)
}
