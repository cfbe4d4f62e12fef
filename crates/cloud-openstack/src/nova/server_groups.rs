use cloud::{CloudError, inventory::Resource};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::{
    catalog::Service,
    error::Error,
    inventory::attributes,
    session::{At, Get, Session},
};

/// The first that tells the policy and its rules.
/// <https://docs.openstack.org/nova/latest/reference/api-microversion-history.html>
const WITH_POLICY: &str = "2.64";

#[derive(Deserialize)]
struct Reply {
    server_groups: Vec<NovaServerGroup>,
}

/// One entry of `GET /os-server-groups`: the project's own.
/// <https://docs.openstack.org/api-ref/compute/#list-server-groups>
#[derive(Deserialize)]
struct NovaServerGroup {
    id: String,
    name: String,
    /// `affinity`, `anti-affinity`, `soft-affinity` or `soft-anti-affinity`.
    #[serde(default)]
    policy: Option<String>,
    /// Instead of the policy, in Nova before 2.64: one at most.
    #[serde(default)]
    policies: Vec<String>,
    #[serde(default)]
    rules: Map<String, Value>,
    /// Ids of servers.
    #[serde(default)]
    members: Vec<String>,
}

/// All at once: the quota keeps the list short (10 by default, where Nova gives 1000 at a time).
async fn all(session: &Session, region: &str) -> Result<Vec<NovaServerGroup>, Error> {
    let oldest = Get::new(At { service: Service::Compute, region }, "/os-server-groups");
    let reply = match session.get::<Reply>(&Get { microversion: Some(WITH_POLICY), ..oldest }).await {
        Err(err) if err.status() == Some(406) => session.get(&oldest).await?,
        reply => reply?,
    };
    Ok(reply.server_groups)
}

pub(crate) async fn list(session: &Session, region: &str) -> Result<Vec<Resource>, Error> {
    let resource = |it: NovaServerGroup| Resource {
        attributes: attributes(json!({
            "policy": it.policy.or_else(|| it.policies.into_iter().next()),
            "maxServersPerHost": it.rules.get("max_server_per_host"),
            "members": it.members,
        })),
        cloud_id: it.id,
        name: it.name,
        status: None,
        parent: None,
        capacity_bytes: None,
        free_bytes: None,
    };
    Ok(all(session, region).await?.into_iter().map(resource).collect())
}

/// The id of the one with this id or name. Names need not be unique.
pub(super) async fn id_of(session: &Session, region: &str, given: &str) -> Result<String, CloudError> {
    // Nova itself says of an id that there is none.
    if let Ok(id) = Uuid::parse_str(given) {
        return Ok(id.to_string());
    }
    let groups = all(session, region).await?;
    let mut found = groups.iter().filter(|it| it.name == given).map(|it| it.id.clone());
    match (found.next(), found.next()) {
        (Some(id), None) => Ok(id),
        (Some(_), Some(_)) => Err(CloudError::Refused(format!(
            "there are several server groups named {given:?} in {region}; name one by its id"
        ))),
        (None, _) => Err(CloudError::Refused(format!("there is no server group {given:?} in {region}"))),
    }
}
