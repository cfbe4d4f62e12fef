use std::os::unix::{fs::symlink, net::UnixStream};

use crate::support::{Lab, PROGRAM, Ran, TOML, bare, finish};

fn admin(lab: &Lab, arguments: &[&str]) -> Ran {
    let data_dir = lab.data_dir.path().to_str().unwrap().to_owned();
    let config = lab.config().to_str().unwrap().to_owned();
    lab.run(&[&["admin"], arguments, &["--config", &config, "--data-dir", &data_dir]].concat())
}

#[test]
fn status_over_the_socket() {
    let mut lab = Lab::with(TOML);
    // Somebody who connects and says nothing is in nobody's way.
    let _silent = UnixStream::connect(lab.data_dir.path().join("admin.sock")).unwrap();
    admin(&lab, &["status"]).ok().says("version").says("sqlite").says("validations  0 running");
    let status = admin(&lab, &["status", "-o", "json"]).ok();
    let status: serde_json::Value = serde_json::from_str(&status.stdout).unwrap();
    let parts: Vec<_> = status["parts"].as_array().unwrap().iter().map(|it| (&it["name"], &it["ok"])).collect();
    let names: [(serde_json::Value, serde_json::Value); 4] =
        ["database", "vault", "listener", "jobs"].map(|it| (it.into(), true.into()));
    assert_eq!(parts, names.iter().map(|(name, ok)| (name, ok)).collect::<Vec<_>>());
    lab.stop();
    admin(&lab, &["status"]).exits(1).notes("no server answers");
}

#[test]
fn check_names_each_value_and_its_source() {
    let lab = Lab::with(TOML);
    let config = lab.config();
    admin(&lab, &["check"])
        .ok()
        .says("allowed_cloud_networks")
        .says(&format!("{}:1", config.display()))
        .says("instances_connection_policy")
        .says("default")
        .says("command line");
    std::fs::write(&config, "instances_connection_policy = \"publik\"\nnosuch_key = 1\n").unwrap();
    admin(&lab, &["check"]).exits(1).notes(&format!("{}:1", config.display())).notes("publik").notes("nosuch_key");
    admin(&lab, &["check", "-o", "json"]).exits(1);
}

#[test]
fn reconfigure_tells_what_changed_and_changes_nothing_when_wrong() {
    let mut lab = Lab::with(TOML);
    admin(&lab, &["reconfigure"]).ok().says("nothing changed");
    std::fs::write(lab.config(), format!("{TOML}instances_connection_policy = \"local\"\n[log]\nlevel = \"debug\"\n"))
        .unwrap();
    let ran = admin(&lab, &["reconfigure"]).ok().says("instances_connection_policy  auto").says("needs a restart");
    let line = ran.stdout.lines().find(|it| it.starts_with("instances_connection_policy")).unwrap();
    assert!(line.trim_end().ends_with("local"), "{line}");
    let value = || {
        let status = admin(&lab, &["status", "-o", "json"]).ok();
        let status: serde_json::Value = serde_json::from_str(&status.stdout).unwrap();
        let values = status["configuration"].as_array().unwrap().clone();
        values.into_iter().find(|it| it["key"] == "instances_connection_policy").unwrap()["value"].clone()
    };
    assert_eq!(value(), "local");
    // What waits for a restart is told until then, and what runs is shown.
    admin(&lab, &["reconfigure"]).ok().says("needs a restart").says("log.level");
    let status = admin(&lab, &["status", "-o", "json"]).ok();
    let status: serde_json::Value = serde_json::from_str(&status.stdout).unwrap();
    let level = status["configuration"].as_array().unwrap().iter().find(|it| it["key"] == "log.level").unwrap();
    assert_eq!(level["value"], "info", "{level}");
    std::fs::write(lab.config(), format!("{TOML}instances_connection_policy = \"publik\"\n")).unwrap();
    admin(&lab, &["reconfigure"]).exits(1).notes("publik").notes("nothing was changed");
    assert_eq!(value(), "local");
    lab.stop();
    admin(&lab, &["reconfigure"]).exits(1).notes("no server answers").notes("the configuration is wrong too");
}

/// As the seeds write it.
#[test]
fn the_name_of_the_original() {
    let lab = Lab::with(TOML);
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("scalr-server-ctl");
    symlink(PROGRAM, &program).unwrap();
    let run = |arguments: &[&str]| {
        let mut command = bare(&program);
        command.args(arguments).arg("--config").arg(lab.config()).arg("--data-dir").arg(lab.data_dir.path());
        finish(command, None)
    };
    run(&["reconfigure"]).ok().says("nothing changed");
    run(&["status"]).ok().says("version");
    run(&["environments", "list"]).exits(2);
}

/// A variable of the client does not keep the server from starting.
#[test]
fn the_clients_variables_are_none_of_the_servers() {
    let lab = Lab::with(TOML);
    let config = lab.config().to_str().unwrap().to_owned();
    for name in ["URL", "CONTEXT", "API_KEY_ID", "API_SECRET_KEY", "TOKEN", "PASSWORD", "ACCOUNT", "ENVIRONMENT"] {
        let name = format!("STACKYARD_{name}");
        let ran = lab.run_with(&["admin", "check", "--config", &config], &[(&name, "1")], None);
        assert_eq!(ran.code, 0, "{name}: {}", ran.stderr);
    }
}
