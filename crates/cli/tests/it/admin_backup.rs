//! `stackyard admin backup`, `restore` and `audit verify`.

use std::{
    env, fs,
    sync::atomic::{AtomicU32, Ordering},
};

use crate::{
    admin_place::{Place, mode},
    support::{bare, finish},
};

/// A database of the server that `STACKYARD_TEST_POSTGRES` names, gone when dropped.
pub struct Postgres {
    server: String,
    name: String,
    pub url: String,
}

impl Postgres {
    pub fn new() -> Postgres {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let server = env::var("STACKYARD_TEST_POSTGRES").expect(
            "STACKYARD_TEST_POSTGRES is not set: `cargo xtask test` starts a PostgreSQL and sets it; or give the \
             postgres:// URL of a server where databases may be created",
        );
        let name = format!("cli_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let url = format!("{}/{name}", server.rsplit_once('/').unwrap().0);
        let postgres = Postgres { server, name, url };
        postgres.run(&format!("CREATE DATABASE {}", postgres.name));
        postgres
    }

    fn run(&self, sql: &str) {
        let mut command = bare("psql");
        command.args(["-q", "-v", "ON_ERROR_STOP=1", "-c", sql, &self.server]);
        finish(command, None).ok();
    }

    /// One value of this database, as text.
    pub fn ask(&self, sql: &str) -> String {
        let mut command = bare("psql");
        command.args(["-qAt", "-v", "ON_ERROR_STOP=1", "-c", sql, &self.url]);
        finish(command, None).ok().stdout.trim().to_owned()
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let mut command = bare("psql");
        command.args(["-q", "-c", &format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name), &self.server]);
        let _ = command.status();
    }
}

fn copy_key(from: &Place, to: &Place) {
    fs::copy(from.path("master.key"), to.path("master.key")).unwrap();
}

fn text(place: &Place, name: &str) -> String {
    place.path(name).to_str().unwrap().to_owned()
}

#[test]
fn from_one_engine_to_the_other_and_back() {
    let (first, second, third, postgres) = (Place::new(), Place::new(), Place::new(), Postgres::new());
    let server = first.start();
    first.admin(&["user", "add", "ann@example.net", "--name", "Änn ☃", "--account", "1", "--generate"]).ok();
    let backup = text(&first, "backup.jsonl");
    // While the server runs.
    first.admin(&["backup", &backup]).ok().notes("master key is not among them").notes(&text(&first, "master.key"));
    assert_eq!(mode(&first.path("backup.jsonl")), 0o600);
    let written = fs::read_to_string(&backup).unwrap();
    assert!(!written.contains(fs::read_to_string(first.path("master.key")).unwrap().trim()));
    first.admin(&["backup", &backup]).exits(1).notes("not overwritten");
    assert_eq!(fs::read_to_string(&backup).unwrap(), written);
    assert_eq!(first.admin(&["backup", "-"]).ok().stdout, written);
    first.admin(&["restore", &backup]).exits(1).notes("another server runs on this data directory");
    server.stop();
    first.admin(&["restore", &backup]).exits(1).notes("not empty");

    copy_key(&first, &second);
    second.admin(&["restore", &backup, "--database-url", &postgres.url]).ok().notes("the master key opens them");
    second.admin(&["restore", &backup, "--database-url", &postgres.url]).exits(1).notes("not empty");
    fs::write(second.path("stackyard.toml"), format!("database_url = {:?}\n", postgres.url)).unwrap();
    second.admin(&["audit", "verify"]).ok();
    assert_eq!(second.admin(&["backup", "-"]).ok().stdout, written, "the same rows give the same bytes");
    let server = second.start();
    assert!(server.log_text().contains("postgres"), "{}", server.log_text());
    second.client(&server, &first.first_login(), &["users", "list", "--account", "1"]).ok().says("Änn ☃");
    second.admin(&["rekey"]).ok();
    second.client(&server, &first.first_login(), &["environments", "list"]).ok();
    server.stop();

    copy_key(&second, &third);
    let from_postgres = second.admin(&["backup", "-"]).ok().stdout;
    third.admin_with(&["restore", "-"], Some(&from_postgres)).ok();
    third.admin(&["audit", "verify"]).ok();
    assert_eq!(third.admin(&["backup", "-"]).ok().stdout, from_postgres);
    let server = third.start();
    third.client(&server, &first.first_login(), &["users", "list", "--account", "1"]).ok().says("Änn ☃");
}

#[test]
fn a_wrong_key_and_half_a_backup_restore_nothing() {
    let (from, to) = (Place::filled(), Place::new());
    let backup = from.admin(&["backup", "-"]).ok().stdout;
    to.admin_with(&["restore", "-"], Some(&backup)).exits(1).notes("master key of the backup is needed");
    assert!(!to.path("master.key").exists());
    // Another installation's.
    let other = Place::filled();
    copy_key(&other, &to);
    to.admin_with(&["restore", "-"], Some(&backup)).exits(1).notes("wrong key");
    copy_key(&from, &to);
    let half: Vec<&str> = backup.lines().take(backup.lines().count() - 1).collect();
    to.admin_with(&["restore", "-"], Some(&half.join("\n"))).exits(1).notes("ends too early");
    to.admin_with(&["restore", "-"], Some("hello\n")).exits(1).notes("no header");
    // Empty still, so the whole one fits.
    to.admin_with(&["restore", "-"], Some(&backup)).ok();
    let server = to.start();
    to.client(&server, &from.first_login(), &["environments", "list"]).ok();
}

#[test]
fn an_altered_log_is_found() {
    let (from, to) = (Place::filled(), Place::new());
    for name in ["a", "b", "c"] {
        from.admin(&["user", "add", &format!("{name}@example.net"), "--name", name, "--account", "1", "--generate"])
            .ok();
    }
    let verified = from.admin_json(&["audit", "verify"]);
    // After the beginning of the log and the environment of the first start.
    assert_eq!(verified[1]["count"], 5);
    let backup = from.admin(&["backup", "-"]).ok().stdout;
    let altered = backup.replace("\"object_name\":\"b@example.net\"", "\"object_name\":\"x@example.net\"");
    assert_ne!(altered, backup);
    copy_key(&from, &to);
    to.admin_with(&["restore", "-"], Some(&altered)).ok().notes("account 1 is broken at 4");
    to.admin(&["audit", "verify"]).exits(1).notes("entry 4 is altered").says("altered");
    to.admin(&["audit", "verify", "--account", "1"]).exits(1).notes("entry 4 is altered");
    to.admin(&["audit", "verify", "--account", "0"]).ok();
}
