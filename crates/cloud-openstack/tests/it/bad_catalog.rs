//! Catalogs and services that are broken in one place, played by responders.

use std::{net::SocketAddr, sync::Arc};

use cloud::{
    Cloud, CloudError, LocationId,
    address::Origin,
    check::{Check, CheckStatus},
    inventory::{Noun, PowerState},
};
use cloud_openstack::{Config, Interface, OpenStack};
use futures_util::StreamExt;
use serde_json::{Value, json};

use crate::{
    bad_keystone::{config, v3},
    real::{LIMIT, connect, validate},
    responder::{self, Asked, Said, answer},
};

const TOKEN: &str = "gAAAAtoken-of-the-test";

/// A Keystone whose catalog is `catalog`, where `{own}` stands for this responder; everything else is asked of `said`.
pub async fn cloud(catalog: Value, said: impl Fn(&Asked) -> Said + Send + Sync + 'static) -> (OpenStack, SocketAddr) {
    cloud_with(|it| it, catalog, said).await
}

async fn cloud_with(
    change: impl Fn(Config) -> Config,
    catalog: Value,
    said: impl Fn(&Asked) -> Said + Send + Sync + 'static,
) -> (OpenStack, SocketAddr) {
    let own = Arc::new(std::sync::Mutex::new(String::new()));
    let known = own.clone();
    let said = Arc::new(said);
    let address = responder::start(move |asked: Asked| {
        let (said, own, catalog) = (said.clone(), own.lock().unwrap().clone(), catalog.to_string());
        async move {
            match asked.path.as_str() {
                "/v3" | "/v3/" => v3(),
                "/v3/auth/tokens" => {
                    let catalog = catalog.replace("{own}", &own);
                    let body = format!(
                        r#"{{"token": {{"user": {{"id": "u", "name": "demo"}}, "project": {{"id": "p", "name": "demo"}},
                            "roles": [{{"name": "member"}}], "catalog": {catalog}}}}}"#
                    );
                    answer(201, &format!("X-Subject-Token: {TOKEN}\r\n"), body.as_bytes())
                }
                _ => said(&asked),
            }
        }
    })
    .await;
    *known.lock().unwrap() = format!("http://{address}");
    (connect(change(config(format!("http://{address}/v3"))), "secret-of-the-test".into()), address)
}

pub fn entry(service_type: &str, url: &str) -> Value {
    json!({ "type": service_type, "name": service_type,
        "endpoints": [{ "interface": "public", "region_id": "One", "region": "One", "url": url }] })
}

/// A Nova with nothing in it.
fn nova(asked: &Asked) -> Said {
    let path = asked.path.split('?').next().unwrap();
    match path {
        "/v2.1/" => {
            responder::json(200, &json!({ "version": { "id": "v2.1", "version": "2.96", "min_version": "2.1" } }))
        }
        "/v2.1/extensions" => responder::json(200, &json!({ "extensions": [] })),
        "/v2.1/limits" => responder::json(200, &json!({ "limits": { "absolute": {} } })),
        "/v2.1/flavors" | "/v2.1/flavors/detail" => responder::json(200, &json!({ "flavors": [] })),
        "/v2.1/servers" | "/v2.1/servers/detail" => responder::json(200, &json!({ "servers": [] })),
        _ => answer(404, "", b"nothing here"),
    }
}

fn at<'a>(checks: &'a [Check], id: &str, target: &str) -> &'a Check {
    let found = checks.iter().find(|it| it.id == id && it.target == target);
    found.unwrap_or_else(|| panic!("no {id} of {target} in {checks:#?}"))
}

fn warns(checks: &[Check], service: &str, words: &[&str]) {
    let it = at(checks, &format!("openstack.service.{service}"), &format!("One {service}"));
    assert_eq!(it.status, CheckStatus::Warning, "{it:?}");
    for word in words {
        assert!(it.detail.contains(word), "no {word:?} in {it:?}");
    }
}

