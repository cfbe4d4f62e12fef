use std::collections::{BTreeMap, HashSet};

use cloud::{
    Cloud, CloudError, LocationId,
    address::{Origin, Scope, scope},
    inventory::{Noun, PowerState},
};
use futures_util::TryStreamExt;

use crate::support::{Vcsim, config, connect, list, machines};

#[tokio::test]
async fn two_linked_vcenters_with_the_same_references_are_told_apart() {
    let (one, two) = (Vcsim::start(&["-dc", "2", "-folder", "1"]), Vcsim::start(&["-dc", "2", "-folder", "1"]));
    let cloud = connect(config(&one.url, &[&two.url]));
    let locations = cloud.locations().await.unwrap();
    assert_eq!(locations.len(), 4, "one of two datacenters lies in a folder");
    let ids: HashSet<_> = locations.iter().map(|it| it.id.0.clone()).collect();
    assert_eq!(ids.len(), 4);
    let references: HashSet<_> = ids.iter().map(|it| it.split('@').next().unwrap()).collect();
    assert_eq!(references.len(), 2, "the simulators use the same references: {ids:?}");
    for (location, vcsim) in locations.iter().zip([&one, &one, &two, &two]) {
        assert!(location.id.0.ends_with(&format!("@{}", vcsim.uuid())), "{location:?}");
        assert_eq!(location.vcenter.as_deref(), Some(vcsim.url.as_str()));
    }
    let names: Vec<_> = locations.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["DC0", "DC1", "DC0", "DC1"]);

    let (here, there) = (machines(&cloud, &locations[0].id).await, machines(&cloud, &locations[2].id).await);
    let ids =
        |machines: &[cloud::inventory::Machine]| machines.iter().map(|it| it.cloud_id.clone()).collect::<Vec<_>>();
    let uuids = |machines: &[cloud::inventory::Machine]| {
        machines.iter().filter_map(|it| it.instance_uuid.clone()).collect::<HashSet<_>>()
    };
    assert_eq!(ids(&here), ids(&there));
    assert_eq!(uuids(&here).len(), here.len());
    assert!(uuids(&here).is_disjoint(&uuids(&there)));
    cloud.close().await;
}

