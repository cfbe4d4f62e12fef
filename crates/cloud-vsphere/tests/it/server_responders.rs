//! What the simulator lacks of the life of servers: tasks that take time, fail or are refused, and guest tools.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use cloud::{
    Cloud, CloudError, LocationId,
    inventory::PowerState,
    server::{CloudServer, Mark, Nic, Order, Phase, Placement, PowerChange, Removal, ServerSpec, Size},
};

use crate::{
    responder::{Reply, Responder, answer, fault, vcenter},
    support::{config, connect},
};

pub const MARK: Mark = Mark(uuid::Uuid::from_u128(7));

pub fn location() -> LocationId {
    LocationId("datacenter-2@u-1".to_owned())
}

pub fn order() -> Order {
    Order::new("task-1".to_owned(), Some("stackyard-abc-9".to_owned()))
}

pub fn object(kind: &str, id: &str, properties: &[(&str, &str)]) -> String {
    let properties: String =
        properties.iter().map(|(name, val)| format!("<propSet><name>{name}</name>{val}</propSet>")).collect();
    format!("<objects><obj type=\"{kind}\">{id}</obj>{properties}</objects>")
}

pub fn info(state: &str, more: &str) -> String {
    let inside = format!(
        "<val xsi:type=\"TaskInfo\"><key>task-1</key><descriptionId>VirtualMachine.clone</descriptionId>\
         <state>{state}</state><cancelled>false</cancelled><cancelable>true</cancelable>{more}<reason \
         xsi:type=\"TaskReasonUser\"><userName>u</userName></reason></val>"
    );
    object("Task", "task-1", &[("info", &inside)])
}

pub fn failed(name: &str, text: &str) -> String {
    let fault = format!("<fault xsi:type=\"{name}\"/><localizedMessage>{text}</localizedMessage>");
    info("error", &format!("<error>{fault}</error>"))
}

/// A machine with our mark.
pub fn machine(power_state: &str, phase: &str) -> String {
    machine_with(MARK, power_state, phase)
}

fn machine_with(instance_uuid: Mark, power_state: &str, phase: &str) -> String {
    let server =
        format!("<OptionValue><key>stackyard.server</key><value xsi:type=\"xsd:string\">{MARK}</value></OptionValue>");
    let option =
        format!("<OptionValue><key>stackyard.phase</key><value xsi:type=\"xsd:string\">{phase}</value></OptionValue>");
    object(
        "VirtualMachine",
        "vm-9",
        &[
            ("name", "<val xsi:type=\"xsd:string\">web</val>"),
            ("runtime.powerState", &format!("<val xsi:type=\"VirtualMachinePowerState\">{power_state}</val>")),
            ("config.instanceUuid", &format!("<val xsi:type=\"xsd:string\">{instance_uuid}</val>")),
            ("config.extraConfig", &format!("<val xsi:type=\"ArrayOfOptionValue\">{server}{option}</val>")),
        ],
    )
}

/// What there is, and what was sent.
#[derive(Clone, Default)]
pub struct Scene {
    /// Objects by their type, as the property collector tells them.
    objects: BTreeMap<&'static str, String>,
    /// Answers to other methods; a task for those that are not here and end in `_Task`.
    replies: BTreeMap<&'static str, fn() -> Reply>,
    /// Bodies of calls that change something.
    pub sent: Arc<Mutex<Vec<String>>>,
}

impl Scene {
    pub fn with(mut self, kind: &'static str, objects: &str) -> Scene {
        self.objects.insert(kind, objects.to_owned());
        self
    }

    pub fn reply(mut self, method: &'static str, reply: fn() -> Reply) -> Scene {
        self.replies.insert(method, reply);
        self
    }

    pub async fn start(&self) -> Responder {
        let scene = self.clone();
        Responder::start(move |method, body| scene.answer(method, body)).await
    }

    pub fn answer(&self, method: &str, body: &str) -> Reply {
        if let Some(reply) = self.replies.get(method) {
            return reply();
        }
        match method {
            "Login" => answer(method, "<returnval><key>k-1</key><userName>U</userName></returnval>"),
            "RetrievePropertiesEx" => {
                let kind = body.split("<type>").nth(1).unwrap().split('<').next().unwrap();
                match self.objects.get(kind) {
                    Some(objects) => answer(method, &format!("<returnval>{objects}</returnval>")),
                    None => fault("ManagedObjectNotFound", "The object has already been deleted.", ""),
                }
            }
            "FindByUuid" if self.objects.contains_key("VirtualMachine") => {
                answer(method, "<returnval type=\"VirtualMachine\">vm-9</returnval>")
            }
            "FindByUuid" | "FindChild" => answer(method, ""),
            _ if method.ends_with("_Task") => {
                self.sent.lock().unwrap().push(body.to_owned());
                answer(method, "<returnval type=\"Task\">task-2</returnval>")
            }
            _ => vcenter(method),
        }
    }
}

