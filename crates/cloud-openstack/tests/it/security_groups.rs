//! Security groups that stand alone, in a real cloud, each test in a project of its own.

use cloud::{
    Cloud, CloudError,
    asset::{Asset, Making, Protocol, Rule},
    server::Removal,
};
use cloud_openstack::Config;
use http::Method;
use serde_json::{Value, json};

use crate::{
    proxy::Proxy,
    real::{connect, real},
    servers::region,
    site::{Site, inward, kinds, make, mark, new, rule},
};

fn group(rules: &[Rule]) -> Asset {
    Asset::SecurityGroup { name: "web".to_owned(), rules: rules.to_vec() }
}

#[tokio::test]
async fn the_life_of_a_security_group() {
    let site = Site::make(&real(), "198.51.100.144/28").await;
    let (cloud, mark) = (&site.cloud, mark());
    let rules = [rule(Protocol::Tcp, Some((443, 443)), "0.0.0.0/0"), rule(Protocol::Icmp, None, "::/0")];
    let wanted = group(&rules);
    let parts = make(cloud, mark, &wanted, &[]).await.unwrap();
    assert_eq!(kinds(&parts), ["securityGroup"]);
    let there = site.marked("security-groups", mark).await;
    assert_eq!((there.len(), &there[0]["id"], &there[0]["name"]), (1, &json!(parts[0].id), &json!("web")));
    assert_eq!(inward(&there[0]), ["IPv4 tcp 443-443 0.0.0.0/0", "IPv6 ipv6-icmp null-null ::/0"]);
    let before = site.all().await;
    assert_eq!(cloud.make_asset(&region(), mark, &wanted, &parts).await.unwrap(), Making::Ready(parts.clone()));
    assert_eq!(cloud.find_asset(&region(), mark, &wanted, &[]).await.unwrap(), parts);
    assert_eq!(site.all().await, before, "nothing is changed");

    // Other rules, and what somebody added goes; what it lets out is let out still.
    let by_hand = json!({ "security_group_id": parts[0].id, "direction": "ingress", "protocol": "vrrp" });
    new(&site.raw, "security-group-rules", by_hand).await;
    assert_eq!(make(cloud, mark, &group(&rules[..1]), &parts).await.unwrap(), parts);
    let there = site.marked("security-groups", mark).await.remove(0);
    assert_eq!(inward(&there), ["IPv4 tcp 443-443 0.0.0.0/0"]);
    assert_eq!(there["security_group_rules"].as_array().unwrap().len(), 3);

    // One that was made twice: the one that is known stays.
    let twice = json!({ "name": "web", "description": format!("stackyard {mark}") });
    new(&site.raw, "security-groups", twice).await;
    assert_eq!(make(cloud, mark, &group(&rules), &parts).await.unwrap(), parts);
    assert_eq!(site.marked("security-groups", mark).await.len(), 1);

    // A port has it: it stays, and says who.
    let network = new(&site.raw, "networks", json!({ "name": "held" })).await;
    let port = new(&site.raw, "ports", json!({ "network_id": network, "security_groups": [parts[0].id] })).await;
    let held = cloud.remove_asset(&region(), mark, &wanted, &parts).await;
    assert!(matches!(&held, Err(CloudError::Conflict(text)) if text.contains(&port)), "{held:?}");
    for path in [format!("/v2.0/ports/{port}"), format!("/v2.0/networks/{network}")] {
        site.raw.call(Method::DELETE, "network", &path, Value::Null).await;
    }
    assert_eq!(cloud.remove_asset(&region(), mark, &wanted, &parts).await.unwrap(), Removal::UnderWay);
    assert_eq!(cloud.remove_asset(&region(), mark, &wanted, &parts).await.unwrap(), Removal::Gone);
    let missing = cloud.make_asset(&region(), mark, &wanted, &parts).await.unwrap();
    assert_eq!(missing, Making::Missing(parts), "what was ready is never made again");
    site.delete().await;
}

#[tokio::test]
async fn a_lost_answer_makes_no_second_group() {
    let real = real();
    let site = Site::make(&real, "198.51.100.160/28").await;
    let proxy = Proxy::start(None).await;
    let config = Config { keystone_url: proxy.url(&real.keystone()), ..site.config.clone() };
    let cloud = connect(config, real.password());
    let (mark, wanted) = (mark(), group(&[rule(Protocol::Tcp, Some((22, 22)), "10.0.0.0/8")]));
    cloud.locations().await.unwrap();
    proxy.lose_answers_to_changes();
    let mut n_lost = 0;
    while !matches!(cloud.make_asset(&region(), mark, &wanted, &[]).await, Ok(Making::Ready(_))) {
        n_lost += 1;
        assert!(n_lost < 20);
    }
    assert_eq!(n_lost, 2, "the group and its rule");
    assert_eq!(site.marked("security-groups", mark).await.len(), 1);
    while !matches!(cloud.remove_asset(&region(), mark, &wanted, &[]).await, Ok(Removal::Gone)) {
        n_lost += 1;
        assert!(n_lost < 20);
    }
    assert_eq!(n_lost, 3);
    site.delete().await;
}

#[tokio::test]
async fn a_full_quota_of_rules_leaves_a_group_that_is_found() {
    let site = Site::make(&real(), "198.51.100.176/28").await;
    // The project's own group has four rules, a new one two.
    site.quota(json!({ "security_group_rule": 6 })).await;
    let (mark, wanted) = (mark(), group(&[rule(Protocol::Tcp, Some((22, 22)), "10.0.0.0/8")]));
    let full = site.failure(mark, &wanted).await;
    assert!(matches!(&full, CloudError::QuotaExceeded(text) if text.contains("security_group_rule")), "{full:?}");
    assert_eq!(kinds(&site.cloud.find_asset(&region(), mark, &wanted, &[]).await.unwrap()), ["securityGroup"]);
    assert_eq!(site.cloud.remove_asset(&region(), mark, &wanted, &[]).await.unwrap(), Removal::UnderWay);
    assert_eq!(site.cloud.remove_asset(&region(), mark, &wanted, &[]).await.unwrap(), Removal::Gone);
    site.quota(json!({ "security_group_rule": -1 })).await;
    site.delete().await;
}
