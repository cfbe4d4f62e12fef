//! What is found in a real cloud.

use std::collections::BTreeSet;

use cloud::{
    Cloud, CloudError, LocationId,
    address::Origin,
    inventory::{Machine, Noun, PowerState, Resource},
};
use cloud_openstack::{Config, OpenStack};
use futures_util::StreamExt;
use http::Method;
use serde_json::{Value, json};

use crate::{
    proxy::Proxy,
    real::{connect, real, unique},
};

fn region() -> LocationId {
    LocationId("RegionOne".to_owned())
}

async fn list(cloud: &OpenStack, noun: Noun) -> Vec<Resource> {
    let at = region();
    let pages: Vec<_> = cloud.list(&at, noun).collect().await;
    pages.into_iter().flat_map(|it| it.unwrap().items).collect()
}

async fn machines(cloud: &OpenStack) -> (Vec<Machine>, usize) {
    let at = region();
    let pages: Vec<_> = cloud.machines(&at).map(|it| it.unwrap()).collect().await;
    assert!(pages.iter().all(|it| it.hidden.is_none()), "nothing is hidden in this cloud");
    let n_pages = pages.len();
    (pages.into_iter().flat_map(|it| it.items).collect(), n_pages)
}

#[tokio::test]
async fn instance_types_have_their_units_and_come_by_one_pass() {
    let real = real();
    let proxy = Proxy::start(Some("2")).await;
    // Of this project no other test changes the flavors.
    let config = Config { keystone_url: proxy.url(&real.keystone()), ..real.config("small") };
    let cloud = connect(config, real.password());
    let at = cloud.locations().await.unwrap()[0].id.clone();
    let types = cloud.instance_types(&at).await.unwrap().unwrap();
    let large = types.iter().find(|it| it.name == "m1.large").unwrap();
    assert_eq!((large.vcpus, large.memory_mib, large.root_disk_gib), (4, 8192, 80));
    assert_eq!((large.ephemeral_disk_gib, large.swap_mib, large.is_public), (0, 0, true));
    let names: BTreeSet<&str> = types.iter().map(|it| it.cloud_id.as_str()).collect();
    assert_eq!(names.len(), types.len(), "no flavor twice");
    // Nova promises another page also after a full last one.
    assert_eq!(proxy.n_calls("/flavors"), types.len() / 2 + 1);
    assert_eq!(proxy.n_calls("/auth/tokens"), 1);
}

#[tokio::test]
async fn flavors_with_swap_ephemeral_disk_and_limited_access() {
    let real = real();
    let admin = real.raw("admin").await;
    let name = unique("fl\u{e4}vor \u{4e2d} <b>");
    let body = json!({ "flavor": { "name": name, "vcpus": 3, "ram": 1536, "disk": 0, "swap": 512,
        "OS-FLV-EXT-DATA:ephemeral": 7, "os-flavor-access:is_public": false } });
    let made = admin.call(Method::POST, "compute", "/flavors", body).await;
    let path = format!("/flavors/{}", made["flavor"]["id"].as_str().unwrap());
    let demo = admin.id("identity", "/projects", "projects", "demo").await;
    let access = json!({ "addTenantAccess": { "tenant": demo } });
    admin.call(Method::POST, "compute", &format!("{path}/action"), access).await;
    let types = real.connect("demo").instance_types(&region()).await.unwrap().unwrap();
    let small = real.connect("small").instance_types(&region()).await.unwrap().unwrap();
    admin.call(Method::DELETE, "compute", &path, Value::Null).await;
    let it = types.iter().find(|it| it.name == name).unwrap();
    assert_eq!((it.vcpus, it.memory_mib, it.root_disk_gib), (3, 1536, 0));
    assert_eq!((it.swap_mib, it.ephemeral_disk_gib, it.is_public), (512, 7, false));
    assert!(small.iter().all(|it| it.name != name), "another project does not see it");
}

