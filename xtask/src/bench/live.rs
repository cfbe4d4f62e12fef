//! How soon a change made in a cloud itself shows in the API, and what watching costs when nothing changes.

use std::{
    fs,
    path::PathBuf,
    process::Command,
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};

use super::{Figures, ask, built, load::Caller, process, server::Server};
use crate::{
    clouds::{Openstack, VCSIM_PASSWORD, VCSIM_USER, Vcenter},
    run::{self, say},
};

/// Switched off and on, each so often.
const CHANGES: usize = 5;
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// Between two changes: the polling of OpenStack falls back to its quiet pace after a minute.
const PAUSE: Duration = Duration::from_secs(3);
const QUIET_PAUSE: Duration = Duration::from_secs(70);
const MANAGED: usize = 10_000;
const QUIET: Duration = Duration::from_secs(300);

/// From the order to the cloud until the API shows it, the cloud's own time to do it included.
pub fn changes() -> Result<()> {
    vsphere()?;
    openstack()
}

fn vsphere() -> Result<()> {
    let vcenter = Vcenter::start(8, &["-plain", "-template", "1", "-vm", "10", "-ip-base", "10.6.0.1"])?;
    let server = Server::start_new()?;
    server.link(&vcenter)?;
    let location = server.locations()?.into_iter().next().context("no datacenter")?;
    let there = ["--folder", "vm", "--compute-resource", "DC0_C0", "--network", "VM Network"];
    let (id, machine) = launch(&server, "vmware", &location, "small", &there)?;
    let change = |on: bool| soap(&vcenter, &machine, if on { "PowerOnVM_Task" } else { "PowerOffVM_Task" });
    let figures = measure(&server, &id, PAUSE, change)?;
    figures.tell("vSphere", "3 s");
    Ok(())
}

fn openstack() -> Result<()> {
    let given = std::env::var_os("STACKYARD_BENCH_OPENSTACK").map(PathBuf::from);
    let state = given.clone().unwrap_or_else(|| std::env::temp_dir().join(format!("sy-live-{}", std::process::id())));
    let is_there = given.is_some() && Openstack::answers(&state);
    let cloud = match is_there {
        true => None,
        false => Some(Openstack::start(state.clone(), false, &["--free-ports"])?),
    };
    let measured = openstack_at(&state);
    drop(cloud);
    if given.is_none() {
        run::run(Command::new("dev/openstack/cloud").args(["down", "--wipe", "--state"]).arg(&state))?;
    }
    measured
}

fn openstack_at(state: &std::path::Path) -> Result<()> {
    let facts: Value = serde_json::from_str(&fs::read_to_string(state.join("cloud.json"))?)?;
    let text = |key: &str| facts[key].as_str().with_context(|| format!("no {key} in cloud.json"));
    let server = Server::start_new()?;
    let clouds = state.join("clouds.yaml");
    let clouds = clouds.to_str().context("a path in UTF-8")?;
    let add = ["credentials", "add", "openstack", "--name", "bench", "--clouds-yaml", clouds, "--cloud", "demo"];
    run::output(server.client(&add)?.args(["-o", "name"]))?;
    run::output(&mut server.client(&["clouds", "link", "openstack", "bench", "--wait"])?)?;
    let (id, machine) = launch(&server, "openstack", "RegionOne", "m1.tiny", &["--network", "private"])?;
    let nova = Nova::log_in(text("keystoneUrl")?, text("password")?)?;
    let figures = measure(&server, &id, PAUSE, |on| nova.switch(&machine, on))?;
    figures.tell("OpenStack, while something changed within a minute", "15 s");
    let figures = measure(&server, &id, QUIET_PAUSE, |on| nova.switch(&machine, on))?;
    figures.tell("OpenStack, after a quiet minute", "15 s");
    run::output(&mut server.client(&["farms", "terminate", "bench", "--wait"])?)?;
    Ok(())
}

