//! What the simulator lacks of operations on servers: tasks that take time or fail, files of snapshots, screens, and
//! users who may not do everything.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicBool, Ordering},
};

use cloud::{
    Cloud, CloudError,
    operation::{Details, Operation, Progress, Provisioning, Target},
    server::{Order, ServerSpec, Size},
};
use uuid::Uuid;

use crate::{
    responder::{Reply, Responder, answer, fault, vcenter},
    server_responders::{MARK, Scene, failed, info, location, machine, object, order, spec},
    support::{config, connect},
};

pub const ID: Uuid = Uuid::from_u128(5);

const TASKS: &str = "<val xsi:type=\"ArrayOfManagedObjectReference\"><ManagedObjectReference type=\"Task\">task-1\
                     </ManagedObjectReference></val>";

const SIZE: [(&str, &str); 3] = [
    ("config.hardware.numCPU", "<val xsi:type=\"xsd:int\">1</val>"),
    ("config.hardware.numCoresPerSocket", "<val xsi:type=\"xsd:int\">1</val>"),
    ("config.hardware.memoryMB", "<val xsi:type=\"xsd:int\">512</val>"),
];

/// The machine of other tests, with more properties.
pub fn machine_with(power_state: &str, properties: &[(&str, &str)]) -> String {
    let more: String =
        properties.iter().map(|(name, val)| format!("<propSet><name>{name}</name>{val}</propSet>")).collect();
    machine(power_state, "ready").replace("</objects>", &format!("{more}</objects>"))
}

fn resize() -> Operation {
    Operation::Resize { size: Size::Custom { vcpus: 2, cores_per_socket: 1, memory_mib: 1024 } }
}

pub async fn operate(
    responder: &Responder,
    operation: &Operation,
    order: Option<&Order>,
) -> Result<Progress, CloudError> {
    let target = Target { location: location(), cloud_id: "vm-9".to_owned(), mark: MARK };
    connect(config(&responder.url, &[])).operate(&target, ID, operation, order).await
}

async fn details(scene: &Scene) -> Details {
    connect(config(&scene.start().await.url, &[])).details(&location(), "vm-9").await.unwrap()
}

/// What was sent to change something, without the envelope.
pub fn sent(scene: &Scene) -> String {
    let sent = scene.sent.lock().unwrap().join("");
    sent.split("<Body>").nth(1).unwrap_or_default().split("</Body>").next().unwrap().to_owned()
}

#[tokio::test]
async fn a_task_that_takes_time_is_waited_for_responder() {
    let scene = Scene::default()
        .with("Task", &info("running", "<progress>45</progress>"))
        .with("VirtualMachine", &machine_with("poweredOff", &SIZE));
    let under_way = Progress::UnderWay(Some(order()));
    assert_eq!(operate(&scene.start().await, &resize(), Some(&order())).await.unwrap(), under_way);
    assert_eq!(sent(&scene), "");

    let failed = scene.clone().with("Task", &failed("NoDiskSpace", "Insufficient disk space on datastore 'ds1'."));
    let snapshot = Operation::Snapshot { name: "s".to_owned(), description: String::new() };
    for (operation, method) in [(resize(), "ReconfigVM_Task"), (snapshot, "CreateSnapshot_Task")] {
        let progress = operate(&failed.start().await, &operation, Some(&order())).await.unwrap();
        let Progress::Failed { message } = progress else { panic!("{progress:?}") };
        let expected =
            format!("Insufficient disk space on datastore 'ds1' (NoDiskSpace) [{method} at http://127.0.0.1:");
        assert!(message.starts_with(&expected) && message.ends_with("opID stackyard-abc-9]"), "{message}");
    }

    let ended = scene.with("Task", &info("success", ""));
    let progress = operate(&ended.start().await, &resize(), Some(&order())).await.unwrap();
    let Progress::Failed { message } = progress else { panic!("{progress:?}") };
    assert!(message.starts_with("task-1 (ReconfigVM_Task) succeeded, and web is not as it was asked"), "{message}");
    assert_eq!(sent(&ended), "");
}

