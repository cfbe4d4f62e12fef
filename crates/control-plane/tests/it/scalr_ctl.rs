//! The published client, scalr-ctl 7.16.2, unchanged, as an acceptance test.

use std::{
    io::Write,
    path::Path,
    process::{Command, Stdio},
};

use dev_clouds::{PASSWORD, USER, Vcenter};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::TestServer;

struct Client {
    home: TempDir,
}

impl Client {
    fn new(server: &TestServer) -> Client {
        let home = tempfile::tempdir().unwrap();
        let (key, secret) =
            (server.admin["apiKeyId"].as_str().unwrap(), server.admin["apiSecretKey"].as_str().unwrap());
        let host = server.url.strip_prefix("http://").unwrap();
        let profile = format!(
            "API_HOST: {host}\nAPI_SCHEME: http\nAPI_KEY_ID: {key}\nAPI_SECRET_KEY: {secret}\nGLOBAL_SCOPE_API_KEY_ID: {key}\n\
             GLOBAL_SCOPE_API_SECRET_KEY: {secret}\nenvId: '{}'\naccountId: '{}'\nview: tree\ncolored_output: false\n",
            server.environment_id(),
            server.account_id()
        );
        std::fs::write(home.path().join("default.yaml"), profile).unwrap();
        Client { home }
    }

