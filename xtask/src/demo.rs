//! The main job on one machine: connect an OpenStack and two linked vCenters, show what is found, and run a farm on both.

use std::{
    fs,
    net::TcpListener,
    path::PathBuf,
    process::{Command, Stdio},
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

use anyhow::{Context, Result, anyhow, bail};
use serde_json::Value;
use signal_hook::consts::{SIGINT, SIGTERM};

use crate::{
    clouds::{Openstack, VCSIM_PASSWORD, VCSIM_USER, Vcenter, record},
    console,
    kept::Kept,
    run::{self, Beside, say, target},
};

struct Wanted {
    openstack: bool,
    vsphere: bool,
    keep_clouds: bool,
    farm: bool,
}

pub fn run(arguments: &[String]) -> Result<()> {
    let wanted = parse(arguments)?;
    let stop = std::sync::Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        // A second one ends us at once; what runs beside us then ends with its standard input.
        signal_hook::flag::register_conditional_shutdown(signal, 130, stop.clone())?;
        signal_hook::flag::register(signal, stop.clone())?;
    }
    let openstack = wanted.openstack.then(|| thread::spawn(move || start_openstack(wanted.keep_clouds)));
    let vcenters = if wanted.vsphere { start_vcenters(wanted.keep_clouds)? } else { Vec::new() };
    console::build()?;
    say("building stackyard");
    run::run(Command::new("cargo").args(["build", "--quiet", "--package", "cli"]))?;
    let demo = Demo::start()?;
    if let [main, linked @ ..] = vcenters.as_slice() {
        demo.connect_vsphere(main, linked)?;
    }
    let openstack = match openstack {
        Some(starting) => Some(starting.join().map_err(|_| anyhow!("the start of OpenStack panicked"))??),
        None => None,
    };
    if let Some(cloud) = &openstack {
        demo.connect_openstack(cloud)?;
    }
    if wanted.farm {
        demo.run_farm(&wanted)?;
    }
    demo.tell();
    if wanted.keep_clouds {
        println!("Ctrl-C stops the server. The clouds stay for the next demo; one without --keep-clouds stops them.");
    } else {
        println!("Ctrl-C stops everything.");
    }
    while !stop.load(Ordering::Relaxed) {
        thread::sleep(Duration::from_millis(100));
    }
    say("stopping what was started");
    drop(demo);
    drop(openstack);
    drop(vcenters);
    say("stopped");
    tell_kept()
}

fn parse(arguments: &[String]) -> Result<Wanted> {
    let mut wanted = Wanted { openstack: true, vsphere: true, keep_clouds: false, farm: true };
    let mut arguments = arguments.iter().map(String::as_str);
    while let Some(argument) = arguments.next() {
        match (argument, argument.strip_prefix("--cloud=")) {
            ("--keep-clouds", _) => wanted.keep_clouds = true,
            ("--no-farm", _) => wanted.farm = false,
            ("--cloud", _) => only(&mut wanted, arguments.next().unwrap_or_default())?,
            (_, Some(cloud)) => only(&mut wanted, cloud)?,
            _ => bail!("{argument:?} is not known; there are --cloud openstack|vsphere, --no-farm and --keep-clouds"),
        }
    }
    Ok(wanted)
}

fn only(wanted: &mut Wanted, cloud: &str) -> Result<()> {
    match cloud {
        "openstack" => wanted.vsphere = false,
        "vsphere" => wanted.openstack = false,
        _ => bail!("--cloud is openstack or vsphere"),
    }
    Ok(())
}

fn start_openstack(keep: bool) -> Result<Openstack> {
    say("starting OpenStack: Keystone, Nova, Neutron, Glance, Cinder, Swift (the first time it is installed, too)");
    let state = openstack_state();
    let is_new = !state.join("cloud.json").exists();
    let cloud = Openstack::start(state, keep, if is_new { &["--free-ports", "--second-region"] } else { &[] })?;
    say("OpenStack answers");
    Ok(cloud)
}

fn start_vcenters(keep: bool) -> Result<Vec<Vcenter>> {
    say("starting two linked vCenters");
    let folder = vcenters_folder();
    let sizes = ["-dc", "2", "-cluster", "2", "-host", "3", "-vm", "6", "-template", "2", "-pod", "1", "-folder", "1"];
    let main = Vcenter::start_or_find(1, &[&sizes[..], &["-ip-base", "10.30.0.10"]].concat(), &folder, keep)?;
    let linked = Vcenter::start_or_find(2, &[&sizes[..], &["-ip-base", "10.31.0.10"]].concat(), &folder, keep)?;
    Ok(vec![main, linked])
}

fn openstack_state() -> PathBuf {
    std::env::temp_dir().join("stackyard-demo-os")
}

fn vcenters_folder() -> PathBuf {
    std::env::temp_dir().join("stackyard-demo-vcenters")
}

