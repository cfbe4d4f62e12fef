//! A farm on one cloud, with a tap between; brought from one status to the next whatever comes to pass.

use std::{
    collections::BTreeSet,
    io::{Read, Write},
    net::TcpStream,
    thread,
    time::Duration,
};

use dev_clouds::{Openstack, PASSWORD, USER, Vcenter};
use serde_json::{Value, json};

use super::{plan::Plan, tap::Tap};
use crate::{
    admin_backup::Postgres,
    support::{Lab, TOML},
};

/// What is asked, and the status that servers have when it came about: a verb of `stackyard farms`, or [`RESIZE`] or
/// [`SNAPSHOT`] of each server.
pub type Phase = (&'static str, &'static str);
pub const LAUNCH: Phase = ("launch", "running");
pub const SUSPEND: Phase = ("suspend", "suspended");
pub const RESUME: Phase = ("resume", "running");
pub const TERMINATE: Phase = ("terminate", "terminated");
/// To the other one of two sizes.
pub const RESIZE: Phase = ("resize", "running");
pub const RESIZE_OFF: Phase = ("resize", "suspended");
pub const SNAPSHOT: Phase = ("snapshot", "suspended");

pub struct Story {
    pub lab: Lab,
    pub tap: Tap,
    cloud: Cloud,
    location: String,
    pub farm: String,
    n_servers: usize,
    pub database: Option<Postgres>,
    /// Ids of instance types: that servers are to have, and another one.
    sizes: [String; 2],
    n_snapshots: usize,
}

enum Cloud {
    Vcenter { it: Vcenter },
    Openstack { it: Openstack, token: String },
}

impl Story {
    pub fn on_vcenter(database: Option<Postgres>, n_servers: usize) -> Story {
        let vcenter = Vcenter::start(&["-template", "1", "-plain"]);
        let tap = Tap::start(&[authority(&vcenter.url)]);
        let url = tap.url(&vcenter.url);
        let lab = lab(database.as_ref());
        let variables = [("GOVC_URL", url.as_str()), ("GOVC_USERNAME", USER), ("GOVC_PASSWORD", PASSWORD)];
        lab.run_with(&["credentials", "add", "vsphere", "--name", "cloud", "--from-env"], &variables, None).ok();
        lab.run(&["clouds", "link", "vmware", "cloud"]).ok();
        lab.run(&["clouds", "sync", "vmware", "--wait"]).ok();
        let location = lab.json(&["clouds", "locations", "vmware"])[0]["cloudLocation"].as_str().unwrap().to_owned();
        let template = lab.json(&["cloud-images", "list", "--cloud", "vmware", "--location", &location]);
        let template = template[0]["id"].as_str().unwrap().to_owned();
        let cloud = Cloud::Vcenter { it: vcenter };
        let (farm, n_snapshots) = ("kept".to_owned(), 0);
        let sizes = ["small", "medium"].map(|it| size(&lab, "vmware", &location, it));
        let story = Story { lab, tap, cloud, location, farm, n_servers, database, sizes, n_snapshots };
        let there = ["--folder", "vm", "--compute-resource", "DC0_C0", "--network", "VM Network"];
        story.declare("vmware", &template, "ubuntu-22-04", &there);
        story
    }

    /// `farm`: unique in that cloud.
    pub fn on_openstack(database: Option<Postgres>, n_servers: usize, farm: &str) -> Story {
        let it = dev_clouds::openstack();
        let apis = ["keystone", "nova-api", "neutron", "glance", "cinder-api"];
        let tap = Tap::start(&apis.map(|it_is| it.services[it_is].clone()));
        let url = tap.url(&it.keystone_url);
        let lab = lab(database.as_ref());
        let variables = [
            ("OS_AUTH_URL", url.as_str()),
            ("OS_USERNAME", "demo"),
            ("OS_PASSWORD", &it.password),
            ("OS_PROJECT_NAME", "demo"),
            ("OS_USER_DOMAIN_NAME", "Default"),
            ("OS_PROJECT_DOMAIN_NAME", "Default"),
        ];
        lab.run_with(&["credentials", "add", "openstack", "--name", "cloud", "--from-env"], &variables, None).ok();
        lab.run(&["clouds", "link", "openstack", "cloud"]).ok();
        lab.run(&["clouds", "sync", "openstack", "--wait"]).ok();
        let token = token(&it);
        let (location, farm) = ("RegionOne".to_owned(), farm.to_owned());
        let cloud = Cloud::Openstack { it, token };
        let n_snapshots = 0;
        let sizes = ["m1.tiny", "m1.small"].map(|it| size(&lab, "openstack", &location, it));
        let story = Story { lab, tap, cloud, location, farm, n_servers, database, sizes, n_snapshots };
        story.declare("openstack", "tiny", "cirros", &["--network", "private"]);
        story
    }

