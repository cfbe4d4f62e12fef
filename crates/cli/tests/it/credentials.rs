use serde_json::{Value, json};

use crate::support::Lab;

/// A port of loopback that nothing listens on.
fn closed_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[test]
fn a_cloud_that_does_not_answer_is_not_saved() {
    let lab = Lab::start();
    let url = format!("http://127.0.0.1:{}", closed_port());
    let password = lab.file("password", "s3cret-word\n");
    let add = ["credentials", "add", "openstack", "--name", "lab", "--url", &url, "--user", "me", "--project", "p"];
    let add = [&add[..], &["--domain", "Default", "--password-file", &password]].concat();
    lab.run(&add)
        .exits(1)
        .says("connection (http://127.0.0.1:")
        .says("!  openstack.url")
        .says("✗  openstack.tcp")
        .says("-  openstack.keystone.version and 4 more")
        .says("What to do:")
        .notes("nothing was saved")
        .hides("s3cret-word")
        .hides("\u{1b}");
    let report = lab.run(&[&add[..], &["-o", "json"]].concat()).exits(1);
    let report: Value = serde_json::from_str(&report.stdout).unwrap();
    assert_eq!(report["status"], "failed");
    assert_eq!(lab.json(&["credentials", "list"]), json!([]));
}

#[test]
fn credentials_without_validation_from_their_creation_to_their_end() {
    let lab = Lab::start();
    let url = format!("http://127.0.0.1:{}", closed_port());
    let add = ["credentials", "add", "vsphere", "--name", "vc", "--url", &url, "--user", "me", "--no-validate"];
    let add =
        [&add[..], &["--password-stdin", "--linked-vcenter", "https://127.0.0.1:8/sdk", "--allowed-use", "inventory"]]
            .concat();
    lab.run_with(&add, &[], Some("s3cret-word\n"))
        .ok()
        .says("vc (disabled)")
        .notes("NotValidated")
        .hides("s3cret-word");
    let saved = lab.json(&["credentials", "show", "vc"]);
    assert_eq!(saved["linkedVCenters"], json!(["https://127.0.0.1:8/sdk"]));
    assert_eq!((&saved["userName"], &saved["allowedUses"]), (&json!("me"), &json!(["inventory"])));
    lab.run(&["credentials", "list"]).ok().says("vmware").says("disabled");
    lab.run(&["credentials", "list", "--filter", "provider=openstack", "-o", "name"])
        .ok()
        .hides(saved["id"].as_str().unwrap());
    lab.run_with(&add, &[], Some("x\n")).exits(1).notes("UnicityViolation");

    lab.run(&["credentials", "update", "vc", "--name", "vcenter"]).ok().says("vcenter (disabled)");
    let other = ["credentials", "update", "vcenter", "--url", "https://127.0.0.1:9/sdk", "--no-validate"];
    lab.run(&other).exits(1).notes("requires").notes("what to do:");
    lab.run_with(&[&other[..], &["--password-stdin"]].concat(), &[], Some("other\n")).ok();
    lab.run(&["credentials", "update", "vcenter"]).exits(2).notes("nothing is to be changed");
    lab.run(&["credentials", "uses", "vcenter"]).ok().says("PURPOSE");
    lab.run(&["credentials", "reports", "vcenter"]).ok();
    lab.run(&["credentials", "reports", "vcenter", "last"]).exits(3);

    lab.run(&["clouds", "link", "vmware", "vcenter"]).ok().notes("NotValidated");
    lab.run(&["clouds", "list"]).ok().says("vmware").says("vcenter");
    lab.run(&["credentials", "delete", "vcenter"]).exits(1).notes("ObjectInUse");
    lab.run(&["clouds", "unlink", "vmware"]).ok();
    lab.run(&["credentials", "delete", "vcenter"]).ok().notes("deleted");
    lab.run(&["credentials", "show", "vcenter"]).exits(3);
}