/// A farm of one server, by the client. The ids of the server and of its machine.
fn launch(server: &Server, cloud: &str, location: &str, size: &str, there: &[&str]) -> Result<(String, String)> {
    let at = ["--cloud", cloud, "--location", location];
    let client = |arguments: &[&str]| run::output(&mut server.client(arguments)?);
    client(&["roles", "create", "bench", "--os", "other-linux"])?;
    let role = client(&["roles", "list", "-o", "name", "--filter", "name=bench"])?;
    let images = client(&[&["cloud-images", "list", "-o", "name"], &at[..]].concat())?;
    let image = images.lines().next().context("the cloud has no image")?;
    client(&[&["images", "register", image, "--name", "bench", "--os", "other-linux"], &at[..]].concat())?;
    client(&["roles", "add-image", "bench", "bench"])?;
    client(&["farms", "create", "bench"])?;
    let tier = ["farm-roles", "add", "bench", "--alias", "web", "--role", role.trim(), "--instance-type", size];
    client(&[&tier[..], &at[..], there].concat())?;
    client(&["farms", "launch", "bench", "--wait"])?;
    let servers = server.json(&["servers", "list", "--farm", "bench"])?;
    let one = servers.get(0).or_else(|| servers["data"].get(0)).context("no server")?;
    let text = |key: &str| one[key].as_str().map(str::to_owned).with_context(|| format!("no {key} in {one}"));
    Ok((text("id")?, text("cloudServerId")?))
}

/// Sorted.
struct Times {
    /// Until the cloud's own word for the state was the other one.
    word: Vec<Duration>,
    /// Until the status was, after the second reading.
    status: Vec<Duration>,
}

impl Times {
    fn tell(&self, what: &str, budget: &str) {
        let show = |all: &[Duration]| {
            let median = all.get(all.len() / 2).copied().unwrap_or_default().as_secs_f64();
            let worst = all.last().copied().unwrap_or_default().as_secs_f64();
            format!("{median:.1} s, {worst:.1} s")
        };
        let n = self.word.len();
        println!(
            "| {what}: {n} changes of power by others, until `cloudStatus` shows it: median, worst | {} | {budget} |",
            show(&self.word)
        );
        println!("| the same, until `status` does, after two readings | {} | {budget} |", show(&self.status));
    }
}

fn measure(server: &Server, id: &str, pause: Duration, change: impl Fn(bool) -> Result<()>) -> Result<Times> {
    let mut caller = Caller::new(server)?;
    let path = format!("servers/{id}/");
    let mut look = || Ok::<_, anyhow::Error>(caller.get_json(&path)?["data"].clone());
    let begun = Instant::now();
    while look()?["observedBy"] != "watch" {
        ensure!(begun.elapsed() < Duration::from_secs(120), "its location is not watched: {}", look()?);
        sleep(LOOK_EVERY);
    }
    let mut times = Times { word: Vec::new(), status: Vec::new() };
    for n in 0..2 * CHANGES {
        sleep(pause);
        let before = look()?;
        let is_on = n % 2 == 1;
        change(is_on)?;
        let begun = Instant::now();
        let mut has_word = false;
        loop {
            let now = look()?;
            if !has_word && now["cloudStatus"] != before["cloudStatus"] {
                times.word.push(begun.elapsed());
                has_word = true;
            }
            if now["status"] == if is_on { "running" } else { "suspended" } {
                times.status.push(begun.elapsed());
                break;
            }
            if begun.elapsed() > Duration::from_secs(120) {
                bail!("the change does not show: {now}");
            }
            sleep(LOOK_EVERY);
        }
    }
    times.word.sort();
    times.status.sort();
    Ok(times)
}

struct Nova {
    url: String,
    token: String,
}

impl Nova {
    fn log_in(keystone: &str, password: &str) -> Result<Nova> {
        let domain = json!({ "name": "Default" });
        let user = json!({ "name": "demo", "password": password, "domain": domain });
        let body = json!({ "auth": {
            "identity": { "methods": ["password"], "password": { "user": user } },
            "scope": { "project": { "name": "demo", "domain": domain } },
        } });
        let headers = [("Content-Type", "application/json")];
        let answer = ask::post(&format!("{keystone}/auth/tokens"), &headers, &body.to_string())?;
        let token = answer.header("x-subject-token").context("Keystone gave no token")?.to_owned();
        let body: Value = serde_json::from_str(&answer.body)?;
        let services = body["token"]["catalog"].as_array().context("no catalog")?;
        let compute = services.iter().find(|it| it["type"] == "compute").context("no compute")?;
        let endpoints = compute["endpoints"].as_array().context("no endpoints")?;
        let public = endpoints.iter().find(|it| it["interface"] == "public").context("none is public")?;
        Ok(Nova { url: public["url"].as_str().context("no URL")?.to_owned(), token })
    }

