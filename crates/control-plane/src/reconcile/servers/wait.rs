//! Waits for what a farm role asks of a server that is on before it is said to run, and for the turn of a launch.

use std::{net::SocketAddr, time::Duration};

use api_types::{farm_roles::FarmRole as Config, servers::Waiting};
use cloud::{
    Cloud, LocationId, Platform, address,
    server::{Customization, Placement},
};
use store::{Json, farm_roles, servers::ServerStatus as S};

use super::{LATER, LONG, Look, SOON, Stopped, failure, ours};
use crate::dial::{Dialled, dial};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// What is waited for, as [`Waiting`] says it.
const CUSTOMIZATION: &str = "the customization of its guest";

struct Hold {
    what: String,
    last_error: String,
    /// After which it is a failure.
    limit: Duration,
}

impl Look<'_> {
    /// The status of a server that is seen to be on: not `running` before its guest is customized, where that was ordered,
    /// and its port takes a connection. What it waits for is in `seen.waiting` then, and nothing is otherwise. Who ran
    /// already is not asked again, whatever becomes of it.
    pub(super) async fn wait_for_guest(&mut self, cloud: &dyn Cloud, status: S) -> Result<S, Stopped> {
        let waits_as = match (self.seen.status, status) {
            // Nothing new is known: it is operated on, say, or one reading does not find it.
            (_, S::Initializing) => return Ok(status),
            (S::PendingLaunch | S::Pending | S::Initializing, S::Running) => S::Initializing,
            (S::Resuming, S::Running) => S::Resuming,
            _ => {
                self.seen.waiting = None;
                return Ok(status);
            }
        };
        let mut tx = self.app.db.read().await.map_err(ours)?;
        let farm_role = farm_roles::find(&mut tx, self.server.farm_role_id).await.map_err(ours)?;
        drop(tx);
        // Nothing is waited for on behalf of a farm role that is gone.
        let config = farm_role.and_then(|it| serde_json::from_value::<Config>(it.config.0).ok()).unwrap_or_default();
        let before = self.seen.waiting.clone().and_then(|it| serde_json::from_value::<Waiting>(it.0).ok());
        let before = before.filter(|it| it.until.is_some());
        let is_for_port = |it: &Waiting| it.what != CUSTOMIZATION;
        // Of what it waits for, the port comes last.
        let is_customized = waits_as == S::Resuming || before.as_ref().is_some_and(is_for_port);
        let mut hold = None;
        if !is_customized {
            hold = self.customization(cloud, &config).await?;
        }
        if let (None, Some(port)) = (&hold, config.wait_for_port) {
            hold = self.try_port(port).await?.err();
        }
        // Not before: a cloud that does not answer now is waited for since the same time.
        self.seen.waiting = None;
        let Some(Hold { what, last_error, limit }) = hold else { return Ok(S::Running) };
        let before = before.filter(|it| is_for_port(it) == (what != CUSTOMIZATION));
        let since = before.map_or(self.now.0, |it| it.since);
        let until = (store::Time(since) + limit).0;
        let waiting = Waiting { what, since, until: Some(until), last_error };
        self.seen.waiting = Some(Json(serde_json::to_value(waiting).map_err(anyhow::Error::from)?));
        Ok(waits_as)
    }

    /// Not of a farm role that has no specification any more: who takes its servers as they are removes it.
    async fn customization(&mut self, cloud: &dyn Cloud, config: &Config) -> Result<Option<Hold>, Stopped> {
        let is_wanted = config.cloud_features.as_ref().is_some_and(|it| it.customization_spec.is_some());
        let placement = self.seen.spec.as_ref().map(|it| &it.0.placement);
        let was_ordered = matches!(placement, Some(Placement::Vsphere { customization_spec: Some(_), .. }));
        let (true, Some(id)) = (is_wanted && was_ordered, &self.seen.cloud_id) else { return Ok(None) };
        let location = LocationId(self.server.location_id.clone());
        let (last_error, limit) = match cloud.customization(&location, id).await? {
            Customization::UnderWay(text) => (text, self.app.config().customization_limit),
            Customization::Failed(text) => (text, Duration::ZERO),
            Customization::Done(evidence) => {
                self.log("CustomizationComplete", "the guest is customized".to_owned(), evidence);
                return Ok(None);
            }
        };
        Ok(Some(Hold { what: CUSTOMIZATION.to_owned(), last_error, limit }))
    }

    /// What does not answer, and how.
    async fn try_port(&self, port: u16) -> anyhow::Result<Result<(), Hold>> {
        let config = self.app.config();
        let limit = config.port_limit;
        let policy = config.policy(self.server.platform.parse::<Platform>()?.driver());
        let (addresses, private) = (&self.seen.addresses.0, &config.private_networks);
        let Some(ip) = address::connection_address(policy, addresses, private) else {
            let last_error = address::why_none(policy, addresses, private);
            return Ok(Err(Hold { what: format!("port {port}"), last_error, limit }));
        };
        let at = SocketAddr::new(ip, port);
        let last_error = match dial(&self.app.exit, at, CONNECT_TIMEOUT).await {
            Ok(Dialled::Connected) => return Ok(Ok(())),
            Ok(Dialled::Refused) => "it refuses the connection: nothing listens there".to_owned(),
            Ok(Dialled::Unreachable(err)) => format!("it cannot be reached: {err}"),
            Ok(Dialled::Silent) => format!("it did not answer within {} s", CONNECT_TIMEOUT.as_secs()),
            Err(refusal) => format!("it is not connected to: {refusal}"),
        };
        Ok(Err(Hold { what: at.to_string(), last_error, limit }))
    }

    /// Its cloud is at work for others of us; nothing was sent. No limit: what it waits for has one.
    pub(super) async fn wait_its_turn(&mut self, why: String) -> anyhow::Result<Duration> {
        self.app.metrics.launches_held_back.inc();
        let before = self.server.seen.waiting.as_ref();
        let before = before.and_then(|it| serde_json::from_value::<Waiting>(it.0.clone()).ok());
        let since = before.map_or(self.now.0, |it| it.since);
        let waiting = Waiting { what: "its turn".to_owned(), since, until: None, last_error: why };
        self.seen.waiting = Some(Json(serde_json::to_value(waiting)?));
        (self.seen.failure, self.seen.n_tries) = (None, 0);
        let is_new = store::Time(since) + LONG > self.now;
        self.write(if is_new { 2 * SOON } else { LATER }).await
    }

    /// Nothing else is to be done about it. After the limit that is a failure, and it is tried less often.
    pub(super) async fn wait(&mut self) -> anyhow::Result<Duration> {
        let waiting =
            self.seen.waiting.as_ref().map(|it| serde_json::from_value::<Waiting>(it.0.clone())).transpose()?;
        let is_customizing = waiting.as_ref().is_some_and(|it| it.what == CUSTOMIZATION);
        self.seen.n_tries = 0;
        match waiting.filter(|it| it.until.is_some_and(|until| until <= self.now.0)) {
            Some(Waiting { last_error, .. }) if is_customizing => {
                self.fail(failure::not_customized(last_error, LONG));
                self.write(LONG).await
            }
            Some(Waiting { what, last_error, .. }) => {
                let next = "start the service in the machine and let the control plane reach it through security groups, \
                            firewalls and routes (probe its machine to see how far a connection comes), or change waitForPort \
                            of the farm role";
                self.fail(failure::unreachable(&what, last_error, next, LONG));
                self.write(LONG).await
            }
            None => {
                self.seen.failure = None;
                let is_new = self.seen.status_since + LONG > self.now;
                // A customization takes minutes, and whoever watches the location is told of the guest's addresses.
                let (soon, later) = if is_customizing { (LATER, 3 * LATER) } else { (SOON, LATER) };
                self.write(if is_new { soon } else { later }).await
            }
        }
    }
}
