//! Servers that are moved to another host, resource pool or datastore.

use cloud::{
    CloudError,
    inventory::Noun,
    operation::{Operation, Progress},
};

use crate::{
    lab::Lab,
    operation_responders::{machine_with, operate, sent},
    operations::Scene,
    server_responders::{Scene as Answers, object},
};

fn to(host: Option<&str>, resource_pool: Option<&str>, datastore: Option<&str>) -> Operation {
    let text = |it: Option<&str>| it.map(str::to_owned);
    Operation::Relocate { host: text(host), resource_pool: text(resource_pool), datastore: text(datastore) }
}

async fn id(lab: &Lab, noun: Noun, name: &str) -> String {
    lab.resource(noun, name).await.cloud_id
}

#[tokio::test]
async fn a_server_goes_to_a_host_a_pool_and_a_datastore() {
    let lab = Lab::with(&["-template", "1", "-vm", "1", "-pg", "1", "-pool", "1", "-ds", "2"]).await;
    let scene = Scene::on(lab).await;
    let of_machine = async || (scene.property("runtime.host").await, scene.property("resourcePool").await);
    let standalone = id(&scene.lab, Noun::Hosts, "DC0_H0").await;
    let (host, other) =
        (id(&scene.lab, Noun::Hosts, "DC0_C0_H0").await, id(&scene.lab, Noun::Hosts, "DC0_C0_H1").await);
    let gold = id(&scene.lab, Noun::ResourcePools, "DC0_C0_RP1").await;
    // The simulator has put it on the template's host.
    let (_, root) = of_machine().await;
    assert_eq!(scene.done(1, &to(Some(&host), None, None)).await, None);
    assert_eq!(of_machine().await, (host.clone(), root.clone()));

    // Out of the cluster: into the root pool of the host.
    scene.done(2, &to(Some(&standalone), None, None)).await;
    let (at, root_of_host) = of_machine().await;
    assert_eq!(at, standalone);
    assert!(root_of_host != root && root_of_host != gold, "{root_of_host}");
    // The answer was lost.
    let again = scene.operate(2, &to(Some(&standalone), None, None), None).await.unwrap();
    assert_eq!(again, Progress::Done(None));
    // Back, and within it the pool stays.
    scene.done(3, &to(Some(&host), None, None)).await;
    assert_eq!(of_machine().await, (host.clone(), root));
    scene.done(4, &to(None, Some(&gold), None)).await;
    scene.done(5, &to(Some(&other), None, None)).await;
    assert_eq!(of_machine().await, (other.clone(), gold.clone()));
    let text = scene.refused(&to(Some(&standalone), Some(&gold), None)).await;
    assert_eq!(text, "the host DC0_H0 is not of the cluster that has the resource pool DC0_C0_RP1");
    let err = scene.operate(9, &to(Some("host-4711"), None, None), None).await.unwrap_err();
    assert!(matches!(err, CloudError::NotFound(_)), "{err:?}");
    assert_eq!(of_machine().await, (other, gold));

    let datastore = id(&scene.lab, Noun::Datastores, "LocalDS_1").await;
    assert_ne!(scene.property("datastore").await, datastore);
    scene.done(6, &to(None, None, Some(&datastore))).await;
    let now = scene.lab.properties(&scene.target.cloud_id, "datastore").await;
    assert!(now.contains(&datastore), "{now}");
}

/// Of the machine's disk, and of the pool it is in.
#[tokio::test]
async fn what_is_so_already_is_not_asked_for_and_the_request_is_complete_responder() {
    let disk = "<val><VirtualDevice xsi:type=\"VirtualDisk\"><key>2000</key><backing><datastore type=\"Datastore\">ds-1\
                </datastore></backing></VirtualDevice></val>";
    let reference = |kind: &str, id: &str| format!("<val type=\"{kind}\">{id}</val>");
    let (host, pool) = (reference("HostSystem", "host-1"), reference("ResourcePool", "resgroup-1"));
    let properties =
        [("runtime.host", host.as_str()), ("resourcePool", pool.as_str()), ("config.hardware.device", disk)];
    let name = |it: &str| format!("<val>{it}</val>");
    let cluster = reference("ClusterComputeResource", "domain-c1");
    let request = async |operation: Operation| {
        let scene = Answers::default()
            .with("VirtualMachine", &machine_with("poweredOn", &properties))
            .with("HostSystem", &object("HostSystem", "host-2", &[("name", &name("esx-2")), ("parent", &cluster)]))
            .with(
                "ResourcePool",
                &object("ResourcePool", "resgroup-2", &[("name", &name("gold")), ("owner", &cluster)]),
            );
        let progress = operate(&scene.start().await, &operation, None).await.unwrap();
        let sent = sent(&scene);
        assert_eq!(progress == Progress::Done(None), sent.is_empty(), "{progress:?} {sent}");
        sent
    };
    for there in [to(Some("host-1"), None, None), to(Some("host-1"), Some("resgroup-1"), Some("ds-1"))] {
        assert_eq!(request(there).await, "");
    }
    let sent = request(to(Some("host-2"), Some("resgroup-2"), Some("ds-2"))).await;
    let spec = "<spec><datastore type=\"Datastore\">ds-2</datastore><pool type=\"ResourcePool\">resgroup-2</pool>\
                <host type=\"HostSystem\">host-2</host></spec>";
    assert!(sent.contains("<RelocateVM_Task ") && sent.contains(spec), "{sent}");
    let sent = request(to(Some("host-2"), None, None)).await;
    assert!(sent.contains("<spec><host type=\"HostSystem\">host-2</host></spec>"), "of the same cluster: {sent}");
}
