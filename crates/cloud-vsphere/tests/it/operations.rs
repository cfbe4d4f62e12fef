//! What is asked of one server: another size, snapshots, disks. Each is repeated as after a lost answer.

use cloud::{
    Cloud, CloudError,
    inventory::PowerState,
    operation::{Details, Operation, Progress, Provisioning, Target},
    server::{Order, PowerChange, ServerSpec, Size},
};
use uuid::Uuid;

use crate::{
    lab::Lab,
    support::{Raw, USER},
};

/// A server that runs, and an account that may do anything with it.
pub struct Scene {
    pub lab: Lab,
    pub spec: ServerSpec,
    pub target: Target,
    pub raw: Raw,
}

impl Scene {
    pub async fn start() -> Scene {
        Scene::on(Lab::start().await).await
    }

    pub async fn on(lab: Lab) -> Scene {
        let spec = lab.spec(1).await;
        lab.cloud.launch(&spec).await.unwrap();
        lab.finish(&spec, None).await;
        let cloud_id = lab.found(&spec).await.cloud_id.unwrap();
        let target = Target { location: lab.location.clone(), cloud_id, mark: spec.mark };
        let raw = Raw::log_in(&lab.vcsim.url, USER).await;
        Scene { lab, spec, target, raw }
    }

    pub async fn operate(
        &self,
        id: u128,
        operation: &Operation,
        order: Option<&Order>,
    ) -> Result<Progress, CloudError> {
        self.lab.cloud.operate(&self.target, Uuid::from_u128(id), operation, order).await
    }

    /// The order of a first call.
    async fn begin(&self, id: u128, operation: &Operation) -> Order {
        match self.operate(id, operation, None).await.unwrap() {
            Progress::UnderWay(Some(order)) => order,
            other => panic!("{other:?}"),
        }
    }

    /// As the control plane does it.
    pub async fn done(&self, id: u128, operation: &Operation) -> Option<String> {
        let order = self.begin(id, operation).await;
        match self.operate(id, operation, Some(&order)).await.unwrap() {
            Progress::Done(made) => made,
            other => panic!("{other:?}"),
        }
    }

    pub async fn refused(&self, operation: &Operation) -> String {
        match self.operate(99, operation, None).await.unwrap_err() {
            CloudError::Refused(text) => text,
            other => panic!("{other:?}"),
        }
    }

    pub async fn details(&self) -> Details {
        self.lab.cloud.details(&self.lab.location, &self.target.cloud_id).await.unwrap()
    }

    /// `(label, GiB, provisioning)` of each disk.
    async fn disks(&self) -> Vec<(String, u64, Option<Provisioning>)> {
        let disks = self.details().await.disks;
        disks.into_iter().map(|it| (it.name, it.size_bytes.unwrap() >> 30, it.provisioning)).collect()
    }

    /// Another hand reconfigures the machine.
    pub async fn reconfigure(&mut self, spec: &str) {
        let spec = format!("<spec>{spec}</spec>");
        let answer = self.raw.call("VirtualMachine", &self.target.cloud_id, "ReconfigVM_Task", &spec).await;
        assert!(answer.contains("ReconfigVM_TaskResponse"), "{answer}");
    }

    pub async fn power_off(&mut self) {
        self.raw.call("VirtualMachine", &self.target.cloud_id, "PowerOffVM_Task", "").await;
        assert_eq!(self.lab.found(&self.spec).await.power_state, PowerState::Off);
    }

    pub async fn property(&self, path: &str) -> String {
        let answer = self.lab.properties(&self.target.cloud_id, path).await;
        answer.split("</val>").next().unwrap().rsplit('>').next().unwrap().to_owned()
    }

    /// The key of the first device of a type.
    pub async fn device(&self, kind: &str) -> String {
        let devices = self.lab.properties(&self.target.cloud_id, "config.hardware.device").await;
        let begin = devices.find(&format!(":type=\"{kind}\"")).unwrap_or_else(|| panic!("no {kind}: {devices}"));
        devices[begin..].split("<key>").nth(1).unwrap().split('<').next().unwrap().to_owned()
    }

    /// vCPUs, cores of a socket, MiB.
    async fn size(&self) -> [String; 3] {
        [
            self.property("config.hardware.numCPU").await,
            self.property("config.hardware.numCoresPerSocket").await,
            self.property("config.hardware.memoryMB").await,
        ]
    }
}

fn resize(vcpus: u32, cores_per_socket: u32, memory_mib: u64) -> Operation {
    Operation::Resize { size: Size::Custom { vcpus, cores_per_socket, memory_mib } }
}

fn snapshot(name: &str, description: &str) -> Operation {
    Operation::Snapshot { name: name.to_owned(), description: description.to_owned() }
}

