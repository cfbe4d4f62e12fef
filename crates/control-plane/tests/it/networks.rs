//! Networks on a real OpenStack: made as one, changed, refused where they cannot be, and removed without a trace.

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    farms,
    operations::Raw,
    support::{TestServer, eventually},
};

const LISTS: [&str; 4] = ["networks", "subnets", "security-groups", "routers"];

fn path(server: &TestServer, rest: &str) -> String {
    format!("/user/{}/networks/{rest}", server.environment_id())
}

fn new(name: &str, change: Value) -> Value {
    let rules = json!([{ "protocol": "tcp", "firstPort": 22, "from": "0.0.0.0/0" }]);
    let mut new = json!({ "name": name, "cloudLocation": "RegionOne", "cidr": "10.70.0.0/24", "rules": rules });
    new.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    new
}

async fn create(server: &TestServer, new: Value) -> String {
    let made = server.post(&path(server, ""), new).await.data(201);
    assert_eq!((&made["status"], &made["parts"]), (&json!("creating"), &json!([])), "{made:#}");
    made["id"].as_str().unwrap().to_owned()
}

async fn until(server: &TestServer, id: &str, status: &str) -> Value {
    eventually(async || {
        let found = server.get(&path(server, &format!("{id}/"))).await.data(200);
        (found["status"] == status).then_some(found)
    })
    .await
}

/// What Neutron has with the mark, asked without its filter: of each kind.
async fn marked(raw: &Raw, id: &str) -> Vec<Vec<Value>> {
    let mut found = Vec::new();
    for list in LISTS {
        let all = raw.get("network", &format!("/v2.0/{list}")).await;
        let ours = |it: &&Value| it["description"] == json!(format!("stackyard {id}"));
        found.push(all[list.replace('-', "_")].as_array().unwrap().iter().filter(ours).cloned().collect());
    }
    found
}

fn counts(found: &[Vec<Value>]) -> Vec<usize> {
    found.iter().map(Vec::len).collect()
}

async fn delete(server: &TestServer, id: &str) {
    let deleting = server.delete(&path(server, &format!("{id}/"))).await.data(200);
    assert_eq!(deleting["status"], "deleting", "{deleting:#}");
    until(server, id, "deleted").await;
}

