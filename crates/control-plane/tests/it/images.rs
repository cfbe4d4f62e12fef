use dev_clouds::Vcenter;
use serde_json::{Value, json};

use crate::{
    openstack,
    support::{TestServer, eventually},
    users::account,
    vsphere,
};

/// A body of an image of OpenStack, as it is registered where no cloud is asked.
pub fn image(name: &str, location: &str) -> Value {
    json!({
        "name": name, "cloudPlatform": "openstack", "cloudLocation": location, "cloudImageId": format!("glance {name}"),
        "architecture": "x86_64", "os": { "id": "debian-12" },
    })
}

fn with(mut body: Value, changes: Value) -> Value {
    body.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    body
}

fn without(mut body: Value, key: &str) -> Value {
    body.as_object_mut().unwrap().remove(key);
    body
}

/// The lists of an installation, an account and an environment.
pub fn scopes(server: &TestServer, noun: &str) -> [String; 3] {
    let (account, environment) = (server.account_id(), server.environment_id());
    [format!("/global/{noun}/"), format!("/account/{account}/{noun}/"), format!("/user/{environment}/{noun}/")]
}

#[tokio::test]
async fn an_image_lives_and_dies() {
    let server = TestServer::start().await;
    let [_, all, of_environment] = scopes(&server, "images");
    let body = with(image("debian", "RegionOne"), json!({ "size": 4, "cloudInitInstalled": true }));
    let made = server.post(&all, body).await.data(201);
    let expected = json!({
        "id": made["id"], "name": "debian", "cloudPlatform": "openstack", "cloudLocation": "RegionOne",
        "cloudImageId": "glance debian", "architecture": "x86_64", "os": { "id": "debian-12" }, "size": 4,
        "scope": "account", "status": "active", "source": "Manual", "cloudInitInstalled": true,
        "scalrAgentInstalled": false, "deprecated": false, "added": made["added"], "lastUsed": null,
        "cloudFeatures": { "type": "OpenstackImageCloudFeatures", "sourceType": "image" },
    });
    assert_eq!(made, expected);
    let path = format!("{all}{}/", made["id"].as_str().unwrap());
    let changed = server.patch(&path, json!({ "name": "Debian 12", "deprecated": true })).await.data(200);
    assert_eq!(changed, with(expected, json!({ "name": "Debian 12", "deprecated": true })));
    assert_eq!(server.get(&path).await.data(200), changed);
    let below = format!("{of_environment}{}/", made["id"].as_str().unwrap());
    assert_eq!(server.get(&below).await.data(200), changed, "visible below");
    for (filter, is_found) in [
        ("deprecated=true", true),
        ("deprecated=false", false),
        ("cloudPlatform=openstack&cloudLocation=RegionOne", true),
        ("cloudPlatform=openstack&cloudLocation=RegionTwo", false),
        ("os=debian-12&architecture=x86_64&status=active&source=Manual&scope=account", true),
        ("scope=scalr", false),
        ("scope=environment", false),
        ("status=failed", false),
        ("nameContains=DEB", true),
        ("scalrAgentInstalled=true", false),
        ("cloudInitInstalled=true&sort=-added", true),
    ] {
        let found = server.get(&format!("{of_environment}?{filter}")).await.data(200);
        assert_eq!(found, if is_found { json!([changed]) } else { json!([]) }, "{filter}");
    }
    for filter in ["deprecated=maybe", "scope=farm"] {
        assert_eq!(server.get(&format!("{all}?{filter}")).await.error(400), "InvalidValue", "{filter}");
    }
    assert_eq!(server.get(&format!("{all}?cloudLocation=RegionOne")).await.error(400), "InvalidStructure");
    let topic = server.get(&format!("/account/{}/audit/?objectType=images", server.account_id())).await;
    assert_eq!(topic.data(200)[0]["action"], "images.update");
    let refused = server.delete(&format!("{path}?deleteFromCloud=true")).await;
    assert_eq!(refused.error(409), "UnacceptableState", "an account has no credentials of an environment");
    assert_eq!(server.delete(&path).await.status, 204);
    assert_eq!(server.get(&path).await.error(404), "ObjectNotFound");
}

