//! A server is changed by the command line, on the simulator.

use dev_clouds::{PASSWORD, USER, Vcenter};

use crate::support::{Lab, TOML};

/// The id of the one server of a farm that runs.
fn launch(lab: &Lab, vcenter: &Vcenter) -> String {
    let login = lab.data_dir.path().join("initial-admin.json");
    lab.run(&["login", "--url", &lab.url, "--from-file", login.to_str().unwrap()]).ok();
    let variables = [("GOVC_URL", vcenter.url.as_str()), ("GOVC_USERNAME", USER), ("GOVC_PASSWORD", PASSWORD)];
    lab.run_with(&["credentials", "add", "vsphere", "--name", "vc", "--from-env"], &variables, None).ok();
    lab.run(&["clouds", "link", "vmware", "vc"]).ok();
    lab.run(&["clouds", "sync", "vmware", "--wait"]).ok();
    let location = lab.json(&["clouds", "locations", "vmware"])[0]["cloudLocation"].as_str().unwrap().to_owned();
    let template = lab.json(&["cloud-images", "list", "--cloud", "vmware", "--location", &location]);
    let at = ["--cloud", "vmware", "--location", location.as_str()];
    let os = ["--os", "ubuntu-22-04"];
    let image = ["images", "register", template[0]["id"].as_str().unwrap(), "--name", "base"];
    lab.run(&[&image[..], &os[..], &at[..]].concat()).ok();
    lab.run(&[&["roles", "create", "base"], &os[..]].concat()).ok();
    lab.run(&["roles", "add-image", "base", "base"]).ok();
    lab.run(&["farms", "create", "changed"]).ok();
    let role = lab.json(&["roles", "show", "base"])["id"].to_string();
    let tier = ["farm-roles", "add", "changed", "--alias", "web", "--role", &role, "--instance-type", "small"];
    let there = ["--folder", "vm", "--compute-resource", "DC0_C0", "--network", "VM Network"];
    lab.run(&[&tier[..], &at[..], &there[..]].concat()).ok();
    lab.run(&["farms", "launch", "changed", "--wait"]).ok();
    lab.json(&["servers", "list", "--farm", "changed"])[0]["id"].as_str().unwrap().to_owned()
}

