//! The main job on vCenters of govmomi's simulator, from the route to the cloud and back.

use dev_clouds::{PASSWORD, USER, Vcenter};
use serde_json::{Value, json};

use crate::{
    farms::linked_vcenters,
    live::soap,
    support::{TestServer, eventually},
};

fn credentials(vcenter: &Vcenter, name: &str) -> Value {
    json!({
        "cloudCredentialsType": "VmwareCloudCredentials", "name": name, "url": vcenter.url, "userName": USER,
        "password": PASSWORD, "sslVerification": false,
    })
}

pub async fn create(server: &TestServer, vcenter: &Vcenter, name: &str) -> Value {
    let path = format!("/account/{}/cloud-credentials/", server.account_id());
    server.post(&path, credentials(vcenter, name)).await.data(201)
}

#[tokio::test]
async fn connect_link_and_look() {
    let (main, linked) = (Vcenter::start(&["-template", "1", "-ip-base", "10.1.0.1"]), Vcenter::start(&[]));
    let server = TestServer::start().await;
    let (account, environment) = (server.account_id(), server.environment_id());
    let all = format!("/account/{account}/cloud-credentials/");
    let body = json!({ "linkedVCenters": [linked.url], "description": "two in one" });
    let mut new = credentials(&main, "both");
    new.as_object_mut().unwrap().extend(body.as_object().unwrap().clone());
    let made = server.post(&all, new).await.data(201);
    assert_eq!(made["status"], "enabled");
    assert_eq!(made["provider"], "vmware");
    assert_eq!(made.get("password"), None);
    let id = made["id"].as_str().unwrap();
    assert!(id.len() == 12 && id.chars().all(|it| it.is_ascii_hexdigit()), "{id}");

    let report = &server.get(&format!("{all}{id}/validations/")).await.data(200)[0];
    let checks = report["checks"].as_array().unwrap();
    let logins: Vec<_> = checks.iter().filter(|it| it["id"] == "vsphere.login").collect();
    assert_eq!(logins.len(), 2, "{report:#}");
    assert!(logins.iter().all(|it| it["status"] == "passed" && it["required"] == true));
    let has = |id: &str| checks.iter().any(|it| it["id"] == id);
    assert!(has("vsphere.privilege.VirtualMachine.Provisioning.Clone") && has("vsphere.privilege.Datastore.Browse"));
    // What fails without a privilege, whether it is there or not; of other checks nothing.
    for check in checks {
        let is_privilege = check["id"].as_str().unwrap().starts_with("vsphere.privilege.");
        let operations = check.get("operations").map(|it| it.as_array().unwrap().len());
        assert_eq!(operations.is_some_and(|it| it > 0), is_privilege, "{check:#}");
        if let Some(first) = check["operations"].get(0).filter(|_| check["status"] == "warning") {
            assert!(check["remedy"].as_str().unwrap().contains(first.as_str().unwrap()), "{check:#}");
        }
    }
    let details = &server.get(&format!("{all}{id}/")).await.data(200)["cloudDetails"];
    let vcenters = details["vCenters"].as_array().unwrap();
    assert_eq!(vcenters.len(), 2, "{details:#}");
    assert_eq!(
        (&vcenters[0]["instanceUuid"], &vcenters[0]["apiType"]),
        (&json!(main.instance_uuid), &json!("VirtualCenter"))
    );

    let link = format!("/account/{account}/environments/{environment}/clouds/vmware/");
    assert_eq!(server.get(&link).await.error(404), "ObjectNotFound");
    assert_eq!(server.post(&link, json!({ "id": id })).await.data(200)["id"], made["id"]);
    assert_eq!(server.post(&link, json!({ "id": id })).await.status, 200, "the same again changes nothing");
    assert_eq!(server.get(&link).await.data(200)["name"], "both");
    assert_eq!(server.delete(&format!("{all}{id}/")).await.error(409), "ObjectInUse");

    let clouds = format!("/user/{environment}/clouds/vmware/cloud-locations/");
    let locations = server.get(&clouds).await.data(200);
    let ids: Vec<&str> = locations.as_array().unwrap().iter().map(|it| it["cloudLocation"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), 2, "one datacenter in each vCenter, told apart: {ids:?}");
    assert!(ids[0].ends_with(&main.instance_uuid) && ids[1].ends_with(&linked.instance_uuid), "{ids:?}");

    let at = format!("{clouds}{}/", ids[0]);
    let answer = server.get(&format!("{at}machines/?sort=name&maxResults=2&maxAge=0")).await;
    assert_eq!(answer.body["meta"]["freshness"]["stale"], false);
    let next = answer.body["pagination"]["next"].as_str().unwrap().to_owned();
    let machines = answer.data(200);
    assert_eq!(machines.as_array().unwrap().len(), 2);
    assert!(next.contains("pageNum=2") && next.contains("maxResults=2"), "{next}");
    let images = server.get(&format!("{at}cloud-images/?maxAge=0")).await.data(200);
    assert_eq!(images.as_array().unwrap().len(), 1);
    assert!(
        server
            .get(&format!("{at}machines/?name={}", images[0]["name"].as_str().unwrap()))
            .await
            .data(200)
            .as_array()
            .unwrap()
            .is_empty(),
        "a template is no machine"
    );
    for noun in ["networks", "datastores", "clusters", "hosts", "resource-pools", "folders", "customization-specs"] {
        let found = server.get(&format!("{at}{noun}/?maxAge=0")).await.data(200);
        assert!(!found.as_array().unwrap().is_empty(), "{noun}");
        // The simulator's datastores have paths for ids.
        let one = format!("{at}{noun}/{}/", found[0]["id"].as_str().unwrap().replace('/', "%2F"));
        assert_eq!(server.get(&one).await.data(200)["name"], found[0]["name"], "{noun}");
    }
    let machine = &machines[0];
    assert_eq!(machine["connectionAddress"], machine["addresses"][0]["ip"]);
    let explained = server.get(&format!("{at}machines/{}/address/", machine["id"].as_str().unwrap())).await.data(200);
    assert_eq!((&explained["policy"], &explained["policySource"]), (&json!("auto"), &json!("default")));
    let sizes = server.get(&format!("{at}instance-types/?sort=memory")).await.data(200);
    let names: Vec<&str> = sizes.as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["micro", "small", "medium", "large"]);
    assert_eq!(server.get(&format!("{at}instance-types/?storage=1")).await.data(200), json!([]), "they have none");

    assert_eq!(server.delete(&link).await.status, 204);
    assert_eq!(server.get(&clouds).await.error(409), "NotEnabledPlatform");
    assert_eq!(server.delete(&format!("{all}{id}/")).await.status, 204);
    assert_eq!(server.get(&format!("{all}{id}/")).await.error(404), "ObjectNotFound");
}

