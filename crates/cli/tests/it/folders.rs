//! Folders and pools of a vCenter by the command line, on the simulator.

use dev_clouds::{PASSWORD, USER, Vcenter};

use crate::support::{Lab, TOML};

#[test]
fn a_folder_is_made_and_what_is_in_use_stays() {
    let vcenter = Vcenter::start(&["-pool", "1", "-plain"]);
    let lab = Lab::with(&format!("{TOML}sync_interval = \"1d\"\nrevalidation_interval = \"1d\"\n"));
    let login = lab.data_dir.path().join("initial-admin.json");
    lab.run(&["login", "--url", &lab.url, "--from-file", login.to_str().unwrap()]).ok();
    let variables = [("GOVC_URL", vcenter.url.as_str()), ("GOVC_USERNAME", USER), ("GOVC_PASSWORD", PASSWORD)];
    lab.run_with(&["credentials", "add", "vsphere", "--name", "vc", "--from-env"], &variables, None).ok();
    lab.run(&["clouds", "link", "vmware", "vc", "--wait"]).ok();
    lab.run(&["folders", "create", "web", "--in", "vm", "--dry-run"]).ok().says("\"name\": \"web\"");
    lab.run(&["folders", "create", "web", "--in", "vm"]).ok().says("web");
    lab.run(&["folders", "list"]).ok().says("web");
    lab.run(&["folders", "create", "web", "--in", "vm"]).exits(1).notes("vm has a web already");
    lab.run(&["folders", "create", "web", "--in", "none"]).exits(3).notes("none");
    lab.run(&["folders", "delete", "vm"]).exits(1).notes("is the datacenter's own folder");
    lab.run(&["resource-pools", "delete", "DC0_C0_RP1"]).ok().notes("deleted DC0_C0_RP1");
    lab.run(&["resource-pools", "list"]).ok().hides("DC0_C0_RP1");
}
