//! What is asked of servers besides their power, on both clouds, and that nothing of it stays.

use dev_clouds::{Openstack, PASSWORD, USER, Vcenter};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    farms::{self, Place, all, farm, gone, machines, role, tier},
    support::{TestServer, eventually},
};

/// A server of a farm with nothing else.
pub struct Scene {
    pub server: TestServer,
    pub place: Place,
    pub farm: String,
    /// Of the server.
    pub path: String,
    pub cloud_id: String,
}

impl Scene {
    pub async fn launch(server: TestServer, place: Place, name: &str) -> Scene {
        let role = role(&server, name, &[&place]).await;
        let farm = farm(&server, json!({ "name": name })).await;
        server.post(&format!("{farm}farm-roles/"), tier("web", role, &place)).await.data(201);
        server.post(&format!("{farm}actions/launch/"), json!({})).await.data(200);
        let launched = all(&server, &farm, 1, "running").await;
        let path = format!("/user/{}/servers/{}/", server.environment_id(), launched[0]["id"].as_str().unwrap());
        let cloud_id = launched[0]["cloudServerId"].as_str().unwrap().to_owned();
        Scene { server, place, farm, path, cloud_id }
    }

    pub async fn get(&self, rest: &str) -> Value {
        self.server.get(&format!("{}{rest}", self.path)).await.data(200)
    }

    /// The operation as it is written down.
    pub async fn ask(&self, action: &str, body: Value) -> Value {
        let (rest, status) = match action {
            "snapshot" => ("snapshots/".to_owned(), 201),
            action => (format!("actions/{action}/"), 200),
        };
        let operation = self.server.post(&format!("{}{rest}", self.path), body).await.data(status);
        assert_eq!((&operation["status"], &operation["ended"]), (&json!("pending"), &Value::Null));
        operation
    }

    pub async fn ended(&self, operation: &Value) -> Value {
        let path = format!("operations/{}/", operation["id"].as_str().unwrap());
        eventually(async || Some(self.get(&path).await).filter(|it| !it["ended"].is_null())).await
    }

    pub async fn done(&self, action: &str, body: Value) -> Value {
        let ended = self.ended(&self.ask(action, body).await).await;
        assert_eq!((&ended["status"], &ended["failure"]), (&json!("done"), &Value::Null), "{ended:#}");
        assert!(ended["started"].is_string(), "{ended:#}");
        ended
    }

    /// Its failure. The server goes on.
    pub async fn fails(&self, action: &str, body: Value) -> Value {
        let before = self.get("").await;
        let ended = self.ended(&self.ask(action, body).await).await;
        assert_eq!(ended["status"], "failed", "{ended:#}");
        let after = self.get("").await;
        for key in ["status", "wanted", "instanceType", "failure"] {
            assert_eq!(before[key], after[key], "{key}");
        }
        ended["failure"].clone()
    }

    pub async fn refused(&self, action: &str, body: Value, status: u16) -> Value {
        let answer = self.server.post(&format!("{}actions/{action}/", self.path), body).await;
        assert_eq!(answer.status, status, "{:#}", answer.body);
        answer.body["errors"][0].clone()
    }

    pub async fn events(&self) -> Vec<String> {
        let id = self.path.trim_end_matches('/').rsplit('/').next().unwrap();
        let log = format!("/user/{}/event-logs/?server={id}", self.server.environment_id());
        let log = self.server.get(&log).await.data(200);
        log.as_array().unwrap().iter().map(|it| it["event"]["id"].as_str().unwrap().to_owned()).collect()
    }

