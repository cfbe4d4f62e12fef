//! What a cloud may say when servers are made and no real one can be made to say, played by responders.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use cloud::{
    Cloud, CloudError, LocationId,
    server::{Mark, Nic, Order, Placement, PowerChange, Removal, RootVolume, ServerSpec, Size},
};
use cloud_openstack::OpenStack;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    bad_catalog::{cloud, entry},
    responder::{self, Asked, Said, answer},
};

const MARK: Mark = Mark(Uuid::from_u128(7));
const SERVER: &str = "11111111-2222-3333-4444-555555555555";

fn region() -> LocationId {
    LocationId("One".to_owned())
}

fn order() -> Order {
    Order::new(SERVER.to_owned(), None)
}

fn spec() -> ServerSpec {
    ServerSpec {
        mark: MARK,
        location: region(),
        name: "made".to_owned(),
        image: "image".to_owned(),
        size: Size::Flavor("flavor".to_owned()),
        nics: vec![Nic { network: "net".to_owned(), fixed_ip: None }],
        user_data: Some("a password of the guest".to_owned()),
        metadata: BTreeMap::new(),
        placement: Placement::Openstack {
            security_groups: vec![],
            availability_zone: None,
            root_volume: None,
            config_drive: false,
            server_group: None,
            key_name: None,
        },
    }
}

/// A Nova and a Neutron; the calls to them, with their bodies.
async fn openstack(said: impl Fn(&Asked) -> Said + Send + Sync + 'static) -> (OpenStack, Arc<Mutex<Vec<String>>>) {
    let calls = Arc::new(Mutex::new(Vec::new()));
    let catalog = json!([entry("compute", "{own}/v2.1"), entry("network", "{own}")]);
    let known = calls.clone();
    let (cloud, _) = cloud(catalog, move |asked| {
        let path = asked.path.split('?').next().unwrap();
        known.lock().unwrap().push(format!("{} {path}", asked.method));
        said(asked)
    })
    .await;
    (cloud, calls)
}

fn ports(names: &[String]) -> Said {
    let port = |it: &String| json!({ "id": "port", "name": it, "network_id": "net", "device_id": "" });
    responder::json(200, &json!({ "ports": names.iter().map(port).collect::<Vec<Value>>() }))
}

fn ours() -> String {
    format!("stackyard-{MARK}-0")
}

#[tokio::test]
async fn a_nova_without_tags_is_not_supported_and_leaves_no_port_responder() {
    let left = Arc::new(Mutex::new(vec![ours()]));
    let there = left.clone();
    let (cloud, calls) = openstack(move |asked| match (asked.method.as_str(), asked.path.as_str()) {
        ("DELETE", "/v2.0/ports/port") => {
            there.lock().unwrap().clear();
            answer(204, "", b"")
        }
        (_, path) if path.starts_with("/v2.0/ports") => ports(&there.lock().unwrap()),
        // A Neutron without routers.
        (_, path) if path.starts_with("/v2.0/floatingips") => answer(404, "", b"The resource could not be found."),
        _ => answer(406, "", b"Version 2.52 is not supported by the API. Minimum is 2.1 and maximum is 2.38."),
    })
    .await;
    let found = cloud.find_servers(&region(), MARK, None).await.map(|it| it.len());
    let made = cloud.launch(&spec()).await.map(|it| it.id.len());
    for result in [found, made] {
        let says = |text: &String| text.contains("microversion 2.52") && text.contains("maximum is 2.38");
        assert!(matches!(&result, Err(CloudError::Unsupported(text)) if says(text)), "{result:?}");
    }
    assert_eq!(cloud.remove_server(&region(), MARK, None).await.unwrap(), Removal::Gone);
    assert!(left.lock().unwrap().is_empty());
    let calls = calls.lock().unwrap();
    assert!(!calls.iter().any(|it| it == "POST /v2.0/ports"), "the one that was there is used: {calls:?}");
}

#[tokio::test]
async fn an_old_nova_is_not_asked_for_a_volume_type_responder() {
    let (cloud, _) = openstack(|asked| match (asked.method.as_str(), asked.path.as_str()) {
        (_, path) if path.starts_with("/v2.0/ports") => ports(&[ours()]),
        _ => answer(406, "", b"Version 2.67 is not supported by the API. Minimum is 2.1 and maximum is 2.60."),
    })
    .await;
    let mut spec = spec();
    if let Placement::Openstack { root_volume, .. } = &mut spec.placement {
        *root_volume = Some(RootVolume { size_gib: 1, volume_type: Some("fast".to_owned()) });
    }
    let refused = cloud.launch(&spec).await;
    let says = |text: &String| text.contains("leave the type out") && text.contains("maximum is 2.60");
    assert!(matches!(&refused, Err(CloudError::Refused(text)) if says(text)), "{refused:?}");
}

