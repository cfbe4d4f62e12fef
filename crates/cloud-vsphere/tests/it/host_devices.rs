//! Devices of hosts that are given to servers.

use cloud::{
    CloudError,
    operation::{Operation, Progress},
};

use crate::{
    operation_responders::{machine_with, operate, sent},
    operations::Scene,
    responder::{Reply, answer, fault},
    server_responders::Scene as Answers,
};

fn connect(device: &str) -> Operation {
    Operation::ConnectUsb { device: device.to_owned() }
}

fn disconnect(device: &str) -> Operation {
    Operation::DisconnectUsb { device: device.to_owned() }
}

/// Its hosts have none.
#[tokio::test]
async fn a_usb_device_is_asked_for_and_taken_away() {
    let mut scene = Scene::start().await;
    let text = scene.refused(&connect("path:1/0/3")).await;
    assert_eq!(text, "the host of web/1% has no USB device \"path:1/0/3\"; it has none that is free");
    assert_eq!(scene.operate(1, &disconnect("path:1/0/3"), None).await.unwrap(), Progress::Done(None));

    let add = |key: i32, path: &str| {
        format!(
            "<deviceChange><operation>add</operation><device xsi:type=\"VirtualUSB\"><key>{key}</key>\
             <backing xsi:type=\"VirtualUSBUSBBackingInfo\"><deviceName>{path} version:2</deviceName></backing>\
             <connected>true</connected></device></deviceChange>"
        )
    };
    scene.reconfigure(&format!("{}{}", add(-1, "path:1/0/3"), add(-2, "path:1/0/31"))).await;
    assert_eq!(scene.details().await.usb_devices, ["path:1/0/3 version:2", "path:1/0/31 version:2"]);
    // The answer was lost.
    let connected = scene.operate(2, &connect("path:1/0/3"), None).await.unwrap();
    assert_eq!(connected, Progress::Done(None));
    assert_eq!(scene.done(3, &disconnect("path:1/0/3")).await, None);
    assert_eq!(scene.details().await.usb_devices, ["path:1/0/31 version:2"]);
    assert_eq!(scene.operate(3, &disconnect("path:1/0/3"), None).await.unwrap(), Progress::Done(None));
}

const BROWSER: (&str, &str) =
    ("environmentBrowser", "<val xsi:type=\"ManagedObjectReference\" type=\"EnvironmentBrowser\">envbrowser-7</val>");
const HOST: (&str, &str) =
    ("runtime.host", "<val xsi:type=\"ManagedObjectReference\" type=\"HostSystem\">host-5</val>");

fn devices(inside: &str) -> String {
    format!("<val xsi:type=\"ArrayOfVirtualDevice\">{inside}</val>")
}

fn on_host(properties: &[(&str, &str)]) -> Answers {
    let properties: Vec<_> = [BROWSER, HOST].iter().chain(properties).copied().collect();
    Answers::default().with("VirtualMachine", &machine_with("poweredOn", &properties))
}

/// In the order of the elements of a `VirtualMachineConfigSpec`.
fn changes(scene: &Answers) -> String {
    let sent = sent(scene);
    let begin = "<ReconfigVM_Task xmlns=\"urn:vim25\"><_this type=\"VirtualMachine\">vm-9</_this><spec>";
    let inside = sent.strip_prefix(begin).and_then(|it| it.strip_suffix("</spec></ReconfigVM_Task>"));
    inside.unwrap_or_else(|| panic!("{sent}")).to_owned()
}

fn usb() -> Reply {
    let usb = |path: &str, description: &str, more: &str| {
        format!(
            "<usb><name>{path} version:2</name><description>{description}</description><vendor>1</vendor><product>2\
             </product><physicalPath>{path}</physicalPath>{more}</usb>"
        )
    };
    let used = |by: &str| format!("<summary><vm type=\"VirtualMachine\">{by}</vm></summary>");
    let inside = [
        "<numCpus>2</numCpus>".to_owned(),
        usb("path:1/0/3", "Keys & locks", "").replace('&', "&amp;"),
        usb("path:1/0/4", "Stick", &used("vm-8")),
        usb("path:1/0/5", "Disk", &used("vm-9")),
    ];
    answer("QueryConfigTarget", &format!("<returnval>{}</returnval>", inside.concat()))
}