    /// What waits when the server has to go is not done after.
    pub async fn terminate(&self, name: &str) {
        let waiting = self.ask("snapshot", json!({ "name": "too late" })).await;
        self.server.post(&format!("{}actions/terminate/", self.farm), json!({ "force": false })).await.data(200);
        gone(&self.server, &self.farm).await;
        let ended = self.get(&format!("operations/{}/", waiting["id"].as_str().unwrap())).await;
        assert!(ended["ended"].is_string(), "{ended:#}");
        if ended["status"] == "failed" {
            assert_eq!(ended["failure"]["summary"], "the server is being terminated", "{ended:#}");
        }
        assert_eq!(machines(&self.server, &self.place, name).await, Vec::<Value>::new());
        let snapshots = format!("{}snapshots/", self.path);
        let refused = self.server.post(&snapshots, json!({ "name": "of nothing" })).await;
        assert_eq!(refused.error(409), "UnacceptableState");
        assert_eq!(self.server.get(&snapshots).await.error(409), "UnacceptableState");
    }
}

/// The cloud itself, past us.
pub struct Raw {
    client: reqwest::Client,
    token: String,
    catalog: Value,
}

impl Raw {
    pub async fn new(cloud: &Openstack, project: &str) -> Raw {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let domain = json!({ "name": "Default" });
        let user = json!({ "name": project, "password": cloud.password, "domain": domain });
        let identity = json!({ "methods": ["password"], "password": { "user": user } });
        let scope = json!({ "project": { "name": project, "domain": domain } });
        let body = json!({ "auth": { "identity": identity, "scope": scope } });
        let answer = client.post(format!("{}/auth/tokens", cloud.keystone_url)).json(&body).send().await.unwrap();
        let token = answer.headers()["x-subject-token"].to_str().unwrap().to_owned();
        let catalog = answer.json::<Value>().await.unwrap()["token"]["catalog"].clone();
        Raw { client, token, catalog }
    }

    /// Null where there is no body; `path` below the endpoint of the service.
    pub async fn call(&self, method: Method, service: &str, path: &str, body: Value) -> (u16, Value) {
        let entry = self.catalog.as_array().unwrap().iter().find(|it| it["type"] == service).unwrap();
        let endpoints = entry["endpoints"].as_array().unwrap();
        let url = endpoints.iter().find(|it| it["interface"] == "public").unwrap()["url"].as_str().unwrap();
        let mut request = self.client.request(method, format!("{}{path}", url.trim_end_matches('/')));
        if !body.is_null() {
            request = request.json(&body);
        }
        let answer = request.header("x-auth-token", &self.token).send().await.unwrap();
        let status = answer.status().as_u16();
        (status, serde_json::from_str(&answer.text().await.unwrap()).unwrap_or_default())
    }

    pub async fn get(&self, service: &str, path: &str) -> Value {
        self.call(Method::GET, service, path, Value::Null).await.1
    }
}

