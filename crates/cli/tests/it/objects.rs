use serde_json::json;

use crate::support::Lab;

#[test]
fn environments_from_their_creation_to_their_end() {
    let lab = Lab::start();
    lab.run(&["environments", "create", "Staging"]).ok().says("Staging").says("active").says("just now");
    let staging = lab.json(&["environments", "show", "Staging"]);
    assert_eq!(staging["name"], "Staging");
    let id = staging["id"].to_string();
    lab.run(&["environments", "update", "Staging", "--name", "Test bed", "--status", "inactive"]).ok();
    let changed = lab.json(&["environments", "show", &id]);
    assert_eq!((&changed["name"], &changed["status"]), (&json!("Test bed"), &json!("inactive")));
    lab.run(&["environments", "list", "--filter", "status=inactive"]).ok().says("Test bed").hides("Default");
    lab.run(&["environments", "delete", "Test bed"]).ok().notes("deleted environment Test bed");
    lab.run(&["environments", "show", &id]).exits(3);
}

#[test]
fn accounts_and_sizes() {
    let lab = Lab::start();
    lab.run(&["accounts", "create", "Research"]).ok().says("Research");
    lab.run(&["accounts", "update", "Research", "--status", "inactive"]).ok().says("inactive");
    lab.run(&["accounts", "list", "-o", "name"]).ok().says("1\n2\n");
    // Where the context names none, the account of an environment is that environment's.
    lab.run(&["environments", "create", "Lab", "--account", "Research"]).ok();
    let admin = lab.admin();
    let text = |key: &str| admin[key].as_str().unwrap();
    let variables = [
        ("STACKYARD_URL", lab.url.as_str()),
        ("STACKYARD_API_KEY_ID", text("apiKeyId")),
        ("STACKYARD_API_SECRET_KEY", text("apiSecretKey")),
    ];
    let home = [("HOME", "/nonexistent")];
    let run = |arguments: &[&str]| lab.run_with(arguments, &[&variables[..], &home[..]].concat(), None);
    run(&["environments", "list"]).exits(2).notes("choose with --account one of: Main (1), Research (2)");
    run(&["environments", "list", "--environment", "Lab"]).ok().says("Lab").hides("Default");
    run(&["clouds", "list", "--account", "Research"]).ok();
    run(&["clouds", "list", "--account", "Main", "--environment", "Lab"]).exits(3);
    lab.run(&["environments", "delete", "Lab", "--account", "2"]).ok();
    lab.run(&["accounts", "delete", "Research"]).ok();

    lab.run(&["sizes", "list"]).ok().says("small").says("2 GiB");
    lab.run(&["sizes", "create", "huge", "--vcpus", "6", "--memory-mib", "1025"]).exits(1).notes("multiple of 4");
    lab.run(&["sizes", "create", "huge", "--vcpus", "6", "--memory-mib", "1536", "--cores-per-socket", "3"])
        .ok()
        .says("1.5 GiB");
    lab.run(&["sizes", "update", "huge", "--vcpus", "3"]).ok();
    assert_eq!(lab.json(&["sizes", "show", "huge"])["vcpus"], 3);
    lab.run(&["sizes", "delete", "huge"]).ok();
}

