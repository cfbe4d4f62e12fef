use std::time::Duration;

use cloud::Use;
use store::{
    Order, Select, Status, Time, Tx,
    cloud_credentials::{CloudCredential, CredentialStatus},
    environment_clouds::LinkStatus,
    syncs::SyncStatus,
};
use tracing::warn;

use crate::{
    app::App,
    sync::{self, Trigger},
};

/// A cloud that suspended links is tried at least this often.
const LONGEST_WAIT: Duration = Duration::from_secs(3600);

/// Starts to read every cloud that an active environment uses and that was not read for `sync_interval`. Nothing waits
/// for it: a slow cloud is nobody else's trouble.
pub async fn run(app: App) -> anyhow::Result<()> {
    let interval = app.config().sync_interval;
    let now = Time::now();
    let mut tx = app.db.read().await?;
    let mut all_due = Vec::new();
    for credential in store::cloud_credentials::list_all(&mut tx, Select::new()).await?.rows {
        if let Some(trigger) = due(&mut tx, &credential, now, interval).await? {
            all_due.push((credential, trigger));
        }
    }
    drop(tx);
    for (credential, trigger) in all_due {
        if let Err(err) = sync::start(&app, &credential, trigger, "control plane".to_owned()).await {
            warn!(credential.id, "cannot read cloud credentials {}: {}", credential.id, err.message());
        }
    }
    Ok(())
}

async fn due(
    tx: &mut Tx,
    credential: &CloudCredential,
    now: Time,
    interval: Duration,
) -> anyhow::Result<Option<Trigger>> {
    let is_readable = credential.allowed_uses.iter().any(|it| it == Use::Inventory.as_str());
    if credential.status != CredentialStatus::Enabled || !is_readable {
        return Ok(None);
    }
    if let Some(account_id) = credential.account_id
        && store::accounts::get(tx, account_id).await?.status != Status::Active
    {
        return Ok(None);
    }
    let mut links = store::environment_clouds::list_of_credential(tx, &credential.id).await?;
    links.retain(|it| it.environment_status == Status::Active && it.account_status == Status::Active);
    if links.is_empty() {
        return Ok(None);
    }
    let newest = Select::new().order_by("started_at", Order::Descending).limit(1);
    let last = store::syncs::list(tx, &credential.id, newest).await?.rows.into_iter().next();
    let is_suspended = links.iter().all(|it| it.link.status == LinkStatus::Suspended);
    let since = links.iter().filter_map(|it| it.link.suspended_since).max().filter(|_| is_suspended);
    let trigger = if is_suspended { Trigger::Probe } else { Trigger::Periodic };
    let Some(last) = last.filter(|it| it.status != SyncStatus::Running || !sync::is_over(it, now)) else {
        return Ok(Some(trigger));
    };
    let wait = since.map_or(interval, |since| wait(since, last.started_at, interval));
    Ok((last.started_at <= now.before(wait)).then_some(trigger))
}

/// How long after the last try a cloud that refuses a credential is tried again: each try counts against the account.
/// As long as it had been suspended by then, so each wait is twice the one before.
fn wait(suspended_since: Time, last: Time, interval: Duration) -> Duration {
    let so_far = u64::try_from(last.as_micros() - suspended_since.as_micros()).unwrap_or_default();
    Duration::from_micros(so_far).max(interval).min(LONGEST_WAIT.max(interval))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_wait_is_longer_than_the_one_before() {
        let minutes = |n: u64| Duration::from_secs(60 * n);
        let check = |tried_after, expected| {
            let since = Time::from_micros(1_000_000);
            assert_eq!(wait(since, since + minutes(tried_after), minutes(5)), minutes(expected), "{tried_after}");
        };
        for (tried_after, expected) in [(0, 5), (5, 5), (10, 10), (20, 20), (40, 40), (80, 60), (1000, 60)] {
            check(tried_after, expected);
        }
        let since = Time::from_micros(0);
        assert_eq!(wait(since, since, minutes(600)), minutes(600), "never more often than others");
    }
}