#[tokio::test]
async fn wrong_input_is_refused() {
    let server = TestServer::start().await;
    let [_, all, _] = scopes(&server, "images");
    let good = image("good", "RegionOne");
    for key in ["name", "cloudPlatform", "cloudLocation", "cloudImageId", "architecture", "os"] {
        let answer = server.post(&all, without(good.clone(), key)).await;
        assert_eq!(answer.error(400), "InvalidStructure", "{key}");
    }
    for (changes, code) in [
        (json!({ "cloudPlatform": "ec2" }), "InvalidValue"),
        (json!({ "architecture": "sparc" }), "InvalidValue"),
        (json!({ "os": { "id": "minix-1" } }), "InvalidValue"),
        (json!({ "size": -1 }), "InvalidValue"),
        (json!({ "id": "x" }), "InvalidStructure"),
        (json!({ "type": "hvm" }), "InvalidStructure"),
        (json!({ "cloudFeatures": { "type": "VmwareImageCloudFeatures" } }), "InvalidValue"),
        (
            json!({ "cloudFeatures": { "type": "OpenstackImageCloudFeatures", "sourceType": "snapshot" } }),
            "InvalidValue",
        ),
        (
            json!({ "cloudFeatures": { "type": "OpenstackImageCloudFeatures", "vCenterHost": "vc" } }),
            "InvalidStructure",
        ),
    ] {
        let answer = server.post(&all, with(good.clone(), changes.clone())).await;
        assert_eq!(answer.error(400), code, "{changes}");
    }
    assert_eq!(server.get(&all).await.data(200), json!([]));
    let made = server.post(&all, good.clone()).await.data(201);
    let path = format!("{all}{}/", made["id"].as_str().unwrap());
    for key in ["cloudImageId", "os", "size", "scope", "status"] {
        assert_eq!(server.patch(&path, json!({ key: made[key] })).await.error(400), "InvalidStructure", "{key}");
    }
}

#[tokio::test]
async fn each_scope_has_its_own_and_sees_what_is_above() {
    let server = TestServer::start().await;
    let [global, account_images, of_environment] = scopes(&server, "images");
    let shared = server.post(&global, image("shared", "RegionOne")).await.data(201);
    let twice = server.post(&account_images, image("shared", "RegionOne")).await;
    assert_eq!(twice.error(409), "UnicityViolation");
    let message = twice.body["errors"][0]["message"].as_str().unwrap();
    assert!(message.contains("at Scalr scope"), "{message}");
    server.post(&account_images, image("shared", "RegionTwo")).await.data(201);
    let own = server.post(&account_images, image("own", "RegionOne")).await.data(201);
    let other = account(&server, "Other").await;
    let others = format!("/account/{other}/images/");
    server.post(&others, image("own", "RegionOne")).await.data(201);
    let names = async |path: &str| {
        let listed = server.get(&format!("{path}?sort=name")).await.data(200);
        listed.as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(&global).await, ["shared"]);
    assert_eq!(names(&account_images).await, ["own", "shared", "shared"]);
    assert_eq!(names(&of_environment).await, ["own", "shared", "shared"]);
    assert_eq!(names(&others).await, ["own", "shared"]);
    let id = |it: &Value| it["id"].as_str().unwrap().to_owned();
    for (path, expected) in [
        (format!("{others}{}/", id(&own)), (404, "ObjectNotFound")),
        (format!("{global}{}/", id(&own)), (404, "ObjectNotFound")),
        (format!("{of_environment}{}/", id(&own)), (403, "ScopeViolation")),
        (format!("{account_images}{}/", id(&shared)), (403, "ScopeViolation")),
    ] {
        assert_eq!(server.patch(&path, json!({ "name": "x" })).await.error(expected.0), expected.1, "{path}");
        assert_eq!(server.delete(&path).await.error(expected.0), expected.1, "{path}");
    }
}

#[tokio::test]
async fn in_an_environment_the_image_must_be_in_its_cloud() {
    let server = TestServer::start().await;
    let [_, _, all] = scopes(&server, "images");
    let body = |id: &str| with(image("x", "RegionOne"), json!({ "cloudImageId": id }));
    assert_eq!(server.post(&all, body("a")).await.error(409), "NotEnabledPlatform");
    let cloud = dev_clouds::openstack();
    openstack::linked(&server, &cloud).await;
    let region = format!("/user/{}/clouds/openstack/cloud-locations/RegionOne/", server.environment_id());
    let tiny = server.get(&format!("{region}cloud-images/?name=tiny&maxAge=0")).await.data(200)[0].clone();
    let id = tiny["id"].as_str().unwrap();
    let nowhere = with(body(id), json!({ "cloudLocation": "Nowhere" }));
    assert_eq!(server.post(&all, nowhere).await.error(404), "ObjectNotFound");

    // A read of the last second is of now.
    tokio::time::sleep(std::time::Duration::from_millis(1500)).await;
    let before = openstack::cloud_calls(&server).await;
    let absent = server.post(&all, body("00000000-0000-0000-0000-000000000000")).await;
    assert_eq!(absent.error(409), "ObjectNotFoundOnCloud");
    assert!(absent.body["errors"][0]["remedy"].as_str().unwrap().contains("cloud-images/"), "{:#}", absent.body);
    assert!(openstack::cloud_calls(&server).await > before, "the cloud is asked before it is said to have none");

    let made = server.post(&all, without(body(id), "name")).await.data(201);
    let bytes = tiny["attributes"]["virtualSizeBytes"].as_i64().or(tiny["capacityBytes"].as_i64()).unwrap();
    assert!(bytes > 0, "{tiny:#}");
    assert_eq!((&made["name"], &made["scope"]), (&json!("tiny"), &json!("environment")));
    assert_eq!(made["size"], json!((bytes + (1 << 30) - 1) >> 30), "{tiny:#}");
    let twice = server.post(&all, body(id)).await;
    assert_eq!(twice.error(409), "UnicityViolation");
    assert!(twice.body["errors"][0]["message"].as_str().unwrap().contains("in this environment"), "{:#}", twice.body);
    let path = format!("{all}{}/", made["id"].as_str().unwrap());
    assert_eq!(server.delete(&path).await.status, 204);
    let named = server.post(&all, with(body(id), json!({ "size": 7 }))).await.data(201);
    assert_eq!((&named["name"], &named["size"]), (&json!("x"), &json!(7)));
}

