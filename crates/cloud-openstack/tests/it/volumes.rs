//! Volumes that we make, at a real Cinder.

use std::time::Duration;

use cloud::{
    Cloud, CloudError,
    asset::{Asset, Making, Part},
    operation::Operation,
    server::{Mark, Removal},
};
use cloud_openstack::OpenStack;
use http::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    operations::{self, Lost},
    real::{Raw, connect, real, unique},
    servers::{region, remove as remove_server, spec, wait_until_on},
};

fn volume(name: &str, size_gib: u32) -> Asset {
    Asset::Volume { name: name.to_owned(), size_gib, volume_type: None, availability_zone: None }
}

fn new() -> (Mark, Asset) {
    (Mark(Uuid::new_v4()), volume(&unique("volume"), 1))
}

/// Asks until it is no longer under way.
async fn make(cloud: &OpenStack, mark: Mark, asset: &Asset, made: &[Part]) -> Result<Making, CloudError> {
    for _ in 0..480 {
        match cloud.make_asset(&region(), mark, asset, made).await {
            Ok(Making::UnderWay(_)) => tokio::time::sleep(Duration::from_millis(250)).await,
            ended => return ended,
        }
    }
    panic!("{asset:?} is never ready");
}

async fn ready(cloud: &OpenStack, mark: Mark, asset: &Asset, made: &[Part]) -> Part {
    match make(cloud, mark, asset, made).await.unwrap() {
        Making::Ready(mut parts) if parts.len() == 1 => parts.remove(0),
        other => panic!("{other:?}"),
    }
}