pub fn spec() -> ServerSpec {
    ServerSpec {
        mark: MARK,
        location: location(),
        name: "web".to_owned(),
        image: "vm-1".to_owned(),
        size: Size::Custom { vcpus: 2, cores_per_socket: 1, memory_mib: 512 },
        nics: Vec::new(),
        user_data: None,
        metadata: BTreeMap::new(),
        placement: Placement::Vsphere {
            folder: "group-v3".to_owned(),
            compute_resource: None,
            resource_pool: Some("resgroup-8".to_owned()),
            datastore: None,
            host: Some("host-5".to_owned()),
            customization_spec: None,
            choice: None,
        },
    }
}

async fn find(responder: &Responder, order: Option<&Order>) -> Vec<CloudServer> {
    connect(config(&responder.url, &[])).find_servers(&location(), MARK, order).await.unwrap()
}

async fn remove(responder: &Responder, order: Option<&Order>) -> Result<Removal, CloudError> {
    connect(config(&responder.url, &[])).remove_server(&location(), MARK, order).await
}

async fn power(responder: &Responder, change: PowerChange) -> Result<(), CloudError> {
    connect(config(&responder.url, &[])).change_power(&location(), "vm-9", change).await
}

#[tokio::test]
async fn a_clone_under_way_is_building_and_can_be_cancelled_responder() {
    // The machine is in the inventory already, and must be left alone until the clone has ended.
    let scene = Scene::default()
        .with("Task", &info("running", "<progress>45</progress>"))
        .with("VirtualMachine", &machine("poweredOff", "building"))
        .reply("CancelTask", || answer("CancelTask", ""));
    let responder = scene.start().await;
    let [found] = find(&responder, Some(&order())).await.try_into().unwrap();
    assert_eq!((found.cloud_id.as_deref(), &found.phase), (None, &Phase::Building));
    assert_eq!((found.status.as_str(), found.power_state), ("running 45 %", PowerState::Unknown));
    connect(config(&responder.url, &[])).advance(&spec(), &found).await.unwrap();
    assert_eq!(remove(&responder, Some(&order())).await.unwrap(), Removal::UnderWay);
    assert_eq!(responder.count("CancelTask"), 1);
    assert_eq!(*scene.sent.lock().unwrap(), [""; 0], "nothing is done to the machine");

    let responder = Scene::default().with("Task", &info("queued", "")).start().await;
    assert_eq!(find(&responder, Some(&order())).await[0].status, "queued");
}

#[tokio::test]
async fn a_clone_that_failed_tells_why_responder() {
    let scene = Scene::default().with("Task", &failed("NoDiskSpace", "Insufficient disk space on datastore 'ds1'."));
    let responder = scene.start().await;
    let [found] = find(&responder, Some(&order())).await.try_into().unwrap();
    let Phase::Failed { message } = &found.phase else { panic!("{found:?}") };
    assert_eq!(found.cloud_id, None);
    let expected = "Insufficient disk space on datastore 'ds1' (NoDiskSpace) [CloneVM_Task at http://127.0.0.1:";
    assert!(message.starts_with(expected) && message.ends_with("opID stackyard-abc-9]"), "{message}");
    assert_eq!(remove(&responder, Some(&order())).await.unwrap(), Removal::Gone);

    // It left a machine.
    let scene = scene.with("VirtualMachine", &machine("poweredOff", "building"));
    let [found] = find(&scene.start().await, Some(&order())).await.try_into().unwrap();
    assert_eq!(found.cloud_id.as_deref(), Some("vm-9"));
    assert!(matches!(found.phase, Phase::Failed { .. }), "{found:?}");
}

pub fn recent_tasks() -> String {
    let list = "<val xsi:type=\"ArrayOfManagedObjectReference\"><ManagedObjectReference type=\"Task\">task-1\
                </ManagedObjectReference></val>";
    object("TaskManager", "TaskManager", &[("recentTask", list)])
}

