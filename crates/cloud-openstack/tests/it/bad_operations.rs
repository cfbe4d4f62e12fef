//! What a cloud may say to operations on servers and no real one can be made to say, played by responders.

use std::sync::{Arc, Mutex};

use cloud::{
    Cloud, CloudError, LocationId,
    operation::{Operation, Progress, Target},
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
const SERVER: Uuid = Uuid::from_u128(8);
const FLOATING_IP: Uuid = Uuid::from_u128(9);
const OPERATION: Uuid = Uuid::from_u128(10);

fn target() -> Target {
    Target { location: LocationId("One".to_owned()), cloud_id: SERVER.to_string(), mark: MARK }
}

/// Nova, Neutron and Glance; what changes something, with its condition.
async fn openstack(
    said: impl Fn(&Asked, &str) -> Said + Send + Sync + 'static,
) -> (OpenStack, Arc<Mutex<Vec<String>>>) {
    let changes = Arc::new(Mutex::new(Vec::new()));
    let catalog = json!([entry("compute", "{own}/v2.1"), entry("network", "{own}"), entry("image", "{own}/v2")]);
    let known = changes.clone();
    let (cloud, _) = cloud(catalog, move |asked| {
        let path = asked.path.split('?').next().unwrap();
        if asked.method != "GET" {
            let condition = asked.headers.iter().find(|it| it.0 == "if-match").map_or("", |it| it.1.as_str());
            known.lock().unwrap().push(format!("{} {path} {condition}", asked.method).trim_end().to_owned());
        }
        said(asked, path)
    })
    .await;
    (cloud, changes)
}

fn floating_ip(fields: Value) -> Value {
    let mut all = json!({ "id": FLOATING_IP, "project_id": "p", "floating_ip_address": "203.0.113.9" });
    all.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    all
}

fn port() -> Said {
    let port = json!({ "id": "port", "network_id": "net", "device_id": SERVER, "device_owner": "compute:nova" });
    responder::json(200, &json!({ "ports": [port] }))
}

#[tokio::test]
async fn a_floating_ip_that_was_changed_meanwhile_is_looked_at_again_responder() {
    for (revision, condition) in [(json!(4), " revision_number=4"), (Value::Null, "")] {
        let (cloud, changes) = openstack(move |asked, path| match (asked.method.as_str(), path) {
            (_, "/v2.0/ports") => port(),
            ("GET", _) => {
                let free = floating_ip(json!({ "revision_number": revision }));
                responder::json(200, &json!({ "floatingips": [free] }))
            }
            _ => answer(412, "", br#"{"NeutronError": {"message": "Constrained to 4, but current revision is 5"}}"#),
        })
        .await;
        let add = Operation::AddFloatingIp { pool: "pool".to_owned() };
        let taken = cloud.operate(&target(), OPERATION, &add, None).await.unwrap();
        assert_eq!(taken, Progress::UnderWay(None));
        assert_eq!(*changes.lock().unwrap(), [format!("PUT /v2.0/floatingips/{FLOATING_IP}{condition}")]);
    }
}

#[tokio::test]
async fn what_is_deleted_is_what_was_looked_at_responder() {
    let description = format!("stackyard {MARK} {OPERATION}");
    let (cloud, changes) = openstack(move |asked, path| match (asked.method.as_str(), path) {
        (_, "/v2.1/servers/detail") => responder::json(200, &json!({ "servers": [] })),
        (_, "/v2.0/ports") => responder::json(200, &json!({ "ports": [] })),
        ("GET", _) => {
            let ours = floating_ip(json!({ "revision_number": 1, "description": description }));
            responder::json(200, &json!({ "floatingips": [ours] }))
        }
        _ => answer(412, "", b"{}"),
    })
    .await;
    let removed = cloud.remove_server(&target().location, MARK, None).await.unwrap();
    assert_eq!(removed, Removal::UnderWay);
    assert_eq!(*changes.lock().unwrap(), [format!("DELETE /v2.0/floatingips/{FLOATING_IP} revision_number=1")]);
}

#[tokio::test]
async fn addresses_that_are_not_free_are_not_taken_responder() {
    let others = [
        json!({ "project_id": "other" }),
        json!({ "port_id": "another" }),
        json!({ "port_forwardings": [{ "external_port": 22 }] }),
        json!({ "description": format!("stackyard {} {OPERATION}", Uuid::nil()) }),
    ];
    for other in others {
        let (cloud, changes) = openstack(move |asked, path| match (asked.method.as_str(), path) {
            (_, "/v2.0/ports") => port(),
            ("GET", _) => responder::json(200, &json!({ "floatingips": [floating_ip(other.clone())] })),
            ("POST", _) => responder::json(201, &json!({ "floatingip": { "id": "made" } })),
            _ => answer(500, "", b""),
        })
        .await;
        let add = Operation::AddFloatingIp { pool: "pool".to_owned() };
        let made = cloud.operate(&target(), OPERATION, &add, None).await.unwrap();
        assert_eq!(made, Progress::Done(Some("made".to_owned())));
        assert_eq!(*changes.lock().unwrap(), ["POST /v2.0/floatingips"]);
    }
}

#[tokio::test]
async fn an_image_of_somebody_else_is_no_snapshot_of_ours_responder() {
    let (cloud, changes) = openstack(|asked, path| match (asked.method.as_str(), path) {
        // Filters are overlooked.
        (_, "/v2/images") => {
            let image = |owner: &str, operation: Uuid| {
                json!({ "id": "image", "status": "active", "owner": owner, "stackyard_operation": operation })
            };
            responder::json(200, &json!({ "images": [image("other", OPERATION), image("p", SERVER)] }))
        }
        ("GET", _) => responder::json(200, &json!({ "server": { "id": SERVER, "status": "ACTIVE" } })),
        _ => responder::json(202, &json!({ "image_id": "new" })),
    })
    .await;
    let snapshot = Operation::Snapshot { name: "now".to_owned(), description: String::new() };
    let ordered = cloud.operate(&target(), OPERATION, &snapshot, None).await.unwrap();
    assert!(matches!(&ordered, Progress::UnderWay(Some(order)) if order.id == "new"), "{ordered:?}");
    assert_eq!(*changes.lock().unwrap(), [format!("POST /v2.1/servers/{SERVER}/action")]);
}

#[tokio::test]
async fn a_killed_image_is_a_failed_snapshot_responder() {
    for (status, expected) in [("killed", "image image is killed"), ("pending_delete", "image image is pending_delete")]
    {
        let (cloud, _) = openstack(move |_, _| {
            let image = json!({ "id": "image", "status": status, "owner": "p", "stackyard_operation": OPERATION });
            responder::json(200, &json!({ "images": [image] }))
        })
        .await;
        let snapshot = Operation::Snapshot { name: "now".to_owned(), description: String::new() };
        let ended = cloud.operate(&target(), OPERATION, &snapshot, None).await.unwrap();
        assert_eq!(ended, Progress::Failed { message: expected.to_owned() });
    }
}

#[tokio::test]
async fn a_console_that_is_not_there_or_too_long_says_so_responder() {
    let (cloud, _) = openstack(|_, _| {
        answer(501, "", br#"{"notImplemented": {"code": 501, "message": "Unable to get console output"}}"#)
    })
    .await;
    let none = cloud.console_output(&target().location, &target().cloud_id, 9).await;
    assert!(matches!(&none, Err(CloudError::Unsupported(text)) if text.contains("Unable to get")), "{none:?}");
    let (cloud, _) = openstack(|_, _| responder::json(200, &json!({ "output": "x".repeat(1 << 20) }))).await;
    let long = cloud.console_output(&target().location, &target().cloud_id, 9).await;
    assert!(matches!(&long, Err(CloudError::Service { .. })), "{long:?}");
    let (cloud, _) = openstack(|_, _| responder::json(200, &json!({ "output": null }))).await;
    assert_eq!(cloud.console_output(&target().location, &target().cloud_id, 9).await.unwrap(), "");
}