/// The answer of an earlier call was lost; its task does not tell whose it is.
#[tokio::test]
async fn nothing_begins_while_a_machine_is_at_work_responder() {
    let mut properties = SIZE.to_vec();
    properties.push(("recentTask", TASKS));
    let scene = Scene::default().with("VirtualMachine", &machine_with("poweredOff", &properties));
    let at_work = scene.clone().with("Task", &info("queued", ""));
    let err = operate(&at_work.start().await, &resize(), None).await.unwrap_err();
    let expected = "web (vm-9) is at work: VirtualMachine.clone, queued";
    assert!(matches!(&err, CloudError::Conflict(text) if text == expected), "{err:?}");
    // A task vanished between the two reads.
    let err = operate(&scene.start().await, &resize(), None).await.unwrap_err();
    assert!(matches!(err, CloudError::Conflict(_)), "{err:?}");
    assert_eq!(sent(&scene), "");

    let idle = scene.with("Task", &info("success", ""));
    let progress = operate(&idle.start().await, &resize(), None).await.unwrap();
    assert!(matches!(&progress, Progress::UnderWay(Some(order)) if order.id == "task-2"), "{progress:?}");
    let expected = "<ReconfigVM_Task xmlns=\"urn:vim25\"><_this type=\"VirtualMachine\">vm-9</_this><spec>\
                    <numCPUs>2</numCPUs><memoryMB>1024</memoryMB></spec></ReconfigVM_Task>";
    assert_eq!(sent(&idle), expected);
}

#[tokio::test]
async fn what_a_vcenter_refuses_at_once_is_told_responder() {
    let err = async |reply: fn() -> Reply| {
        let scene = Scene::default().with("VirtualMachine", &machine_with("poweredOff", &SIZE));
        operate(&scene.reply("ReconfigVM_Task", reply).start().await, &resize(), None).await.unwrap_err()
    };
    let refused = err(|| fault("CpuHotPlugNotSupported", "CPU hot plug is not supported.", "")).await;
    assert!(matches!(&refused, CloudError::Refused(text) if text.contains("(CpuHotPlugNotSupported)")), "{refused:?}");
    let busy = err(|| fault("TaskInProgress", "Another task is already in progress.", "")).await;
    assert!(matches!(&busy, CloudError::Conflict(text) if text.contains("(TaskInProgress)")), "{busy:?}");
}

/// The snapshot was made, and somebody removed it before it was asked for.
#[tokio::test]
async fn a_snapshot_is_named_by_its_task_responder() {
    let result = "<result xsi:type=\"ManagedObjectReference\" type=\"VirtualMachineSnapshot\">snapshot-3</result>";
    let scene =
        Scene::default().with("VirtualMachine", &machine("poweredOn", "ready")).with("Task", &info("success", result));
    let snapshot = Operation::Snapshot { name: "a & b".to_owned(), description: "why\n".to_owned() };
    let progress = operate(&scene.start().await, &snapshot, Some(&order())).await.unwrap();
    assert_eq!(progress, Progress::Done(Some("snapshot-3".to_owned())));
    assert_eq!(sent(&scene), "");
    operate(&scene.start().await, &snapshot, None).await.unwrap();
    let expected = format!(
        "<CreateSnapshot_Task xmlns=\"urn:vim25\"><_this type=\"VirtualMachine\">vm-9</_this><name>a &amp; b</name>\
         <description>why\nstackyard {ID}</description><memory>false</memory><quiesce>false</quiesce>\
         </CreateSnapshot_Task>"
    );
    assert_eq!(sent(&scene), expected);
}

