//! Servers on a real OpenStack whose hosts are not real, with a port each.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread::{self, sleep},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, anyhow, ensure};
use serde_json::{Value, json};

use super::{AT_ONCE, Farm, PATIENCE, Way, print};
use crate::{
    bench::{Asked, http::Connection, process, server::Server, tap::Tap},
    clouds::Openstack,
    run::{self, say},
};

/// All that the catalog names, as `cloud.json` calls them.
const SERVICES: [&str; 6] = ["keystone", "nova-api", "neutron", "glance", "cinder-api", "swift-proxy"];
/// As old as a server with tags.
const NOVA: [(&str, &str); 1] = [("openstack-api-version", "compute 2.52")];

/// `STACKYARD_BENCH_OPENSTACK` names one that runs or is to stay; else one is started, and wiped at the end.
pub fn run(asked: &Asked) -> Result<()> {
    let given = std::env::var_os("STACKYARD_BENCH_OPENSTACK").map(PathBuf::from);
    let is_ours = given.is_none();
    let state = given.unwrap_or_else(|| std::env::temp_dir().join(format!("sy-bench-{}", std::process::id())));
    let cloud = match is_ours || !Openstack::answers(&state) {
        true => Some(Openstack::start(state.clone(), !is_ours, if is_ours { &["--free-ports"] } else { &[] })?),
        false => None,
    };
    let measured = measure(asked.n_servers, &state);
    if is_ours {
        drop(cloud);
        run::run(Command::new("dev/openstack/cloud").args(["down", "--wipe", "--state"]).arg(state))?;
    }
    measured
}

fn measure(n_servers: usize, state: &Path) -> Result<()> {
    let facts: Value = serde_json::from_str(&fs::read_to_string(state.join("cloud.json"))?)?;
    let text = |key: &str| facts[key].as_str().with_context(|| format!("no {key} in cloud.json"));
    let place = |name: &str| Ok(format!("127.0.0.1:{}", facts["ports"][name].as_u64().context(name.to_owned())?));
    let tap = Tap::start(&SERVICES.map(place).into_iter().collect::<Result<Vec<_>>>()?)?;
    // Its own names, for others may use the same cloud.
    let name = format!("bench{}", std::process::id());
    say(format!("launching and terminating {n_servers} servers"));
    let (launch, termination) = ours(&tap, text("keystoneUrl")?, text("password")?, &name, n_servers)?;
    say("the same by a bare client");
    let bare = Bare::log_in(&tap, &place, text("password")?, format!("{name}-bare"), n_servers)?;
    let made = bare.launch(&tap)?;
    let removed = bare.terminate(&tap, &made.1)?;
    print(&format!("{n_servers} servers on OpenStack, launched"), n_servers, &launch, &made.0)?;
    print(&format!("{n_servers} servers on OpenStack, terminated"), n_servers, &termination, &removed)?;
    say("the same by openstackclient");
    client(&bare, text("client")?, text("cloudsYaml")?, &format!("{name}-client"))
}

fn ours(tap: &Tap, keystone: &str, password: &str, name: &str, n_servers: usize) -> Result<(Way, Way)> {
    let server = Server::start_new()?;
    let mut add = server.client(&["credentials", "add", "openstack", "--name", "bench", "--from-env"])?;
    add.env("OS_AUTH_URL", tap.url(keystone)).env("OS_USERNAME", "demo").env("OS_PASSWORD", password);
    add.env("OS_PROJECT_NAME", "demo").env("OS_USER_DOMAIN_NAME", "Default");
    run::output(add.env("OS_PROJECT_DOMAIN_NAME", "Default"))?;
    run::output(&mut server.client(&["clouds", "link", "openstack", "bench", "--wait"])?)?;
    let at = ["--cloud", "openstack", "--location", "RegionOne"];
    let needs = ["--network", "private", "--instance-type", "m1.tiny"];
    let mut farm = Farm::declare(&server, name, n_servers, &at, "tiny", &needs)?;
    let launch = farm.bring("launch", "running", tap)?;
    Ok((launch, farm.bring("terminate", "terminated", tap)?))
}

/// A client that makes the calls without which it does not go, and looks at all servers by one call each second.
struct Bare {
    nova: String,
    neutron: String,
    token: String,
    image: String,
    flavor: String,
    network: String,
    /// What the names of its servers begin with.
    name: String,
    n_servers: usize,
    /// A call of its jobs failed: nobody need wait for the others.
    has_failed: AtomicBool,
}

/// A server and its port.
type Made = (String, String);

