//! What a user asks of one server of a real cloud: its size, its snapshots, its volumes, its console.

use std::time::Duration;

use cloud::{
    Cloud, CloudError,
    operation::{Operation, Progress, Target},
    server::{Mark, Order, Size},
};
use cloud_openstack::OpenStack;
use http::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    real::{Raw, real, unique},
    servers::{region, remove, spec, wait_until_on},
};

/// What is lost between two calls.
#[derive(Clone, Copy)]
pub enum Lost {
    Nothing,
    /// Each answer: the operation goes on from what the cloud tells.
    Orders,
}

/// Calls until it ends, twice each time. The last order, and how it ended.
pub async fn run(
    cloud: &OpenStack,
    target: &Target,
    id: Uuid,
    operation: &Operation,
    lost: Lost,
) -> Result<(Option<Order>, Progress), CloudError> {
    let mut order: Option<Order> = None;
    for n_calls in 0..960 {
        let known = order.as_ref().filter(|_| matches!(lost, Lost::Nothing));
        match cloud.operate(target, id, operation, known).await {
            Ok(Progress::UnderWay(it)) => order = it.or(order),
            Err(CloudError::Conflict(_)) => {}
            ended => return Ok((order, ended?)),
        }
        if n_calls % 2 == 1 {
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
    }
    panic!("{operation:?} does not end");
}

pub async fn done(cloud: &OpenStack, target: &Target, id: Uuid, operation: &Operation, lost: Lost) -> Option<String> {
    match run(cloud, target, id, operation, lost).await.unwrap().1 {
        Progress::Done(made) => made,
        other => panic!("{operation:?}: {other:?}"),
    }
}

pub fn target(mark: Mark, cloud_id: &str) -> Target {
    Target { location: region(), cloud_id: cloud_id.to_owned(), mark }
}

/// A server that runs.
pub async fn launch(cloud: &OpenStack, raw: &Raw, networks: &[&str]) -> Target {
    let spec = spec(raw, networks).await;
    let order = cloud.launch(&spec).await.unwrap();
    wait_until_on(cloud, spec.mark).await;
    target(spec.mark, &order.id)
}

async fn server(raw: &Raw, target: &Target) -> Value {
    raw.get("compute", &format!("/servers/{}", target.cloud_id)).await["server"].clone()
}

async fn act(raw: &Raw, target: &Target, action: Value, status: &str) {
    raw.call(Method::POST, "compute", &format!("/servers/{}/action", target.cloud_id), action).await;
    for _ in 0..480 {
        let server = server(raw, target).await;
        if server["status"] == status && server["OS-EXT-STS:task_state"].is_null() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    panic!("not {status}");
}

/// What was asked of a server, the oldest first.
async fn actions(raw: &Raw, target: &Target) -> Vec<String> {
    let all = raw.get("compute", &format!("/servers/{}/os-instance-actions", target.cloud_id)).await;
    let names = all["instanceActions"].as_array().unwrap().iter().rev();
    names.map(|it| it["action"].as_str().unwrap().to_owned()).collect()
}

async fn make_flavor(admin: &Raw, ram: u32, disk: u32) -> String {
    let body = json!({ "flavor": { "name": unique("flavor"), "vcpus": 1, "ram": ram, "disk": disk } });
    let made = admin.call(Method::POST, "compute", "/flavors", body).await;
    made["flavor"]["id"].as_str().unwrap().to_owned()
}

async fn delete_flavor(admin: &Raw, id: &str) {
    admin.call(Method::DELETE, "compute", &format!("/flavors/{id}"), Value::Null).await;
}

fn resize(flavor: &str) -> Operation {
    Operation::Resize { size: Size::Flavor(flavor.to_owned()) }
}

#[tokio::test]
async fn a_server_is_resized_whether_it_runs_or_not_and_once() {
    let real = real();
    let (cloud, raw, admin) = (real.connect("demo"), real.raw("demo").await, real.raw("admin").await);
    let tiny = raw.id("compute", "/flavors", "flavors", "m1.tiny").await;
    // Of the same size, by another name.
    let twin = make_flavor(&admin, 512, 1).await;
    let target = launch(&cloud, &raw, &["private"]).await;
    let id = Uuid::new_v4();
    let mut expected = vec!["create".to_owned()];
    for (flavor, lost) in [(&twin, Lost::Nothing), (&tiny, Lost::Orders)] {
        assert_eq!(done(&cloud, &target, id, &resize(flavor), lost).await, None);
        let now = server(&raw, &target).await;
        assert_eq!((&now["flavor"]["id"], &now["status"]), (&json!(flavor), &json!("ACTIVE")));
        expected.extend(["resize", "confirmResize"].map(str::to_owned));
        assert_eq!(done(&cloud, &target, id, &resize(flavor), Lost::Orders).await, None);
        assert_eq!(actions(&raw, &target).await, expected);
    }
    act(&raw, &target, json!({ "os-stop": null }), "SHUTOFF").await;
    expected.push("stop".to_owned());
    done(&cloud, &target, id, &resize(&twin), Lost::Nothing).await;
    let now = server(&raw, &target).await;
    assert_eq!((&now["flavor"]["id"], &now["status"]), (&json!(twin), &json!("SHUTOFF")));
    expected.extend(["resize", "confirmResize"].map(str::to_owned));
    assert_eq!(actions(&raw, &target).await, expected);
    remove(&cloud, target.mark).await;
    delete_flavor(&admin, &twin).await;
}

#[tokio::test]
async fn a_resize_to_something_else_is_reverted_first() {
    let real = real();
    let (cloud, raw) = (real.connect("demo"), real.raw("demo").await);
    let tiny = raw.id("compute", "/flavors", "flavors", "m1.tiny").await;
    let small = raw.id("compute", "/flavors", "flavors", "m1.small").await;
    let target = launch(&cloud, &raw, &["private"]).await;
    act(&raw, &target, json!({ "resize": { "flavorRef": small } }), "VERIFY_RESIZE").await;
    done(&cloud, &target, Uuid::new_v4(), &resize(&tiny), Lost::Orders).await;
    let now = server(&raw, &target).await;
    assert_eq!((&now["flavor"]["id"], &now["status"]), (&json!(tiny), &json!("ACTIVE")));
    assert_eq!(actions(&raw, &target).await, ["create", "resize", "revertResize"]);

    // One that somebody else takes back is not tried again.
    let order = match cloud.operate(&target, Uuid::new_v4(), &resize(&small), None).await.unwrap() {
        Progress::UnderWay(Some(order)) => order,
        other => panic!("{other:?}"),
    };
    assert_eq!((&order.id, order.request_id.as_deref().unwrap().starts_with("req-")), (&target.cloud_id, true));
    for _ in 0..480 {
        if server(&raw, &target).await["status"] == "VERIFY_RESIZE" {
            break;
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    act(&raw, &target, json!({ "revertResize": null }), "ACTIVE").await;
    let ended = cloud.operate(&target, Uuid::new_v4(), &resize(&small), Some(&order)).await.unwrap();
    let says =
        |text: &str| text.contains("has its old flavor again") && text.contains(order.request_id.as_ref().unwrap());
    assert!(matches!(&ended, Progress::Failed { message } if says(message)), "{ended:?}");
    remove(&cloud, target.mark).await;
}

#[tokio::test]
async fn a_resize_that_no_host_takes_fails_with_what_nova_tells() {
    let real = real();
    let (cloud, raw, admin) = (real.connect("demo"), real.raw("demo").await, real.raw("admin").await);
    let huge = make_flavor(&admin, 512, 1_000_000).await;
    let target = launch(&cloud, &raw, &["private"]).await;
    let (order, ended) = run(&cloud, &target, Uuid::new_v4(), &resize(&huge), Lost::Nothing).await.unwrap();
    let order = order.unwrap();
    let request = format!("(request {})", order.request_id.as_ref().unwrap());
    let by_admin = real.connect("admin").operate(&target, Uuid::new_v4(), &resize(&huge), Some(&order)).await.unwrap();
    assert_eq!(actions(&raw, &target).await, ["create", "resize"]);
    let unknown = cloud.operate(&target, Uuid::new_v4(), &resize("none"), None).await;
    let custom = Size::Custom { vcpus: 1, cores_per_socket: 1, memory_mib: 512 };
    let by_hand = cloud.operate(&target, Uuid::new_v4(), &Operation::Resize { size: custom }, None).await;
    act(&raw, &target, json!({ "suspend": null }), "SUSPENDED").await;
    let suspended = cloud.operate(&target, Uuid::new_v4(), &resize(&huge), None).await;
    remove(&cloud, target.mark).await;
    delete_flavor(&admin, &huge).await;

    let gave_up = "Nova gave up on resize:";
    let silent = format!("{gave_up} cold_migrate ended with an error; Nova tells only its administrator why {request}");
    assert_eq!(ended, Progress::Failed { message: silent });
    let told = format!("{gave_up} No valid host was found. No valid host found for resize {request}");
    assert_eq!(by_admin, Progress::Failed { message: told });
    for (refused, expected) in [
        (unknown, "Flavor none could not be found"),
        (by_hand, "flavors"),
        (suspended, "is SUSPENDED; a resize needs it"),
    ] {
        assert!(matches!(&refused, Err(CloudError::Refused(text)) if text.contains(expected)), "{refused:?}");
    }
    let gone = cloud.operate(&target, Uuid::new_v4(), &resize(&huge), None).await;
    assert!(matches!(&gone, Err(CloudError::NotFound(_))), "{gone:?}");
}

#[tokio::test]
async fn a_failed_server_is_not_resized() {
    let real = real();
    let (cloud, raw, admin) = (real.connect("demo"), real.raw("demo").await, real.raw("admin").await);
    let target = launch(&cloud, &raw, &["private"]).await;
    let reset = json!({ "os-resetState": { "state": "error" } });
    admin.call(Method::POST, "compute", &format!("/servers/{}/action", target.cloud_id), reset).await;
    let small = raw.id("compute", "/flavors", "flavors", "m1.small").await;
    let resized = cloud.operate(&target, Uuid::new_v4(), &resize(&small), None).await.unwrap();
    let snapshot = Operation::Snapshot { name: unique("none"), description: String::new() };
    let refused = cloud.operate(&target, Uuid::new_v4(), &snapshot, None).await;
    remove(&cloud, target.mark).await;
    assert!(matches!(&resized, Progress::Failed { message } if message.contains("(request req-")), "{resized:?}");
    assert!(matches!(&refused, Err(CloudError::Refused(text)) if text.contains("is ERROR; a snapshot")), "{refused:?}");
}

#[tokio::test]
async fn a_snapshot_is_one_image_also_when_the_order_was_lost() {
    let real = real();
    let (cloud, raw) = (real.connect("demo"), real.raw("demo").await);
    let target = launch(&cloud, &raw, &["private"]).await;
    let name = unique("snapshot");
    let of = |description: &str| Operation::Snapshot { name: name.clone(), description: description.to_owned() };
    let images = async || {
        let all = raw.get("image", &format!("/v2/images?name={name}")).await;
        all["images"].as_array().unwrap().clone()
    };
    let (first, second) = (Uuid::new_v4(), Uuid::new_v4());
    let made = done(&cloud, &target, first, &of("before the upgrade"), Lost::Orders).await.unwrap();
    let again = done(&cloud, &target, first, &of("before the upgrade"), Lost::Orders).await.unwrap();
    let there = images().await;
    assert_eq!((there.len(), &there[0]["id"], &made), (1, &json!(made), &again));
    assert_eq!((&there[0]["status"], &there[0]["description"]), (&json!("active"), &json!("before the upgrade")));

    let other = done(&cloud, &target, second, &of(""), Lost::Nothing).await.unwrap();
    assert_eq!((images().await.len(), other == made), (2, false));
    let details = cloud.details(&region(), &target.cloud_id).await.unwrap();
    let shown: Vec<_> = details.snapshots.iter().map(|it| (it.id.as_str(), it.description.as_deref())).collect();
    assert_eq!(shown, [(made.as_str(), Some("before the upgrade")), (other.as_str(), None)]);
    let one = &details.snapshots[0];
    assert_eq!((one.name.as_str(), one.status.as_str(), one.size_bytes), (name.as_str(), "active", Some(1 << 20)));
    assert!(one.created_at.is_some());

    // One that somebody deleted is not made again.
    let third = Uuid::new_v4();
    let (order, ended) = run(&cloud, &target, third, &of(""), Lost::Nothing).await.unwrap();
    let Progress::Done(Some(last)) = ended else { panic!("{ended:?}") };
    let order = order.unwrap();
    assert_eq!(order.id, last);
    for id in [&made, &other, &last] {
        raw.call(Method::DELETE, "image", &format!("/v2/images/{id}"), Value::Null).await;
    }
    let ended = cloud.operate(&target, third, &of(""), Some(&order)).await.unwrap();
    assert!(matches!(&ended, Progress::Failed { message } if message.contains(&last)), "{ended:?}");
    assert_eq!(images().await, [] as [Value; 0]);
    remove(&cloud, target.mark).await;
}

async fn make_volume(raw: &Raw) -> String {
    let body = json!({ "volume": { "size": 1, "name": unique("volume") } });
    let made = raw.call(Method::POST, "volumev3", "/volumes", body).await;
    let id = made["volume"]["id"].as_str().unwrap().to_owned();
    wait_for_volume(raw, &id, "available").await;
    id
}

async fn wait_for_volume(raw: &Raw, id: &str, status: &str) {
    for _ in 0..480 {
        if raw.get("volumev3", &format!("/volumes/{id}")).await["volume"]["status"] == status {
            return;
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    panic!("volume {id} is never {status}");
}

#[tokio::test]
async fn a_volume_is_attached_to_one_server_and_detached() {
    let real = real();
    let (cloud, raw) = (real.connect("demo"), real.raw("demo").await);
    let (target, other) = (launch(&cloud, &raw, &["private"]).await, launch(&cloud, &raw, &["private"]).await);
    let volume = make_volume(&raw).await;
    let (attach, detach) =
        (Operation::AttachVolume { volume: volume.clone() }, Operation::DetachVolume { volume: volume.clone() });
    let id = Uuid::new_v4();
    assert_eq!(done(&cloud, &target, id, &attach, Lost::Orders).await, None);
    assert_eq!(done(&cloud, &target, id, &attach, Lost::Orders).await, None);
    let record = raw.get("volumev3", &format!("/volumes/{volume}")).await["volume"].clone();
    assert_eq!(
        (&record["status"], &record["attachments"][0]["server_id"]),
        (&json!("in-use"), &json!(target.cloud_id))
    );
    let details = cloud.details(&region(), &target.cloud_id).await.unwrap();
    let [disk] = details.disks.as_slice() else { panic!("{details:?}") };
    assert_eq!((disk.id.as_str(), disk.name.as_str()), (volume.as_str(), record["name"].as_str().unwrap()));
    assert_eq!((disk.size_bytes, disk.place.as_deref()), (Some(1 << 30), record["attachments"][0]["device"].as_str()));

    let taken = cloud.operate(&other, id, &attach, None).await;
    let owner = format!("in-use by server {}", target.cloud_id);
    assert!(matches!(&taken, Err(CloudError::Refused(text)) if text.contains(&owner)), "{taken:?}");
    assert_eq!(done(&cloud, &other, id, &detach, Lost::Nothing).await, None, "it is not there");
    assert_eq!(raw.get("volumev3", &format!("/volumes/{volume}")).await["volume"]["status"], "in-use");
    assert_eq!(done(&cloud, &target, id, &detach, Lost::Orders).await, None);
    assert_eq!(raw.get("volumev3", &format!("/volumes/{volume}")).await["volume"]["status"], "available");
    assert_eq!(actions(&raw, &target).await, ["create", "attach_volume", "detach_volume"]);

    // One that somebody detached is not attached again.
    let (order, _) = run(&cloud, &target, id, &attach, Lost::Nothing).await.unwrap();
    let path = format!("/servers/{}/os-volume_attachments/{volume}", target.cloud_id);
    raw.call(Method::DELETE, "compute", &path, Value::Null).await;
    wait_for_volume(&raw, &volume, "available").await;
    let mut ended = Progress::UnderWay(None);
    for _ in 0..240 {
        ended = cloud.operate(&target, id, &attach, order.as_ref()).await.unwrap();
        if !matches!(ended, Progress::UnderWay(_)) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    assert!(matches!(&ended, Progress::Failed { message } if message.contains("is detached again")), "{ended:?}");
    for nothing in [Uuid::new_v4().to_string(), "../types".to_owned()] {
        let unknown = cloud.operate(&target, id, &Operation::AttachVolume { volume: nothing.clone() }, None).await;
        let says = format!("there is no volume {nothing}");
        assert!(matches!(&unknown, Err(CloudError::Refused(text)) if text.contains(&says)), "{unknown:?}");
    }
    remove(&cloud, target.mark).await;
    remove(&cloud, other.mark).await;
    raw.call(Method::DELETE, "volumev3", &format!("/volumes/{volume}"), Value::Null).await;
}

#[tokio::test]
async fn the_end_of_the_console_is_shown() {
    let real = real();
    let (cloud, raw) = (real.connect("demo"), real.raw("demo").await);
    let target = launch(&cloud, &raw, &["private"]).await;
    let name = server(&raw, &target).await["name"].as_str().unwrap().to_owned();
    let few = cloud.console_output(&region(), &target.cloud_id, 3).await.unwrap();
    let all = cloud.console_output(&region(), &target.cloud_id, 100).await.unwrap();
    let picture = cloud.console_picture(&region(), &target.cloud_id).await;
    let disk = cloud.operate(&target, Uuid::new_v4(), &Operation::RemoveDisk { disk: "sda".to_owned() }, None).await;
    remove(&cloud, target.mark).await;
    assert_eq!(few, format!("[    1.020000] line 20\n\n{name} login: "));
    assert!(all.starts_with("[    0.000000]") && all.ends_with(&few), "{all}");
    assert!(matches!(&picture, Err(CloudError::Unsupported(_))), "{picture:?}");
    assert!(matches!(&disk, Err(CloudError::Unsupported(text)) if text.contains("attach volumes")), "{disk:?}");
    for result in [
        cloud.console_output(&region(), &target.cloud_id, 3).await.map(drop),
        cloud.console_output(&region(), "../flavors", 3).await.map(drop),
        cloud.details(&region(), &target.cloud_id).await.map(drop),
    ] {
        assert!(matches!(&result, Err(CloudError::NotFound(_))), "{result:?}");
    }
}