#[tokio::test]
async fn a_server_is_changed_on_openstack() {
    let cloud = dev_clouds::openstack();
    let (raw, admin) = (Raw::new(&cloud, "demo").await, Raw::new(&cloud, "admin").await);
    let name = format!("changed{}", std::process::id());
    let huge = json!({ "flavor": { "name": &name, "ram": 8_000_000, "vcpus": 1, "disk": 1 } });
    let huge = admin.call(Method::POST, "compute", "/flavors", huge).await.1["flavor"]["id"].clone();
    let volume = json!({ "volume": { "name": &name, "size": 1 } });
    let volume = raw.call(Method::POST, "volumev3", "/volumes", volume).await.1["volume"]["id"].clone();

    let server = TestServer::start().await;
    let place = farms::openstack(&server, &cloud, "demo").await;
    let mut place = farms::on_private(&server, place).await;
    let pool = place.first(&server, "networks", "public").await;
    let features = json!({ "type": "OpenstackNetworkCloudFeatures", "floatingIpPool": { "id": pool } });
    place.needs["networking"]["networks"][0]["cloudFeatures"] = features;
    let small = place.first(&server, "instance-types", "m1.small").await;
    let scene = Scene::launch(server, place, &name).await;

    // The farm role's pool gives it a floating IP, once.
    let first = eventually(async || {
        let operations = scene.get("operations/").await;
        operations.get(0).filter(|it| it["status"] == "done").cloned()
    })
    .await;
    assert_eq!((&first["kind"], &first["parameters"]), (&json!("addFloatingIp"), &json!({ "pool": { "id": pool } })));
    let address = eventually(async || scene.get("").await["publicIp"][0].as_str().map(ToOwned::to_owned)).await;
    assert!(address.starts_with("203.0.113."), "{address}");
    let found = scene.get("details/").await["floatingIps"][0].clone();
    assert_eq!((&found["address"], &found["id"]), (&json!(address), &first["result"]["id"]));

    let to = |id: &Value| json!({ "instanceType": { "id": id } });
    let operation = scene.ask("change-instance-type", to(&json!(small))).await;
    assert_eq!(scene.get("").await["operations"], json!([{ "name": "resizing" }]));
    let again = scene.refused("change-instance-type", to(&huge), 409).await;
    assert_eq!(again["code"], "UnacceptableState", "{again:#}");
    let resized = scene.ended(&operation).await;
    assert_eq!((&resized["status"], &resized["parameters"]), (&json!("done"), &to(&json!(small))), "{resized:#}");
    assert!(resized["evidence"]["requestId"].is_string(), "{resized:#}");
    let now = scene.get("").await;
    assert_eq!(
        (&now["status"], &now["instanceType"]["id"], &now["operations"]),
        (&json!("running"), &json!(small), &json!([]))
    );
    let there = raw.get("compute", &format!("/servers/{}", scene.cloud_id)).await["server"].clone();
    assert_eq!((&there["status"], &there["flavor"]["id"]), (&json!("ACTIVE"), &json!(small)));

    // What cannot be is explained, and the server runs on.
    let unknown = scene.refused("change-instance-type", to(&json!("none")), 400).await;
    assert_eq!(unknown["code"], "InvalidValue");
    assert_eq!(scene.refused("change-instance-type", to(&json!(small)), 409).await["code"], "UnacceptableState");
    let failure = scene.fails("change-instance-type", to(&huge)).await;
    // Its scheduler found no host; Nova tells that to administrators alone.
    let expected = "no compute host took the server with this instance type; Nova tells only its administrator why";
    assert_eq!((&failure["class"], &failure["summary"]), (&json!("failed"), &json!(expected)), "{failure:#}");
    assert!(failure["evidence"][0].as_str().unwrap().contains("req-"), "{failure:#}");

    let made = scene.done("snapshot", json!({ "name": &name, "description": "before" })).await;
    let snapshots = scene.get("snapshots/").await;
    assert_eq!((&snapshots[0]["id"], &snapshots[0]["name"]), (&made["result"]["id"], &json!(name)), "{snapshots:#}");
    assert!(snapshots[0]["created"].is_string() && snapshots.as_array().unwrap().len() == 1, "{snapshots:#}");

    eventually(async || {
        let it = raw.get("volumev3", &format!("/volumes/{}", volume.as_str().unwrap())).await;
        (it["volume"]["status"] == "available").then_some(())
    })
    .await;
    let of_volume = json!({ "volume": { "id": volume } });
    scene.done("attach-volume", of_volume.clone()).await;
    let disks = scene.get("details/").await["disks"].clone();
    assert_eq!((&disks[0]["id"], &disks[0]["sizeBytes"]), (&volume, &json!(1u64 << 30)), "{disks:#}");
    scene.done("detach-volume", of_volume).await;
    assert_eq!(scene.get("details/").await["disks"], json!([]));
    let nowhere = json!({ "volume": { "id": "4ab1c1c3-0000-4000-8000-000000000000" } });
    assert_eq!(scene.fails("attach-volume", nowhere).await["class"], "permanent");
    let other = scene.refused("extend-disk", json!({ "disk": { "id": "1" }, "sizeGib": 2 }), 409).await;
    assert_eq!(
        (&other["code"], &other["remedy"]),
        (&json!("UnacceptableObjectConfiguration"), &json!("attach or detach a volume"))
    );
    let template = scene.refused("create-template", json!({ "name": "x" }), 409).await;
    assert_eq!(template["remedy"], "make a snapshot, which is an image");

    let output = scene.get("console-output/?lines=3").await["output"].as_str().unwrap().to_owned();
    assert!(!output.is_empty() && output.lines().count() <= 3, "{output:?}");
    let lines = format!("{}console-output/?lines=0", scene.path);
    assert_eq!(scene.server.get(&lines).await.error(400), "InvalidValue");
    let picture = scene.server.get(&format!("{}console-picture/", scene.path)).await;
    assert_eq!(picture.error(409), "UnacceptableObjectConfiguration");
    assert!(picture.body["errors"][0]["remedy"].as_str().unwrap().contains("console-output"), "{:#}", picture.body);

    let adds = scene.get("operations/?kind=addFloatingIp").await;
    assert_eq!(adds.as_array().unwrap().len(), 1, "{adds:#}");

    // Taken away and given anew; what was made for the server goes with it.
    scene.done("remove-floating-ip", json!({ "floatingIp": { "id": found["id"] } })).await;
    assert_eq!(scene.get("details/").await["floatingIps"], json!([]));
    let second = scene.done("add-floating-ip", json!({ "pool": { "id": pool } })).await["result"]["id"].clone();
    let of = |id: &Value| format!("/v2.0/floatingips/{}", id.as_str().unwrap());
    assert_eq!(raw.call(Method::GET, "network", &of(&second), Value::Null).await.0, 200);
    let failed = scene.get("operations/?status=failed&kind=resize").await;
    assert_eq!(failed.as_array().unwrap().len(), 1, "{failed:#}");

    // One that belongs to no server stays when the server goes.
    let own = format!("/user/{}/floating-ips/", scene.server.environment_id());
    let new = json!({ "name": name, "cloudLocation": "RegionOne", "pool": { "id": pool } });
    let made = scene.server.post(&own, new.clone()).await.data(201);
    assert_eq!(
        (&made["status"], &made["address"], &made["pool"]["id"]),
        (&json!("creating"), &Value::Null, &json!(pool))
    );
    let one = format!("{own}{}/", made["id"].as_str().unwrap());
    let until = async |is_so: &dyn Fn(&Value) -> bool| {
        eventually(async || Some(scene.server.get(&one).await.data(200)).filter(is_so)).await
    };
    let ready = until(&|it| it["status"] == "ready").await;
    let id = &ready["cloudFloatingIpId"];
    let (_, there) = raw.call(Method::GET, "network", &of(id), Value::Null).await;
    assert_eq!(there["floatingip"]["floating_ip_address"], ready["address"]);
    for (change, status, code) in [
        (json!({ "name": name }), 409, "UnicityViolation"),
        (json!({ "pool": { "id": "" } }), 400, "InvalidValue"),
        (json!({ "cloudPlatform": "vmware" }), 409, "UnacceptableObjectConfiguration"),
        (json!({ "address": "192.0.2.7" }), 400, "InvalidStructure"),
    ] {
        let mut other = new.clone();
        other["name"] = json!("other");
        other.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        assert_eq!(scene.server.post(&own, other).await.error(status), code, "{change}");
    }
    scene.refused("add-floating-ip", json!({}), 400).await;
    scene.refused("add-floating-ip", json!({ "pool": { "id": pool }, "floatingIp": { "id": id } }), 400).await;
    scene.done("remove-floating-ip", json!({ "floatingIp": { "id": second } })).await;
    let given = scene.done("add-floating-ip", json!({ "floatingIp": { "id": id } })).await;
    assert_eq!((&given["kind"], &given["parameters"]["floatingIp"]["id"]), (&json!("associateFloatingIp"), id));
    let refused = scene.server.delete(&one).await;
    assert_eq!(refused.error(409), "ObjectInUse");
    scene.terminate(&name).await;
    let (_, there) = raw.call(Method::GET, "network", &of(id), Value::Null).await;
    assert_eq!(there["floatingip"]["port_id"], Value::Null);
    scene.server.delete(&one).await.data(200);
    until(&|it| it["status"] == "deleted").await;
    assert_eq!(raw.call(Method::GET, "network", &of(id), Value::Null).await.0, 404);
    for id in [&first["result"]["id"], &second] {
        assert_eq!(raw.call(Method::GET, "network", &of(id), Value::Null).await.0, 404, "{id}");
    }
    let events = scene.events().await;
    for event in ["FloatingIpAdded", "ResizeComplete", "ResizeFailed", "SnapshotCreated", "VolumeAttached"] {
        assert!(events.iter().any(|it| it == event), "{event}: {events:?}");
    }

    // What a user made stays until the user removes it.
    let images = raw.get("image", &format!("/v2/images?instance_uuid={}", scene.cloud_id)).await;
    for image in images["images"].as_array().unwrap() {
        delete_image(&scene.server, image["id"].as_str().unwrap()).await;
        let path = format!("/v2/images/{}", image["id"].as_str().unwrap());
        assert_eq!(raw.call(Method::GET, "image", &path, Value::Null).await.0, 404);
    }
    let path = format!("/volumes/{}", volume.as_str().unwrap());
    assert_eq!(raw.call(Method::DELETE, "volumev3", &path, Value::Null).await.0, 202);
    admin.call(Method::DELETE, "compute", &format!("/flavors/{}", huge.as_str().unwrap()), Value::Null).await;
}

