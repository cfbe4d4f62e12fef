use std::os::unix::fs::PermissionsExt;

use crate::support::{Lab, TOML};

#[test]
fn contexts_are_kept_where_only_their_owner_reads_them() {
    let lab = Lab::with(TOML);
    let admin = lab.admin();
    let secret = admin["apiSecretKey"].as_str().unwrap();
    let login = lab.data_dir.path().join("initial-admin.json");
    let login = login.to_str().unwrap();
    lab.run(&["context", "list"]).ok().says("NAME");
    lab.run(&["environments", "list"]).exits(2).notes("no server is known");

    lab.run(&["context", "add", "lab", "--from-file", login, "--url", &lab.url]).ok();
    let path = lab.home.path().join(".config/stackyard/config.toml");
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(std::fs::read_to_string(&path).unwrap().contains(secret), "it has to be somewhere");
    lab.run(&["environments", "list"]).ok().says("Default");

    let key = lab.file("key", &format!("{secret}\n"));
    let id = admin["apiKeyId"].as_str().unwrap();
    let add = ["context", "add", "other", "--url", &lab.url, "--api-key-id", id, "--password-file", &key];
    lab.run(&add).ok().notes("context use other");
    lab.run(&["context", "list"]).ok().says("other").says(&format!("API key {id}")).hides(secret);
    lab.run(&["context", "show", "lab"]).ok().hides(secret);
    lab.run(&["context", "show", "-o", "json"]).ok().says("\"lab\"").hides(secret);
    lab.run(&["context", "use", "other"]).ok();
    // The only account and the only environment need not be named.
    lab.run(&["environments", "list"]).ok().says("Default");
    lab.run(&["clouds", "list"]).ok();
    lab.run(&["context", "use", "nosuch"]).exits(2).notes("lab, other");
    lab.run(&["context", "remove", "other"]).ok();
    lab.run(&["environments", "list"]).exits(2);
    lab.run(&["environments", "list", "--context", "lab"]).ok();

    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    lab.run(&["environments", "list", "--context", "lab"]).ok().notes("chmod 600");
    std::fs::write(&path, format!("[contexts.lab]\nurl = \"{}\"\napi_secret = \"{secret}\"\n", lab.url)).unwrap();
    lab.run(&["context", "list"]).exits(1).notes("config.toml:3").hides(secret);
}

#[test]
fn variables_do_without_a_context() {
    let lab = Lab::with(TOML);
    let admin = lab.admin();
    let text = |key: &str| admin[key].as_str().unwrap();
    let key = [
        ("STACKYARD_URL", lab.url.as_str()),
        ("STACKYARD_API_KEY_ID", text("apiKeyId")),
        ("STACKYARD_API_SECRET_KEY", text("apiSecretKey")),
    ];
    lab.run_with(&["environments", "list", "--account", "Main"], &key, None).ok().says("Default");
    lab.run_with(&["clouds", "list", "--environment", "Default"], &key, None).ok();
    lab.run_with(&["clouds", "list", "--environment", "nosuch"], &key, None).exits(3).notes("Default (1)");
    lab.run_with(&["environments", "list"], &key[..2], None).exits(2).notes("STACKYARD_API_SECRET_KEY");
}

#[test]
fn a_login_is_not_sent_to_another_server() {
    let lab = Lab::start();
    lab.run(&["environments", "list", "--url", "http://127.0.0.1:9"]).exits(2).notes("no login for http://127.0.0.1:9");
}

#[test]
fn a_password_becomes_a_token() {
    let lab = Lab::with(TOML);
    let admin = lab.admin();
    let password = admin["password"].as_str().unwrap();
    let email = admin["email"].as_str().unwrap();
    let login = ["login", "--url", &lab.url, "--email", email, "--password-stdin"];
    lab.run_with(&login, &[], Some("a wrong password\n")).exits(4).notes("BadAuthentication");
    lab.run_with(&login, &[], Some(&format!("{password}\n"))).ok().notes(&format!("logged in as {email}"));
    let config = std::fs::read_to_string(lab.home.path().join(".config/stackyard/config.toml")).unwrap();
    assert!(config.contains("syt_") && !config.contains(password), "only the token is kept");
    lab.run(&["environments", "list"]).ok();
    let tokens = lab.json(&["tokens", "list"]);
    assert_eq!(tokens.as_array().unwrap().len(), 1, "{tokens:#}");
    assert_eq!(lab.json(&["sessions", "list"]).as_array().unwrap().len(), 0, "the session has ended");
}

#[test]
fn a_logout_revokes_the_token_and_forgets_the_context() {
    let mut lab = Lab::with(TOML);
    let admin = lab.admin();
    let (email, password) = (admin["email"].as_str().unwrap(), admin["password"].as_str().unwrap());
    let config = lab.home.path().join(".config/stackyard/config.toml");
    let login = |lab: &Lab, context: &str| {
        let login = ["login", "--context", context, "--url", &lab.url, "--email", email, "--password-stdin"];
        lab.run_with(&login, &[], Some(password)).ok();
        let config: toml::Table = std::fs::read_to_string(&config).unwrap().parse().unwrap();
        config["contexts"][context]["token"].as_str().unwrap().to_owned()
    };
    lab.run(&["logout"]).exits(2).notes("no context is the current one");
    let (first, second) = (login(&lab, "first"), login(&lab, "second"));
    let n_tokens = |token: &str| {
        let variables = [("STACKYARD_URL", lab.url.as_str()), ("STACKYARD_TOKEN", token)];
        lab.run_with(&["tokens", "list", "-o", "name"], &variables, None)
    };
    assert_eq!(n_tokens(&second).ok().stdout.lines().count(), 2);
    // Of the two tokens of this user, the one of the context.
    lab.run(&["logout", "--context", "first"]).ok().notes("forgot context first; revoked its token").hides(&first);
    n_tokens(&first).exits(4).notes("revoked");
    assert_eq!(n_tokens(&second).ok().stdout.lines().count(), 1);
    lab.run(&["context", "list"]).ok().says("second").hides("first");
    lab.run(&["environments", "list"]).ok();

    // Revoked by somebody else: what is left to do is to forget it.
    let third = login(&lab, "third");
    let id = n_tokens(&third).ok().stdout.lines().last().unwrap().to_owned();
    lab.run(&["tokens", "delete", &id, "--context", "second"]).ok();
    lab.run(&["logout"]).ok().notes("its token had ended already");

    // A key may be in use elsewhere.
    let file = lab.data_dir.path().join("initial-admin.json");
    let add = ["context", "add", "key", "--from-file", file.to_str().unwrap(), "--url", &lab.url];
    lab.run(&add).ok();
    lab.run(&["environments", "list"]).ok();
    lab.run(&["logout"]).ok().notes(&format!("API key {} stays valid", admin["apiKeyId"].as_str().unwrap()));
    lab.run(&["context", "list"]).ok().hides("key");

    // Without the server nothing is revoked, so nothing is forgotten.
    lab.stop();
    lab.run(&["logout", "--context", "second"]).exits(5).notes("context remove second");
    lab.run(&["context", "list"]).ok().says("second");
}
