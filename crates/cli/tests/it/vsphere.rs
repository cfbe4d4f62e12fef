//! The whole story against a vCenter that this project did not write: govmomi's simulator.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    sync::OnceLock,
};

use serde_json::{Value, json};

use crate::support::{Lab, PROGRAM, bare, finish};

const USER: &str = "administrator@vsphere.local";
const PASSWORD: &str = "vcsim <&> \"pass\"";

struct Vcsim {
    process: Child,
    url: String,
    told: Value,
}

impl Vcsim {
    fn start(flags: &[&str]) -> Vcsim {
        static BINARY: OnceLock<String> = OnceLock::new();
        let binary = BINARY.get_or_init(|| {
            let build = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../dev/vcsim/build");
            let output = Command::new(build).stderr(Stdio::inherit()).output().unwrap();
            assert!(output.status.success(), "dev/vcsim/build failed");
            String::from_utf8(output.stdout).unwrap().trim().to_owned()
        });
        let mut process = Command::new(binary)
            .args(["-listen", "127.0.0.1:0", "-with-parent", "-user", USER, "-password", PASSWORD])
            .args(flags)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let told: Value = serde_json::from_str(&line).expect("the simulator did not start");
        Vcsim { process, url: told["url"].as_str().unwrap().to_owned(), told }
    }
}

impl Drop for Vcsim {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}

