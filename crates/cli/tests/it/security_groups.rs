//! A security group by the command line, on a real OpenStack.

use crate::{openstack::clouds_yaml, support::Lab};

#[test]
fn a_security_group_is_made_named_by_a_farm_role_changed_and_deleted() {
    let lab = Lab::start();
    lab.run(&["credentials", "add", "openstack", "--clouds-yaml", &clouds_yaml(), "--cloud", "demo"]).ok();
    lab.run(&["clouds", "link", "openstack", "demo", "--wait"]).ok();
    let name = format!("guard{}", std::process::id());
    let group = |verb: &str, rest: &[&str]| lab.run(&[&["security-groups", verb, name.as_str()][..], rest].concat());
    group("create", &["--allow", "tcp:ssh:0.0.0.0/0"]).exits(2).notes("\"ssh\" is no port");
    group("create", &["--allow", "tcp:22:10.0.0.0/8", "--dry-run"]).ok().says("\"firstPort\": 22");
    group("delete", &[]).exits(3).notes("there is no security group that was made here");
    let ready = format!("{name} (openstack): ready");
    group("create", &["--allow", "tcp:22:10.0.0.0/8", "--wait"]).ok().notes(&ready).says("ready");
    let made = &lab.json(&["security-groups", "made", "--filter", &format!("name={name}")])[0];
    let id = made["cloudSecurityGroupId"].as_str().unwrap();
    assert_eq!(made["rules"][0]["lastPort"], 22);
    lab.run(&["security-groups", "list", "--max-age", "0"]).ok().says(id);

    lab.run(&["images", "register", "tiny", "--os", "cirros"]).ok();
    lab.run(&["roles", "create", "guarded", "--os", "cirros"]).ok();
    lab.run(&["roles", "add-image", "guarded", "tiny"]).ok();
    lab.run(&["farms", "create", &name]).ok();
    let role = lab.json(&["roles", "show", "guarded"])["id"].to_string();
    let tier = ["farm-roles", "add", &name, "--alias", "web", "--role", &role, "--instance-type", "m1.tiny"];
    let place = ["--cloud", "openstack", "--location", "RegionOne", "--network", "private", "--security-group", &name];
    lab.run(&[&tier[..], &place].concat()).ok();
    let roles = lab.json(&["farm-roles", "list", &name]);
    assert_eq!(roles[0]["security"]["securityGroups"][0]["id"], id, "{roles:#}");

    group("update", &[]).exits(2).notes("--allow");
    group("update", &["--allow-nobody", "--wait"]).ok().notes(&ready);
    group("delete", &["--wait"]).ok().notes("deleted");
    lab.run(&["security-groups", "made", "--filter", "status=ready"]).ok().hides(id);
}
