//! Floating IPs of an environment, which belong to no server.

use api_types::{
    TextRef,
    floating_ips::{FloatingIp, NewFloatingIp},
};
use axum::extract::State;
use cloud::asset::Asset as Description;
use store::assets::Asset;

use super::{
    assets::{self, FILTERS, SORTS, Users, View, common, list, remove, show},
    body::{Body, text},
    caller::Caller,
    error::ApiResult,
    reply::Reply,
    route::{Access::Needs, Routes, delete, get, post},
};
use crate::{app::App, permission::Permission as P};

pub fn routes(routes: &mut Routes) {
    type F = FloatingIp;
    let all = "/user/{envId}/floating-ips/";
    let one = "/user/{envId}/floating-ips/{floatingIpId}/";
    routes
        .add(
            get(all, Needs(P::NetworksRead), "List the floating IPs that were made for this environment")
                .lists::<F>(FILTERS)
                .sorts(SORTS),
            list::<F>,
        )
        .add(
            post(all, Needs(P::NetworksManage), "Create a floating IP that stays when servers go (OpenStack)")
                .takes::<NewFloatingIp>()
                .creates::<F>(),
            create,
        )
        .add(
            get(one, Needs(P::NetworksRead), "Get a floating IP that was made for this environment").gives::<F>(),
            show::<F>,
        )
        .add(
            delete(one, Needs(P::NetworksManage), "Release a floating IP that leads to no server").gives::<F>(),
            remove::<F>,
        );
}

async fn create(State(app): State<App>, caller: Caller, body: Body) -> ApiResult<Reply<FloatingIp>> {
    let new: NewFloatingIp = body.read()?;
    let description = Description::FloatingIp {
        name: text("name", &new.name)?.to_owned(),
        pool: text("pool", &new.pool.id)?.to_owned(),
    };
    assets::create(&app, &caller, new.cloud_platform, new.cloud_location, description).await
}

impl View for FloatingIp {
    const KIND: &'static str = "floatingIp";
    const WHAT: &'static str = "floating IP";
    const KINDS: &'static str = "floating-ips";
    const ONLY_OPENSTACK: [&'static str; 2] = [
        "has no floating IPs",
        "create it on openstack; on vmware give the machine a network with the address it needs",
    ];
    const RELEASE: &'static str = "take it from the server: POST …/servers/{serverId}/actions/remove-floating-ip/";

    fn of(floating_ip: Asset, users: &Users) -> FloatingIp {
        let common = common(&floating_ip);
        let pool = match floating_ip.description.0 {
            Description::FloatingIp { pool, .. } => pool,
            _ => String::new(),
        };
        let seen = floating_ip.seen;
        let used_by = users.of(&seen.parts);
        let part = seen.parts.0.into_iter().next();
        FloatingIp {
            common,
            pool: TextRef { id: pool },
            address: part.as_ref().and_then(|it| it.address).map(|it| it.to_string()),
            cloud_floating_ip_id: part.as_ref().map(|it| it.id.clone()),
            cloud_status: part.and_then(|it| it.status),
            used_by,
        }
    }
}