#[tokio::test]
async fn machines_with_one_instance_uuid_are_a_conflict() {
    let main = Vcenter::start(&["-template", "1", "-plain"]);
    let linked = Vcenter::start(&["-template", "1", "-plain"]);
    let server = TestServer::start().await;
    linked_vcenters(&server, &[&main, &linked]).await;
    let locations = format!("/user/{}/clouds/vmware/cloud-locations/", server.environment_id());
    let listed = server.get(&locations).await.data(200);
    let at = |index: usize| listed[index]["cloudLocation"].as_str().unwrap().to_owned();
    let list = async |index: usize| server.get(&format!("{locations}{}/machines/?sort=id&maxAge=0", at(index))).await;
    let (here, there) = (list(0).await, list(1).await);
    assert_eq!((&here.body["warnings"], &there.body["warnings"]), (&json!([]), &json!([])));
    let (here, there) = (here.data(200), there.data(200));
    assert!(here.as_array().unwrap().iter().all(|it| it["duplicates"] == json!([])), "{here:#}");
    // The simulator lets two machines have it; in a vCenter that is so after a restore, or in two that are linked.
    let uuid = here[0]["instanceUuid"].as_str().unwrap();
    let change = format!("<spec><instanceUuid>{uuid}</instanceUuid></spec>");
    soap(&main, here[1]["id"].as_str().unwrap(), "ReconfigVM_Task", &change).await;
    soap(&linked, there[0]["id"].as_str().unwrap(), "ReconfigVM_Task", &change).await;

    eventually(async || {
        let found = list(1).await.data(200);
        found.as_array().unwrap().iter().any(|it| it["instanceUuid"] == uuid).then_some(())
    })
    .await;
    let answer = eventually(async || {
        let answer = list(0).await;
        (answer.body["data"][0]["duplicates"].as_array().unwrap().len() == 2).then_some(answer)
    })
    .await;
    let warning = answer.body["warnings"][0].clone();
    let found = answer.data(200);
    assert_eq!(found.as_array().unwrap().len(), here.as_array().unwrap().len(), "none is taken for another");
    let other = |machine: &Value, index: usize| (machine["id"].clone(), json!(at(index)), machine["name"].clone());
    let duplicates = |machine: &Value| {
        let all = machine["duplicates"].as_array().unwrap().iter();
        let mut all: Vec<_> =
            all.map(|it| (it["id"].clone(), it["cloudLocation"].clone(), it["name"].clone())).collect();
        all.sort_by_key(|it| it.1 != json!(at(0)));
        all
    };
    assert_eq!(duplicates(&found[0]), [other(&here[1], 0), other(&there[0], 1)], "{found:#}");
    assert_eq!(duplicates(&found[1]), [other(&here[0], 0), other(&there[0], 1)], "{found:#}");
    assert_eq!(found[2]["duplicates"], json!([]));
    assert_eq!(warning["code"], "DuplicateInstanceUuid");
    let text = warning["message"].as_str().unwrap();
    assert!(text.contains(here[0]["name"].as_str().unwrap()) && text.contains("give one of them another"), "{text}");
    let one = server.get(&format!("{locations}{}/machines/{}/", at(1), there[0]["id"].as_str().unwrap())).await;
    assert_eq!(one.body["warnings"][0]["code"], "DuplicateInstanceUuid");
    assert_eq!(duplicates(&one.data(200)), [other(&here[0], 0), other(&here[1], 0)]);
}