const DEVICES: &str = "<val xsi:type=\"ArrayOfVirtualDevice\"><VirtualDevice xsi:type=\"VirtualLsiLogicController\">\
                       <key>1000</key><busNumber>0</busNumber><scsiCtlrUnitNumber>7</scsiCtlrUnitNumber></VirtualDevice>\
                       <VirtualDevice xsi:type=\"VirtualDisk\"><key>2000</key><deviceInfo xsi:type=\"Description\">\
                       <label>Hard disk 1</label><summary>1 KB</summary></deviceInfo><backing \
                       xsi:type=\"VirtualDiskFlatVer2BackingInfo\"><fileName>[a &amp; b] web/web-000001.vmdk</fileName>\
                       <datastore type=\"Datastore\">datastore-4</datastore><diskMode>persistent</diskMode></backing>\
                       <controllerKey>1000</controllerKey><unitNumber>0</unitNumber><capacityInKB>1048576</capacityInKB>\
                       </VirtualDevice><VirtualDevice xsi:type=\"VirtualCdrom\"><key>3000</key>\
                       <controllerKey>1000</controllerKey><unitNumber>1</unitNumber></VirtualDevice></val>";

/// In the order of the elements on which a vCenter insists, which the simulator does not.
#[tokio::test]
async fn requests_about_disks_are_complete_responder() {
    let home = "<val xsi:type=\"xsd:string\">[a &amp; [b]] web/web.vmx</val>";
    let request = async |devices: &str, operation: Operation| {
        let properties = [("config.hardware.device", devices), ("config.files.vmPathName", home)];
        let scene = Scene::default().with("VirtualMachine", &machine_with("poweredOn", &properties));
        let progress = operate(&scene.start().await, &operation, None).await.unwrap();
        assert!(matches!(progress, Progress::UnderWay(Some(_))), "{progress:?}");
        let sent = sent(&scene);
        let begin = "<ReconfigVM_Task xmlns=\"urn:vim25\"><_this type=\"VirtualMachine\">vm-9</_this><spec>";
        let inside = sent.strip_prefix(begin).and_then(|it| it.strip_suffix("</spec></ReconfigVM_Task>"));
        inside.unwrap_or_else(|| panic!("{sent}")).to_owned()
    };
    let entry = |value: &str| {
        format!(
            "<extraConfig><key>stackyard.disk.{ID}</key><value xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\" \
             xsi:type=\"xsd:string\">{value}</value></extraConfig>"
        )
    };
    let new = |controller: i32, unit: u32, thin: bool, eager: bool| {
        format!(
            "<deviceChange><operation>add</operation><fileOperation>create</fileOperation><device \
             xsi:type=\"VirtualDisk\"><key>-1</key><backing xsi:type=\"VirtualDiskFlatVer2BackingInfo\">\
             <fileName>[a &amp; [b]]</fileName><diskMode>persistent</diskMode><thinProvisioned>{thin}</thinProvisioned>\
             <eagerlyScrub>{eager}</eagerlyScrub></backing><controllerKey>{controller}</controllerKey>\
             <unitNumber>{unit}</unitNumber><capacityInKB>2097152</capacityInKB>\
             <capacityInBytes>2147483648</capacityInBytes></device></deviceChange>"
        )
    };
    let add = |provisioning| Operation::AddDisk { size_gib: 2, provisioning };
    // The CD drive has the next place.
    assert_eq!(request(DEVICES, add(Provisioning::Thin)).await, new(1000, 2, true, false) + &entry("scsi0:2"));
    let none = "<val xsi:type=\"ArrayOfVirtualDevice\"></val>";
    let bus = "<deviceChange><operation>add</operation><device xsi:type=\"ParaVirtualSCSIController\"><key>-101</key>\
               <busNumber>0</busNumber><hotAddRemove>true</hotAddRemove><sharedBus>noSharing</sharedBus>\
               <scsiCtlrUnitNumber>7</scsiCtlrUnitNumber></device></deviceChange>";
    let expected = bus.to_owned() + &new(-101, 0, false, true) + &entry("scsi0:0");
    assert_eq!(request(none, add(Provisioning::EagerZeroedThick)).await, expected);

    let disk = |kib: u64| {
        format!(
            "<device xsi:type=\"VirtualDisk\"><key>2000</key><deviceInfo><label>Hard disk 1</label><summary></summary>\
             </deviceInfo><backing xsi:type=\"VirtualDiskFlatVer2BackingInfo\"><fileName>[a &amp; b] web/web-000001.vmdk\
             </fileName><datastore type=\"Datastore\">datastore-4</datastore><diskMode>persistent</diskMode></backing>\
             <controllerKey>1000</controllerKey><unitNumber>0</unitNumber><capacityInKB>{kib}</capacityInKB>\
             <capacityInBytes>{}</capacityInBytes></device></deviceChange>",
            kib << 10
        )
    };
    let extend = Operation::ExtendDisk { disk: "2000".to_owned(), size_gib: 2 };
    let expected = format!("<deviceChange><operation>edit</operation>{}", disk(2097152));
    assert_eq!(request(DEVICES, extend).await, expected);
    let remove = Operation::RemoveDisk { disk: "2000".to_owned() };
    let expected = format!(
        "<deviceChange><operation>remove</operation><fileOperation>destroy</fileOperation>{}{}",
        disk(1048576),
        entry("removed")
    );
    assert_eq!(request(DEVICES, remove).await, expected);
}

