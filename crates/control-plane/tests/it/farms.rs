//! Farms on both clouds: declared, launched, suspended, resumed, changed and terminated, with nothing left behind.

use dev_clouds::{Openstack, PASSWORD, USER, Vcenter};
use serde_json::{Value, json};

use crate::{
    support::{TestServer, eventually},
    users::Person,
};

/// A cloud that is linked, and what a farm role needs of it.
pub struct Place {
    pub platform: &'static str,
    pub location: String,
    /// Of the farm role.
    pub needs: Value,
    pub image: String,
}

impl Place {
    fn path(&self, server: &TestServer, rest: &str) -> String {
        let Place { platform, location, .. } = self;
        format!("/user/{}/clouds/{platform}/cloud-locations/{location}/{rest}", server.environment_id())
    }

    pub async fn first(&self, server: &TestServer, noun: &str, name: &str) -> String {
        let found = server.get(&self.path(server, &format!("{noun}/?name={name}&maxAge=0"))).await.data(200);
        found[0]["id"].as_str().unwrap_or_else(|| panic!("no {noun} {name}")).to_owned()
    }
}

async fn link(server: &TestServer, platform: &str, credentials: Value) {
    let (account, environment) = (server.account_id(), server.environment_id());
    let made = server.post(&format!("/account/{account}/cloud-credentials/"), credentials).await.data(201);
    let link = format!("/account/{account}/environments/{environment}/clouds/{platform}/");
    server.post(&link, json!({ "id": made["id"] })).await.data(200);
}

pub async fn openstack(server: &TestServer, cloud: &Openstack, project: &str) -> Place {
    let credentials = json!({
        "cloudCredentialsType": "OpenstackCloudCredentials", "provider": "openstack", "name": "lab",
        "keystoneUrl": cloud.keystone_url, "userName": project, "password": cloud.password, "tenantName": project,
        "domainName": "Default",
    });
    openstack_with(server, credentials).await
}

pub async fn openstack_with(server: &TestServer, credentials: Value) -> Place {
    link(server, "openstack", credentials).await;
    let mut place =
        Place { platform: "openstack", location: "RegionOne".to_owned(), needs: json!({}), image: String::new() };
    place.image = place.first(server, "cloud-images", "tiny").await;
    let flavor = place.first(server, "instance-types", "m1.tiny").await;
    place.needs = json!({ "instanceType": { "id": flavor } });
    place
}

pub async fn on_private(server: &TestServer, mut place: Place) -> Place {
    let network = place.first(server, "networks", "private").await;
    place.needs["networking"] = json!({ "networks": [{ "id": network }] });
    place
}

pub async fn vsphere(server: &TestServer, vcenter: &Vcenter) -> Place {
    linked_vcenters(server, &[vcenter]).await
}

/// One credential for all; the place is in the first, which is the main one.
pub async fn linked_vcenters(server: &TestServer, vcenters: &[&Vcenter]) -> Place {
    let urls: Vec<_> = vcenters.iter().map(|it| it.url.clone()).collect();
    let credentials = json!({
        "cloudCredentialsType": "VmwareCloudCredentials", "name": "vc", "url": urls[0], "linkedVCenters": urls[1..],
        "userName": USER, "password": PASSWORD, "sslVerification": false,
    });
    link(server, "vmware", credentials).await;
    let locations = format!("/user/{}/clouds/vmware/cloud-locations/", server.environment_id());
    let location = server.get(&locations).await.data(200)[0]["cloudLocation"].as_str().unwrap().to_owned();
    let mut place = Place { platform: "vmware", location, needs: json!({}), image: String::new() };
    let images = server.get(&place.path(server, "cloud-images/?maxAge=0")).await.data(200);
    place.image = images[0]["id"].as_str().unwrap().to_owned();
    place.needs = json!({
        "instanceType": { "id": place.first(server, "instance-types", "small").await },
        "networking": { "networks": [{ "id": place.first(server, "networks", "DC0_DVPG0").await }] },
        "cloudFeatures": {
            "type": "VmwareCloudFeatures",
            "folder": place.first(server, "folders", "vm").await,
            "computeResource": place.first(server, "clusters", "DC0_C0").await,
        },
    });
    place
}