#[tokio::test]
async fn one_broken_endpoint_does_not_break_the_others_responder() {
    let closed = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap()
    };
    let catalog = json!([
        entry("compute", "{own}/v2.1"),
        entry("image", ""),
        entry("network", &format!("http://{closed}")),
        entry("object-store", "http://[::1]:1/v1/AUTH_p"),
        { "type": "volumev3", "name": "cinder", "endpoints": [] },
        { "type": "identity", "name": null, "endpoints": null },
        { "name": "without a type", "endpoints": [{ "url": 7 }] },
        "not even an object",
        entry("orchestration", "gopher://x"),
    ]);
    let (cloud, address) = cloud(catalog, nova).await;
    let checks = validate(&cloud, LIMIT).await;
    let compute = at(&checks, "openstack.service.compute", "One compute");
    assert_eq!(
        (compute.status, compute.detail.as_str()),
        (CheckStatus::Passed, "Nova answers: v2.1 (microversions 2.1 to 2.96)")
    );
    let port = at(&checks, "openstack.port.compute", "One compute");
    assert_eq!(port.status, CheckStatus::Passed, "another port is information");
    assert!(port.detail.contains(&format!("{}, not the default 8774", address.port())), "{port:?}");
    warns(&checks, "image", &["cannot be used: it is empty", "no images to launch from"]);
    warns(&checks, "network", &["connection refused", "no networks"]);
    warns(&checks, "object-store", &["[::1]:1", "connection refused"]);
    warns(&checks, "volume", &["the catalog has no volume service in One", "no volumes"]);
    warns(&checks, "identity", &["the catalog has no identity service"]);
    let skipped = at(&checks, "openstack.list.volumes", "One volume");
    assert_eq!(skipped.status, CheckStatus::Skipped);
    assert!(checks.iter().all(|it| it.status != CheckStatus::Failed), "{checks:#?}");
    let endpoints = cloud.endpoints().await.unwrap();
    let swift = endpoints.iter().find(|it| it.service_type == "object-store").unwrap();
    assert_eq!((swift.host.as_str(), swift.port, swift.is_default_port), ("::1", 1, false));
    assert_eq!(endpoints.len(), 3, "{endpoints:?}");
    let region = LocationId("One".to_owned());
    assert!(matches!(cloud.list(&region, Noun::VolumeTypes).next().await, Some(Err(CloudError::Unsupported(_)))));
}

#[tokio::test]
async fn plain_http_where_the_catalog_says_https_responder() {
    let (cloud, address) = cloud(json!([entry("compute", "{own}/v2.1")]), nova).await;
    let https = format!("https://{address}");
    let (other, _) = cloud_with(|it| it, json!([entry("compute", "{own}/v2.1"), entry("image", &https)]), nova).await;
    drop(cloud);
    let checks = validate(&other, LIMIT).await;
    warns(&checks, "image", &["the TLS handshake with https://"]);
}

#[tokio::test]
async fn a_catalog_without_compute_fails_responder() {
    for catalog in [json!([]), json!([entry("image", "{own}")])] {
        let (cloud, _) = cloud(catalog, nova).await;
        let checks = validate(&cloud, LIMIT).await;
        let it = checks.iter().find(|it| it.id == "openstack.catalog").unwrap();
        assert_eq!((it.status, it.required), (CheckStatus::Failed, true), "{it:?}");
        assert!(checks.iter().filter(|it| it.status == CheckStatus::Skipped).count() >= 20);
    }
    let internal = |it| Config { interface: Interface::Internal, ..it };
    let (cloud, _) = cloud_with(internal, json!([entry("compute", "{own}/v2.1")]), nova).await;
    let checks = validate(&cloud, LIMIT).await;
    let it = checks.iter().find(|it| it.id == "openstack.catalog").unwrap();
    assert!(it.detail.contains("on the interface internal (there is public)"), "{it:?}");
}

#[tokio::test]
async fn a_compute_service_that_is_only_in_the_catalog_fails_responder() {
    let (cloud, _) = cloud(json!([entry("compute", "{own}/v2.1")]), |_| answer(500, "", b"broken")).await;
    let checks = validate(&cloud, LIMIT).await;
    let required: Vec<_> = checks.iter().filter(|it| it.required && it.status == CheckStatus::Failed).collect();
    assert_eq!(required.len(), 1, "{checks:#?}");
    assert_eq!(required[0].id, "openstack.compute");
    assert!(required[0].detail.contains("answers in no region") && required[0].remedy.is_some(), "{required:?}");

    // One region is enough.
    let mut two = entry("compute", "http://127.0.0.1:1/v2.1");
    two["endpoints"][0]["region_id"] = "Two".into();
    let (cloud, _) = self::cloud(json!([two, entry("compute", "{own}/v2.1")]), nova).await;
    let checks = validate(&cloud, LIMIT).await;
    let it = checks.iter().find(|it| it.id == "openstack.compute").unwrap();
    assert_eq!((it.status, it.required, it.detail.as_str()), (CheckStatus::Passed, true, "compute answers in One"));
}