#[tokio::test]
async fn what_is_not_ours_stays_where_filters_are_overlooked_responder() {
    let (cloud, calls) = openstack(|asked| match asked.path.split('?').next().unwrap() {
        "/v2.1/servers/detail" => responder::json(
            200,
            &json!({ "servers": [{ "id": SERVER, "status": "ACTIVE", "tags": ["other"], "metadata": { "a": "b" } }] }),
        ),
        "/v2.0/floatingips" => {
            let of = |project: &str, description: String| {
                json!({ "id": Uuid::nil(), "project_id": project, "port_id": null, "description": description })
            };
            let other = format!("stackyard {} {}", Uuid::from_u128(8), Uuid::nil());
            let others = [of("p", other), of("other", format!("stackyard {MARK} {}", Uuid::nil())), of("p", MARK.to_string())];
            responder::json(200, &json!({ "floatingips": others }))
        }
        _ => ports(&["other".to_owned(), format!("stackyard-{}-0", Uuid::from_u128(8))]),
    })
    .await;
    assert_eq!(cloud.find_servers(&region(), MARK, None).await.unwrap(), []);
    assert_eq!(cloud.remove_server(&region(), MARK, None).await.unwrap(), Removal::Gone);
    assert!(!calls.lock().unwrap().iter().any(|it| it.starts_with("DELETE")));
}

#[tokio::test]
async fn a_server_that_cannot_be_looked_at_is_not_taken_for_gone_responder() {
    let (cloud, calls) = openstack(|asked| match asked.path.split('?').next().unwrap() {
        // As Nova answers while the database of a cell is away: no servers in the list, and an error for each.
        "/v2.1/servers/detail" => responder::json(200, &json!({ "servers": [] })),
        "/v2.0/ports" => responder::json(
            200,
            &json!({ "ports": [{ "id": "port", "name": ours(), "network_id": "net",
                "device_id": SERVER, "device_owner": "compute:nova" }] }),
        ),
        _ => answer(500, "", br#"{"computeFault": {"message": "Cell is not responding"}}"#),
    })
    .await;
    for order in [Some(order()), None] {
        let found = cloud.find_servers(&region(), MARK, order.as_ref()).await;
        let removed = cloud.remove_server(&region(), MARK, order.as_ref()).await;
        let says = |err: &CloudError| err.to_string().contains("Cell is not responding");
        assert!(found.as_ref().is_err_and(says) && removed.as_ref().is_err_and(says), "{found:?} {removed:?}");
    }
    assert!(!calls.lock().unwrap().iter().any(|it| it.starts_with("DELETE")));
}

#[tokio::test]
async fn what_a_cloud_keeps_after_its_deletion_is_deleted_for_good_responder() {
    let bodies = Arc::new(Mutex::new(Vec::new()));
    let known = bodies.clone();
    let (cloud, calls) = openstack(move |asked| match asked.path.split('?').next().unwrap() {
        "/v2.1/servers/detail" => responder::json(200, &json!({ "servers": [] })),
        path if path.ends_with("/action") => {
            known.lock().unwrap().push(serde_json::from_slice::<Value>(&asked.body).unwrap());
            answer(202, "", b"")
        }
        "/v2.0/ports" => ports(&[ours()]),
        _ => responder::json(200, &json!({ "server": { "id": SERVER, "status": "SOFT_DELETED" } })),
    })
    .await;
    assert_eq!(cloud.remove_server(&region(), MARK, Some(&order())).await.unwrap(), Removal::UnderWay);
    assert_eq!(*bodies.lock().unwrap(), [json!({ "forceDelete": null })]);
    assert!(!calls.lock().unwrap().iter().any(|it| it.starts_with("DELETE")), "its port waits for it");
}

#[tokio::test]
async fn an_order_is_sent_once_and_user_data_is_not_repeated_responder() {
    for (status, n_orders) in [(503, 1), (500, 1), (400, 1), (401, 2)] {
        let (cloud, calls) = openstack(move |asked| match asked.path.split('?').next().unwrap() {
            "/v2.0/ports" => ports(&[ours()]),
            // Servers send back what they were sent.
            _ => answer(status, "", &asked.body),
        })
        .await;
        let err = cloud.launch(&spec()).await.unwrap_err();
        let n_sent = calls.lock().unwrap().iter().filter(|it| *it == "POST /v2.1/servers").count();
        assert_eq!(n_sent, n_orders, "{status}: only a call that was not let in is repeated");
        // In the words of the guest, or as Nova takes it.
        let shown = format!("{err} {err:?}");
        assert!(shown.contains("user_data") || shown.contains("[secret]"), "{shown}");
        assert!(!shown.contains("password") && !shown.contains("YSBwYXNzd29y"), "{shown}");
    }
}

#[tokio::test]
async fn an_id_that_is_none_leads_nowhere_responder() {
    let (cloud, calls) = openstack(|_| answer(202, "", b"")).await;
    for id in ["../os-keypairs", "", "."] {
        let changed = cloud.change_power(&region(), id, PowerChange::RebootHard).await;
        assert!(matches!(&changed, Err(CloudError::NotFound(_))), "{changed:?}");
    }
    assert_eq!(*calls.lock().unwrap(), [] as [String; 0]);
}
