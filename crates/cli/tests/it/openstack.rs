//! The whole story against a real OpenStack, with the `clouds.yaml` that its own client uses.

use std::path::PathBuf;

use serde_json::json;

use crate::support::Lab;

/// The cloud in `STACKYARD_TEST_OPENSTACK`, a state folder of `dev/openstack/cloud`.
pub fn clouds_yaml() -> String {
    let state = std::env::var_os("STACKYARD_TEST_OPENSTACK")
        .map(PathBuf::from)
        .expect("STACKYARD_TEST_OPENSTACK is not set: this test needs a real OpenStack; `cargo xtask test` starts one");
    state.join("clouds.yaml").to_str().unwrap().to_owned()
}

#[test]
fn from_a_clouds_yaml_to_the_networks() {
    let lab = Lab::start();
    let file = clouds_yaml();
    let add = ["credentials", "add", "openstack", "--clouds-yaml", &file, "--cloud", "demo"];
    lab.run_with(&[&add[..], &["--password-stdin"]].concat(), &[], Some("wrong\n")).exits(1).says("✗  openstack.auth");
    assert_eq!(lab.json(&["credentials", "list"]), json!([]));
    lab.run(&add).ok().says("✓  openstack.auth").says("demo (enabled)");
    let show = ["credentials", "show", "demo"];
    lab.run(&show).ok().says("EXTENSIONS").says("v2.1 (2.1 to ").hides("alias");
    lab.run(&[&show[..], &["--extensions"]].concat()).ok().says("os-availability-zone").says("security-group");
    lab.run(&["credentials", "catalog", "demo"]).ok().says("RegionOne").says("image");
    lab.run(&["credentials", "catalog", "demo", "--firewall"]).ok().says("nova").notes("managed servers need none");
    lab.run(&["credentials", "validate", "demo", "-o", "json"]).ok().says("openstack.service.compute");
    lab.run(&["clouds", "link", "openstack", "demo", "--wait"]).ok();
    lab.run(&["clouds", "locations"]).ok().says("RegionOne");
    let flavors = lab.run(&["instance-types", "list"]).ok().says("m1.small").notes("as the cloud was");
    assert!(!flavors.stderr.contains("stale"), "{}", flavors.stderr);
    lab.run(&["networks", "list", "--filter", "name=private"]).ok().says("private").hides("public");
    lab.run(&["cloud-images", "show", "tiny"]).ok().says("capacityBytes");
    lab.run(&["images", "register", "nosuch", "--os", "cirros"]).exits(3);
    lab.run(&["images", "register", "tiny", "--os", "cirros"]).ok().says("tiny").says("RegionOne").says("environment");
    lab.run(&["availability-zones", "list", "-o", "name"]).ok().says("az1");
    lab.run(&["machines", "list", "--all"]).ok().says("POWER");
    lab.run(&["datastores", "list"]).exits(1).notes("OpenStack has no datastores");
    lab.run(&["clouds", "clear-cache", "--wait"]).ok().notes("dropped").says("succeeded");
}

#[test]
fn variables_of_the_openstack_client() {
    let lab = Lab::start();
    let yaml = std::fs::read_to_string(clouds_yaml()).unwrap();
    // Of the entry demo; the file is made by dev/openstack and has one key a line.
    let entry = yaml.split("  demo:\n").nth(1).unwrap();
    let get = |key: &str| {
        let line = entry.lines().find_map(|it| it.trim().strip_prefix(key)).unwrap();
        line.trim_start_matches(':').trim().trim_matches(['"', '\'']).to_owned()
    };
    let variables = [
        ("OS_AUTH_URL", get("auth_url")),
        ("OS_USERNAME", get("username")),
        ("OS_PASSWORD", get("password")),
        ("OS_PROJECT_NAME", get("project_name")),
        ("OS_USER_DOMAIN_NAME", get("user_domain_name")),
        ("OS_PROJECT_DOMAIN_NAME", get("project_domain_name")),
    ];
    let set: Vec<(&str, &str)> = variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let validate = ["credentials", "validate", "--unsaved", "openstack", "--from-env"];
    lab.run_with(&validate, &set, None).ok().says("✓  openstack.auth").hides(&variables[2].1);
    let openrc: String = variables.iter().map(|(name, value)| format!("export {name}=\"{value}\"\n")).collect();
    let openrc = lab.file("openrc.sh", &openrc);
    lab.run(&["credentials", "validate", "--unsaved", "openstack", "--openrc", &openrc]).ok().hides(&variables[2].1);
    let wrong = ["credentials", "validate", "--unsaved", "openstack", "--openrc", &openrc, "--project", "nosuch"];
    lab.run(&wrong).exits(1).says("✗  openstack.auth");
}