#[test]
fn from_a_vcenter_to_the_address_of_a_machine() {
    let vcsim = Vcsim::start(&["-ip-base", "10.0.0.1"]);
    let lab = Lab::start();
    let add =
        ["credentials", "add", "vsphere", "--name", "vc", "--url", &vcsim.url, "--user", USER, "--password-stdin"];

    // Its certificate is signed by nobody: told, with the flag that pins it, and nothing is saved.
    let refused = lab.run_with(&add, &[], Some(PASSWORD)).exits(1).says("✗  vsphere.tls").notes("--fingerprint ");
    let fingerprint = refused.stderr.split_once("--fingerprint ").unwrap().1.lines().next().unwrap().trim();
    let pinned = [&add[..], &["--fingerprint", fingerprint]].concat();
    lab.run_with(&pinned, &[], Some("wrong")).exits(1).says("✗  vsphere.login");
    assert_eq!(lab.json(&["credentials", "list"]), json!([]));
    lab.run_with(&pinned, &[], Some(PASSWORD)).ok().says("✓  vsphere.login").says("vc (enabled)").hides(PASSWORD);

    lab.run(&["credentials", "validate", "vc"]).ok().says("vsphere.login");
    lab.run(&["credentials", "show", "vc"]).ok().says("API VERSION").says("VirtualCenter");
    lab.run(&["credentials", "show", "vc", "--extensions"]).exits(2).notes("only a validated OpenStack");
    lab.run(&["credentials", "reports", "vc"]).ok().says("passed");
    lab.run(&["credentials", "reports", "vc", "last"]).ok().says("✓  vsphere.tls");
    lab.run(&["credentials", "uses", "vc"]).ok().says("validation");
    lab.run(&["credentials", "catalog", "vc"]).ok().says(&vcsim.url);
    let port = vcsim.url.rsplit_once(':').unwrap().1.split('/').next().unwrap();
    lab.run(&["credentials", "catalog", "vc", "--firewall"])
        .ok()
        .says(&format!("TCP       control plane  127.0.0.1:{port}"))
        .notes("managed servers need none");

    lab.run(&["clouds", "link", "vmware", "vc", "--wait"]).ok();
    lab.run(&["clouds", "syncs"]).ok().says("succeeded").says("link");
    lab.run(&["clouds", "sync", "vmware", "--wait"]).ok().says("succeeded");
    lab.run(&["clouds", "locations", "vmware"]).ok().says("DC0");
    lab.run(&["instance-types", "list"]).ok().says("small");
    lab.run(&["datastores", "list"]).ok().says("LocalDS_0").notes("as the cloud was");
    lab.run(&["datastores", "show", "LocalDS_0"]).ok().says("capacityBytes");
    lab.run(&["datastores", "show", "nosuch"]).exits(3);
    // A reading of the same moment would do for the server.
    std::thread::sleep(std::time::Duration::from_millis(1500));
    lab.run(&["networks", "list", "--cloud", "vmware", "--location", "DC0", "--max-age", "0"])
        .ok()
        .notes("read from the cloud");
    lab.run(&["networks", "list", "--location", "DC7"]).exits(3).notes("DC0");
    lab.run(&["hosts", "list", "--cloud", "openstack"]).exits(1).notes("NotEnabledPlatform");

    // The simulator has no logs: what is said of them is shown by tests of the server.
    lab.run(&["cloud-logs", "list"]).exits(1).notes("does not implement: QueryDescriptions");
    lab.run(&["cloud-logs", "show", "vpxd", "--host", "DC0_H0"]).exits(1).notes("BrowseDiagnosticLog");
    lab.run(&["cloud-logs", "list", "--host", "nosuch"]).exits(3);

    lab.run(&["cloud-events", "list", "--limit", "3"]).ok().says("SEVERITY").notes("there are more");
    let events = lab.json(&["cloud-events", "list", "--machine", "DC0_H0_VM0"]);
    assert_eq!(events[0]["objects"][0]["name"], "DC0_H0_VM0", "{events:#}");

    lab.run(&["datastore-files", "list", "LocalDS_0"]).ok().says("DC0_H0_VM0").says("folder");
    lab.run(&["datastore-files", "list", "LocalDS_0", "DC0_H0_VM0"]).ok().says("DC0_H0_VM0/disk1.vmdk");
    let iso = lab.data_dir.path().join("a.iso");
    std::fs::write(&iso, vec![7; 3 << 20]).unwrap();
    let upload = ["datastore-files", "upload", "LocalDS_0", iso.to_str().unwrap()];
    let upload = |more: &[&'static str]| lab.run(&[&upload[..], more].concat());
    upload(&["--dry-run"]).ok().says("PUT ").says("/files/a.iso/");
    upload(&["--to", "iso/", "-o", "name"]).ok().says("iso/a.iso");
    lab.run(&["datastore-files", "list", "LocalDS_0", "iso"]).ok().says("iso/a.iso").says("3 MiB");
    upload(&["--to", "iso/a.iso"]).exits(1).notes("delete it first");
    lab.run(&["datastore-files", "upload", "LocalDS_0", "/nosuch.iso"]).exits(2).notes("cannot be read");
    lab.run(&["datastore-files", "delete", "LocalDS_0", "iso/a.iso"]).ok().notes("deleted iso/a.iso");
    let delete = ["datastore-files", "delete", "LocalDS_0", "DC0_H0_VM0/disk1.vmdk"];
    lab.run(&[&delete[..], &["--dry-run"]].concat()).ok().says("DELETE ").says("DC0_H0_VM0%2Fdisk1.vmdk/");
    lab.run(&delete).exits(1).notes("is used by DC0_H0_VM0");
    lab.run(&["cloud-tasks", "list"]).ok().says("HostDatastoreBrowser.searchDatastore").says("succeeded");
    let task = lab.json(&["cloud-tasks", "list"])[0]["id"].as_str().unwrap().to_owned();
    lab.run(&["cloud-tasks", "cancel", &task]).exits(1).notes("has ended: it succeeded");

    let machines = lab.json(&["machines", "list", "--all"]);
    assert_eq!(machines.as_array().unwrap().len() as u64, vcsim.told["vms"].as_u64().unwrap(), "{}", vcsim.told);
    lab.run(&["machines", "list"]).ok().says("10.0.0.1");
    let machine = machines.as_array().unwrap().iter().find(|it| it["connectionAddress"] == "10.0.0.1").unwrap();
    let name = machine["name"].as_str().unwrap();
    assert_eq!(lab.run(&["machines", "address", name]).ok().stdout, "10.0.0.1\n");
    lab.run(&["machines", "address", name, "--explain"]).ok().says("auto (default)").says("*  10.0.0.1");
    lab.run(&["machines", "show", name]).ok().says("instanceUuid");
    lab.run(&["search", name, "--scope", "environment"]).ok().says("machine");

    lab.run(&["credentials", "clear-cache", "vc"]).ok().says("reads the cloud anew");
    lab.run(&["credentials", "clear-cache", "vc", "--wait"]).ok().says("succeeded").says("clear-cache");
    lab.run(&["clouds", "clear-cache", "--wait"]).ok().says("succeeded");
    lab.run(&["clouds", "unlink", "vmware"]).ok();
    lab.run(&["machines", "list"]).exits(3).notes("no clouds");
    lab.run(&["credentials", "delete", "vc"]).ok();
}

/// On a terminal the certificate can be pinned there and then.
#[test]
fn asked_on_a_terminal() {
    let vcsim = Vcsim::start(&[]);
    let lab = Lab::start();
    let password = lab.file("password", PASSWORD);
    let add = format!(
        "{PROGRAM} credentials add vsphere --name vc --url {} --user {USER} --password-file {password}",
        vcsim.url
    );
    let run = |answer: &str| {
        // util-linux's script gives it a terminal.
        let mut command = bare("script");
        command.args(["-qefc", &add, "/dev/null"]).env("HOME", lab.home.path()).env("TERM", "xterm");
        finish(command, Some(answer))
    };
    run("n\n").exits(1).says("pin this certificate? [y/N]").says("nothing was saved").says("\u{1b}[31m✗");
    assert_eq!(lab.json(&["credentials", "list"]), json!([]));
    run("y\n").exits(0).says("saved cloud credentials").hides(PASSWORD);
    assert_eq!(lab.json(&["credentials", "show", "vc"])["certificateFingerprints"].as_array().unwrap().len(), 1);
}