impl Bare {
    fn log_in(
        tap: &Tap,
        place: &dyn Fn(&str) -> Result<String>,
        password: &str,
        name: String,
        n_servers: usize,
    ) -> Result<Bare> {
        let by_tap = |service: &str| Ok::<_, anyhow::Error>(tap.url(&place(service)?));
        let user = json!({ "name": "demo", "password": password, "domain": { "id": "default" } });
        let scope = json!({ "project": { "name": "demo", "domain": { "id": "default" } } });
        let identity = json!({ "methods": ["password"], "password": { "user": user } });
        let body = json!({ "auth": { "identity": identity, "scope": scope } }).to_string();
        let answer = Connection::to(&by_tap("keystone")?)?.json("POST /v3/auth/tokens", &[], &body)?;
        let token = answer.header("x-subject-token").context("no token")?.to_owned();
        let (nova, neutron) = (by_tap("nova-api")?, by_tap("neutron")?);
        let mut bare = Bare {
            nova,
            neutron,
            token,
            image: String::new(),
            flavor: String::new(),
            network: String::new(),
            name,
            n_servers,
            has_failed: AtomicBool::new(false),
        };
        let named = |place: &str, path: &str, list: &str, name: &str| -> Result<String> {
            let all = bare.call(&mut Connection::to(place)?, &format!("GET {path}"), "")?;
            let found = all[list].as_array().into_iter().flatten().find(|it| it["name"] == name);
            Ok(found.and_then(|it| it["id"].as_str()).with_context(|| format!("no {name} in {list}"))?.to_owned())
        };
        let image = named(&by_tap("glance")?, "/v2/images", "images", "tiny")?;
        let flavor = named(&bare.nova, "/v2.1/flavors", "flavors", "m1.tiny")?;
        let network = named(&bare.neutron, "/v2.0/networks", "networks", "private")?;
        (bare.image, bare.flavor, bare.network) = (image, flavor, network);
        Ok(bare)
    }

    fn call(&self, connection: &mut Connection, line: &str, body: &str) -> Result<Value> {
        let headers = [&NOVA[..], &[("x-auth-token", self.token.as_str())]].concat();
        let answer = connection.json(line, &headers, body)?;
        if answer.body.is_empty() { Ok(Value::Null) } else { Ok(serde_json::from_slice(&answer.body)?) }
    }

    /// Until all are `ACTIVE`.
    fn launch(&self, tap: &Tap) -> Result<(Way, Vec<Made>)> {
        let make = |nova: &mut Connection, neutron: &mut Connection, n: usize| -> Result<Made> {
            let name = format!("{}-{n}", self.name);
            let port = json!({ "port": { "network_id": self.network, "name": name } }).to_string();
            let port = self.call(neutron, "POST /v2.0/ports", &port)?;
            let port = port["port"]["id"].as_str().context("no id of the port")?;
            let server = json!({ "name": name, "imageRef": self.image, "flavorRef": self.flavor, "networks": [{ "port": port }] });
            let server = self.call(nova, "POST /v2.1/servers", &json!({ "server": server }).to_string())?;
            Ok((server["server"]["id"].as_str().context("no id of the server")?.to_owned(), port.to_owned()))
        };
        tap.take();
        let begun = Instant::now();
        let made = Mutex::new(Vec::new());
        let cpu = self.work(
            |jobs| {
                for n in 0..self.n_servers {
                    jobs.send(n)?;
                }
                self.watch(&self.name, |servers| {
                    let n_active = servers.values().filter(|it| *it == "ACTIVE").count();
                    let failed = servers.iter().find(|it| it.1 == "ERROR");
                    ensure!(failed.is_none(), "the server {failed:?} failed");
                    Ok(n_active == self.n_servers)
                })
            },
            |nova, neutron, n| {
                made.lock().unwrap_or_else(PoisonError::into_inner).push(make(nova, neutron, n)?);
                Ok(())
            },
        )?;
        let way = Way { wall: begun.elapsed(), cpu_s: cpu.as_secs_f64(), calls: tap.take() };
        Ok((way, made.into_inner().unwrap_or_else(PoisonError::into_inner)))
    }