/// Somebody switches a machine off in the vCenter.
async fn power_off(vcenter: &Vcenter, machine: &str) {
    let client = reqwest::Client::builder().no_proxy().danger_accept_invalid_certs(true).build().unwrap();
    let manager = "<_this type=\"SessionManager\">SessionManager</_this>";
    let login = format!(
        "<Login xmlns=\"urn:vim25\">{manager}<userName>{USER}</userName><password>{PASSWORD}</password></Login>"
    );
    let off = "<PowerOffVM_Task xmlns=\"urn:vim25\"><_this type=\"VirtualMachine\">MACHINE</_this></PowerOffVM_Task>";
    let mut cookie = String::new();
    for body in [login, off.replace("MACHINE", machine)] {
        let envelope = "http://schemas.xmlsoap.org/soap/envelope/";
        let text = format!("<e:Envelope xmlns:e=\"{envelope}\"><e:Body>{body}</e:Body></e:Envelope>");
        let request = client.post(&vcenter.url).header("content-type", "text/xml").header("cookie", &cookie);
        let answer = request.body(text).send().await.unwrap();
        if let Some(set) = answer.headers().get("set-cookie") {
            cookie = set.to_str().unwrap().split(';').next().unwrap().to_owned();
        }
        assert_eq!(answer.status(), 200, "{}", answer.text().await.unwrap());
    }
}