#[tokio::test]
async fn templates_tell_their_vcenter() {
    let vcenter = Vcenter::start(&["-template", "1"]);
    let server = TestServer::start().await;
    let (account_id, environment) = (server.account_id(), server.environment_id());
    let made = vsphere::create(&server, &vcenter, "vc").await;
    let link = format!("/account/{account_id}/environments/{environment}/clouds/vmware/");
    server.post(&link, json!({ "id": made["id"] })).await.data(200);
    let clouds = format!("/user/{environment}/clouds/vmware/cloud-locations/");
    let location = server.get(&clouds).await.data(200)[0].clone();
    let at = format!("{clouds}{}/", location["cloudLocation"].as_str().unwrap());
    let template = server.get(&format!("{at}cloud-images/?maxAge=0")).await.data(200)[0].clone();
    let [global, _, all] = scopes(&server, "images");
    let body = json!({
        "cloudPlatform": "vmware", "cloudLocation": location["cloudLocation"], "cloudImageId": template["id"],
        "architecture": "x86_64", "os": { "id": "other-linux" },
    });
    let features = |host: &str| json!({ "cloudFeatures": { "type": "VmwareImageCloudFeatures", "vCenterHost": host } });
    assert_eq!(server.post(&all, with(body.clone(), features("x"))).await.error(400), "InvalidStructure");
    let made = server.post(&all, body.clone()).await.data(201);
    assert_eq!(made["name"], template["name"]);
    assert!(location["vcenter"].is_string(), "{location:#}");
    assert_eq!(
        made["cloudFeatures"],
        json!({ "type": "VmwareImageCloudFeatures", "vCenterHost": location["vcenter"] })
    );
    let elsewhere =
        with(with(body.clone(), features("vc.example")), json!({ "name": "t", "cloudLocation": "elsewhere" }));
    let elsewhere = server.post(&global, elsewhere).await.data(201);
    assert_eq!(elsewhere["cloudFeatures"]["vCenterHost"], "vc.example");

    // It goes with its registration, unless somebody else has one.
    let one = format!("{all}{}/?deleteFromCloud=true", made["id"].as_str().unwrap());
    let same = with(body, json!({ "name": "same" }));
    let other = account(&server, "other").await;
    let foreign = format!("/account/{other}/images/");
    let foreign = format!("{foreign}{}/", server.post(&foreign, same).await.data(201)["id"].as_str().unwrap());
    assert_eq!(server.delete(&one).await.error(409), "ObjectInUse");
    server.delete(&foreign).await;
    assert_eq!(server.delete(&one).await.status, 204);
    // A read of the last second is of now.
    let list = format!("{at}cloud-images/?maxAge=0");
    eventually(async || (server.get(&list).await.data(200) == json!([])).then_some(())).await;
    let audit = server.get(&format!("/account/{account_id}/audit/?objectType=images")).await.data(200);
    let told: Vec<_> = audit.as_array().unwrap().iter().take(2).map(|it| (&it["action"], &it["objectId"])).collect();
    let expected =
        [(&json!("images.delete"), &made["id"]), (&json!("images.delete-from-cloud"), &made["cloudImageId"])];
    assert_eq!(told, expected);
}

#[tokio::test]
async fn operating_systems_are_the_same_everywhere() {
    let server = TestServer::start().await;
    for all in scopes(&server, "os") {
        let listed = server.get(&all).await.data(200);
        assert!(listed.as_array().unwrap().len() > 30, "{listed}");
        let ubuntu = server.get(&format!("{all}?family=ubuntu&generation=24.04")).await.data(200);
        let expected = json!({
            "id": "ubuntu-24-04", "name": "Ubuntu 24.04 LTS", "family": "ubuntu", "generation": "24.04",
            "version": "24.04",
        });
        assert_eq!(ubuntu, json!([expected]));
        assert_eq!(server.get(&format!("{all}ubuntu-24-04/")).await.data(200), expected);
        assert_eq!(server.get(&format!("{all}minix/")).await.error(404), "ObjectNotFound");
    }
}
