//! Networks that we make in a real cloud, each test in a project and with an external network of its own.

use std::net::IpAddr;

use cloud::{
    Cloud, CloudError,
    asset::{Asset, Making, Part, Protocol, Rule},
    server::{Mark, Removal},
};
use cloud_openstack::Config;
use http::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    operations::launch,
    proxy::Proxy,
    real::{connect, real},
    servers::{ports, region, remove as remove_server},
    site::{LISTS, Site, inward, joined, kinds, make, mark, network, new, rule},
};

#[tokio::test]
async fn the_life_of_a_network() {
    let site = Site::make(&real(), "198.51.100.48/28").await;
    let (cloud, mark) = (&site.cloud, mark());
    let dns: Vec<IpAddr> = vec!["9.9.9.9".parse().unwrap(), "1.1.1.1".parse().unwrap()];
    let rules = vec![
        rule(Protocol::Tcp, Some((22, 22)), "0.0.0.0/0"),
        rule(Protocol::Tcp, Some((8000, 8080)), "10.9.9.9/8"),
        rule(Protocol::Udp, Some((1, 65535)), "192.0.2.1"),
        rule(Protocol::Icmp, None, "0.0.0.0/0"),
        rule(Protocol::Icmp, None, "::/0"),
        rule(Protocol::Icmp, None, "::/0"),
    ];
    let asset = |cidr: &str, dns_servers: &[IpAddr], external: Option<&str>, rules: &[Rule]| Asset::Network {
        name: "shop".to_owned(),
        cidr: cidr.to_owned(),
        dns_servers: dns_servers.to_vec(),
        external_network: external.map(str::to_owned),
        rules: rules.to_vec(),
    };
    let wanted = asset("10.50.0.7/24", &dns, Some(&site.external), &rules);
    let mut seen = Vec::new();
    let parts = loop {
        match cloud.make_asset(&region(), mark, &wanted, &[]).await.unwrap() {
            Making::UnderWay(parts) => seen.push(parts.len()),
            Making::Ready(parts) => break parts,
            other => panic!("{other:?}"),
        }
    };
    // Network, subnet, group, its rules, router with its gateway, interface.
    assert_eq!(seen, [1, 2, 3, 3, 4, 4]);
    assert_eq!(kinds(&parts), ["network", "subnet", "securityGroup", "router"]);
    let statuses: Vec<Option<&str>> = parts.iter().map(|it| it.status.as_deref()).collect();
    assert_eq!(statuses, [Some("ACTIVE"), None, None, Some("ACTIVE")]);

    for (list, part) in ["networks", "subnets", "security-groups", "routers"].into_iter().zip(&parts) {
        let there = site.marked(list, mark).await;
        assert_eq!((there.len(), &there[0]["id"], &there[0]["name"]), (1, &json!(part.id), &json!("shop")));
    }
    let subnet = &site.marked("subnets", mark).await[0];
    assert_eq!(subnet["network_id"], json!(parts[0].id));
    assert_eq!((&subnet["cidr"], &subnet["dns_nameservers"]), (&json!("10.50.0.0/24"), &json!(["9.9.9.9", "1.1.1.1"])));
    let router = &site.marked("routers", mark).await[0];
    assert_eq!(router["external_gateway_info"]["network_id"], json!(site.external));
    let [interface] = &joined(&site, mark).await[..] else { panic!() };
    assert_eq!(interface["fixed_ips"], json!([{ "subnet_id": parts[1].id, "ip_address": "10.50.0.1" }]));
    let group = &site.marked("security-groups", mark).await[0];
    let expected = [
        "IPv4 icmp null-null 0.0.0.0/0",
        "IPv4 tcp 22-22 0.0.0.0/0",
        "IPv4 tcp 8000-8080 10.0.0.0/8",
        "IPv4 udp null-null 192.0.2.1/32",
        "IPv6 ipv6-icmp null-null ::/0",
    ];
    assert_eq!(inward(group), expected);
    assert_eq!(group["security_group_rules"].as_array().unwrap().len(), expected.len() + 2, "what it lets out");

    // Again: nothing is changed.
    let before = site.all().await;
    assert_eq!(cloud.make_asset(&region(), mark, &wanted, &parts).await.unwrap(), Making::Ready(parts.clone()));
    assert_eq!(cloud.find_asset(&region(), mark, &wanted, &[]).await.unwrap(), parts);
    assert_eq!(site.all().await, before);

    // Other rules and other servers of names; a rule that somebody made goes, one that stays is not touched.
    let by_hand = json!({ "security_group_id": parts[2].id, "direction": "ingress", "protocol": "vrrp" });
    new(&site.raw, "security-group-rules", by_hand).await;
    let rules = [rules[0].clone(), rule(Protocol::Tcp, Some((443, 443)), "::/0")];
    let wanted = asset("10.50.0.0/24", &dns[1..], Some(&site.external), &rules);
    assert_eq!(make(cloud, mark, &wanted, &parts).await.unwrap(), parts);
    let there = &site.marked("security-groups", mark).await[0];
    assert_eq!(inward(there), ["IPv4 tcp 22-22 0.0.0.0/0", "IPv6 tcp 443-443 ::/0"]);
    assert_eq!(there["security_group_rules"].as_array().unwrap().len(), 4);
    let ssh = |group: &Value| {
        let rules = group["security_group_rules"].as_array().unwrap();
        rules.iter().find(|it| it["port_range_min"] == 22).unwrap()["id"].clone()
    };
    assert_eq!(ssh(there), ssh(group));
    assert_eq!(site.marked("subnets", mark).await[0]["dns_nameservers"], json!(["1.1.1.1"]));

    let other = cloud.make_asset(&region(), mark, &asset("10.51.0.0/24", &dns[1..], None, &rules), &parts).await;
    assert!(matches!(&other, Err(CloudError::Refused(text)) if text.contains("10.50.0.0/24")), "{other:?}");
    // It leads outside no more, and again.
    let inside = make(cloud, mark, &asset("10.50.0.0/24", &dns[1..], None, &rules), &parts).await.unwrap();
    assert_eq!(kinds(&inside), ["network", "subnet", "securityGroup"]);
    let again = make(cloud, mark, &wanted, &inside).await.unwrap();
    assert_eq!((&again[..3], joined(&site, mark).await.len()), (&parts[..3], 1));

    let mut n_calls = 0;
    while cloud.remove_asset(&region(), mark, &wanted, &[]).await.unwrap() == Removal::UnderWay {
        n_calls += 1;
        // Interface, router, group, subnet, network: what is left is never more than before.
        let left: Vec<usize> = {
            let all = site.all().await;
            LISTS.iter().map(|it| all[it].as_array().unwrap().len()).collect()
        };
        let expected = [[1, 1, 2, 1, 0], [1, 1, 2, 0, 0], [1, 1, 1, 0, 0], [1, 0, 1, 0, 0], [0, 0, 1, 0, 0]];
        assert_eq!(left, expected[n_calls - 1]);
    }
    assert_eq!(n_calls, 5);
    site.remove(mark).await;
    site.delete().await;
}