/// `a` and, made from it, `b` and `c`; the machine goes on from `b`.
const TREE: &str = "<val xsi:type=\"VirtualMachineSnapshotInfo\"><currentSnapshot type=\"VirtualMachineSnapshot\">\
                    snapshot-2</currentSnapshot><rootSnapshotList><snapshot type=\"VirtualMachineSnapshot\">snapshot-1\
                    </snapshot><name>a</name><description></description><createTime>2026-11-01T10:00:00.5Z</createTime>\
                    <state>poweredOff</state><childSnapshotList><snapshot type=\"VirtualMachineSnapshot\">snapshot-2\
                    </snapshot><name>b</name><description>x</description><createTime>2026-11-02T10:00:00Z</createTime>\
                    <state>poweredOn</state></childSnapshotList><childSnapshotList><snapshot \
                    type=\"VirtualMachineSnapshot\">snapshot-3</snapshot><name>c</name><description></description>\
                    <createTime>never</createTime><state>suspended</state></childSnapshotList></rootSnapshotList></val>";

fn chain(disk: u32, units: &[&[u32]]) -> String {
    let keys = |unit: &&[u32]| unit.iter().map(|it| format!("<fileKey>{it}</fileKey>")).collect::<String>();
    let units: String = units.iter().map(|it| format!("<chain>{}</chain>", keys(it))).collect();
    format!("<disk><key>{disk}</key>{units}</disk>")
}