    fn declare(&self, platform: &str, image: &str, os: &str, needs: &[&str]) {
        let at = ["--cloud", platform, "--location", &self.location];
        self.lab.run(&[&["images", "register", image, "--name", "base", "--os", os], &at[..]].concat()).ok();
        self.lab.run(&["roles", "create", "base", "--os", os]).ok();
        self.lab.run(&["roles", "add-image", "base", "base"]).ok();
        self.lab.run(&["farms", "create", &self.farm]).ok();
        let role = self.lab.json(&["roles", "show", "base"])["id"].to_string();
        let tier = ["farm-roles", "add", &self.farm, "--alias", "web", "--role", &role];
        let n_servers = self.n_servers.to_string();
        let name = format!("{}-{{SCALR_INSTANCE_INDEX}}", self.farm);
        let size = ["--instance-type", &self.sizes[0]];
        let scale = ["--min", &n_servers, "--max", &n_servers, "--instance-name", &name];
        self.lab.run(&[&tier[..], &at[..], needs, &size[..], &scale[..]].concat()).ok();
    }

    /// Brings the farm from one status to the next while the plan comes to pass. Events and kills that did.
    pub fn phase(&mut self, (verb, status): Phase, plan: Plan) -> (usize, usize) {
        self.tap.begin(plan.clone(), self.lab.process_id());
        match verb {
            "resize" => self.sizes.reverse(),
            "snapshot" => self.n_snapshots += 1,
            _ => {}
        }
        let mut is_asked = false;
        for _ in 0..3600 {
            if self.tap.is_dead() {
                self.lab.restart();
                self.tap.revived(self.lab.process_id());
            }
            is_asked = is_asked || self.ask_farm(verb);
            if is_asked && self.ask(verb) && self.is_so(status) {
                let counts = self.tap.end();
                // It may have died of the last call of that plan.
                if self.tap.is_dead() {
                    self.lab.restart();
                    self.tap.revived(self.lab.process_id());
                }
                self.check(status, verb, &plan);
                return counts;
            }
            thread::sleep(Duration::from_millis(50));
        }
        let servers = self.lab.run(&["servers", "list", "--farm", &self.farm, "--all", "-o", "json"]);
        panic!("{verb} with {plan:?} never came about: {servers:#?}");
    }

    /// True when the farm was asked. Who dies while it is asked may have heard it, or not.
    fn ask_farm(&self, verb: &str) -> bool {
        if ["resize", "snapshot"].contains(&verb) {
            return true;
        }
        let ran = self.lab.run(&["farms", verb, &self.farm]);
        let is_so_already = ran.stderr.contains("UnacceptableState");
        assert!(ran.code == 0 || is_so_already || ran.code == 5, "{ran:?}");
        ran.code == 0 || is_so_already
    }

    /// Asks each server that is not as wanted and does nothing yet. True when there is nothing to ask or to wait for.
    fn ask(&self, verb: &str) -> bool {
        if !["resize", "snapshot"].contains(&verb) {
            return true;
        }
        let rows = self.lab.run(&["servers", "list", "--farm", &self.farm, "--all", "-o", "json"]);
        let rows: Value = serde_json::from_str(&rows.stdout).unwrap_or_default();
        let Some(rows) = rows.as_array() else { return false };
        let live = rows.iter().filter(|it| it["status"] != "terminated");
        let mut is_done = true;
        for server in live {
            let id = server["id"].as_str().unwrap();
            let is_idle = server["operations"] == json!([]);
            let n_snapshots = || {
                let found = self.lab.run(&["servers", "operations", id, "-o", "json"]);
                let found: Value = serde_json::from_str(&found.stdout).unwrap_or_default();
                let is_made = |it: &&Value| it["kind"] == "snapshot" && it["status"] == "done";
                found.as_array().map(|it| it.iter().filter(is_made).count())
            };
            let is_so = match verb {
                "resize" => server["instanceType"]["id"] == self.sizes[0],
                _ => n_snapshots().is_some_and(|it| it == self.n_snapshots),
            };
            is_done &= is_so && is_idle;
            if is_idle && !is_so {
                match verb {
                    "resize" => self.lab.run(&["servers", "resize", id, "--to", &self.sizes[0]]),
                    _ => self.lab.run(&["servers", "snapshot", id, "kept"]),
                };
            }
        }
        is_done
    }