/// Returns how often something was left.
async fn remove(cloud: &OpenStack, mark: Mark, asset: &Asset) -> usize {
    for n_calls in 0..480 {
        if cloud.remove_asset(&region(), mark, asset, &[]).await.unwrap() == Removal::Gone {
            return n_calls;
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    panic!("{asset:?} is never gone");
}

/// What Cinder has of a mark, asked without our driver and without its filter.
async fn marked(raw: &Raw, mark: Mark) -> Vec<Value> {
    let all = raw.get("volumev3", "/volumes/detail").await;
    let ours = |it: &&Value| it["metadata"]["stackyard_mark"] == json!(mark);
    all["volumes"].as_array().unwrap().iter().filter(ours).cloned().collect()
}

async fn by_hand(raw: &Raw, mark: Mark) -> String {
    let body = json!({ "volume": { "size": 1, "name": "twin", "metadata": { "stackyard_mark": mark } } });
    let made = raw.call(Method::POST, "volumev3", "/volumes", body).await;
    let id = made["volume"]["id"].as_str().unwrap().to_owned();
    wait_for(raw, &id, "available").await;
    id
}

async fn wait_for(raw: &Raw, id: &str, status: &str) {
    for _ in 0..480 {
        if raw.get("volumev3", &format!("/volumes/{id}")).await["volume"]["status"] == status {
            return;
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    panic!("volume {id} is never {status}");
}

#[tokio::test]
async fn the_life_of_a_volume() {
    let real = real();
    let (cloud, raw) = (real.connect("demo"), real.raw("demo").await);
    let (mark, asset) = new();
    assert_eq!(cloud.find_asset(&region(), mark, &asset, &[]).await.unwrap(), []);
    let begun = cloud.make_asset(&region(), mark, &asset, &[]).await.unwrap();
    let Making::UnderWay(parts) = &begun else { panic!("{begun:?}") };
    // The answer is lost, the order is given again: at once, and by another session.
    let again = real.connect("demo").make_asset(&region(), mark, &asset, &[]).await.unwrap();
    assert!(matches!(again, Making::UnderWay(_) | Making::Ready(_)), "{again:?}");
    let part = ready(&cloud, mark, &asset, &[]).await;
    assert_eq!((&part.id, part.kind.as_str(), part.status.as_deref()), (&parts[0].id, "volume", Some("available")));
    assert_eq!((&part.used_by, marked(&raw, mark).await.len()), (&vec![], 1));
    assert_eq!(cloud.find_asset(&region(), mark, &asset, &[]).await.unwrap(), std::slice::from_ref(&part));
    let there = &marked(&raw, mark).await[0];
    assert_eq!((&there["name"], &there["size"]), (&json!(asset.name()), &json!(1)));

    let larger = volume(asset.name(), 2);
    assert_eq!(ready(&cloud, mark, &larger, std::slice::from_ref(&part)).await.id, part.id);
    assert_eq!(marked(&raw, mark).await[0]["size"], 2);
    let smaller = make(&cloud, mark, &asset, &[]).await;
    let says = |text: &str| text.contains("has 2 GiB; a volume is never made smaller");
    assert!(matches!(&smaller, Err(CloudError::Refused(text)) if says(text)), "{smaller:?}");

    assert!(remove(&cloud, mark, &asset).await > 0);
    assert_eq!(marked(&raw, mark).await, [] as [Value; 0]);
    assert_eq!(remove(&cloud, mark, &asset).await, 0);
    let gone = cloud.make_asset(&region(), mark, &larger, std::slice::from_ref(&part)).await.unwrap();
    assert!(matches!(&gone, Making::Missing(parts) if *parts == [part]), "{gone:?}");
    assert_eq!(marked(&raw, mark).await, [] as [Value; 0], "nothing was made in its place");
}

#[tokio::test]
async fn of_two_volumes_with_one_mark_the_older_stays() {
    let real = real();
    let (cloud, raw) = (real.connect("demo"), real.raw("demo").await);
    let (mark, asset) = new();
    let older = by_hand(&raw, mark).await;
    // Cinder tells times to the second.
    tokio::time::sleep(Duration::from_millis(1100)).await;
    let younger = by_hand(&raw, mark).await;
    assert_eq!(ready(&cloud, mark, &asset, &[]).await.id, older);
    assert_eq!(marked(&raw, mark).await.len(), 1, "{younger} is gone");
    // One that was told to be ready stays, whatever comes before it.
    let part = ready(&cloud, mark, &asset, &[]).await;
    raw.call(
        Method::POST,
        "volumev3",
        &format!("/volumes/{older}/metadata"),
        json!({ "metadata": { "stackyard_mark": "x" } }),
    )
    .await;
    let other = by_hand(&raw, mark).await;
    assert_eq!(ready(&cloud, mark, &asset, &[part]).await.id, older);
    assert_eq!(marked(&raw, mark).await, [] as [Value; 0], "{other} is gone");
    raw.call(Method::DELETE, "volumev3", &format!("/volumes/{older}"), Value::Null).await;
}

#[tokio::test]
async fn a_volume_that_a_server_has_is_extended_and_not_removed() {
    let real = real();
    let (cloud, raw) = (real.connect("demo"), real.raw("demo").await);
    let (mark, asset) = new();
    let part = ready(&cloud, mark, &asset, &[]).await;
    let spec = spec(&raw, &["private"]).await;
    cloud.launch(&spec).await.unwrap();
    let server = wait_until_on(&cloud, spec.mark).await.cloud_id.unwrap();
    let target = operations::target(spec.mark, &server);
    let attach = Operation::AttachVolume { volume: part.id.clone() };
    operations::done(&cloud, &target, Uuid::new_v4(), &attach, Lost::Nothing).await;
    let used = ready(&cloud, mark, &asset, std::slice::from_ref(&part)).await;
    assert_eq!((used.status.as_deref(), &used.used_by), (Some("in-use"), &vec![server.clone()]));
    let refused = cloud.remove_asset(&region(), mark, &asset, &[]).await;
    let says = format!("volume {} is in-use by server {server}", part.id);
    assert!(matches!(&refused, Err(CloudError::Conflict(text)) if text.contains(&says)), "{refused:?}");

    let larger = make(&cloud, mark, &volume(asset.name(), 2), std::slice::from_ref(&part)).await;
    let now = marked(&raw, mark).await.remove(0);
    // A twin of one that is used goes, though it may be the older.
    let twin = by_hand(&raw, mark).await;
    let kept = ready(&cloud, mark, &volume(asset.name(), 2), &[]).await;
    let detach = Operation::DetachVolume { volume: part.id.clone() };
    operations::done(&cloud, &target, Uuid::new_v4(), &detach, Lost::Nothing).await;
    remove_server(&cloud, spec.mark).await;
    remove(&cloud, mark, &asset).await;
    assert!(matches!(larger, Ok(Making::Ready(_))), "{larger:?}");
    assert_eq!((&now["size"], &now["status"], kept.id == part.id), (&json!(2), &json!("in-use"), true), "{twin}");
}

#[tokio::test]
async fn a_volume_that_failed_says_so_and_is_removed() {
    let real = real();
    let (cloud, raw, admin) = (real.connect("demo"), real.raw("demo").await, real.raw("admin").await);
    let (mark, asset) = new();
    let part = ready(&cloud, mark, &asset, &[]).await;
    // The administrator's project is another; Cinder lets it reach all volumes by their id.
    let reset = json!({ "os-reset_status": { "status": "error" } });
    admin.call(Method::POST, "volumev3", &format!("/volumes/{}/action", part.id), reset).await;
    let failed = make(&cloud, mark, &asset, &[]).await.unwrap();
    let says = format!("volume {} is error", part.id);
    assert!(
        matches!(&failed, Making::Failed { message, parts } if message.starts_with(&says) && parts.len() == 1),
        "{failed:?}"
    );
    remove(&cloud, mark, &asset).await;
    assert_eq!(marked(&raw, mark).await, [] as [Value; 0]);
}

#[tokio::test]
async fn what_cinder_refuses_is_told_in_its_words() {
    let real = real();
    let cloud = real.connect("demo");
    let check = async |asset: Asset, expected: &str| {
        let mark = Mark(Uuid::new_v4());
        let refused = cloud.make_asset(&region(), mark, &asset, &[]).await.unwrap_err();
        assert_eq!(remove(&cloud, mark, &asset).await, 0);
        assert!(refused.to_string().contains(expected), "{refused}");
        assert!(refused.to_string().contains("(request req-"), "{refused}");
        refused
    };
    let Asset::Volume { name, size_gib, .. } = new().1 else { panic!() };
    let of_type =
        Asset::Volume { name: name.clone(), size_gib, volume_type: Some("none".to_owned()), availability_zone: None };
    let refused = check(of_type, "Volume type with name none could not be found").await;
    assert!(matches!(refused, CloudError::Refused(_)), "{refused:?}");
    let refused = check(volume(&name, 999_999), "exceeds allowed gigabytes quota").await;
    assert!(matches!(refused, CloudError::QuotaExceeded(_)), "{refused:?}");
    let refused = check(volume(&"x".repeat(300), 1), "more than 255").await;
    assert!(matches!(refused, CloudError::Refused(_)), "{refused:?}");
    let config = real.config("demo");
    let nowhere = connect(config, real.password());
    let lost = nowhere.make_asset(&cloud::LocationId("Nowhere".to_owned()), new().0, &new().1, &[]).await;
    assert!(matches!(lost, Err(CloudError::NotFound(_))), "{lost:?}");
}