/// A role with an image for each place.
pub async fn role(server: &TestServer, name: &str, places: &[&Place]) -> i64 {
    let user = format!("/user/{}", server.environment_id());
    let new = json!({ "name": name, "category": { "id": 1 }, "os": { "id": "ubuntu-22-04" } });
    let role = server.post(&format!("{user}/roles/"), new).await.data(201)["id"].as_i64().unwrap();
    for place in places {
        let new = json!({
            "name": format!("{name}-{}", place.platform), "cloudPlatform": place.platform,
            "cloudLocation": place.location, "cloudImageId": place.image, "architecture": "x86_64",
            "os": { "id": "ubuntu-22-04" },
        });
        let image = server.post(&format!("{user}/images/"), new).await.data(201);
        let body = json!({ "role": { "id": role }, "image": { "id": image["id"] } });
        server.post(&format!("{user}/roles/{role}/images/"), body).await.data(201);
    }
    role
}

pub async fn farm(server: &TestServer, new: Value) -> String {
    let farms = format!("/user/{}/farms/", server.environment_id());
    let id = server.post(&farms, new).await.data(201)["id"].as_i64().unwrap();
    format!("{farms}{id}/")
}

pub fn tier(alias: &str, role: i64, place: &Place) -> Value {
    let mut tier = json!({
        "alias": alias, "role": { "id": role }, "cloudPlatform": place.platform, "cloudLocation": place.location,
        "advancedConfiguration": { "instanceName": "{SCALR_FARM_NAME}-{SCALR_FARM_ROLE_ALIAS}-{SCALR_INSTANCE_INDEX}" },
    });
    tier.as_object_mut().unwrap().extend(place.needs.as_object().unwrap().clone());
    tier
}

/// The servers of a farm once all of them are so; those that went are not counted.
pub async fn all(server: &TestServer, farm: &str, n_servers: usize, status: &str) -> Vec<Value> {
    eventually(async || {
        let servers = server.get(&format!("{farm}servers/?sort=index")).await.data(200);
        let servers: Vec<_> =
            servers.as_array().unwrap().iter().filter(|it| it["status"] != "terminated").cloned().collect();
        let is_so = servers.len() == n_servers && servers.iter().all(|it| it["status"] == status);
        is_so.then_some(servers)
    })
    .await
}

pub async fn gone(server: &TestServer, farm: &str) {
    all(server, farm, 0, "terminated").await;
}

/// What the cloud itself says of the machines of a farm.
pub async fn machines(server: &TestServer, place: &Place, farm_name: &str) -> Vec<Value> {
    // Readings within a second are of the same moment.
    tokio::time::sleep(std::time::Duration::from_millis(1500)).await;
    let path = place.path(server, &format!("machines/?nameContains={farm_name}-&maxAge=0&sort=name"));
    server.get(&path).await.data(200).as_array().unwrap().clone()
}

