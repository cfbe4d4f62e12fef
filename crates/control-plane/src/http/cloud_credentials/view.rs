use api_types::{
    Scope as ApiScope,
    cloud_credentials::{
        CacheAge, CloudCredentials, CloudCredentialsSummary, CloudCredentialsType, Common, CredentialStatus, LastUse,
        OpenstackCloudCredentials, UsedBy, ValidationSummary, VmwareCloudCredentials,
    },
};
use serde_json::{Map, Value, json};
use store::{Tx, cloud_credentials::CloudCredential};

use crate::{
    clouds::credentials_type,
    http::error::{ApiError, ApiResult},
    permission::Scope,
    sync,
    validation::api_status,
};

pub async fn summary(tx: &mut Tx, scope: Scope, credential: &CloudCredential) -> ApiResult<CloudCredentialsSummary> {
    Ok(CloudCredentialsSummary {
        id: credential.id.clone(),
        name: credential.name.clone(),
        description: credential.description.clone(),
        cloud_credentials_type: credentials_type(credential),
        provider: credential.provider.clone(),
        scope: api_scope(credential),
        status: status(credential),
        used_by: used_by(tx, scope, &credential.id).await?,
        last_validation: last_validation(tx, credential).await?,
        cache: cache(tx, &credential.id).await?,
    })
}

async fn cache(tx: &mut Tx, credential_id: &str) -> ApiResult<Option<CacheAge>> {
    let states = store::sync_state::list(tx, credential_id).await?;
    let ages = sync::ages(&states, credential_id);
    Ok(ages.map(|(oldest, newest)| CacheAge { oldest_observed_at: oldest.0, newest_observed_at: newest.0 }))
}

/// Everything but the secret.
pub async fn details(tx: &mut Tx, scope: Scope, credential: &CloudCredential) -> ApiResult<CloudCredentials> {
    let uses = store::credential_uses::list(tx, &credential.id).await?;
    let mut last_uses = Vec::with_capacity(uses.len());
    for it in uses {
        if let Some(requester) = requester(tx, scope, credential, &it.requester).await? {
            last_uses.push(LastUse { purpose: it.purpose, requester, count: it.count, last_at: it.last_at.0 });
        }
    }
    // The configuration is kept in the API's own fields.
    let mut body: Map<String, Value> = credential.config.0.as_object().cloned().unwrap_or_default();
    body.entry("sslVerification").or_insert(Value::Bool(true));
    let common = json!({
        "id": credential.id,
        "name": credential.name,
        "description": credential.description,
        "cloudCredentialsType": credential.credentials_type,
        "provider": credential.provider,
        "scope": api_scope(credential),
        "status": status(credential),
        "allowedUses": credential.allowed_uses.0,
        "usedBy": used_by(tx, scope, &credential.id).await?,
        "lastUses": last_uses,
        "lastValidation": last_validation(tx, credential).await?,
        "cloudDetails": credential.details.as_ref().map(|it| it.0.clone()),
        "added": credential.created_at.0,
        "updated": credential.updated_at.0,
    });
    body.extend(common.as_object().cloned().unwrap_or_default());
    let body = Value::Object(body);
    let view = match credentials_type(credential) {
        CloudCredentialsType::OpenstackCloudCredentials => {
            serde_json::from_value(body).map(CloudCredentials::Openstack)
        }
        CloudCredentialsType::VmwareCloudCredentials => serde_json::from_value(body).map(CloudCredentials::Vmware),
    };
    view.map_err(ApiError::internal)
}

/// For those who may see what an environment uses, and not the credentials themselves.
pub fn brief(credential: &CloudCredential) -> CloudCredentials {
    let common = Common {
        id: Some(credential.id.clone()),
        name: Some(credential.name.clone()),
        description: Some(credential.description.clone()),
        cloud_credentials_type: Some(credentials_type(credential)),
        provider: Some(credential.provider.clone()),
        scope: Some(api_scope(credential)),
        status: Some(status(credential)),
        ..Common::default()
    };
    match credentials_type(credential) {
        CloudCredentialsType::OpenstackCloudCredentials => {
            CloudCredentials::Openstack(Box::new(OpenstackCloudCredentials { common, ..Default::default() }))
        }
        CloudCredentialsType::VmwareCloudCredentials => {
            CloudCredentials::Vmware(Box::new(VmwareCloudCredentials { common, ..Default::default() }))
        }
    }
}

/// Who used a credential, as it may be told here: of what all accounts share, an account sees its own users and the
/// control plane.
pub async fn requester(
    tx: &mut Tx,
    scope: Scope,
    credential: &CloudCredential,
    requester: &str,
) -> ApiResult<Option<String>> {
    let email = requester.strip_prefix("user ");
    let (Some(email), Some(account_id), None) = (email, scope.account_id(), credential.account_id) else {
        return Ok(Some(requester.to_owned()));
    };
    let user = store::users::find_by_email(tx, email).await?;
    Ok(user.filter(|it| it.account_id == Some(account_id)).map(|_| requester.to_owned()))
}

/// The linked environments; from an account, only its own.
async fn used_by(tx: &mut Tx, scope: Scope, credential_id: &str) -> ApiResult<Vec<UsedBy>> {
    let links = store::environment_clouds::list_of_credential(tx, credential_id).await?;
    let seen = links.into_iter().filter(|it| scope.account_id().is_none_or(|id| id == it.account_id));
    let view = seen.map(|it| UsedBy {
        id: it.link.environment_id,
        name: it.environment_name,
        account_id: it.account_id,
        account_name: it.account_name,
    });
    Ok(view.collect())
}

async fn last_validation(tx: &mut Tx, credential: &CloudCredential) -> ApiResult<Option<ValidationSummary>> {
    let all = store::validations::list_of_credential(tx, &credential.id).await?;
    let last = all.into_iter().max_by(|a, b| a.id.cmp(&b.id));
    Ok(last.map(|it| ValidationSummary {
        id: it.id,
        status: api_status(it.status),
        started_at: it.started_at.0,
        ended_at: it.ended_at.map(|it| it.0),
    }))
}

fn api_scope(credential: &CloudCredential) -> ApiScope {
    if credential.account_id.is_some() { ApiScope::Account } else { ApiScope::Scalr }
}

fn status(credential: &CloudCredential) -> CredentialStatus {
    match credential.status {
        store::cloud_credentials::CredentialStatus::Enabled => CredentialStatus::Enabled,
        store::cloud_credentials::CredentialStatus::Disabled => CredentialStatus::Disabled,
        store::cloud_credentials::CredentialStatus::Suspended => CredentialStatus::Suspended,
    }
}