#[test]
fn what_other_programs_left_behind() {
    let lab = Lab::start();
    let url = format!("http://127.0.0.1:{}", closed_port());
    let yaml = format!(
        "clouds:\n  demo:\n    auth:\n      auth_url: {url}\n      username: me\n      project_name: p\n      \
         user_domain_name: Default\n      project_domain_name: Default\n    verify: false\n    region_name: R1\n"
    );
    let yaml = lab.file("clouds.yaml", &yaml);
    lab.file("secure.yaml", "clouds:\n  demo:\n    auth:\n      password: s3cret-word\n");
    let add = ["credentials", "add", "openstack", "--clouds-yaml", &yaml, "--cloud", "demo", "--no-validate"];
    lab.run(&add).ok().says("demo (disabled)").notes("will not be verified").hides("s3cret-word");
    let saved = lab.json(&["credentials", "show", "demo"]);
    let fields = ["keystoneUrl", "userName", "tenantName", "region", "sslVerification"].map(|it| saved[it].clone());
    assert_eq!(Value::from(fields.to_vec()), json!([url, "me", "p", "R1", false]));
    // The working directory is looked at, and a flag wins over the file.
    let add =
        ["credentials", "add", "openstack", "--cloud", "demo", "--name", "second", "--user", "you", "--no-validate"];
    lab.run(&add).ok();
    assert_eq!(lab.json(&["credentials", "show", "second"])["userName"], "you");
    lab.run(&["credentials", "add", "openstack", "--cloud", "nosuch", "--no-validate"]).exits(3).notes("demo");

    let openrc = format!(
        "export OS_AUTH_URL={url}\nexport OS_USERNAME=\"me\"\nexport OS_PROJECT_NAME=p\nexport OS_PASSWORD=$IT\n"
    );
    let openrc = lab.file("openrc.sh", &openrc);
    let add = ["credentials", "add", "openstack", "--name", "third", "--openrc", &openrc, "--no-validate"];
    lab.run(&add).exits(2).notes("OS_PASSWORD would be worked out");
    lab.run_with(&add, &[("STACKYARD_PASSWORD", "s3cret-word")], None).ok();

    let add = ["credentials", "add", "vsphere", "--name", "vc", "--from-env", "--no-validate"];
    lab.run(&add).exits(2).notes("GOVC_URL");
    let govc = [("GOVC_URL", "me:s3cret-word@127.0.0.1"), ("GOVC_INSECURE", "1")];
    lab.run_with(&add, &govc, None).ok().hides("s3cret-word");
    assert_eq!(lab.json(&["credentials", "show", "vc"])["url"], "https://127.0.0.1/sdk");
}

#[test]
fn scalr_scope_is_for_everybody_and_asks() {
    let lab = Lab::start();
    let add = ["credentials", "--scope", "scalr", "add", "vsphere", "--name", "all", "--url", "https://127.0.0.1/sdk"];
    let add = [&add[..], &["--user", "me", "--password-stdin", "--no-validate"]].concat();
    lab.run_with(&add, &[], Some("x\n")).exits(2).notes("every account can use these credentials: Main").notes("--yes");
    lab.run_with(&[&add[..], &["--yes"]].concat(), &[], Some("x\n")).ok().notes("AvailableToAllAccounts");
    lab.run(&["credentials", "list"]).ok().says("scalr");
    lab.run(&["credentials", "delete", "all"]).exits(4).notes("ScopeViolation");
    lab.run(&["credentials", "delete", "all", "--scope", "scalr"]).ok();
}

#[test]
fn ports_without_a_login() {
    let lab = Lab::start();
    let url = format!("https://127.0.0.1:{}", closed_port());
    for cloud in ["openstack", "vmware"] {
        lab.run(&["credentials", "check-ports", "--cloud", cloud, "--url", &url]).says("✗").exits(1);
    }
    lab.run(&["credentials", "validate", "--unsaved", "vsphere", "--url", &url, "--user", "me"]).exits(2);
    let validate =
        ["credentials", "validate", "--unsaved", "vsphere", "--url", &url, "--user", "me", "--password-stdin"];
    lab.run_with(&validate, &[], Some("x\n")).exits(1).says("✗  vsphere.tcp");
}

#[test]
fn a_script_for_the_role() {
    let lab = Lab::start();
    let script = ["credentials", "role-script", "--user", "me@vsphere.local"];
    lab.run(&script).ok().says("govc role.create").says("vsphere.local\\me");
    lab.run(&[&script[..], &["--format", "powercli", "--role", "Ours"]].concat()).ok().says("New-VIRole").says("Ours");
}