/// Nobody knows which clone the lost answer was about.
#[tokio::test]
async fn nothing_is_gone_while_a_clone_may_be_ours_responder() {
    let scene = Scene::default().with("TaskManager", &recent_tasks());
    let running = info("running", "");
    let removed = async |task: &str, order: Option<&Order>| {
        remove(&scene.clone().with("Task", task).start().await, order).await.unwrap()
    };
    assert_eq!(removed(&running, None).await, Removal::UnderWay);
    assert_eq!(removed(&info("success", ""), None).await, Removal::Gone);
    assert_eq!(removed(&running.replace("<userName>u<", "<userName>other<"), None).await, Removal::Gone);
    assert_eq!(removed(&running.replace("VirtualMachine.clone<", "Datastore.move<"), None).await, Removal::Gone);
    // A task vanished between the two reads.
    assert_eq!(remove(&scene.start().await, None).await.unwrap(), Removal::UnderWay);
}

#[tokio::test]
async fn a_soft_reboot_without_tools_is_a_hard_one_responder() {
    let scene =
        Scene::default().with("VirtualMachine", &machine("poweredOn", "ready")).with("Task", &info("queued", ""));
    let with_tools = scene.clone().reply("RebootGuest", || answer("RebootGuest", ""));
    let responder = with_tools.start().await;
    power(&responder, PowerChange::RebootSoft).await.unwrap();
    assert_eq!((responder.count("RebootGuest"), responder.count("ResetVM_Task")), (1, 0));

    let without = scene.clone().reply("RebootGuest", || fault("ToolsUnavailable", "tools", ""));
    let responder = without.start().await;
    power(&responder, PowerChange::RebootSoft).await.unwrap();
    assert_eq!((responder.count("RebootGuest"), responder.count("ResetVM_Task")), (1, 1));
}

#[tokio::test]
async fn a_task_that_fails_at_once_is_told_by_what_can_be_done_responder() {
    let off = Scene::default().with("VirtualMachine", &machine("poweredOff", "ready"));
    let failure = async |name: &str, text: &str| {
        let responder = off.clone().with("Task", &failed(name, text)).start().await;
        power(&responder, PowerChange::On).await.unwrap_err()
    };
    let err = failure("InsufficientCpuResourcesFault", "The host does not have sufficient CPU resources.").await;
    assert!(matches!(err, CloudError::Conflict(_)), "{err:?}");
    let text = err.to_string();
    assert!(text.contains("sufficient CPU resources (InsufficientCpuResourcesFault) [PowerOnVM_Task at"), "{text}");
    assert!(text.contains("opID stackyard-"), "{text}");
    let err = failure("TaskInProgress", "Another task is already in progress.").await;
    assert!(matches!(err, CloudError::Conflict(_)), "{err:?}");
    let err = failure("InvalidDeviceBacking", "Invalid backing.").await;
    assert!(matches!(err, CloudError::Refused(_)), "{err:?}");
    let err = failure("SomethingNew", "What?").await;
    assert!(matches!(err, CloudError::Service { .. }), "{err:?}");

    let wrong = off.clone().reply("PowerOnVM_Task", || {
        fault("InvalidArgument", "A specified parameter was not correct.", "<invalidProperty>host</invalidProperty>")
    });
    let err = power(&wrong.start().await, PowerChange::On).await.unwrap_err();
    assert!(matches!(&err, CloudError::Refused(text) if text.contains(", property host [")), "{err:?}");

    let refused = off.reply("PowerOnVM_Task", || {
        let missing =
            "<object type=\"VirtualMachine\">vm-9</object><privilegeId>VirtualMachine.Interact.PowerOn</privilegeId>";
        fault("NoPermission", "Permission to perform this operation was denied.", missing)
    });
    let err = power(&refused.start().await, PowerChange::On).await.unwrap_err();
    assert!(matches!(err, CloudError::Forbidden(_)), "{err:?}");
    assert!(err.to_string().contains("privilege VirtualMachine.Interact.PowerOn, object vm-9"), "{err}");
}