async fn lives(server: &TestServer, place: &Place, name: &str) {
    let role = role(server, name, &[place]).await;
    let farm = farm(server, json!({ "name": name })).await;
    assert_eq!(
        server.post(&format!("{farm}actions/launch/"), json!({})).await.error(409),
        "UnacceptableState",
        "empty"
    );
    let mut new = tier("web", role, place);
    new["scaling"] = json!({ "enabled": true, "minInstances": 2, "maxInstances": 3 });
    let tier = server.post(&format!("{farm}farm-roles/"), new).await.data(201)["id"].as_i64().unwrap();
    assert_eq!(server.get(&format!("{farm}servers/")).await.data(200), json!([]), "nothing before a launch");
    let images = format!("/user/{}/images/", server.environment_id());
    assert_eq!(server.get(&images).await.data(200)[0]["lastUsed"], Value::Null);

    assert_eq!(server.post(&format!("{farm}actions/launch/"), json!({})).await.data(200)["status"], "running");
    let servers = all(server, &farm, 2, "running").await;
    assert_eq!((&servers[0]["index"], &servers[1]["index"]), (&json!(1), &json!(2)));
    assert_eq!((&servers[0]["name"], &servers[0]["wanted"]), (&json!(format!("{name}-web-1")), &json!("running")));
    let there = machines(server, place, name).await;
    assert_eq!(there.len(), 2, "{there:#?}");
    for (server, machine) in servers.iter().zip(&there) {
        assert_eq!((&server["cloudServerId"], &machine["powerState"]), (&machine["id"], &json!("on")), "{server:#}");
    }

    let last_used = server.get(&images).await.data(200)[0]["lastUsed"].clone();
    assert!(servers.iter().any(|it| it["launched"] == last_used), "{last_used} {servers:#?}");

    // Found by name and by age.
    let listed = async |query: &str| {
        let servers = server.get(&format!("{farm}servers/?{query}")).await.data(200);
        servers.as_array().unwrap().iter().map(|it| it["id"].clone()).collect::<Vec<_>>()
    };
    let (one, two) = (&servers[0]["id"], &servers[1]["id"]);
    let second = servers[1]["added"].as_str().unwrap().replace('+', "%2B");
    for (query, expected) in [
        ("sort=name".to_owned(), vec![one, two]),
        ("sort=-name".to_owned(), vec![two, one]),
        ("sort=-added".to_owned(), vec![two, one]),
        (format!("name={name}-web-2"), vec![two]),
        ("nameContains=WEB-1".to_owned(), vec![one]),
        (format!("addedSince={second}"), vec![two]),
        (format!("addedUntil={second}"), vec![one]),
    ] {
        assert_eq!(listed(&query).await.iter().collect::<Vec<_>>(), expected, "{query}");
    }
    let wrong = server.get(&format!("{farm}servers/?addedSince=yesterday")).await;
    assert_eq!(wrong.error(400), "InvalidValue");

    // Guards, and one more by hand.
    let path = format!("/user/{}/clouds/", server.environment_id());
    let unlink =
        format!("/account/{}/environments/{}/clouds/{}/", server.account_id(), server.environment_id(), place.platform);
    assert_eq!(server.delete(&unlink).await.error(409), "ObjectInUse", "{path}");
    assert_eq!(server.delete(&farm).await.error(409), "ObjectInUse");
    let one = format!("/user/{}/servers/{}/", server.environment_id(), servers[0]["id"].as_str().unwrap());
    assert_eq!(server.post(&format!("{one}actions/resume/"), json!({})).await.error(409), "UnacceptableState");
    let more = format!("/user/{}/servers/", server.environment_id());
    let third = server.post(&more, json!({ "farmRole": { "id": tier } })).await.data(201);
    assert_eq!((&third["index"], &third["status"]), (&json!(3), &json!("pending_launch")));
    let refused = server.post(&more, json!({ "farmRole": { "id": tier } })).await;
    assert_eq!(refused.error(409), "UnacceptableState", "maxInstances");
    all(server, &farm, 3, "running").await;

    // A reboot is seen, and passes.
    let rebooting = server.post(&format!("{one}actions/reboot/"), json!({ "hard": true })).await.data(200);
    assert_eq!(rebooting["operations"][0]["name"], "rebooting");
    eventually(async || (server.get(&one).await.data(200)["operations"] == json!([])).then_some(())).await;
    let id = servers[0]["id"].as_str().unwrap();
    if place.platform == "vmware" {
        // The simulator's guests take no orders: that is said, and the wish is not kept.
        server.post(&format!("{one}actions/reboot/"), json!({})).await.data(200);
        eventually(async || (server.get(&one).await.data(200)["operations"] == json!([])).then_some(())).await;
        let log = format!("/user/{}/event-logs/?server={id}&event=RebootFailed", server.environment_id());
        assert!(server.get(&log).await.data(200)[0]["evidence"]["cloud"].is_string());
    }

    server.post(&format!("{farm}actions/suspend/"), json!({})).await.data(200);
    for machine in all(server, &farm, 3, "suspended").await {
        assert_eq!((&machine["publicIp"], &machine["privateIp"]), (&json!([]), &json!([])), "{machine:#}");
    }
    let there = machines(server, place, name).await;
    assert!(there.iter().all(|it| it["powerState"] == "suspended"), "{there:#?}");
    assert_eq!(server.post(&format!("{one}actions/suspend/"), json!({})).await.error(409), "UnacceptableState");
    server.post(&format!("{farm}actions/resume/"), json!({})).await.data(200);
    all(server, &farm, 3, "running").await;

    // What is terminated is replaced as far as there shall be servers, with the free index.
    server.post(&format!("{one}actions/terminate/"), json!({ "force": true })).await.data(200);
    eventually(async || (server.get(&one).await.data(200)["status"] == "terminated").then_some(())).await;
    let left = all(server, &farm, 2, "running").await;
    assert_eq!((&left[0]["index"], &left[1]["index"]), (&json!(2), &json!(3)), "two is enough");
    let second = format!("/user/{}/servers/{}/", server.environment_id(), left[0]["id"].as_str().unwrap());
    server.post(&format!("{second}actions/terminate/"), json!({})).await.data(200);
    eventually(async || (server.get(&second).await.data(200)["status"] == "terminated").then_some(())).await;
    let left = all(server, &farm, 2, "running").await;
    assert_eq!(left[0]["index"], 1, "the first place was free");

    server.post(&format!("{farm}actions/terminate/"), json!({ "force": false })).await.data(200);
    gone(server, &farm).await;
    assert_eq!(machines(server, place, name).await, Vec::<Value>::new());
    let log = format!("/user/{}/event-logs/?server={}", server.environment_id(), servers[0]["id"].as_str().unwrap());
    let log = server.get(&log).await.data(200);
    let events: Vec<_> = log.as_array().unwrap().iter().map(|it| it["event"]["id"].as_str().unwrap()).collect();
    let events: Vec<_> = events.into_iter().filter(|it| *it != "RebootFailed").collect();
    let expected = [
        "BeforeInstanceLaunch",
        "HostUp",
        "RebootComplete",
        "BeforeHostTerminate",
        "HostDown",
        "ResumeComplete",
        "BeforeHostTerminate",
        "HostDown",
    ];
    assert_eq!(events, expected, "{log:#}");
    assert!(log[0]["evidence"]["order"].is_string() && log[0]["evidence"]["requestId"].is_string(), "{:#}", log[0]);
    assert_eq!(server.delete(&farm).await.status, 204);
    transitions(server, id).await;
}

