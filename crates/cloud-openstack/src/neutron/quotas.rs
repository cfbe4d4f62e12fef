use std::collections::BTreeMap;

use serde::Deserialize;

use crate::{
    catalog::Service,
    error::Error,
    session::{At, Get, Session},
};

#[derive(Deserialize)]
struct Reply<T> {
    quota: BTreeMap<String, T>,
}

/// -1: unlimited.
#[derive(Debug, Deserialize)]
pub(crate) struct NeutronQuota {
    pub limit: i64,
    /// `None` where the service has no extension `quota_details`.
    #[serde(default)]
    pub used: Option<i64>,
}

/// `GET /quotas/{project_id}/details`, by resource (`floatingip`); without use where the service cannot tell it.
pub(crate) async fn get(
    session: &Session,
    region: &str,
    project_id: &str,
) -> Result<BTreeMap<String, NeutronQuota>, Error> {
    let at = At { service: Service::Network, region };
    let details = format!("/quotas/{project_id}/details.json");
    match session.get::<Reply<NeutronQuota>>(&Get::new(at, &details)).await {
        Err(err) if err.status() == Some(404) => {}
        reply => return Ok(reply?.quota),
    }
    let plain: Reply<i64> = session.get(&Get::new(at, &format!("/quotas/{project_id}"))).await?;
    Ok(plain.quota.into_iter().map(|(name, limit)| (name, NeutronQuota { limit, used: None })).collect())
}