/// Says which clouds of this or an earlier demo go on, and how to stop each.
fn tell_kept() -> Result<()> {
    let mut lines = Vec::new();
    let state = openstack_state();
    if Openstack::answers(&state) {
        lines.push(format!("OpenStack: dev/openstack/cloud down --state {}", state.display()));
    }
    for n in [1, 2] {
        if let Some(kept) = Kept::find(&record(&vcenters_folder(), n))? {
            lines.push(format!("the vCenter {}: kill {}", kept.url, kept.id));
        }
    }
    if !lines.is_empty() {
        println!("\nStill running, and how to stop it:\n  {}", lines.join("\n  "));
    }
    Ok(())
}

/// A server with an empty database, and its client.
struct Demo {
    url: String,
    admin: Value,
    admin_file: PathBuf,
    program: PathBuf,
    _server: Beside,
}

impl Demo {
    fn start() -> Result<Demo> {
        let folder = target().join("demo");
        let data = folder.join("data");
        let _ = fs::remove_dir_all(&data);
        fs::create_dir_all(&folder)?;
        let config = folder.join("stackyard.toml");
        fs::write(
            &config,
            "# The clouds of the demo are on this machine.\nallowed_cloud_networks = [\"127.0.0.0/8\"]\n",
        )?;
        let listen = free_address()?;
        let program = target().join("debug/stackyard");
        say("starting the server");
        let log_path = folder.join("server.log");
        let log = fs::File::create(&log_path)?;
        let see_log = || format!("see {}", log_path.display());
        let mut command = Command::new(&program);
        command.arg("server").arg("--config").arg(&config).arg("--data-dir").arg(&data).args(["--listen", &listen]);
        let mut server = Beside::start("the server", command.stdout(Stdio::null()).stderr(log))?;
        let ready = (0..200).any(|_| {
            thread::sleep(Duration::from_millis(50));
            run::is_ready(&listen)
        });
        server.check().with_context(see_log)?;
        if !ready {
            bail!("the server does not answer; {}", see_log());
        }
        let admin_file = data.join("initial-admin.json");
        let admin = serde_json::from_str(&fs::read_to_string(&admin_file)?)?;
        Ok(Demo { url: format!("http://{listen}"), admin, admin_file, program, _server: server })
    }

