use serde_json::json;

use crate::support::Lab;

#[test]
fn users_teams_and_roles() {
    let lab = Lab::start();
    let password = lab.file("password", "correct horse battery\n");
    let create = ["users", "create", "me@example.org", "--name", "Me", "--password-file", &password];
    lab.run(&create).ok().says("me@example.org").hides("correct horse");
    lab.run(&["users", "list", "--filter", "status=active"]).ok().says("me@example.org").hides("admin@localhost");
    lab.run(&["users", "list", "--scope", "scalr"]).ok().says("admin@localhost");
    lab.run(&["acl-roles", "create", "Auditor", "--base-role", "no-access", "--grant", "audit.read=true"]).ok();
    lab.run(&["acl-roles", "list"]).ok().says("Auditor").says("Read only");
    lab.run(&["acl-roles", "create", "X", "--base-role", "no-access", "--grant", "nosuch=true"])
        .exits(1)
        .notes("nosuch");
    lab.run(&["teams", "create", "Auditors", "--acl-role", "Auditor"]).ok();
    lab.run(&["teams", "add-member", "Auditors", "me@example.org"]).ok().says("me@example.org");
    lab.run(&["teams", "members", "Auditors"]).ok().says("me@example.org");
    lab.run(&["environments", "add-team", "Default", "Auditors", "--acl-role", "Read only"]).ok();
    lab.run(&["environments", "teams", "Default"]).ok().says("Auditors");
    lab.run(&["permissions", "of", "me@example.org"]).ok().says("audit.read").says("team Auditors");
    lab.run(&["permissions", "of", "me@example.org", "--in-environment", "1", "-o", "name"])
        .ok()
        .says("inventory.read");
    lab.run(&["permissions", "list"]).ok().says("cloud-credentials.manage");
    lab.run(&["acl-roles", "delete", "Auditor"]).exits(1).notes("ObjectInUse");

    // As that user.
    let login =
        ["login", "--url", &lab.url, "--email", "me@example.org", "--password-file", &password, "--context", "me"];
    lab.run(&login).ok();
    lab.run(&["audit", "list", "--context", "me"]).ok().says("teams.create");
    lab.run(&["environments", "create", "Mine", "--context", "me"]).exits(4).notes("environments.manage");
    lab.run(&["accounts", "list", "--context", "me"]).exits(4);
    lab.run(&["profile", "show", "--context", "me"]).ok().says("me@example.org");
    lab.run(&["profile", "update", "--name", "Myself", "--context", "me"]).ok().says("Myself");
    let admin = lab.url.trim_start_matches("http://").split(':').next().unwrap().to_owned();
    lab.run(&["context", "use", &admin]).ok();

    lab.run(&["environments", "remove-team", "Default", "Auditors"]).ok();
    lab.run(&["teams", "remove-member", "Auditors", "me@example.org"]).ok();
    lab.run(&["teams", "delete", "Auditors"]).ok();
    lab.run(&["acl-roles", "delete", "Auditor"]).ok();
    lab.run(&["users", "update", "me@example.org", "--status", "inactive"]).ok().says("inactive");
    lab.run(&["environments", "list", "--context", "me"]).exits(4);
    lab.run(&["users", "delete", "me@example.org"]).ok();
}

#[test]
fn keys_and_tokens_are_shown_once() {
    let lab = Lab::start();
    let key = lab.json(&["api-keys", "create", "ci"]);
    let (id, secret) = (key["id"].as_str().unwrap(), key["secretKey"].as_str().unwrap());
    let variables =
        [("STACKYARD_URL", lab.url.as_str()), ("STACKYARD_API_KEY_ID", id), ("STACKYARD_API_SECRET_KEY", secret)];
    lab.run_with(&["accounts", "list"], &variables, None).ok();
    lab.run(&["api-keys", "list"]).ok().says(id).hides(secret);
    lab.run(&["api-keys", "update", id, "--status", "inactive"]).ok();
    lab.run_with(&["accounts", "list"], &variables, None).exits(4);
    lab.run(&["api-keys", "delete", id]).ok();

    let create = ["tokens", "create", "reader", "--only-account", "1", "--permission", "environments.read"];
    let token = lab.json(&create);
    let text = token["token"].as_str().unwrap();
    let variables = [("STACKYARD_URL", lab.url.as_str()), ("STACKYARD_TOKEN", text)];
    lab.run_with(&["environments", "list", "--account", "1"], &variables, None).ok();
    lab.run_with(&["users", "list", "--account", "1"], &variables, None).exits(4);
    lab.run(&["tokens", "list"]).ok().says("reader").hides(text);
    lab.run(&["tokens", "delete", token["id"].as_str().unwrap()]).ok();
    lab.run_with(&["environments", "list", "--account", "1"], &variables, None).exits(4);
}

#[test]
fn audit_and_search() {
    let lab = Lab::start();
    lab.run(&["environments", "create", "Needle in it"]).ok();
    lab.run(&["search", "needle"]).ok().says("Needle in it");
    lab.run(&["search", "n"]).exits(1);
    lab.run(&["audit", "list", "--filter", "action=environments.create"])
        .ok()
        .says("Needle in it")
        .says("admin@localhost");
    lab.run(&["audit", "verify"]).ok().says("yes");
    assert_eq!(lab.json(&["audit", "verify", "--scope", "scalr"])[0]["ok"], json!(true));
}
