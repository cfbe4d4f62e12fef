//! Keypairs that we import, at a real Nova.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use cloud::{
    Cloud, CloudError, LocationId,
    asset::{Asset, Making, Part},
    server::{Mark, Placement, Removal, ServerSpec},
};
use cloud_openstack::Config;
use http::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    bad_catalog::{cloud, entry},
    real::{Raw, connect, real, unique},
    responder::{self, answer},
    servers::{region, remove, spec, wait_until_on},
    site::mark,
};

const PUBLIC_KEY: &str = concat!(
    "ssh-rsa ",
    "AAAAB3NzaC1yc2EAAAADAQABAAABAQDG7co87066Y6/lNebDcd+CBqS5dkiqxNugb1x+fnWCaxH6IoWe3A/qBw15I3Be4GewOl2R",
    "+LKP/hvZ2DrsP3dQLhIwsHj+ctT+2AV/CWoq0nvLUDPQGyC9bZ1oChnEIEw4MuNQsnk9pzCisWFWLTfBje9xLiC40OxaKhH7Fh96",
    "Z9VMVQInHeiLhW1ZiDrAnn5HXwMJ9mhRkuS8DY4UpkK0PqvgisBSadkOrkWaTwOd7ZO1Of7TmmvJSsFWP9STNnv6iqlFBEYhLk3D",
    "mVBQQjTg0V/mrjQQP2iLa0ToJx+uNHN4JqDtlHY280lHCdwg1Be/K3lbUQNsudjiJUQ/UHXL",
);

fn keypair(mark: Mark) -> Asset {
    Asset::Keypair { name: format!("stackyard-{mark}"), public_key: Some(format!("{PUBLIC_KEY} stackyard-{mark}")) }
}

/// As Nova has those of a name, asked without our driver.
async fn named(raw: &Raw, name: &str) -> Vec<Value> {
    let all = raw.get("compute", "/os-keypairs").await;
    let all = all["keypairs"].as_array().unwrap().iter().map(|it| it["keypair"].clone());
    all.filter(|it| it["name"] == name).collect()
}

#[tokio::test]
async fn a_keypair_is_imported_once_given_to_servers_and_removed() {
    let real = real();
    let (cloud, raw) = (real.connect("demo"), real.raw("demo").await);
    let (mark, region) = (mark(), region());
    let asset = keypair(mark);
    let name = asset.name();
    assert_eq!(cloud.find_asset(&region, mark, &asset, &[]).await.unwrap(), []);
    let part = Part { kind: "keypair".to_owned(), id: name.to_owned(), status: None, address: None, used_by: vec![] };
    for _ in 0..2 {
        let made = cloud.make_asset(&region, mark, &asset, &[]).await.unwrap();
        assert_eq!(made, Making::Ready(vec![part.clone()]));
    }
    assert_eq!(cloud.find_asset(&region, mark, &asset, &[]).await.unwrap(), [part]);
    let there = named(&raw, name).await;
    assert_eq!((there.len(), &there[0]["public_key"]), (1, &json!(format!("{PUBLIC_KEY} {name}"))));

    let with = |spec: ServerSpec, key: &str| {
        let placement = match spec.placement {
            Placement::Openstack {
                security_groups,
                availability_zone,
                root_volume,
                config_drive,
                server_group,
                ..
            } => {
                let key_name = Some(key.to_owned());
                Placement::Openstack {
                    security_groups,
                    availability_zone,
                    root_volume,
                    config_drive,
                    server_group,
                    key_name,
                }
            }
            Placement::Vsphere { .. } => unreachable!(),
        };
        ServerSpec { placement, ..spec }
    };
    let spec = with(spec(&raw, &["private"]).await, name);
    let order = cloud.launch(&spec).await.unwrap();
    wait_until_on(&cloud, spec.mark).await;
    let server = raw.get("compute", &format!("/servers/{}", order.id)).await["server"].clone();
    assert_eq!(server["key_name"], name);

    // A server does not hold it.
    for _ in 0..2 {
        assert_eq!(cloud.remove_asset(&region, mark, &asset, &[]).await.unwrap(), Removal::Gone);
    }
    assert_eq!(named(&raw, name).await, Vec::<Value>::new());
    remove(&cloud, spec.mark).await;
    let without = ServerSpec { mark: Mark(Uuid::new_v4()), ..spec };
    let refused = cloud.launch(&without).await;
    assert!(matches!(&refused, Err(CloudError::Refused(text)) if text.contains("Invalid key_name")), "{refused:?}");
    remove(&cloud, without.mark).await;
}