/// Registered, and deleted with its registration.
async fn delete_image(server: &TestServer, cloud_id: &str) {
    let images = format!("/user/{}/images/", server.environment_id());
    let body = json!({
        "cloudPlatform": "openstack", "cloudLocation": "RegionOne", "cloudImageId": cloud_id, "architecture": "x86_64",
        "os": { "id": "other-linux" },
    });
    let made = server.post(&images, body).await.data(201);
    let one = format!("{images}{}/", made["id"].as_str().unwrap());
    assert_eq!(server.delete(&format!("{one}?deleteFromCloud=true")).await.status, 204);
    assert_eq!(server.get(&one).await.error(404), "ObjectNotFound");
}

#[tokio::test]
async fn a_server_is_changed_on_vsphere() {
    let vcenter = Vcenter::start(&["-template", "1"]);
    let server = TestServer::start().await;
    let place = farms::vsphere(&server, &vcenter).await;
    let medium = place.first(&server, "instance-types", "medium").await;
    let scene = Scene::launch(server, place, "changed").await;
    assert_eq!(scene.get("operations/").await, json!([]), "nothing was asked for");

    // A machine that runs gets another size only with hot add, which the simulator's template has not.
    let to = json!({ "instanceType": { "id": medium } });
    let failure = scene.fails("change-instance-type", to.clone()).await;
    let expected = "the machine cannot get another size while it is on or suspended";
    assert_eq!((&failure["class"], &failure["summary"]), (&json!("permanent"), &json!(expected)), "{failure:#}");
    power_off(&vcenter, &scene.cloud_id).await;
    scene.server.post(&format!("{}actions/sync/", scene.path), json!({})).await.data(200);
    all(&scene.server, &scene.farm, 1, "suspended").await;
    scene.done("change-instance-type", to).await;
    let now = scene.get("").await;
    assert_eq!((&now["status"], &now["instanceType"]["id"]), (&json!("suspended"), &json!(medium)));
    let there = machines(&scene.server, &scene.place, "changed").await;
    assert_eq!(
        (&there[0]["vcpus"], &there[0]["memoryMib"], &there[0]["powerState"]),
        (&json!(4), &json!(4096), &json!("off"))
    );
    scene.server.post(&format!("{}actions/resume/", scene.path), json!({})).await.data(200);
    all(&scene.server, &scene.farm, 1, "running").await;

    let disks = async || scene.get("details/").await["disks"].as_array().unwrap().clone();
    let before = disks().await;
    let added = scene.done("add-disk", json!({ "sizeGib": 1, "provisioning": "thick" })).await["result"]["id"].clone();
    let now = disks().await;
    let new: Vec<_> = now.iter().filter(|it| !before.contains(it)).collect();
    assert_eq!((new.len(), &new[0]["id"], &new[0]["sizeBytes"]), (1, &added, &json!(1u64 << 30)), "{now:#?}");
    scene.done("extend-disk", json!({ "disk": { "id": added }, "sizeGib": 2 })).await;
    assert!(disks().await.iter().any(|it| it["id"] == added && it["sizeBytes"] == json!(2u64 << 30)));
    let smaller = scene.fails("extend-disk", json!({ "disk": { "id": added }, "sizeGib": 1 })).await;
    assert!(smaller["evidence"][0].as_str().unwrap().contains("never gets smaller"), "{smaller:#}");
    scene.done("remove-disk", json!({ "disk": { "id": added } })).await;
    assert_eq!(disks().await, before);
    let wrong = scene.refused("add-disk", json!({ "sizeGib": 0 }), 400).await;
    assert_eq!(wrong["code"], "InvalidValue");

    // Two at once: one after the other.
    let first = scene.ask("snapshot", json!({ "name": "one" })).await;
    let second = scene.ask("snapshot", json!({ "name": "two" })).await;
    let (first, second) = (scene.ended(&first).await, scene.ended(&second).await);
    assert_eq!((&first["status"], &second["status"]), (&json!("done"), &json!("done")), "{first:#} {second:#}");
    let snapshots = scene.get("snapshots/").await;
    assert_eq!(snapshots[1]["parent"], snapshots[0]["id"], "{snapshots:#}");
    let output = scene.server.get(&format!("{}console-output/", scene.path)).await;
    assert_eq!(output.error(409), "UnacceptableObjectConfiguration");
    let other = scene.refused("add-floating-ip", json!({ "pool": { "id": "1" } }), 409).await;
    assert_eq!(other["code"], "UnacceptableObjectConfiguration");

    scene.terminate("changed").await;
    let events = scene.events().await;
    for event in ["ResizeFailed", "ResizeComplete", "DiskAdded", "DiskExtended", "DiskRemoved", "SnapshotCreated"] {
        assert!(events.iter().any(|it| it == event), "{event}: {events:?}");
    }
}