fn add_disk(size_gib: u32, provisioning: Provisioning) -> Operation {
    Operation::AddDisk { size_gib, provisioning }
}

fn extend_disk(disk: &str, size_gib: u32) -> Operation {
    Operation::ExtendDisk { disk: disk.to_owned(), size_gib }
}

fn remove_disk(disk: &str) -> Operation {
    Operation::RemoveDisk { disk: disk.to_owned() }
}

#[tokio::test]
async fn a_server_that_is_off_gets_any_size() {
    let mut scene = Scene::start().await;
    assert_eq!(scene.size().await, ["4", "2", "1024"]);
    assert_eq!(scene.operate(1, &resize(4, 2, 1024), None).await.unwrap(), Progress::Done(None), "as it is");
    scene.power_off().await;
    let order = scene.begin(2, &resize(2, 1, 512)).await;
    assert!(order.id.starts_with("task-"), "{order:?}");
    assert!(order.request_id.as_deref().unwrap().starts_with("stackyard-"), "{order:?}");
    assert_eq!(scene.size().await, ["2", "1", "512"]);
    assert_eq!(scene.operate(2, &resize(2, 1, 512), Some(&order)).await.unwrap(), Progress::Done(None));
    // The answer was lost.
    assert_eq!(scene.operate(2, &resize(2, 1, 512), None).await.unwrap(), Progress::Done(None));
    assert!(scene.refused(&Operation::Resize { size: Size::Flavor("m1".to_owned()) }).await.contains("no flavors"));
}

#[tokio::test]
async fn a_server_that_runs_gets_what_it_has_hot_add_for() {
    let mut scene = Scene::start().await;
    let text = scene.refused(&resize(8, 2, 2048)).await;
    let expected = "CPU hot add is not enabled; memory hot add is not enabled; power it off";
    assert!(text.starts_with("web/1% cannot get another size") && text.ends_with(expected), "{text}");
    scene.reconfigure("<memoryHotAddEnabled>true</memoryHotAddEnabled>").await;
    assert_eq!(scene.done(1, &resize(4, 2, 2048)).await, None);
    let text = scene.refused(&resize(8, 2, 2048)).await;
    assert!(text.contains("as it is: CPU hot add is not enabled; power"), "{text}");
    scene.reconfigure("<cpuHotAddEnabled>true</cpuHotAddEnabled>").await;
    assert_eq!(scene.done(2, &resize(8, 2, 4096)).await, None);
    assert_eq!(scene.size().await, ["8", "2", "4096"]);
    for smaller in [resize(4, 2, 4096), resize(8, 2, 2048), resize(8, 4, 4096)] {
        assert!(scene.refused(&smaller).await.ends_with("; power it off"));
    }
    let cloud = &scene.lab.cloud;
    cloud.change_power(&scene.lab.location, &scene.target.cloud_id, PowerChange::Suspend).await.unwrap();
    let text = scene.refused(&resize(2, 1, 512)).await;
    assert!(text.ends_with("it is suspended; power it off"), "{text}");
    assert_eq!(scene.size().await, ["8", "2", "4096"]);
}

#[tokio::test]
async fn a_snapshot_is_made_once() {
    let scene = Scene::start().await;
    let first = snapshot("before <1>", "two\nlines & more");
    let made = scene.done(1, &first).await.unwrap();
    assert!(made.starts_with("snapshot-"), "{made}");
    // The answer was lost, or the vCenter forgot the task.
    assert_eq!(scene.operate(1, &first, None).await.unwrap(), Progress::Done(Some(made.clone())));
    let forgotten = Order::new("task-99999".to_owned(), None);
    assert_eq!(scene.operate(1, &first, Some(&forgotten)).await.unwrap(), Progress::Done(Some(made.clone())));
    // Another with the same words.
    let second = scene.done(2, &first).await.unwrap();
    assert_ne!(second, made);
    let third = scene.done(3, &snapshot("3", "")).await.unwrap();

    let snapshots = scene.details().await.snapshots;
    let seen: Vec<_> = snapshots
        .iter()
        .map(|it| (it.id.as_str(), it.name.as_str(), it.description.as_deref(), it.parent.as_deref()))
        .collect();
    let text = Some("two\nlines & more");
    assert_eq!(
        seen,
        [
            (made.as_str(), "before <1>", text, None),
            (second.as_str(), "before <1>", text, Some(made.as_str())),
            (third.as_str(), "3", None, Some(second.as_str()))
        ]
    );
    for snapshot in &snapshots {
        assert_eq!(snapshot.status, "poweredOn");
        let age = jiff::Timestamp::now().duration_since(snapshot.created_at.unwrap());
        assert!(age.as_secs().abs() < 600, "{snapshot:?}");
        // The simulator's files are empty.
        assert_eq!(snapshot.size_bytes, Some(0));
    }
    // Nobody lost the words that find it.
    let tree = scene.lab.properties(&scene.target.cloud_id, "snapshot").await;
    assert!(tree.contains("two&#xA;lines &amp; more&#xA;stackyard 00000000-0000-0000-0000-000000000001<"), "{tree}");
}