    /// Each port when its server is gone.
    fn terminate(&self, tap: &Tap, made: &[Made]) -> Result<Way> {
        tap.take();
        let begun = Instant::now();
        // First all servers by number, then, from there on, their ports.
        let cpu = self.work(
            |jobs| {
                for n in 0..made.len() {
                    jobs.send(n)?;
                }
                let mut left: Vec<usize> = (0..made.len()).collect();
                self.watch(&self.name, |servers| {
                    for n in left.extract_if(.., |it| !servers.contains_key(&made[*it].0)) {
                        jobs.send(made.len() + n)?;
                    }
                    Ok(left.is_empty())
                })
            },
            |nova, neutron, n| {
                match made.get(n) {
                    Some((server, _)) => self.call(nova, &format!("DELETE /v2.1/servers/{server}"), "")?,
                    None => self.call(neutron, &format!("DELETE /v2.0/ports/{}", made[n - made.len()].1), "")?,
                };
                Ok(())
            },
        )?;
        Ok(Way { wall: begun.elapsed(), cpu_s: cpu.as_secs_f64(), calls: tap.take() })
    }

    /// Jobs that `lead` gives out, done by as many as the server has calls under way. Returns their CPU time and that
    /// of this thread when all are done.
    fn work(
        &self,
        lead: impl FnOnce(&mpsc::Sender<usize>) -> Result<()>,
        job: impl Fn(&mut Connection, &mut Connection, usize) -> Result<()> + Sync,
    ) -> Result<Duration> {
        let own = process::cpu_of_thread()?;
        let (sender, jobs) = mpsc::channel();
        let jobs = Mutex::new(jobs);
        let work = || -> Result<Duration> {
            let (mut nova, mut neutron) = (Connection::to(&self.nova)?, Connection::to(&self.neutron)?);
            loop {
                let next = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
                let Ok(n) = next else { return process::cpu_of_thread() };
                job(&mut nova, &mut neutron, n).inspect_err(|_| self.has_failed.store(true, Ordering::Relaxed))?;
            }
        };
        thread::scope(|scope| {
            let workers: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(work)).collect();
            let led = lead(&sender);
            drop(sender);
            let mut cpu = process::cpu_of_thread()? - own;
            for it in workers {
                cpu += it.join().map_err(|_| anyhow!("a sender panicked"))??;
            }
            led.map(|()| cpu)
        })
    }

    /// Shows the servers whose name begins so, as status by id, each second until that is enough.
    fn watch(&self, name: &str, mut is_enough: impl FnMut(&HashMap<String, String>) -> Result<bool>) -> Result<()> {
        let (mut nova, begun) = (Connection::to(&self.nova)?, Instant::now());
        loop {
            let answer = self.call(&mut nova, &format!("GET /v2.1/servers/detail?name=%5E{name}-"), "")?;
            let servers = answer["servers"].as_array().into_iter().flatten();
            let text = |it: &Value, key: &str| it[key].as_str().unwrap_or_default().to_owned();
            if is_enough(&servers.map(|it| (text(it, "id"), text(it, "status"))).collect())? {
                return Ok(());
            }
            ensure!(!self.has_failed.load(Ordering::Relaxed), "a call failed");
            ensure!(begun.elapsed() < PATIENCE, "not done in an hour");
            sleep(Duration::from_secs(1));
        }
    }
}

/// One `server create` for all, which lets Nova make the ports, and one `server delete`.
fn client(bare: &Bare, program: &str, clouds: &str, name: &str) -> Result<()> {
    let n = bare.n_servers.to_string();
    let openstack = |arguments: &[&str]| -> Result<String> {
        let mut command = Command::new(program);
        command.args(["--os-cloud", "demo"]).args(arguments).env("OS_CLIENT_CONFIG_FILE", clouds);
        run::output(&mut command)
    };
    let (cpu, begun) = (process::cpu_seconds_of_children()?, Instant::now());
    let create = ["server", "create", "--image", "tiny", "--flavor", "m1.tiny", "--network", "private"];
    openstack(&[&create[..], &["--min", &n, "--max", &n, "-f", "json", name]].concat())?;
    let mut ids = Vec::new();
    bare.watch(name, |servers| {
        ids = servers.keys().cloned().collect();
        Ok(servers.values().filter(|it| *it == "ACTIVE").count() == bare.n_servers)
    })?;
    let (launched, launch_cpu) = (begun.elapsed(), process::cpu_seconds_of_children()? - cpu);
    let (cpu, begun) = (process::cpu_seconds_of_children()?, Instant::now());
    openstack(&[&["server", "delete", "--wait"][..], &ids.iter().map(String::as_str).collect::<Vec<_>>()].concat())?;
    let terminated = begun.elapsed();
    println!(
        "| {n} servers by openstackclient, one create and one delete for all: wall, its CPU | {:.1} s, {launch_cpu:.1} s; \
         {:.1} s, {:.1} s | beside |",
        launched.as_secs_f64(),
        terminated.as_secs_f64(),
        process::cpu_seconds_of_children()? - cpu
    );
    Ok(())
}