#[tokio::test]
async fn a_catalog_that_is_too_large_is_refused_responder() {
    let endpoints = |n: usize, n_regions: usize| -> Value {
        let endpoint =
            |it| json!({ "interface": "public", "region_id": format!("R{}", it % n_regions), "url": "{own}/v2.1" });
        json!([{ "type": "compute", "endpoints": (0..n).map(endpoint).collect::<Vec<_>>() }])
    };
    for (n, n_regions, words) in [(2001, 1, "2001 endpoints; 2000 are"), (101, 101, "101 regions; 100 are")] {
        let (cloud, _) = cloud(endpoints(n, n_regions), nova).await;
        let err = cloud.locations().await.unwrap_err().to_string();
        assert!(err.contains(words), "{err}");
    }
    // What is just not too large is quick: each of 2000 endpoints without a region could be that of 100 regions.
    let mut catalog = endpoints(100, 100);
    let everywhere: Vec<_> =
        (0..1900).map(|it| json!({ "interface": "public", "url": format!("http://h{it}/v2.1") })).collect();
    catalog[0]["endpoints"].as_array_mut().unwrap().extend(everywhere);
    let (cloud, _) = self::cloud(catalog, nova).await;
    let endpoints = cloud.endpoints().await.unwrap();
    assert_eq!((endpoints.len(), endpoints.iter().filter(|it| it.is_used).count()), (2000, 100));
}

#[tokio::test]
async fn the_first_usable_endpoint_of_the_best_type_is_used_responder() {
    let endpoint = |region: Value, url: &str| json!({ "interface": "public", "region_id": region, "url": url });
    let catalog = json!([
        { "type": "compute", "endpoints": [endpoint(json!("One"), "{own}/v2.1")] },
        { "type": "volumev2", "endpoints": [endpoint(json!("One"), "http://two")] },
        { "type": "volumev3", "endpoints": [
            endpoint(json!("One"), "gopher://bad"), endpoint(Value::Null, "http://three"), endpoint(json!("One"), "http://last")] },
    ]);
    let (cloud, _) = cloud(catalog, nova).await;
    let endpoints = cloud.endpoints().await.unwrap();
    let used: Vec<_> =
        endpoints.iter().filter(|it| it.is_used && it.service_type != "compute").map(|it| &it.url).collect();
    assert_eq!(used, ["http://three/"]);
}