#[tokio::test]
async fn a_wrong_password_saves_nothing_and_shows_the_report() {
    let vcenter = Vcenter::start(&[]);
    let server = TestServer::start().await;
    let path = format!("/account/{}/cloud-credentials/", server.account_id());
    let mut body = credentials(&vcenter, "wrong");
    body["password"] = json!("not it");
    let answer = server.post(&path, body).await;
    assert_eq!(answer.error(400), "InvalidValue");
    let checks = answer.body["errors"][0]["validation"]["checks"].as_array().unwrap();
    let failed: Vec<_> = checks.iter().filter(|it| it["status"] == "failed").map(|it| &it["id"]).collect();
    assert_eq!(failed, ["vsphere.login"], "{:#}", answer.body);
    assert!(checks.iter().any(|it| it["status"] == "skipped"), "what follows the login is named");
    assert_eq!(server.get(&path).await.data(200), json!([]));
}

#[tokio::test]
async fn an_address_or_trust_changes_only_with_the_secret() {
    let (vcenter, other) = (Vcenter::start(&[]), Vcenter::start(&[]));
    let server = TestServer::start().await;
    let made = create(&server, &vcenter, "guarded").await;
    let path = format!("/account/{}/cloud-credentials/{}/", server.account_id(), made["id"].as_str().unwrap());
    for change in [
        json!({ "url": other.url }),
        json!({ "linkedVCenters": [other.url] }),
        json!({ "certificateFingerprints": ["00".repeat(32)] }),
        json!({ "caCertificate": "-----BEGIN CERTIFICATE-----" }),
    ] {
        let answer = server.patch(&path, change.clone()).await;
        assert_eq!(answer.error(400), "InvalidValue", "{change}");
    }
    assert_eq!(server.get(&path).await.data(200), made, "nothing was changed");
    let renamed = server.patch(&path, json!({ "name": "renamed", "description": null })).await.data(200);
    assert_eq!(renamed["lastValidation"], made["lastValidation"], "a name is nothing to ask the cloud about");
    let moved = server.patch(&path, json!({ "url": other.url, "password": PASSWORD })).await.data(200);
    assert_ne!(moved["lastValidation"], made["lastValidation"]);
    // The stored secret goes with the new address.
    let again = server.post(&format!("{path}actions/validate/"), json!({})).await.data(200);
    assert_ne!(again["status"], "failed");
    assert_eq!(again["changes"], json!([]), "the same as before");
}

#[tokio::test]
async fn create_only_and_read_only_fields() {
    let vcenter = Vcenter::start(&[]);
    let server = TestServer::start().await;
    let made = create(&server, &vcenter, "fields").await;
    let path = format!("/account/{}/cloud-credentials/{}/", server.account_id(), made["id"].as_str().unwrap());
    let patch = |body| server.patch(&path, body);
    assert_eq!(
        patch(json!({ "cloudCredentialsType": "VmwareCloudCredentials", "provider": "vmware" })).await.status,
        200
    );
    assert_eq!(
        patch(json!({ "cloudCredentialsType": "OpenstackCloudCredentials" })).await.error(400),
        "InvalidStructure"
    );
    assert_eq!(patch(json!({ "status": "enabled" })).await.error(400), "InvalidStructure");
    assert_eq!(patch(json!({ "keystoneUrl": "http://x" })).await.error(400), "InvalidStructure");
    assert_eq!(patch(json!({ "token": "x" })).await.error(400), "InvalidStructure");
    assert_eq!(patch(json!({ "name": "" })).await.error(400), "InvalidValue");
    assert_eq!(patch(json!({ "allowedUses": [] })).await.error(400), "InvalidValue");
    let all = format!("/account/{}/cloud-credentials/", server.account_id());
    assert_eq!(server.post(&all, credentials(&vcenter, "fields")).await.error(409), "UnicityViolation");
}