#[test]
fn images_and_roles_of_an_account() {
    let lab = Lab::start();
    let account = ["--scope", "account"];
    let run = |arguments: &[&str]| lab.run(&[arguments, &account[..]].concat());
    let register = ["images", "register", "glance-1", "--os", "debian-12", "--name", "first"];
    run(&register).exits(2).notes("give --cloud and --location");
    let at = ["--cloud", "openstack", "--location", "RegionOne"];
    run(&[&register[..], &at[..]].concat()).ok().says("first").says("debian-12").says("account");
    let second = ["images", "register", "glance-2", "--os", "debian-12", "--name", "second", "--size", "7"];
    run(&[&second[..], &at[..]].concat()).ok();
    assert_eq!(lab.json(&["images", "show", "second"])["size"], 7);
    lab.run(&["os", "list", "--filter", "family=debian"]).ok().says("debian-12").hides("ubuntu");
    lab.run(&["os", "show", "Debian 12"]).ok().says("debian-12");

    run(&["role-categories", "create", "Monitoring"]).ok().says("9").says("Monitoring");
    run(&["roles", "create", "web", "--os", "debian-12", "--category", "Monitoring", "--tag", "a"]).ok().says("web");
    run(&["role-categories", "delete", "Monitoring"]).exits(1).notes("another category first");
    run(&["roles", "update", "web", "--tag", "b", "--tag", "c", "--description", "front"]).ok();
    assert_eq!(lab.json(&["roles", "show", "web"])["tags"], json!(["b", "c"]));
    run(&["roles", "add-image", "web", "first"]).ok();
    run(&["roles", "replace-image", "web", "first", "second"]).ok();
    let images = lab.json(&["roles", "images", "web"]);
    assert_eq!(images[0]["image"]["id"], lab.json(&["images", "show", "second"])["id"]);
    run(&["images", "delete", "second"]).exits(1).notes("used by roles: web");
    run(&["images", "replace", "second", "first", "--deprecate-old"]).ok().says("account");
    run(&["images", "delete", "second"]).ok().notes("deleted image second");

    // In the environment it is seen, and changed only as one's own copy.
    lab.run(&["roles", "update", "web", "--name", "x"]).exits(4).notes("in this account");
    lab.run(&["roles", "clone", "web", "mine"]).ok().says("mine").says("environment");
    lab.run(&["roles", "deprecate", "mine", "--replacement", "web", "--message", "old"]).ok().says("just now");
    lab.run(&["roles", "deprecate", "mine", "--undo"]).ok().hides("just now");
    lab.run(&["roles", "promote", "mine"]).ok().says("account");
    run(&["roles", "remove-image", "mine", "first"]).ok();
    for role in ["web", "mine"] {
        run(&["roles", "delete", role]).ok();
    }
    run(&["images", "update", "first", "--name", "Debian 12", "--deprecated", "true"]).ok().says("yes");
    run(&["images", "delete", "Debian 12"]).ok();
    run(&["role-categories", "delete", "Monitoring"]).ok();
}

#[test]
fn projects_and_their_cost_centers() {
    let lab = Lab::start();
    lab.run(&["cost-centers", "create", "Research", "--billing-code", "R-1"]).ok().says("Research").says("R-1");
    lab.run(&["cost-centers", "update", "Research", "--lead-email", "ann@example.com"]).ok().says("ann@example.com");
    lab.run(&["cost-centers", "list", "--filter", "billingCode=R-1"]).ok().says("Research");
    let create = ["projects", "create", "Apollo", "--cost-center", "Research", "--scope", "account"];
    lab.run(&create).ok().says("Apollo").says("account");
    lab.run(&["projects", "update", "Apollo", "--name", "x"]).exits(4).notes("in this account");
    lab.run(&["environments", "update", "Default", "--cost-center", "Research"]).ok();
    lab.run(&["farms", "create", "shop", "--project", "Apollo"]).ok();
    let apollo = lab.json(&["projects", "show", "Apollo"])["id"].clone();
    assert_eq!(lab.json(&["farms", "show", "shop"])["project"]["id"], apollo);
    lab.run(&["projects", "delete", "Apollo", "--scope", "account"]).exits(1).notes("another project first");
    lab.run(&["farms", "update", "shop", "--project", ""]).ok();
    lab.run(&["projects", "delete", "Apollo", "--scope", "account"]).ok();
    lab.run(&["cost-centers", "delete", "Research"]).exits(1).notes("give environments another one");
    lab.run(&["environments", "update", "Default", "--cost-center", ""]).ok();
    lab.run(&["cost-centers", "delete", "Research"]).ok().notes("deleted cost center Research");
}