/// Each change of status of a server is one entry of the audit log, and looks that change nothing are none.
async fn transitions(server: &TestServer, id: &str) {
    let audit = format!("/account/{}/audit/", server.account_id());
    let of_server = format!("{audit}?action=servers.transition&objectType=servers&objectId={id}&maxResults=100");
    let mut entries = server.get(&of_server).await.data(200).as_array().unwrap().clone();
    entries.reverse();
    let mut way = vec![entries[0]["before"]["status"].clone()];
    for entry in &entries {
        assert_eq!(entry["before"]["status"], *way.last().unwrap(), "{entry:#}");
        assert_eq!((&entry["actorKind"], &entry["actorName"]), (&json!("system"), &json!("control plane")));
        assert_eq!(entry["environmentId"], server.environment_id());
        way.push(entry["after"]["status"].clone());
    }
    let expected = [
        "pending_launch",
        "pending",
        "running",
        "pending_suspend",
        "suspended",
        "resuming",
        "running",
        "pending_terminate",
        "terminated",
    ];
    assert_eq!(way, expected);
    let first = &entries[0]["after"];
    assert!(first["evidence"]["order"].is_string() && first["evidence"]["requestId"].is_string(), "{first:#}");
    assert!(entries[1]["after"]["cloudServerId"].is_string(), "{:#}", entries[1]);
    let verified = server.post(&format!("{audit}actions/verify/"), json!({})).await.data(200);
    assert_eq!(verified["ok"], true, "{verified:#}");
}