/// Nova refuses a locked server to all but administrators, with the words of one that is busy.
#[tokio::test]
async fn an_operation_that_never_ends_is_given_up() {
    let cloud = dev_clouds::openstack();
    let raw = Raw::new(&cloud, "demo").await;
    let name = format!("stuck{}", std::process::id());
    let toml = "allowed_cloud_networks = [\"127.0.0.0/8\", \"::1/128\"]\noperation_limit = \"2s\"\n";
    let server = TestServer::with(toml).await;
    let place = farms::openstack(&server, &cloud, "demo").await;
    let place = farms::on_private(&server, place).await;
    let small = place.first(&server, "instance-types", "m1.small").await;
    let scene = Scene::launch(server, place, &name).await;
    let act = format!("/servers/{}/action", scene.cloud_id);
    assert_eq!(raw.call(Method::POST, "compute", &act, json!({ "lock": null })).await.0, 202);

    let stuck = scene.ask("change-instance-type", json!({ "instanceType": { "id": small } })).await;
    scene.server.post(&format!("{}actions/suspend/", scene.path), json!({})).await.data(200);
    let ended = scene.ended(&stuck).await;
    let failure = &ended["failure"];
    assert_eq!((&ended["status"], &failure["class"]), (&json!("failed"), &json!("failed")), "{ended:#}");
    assert_eq!(failure["summary"], "the cloud did not finish this within 2s");
    assert!(failure["evidence"][0].as_str().unwrap().contains("is locked"), "{failure:#}");
    let time = |key: &str| ended[key].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    assert!(time("ended").duration_since(time("started")).as_secs() >= 2, "{ended:#}");

    // What waited goes on.
    assert_eq!(raw.call(Method::POST, "compute", &act, json!({ "unlock": null })).await.0, 202);
    all(&scene.server, &scene.farm, 1, "suspended").await;
    scene.server.post(&format!("{}actions/terminate/", scene.farm), json!({ "force": false })).await.data(200);
    gone(&scene.server, &scene.farm).await;
    assert!(scene.events().await.iter().any(|it| it == "ResizeFailed"));
}

