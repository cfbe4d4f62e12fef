//! Host and datastore where the choice is left to us.

use cloud::{
    Cloud, CloudError,
    inventory::{Noun, Resource},
    server::{Choice, Placement, ServerSpec, Size, Weights},
};

use crate::{
    lab::Lab,
    server_responders::{Scene, object, spec},
    support::{Raw, USER, Vcsim, config, connect, list, machines},
};

#[tokio::test]
async fn host_and_datastore_are_chosen_where_that_is_left_to_us() {
    let flags = ["-template", "1", "-vm", "1", "-pg", "1", "-ds", "2"];
    let vcsim = Vcsim::start(&flags);
    let cloud = connect(config(&vcsim.url, &[]));
    let location = cloud.locations().await.unwrap()[0].id.clone();
    let lab = Lab { vcsim, cloud, location };
    let hosts = list(&lab.cloud, &lab.location, Noun::Hosts).await;
    let cluster = lab.resource(Noun::Clusters, "DC0_C0").await.cloud_id;
    let mut raw = Raw::log_in(&lab.vcsim.url, USER).await;
    let of_cluster: Vec<_> = hosts.iter().filter(|it| it.parent.as_ref() == Some(&cluster)).collect();
    assert_eq!(of_cluster.len(), 3);
    let maintenance = "<timeout>0</timeout>";
    raw.call("HostSystem", &of_cluster[0].cloud_id, "EnterMaintenanceMode_Task", maintenance).await;
    let placed = async |n, within: &str, choice: Choice| {
        // The simulator's hosts have two threads.
        let size = Size::Custom { vcpus: 2, cores_per_socket: 1, memory_mib: 512 };
        let mut spec = ServerSpec { size, ..lab.spec(n).await };
        let Placement::Vsphere { compute_resource, datastore, choice: of_spec, .. } = &mut spec.placement else {
            panic!()
        };
        (*compute_resource, *datastore, *of_spec) = (Some(within.to_owned()), None, Some(choice));
        spec
    };
    let weights = Weights { cpu: 1, memory: 1, disk: 1 };
    let choice = Choice { hosts: Vec::new(), weights, buffer_bytes: 1 << 20 };
    let mut used = Vec::new();
    for n in [11, 12] {
        let spec = placed(n, &cluster, choice.clone()).await;
        let order = lab.cloud.launch(&spec).await.unwrap();
        lab.finish(&spec, Some(&order)).await;
        let id = lab.found(&spec).await.cloud_id.unwrap();
        // The simulator puts a clone on any host of the pool, whatever is asked for.
        let is_chosen = |it: &&&Resource| order.decided["host"] == format!("{} ({})", it.name, it.cloud_id);
        let host = of_cluster[1..].iter().find(is_chosen).unwrap();
        assert_eq!(order.decided["excluded"], format!("{} is in maintenance mode", of_cluster[0].name));
        assert!(order.decided["choice"].ends_with("2 of 3 hosts could take it"), "{order:?}");
        let all = machines(&lab.cloud, &lab.location).await;
        let datastore = all.iter().find(|it| it.cloud_id == id).unwrap().attributes["datastores"][0].clone();
        assert!(order.decided["datastore"].contains(datastore.as_str().unwrap()), "{order:?}");
        used.push(host.name.clone());
    }
    // The first is not in what the hosts tell of themselves.
    assert_ne!(used[0], used[1]);

    let only = Choice { hosts: vec![of_cluster[0].cloud_id.clone()], ..choice.clone() };
    let full = Choice { buffer_bytes: 1 << 60, ..choice.clone() };
    let elsewhere = hosts.iter().find(|it| it.parent.as_ref() != Some(&cluster)).unwrap();
    let any = choice.clone();
    let other = Choice { hosts: vec![elsewhere.cloud_id.clone()], ..choice };
    let large = lab.spec(14).await.size;
    let n_machines = machines(&lab.cloud, &lab.location).await.len();
    for (choice, text) in [
        (only, "no host can take the machine now: DC0_C0_H0 is in maintenance mode; make room"),
        (full, "to stay free"),
        (other, "none of the hosts that the farm role allows is in the datacenter"),
    ] {
        let err = lab.cloud.launch(&placed(13, &cluster, choice).await).await.unwrap_err();
        assert!(matches!(&err, CloudError::Refused(it) if it.contains(text)), "{text}: {err:?}");
    }
    let large = ServerSpec { size: large, ..placed(15, &cluster, any).await };
    let err = lab.cloud.launch(&large).await.unwrap_err();
    assert!(err.to_string().contains("DC0_C0_H1 has 2 logical CPUs, of 4, DC0_C0_H2 has 2"), "{err}");
    assert_eq!(machines(&lab.cloud, &lab.location).await.len(), n_machines);
}