#[test]
fn what_is_asked_of_a_server_is_followed_to_its_end() {
    let vcenter = Vcenter::start(&["-template", "1", "-plain"]);
    let lab = Lab::with(&format!("{TOML}sync_interval = \"1d\"\nrevalidation_interval = \"1d\"\n"));
    let server = launch(&lab, &vcenter);
    // The simulator names disks otherwise than a vCenter, which says `Hard disk 2`.
    let on = |verb: &'static str, rest: &[&'static str]| {
        let arguments: Vec<&str> = [&["servers", verb, server.as_str()][..], rest].concat();
        lab.run(&arguments)
    };
    on("add-disk", &["--size", "1", "--dry-run"]).ok().says("\"sizeGib\": 1");
    on("operations", &["-o", "name"]).ok();
    on("add-disk", &["--size", "1", "--provisioning", "thick", "--wait"]).ok().notes("addDisk: done").says("done");
    on("disks", &[]).ok().says("disk-202-1").says("1 GiB");
    on("extend-disk", &["disk-202-1", "--size", "2", "--wait"]).ok().notes("extendDisk: done");
    on("disks", &[]).ok().says("2 GiB");
    on("remove-disk", &["disk-202-1", "--wait"]).ok().notes("removeDisk: done");
    on("disks", &[]).ok().hides("disk-202-1");
    on("remove-disk", &["disk-202-1"]).exits(3).notes("disk-202-0");
    on("snapshot", &["before", "--description", "of the upgrade", "--wait"]).ok().notes("snapshot: done");
    on("snapshots", &[]).ok().says("before").says("of the upgrade");
    on("details", &[]).ok().says("disk-202-0");

    on("create-template", &["--name", "golden", "--folder", "vm", "--dry-run"]).ok().says("\"folder\": {");
    on("create-template", &["--name", "golden", "--wait"]).ok().notes("createTemplate: done").says("vm-");
    on("create-template", &["--name", "golden", "--wait"]).exits(1).notes("next: ask for it again with another name");
    on("create-template", &["--name", "x", "--datastore", "none"]).exits(3);
    on("relocate", &["--host", "DC0_C0_H1", "--dry-run"]).ok().says("\"host\": {");
    on("relocate", &["--host", "DC0_C0_H1", "--wait"]).ok().notes("relocate: done");
    on("relocate", &["--datastore", "none"]).exits(3);
    on("relocate", &[]).exits(2).notes("--host");
    on("set-allocation", &["--cpu-shares", "high", "--memory-limit", "4096", "--wait"])
        .ok()
        .notes("setAllocation: done");
    on("set-allocation", &["--cpu-shares", "5000", "--memory-limit", "none", "--wait"]).ok();
    on("details", &[]).ok().says("shares: 5000").says("limitMib: -1");
    on("set-allocation", &["--cpu-limit", "much"]).exits(2).notes("give a number or none");
    on("set-allocation", &["--memory-shares", "some"]).exits(2).notes("give low, normal, high or a number");
    on("set-allocation", &[]).exits(1).notes("nothing is to be set");
    on("connect-cdrom", &["[LocalDS_0] iso/a.iso", "--wait"]).ok().notes("connectCdrom: done");
    on("details", &[]).ok().says("cdrom: '[LocalDS_0] iso/a.iso'");
    on("disconnect-cdrom", &["--wait"]).ok().notes("disconnectCdrom: done");
    on("connect-cdrom", &["[LocalDS_0] web/web.vmdk"]).exits(1).notes("image.iso");
    on("set-change-tracking", &["on", "--wait"]).ok().notes("setChangeTracking: done");
    on("details", &[]).ok().says("changeTracking: true").hides("iso/a.iso");
    on("set-remote-console", &["--lock-guest", "on", "--wait"]).ok().notes("setRemoteConsole: done");
    on("details", &[]).ok().says("lockGuest: true");
    on("set-remote-console", &["--max-connections", "1", "--dry-run"]).ok().says("\"maxConnections\": 1");
    on("set-remote-console", &["--max-connections", "41"]).exits(1).notes("1 to 40");
    on("connect-usb", &["path:1/0/3", "--wait"])
        .exits(1)
        .notes("connectUsb failed: the host of the machine has no such USB device")
        .notes("next: ask again with a device that is named here");
    on("disconnect-usb", &["path:1/0/3", "--wait"]).ok().notes("disconnectUsb: done");
    on("add-raw-disk", &["--lun", "naa.6000", "--compatibility", "virtual", "--dry-run"]).ok().says("\"virtual\"");
    on("add-raw-disk", &["--lun", "naa.6000", "--compatibility", "physical", "--wait"])
        .exits(1)
        .notes("addRawDisk failed: the host of the machine tells too little of its LUNs");
    on("set-remote-console", &[]).exits(1).notes("nothing is to be set");

    // What is not done says why, and what to do.
    on("resize", &["--to", "large", "--wait"])
        .exits(1)
        .notes("resize failed: the machine cannot get another size while it is on or suspended")
        .notes("next: switch the machine off in its vCenter");
    on("operations", &["--filter", "status=failed"]).ok().says("resize").hides("snapshot");
    on("resize", &["--to", "none"]).exits(1).notes("there is no instance type");
    on("console", &[]).exits(1).notes("picture of its screen");
    on("add-floating-ip", &["--pool", "VM Network"]).exits(1).notes("vSphere has no floating IPs");
    lab.run(&["farms", "terminate", "changed", "--wait"]).ok();
    on("snapshots", &[]).exits(1).notes("its cloud has no machine of it");
}
