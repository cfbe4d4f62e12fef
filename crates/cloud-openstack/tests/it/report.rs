//! The report of a validation at a real cloud.

use cloud::check::{Check, CheckStatus};
use cloud_openstack::{Config, Interface};
use serde_json::{Value, json};

use crate::real::{LIMIT, check, connect, real, validate};

/// Times, ports and counts differ from run to run; words do not.
fn stable(mut checks: Vec<Check>) -> Value {
    checks.sort_by(|a, b| (&a.id, &a.target).cmp(&(&b.id, &b.target)));
    for it in &mut checks {
        it.elapsed_ms = 0;
        // Whether a port is the default depends on where this cloud was started.
        let is_port = it.id.starts_with("openstack.port.");
        it.detail = if is_port { "(a port)".to_owned() } else { without_numbers(&it.detail) };
        it.target = without_numbers(&it.target);
    }
    json!(checks)
}

fn without_numbers(text: &str) -> String {
    let mut stable = String::new();
    for it in text.chars() {
        match it {
            '0'..='9' if stable.ends_with('#') => {}
            '0'..='9' => stable.push('#'),
            other => stable.push(other),
        }
    }
    stable
}

#[tokio::test]
async fn a_members_whole_report() {
    let checks = validate(&real().connect("demo"), LIMIT).await;
    let mut ids: Vec<_> = checks.iter().map(|it| (&it.id, &it.target)).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), checks.len(), "id and target identify a check");
    insta::assert_json_snapshot!(stable(checks));
}

#[tokio::test]
async fn a_reader_may_list_everything_but_containers() {
    let checks = validate(&real().connect("reader"), LIMIT).await;
    for list in ["flavors", "servers", "images", "networks", "volumes"] {
        let it = check(&checks, &format!("openstack.list.{list}"));
        assert_eq!(it.status, CheckStatus::Passed, "{it:?}");
    }
    let containers = check(&checks, "openstack.list.containers");
    assert_eq!(containers.status, CheckStatus::Warning);
    assert!(containers.detail.contains("may not be listed") && containers.detail.contains("Access was denied"));
    assert!(containers.detail.contains("request tx"), "{containers:?}");
    assert!(checks.iter().all(|it| it.status != CheckStatus::Failed));
}

#[tokio::test]
async fn a_used_up_quota_is_a_warning() {
    let checks = validate(&real().connect("small"), LIMIT).await;
    let quota = checks.iter().find(|it| it.id == "openstack.quota.network").unwrap();
    assert_eq!(quota.status, CheckStatus::Warning);
    assert!(quota.detail.contains("nothing left of") && quota.detail.contains("floating IPs"), "{quota:?}");
}

#[tokio::test]
async fn another_interface_is_used_where_it_is_chosen() {
    let real = real();
    let cloud = connect(Config { interface: Interface::Internal, ..real.config("demo") }, real.password());
    let checks = validate(&cloud, LIMIT).await;
    assert!(checks.iter().all(|it| it.status != CheckStatus::Failed), "{checks:#?}");
    let endpoints = cloud::Cloud::endpoints(&cloud).await.unwrap();
    let used: Vec<_> = endpoints.iter().filter(|it| it.is_used).collect();
    assert!(used.len() >= 6 && used.iter().all(|it| it.interface.as_deref() == Some("internal")), "{used:?}");
}

#[tokio::test]
async fn describe_tells_versions_and_extensions_of_each_region() {
    let details = real().connect("demo").describe().await.unwrap();
    assert_eq!(details["identity"]["version"], json!("v3.14"));
    let services = details["regions"][0]["services"].as_array().unwrap();
    let types: Vec<_> = services.iter().map(|it| it["type"].as_str().unwrap()).collect();
    assert_eq!(types, ["compute", "identity", "network", "object-store", "image", "volume"]);
    assert!(services.iter().all(|it| it["error"].is_null() && !it["versions"].as_array().unwrap().is_empty()));
    let compute = services[0]["versions"].as_array().unwrap().last().unwrap();
    assert_eq!((&compute["id"], &compute["minVersion"]), (&json!("v2.1"), &json!("2.1")));
    let aliases = |service: usize| services[service]["extensions"].as_array().unwrap().iter().map(|it| &it["alias"]);
    assert!(aliases(2).any(|it| it == "router") && aliases(0).any(|it| it == "os-keypairs"));
}

#[tokio::test]
async fn a_limit_that_is_reached_leaves_no_check_out() {
    let checks = validate(&real().connect("demo"), std::time::Duration::ZERO).await;
    let full = validate(&real().connect("demo"), LIMIT).await;
    let ids = |checks: &[Check]| {
        let mut ids: Vec<_> = checks.iter().map(|it| it.id.clone()).collect();
        ids.sort();
        ids.dedup();
        ids
    };
    assert_eq!(ids(&checks), ids(&full));
    assert!(checks.iter().any(|it| it.status == CheckStatus::Failed && it.detail.contains("no answer within")));
}