#[tokio::test]
async fn disks_are_added_grown_and_removed_once() {
    let scene = Scene::start().await;
    let before = scene.details().await;
    assert_eq!((before.disks.len(), before.snapshots.len(), before.floating_ips.len()), (1, 0, 0));
    let first = &before.disks[0];
    assert!(first.place.as_deref().unwrap().starts_with("[LocalDS_0] "), "{first:?}");

    let made = scene.done(1, &add_disk(3, Provisioning::Thin)).await.unwrap();
    assert_eq!(
        scene.operate(1, &add_disk(3, Provisioning::Thin), None).await.unwrap(),
        Progress::Done(Some(made.clone())),
        "found by its entry"
    );
    scene.done(2, &add_disk(2, Provisioning::Thick)).await.unwrap();
    let third = scene.done(3, &add_disk(1, Provisioning::EagerZeroedThick)).await.unwrap();
    let disks = scene.details().await.disks;
    let added: Vec<_> = disks[1..].iter().map(|it| (it.size_bytes.unwrap() >> 30, it.provisioning)).collect();
    let expected =
        [(3, Some(Provisioning::Thin)), (2, Some(Provisioning::Thick)), (1, Some(Provisioning::EagerZeroedThick))];
    assert_eq!(added, expected);
    assert_eq!((disks[1].id.as_str(), disks[3].id.as_str()), (made.as_str(), third.as_str()));
    for disk in &disks[1..] {
        let place = disk.place.as_deref().unwrap();
        assert!(place.starts_with("[LocalDS_0] ") && place.ends_with(".vmdk"), "{place}");
    }
    let extra = scene.lab.properties(&scene.target.cloud_id, "config.extraConfig").await;
    for (id, place) in [(1, "scsi0:1"), (2, "scsi0:2"), (3, "scsi0:3")] {
        let key = format!("<key>stackyard.disk.{}</key>", Uuid::from_u128(id));
        assert!(extra.split(&key).nth(1).is_some_and(|it| it.split("</value>").next().unwrap().ends_with(place)));
    }

    // Grown, and the others are left as they are.
    assert_eq!(scene.done(4, &extend_disk(&made, 5)).await, None);
    assert_eq!(scene.operate(4, &extend_disk(&made, 5), None).await.unwrap(), Progress::Done(None));
    let grown = scene.details().await.disks;
    assert_eq!(grown.len(), 4);
    let of = |id: &str| grown.iter().find(|it| it.id == id).unwrap();
    assert_eq!((of(&made).size_bytes, of(&made).provisioning), (Some(5 << 30), Some(Provisioning::Thin)));
    assert_eq!((of(&made).place.as_ref(), of(&made).name.as_str()), (disks[1].place.as_ref(), disks[1].name.as_str()));
    assert_eq!((of(&third), of(&first.id)), (&disks[3], first));
    assert!(scene.refused(&extend_disk(&made, 4)).await.contains("never gets smaller"));
    assert!(scene.refused(&extend_disk("4711", 4)).await.contains("has no disk 4711"));
    let bus = scene.device("ParaVirtualSCSIController").await;
    assert!(scene.refused(&extend_disk(&bus, 4)).await.contains("is no virtual disk"));
    assert!(scene.refused(&add_disk(0, Provisioning::Thin)).await.contains("1 GiB or more"));

    assert_eq!(scene.done(5, &remove_disk(&made)).await, None);
    let left: Vec<_> = scene.details().await.disks.into_iter().map(|it| it.id).collect();
    assert_eq!(left, [first.id.clone(), disks[2].id.clone(), third]);
    let card = scene.device("VirtualE1000").await;
    for wrong in [bus.as_str(), card.as_str(), "abc", ""] {
        let text = scene.refused(&remove_disk(wrong)).await;
        assert!(text.contains("is no virtual disk of web/1%"), "{text}");
    }
    assert_eq!(scene.operate(6, &remove_disk(&made), None).await.unwrap(), Progress::Done(None), "gone already");
    // The free place is used again. Should the vCenter give its key again, it is not removed by the old request.
    let again = scene.done(7, &add_disk(9, Provisioning::Thin)).await.unwrap();
    let n_disks = scene.details().await.disks.len();
    let removed = scene.operate(5, &remove_disk(&again), None).await.unwrap();
    assert_eq!((removed, scene.details().await.disks.len()), (Progress::Done(None), n_disks));
}

