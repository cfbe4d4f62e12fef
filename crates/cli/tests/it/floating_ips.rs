//! A floating IP of no server by the command line, on a real OpenStack.

use crate::{openstack::clouds_yaml, support::Lab};

#[test]
fn a_floating_ip_is_made_shown_and_released() {
    let lab = Lab::start();
    lab.run(&["credentials", "add", "openstack", "--clouds-yaml", &clouds_yaml(), "--cloud", "demo"]).ok();
    lab.run(&["clouds", "link", "openstack", "demo", "--wait"]).ok();
    let name = format!("front{}", std::process::id());
    let one = |verb: &str, rest: &[&str]| lab.run(&[&["floating-ips", verb, name.as_str()][..], rest].concat());
    one("create", &[]).exits(2).notes("--pool");
    one("create", &["--pool", "nowhere"]).exits(3).notes("nowhere");
    one("create", &["--pool", "public", "--dry-run"]).ok().says("\"pool\"");
    one("show", &[]).exits(3).notes("there is no floating IP");
    one("create", &["--pool", "public", "--wait"]).ok().notes(&format!("{name} (openstack): ready"));
    one("create", &["--pool", "public"]).exits(1).notes("exists already in this environment");
    let made = lab.json(&["floating-ips", "show", &name]);
    let address = made["address"].as_str().unwrap();
    lab.run(&["floating-ips", "list"]).ok().says(address);

    let add = |rest: &[&str]| lab.run(&[&["servers", "add-floating-ip", "1"][..], rest].concat());
    add(&[]).exits(2).notes("--pool");
    add(&["--pool", "public", "--floating-ip", &name]).exits(2).notes("cannot be used with");
    add(&["--floating-ip", "none"]).exits(3).notes("there is no floating IP \"none\"");
    add(&["--floating-ip", &name, "--dry-run"]).ok().says(made["cloudFloatingIpId"].as_str().unwrap());
    one("delete", &["--wait"]).ok().notes("deleted");
    lab.run(&["floating-ips", "list", "--filter", "status=ready"]).ok().hides(address);
}
