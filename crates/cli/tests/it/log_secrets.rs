use std::{
    fs,
    io::{Read, Write},
    path::Path,
};

use serde_json::json;

use crate::admin_place::{Login, Place, as_login};

const PASSWORD: &str = "marker-password-8f2b1c";
const WRONG: &str = "marker-wrong-77aa01";
const CLOUD: &str = "marker-cloud-password-c3d9";

/// Everything that has a secret is done at the finest log level; then it is looked for in every file.
#[tokio::test]
async fn no_secret_is_in_a_log_line_or_in_a_file() {
    let place = Place::with("allowed_cloud_networks = [\"127.0.0.0/8\"]\n[log]\nlevel = \"trace\"\n");
    let server = place.start();
    let add = ["user", "add", "ann@example.net", "--name", "Ann", "--admin", "--password-stdin"];
    place.admin_with(&add, Some(PASSWORD)).ok();
    assert!(Login::new(&server, "ann@example.net", WRONG).await.is_err());
    let login = Login::new(&server, "ann@example.net", PASSWORD).await.ok().unwrap();
    let (status, token) = login.post("/profile/tokens/", json!({ "name": "t" })).await;
    assert_eq!(status, 201, "{token:#}");
    let token = token["data"]["token"].as_str().unwrap().to_owned();
    let (status, key) = login.post("/profile/api-keys/", json!({ "name": "k" })).await;
    assert_eq!(status, 201, "{key:#}");
    let body = |name: &str| {
        json!({
            "cloudCredentialsType": "OpenstackCloudCredentials", "provider": "openstack", "name": name,
            "keystoneUrl": "http://127.0.0.1:9/v3", "userName": "demo", "password": CLOUD, "tenantName": "demo",
            "domainName": "Default",
        })
    };
    let path = "/account/1/cloud-credentials/";
    assert_eq!(login.post(path, body("refused")).await.0, 400);
    let (status, saved) = login.post(&format!("{path}?validate=false"), body("saved")).await;
    assert_eq!(status, 201, "{saved:#}");
    let id = saved["data"]["id"].as_str().unwrap();
    assert_eq!(login.post(&format!("{path}{id}/actions/validate/"), json!({})).await.0, 200);
    let vmware = json!({
        "cloudCredentialsType": "VmwareCloudCredentials", "name": "v", "url": "https://127.0.0.1:9/sdk",
        "userName": "demo", "password": CLOUD,
    });
    assert_eq!(login.post(path, vmware).await.0, 400);
    // Bad input too: a secret in the wrong place must not come back or be logged.
    assert_eq!(login.post(path, json!({ "name": "x", "password": [CLOUD], "nosuch": CLOUD })).await.0, 400);
    place.client(&server, &as_login(&key["data"]), &["environments", "list"]).ok();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("{}/api/v1beta0/profile/", server.url);
    assert_eq!(client.get(&url).bearer_auth(&token).send().await.unwrap().status(), 200);
    assert_eq!(client.get(&url).bearer_auth(WRONG).send().await.unwrap().status(), 401);
    // In a query, and in a request that is none, which is told at the level below.
    let query = format!("{}/api/v1beta0/profile/?token={WRONG}", server.url);
    assert_eq!(client.get(&query).bearer_auth(&token).send().await.unwrap().status(), 200);
    let mut stream = server.connect();
    stream.write_all(format!("{WRONG} GET\0/{WRONG}\r\nAuthorization: {WRONG}\r\n\r\n").as_bytes()).unwrap();
    stream.read_to_end(&mut Vec::new()).unwrap();
    place.admin(&["rekey"]).ok();
    let initial = place.first_login();
    let cookie = login.cookie.split_once('=').unwrap().1.to_owned();
    let csrf = login.csrf.clone();
    let log = server.log.clone();
    server.stop();

    let text = fs::read_to_string(&log).unwrap();
    assert!(text.contains("DEBUG") && text.contains("/api/v1beta0/session/"), "nothing was logged: {text}");
    let master_key = fs::read_to_string(place.path("master.key")).unwrap();
    let secrets = [
        ("password", PASSWORD),
        ("wrong password", WRONG),
        ("cloud password", CLOUD),
        ("token", &token),
        ("API secret key", key["data"]["secretKey"].as_str().unwrap()),
        ("first password", initial["password"].as_str().unwrap()),
        ("first API secret key", initial["apiSecretKey"].as_str().unwrap()),
        ("cookie", &cookie),
        ("CSRF token", &csrf),
        ("master key", master_key.trim()),
    ];
    assert!(holds(&place.path("stackyard.db"), "ann@example.net"), "the search finds nothing");
    let mut n_files = 0;
    for file in fs::read_dir(place.folder.path()).unwrap() {
        let path = file.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        // Where they belong, and what the tests themselves keep.
        if path.is_dir() || ["initial-admin.json", "master.key"].contains(&name.as_str()) {
            continue;
        }
        n_files += 1;
        for (what, secret) in secrets {
            assert!(!holds(&path, secret), "{name} holds the {what}");
        }
    }
    assert!(n_files >= 3, "log, database, configuration: {n_files}");
}

fn holds(path: &Path, secret: &str) -> bool {
    assert!(secret.len() >= 12, "too short to look for");
    fs::read(path).unwrap().windows(secret.len()).any(|it| it == secret.as_bytes())
}
