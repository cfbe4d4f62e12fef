use cloud::{
    Location, LocationId,
    address::{Address, Origin},
    inventory::{Machine, Noun, PowerState, Resource},
};
use serde_json::{Map, Value, json};
use store::{
    Json, Time,
    farm_roles::{self, FarmRole},
    farms::{self, Farm, FarmStatus, LaunchOrder},
    machines, resources,
    servers::{self, NewServer},
};

use crate::{
    audit::database,
    images::{image, scopes},
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

#[tokio::test]
async fn farms_and_what_they_are_made_of_are_found() {
    let server = TestServer::start().await;
    let (account_id, environment_id) = (server.account_id(), server.environment_id());
    let [_, account_images, _] = scopes(&server, "images");
    let [_, account_roles, own_roles] = scopes(&server, "roles");
    let role = |name: &str| json!({ "name": name, "category": { "id": 1 }, "os": { "id": "debian-12" } });
    let made = server.post(&own_roles, role("shop base")).await.data(201);
    server.post(&account_roles, role("shop shared")).await.data(201);
    server.post(&account_images, image("shop-image", "RegionOne")).await.data(201);
    let credential_id = credential(&server, &format!("/account/{account_id}"), "cloud").await;
    let farm = server.post(&format!("/user/{environment_id}/farms/"), json!({ "name": "shop" })).await.data(201);
    let farm_id = farm["id"].as_i64().unwrap();
    let tier = FarmRole {
        id: 0,
        farm_id,
        role_id: made["id"].as_i64().unwrap(),
        alias: "shop-web".to_owned(),
        platform: "openstack".to_owned(),
        location_id: "RegionOne".to_owned(),
        instance_type_id: "1".to_owned(),
        launch_index: 0,
        is_scaled: false,
        min_instances: 1,
        max_instances: 1,
        config: Json(json!({})),
    };
    let db = database(&server).await;
    let mut tx = db.write().await.unwrap();
    let tier = farm_roles::insert(&mut tx, &tier).await.unwrap();
    let new = NewServer {
        id: "0198a0c0-0000-7000-8000-0000000000ab".to_owned(),
        environment_id,
        farm_id,
        farm_role_id: tier.id,
        position: 1,
        platform: "openstack".to_owned(),
        location_id: "RegionOne".to_owned(),
        credential_id,
        instance_type_id: "1".to_owned(),
        launch_reason: "test".to_owned(),
        launched_by_id: 1,
        launched_by_email: "admin@localhost".to_owned(),
    };
    // As if a control plane had it for an hour, so that none looks at it meanwhile.
    let mut row = servers::insert(&mut tx, &new, Time::now()).await.unwrap();
    let hour = std::time::Duration::from_secs(3600);
    assert_eq!(servers::take_due(&mut tx, "test", Time::now(), hour, 1, None).await.unwrap().len(), 1);
    row.seen.spec = Some(Json(spec(&new.id)));
    row.seen.cloud_id = Some("nova-7".to_owned());
    row.seen.addresses =
        Json(vec![Address { ip: "10.9.8.7".parse().unwrap(), origin: Origin::Fixed, network: None, own_card: true }]);
    row.seen.failure =
        Some(Json(json!({ "summary": "no room", "class": "capacity", "evidence": [], "nextSteps": [] })));
    assert!(servers::record(&mut tx, &new.id, "test", &row.seen).await.unwrap());
    let empty = Farm {
        id: 0,
        environment_id,
        name: "empty".to_owned(),
        description: String::new(),
        status: FarmStatus::Terminated,
        launch_order: LaunchOrder::Simultaneous,
        owner_id: 1,
        owner_email: "admin@localhost".to_owned(),
        created_at: Time::now(),
        updated_at: Time::now(),
        locked: None,
        project_id: None,
    };
    farms::insert(&mut tx, &empty).await.unwrap();
    tx.commit().await.unwrap();

    let search = async |q: &str| server.get(&format!("/user/{environment_id}/search/?q={q}")).await.data(200);
    let hits = search("SHOP").await;
    let all = [
        ("farm", "shop"),
        ("farm-role", "shop-web"),
        ("image", "shop-image"),
        ("role", "shop base"),
        ("role", "shop shared"),
        ("server", "shop-web-1"),
    ];
    assert_eq!(found(&hits), all);
    for hit in hits.as_array().unwrap() {
        let path = hit["path"].as_str().unwrap().strip_prefix("/api/v1beta0").unwrap();
        let it = server.get(path).await.data(200);
        assert_eq!(*it.get("alias").unwrap_or(&it["name"]), hit["name"], "{path}");
    }
    for q in ["nova-7", "10.9.8.7", "0000000000ab", "shop-web-1"] {
        assert_eq!(found(&search(q).await), [("server", "shop-web-1")], "{q}");
    }
    // What a server was told besides its name is not what it is found by.
    assert_eq!(search("secret-of-user-data").await, json!([]));
    assert_eq!(search("image-of-the-spec").await, json!([]));
    let above = server.get(&format!("/account/{account_id}/search/?q=shop")).await.data(200);
    assert_eq!(found(&above), [("image", "shop-image"), ("role", "shop shared")]);

    // Lists can be asked who uses what.
    let names = |list: Value| -> Vec<String> {
        list.as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap().to_owned()).collect()
    };
    let farms = |filter: String| format!("/user/{environment_id}/farms/?{filter}");
    assert_eq!(names(server.get(&farms(format!("role={}", tier.role_id))).await.data(200)), ["shop"]);
    assert_eq!(server.get(&farms("role=999".to_owned())).await.data(200), json!([]));
    assert_eq!(server.get(&farms("role=x".to_owned())).await.error(400), "InvalidValue");
    let image_id = hits[2]["id"].as_str().unwrap().to_owned();
    let of_image = format!("{own_roles}?image={image_id}");
    assert_eq!(server.get(&of_image).await.data(200), json!([]));
    let body = json!({ "image": { "id": image_id } });
    server.post(&format!("{own_roles}{}/images/", tier.role_id), body).await.data(201);
    assert_eq!(names(server.get(&of_image).await.data(200)), ["shop base"]);
    for (filter, n) in [("failed=true", 1), ("failed=false", 0)] {
        let list = server.get(&format!("/user/{environment_id}/servers/?{filter}")).await.data(200);
        assert_eq!(list.as_array().unwrap().len(), n, "{filter}");
    }
    // Without the permissions nothing of it is seen.
    let ann = Person::make(&server, Some(account_id), "ann", false).await;
    let path = format!("/user/{environment_id}/search/?q=shop");
    assert_eq!(ann.get(&server, &path).await.data(200), json!([]));
}

fn spec(mark: &str) -> cloud::server::ServerSpec {
    let spec = json!({
        "mark": mark, "location": "RegionOne", "name": "shop-web-1", "image": "image-of-the-spec",
        "size": { "flavor": "1" }, "nics": [], "userData": "secret-of-user-data", "metadata": {},
        "placement": { "openstack": { "securityGroups": [], "availabilityZone": null } },
    });
    serde_json::from_value(spec).unwrap()
}
