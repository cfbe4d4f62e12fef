use cloud::{
    Location, LocationId,
    address::{Address, Origin},
    inventory::{Machine, Noun, PowerState, Resource},
};
use serde_json::{Map, Value, json};
use store::{Time, machines, resources};

use crate::{
    audit::database,
    support::TestServer,
    teams,
    users::{Person, account},
};

fn found(hits: &Value) -> Vec<(&str, &str)> {
    let hits = hits.as_array().unwrap().iter();
    hits.map(|it| (it["type"].as_str().unwrap(), it["name"].as_str().unwrap())).collect()
}

async fn credential(server: &TestServer, scope: &str, name: &str) -> String {
    let body = json!({
        "cloudCredentialsType": "OpenstackCloudCredentials", "provider": "openstack", "name": name,
        "keystoneUrl": "http://127.0.0.1:1/v3", "userName": "u", "password": "p", "tenantName": "t", "domainName": "Default",
    });
    let made = server.post(&format!("{scope}/cloud-credentials/?validate=false"), body).await.data(201);
    made["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn everything_of_a_name_is_found_where_one_may_read_it() {
    let server = TestServer::start().await;
    let account_id = server.account_id();
    let other = account(&server, "Zebra Inc").await;
    let zoe = Person::make(&server, Some(account_id), "zebra-zoe", false).await;
    let far = Person::make(&server, Some(other), "zebra-far", true).await;
    for id in [account_id, other] {
        server.post(&format!("/account/{id}/environments/"), json!({ "name": format!("Zebra {id}") })).await.data(201);
    }
    teams::give(&server, account_id, "Zebras", json!({ "teams.read": true, "users.read": true }), &[&zoe]).await;
    credential(&server, &format!("/account/{account_id}"), "zebra-own").await;
    credential(&server, &format!("/account/{other}"), "zebra-other").await;
    credential(&server, "/global", "zebra-all").await;
    let here = format!("Zebra {account_id}");
    let there = format!("Zebra {other}");

    let root = server.get("/global/search/?q=zEbRa").await.data(200);
    let all = [
        ("account", "Zebra Inc"),
        ("cloud-credentials", "zebra-all"),
        ("cloud-credentials", "zebra-other"),
        ("cloud-credentials", "zebra-own"),
        ("environment", &here),
        ("environment", &there),
        ("team", "Zebras"),
        ("user", "zebra-far"),
        ("user", "zebra-zoe"),
    ];
    assert_eq!(found(&root), all);
    for hit in root.as_array().unwrap() {
        let path = hit["path"].as_str().unwrap().strip_prefix("/api/v1beta0").unwrap();
        let name = &server.get(path).await.data(200)["name"];
        assert_eq!(*name, hit["name"], "{path}");
    }
    let own = server.get(&format!("/account/{account_id}/search/?q=zebra")).await.data(200);
    let in_account = [
        ("cloud-credentials", "zebra-all"),
        ("cloud-credentials", "zebra-own"),
        ("environment", &here),
        ("team", "Zebras"),
        ("user", "zebra-zoe"),
    ];
    assert_eq!(found(&own), in_account);
    // With fewer permissions there are fewer hits, and with none there are none.
    let path = format!("/account/{account_id}/search/?q=zebra");
    assert_eq!(found(&zoe.get(&server, &path).await.data(200)), [("team", "Zebras"), ("user", "zebra-zoe")]);
    assert_eq!(zoe.get(&server, "/global/search/?q=zebra").await.data(200), json!([]));
    for (permission, expected) in [
        ("environments.read", "environment"),
        ("cloud-credentials.read", "cloud-credentials"),
        ("users.read", "user"),
        ("teams.read", "team"),
    ] {
        let tim = Person::make(&server, Some(account_id), permission, false).await;
        teams::give(&server, account_id, permission, json!({ permission: true }), &[&tim]).await;
        let hits = tim.get(&server, &path).await.data(200);
        let hits = found(&hits);
        assert!(!hits.is_empty() && hits.iter().all(|it| it.0 == expected), "{permission}: {hits:?}");
    }
    assert_eq!(far.get(&server, &path).await.error(404), "ObjectNotFound");
    let reader = Person::make(&server, None, "reader", false).await;
    let read = reader.get(&server, "/global/search/?q=zebra").await.data(200);
    assert_eq!(found(&read), [("account", "Zebra Inc"), ("cloud-credentials", "zebra-all")]);
    // By email and by id.
    let by_email = server.get(&format!("/account/{account_id}/search/?q={}", zoe.email)).await.data(200);
    assert_eq!(found(&by_email), [("user", "zebra-zoe")]);
    assert_eq!(server.get("/global/search/?q=%25%25").await.data(200), json!([]), "no wildcards");
}

#[tokio::test]
async fn a_question_has_two_to_a_hundred_characters() {
    let server = TestServer::start().await;
    for (q, code) in [("", "InvalidValue"), ("x", "InvalidValue"), (&*"x".repeat(101), "InvalidValue")] {
        assert_eq!(server.get(&format!("/global/search/?q={q}")).await.error(400), code);
    }
    assert_eq!(server.get("/global/search/").await.error(400), "InvalidStructure");
    assert_eq!(server.get(&format!("/global/search/?q={}", "x".repeat(100))).await.data(200), json!([]));
}

#[tokio::test]
async fn machines_and_the_rest_of_a_cloud_are_found_in_its_environments() {
    let server = TestServer::start().await;
    let (account_id, environment_id) = (server.account_id(), server.environment_id());
    let id = credential(&server, &format!("/account/{account_id}"), "cloud").await;
    let link = format!("/account/{account_id}/environments/{environment_id}/clouds/openstack/");
    server.post(&link, json!({ "id": id })).await.data(200);
    let machine = |n: usize, ip: &str| Machine {
        cloud_id: format!("vm/{n:03}"),
        instance_uuid: Some(format!("5006-{n:03}")),
        name: format!("web-{n:03}"),
        power_state: PowerState::On,
        status: "ACTIVE".to_owned(),
        vcpus: Some(1),
        memory_mib: Some(512),
        instance_type: None,
        addresses: vec![Address { ip: ip.parse().unwrap(), origin: Origin::Fixed, network: None, own_card: true }],
        runs_on: None,
        attributes: Map::new(),
        created_at: None,
    };
    let network = Resource {
        cloud_id: "net-1".to_owned(),
        name: "web-net".to_owned(),
        status: None,
        parent: None,
        capacity_bytes: None,
        free_bytes: None,
        attributes: Map::new(),
    };
    let db = database(&server).await;
    let mut tx = db.write().await.unwrap();
    let now = Time::now();
    let location = Location { id: LocationId("Region/1".to_owned()), name: "Region 1".to_owned(), vcenter: None };
    store::cloud_locations::replace_all(&mut tx, &id, &[location], now).await.unwrap();
    let of = machines::Of { credential_id: &id, location_id: "Region/1" };
    let page: Vec<Machine> = (0..60).map(|n| machine(n, &format!("10.20.30.{n}"))).collect();
    machines::apply_page(&mut tx, of, 1, now, &page).await.unwrap();
    let of = resources::Of { credential_id: &id, location_id: "Region/1", noun: Noun::Networks };
    resources::apply_page(&mut tx, of, 1, now, &[network]).await.unwrap();
    tx.commit().await.unwrap();

    let search = async |q: &str| server.get(&format!("/user/{environment_id}/search/?q={q}")).await.data(200);
    let hits = search("10.20.30.41").await;
    assert_eq!(found(&hits), [("machine", "web-041")]);
    let expected = json!({
        "type": "machine", "id": "vm/041", "name": "web-041", "detail": "openstack Region 1 10.20.30.41",
        "path": format!("/api/v1beta0/user/{environment_id}/clouds/openstack/cloud-locations/Region%2F1/machines/vm%2F041/"),
    });
    assert_eq!(hits[0], expected);
    assert_eq!(found(&search("5006-007").await), [("machine", "web-007")]);
    assert_eq!(found(&search("vm/007").await), [("machine", "web-007")]);
    assert_eq!(found(&search("WEB-NET").await), [("network", "web-net")]);
    let many = search("web-").await;
    let many = found(&many);
    assert_eq!(many.len(), 50);
    assert!(many.iter().enumerate().all(|(n, it)| *it == ("machine", format!("web-{n:03}").as_str())), "{many:?}");
    // Without the permission nothing of it is seen.
    let ann = Person::make(&server, Some(account_id), "ann", false).await;
    let path = format!("/user/{environment_id}/search/?q=web-");
    assert_eq!(ann.get(&server, &path).await.data(200), json!([]));
}

/// `name` is the whole name; `nameContains` is what people type.
#[tokio::test]
async fn lists_are_filtered_by_a_part_of_the_name() {
    let server = TestServer::start().await;
    let account = format!("/account/{}", server.account_id());
    let role = server.get(&format!("{account}/acl-roles/")).await.data(200)[0]["id"].clone();
    let credentials = json!({
        "cloudCredentialsType": "VmwareCloudCredentials", "url": "https://vc.example/sdk", "userName": "u",
        "password": "p",
    });
    let user = json!({ "password": "correct horse battery" });
    for (path, query, body) in [
        ("/global/accounts/".to_owned(), "", json!({})),
        ("/global/users/".to_owned(), "", user.clone()),
        (format!("{account}/users/"), "", user),
        (format!("{account}/environments/"), "", json!({})),
        (format!("{account}/teams/"), "", json!({ "defaultAclRole": { "id": role } })),
        (format!("{account}/acl-roles/"), "", json!({ "baseRole": "no-access" })),
        (format!("{account}/cloud-credentials/"), "?validate=false", credentials),
    ] {
        for (n, name) in ["Blue North", "blue_south", "Red"].into_iter().enumerate() {
            let mut body = body.clone();
            body["name"] = json!(name);
            if path.ends_with("/users/") {
                body["email"] = json!(format!("{n}@{}", path.trim_matches('/').replace('/', ".")));
            }
            server.post(&format!("{path}{query}"), body).await.data(201);
        }
        let names = async |filter: &str| {
            let rows = server.get(&format!("{path}?{filter}")).await.data(200);
            let mut names: Vec<String> =
                rows.as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap().to_owned()).collect();
            names.sort();
            names
        };
        assert_eq!(names("nameContains=BLUE").await, ["Blue North", "blue_south"], "{path}");
        assert_eq!(names("nameContains=e_s").await, ["blue_south"], "{path}");
        assert_eq!(names("name=Red").await, ["Red"], "{path}");
        assert_eq!(names("name=Blue").await, Vec::<String>::new(), "{path}");
        assert_eq!(names("nameContains=blue&name=Blue%20North").await, ["Blue North"], "{path}");
    }
}