#[tokio::test]
async fn a_lost_answer_makes_nothing_twice_and_leaves_nothing() {
    let real = real();
    let site = Site::make(&real, "198.51.100.64/28").await;
    let proxy = Proxy::start(None).await;
    let config = Config { keystone_url: proxy.url(&real.keystone()), ..site.config.clone() };
    let cloud = connect(config, real.password());
    let (mark, asset) = (mark(), site.network());
    // Log in first, so that what is lost is what Neutron was told.
    cloud.locations().await.unwrap();
    proxy.lose_answers_to_changes();
    let mut n_lost = 0;
    let parts = loop {
        match cloud.make_asset(&region(), mark, &asset, &[]).await {
            Ok(Making::Ready(parts)) => break parts,
            Err(CloudError::Service { message, .. }) if message.contains("closed") => n_lost += 1,
            other => panic!("{other:?}"),
        }
        assert!(n_lost < 20);
    };
    assert_eq!(n_lost, 6, "network, subnet, group, rule, router, interface");
    assert_eq!(kinds(&parts), ["network", "subnet", "securityGroup", "router"]);
    for list in ["networks", "subnets", "security-groups", "routers"] {
        assert_eq!(site.marked(list, mark).await.len(), 1, "{list}");
    }
    assert_eq!(joined(&site, mark).await.len(), 1);
    // Rules and DNS servers that change.
    let changed = Asset::Network {
        name: "shop".to_owned(),
        cidr: "10.50.0.0/24".to_owned(),
        dns_servers: vec!["9.9.9.9".parse().unwrap()],
        external_network: Some(site.external.clone()),
        rules: vec![rule(Protocol::Udp, Some((53, 53)), "10.0.0.0/8")],
    };
    let mut n_lost = 0;
    while !matches!(cloud.make_asset(&region(), mark, &changed, &parts).await, Ok(Making::Ready(_))) {
        n_lost += 1;
        assert!(n_lost < 20);
    }
    assert_eq!(n_lost, 3, "DNS servers, a rule more, a rule less");
    assert_eq!(inward(&site.marked("security-groups", mark).await[0]), ["IPv4 udp 53-53 10.0.0.0/8"]);
    let mut n_lost = 0;
    loop {
        match cloud.remove_asset(&region(), mark, &asset, &[]).await {
            Ok(Removal::Gone) => break,
            Err(CloudError::Service { message, .. }) if message.contains("closed") => n_lost += 1,
            other => panic!("{other:?}"),
        }
        assert!(n_lost < 20);
    }
    assert_eq!(n_lost, 5, "interface, router, group, subnet, network");
    site.delete().await;
}