#[tokio::test]
async fn a_snapshot_has_the_size_of_what_was_written_since_responder() {
    let file =
        |key: u32, size: u64| format!("<file><key>{key}</key><name>f</name><type>t</type><size>{size}</size></file>");
    let of = |id: u32, data: u32, memory: i32, disk: &str| {
        format!(
            "<snapshot><key type=\"VirtualMachineSnapshot\">snapshot-{id}</key><dataKey>{data}</dataKey>\
             <memoryKey>{memory}</memoryKey>{disk}</snapshot>"
        )
    };
    let sizes = [(1, 1), (2, 1000), (3, 2), (4, 20), (5, 4), (6, 40), (7, 1 << 40), (11, 100), (12, 200), (13, 400)];
    let files: String = sizes.iter().map(|(key, size)| file(*key, *size)).collect();
    let layout = format!(
        "<val xsi:type=\"VirtualMachineFileLayoutEx\">{files}{}{}{}{}{}</val>",
        chain(2000, &[&[1, 2], &[3, 4], &[5, 6]]),
        // Added since: none of the snapshots needs it.
        chain(2001, &[&[7]]),
        of(1, 11, -1, &chain(2000, &[&[1, 2]])),
        of(2, 12, 13, &chain(2000, &[&[1, 2], &[3, 4]])),
        // Its own files are not told.
        of(3, 14, -1, &chain(2000, &[&[1, 2], &[3, 4]])),
    );
    let properties = [("config.hardware.device", DEVICES), ("snapshot", TREE), ("layoutEx", layout.as_str())];
    let scene = Scene::default().with("VirtualMachine", &machine_with("poweredOn", &properties));
    let found = details(&scene).await;
    let seen: Vec<_> = found
        .snapshots
        .iter()
        .map(|it| (it.name.as_str(), it.parent.as_deref(), it.status.as_str(), it.size_bytes))
        .collect();
    let first = Some("snapshot-1");
    assert_eq!(
        seen,
        [
            ("a", None, "poweredOff", Some(100 + 2 + 20)),
            ("b", first, "poweredOn", Some(200 + 400 + 4 + 40)),
            ("c", first, "suspended", None)
        ]
    );
    assert_eq!(found.snapshots[0].created_at.unwrap().to_string(), "2026-11-01T10:00:00.5Z");
    assert_eq!((found.snapshots[2].created_at, found.snapshots[1].description.as_deref()), (None, Some("x")));
    let [disk] = found.disks.try_into().unwrap();
    assert_eq!((disk.id.as_str(), disk.name.as_str()), ("2000", "Hard disk 1"));
    assert_eq!((disk.size_bytes, disk.provisioning), (Some(1 << 30), None), "not told");
    assert_eq!(disk.place.as_deref(), Some("[a & b] web/web-000001.vmdk"));

    // A snapshot needs the file that the disk began with.
    let remove = Operation::RemoveDisk { disk: "2000".to_owned() };
    let err = operate(&scene.start().await, &remove, None).await.unwrap_err();
    assert!(
        matches!(&err, CloudError::Refused(text) if text.contains("a snapshot of web needs Hard disk 1")),
        "{err:?}"
    );
    // Which files it has is not told.
    let untold = [("config.hardware.device", DEVICES), ("snapshot", TREE)];
    let scene = Scene::default().with("VirtualMachine", &machine_with("poweredOn", &untold));
    assert!(matches!(operate(&scene.start().await, &remove, None).await.unwrap_err(), CloudError::Refused(_)));
    assert_eq!(details(&scene).await.snapshots[0].size_bytes, None);
    assert_eq!(sent(&scene), "");
}

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\x00\xff";

async fn picture(
    power_state: &'static str,
    reply: impl Fn() -> Reply + Send + Sync + 'static,
) -> (Result<Vec<u8>, CloudError>, Responder) {
    let scene = Scene::default().with("VirtualMachine", &machine(power_state, "ready"));
    let responder = Responder::start(move |method, body| match method {
        "Login" => {
            let Reply::Text(_, text) = scene.answer(method, body) else { panic!() };
            Reply::Bytes("Set-Cookie: vmware_soap_session=\"abc\"; Path=/; HttpOnly\r\n", text.into_bytes())
        }
        _ if method.starts_with("/screen") => reply(),
        _ => scene.answer(method, body),
    })
    .await;
    let outcome = connect(config(&responder.url, &[])).console_picture(&location(), "vm-9").await;
    (outcome, responder)
}

#[tokio::test]
async fn the_screen_is_a_picture_responder() {
    let (outcome, responder) = picture("poweredOn", || Reply::Bytes("Content-Type: image/png\r\n", PNG.to_vec())).await;
    assert_eq!(outcome.unwrap(), PNG);
    assert_eq!(responder.count("/screen?id=vm-9"), 1);
    let head = responder.heads.lock().unwrap().last().unwrap().clone();
    assert!(head.starts_with("get /screen?id=vm-9 ") && head.contains("cookie: vmware_soap_session=\"abc\""), "{head}");

    let (outcome, responder) = picture("suspended", || Reply::Bytes("", PNG.to_vec())).await;
    let err = outcome.unwrap_err();
    assert!(matches!(&err, CloudError::Conflict(text) if text.contains("web (vm-9) is suspended")), "{err:?}");
    assert_eq!(responder.count("/screen?id=vm-9"), 0);
}