#[tokio::test]
async fn a_suspended_machine_is_removed_and_one_at_work_is_waited_for_responder() {
    let done = info("success", "");
    let scene = |state: &str| Scene::default().with("VirtualMachine", &machine(state, "ready")).with("Task", &done);
    let cannot = || fault("InvalidPowerState", "The attempted operation cannot be performed.", "");
    let responder = scene("suspended").reply("PowerOffVM_Task", cannot).start().await;
    assert_eq!(remove(&responder, Some(&order())).await.unwrap(), Removal::UnderWay);
    assert_eq!((responder.count("PowerOffVM_Task"), responder.count("Destroy_Task")), (1, 1));
    let busy = || fault("TaskInProgress", "The operation is not allowed in the current state.", "");
    let responder = scene("poweredOff").reply("Destroy_Task", busy).start().await;
    assert_eq!(remove(&responder, Some(&order())).await.unwrap(), Removal::UnderWay);
    assert_eq!(responder.count("Destroy_Task"), 1);
}

/// The simulator reads less of a clone's specification than this.
#[tokio::test]
async fn all_that_is_wanted_is_in_the_clone_responder() {
    let source = object(
        "VirtualMachine",
        "vm-1",
        &[
            ("config.template", "<val xsi:type=\"xsd:boolean\">true</val>"),
            ("config.hardware.numCPU", "<val xsi:type=\"xsd:int\">2</val>"),
            (
                "config.hardware.device",
                "<val xsi:type=\"ArrayOfVirtualDevice\"><VirtualDevice xsi:type=\"VirtualE1000e\"><key>4000</key>\
                 <deviceInfo xsi:type=\"Description\"><label>Network adapter 1</label><summary>old</summary></deviceInfo>\
                 <backing xsi:type=\"VirtualEthernetCardNetworkBackingInfo\"><deviceName>old</deviceName><network \
                 type=\"Network\">network-1</network></backing><controllerKey>100</controllerKey><unitNumber>7\
                 </unitNumber><macAddress>00:50:56:00:00:01</macAddress></VirtualDevice></val>",
            ),
        ],
    );
    let networks = "<val xsi:type=\"ArrayOfManagedObjectReference\"><ManagedObjectReference type=\"OpaqueNetwork\">\
                    network-o7</ManagedObjectReference></val>";
    let summary = "<val xsi:type=\"OpaqueNetworkSummary\"><opaqueNetworkId>nsx-1</opaqueNetworkId><opaqueNetworkType>\
                   nsx.LogicalSwitch</opaqueNetworkType></val>";
    let scene = Scene::default()
        .with("VirtualMachine", &source)
        .with("Datacenter", &object("Datacenter", "datacenter-2", &[("network", networks)]))
        .with("OpaqueNetwork", &object("OpaqueNetwork", "network-o7", &[("summary", summary)]))
        .reply("RetrieveServiceContent", || {
            let Reply::Text(status, text) = vcenter("RetrieveServiceContent") else { panic!() };
            let manager = "<customizationSpecManager type=\"CustomizationSpecManager\">C</customizationSpecManager>";
            Reply::Text(status, text.replace("</returnval>", &format!("{manager}</returnval>")))
        })
        .reply("GetCustomizationSpec", || {
            answer(
                "GetCustomizationSpec",
                "<returnval><info><name>linux</name></info><spec><options xsi:type=\"CustomizationLinuxOptions\"/>\
                 <identity xsi:type=\"CustomizationLinuxPrep\"><hostName xsi:type=\"CustomizationVirtualMachineName\"/>\
                 <domain>a &amp; b</domain></identity><globalIPSettings/><nicSettingMap><macAddress>00:50:56:00:00:01\
                 </macAddress><adapter><ip xsi:type=\"CustomizationUnknownIpGenerator\"/><subnetMask>255.255.255.0\
                 </subnetMask><gateway>10.0.0.1</gateway></adapter></nicSettingMap><encryptionKey>48</encryptionKey>\
                 </spec></returnval>",
            )
        });
    let responder = scene.start().await;
    let mut spec = spec();
    spec.nics = vec![Nic { network: "network-o7".to_owned(), fixed_ip: Some("10.0.0.7".parse().unwrap()) }];
    let Placement::Vsphere { datastore, customization_spec, .. } = &mut spec.placement else { panic!() };
    (*datastore, *customization_spec) = (Some("datastore-4".to_owned()), Some("linux".to_owned()));
    let order = connect(config(&responder.url, &[])).launch(&spec).await.unwrap();
    assert_eq!(order.id, "task-2");
    let sent = scene.sent.lock().unwrap().join("");
    let sent = sent.split("<Body>").nth(1).unwrap().split("</Body>").next().unwrap();
    let option = |key: &str, value: &str| {
        format!(
            "<extraConfig><key>{key}</key><value xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\" \
             xsi:type=\"xsd:string\">{value}</value></extraConfig>"
        )
    };
    let expected = [
        "<CloneVM_Task xmlns=\"urn:vim25\"><_this type=\"VirtualMachine\">vm-1</_this>",
        "<folder type=\"Folder\">group-v3</folder><name>web</name><spec>",
        "<location><datastore type=\"Datastore\">datastore-4</datastore><pool type=\"ResourcePool\">resgroup-8</pool>",
        "<host type=\"HostSystem\">host-5</host></location><template>false</template>",
        "<config><instanceUuid>00000000-0000-0000-0000-000000000007</instanceUuid>",
        "<numCoresPerSocket>1</numCoresPerSocket><memoryMB>512</memoryMB>",
        "<deviceChange><operation>edit</operation><device xsi:type=\"VirtualE1000e\"><key>4000</key>",
        "<deviceInfo><label>Network adapter 1</label><summary></summary></deviceInfo>",
        "<backing xsi:type=\"VirtualEthernetCardOpaqueNetworkBackingInfo\"><opaqueNetworkId>nsx-1</opaqueNetworkId>",
        "<opaqueNetworkType>nsx.LogicalSwitch</opaqueNetworkType></backing>",
        "<connectable><startConnected>true</startConnected><allowGuestControl>true</allowGuestControl>",
        "<connected>true</connected></connectable><controllerKey>100</controllerKey><unitNumber>7</unitNumber>",
        "</device></deviceChange>",
        &option("stackyard.phase", "building"),
        &option("stackyard.server", &MARK.to_string()),
        "</config><customization><options xsi:type=\"CustomizationLinuxOptions\"></options>",
        "<identity xsi:type=\"CustomizationLinuxPrep\"><hostName xsi:type=\"CustomizationFixedName\">",
        "<name>web</name></hostName><domain>a &amp; b</domain></identity><globalIPSettings></globalIPSettings>",
        "<nicSettingMap><adapter><ip xsi:type=\"CustomizationFixedIp\"><ipAddress>10.0.0.7</ipAddress></ip>",
        "<subnetMask>255.255.255.0</subnetMask><gateway>10.0.0.1</gateway></adapter></nicSettingMap>",
        "<encryptionKey>48</encryptionKey></customization>",
        "<powerOn>false</powerOn></spec></CloneVM_Task>",
    ];
    assert_eq!(sent, expected.concat());
}

