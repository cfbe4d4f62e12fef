//! What a cloud may say to the making of networks and no real one can be made to say, played by responders.

use std::sync::{Arc, Mutex};

use cloud::{
    Cloud, CloudError, LocationId,
    asset::{Asset, Making, Part, Protocol, Rule},
    server::{Mark, Removal},
};
use cloud_openstack::OpenStack;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    bad_catalog::{cloud, entry},
    responder::{self, Asked, Said, answer},
};

const MARK: Mark = Mark(Uuid::from_u128(7));

fn region() -> LocationId {
    LocationId("One".to_owned())
}

/// Neutron by itself; what changes something.
async fn neutron(said: impl Fn(&str, &str) -> Said + Send + Sync + 'static) -> (OpenStack, Arc<Mutex<Vec<String>>>) {
    let changes = Arc::new(Mutex::new(Vec::new()));
    let known = changes.clone();
    let (cloud, _) = cloud(json!([entry("network", "{own}")]), move |asked: &Asked| {
        let path = asked.path.split('?').next().unwrap().strip_prefix("/v2.0").unwrap();
        if asked.method != "GET" {
            known.lock().unwrap().push(format!("{} {path}", asked.method));
        }
        said(&asked.method, path)
    })
    .await;
    (cloud, changes)
}

fn asset(external: Option<&str>) -> Asset {
    Asset::Network {
        name: "shop".to_owned(),
        cidr: "10.50.0.0/24".to_owned(),
        dns_servers: vec![],
        external_network: external.map(str::to_owned),
        rules: vec![Rule { protocol: Protocol::Tcp, ports: None, from: "0.0.0.0/0".to_owned() }],
    }
}

fn ours(fields: Value) -> Value {
    let mut all = json!({ "project_id": "p", "description": format!("stackyard {MARK}") });
    all.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    all
}

fn lists(list: &str) -> Value {
    let rule = json!({ "id": "r", "direction": "ingress", "ethertype": "IPv4", "protocol": "tcp" });
    match list {
        "networks" => ours(json!({ "id": "net", "status": "ACTIVE" })),
        "subnets" => ours(json!({ "id": "sub", "network_id": "net", "cidr": "10.50.0.0/24" })),
        "security_groups" => ours(json!({ "id": "group", "security_group_rules": [rule] })),
        "routers" => ours(json!({ "id": "router", "external_gateway_info": { "network_id": "outside" } })),
        other => panic!("{other}"),
    }
}

fn list(path: &str, items: &[Value]) -> Said {
    let name = path.trim_start_matches('/').replace('-', "_");
    responder::json(200, &json!({ name: items }))
}

/// All is there, but for what differs.
fn with(path: &str, differs: &str, items: &[Value]) -> Said {
    let name = path.trim_start_matches('/').replace('-', "_");
    match name.as_str() {
        name if name == differs => list(path, items),
        "ports" => list(path, &[]),
        name => list(path, &[lists(name)]),
    }
}

fn refusal(status: u16, message: &str) -> Said {
    responder::json(status, &json!({ "NeutronError": { "type": "X", "message": message } }))
}

#[tokio::test]
async fn a_cloud_that_overlooks_filters_makes_nothing_ours_responder() {
    let others = |path: &str| {
        let name = path.trim_start_matches('/').replace('-', "_");
        if name == "ports" {
            return list(
                path,
                &[json!({ "id": "port", "network_id": "n", "device_id": "d", "device_owner": "compute:a" })],
            );
        }
        let mut of_another = lists(&name);
        of_another["project_id"] = json!("another");
        let mut of_none = lists(&name);
        of_none["description"] = json!("");
        let mut of_another_mark = lists(&name);
        of_another_mark["description"] = json!(format!("stackyard {}", Uuid::nil()));
        list(path, &[of_another, of_none, of_another_mark])
    };
    let (cloud, changes) = neutron(move |method, path| match method {
        "GET" => others(path),
        _ => responder::json(201, &json!({ "network": ours(json!({ "id": "made" })) })),
    })
    .await;
    assert_eq!(cloud.remove_asset(&region(), MARK, &asset(None), &[]).await.unwrap(), Removal::Gone);
    assert_eq!(cloud.find_asset(&region(), MARK, &asset(None), &[]).await.unwrap(), []);
    let made = cloud.make_asset(&region(), MARK, &asset(None), &[]).await.unwrap();
    let network =
        Part { kind: "network".to_owned(), id: "made".to_owned(), status: None, address: None, used_by: vec![] };
    assert_eq!(made, Making::UnderWay(vec![network]));
    assert_eq!(*changes.lock().unwrap(), ["POST /networks"]);
}

