//! What is asked of servers on vSphere alone.

use dev_clouds::Vcenter;
use serde_json::{Value, json};

use crate::{
    farms::{self, machines},
    operations::Scene,
    support::TestServer,
};

#[tokio::test]
async fn the_machine_of_a_server_is_set_on_vsphere() {
    let vcenter = Vcenter::start(&["-template", "1", "-pool", "1"]);
    let server = TestServer::start().await;
    let place = farms::vsphere(&server, &vcenter).await;
    let scene = Scene::launch(server, place, "set").await;
    let custom = json!({ "level": "custom", "shares": 6000 });
    let cpu = json!({ "shares": custom, "reservationMhz": 500, "limitMhz": 4000 });
    let asked = json!({ "cpu": cpu, "memory": { "shares": { "level": "high" } } });
    let done = scene.done("set-allocation", asked).await;
    assert_eq!((&done["kind"], &done["parameters"]["cpu"]), (&json!("setAllocation"), &cpu), "{done:#}");
    let details = scene.get("details/").await;
    let memory = json!({ "shares": { "level": "high", "shares": null }, "reservationMib": 0, "limitMib": -1 });
    assert_eq!((&details["cpuAllocation"], &details["memoryAllocation"]), (&cpu, &memory), "{details:#}");
    scene.done("set-allocation", json!({ "cpu": { "limitMhz": -1 } })).await;
    assert_eq!(scene.get("details/").await["cpuAllocation"]["limitMhz"], -1);
    scene.done("set-allocation", json!({ "memory": { "limitMib": 512 } })).await;
    let failure = scene.fails("set-allocation", json!({ "memory": { "reservationMib": 513 } })).await;
    let expected = "the reservation is more than the limit";
    assert_eq!((&failure["class"], &failure["summary"]), (&json!("permanent"), &json!(expected)), "{failure:#}");
    for wrong in [
        json!({}),
        json!({ "cpu": {}, "memory": {} }),
        json!({ "cpu": { "limitMhz": 0 } }),
        json!({ "cpu": { "limitMhz": -2 } }),
        json!({ "cpu": { "limitMhz": 10, "reservationMhz": 11 } }),
        json!({ "memory": { "reservationMib": u64::MAX } }),
        json!({ "memory": { "shares": { "level": "custom" } } }),
        json!({ "memory": { "shares": { "level": "custom", "shares": 0 } } }),
        json!({ "memory": { "shares": { "level": "high", "shares": 5 } } }),
    ] {
        assert_eq!(scene.refused("set-allocation", wrong.clone(), 400).await["code"], "InvalidValue", "{wrong}");
    }
    let unknown = json!({ "cpu": { "shares": { "level": "most" } } });
    assert_eq!(scene.refused("set-allocation", unknown, 400).await["code"], "InvalidStructure");

    let host = scene.place.first(&scene.server, "hosts", "DC0_C0_H1").await;
    let asked = json!({ "host": { "id": host }, "resourcePool": null, "datastore": null });
    let done = scene.done("relocate", json!({ "host": { "id": host } })).await;
    assert_eq!((&done["kind"], &done["parameters"]), (&json!("relocate"), &asked), "{done:#}");
    for wrong in [json!({}), json!({ "host": { "id": "" } })] {
        assert_eq!(scene.refused("relocate", wrong.clone(), 400).await["code"], "InvalidValue", "{wrong}");
    }
    let other = json!({ "host": { "id": scene.place.first(&scene.server, "hosts", "DC0_H0").await },
                        "resourcePool": { "id": scene.place.first(&scene.server, "resource-pools", "DC0_C0_RP1").await } });
    let failure = scene.fails("relocate", other).await;
    let expected = "the host and the resource pool are of two clusters";
    assert_eq!((&failure["class"], &failure["summary"]), (&json!("permanent"), &json!(expected)), "{failure:#}");

    let iso = json!({ "iso": "[LocalDS_0] iso/debian.ISO" });
    assert_eq!(scene.done("connect-cdrom", iso.clone()).await["parameters"], iso);
    assert_eq!(scene.get("details/").await["cdrom"], iso["iso"]);
    assert_eq!(scene.done("disconnect-cdrom", json!({})).await["parameters"], json!({}));
    scene.done("set-change-tracking", json!({ "enabled": true })).await;
    let details = scene.get("details/").await;
    assert_eq!((&details["cdrom"], &details["changeTracking"]), (&Value::Null, &json!(true)), "{details:#}");
    for wrong in ["a.iso", "[] a.iso", "[ds]a.iso", "[ds] ", "[ds] vm/vm-flat.vmdk", "[ds] ../a.iso", "[ds] /a.iso", ""]
    {
        assert_eq!(
            scene.refused("connect-cdrom", json!({ "iso": wrong }), 400).await["code"],
            "InvalidValue",
            "{wrong}"
        );
    }

    let asked = json!({ "maxConnections": null, "lockGuest": true });
    assert_eq!(scene.done("set-remote-console", json!({ "lockGuest": true })).await["parameters"], asked);
    assert_eq!(scene.get("details/").await["remoteConsole"], asked);
    for wrong in [json!({}), json!({ "maxConnections": 0 }), json!({ "maxConnections": 41, "lockGuest": false })] {
        assert_eq!(scene.refused("set-remote-console", wrong.clone(), 400).await["code"], "InvalidValue", "{wrong}");
    }

    let usb = json!({ "device": "path:1/0/3" });
    let failure = scene.fails("connect-usb", usb.clone()).await;
    let expected = "the host of the machine has no such USB device that is free";
    assert_eq!((&failure["class"], &failure["summary"]), (&json!("permanent"), &json!(expected)), "{failure:#}");
    assert_eq!(scene.done("disconnect-usb", usb.clone()).await["parameters"], usb);
    assert_eq!(scene.get("details/").await["usbDevices"], json!([]));
    assert_eq!(scene.refused("connect-usb", json!({ "device": "" }), 400).await["code"], "InvalidValue");

    let raw = |lun: &str, compatibility: &str| json!({ "lun": lun, "compatibility": compatibility });
    let failure = scene.fails("add-raw-disk", raw("naa.6000", "physical")).await;
    let expected = "the host of the machine tells too little of its LUNs";
    assert_eq!((&failure["class"], &failure["summary"]), (&json!("permanent"), &json!(expected)), "{failure:#}");
    assert_eq!(scene.refused("add-raw-disk", raw("", "virtual"), 400).await["code"], "InvalidValue");
    assert_eq!(scene.refused("add-raw-disk", raw("naa.6000", "raw"), 400).await["code"], "InvalidStructure");

    scene.terminate("set").await;
    let events = scene.events().await;
    let of_devices = ["CdromConnected", "CdromDisconnected", "ChangeTrackingSet", "RemoteConsoleSet"];
    let of_place = ["Relocated", "RelocateFailed", "UsbDisconnected", "ConnectUsbFailed", "AddRawDiskFailed"];
    for event in ["AllocationSet", "SetAllocationFailed"].into_iter().chain(of_devices).chain(of_place) {
        assert!(events.iter().any(|it| it == event), "{event}: {events:?}");
    }
}

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