#[tokio::test]
async fn machines_with_size_addresses_and_pages() {
    let real = real();
    let demo = real.raw("demo").await;
    let names = [unique("m\u{e4}chine <b>\u{4e2d}'; --"), unique("machine")];
    let ids = [demo.server(&names[0]).await, demo.server(&names[1]).await];
    let network = demo.id("network", "/v2.0/networks", "networks", "public").await;
    let ports = demo.get("network", &format!("/v2.0/ports?device_id={}", ids[0])).await;
    let body = json!({ "floatingip": { "floating_network_id": network, "port_id": ports["ports"][0]["id"] } });
    let floating = demo.call(Method::POST, "network", "/v2.0/floatingips", body).await["floatingip"].clone();

    let proxy = Proxy::start(Some("1")).await;
    let config = Config { keystone_url: proxy.url(&real.keystone()), ..real.config("demo") };
    // Nova hears of the address by an event.
    let mut seen = Vec::new();
    for _ in 0..40 {
        seen = machines(&connect(config.clone(), real.password())).await.0;
        if seen.iter().find(|it| it.cloud_id == ids[0]).unwrap().addresses.len() == 2 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(250)).await;
    }
    let (whole, n_whole_pages) = machines(&real.connect("demo")).await;
    let (reader, _) = machines(&real.connect("reader")).await;
    demo.call(Method::POST, "compute", &format!("/servers/{}/action", ids[1]), json!({ "os-stop": null })).await;
    for _ in 0..80 {
        let server = demo.get("compute", &format!("/servers/{}", ids[1])).await;
        if server["server"]["status"] == "SHUTOFF" {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(250)).await;
    }
    let (stopped, _) = machines(&real.connect("demo")).await;
    let path = format!("/v2.0/floatingips/{}", floating["id"].as_str().unwrap());
    demo.call(Method::DELETE, "network", &path, Value::Null).await;
    for id in &ids {
        demo.call(Method::DELETE, "compute", &format!("/servers/{id}"), Value::Null).await;
    }

    let one = seen.iter().find(|it| it.cloud_id == ids[0]).unwrap();
    assert_eq!(
        (one.name.as_str(), one.status.as_str(), one.power_state),
        (names[0].as_str(), "ACTIVE", PowerState::On)
    );
    assert_eq!((one.instance_type.as_deref(), one.vcpus, one.memory_mib), (Some("m1.tiny"), Some(1), Some(512)));
    assert!(one.runs_on.is_some() && one.created_at.is_some() && one.attributes["imageId"].is_string());
    let origins: Vec<_> = one.addresses.iter().map(|it| (it.origin, it.network.as_deref(), it.own_card)).collect();
    assert_eq!(origins, [(Origin::Fixed, Some("private"), true), (Origin::Floating, Some("private"), true)]);
    assert_eq!(one.addresses[1].ip.to_string(), floating["floating_ip_address"].as_str().unwrap());
    assert_eq!(stopped.iter().find(|it| it.cloud_id == ids[1]).unwrap().power_state, PowerState::Off);
    assert!(reader.iter().any(|it| it.cloud_id == ids[0]), "a reader sees them too");
    for list in [&seen, &whole] {
        assert!(ids.iter().all(|id| list.iter().filter(|it| it.cloud_id == *id).count() == 1), "each once");
    }
    assert_eq!(n_whole_pages, 1);
    assert!(proxy.n_calls("/servers/detail?limit=500&marker=") >= 2, "{:?}", proxy.calls.lock().unwrap());
}

#[tokio::test]
async fn networks_carry_their_subnets() {
    let real = real();
    for page in [None, Some("1")] {
        let proxy = Proxy::start(page).await;
        let config = Config { keystone_url: proxy.url(&real.keystone()), ..real.config("demo") };
        let networks = list(&connect(config, real.password()), Noun::Networks).await;
        let find = |name: &str| networks.iter().find(|it| it.name == name).unwrap();
        let (public, private) = (find("public"), find("private"));
        assert_eq!((&public.attributes["external"], &private.attributes["external"]), (&json!(true), &json!(false)));
        assert_eq!(private.status.as_deref(), Some("ACTIVE"));
        assert_eq!(private.attributes["adminStateUp"], json!(true));
        let subnet = &private.attributes["subnets"][0];
        assert_eq!((&subnet["cidr"], &subnet["ipVersion"]), (&json!("10.20.0.0/20"), &json!(4)));
        assert_eq!((&subnet["gatewayIp"], &subnet["enableDhcp"]), (&json!("10.20.0.1"), &json!(true)));
        assert_eq!(public.attributes["subnets"][0]["cidr"], json!("203.0.113.0/24"));
        assert_eq!(private.attributes["unreadableSubnetIds"], json!([]));
    }
}

