//! What is asked of servers on vSphere alone.

use dev_clouds::Vcenter;
use serde_json::{Value, json};

use crate::{
    farms::{self, machines},
    operations::Scene,
    support::TestServer,
};

#[tokio::test]
async fn a_server_becomes_an_image_on_vsphere() {
    let vcenter = Vcenter::start(&["-template", "1"]);
    let server = TestServer::start().await;
    let place = farms::vsphere(&server, &vcenter).await;
    let scene = Scene::launch(server, place, "golden").await;
    let made = scene.done("create-template", json!({ "name": "web base" })).await;
    let expected = json!({ "name": "web base", "folder": null, "datastore": null });
    assert_eq!((&made["kind"], &made["parameters"]), (&json!("createTemplate"), &expected), "{made:#}");
    let template = made["result"]["id"].clone();
    assert_ne!(template, json!(scene.cloud_id));

    // The list of templates is read anew.
    let images = format!("/user/{}/images/", scene.server.environment_id());
    let body = json!({
        "cloudPlatform": "vmware", "cloudLocation": scene.place.location, "cloudImageId": template,
        "architecture": "x86_64", "os": { "id": "other-linux" },
    });
    let image = scene.server.post(&images, body).await.data(201);
    assert_eq!(image["name"], "web base", "{image:#}");

    let failure = scene.fails("create-template", json!({ "name": "web base" })).await;
    let expected = "the folder has something of this name already";
    assert_eq!((&failure["class"], &failure["summary"]), (&json!("permanent"), &json!(expected)), "{failure:#}");
    let long = "x".repeat(81);
    for wrong in [json!({ "name": " " }), json!({ "name": long }), json!({ "name": "x", "folder": { "id": "" } })] {
        assert_eq!(scene.refused("create-template", wrong.clone(), 400).await["code"], "InvalidValue", "{wrong}");
    }
    assert_eq!(scene.refused("create-template", json!({}), 400).await["code"], "InvalidStructure");

    // It stays when the server goes.
    scene.terminate("golden").await;
    assert_eq!(machines(&scene.server, &scene.place, "golden").await, Vec::<Value>::new());
    let events = scene.events().await;
    for event in ["TemplateCreated", "CreateTemplateFailed"] {
        assert!(events.iter().any(|it| it == event), "{event}: {events:?}");
    }
    assert_eq!(scene.place.first(&scene.server, "cloud-images", "web%20base").await, template.as_str().unwrap());
}