    /// Exit code and all output.
    fn run(&self, arguments: &[&str], input: Option<&Value>) -> (i32, String) {
        let program = std::env::var_os("STACKYARD_TEST_SCALR_CTL");
        let program = program.expect("STACKYARD_TEST_SCALR_CTL is not set; `cargo xtask test` installs the client");
        let mut child = Command::new(Path::new(&program))
            .args(arguments)
            .env("SCALRCLI_HOME", self.home.path())
            .env("NO_PROXY", "127.0.0.1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let text = input.map(Value::to_string).unwrap_or_default();
        stdin.write_all(text.as_bytes()).unwrap();
        drop(stdin);
        let output = child.wait_with_output().unwrap();
        let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        (output.status.code().unwrap_or(-1), text)
    }

    #[track_caller]
    fn ok(&self, arguments: &[&str], input: Option<&Value>) -> String {
        let (code, text) = self.run(arguments, input);
        assert_eq!(code, 0, "scalr-ctl {arguments:?}: {text}");
        text
    }

    #[track_caller]
    fn json(&self, arguments: &[&str]) -> Value {
        let text = self.ok(arguments, None);
        serde_json::from_str(&text).unwrap_or_else(|err| panic!("{err}: {text}"))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_smoke_script() {
    let vcenter = Vcenter::start(&[]);
    let server = TestServer::start().await;
    let client = Client::new(&server);
    client.ok(&["update"], None);
    let body = json!({
        "cloudCredentialsType": "VmwareCloudCredentials", "name": "by scalr-ctl", "url": vcenter.url, "userName": USER,
        "password": PASSWORD, "sslVerification": false,
    });
    client.ok(&["account", "cloud-credentials", "create", "--stdin"], Some(&body));
    let table = client.ok(&["account", "cloud-credentials", "list", "--table"], None);
    assert!(table.contains("by scalr-ctl") && table.contains("Page: 1 of 1"), "{table}");
    let listed = client.json(&["account", "cloud-credentials", "list", "--filters=status=enabled", "--json"]);
    let id = listed["data"][0]["id"].as_str().unwrap().to_owned();
    // A name with a space: the query is sent as a form and signed with %20.
    let listed = client.json(&["account", "cloud-credentials", "list", "--filters=name=by scalr-ctl", "--json"]);
    assert_eq!(listed["data"][0]["id"], id);
    let rename = json!({ "name": "new", "cloudCredentialsType": "VmwareCloudCredentials" });
    client.ok(&["account", "cloud-credentials", "update", "--cloudCredentialsId", &id, "--stdin"], Some(&rename));
    let environment = server.environment_id().to_string();
    let link = ["account", "clouds", "replace", "--envId", &environment, "--cloud", "vmware", "--stdin"];
    client.ok(&link, Some(&json!({ "id": id })));
    let locations = client.json(&["cloud-locations", "list", "--cloudPlatform", "vmware", "--json"]);
    assert_eq!(locations["data"][0]["cloudPlatform"], "vmware");
    let (code, text) = client.run(&["account", "cloud-credentials", "delete", "--cloudCredentialsId", &id], None);
    assert_eq!(code, 1);
    assert!(text.contains("ObjectInUse"), "{text}");
    client.ok(&["account", "clouds", "delete", "--envId", &environment, "--cloud", "vmware"], None);
    let gone = client.ok(&["account", "cloud-credentials", "delete", "--cloudCredentialsId", &id], None);
    assert!(gone.contains(&format!("Deleted {id}")), "{gone}");
    let (code, text) = client.run(&["account", "cloud-credentials", "get", "--cloudCredentialsId", &id], None);
    assert_eq!(code, 1);
    assert!(text.contains("Error: ObjectNotFound"), "{text}");
    client.ok(&["global", "cloud-credentials", "list", "--table"], None);
    let named = json!({ "name": "By scalr-ctl" });
    client.ok(&["account", "environments", "create", "--stdin"], Some(&named));
    let page = client.json(&["account", "environments", "list", "--max-results=1", "--page-number=2", "--json"]);
    assert_eq!(page["data"].as_array().unwrap().len(), 1);
}

/// From an image to machines that run, and back.
#[tokio::test(flavor = "multi_thread")]
async fn a_farm_from_image_to_termination() {
    let vcenter = Vcenter::start(&["-template", "1"]);
    let server = TestServer::start().await;
    let client = Client::new(&server);
    client.ok(&["update"], None);
    let body = json!({
        "cloudCredentialsType": "VmwareCloudCredentials", "name": "vc", "url": vcenter.url, "userName": USER,
        "password": PASSWORD, "sslVerification": false,
    });
    client.ok(&["account", "cloud-credentials", "create", "--stdin"], Some(&body));
    let listed = client.json(&["account", "cloud-credentials", "list", "--json"]);
    let environment = server.environment_id().to_string();
    let link = ["account", "clouds", "replace", "--envId", &environment, "--cloud", "vmware", "--stdin"];
    client.ok(&link, Some(&json!({ "id": listed["data"][0]["id"] })));
    let locations = client.json(&["cloud-locations", "list", "--cloudPlatform", "vmware", "--json"]);
    let location = locations["data"][0]["cloudLocation"].as_str().unwrap().to_owned();
    // The inventory is no part of the original's API.
    let at = format!("/user/{environment}/clouds/vmware/cloud-locations/{location}/");
    let first = async |noun: &str| server.get(&format!("{at}{noun}?maxAge=0")).await.data(200)[0]["id"].clone();
    let image = json!({
        "name": "base", "cloudPlatform": "vmware", "cloudLocation": location, "cloudImageId": first("cloud-images/").await,
        "architecture": "x86_64", "os": { "id": "ubuntu-22-04" },
    });
    client.ok(&["images", "register", "--stdin"], Some(&image));
    let image = client.json(&["images", "list", "--json"])["data"][0]["id"].as_str().unwrap().to_owned();
    let role = json!({ "name": "base", "category": { "id": 1 }, "os": { "id": "ubuntu-22-04" } });
    client.ok(&["roles", "create", "--stdin"], Some(&role));
    let role = client.json(&["roles", "list", "--json"])["data"][0]["id"].to_string();
    let id: i64 = role.parse().unwrap();
    client.ok(&["role-images", "create", "--roleId", &role, "--imageId", &image], None);
    client.ok(&["farms", "create", "--stdin"], Some(&json!({ "name": "by scalr-ctl" })));
    let farm = client.json(&["farms", "list", "--json"])["data"][0]["id"].to_string();
    let tier = json!({
        "alias": "web", "role": { "id": id }, "cloudPlatform": "vmware", "cloudLocation": location,
        "instanceType": { "id": first("instance-types/").await },
        "cloudFeatures": {
            "type": "VmwareCloudFeatures", "folder": first("folders/").await, "computeResource": first("clusters/").await,
        },
    });
    client.ok(&["farm-roles", "create", "--farmId", &farm, "--stdin"], Some(&tier));
    client.ok(&["farms", "lock", "--farmId", &farm, "--lockComment", "sales"], None);
    let (code, text) = client.run(&["farms", "launch", "--farmId", &farm], None);
    assert!(code == 1 && text.contains("Error: Locked") && text.contains("sales"), "{code} {text}");
    client.ok(&["farms", "unlock", "--farmId", &farm], None);
    client.ok(&["farms", "lock", "--farmId", &farm, "--unlockPermission", "owner"], None);
    client.ok(&["farms", "unlock", "--farmId", &farm], None);
    client.ok(&["farms", "clone", "--farmId", &farm, "--name", "copy by scalr-ctl"], None);
    let farms = client.json(&["farms", "list", "--json"]);
    assert_eq!(farms["data"][1]["name"], "copy by scalr-ctl", "{farms:#}");
    client.ok(&["farms", "launch", "--farmId", &farm], None);
    let status = |wanted: &str| {
        let mut servers = Value::Null;
        for _ in 0..60 {
            servers = client.json(&["servers", "list", "--json"]);
            if servers["data"][0]["status"] == wanted {
                return servers["data"][0]["id"].as_str().unwrap().to_owned();
            }
            std::thread::sleep(std::time::Duration::from_millis(500));
        }
        panic!("the server is never {wanted}: {servers:#}");
    };
    let id = status("running");
    let suspended = client.ok(&["servers", "suspend", "--serverId", &id], None);
    assert!(suspended.contains("has been suspended"), "{suspended}");
    let resumed = client.ok(&["servers", "resume", "--serverId", &id], None);
    assert!(resumed.contains("resumed"), "{resumed}");
    // The simulator's guests take no orders.
    let rebooted = client.ok(&["servers", "reboot", "--serverId", &id, "--hard"], None);
    assert!(rebooted.contains("is undergoing hard reboot"), "{rebooted}");
    client.ok(&["farms", "suspend", "--farmId", &farm], None);
    status("suspended");
    client.ok(&["farms", "resume", "--farmId", &farm], None);
    status("running");
    client.ok(&["farms", "terminate", "--farmId", &farm, "--force"], None);
    status("terminated");
    let machines = server.get(&format!("{at}machines/?maxAge=0&nameContains={id}")).await.data(200);
    assert_eq!(machines, json!([]));
    client.ok(&["farms", "delete", "--farmId", &farm], None);
}
