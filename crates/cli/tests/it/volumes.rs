//! A volume by the command line, on a real OpenStack.

use crate::{openstack::clouds_yaml, support::Lab};

#[test]
fn a_volume_is_made_used_by_its_name_and_deleted() {
    let lab = Lab::start();
    lab.run(&["credentials", "add", "openstack", "--clouds-yaml", &clouds_yaml(), "--cloud", "demo"]).ok();
    lab.run(&["clouds", "link", "openstack", "demo", "--wait"]).ok();
    let name = format!("data{}", std::process::id());
    let volume = |verb: &str, rest: &[&str]| lab.run(&[&["volumes", verb, name.as_str()][..], rest].concat());
    volume("create", &["--size", "1", "--type", "fast", "--dry-run"])
        .ok()
        .says("\"sizeGib\": 1")
        .says("\"id\": \"fast\"");
    volume("show", &[]).exits(3).notes("there is no volume");
    let ready = format!("{name} (openstack): ready");
    volume("create", &["--size", "1", "--wait"]).ok().notes(&ready).says("ready");
    volume("create", &["--size", "1"]).exits(1).notes("exists already in this environment");
    volume("extend", &["--size", "2", "--wait"]).ok().notes(&format!("{name} (openstack): updating")).notes(&ready);
    volume("extend", &["--size", "1"]).exits(1).notes("never made smaller");
    let there = lab.json(&["volumes", "show", &name]);
    assert_eq!((&there["sizeGib"], &there["cloudStatus"]), (&2.into(), &"available".into()), "{there:#}");

    lab.run(&["images", "register", "tiny", "--os", "cirros"]).ok();
    lab.run(&["roles", "create", "base", "--os", "cirros"]).ok();
    lab.run(&["roles", "add-image", "base", "tiny"]).ok();
    lab.run(&["farms", "create", &name]).ok();
    let role = lab.json(&["roles", "show", "base"])["id"].to_string();
    let tier = ["farm-roles", "add", &name, "--alias", "web", "--role", &role, "--instance-type", "m1.tiny"];
    lab.run(&[&tier[..], &["--cloud", "openstack", "--location", "RegionOne", "--network", "private"]].concat()).ok();
    lab.run(&["farms", "launch", &name, "--wait"]).ok();
    let server = &lab.json(&["servers", "list", "--farm", &name])[0];
    let (server, machine) = (server["id"].as_str().unwrap(), server["name"].as_str().unwrap());
    let on = |verb: &str, volume: &str| lab.run(&["servers", verb, server, volume, "--wait"]);
    on("attach-volume", "none").exits(3).notes("there is no volume \"none\"");
    on("attach-volume", &name).ok().notes("attachVolume: done");
    volume("delete", &[]).exits(1).notes(&format!("is used by server {machine}"));
    on("detach-volume", &name).ok();
    // By the cloud's id, as one that was not made here.
    on("attach-volume", there["cloudVolumeId"].as_str().unwrap()).ok();
    on("detach-volume", &name).ok();
    lab.run(&["farms", "terminate", &name, "--wait"]).ok();

    volume("delete", &["--wait"]).ok().notes(&format!("{name} (openstack): deleted")).says("deleted");
    volume("show", &[]).exits(3);
    lab.run(&["volumes", "list", "--filter", &format!("name={name}")]).ok().says("deleted");
    // The name is free again.
    volume("create", &["--size", "1", "--type", "none", "--wait"])
        .exits(1)
        .notes("the cloud does not take this volume type")
        .notes("next: list the volume types");
    volume("delete", &["--wait"]).ok();
}