/// What a service says of an error stands at the beginning of its answer.
#[tokio::test]
async fn of_an_error_only_the_beginning_is_read_responder() {
    let large = Arc::new(["<h1>gateway</h1>", &"x".repeat(50 << 20)].concat());
    let (cloud, _) = cloud(json!([entry("compute", "{own}/v2.1")]), move |_| answer(502, "", large.as_bytes())).await;
    match cloud.instance_types(&LocationId("One".to_owned())).await {
        Err(CloudError::Service { message, .. }) => assert!(message.contains("502 gateway x") && message.len() < 600),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn containers_without_end_are_given_up_responder() {
    let n = std::sync::atomic::AtomicUsize::new(0);
    let said = move |_: &Asked| {
        let n = n.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        responder::json(200, &json!([{ "name": format!("{n:09}") }]))
    };
    let (cloud, _) = cloud(json!([entry("object-store", "{own}/v1/AUTH_p")]), said).await;
    let region = LocationId("One".to_owned());
    let mut pages = cloud.list(&region, Noun::ObjectContainers);
    let mut n_pages = 0;
    let err = loop {
        match pages.next().await.unwrap() {
            Ok(_) => n_pages += 1,
            Err(err) => break err.to_string(),
        }
    };
    assert!(err.contains("the list of containers does not end") && n_pages == 2001, "{n_pages}: {err}");
}

/// Where `visibility=all` is a value that the service does not know.
#[tokio::test]
async fn an_old_glance_is_asked_twice_responder() {
    let image = |id: &str| json!({ "id": id, "status": "active" });
    let old = move |asked: &Asked| match asked.path.split("visibility=").nth(1) {
        Some(it) if it.starts_with("all") => answer(400, "", b"Invalid visibility value: all"),
        Some(_) => responder::json(200, &json!({ "images": [image("own-community"), image("community")] })),
        None => responder::json(200, &json!({ "images": [image("own"), image("own-community")] })),
    };
    let (cloud, _) = cloud(json!([entry("image", "{own}")]), old).await;
    let region = LocationId("One".to_owned());
    let pages: Vec<_> = cloud.list(&region, Noun::CloudImages).map(|it| it.unwrap().items).collect().await;
    let ids: Vec<_> = pages.iter().flatten().map(|it| it.cloud_id.as_str()).collect();
    assert_eq!(ids, ["own", "own-community", "community"]);
}

#[tokio::test]
async fn a_catalog_without_regions_is_one_region_responder() {
    let catalog = json!([{ "type": "compute", "endpoints": [{ "interface": "public", "url": "{own}/v2.1" }] }]);
    let (cloud, _) = cloud(catalog, nova).await;
    let locations = cloud.locations().await.unwrap();
    assert_eq!(locations.iter().map(|it| it.name.as_str()).collect::<Vec<_>>(), ["RegionOne"]);
    assert_eq!(cloud.instance_types(&locations[0].id).await.unwrap(), Some(vec![]));
}

#[tokio::test]
async fn a_service_that_refuses_fresh_tokens_is_not_the_credentials_fault_responder() {
    let refuses = |asked: &Asked| {
        let token = asked.headers.iter().find(|(name, _)| name == "x-auth-token").unwrap().1.clone();
        responder::json(401, &json!({ "error": { "message": format!("bad token {token}") } }))
    };
    let (cloud, _) = cloud(json!([entry("compute", "{own}/v2.1")]), refuses).await;
    match cloud.instance_types(&LocationId("One".to_owned())).await {
        Err(CloudError::Service { message, .. }) => assert_eq!(message, "401 bad token [secret] (request req-test)"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_old_nova_is_asked_for_its_flavors_responder() {
    let old = |asked: &Asked| {
        let has_version = asked.headers.iter().any(|(name, _)| name == "x-openstack-nova-api-version");
        let flavor = |id: &str, ram: u32| json!({ "id": id, "name": format!("flavor-{id}"), "vcpus": 2, "ram": ram, "disk": 1, "swap": "" });
        match asked.path.split('?').next().unwrap() {
            "/v2.1/servers/detail" if has_version => responder::json(
                406,
                &json!({ "computeFault": { "code": 406, "message": "Version 2.47 is not supported" } }),
            ),
            "/v2.1/servers/detail" => responder::json(
                200,
                &json!({ "servers": [
                { "id": "s1", "name": "listed", "status": "ACTIVE", "flavor": { "id": "f1" }, "OS-EXT-STS:power_state": 1,
                  "addresses": { "n": [{ "addr": "10.0.0.1" }, { "addr": "2001:db8::1", "OS-EXT-IPS:type": "floating" }, { "addr": "?" }] } },
                { "id": "s2", "name": "unlisted", "status": "PAUSED", "flavor": { "id": "f2" }, "image": "" },
                { "id": "s3", "name": "gone", "status": "ERROR", "flavor": { "id": "f3" }, "fault": { "message": "No valid host" } },
            ] }),
            ),
            "/v2.1/flavors/detail" => responder::json(200, &json!({ "flavors": [flavor("f1", 512)] })),
            "/v2.1/flavors/f2" => responder::json(200, &json!({ "flavor": flavor("f2", 1024) })),
            "/v2.1/limits" => responder::json(200, &json!({ "limits": { "absolute": { "totalInstancesUsed": 3 } } })),
            _ => answer(404, "", b""),
        }
    };
    let (cloud, _) = cloud(json!([entry("compute", "{own}/v2.1")]), old).await;
    let region = LocationId("One".to_owned());
    let page = cloud.machines(&region).next().await.unwrap().unwrap();
    let sizes: Vec<_> = page.items.iter().map(|it| (it.instance_type.as_deref(), it.memory_mib)).collect();
    assert_eq!(sizes, [(Some("flavor-f1"), Some(512)), (Some("flavor-f2"), Some(1024)), (None, None)]);
    let states: Vec<_> = page.items.iter().map(|it| it.power_state).collect();
    assert_eq!(states, [PowerState::On, PowerState::Suspended, PowerState::Unknown]);
    let origins: Vec<_> = page.items[0].addresses.iter().map(|it| it.origin).collect();
    assert_eq!(origins, [Origin::Fixed, Origin::Floating]);
    assert_eq!(page.items[2].attributes["fault"], json!("No valid host"));
    assert_eq!(page.hidden, None);
}

#[tokio::test]
async fn hidden_servers_are_claimed_only_with_proof_responder() {
    async fn hidden(limits: Value, ids_on_second_look: usize) -> Option<(u64, String)> {
        let said = move |asked: &Asked| {
            let servers =
                |n: usize| json!({ "servers": (0..n).map(|it| json!({ "id": format!("s{it}") })).collect::<Vec<_>>() });
            match asked.path.split('?').next().unwrap() {
                "/v2.1/servers/detail" => responder::json(200, &servers(2)),
                "/v2.1/servers" => responder::json(200, &servers(ids_on_second_look)),
                "/v2.1/limits" if limits.is_null() => answer(403, "", b"no"),
                "/v2.1/limits" => responder::json(200, &json!({ "limits": { "absolute": limits } })),
                _ => answer(404, "", b""),
            }
        };
        let (cloud, _) = cloud(json!([entry("compute", "{own}/v2.1")]), said).await;
        let region = LocationId("One".to_owned());
        let page = cloud.machines(&region).next().await.unwrap().unwrap();
        page.hidden.map(|it| (it.count, it.evidence))
    }
    let three = (3, "Nova's limits count 5 servers in the project, 2 are listed".to_owned());
    assert_eq!(hidden(json!({ "totalInstancesUsed": 5 }), 2).await, Some(three));
    assert_eq!(hidden(json!({ "totalInstancesUsed": 5 }), 5).await, None, "they were being made meanwhile");
    assert_eq!(hidden(json!({ "totalInstancesUsed": 2 }), 2).await, None);
    assert_eq!(hidden(json!({}), 2).await, None);
    assert_eq!(hidden(Value::Null, 2).await, None);
}

#[tokio::test]
async fn a_list_without_end_is_given_up_responder() {
    let endless = |asked: &Asked| match asked.path.split('?').next().unwrap() {
        "/v2.1/flavors/detail" => responder::json(
            200,
            &json!({
                "flavors": [{ "id": "f", "name": "f", "vcpus": 1, "ram": 1 }],
                "flavors_links": [{ "rel": "next", "href": "http://elsewhere.invalid/" }],
            }),
        ),
        _ => answer(404, "", b""),
    };
    let (cloud, _) = cloud(json!([entry("compute", "{own}/v2.1")]), endless).await;
    let endless = cloud.instance_types(&LocationId("One".to_owned())).await;
    assert!(
        matches!(&endless, Err(CloudError::Service { message, .. }) if message.contains("does not end")),
        "{endless:?}"
    );
}

#[tokio::test]
async fn hostile_names_stay_names_responder() {
    let name = format!("</script>\u{202e}\u{0}' OR 1=1;--\r\nX: y{}", "\u{1f980}".repeat(255));
    let shown = name.clone();
    let region = "One/../../etc?x=1#y %00 \u{202e}";
    let said = move |asked: &Asked| match asked.path.split('?').next().unwrap() {
        "/v2.1/flavors/detail" => responder::json(
            200,
            &json!({ "flavors": [{ "id": "../../admin?x", "name": shown, "vcpus": 1, "ram": 1 }] }),
        ),
        _ => nova(asked),
    };
    let catalog = json!([{ "type": "compute", "name": name, "endpoints":
        [{ "interface": "public", "region_id": region, "url": "{own}/v2.1" }] }]);
    let (cloud, _) = cloud(catalog, said).await;
    let locations = cloud.locations().await.unwrap();
    assert_eq!(locations[0].name, region);
    let types = cloud.instance_types(&locations[0].id).await.unwrap().unwrap();
    assert_eq!(types[0].name, name);
    let checks = validate(&cloud, LIMIT).await;
    assert!(checks.iter().any(|it| it.id == "openstack.service.compute" && it.status == CheckStatus::Passed));
}

#[tokio::test]
async fn policy_refusals_are_named_responder() {
    let refuses = |asked: &Asked| match asked.path.split('?').next().unwrap() {
        "/v2.1/servers" => responder::json(
            403,
            &json!({ "forbidden": { "code": 403,
            "message": "Policy doesn't allow os_compute_api:servers:index to be performed." } }),
        ),
        _ => nova(asked),
    };
    let (cloud, _) = cloud(json!([entry("compute", "{own}/v2.1")]), refuses).await;
    let checks = validate(&cloud, LIMIT).await;
    let servers = at(&checks, "openstack.list.servers", "One compute");
    assert_eq!(servers.status, CheckStatus::Warning);
    assert!(servers.detail.contains("os_compute_api:servers:index") && servers.remedy.is_some(), "{servers:?}");
    assert_eq!(at(&checks, "openstack.list.flavors", "One compute").detail, "0 flavors seen");
}
