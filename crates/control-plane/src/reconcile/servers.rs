//! One look at one server: asks its cloud, decides, acts, and writes down what it saw. Safe at any time, any number of
//! times, and to be cut off anywhere.

mod follow;
mod give_up;
mod operate;
mod record;
mod transition;
mod wait;

use std::{collections::BTreeMap, time::Duration};

use cloud::{
    Cloud, CloudError, LocationId,
    server::{CloudServer, Mark, Order, Placement, PowerChange, Removal, ServerSpec},
};
use store::{
    Json, Time, environments,
    server_operations::{self, ServerOperation},
    servers::{self, Reboot, Seen, Server, ServerStatus as S, Wanted},
    watches,
};
use uuid::Uuid;

use super::{
    failure, keypairs,
    spec::{self, NoSpec},
    step::{OTHER_POWER_FOR, Step, decide},
};
use crate::{
    app::App,
    clouds::{Aim, Clouds, Opening},
};

/// After a step that a cloud may do at once.
const QUICK: Duration = Duration::from_millis(250);
/// While the cloud works on it, at first and after a minute.
const SOON: Duration = Duration::from_secs(1);
const LATER: Duration = Duration::from_secs(5);
const LONG: Duration = Duration::from_secs(60);
/// Of a server that is as wanted.
pub const STEADY: Duration = Duration::from_secs(300);
/// And whose location is watched: what differs is told.
pub const WATCHED: Duration = Duration::from_secs(3600);
/// While its cloud may not be asked: the credentials are disabled, say.
const PAUSED: Duration = Duration::from_secs(60);

/// Returns when to look again. The lease is given back with the last that is written, unless it fails.
pub async fn reconcile(app: &App, id: &str) -> anyhow::Result<Duration> {
    let mut tx = app.db.read().await?;
    let Some(server) = servers::find(&mut tx, id).await? else { return Ok(STEADY) };
    let account_id = environments::get(&mut tx, server.environment_id).await?.account_id;
    let operations = server_operations::unfinished_of_server(&mut tx, id).await?;
    let last_end = server_operations::last_end(&mut tx, id).await?;
    let (credential_id, location_id) = (server.credential_id.clone(), server.location_id.clone());
    let place = watches::Place { account_id, credential_id, location_id };
    let steady = if watches::is_working(&mut tx, &place, Time::now()).await? { WATCHED } else { STEADY };
    drop(tx);
    let (now, seen) = (Time::now(), server.seen.clone());
    let look = Look {
        app,
        account_id,
        steady,
        now,
        server,
        operations,
        last_end,
        seen,
        used_image: None,
        log: Vec::new(),
        noted: Vec::new(),
    };
    if look.seen.status == S::Terminated {
        return look.release(STEADY).await;
    }
    look.run().await
}

struct Look<'a> {
    app: &'a App,
    account_id: i64,
    /// When it is looked at again while it is as wanted.
    steady: Duration,
    now: Time,
    server: Server,
    /// Not ended; the oldest first.
    operations: Vec<ServerOperation>,
    /// Of an operation.
    last_end: Option<Time>,
    /// What will be written.
    seen: Seen,
    /// The registered image that an order was taken for.
    used_image: Option<String>,
    /// What came to pass: event, message, evidence.
    log: Vec<(&'static str, String, BTreeMap<String, String>)>,
    /// Operations that got further.
    noted: Vec<ServerOperation>,
}

