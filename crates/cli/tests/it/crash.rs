//! The server is killed at each call that it makes to a vCenter while a farm is launched, suspended, resumed and
//! terminated, and started again. What is wanted comes about, once, and nothing is left.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    process::Command,
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use dev_clouds::{PASSWORD, USER, Vcenter};

use crate::support::{Lab, TOML};

/// When the server dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum When {
    /// The call never reaches the cloud.
    BeforeTheCall,
    /// The cloud acted, and its answer is lost.
    AfterTheCall,
}

#[derive(Debug, Default)]
struct Plan {
    n_calls: usize,
    /// At this call, which process.
    kill: Option<(usize, When, u32)>,
    is_done: bool,
}

/// Between the server and the vCenter; a connection for each call.
struct Tap {
    url: String,
    plan: Arc<Mutex<Plan>>,
}

impl Tap {
    fn start(vcenter: &Vcenter) -> Tap {
        let upstream = vcenter.url.trim_start_matches("http://").split('/').next().unwrap().to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/sdk", listener.local_addr().unwrap());
        let plan = Arc::new(Mutex::new(Plan::default()));
        let shared = plan.clone();
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let (plan, upstream) = (shared.clone(), upstream.clone());
                thread::spawn(move || pass(client, &upstream, &plan));
            }
        });
        Tap { url, plan }
    }

    fn plan(&self, kill: Option<(usize, When, u32)>) {
        *self.plan.lock().unwrap() = Plan { n_calls: 0, kill, is_done: false };
    }

    fn has_killed(&self) -> bool {
        self.plan.lock().unwrap().is_done
    }
}

/// One call and its answer. `None`: one side is gone.
fn pass(mut client: TcpStream, upstream: &str, plan: &Mutex<Plan>) -> Option<()> {
    let request = request(&mut client)?;
    let kill = {
        let mut plan = plan.lock().unwrap();
        plan.n_calls += 1;
        let n_calls = plan.n_calls;
        plan.kill.filter(|(at, _, _)| *at == n_calls)
    };
    let die = |id: u32| {
        assert!(Command::new("kill").args(["-9", &id.to_string()]).status().unwrap().success());
        plan.lock().unwrap().is_done = true;
    };
    if let Some((_, When::BeforeTheCall, id)) = kill {
        die(id);
        return None;
    }
    let mut server = TcpStream::connect(upstream).ok()?;
    server.write_all(&request).ok()?;
    let mut answer = Vec::new();
    server.read_to_end(&mut answer).ok()?;
    if let Some((_, When::AfterTheCall, id)) = kill {
        die(id);
        return None;
    }
    client.write_all(&answer).ok()
}