#[tokio::test]
async fn a_screen_that_is_not_shown_says_why_responder() {
    let refused = async |status: u16| picture("poweredOn", move || Reply::Text(status, "<h1>no</h1>".to_owned())).await;
    for status in [401, 403] {
        let (outcome, responder) = refused(status).await;
        let err = outcome.unwrap_err();
        let expected = "the screen of web needs the privilege VirtualMachine.Interact.ConsoleInteract: HTTP";
        assert!(matches!(&err, CloudError::Forbidden(text) if text.starts_with(expected)), "{err:?}");
        assert!(
            err.to_string().contains(&format!("HTTP {status}: \"<h1>no</h1>\" [/screen at http://127.0.0.1:")),
            "{err}"
        );
        // A session may have ended, which is tried once.
        let n_tries = if status == 401 { 2 } else { 1 };
        assert_eq!((responder.count("/screen?id=vm-9"), responder.count("Login")), (n_tries, n_tries));
    }
    let (outcome, _) = refused(404).await;
    let err = outcome.unwrap_err();
    assert!(matches!(&err, CloudError::NotFound(text) if text.contains("no picture of the screen of web")), "{err:?}");
    let (outcome, _) = refused(500).await;
    assert!(matches!(outcome.unwrap_err(), CloudError::Service { .. }));
    let (outcome, _) = picture("poweredOn", || Reply::Text(200, "<html>log in".to_owned())).await;
    let err = outcome.unwrap_err();
    assert!(err.to_string().contains("is no PNG but begins with \"<html>log in\""), "{err}");
    let (outcome, responder) = picture("poweredOn", || Reply::Long("x".to_owned(), 100 << 20)).await;
    assert!(matches!(outcome.unwrap_err(), CloudError::Service { .. }));
    assert!(responder.n_bytes() < 20 << 20, "{} bytes were read", responder.n_bytes());

    let is_first = AtomicBool::new(true);
    let (outcome, _) = picture("poweredOn", move || match is_first.swap(false, Ordering::Relaxed) {
        true => Reply::Text(401, String::new()),
        false => Reply::Bytes("", PNG.to_vec()),
    })
    .await;
    assert_eq!(outcome.unwrap(), PNG, "the session had ended");
}

pub fn with_attributes() -> Reply {
    let Reply::Text(status, text) = vcenter("RetrieveServiceContent") else { panic!() };
    let manager = "<customFieldsManager type=\"CustomFieldsManager\">CustomFieldsManager</customFieldsManager>";
    Reply::Text(status, text.replace("</returnval>", &format!("{manager}</returnval>")))
}

pub fn definition(key: u32, name: &str, kind: &str) -> String {
    format!(
        "<CustomFieldDef><key>{key}</key><name>{name}</name><type>string</type><managedObjectType>{kind}\
         </managedObjectType></CustomFieldDef>"
    )
}

pub fn definitions(inside: &str) -> String {
    let field = format!("<val xsi:type=\"ArrayOfCustomFieldDef\">{inside}</val>");
    object("CustomFieldsManager", "CustomFieldsManager", &[("field", &field)])
}

/// Does the step in which attributes are set; returns the changes that were sent.
async fn mark(scene: &Scene, metadata: &[(&str, &str)]) -> (Result<bool, CloudError>, Vec<String>) {
    let responder = scene.start().await;
    let metadata = metadata.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let spec = ServerSpec { metadata: metadata.collect::<BTreeMap<_, _>>(), ..spec() };
    let cloud = connect(config(&responder.url, &[]));
    let [found] = cloud.find_servers(&location(), MARK, None).await.unwrap().try_into().unwrap();
    let outcome = cloud.advance(&spec, &found).await;
    let called = responder.called.lock().unwrap().clone();
    let changes = ["AddCustomFieldDef", "SetField", "ReconfigVM_Task"];
    (outcome, called.into_iter().filter(|it| changes.contains(&it.as_str())).collect())
}

