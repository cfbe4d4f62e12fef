//! Security groups on a real OpenStack: made, given to a server by its farm role, changed, and removed when nobody has them.

use serde_json::{Value, json};

use crate::{
    farms::{all, farm, gone, on_private, openstack, role, tier},
    operations::Raw,
    support::{TestServer, eventually},
};

#[tokio::test]
async fn a_security_group_is_made_used_changed_and_removed() {
    let cloud = dev_clouds::openstack();
    let raw = Raw::new(&cloud, "demo").await;
    let server = TestServer::start().await;
    let mut place = on_private(&server, openstack(&server, &cloud, "demo").await).await;
    let path = |rest: &str| format!("/user/{}/security-groups/{rest}", server.environment_id());
    let name = format!("web{}", std::process::id());
    let rules = json!([{ "protocol": "tcp", "firstPort": 443, "from": "0.0.0.0/0" }]);
    let new = json!({ "name": name, "cloudLocation": "RegionOne", "rules": rules });
    let made = server.post(&path(""), new.clone()).await.data(201);
    assert_eq!((&made["status"], &made["cloudSecurityGroupId"]), (&json!("creating"), &Value::Null), "{made:#}");
    let one = path(&format!("{}/", made["id"].as_str().unwrap()));
    let until = async |status: &str| {
        eventually(async || Some(server.get(&one).await.data(200)).filter(|it| it["status"] == status)).await
    };
    let ready = until("ready").await;
    let id = ready["cloudSecurityGroupId"].as_str().unwrap();
    let inward = async || {
        let there = raw.get("network", &format!("/v2.0/security-groups/{id}")).await;
        let rules = there["security_group"]["security_group_rules"].as_array().unwrap().clone();
        let inward = rules.into_iter().filter(|it| it["direction"] == "ingress");
        inward.map(|it| (it["protocol"].clone(), it["port_range_min"].clone())).collect::<Vec<_>>()
    };
    assert_eq!(inward().await, [(json!("tcp"), json!(443))]);

    for (change, status, code) in [
        (json!({ "name": name }), 409, "UnicityViolation"),
        (json!({ "rules": [{ "protocol": "gre", "from": "::/0" }] }), 400, "InvalidValue"),
        (json!({ "rules": vec![json!({ "protocol": "tcp", "from": "::/0" }); 101] }), 400, "InvalidValue"),
        (json!({ "cloudPlatform": "vmware" }), 409, "UnacceptableObjectConfiguration"),
        (json!({ "cidr": "10.0.0.0/8" }), 400, "InvalidStructure"),
    ] {
        let mut other = new.clone();
        other["name"] = json!("other");
        other.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        assert_eq!(server.post(&path(""), other).await.error(status), code, "{change}");
    }
    assert_eq!(server.patch(&one, json!({ "name": "x" })).await.error(400), "InvalidStructure");
    let network = format!("/user/{}/networks/{}/", server.environment_id(), made["id"].as_str().unwrap());
    assert_eq!(server.get(&network).await.error(404), "ObjectNotFound", "it is no network");

    // A server that has it keeps it.
    place.needs["security"] = json!({ "securityGroups": [{ "id": id }] });
    let role = role(&server, "guarded", &[&place]).await;
    let farm = farm(&server, json!({ "name": name })).await;
    server.post(&format!("{farm}farm-roles/"), tier("web", role, &place)).await.data(201);
    server.post(&format!("{farm}actions/launch/"), json!({})).await.data(200);
    let running = all(&server, &farm, 1, "running").await.remove(0);
    let refused = server.delete(&one).await;
    assert!(refused.body.to_string().contains(running["name"].as_str().unwrap()), "{:#}", refused.body);
    assert_eq!(refused.error(409), "ObjectInUse");
    let rules = json!([{ "protocol": "icmp", "from": "0.0.0.0/0" }]);
    let changed = server.patch(&one, json!({ "rules": rules })).await.data(200);
    assert_eq!((&changed["status"], &changed["rules"][0]["protocol"]), (&json!("updating"), &json!("icmp")));
    let ready = until("ready").await;
    assert_eq!(ready["usedBy"][0]["server"]["id"], running["id"], "{ready:#}");
    assert_eq!(inward().await, [(json!("icmp"), Value::Null)]);
    server.post(&format!("{farm}actions/terminate/"), json!({ "force": false })).await.data(200);
    gone(&server, &farm).await;

    assert_eq!(server.delete(&one).await.data(200)["status"], "deleting");
    until("deleted").await;
    let all = raw.get("network", "/v2.0/security-groups").await;
    assert!(!all.to_string().contains(id));
    let events = server.get(&format!("/account/{}/audit/?objectType=security-groups", server.account_id())).await;
    let mut actions: Vec<_> =
        events.data(200).as_array().unwrap().iter().map(|it| it["action"].as_str().unwrap().to_owned()).collect();
    actions.sort_unstable();
    assert_eq!(actions, ["security-groups.create", "security-groups.delete", "security-groups.update"]);
}
