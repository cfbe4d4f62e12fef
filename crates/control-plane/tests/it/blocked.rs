//! What may not ask a cloud does not: credentials that are disabled or limited, links that are suspended, environments and
//! accounts that are inactive, logins that were refused.

use dev_clouds::{PASSWORD, USER, Vcenter};
use serde_json::{Value, json};

use crate::{
    support::{Answer, TestServer, eventually},
    teams,
    users::{Person, account, message},
};

/// A vCenter that is linked to the environment and was read once.
struct Linked {
    /// Path of the credentials.
    one: String,
    /// Path of their link, and of the links of the environment.
    link: String,
    /// Path of the cloud in the environment.
    cloud: String,
    /// Path of its first location.
    at: String,
}

fn credentials(vcenter: &Vcenter) -> Value {
    json!({
        "cloudCredentialsType": "VmwareCloudCredentials", "name": "vc", "url": vcenter.url, "userName": USER,
        "password": PASSWORD, "sslVerification": false,
    })
}

async fn linked(server: &TestServer, credentials: Value) -> Linked {
    let (account, environment) = (server.account_id(), server.environment_id());
    let all = format!("/account/{account}/cloud-credentials/");
    let made = server.post(&all, credentials).await.data(201);
    let link = format!("/account/{account}/environments/{environment}/clouds/vmware/");
    server.post(&link, json!({ "id": made["id"] })).await.data(200);
    let cloud = format!("/user/{environment}/clouds/vmware/");
    read(server, &cloud).await;
    let locations = server.get(&format!("{cloud}cloud-locations/")).await.data(200);
    let at = format!("{cloud}cloud-locations/{}/", locations[0]["cloudLocation"].as_str().unwrap());
    Linked { one: format!("{all}{}/", made["id"].as_str().unwrap()), link, cloud, at }
}

/// Waits until the last synchronisation has ended, and returns it.
async fn read(server: &TestServer, cloud: &str) -> Value {
    eventually(|| async {
        let last = server.get(&format!("{cloud}syncs/")).await.data(200)[0].clone();
        (last["status"] != "running").then_some(last)
    })
    .await
}

/// From `/metrics`: requests the server sent to clouds.
async fn cloud_calls(server: &TestServer) -> u64 {
    let text = server.client.get(format!("{}/metrics", server.url)).send().await.unwrap().text().await.unwrap();
    let line = text.lines().find(|it| it.starts_with("stackyard_cloud_calls_total")).unwrap();
    line.split(' ').nth(1).unwrap().parse().unwrap()
}

/// Rows are served as stale for this reason, a synchronisation is refused for it, and the cloud is not asked.
async fn is_blocked(server: &TestServer, linked: &Linked, reason: &str) {
    tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
    let before = cloud_calls(server).await;
    let answer = server.get(&format!("{}machines/?maxAge=0", linked.at)).await;
    let freshness = answer.body["meta"]["freshness"].clone();
    assert_eq!(freshness["stale"], true, "{freshness}");
    assert!(freshness["error"].as_str().unwrap().contains(reason), "{freshness}");
    assert!(!answer.data(200).as_array().unwrap().is_empty());
    let refused = server.post(&format!("{}actions/sync/", linked.cloud), json!({})).await;
    assert_eq!(refused.error(409), "UnacceptableState");
    assert!(message(&refused).contains(reason), "{:#}", refused.body);
    assert!(refused.body["errors"][0]["remedy"].is_string(), "{:#}", refused.body);
    assert_eq!(cloud_calls(server).await, before, "calls to the cloud");
}

#[tokio::test]
async fn disabled_credentials_ask_no_cloud() {
    let vcenter = Vcenter::start(&[]);
    let server = TestServer::start().await;
    let linked = linked(&server, credentials(&vcenter)).await;
    let change = json!({ "password": PASSWORD });
    let disabled = server.patch(&format!("{}?validate=false", linked.one), change).await.data(200);
    assert_eq!(disabled["status"], "disabled");
    is_blocked(&server, &linked, "are disabled").await;
    assert_eq!(server.get(&format!("{}catalog/", linked.one)).await.error(409), "UnacceptableState");
    server.post(&format!("{}actions/validate/", linked.one), json!({})).await.data(200);
    server.post(&format!("{}actions/sync/", linked.cloud), json!({})).await.data(202);
    assert_eq!(read(&server, &linked.cloud).await["status"], "succeeded");
}

