//! Devices of hosts that are given to servers.

use cloud::{
    Cloud, CloudError,
    operation::{Compatibility, Operation, Progress},
};

use crate::{
    operation_responders::{ID, machine_with, operate, sent},
    operations::Scene,
    responder::{Reply, answer, fault},
    server_responders::{Scene as Answers, location, object},
    support::{config, connect as connected},
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

fn add_raw(lun: &str, compatibility: Compatibility) -> Operation {
    Operation::AddRawDisk { lun: lun.to_owned(), compatibility }
}

/// It tells nothing of LUNs.
#[tokio::test]
async fn a_lun_of_which_too_little_is_told_is_refused() {
    let scene = Scene::start().await;
    let err = scene.operate(1, &add_raw("naa.1", Compatibility::Virtual), None).await.unwrap_err();
    let expected = "does not tell enough of the LUNs of the host of web/1%: which have a datastore on them";
    assert!(matches!(&err, CloudError::Refused(text) if text.contains(expected)), "{err:?}");
    assert_eq!(scene.details().await.disks.len(), 1);
}

fn luns() -> Reply {
    let lun = |name: &str, disk: &str, more: &str| {
        format!(
            "<scsiDisk><name>{name}</name><capacity>1</capacity>{more}<disk><deviceName>/vmfs/devices/disks/{name}\
             </deviceName><deviceType>disk</deviceType><uuid>02{name}</uuid><canonicalName>{name}</canonicalName>\
             <lunType>disk</lunType><capacity><blockSize>512</blockSize><block>4194304</block></capacity>{disk}</disk>\
             </scsiDisk>"
        )
    };
    let inside = [
        "<numCpus>2</numCpus>".to_owned(),
        lun("naa.1", "<localDisk>false</localDisk>", ""),
        lun("naa.2", "", "<vm type=\"VirtualMachine\">vm-8</vm>"),
        lun("naa.3", "<localDisk>true</localDisk>", ""),
        lun("naa.4", "<vsanDiskInfo><vsanUuid>u</vsanUuid></vsanDiskInfo>", ""),
        lun("naa.5", "", ""),
        lun("naa.6", "", ""),
    ];
    answer("QueryConfigTarget", &format!("<returnval>{}</returnval>", inside.concat()))
}

/// With one disk, and a datastore on `naa.5`.
fn with_luns() -> Answers {
    let devices = devices(
        "<VirtualDevice xsi:type=\"ParaVirtualSCSIController\"><key>1000</key><busNumber>0</busNumber></VirtualDevice>\
         <VirtualDevice xsi:type=\"VirtualDisk\"><key>2000</key><deviceInfo><label>Hard disk 1</label><summary>s</summary>\
         </deviceInfo><backing xsi:type=\"VirtualDiskRawDiskMappingVer1BackingInfo\"><fileName>[a] web/web.vmdk</fileName>\
         <deviceName>/vmfs/devices/disks/naa.2</deviceName><compatibilityMode>physicalMode</compatibilityMode></backing>\
         <controllerKey>1000</controllerKey><unitNumber>0</unitNumber><capacityInKB>1048576</capacityInKB></VirtualDevice>",
    );
    let mounts = "<val xsi:type=\"ArrayOfHostFileSystemMountInfo\"><HostFileSystemMountInfo><volume \
                  xsi:type=\"HostVmfsVolume\"><type>VMFS</type><name>a</name><extent><diskName>naa.5</diskName>\
                  <partition>1</partition></extent></volume></HostFileSystemMountInfo><HostFileSystemMountInfo><volume \
                  xsi:type=\"HostNasVolume\"><type>NFS</type><name>b</name></volume></HostFileSystemMountInfo></val>";
    let path = "<val xsi:type=\"xsd:string\">[a] web/web.vmx</val>";
    on_host(&[("config.hardware.device", &devices), ("config.files.vmPathName", path)])
        .with("HostSystem", &object("HostSystem", "host-5", &[("config.fileSystemVolume.mountInfo", mounts)]))
        .reply("QueryConfigTarget", luns)
}

#[tokio::test]
async fn a_lun_that_is_free_becomes_a_disk_responder() {
    for (compatibility, words) in [
        (Compatibility::Physical, ("physicalMode", "independent_persistent")),
        (Compatibility::Virtual, ("virtualMode", "persistent")),
    ] {
        let scene = with_luns();
        let progress = operate(&scene.start().await, &add_raw("naa.1", compatibility), None).await.unwrap();
        assert!(matches!(progress, Progress::UnderWay(Some(_))), "{progress:?}");
        let (compatibility, mode) = words;
        let expected = format!(
            "<deviceChange><operation>add</operation><fileOperation>create</fileOperation><device \
             xsi:type=\"VirtualDisk\"><key>-1</key><backing xsi:type=\"VirtualDiskRawDiskMappingVer1BackingInfo\">\
             <fileName>[a]</fileName><deviceName>/vmfs/devices/disks/naa.1</deviceName><compatibilityMode>{compatibility}\
             </compatibilityMode><diskMode>{mode}</diskMode></backing><controllerKey>1000</controllerKey><unitNumber>1\
             </unitNumber><capacityInKB>2097152</capacityInKB><capacityInBytes>2147483648</capacityInBytes></device>\
             </deviceChange><extraConfig><key>stackyard.disk.{ID}</key><value xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\" \
             xsi:type=\"xsd:string\">scsi0:1</value></extraConfig>"
        );
        assert_eq!(changes(&scene), expected);
    }
}

#[tokio::test]
async fn a_lun_that_is_not_there_or_not_free_is_refused_responder() {
    let scene = with_luns();
    for (lun, expected) in [
        ("naa.9", "the host of web has no LUN \"naa.9\"; it has naa.1, naa.6"),
        ("naa.2", "the LUN naa.2 is a disk of a machine already; choose another for web"),
        ("naa.3", "the LUN naa.3 is a disk of the host itself; choose another for web"),
        ("naa.4", "the LUN naa.4 is a disk of the host itself; choose another for web"),
        ("naa.5", "the LUN naa.5 has a datastore of the host on it; choose another for web"),
    ] {
        let err = operate(&scene.start().await, &add_raw(lun, Compatibility::Virtual), None).await.unwrap_err();
        assert!(matches!(&err, CloudError::Refused(text) if text == expected), "{err:?}");
    }
    // Whatever is not told may be in the way.
    let untold = with_luns().with("HostSystem", &object("HostSystem", "host-5", &[]));
    let closed = with_luns().reply("QueryConfigTarget", || fault("NoPermission", "Permission was denied.", ""));
    let silent =
        with_luns().with("VirtualMachine", &machine_with("poweredOn", &[("config.hardware.device", &devices(""))]));
    for scene in [&untold, &closed, &silent] {
        operate(&scene.start().await, &add_raw("naa.1", Compatibility::Virtual), None).await.unwrap_err();
        assert_eq!(sent(scene), "");
    }
    assert_eq!(sent(&scene), "");
}

/// Its file says which LUN it is, and goes; nothing is sent that is about the LUN's bytes.
#[tokio::test]
async fn a_lun_is_shown_and_its_size_is_left_alone_responder() {
    let scene = with_luns();
    let responder = scene.start().await;
    let details = connected(config(&responder.url, &[])).details(&location(), "vm-9").await.unwrap();
    assert_eq!(details.disks[0].raw_device.as_deref(), Some("/vmfs/devices/disks/naa.2"));
    let extend = Operation::ExtendDisk { disk: "2000".to_owned(), size_gib: 2 };
    let err = operate(&responder, &extend, None).await.unwrap_err();
    let expected = "Hard disk 1 of web is a LUN, whose size is its storage's to change";
    assert!(matches!(&err, CloudError::Refused(text) if text == expected), "{err:?}");
    assert_eq!(sent(&scene), "");
    operate(&responder, &Operation::RemoveDisk { disk: "2000".to_owned() }, None).await.unwrap();
    let changes = changes(&scene);
    let begin = "<deviceChange><operation>remove</operation><fileOperation>destroy</fileOperation><device \
                 xsi:type=\"VirtualDisk\"><key>2000</key>";
    assert!(changes.starts_with(begin) && changes.matches("<deviceChange>").count() == 1, "{changes}");
}