impl Look<'_> {
    async fn run(mut self) -> anyhow::Result<Duration> {
        if self.server.wanted == Wanted::Terminated {
            self.end_all(&failure::terminated());
        }
        // Nothing was ever asked of a cloud for it.
        if self.server.wanted == Wanted::Terminated && self.seen.spec.is_none() {
            return self.gone().await;
        }
        if self.server.wanted == Wanted::Running
            && self.seen.spec.is_none()
            && let Err(no_spec) = keypairs::check(self.app, &self.server).await
        {
            return self.without_spec(no_spec).await;
        }
        let opening = Opening {
            aim: Aim::Provision { environment_id: self.server.environment_id },
            purpose: "servers",
            requester: "control plane".to_owned(),
            account_id: Some(self.account_id),
        };
        let connected = match Clouds::connect(self.app, &self.server.credential_id, &opening).await {
            Ok(connected) => connected,
            Err(err) => return self.paused(&err).await,
        };
        let cloud = connected.cloud();
        let mark = Mark(self.server.id.parse::<Uuid>()?);
        let location = LocationId(self.server.location_id.clone());
        let order = self.seen.cloud_order.as_ref().map(|it| it.0.clone());
        let found = match self.server.wanted {
            // Removal looks for all that carries the mark by itself.
            Wanted::Terminated => Ok(Vec::new()),
            _ => cloud.find_servers(&location, mark, order.as_ref()).await,
        };
        let found = match found {
            Ok(found) => found,
            Err(err) => return self.failed(&err).await,
        };
        self.seen.observed_at = Some(self.now);
        let machine = chosen(&found, self.seen.cloud_id.as_deref());
        let (step, status) = decide(&self.server, machine, self.is_operated(), self.now);
        if let Some(machine) = machine {
            self.observe(machine, status);
        }
        let acted = async {
            let status = self.wait_for_guest(cloud, status).await?;
            self.remove_surplus(cloud, mark, &found, status).await?;
            self.act(cloud, step, status, machine, order.as_ref()).await
        };
        match acted.await {
            Ok(next) => Ok(next),
            Err(Stopped::Cloud(err)) => self.failed(&err).await,
            Err(Stopped::Ours(err)) => Err(err),
        }
    }

    /// A second machine with the mark, or a second port: an order whose answer was lost was carried out after all. The
    /// one that was recorded by an earlier look stays. What came twice besides machines is looked for when the server
    /// first runs, and in each look soon after: an order may still be on its way then.
    async fn remove_surplus(
        &mut self,
        cloud: &dyn Cloud,
        mark: Mark,
        found: &[CloudServer],
        status: S,
    ) -> Result<(), Stopped> {
        let recorded = self.server.seen.cloud_id.as_deref();
        let kept = chosen(found, recorded).and_then(|it| it.cloud_id.clone());
        let Some(kept) = kept.filter(|_| self.server.wanted != Wanted::Terminated) else { return Ok(()) };
        let others = found.iter().filter_map(|it| it.cloud_id.clone()).filter(|it| *it != kept);
        let others: Vec<String> = others.filter(|_| recorded == Some(kept.as_str())).collect();
        let is_first_run =
            matches!(self.server.seen.status, S::PendingLaunch | S::Pending | S::Initializing) && status == S::Running;
        if others.is_empty() && !is_first_run && !self.is_young() {
            return Ok(());
        }
        self.keep_lease().await?;
        let location = LocationId(self.server.location_id.clone());
        for it in cloud.remove_surplus(&location, mark, &kept, &others).await? {
            let message = format!("what was made a second time for this server is removed: {it}");
            self.log("DuplicateRemoved", message, BTreeMap::from([("removed".to_owned(), it)]));
        }
        Ok(())
    }

    async fn act(
        &mut self,
        cloud: &dyn Cloud,
        step: Step,
        status: S,
        machine: Option<&CloudServer>,
        order: Option<&Order>,
    ) -> Result<Duration, Stopped> {
        let location = LocationId(self.server.location_id.clone());
        let is_odd = matches!(step, Step::LookAgain | Step::Missing);
        self.seen.odd_since = is_odd.then(|| self.seen.odd_since.unwrap_or(self.now));
        self.become_(status);
        if let (Step::Nothing, Some((operation, cloud_id))) = (&step, self.next_operation(machine)) {
            return self.operate(cloud, cloud_id, operation).await;
        }
        if matches!(step, Step::Nothing) && self.seen.waiting.is_some() {
            return Ok(self.wait().await?);
        }
        let asks_cloud = matches!(step, Step::Launch | Step::Advance | Step::Power(_) | Step::Reboot(_) | Step::Remove);
        if asks_cloud {
            self.keep_lease().await?;
        }
        let mut has_stepped = matches!(step, Step::Power(_));
        match step {
            Step::Launch => return self.launch(cloud).await,
            Step::Advance => {
                if let (Some(spec), Some(machine)) = (self.seen.spec.clone(), machine) {
                    match cloud.advance(&spec.0, machine).await {
                        Ok(it) => has_stepped = it,
                        // The step before is under way.
                        Err(CloudError::Conflict(_)) => {}
                        Err(err) => return Err(err.into()),
                    }
                }
            }
            Step::Power(change) => self.change_power(cloud, &location, machine, change).await?,
            Step::Reboot(reboot) => self.reboot(cloud, &location, machine, reboot).await?,
            Step::Rebooted => {
                let mut tx = self.app.db.write().await.map_err(ours)?;
                servers::reboot_done(&mut tx, &self.server.id, &self.app.id, self.server.generation)
                    .await
                    .map_err(ours)?;
                tx.commit().await.map_err(ours)?;
                self.log("RebootComplete", "the server was rebooted".to_owned(), BTreeMap::new());
            }
            Step::Remove => {
                let mark = Mark(self.server.id.parse::<Uuid>().map_err(anyhow::Error::from)?);
                if cloud.remove_server(&location, mark, order).await? == Removal::Gone {
                    return match self.follow(cloud).await? {
                        Some(next) => Ok(next),
                        None => Ok(self.gone().await?),
                    };
                }
            }
            Step::Accept(wanted) => {
                let mut tx = self.app.db.write().await.map_err(ours)?;
                let (id, generation) = (&self.server.id, self.server.generation);
                servers::accept(&mut tx, id, &self.app.id, generation, wanted).await.map_err(ours)?;
                tx.commit().await.map_err(ours)?;
            }
            Step::Missing => return self.missing(cloud).await,
            Step::Failed(message) => {
                self.end_begun(&message);
                return self.broken(&message).await;
            }
            Step::Nothing | Step::LookAgain => {}
        }
        self.seen.failure = None;
        self.seen.n_tries = 0;
        let next = if has_stepped { QUICK } else { self.next(&step) };
        Ok(self.write(next).await?)
    }

    /// Just before a cloud is told to change something: who was frozen for long may have lost the server meanwhile.
    async fn keep_lease(&self) -> anyhow::Result<()> {
        let mut tx = self.app.db.read().await?;
        // The usual case, and one commit less to wait for.
        if servers::has_lease(&mut tx, &self.server.id, &self.app.id, Time::now() + super::LEFT).await? {
            return Ok(());
        }
        drop(tx);
        let mut tx = self.app.db.write().await?;
        let is_ours = servers::renew_lease(&mut tx, &self.server.id, &self.app.id, Time::now(), super::LEASE).await?;
        tx.commit().await?;
        anyhow::ensure!(is_ours, "another control plane works on it");
        Ok(())
    }

    /// It is as wanted.
    fn is_settled(&self) -> bool {
        match self.seen.status {
            S::Running => self.server.wanted == Wanted::Running && self.server.reboot.is_none(),
            S::Suspended => self.server.wanted == Wanted::Suspended,
            _ => false,
        }
    }

    /// It ran for the first time a moment ago.
    fn is_young(&self) -> bool {
        self.seen.status == S::Running && self.seen.launched_at.is_some_and(|it| it + 2 * LONG > self.now)
    }

    fn next(&self, step: &Step) -> Duration {
        // What an operation changed is told a bit later: Nova learns of a floating IP from Neutron.
        let has_just_changed = self.last_end.is_some_and(|it| it + LONG > self.now);
        let is_accepted = self.seen.status == S::Suspended && matches!(step, Step::Accept(_));
        let is_settled = self.is_settled() || is_accepted;
        match step {
            Step::LookAgain => OTHER_POWER_FOR,
            // Operations wait for a look that finds nothing else to do.
            Step::Nothing | Step::Rebooted | Step::Accept(_) if is_settled && self.operations.is_empty() => {
                if has_just_changed {
                    LATER
                } else {
                    self.steady
                }
            }
            // Switched off, then destroyed.
            Step::Remove if self.seen.status_since + SOON > self.now => QUICK,
            _ if self.seen.status_since + LONG > self.now => SOON,
            _ => LATER,
        }
    }

    /// The row says what the cloud will be asked for before it is, so that what comes of it is always found.
    async fn launch(&mut self, cloud: &dyn Cloud) -> Result<Duration, Stopped> {
        let mut tx = self.app.db.read().await.map_err(ours)?;
        let (spec, image_id) = match spec::of(&mut tx, &self.server, self.app.config().placement).await {
            Ok(it) => it,
            Err(no_spec) => {
                drop(tx);
                return Ok(self.without_spec(no_spec).await?);
            }
        };
        drop(tx);
        let before = self.seen.spec.as_ref().filter(|it| it.0 != spec);
        // What an earlier try left is of no use for what it is to be now.
        if before.is_some() && cloud.remove_server(&spec.location, spec.mark, None).await? != Removal::Gone {
            return Ok(self.write(SOON).await?);
        }
        self.seen.spec = Some(Json(spec.clone()));
        self.note().await?;
        let order = match cloud.launch(&spec).await {
            Ok(order) => order,
            Err(CloudError::HeldBack(why)) => return Ok(self.wait_its_turn(why).await?),
            Err(err) if self.is_made_again(&spec, &err).await? => return Ok(self.write(LATER).await?),
            Err(err) => return Err(err.into()),
        };
        let mut evidence = BTreeMap::from([("order".to_owned(), order.id.clone())]);
        evidence.extend(order.request_id.clone().map(|it| ("requestId".to_owned(), it)));
        evidence.extend(order.decided.clone());
        self.log("BeforeInstanceLaunch", format!("the cloud took the order for {}", spec.name), evidence);
        self.seen.cloud_order = Some(Json(order));
        self.seen.launched_at = Some(self.now);
        self.used_image = Some(image_id);
        self.seen.failure = None;
        self.seen.n_tries = 0;
        self.become_(S::Pending);
        Ok(self.write(SOON).await?)
    }

    async fn without_spec(&mut self, no_spec: NoSpec) -> anyhow::Result<Duration> {
        match no_spec {
            NoSpec::Failure(failure) => {
                self.fail(*failure);
                self.write(LONG).await
            }
            NoSpec::Keypair => {
                keypairs::order(self.app, &self.server).await?;
                self.seen.failure = None;
                self.write(LATER).await
            }
            NoSpec::Db(err) => Err(err.into()),
        }
    }

    /// Somebody deleted the farm's keypair in the cloud: the server waits until it is there again.
    async fn is_made_again(&self, spec: &ServerSpec, err: &CloudError) -> anyhow::Result<bool> {
        match (&spec.placement, err) {
            (Placement::Openstack { key_name: Some(name), .. }, CloudError::Refused(text))
                if failure::is_about_keypair(text) =>
            {
                keypairs::make_again(self.app, &self.server, name).await
            }
            _ => Ok(false),
        }
    }

    async fn change_power(
        &mut self,
        cloud: &dyn Cloud,
        location: &LocationId,
        machine: Option<&CloudServer>,
        change: PowerChange,
    ) -> Result<(), CloudError> {
        let Some(id) = machine.and_then(|it| it.cloud_id.as_deref()) else { return Ok(()) };
        match cloud.change_power(location, id, change).await {
            // It is busy; the next look sees with what.
            Err(CloudError::Conflict(_)) => Ok(()),
            changed => changed,
        }
    }

    /// A cloud that cannot is not asked again: the wish is dropped, and the event log says why.
    async fn reboot(
        &mut self,
        cloud: &dyn Cloud,
        location: &LocationId,
        machine: Option<&CloudServer>,
        reboot: Reboot,
    ) -> Result<(), Stopped> {
        let change = match reboot {
            Reboot::Soft => PowerChange::RebootSoft,
            Reboot::Hard => PowerChange::RebootHard,
        };
        let (id, generation) = (self.server.id.clone(), self.server.generation);
        let refused = match self.change_power(cloud, location, machine, change).await {
            Ok(()) => None,
            Err(
                err @ (CloudError::Unsupported(_)
                | CloudError::Refused(_)
                | CloudError::Forbidden(_)
                | CloudError::NotFound(_)),
            ) => Some(failure::of_error(&err, 0).0),
            Err(err) => return Err(err.into()),
        };
        let mut tx = self.app.db.write().await.map_err(ours)?;
        match refused {
            None => servers::reboot_sent(&mut tx, &id, &self.app.id, generation, Time::now()).await.map_err(ours)?,
            Some(failure) => {
                servers::reboot_done(&mut tx, &id, &self.app.id, generation).await.map_err(ours)?;
                let evidence = BTreeMap::from([("cloud".to_owned(), failure.evidence.join("; "))]);
                self.log("RebootFailed", format!("the server was not rebooted: {}", failure.summary), evidence);
            }
        }
        tx.commit().await.map_err(ours)
    }
}

/// The recorded one of several with the mark, else the oldest.
fn chosen<'a>(found: &'a [CloudServer], recorded: Option<&str>) -> Option<&'a CloudServer> {
    let known = found.iter().find(|it| recorded.is_some() && it.cloud_id.as_deref() == recorded);
    known.or_else(|| found.iter().min_by_key(|it| it.created_at))
}

/// Why a step was not done.
enum Stopped {
    Cloud(CloudError),
    Ours(anyhow::Error),
}

impl From<CloudError> for Stopped {
    fn from(err: CloudError) -> Self {
        Stopped::Cloud(err)
    }
}

impl From<anyhow::Error> for Stopped {
    fn from(err: anyhow::Error) -> Self {
        Stopped::Ours(err)
    }
}

fn ours(err: store::DbError) -> Stopped {
    Stopped::Ours(err.into())
}
