//! Servers that are lost or broken. Where the operator wants it they are given up, a few at a time: a cloud that tells
//! nonsense must not empty a farm.

use std::{collections::BTreeMap, time::Duration};

use api_types::servers::Failure;
use cloud::{Cloud, CloudError, LocationId, Platform};
use futures_util::TryStreamExt;
use store::{
    DbError, Time, Tx, event_logs,
    servers::{self, Wanted},
};
use tracing::warn;

use super::{LONG, Look, SOON, Stopped, ours};
use crate::{
    config::{OnFailed, OnMissing, PlatformConfig},
    reconcile::{failure, step::ODD_FOR},
};

/// In the event log.
const GIVEN_UP: &str = "ServerGivenUp";
const HOUR: Duration = Duration::from_secs(3600);
const MOST: usize = 5;

impl Look<'_> {
    /// Two readings did not find it.
    pub(super) async fn missing(&mut self, cloud: &dyn Cloud) -> Result<Duration, Stopped> {
        if let Some(next) = self.follow(cloud).await? {
            return Ok(next);
        }
        let location = LocationId(self.server.location_id.clone());
        let id = self.seen.cloud_id.clone();
        let action = self.platform_config().map_or_else(OnMissing::default, |it| it.action_on_missing_server);
        if action == OnMissing::Ignore {
            self.seen.failure = None;
            return Ok(self.write(LONG).await?);
        }
        let name = id.as_deref().unwrap_or("it");
        let failure = failure::missing(format!("two readings of {location} do not show {name}"));
        if action == OnMissing::Flag {
            self.fail(failure);
            return Ok(self.write(LONG).await?);
        }
        if let Some(id) = &id
            && is_listed(cloud, &location, id).await?
        {
            warn!(server.id = self.server.id, "{location} lists {id} and does not find it by its mark");
            return Ok(self.write(ODD_FOR).await?);
        }
        self.give_up(failure).await
    }

    /// Its cloud gave up on it.
    pub(super) async fn broken(&mut self, message: &str) -> Result<Duration, Stopped> {
        let failure = failure::of_machine(message);
        match self.platform_config().map_or_else(OnFailed::default, |it| it.action_on_failed_server) {
            OnFailed::Ignore => self.seen.failure = None,
            OnFailed::Alert => self.fail(failure),
            OnFailed::Terminate => return self.give_up(failure).await,
        }
        Ok(self.write(LONG).await?)
    }

    fn platform_config(&self) -> Option<PlatformConfig> {
        let platform = self.server.platform.parse::<Platform>().ok()?;
        Some(self.app.config().platform(platform.driver()).clone())
    }

    /// What is left of it is removed, and its farm has another one instead.
    async fn give_up(&mut self, failure: Failure) -> Result<Duration, Stopped> {
        let mut tx = self.app.db.write().await.map_err(ours)?;
        let may = may(&mut tx, self.server.farm_id).await.map_err(ours)?;
        let summary = failure.summary.clone();
        self.fail(failure);
        if !may {
            drop(tx);
            return Ok(self.write(LONG).await?);
        }
        let (id, generation) = (&self.server.id, self.server.generation);
        servers::accept(&mut tx, id, &self.app.id, generation, Wanted::Terminated).await.map_err(ours)?;
        tx.commit().await.map_err(ours)?;
        self.log(GIVEN_UP, format!("the server is given up: {summary}"), BTreeMap::new());
        Ok(self.write(SOON).await?)
    }
}

/// Of a farm with so many servers, in an hour: one in ten, but one at least and five at most.
fn limit(n_servers: usize) -> usize {
    (n_servers / 10).clamp(1, MOST)
}

/// Whether one more of this farm may be given up now.
async fn may(tx: &mut Tx, farm_id: i64) -> Result<bool, DbError> {
    let n_servers = servers::live_of_farm(tx, farm_id).await?.len();
    let n_given_up = event_logs::count(tx, farm_id, GIVEN_UP, Time::now().before(HOUR)).await?;
    Ok(usize::try_from(n_given_up).is_ok_and(|it| it < limit(n_servers)))
}

/// Whether a machine is among all that the cloud lists at a location: asked before it is believed to be gone.
async fn is_listed(cloud: &dyn Cloud, location: &LocationId, cloud_id: &str) -> Result<bool, CloudError> {
    let mut pages = cloud.machines(location);
    while let Some(page) = pages.try_next().await? {
        if page.items.iter().any(|it| it.cloud_id == cloud_id) {
            return Ok(true);
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_at_a_time() {
        let limits: Vec<usize> = [1, 9, 10, 29, 50, 1000].into_iter().map(limit).collect();
        assert_eq!(limits, [1, 1, 1, 2, 5, 5]);
    }
}
