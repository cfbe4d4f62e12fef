//! The life of servers: cloned, configured, switched on, suspended, rebooted and removed.

use std::collections::BTreeMap;

use cloud::{
    Cloud, CloudError,
    inventory::{Noun, PowerState},
    server::{CloudServer, Nic, Order, Phase, Placement, PowerChange, Removal, ServerSpec, Size},
};

use crate::{
    lab::Lab,
    support::{Raw, USER, Vcsim, config, connect, list, machines},
};

#[tokio::test]
async fn the_life_of_a_server() {
    let lab = Lab::start().await;
    let (cloud, spec) = (&lab.cloud, lab.spec(1).await);
    let before = machines(cloud, &lab.location).await.len();
    assert_eq!(lab.find(&spec, None).await, []);

    let order = cloud.launch(&spec).await.unwrap();
    assert!(order.id.starts_with("task-"), "{order:?}");
    assert!(order.request_id.as_deref().unwrap().starts_with("stackyard-"), "{order:?}");
    let (building, ready) = (Phase::Building, Phase::Ready);
    assert_eq!(
        lab.finish(&spec, Some(&order)).await,
        [
            // The simulator's clone ignores the size, so there is something to configure.
            (building.clone(), PowerState::Off),
            (building.clone(), PowerState::Off),
            (building, PowerState::On),
            (ready, PowerState::On)
        ]
    );
    let server = lab.found(&spec).await;
    let id = server.cloud_id.clone().unwrap();
    assert_eq!((server.name.as_str(), server.status.as_str()), ("web/1%", "poweredOn"));

    assert!(lab.properties(&id, "name").await.contains(">web%2f1%25</val>"), "as a vCenter wants it");

    let all = machines(cloud, &lab.location).await;
    assert_eq!(all.len(), before + 1);
    let machine = all.iter().find(|it| it.cloud_id == id).unwrap();
    assert_eq!(machine.instance_uuid.as_deref(), Some(spec.mark.to_string().as_str()));
    assert_eq!((machine.vcpus, machine.memory_mib), (Some(4), Some(1024)));
    let Placement::Vsphere { folder, datastore, compute_resource, .. } = &spec.placement else { panic!() };
    assert_eq!(machine.attributes["folder"], *folder);
    assert_eq!(machine.attributes["datastores"], serde_json::json!([datastore]));
    let pools = list(cloud, &lab.location, Noun::ResourcePools).await;
    let root = pools.iter().find(|it| it.parent == *compute_resource).unwrap();
    assert_eq!(machine.attributes["resourcePool"], root.cloud_id);
    assert!(lab.properties(&id, "config.hardware.numCoresPerSocket").await.contains(">2</val>"));

    // One card that the template has and one that it has not.
    let cards = lab.properties(&id, "config.hardware.device").await;
    let port_group = &spec.nics[1].network;
    assert_eq!(cards.matches("<macAddress>").count(), 2, "{cards}");
    assert_eq!(cards.matches(&format!("<portgroupKey>{port_group}</portgroupKey>")).count(), 1, "{cards}");
    assert_eq!(cards.matches("<deviceName>VM Network</deviceName>").count(), 1, "{cards}");
    assert!(cards.contains(":type=\"VirtualVmxnet3\""), "{cards}");
    let template = lab.properties(&spec.image, "config.hardware.device").await;
    assert_eq!(template.matches("<macAddress>").count(), 1, "the template keeps its card");

    let extra = lab.properties(&id, "config.extraConfig").await;
    for (key, value) in [
        ("stackyard.server", spec.mark.to_string().as_str()),
        ("stackyard.farm", "a &lt;b&gt; &amp; c"),
        ("guestinfo.userdata", "I2Nsb3VkLWNvbmZpZwpydW5jbWQ6IFsiZWNobyA8w6k+ICYgZG9uZSJdCg=="),
        ("guestinfo.userdata.encoding", "base64"),
    ] {
        let entry = extra.split("<key>").find(|it| it.starts_with(&format!("{key}</key>")));
        assert!(entry.is_some_and(|it| it.contains(&format!(">{value}</value>"))), "{key}: {extra}");
    }

    // The guest tells its address.
    assert_eq!(server.addresses, []);
    let mut raw = Raw::log_in(&lab.vcsim.url, USER).await;
    let address = "<spec><extraConfig xsi:type=\"OptionValue\"><key>SET.guest.ipAddress</key><value \
                   xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\" xsi:type=\"xsd:string\">10.9.8.7</value></extraConfig></spec>";
    raw.call("VirtualMachine", &id, "ReconfigVM_Task", address).await;
    let addresses = lab.found(&spec).await.addresses;
    assert_eq!(addresses.iter().map(|it| it.ip.to_string()).collect::<Vec<_>>(), ["10.9.8.7"]);

    let power = async |change| cloud.change_power(&lab.location, &id, change).await;
    power(PowerChange::Suspend).await.unwrap();
    let suspended = lab.found(&spec).await;
    assert_eq!((suspended.phase, suspended.power_state), (Phase::Ready, PowerState::Suspended));
    power(PowerChange::Suspend).await.unwrap();
    let err = power(PowerChange::RebootHard).await.unwrap_err();
    assert!(matches!(&err, CloudError::Conflict(text) if text.contains("is suspended")), "{err:?}");
    power(PowerChange::On).await.unwrap();
    power(PowerChange::On).await.unwrap();
    power(PowerChange::RebootHard).await.unwrap();
    let server = lab.found(&spec).await;
    assert_eq!((server.phase.clone(), server.power_state), (Phase::Ready, PowerState::On));
    // Off behind our back: still ready, and on again by the next step.
    raw.call("VirtualMachine", &id, "PowerOffVM_Task", "").await;
    let off = lab.found(&spec).await;
    assert_eq!((&off.phase, off.power_state), (&Phase::Ready, PowerState::Off));
    cloud.advance(&spec, &off).await.unwrap();
    assert_eq!(lab.found(&spec).await.power_state, PowerState::On);

    assert_eq!(lab.remove(&spec, Some(&order)).await, 3, "off, destroyed, gone");
    assert_eq!(lab.find(&spec, Some(&order)).await, []);
    assert_eq!(machines(cloud, &lab.location).await.len(), before);
    assert_eq!(lab.remove(&spec, None).await, 1);
    let err = power(PowerChange::On).await.unwrap_err();
    assert!(matches!(err, CloudError::NotFound(_)), "{err:?}");
}

