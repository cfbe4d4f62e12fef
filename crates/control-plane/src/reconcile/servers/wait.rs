//! Waits for the port that a farm role names, before a server is said to run, and for the turn of a launch.

use std::{net::SocketAddr, time::Duration};

use api_types::{farm_roles::FarmRole as Config, servers::Waiting};
use cloud::{Platform, address};
use store::{Json, farm_roles, servers::ServerStatus as S};

use super::{LATER, LONG, Look, SOON, failure};
use crate::dial::{Dialled, dial};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

impl Look<'_> {
    /// The status of a server that is seen to be on: not `running` before its port takes a connection. What it waits for is
    /// in `seen.waiting` then, and nothing is otherwise. Who ran already is not asked again, whatever becomes of the port.
    pub(super) async fn wait_for_port(&mut self, status: S) -> anyhow::Result<S> {
        let before = self.seen.waiting.take();
        let waits_as = match (self.seen.status, status) {
            // Nothing new is known: it is operated on, say, or one reading does not find it.
            (_, S::Initializing) => {
                self.seen.waiting = before;
                return Ok(status);
            }
            (S::PendingLaunch | S::Pending | S::Initializing, S::Running) => S::Initializing,
            (S::Resuming, S::Running) => S::Resuming,
            _ => return Ok(status),
        };
        let farm_role = farm_roles::find(&mut self.app.db.read().await?, self.server.farm_role_id).await?;
        let config = farm_role.and_then(|it| serde_json::from_value::<Config>(it.config.0).ok());
        let Some(port) = config.and_then(|it| it.wait_for_port) else { return Ok(S::Running) };
        let Err((what, last_error)) = self.try_port(port).await? else { return Ok(S::Running) };
        let before = before.and_then(|it| serde_json::from_value::<Waiting>(it.0).ok());
        let since = before.map_or(self.now.0, |it| it.since);
        let until = (store::Time(since) + self.app.config().port_limit).0;
        let waiting = Waiting { what, since, until: Some(until), last_error };
        self.seen.waiting = Some(Json(serde_json::to_value(waiting)?));
        Ok(waits_as)
    }

    /// What does not answer, and how.
    async fn try_port(&self, port: u16) -> anyhow::Result<Result<(), (String, String)>> {
        let config = self.app.config();
        let policy = config.policy(self.server.platform.parse::<Platform>()?.driver());
        let (addresses, private) = (&self.seen.addresses.0, &config.private_networks);
        let Some(ip) = address::connection_address(policy, addresses, private) else {
            return Ok(Err((format!("port {port}"), address::why_none(policy, addresses, private))));
        };
        let at = SocketAddr::new(ip, port);
        let last_error = match dial(&self.app.exit, at, CONNECT_TIMEOUT).await {
            Ok(Dialled::Connected) => return Ok(Ok(())),
            Ok(Dialled::Refused) => "it refuses the connection: nothing listens there".to_owned(),
            Ok(Dialled::Unreachable(err)) => format!("it cannot be reached: {err}"),
            Ok(Dialled::Silent) => format!("it did not answer within {} s", CONNECT_TIMEOUT.as_secs()),
            Err(refusal) => format!("it is not connected to: {refusal}"),
        };
        Ok(Err((at.to_string(), last_error)))
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
        self.seen.n_tries = 0;
        match waiting.filter(|it| it.until.is_some_and(|until| until <= self.now.0)) {
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
                self.write(if is_new { SOON } else { LATER }).await
            }
        }
    }
}