#[test]
fn each_form_of_the_output() {
    let lab = Lab::start();
    let list = ["environments", "list"];
    lab.run(&list).ok().says("ID  NAME     STATUS  ADDED\n1   Default  active  ");
    assert_eq!(lab.run(&[&list[..], &["-o", "name"]].concat()).ok().stdout, "1\n");
    let rows = lab.json(&list);
    let expected =
        json!([{ "id": 1, "name": "Default", "status": "active", "type": "cmp", "added": rows[0]["added"] }]);
    assert_eq!(rows, expected);
    lab.run(&[&list[..], &["-o", "yaml"]].concat()).ok().says("- added: ").says("  name: Default\n");
    lab.run(&["environments", "show", "1"]).ok().says("name    Default\n").says("status  active\n");
    lab.run(&["environments", "show", "1", "--output", "yaml"]).ok().says("name: Default\n");
    lab.run(&["-o", "name", "environments", "show", "1"]).ok().says("1\n");
}

#[test]
fn a_dry_run_sends_nothing_and_shows_no_secret() {
    let lab = Lab::start();
    let create = ["environments", "create", "Staging", "--dry-run"];
    let url = format!("POST {}/api/v1beta0/account/1/environments/\n", lab.url);
    lab.run(&create).ok().says(&url).says("\"name\": \"Staging\"");
    assert_eq!(lab.json(&["environments", "list"]).as_array().unwrap().len(), 1);
    let key = lab.file("password", "s3cret-word\n");
    let add = ["credentials", "add", "vsphere", "--name", "vc", "--url", "https://vc.example/sdk", "--user", "me"];
    lab.run(&[&add[..], &["--password-file", &key, "--dry-run"]].concat())
        .ok()
        .says("\"password\": \"(not shown)\"")
        .says("\"userName\": \"me\"")
        .hides("s3cret-word");
    lab.run(&[&add[..], &["--dry-run", "-o", "json"]].concat()).ok().says("\"password\": \"(not shown)\"");
    assert_eq!(lab.json(&["credentials", "list"]), json!([]));
}

/// The server's pages hold 100 rows.
#[test]
fn long_lists_are_read_page_by_page() {
    let lab = Lab::start();
    for n in 0..104 {
        lab.run(&["environments", "create", &format!("e{n:03}")]).ok();
    }
    let first = lab.run(&["environments", "list", "-o", "name"]).ok().notes("page 1 of 2, with 100 rows; --all");
    assert_eq!(first.stdout.lines().count(), 100);
    let all = lab.run(&["environments", "list", "--all", "--sort", "-name", "-o", "json"]).ok();
    assert!(!all.stderr.contains("--all"), "{}", all.stderr);
    let all: serde_json::Value = serde_json::from_str(&all.stdout).unwrap();
    let names: Vec<&str> = all.as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap()).collect();
    assert_eq!((names.len(), names[0], names[104]), (105, "e103", "Default"));
}

/// Nothing is cut in a pipe, and nothing can move the cursor.
#[test]
fn hostile_and_long_names() {
    let lab = Lab::start();
    let long = "ü".repeat(200);
    lab.run(&["environments", "create", &long]).ok();
    lab.run(&["environments", "list"]).ok().says(&long);
    let created = lab.run(&["environments", "create", "a\u{1b}[2Jb"]);
    if created.code == 0 {
        lab.run(&["environments", "list"]).ok().says("a\\u{1b}[2Jb").hides("\u{1b}");
    } else {
        assert_eq!(created.code, 1, "{created:?}");
    }
}

#[test]
fn the_installation_tells_how_it_is() {
    let lab = Lab::start();
    lab.run(&["system"]).ok().says("version").says("database").says("sqlite");
    assert_eq!(lab.json(&["system"])["version"], env!("CARGO_PKG_VERSION"));
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let ended = lab.command(&["environments", "list"]).stdout(full).status().unwrap();
    assert_eq!(ended.code(), Some(1), "output that cannot be written is a failure");
}