#[tokio::test]
async fn a_farm_lives_on_openstack() {
    let cloud = dev_clouds::openstack();
    let server = TestServer::start().await;
    let place = openstack(&server, &cloud, "demo").await;
    let place = on_private(&server, place).await;
    lives(&server, &place, &format!("shop{}", std::process::id())).await;
}

#[tokio::test]
async fn a_farm_lives_on_vsphere() {
    let vcenter = Vcenter::start(&["-template", "1", "-ip-base", "10.7.0.1"]);
    let server = TestServer::start().await;
    let place = vsphere(&server, &vcenter).await;
    lives(&server, &place, "shop").await;
}

#[tokio::test]
async fn hosts_of_a_vcenter_are_chosen_where_the_farm_role_leaves_that_to_us() {
    let vcenter = Vcenter::start(&["-template", "1"]);
    let server = TestServer::start().await;
    let mut place = vsphere(&server, &vcenter).await;
    let features = place.needs["cloudFeatures"].clone();
    let folder = &features["folder"];
    let hosts =
        json!([place.first(&server, "hosts", "DC0_C0_H0").await, place.first(&server, "hosts", "DC0_C0_H1").await]);
    let role = role(&server, "placed", &[&place]).await;
    let farm = farm(&server, json!({ "name": "placed" })).await;
    for wrong in [
        json!({ "type": "VmwareCloudFeatures", "folder": folder, "placementStrategy": "manual" }),
        json!({ "type": "VmwareCloudFeatures", "folder": folder, "computeResource": "domain-c1", "hosts": hosts }),
        json!({
            "type": "VmwareCloudFeatures", "folder": folder, "placementStrategy": "scalr-auto", "resourcePool": "resgroup-1",
        }),
    ] {
        place.needs["cloudFeatures"] = wrong;
        let answer = server.post(&format!("{farm}farm-roles/"), tier("wrong", role, &place)).await;
        assert_eq!(answer.error(400), "InvalidValue", "{}", place.needs);
    }
    place.needs["cloudFeatures"] = json!({
        "type": "VmwareCloudFeatures", "folder": folder, "placementStrategy": "scalr-auto", "hosts": hosts,
    });
    let mut new = tier("web", role, &place);
    new["scaling"] = json!({ "enabled": true, "minInstances": 2, "maxInstances": 2 });
    let made = server.post(&format!("{farm}farm-roles/"), new).await.data(201);
    assert_eq!(made["cloudFeatures"], place.needs["cloudFeatures"]);
    server.post(&format!("{farm}actions/launch/"), json!({})).await.data(200);
    let mut chosen = Vec::new();
    for one in all(&server, &farm, 2, "running").await {
        let id = one["id"].as_str().unwrap();
        let log = format!("/user/{}/event-logs/?server={id}&event=BeforeInstanceLaunch", server.environment_id());
        let evidence = server.get(&log).await.data(200)[0]["evidence"].clone();
        assert!(evidence["datastore"].as_str().unwrap().starts_with("LocalDS_0 ("), "{evidence:#}");
        assert!(evidence["choice"].as_str().unwrap().ends_with("2 of 2 hosts could take it"), "{evidence:#}");
        chosen.push(evidence["host"].as_str().unwrap().split(' ').next().unwrap().to_owned());
    }
    chosen.sort();
    assert_eq!(chosen, ["DC0_C0_H0", "DC0_C0_H1"]);
    server.post(&format!("{farm}actions/terminate/"), json!({ "force": false })).await.data(200);
    gone(&server, &farm).await;
}