#[tokio::test]
async fn ports_elsewhere_are_no_uses_of_ours_responder() {
    let elsewhere = json!({ "id": "port", "network_id": "n", "device_id": "d", "device_owner": "compute:a",
        "security_groups": ["g"] });
    let (cloud, changes) = neutron(move |method, path| match (method, path) {
        ("GET", path) => with(path, "ports", std::slice::from_ref(&elsewhere)),
        _ => answer(204, "", b""),
    })
    .await;
    assert_eq!(cloud.remove_asset(&region(), MARK, &asset(None), &[]).await.unwrap(), Removal::UnderWay);
    assert_eq!(*changes.lock().unwrap(), ["DELETE /routers/router"]);
}

#[tokio::test]
async fn a_cloud_without_descriptions_keeps_nothing_responder() {
    let (cloud, changes) = neutron(|method, path| match method {
        "GET" => list(path, &[]),
        "POST" => responder::json(201, &json!({ "network": { "id": "made", "project_id": "p" } })),
        _ => answer(204, "", b""),
    })
    .await;
    let refused = cloud.make_asset(&region(), MARK, &asset(None), &[]).await;
    let is_said = |text: &str| text.contains("standard-attr-description");
    assert!(matches!(&refused, Err(CloudError::Unsupported(text)) if is_said(text)), "{refused:?}");
    assert_eq!(*changes.lock().unwrap(), ["POST /networks", "DELETE /networks/made"]);
}

