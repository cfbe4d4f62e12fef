//! Connected credentials. The only place that opens their secrets and the only `match` on the kind of cloud.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use api_types::cloud_credentials::CloudCredentialsType;
use cloud::{Cloud, CloudError, Location, Use};
use secrecy::SecretString;
use serde_json::Value;
use store::{
    Status, Time, Tx,
    cloud_credentials::{CloudCredential, CredentialStatus},
    environment_clouds::{LinkStatus, LinkedEnvironment},
};
use tracing::warn;

use crate::{
    app::App,
    credentials::{Draft, DriverConfig, secret_place},
    http::error::{ApiError, ApiResult},
};

/// Sessions that are open, so that a cloud is not logged in to for each call. Never shared between accounts.
#[derive(Default)]
pub struct Clouds(Mutex<Open>);

#[derive(Default)]
struct Open {
    sessions: HashMap<Key, Arc<Connected>>,
    /// Grows when sessions are forgotten: what was read before is not put in after.
    n_forgotten: u64,
}

/// A changed credential has another time of change, so it is another session.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    credential_id: String,
    updated_at: Time,
    account_id: Option<i64>,
}

/// A credential with its driver.
pub enum Connected {
    Openstack(Box<cloud_openstack::OpenStack>),
    Vsphere(cloud_vsphere::Vsphere),
}

impl Connected {
    /// A credential that need not be saved.
    pub fn new(app: &App, draft: &Draft, secret: SecretString) -> Result<Self, CloudError> {
        let exit = app.exit.clone();
        Ok(match draft.driver.clone() {
            DriverConfig::Openstack(config) => {
                Connected::Openstack(Box::new(cloud_openstack::OpenStack::new(*config, secret, exit)?))
            }
            DriverConfig::Vsphere(config) => Connected::Vsphere(cloud_vsphere::Vsphere::new(config, secret, exit)?),
        })
    }

    pub fn cloud(&self) -> &dyn Cloud {
        match self {
            Connected::Openstack(cloud) => cloud.as_ref(),
            Connected::Vsphere(cloud) => cloud,
        }
    }

    /// The locations of all that answers. Fails when nothing does.
    pub async fn locations(&self) -> Result<Found, CloudError> {
        let Connected::Vsphere(cloud) = self else {
            return Ok(Found { locations: self.cloud().locations().await?, silent: Vec::new() });
        };
        let mut found = Found { locations: Vec::new(), silent: Vec::new() };
        let mut last = None;
        let mut n_answers = 0;
        for (vcenter, locations) in cloud.locations_by_vcenter().await {
            match locations {
                Ok(locations) => {
                    n_answers += 1;
                    found.locations.extend(locations);
                }
                Err(err) => {
                    warn!("vCenter {vcenter} does not tell its datacenters: {err}");
                    found.silent.push(vcenter);
                    last = Some(err);
                }
            }
        }
        match last {
            Some(err) if n_answers == 0 => Err(err),
            _ => Ok(found),
        }
    }

    /// Why the cloud does not let this credential in, after the last try; `None` where any part of it does.
    pub fn refusal(&self) -> Option<String> {
        match self {
            Connected::Openstack(cloud) => cloud.refusal(),
            Connected::Vsphere(cloud) => cloud.refusal(),
        }
    }

    /// A refused login is tried again by the next call, and not only when its time has come.
    pub fn try_again(&self) {
        match self {
            Connected::Openstack(cloud) => cloud.try_again(),
            Connected::Vsphere(cloud) => cloud.try_again(),
        }
    }

    /// Versions and extensions per region, or the API of each vCenter.
    pub async fn describe(&self) -> Result<Value, CloudError> {
        match self {
            Connected::Openstack(cloud) => cloud.describe().await,
            Connected::Vsphere(cloud) => cloud.describe().await,
        }
    }
}

/// Locations, and the vCenters that did not answer when asked for theirs.
pub struct Found {
    pub locations: Vec<Location>,
    pub silent: Vec<String>,
}

/// Why, and for whom, a secret is opened.
#[derive(Debug, Clone)]
pub struct Opening {
    pub aim: Aim,
    /// `validation`, `sync`, `instance-types`, `catalog`, `servers`, `logs`, `events`, `files`, `tasks`.
    pub purpose: &'static str,
    /// In words: `user admin@example`, `control plane`.
    pub requester: String,
    /// Sessions are kept apart by it; `None`: of the installation.
    pub account_id: Option<i64>,
}

