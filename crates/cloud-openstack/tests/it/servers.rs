//! Servers that we make in a real cloud, from the order to the last port.

use std::{collections::BTreeMap, time::Duration};

use cloud::{
    Cloud, CloudError, LocationId,
    address::Origin,
    inventory::PowerState,
    server::{CloudServer, Mark, Nic, Phase, Placement, PowerChange, Removal, ServerSpec, Size},
};
use cloud_http::{Client, Request, Trust};
use cloud_openstack::{Config, OpenStack};
use futures_util::future::join;
use http::{HeaderName, HeaderValue, Method};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    proxy::Proxy,
    real::{Raw, connect, exit, real, unique},
};

pub fn region() -> LocationId {
    LocationId("RegionOne".to_owned())
}

/// A small server, with a card on each of the networks.
pub async fn spec(raw: &Raw, networks: &[&str]) -> ServerSpec {
    let mut nics = Vec::new();
    for name in networks {
        nics.push(Nic { network: raw.id("network", "/v2.0/networks", "networks", name).await, fixed_ip: None });
    }
    ServerSpec {
        mark: Mark(Uuid::new_v4()),
        location: region(),
        name: unique("made"),
        image: raw.id("image", "/v2/images", "images", "tiny").await,
        size: Size::Flavor(raw.id("compute", "/flavors", "flavors", "m1.tiny").await),
        nics,
        user_data: None,
        metadata: BTreeMap::from([("purpose".to_owned(), "test".to_owned())]),
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

async fn find(cloud: &OpenStack, mark: Mark) -> Vec<CloudServer> {
    cloud.find_servers(&region(), mark, None).await.unwrap()
}

/// Looks until the one server is as wanted.
pub async fn wait(cloud: &OpenStack, mark: Mark, is_wanted: impl Fn(&CloudServer) -> bool) -> CloudServer {
    let mut seen = Vec::new();
    for _ in 0..480 {
        seen = find(cloud, mark).await;
        match seen.as_slice() {
            [one] if is_wanted(one) => return one.clone(),
            [_] => tokio::time::sleep(Duration::from_millis(250)).await,
            _ => break,
        }
    }
    panic!("not as wanted: {seen:#?}");
}

pub async fn wait_until_on(cloud: &OpenStack, mark: Mark) -> CloudServer {
    wait(cloud, mark, |it| it.phase == Phase::Ready && it.status == "ACTIVE").await
}

/// Removes until nothing is left, and returns how often something was.
pub async fn remove(cloud: &OpenStack, mark: Mark) -> usize {
    for n_calls in 0..480 {
        if cloud.remove_server(&region(), mark, None).await.unwrap() == Removal::Gone {
            return n_calls;
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    panic!("{mark} is never gone");
}

/// Asks until Nova is done with what it was asked before.
async fn change(cloud: &OpenStack, id: &str, change: PowerChange) {
    for _ in 0..240 {
        match cloud.change_power(&region(), id, change).await {
            Err(CloudError::Conflict(_)) => tokio::time::sleep(Duration::from_millis(250)).await,
            other => return other.unwrap(),
        }
    }
    panic!("{change:?} of {id} is never possible");
}

pub async fn ports(raw: &Raw, mark: Mark) -> Vec<Value> {
    let all = raw.get("network", "/v2.0/ports").await;
    let ours = |it: &&Value| it["name"].as_str().unwrap().contains(&mark.to_string());
    all["ports"].as_array().unwrap().iter().filter(ours).cloned().collect()
}

#[tokio::test]
async fn the_life_of_a_server() {
    let real = real();
    let (cloud, raw) = (real.connect("demo"), real.raw("demo").await);
    let user_data = "#cloud-config\n# \u{4e2d}\n".to_owned();
    let spec = ServerSpec { user_data: Some(user_data), ..spec(&raw, &["private"]).await };
    let mark = spec.mark;
    assert_eq!(find(&cloud, mark).await, []);
    let order = cloud.launch(&spec).await.unwrap();
    assert!(order.request_id.as_deref().unwrap().starts_with("req-"), "{order:?}");
    let at_once = find(&cloud, mark).await;
    assert_eq!(at_once.len(), 1, "{at_once:?}");
    assert_eq!((at_once[0].cloud_id.as_deref(), &at_once[0].name), (Some(order.id.as_str()), &spec.name));

    let there = wait_until_on(&cloud, mark).await;
    assert_eq!((there.power_state, there.created_at.is_some()), (PowerState::On, true));
    let port = ports(&raw, mark).await.remove(0);
    assert_eq!(there.addresses[0].ip.to_string(), port["fixed_ips"][0]["ip_address"].as_str().unwrap());
    assert_eq!((there.addresses.len(), there.addresses[0].origin), (1, Origin::Fixed));
    let server = &raw.get("compute", &format!("/servers/{}", order.id)).await["server"];
    let metadata = json!({ "purpose": "test", "stackyard-server": mark });
    assert_eq!((&server["metadata"], &port["device_id"]), (&metadata, &json!(order.id)));
    assert_eq!(port["name"], json!(format!("stackyard-{mark}-0")));

    let power = async |change| cloud.change_power(&region(), &order.id, change).await;
    power(PowerChange::On).await.unwrap();
    power(PowerChange::Suspend).await.unwrap();
    let suspended = wait(&cloud, mark, |it| it.status == "SUSPENDED").await;
    assert_eq!((suspended.phase, suspended.power_state), (Phase::Ready, PowerState::Suspended));
    change(&cloud, &order.id, PowerChange::Suspend).await;
    change(&cloud, &order.id, PowerChange::On).await;
    wait_until_on(&cloud, mark).await;
    change(&cloud, &order.id, PowerChange::RebootSoft).await;
    change(&cloud, &order.id, PowerChange::RebootHard).await;
    // Answered with success only when the reboots have ended.
    change(&cloud, &order.id, PowerChange::On).await;
    let actions = raw.get("compute", &format!("/servers/{}/os-instance-actions", order.id)).await;
    let names: Vec<&str> =
        actions["instanceActions"].as_array().unwrap().iter().map(|it| it["action"].as_str().unwrap()).collect();
    assert_eq!(names, ["reboot", "reboot", "resume", "suspend", "create"], "what was as wanted asks for nothing");

    assert_eq!(cloud.remove_server(&region(), mark, Some(&order)).await.unwrap(), Removal::UnderWay);
    remove(&cloud, mark).await;
    assert_eq!((find(&cloud, mark).await, ports(&raw, mark).await), (vec![], vec![]));
    assert_eq!(cloud.find_servers(&region(), mark, Some(&order)).await.unwrap(), []);
    assert_eq!(cloud.remove_server(&region(), mark, Some(&order)).await.unwrap(), Removal::Gone);
    let gone = power(PowerChange::On).await;
    assert!(matches!(&gone, Err(CloudError::NotFound(_))), "{gone:?}");
}

#[tokio::test]
async fn a_server_that_was_stopped_outside_is_off_and_starts() {
    let real = real();
    let (cloud, raw) = (real.connect("demo"), real.raw("demo").await);
    // Without a card of our own: Nova takes the project's one network.
    let spec = spec(&raw, &[]).await;
    let order = cloud.launch(&spec).await.unwrap();
    let there = wait_until_on(&cloud, spec.mark).await;
    assert_eq!((there.addresses.len(), ports(&raw, spec.mark).await), (1, vec![]));
    for (stop, status, expected) in
        [("os-stop", "SHUTOFF", PowerState::Off), ("pause", "PAUSED", PowerState::Suspended)]
    {
        let path = format!("/servers/{}/action", order.id);
        raw.call(Method::POST, "compute", &path, json!({ stop: null })).await;
        let stopped = wait(&cloud, spec.mark, |it| it.status == status).await;
        assert_eq!((stopped.phase, stopped.power_state), (Phase::Ready, expected));
        change(&cloud, &order.id, PowerChange::On).await;
        wait_until_on(&cloud, spec.mark).await;
    }
    remove(&cloud, spec.mark).await;
}

#[tokio::test]
async fn a_launch_goes_on_from_the_ports_that_a_crash_left() {
    let real = real();
    let raw = real.raw("demo").await;
    let mut spec = spec(&raw, &["private", "private"]).await;
    let fixed_ip = format!("10.20.15.{}", 1 + spec.mark.0.as_bytes()[15] % 250);
    spec.nics[1].fixed_ip = Some(fixed_ip.parse().unwrap());
    // A first try that Nova does not take, after its ports were made.
    let cloud = real.connect("demo");
    let image = std::mem::replace(&mut spec.image, Uuid::new_v4().to_string());
    let refused = cloud.launch(&spec).await;
    let by = "answered 400: Can not find requested image (request req-";
    assert!(matches!(&refused, Err(CloudError::Refused(text)) if text.contains(by)), "{refused:?}");
    let left = ports(&raw, spec.mark).await;
    assert_eq!(left.len(), 2);
    assert_eq!(find(&cloud, spec.mark).await, [], "ports alone are no server");

    spec.image = image;
    let proxy = Proxy::start(None).await;
    let config = Config { keystone_url: proxy.url(&real.keystone()), ..real.config("demo") };
    let order = connect(config, real.password()).launch(&spec).await.unwrap();
    assert_eq!((proxy.n_calls("POST /9696"), proxy.n_calls("/servers")), (0, 1), "{:?}", proxy.calls.lock().unwrap());
    assert_eq!(proxy.n_calls("/v2.0/ports"), 1);
    let there = wait_until_on(&cloud, spec.mark).await;
    let mut ips: Vec<String> = there.addresses.iter().map(|it| it.ip.to_string()).collect();
    let now = ports(&raw, spec.mark).await;
    let id = |it: &Value| it["id"].as_str().unwrap().to_owned();
    let (mut before, mut after): (Vec<_>, Vec<_>) = (left.iter().map(id).collect(), now.iter().map(id).collect());
    before.sort();
    after.sort();
    assert_eq!(before, after);
    assert!(now.iter().all(|it| it["device_id"] == json!(order.id)), "{now:?}");
    ips.retain(|it| *it == fixed_ip);
    assert_eq!(ips.len(), 1);
    remove(&cloud, spec.mark).await;
    assert_eq!(ports(&raw, spec.mark).await, [] as [Value; 0]);
}

#[tokio::test]
async fn a_port_is_for_one_server_only() {
    let real = real();
    let (cloud, raw) = (real.connect("demo"), real.raw("demo").await);
    let spec = spec(&raw, &["private"]).await;
    cloud.launch(&spec).await.unwrap();
    wait_until_on(&cloud, spec.mark).await;
    let again = cloud.launch(&spec).await;
    assert!(matches!(&again, Err(CloudError::Conflict(text)) if text.contains("is still in use")), "{again:?}");
    assert_eq!((find(&cloud, spec.mark).await.len(), ports(&raw, spec.mark).await.len()), (1, 1));
    remove(&cloud, spec.mark).await;
}

/// As if the order of a port were on its way still when it was looked for.
#[tokio::test]
async fn a_port_that_was_made_twice_is_removed_and_no_other() {
    let real = real();
    let (cloud, raw) = (real.connect("demo"), real.raw("demo").await);
    let spec = spec(&raw, &["private"]).await;
    let kept = cloud.launch(&spec).await.unwrap().id;
    wait_until_on(&cloud, spec.mark).await;
    let first = ports(&raw, spec.mark).await;
    // Of the card that has one, and of a card that has none yet.
    for card in 0..2 {
        let name = format!("stackyard-{}-{card}", spec.mark);
        let port = json!({ "port": { "name": name, "network_id": spec.nics[0].network } });
        raw.call(Method::POST, "network", "/v2.0/ports", port).await;
    }
    let removed = cloud.remove_surplus(&region(), spec.mark, &kept, &[]).await.unwrap();
    assert!(removed.len() == 1 && removed[0].starts_with("port "), "{removed:?}");
    let left: Vec<Value> = ports(&raw, spec.mark).await.iter().map(|it| it["id"].clone()).collect();
    assert!(left.len() == 2 && left.contains(&first[0]["id"]), "{left:?}");
    assert!(left.iter().all(|it| !removed[0].contains(it.as_str().unwrap())), "{left:?}, {removed:?}");
    assert_eq!(cloud.remove_surplus(&region(), spec.mark, &kept, &[]).await.unwrap(), Vec::<String>::new());
    remove(&cloud, spec.mark).await;
    assert_eq!(ports(&raw, spec.mark).await, [] as [Value; 0]);
}

#[tokio::test]
async fn of_two_servers_on_one_port_one_fails_and_both_are_removed() {
    let real = real();
    let (cloud, raw) = (real.connect("demo"), real.raw("demo").await);
    let spec = spec(&raw, &["private"]).await;
    let name = format!("stackyard-{}-0", spec.mark);
    let port = json!({ "port": { "name": name, "network_id": spec.nics[0].network } });
    raw.call(Method::POST, "network", "/v2.0/ports", port).await;
    // As if an order were on its way still when it was thought lost.
    let (first, second) = join(cloud.launch(&spec), cloud.launch(&spec)).await;
    let n_orders = [&first, &second].iter().filter(|it| it.is_ok()).count();
    let mut found = find(&cloud, spec.mark).await;
    assert_eq!(found.len(), n_orders, "{first:?} {second:?}");
    for _ in 0..480 {
        if found.iter().all(|it| it.phase != Phase::Building) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
        found = find(&cloud, spec.mark).await;
    }
    let n_ready = found.iter().filter(|it| it.phase == Phase::Ready).count();
    assert!(n_ready <= 1, "{found:#?}");
    assert_eq!(ports(&raw, spec.mark).await.len(), 1);
    remove(&cloud, spec.mark).await;
    assert_eq!((find(&cloud, spec.mark).await, ports(&raw, spec.mark).await), (vec![], vec![]));
}

/// Without networks no port keeps a second one from running.
#[tokio::test]
async fn one_of_two_servers_with_a_mark_is_removed_and_no_other() {
    let real = real();
    let (cloud, raw) = (real.connect("demo"), real.raw("demo").await);
    let (twice, once) = (spec(&raw, &[]).await, spec(&raw, &[]).await);
    let first = cloud.launch(&twice).await.unwrap().id;
    let second = cloud.launch(&twice).await.unwrap().id;
    let other = cloud.launch(&once).await.unwrap().id;
    let refused = cloud.remove_surplus(&region(), twice.mark, &first, std::slice::from_ref(&other)).await;
    assert!(matches!(refused, Err(CloudError::Refused(_))), "{refused:?}");
    let both = [first.clone(), second.clone()];
    let removed = cloud.remove_surplus(&region(), twice.mark, &first, &both).await.unwrap();
    assert_eq!(removed, [format!("server {second}")]);
    while find(&cloud, twice.mark).await.len() > 1 {
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    assert_eq!(find(&cloud, twice.mark).await[0].cloud_id, Some(first.clone()));
    let removed = cloud.remove_surplus(&region(), twice.mark, &first, &both).await.unwrap();
    assert_eq!(removed, Vec::<String>::new());
    assert_eq!(find(&cloud, once.mark).await[0].cloud_id, Some(other));
    remove(&cloud, twice.mark).await;
    remove(&cloud, once.mark).await;
}

/// Takes all tags off a server, as anybody in its project may.
async fn untag(raw: &Raw, id: &str) {
    let catalog = raw.body["catalog"].as_array().unwrap();
    let compute = catalog.iter().find(|it| it["type"] == "compute").unwrap();
    let compute = compute["endpoints"].as_array().unwrap().iter().find(|it| it["interface"] == "public").unwrap();
    let url = format!("{}/servers/{id}/tags", compute["url"].as_str().unwrap()).parse().unwrap();
    let request = Request::new(Method::DELETE, url)
        .header(HeaderName::from_static("x-auth-token"), HeaderValue::from_str(&raw.token).unwrap())
        .header(HeaderName::from_static("openstack-api-version"), HeaderValue::from_static("compute 2.52"));
    let response = Client::new(exit(), Trust::default()).unwrap().send(request).await.unwrap();
    assert_eq!(response.status, 204);
}

#[tokio::test]
async fn a_server_that_lost_its_tag_is_found_by_its_order_or_its_port() {
    let real = real();
    let (cloud, raw) = (real.connect("demo"), real.raw("demo").await);
    for networks in [&["private"] as &[_], &[]] {
        let spec = spec(&raw, networks).await;
        let order = cloud.launch(&spec).await.unwrap();
        wait_until_on(&cloud, spec.mark).await;
        untag(&raw, &order.id).await;
        if networks.is_empty() {
            let path = format!("/servers/{}/metadata/stackyard-server", order.id);
            raw.call(Method::DELETE, "compute", &path, Value::Null).await;
        }
        let by_port = find(&cloud, spec.mark).await;
        let by_order = cloud.find_servers(&region(), spec.mark, Some(&order)).await.unwrap();
        assert_eq!((by_port.len(), by_order.len()), (networks.len(), 1));
        assert_eq!(find(&cloud, Mark(Uuid::new_v4())).await, []);
        for _ in 0..480 {
            if cloud.remove_server(&region(), spec.mark, Some(&order)).await.unwrap() == Removal::Gone {
                break;
            }
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
        let (status, _) = raw.try_call(Method::GET, "compute", &format!("/servers/{}", order.id), Value::Null).await;
        assert_eq!((status, ports(&raw, spec.mark).await), (404, vec![]));
    }
}

#[tokio::test]
async fn a_server_of_somebody_else_on_our_port_is_not_ours() {
    let real = real();
    let (cloud, raw) = (real.connect("demo"), real.raw("demo").await);
    let spec = spec(&raw, &["private"]).await;
    let body = json!({ "port": { "name": format!("stackyard-{}-0", spec.mark), "network_id": spec.nics[0].network } });
    let port = raw.call(Method::POST, "network", "/v2.0/ports", body).await["port"]["id"].clone();
    let body = json!({ "server": { "name": spec.name, "imageRef": spec.image, "networks": [{ "port": port }],
        "flavorRef": raw.id("compute", "/flavors", "flavors", "m1.tiny").await } });
    let made = raw.call(Method::POST, "compute", "/servers", body).await;
    let path = format!("/servers/{}", made["server"]["id"].as_str().unwrap());
    for _ in 0..240 {
        if raw.get("compute", &path).await["server"]["status"] == "ACTIVE" {
            break;
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    assert_eq!(ports(&raw, spec.mark).await[0]["device_owner"].as_str().unwrap().split(':').next(), Some("compute"));
    assert_eq!(find(&cloud, spec.mark).await, []);
    let removed = cloud.remove_server(&region(), spec.mark, None).await;
    let server = raw.get("compute", &path).await;
    raw.call(Method::DELETE, "compute", &path, Value::Null).await;
    assert_eq!((&server["server"]["status"], ports(&raw, spec.mark).await.len()), (&json!("ACTIVE"), 1));
    let by = format!("is at the server {}", made["server"]["id"].as_str().unwrap());
    assert!(matches!(&removed, Err(CloudError::Conflict(text)) if text.contains(&by)), "{removed:?}");
    for _ in 0..240 {
        if ports(&raw, spec.mark).await[0]["device_id"] == "" {
            break;
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    assert_eq!(remove(&cloud, spec.mark).await, 0);
}

#[tokio::test]
async fn what_cannot_be_is_refused_in_the_clouds_own_words() {
    let real = real();
    let (cloud, raw) = (real.connect("demo"), real.raw("demo").await);
    let good = spec(&raw, &["private"]).await;
    let check = async |change: &dyn Fn(&mut ServerSpec), expected: &str| {
        let mut spec = good.clone();
        change(&mut spec);
        let refused = cloud.launch(&spec).await;
        assert!(matches!(&refused, Err(CloudError::Refused(text)) if text.contains(expected)), "{refused:?}");
        assert!(!format!("{refused:?}").contains("c2VjcmV0"), "{refused:?}");
    };
    let nowhere = Uuid::new_v4().to_string();
    check(&|it| it.nics[0].network = nowhere.clone(), "could not be found").await;
    check(&|it| it.nics[0].fixed_ip = Some("192.0.2.1".parse().unwrap()), "192.0.2.1 is not a valid IP").await;
    check(&|it| it.size = Size::Flavor("none".to_owned()), "Flavor none could not be found").await;
    check(&|it| it.user_data = Some("secret".repeat(10_000)), "user data of 80000 bytes in base64").await;
    check(&|it| it.size = Size::Custom { vcpus: 1, cores_per_socket: 1, memory_mib: 512 }, "flavors").await;
    let placed = |zone: &str, groups: &[&str]| Placement::Openstack {
        security_groups: groups.iter().map(|it| (*it).to_owned()).collect(),
        availability_zone: Some(zone.to_owned()),
        root_volume: None,
        config_drive: false,
        server_group: None,
        key_name: None,
    };
    check(&|it| it.placement = placed("nowhere", &[]), "availability zone is not available").await;
    remove(&cloud, good.mark).await;
    check(&|it| it.placement = placed("az1", &[&nowhere]), "Security group").await;
    assert_eq!(remove(&cloud, good.mark).await, 0, "none of these has left a port");
}

#[tokio::test]
async fn security_groups_and_zone_are_as_ordered() {
    let real = real();
    let (cloud, raw) = (real.connect("demo"), real.raw("demo").await);
    let body = json!({ "security_group": { "name": unique("group") } });
    let group = raw.call(Method::POST, "network", "/v2.0/security-groups", body).await["security_group"].clone();
    for (networks, zone) in [(&["private"] as &[_], "az1"), (&[], "az2")] {
        let placement = Placement::Openstack {
            security_groups: vec![group["id"].as_str().unwrap().to_owned()],
            availability_zone: Some(zone.to_owned()),
            root_volume: None,
            config_drive: false,
            server_group: None,
            key_name: None,
        };
        let spec = ServerSpec { placement, ..spec(&raw, networks).await };
        let order = cloud.launch(&spec).await.unwrap();
        wait_until_on(&cloud, spec.mark).await;
        let server = raw.get("compute", &format!("/servers/{}", order.id)).await["server"].clone();
        remove(&cloud, spec.mark).await;
        assert_eq!(server["security_groups"], json!([{ "name": group["name"] }]));
        assert_eq!(server["OS-EXT-AZ:availability_zone"], json!(zone));
    }
    let path = format!("/v2.0/security-groups/{}", group["id"].as_str().unwrap());
    raw.call(Method::DELETE, "network", &path, Value::Null).await;
}

#[tokio::test]
async fn a_full_quota_is_said_and_its_ports_are_removed() {
    let real = real();
    let (cloud, raw) = (real.connect("small"), real.raw("small").await);
    // The project may have one core and some ports.
    let spec = spec(&raw, &["small-net"]).await;
    let large = raw.id("compute", "/flavors", "flavors", "m1.large").await;
    let four_cores = ServerSpec { size: Size::Flavor(large), ..spec.clone() };
    let cores = cloud.launch(&four_cores).await;
    assert_eq!((ports(&raw, spec.mark).await.len(), remove(&cloud, spec.mark).await), (1, 0));
    let many_cards = ServerSpec { nics: vec![spec.nics[0].clone(); 16], ..spec.clone() };
    let cards = cloud.launch(&many_cards).await;
    remove(&cloud, spec.mark).await;
    for (refused, expected) in [(cores, "Quota exceeded for cores"), (cards, "Quota exceeded for resources: ['port']")]
    {
        assert!(matches!(&refused, Err(CloudError::QuotaExceeded(text)) if text.contains(expected)), "{refused:?}");
    }
    assert_eq!(ports(&raw, spec.mark).await, [] as [Value; 0]);
}

#[tokio::test]
async fn a_server_that_no_host_takes_has_failed_with_the_fault() {
    let real = real();
    let (cloud, raw, admin) = (real.connect("demo"), real.raw("demo").await, real.raw("admin").await);
    let body = json!({ "flavor": { "name": unique("huge"), "vcpus": 1, "ram": 512, "disk": 1_000_000 } });
    let flavor = admin.call(Method::POST, "compute", "/flavors", body).await["flavor"]["id"].clone();
    let flavor = flavor.as_str().unwrap().to_owned();
    let spec = ServerSpec { size: Size::Flavor(flavor.clone()), ..spec(&raw, &["private"]).await };
    let order = cloud.launch(&spec).await.unwrap();
    let failed = wait(&cloud, spec.mark, |it| it.phase != Phase::Building).await;
    let turned_on = cloud.change_power(&region(), &order.id, PowerChange::On).await;
    let suspended = cloud.change_power(&region(), &order.id, PowerChange::Suspend).await;
    remove(&cloud, spec.mark).await;
    admin.call(Method::DELETE, "compute", &format!("/flavors/{flavor}"), Value::Null).await;
    let message = format!("No valid host was found. (fault 500, request {})", order.request_id.unwrap());
    assert_eq!((failed.phase, failed.status.as_str()), (Phase::Failed { message }, "ERROR"));
    assert!(matches!(&turned_on, Err(CloudError::Conflict(text)) if text.ends_with("is ERROR")), "{turned_on:?}");
    assert!(matches!(&suspended, Err(CloudError::Conflict(_))), "{suspended:?}");
    assert_eq!(ports(&raw, spec.mark).await, [] as [Value; 0]);
}

#[tokio::test]
async fn a_mark_that_was_never_used_is_gone() {
    let cloud = real().connect("demo");
    let (mark, nowhere) = (Mark(Uuid::new_v4()), LocationId("Nowhere".to_owned()));
    assert_eq!(cloud.remove_server(&region(), mark, None).await.unwrap(), Removal::Gone);
    let unknown = cloud.remove_server(&nowhere, mark, None).await;
    assert!(matches!(&unknown, Err(CloudError::NotFound(_))), "{unknown:?}");
}
