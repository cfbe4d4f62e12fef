//! `stackyard admin user`, `reset-password`, `unlock`, `key`.

use serde_json::Value;

use crate::admin_place::{Login, Place, as_login};

const EMAIL: &str = "ann@example.net";
const PASSWORD: &str = "correct horse battery";

fn add(place: &Place) {
    let add = ["user", "add", "Ann@example.net", "--name", "Ann", "--account", "1", "--password-stdin"];
    place.admin_with(&add, Some(PASSWORD)).ok().notes("added user ann@example.net").hides(PASSWORD);
}

/// Newest first.
fn audit_rows(place: &Place) -> Vec<Value> {
    let server = place.start();
    let list = ["audit", "list", "--filter", "actorName=stackyard admin", "-o", "json"];
    let ran = place.client(&server, &place.first_login(), &list).ok();
    serde_json::from_str(&ran.stdout).unwrap()
}

#[tokio::test]
async fn a_user_is_added_locked_out_and_let_in_without_a_server() {
    let place = Place::filled();
    add(&place);
    place
        .admin_with(&["user", "add", EMAIL, "--name", "Ann", "--password-stdin"], Some(PASSWORD))
        .exits(1)
        .notes("already");
    place
        .admin_with(&["user", "add", "a@b", "--name", "A", "--password-stdin"], Some("short"))
        .exits(1)
        .notes("12 to 256");
    place.admin(&["user", "add", "a@b", "--name", "\u{1b}[2J", "--generate"]).exits(1).notes("control characters");
    place.admin(&["user", "add", "a\u{7}@b", "--name", "A", "--generate"]).exits(1).notes("control characters");
    place.admin(&["user", "add", "nobody", "--name", "A", "--generate"]).exits(1).notes("name@host");
    place
        .admin(&["user", "add", "a@b", "--name", "A", "--account", "77", "--generate"])
        .exits(1)
        .notes("no account 77");
    place.admin(&["user", "add", "a@b", "--name", "A", "--account", "Main", "--generate"]).exits(2);
    let users = place.admin_json(&["user", "list"]);
    let users: Vec<_> =
        users.as_array().unwrap().iter().map(|it| (it["email"].clone(), it["accountId"].clone())).collect();
    assert_eq!(users, [("admin@localhost".into(), Value::Null), (EMAIL.into(), 1.into())]);

    place.admin(&["user", "deactivate", EMAIL]).ok();
    let server = place.start();
    assert_eq!(Login::new(&server, EMAIL, PASSWORD).await.err(), Some(403));
    server.stop();
    place.admin(&["user", "activate", EMAIL]).ok();
    place.admin(&["user", "activate", "bob@example.net"]).exits(1).notes("no user bob@example.net");
    let server = place.start();
    Login::new(&server, EMAIL, PASSWORD).await.ok().unwrap();
    server.stop();

    let rows = audit_rows(&place);
    let of = |row: &Value| {
        ["action", "actorKind", "remoteAddress", "objectName"].map(|it| row[it].as_str().unwrap().to_owned())
    };
    let expected =
        ["users.update", "users.update", "users.create"].map(|it| [it, "system", "local", EMAIL].map(str::to_owned));
    assert_eq!(rows.iter().map(of).collect::<Vec<_>>(), expected);
    assert_eq!((&rows[1]["before"]["status"], &rows[1]["after"]["status"]), (&"active".into(), &"inactive".into()));
    assert!(!serde_json::to_string(&rows).unwrap().contains("argon2"), "{rows:#?}");
}

#[tokio::test]
async fn a_running_server_sees_it_at_once() {
    let place = Place::new();
    let server = place.start();
    add(&place);
    let login = Login::new(&server, EMAIL, PASSWORD).await.ok().unwrap();
    assert_eq!(login.get("/profile/").await.0, 200);
    place.admin(&["user", "deactivate", EMAIL]).ok();
    assert_eq!(login.get("/profile/").await.0, 401);
    place.admin(&["user", "activate", EMAIL]).ok();
    assert_eq!(login.get("/profile/").await.0, 401, "the session has ended");
    place.admin(&["user", "deactivate", "admin@localhost"]).ok().notes("nobody can administer");
}

#[tokio::test]
async fn a_password_is_replaced_and_a_lock_is_lifted() {
    let place = Place::with("failed_login_attempts = 2\n");
    let server = place.start();
    add(&place);
    let login = Login::new(&server, EMAIL, PASSWORD).await.ok().unwrap();
    let generated = place.admin(&["reset-password", EMAIL, "--generate"]).ok().stdout.trim().to_owned();
    assert_eq!(generated.len(), 24);
    assert_eq!(login.get("/profile/").await.0, 401, "the session has ended");
    for _ in 0..2 {
        assert!(Login::new(&server, EMAIL, PASSWORD).await.is_err(), "the old password");
    }
    assert_eq!(Login::new(&server, EMAIL, &generated).await.err(), Some(403), "locked");
    assert!(place.admin_json(&["user", "list"])[1]["lockedUntil"].is_string());
    place.admin(&["unlock", EMAIL]).ok();
    assert!(place.admin_json(&["user", "list"])[1]["lockedUntil"].is_null());
    Login::new(&server, EMAIL, &generated).await.ok().unwrap();
    // Locked again, a new password lets in.
    for _ in 0..2 {
        assert!(Login::new(&server, EMAIL, "wrong horse battery").await.is_err());
    }
    place.admin_with(&["reset-password", EMAIL, "--password-stdin"], Some("another horse battery\n")).ok();
    Login::new(&server, EMAIL, "another horse battery").await.ok().unwrap();
    place.admin(&["reset-password", EMAIL]).exits(2).notes("--generate");
    place.admin(&["reset-password", "bob@example.net", "--generate"]).exits(1).notes("no user bob@example.net");
}

#[test]
fn a_key_signs_until_it_is_revoked() {
    let place = Place::new();
    let server = place.start();
    let key = place.admin_json(&["key", "create", "--user", "admin@localhost", "--name", "nightly"]);
    let id = key["id"].as_str().unwrap();
    place.client(&server, &as_login(&key), &["environments", "list"]).ok().says("Default");
    let listed =
        place.admin(&["key", "list", "--user", "admin@localhost"]).ok().says(id).says("nightly").says("initial");
    listed.hides(key["secretKey"].as_str().unwrap());
    add(&place);
    place.admin(&["key", "revoke", id, "--user", EMAIL]).exits(1).notes("has no API key");
    place.admin(&["key", "revoke", id, "--user", "admin@localhost"]).ok();
    place.client(&server, &as_login(&key), &["environments", "list"]).exits(4);
    place.client(&server, &place.first_login(), &["environments", "list"]).ok();
}

#[test]
fn nothing_is_made_where_no_server_ever_ran() {
    let place = Place::new();
    for arguments in [&["user", "list"][..], &["audit", "verify"], &["rekey"], &["backup", "-"]] {
        place.admin(arguments).exits(1).notes("there is no database");
    }
    assert!(!place.path("stackyard.db").exists() && !place.path("master.key").exists());
}