#[tokio::test]
async fn inactive_environments_and_accounts_ask_no_cloud() {
    let vcenter = Vcenter::start(&[]);
    let server = TestServer::start().await;
    let linked = linked(&server, credentials(&vcenter)).await;
    let (account_id, environment_id) = (server.account_id(), server.environment_id());
    let environment = format!("/account/{account_id}/environments/{environment_id}/");
    server.patch(&environment, json!({ "status": "inactive" })).await.data(200);
    is_blocked(&server, &linked, "is active").await;
    server.patch(&environment, json!({ "status": "active" })).await.data(200);
    let ann = Person::make(&server, Some(account_id), "ann", true).await;
    ann.get(&server, &linked.one).await.data(200);
    let account = format!("/global/accounts/{account_id}/");
    server.patch(&account, json!({ "status": "inactive" })).await.data(200);
    is_blocked(&server, &linked, "is inactive").await;
    let refused = server.post(&format!("{}actions/validate/", linked.one), json!({})).await;
    assert_eq!(refused.error(409), "UnacceptableState", "not even by the platform operator");
    for path in [linked.one.as_str(), "/profile/"] {
        let refused = ann.get(&server, path).await;
        assert_eq!(refused.error(403), "PermissionViolation");
        assert!(message(&refused).contains("is inactive"), "{:#}", refused.body);
    }
    server.patch(&account, json!({ "status": "active" })).await.data(200);
    ann.get(&server, &linked.one).await.data(200);
}

#[tokio::test]
async fn a_refused_login_is_not_repeated_until_somebody_asks_for_it() {
    let (main, other) = (Vcenter::start(&[]), Vcenter::start(&[]));
    let server = TestServer::start().await;
    let mut both = credentials(&main);
    both["linkedVCenters"] = json!([other.url]);
    let linked = linked(&server, both).await;
    // The sessions of the linked vCenter end, and its password is another one.
    let address = other.url.strip_prefix("https://").unwrap().strip_suffix("/sdk").unwrap().to_owned();
    let uuid = other.instance_uuid.clone();
    drop(other);
    let again = |password: &str| Vcenter::start(&["-listen", &address, "-instance-uuid", &uuid, "-password", password]);
    let changed = again("changed");
    let locations = server.get(&format!("{}cloud-locations/", linked.cloud)).await.data(200);
    let there = locations[1]["cloudLocation"].as_str().unwrap();
    let there = format!("{}cloud-locations/{there}/machines/?maxAge=0", linked.cloud);
    let freshness = |answer: Answer| answer.body["meta"]["freshness"].clone();
    tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
    let refused = freshness(server.get(&there).await);
    assert!(refused["error"].as_str().unwrap().contains("refused this credential"), "{refused}");
    tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
    let before = cloud_calls(&server).await;
    let refused = freshness(server.get(&there).await);
    assert!(refused["error"].as_str().unwrap().contains("refused this credential"), "{refused}");
    assert_eq!(cloud_calls(&server).await, before, "no second login");
    // The other vCenter is read as before, and the link is not failing.
    assert_eq!(freshness(server.get(&format!("{}machines/?maxAge=0", linked.at)).await)["stale"], false);
    assert_eq!(
        server.get(linked.link.strip_suffix("vmware/").unwrap()).await.data(200)[0]["authFailingSince"],
        Value::Null
    );
    drop(changed);
    let _right = again(PASSWORD);
    server.post(&format!("{}actions/validate/", linked.one), json!({})).await.data(200);
    let fresh = freshness(server.get(&there).await);
    assert_eq!(fresh["stale"], false, "{fresh}");
}

#[tokio::test]
async fn credentials_that_are_not_for_inventory_are_still_validated() {
    let vcenter = Vcenter::start(&[]);
    let server = TestServer::with(
        "allowed_cloud_networks = [\"127.0.0.0/8\"]\nrevalidation_interval = \"1s\"\nsync_interval = \"1s\"\n",
    )
    .await;
    let mut only = credentials(&vcenter);
    only["allowedUses"] = json!(["provision"]);
    let (account, environment) = (server.account_id(), server.environment_id());
    let all = format!("/account/{account}/cloud-credentials/");
    let made = server.post(&all, only).await.data(201);
    let one = format!("{all}{}/", made["id"].as_str().unwrap());
    server.post(&format!("{one}actions/validate/"), json!({})).await.data(200);
    // With the secret that is stored.
    server.patch(&format!("{one}?validate=true"), json!({ "description": "asked" })).await.data(200);
    let link = format!("/account/{account}/environments/{environment}/clouds/vmware/");
    let linked = server.post(&link, json!({ "id": made["id"] })).await;
    assert_eq!(linked.body["warnings"][0]["code"], "NotRead");
    linked.data(200);
    // By the job, which opens the secret for it.
    eventually(|| async {
        let uses = server.get(&one).await.data(200)["lastUses"].clone();
        let uses = uses.as_array().unwrap();
        uses.iter().any(|it| it["purpose"] == "validation" && it["requester"] == "control plane").then_some(())
    })
    .await;
    let syncs = server.get(&format!("/user/{environment}/clouds/vmware/syncs/")).await.data(200);
    assert_eq!(syncs, json!([]), "it is not read");
}

