use std::{
    fs,
    os::unix::fs::PermissionsExt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use serde_json::json;

use crate::{
    admin_backup::Postgres,
    admin_place::{Login, Place, Running, as_login, mode},
};

fn key_text(place: &Place, name: &str) -> String {
    fs::read_to_string(place.path(name)).unwrap()
}

fn put_key(place: &Place, name: &str, text: &str) {
    fs::write(place.path(name), text).unwrap();
    fs::set_permissions(place.path(name), fs::Permissions::from_mode(0o600)).unwrap();
}

/// Credentials of a cloud that is down, so that their secret is opened by a validation.
async fn add_credentials(login: &Login) -> String {
    let body = json!({
        "cloudCredentialsType": "OpenstackCloudCredentials", "provider": "openstack", "name": "lab",
        "keystoneUrl": "http://127.0.0.1:9/v3", "userName": "demo", "password": "secret", "tenantName": "demo",
        "domainName": "Default",
    });
    let (status, body) = login.post("/account/1/cloud-credentials/?validate=false", body).await;
    assert_eq!(status, 201, "{body:#}");
    format!("/account/1/cloud-credentials/{}/actions/validate/", body["data"]["id"].as_str().unwrap())
}

/// An answer with a report: the secret was opened, and the cloud is down.
async fn opens(login: &Login, validate: &str) {
    let (status, body) = login.post(validate, json!({})).await;
    assert_eq!((status, &body["data"]["status"]), (200, &json!("failed")), "{body:#}");
}

async fn login(place: &Place, server: &Running) -> Login {
    let admin = place.first_login();
    let (email, password) = (admin["email"].as_str().unwrap(), admin["password"].as_str().unwrap());
    Login::new(server, email, password).await.ok().unwrap()
}

#[tokio::test]
async fn a_running_server_gets_a_new_key_and_drops_no_request() {
    let place = Place::new();
    let server = place.start();
    let login_before = login(&place, &server).await;
    let validate = add_credentials(&login_before).await;
    let old = key_text(&place, "master.key");
    let (is_over, first) = (AtomicBool::new(false), place.first_login());
    let n_requests = thread::scope(|scope| {
        let signing = scope.spawn(|| {
            let mut n_requests = 0;
            while !is_over.load(Ordering::Relaxed) {
                place.client(&server, &first, &["environments", "list"]).ok();
                n_requests += 1;
            }
            n_requests
        });
        let rekeyed: Vec<_> = (0..3).map(|_| place.admin(&["rekey"])).collect();
        is_over.store(true, Ordering::Relaxed);
        for ran in rekeyed {
            ran.ok().notes("secrets are sealed with the new master key");
        }
        signing.join().unwrap()
    });
    assert!(n_requests > 5, "{n_requests}");
    opens(&login_before, &validate).await;
    assert!(!place.path("master.key.new").exists() && !place.path("master.key.old").exists());
    assert_eq!(mode(&place.path("master.key")), 0o600);
    let new = key_text(&place, "master.key");
    assert_ne!(old, new);
    server.stop();

    // The old key opens nothing.
    put_key(&place, "master.key", &old);
    let log = place.try_start().err().unwrap();
    assert!(log.contains("not the one of this database"), "{log}");
    place.admin(&["user", "list"]).exits(1).notes("not the one of this database");
    place.admin(&["rekey"]).exits(1).notes("not the one of this database");
    assert!(!place.path("master.key.new").exists(), "no key is made with a wrong one");
    put_key(&place, "master.key", &new);
    let server = place.start();
    opens(&login(&place, &server).await, &validate).await;
    let list = ["audit", "list", "--scope", "scalr", "--filter", "action=master-key.rekey", "-o", "json"];
    let rows = place.client(&server, &place.first_login(), &list).ok();
    let rows: serde_json::Value = serde_json::from_str(&rows.stdout).unwrap();
    assert_eq!(rows.as_array().unwrap().len(), 3);
    assert_eq!(rows[0]["before"]["keyId"], rows[1]["after"]["keyId"]);
    // Audit key, API key, credentials.
    assert_eq!(rows[0]["after"]["nSecrets"], 3);
    place.admin(&["audit", "verify"]).ok();
}

/// Keys are created all the time while the master key is exchanged; none is left behind under the old one.
async fn what_is_sealed_meanwhile_survives(place: Place) {
    let server = place.start();
    let login = login(&place, &server).await;
    let (place, is_over) = (Arc::new(place), Arc::new(AtomicBool::new(false)));
    let rekeying = tokio::task::spawn_blocking({
        let (place, is_over) = (place.clone(), is_over.clone());
        move || {
            let rekeyed: Vec<_> = (0..3).map(|_| place.admin(&["rekey"])).collect();
            is_over.store(true, Ordering::Relaxed);
            rekeyed
        }
    });
    let mut keys = Vec::new();
    while !is_over.load(Ordering::Relaxed) {
        let (status, key) = login.post("/profile/api-keys/", json!({ "name": "meanwhile" })).await;
        assert_eq!(status, 201, "{key:#}");
        keys.push(key["data"].clone());
    }
    for ran in rekeying.await.unwrap() {
        ran.ok();
    }
    assert!(keys.len() > 20, "{}", keys.len());
    server.stop();
    // Opens with nothing but the key in its place, and counts what it opened: these keys, the first one, the audit's.
    assert_eq!(place.admin_json(&["rekey"])["nSecrets"], keys.len() + 2);
    let server = place.start();
    for key in keys.iter().step_by(keys.len() / 10) {
        place.client(&server, &as_login(key), &["environments", "list"]).ok();
    }
}

#[tokio::test]
async fn what_is_sealed_meanwhile_survives_on_sqlite() {
    what_is_sealed_meanwhile_survives(Place::new()).await;
}

#[tokio::test]
async fn what_is_sealed_meanwhile_survives_on_postgres() {
    let postgres = Postgres::new();
    what_is_sealed_meanwhile_survives(Place::with(&format!("database_url = {:?}\n", postgres.url))).await;
}

/// Each state that a run can leave when it is cut short.
#[tokio::test]
async fn an_interrupted_run_is_finished_by_the_next() {
    let place = Place::new();
    let server = place.start();
    let validate = add_credentials(&login(&place, &server).await).await;
    server.stop();
    // A new key was made, nothing is sealed with it yet: the server starts with the old one.
    let begun = "0123456789abcdef".repeat(4);
    put_key(&place, "master.key.new", &begun);
    place.start().stop();
    assert_eq!(place.admin_json(&["rekey"])["wasInterrupted"], false, "all of the work was still to do");
    assert_eq!(key_text(&place, "master.key"), begun);
    place.start().stop();

    // All is sealed with the new key, which is not in its place yet, with and without the old one beside.
    for has_old in [false, true] {
        let before = key_text(&place, "master.key");
        place.admin(&["rekey"]).ok();
        let after = key_text(&place, "master.key");
        put_key(&place, "master.key", &before);
        put_key(&place, "master.key.new", &after);
        if has_old {
            put_key(&place, "master.key.old", &before);
        }
        // The server finds the new key beside the old one; the next run puts it in its place.
        let server = place.start();
        opens(&login(&place, &server).await, &validate).await;
        server.stop();
        let rekeyed = place.admin_json(&["rekey"]);
        assert_eq!((&rekeyed["wasInterrupted"], &rekeyed["nSecrets"]), (&json!(true), &json!(0)));
        assert_eq!(key_text(&place, "master.key"), after);
        assert!(!place.path("master.key.new").exists() && !place.path("master.key.old").exists());
        let server = place.start();
        opens(&login(&place, &server).await, &validate).await;
        server.stop();
    }

    // Half a new key was written: another is made.
    put_key(&place, "master.key.new", "0123");
    place.start().stop();
    place.admin(&["rekey"]).ok();
    assert!(!place.path("master.key.new").exists());

    // The database lost the switch, and the new key has its place already: the old one still opens it.
    let old = key_text(&place, "master.key");
    let new = "fedcba9876543210".repeat(4);
    put_key(&place, "master.key", &new);
    put_key(&place, "master.key.old", &old);
    let server = place.start();
    opens(&login(&place, &server).await, &validate).await;
    server.stop();
    let rekeyed = place.admin_json(&["rekey"]);
    assert_eq!((&rekeyed["wasInterrupted"], &rekeyed["nSecrets"]), (&json!(false), &json!(3)));
    assert_eq!(key_text(&place, "master.key"), new);
    assert!(!place.path("master.key.old").exists());
    let server = place.start();
    opens(&login(&place, &server).await, &validate).await;
    server.stop();

    // Only the old key was not removed yet.
    let current = key_text(&place, "master.key");
    put_key(&place, "master.key.old", &begun);
    place.admin(&["rekey"]).ok().notes("interrupted");
    assert_eq!(key_text(&place, "master.key"), current);
    assert!(!place.path("master.key.old").exists());
}

/// A server whose socket is gone still holds its secrets sealed with the key it knows.
#[test]
fn nothing_is_done_behind_the_back_of_a_server() {
    let place = Place::new();
    let server = place.start();
    let key = key_text(&place, "master.key");
    fs::remove_file(place.path("admin.sock")).unwrap();
    place.admin(&["rekey"]).exits(1).notes("another server runs on this data directory");
    assert_eq!(key_text(&place, "master.key"), key);
    assert!(!place.path("master.key.new").exists());
    // A socket in the place of its own is somebody else's.
    fs::write(place.path("admin.sock"), "").unwrap();
    server.stop();
    assert!(place.path("admin.sock").exists());
    place.admin(&["rekey"]).ok();
}

#[test]
fn the_new_key_can_be_elsewhere() {
    let place = Place::filled();
    let elsewhere = format!("file:{}", place.path("elsewhere.key").display());
    let same = format!("file:{}", place.path("master.key").display());
    place.admin(&["rekey", "--to", &same]).exits(1).notes("is where the key is already");
    place.admin(&["rekey", "--to", "nowhere"]).exits(1).notes("write file:PATH").hides("nowhere");
    place.admin(&["rekey", "--to", "env:NO_SUCH_VARIABLE"]).exits(1).notes("NO_SUCH_VARIABLE");
    place.start().stop();
    // By the server, which does not take it for its own until the configuration says so.
    let server = place.start();
    place.admin(&["rekey", "--to", &elsewhere]).ok().notes("now set master_key");
    place.client(&server, &place.first_login(), &["environments", "list"]).ok();
    server.stop();
    assert_eq!(mode(&place.path("elsewhere.key")), 0o600);
    assert!(place.try_start().is_err());
    fs::write(place.path("stackyard.toml"), format!("master_key = {elsewhere:?}\n")).unwrap();
    let server = place.start();
    place.client(&server, &place.first_login(), &["environments", "list"]).ok();
}