/// Only of the primary network of OpenStack, and only what is known.
#[tokio::test]
async fn a_wrong_floating_ip_pool_is_refused() {
    let cloud = dev_clouds::openstack();
    let server = TestServer::start().await;
    let mut place = farms::openstack(&server, &cloud, "demo").await;
    let role = role(&server, "pool", &[&place]).await;
    let farm = farm(&server, json!({ "name": "pool" })).await;
    let features = json!({ "type": "OpenstackNetworkCloudFeatures", "floatingIpPool": { "id": "p" } });
    for (networks, expected) in [
        (json!([{ "id": "a" }, { "id": "b", "cloudFeatures": features }]), "InvalidValue"),
        (json!([{ "id": "a", "cloudFeatures": features }, { "id": "b", "primary": true }]), "InvalidValue"),
        (
            json!([{ "id": "a", "cloudFeatures": { "type": "Other", "floatingIpPool": { "id": "p" } } }]),
            "InvalidStructure",
        ),
        (
            json!([{ "id": "a", "cloudFeatures": { "type": features["type"], "floatingIpPool": { "id": "" } } }]),
            "InvalidValue",
        ),
    ] {
        place.needs["networking"] = json!({ "networks": networks });
        let answer = server.post(&format!("{farm}farm-roles/"), tier("web", role, &place)).await;
        assert_eq!(answer.error(400), expected, "{networks}");
    }
    place.needs["networking"] =
        json!({ "networks": [{ "id": "a" }, { "id": "b", "primary": true, "cloudFeatures": features }] });
    let made = server.post(&format!("{farm}farm-roles/"), tier("web", role, &place)).await.data(201);
    assert_eq!(made["networking"]["networks"][1]["cloudFeatures"], features, "{made:#}");
}
