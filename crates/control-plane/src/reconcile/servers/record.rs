//! What a look saw and did, as it is written down: status, addresses, failure, events, all at once.

use std::{collections::BTreeMap, time::Duration};

use api_types::servers::Failure;
use cloud::{CloudError, inventory::PowerState, server::CloudServer};
use serde_json::json;
use store::{
    Json, Time, Tx, event_logs, events, farms, images,
    servers::{self, Server, ServerStatus as S},
};
use tracing::warn;
use uuid::Uuid;

use super::{Look, PAUSED, STEADY};
use crate::{
    http::error::ApiError,
    reconcile::{
        failure,
        farms::{FARM_LAUNCHED, LaunchedBy, settle},
    },
};

impl Look<'_> {
    /// What the machine is now.
    pub(super) fn observe(&mut self, machine: &CloudServer, status: S) {
        self.seen.cloud_id = machine.cloud_id.clone().or(self.seen.cloud_id.take());
        self.seen.cloud_status = Some(machine.status.clone());
        let is_on = machine.power_state == PowerState::On && status != S::Suspended;
        let addresses = if is_on { machine.addresses.clone() } else { Vec::new() };
        if addresses != self.seen.addresses.0 {
            let text =
                |it: &[cloud::address::Address]| it.iter().map(|it| it.ip.to_string()).collect::<Vec<_>>().join(", ");
            if !addresses.is_empty() && !self.seen.addresses.0.is_empty() {
                let message = format!("from {} to {}", text(&self.seen.addresses.0), text(&addresses));
                self.log("IPAddressChanged", message, BTreeMap::new());
            }
            self.seen.addresses = Json(addresses);
        }
    }

    pub(super) fn become_(&mut self, status: S) {
        let before = self.seen.status;
        if before == status {
            return;
        }
        self.seen.status = status;
        self.seen.status_since = self.now;
        self.seen.suspended_at = (status == S::Suspended).then_some(self.now);
        let waits = self.seen.waiting.as_ref().and_then(|it| it.0["for"].as_str()).unwrap_or("what is asked of it");
        let waits = format!("the server is on, and waits for {waits}");
        let (event, message) = match (before, status) {
            (S::Resuming, S::Running) => ("ResumeComplete", "the server runs again"),
            (S::Suspended, S::Running) => ("ResumeComplete", "the server was switched on in its cloud"),
            (_, S::Running) => ("HostUp", "the server runs"),
            (_, S::Initializing) => ("HostInit", waits.as_str()),
            (S::Running, S::Suspended) => ("HostDown", "the server was switched off in its cloud, or by its guest"),
            (_, S::Suspended) => ("HostDown", "the server is suspended"),
            (_, S::PendingSuspend) => ("BeforeHostTerminate", "the server is being suspended"),
            (_, S::PendingTerminate) => ("BeforeHostTerminate", "the server is being terminated"),
            (_, S::Terminated) => ("HostDown", "nothing of the server is in its cloud any more"),
            _ => return,
        };
        let evidence = self.seen.cloud_id.clone().map(|it| ("cloudServerId".to_owned(), it));
        self.log(event, message.to_owned(), evidence.into_iter().collect());
    }

    pub(super) fn log(&mut self, event: &'static str, message: String, evidence: BTreeMap<String, String>) {
        self.log.push((event, message, evidence));
    }

    pub(super) async fn gone(&mut self) -> anyhow::Result<Duration> {
        self.become_(S::Terminated);
        self.seen.terminated_at = Some(self.now);
        self.seen.failure = None;
        self.seen.waiting = None;
        self.seen.addresses = Json(Vec::new());
        self.write(STEADY).await
    }

    /// The cloud may not be asked now.
    pub(super) async fn paused(&mut self, err: &ApiError) -> anyhow::Result<Duration> {
        self.fail(failure::paused(err.message().to_owned()));
        self.write(PAUSED).await
    }

    pub(super) async fn failed(&mut self, err: &CloudError) -> anyhow::Result<Duration> {
        let (failure, after) = failure::of_error(err, self.seen.n_tries);
        self.seen.n_tries += 1;
        self.fail(failure);
        self.write(after).await
    }

    /// `since` is when it was first so.
    pub(super) fn fail(&mut self, mut failure: Failure) {
        let before = self.seen.failure.as_ref().and_then(|it| serde_json::from_value::<Failure>(it.0.clone()).ok());
        match before.filter(|it| it.summary == failure.summary) {
            Some(before) => failure.since = before.since,
            None => {
                let cloud = (!failure.evidence.is_empty()).then(|| ("cloud".to_owned(), failure.evidence.join("; ")));
                self.log("ServerFailed", failure.summary.clone(), cloud.into_iter().collect());
            }
        }
        self.seen.failure = serde_json::to_value(failure).ok().map(Json);
    }

    /// The end of the look: writes what was seen and came to pass, and gives the lease back until `next`. Fails when
    /// another control plane has the server.
    pub(super) async fn write(&mut self, next: Duration) -> anyhow::Result<Duration> {
        self.put(Some(next)).await?;
        Ok(next)
    }

    /// As [`Look::write`], and the look goes on.
    pub(super) async fn note(&mut self) -> anyhow::Result<()> {
        self.put(None).await
    }

    /// There is nothing to write.
    pub(super) async fn release(&self, next: Duration) -> anyhow::Result<Duration> {
        let mut tx = self.app.db.write().await?;
        self.release_in(&mut tx, next).await?;
        tx.commit().await?;
        Ok(next)
    }

    async fn release_in(&self, tx: &mut Tx, next: Duration) -> anyhow::Result<()> {
        let Server { id, generation, look_at, .. } = &self.server;
        Ok(servers::release(tx, id, &self.app.id, *generation, *look_at, Time::now() + next).await?)
    }

    async fn put(&mut self, next: Option<Duration>) -> anyhow::Result<()> {
        let mut tx = self.app.db.write().await?;
        if !servers::record(&mut tx, &self.server.id, &self.app.id, &self.seen).await? {
            anyhow::bail!("another control plane works on it");
        }
        let has_changed = self.server.seen.status != self.seen.status
            || self.server.seen.failure != self.seen.failure
            || self.server.seen.addresses != self.seen.addresses
            || self.server.seen.waiting != self.seen.waiting
            || !self.noted.is_empty()
            || !self.log.is_empty();
        let ended =
            self.server.seen.status != self.seen.status && matches!(self.seen.status, S::Running | S::Terminated);
        if let Some(id) = self.used_image.take() {
            images::record_use(&mut tx, &id, self.now).await?;
        }
        let evidence = self.evidence();
        for (event, message, evidence) in std::mem::take(&mut self.log) {
            self.log_event(&mut tx, event, message, evidence).await?;
        }
        self.write_operations(&mut tx).await?;
        let began = matches!(self.server.seen.status, S::PendingLaunch | S::Pending);
        if began && matches!(self.seen.status, S::Initializing | S::Running) {
            self.ask_at_first_run(&mut tx).await?;
        }
        if ended {
            let farm = farms::get(&mut tx, self.server.farm_id).await?;
            let by = LaunchedBy { id: farm.owner_id, email: &farm.owner_email.clone(), reason: FARM_LAUNCHED };
            // What was seen of this server is true whatever becomes of the farm's others.
            if let Err(err) = settle(&mut tx, &farm, &by).await {
                warn!(farm.id = farm.id, "cannot launch what farm {} lacks: {}", farm.id, err.message());
            }
        }
        if has_changed {
            let status = self.seen.status.as_str();
            let event = events::NewEvent {
                account_id: Some(self.account_id),
                environment_id: Some(self.server.environment_id),
                credential_id: None,
                topic: "servers".to_owned(),
                object_id: self.server.id.clone(),
                kind: status.to_owned(),
                body: json!({ "status": status, "farm": { "id": self.server.farm_id } }),
                at: Time::now(),
            };
            events::insert(&mut tx, &event).await?;
        }
        self.audit_transition(&mut tx, evidence).await?;
        if let Some(next) = next {
            self.release_in(&mut tx, next).await?;
        }
        tx.commit().await?;
        self.server.seen = self.seen.clone();
        if has_changed {
            self.app.wake_streams();
        }
        Ok(())
    }

    async fn log_event(
        &self,
        tx: &mut Tx,
        event: &str,
        message: String,
        evidence: BTreeMap<String, String>,
    ) -> anyhow::Result<()> {
        let entry = event_logs::EventLog {
            id: Uuid::now_v7().to_string(),
            environment_id: self.server.environment_id,
            farm_id: self.server.farm_id,
            farm_role_id: self.server.farm_role_id,
            server_id: self.server.id.clone(),
            event: event.to_owned(),
            message,
            evidence: Json(evidence),
            at: Time::now(),
        };
        Ok(event_logs::insert(tx, &entry).await?)
    }
}