#[tokio::test]
async fn what_stays_free_on_a_datastore_is_configured() {
    let vcenter = Vcenter::start(&["-template", "1"]);
    let config = "allowed_cloud_networks = [\"127.0.0.0/8\"]\n[vmware]\ndatastore_buffer_gib = 65536\n";
    let server = TestServer::with(config).await;
    let mut place = vsphere(&server, &vcenter).await;
    place.needs["cloudFeatures"]["placementStrategy"] = json!("scalr-auto");
    let role = role(&server, "full", &[&place]).await;
    let farm = farm(&server, json!({ "name": "full" })).await;
    server.post(&format!("{farm}farm-roles/"), tier("web", role, &place)).await.data(201);
    server.post(&format!("{farm}actions/launch/"), json!({})).await.data(200);
    let failed = eventually(async || {
        let server = server.get(&format!("{farm}servers/")).await.data(200)[0].clone();
        server["failure"].is_object().then_some(server)
    })
    .await;
    assert_eq!(failed["failure"]["class"], "capacity", "{failed:#}");
    assert!(failed["failure"]["evidence"][0].as_str().unwrap().contains("65536.0 GiB to stay free"), "{failed:#}");
    server.post(&format!("{farm}actions/terminate/"), json!({ "force": false })).await.data(200);
    gone(&server, &farm).await;
}

#[tokio::test]
async fn servers_are_named_after_what_they_are_for() {
    let vcenter = Vcenter::start(&["-template", "1"]);
    let server = TestServer::start().await;
    let place = vsphere(&server, &vcenter).await;
    let role = role(&server, "named", &[&place]).await;
    let new = json!({ "name": "Research", "billingCode": "R-1" });
    let center = server.post("/global/cost-centers/", new).await.data(201);
    let account = format!("/account/{}", server.account_id());
    let of_center = json!({ "costCenter": { "id": center["id"] } });
    server.patch(&format!("{account}/environments/{}/", server.environment_id()), of_center.clone()).await.data(200);
    let mut new = of_center;
    (new["name"], new["billingCode"]) = (json!("Apollo"), json!("A-11"));
    let project = server.post(&format!("{account}/projects/"), new).await.data(201);
    let farm = farm(&server, json!({ "name": "named", "project": { "id": project["id"] } })).await;
    let mut new = tier("web", role, &place);
    let codes = "{SCALR_PROJECT_BC}_{SCALR_COST_CENTER_BC}";
    let names =
        "{SCALR_PROJECT_NAME}_{SCALR_COST_CENTER_NAME}_{SCALR_ROLE_OS}_{SCALR_ACCOUNT_NAME}_{SCALR_LAUNCHED_BY_ID}";
    new["advancedConfiguration"] = json!({ "instanceName": format!("{codes}_{names}") });
    server.post(&format!("{farm}farm-roles/"), new).await.data(201);
    server.post(&format!("{farm}actions/launch/"), json!({})).await.data(200);
    let [one] = all(&server, &farm, 1, "running").await.try_into().unwrap();
    let account_name =
        server.get(&format!("/global/accounts/{}/", server.account_id())).await.data(200)["name"].clone();
    let (account_name, by) = (account_name.as_str().unwrap(), &one["launchedBy"]["id"]);
    assert_eq!(one["name"], format!("A-11_R-1_Apollo_Research_ubuntu-22-04_{account_name}_{by}"));
    server.post(&format!("{farm}actions/terminate/"), json!({ "force": false })).await.data(200);
    gone(&server, &farm).await;
}

