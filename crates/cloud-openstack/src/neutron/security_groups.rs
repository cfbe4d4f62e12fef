use cloud::inventory::Resource;
use futures_util::{Stream, StreamExt};
use serde::{Deserialize, de::IgnoredAny};
use serde_json::json;

use crate::{
    catalog::Service,
    error::Error,
    inventory::attributes,
    pages::{Link, PageReply, marker, pages},
    session::{At, Get, Session},
};

/// Each comes with all its rules.
const PAGE: usize = 200;

#[derive(Deserialize)]
struct Reply {
    security_groups: Vec<NeutronSecurityGroup>,
    #[serde(default)]
    security_groups_links: Vec<Link>,
}

/// One entry of `GET /security-groups`. An administrator sees those of all projects.
#[derive(Deserialize)]
struct NeutronSecurityGroup {
    id: String,
    name: String,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    project_id: Option<String>,
    #[serde(default)]
    shared: Option<bool>,
    #[serde(default)]
    stateful: Option<bool>,
    #[serde(default)]
    security_group_rules: Vec<IgnoredAny>,
}

impl PageReply for Reply {
    type Item = NeutronSecurityGroup;

    fn split(self) -> (Vec<NeutronSecurityGroup>, Option<String>) {
        let next = marker(&self.security_groups_links, &self.security_groups, |it| &it.id);
        (self.security_groups, next)
    }
}

pub(crate) fn list<'a>(
    session: &'a Session,
    region: &'a str,
) -> impl Stream<Item = Result<Vec<Resource>, Error>> + Send + 'a {
    let call = Get::new(At { service: Service::Network, region }, "/security-groups");
    pages::<Reply>(session, call, PAGE).map(|page| Ok(page?.into_iter().map(resource).collect()))
}

fn resource(it: NeutronSecurityGroup) -> Resource {
    Resource {
        cloud_id: it.id,
        name: it.name,
        status: None,
        parent: None,
        capacity_bytes: None,
        free_bytes: None,
        attributes: attributes(json!({
            "description": it.description,
            "projectId": it.project_id,
            "shared": it.shared,
            "stateful": it.stateful,
            "ruleCount": it.security_group_rules.len(),
        })),
    }
}