#[tokio::test]
async fn what_a_quota_stops_is_found_and_removed() {
    let site = Site::make(&real(), "198.51.100.80/28").await;
    // The project has a group already, with four rules; a new one has two.
    for (resource, limit, expected) in [
        ("network", 0, &[] as &[&str]),
        ("subnet", 0, &["network"]),
        ("security_group", 1, &["network", "subnet"]),
        ("security_group_rule", 6, &["network", "subnet", "securityGroup"]),
        ("router", 0, &["network", "subnet", "securityGroup"]),
    ] {
        let (mark, asset) = (mark(), site.network());
        site.quota(
            json!({ "network": -1, "subnet": -1, "security_group": -1, "security_group_rule": -1, resource: limit }),
        )
        .await;
        let full = site.failure(mark, &asset).await;
        let is_said = |text: &str| text.contains(&format!("['{resource}']")) && text.contains("(request req-");
        assert!(matches!(&full, CloudError::QuotaExceeded(text) if is_said(text)), "{resource}: {full:?}");
        // Asked again, it made no more.
        assert!(matches!(site.failure(mark, &asset).await, CloudError::QuotaExceeded(_)));
        for (list, kind) in [
            ("networks", "network"),
            ("subnets", "subnet"),
            ("security-groups", "securityGroup"),
            ("routers", "router"),
        ] {
            assert_eq!(site.marked(list, mark).await.len(), usize::from(expected.contains(&kind)), "{resource} {list}");
        }
        site.remove(mark).await;
        assert_eq!(site.all().await, site.before, "{resource}");
    }
    // With room it goes on from where it was.
    let (mark, asset) = (mark(), site.network());
    let _ = site.failure(mark, &asset).await;
    let before = site.marked("networks", mark).await;
    site.quota(json!({ "router": -1 })).await;
    assert_eq!(site.make_until_ready(mark, &asset).await.len(), 4);
    assert_eq!(site.marked("networks", mark).await, before);
    site.remove(mark).await;
    site.delete().await;
}

#[tokio::test]
async fn what_cannot_be_is_refused_in_the_words_of_neutron() {
    let site = Site::make(&real(), "198.51.100.96/28").await;
    let inside = new(&site.raw, "networks", json!({ "name": "inside" })).await;
    let unknown = Uuid::new_v4().to_string();
    let (external, ssh) = (Some(site.external.as_str()), || vec![rule(Protocol::Tcp, Some((22, 22)), "0.0.0.0/0")]);
    for (asset, expected) in [
        (network("10.50.0.0/24", Some(&unknown), ssh()), "could not be found"),
        (network("10.50.0.0/24", Some(&inside), ssh()), "is not an external network"),
        (network("198.51.100.96/27", external, ssh()), "overlaps with cidr 198.51.100.96/28"),
        (network("10.50.0.0/32", external, ssh()), "incompatible with DHCP"),
        (
            network("10.50.0.0/24", external, vec![rule(Protocol::Tcp, Some((0, 9)), "::/0")]),
            "Invalid value for port 0",
        ),
        (network("10.50.0.0/24", external, vec![rule(Protocol::Udp, Some((9, 8)), "::/0")]), "must be <="),
    ] {
        let mark = mark();
        let refused = site.failure(mark, &asset).await;
        let is_said = |text: &str| text.contains(expected) && text.contains("(request req-");
        assert!(matches!(&refused, CloudError::Refused(text) if is_said(text)), "{expected}: {refused:?}");
        assert_eq!(site.marked("networks", mark).await.len(), 1);
        site.remove(mark).await;
    }
    // What we see ourselves leaves nothing.
    for asset in [
        network("10.50.0.0/33", None, ssh()),
        network("10.50.0.0/24", None, vec![rule(Protocol::Tcp, None, "all")]),
        network("10.50.0.0/24", None, vec![rule(Protocol::Icmp, Some((8, 0)), "::/0")]),
    ] {
        let mark = mark();
        assert!(matches!(site.failure(mark, &asset).await, CloudError::Refused(_)));
        assert_eq!(site.marked("networks", mark).await, [] as [Value; 0]);
    }
    site.delete_one("networks", &inside).await;
    site.delete().await;
}