/// The simulator takes no notice of the host.
#[tokio::test]
async fn what_was_chosen_is_in_the_clone_responder() {
    let text = |text: &str| format!("<val xsi:type=\"xsd:string\">{text}</val>");
    let of = |kind: &str, ids: &[&str]| {
        let ids = ids.iter().map(|id| format!("<ManagedObjectReference type=\"{kind}\">{id}</ManagedObjectReference>"));
        format!("<val xsi:type=\"ArrayOfManagedObjectReference\">{}</val>", ids.collect::<String>())
    };
    let host = |id: &str, used_mib: u64| {
        let hardware = "<val xsi:type=\"HostHardwareSummary\"><memorySize>68719476736</memorySize><cpuMhz>2000</cpuMhz>\
                        <numCpuCores>8</numCpuCores><numCpuThreads>16</numCpuThreads></val>";
        let used = format!(
            "<val xsi:type=\"HostListSummaryQuickStats\"><overallCpuUsage>1000</overallCpuUsage><overallMemoryUsage>{used_mib}\
             </overallMemoryUsage></val>"
        );
        let properties = [
            ("name", text(id)),
            ("parent", "<val type=\"ClusterComputeResource\">domain-c7</val>".to_owned()),
            ("runtime.connectionState", text("connected")),
            ("runtime.powerState", text("poweredOn")),
            ("runtime.inMaintenanceMode", text("false")),
            ("summary.hardware", hardware.to_owned()),
            ("summary.quickStats", used),
            ("datastore", of("Datastore", &["datastore-1", "datastore-2"])),
        ];
        object("HostSystem", id, &properties.each_ref().map(|(name, value)| (*name, value.as_str())))
    };
    let datastore = |id: &str, free: u64, read_only_for: &str| {
        let summary = format!(
            "<val xsi:type=\"DatastoreSummary\"><freeSpace>{free}</freeSpace><accessible>true</accessible>\
             <maintenanceMode>normal</maintenanceMode></val>"
        );
        let mounts = format!(
            "<val xsi:type=\"ArrayOfDatastoreHostMount\"><DatastoreHostMount><key type=\"HostSystem\">{read_only_for}</key>\
             <mountInfo><accessMode>readOnly</accessMode><mounted>true</mounted><accessible>true</accessible></mountInfo>\
             </DatastoreHostMount></val>"
        );
        object("Datastore", id, &[("name", &text(id)), ("summary", &summary), ("host", &mounts)])
    };
    let pool =
        object("ResourcePool", "resgroup-8", &[("parent", "<val type=\"ClusterComputeResource\">domain-c7</val>")]);
    let disk = "<val xsi:type=\"ArrayOfVirtualDevice\"><VirtualDevice xsi:type=\"VirtualDisk\"><key>2000</key>\
                <capacityInKB>20971520</capacityInKB></VirtualDevice></val>";
    let scene = Scene::default()
        .with("VirtualMachine", &object("VirtualMachine", "vm-1", &[("config.hardware.device", disk)]))
        .with("HostSystem", &format!("{}{}", host("host-1", 60_000), host("host-2", 2000)))
        // 20 GiB of disks and 10 to stay free; the larger one cannot be written to by the host with more memory.
        .with(
            "Datastore",
            &format!(
                "{}{}",
                datastore("datastore-1", 30 << 30, "host-9"),
                datastore("datastore-2", 40 << 30, "host-2")
            ),
        )
        .with("ResourcePool", &pool);
    let responder = scene.start().await;
    let placed = |buffer_bytes| {
        let mut spec = spec();
        let Placement::Vsphere { resource_pool, host, choice, .. } = &mut spec.placement else { panic!() };
        (*resource_pool, *host) = (None, None);
        let weights = Weights { cpu: 1, memory: 2, disk: 1 };
        *choice = Some(Choice { hosts: Vec::new(), weights, buffer_bytes });
        spec
    };
    let cloud = connect(config(&responder.url, &[]));
    let order = cloud.launch(&placed(10 << 30)).await.unwrap();
    let sent = scene.sent.lock().unwrap().join("");
    let location = "<location><datastore type=\"Datastore\">datastore-1</datastore><pool type=\"ResourcePool\">resgroup-8\
                    </pool><host type=\"HostSystem\">host-2</host></location>";
    assert!(sent.contains(location), "{sent}");
    assert_eq!(order.decided["host"], "host-2 (host-2)");

    // The same launch again does not count what it took before.
    cloud.launch(&placed(10 << 30)).await.unwrap();
    let err = cloud.launch(&placed(30 << 30)).await.unwrap_err();
    let text = "host-2 has no datastore for it (datastore-1 has 30.0 GiB free, of 20.0 GiB for disks and 30.0 GiB to stay \
                free, datastore-2 cannot be written by it)";
    assert!(matches!(&err, CloudError::Refused(it) if it.contains(text)), "{err:?}");
}