#[tokio::test]
async fn a_network_is_made_changed_and_removed_as_one() {
    let cloud = dev_clouds::openstack();
    let raw = Raw::new(&cloud, "demo").await;
    let server = TestServer::start().await;
    farms::openstack(&server, &cloud, "demo").await;
    let all = raw.get("network", "/v2.0/networks").await;
    let public = all["networks"].as_array().unwrap().iter().find(|it| it["name"] == "public").unwrap()["id"].clone();
    let name = format!("shop{}", std::process::id());
    let id =
        create(&server, new(&name, json!({ "externalNetwork": { "id": public }, "dnsServers": ["9.9.9.9"] }))).await;
    let made = until(&server, &id, "ready").await;
    let there = marked(&raw, &id).await;
    assert_eq!(counts(&there), [1, 1, 1, 1]);
    for (part, there) in made["parts"].as_array().unwrap().iter().zip(&there) {
        assert_eq!((&part["id"], &json!(name)), (&there[0]["id"], &there[0]["name"]));
    }
    assert_eq!((&made["usedBy"], &made["failure"], &made["cidr"]), (&json!([]), &Value::Null, &json!("10.70.0.0/24")));
    assert_eq!(made["rules"][0]["lastPort"], 22);
    assert_eq!(there[1][0]["dns_nameservers"], json!(["9.9.9.9"]));
    assert_eq!(there[3][0]["external_gateway_info"]["network_id"], public);

    // Lists, and what is refused.
    let found = server.get(&path(&server, &format!("?name={name}&status=ready"))).await.data(200);
    assert_eq!((found.as_array().unwrap().len(), &found[0]["id"]), (1, &json!(id)));
    let rule = |fields: Value| json!({ "rules": [fields] });
    for (change, status, code) in [
        (json!({ "name": name }), 409, "UnicityViolation"),
        (json!({ "name": "" }), 400, "InvalidValue"),
        (json!({ "cidr": "10.0.0.0/33" }), 400, "InvalidValue"),
        (json!({ "cidr": "10.0.0.0/31" }), 400, "InvalidValue"),
        (json!({ "dnsServers": ["fd00::1"] }), 400, "InvalidValue"),
        (json!({ "dnsServers": ["dns"] }), 400, "InvalidValue"),
        (rule(json!({ "protocol": "gre", "from": "::/0" })), 400, "InvalidValue"),
        (rule(json!({ "protocol": "icmp", "firstPort": 8, "from": "::/0" })), 400, "InvalidValue"),
        (rule(json!({ "protocol": "tcp", "firstPort": 0, "from": "::/0" })), 400, "InvalidValue"),
        (rule(json!({ "protocol": "tcp", "firstPort": 9, "lastPort": 8, "from": "::/0" })), 400, "InvalidValue"),
        (rule(json!({ "protocol": "tcp", "lastPort": 8, "from": "::/0" })), 400, "InvalidValue"),
        (rule(json!({ "protocol": "tcp", "from": "all" })), 400, "InvalidValue"),
        (json!({ "rules": vec![json!({ "protocol": "tcp", "from": "::/0" }); 101] }), 400, "InvalidValue"),
        (json!({ "cloudPlatform": "vmware" }), 409, "UnacceptableObjectConfiguration"),
        (json!({ "cloudLocation": "Nowhere" }), 404, "ObjectNotFound"),
        (json!({ "router": true }), 400, "InvalidStructure"),
    ] {
        assert_eq!(server.post(&path(&server, ""), new("other", change.clone())).await.error(status), code, "{change}");
    }
    let one = path(&server, &format!("{id}/"));
    assert_eq!(server.patch(&one, json!({ "cidr": "10.71.0.0/24" })).await.error(400), "InvalidStructure");
    assert_eq!(server.patch(&one, json!({ "dnsServers": ["fd00::1"] })).await.error(400), "InvalidValue");
    // A volume is no network, nor the other way round.
    let volume = format!("/user/{}/volumes/{id}/", server.environment_id());
    assert_eq!(server.get(&volume).await.error(404), "ObjectNotFound");

    // Credentials that made it cannot be taken away.
    let clouds = format!("/account/{}/environments/{}/clouds/openstack/", server.account_id(), server.environment_id());
    assert_eq!(server.delete(&clouds).await.error(409), "ObjectInUse");

    let rules = json!([{ "protocol": "udp", "firstPort": 53, "lastPort": 54, "from": "10.0.0.0/8" }]);
    let changed = server.patch(&one, json!({ "rules": rules, "dnsServers": [] })).await.data(200);
    assert_eq!((&changed["status"], &changed["rules"]), (&json!("updating"), &rules));
    until(&server, &id, "ready").await;
    let there = marked(&raw, &id).await;
    let inward = |it: &&Value| it["direction"] == "ingress";
    let inward: Vec<&Value> = there[2][0]["security_group_rules"].as_array().unwrap().iter().filter(inward).collect();
    assert_eq!(inward.len(), 1);
    assert_eq!((&inward[0]["protocol"], &inward[0]["port_range_max"]), (&json!("udp"), &json!(54)));
    assert_eq!(there[1][0]["dns_nameservers"], json!([]));
    let same = server.patch(&one, json!({ "rules": rules })).await.data(200);
    assert_eq!(same["status"], "ready", "nothing changed");

    // Something in the cloud is on it: it stays whole, and says what; a server of Nova is refused at once.
    let port = json!({ "port": { "network_id": there[0][0]["id"] } });
    let (status, port) = raw.call(Method::POST, "network", "/v2.0/ports", port).await;
    assert_eq!(status, 201);
    let port = port["port"]["id"].as_str().unwrap().to_owned();
    server.delete(&one).await.data(200);
    let held = eventually(async || {
        let found = server.get(&one).await.data(200);
        found["failure"].is_object().then_some(found)
    })
    .await;
    assert_eq!(held["status"], "deleting");
    assert!(held["failure"].to_string().contains(&port), "{:#}", held["failure"]);
    assert_eq!(counts(&marked(&raw, &id).await), [1, 1, 1, 1]);
    raw.call(Method::DELETE, "network", &format!("/v2.0/ports/{port}"), Value::Null).await;
    until(&server, &id, "deleted").await;
    assert_eq!(counts(&marked(&raw, &id).await), [0, 0, 0, 0]);
    assert_eq!(server.delete(&one).await.error(409), "UnacceptableState");

    let audit = server.get(&format!("/account/{}/audit/?objectId={id}", server.account_id())).await.data(200);
    let mut actions: Vec<_> = audit.as_array().unwrap().iter().map(|it| it["action"].as_str().unwrap()).collect();
    actions.sort_unstable();
    assert_eq!(actions, ["networks.create", "networks.delete", "networks.update"]);
}

#[tokio::test]
async fn what_the_cloud_refuses_of_a_network_is_explained_and_removed() {
    let cloud = dev_clouds::openstack();
    let raw = Raw::new(&cloud, "demo").await;
    let server = TestServer::start().await;
    farms::openstack(&server, &cloud, "demo").await;
    let unknown = uuid::Uuid::now_v7().to_string();
    let id = create(&server, new("nowhere", json!({ "externalNetwork": { "id": unknown } }))).await;
    let failed = until(&server, &id, "failed").await;
    let failure = &failed["failure"];
    assert_eq!(failure["class"], "permanent", "{failure:#}");
    let evidence = failure["evidence"].to_string();
    assert!(evidence.contains(&unknown) && evidence.contains("req-"), "{evidence}");
    // What was made is told, and goes.
    assert_eq!(failed["parts"].as_array().unwrap().len(), 3, "{failed:#}");
    assert_eq!(counts(&marked(&raw, &id).await), [1, 1, 1, 0]);
    delete(&server, &id).await;
    assert_eq!(counts(&marked(&raw, &id).await), [0, 0, 0, 0]);
}