/// A whole request, changed so that both ends close after it.
fn request(client: &mut TcpStream) -> Option<Vec<u8>> {
    let mut read = Vec::new();
    let mut buffer = [0; 16 << 10];
    loop {
        let n_bytes = client.read(&mut buffer).ok().filter(|it| *it > 0)?;
        read.extend_from_slice(&buffer[..n_bytes]);
        let Some(end) = read.windows(4).position(|it| it == b"\r\n\r\n") else { continue };
        let head = String::from_utf8(read[..end].to_vec()).ok()?;
        let length = head.lines().find_map(|it| it.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
        if read.len() < end + 4 + length.unwrap_or(0) {
            continue;
        }
        let lines = head.lines().filter(|it| !it.to_lowercase().starts_with("connection:"));
        let head: Vec<&str> = lines.chain(["connection: close", "", ""]).collect();
        return Some([head.join("\r\n").as_bytes(), &read[end + 4..]].concat());
    }
}

/// A farm with one server on a vCenter behind a tap.
struct Story {
    lab: Lab,
    tap: Tap,
    location: String,
    _vcenter: Vcenter,
}

impl Story {
    fn begin() -> Story {
        let vcenter = Vcenter::start(&["-template", "1", "-plain"]);
        let tap = Tap::start(&vcenter);
        let lab = Lab::with(&format!("{TOML}sync_interval = \"1d\"\nrevalidation_interval = \"1d\"\n"));
        let login = lab.data_dir.path().join("initial-admin.json");
        lab.run(&["login", "--url", &lab.url, "--from-file", login.to_str().unwrap()]).ok();
        let variables = [("GOVC_URL", tap.url.as_str()), ("GOVC_USERNAME", USER), ("GOVC_PASSWORD", PASSWORD)];
        lab.run_with(&["credentials", "add", "vsphere", "--name", "vc", "--from-env"], &variables, None).ok();
        lab.run(&["clouds", "link", "vmware", "vc"]).ok();
        lab.run(&["clouds", "sync", "vmware", "--wait"]).ok();
        let location = lab.json(&["clouds", "locations", "vmware"])[0]["cloudLocation"].as_str().unwrap().to_owned();
        let template = lab.json(&["cloud-images", "list", "--cloud", "vmware", "--location", &location]);
        let template = template[0]["id"].as_str().unwrap();
        let os = ["--os", "ubuntu-22-04"];
        let at = ["--cloud", "vmware", "--location", location.as_str()];
        lab.run(&[&["images", "register", template, "--name", "base"], &os[..], &at[..]].concat()).ok();
        lab.run(&[&["roles", "create", "base"], &os[..]].concat()).ok();
        lab.run(&["roles", "add-image", "base", "base"]).ok();
        lab.run(&["farms", "create", "kept"]).ok();
        let role = lab.json(&["roles", "show", "base"])["id"].to_string();
        let tier = ["farm-roles", "add", "kept", "--alias", "web", "--role", &role, "--instance-type", "small"];
        let there = ["--folder", "vm", "--compute-resource", "DC0_C0", "--network", "VM Network"];
        let name = ["--instance-name", "kept-{SCALR_INSTANCE_INDEX}"];
        lab.run(&[&tier[..], &at[..], &there[..], &name[..]].concat()).ok();
        Story { lab, tap, location, _vcenter: vcenter }
    }

    /// Does `verb`, with the server killed at call number `at`, and waits for `status`. False when it took fewer calls.
    fn phase(&mut self, verb: &str, status: &str, n_machines: usize, at: usize, when: When) -> bool {
        self.tap.plan(Some((at, when, self.lab.process_id())));
        self.lab.run(&["farms", verb, "kept"]).ok();
        let is_so = |it: &Story| {
            let rows = it.lab.run(&["servers", "list", "--farm", "kept", "-o", "json"]);
            let rows: serde_json::Value = serde_json::from_str(&rows.stdout).unwrap_or_default();
            let mut live = rows.as_array().into_iter().flatten().filter(|it| it["status"] != "terminated").peekable();
            let is_there = rows.is_array() && (live.peek().is_some() || status == "terminated");
            is_there && live.all(|it| it["status"] == status)
        };
        for _ in 0..1200 {
            if self.tap.has_killed() {
                break;
            }
            if is_so(self) {
                self.tap.plan(None);
                self.check(verb, n_machines, at, when);
                return false;
            }
            thread::sleep(Duration::from_millis(50));
        }
        assert!(self.tap.has_killed(), "{verb} neither ended nor came to call {at}");
        self.lab.restart();
        for _ in 0..600 {
            if is_so(self) {
                self.check(verb, n_machines, at, when);
                return true;
            }
            thread::sleep(Duration::from_millis(100));
        }
        let servers = self.lab.run(&["servers", "list", "--farm", "kept", "-o", "json"]);
        panic!("killed {when:?} {at} of {verb}, it never came: {servers:#?}");
    }

    /// What the vCenter has of the farm.
    #[track_caller]
    fn check(&self, verb: &str, n_machines: usize, at: usize, when: When) {
        let at_location = ["machines", "list", "--cloud", "vmware", "--location", &self.location, "--max-age", "0"];
        let machines = self.lab.json(&[&at_location[..], &["--filter", "nameContains=kept-"]].concat());
        assert_eq!(machines.as_array().unwrap().len(), n_machines, "killed {when:?} {at} of {verb}: {machines:#}");
    }
}

/// A verb, the status it leads to, and how many machines there are then.
type Phase = (&'static str, &'static str, usize);
const LAUNCH: Phase = ("launch", "running", 1);
const SUSPEND: Phase = ("suspend", "suspended", 1);
const RESUME: Phase = ("resume", "running", 1);
const TERMINATE: Phase = ("terminate", "terminated", 0);

/// Goes round and round through `phases`, with the server killed one call later each time, until all take fewer calls.
fn at_each_call(when: When, before: &[Phase], phases: &[Phase]) {
    let mut story = Story::begin();
    for (verb, status, n_machines) in before {
        story.phase(verb, status, *n_machines, usize::MAX, when);
    }
    let mut n_kills = 0;
    for at in 1.. {
        let kills = phases.iter().filter(|(verb, status, n)| story.phase(verb, status, *n, at, when)).count();
        n_kills += kills;
        if kills == 0 {
            break;
        }
    }
    assert!(n_kills > 5, "{n_kills} kills");
}

/// Four stories side by side, each with a server and a vCenter of its own: nearly all of their time is waiting.
#[test]
fn killed_at_each_call() {
    let both = [When::BeforeTheCall, When::AfterTheCall];
    thread::scope(|scope| {
        for when in both {
            scope.spawn(move || at_each_call(when, &[], &[LAUNCH, TERMINATE]));
            scope.spawn(move || at_each_call(when, &[LAUNCH], &[SUSPEND, RESUME]));
        }
    });
}