#[tokio::test]
async fn a_launch_whose_answer_was_lost_is_found_and_not_repeated() {
    let lab = Lab::start().await;
    let spec = lab.spec(2).await;
    let order = lab.cloud.launch(&spec).await.unwrap();
    // As after a crash: no order is known, and another process asks.
    let other = connect(config(&lab.vcsim.url, &[]));
    let [found] = other.find_servers(&lab.location, spec.mark, None).await.unwrap().try_into().unwrap();
    assert_eq!((found.name.as_str(), &found.phase), ("web/2%", &Phase::Building));
    let n_machines = machines(&lab.cloud, &lab.location).await.len();
    let err = other.launch(&spec).await.unwrap_err();
    assert!(matches!(&err, CloudError::Conflict(text) if text.contains("has a web/2% already: vm-")), "{err:?}");
    assert_eq!(machines(&lab.cloud, &lab.location).await.len(), n_machines);
    lab.finish(&spec, None).await;
    assert_eq!(lab.found(&spec).await.power_state, PowerState::On);
    // An order that the vCenter forgot changes nothing.
    let forgotten = Order { id: "task-99999".to_owned(), ..order };
    assert_eq!(lab.find(&spec, Some(&forgotten)).await, [lab.found(&spec).await]);
    assert_eq!(lab.remove(&spec, Some(&forgotten)).await, 3);
}