#[tokio::test]
async fn the_place_of_the_controller_is_never_given_to_a_disk() {
    let scene = Scene::start().await;
    for id in 1..=7 {
        scene.done(id, &add_disk(1, Provisioning::Thin)).await.unwrap();
    }
    let extra = scene.lab.properties(&scene.target.cloud_id, "config.extraConfig").await;
    assert!(extra.contains(">scsi0:6</value>") && extra.contains(">scsi0:8</value>"), "{extra}");
    assert!(!extra.contains(">scsi0:7</value>"), "{extra}");
}

#[tokio::test]
async fn the_file_of_a_removed_disk_is_gone() {
    let scene = Scene::start().await;
    let made = scene.done(1, &add_disk(1, Provisioning::Thin)).await.unwrap();
    let place = scene.details().await.disks[1].place.clone().unwrap();
    scene.done(2, &remove_disk(&made)).await;
    // The next gets the name of the file, which is free.
    scene.done(3, &add_disk(1, Provisioning::Thin)).await.unwrap();
    assert_eq!(scene.details().await.disks[1].place, Some(place));
}

#[tokio::test]
async fn disks_of_snapshots_are_left_alone() {
    let scene = Scene::start().await;
    scene.done(1, &snapshot("s", "")).await.unwrap();
    let first = scene.details().await.disks[0].id.clone();
    let text = scene.refused(&remove_disk(&first)).await;
    assert!(text.contains("a snapshot of web/1% needs ") && text.contains("delete its snapshots"), "{text}");
    let added = scene.done(2, &add_disk(1, Provisioning::Thin)).await.unwrap();
    let text = scene.refused(&extend_disk(&added, 2)).await;
    assert!(text.contains("no disk of a machine with snapshots"), "{text}");
    // It is in no snapshot.
    assert_eq!(scene.done(3, &remove_disk(&added)).await, None);
    assert_eq!(scene.disks().await.len(), 1);
}

#[tokio::test]
async fn a_server_without_a_scsi_bus_gets_one() {
    let mut scene = Scene::start().await;
    let remove = async |kind: &str, more: &str| {
        let key = scene.device(kind).await;
        format!(
            "<deviceChange><operation>remove</operation><device xsi:type=\"{kind}\"><key>{key}</key>{more}</device>\
             </deviceChange>"
        )
    };
    let disk = remove("VirtualDisk", "<capacityInKB>0</capacityInKB>").await;
    let bus = "<busNumber>0</busNumber><hotAddRemove>true</hotAddRemove><sharedBus>noSharing</sharedBus>";
    let bus = remove("ParaVirtualSCSIController", bus).await;
    scene.reconfigure(&format!("{disk}{bus}")).await;
    assert_eq!(scene.disks().await, []);
    let devices = scene.lab.properties(&scene.target.cloud_id, "config.hardware.device").await;
    assert!(!devices.contains("SCSIController"), "{devices}");

    let made = scene.done(1, &add_disk(1, Provisioning::Thick)).await.unwrap();
    assert_eq!(
        scene.operate(1, &add_disk(1, Provisioning::Thick), None).await.unwrap(),
        Progress::Done(Some(made.clone()))
    );
    let second = scene.done(2, &add_disk(2, Provisioning::Thin)).await.unwrap();
    let disks = scene.details().await.disks;
    assert_eq!(disks.iter().map(|it| it.id.as_str()).collect::<Vec<_>>(), [made.as_str(), second.as_str()]);
    let devices = scene.lab.properties(&scene.target.cloud_id, "config.hardware.device").await;
    assert_eq!(devices.matches("ParaVirtualSCSIController").count(), 1, "{devices}");
}

#[tokio::test]
async fn what_vsphere_has_not_is_said() {
    let scene = Scene::start().await;
    let name = || "x".to_owned();
    for (operation, text) in [
        (Operation::AttachVolume { volume: name() }, "add a disk"),
        (Operation::DetachVolume { volume: name() }, "add a disk"),
        (Operation::AddFloatingIp { pool: name() }, "network cards"),
        (Operation::RemoveFloatingIp { floating_ip: name() }, "network cards"),
    ] {
        let err = scene.operate(1, &operation, None).await.unwrap_err();
        assert!(matches!(&err, CloudError::Unsupported(it) if it.contains(text)), "{err:?}");
    }
    let err = scene.lab.cloud.console_output(&scene.lab.location, &scene.target.cloud_id, 10).await.unwrap_err();
    assert!(matches!(&err, CloudError::Unsupported(it) if it.contains("picture of the screen")), "{err:?}");
    let other = Target { mark: cloud::server::Mark(Uuid::from_u128(9)), ..scene.target.clone() };
    let err = scene.lab.cloud.operate(&other, Uuid::from_u128(1), &resize(1, 1, 64), None).await.unwrap_err();
    assert!(matches!(&err, CloudError::NotFound(it) if it.contains("does not carry the mark")), "{err:?}");
}
