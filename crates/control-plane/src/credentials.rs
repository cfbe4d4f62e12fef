//! What a credential is made of: from the API's fields to a driver's configuration, and which changes matter.

use api_types::cloud_credentials::CloudCredentialsType;
use cloud::{CloudError, Platform, Use};
use cloud_openstack::AuthType;
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::{Map, Value};
use vault::Place;

use crate::http::error::{ApiError, ApiResult};

/// The keys of each type that hold its secret.
pub const SECRET_KEYS: [&str; 3] = ["password", "applicationCredentialSecret", "token"];
/// A change of these could send the secret elsewhere, so it must be given again.
const TRUST_KEYS: [&str; 5] = ["keystoneUrl", "url", "linkedVCenters", "caCertificate", "certificateFingerprints"];

/// The configuration of a credential, checked without asking any cloud.
#[derive(Debug, Clone)]
pub struct Draft {
    pub platform: Platform,
    pub credentials_type: CloudCredentialsType,
    /// As it is stored: the API's fields without those of columns and without the secret.
    pub config: Map<String, Value>,
    pub driver: DriverConfig,
}

#[derive(Debug, Clone)]
pub enum DriverConfig {
    Openstack(Box<cloud_openstack::Config>),
    Vsphere(cloud_vsphere::Config),
}

impl Draft {
    /// `config` holds nulls for what is to be absent.
    pub fn new(
        credentials_type: CloudCredentialsType,
        provider: Option<&str>,
        mut config: Map<String, Value>,
    ) -> ApiResult<Draft> {
        config.retain(|_, value| !value.is_null());
        let platform = platform(credentials_type, provider)?;
        let fields = Value::Object(config.clone());
        let driver = match credentials_type {
            CloudCredentialsType::OpenstackCloudCredentials => {
                DriverConfig::Openstack(Box::new(read::<OpenstackFields>(fields)?.into_config()))
            }
            CloudCredentialsType::VmwareCloudCredentials => {
                DriverConfig::Vsphere(read::<VmwareFields>(fields)?.into_config())
            }
        };
        match &driver {
            DriverConfig::Openstack(config) => config.check(),
            DriverConfig::Vsphere(config) => config.check(),
        }
        .map_err(invalid)?;
        Ok(Draft { platform, credentials_type, config, driver })
    }

    /// Every `scheme://host:port` the secret may be sent to, sorted.
    pub fn audience(&self) -> Vec<String> {
        match &self.driver {
            DriverConfig::Openstack(config) => config.audience(),
            DriverConfig::Vsphere(config) => config.audience(),
        }
    }

    /// The key that holds the secret of this type.
    pub fn secret_key(&self) -> &'static str {
        match &self.driver {
            DriverConfig::Openstack(config) => match config.auth_type {
                AuthType::Password => "password",
                AuthType::ApplicationCredential => "applicationCredentialSecret",
                AuthType::Token => "token",
            },
            DriverConfig::Vsphere(_) => "password",
        }
    }

    /// Takes the one secret that this type has out of those that were sent; any other is refused.
    pub fn secret(&self, mut sent: Map<String, Value>) -> ApiResult<Option<SecretString>> {
        let key = self.secret_key();
        let secret = match sent.remove(key) {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) if text.is_empty() => return Err(ApiError::value(format!("{key:?} is empty"))),
            Some(Value::String(text)) if text.len() > 64 << 10 => {
                return Err(ApiError::value(format!("{key:?} is longer than 64 KiB")));
            }
            Some(Value::String(text)) => Some(SecretString::from(text)),
            Some(_) => return Err(ApiError::structure(format!("{key:?} is not a text"))),
        };
        match sent.keys().next() {
            Some(other) => {
                Err(ApiError::structure(format!("{other:?} does not go with this kind of login; it takes {key:?}")))
            }
            None => Ok(secret),
        }
    }

    /// The first changed field for which the secret must be given again; `None` when it may stay.
    pub fn needs_secret_again(&self, before: &Draft) -> Option<&'static str> {
        let changed = |key: &&str| self.config.get(*key) != before.config.get(*key);
        let is_off = |draft: &Draft| draft.config.get("sslVerification") == Some(&Value::Bool(false));
        TRUST_KEYS.into_iter().find(changed).or_else(|| match () {
            () if is_off(self) && !is_off(before) => Some("sslVerification"),
            () if self.secret_key() != before.secret_key() => Some("authType"),
            () => None,
        })
    }
}

/// Where the secret of a credential is. Bound to its addresses: sealed for one host, it does not open for another.
pub fn secret_place(id: &str, version: i64, audience: Vec<String>) -> Place {
    Place { table: "cloud_credentials", row: id.to_owned(), column: "secret", version, audience }
}