    fn switch(&self, id: &str, on: bool) -> Result<()> {
        let body = if on { json!({ "os-start": null }) } else { json!({ "os-stop": null }) };
        let headers = [("Content-Type", "application/json"), ("X-Auth-Token", self.token.as_str())];
        let answer = ask::post(&format!("{}/servers/{id}/action", self.url), &headers, &body.to_string())?;
        ensure!(answer.status == 202, "Nova answered {}: {}", answer.status, answer.body);
        Ok(())
    }
}

/// A call on a machine, in a session of its own.
fn soap(vcenter: &Vcenter, id: &str, method: &str) -> Result<()> {
    let envelope = |kind: &str, id: &str, method: &str, fields: &str| {
        format!(
            "<Envelope xmlns=\"http://schemas.xmlsoap.org/soap/envelope/\"><Body><{method} xmlns=\"urn:vim25\">\
             <_this type=\"{kind}\">{id}</_this>{fields}</{method}></Body></Envelope>"
        )
    };
    let login = format!("<userName>{VCSIM_USER}</userName><password>{VCSIM_PASSWORD}</password>");
    let action = ("SOAPAction", "urn:vim25/6.7");
    let login = ask::post(&vcenter.url, &[action], &envelope("SessionManager", "SessionManager", "Login", &login))?;
    let cookie = login.header("set-cookie").and_then(|it| it.split(';').next()).context("no session")?;
    let call = envelope("VirtualMachine", id, method, "");
    let answer = ask::post(&vcenter.url, &[action, ("Cookie", cookie)], &call)?;
    ensure!(answer.status == 200, "{method} was answered with {}: {}", answer.status, answer.body);
    Ok(())
}

/// 10,000 servers that are as wanted, on a vCenter in which nothing changes.
pub fn managed() -> Result<()> {
    say(format!("starting a vCenter with {MANAGED} machines"));
    let in_each = (MANAGED / 10).to_string();
    let sizes = "-plain -dc 1 -cluster 10 -host 16 -standalone-host 0 -ds 4 -pg 4 -ip-base 10.0.0.1 -vm";
    let flags: Vec<_> = sizes.split(' ').chain([in_each.as_str()]).collect();
    let vcenter = Vcenter::start(7, &flags)?;
    let server = Server::start_new()?;
    server.link(&vcenter)?;
    let location = server.locations()?.into_iter().next().context("no datacenter")?;
    let adopted = server.manage_machines(&location)?;
    say(format!("{}, now watched", adopted.text("what")));
    let mut caller = Caller::new(&server)?;
    let begun = Instant::now();
    // The last of them was made last.
    while caller.get_json("servers/?maxResults=1&sort=-id")?["data"][0]["observedBy"] != "watch" {
        ensure!(begun.elapsed() < Duration::from_secs(300), "nothing is confirmed by a watch");
        sleep(Duration::from_secs(1));
    }
    // Who was to be looked at within a minute when all was read is looked at.
    say("waiting two minutes for the first looks to end");
    sleep(Duration::from_secs(120));
    let before = (
        process::cpu_seconds(server.id())?,
        caller.metric("cloud_calls_total")?,
        caller.metric("reconciler_looks_total")?,
    );
    say("five quiet minutes");
    sleep(QUIET);
    let cpu = process::cpu_seconds(server.id())? - before.0;
    let n_calls = caller.metric("cloud_calls_total")? - before.1;
    let n_looks = caller.metric("reconciler_looks_total")? - before.2;
    let share = 100.0 * cpu / QUIET.as_secs_f64();
    println!("| {MANAGED} servers managed, nothing changing, 5 minutes: CPU of one core | {share:.2} % | 5 % |");
    println!("| the same: calls to the cloud, looks at single servers | {n_calls}, {n_looks} | |");
    println!(
        "| the same: memory, peak | {} MiB, {} MiB | 200 MB |",
        process::resident_mib(server.id())?,
        process::peak_mib(server.id())?
    );
    Ok(())
}

impl Server {
    /// Makes each machine that was read at a location a server that runs and is as wanted.
    fn manage_machines(&self, location: &str) -> Result<Figures> {
        let credentials = run::output(&mut self.client(&["credentials", "list", "-o", "name"])?)?;
        let credential = credentials.lines().next().context("no credentials")?;
        let mut manage = Command::new(built("examples/manage_machines"));
        manage.args(["--database-url", &self.database_url(), "--credential", credential, "--location", location]);
        Figures::of(manage.args(["--environment", &self.environment()?]))
    }
}
