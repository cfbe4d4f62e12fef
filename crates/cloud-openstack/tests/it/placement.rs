//! What a server is told in a real cloud besides image, size and networks.

use std::{collections::BTreeSet, time::Duration};

use cloud::{
    Cloud, CloudError,
    server::{Mark, Phase, Placement, RootVolume, ServerSpec},
};
use http::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    real::{Raw, real, unique},
    servers::{ports, remove, spec, wait, wait_until_on},
};

/// As Cinder has it, or `None` when it is gone.
async fn volume(raw: &Raw, id: &str) -> Option<Value> {
    let all = raw.get("volumev3", "/volumes/detail").await;
    all["volumes"].as_array().unwrap().iter().find(|it| it["id"] == json!(id)).cloned()
}

#[tokio::test]
async fn a_root_volume_is_as_ordered_and_goes_with_its_server() {
    let real = real();
    let (cloud, raw) = (real.connect("demo"), real.raw("demo").await);
    let with = |spec: &ServerSpec, size_gib, volume_type: Option<&str>| {
        let root_volume = Some(RootVolume { size_gib, volume_type: volume_type.map(str::to_owned) });
        let placement = Placement::Openstack {
            security_groups: vec![],
            availability_zone: None,
            root_volume,
            config_drive: false,
            server_group: None,
            key_name: None,
        };
        ServerSpec { mark: Mark(Uuid::new_v4()), placement, ..spec.clone() }
    };
    let base = spec(&raw, &["private"]).await;
    for (size_gib, volume_type) in [(2, None), (1, Some("__DEFAULT__"))] {
        let spec = with(&base, size_gib, volume_type);
        let order = cloud.launch(&spec).await.unwrap();
        wait_until_on(&cloud, spec.mark).await;
        let server = raw.get("compute", &format!("/servers/{}", order.id)).await["server"].clone();
        assert_eq!(server["image"], json!(""), "its disk is no copy of the image on a host");
        let attached = server["os-extended-volumes:volumes_attached"].as_array().unwrap().clone();
        let [root] = attached.as_slice() else { panic!("{attached:?}") };
        let id = root["id"].as_str().unwrap();
        let made = volume(&raw, id).await.unwrap();
        assert_eq!((&made["size"], &made["bootable"]), (&json!(size_gib), &json!("true")), "{made:#}");
        assert_eq!(made["volume_image_metadata"]["image_id"], json!(spec.image));
        assert_eq!(made["volume_type"], json!("__DEFAULT__"));
        remove(&cloud, spec.mark).await;
        assert_eq!((volume(&raw, id).await, ports(&raw, spec.mark).await), (None, vec![]));
    }
    // What Nova finds out before it answers, and what only Cinder does.
    let nowhere = with(&base, 1, Some("nowhere"));
    let refused = cloud.launch(&nowhere).await;
    assert!(matches!(&refused, Err(CloudError::Refused(text)) if text.contains("Volume type nowhere")), "{refused:?}");
    remove(&cloud, nowhere.mark).await;
    let vast = with(&base, 16_384, None);
    cloud.launch(&vast).await.unwrap();
    let failed = wait(&cloud, vast.mark, |it| matches!(it.phase, Phase::Failed { .. })).await;
    let Phase::Failed { message } = &failed.phase else { unreachable!() };
    assert!(message.contains("VolumeSizeExceedsAvailableQuota"), "{message}");
    remove(&cloud, vast.mark).await;
}

#[tokio::test]
async fn a_server_that_is_removed_while_its_root_volume_is_made_leaves_none() {
    let real = real();
    let (cloud, raw) = (real.connect("demo"), real.raw("demo").await);
    let base = spec(&raw, &["private"]).await;
    // A size that no other test has: until the server has it, nothing tells whose volume it is.
    let root_volume = Some(RootVolume { size_gib: 3, volume_type: None });
    let placement = Placement::Openstack {
        security_groups: vec![],
        availability_zone: None,
        root_volume,
        config_drive: false,
        server_group: None,
        key_name: None,
    };
    let spec = ServerSpec { placement, ..base };
    cloud.launch(&spec).await.unwrap();
    let seen = async || {
        let all = raw.get("volumev3", "/volumes/detail").await;
        all["volumes"].as_array().unwrap().iter().filter(|it| it["size"] == json!(3)).count()
    };
    for _ in 0..480 {
        if seen().await == 1 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(seen().await, 1, "the volume was never begun");
    remove(&cloud, spec.mark).await;
    assert_eq!(seen().await, 0);
}

#[tokio::test]
async fn a_config_drive_is_there_when_it_is_ordered() {
    let real = real();
    let (cloud, raw) = (real.connect("demo"), real.raw("demo").await);
    for (config_drive, expected) in [(true, "True"), (false, "")] {
        let placement = Placement::Openstack {
            security_groups: vec![],
            availability_zone: None,
            root_volume: None,
            config_drive,
            server_group: None,
            key_name: None,
        };
        let spec = ServerSpec { placement, ..spec(&raw, &["private"]).await };
        let order = cloud.launch(&spec).await.unwrap();
        wait_until_on(&cloud, spec.mark).await;
        let server = raw.get("compute", &format!("/servers/{}", order.id)).await["server"].clone();
        remove(&cloud, spec.mark).await;
        assert_eq!(server["config_drive"], expected);
    }
}

#[tokio::test]
async fn a_server_is_made_in_its_server_group() {
    let real = real();
    let (cloud, raw) = (real.connect("demo"), real.raw("demo").await);
    let name = unique("apart");
    let make = async || {
        let body = json!({ "server_group": { "name": name, "policies": ["anti-affinity"] } });
        let made = raw.call(Method::POST, "compute", "/os-server-groups", body).await;
        made["server_group"]["id"].as_str().unwrap().to_owned()
    };
    let delete =
        async |id: &str| raw.call(Method::DELETE, "compute", &format!("/os-server-groups/{id}"), Value::Null).await;
    let base = spec(&raw, &["private"]).await;
    let with = |group: &str| {
        let placement = Placement::Openstack {
            security_groups: vec![],
            availability_zone: None,
            root_volume: None,
            config_drive: false,
            server_group: Some(group.to_owned()),
            key_name: None,
        };
        ServerSpec { mark: Mark(Uuid::new_v4()), placement, ..base.clone() }
    };
    let id = make().await;
    let mut ordered = BTreeSet::new();
    let specs = [with(&id), with(&name)];
    for spec in &specs {
        ordered.insert(cloud.launch(spec).await.unwrap().id);
        wait_until_on(&cloud, spec.mark).await;
    }
    let group = raw.get("compute", &format!("/os-server-groups/{id}")).await;
    for spec in &specs {
        remove(&cloud, spec.mark).await;
    }
    let members = group["server_group"]["members"].as_array().unwrap().iter().map(|it| it.as_str().unwrap().to_owned());
    assert_eq!(members.collect::<BTreeSet<_>>(), ordered, "by id and by name");

    let second = make().await;
    let refused = async |given: &str, expected: &str| {
        let spec = with(given);
        let refused = cloud.launch(&spec).await;
        assert!(matches!(&refused, Err(CloudError::Refused(text)) if text.contains(expected)), "{refused:?}");
        remove(&cloud, spec.mark).await;
    };
    refused(&name, "there are several server groups named").await;
    delete(&second).await;
    delete(&id).await;
    refused(&name, "there is no server group").await;
    refused(&id, "Instance group").await;
}