    pub fn is_so(&self, status: &str) -> bool {
        let rows = self.lab.run(&["servers", "list", "--farm", &self.farm, "--all", "-o", "json"]);
        let rows: Value = serde_json::from_str(&rows.stdout).unwrap_or_default();
        let n_live = if status == "terminated" { 0 } else { self.n_servers };
        let mut live = rows.as_array().into_iter().flatten().filter(|it| it["status"] != "terminated");
        rows.is_array() && live.clone().count() == n_live && live.all(|it| it["status"] == status)
    }

    /// What the cloud has of the farm is what the database says, and nothing else.
    #[track_caller]
    pub fn check(&self, status: &str, verb: &str, plan: &Plan) {
        let rows = self.lab.json(&["servers", "list", "--farm", &self.farm, "--all"]);
        let live = || rows.as_array().unwrap().iter().filter(|it| it["status"] != "terminated");
        let ours: BTreeSet<&str> = live().map(|it| it["cloudServerId"].as_str().unwrap()).collect();
        let mut found = self.machines();
        // A reading that began before the last step ended is shared by who asks meanwhile. What is left stays.
        for _ in 0..20 {
            if found.len() == ours.len() {
                break;
            }
            thread::sleep(Duration::from_millis(500));
            found = self.machines();
        }
        let theirs: BTreeSet<&str> = found.iter().map(|it| it["id"].as_str().unwrap()).collect();
        let n_servers = if status == "terminated" { 0 } else { self.n_servers };
        assert_eq!((ours.len(), found.len()), (n_servers, n_servers), "{verb} with {plan:?}: {rows:#}, {found:#?}");
        assert_eq!(ours, theirs, "{verb} with {plan:?}");
        for id in live().map(|it| it["id"].as_str().unwrap()).filter(|_| self.n_snapshots > 0) {
            let snapshots = self.lab.json(&["servers", "snapshots", id]);
            assert_eq!(snapshots.as_array().unwrap().len(), self.n_snapshots, "{verb} with {plan:?}: {snapshots:#}");
        }
        if let Cloud::Openstack { it, token } = &self.cloud {
            let is_ours =
                |name: &str| rows.as_array().unwrap().iter().any(|it| name.contains(it["id"].as_str().unwrap()));
            let ports = || -> Vec<Value> {
                let all = get(&it.services["neutron"], "/v2.0/ports", token);
                let all = all["ports"].as_array().unwrap().iter();
                all.filter(|it| is_ours(it["name"].as_str().unwrap())).cloned().collect()
            };
            let mut found = ports();
            // The order of one may have been on its way when its server died, and come after the next one had looked: then
            // the next look removes it.
            for _ in 0..20 {
                if found.len() == n_servers {
                    break;
                }
                for id in live().map(|it| it["id"].as_str().unwrap()) {
                    self.lab.run(&["servers", "sync", id]).ok();
                }
                thread::sleep(Duration::from_secs(1));
                found = ports();
            }
            assert_eq!(found.len(), n_servers, "ports after {verb} with {plan:?}: {found:#?}");
        }
    }

