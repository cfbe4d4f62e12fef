//! Machines that were moved to another site of their credential, and kept their identity.

use std::{collections::BTreeMap, time::Duration};

use cloud::{Cloud, LocationId, server::Mark};
use store::servers;
use uuid::Uuid;

use super::{Look, QUICK, Stopped, ours};

impl Look<'_> {
    /// Of one that was there, and is not where it was. From now on it is looked for where it is; `None` when it is nowhere.
    pub(super) async fn follow(&mut self, cloud: &dyn Cloud) -> Result<Option<Duration>, Stopped> {
        if self.seen.cloud_id.is_none() {
            return Ok(None);
        }
        let mark = Mark(self.server.id.parse::<Uuid>().map_err(anyhow::Error::from)?);
        let from = LocationId(self.server.location_id.clone());
        let Some(to) = cloud.find_elsewhere(&from, mark).await? else { return Ok(None) };
        let mut tx = self.app.db.write().await.map_err(ours)?;
        servers::relocate(&mut tx, &self.server.id, &self.app.id, &to.0).await.map_err(ours)?;
        tx.commit().await.map_err(ours)?;
        if let Some(spec) = &mut self.seen.spec {
            spec.0.location = to.clone();
        }
        // Its ids are those of the other vCenter.
        self.seen.cloud_order = None;
        self.seen.odd_since = None;
        let evidence = BTreeMap::from([("from".to_owned(), from.0), ("to".to_owned(), to.0.clone())]);
        self.log("ServerMoved", format!("the machine was moved to {to}, and is looked for there"), evidence);
        self.server.location_id = to.0;
        Ok(Some(self.write(QUICK).await?))
    }
}