#[tokio::test]
async fn another_key_of_the_same_name_is_not_taken_for_ours() {
    let real = real();
    let (cloud, raw) = (real.connect("demo"), real.raw("demo").await);
    let (mark, region) = (mark(), region());
    let asset = keypair(mark);
    let name = asset.name();
    // Nova generates it.
    raw.call(Method::POST, "compute", "/os-keypairs", json!({ "keypair": { "name": name } })).await;
    let made = cloud.make_asset(&region, mark, &asset, &[]).await.unwrap();
    let Making::Failed { message, .. } = made else { panic!("{made:?}") };
    assert_eq!(message, format!("keypair {name} is there with another public key"));
    assert_eq!(cloud.remove_asset(&region, mark, &asset, &[]).await.unwrap(), Removal::Gone);
    let garbage = Asset::Keypair { name: name.to_owned(), public_key: Some("ssh-rsa nothing".to_owned()) };
    let refused = cloud.make_asset(&region, mark, &garbage, &[]).await;
    let is_explained = |text: &str| text.to_lowercase().contains("keypair data is invalid");
    assert!(matches!(&refused, Err(CloudError::Refused(text)) if is_explained(text)), "{refused:?}");
    let unknown = Asset::Keypair { name: name.to_owned(), public_key: None };
    let refused = cloud.make_asset(&region, mark, &unknown, &[]).await;
    assert!(matches!(&refused, Err(CloudError::Refused(_))), "{refused:?}");
    assert_eq!(named(&raw, name).await, Vec::<Value>::new());
}

/// In a project and with a user of its own, for whom Nova has no room.
#[tokio::test]
async fn a_quota_of_keypairs_that_is_used_up_is_said() {
    let real = real();
    let (admin, name) = (real.raw("admin").await, unique("keys"));
    let body = json!({ "project": { "name": name, "domain_id": "default" } });
    let made = admin.call(Method::POST, "identity", "/projects", body).await;
    let project = made["project"]["id"].as_str().unwrap().to_owned();
    let role = admin.id("identity", "/roles", "roles", "member").await;
    let user = real.raw("demo").await.body["user"]["id"].as_str().unwrap().to_owned();
    let grant = format!("/projects/{project}/users/{user}/roles/{role}");
    admin.call(Method::PUT, "identity", &grant, Value::Null).await;
    let quota = format!("/os-quota-sets/{project}");
    let (status, answer) =
        admin.try_call(Method::PUT, "compute", &quota, json!({ "quota_set": { "key_pairs": 0, "force": true } })).await;
    let cloud = connect(Config { tenant_name: Some(name), ..real.config("demo") }, real.password());
    let mark = mark();
    let refused = cloud.make_asset(&region(), mark, &keypair(mark), &[]).await;
    let gone = cloud.remove_asset(&region(), mark, &keypair(mark), &[]).await;
    admin.try_call(Method::DELETE, "compute", &quota, Value::Null).await;
    admin.call(Method::DELETE, "identity", &format!("/projects/{project}"), Value::Null).await;
    assert_eq!(status, 200, "{answer:#}");
    let is_explained = |text: &str| text.contains("too many key pairs");
    assert!(matches!(&refused, Err(CloudError::QuotaExceeded(text)) if is_explained(text)), "{refused:?}");
    assert_eq!(gone.unwrap(), Removal::Gone);
}

/// Between the look and the order another one came true.
#[tokio::test]
async fn one_that_came_meanwhile_is_compared_responder() {
    let (mark, one) = (mark(), LocationId("One".to_owned()));
    let asset = keypair(mark);
    let name = asset.name().to_owned();
    let key = |key: &str| json!([{ "keypair": { "name": name, "public_key": key, "fingerprint": "aa:bb" } }]);
    let ours = format!("{PUBLIC_KEY} another comment");
    for (came, expected) in [(key(&ours), Some(true)), (key("ssh-rsa AAAA"), Some(false)), (json!([]), None)] {
        let n_lists = Arc::new(AtomicUsize::new(0));
        let (cloud, _) = cloud(json!([entry("compute", "{own}/v2.1")]), move |asked| match asked.method.as_str() {
            "POST" => answer(409, "", br#"{"conflictingRequest": {"code": 409, "message": "exists"}}"#),
            _ if n_lists.fetch_add(1, Ordering::SeqCst) == 0 => responder::json(200, &json!({ "keypairs": [] })),
            _ => responder::json(200, &json!({ "keypairs": came })),
        })
        .await;
        let made = cloud.make_asset(&one, mark, &asset, &[]).await;
        let is_right = match expected {
            Some(true) => matches!(made, Ok(Making::Ready(_))),
            Some(false) => matches!(made, Ok(Making::Failed { .. })),
            None => matches!(made, Err(CloudError::Conflict(_))),
        };
        assert!(is_right, "{made:?}");
    }
}

/// A 404 of something between is not taken for an absence.
#[tokio::test]
async fn only_a_list_without_it_proves_that_it_is_gone_responder() {
    let (mark, one) = (mark(), LocationId("One".to_owned()));
    let asset = keypair(mark);
    let (cloud, _) = cloud(json!([entry("compute", "{own}/v2.1")]), |_| answer(404, "", b"no such page")).await;
    assert!(cloud.remove_asset(&one, mark, &asset, &[]).await.is_err());
    assert!(cloud.make_asset(&one, mark, &asset, &[]).await.is_err());
}