    /// The client, logged in as the administrator.
    fn stackyard(&self, arguments: &[&str]) -> Command {
        let text = |key: &str| match &self.admin[key] {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let mut command = Command::new(&self.program);
        command
            .args(arguments)
            .env("STACKYARD_URL", &self.url)
            .env("STACKYARD_API_KEY_ID", text("apiKeyId"))
            .env("STACKYARD_API_SECRET_KEY", text("apiSecretKey"))
            .env("STACKYARD_ACCOUNT", text("accountId"))
            .env("STACKYARD_ENVIRONMENT", text("environmentId"));
        command
    }

    /// Shows a command as a person would type it, and its output.
    fn show(&self, arguments: &[&str]) -> Result<()> {
        println!("\n$ stackyard {}", arguments.join(" "));
        run::run(&mut self.stackyard(arguments))
    }

    fn connect_vsphere(&self, main: &Vcenter, linked: &[Vcenter]) -> Result<()> {
        println!("\n== VMware vSphere ==");
        let mut add = vec!["credentials", "add", "vsphere", "--name", "demo-vsphere", "--from-env"];
        for vcenter in linked {
            add.extend(["--linked-vcenter", &vcenter.url]);
        }
        println!("\n$ stackyard {}", add.join(" "));
        let mut command = self.stackyard(&add);
        command.env("GOVC_URL", &main.url).env("GOVC_USERNAME", VCSIM_USER).env("GOVC_PASSWORD", VCSIM_PASSWORD);
        // The simulator's certificate is signed by nobody.
        run::run(command.env("GOVC_INSECURE", "true"))?;
        self.show(&["clouds", "link", "vmware", "demo-vsphere"])?;
        self.show(&["clouds", "sync", "vmware", "--wait"])?;
        self.show(&["clouds", "locations", "vmware"])?;
        let location = &self.first_datacenter()?;
        for noun in ["instance-types", "cloud-images", "networks", "datastores", "machines"] {
            self.show(&[noun, "list", "--cloud", "vmware", "--location", location])?;
        }
        Ok(())
    }

    fn connect_openstack(&self, cloud: &Openstack) -> Result<()> {
        println!("\n== OpenStack ==");
        let file = cloud.state.join("clouds.yaml");
        let file = file.to_string_lossy();
        self.show(&[
            "credentials",
            "add",
            "openstack",
            "--name",
            "demo-openstack",
            "--clouds-yaml",
            &file,
            "--cloud",
            "demo",
        ])?;
        self.show(&["clouds", "link", "openstack", "demo-openstack"])?;
        self.show(&["clouds", "sync", "openstack", "--wait"])?;
        for noun in ["instance-types", "cloud-images", "networks", "machines"] {
            self.show(&[noun, "list", "--cloud", "openstack", "--location", "RegionOne"])?;
        }
        Ok(())
    }

    fn first_datacenter(&self) -> Result<String> {
        let locations = run::output(&mut self.stackyard(&["clouds", "locations", "vmware", "-o", "name"]))?;
        Ok(locations.lines().next().context("the vCenters have no datacenter")?.to_owned())
    }

    /// One role on both clouds, from the image to machines that run, and back: the clouds are as they were after it.
    fn run_farm(&self, wanted: &Wanted) -> Result<()> {
        println!("\n== A farm ==");
        self.show(&["roles", "create", "demo-web", "--os", "other-linux", "--description", "one role for all clouds"])?;
        self.show(&["farms", "create", "shop", "--launch-order", "sequential"])?;
        let role = run::output(&mut self.stackyard(&["roles", "list", "-o", "name", "--filter", "name=demo-web"]))?;
        let name = ["--instance-name", "{SCALR_FARM_NAME}-{SCALR_FARM_ROLE_ALIAS}-{SCALR_INSTANCE_INDEX}"];
        let mut tiers: Vec<(&str, String, &str, &str, Vec<&str>)> = Vec::new();
        if wanted.openstack {
            tiers.push((
                "openstack",
                "RegionOne".to_owned(),
                "front",
                "m1.tiny",
                vec!["--network", "private", "--min", "2"],
            ));
        }
        if wanted.vsphere {
            let there = vec!["--folder", "vm", "--compute-resource", "DC0_C0", "--network", "VM Network"];
            tiers.push(("vmware", self.first_datacenter()?, "data", "small", there));
        }
        for (index, (cloud, location, alias, size, there)) in tiers.iter().enumerate() {
            let at = ["--cloud", *cloud, "--location", location.as_str()];
            let images =
                run::output(&mut self.stackyard(&[&["cloud-images", "list", "-o", "name"], &at[..]].concat()))?;
            let image = images.lines().next().with_context(|| format!("{cloud} has no image"))?;
            let image_name = format!("demo-{cloud}");
            self.show(
                &[&["images", "register", image, "--name", &image_name, "--os", "other-linux"], &at[..]].concat(),
            )?;
            self.show(&["roles", "add-image", "demo-web", &image_name])?;
            let index = index.to_string();
            let tier =
                ["farm-roles", "add", "shop", "--alias", *alias, "--role", role.trim(), "--instance-type", *size];
            self.show(&[&tier[..], &at[..], &["--launch-index", index.as_str()], &there[..], &name[..]].concat())?;
        }
        self.show(&["farms", "launch", "shop", "--wait"])?;
        self.show(&["servers", "list", "--farm", "shop"])?;
        let servers = run::output(&mut self.stackyard(&["servers", "list", "--farm", "shop", "-o", "name"]))?;
        for server in servers.lines().take(1) {
            self.show(&["servers", "events", server])?;
        }
        for (cloud, ..) in &tiers {
            let of_cloud = format!("cloudPlatform={cloud}");
            let of_cloud = ["servers", "list", "--farm", "shop", "-o", "name", "--filter", &of_cloud];
            let servers = run::output(&mut self.stackyard(&of_cloud))?;
            let server = servers.lines().next().with_context(|| format!("{cloud} has no server"))?;
            if *cloud == "openstack" {
                self.show(&["servers", "resize", server, "--to", "m1.small", "--wait"])?;
                self.show(&["servers", "console", server, "--lines", "5"])?;
            } else {
                // Both go with the machine; a snapshot in OpenStack is an image that stays.
                self.show(&["servers", "snapshot", server, "before-upgrade", "--wait"])?;
                self.show(&["servers", "add-disk", server, "--size", "1", "--wait"])?;
                self.show(&["servers", "details", server])?;
            }
        }
        for verb in ["suspend", "resume", "terminate"] {
            self.show(&["farms", verb, "shop", "--wait"])?;
        }
        for (cloud, location, ..) in &tiers {
            let at = ["--cloud", *cloud, "--location", location.as_str(), "--max-age", "0"];
            self.show(&[&["machines", "list", "--filter", "nameContains=shop-"], &at[..]].concat())?;
        }
        println!(
            "\nThe farm shop is still declared: launch it again in the console or by stackyard farms launch shop."
        );
        Ok(())
    }

    fn tell(&self) {
        let text = |key: &str| self.admin[key].as_str().unwrap_or_default().to_owned();
        println!("\nThe console, in a browser: {}", self.url);
        println!("Log in as {} with the password {}", text("email"), text("password"));
        println!("An API key and the ids of account and environment are in {}", self.admin_file.display());
    }
}

fn free_address() -> Result<String> {
    let usual = "127.0.0.1:7780";
    match TcpListener::bind(usual) {
        Ok(_) => Ok(usual.to_owned()),
        Err(_) => Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string()),
    }
}
