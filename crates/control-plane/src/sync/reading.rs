//! One list of one location, from the cloud into rows.

use std::time::Duration;

use cloud::{CloudError, LocationId, inventory::Hidden};
use futures_util::StreamExt;
use serde_json::json;
use store::{DbError, Select, Time, cloud_credentials::CloudCredential, counters, events, sync_state};
use tokio::time::timeout;

use super::{Kind, describe, of, record_login};
use crate::{
    app::App,
    clouds::{Clouds, Connected, Opening},
    http::error::ApiError,
};

/// A cloud that has not given a list by then is not waited for any longer.
const READING_LIMIT: Duration = Duration::from_secs(10 * 60);
/// No list that is kept is longer: a cloud must not fill the database of everybody.
const MAX_ROWS: i64 = 200_000;

/// Why there is no list.
#[derive(Debug, Clone)]
pub struct Failed {
    pub because: Because,
    /// The whole chain of causes in one line.
    pub text: String,
    pub error: ApiError,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Because {
    /// This cloud has no such things.
    Unsupported,
    /// The cloud, or the credential may not be used.
    Cloud,
    /// Our own database.
    Ours,
}

impl From<ApiError> for Failed {
    fn from(error: ApiError) -> Self {
        Failed { because: Because::Cloud, text: error.message().to_owned(), error }
    }
}

impl From<DbError> for Failed {
    fn from(err: DbError) -> Self {
        Failed { because: Because::Ours, ..Failed::from(ApiError::from(err)) }
    }
}

impl From<CloudError> for Failed {
    fn from(err: CloudError) -> Self {
        let because = if matches!(err, CloudError::Unsupported(_)) { Because::Unsupported } else { Because::Cloud };
        Failed { because, text: describe(&err), error: err.into() }
    }
}

/// Reads one kind of one location from the cloud and writes what changed. Returns the number of changes.
pub async fn read(
    app: &App,
    credential: &CloudCredential,
    location: &LocationId,
    kind: Kind,
    opening: &Opening,
) -> Result<i64, Failed> {
    let connected = Clouds::connect(app, &credential.id, opening).await?;
    let began_at = Time::now();
    let reading = Reading { app, credential, connected: &connected, location, began_at };
    let list = async {
        match kind {
            Kind::InstanceTypes => reading.instance_types().await,
            Kind::Machines => reading.machines().await,
            Kind::Resources(noun) => reading.resources(noun).await,
        }
    };
    let read = timeout(READING_LIMIT, list).await.unwrap_or_else(|_| {
        let message = format!("its list of {} did not end within {} s", kind.as_str(), READING_LIMIT.as_secs());
        Err(CloudError::Service { endpoint: location.0.clone(), message }.into())
    });
    let mut tx = app.db.write().await?;
    let of = of(credential, location, kind);
    let error_before = sync_state::find(&mut tx, of).await?.and_then(|it| it.error);
    match read {
        Ok(Read { n_items, n_changes, hidden }) => {
            sync_state::put_success(&mut tx, of, began_at, "full", n_items, hidden.as_ref()).await?;
            record_login(app, &mut tx, &credential.id, None, true).await?;
            // That a list can be read again is news too.
            if n_changes > 0 || error_before.is_some() {
                events::insert(&mut tx, &inventory_event(credential, location, kind, n_changes)).await?;
            }
            tx.commit().await?;
            app.wake_streams();
            Ok(n_changes)
        }
        Err(failed) if failed.because == Because::Ours => Err(failed),
        Err(failed) => {
            sync_state::put_failure(&mut tx, of, Time::now(), "full", &failed.text).await?;
            if error_before.as_ref() != Some(&failed.text) {
                let event = inventory_event(credential, location, kind, 0);
                events::insert(&mut tx, &events::NewEvent { kind: "failed".to_owned(), ..event }).await?;
            }
            record_login(app, &mut tx, &credential.id, connected.refusal(), false).await?;
            tx.commit().await?;
            app.wake_streams();
            Err(failed)
        }
    }
}

fn inventory_event(
    credential: &CloudCredential,
    location: &LocationId,
    kind: Kind,
    n_changes: i64,
) -> events::NewEvent {
    events::NewEvent {
        account_id: credential.account_id,
        environment_id: None,
        credential_id: Some(credential.id.clone()),
        topic: "inventory".to_owned(),
        object_id: format!("{}/{}", location.0, kind.as_str()),
        kind: "changed".to_owned(),
        body: json!({ "cloudLocation": location.0, "noun": kind.as_str(), "nChanges": n_changes }),
        at: Time::now(),
    }
}

struct Reading<'a> {
    app: &'a App,
    credential: &'a CloudCredential,
    connected: &'a Connected,
    location: &'a LocationId,
    began_at: Time,
}