#[tokio::test]
async fn a_machine_without_our_mark_is_left_alone() {
    let lab = Lab::start().await;
    let spec = lab.spec(3).await;
    let order = lab.cloud.launch(&spec).await.unwrap();
    lab.finish(&spec, None).await;
    let ours = lab.found(&spec).await.cloud_id.unwrap();
    // Somebody clones our machine: extraConfig comes along, the UUID does not.
    let mut raw = Raw::log_in(&lab.vcsim.url, USER).await;
    let Placement::Vsphere { folder, .. } = &spec.placement else { panic!() };
    let copy = format!(
        "<folder type=\"Folder\">{folder}</folder><name>copy</name><spec><location/><template>false</template><config>\
         <extraConfig xsi:type=\"OptionValue\"><key>stackyard.server</key><value \
         xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\" xsi:type=\"xsd:string\">{}</value></extraConfig></config>\
         <powerOn>false</powerOn></spec>",
        spec.mark
    );
    raw.call("VirtualMachine", &ours, "CloneVM_Task", &copy).await;
    let all = machines(&lab.cloud, &lab.location).await;
    let copy = all.iter().find(|it| it.name == "copy").unwrap();
    assert!(lab.properties(&copy.cloud_id, "config.extraConfig").await.contains(&spec.mark.to_string()));
    assert_eq!(lab.find(&spec, None).await.len(), 1);
    let as_if = CloudServer { cloud_id: Some(copy.cloud_id.clone()), ..lab.found(&spec).await };
    let err = lab.cloud.advance(&spec, &as_if).await.unwrap_err();
    assert!(matches!(&err, CloudError::NotFound(text) if text.contains("does not carry the mark")), "{err:?}");

    lab.remove(&spec, Some(&order)).await;
    let left: Vec<_> = machines(&lab.cloud, &lab.location).await.into_iter().map(|it| it.cloud_id).collect();
    let expected: Vec<_> = all.iter().map(|it| it.cloud_id.clone()).filter(|it| *it != ours).collect();
    assert_eq!(left, expected);
}

#[tokio::test]
async fn what_was_made_a_template_is_not_removed() {
    let lab = Lab::start().await;
    let spec = lab.spec(4).await;
    lab.cloud.launch(&spec).await.unwrap();
    let id = lab.found(&spec).await.cloud_id.unwrap();
    let mut raw = Raw::log_in(&lab.vcsim.url, USER).await;
    raw.call("VirtualMachine", &id, "MarkAsTemplate", "").await;
    let err = lab.cloud.remove_server(&lab.location, spec.mark, None).await.unwrap_err();
    assert!(matches!(&err, CloudError::Conflict(text) if text.contains("was made a template")), "{err:?}");
    let err = lab.cloud.advance(&spec, &lab.found(&spec).await).await.unwrap_err();
    assert!(matches!(err, CloudError::Conflict(_)), "{err:?}");
}

#[tokio::test]
async fn a_machine_as_image_loses_the_cards_that_are_too_many() {
    let lab = Lab::start().await;
    let spec = lab.spec(5).await;
    lab.cloud.launch(&spec).await.unwrap();
    lab.finish(&spec, None).await;
    let image = lab.found(&spec).await.cloud_id.unwrap();
    let placement = Placement::Vsphere {
        folder: lab.resource(Noun::Folders, "vm").await.cloud_id,
        compute_resource: None,
        resource_pool: None,
        datastore: None,
        host: None,
        customization_spec: Some("vcsim-linux".to_owned()),
        choice: None,
    };
    let one = vec![spec.nics[0].clone()];
    let second = ServerSpec { image: image.clone(), nics: one, placement, ..lab.spec(6).await };
    lab.cloud.launch(&second).await.unwrap();
    lab.finish(&second, None).await;
    let id = lab.found(&second).await.cloud_id.unwrap();
    let cards = lab.properties(&id, "config.hardware.device").await;
    assert_eq!(cards.matches("<macAddress>").count(), 1, "{cards}");
    assert!(cards.contains("<deviceName>VM Network</deviceName>"), "{cards}");
    assert_eq!(lab.properties(&image, "config.hardware.device").await.matches("<macAddress>").count(), 2);
    lab.remove(&second, None).await;
    assert_eq!(lab.found(&spec).await.cloud_id.as_deref(), Some(image.as_str()));
}

