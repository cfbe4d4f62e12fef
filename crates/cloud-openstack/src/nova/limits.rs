use serde::Deserialize;

use crate::{
    catalog::Service,
    error::Error,
    session::{At, Get, Session},
};

#[derive(Deserialize)]
struct Reply {
    limits: Limits,
}

#[derive(Deserialize)]
struct Limits {
    absolute: NovaLimits,
}

/// `GET /limits` (compute API 2.1): quotas of the project with their use. -1: unlimited.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NovaLimits {
    pub max_total_instances: Option<i64>,
    /// All servers of the project, whoever may see them.
    pub total_instances_used: Option<i64>,
    pub max_total_cores: Option<i64>,
    pub total_cores_used: Option<i64>,
    /// MiB.
    #[serde(rename = "maxTotalRAMSize")]
    pub max_total_ram_size: Option<i64>,
    #[serde(rename = "totalRAMUsed")]
    pub total_ram_used: Option<i64>,
}

pub(crate) async fn get(session: &Session, region: &str) -> Result<NovaLimits, Error> {
    let call = Get::new(At { service: Service::Compute, region }, "/limits");
    Ok(session.get::<Reply>(&call).await?.limits.absolute)
}