/// Refused, with this in its words, and nothing was removed.
async fn is_kept(site: &Site, mark: Mark, expected: &str) {
    let before = site.all().await;
    let refused = site.cloud.remove_asset(&region(), mark, &site.network(), &[]).await;
    assert!(matches!(&refused, Err(CloudError::Conflict(text)) if text.contains(expected)), "{expected}: {refused:?}");
    assert_eq!(site.all().await, before);
}

#[tokio::test]
async fn a_network_that_is_used_stays_whole() {
    let site = Site::make(&real(), "198.51.100.112/28").await;
    let (mark, asset) = (mark(), site.network());
    let parts = site.make_until_ready(mark, &asset).await;
    let id = |at: usize| parts[at].id.as_str();
    let server = launch(&site.cloud, &site.raw, &["shop"]).await;
    is_kept(&site, mark, &format!("server {} (port ", server.cloud_id)).await;
    let used = site.cloud.find_asset(&region(), mark, &asset, &[]).await.unwrap();
    // The port that we made for the server has the group of the project.
    let users: Vec<&[String]> = used.iter().map(|it| it.used_by.as_slice()).collect();
    let server_id = std::slice::from_ref(&server.cloud_id);
    assert_eq!(users, [server_id, server_id, &[], &[]]);
    let port = &ports(&site.raw, server.mark).await[0]["id"];
    let body = json!({ "port": { "security_groups": [id(2)] } });
    site.raw.call(Method::PUT, "network", &format!("/v2.0/ports/{}", port.as_str().unwrap()), body).await;
    let Making::Ready(used) = site.cloud.make_asset(&region(), mark, &asset, &parts).await.unwrap() else { panic!() };
    assert_eq!(used[2].used_by, server_id);
    remove_server(&site.cloud, server.mark).await;

    // A port that nobody has, one elsewhere with our group, and a subnet that somebody joined to our router.
    let port = new(&site.raw, "ports", json!({ "network_id": id(0) })).await;
    is_kept(&site, mark, &format!("by port {port};")).await;
    site.delete_one("ports", &port).await;
    let other = new(&site.raw, "networks", json!({ "name": "other" })).await;
    let port = new(&site.raw, "ports", json!({ "network_id": other, "security_groups": [id(2)] })).await;
    is_kept(&site, mark, &format!("by port {port};")).await;
    site.delete_one("ports", &port).await;
    let subnet =
        new(&site.raw, "subnets", json!({ "network_id": other, "cidr": "10.60.0.0/24", "ip_version": 4 })).await;
    let interface = |verb: &str, router: &str| format!("/v2.0/routers/{router}/{verb}_router_interface");
    let body = json!({ "subnet_id": subnet });
    site.raw.call(Method::PUT, "network", &interface("add", id(3)), body.clone()).await;
    is_kept(&site, mark, &format!("by network {other} (port ")).await;
    site.raw.call(Method::PUT, "network", &interface("remove", id(3)), body).await;

    // Another router on our network.
    let router = new(&site.raw, "routers", json!({ "name": "other" })).await;
    let port = new(&site.raw, "ports", json!({ "network_id": id(0) })).await;
    let body = json!({ "port_id": port });
    site.raw.call(Method::PUT, "network", &interface("add", &router), body.clone()).await;
    is_kept(&site, mark, &format!("by router {router} (port {port})")).await;
    site.raw.call(Method::PUT, "network", &interface("remove", &router), body).await;
    site.delete_one("routers", &router).await;

    // More than are named.
    let mut ports = Vec::new();
    for _ in 0..7 {
        ports.push(new(&site.raw, "ports", json!({ "network_id": id(0) })).await);
    }
    is_kept(&site, mark, ", and 2 more;").await;
    for port in ports {
        site.delete_one("ports", &port).await;
    }
    site.remove(mark).await;
    site.delete_one("networks", &other).await;
    site.delete().await;
}