#[tokio::test]
async fn every_noun_is_listed() {
    let flags =
        ["-dc", "2", "-cluster", "2", "-pool", "1", "-pod", "1", "-ds", "2", "-pg", "2", "-vm", "3", "-template"];
    let vcsim = Vcsim::start(&[&flags[..], &["1", "-folder", "1"]].concat());
    let cloud = connect(config(&vcsim.url, &[]));
    let mut found = BTreeMap::<Noun, Vec<_>>::new();
    let mut n_machines = 0;
    for location in cloud.locations().await.unwrap() {
        n_machines += machines(&cloud, &location.id).await.len();
        for noun in cloud.nouns() {
            found.entry(*noun).or_default().extend(list(&cloud, &location.id, *noun).await);
        }
    }
    let n = |noun| found[&noun].len();
    assert_eq!(n_machines + n(Noun::CloudImages), vcsim.count("vms"));
    assert_eq!(n(Noun::CloudImages), vcsim.count("templates"));
    assert_eq!(n(Noun::Hosts), vcsim.count("hosts"));
    // In each datacenter one host stands alone, in a compute resource of its own.
    assert_eq!(n(Noun::Clusters), vcsim.count("clusters") + 2);
    assert_eq!(n(Noun::Datastores), vcsim.count("datastores"));
    assert_eq!(n(Noun::StoragePods), vcsim.count("storagePods"));
    // The simulator counts its root pools too.
    let is_root = |it: &&cloud::inventory::Resource| it.attributes["isRoot"] == true;
    assert_eq!(found[&Noun::ResourcePools].iter().filter(is_root).count(), n(Noun::Clusters));
    assert_eq!(n(Noun::ResourcePools), vcsim.count("pools"));
    // Beside the port groups, each datacenter has a standard network.
    assert_eq!(n(Noun::Networks), vcsim.count("portgroups") + 2);
    // Four specifications of the vCenter, listed for each datacenter.
    assert_eq!(n(Noun::CustomizationSpecs), 2 * 4);
    for (noun, things) in &found {
        let keys: HashSet<Vec<_>> = things.iter().map(|it| it.attributes.keys().cloned().collect()).collect();
        assert_eq!(keys.len(), 1, "{noun} differ in their attributes: {keys:?}");
        assert!(things.iter().all(|it| !it.cloud_id.is_empty() && !it.name.is_empty()), "{noun}");
    }

    let by_name = |noun: Noun, name: &str| {
        found[&noun].iter().find(|it| it.name == name).unwrap_or_else(|| panic!("no {noun} {name}")).clone()
    };
    let cluster = by_name(Noun::Clusters, "DC0_C0");
    assert_eq!(cluster.status.as_deref(), Some("green"));
    assert_eq!(cluster.attributes["isCluster"], true);
    assert_eq!(cluster.attributes["drsEnabled"], true);
    assert_eq!(cluster.attributes["hostCount"], 3);
    assert!(cluster.attributes["totalMemoryBytes"].as_u64().unwrap() > 1 << 30);
    let host = by_name(Noun::Hosts, "DC0_C0_H0");
    assert_eq!(host.parent.as_ref(), Some(&cluster.cloud_id));
    assert_eq!(host.status.as_deref(), Some("connected"));
    assert_eq!(host.attributes["inMaintenanceMode"], false);
    assert_eq!(host.attributes["productVersion"], "6.5.0");
    let standalone = by_name(Noun::Clusters, "DC0_H0");
    assert_eq!(standalone.attributes["isCluster"], false);
    assert!(standalone.attributes["drsEnabled"].is_null());
    let datastore = by_name(Noun::Datastores, "LocalDS_0");
    assert!(datastore.capacity_bytes.unwrap() > datastore.free_bytes.unwrap());
    assert_eq!(datastore.attributes["accessible"], true);
    let pod = by_name(Noun::StoragePods, "DC0_POD0");
    assert_eq!(pod.attributes["sdrsEnabled"], true);
    let folder = by_name(Noun::Folders, "vm");
    assert_eq!(folder.attributes["path"], "vm");
    assert_eq!(folder.attributes["isRoot"], true);
    let nested = found[&Noun::Folders].iter().find(|it| it.attributes["isRoot"] == false).unwrap();
    assert_eq!(nested.attributes["path"], format!("vm/{}", nested.name));
    let group = by_name(Noun::Networks, "DC0_DVPG0");
    assert_eq!(group.attributes["kind"], "distributed");
    assert_eq!(group.attributes["vlan"], serde_json::json!({"id": 0}));
    assert_eq!(group.attributes["switch"]["name"], "DVS0");
    assert_eq!(group.attributes["isUplink"], false);
    let image = &found[&Noun::CloudImages][0];
    assert_eq!(image.attributes["disks"].as_array().unwrap().len(), 1);
    assert_eq!(image.capacity_bytes, image.attributes["disks"][0]["capacityBytes"].as_u64());
    assert!(image.capacity_bytes.unwrap() > 0);
    assert_eq!(image.attributes["guestId"], "otherGuest");
    let spec = by_name(Noun::CustomizationSpecs, "vcsim-linux");
    assert_eq!(spec.attributes["type"], "Linux");
}

#[tokio::test]
async fn machines_have_size_state_place_and_addresses() {
    let vcsim = Vcsim::start(&["-vm", "2", "-template", "1", "-ip-base", "10.20.0.1"]);
    let cloud = connect(config(&vcsim.url, &[]));
    let location = &cloud.locations().await.unwrap()[0].id;
    let machines = machines(&cloud, location).await;
    let hosts: HashSet<_> = list(&cloud, location, Noun::Hosts).await.into_iter().map(|it| it.cloud_id).collect();
    let folders: HashSet<_> = list(&cloud, location, Noun::Folders).await.into_iter().map(|it| it.cloud_id).collect();
    let stores: HashSet<_> = list(&cloud, location, Noun::Datastores).await.into_iter().map(|it| it.cloud_id).collect();
    let images = list(&cloud, location, Noun::CloudImages).await;
    assert_eq!(machines.len(), 3);
    let mut ips = HashSet::new();
    for machine in &machines {
        assert!(images.iter().all(|it| it.cloud_id != machine.cloud_id));
        assert_eq!((machine.power_state, machine.status.as_str()), (PowerState::On, "poweredOn"));
        assert_eq!((machine.vcpus, machine.memory_mib), (Some(1), Some(32)));
        assert!(hosts.contains(machine.runs_on.as_ref().unwrap()));
        assert!(folders.contains(machine.attributes["folder"].as_str().unwrap()));
        assert!(stores.contains(machine.attributes["datastores"][0].as_str().unwrap()));
        let [address] = machine.addresses.as_slice() else { panic!("{:?}", machine.addresses) };
        assert_eq!((address.origin, address.own_card), (Origin::Guest, true));
        assert_eq!(scope(address, &[]), Scope::Local);
        ips.insert(address.ip.to_string());
    }
    assert_eq!(ips, ["10.20.0.1", "10.20.0.2", "10.20.0.3"].map(str::to_owned).into());
}