#[tokio::test]
async fn a_clone_is_sent_once_responder() {
    let source = object("VirtualMachine", "vm-1", &[]);
    let scene = Scene::default().with("VirtualMachine", &source);
    let later = scene.clone().reply("CloneVM_Task", || Reply::Text(503, "later".to_owned()));
    let responder = later.start().await;
    let launch = async |responder: &Responder| connect(config(&responder.url, &[])).launch(&spec()).await.unwrap_err();
    assert!(matches!(launch(&responder).await, CloudError::Service { .. }));
    assert_eq!(responder.count("CloneVM_Task"), 1);
    let taken = scene.reply("CloneVM_Task", || {
        fault(
            "DuplicateName",
            "The name 'web' already exists.",
            "<name>web</name><object type=\"VirtualMachine\">vm-3</object>",
        )
    });
    let err = launch(&taken.start().await).await;
    assert!(
        matches!(&err, CloudError::Conflict(text) if text.contains("already exists (DuplicateName), object vm-3")),
        "{err:?}"
    );
}

/// The answer to the first order was lost; a vCenter tells only by the task of the second that the name is taken
/// (https://github.com/kubernetes-sigs/cluster-api-provider-vsphere/issues/625).
#[tokio::test]
async fn a_second_clone_does_not_hide_the_first_responder() {
    let second = failed("DuplicateName", "The name 'web' already exists.");
    let first = info("running", "").replace(">task-1<", ">task-0<");
    let scene = Scene::default().with("TaskManager", &recent_tasks()).with("Task", &format!("{second}{first}"));
    // Both tasks are told to whoever asks for one; the first is that of the order.
    let responder = scene.start().await;
    let [found] = find(&responder, Some(&order())).await.try_into().unwrap();
    assert_eq!((found.cloud_id, found.phase), (None, Phase::Building));
    assert_eq!(remove(&responder, Some(&order())).await.unwrap(), Removal::UnderWay);

    let ended = scene.with("Task", &second);
    let responder = ended.clone().with("VirtualMachine", &machine("poweredOff", "building")).start().await;
    let [found] = find(&responder, Some(&order())).await.try_into().unwrap();
    assert_eq!((found.cloud_id.as_deref(), found.phase), (Some("vm-9"), Phase::Building));
    // Somebody else's machine has the name.
    let responder = ended.start().await;
    let [found] = find(&responder, Some(&order())).await.try_into().unwrap();
    assert!(matches!(&found.phase, Phase::Failed { message } if message.contains("'web' already exists")), "{found:?}");
    assert_eq!(remove(&responder, Some(&order())).await.unwrap(), Removal::Gone);
}

