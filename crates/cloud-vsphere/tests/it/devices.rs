//! CD drives of servers, and whether their changed blocks are tracked.

use cloud::{
    CloudError,
    operation::{Operation, Progress},
};

use crate::{
    operation_responders::{machine_with, operate, sent},
    operations::Scene,
    server_responders::Scene as Answers,
};

fn connect(iso: &str) -> Operation {
    Operation::ConnectCdrom { iso: iso.to_owned() }
}

#[tokio::test]
async fn an_iso_is_put_into_the_drive_and_taken_out() {
    let mut scene = Scene::start().await;
    assert_eq!(scene.details().await.cdrom, None);
    let nothing = scene.operate(1, &Operation::DisconnectCdrom, None).await.unwrap();
    assert_eq!(nothing, Progress::Done(None), "none has one");
    for (id, iso) in [(2, "[LocalDS_0] iso/a & b.iso"), (3, "[LocalDS_0] c.iso")] {
        assert_eq!(scene.done(id, &connect(iso)).await, None);
        assert_eq!(scene.details().await.cdrom.as_deref(), Some(iso));
        // The answer was lost.
        assert_eq!(scene.operate(id, &connect(iso), None).await.unwrap(), Progress::Done(None));
    }
    assert_eq!(scene.done(4, &Operation::DisconnectCdrom).await, None);
    assert_eq!(scene.details().await.cdrom, None);
    let again = scene.operate(4, &Operation::DisconnectCdrom, None).await.unwrap();
    assert_eq!(again, Progress::Done(None));
    scene.power_off().await;
    scene.done(5, &connect("[LocalDS_0] c.iso")).await;

    let key = scene.device("VirtualCdrom").await;
    let remove = format!(
        "<deviceChange><operation>remove</operation><device xsi:type=\"VirtualCdrom\"><key>{key}</key></device>\
         </deviceChange>"
    );
    scene.reconfigure(&remove).await;
    let text = scene.refused(&connect("[LocalDS_0] c.iso")).await;
    assert!(text.starts_with("web/1% has no CD drive"), "{text}");
}

fn drive(key: u32, unit: u32, backing: &str, connectable: &str) -> String {
    format!(
        "<VirtualDevice xsi:type=\"VirtualCdrom\"><key>{key}</key><deviceInfo><label>a &amp; b</label><summary>\
         ISO</summary></deviceInfo>{backing}{connectable}<controllerKey>200</controllerKey><unitNumber>{unit}</unitNumber></VirtualDevice>"
    )
}

fn connectable(start: bool, now: bool) -> String {
    format!(
        "<connectable><startConnected>{start}</startConnected><allowGuestControl>true</allowGuestControl><connected>{now}\
         </connected></connectable>"
    )
}

fn iso(file: &str) -> String {
    format!("<backing xsi:type=\"VirtualCdromIsoBackingInfo\"><fileName>{file}</fileName></backing>")
}

/// In the order of the elements on which a vCenter insists.
#[tokio::test]
async fn the_request_for_a_drive_is_complete_responder() {
    let passthrough = "<backing xsi:type=\"VirtualCdromRemotePassthroughBackingInfo\"><deviceName></deviceName>\
                       <useAutoDetect>false</useAutoDetect><exclusive>false</exclusive></backing>";
    let request = async |power_state: &str, drives: &[String], operation: Operation| {
        let devices = format!("<val xsi:type=\"ArrayOfVirtualDevice\">{}</val>", drives.concat());
        let properties = [("config.hardware.device", devices.as_str())];
        let scene = Answers::default().with("VirtualMachine", &machine_with(power_state, &properties));
        let progress = operate(&scene.start().await, &operation, None).await.unwrap();
        let sent = sent(&scene);
        match progress {
            Progress::Done(None) => assert_eq!(sent, ""),
            Progress::UnderWay(Some(_)) => {}
            other => panic!("{other:?}"),
        }
        sent.replace("<ReconfigVM_Task xmlns=\"urn:vim25\"><_this type=\"VirtualMachine\">vm-9</_this>", "")
            .replace("</ReconfigVM_Task>", "")
    };
    let edit = |key: u32, unit: u32, backing: &str, is_connected: bool| {
        format!(
            "<deviceChange><operation>edit</operation><device xsi:type=\"VirtualCdrom\"><key>{key}</key>\
             <deviceInfo><label>a &amp; b</label><summary></summary></deviceInfo>{backing}{}<controllerKey>200</controllerKey><unitNumber>{unit}</unitNumber></device></deviceChange>",
            connectable(is_connected, is_connected)
        )
    };
    // The first on the bus, whatever the order of the devices.
    let empty = [drive(3001, 1, passthrough, ""), drive(3000, 0, passthrough, "")];
    let expected = format!("<spec>{}</spec>", edit(3000, 0, &iso("[a &amp; b] c.iso"), true));
    assert_eq!(request("poweredOn", &empty, connect("[a & b] c.iso")).await, expected);
    // The one that has it, but is not connected.
    let has = |start: bool, now: bool| {
        [drive(3000, 0, passthrough, ""), drive(3001, 1, &iso("[a] c.iso"), &connectable(start, now))]
    };
    let expected = format!("<spec>{}</spec>", edit(3001, 1, &iso("[a] c.iso"), true));
    for drives in [has(true, false), has(false, true)] {
        assert_eq!(request("poweredOn", &drives, connect("[a] c.iso")).await, expected);
    }
    assert_eq!(request("poweredOn", &has(true, true), connect("[a] c.iso")).await, "");
    assert_eq!(request("poweredOff", &has(true, false), connect("[a] c.iso")).await, "", "from its next start on");
    assert_eq!(request("poweredOff", &has(false, false), connect("[a] c.iso")).await, expected);
    let both = [drive(3000, 0, &iso("[a] b.iso"), ""), drive(3001, 1, &iso("[a] c.iso"), "")];
    let expected = format!("<spec>{}{}</spec>", edit(3000, 0, passthrough, false), edit(3001, 1, passthrough, false));
    assert_eq!(request("poweredOn", &both, Operation::DisconnectCdrom).await, expected);
}

#[tokio::test]
async fn changed_blocks_are_tracked_or_not() {
    let scene = Scene::start().await;
    let set = |enabled| Operation::SetChangeTracking { enabled };
    assert_eq!(scene.details().await.change_tracking, Some(false));
    assert_eq!(scene.operate(1, &set(false), None).await.unwrap(), Progress::Done(None), "as it is");
    for (id, enabled) in [(2, true), (3, false)] {
        assert_eq!(scene.done(id, &set(enabled)).await, None);
        assert_eq!(scene.details().await.change_tracking, Some(enabled));
        assert_eq!(scene.operate(id, &set(enabled), None).await.unwrap(), Progress::Done(None));
    }
}

#[tokio::test]
async fn a_machine_that_is_too_old_tracks_nothing_responder() {
    let no = "<val xsi:type=\"xsd:boolean\">false</val>";
    let scene = Answers::default()
        .with("VirtualMachine", &machine_with("poweredOn", &[("capability.changeTrackingSupported", no)]));
    let err = operate(&scene.start().await, &Operation::SetChangeTracking { enabled: true }, None).await.unwrap_err();
    assert!(matches!(&err, CloudError::Refused(text) if text.starts_with("web is too old")), "{err:?}");
    assert_eq!(sent(&scene), "");
}
