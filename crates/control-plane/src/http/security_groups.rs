//! Security groups of an environment, which belong to no network.

use api_types::security_groups::{ChangeSecurityGroup, NewSecurityGroup, SecurityGroup};
use axum::extract::State;
use cloud::asset::Asset as Description;
use store::assets::Asset;

use super::{
    assets::{self, FILTERS, SORTS, Users, View, common, list, remove, show},
    body::{Body, text},
    caller::Caller,
    error::ApiResult,
    extract::Path,
    networks::{rules, view_rule},
    reply::Reply,
    route::{Access::Needs, Routes, delete, get, patch, post},
};
use crate::{app::App, permission::Permission as P};

const FIXED: &[&str] = &["name", "cloudPlatform", "cloudLocation"];

pub fn routes(routes: &mut Routes) {
    type G = SecurityGroup;
    let all = "/user/{envId}/security-groups/";
    let one = "/user/{envId}/security-groups/{securityGroupId}/";
    routes
        .add(
            get(all, Needs(P::NetworksRead), "List the security groups that were made for this environment")
                .lists::<G>(FILTERS)
                .sorts(SORTS),
            list::<G>,
        )
        .add(
            post(all, Needs(P::NetworksManage), "Create a security group (OpenStack)")
                .takes::<NewSecurityGroup>()
                .creates::<G>(),
            create,
        )
        .add(
            get(one, Needs(P::NetworksRead), "Get a security group that was made for this environment").gives::<G>(),
            show::<G>,
        )
        .add(
            patch(one, Needs(P::NetworksManage), "Change what a security group lets in")
                .takes::<ChangeSecurityGroup>()
                .gives::<G>(),
            change,
        )
        .add(
            delete(one, Needs(P::NetworksManage), "Delete a security group that no server has").gives::<G>(),
            remove::<G>,
        );
}

async fn create(State(app): State<App>, caller: Caller, body: Body) -> ApiResult<Reply<SecurityGroup>> {
    let new: NewSecurityGroup = body.read()?;
    let description = Description::SecurityGroup {
        name: text("name", &new.name)?.to_owned(),
        rules: rules(&new.rules.unwrap_or_default())?,
    };
    assets::create(&app, &caller, new.cloud_platform, new.cloud_location, description).await
}

async fn change(
    State(app): State<App>,
    caller: Caller,
    Path((_, id)): Path<(i64, String)>,
    body: Body,
) -> ApiResult<Reply<SecurityGroup>> {
    body.refuse_later(FIXED)?;
    let ChangeSecurityGroup { rules: wanted } = body.read()?;
    assets::change(&app, &caller, &id, "update", |description| {
        if let (Description::SecurityGroup { rules: now, .. }, Some(wanted)) = (description, &wanted) {
            *now = rules(wanted)?;
        }
        Ok(())
    })
    .await
}

impl View for SecurityGroup {
    const KIND: &'static str = "securityGroup";
    const WHAT: &'static str = "security group";
    const KINDS: &'static str = "security-groups";
    const ONLY_OPENSTACK: [&'static str; 2] =
        ["has no security groups", "create it on openstack; on vmware an administrator makes rules in NSX"];
    const RELEASE: &'static str = "terminate the servers, or take it from their ports in the cloud";

    fn of(group: Asset, users: &Users) -> SecurityGroup {
        let common = common(&group);
        let rules = match group.description.0 {
            Description::SecurityGroup { rules, .. } => rules,
            _ => Vec::new(),
        };
        let seen = group.seen;
        let used_by = users.of(&seen.parts);
        SecurityGroup {
            common,
            rules: rules.into_iter().map(view_rule).collect(),
            cloud_security_group_id: seen.parts.0.into_iter().next().map(|it| it.id),
            used_by,
        }
    }
}