/// `allowedUses` as it is stored.
pub fn uses(wanted: Option<&Value>) -> ApiResult<Vec<String>> {
    let Some(wanted) = wanted.filter(|it| !it.is_null()) else {
        return Ok(vec![Use::Inventory.as_str().to_owned(), Use::Provision.as_str().to_owned()]);
    };
    let wrong = || ApiError::value("allowedUses is a list of inventory and provision");
    let uses: Vec<Use> = serde_json::from_value(wanted.clone()).map_err(|_| wrong())?;
    if uses.is_empty() {
        return Err(wrong());
    }
    let all = [Use::Inventory, Use::Provision].into_iter();
    Ok(all.filter(|it| uses.contains(it)).map(|it| it.as_str().to_owned()).collect())
}

fn platform(credentials_type: CloudCredentialsType, provider: Option<&str>) -> ApiResult<Platform> {
    match credentials_type {
        CloudCredentialsType::VmwareCloudCredentials => match provider {
            None | Some("vmware") => Ok(Platform::Vmware),
            Some(_) => Err(ApiError::value("the provider of VmwareCloudCredentials can only be vmware")),
        },
        CloudCredentialsType::OpenstackCloudCredentials => {
            let provider = provider.ok_or_else(|| ApiError::structure("\"provider\" is missing"))?;
            let platform = provider.parse::<Platform>().ok().filter(|it| *it != Platform::Vmware);
            let message = "provider is one of openstack, ocs, hpcloud, mirantis, vio, cisco";
            platform.ok_or_else(|| ApiError::value(message))
        }
    }
}

fn read<T: for<'de> Deserialize<'de>>(fields: Value) -> ApiResult<T> {
    serde_json::from_value(fields).map_err(|err| ApiError::structure(err.to_string()))
}

fn invalid(err: CloudError) -> ApiError {
    ApiError::value(err.to_string())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct OpenstackFields {
    keystone_url: String,
    #[serde(default)]
    auth_type: AuthType,
    user_name: Option<String>,
    user_id: Option<String>,
    tenant_name: Option<String>,
    project_id: Option<String>,
    domain_name: Option<String>,
    user_domain_name: Option<String>,
    user_domain_id: Option<String>,
    project_domain_name: Option<String>,
    project_domain_id: Option<String>,
    application_credential_id: Option<String>,
    application_credential_name: Option<String>,
    region: Option<String>,
    #[serde(default)]
    interface: cloud_openstack::Interface,
    #[serde(default = "yes")]
    ssl_verification: bool,
    ca_certificate: Option<String>,
    #[serde(default)]
    certificate_fingerprints: Vec<String>,
}

impl OpenstackFields {
    /// `domainName` stands for both domains where they are not named on their own.
    fn into_config(self) -> cloud_openstack::Config {
        let domain = |name: Option<String>, id: &Option<String>| match id {
            Some(_) => name,
            None => name.or_else(|| self.domain_name.clone()),
        };
        let user_domain_name = domain(self.user_domain_name.clone(), &self.user_domain_id);
        // An application credential carries its project, and with it the project's domain.
        let project_domain_name = match self.auth_type {
            AuthType::ApplicationCredential => self.project_domain_name.clone(),
            _ => domain(self.project_domain_name.clone(), &self.project_domain_id),
        };
        cloud_openstack::Config {
            keystone_url: self.keystone_url,
            auth_type: self.auth_type,
            user_name: self.user_name,
            user_id: self.user_id,
            user_domain_name,
            user_domain_id: self.user_domain_id,
            tenant_name: self.tenant_name,
            project_id: self.project_id,
            project_domain_name,
            project_domain_id: self.project_domain_id,
            application_credential_id: self.application_credential_id,
            application_credential_name: self.application_credential_name,
            region: self.region,
            interface: self.interface,
            ssl_verification: self.ssl_verification,
            ca_certificate: self.ca_certificate,
            certificate_fingerprints: self.certificate_fingerprints,
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct VmwareFields {
    url: String,
    #[serde(rename = "linkedVCenters", default)]
    linked_vcenters: Vec<String>,
    user_name: String,
    #[serde(default = "yes")]
    ssl_verification: bool,
    ca_certificate: Option<String>,
    #[serde(default)]
    certificate_fingerprints: Vec<String>,
}

impl VmwareFields {
    fn into_config(self) -> cloud_vsphere::Config {
        cloud_vsphere::Config {
            url: self.url,
            linked_vcenters: self.linked_vcenters,
            user_name: self.user_name,
            ssl_verification: self.ssl_verification,
            ca_certificate: self.ca_certificate,
            certificate_fingerprints: self.certificate_fingerprints,
        }
    }
}

fn yes() -> bool {
    true
}
