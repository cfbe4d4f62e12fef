//! Connected credentials. The only place that opens their secrets and the only `match` on the kind of cloud.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use api_types::cloud_credentials::CloudCredentialsType;
use cloud::{Cloud, CloudError, Location, Use};
use secrecy::SecretString;
use serde_json::Value;
use store::{Time, cloud_credentials::CloudCredential};
use tracing::warn;

use crate::{
    app::App,
    credentials::{Draft, DriverConfig, secret_place},
    http::error::{ApiError, ApiResult},
};

/// Sessions that are open, so that a cloud is not logged in to for each call. Never shared between accounts.
#[derive(Default)]
pub struct Clouds {
    open: Mutex<HashMap<Key, Arc<Connected>>>,
}

/// A changed credential has another version or another time of change, so it is another session.
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
    pub kind: Use,
    /// `validation`, `sync`, `instance-types`, `catalog`.
    pub purpose: &'static str,
    /// In words: `user admin@example`, `control plane`.
    pub requester: String,
    /// Sessions are kept apart by it; `None`: of the installation.
    pub account_id: Option<i64>,
}

impl Clouds {
    /// Gives the open session of a credential, or opens its secret and makes one. Refuses uses that the credential is
    /// not allowed for.
    pub async fn connect(app: &App, credential: &CloudCredential, opening: Opening) -> ApiResult<Arc<Connected>> {
        refuse_use(credential, opening.kind)?;
        let key = Key {
            credential_id: credential.id.clone(),
            updated_at: credential.updated_at,
            account_id: opening.account_id,
        };
        if let Some(connected) = app.clouds.open().get(&key) {
            return Ok(connected.clone());
        }
        let draft = draft(credential)?;
        let secret = open_secret(app, credential, &opening).await?;
        let connected = Arc::new(Connected::new(app, &draft, secret)?);
        // Two at once: the first to come here stays, the other's is dropped before it logged in.
        Ok(app.clouds.open().entry(key).or_insert(connected).clone())
    }

    /// Logs out of all sessions of a credential: it was changed, unlinked or deleted.
    pub async fn forget(&self, credential_id: &str) {
        let gone: Vec<_> = {
            let mut open = self.open();
            let keys: Vec<Key> = open.keys().filter(|it| it.credential_id == credential_id).cloned().collect();
            keys.iter().filter_map(|it| open.remove(it)).collect()
        };
        for connected in gone {
            connected.cloud().close().await;
        }
    }

    /// Logs out everywhere.
    pub async fn close(&self) {
        let all: Vec<_> = self.open().drain().map(|(_, it)| it).collect();
        for connected in all {
            connected.cloud().close().await;
        }
    }

    fn open(&self) -> std::sync::MutexGuard<'_, HashMap<Key, Arc<Connected>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn refuse_use(credential: &CloudCredential, kind: Use) -> ApiResult<()> {
    if credential.allowed_uses.iter().any(|it| it == kind.as_str()) {
        return Ok(());
    }
    let allowed = credential.allowed_uses.join(", ");
    let message = format!(
        "cloud credentials {} may not be used for {}; their allowedUses are {allowed}",
        credential.id,
        kind.as_str()
    );
    Err(ApiError::forbidden(message))
}

/// Opens the secret of a credential and counts it. Besides [`Clouds::connect`] only a change of the credential itself
/// asks for it, to validate what will be saved with the secret that stays.
pub async fn open_secret(app: &App, credential: &CloudCredential, opening: &Opening) -> ApiResult<SecretString> {
    let place = secret_place(&credential.id, credential.secret_version, credential.audience.0.clone());
    let mut tx = app.db.write().await?;
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
