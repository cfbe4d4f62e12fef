//! What a cloud may say to operations on servers and no real one can be made to say, played by responders.

use std::sync::{Arc, Mutex};

use cloud::{
    Cloud, LocationId,
    operation::{Operation, Progress, Target},
    server::Mark,
};
use cloud_openstack::OpenStack;
use serde_json::json;
use uuid::Uuid;

use crate::{
    bad_catalog::{cloud, entry},
    responder::{self, Asked, Said},
};

const MARK: Mark = Mark(Uuid::from_u128(7));
const SERVER: Uuid = Uuid::from_u128(8);
const OPERATION: Uuid = Uuid::from_u128(10);

fn target() -> Target {
    Target { location: LocationId("One".to_owned()), cloud_id: SERVER.to_string(), mark: MARK }
}

/// Nova and Glance; what changes something.
async fn openstack(
    said: impl Fn(&Asked, &str) -> Said + Send + Sync + 'static,
) -> (OpenStack, Arc<Mutex<Vec<String>>>) {
    let changes = Arc::new(Mutex::new(Vec::new()));
    let catalog = json!([entry("compute", "{own}/v2.1"), entry("image", "{own}/v2")]);
    let known = changes.clone();
    let (cloud, _) = cloud(catalog, move |asked| {
        let path = asked.path.split('?').next().unwrap();
        if asked.method != "GET" {
            known.lock().unwrap().push(format!("{} {path}", asked.method));
        }
        said(asked, path)
    })
    .await;
    (cloud, changes)
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
