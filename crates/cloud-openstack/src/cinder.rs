//! Block Storage API v3, and v2 where a cloud has only that (<https://docs.openstack.org/api-ref/block-storage/v3/>).

pub(crate) mod marked;
pub(crate) mod messages;
pub(crate) mod volumes;

use std::collections::BTreeMap;

use cloud::inventory::Resource;
use futures_util::{Stream, StreamExt};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    catalog::Service,
    error::Error,
    inventory::attributes,
    pages::{Link, PageReply, marker, pages},
    session::{At, Get, Session},
};

const PAGE: usize = 500;

#[derive(Deserialize)]
struct Types {
    volume_types: Vec<CinderType>,
    #[serde(default)]
    volume_type_links: Vec<Link>,
}

/// One entry of `GET /types`.
#[derive(Deserialize)]
struct CinderType {
    id: String,
    name: String,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    is_public: Option<bool>,
    /// Only what the policy lets tenants see.
    #[serde(default)]
    extra_specs: BTreeMap<String, Value>,
}

impl PageReply for Types {
    type Item = CinderType;

    fn split(self) -> (Vec<CinderType>, Option<String>) {
        let next = marker(&self.volume_type_links, &self.volume_types, |it| &it.id);
        (self.volume_types, next)
    }
}

pub(crate) fn volume_types<'a>(
    session: &'a Session,
    region: &'a str,
) -> impl Stream<Item = Result<Vec<Resource>, Error>> + Send + 'a {
    let call = Get::new(At { service: Service::Volume, region }, "/types");
    let resource = |it: CinderType| Resource {
        cloud_id: it.id,
        name: it.name,
        status: None,
        parent: None,
        capacity_bytes: None,
        free_bytes: None,
        attributes: attributes(json!({
            "description": it.description,
            "isPublic": it.is_public,
            "extraSpecs": it.extra_specs,
        })),
    };
    pages::<Types>(session, call, PAGE).map(move |page| Ok(page?.into_iter().map(resource).collect()))
}

#[derive(Deserialize)]
struct LimitsReply {
    limits: Limits,
}

#[derive(Deserialize)]
struct Limits {
    absolute: CinderLimits,
}

/// `GET /limits`: quotas of the project with their use. -1: unlimited.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CinderLimits {
    pub max_total_volumes: Option<i64>,
    pub total_volumes_used: Option<i64>,
    pub max_total_snapshots: Option<i64>,
    pub total_snapshots_used: Option<i64>,
    pub max_total_volume_gigabytes: Option<i64>,
    /// GiB of volumes and, by default, of snapshots.
    pub total_gigabytes_used: Option<i64>,
}

pub(crate) async fn limits(session: &Session, region: &str) -> Result<CinderLimits, Error> {
    let call = Get::new(At { service: Service::Volume, region }, "/limits");
    Ok(session.get::<LimitsReply>(&call).await?.limits.absolute)
}