#[tokio::test]
async fn saved_while_the_cloud_is_down_and_enabled_by_the_first_good_report() {
    let server = TestServer::start().await;
    let vcenter = Vcenter::start(&[]);
    let path = format!("/account/{}/cloud-credentials/", server.account_id());
    let answer = server.post(&format!("{path}?validate=false"), credentials(&vcenter, "later")).await;
    assert_eq!(answer.body["warnings"][0]["code"], "NotValidated");
    let made = answer.data(201);
    assert_eq!(made["status"], "disabled");
    let path = format!("{path}{}/", made["id"].as_str().unwrap());
    server.post(&format!("{path}actions/validate/"), json!({})).await.data(200);
    assert_eq!(server.get(&path).await.data(200)["status"], "enabled");
}

#[tokio::test]
async fn the_scalr_scope_is_read_only_from_below() {
    let vcenter = Vcenter::start(&[]);
    let server = TestServer::start().await;
    let answer = server.post("/global/cloud-credentials/", credentials(&vcenter, "for all")).await;
    let warning = &answer.body["warnings"][0];
    assert_eq!(warning["code"], "AvailableToAllAccounts");
    assert!(warning["message"].as_str().unwrap().contains("Main"), "{warning}");
    let made = answer.data(201);
    assert_eq!(made["scope"], "scalr");
    // Told as well to who does not wait for the checks; not where it is no news.
    let answer = server.post_async("/global/cloud-credentials/", credentials(&vcenter, "for all, later")).await;
    let warning = &answer.body["warnings"][0];
    assert_eq!(warning["code"], "AvailableToAllAccounts", "{:#}", answer.body);
    assert!(warning["message"].as_str().unwrap().contains("Main"), "{warning}");
    let run = format!("/global/validations/{}/", answer.data(202)["id"].as_str().unwrap());
    eventually(|| async { (server.get(&run).await.data(200)["status"] != "running").then_some(()) }).await;
    let own = format!("/account/{}/cloud-credentials/", server.account_id());
    let answer = server.post_async(&own, credentials(&vcenter, "for one")).await;
    assert_eq!(answer.body["warnings"], json!([]));
    answer.data(202);
    let below = format!("/account/{}/cloud-credentials/", server.account_id());
    assert_eq!(server.get(&format!("{below}?scope=scalr")).await.data(200).as_array().unwrap().len(), 2);
    let one = format!("{below}{}/", made["id"].as_str().unwrap());
    assert_eq!(server.patch(&one, json!({ "name": "mine" })).await.error(403), "ScopeViolation");
    assert_eq!(server.delete(&one).await.error(403), "ScopeViolation");
    assert_eq!(server.post(&below, credentials(&vcenter, "for all")).await.error(409), "UnicityViolation");
}

#[tokio::test]
async fn uses_are_counted_and_limited() {
    let vcenter = Vcenter::start(&[]);
    let server = TestServer::start().await;
    let mut body = credentials(&vcenter, "provision only");
    body["allowedUses"] = json!(["provision"]);
    let path = format!("/account/{}/cloud-credentials/", server.account_id());
    let made = server.post(&path, body).await.data(201);
    let one = format!("{path}{}/", made["id"].as_str().unwrap());
    assert_eq!(server.get(&format!("{one}catalog/")).await.error(403), "PermissionViolation");
    assert_eq!(server.get(&one).await.data(200)["lastUses"], json!([]), "it was never opened");
    server.patch(&one, json!({ "allowedUses": null })).await.data(200);
    let catalog = server.get(&format!("{one}catalog/")).await.data(200);
    assert_eq!(catalog[0]["serviceType"], "sdk");
    let uses = server.get(&one).await.data(200)["lastUses"].clone();
    assert_eq!((&uses[0]["purpose"], &uses[0]["count"]), (&json!("catalog"), &json!(1)));
    assert_eq!(uses[0]["requester"], "user admin@localhost");
}