/// One role, two clouds; the second tier begins when the first runs.
#[tokio::test]
async fn a_farm_of_two_clouds_is_launched_in_its_order() {
    let (cloud, vcenter) = (dev_clouds::openstack(), Vcenter::start(&["-template", "1"]));
    let server = TestServer::start().await;
    let place = openstack(&server, &cloud, "demo").await;
    let (first, second) = (on_private(&server, place).await, vsphere(&server, &vcenter).await);
    let name = format!("both{}", std::process::id());
    let role = role(&server, &name, &[&first, &second]).await;
    let farm = farm(&server, json!({ "name": name, "launchOrder": "sequential" })).await;
    for (index, place) in [&first, &second].into_iter().enumerate() {
        let mut tier = tier(place.platform, role, place);
        tier["launchIndex"] = json!(index);
        server.post(&format!("{farm}farm-roles/"), tier).await.data(201);
    }
    server.post(&format!("{farm}actions/launch/"), json!({})).await.data(200);
    assert_eq!(
        server.get(&format!("{farm}servers/")).await.data(200).as_array().unwrap().len(),
        1,
        "one after the other"
    );
    let servers = all(&server, &farm, 2, "running").await;
    assert!(
        servers.iter().any(|it| it["cloudPlatform"] == "openstack" && it["connectionAddress"].is_string()),
        "{servers:#?}"
    );
    server.post(&format!("{farm}actions/terminate/"), json!({ "force": false })).await.data(200);
    gone(&server, &farm).await;
    assert_eq!(machines(&server, &first, &name).await, Vec::<Value>::new());
    assert_eq!(machines(&server, &second, &name).await, Vec::<Value>::new());
}

#[tokio::test]
async fn a_server_that_cannot_be_launched_says_why() {
    let cloud = dev_clouds::openstack();
    let server = TestServer::start().await;
    let place = openstack(&server, &cloud, "demo").await;
    let name = format!("wrong{}", std::process::id());
    let role = role(&server, &name, &[&place]).await;
    let farm = farm(&server, json!({ "name": name })).await;
    let mut new = tier("web", role, &place);
    new["networking"] = json!({ "networks": [{ "id": "4ab1c1c3-0000-4000-8000-000000000000" }] });
    let tier = server.post(&format!("{farm}farm-roles/"), new).await.data(201);
    server.post(&format!("{farm}actions/launch/"), json!({})).await.data(200);
    let failed = eventually(async || {
        let servers = server.get(&format!("{farm}servers/")).await.data(200);
        servers[0]["failure"].is_object().then(|| servers[0].clone())
    })
    .await;
    assert_eq!((&failed["status"], &failed["failure"]["class"]), (&json!("pending_launch"), &json!("permanent")));
    assert_eq!(failed["failure"]["summary"], "the cloud does not take a network of the farm role");
    assert!(failed["failure"]["evidence"][0].as_str().unwrap().contains("req-"), "{failed:#}");

    // Corrected, it is launched at once when it is looked at.
    let role = format!("/user/{}/farm-roles/{}/", server.environment_id(), tier["id"]);
    let network = place.first(&server, "networks", "private").await;
    server.patch(&role, json!({ "networking": { "networks": [{ "id": network }] } })).await.data(200);
    let one = format!("/user/{}/servers/{}/", server.environment_id(), failed["id"].as_str().unwrap());
    server.post(&format!("{one}actions/sync/"), json!({})).await.data(200);
    let servers = all(&server, &farm, 1, "running").await;
    assert_eq!(servers[0]["failure"], Value::Null);
    server.post(&format!("{farm}actions/terminate/"), json!({ "force": false })).await.data(200);
    gone(&server, &farm).await;
    assert_eq!(machines(&server, &place, &name).await, Vec::<Value>::new());
}