#[tokio::test]
async fn attributes_are_left_out_where_they_may_not_be_set_responder() {
    let no_permission = || {
        let missing = "<object type=\"Folder\">group-d1</object><privilegeId>Global.ManageCustomFields</privilegeId>";
        fault("NoPermission", "Permission to perform this operation was denied.", missing)
    };
    let values = "<val xsi:type=\"ArrayOfCustomFieldValue\"><CustomFieldValue xsi:type=\"CustomFieldStringValue\">\
                  <key>7</key><value>one</value></CustomFieldValue></val>";
    let on = |values: &[(&str, &str)]| machine_with("poweredOn", values).replace(">ready<", ">configured<");
    let base = Scene::default()
        .with("VirtualMachine", &on(&[]))
        .with("Task", &info("success", ""))
        .reply("RetrieveServiceContent", with_attributes)
        .reply("SetField", || answer("SetField", ""));
    let undefined = base.clone().with("CustomFieldsManager", &definitions(&definition(3, "a", "HostSystem")));
    let (outcome, sent) = mark(&undefined.clone().reply("AddCustomFieldDef", no_permission), &[("a", "one")]).await;
    outcome.unwrap();
    assert_eq!(sent, ["AddCustomFieldDef", "ReconfigVM_Task"], "the launch goes on");

    let defined = base.with("CustomFieldsManager", &definitions(&definition(7, "a", "VirtualMachine")));
    let (outcome, sent) = mark(&defined.clone().reply("SetField", no_permission), &[("a", "one")]).await;
    outcome.unwrap();
    assert_eq!(sent, ["SetField", "ReconfigVM_Task"]);
    let (outcome, sent) = mark(&defined, &[]).await;
    outcome.unwrap();
    assert_eq!(sent, ["ReconfigVM_Task"], "there are none");
    let set = defined.clone().with("VirtualMachine", &on(&[("customValue", values)]));
    let (outcome, sent) = mark(&set, &[("a", "one")]).await;
    outcome.unwrap();
    assert_eq!(sent, ["ReconfigVM_Task"], "it is set");
    let (_, sent) = mark(&set, &[("a", "two")]).await;
    assert_eq!(sent, ["SetField", "ReconfigVM_Task"]);
    // Anything else is tried again.
    let (outcome, sent) = mark(&defined.reply("SetField", || fault("SystemError", "What?", "")), &[("a", "one")]).await;
    assert!(matches!(outcome.unwrap_err(), CloudError::Service { .. }));
    assert_eq!(sent, ["SetField"]);
    // The name is that of a definition which nobody lists.
    let twice = undefined.reply("AddCustomFieldDef", || fault("DuplicateName", "exists", ""));
    let (outcome, _) = mark(&twice, &[("a", "one")]).await;
    assert!(outcome.unwrap_err().to_string().contains("no attribute a"));
}

/// Another launch defines the attribute between our look and our request.
#[tokio::test]
async fn attributes_are_defined_once_responder() {
    let scene = Scene::default()
        .with("VirtualMachine", &machine_with("poweredOn", &[]).replace(">ready<", ">configured<"))
        .with("Task", &info("success", ""))
        .reply("RetrieveServiceContent", with_attributes);
    let (before, after) = (
        scene.clone().with("CustomFieldsManager", &definitions("")),
        scene.with("CustomFieldsManager", &definitions(&definition(7, "a", ""))),
    );
    let is_defined = AtomicBool::new(false);
    let set = std::sync::Arc::new(std::sync::Mutex::new(String::new()));
    let told = set.clone();
    let responder = Responder::start(move |method, body| match method {
        "AddCustomFieldDef" => {
            is_defined.store(true, Ordering::Relaxed);
            fault("DuplicateName", "The name 'a' already exists.", "")
        }
        "SetField" => {
            body.clone_into(&mut told.lock().unwrap());
            answer(method, "")
        }
        _ if is_defined.load(Ordering::Relaxed) => after.answer(method, body),
        _ => before.answer(method, body),
    })
    .await;
    let spec = ServerSpec { metadata: BTreeMap::from([("a".to_owned(), "<1>".to_owned())]), ..spec() };
    let cloud = connect(config(&responder.url, &[]));
    let [found] = cloud.find_servers(&location(), MARK, None).await.unwrap().try_into().unwrap();
    cloud.advance(&spec, &found).await.unwrap();
    let set = set.lock().unwrap();
    let expected = "<SetField xmlns=\"urn:vim25\"><_this type=\"CustomFieldsManager\">CustomFieldsManager</_this>\
                    <entity type=\"VirtualMachine\">vm-9</entity><key>7</key><value>&lt;1&gt;</value></SetField>";
    assert!(set.contains(expected), "{set}");
}