#[tokio::test]
async fn a_sync_runs_after_a_link_and_a_second_one_changes_nothing() {
    let vcenter = Vcenter::start(&[]);
    let server = TestServer::start().await;
    let made = create(&server, &vcenter, "synced").await;
    let (account, environment) = (server.account_id(), server.environment_id());
    let cache =
        async || server.get(&format!("/account/{account}/cloud-credentials/")).await.data(200)[0]["cache"].clone();
    assert_eq!(cache().await, Value::Null, "nothing was read yet");
    let link = format!("/account/{account}/environments/{environment}/clouds/vmware/");
    server.post(&link, json!({ "id": made["id"] })).await.data(200);
    let syncs = format!("/user/{environment}/clouds/vmware/syncs/");
    let ended = || async {
        let last = server.get(&syncs).await.data(200)[0].clone();
        (last["status"] != "running").then_some(last)
    };
    let first = eventually(ended).await;
    assert_eq!((&first["status"], &first["trigger"]), (&json!("succeeded"), &json!("link")), "{first:#}");
    assert!(first["nChanges"].as_i64().unwrap() > 0);
    let read = cache().await;
    let time = |it: &Value| it.as_str().unwrap_or_else(|| panic!("{read:#}")).parse::<jiff::Timestamp>().unwrap();
    let (oldest, newest) = (time(&read["oldestObservedAt"]), time(&read["newestObservedAt"]));
    assert!(time(&first["startedAt"]) <= oldest && oldest <= newest && newest <= time(&first["endedAt"]), "{read:#}");
    server.post(&format!("/user/{environment}/clouds/vmware/actions/sync/"), json!({})).await.data(202);
    let second = eventually(ended).await;
    assert_eq!((&second["trigger"], &second["nChanges"]), (&json!("request"), &json!(0)), "{second:#}");
    let cleared = format!("/account/{account}/cloud-credentials/{}/actions/clear-cache/", made["id"].as_str().unwrap());
    let sync_id = server.post(&cleared, json!({})).await.data(200)["syncId"].clone();
    let third = eventually(ended).await;
    assert_eq!((&third["id"], &third["trigger"]), (&sync_id, &json!("clear-cache")));
    // Whoever cleared it there has no environment to look from.
    let one = |scope: &str| format!("{scope}/syncs/{}/", sync_id.as_str().unwrap());
    let own = format!("/account/{account}");
    assert_eq!(server.get(&one(&own)).await.data(200), third);
    assert_eq!(server.get(&format!("{own}/syncs/")).await.data(200), server.get(&syncs).await.data(200));
    let of = |filter: &str| format!("{own}/syncs/?{filter}");
    let id = made["id"].as_str().unwrap();
    assert_eq!(server.get(&of(&format!("cloudCredentialsId={id}"))).await.data(200).as_array().unwrap().len(), 3);
    assert_eq!(server.get(&of("cloudCredentialsId=0123456789ab")).await.data(200), json!([]));
    assert_eq!(server.get(&of("status=running")).await.data(200), json!([]));
    let other = format!("/account/{}", crate::users::account(&server, "Other").await);
    for scope in ["/global", &other] {
        assert_eq!(server.get(&one(scope)).await.error(404), "ObjectNotFound", "{scope}");
        assert_eq!(server.get(&format!("{scope}/syncs/")).await.data(200), json!([]), "{scope}");
    }
}

#[tokio::test]
async fn a_sync_of_the_scalr_scope_is_watched_from_there_and_from_below() {
    let vcenter = Vcenter::start(&[]);
    let server = TestServer::start().await;
    let made = server.post("/global/cloud-credentials/", credentials(&vcenter, "for all")).await.data(201);
    let cleared = format!("/global/cloud-credentials/{}/actions/clear-cache/", made["id"].as_str().unwrap());
    let id = server.post(&cleared, json!({})).await.data(200)["syncId"].as_str().unwrap().to_owned();
    for scope in ["/global".to_owned(), format!("/account/{}", server.account_id())] {
        let path = format!("{scope}/syncs/{id}/");
        let ended = || async {
            let sync = server.get(&path).await.data(200);
            (sync["status"] != "running").then_some(sync)
        };
        assert_eq!(eventually(ended).await["status"], "succeeded", "{scope}");
    }
}

#[tokio::test]
async fn a_role_script_for_a_named_user() {
    let server = TestServer::start().await;
    let path = format!("/account/{}/vmware-role-script/?user=svc%40vsphere.local", server.account_id());
    let script = server.get(&path).await.data(200)["script"].as_str().unwrap().to_owned();
    assert!(script.contains("govc") && script.contains("VirtualMachine.Provisioning.Clone"), "{script}");
    let script = server.get(&format!("{path}&format=powercli&role=Mine")).await.data(200);
    assert!(script["script"].as_str().unwrap().contains("New-VIRole"), "{script}");
    assert_eq!(server.get(&format!("{path}&format=perl")).await.error(400), "InvalidValue");
}