#[tokio::test]
async fn an_account_works_only_with_what_it_links() {
    let vcenter = Vcenter::start(&[]);
    let server = TestServer::start().await;
    let made = server.post("/global/cloud-credentials/", credentials(&vcenter)).await.data(201);
    let id = made["id"].as_str().unwrap();
    let (account_id, environment) = (server.account_id(), server.environment_id());
    let ann = Person::make(&server, Some(account_id), "ann", true).await;
    let one = format!("/account/{account_id}/cloud-credentials/{id}/");
    for action in ["validate", "clear-cache"] {
        let refused = ann.post(&server, &format!("{one}actions/{action}/"), json!({})).await;
        assert_eq!(refused.error(403), "ScopeViolation", "{action}");
    }
    assert_eq!(ann.get(&server, &format!("{one}catalog/")).await.error(403), "ScopeViolation");
    let link = format!("/account/{account_id}/environments/{environment}/clouds/vmware/");
    ann.post(&server, &link, json!({ "id": id })).await.data(200);
    let cloud = format!("/user/{environment}/clouds/vmware/");
    read(&server, &cloud).await;
    ann.get(&server, &format!("{one}catalog/")).await.data(200);
    ann.post(&server, &format!("{one}actions/validate/"), json!({})).await.data(200);

    // Another account that links them sees that they are used, and not by whom.
    let other = account(&server, "Other").await;
    let bob = Person::make(&server, Some(other), "bob", true).await;
    let all = format!("/account/{other}/environments/");
    let theirs = bob.post(&server, &all, json!({ "name": "theirs" })).await.data(201);
    let theirs = theirs["id"].as_i64().unwrap();
    bob.post(&server, &format!("{all}{theirs}/clouds/vmware/"), json!({ "id": id })).await.data(200);
    let cloud = format!("/user/{theirs}/clouds/vmware/");
    eventually(|| async {
        let ended = bob.get(&server, &format!("{cloud}syncs/")).await.data(200);
        ended.as_array().unwrap().iter().all(|it| it["status"] != "running").then_some(())
    })
    .await;
    let seen = bob.get(&server, &format!("/account/{other}/cloud-credentials/{id}/")).await;
    let syncs = bob.get(&server, &format!("{cloud}syncs/")).await;
    for answer in [seen, syncs] {
        let text = answer.body.to_string();
        assert!(!text.contains("ann@example.net"), "{text}");
    }
    let seen = ann.get(&server, &one).await.data(200)["lastUses"].to_string();
    assert!(seen.contains("user ann@example.net") && !seen.contains("bob@example.net"), "{seen}");
    let whole = server.get(&format!("/global/cloud-credentials/{id}/")).await.data(200)["lastUses"].to_string();
    assert!(whole.contains("user ann@example.net"), "{whole}");
}

#[tokio::test]
async fn whoever_sees_links_alone_sees_no_credentials() {
    let vcenter = Vcenter::start(&[]);
    let server = TestServer::start().await;
    let linked = linked(&server, credentials(&vcenter)).await;
    let ann = Person::make(&server, Some(server.account_id()), "ann", false).await;
    teams::give(&server, server.account_id(), "links", json!({ "clouds.read": true }), &[&ann]).await;
    assert_eq!(ann.get(&server, &linked.one).await.error(403), "PermissionViolation");
    let brief = ann.get(&server, &linked.link).await.data(200);
    assert_eq!((&brief["name"], &brief["status"]), (&json!("vc"), &json!("enabled")));
    for hidden in ["url", "userName", "lastUses", "lastValidation", "cloudDetails", "usedBy"] {
        assert!(brief.get(hidden).is_none_or(Value::is_null), "{hidden}: {brief:#}");
    }
    let whole = server.get(&linked.link).await.data(200);
    assert_eq!((&whole["url"], &whole["userName"]), (&json!(vcenter.url), &json!(USER)));
}