#[tokio::test]
async fn images_groups_zones_and_volume_types() {
    let real = real();
    let cloud = real.connect("demo");
    let images = list(&cloud, Noun::CloudImages).await;
    let tiny = images.iter().find(|it| it.name == "tiny").unwrap();
    assert_eq!((tiny.status.as_deref(), tiny.capacity_bytes), (Some("active"), Some(1 << 20)));
    assert_eq!((&tiny.attributes["diskFormat"], &tiny.attributes["minDiskGib"]), (&json!("raw"), &json!(1)));
    let groups = list(&cloud, Noun::SecurityGroups).await;
    let default = groups.iter().find(|it| it.name == "default").unwrap();
    assert!(default.attributes["ruleCount"].as_u64().unwrap() >= 4, "{default:?}");
    let zones = list(&cloud, Noun::AvailabilityZones).await;
    assert!(zones.iter().any(|it| it.name == "az1" && it.status.as_deref() == Some("available")), "{zones:?}");
    let types = list(&cloud, Noun::VolumeTypes).await;
    assert!(types.iter().any(|it| it.name == "__DEFAULT__" && it.attributes["isPublic"] == json!(true)), "{types:?}");
    assert!(cloud.nouns().iter().all(|it| !matches!(it, Noun::Datastores | Noun::Hosts)));
    let at = region();
    let other = cloud.list(&at, Noun::Datastores).next().await.unwrap();
    assert!(matches!(other, Err(CloudError::Unsupported(_))), "{other:?}");
    let nowhere = LocationId("Nowhere".to_owned());
    let other = cloud.list(&nowhere, Noun::Networks).next().await.unwrap();
    assert!(matches!(other, Err(CloudError::NotFound(_))), "{other:?}");
}

#[tokio::test]
async fn images_come_page_by_page() {
    let real = real();
    let demo = real.raw("demo").await;
    let names = [unique("image-\u{4e2d}"), unique("image"), "x".repeat(255)];
    let mut ids = Vec::new();
    for name in &names {
        let body = json!({ "name": name, "disk_format": "raw", "container_format": "bare" });
        let made = demo.call(Method::POST, "image", "/v2/images", body).await;
        ids.push(made["id"].as_str().unwrap().to_owned());
    }
    let proxy = Proxy::start(Some("1")).await;
    let config = Config { keystone_url: proxy.url(&real.keystone()), ..real.config("demo") };
    let images = list(&connect(config, real.password()), Noun::CloudImages).await;
    for id in &ids {
        demo.call(Method::DELETE, "image", &format!("/v2/images/{id}"), Value::Null).await;
    }
    for (name, id) in names.iter().zip(&ids) {
        let found: Vec<_> = images.iter().filter(|it| it.cloud_id == *id).collect();
        assert_eq!((found.len(), &found[0].name), (1, name));
        assert_eq!((found[0].status.as_deref(), found[0].capacity_bytes), (Some("queued"), None));
    }
}

#[tokio::test]
async fn server_groups_tell_their_policy() {
    let real = real();
    let (cloud, raw) = (real.connect("demo"), real.raw("demo").await);
    let name = unique("group");
    let body = json!({ "server_group": { "name": name, "policies": ["anti-affinity"] } });
    let made = raw.call(Method::POST, "compute", "/os-server-groups", body).await;
    let id = made["server_group"]["id"].as_str().unwrap();
    let groups = list(&cloud, Noun::ServerGroups).await;
    raw.call(Method::DELETE, "compute", &format!("/os-server-groups/{id}"), Value::Null).await;
    let found = groups.iter().find(|it| it.cloud_id == id).unwrap();
    assert_eq!((&found.name, &found.attributes["policy"]), (&name, &json!("anti-affinity")));
    assert_eq!((&found.attributes["members"], &found.attributes["maxServersPerHost"]), (&json!([]), &Value::Null));
}