/// Nothing is lost and nothing doubled when the control plane goes away in the middle.
#[tokio::test]
async fn a_launch_goes_on_in_the_next_control_plane() {
    let vcenter = Vcenter::start(&["-template", "1"]);
    let server = TestServer::start().await;
    let place = vsphere(&server, &vcenter).await;
    let role = role(&server, "kept", &[&place]).await;
    let farm = farm(&server, json!({ "name": "kept" })).await;
    let mut new = tier("web", role, &place);
    new["scaling"] = json!({ "enabled": true, "minInstances": 4, "maxInstances": 4 });
    server.post(&format!("{farm}farm-roles/"), new).await.data(201);
    server.post(&format!("{farm}actions/launch/"), json!({})).await.data(200);
    let TestServer { server, data_dir, .. } = server;
    server.stop().await.unwrap();
    let server = TestServer::on(data_dir, "allowed_cloud_networks = [\"127.0.0.0/8\", \"::1/128\"]\n").await;
    all(&server, &farm, 4, "running").await;
    assert_eq!(machines(&server, &place, "kept").await.len(), 4);
    server.post(&format!("{farm}actions/terminate/"), json!({ "force": false })).await.data(200);
    gone(&server, &farm).await;
    assert_eq!(machines(&server, &place, "kept").await, Vec::<Value>::new());
}

#[tokio::test]
async fn a_farm_is_cloned_with_its_tiers_and_without_its_servers() {
    let vcenter = Vcenter::start(&["-template", "1"]);
    let server = TestServer::start().await;
    let place = vsphere(&server, &vcenter).await;
    let role = role(&server, "copied", &[&place]).await;
    let new = json!({ "name": "shop", "description": "sells", "launchOrder": "sequential" });
    let original = farm(&server, new).await;
    for (index, alias) in ["web", "db"].into_iter().enumerate() {
        let mut new = tier(alias, role, &place);
        new["launchIndex"] = json!(index);
        new["scaling"] = json!({ "enabled": true, "minInstances": 0, "maxInstances": 3 });
        server.post(&format!("{original}farm-roles/"), new).await.data(201);
    }
    server.post(&format!("{original}actions/launch/"), json!({})).await.data(200);
    server.post(&format!("{original}actions/lock/"), json!({ "lockComment": "sales" })).await.data(200);

    let person = Person::make(&server, Some(server.account_id()), "copier", true).await;
    let clone = format!("{original}actions/clone/");
    let copy = person.post(&server, &clone, json!({ "name": "staging" })).await.data(201);
    let (status, owner) = (&copy["status"], &copy["owner"]["id"]);
    assert_eq!((status, owner, &copy["servers"]), (&json!("terminated"), &json!(person.id), &json!({})));
    assert_eq!((&copy["description"], &copy["launchOrder"]), (&json!("sells"), &json!("sequential")));
    assert_eq!(copy["locked"], Value::Null, "who copies a locked farm may change the copy");
    let of_copy = format!("/user/{}/farms/{}/farm-roles/?sort=id", server.environment_id(), copy["id"]);
    let tiers = async |path: &str| {
        let mut tiers = server.get(path).await.data(200).as_array().unwrap().clone();
        let ids: Vec<_> =
            tiers.iter_mut().map(|it| (it["id"].take(), it["farm"].take(), it["alias"].clone())).collect();
        (tiers, ids)
    };
    let (before, old) = tiers(&format!("{original}farm-roles/?sort=id")).await;
    let (after, new) = tiers(&of_copy).await;
    assert_eq!((before.len(), &before), (2, &after));
    assert!(old.iter().zip(&new).all(|(old, new)| old.0 != new.0 && old.1 != new.1), "{old:?} {new:?}");

    assert_eq!(server.post(&clone, json!({ "name": "staging" })).await.error(409), "UnicityViolation");
    assert_eq!(server.post(&clone, json!({ "name": " " })).await.error(400), "InvalidValue");
    assert_eq!(server.post(&clone, json!({})).await.error(400), "InvalidStructure");
    let audit = format!("/account/{}/audit/?action=farm-roles.clone", server.account_id());
    assert_eq!(server.get(&audit).await.data(200).as_array().unwrap().len(), 2, "one for each tier");
}