/// What decides whether a secret may be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aim {
    /// The checks. Allowed whatever the credential may be used for, and when it is disabled or suspended: it is the way
    /// back.
    Validation,
    /// Reading for this environment, or for all that are linked.
    Inventory { environment_id: Option<i64> },
    /// Making, changing and removing servers of this environment.
    Provision { environment_id: i64 },
    /// A look whether a cloud that refused the credential lets it in again.
    Probe,
}

impl Clouds {
    /// Gives the open session of a credential as it is stored now, or opens its secret and makes one.
    pub async fn connect(app: &App, credential_id: &str, opening: &Opening) -> ApiResult<Arc<Connected>> {
        loop {
            let n_forgotten = app.clouds.open().n_forgotten;
            let credential = permitted(app, credential_id, opening).await?;
            let key = Key {
                credential_id: credential.id.clone(),
                updated_at: credential.updated_at,
                account_id: opening.account_id,
            };
            if let Some(connected) = app.clouds.open().sessions.get(&key) {
                return Ok(connected.clone());
            }
            let secret = open_secret(app, &credential, opening).await?;
            let connected = Arc::new(Connected::new(app, &draft(&credential)?, secret)?);
            let mut open = app.clouds.open();
            if open.n_forgotten != n_forgotten {
                continue; // Perhaps this one was changed since it was read.
            }
            // Of an older version, which another control plane changed.
            let is_old = |it: &Key| it.credential_id == key.credential_id && it.updated_at < key.updated_at;
            let old: Vec<_> = open.sessions.extract_if(|it, _| is_old(it)).map(|(_, it)| it).collect();
            if !old.is_empty() {
                app.tasks.spawn(async move {
                    for connected in old {
                        connected.cloud().close().await;
                    }
                });
            }
            // Two at once: the first to come here stays, the other's is dropped before it logged in.
            return Ok(open.sessions.entry(key).or_insert(connected).clone());
        }
    }

    /// A session of its own for the checks, since they include the login. The caller closes it.
    pub async fn alone(app: &App, credential_id: &str, opening: &Opening) -> ApiResult<(CloudCredential, Connected)> {
        let credential = permitted(app, credential_id, opening).await?;
        let secret = open_secret(app, &credential, opening).await?;
        let connected = Connected::new(app, &draft(&credential)?, secret)?;
        Ok((credential, connected))
    }

    /// The cloud accepted the credential: its sessions need not wait with their next login.
    pub fn try_again(&self, credential_id: &str) {
        let open = self.open();
        open.sessions.iter().filter(|(key, _)| key.credential_id == credential_id).for_each(|(_, it)| it.try_again());
    }

    /// Logs out everywhere.
    pub async fn close(&self) {
        let all: Vec<_> = self.open().sessions.drain().map(|(_, it)| it).collect();
        for connected in all {
            connected.cloud().close().await;
        }
    }