#[tokio::test]
async fn keypairs_and_containers() {
    let real = real();
    let demo = real.raw("demo").await;
    let (key, boxes) = (unique("key"), [unique("box"), unique("box")]);
    demo.call(Method::POST, "compute", "/os-keypairs", json!({ "keypair": { "name": key } })).await;
    for it in &boxes {
        demo.call(Method::PUT, "object-store", &format!("/{it}"), Value::Null).await;
    }
    let cloud = real.connect("demo");
    let keypairs = list(&cloud, Noun::Keypairs).await;
    let containers = list(&cloud, Noun::ObjectContainers).await;
    let proxy = Proxy::start(Some("1")).await;
    let config = Config { keystone_url: proxy.url(&real.keystone()), ..real.config("demo") };
    let one_by_one = list(&connect(config, real.password()), Noun::ObjectContainers).await;
    demo.call(Method::DELETE, "compute", &format!("/os-keypairs/{key}"), Value::Null).await;
    for it in &boxes {
        demo.call(Method::DELETE, "object-store", &format!("/{it}"), Value::Null).await;
    }
    let found = keypairs.iter().find(|it| it.name == key).unwrap();
    assert_eq!(found.attributes["type"], json!("ssh"));
    assert!(found.attributes["publicKey"].as_str().unwrap().starts_with("ssh-rsa "));
    for list in [&containers, &one_by_one] {
        assert!(boxes.iter().all(|name| list.iter().filter(|it| it.name == *name).count() == 1), "{list:?}");
    }
    // A reader of the project has no role that Swift knows.
    let (reader, at) = (real.connect("reader"), region());
    let refused = reader.list(&at, Noun::ObjectContainers).next().await.unwrap();
    assert!(matches!(&refused, Err(CloudError::Forbidden(text)) if text.contains("request tx")), "{refused:?}");
}

#[tokio::test]
async fn endpoints_are_the_whole_catalog() {
    let real = real();
    let cloud = real.connect("demo");
    let endpoints = cloud.endpoints().await.unwrap();
    let compute: Vec<_> = endpoints.iter().filter(|it| it.service_type == "compute").collect();
    let interfaces: Vec<_> = compute.iter().map(|it| (it.interface.as_deref().unwrap(), it.is_used)).collect();
    assert_eq!(interfaces[..3], [("admin", false), ("internal", false), ("public", true)]);
    assert_eq!((compute[2].service.as_str(), compute[2].host.as_str()), ("nova", "127.0.0.1"));
    let used = |kind: &str| endpoints.iter().any(|it| it.service_type == kind && it.is_used);
    assert!(used("volumev3") && !used("block-storage"), "one of the names of Cinder is used");
    assert!(!used("placement") && endpoints.iter().any(|it| it.service_type == "placement"));
}

#[tokio::test]
async fn images_that_others_give_to_the_community_are_listed_once() {
    let real = real();
    let owners = [real.raw("admin").await, real.raw("demo").await];
    let mut ids = Vec::new();
    for owner in &owners {
        let body = json!({ "name": unique("community"), "visibility": "community", "disk_format": "raw", "container_format": "bare" });
        let made = owner.call(Method::POST, "image", "/v2/images", body).await;
        ids.push(made["id"].as_str().unwrap().to_owned());
    }
    let images = list(&real.connect("demo"), Noun::CloudImages).await;
    for (owner, id) in owners.iter().zip(&ids) {
        owner.call(Method::DELETE, "image", &format!("/v2/images/{id}"), Value::Null).await;
    }
    for id in &ids {
        let found: Vec<_> = images.iter().filter(|it| it.cloud_id == *id).collect();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].attributes["visibility"], json!("community"));
    }
}