#[derive(Default)]
struct Read {
    n_items: i64,
    n_changes: i64,
    hidden: Option<Hidden>,
}

impl Reading<'_> {
    async fn instance_types(&self) -> Result<Read, Failed> {
        let types = self.connected.cloud().instance_types(self.location).await?.unwrap_or_default();
        let n_items = count(types.len());
        if n_items > MAX_ROWS {
            return Err(self.too_many());
        }
        let mut tx = self.app.db.write().await?;
        let changed =
            store::instance_types::replace_location(&mut tx, &self.credential.id, &self.location.0, &types).await?;
        tx.commit().await?;
        Ok(Read { n_items, n_changes: i64::from(changed), hidden: None })
    }

    /// One transaction a page: a large cloud neither fills the memory nor keeps other writers waiting.
    async fn machines(&self) -> Result<Read, Failed> {
        let of = store::machines::Of { credential_id: &self.credential.id, location_id: &self.location.0 };
        let (sync_seq, mut sum) = (self.sync_seq().await?, Read::default());
        let mut tx = self.app.db.read().await?;
        let mut n_stored = store::machines::list(&mut tx, of, Select::new().limit(0)).await?.total;
        drop(tx);
        let mut pages = self.connected.cloud().machines(self.location);
        while let Some(page) = pages.next().await {
            let page = page?;
            let mut tx = self.app.db.write().await?;
            let changes = store::machines::apply_page(&mut tx, of, sync_seq, self.began_at, &page.items).await?;
            n_stored += count(changes.added.len());
            sum.add(page.items.len(), changes.n_changes(), page.hidden);
            if sum.is_too_long(n_stored) {
                store::machines::finish(&mut tx, of, sync_seq).await?;
                tx.commit().await?;
                return Err(self.too_many());
            }
            tx.commit().await?;
        }
        let mut tx = self.app.db.write().await?;
        let removed = store::machines::finish(&mut tx, of, sync_seq).await?;
        tx.commit().await?;
        sum.n_changes += count(removed.len());
        Ok(sum)
    }

    async fn resources(&self, noun: cloud::inventory::Noun) -> Result<Read, Failed> {
        let of = store::resources::Of { credential_id: &self.credential.id, location_id: &self.location.0, noun };
        let (sync_seq, mut sum) = (self.sync_seq().await?, Read::default());
        let mut tx = self.app.db.read().await?;
        let mut n_stored = store::resources::list(&mut tx, of, Select::new().limit(0)).await?.total;
        drop(tx);
        let mut pages = self.connected.cloud().list(self.location, noun);
        while let Some(page) = pages.next().await {
            let page = page?;
            let mut tx = self.app.db.write().await?;
            let changes = store::resources::apply_page(&mut tx, of, sync_seq, self.began_at, &page.items).await?;
            n_stored += count(changes.added.len());
            sum.add(page.items.len(), changes.n_changes(), page.hidden);
            if sum.is_too_long(n_stored) {
                store::resources::finish(&mut tx, of, sync_seq).await?;
                tx.commit().await?;
                return Err(self.too_many());
            }
            tx.commit().await?;
        }
        let mut tx = self.app.db.write().await?;
        let removed = store::resources::finish(&mut tx, of, sync_seq).await?;
        tx.commit().await?;
        sum.n_changes += count(removed.len());
        Ok(sum)
    }

    fn too_many(&self) -> Failed {
        let message = format!("its list is longer than the {MAX_ROWS} that are kept of one list");
        CloudError::Service { endpoint: self.location.0.clone(), message }.into()
    }

    async fn sync_seq(&self) -> Result<i64, DbError> {
        let mut tx = self.app.db.write().await?;
        let seq = counters::next(&mut tx, "reads").await?;
        tx.commit().await?;
        Ok(seq)
    }
}

impl Read {
    fn add(&mut self, n_items: usize, n_changes: usize, hidden: Option<Hidden>) {
        self.n_items += count(n_items);
        self.n_changes += count(n_changes);
        self.hidden = hidden.or(self.hidden.take());
    }

    /// `n_stored` counts what earlier reads left behind too. It is twice the limit when everything is another thing
    /// than before, and more only where reads that fail half-way bring new things each time.
    fn is_too_long(&self, n_stored: i64) -> bool {
        self.n_items > MAX_ROWS || n_stored > 2 * MAX_ROWS
    }
}

fn count(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_has_an_end() {
        let check = |n_items, n_stored, expected| {
            let read = Read { n_items, ..Read::default() };
            assert_eq!(read.is_too_long(n_stored), expected, "{n_items} {n_stored}");
        };
        check(MAX_ROWS, MAX_ROWS, false);
        check(MAX_ROWS + 1, MAX_ROWS + 1, true);
        check(MAX_ROWS, 2 * MAX_ROWS, false);
        check(1, 2 * MAX_ROWS + 1, true);
    }
}