    /// Switches all servers off in their vCenter.
    pub fn power_off(&self) {
        let Cloud::Vcenter { it } = &self.cloud else { panic!("only in a vCenter") };
        let place = authority(&it.url);
        let login = format!(
            "<Login xmlns=\"urn:vim25\"><_this type=\"SessionManager\">SessionManager</_this>\
             <userName>{USER}</userName><password>{PASSWORD}</password></Login>"
        );
        let answer = soap(&place, "", &login);
        let cookie = answer.lines().find_map(|it| it.strip_prefix("Set-Cookie: ")).unwrap().split(';').next().unwrap();
        for machine in self.machines() {
            let id = machine["id"].as_str().unwrap();
            let this = format!("<_this type=\"VirtualMachine\">{id}</_this>");
            let answer =
                soap(&place, cookie, &format!("<PowerOffVM_Task xmlns=\"urn:vim25\">{this}</PowerOffVM_Task>"));
            assert!(answer.contains("PowerOffVM_TaskResponse"), "{answer}");
        }
        while !self.is_so("suspended") {
            thread::sleep(Duration::from_millis(100));
        }
    }

    /// With the farm's name, as their cloud lists them.
    fn machines(&self) -> Vec<Value> {
        match &self.cloud {
            Cloud::Vcenter { .. } => {
                let at = ["machines", "list", "--cloud", "vmware", "--location", &self.location, "--max-age", "0"];
                let name = format!("nameContains={}-", self.farm);
                self.lab.json(&[&at[..], &["--filter", &name]].concat()).as_array().unwrap().clone()
            }
            Cloud::Openstack { it, token } => {
                let found = get(&it.services["nova-api"], &format!("/v2.1/servers?name={}-", self.farm), token);
                found["servers"].as_array().unwrap().clone()
            }
        }
    }
}

fn lab(database: Option<&Postgres>) -> Lab {
    let url = database.map(|it| format!("database_url = \"{}\"\n", it.url)).unwrap_or_default();
    let lab = Lab::with(&format!("{TOML}{url}sync_interval = \"1d\"\nrevalidation_interval = \"1d\"\n"));
    lab.log_in();
    lab
}

/// The id of an instance type by its name.
fn size(lab: &Lab, platform: &str, location: &str, name: &str) -> String {
    let found = lab.json(&["instance-types", "list", "--cloud", platform, "--location", location]);
    let found = found.as_array().unwrap().iter().find(|it| it["name"] == name || it["id"] == name);
    found.unwrap_or_else(|| panic!("no {name}"))["id"].as_str().unwrap().to_owned()
}

fn soap(place: &str, cookie: &str, call: &str) -> String {
    let body = format!(
        "<soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\"><soapenv:Body>{call}\
         </soapenv:Body></soapenv:Envelope>"
    );
    let head = format!("POST /sdk HTTP/1.0\r\nHost: {place}\r\nContent-Type: text/xml\r\nCookie: {cookie}");
    ask(place, &format!("{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len()))
}

/// `host:port` of a URL.
fn authority(url: &str) -> String {
    url.split('/').nth(2).unwrap().to_owned()
}

/// Of the user demo, by a request of its own.
fn token(cloud: &Openstack) -> String {
    let user = json!({ "name": "demo", "password": cloud.password, "domain": { "id": "default" } });
    let scope = json!({ "project": { "name": "demo", "domain": { "id": "default" } } });
    let identity = json!({ "methods": ["password"], "password": { "user": user } });
    let body = json!({ "auth": { "identity": identity, "scope": scope } }).to_string();
    let place = authority(&cloud.keystone_url);
    let head = "POST /v3/auth/tokens HTTP/1.0\r\nContent-Type: application/json";
    let answer = ask(&place, &format!("{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len()));
    let line = answer.lines().find(|it| it.to_lowercase().starts_with("x-subject-token:"));
    line.and_then(|it| it.split_once(':')).unwrap_or_else(|| panic!("no token: {answer}")).1.trim().to_owned()
}

fn get(place: &str, path: &str, token: &str) -> Value {
    let answer = ask(place, &format!("GET {path} HTTP/1.0\r\nHost: {place}\r\nX-Auth-Token: {token}\r\n\r\n"));
    let body = answer.split_once("\r\n\r\n").unwrap().1;
    serde_json::from_str(body).unwrap_or_else(|err| panic!("{err}: {answer}"))
}

fn ask(place: &str, request: &str) -> String {
    let mut cloud = TcpStream::connect(place).unwrap();
    cloud.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    cloud.read_to_string(&mut answer).unwrap();
    answer
}