/// A vCenter may write a value in another way than it was told.
#[tokio::test]
async fn what_was_configured_is_not_configured_for_ever_responder() {
    let done = info("success", "");
    let sent = async |phase: &str, power_state: &str| {
        let scene = Scene::default().with("VirtualMachine", &machine(power_state, phase)).with("Task", &done);
        let responder = scene.start().await;
        let [found] = find(&responder, None).await.try_into().unwrap();
        connect(config(&responder.url, &[])).advance(&spec(), &found).await.unwrap();
        let called = responder.called.lock().unwrap().clone();
        let tasks: Vec<_> = called.into_iter().filter(|it| it.ends_with("_Task")).collect();
        (tasks.join(","), found.phase)
    };
    assert_eq!(sent("building", "poweredOff").await, ("ReconfigVM_Task".to_owned(), Phase::Building));
    assert_eq!(sent("configured", "poweredOff").await, ("PowerOnVM_Task".to_owned(), Phase::Building));
    assert_eq!(sent("configured", "poweredOn").await, ("ReconfigVM_Task".to_owned(), Phase::Building));
    assert_eq!(sent("ready", "poweredOn").await, (String::new(), Phase::Ready));
    assert_eq!(sent("ready", "suspended").await, ("PowerOnVM_Task".to_owned(), Phase::Ready));
}

const OTHER: Mark = Mark(uuid::Uuid::from_u128(8));

/// As no vCenter should do it.
#[tokio::test]
async fn a_clone_with_another_uuid_gets_the_right_one_responder() {
    let made = info("success", "<result xsi:type=\"ManagedObjectReference\" type=\"VirtualMachine\">vm-9</result>");
    let scene = Scene::default()
        .with("Task", &made)
        .with("VirtualMachine", &machine_with(OTHER, "poweredOff", "building"))
        .reply("FindByUuid", || answer("FindByUuid", ""));
    let responder = scene.start().await;
    let [found] = find(&responder, Some(&order())).await.try_into().unwrap();
    assert_eq!((found.cloud_id.as_deref(), &found.phase), (Some("vm-9"), &Phase::Building));
    connect(config(&responder.url, &[])).advance(&spec(), &found).await.unwrap();
    let sent = scene.sent.lock().unwrap().join("");
    assert!(sent.contains(&format!("<spec><instanceUuid>{MARK}</instanceUuid>")), "{sent}");
    assert_eq!(remove(&responder, Some(&order())).await.unwrap(), Removal::UnderWay);
    assert_eq!(responder.count("Destroy_Task"), 1);

    // A machine that went through all steps and then has another UUID is a copy.
    let copy = scene.with("VirtualMachine", &machine_with(OTHER, "poweredOff", "ready")).start().await;
    assert_eq!(find(&copy, Some(&order())).await, []);
    assert_eq!(remove(&copy, Some(&order())).await.unwrap(), Removal::Gone);
    assert_eq!(copy.count("Destroy_Task"), 0);
}

#[tokio::test]
async fn what_a_search_finds_is_looked_at_before_it_is_removed_responder() {
    let none = object("TaskManager", "TaskManager", &[]);
    for phase in ["building", "ready"] {
        let machine = machine_with(OTHER, "poweredOn", phase);
        let responder = Scene::default().with("VirtualMachine", &machine).with("TaskManager", &none).start().await;
        assert_eq!(find(&responder, None).await, []);
        assert_eq!(remove(&responder, None).await.unwrap(), Removal::Gone);
        assert_eq!(responder.count("PowerOffVM_Task") + responder.count("Destroy_Task"), 0);
    }
}