#[tokio::test]
async fn states_of_neutron_are_waited_for_or_told_responder() {
    for (name, status, expected) in [
        ("networks", "BUILD", "under way"),
        ("routers", "ALLOCATING", "under way"),
        ("networks", "DOWN", "ready"),
        ("networks", "ERROR", "network net is in the state ERROR"),
        ("routers", "ERROR", "router router is in the state ERROR"),
    ] {
        let mut it = lists(name);
        it["status"] = json!(status);
        let joined = json!({ "id": "port", "network_id": "net", "device_id": "router",
            "device_owner": "network:router_interface_distributed",
            "fixed_ips": [{ "subnet_id": "sub", "ip_address": "10.50.0.1" }] });
        let (cloud, changes) = neutron(move |_, path| match path {
            "/ports" => list(path, std::slice::from_ref(&joined)),
            path => with(path, name, std::slice::from_ref(&it)),
        })
        .await;
        match cloud.make_asset(&region(), MARK, &asset(Some("outside")), &[]).await.unwrap() {
            Making::UnderWay(_) => assert_eq!(expected, "under way", "{status}"),
            Making::Ready(_) => assert_eq!(expected, "ready", "{status}"),
            Making::Failed { message, parts } => {
                assert!(message.contains(expected), "{message}");
                assert_eq!(parts.len(), 4);
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(*changes.lock().unwrap(), [""; 0]);
    }
}

#[tokio::test]
async fn a_cloud_without_routers_has_networks_that_lead_nowhere_responder() {
    let (cloud, _) = neutron(|_, path| match path {
        "/routers" => refusal(404, "The resource could not be found."),
        path => with(path, "", &[]),
    })
    .await;
    let made = cloud.make_asset(&region(), MARK, &asset(None), &[]).await.unwrap();
    assert!(matches!(&made, Making::Ready(parts) if parts.len() == 3), "{made:?}");
    let refused = cloud.make_asset(&region(), MARK, &asset(Some("outside")), &[]).await;
    assert!(matches!(&refused, Err(CloudError::Unsupported(text)) if text.contains("routers")), "{refused:?}");
    // Networks are no extension: without them it is another service.
    let (cloud, _) = neutron(|_, _| refusal(404, "The resource could not be found.")).await;
    let refused = cloud.make_asset(&region(), MARK, &asset(None), &[]).await;
    assert!(matches!(&refused, Err(CloudError::NotFound(_))), "{refused:?}");
}

#[tokio::test]
async fn what_goes_on_the_way_is_looked_at_again_responder() {
    for (missing, call) in [
        ("subnets", "POST /subnets"),
        ("rules", "POST /security-group-rules"),
        ("interface", "PUT /routers/router/add_router_interface"),
    ] {
        let (cloud, changes) = neutron(move |method, path| match (method, path, missing) {
            ("GET", "/subnets", "subnets") => list(path, &[]),
            ("GET", "/security-groups", "rules") => list(path, &[ours(json!({ "id": "group" }))]),
            ("GET", path, _) => with(path, "", &[]),
            _ => refusal(404, "Network net could not be found."),
        })
        .await;
        let made = cloud.make_asset(&region(), MARK, &asset(Some("outside")), &[]).await.unwrap();
        assert!(matches!(made, Making::UnderWay(_)), "{missing}: {made:?}");
        assert_eq!(*changes.lock().unwrap(), [call]);
    }
}

#[tokio::test]
async fn a_router_that_was_joined_meanwhile_is_no_failure_responder() {
    for is_joined in [true, false] {
        let n_looks = Mutex::new(0);
        let (cloud, _) = neutron(move |method, path| match (method, path) {
            ("GET", "/ports") => {
                let mut n_looks = n_looks.lock().unwrap();
                *n_looks += 1;
                let port = json!({ "id": "port", "network_id": "net", "device_id": "router",
                    "device_owner": "network:router_interface",
                    "fixed_ips": [{ "subnet_id": "sub", "ip_address": "10.50.0.1" }] });
                // On the networks, with the groups, of the routers: before the change nobody sees it.
                if is_joined && *n_looks > 3 { list(path, &[port]) } else { list(path, &[]) }
            }
            ("GET", path) => with(path, "", &[]),
            _ => refusal(400, "Bad router request: Router already has a port on subnet sub."),
        })
        .await;
        let made = cloud.make_asset(&region(), MARK, &asset(Some("outside")), &[]).await;
        match made {
            Ok(Making::UnderWay(_)) => assert!(is_joined),
            Err(CloudError::Refused(text)) => assert!(!is_joined && text.contains("Bad router request"), "{text}"),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn who_uses_it_unseen_is_told_by_neutron_responder() {
    let (cloud, changes) = neutron(|method, path| match (method, path) {
        ("GET", "/routers" | "/security-groups" | "/subnets") => list(path, &[]),
        ("GET", path) => with(path, "", &[]),
        _ => refusal(409, "Unable to complete operation on network net. There are one or more ports still in use"),
    })
    .await;
    let refused = cloud.remove_asset(&region(), MARK, &asset(None), &[]).await;
    let is_said = |text: &str| text.contains("ports still in use") && text.contains("(request req-test)");
    assert!(matches!(&refused, Err(CloudError::Conflict(text)) if is_said(text)), "{refused:?}");
    assert_eq!(*changes.lock().unwrap(), ["DELETE /networks/net"]);
}

#[tokio::test]
async fn what_was_removed_meanwhile_is_gone_responder() {
    let (cloud, _) = neutron(|method, path| match method {
        "GET" => with(path, "", &[]),
        _ => refusal(404, "Router router could not be found"),
    })
    .await;
    assert_eq!(cloud.remove_asset(&region(), MARK, &asset(None), &[]).await.unwrap(), Removal::UnderWay);
}

#[tokio::test]
async fn an_id_does_not_lead_elsewhere_responder() {
    let (cloud, changes) = neutron(|method, path| match (method, path) {
        ("GET", "/networks") => list(path, &[ours(json!({ "id": "../ports/x" }))]),
        ("GET", path) => list(path, &[]),
        _ => answer(204, "", b""),
    })
    .await;
    assert_eq!(cloud.remove_asset(&region(), MARK, &asset(None), &[]).await.unwrap(), Removal::UnderWay);
    assert_eq!(*changes.lock().unwrap(), ["DELETE /networks/%2E%2E%2Fports%2Fx"]);
}