#[tokio::test]
async fn servers_on_ipv6_get_addresses_and_keep_the_network() {
    let site = Site::make(&real(), "198.51.100.128/28").await;
    for (cidr, mode) in [("fd00:50::1/64", "slaac"), ("fd00:50::/80", "dhcpv6-stateful")] {
        let (mark, asset) = (mark(), network(cidr, Some(&site.external), vec![rule(Protocol::Icmp, None, "::/0")]));
        let parts = site.make_until_ready(mark, &asset).await;
        let subnet = &site.marked("subnets", mark).await[0];
        assert_eq!((&subnet["ipv6_ra_mode"], &subnet["ipv6_address_mode"]), (&json!(mode), &json!(mode)));
        // Neutron would delete a subnet of SLAAC under the ports that have its addresses.
        let port = new(&site.raw, "ports", json!({ "network_id": parts[0].id })).await;
        is_kept(&site, mark, &format!("by port {port};")).await;
        site.delete_one("ports", &port).await;
        site.remove(mark).await;
    }
    site.delete().await;
}

#[tokio::test]
async fn of_two_with_one_mark_the_used_or_older_stays() {
    let site = Site::make(&real(), "198.51.100.144/28").await;
    let (mark, asset) = (mark(), site.network());
    // The second of each is used: a network by its subnet, a group by a port, a router by being joined.
    let named = || json!({ "name": "shop" });
    let empty = site.by_hand("networks", mark, named()).await;
    let network = site.by_hand("networks", mark, named()).await;
    let subnet = json!({ "network_id": network, "cidr": "10.50.0.0/24", "ip_version": 4 });
    let subnet = site.by_hand("subnets", mark, subnet).await;
    let groups =
        [site.by_hand("security-groups", mark, named()).await, site.by_hand("security-groups", mark, named()).await];
    let port = new(&site.raw, "ports", json!({ "network_id": network, "security_groups": [groups[1]] })).await;
    // Without a gateway, which it gets.
    let routers = [site.by_hand("routers", mark, named()).await, site.by_hand("routers", mark, named()).await];
    let path = format!("/v2.0/routers/{}/add_router_interface", routers[1]);
    site.raw.call(Method::PUT, "network", &path, json!({ "subnet_id": subnet })).await;
    let parts = site.make_until_ready(mark, &asset).await;
    let ids: Vec<&str> = parts.iter().map(|it| it.id.as_str()).collect();
    assert_eq!(ids, [&network, &subnet, &groups[1], &routers[1]]);
    for list in ["networks", "subnets", "security-groups", "routers"] {
        assert_eq!(site.marked(list, mark).await.len(), 1, "{list}, beside {empty}");
    }
    let gateway = &site.marked("routers", mark).await[0]["external_gateway_info"]["network_id"];
    assert_eq!(gateway, &json!(site.external));
    // One with a port is used more than one with a subnet, and two with ports are for somebody to sort out.
    let second = site.by_hand("networks", mark, named()).await;
    let other = json!({ "network_id": second, "cidr": "10.50.0.0/24", "ip_version": 4 });
    let other = site.by_hand("subnets", mark, other).await;
    assert_eq!(site.make_until_ready(mark, &asset).await, parts);
    assert!(site.all().await["subnets"].as_array().unwrap().iter().all(|it| it["id"] != json!(other)));
    let second = site.by_hand("networks", mark, named()).await;
    let held = new(&site.raw, "ports", json!({ "network_id": second })).await;
    let both = site.failure(mark, &asset).await;
    assert!(matches!(&both, CloudError::Conflict(text) if text.contains(&held)), "{both:?}");
    for port in [port, held] {
        site.delete_one("ports", &port).await;
    }
    // Of two that are not used, the older.
    site.remove(mark).await;
    let older = site.by_hand("networks", mark, named()).await;
    tokio::time::sleep(std::time::Duration::from_millis(1100)).await; // Neutron tells whole seconds.
    site.by_hand("networks", mark, named()).await;
    assert_eq!(site.make_until_ready(mark, &asset).await[0].id, older);
    assert_eq!(site.marked("networks", mark).await.len(), 1);
    // Two of all are removed.
    site.by_hand("networks", mark, named()).await;
    site.by_hand("security-groups", mark, named()).await;
    site.by_hand("routers", mark, named()).await;
    site.remove(mark).await;
    site.delete().await;
}