#[tokio::test]
async fn a_launch_that_cannot_be_is_refused() {
    let lab = Lab::start().await;
    let good = lab.spec(7).await;
    let n_machines = machines(&lab.cloud, &lab.location).await.len();
    let placed = |change: &dyn Fn(&mut Placement)| {
        let mut spec = good.clone();
        change(&mut spec.placement);
        spec
    };
    let nowhere = placed(&|it| {
        let Placement::Vsphere { compute_resource, .. } = it else { return };
        *compute_resource = None;
    });
    let no_cluster = placed(&|it| {
        let Placement::Vsphere { compute_resource, .. } = it else { return };
        *compute_resource = Some("domain-c99999".to_owned());
    });
    let no_specification = placed(&|it| {
        let Placement::Vsphere { customization_spec, .. } = it else { return };
        *customization_spec = Some("none".to_owned());
    });
    let nic = |network: &str, ip: Option<&str>| {
        vec![Nic { network: network.to_owned(), fixed_ip: ip.map(|it| it.parse().unwrap()) }]
    };
    let fixed = nic(&good.nics[0].network, Some("10.0.0.1"));
    for (spec, text) in [
        (ServerSpec { image: "vm-99999".to_owned(), ..good.clone() }, "the image vm-99999 does not exist"),
        (ServerSpec { size: Size::Flavor("m1.small".to_owned()), ..good.clone() }, "no flavors"),
        (ServerSpec { nics: nic("network-99999", None), ..good.clone() }, "no network network-99999"),
        (ServerSpec { nics: fixed, ..good.clone() }, "no fixed address"),
        (
            ServerSpec { metadata: BTreeMap::from([("server".to_owned(), "x".to_owned())]), ..good.clone() },
            "stackyard.server",
        ),
        (nowhere, "name a compute resource"),
        (no_cluster, "no compute resource domain-c99999"),
        (no_specification, "no customization specification \"none\""),
    ] {
        let err = lab.cloud.launch(&spec).await.unwrap_err();
        assert!(matches!(&err, CloudError::Refused(it) if it.contains(text)), "{text}: {err:?}");
    }
    assert_eq!(machines(&lab.cloud, &lab.location).await.len(), n_machines);
}

/// Both use the same references.
#[tokio::test]
async fn a_server_is_made_in_the_vcenter_of_its_location() {
    let flags = ["-template", "1", "-vm", "1", "-pg", "1"];
    let (one, two) = (Vcsim::start(&flags), Vcsim::start(&flags));
    let cloud = connect(config(&one.url, &[&two.url]));
    let locations: Vec<_> = cloud.locations().await.unwrap().into_iter().map(|it| it.id).collect();
    let before = machines(&cloud, &locations[0]).await;
    let lab = Lab { vcsim: two, cloud, location: locations[1].clone() };
    let spec = lab.spec(8).await;
    let order = lab.cloud.launch(&spec).await.unwrap();
    lab.finish(&spec, Some(&order)).await;
    let id = lab.found(&spec).await.cloud_id.unwrap();
    assert!(lab.properties(&id, "name").await.contains("web%2f8%25"));
    assert_eq!(lab.cloud.find_servers(&locations[0], spec.mark, None).await.unwrap(), []);
    let removal = lab.cloud.remove_server(&locations[0], spec.mark, None).await.unwrap();
    assert_eq!(removal, Removal::Gone);
    assert_eq!(machines(&lab.cloud, &locations[0]).await, before);
    assert_eq!(lab.found(&spec).await.power_state, PowerState::On);
}

#[tokio::test]
async fn metadata_are_custom_attributes_defined_once() {
    let lab = Lab::start().await;
    let (one, two) = (lab.spec(9).await, lab.spec(10).await);
    tokio::join!(
        async {
            lab.cloud.launch(&one).await.unwrap();
            lab.finish(&one, None).await;
        },
        async {
            lab.cloud.launch(&two).await.unwrap();
            lab.finish(&two, None).await;
        }
    );
    let id = lab.found(&one).await.cloud_id.unwrap();
    let mut raw = Raw::log_in(&lab.vcsim.url, USER).await;
    // Killed before it noted that it is ready: the step is done again.
    let phase = "<spec><extraConfig xsi:type=\"OptionValue\"><key>stackyard.phase</key><value \
                 xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\" xsi:type=\"xsd:string\">configured</value></extraConfig></spec>";
    raw.call("VirtualMachine", &id, "ReconfigVM_Task", phase).await;
    assert_eq!(lab.found(&one).await.phase, Phase::Building);
    lab.finish(&one, None).await;

    let fields = "<specSet><propSet><type>CustomFieldsManager</type><pathSet>field</pathSet></propSet><objectSet>\
                  <obj type=\"CustomFieldsManager\">CustomFieldsManager</obj></objectSet></specSet><options/>";
    let fields = raw.call("PropertyCollector", "propertyCollector", "RetrievePropertiesEx", fields).await;
    assert_eq!(fields.matches("<name>farm</name>").count(), 1, "{fields}");
    assert!(fields.contains("<managedObjectType>VirtualMachine</managedObjectType>"), "{fields}");
    for spec in [one, two] {
        let id = lab.found(&spec).await.cloud_id.unwrap();
        let values = lab.properties(&id, "customValue").await;
        assert_eq!(values.matches("<value>a &lt;b&gt; &amp; c</value>").count(), 1, "{values}");
    }
}