/// The simulator never pages by itself: this is our own extension of it.
#[tokio::test]
async fn pages_of_a_vcenter_are_followed_with_strict() {
    let vcsim = Vcsim::start(&["-strict", "-standalone-host", "0", "-vm", "2050"]);
    let cloud = connect(config(&vcsim.url, &[]));
    let location = &cloud.locations().await.unwrap()[0].id;
    let pages: Vec<_> = cloud.machines(location).try_collect().await.unwrap();
    assert!(
        pages.iter().all(|it| it.items.len() <= 1000),
        "{:?}",
        pages.iter().map(|it| it.items.len()).collect::<Vec<_>>()
    );
    let ids: HashSet<_> = pages.iter().flat_map(|it| &it.items).map(|it| &it.cloud_id).collect();
    assert_eq!(ids.len(), vcsim.count("vms"));
    assert!(ids.len() > 2000, "this must need three pages");
    assert_eq!(pages.last().unwrap().hidden, None);
}

#[tokio::test]
async fn an_answer_without_pages_is_cut_into_pieces() {
    let vcsim = Vcsim::start(&["-standalone-host", "0", "-vm", "1250"]);
    let cloud = connect(config(&vcsim.url, &[]));
    let location = &cloud.locations().await.unwrap()[0].id;
    let pages: Vec<_> = cloud.machines(location).try_collect().await.unwrap();
    let sizes: Vec<_> = pages.iter().map(|it| it.items.len()).collect();
    assert_eq!(sizes, [1000, 250, 0]);
}

#[tokio::test]
async fn locations_that_do_not_exist() {
    let vcsim = Vcsim::start(&[]);
    let cloud = connect(config(&vcsim.url, &[]));
    for id in ["datacenter-2", "@", "datacenter-2@other", &format!("datacenter-99999@{}", vcsim.uuid())] {
        let location = LocationId(id.to_owned());
        let err = cloud.machines(&location).try_next().await.unwrap_err();
        assert!(matches!(err, CloudError::NotFound(_)), "{id}: {err:?}");
    }
    let location = &cloud.locations().await.unwrap()[0].id;
    let err = cloud.list(location, Noun::Keypairs).try_next().await.unwrap_err();
    assert!(matches!(err, CloudError::Unsupported(_)), "{err:?}");
    assert_eq!(cloud.instance_types(location).await.unwrap(), None);
}

#[tokio::test]
async fn a_linked_vcenter_that_is_down_does_not_hide_the_others() {
    let vcsim = Vcsim::start(&[]);
    let closed = "https://127.0.0.1:1/sdk";
    let cloud = connect(config(&vcsim.url, &[closed]));
    let locations = cloud.locations().await.unwrap();
    assert_eq!(locations.len(), 1);
    assert_eq!(machines(&cloud, &locations[0].id).await.len(), vcsim.count("vms"));
    let by_vcenter = cloud.locations_by_vcenter().await;
    assert_eq!(by_vcenter[0].1.as_ref().unwrap(), &locations);
    assert_eq!(by_vcenter[1].0, closed);
    assert!(matches!(by_vcenter[1].1, Err(CloudError::Unreachable { .. })));
    // A location that nobody who answered knows may be one of the vCenter that is down.
    let location = LocationId("datacenter-2@other".to_owned());
    let err = cloud.machines(&location).try_next().await.unwrap_err();
    assert!(matches!(err, CloudError::Unreachable { .. }), "{err:?}");
    let description = cloud.describe().await.unwrap();
    assert_eq!(description["vCenters"][0]["instanceUuid"], vcsim.uuid());
    assert_eq!(description["vCenters"][0]["apiVersion"], "7.0.3");
    assert!(description["vCenters"][1]["error"].as_str().unwrap().contains("connection refused"));
}

#[tokio::test]
async fn endpoints_tell_every_vcenter() {
    let cloud = connect(config("https://vc.example", &["https://vc2.example:8443/sdk"]));
    let endpoints = cloud.endpoints().await.unwrap();
    let told: Vec<_> =
        endpoints.iter().map(|it| (it.url.as_str(), it.host.as_str(), it.port, it.is_default_port)).collect();
    assert_eq!(
        told,
        [
            ("https://vc.example/sdk", "vc.example", 443, true),
            ("https://vc2.example:8443/sdk", "vc2.example", 8443, false)
        ]
    );
}