    /// Logs out of all sessions of a credential. Who still holds one of them gets no further login out of it.
    async fn forget(&self, credential_id: &str) {
        let gone: Vec<_> = {
            let mut open = self.open();
            open.n_forgotten += 1;
            open.sessions.extract_if(|it, _| it.credential_id == credential_id).map(|(_, it)| it).collect()
        };
        for connected in gone {
            connected.cloud().close().await;
        }
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Commits that a credential was changed, unlinked everywhere or deleted, and ends its sessions: in a task of its own,
/// so that both happen when the one who asked hangs up.
pub async fn commit_and_forget(app: &App, tx: Tx, credential_id: &str) -> ApiResult<()> {
    let (task_app, credential_id) = (app.clone(), credential_id.to_owned());
    let task = app.tasks.spawn(async move {
        tx.commit().await?;
        task_app.wake_streams();
        task_app.flights.forget(&credential_id);
        task_app.clouds.forget(&credential_id).await;
        ApiResult::Ok(())
    });
    task.await.map_err(ApiError::internal)?
}

/// The credential as it is stored now, if it may be used for this now.
pub async fn permitted(app: &App, credential_id: &str, opening: &Opening) -> ApiResult<CloudCredential> {
    let mut tx = app.db.read().await?;
    let credential = store::cloud_credentials::find(&mut tx, credential_id).await?;
    let credential = credential.ok_or_else(|| ApiError::not_found(format!("cloud credentials {credential_id}")))?;
    permit(&mut tx, &credential, opening.aim).await?;
    Ok(credential)
}

/// Every way to a secret passes here.
async fn permit(tx: &mut Tx, credential: &CloudCredential, aim: Aim) -> ApiResult<()> {
    let id = &credential.id;
    let refuse = |message: String, remedy: &str| Err(ApiError::conflict("UnacceptableState", message).remedy(remedy));
    let needed = match aim {
        Aim::Validation => None,
        Aim::Provision { .. } => Some(Use::Provision),
        Aim::Inventory { .. } | Aim::Probe => Some(Use::Inventory),
    };
    if let Some(needed) = needed.map(Use::as_str).filter(|needed| credential.allowed_uses.iter().all(|it| it != needed))
    {
        let allowed = credential.allowed_uses.join(", ");
        let message = format!("cloud credentials {id} may not be used for {needed}; their allowedUses are {allowed}");
        return Err(ApiError::forbidden(message));
    }
    if let Some(account_id) = credential.account_id
        && store::accounts::get(tx, account_id).await?.status != Status::Active
    {
        let message = format!("account {account_id} is inactive: no cloud is asked for it");
        return refuse(message, "the platform operator can make the account active again");
    }
    if aim == Aim::Validation {
        return Ok(());
    }
    if credential.status != CredentialStatus::Enabled {
        let message = format!("cloud credentials {id} are {}: no cloud is asked with them", credential.status);
        return refuse(message, "validate them; the first good report enables them");
    }
    let environment_id = match aim {
        Aim::Inventory { environment_id } => environment_id,
        Aim::Provision { environment_id } => Some(environment_id),
        Aim::Validation | Aim::Probe => None,
    };
    let mut links = store::environment_clouds::list_of_credential(tx, id).await?;
    links.retain(|it| environment_id.is_none_or(|id| it.link.environment_id == id));
    if links.is_empty() && environment_id.is_some() {
        let message = format!("cloud credentials {id} are not linked to this environment any more");
        return Err(ApiError::conflict("NotEnabledPlatform", message));
    }
    let is_active =
        |it: &&LinkedEnvironment| it.environment_status == Status::Active && it.account_status == Status::Active;
    let active: Vec<_> = links.iter().filter(is_active).collect();
    if !links.is_empty() && active.is_empty() {
        let message = format!("no environment that cloud credentials {id} are asked for is active");
        return refuse(message, "make the environment, or its account, active again");
    }
    let is_suspended = |it: &&&LinkedEnvironment| it.link.status == LinkStatus::Suspended;
    let suspended: Vec<_> = active.iter().filter(is_suspended).collect();
    match suspended.first() {
        Some(first) if aim != Aim::Probe && suspended.len() == active.len() => {
            let since = first.link.suspended_since.map(|it| it.0.to_string()).unwrap_or_default();
            let reason = first.link.reason.as_deref().unwrap_or("the cloud refused the login");
            let message = format!("{} is suspended since {since}: {reason}", first.link.platform);
            refuse(message, "correct the credentials, or validate them; the first accepted login ends the suspension")
        }
        _ => Ok(()),
    }
}

/// Opens the secret of a credential and counts it. Besides sessions only a change of the credential itself asks for it,
/// to validate what will be saved with the secret that stays.
pub async fn open_secret(app: &App, credential: &CloudCredential, opening: &Opening) -> ApiResult<SecretString> {
    let place = secret_place(&credential.id, credential.secret_version, credential.audience.0.clone());
    let mut tx = app.db.write().await?;
    permit(&mut tx, credential, opening.aim).await?;
    let secret = app.secrets.open(&mut tx, &place).await.map_err(ApiError::internal)?;
    let Opening { purpose, requester, .. } = opening;
    store::credential_uses::count_up(&mut tx, &credential.id, purpose, requester, Time::now()).await?;
    tx.commit().await?;
    Ok(secret)
}

/// The configuration of a stored credential.
pub fn draft(credential: &CloudCredential) -> ApiResult<Draft> {
    let config = credential.config.0.as_object().cloned().unwrap_or_default();
    Draft::new(credentials_type(credential), Some(&credential.provider), config)
}

pub fn credentials_type(credential: &CloudCredential) -> CloudCredentialsType {
    match credential.credentials_type.as_str() {
        "VmwareCloudCredentials" => CloudCredentialsType::VmwareCloudCredentials,
        _ => CloudCredentialsType::OpenstackCloudCredentials,
    }
}