#[tokio::test]
async fn what_was_there_and_is_gone_is_not_made_again() {
    let site = Site::make(&real(), "198.51.100.176/28").await;
    let (mark, asset) = (mark(), site.network());
    let parts = site.make_until_ready(mark, &asset).await;
    let missing = async || match site.cloud.make_asset(&region(), mark, &asset, &parts).await.unwrap() {
        Making::Missing(it) => it.into_iter().map(|it| it.id).collect::<Vec<_>>(),
        other => panic!("{other:?}"),
    };
    site.delete_one("security-groups", &parts[2].id).await;
    let before = site.all().await;
    assert_eq!(missing().await, [parts[2].id.as_str()]);
    assert_eq!(site.all().await, before);
    let router = format!("/v2.0/routers/{}", parts[3].id);
    let body = json!({ "subnet_id": parts[1].id });
    site.raw.call(Method::PUT, "network", &format!("{router}/remove_router_interface"), body).await;
    // An interface is no part: the router is joined again.
    let rest: Vec<Part> = [0, 1, 3].map(|it| parts[it].clone()).into();
    let again = make(&site.cloud, mark, &asset, &rest).await.unwrap();
    assert_eq!((kinds(&again), joined(&site, mark).await.len()), (kinds(&parts), 1));
    let body = json!({ "subnet_id": parts[1].id });
    site.raw.call(Method::PUT, "network", &format!("{router}/remove_router_interface"), body).await;
    site.delete_one("routers", &parts[3].id).await;
    site.delete_one("networks", &parts[0].id).await;
    assert_eq!(missing().await, parts.iter().map(|it| it.id.as_str()).collect::<Vec<_>>());
    // Of two, what was there when all was ready stays, also when the other is used.
    site.remove(mark).await;
    let parts = site.make_until_ready(mark, &asset).await;
    let second = site.by_hand("security-groups", mark, json!({ "name": "shop" })).await;
    let port = json!({ "network_id": parts[0].id, "security_groups": [second] });
    let port = new(&site.raw, "ports", port).await;
    let both = site.cloud.make_asset(&region(), mark, &asset, &parts).await;
    assert!(matches!(&both, Err(CloudError::Conflict(text)) if text.contains(&second)), "{both:?}");
    site.delete_one("ports", &port).await;
    assert_eq!(make(&site.cloud, mark, &asset, &parts).await.unwrap(), parts);
    site.remove(mark).await;
    site.delete().await;
}

#[tokio::test]
async fn what_others_have_is_not_ours() {
    let real = real();
    let site = Site::make(&real, "198.51.100.160/28").await;
    let (mark, asset) = (mark(), site.network());
    // Anybody can write our mark on what all may use; and an administrator sees what is in all projects.
    let described = format!("stackyard {mark}");
    let shared = json!({ "name": "bait", "shared": true, "description": described });
    let shared = new(&site.admin, "networks", shared).await;
    let another = Mark(Uuid::new_v4());
    let next = site.by_hand("networks", another, json!({ "name": "next" })).await;
    let longer = json!({ "name": "longer", "description": format!("{described} and more") });
    let longer = new(&site.raw, "networks", longer).await;
    let parts = site.make_until_ready(mark, &asset).await;
    assert!([&shared, &next, &longer].iter().all(|it| **it != parts[0].id));
    let admin = real.connect("admin");
    let (_, before) = (site.delete_one("networks", &shared).await, site.all().await);
    assert_eq!(admin.remove_asset(&region(), mark, &asset, &[]).await.unwrap(), Removal::Gone);
    assert_eq!(site.all().await, before);
    site.remove(mark).await;
    for id in [next, longer] {
        site.delete_one("networks", &id).await;
    }
    site.delete().await;
}
