//! What only one kind of cloud has, of farm roles by the command line.

use dev_clouds::{PASSWORD, USER, Vcenter};
use serde_json::{Value, json};

use crate::{
    openstack::clouds_yaml,
    support::{Lab, TOML},
};

/// A role of one image, and a farm; the id of the role.
fn ground(lab: &Lab, image: &[&str]) -> String {
    lab.run(&[&["images", "register"][..], image, &["--name", "base", "--os", "cirros"]].concat()).ok();
    lab.run(&["roles", "create", "base", "--os", "cirros"]).ok();
    lab.run(&["roles", "add-image", "base", "base"]).ok();
    lab.run(&["farms", "create", "shop"]).ok();
    lab.json(&["roles", "show", "base"])["id"].to_string()
}

fn shown(lab: &Lab, id: &str, key: &str) -> Value {
    lab.json(&["farm-roles", "show", id])[key].clone()
}

#[test]
fn the_root_volume_config_drive_and_server_group_of_a_tier_on_openstack() {
    let lab = Lab::start();
    lab.run(&["credentials", "add", "openstack", "--clouds-yaml", &clouds_yaml(), "--cloud", "demo"]).ok();
    lab.run(&["clouds", "link", "openstack", "demo", "--wait"]).ok();
    let role = ground(&lab, &["tiny"]);
    let add = |rest: &[&str]| {
        let tier = ["farm-roles", "add", "shop", "--alias", "web", "--role", &role, "--instance-type", "m1.tiny"];
        let there = ["--cloud", "openstack", "--location", "RegionOne", "--network", "private"];
        lab.run(&[&tier[..], &there, rest].concat())
    };
    add(&["--root-volume-type", "fast"]).exits(2).notes("--root-volume-size");
    add(&["--root-volume-size", "20000"]).exits(1).notes("the size of the root volume is 1 to 16384 GiB");
    let all = ["--root-volume-size", "2", "--root-volume-type", "fast", "--config-drive", "--server-group", "apart"];
    add(&all).ok();
    let id = lab.json(&["farm-roles", "list", "shop"])[0]["id"].to_string();
    let volume = |size: u32, of: Value| json!([{ "type": "RootStorageConfiguration", "template": of_size(size, of) }]);
    assert_eq!(shown(&lab, &id, "storage"), volume(2, json!({ "type": "fast" })));
    let features = |config_drive: bool, group: Option<&str>| {
        let mut features = json!({ "type": "OpenstackCloudFeatures" });
        if config_drive {
            features["configDrive"] = true.into();
        }
        if let Some(group) = group {
            features["serverGroup"] = group.into();
        }
        features
    };
    assert_eq!(shown(&lab, &id, "cloudFeatures"), features(true, Some("apart")));

    // What is not given stays.
    let update = |rest: &[&str]| lab.run(&[&["farm-roles", "update", id.as_str()][..], rest].concat());
    update(&["--root-volume-size", "3"]).ok();
    assert_eq!(shown(&lab, &id, "storage"), volume(3, json!({ "type": "fast" })));
    update(&["--root-volume-size", "3", "--root-volume-type", ""]).ok();
    assert_eq!(shown(&lab, &id, "storage"), volume(3, json!({})));
    update(&["--server-group", ""]).ok();
    assert_eq!(shown(&lab, &id, "cloudFeatures"), features(true, None));
    update(&["--config-drive", "false"]).ok();
    assert_eq!(shown(&lab, &id, "cloudFeatures"), features(false, None));
    update(&["--root-volume-size", "0"]).ok();
    assert_eq!(shown(&lab, &id, "storage"), Value::Null);
}

fn of_size(size: u32, mut template: Value) -> Value {
    template["size"] = size.into();
    template
}

#[test]
fn hosts_of_a_tier_on_vsphere_are_chosen_from() {
    let vcenter = Vcenter::start(&["-template", "1", "-plain"]);
    let lab = Lab::with(&format!("{TOML}sync_interval = \"1d\"\nrevalidation_interval = \"1d\"\n"));
    let login = lab.data_dir.path().join("initial-admin.json");
    lab.run(&["login", "--url", &lab.url, "--from-file", login.to_str().unwrap()]).ok();
    let variables = [("GOVC_URL", vcenter.url.as_str()), ("GOVC_USERNAME", USER), ("GOVC_PASSWORD", PASSWORD)];
    lab.run_with(&["credentials", "add", "vsphere", "--name", "vc", "--from-env"], &variables, None).ok();
    lab.run(&["clouds", "link", "vmware", "vc"]).ok();
    lab.run(&["clouds", "sync", "vmware", "--wait"]).ok();
    let location = lab.json(&["clouds", "locations", "vmware"])[0]["cloudLocation"].as_str().unwrap().to_owned();
    let at = ["--cloud", "vmware", "--location", location.as_str()];
    let template = lab.json(&[&["cloud-images", "list"][..], &at].concat())[0]["id"].as_str().unwrap().to_owned();
    let role = ground(&lab, &[&[template.as_str()][..], &at].concat());
    let add = |rest: &[&str]| {
        let tier = ["farm-roles", "add", "shop", "--alias", "web", "--role", &role, "--instance-type", "small"];
        lab.run(&[&tier[..], &at, rest].concat())
    };
    let auto = ["--folder", "vm", "--placement-strategy", "scalr-auto"];
    add(&["--placement-strategy", "scalr-auto"]).exits(2).notes("--folder");
    add(&["--folder", "vm", "--placement-strategy", "drs"]).exits(2).notes("manual, scalr-auto");
    add(&[&auto[..], &["--resource-pool", "none"]].concat()).exits(3).notes("none");
    add(&[&auto[..], &["--host", "DC0_C0_H0", "--host", "DC0_C0_H9"]].concat()).exits(3).notes("DC0_C0_H9");
    add(&["--folder", "vm", "--compute-resource", "DC0_C0", "--host", "DC0_C0_H0", "--host", "DC0_C0_H1"])
        .exits(1)
        .notes("hosts takes one host");
    add(&[&auto[..], &["--host", "DC0_C0_H0", "--host", "DC0_C0_H1"]].concat()).ok();
    let id = lab.json(&["farm-roles", "list", "shop"])[0]["id"].to_string();
    let features = shown(&lab, &id, "cloudFeatures");
    let n_hosts = features["hosts"].as_array().unwrap().len();
    assert_eq!((&features["placementStrategy"], n_hosts), (&json!("scalr-auto"), 2), "{features:#}");
}