#[tokio::test]
async fn a_usb_device_of_the_host_is_connected_responder() {
    let controller = |kind: &str, key: u32| {
        format!("<VirtualDevice xsi:type=\"{kind}\"><key>{key}</key><busNumber>0</busNumber></VirtualDevice>")
    };
    let add = |key: &str, device: &str| {
        format!(
            "<deviceChange><operation>add</operation><device xsi:type=\"VirtualUSB\"><key>-1</key>\
             <backing xsi:type=\"VirtualUSBUSBBackingInfo\"><deviceName>{device}</deviceName></backing><connectable>\
             <startConnected>true</startConnected><allowGuestControl>false</allowGuestControl><connected>true</connected>\
             </connectable><controllerKey>{key}</controllerKey><connected>true</connected></device></deviceChange>"
        )
    };
    let xhci = "<deviceChange><operation>add</operation><device xsi:type=\"VirtualUSBXHCIController\"><key>-102</key>\
                <busNumber>0</busNumber><autoConnectDevices>false</autoConnectDevices></device></deviceChange>";
    let both = controller("VirtualUSBController", 7000) + &controller("VirtualUSBXHCIController", 14000);
    for (inside, device, expected) in [
        (String::new(), "path:1/0/3", format!("{xhci}{}", add("-102", "path:1/0/3"))),
        (controller("VirtualUSBController", 7000), "path:1/0/5", add("7000", "path:1/0/5")),
        (both, "path:1/0/3 version:2", add("14000", "path:1/0/3 version:2")),
    ] {
        let devices = devices(&inside);
        let scene = on_host(&[("config.hardware.device", &devices)]).reply("QueryConfigTarget", usb);
        let progress = operate(&scene.start().await, &connect(device), None).await.unwrap();
        assert!(matches!(progress, Progress::UnderWay(Some(_))), "{progress:?}");
        assert_eq!(changes(&scene), expected);
    }
}

#[tokio::test]
async fn a_usb_device_that_is_not_there_or_not_free_is_refused_responder() {
    let devices = devices("");
    let scene = on_host(&[("config.hardware.device", &devices)]).reply("QueryConfigTarget", usb);
    let refused = async |device: &str| match operate(&scene.start().await, &connect(device), None).await {
        Err(CloudError::Refused(text)) => text,
        other => panic!("{other:?}"),
    };
    let expected = "the host of web has no USB device \"vid:1\"; it has \"path:1/0/3 version:2\" (Keys & locks), \
                    \"path:1/0/5 version:2\" (Disk)";
    assert_eq!(refused("vid:1").await, expected);
    let expected = "the USB device \"path:1/0/4\" (Stick) is used by another machine than web";
    assert_eq!(refused("path:1/0/4").await, expected);
    assert_eq!(sent(&scene), "");
}

/// The vCenter knows whether there is such a device.
#[tokio::test]
async fn a_usb_device_is_left_to_a_vcenter_that_does_not_tell_responder() {
    let devices = devices("");
    let properties = [("config.hardware.device", devices.as_str())];
    let silent = Answers::default().with("VirtualMachine", &machine_with("poweredOn", &properties));
    let closed =
        on_host(&properties).reply("QueryConfigTarget", || fault("NoPermission", "Permission was denied.", ""));
    for scene in [silent, closed] {
        let progress = operate(&scene.start().await, &connect("path:9"), None).await.unwrap();
        assert!(matches!(progress, Progress::UnderWay(Some(_))), "{progress:?}");
        assert!(changes(&scene).contains("<deviceName>path:9</deviceName>"));
    }
    let broken = on_host(&properties).reply("QueryConfigTarget", || fault("SystemError", "It broke.", ""));
    operate(&broken.start().await, &connect("path:9"), None).await.unwrap_err();
    assert_eq!(sent(&broken), "");
}
