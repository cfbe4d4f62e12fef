//! How the server starts, is told to stop, and is killed.

use std::{
    fs,
    io::{Read, Write},
    net::TcpListener,
    thread::sleep,
    time::Duration,
};

use rcgen::{CertificateParams, KeyPair};
use reqwest::Certificate;
use serde_json::json;

use crate::admin_place::{Login, Place};

#[test]
fn a_lost_key_is_not_replaced_and_a_wrong_one_is_refused() {
    let place = Place::filled();
    let key = place.path("master.key");
    let text = fs::read_to_string(&key).unwrap();
    fs::remove_file(&key).unwrap();
    let log = place.try_start().err().unwrap();
    assert!(log.contains("restore the key"), "{log}");
    assert!(!key.exists(), "no new one over existing data");
    let other = Place::filled();
    fs::copy(other.path("master.key"), &key).unwrap();
    let log = place.try_start().err().unwrap();
    assert!(log.contains("not the one of this database"), "{log}");
    fs::write(&key, "0123").unwrap();
    let log = place.try_start().err().unwrap();
    assert!(log.contains("64 hexadecimal digits"), "{log}");
    fs::write(&key, &text).unwrap();
    let server = place.start();
    place.client(&server, &place.first_login(), &["environments", "list"]).ok();
}

#[test]
fn one_data_directory_has_one_server() {
    let place = Place::new();
    let server = place.start();
    let log = place.try_start().err().unwrap();
    assert!(log.contains("another server runs on this data directory"), "{log}");
    // The first one is not disturbed by it.
    place.client(&server, &place.first_login(), &["environments", "list"]).ok();
    place.admin(&["status"]).ok();
    assert!(!server.log_text().contains("WARN"), "{}", server.log_text());
    server.kill();
    // A socket that nobody answers on any more is in nobody's way.
    place.start().stop();
}

#[test]
fn without_tls_only_this_machine_may_reach_it() {
    let place = Place::with("listen = \"0.0.0.0:0\"\n");
    place.admin(&["check"]).exits(1).notes("logins would travel unencrypted");
}

#[test]
fn a_request_under_way_ends_before_the_server() {
    let place = Place::new();
    let mut server = place.start();
    let admin = place.first_login();
    let body = json!({ "email": admin["email"], "password": admin["password"] }).to_string();
    let mut slow = server.connect();
    let head = format!(
        "POST /api/v1beta0/session/ HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    slow.write_all(head.as_bytes()).unwrap();
    slow.write_all(&body.as_bytes()[..10]).unwrap();
    sleep(Duration::from_millis(300));
    server.signal("-TERM");
    let address = slow.peer_addr().unwrap();
    for attempt in 0.. {
        if std::net::TcpStream::connect(address).is_err() {
            break;
        }
        assert!(attempt < 100, "still accepts connections");
        sleep(Duration::from_millis(50));
    }
    slow.write_all(&body.as_bytes()[10..]).unwrap();
    let mut answer = String::new();
    slow.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    assert!(server.wait(), "{}", server.log_text());
    assert!(server.log_text().contains("stopped"), "{}", server.log_text());
    assert!(!place.path("admin.sock").exists());
}

#[tokio::test]
async fn killed_while_a_validation_runs() {
    let place = Place::new();
    let server = place.start();
    let admin = place.first_login();
    let (email, password) = (admin["email"].as_str().unwrap(), admin["password"].as_str().unwrap());
    let login = Login::new(&server, email, password).await.ok().unwrap();
    // Accepts, and never answers.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let body = json!({
        "cloudCredentialsType": "OpenstackCloudCredentials", "provider": "openstack", "name": "lab",
        "keystoneUrl": format!("http://{}/v3", silent.local_addr().unwrap()), "userName": "demo", "password": "secret",
        "tenantName": "demo", "domainName": "Default",
    });
    let (status, begun) = login.post_async("/account/1/cloud-credentials/", body).await;
    assert_eq!(status, 202, "{begun:#}");
    let run = format!("/account/1/validations/{}/", begun["data"]["id"].as_str().unwrap());
    assert_eq!(login.get(&run).await.1["data"]["status"], "running");
    server.kill();
    let server = place.start();
    let login = Login::new(&server, email, password).await.ok().unwrap();
    let (status, run) = login.get(&run).await;
    assert_eq!((status, &run["data"]["status"]), (200, &json!("failed")), "{run:#}");
    assert!(run["data"]["endedAt"].is_string(), "{run:#}");
    assert_eq!(login.get("/account/1/cloud-credentials/").await.1["data"], json!([]));
    place.admin(&["audit", "verify"]).ok();
}

#[tokio::test]
async fn a_new_certificate_is_used_without_closing_connections() {
    let place = Place::new();
    let write = || {
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap().self_signed(&key).unwrap();
        fs::write(place.path("certificate.pem"), certificate.pem()).unwrap();
        fs::write(place.path("key.pem"), key.serialize_pem()).unwrap();
        let trusted = Certificate::from_pem(certificate.pem().as_bytes()).unwrap();
        reqwest::Client::builder().no_proxy().tls_certs_only([trusted]).build().unwrap()
    };
    let first = write();
    let path = |name: &str| place.path(name).to_str().unwrap().to_owned();
    let tls = format!("[tls]\ncertificate = {:?}\nkey = {:?}\n", path("certificate.pem"), path("key.pem"));
    fs::write(place.path("stackyard.toml"), tls).unwrap();
    let server = place.start();
    let url = format!("{}/livez", server.url);
    assert!(url.starts_with("https://"), "{url}");
    let get = async |client: &reqwest::Client| {
        let response = client.get(&url).send().await?;
        response.error_for_status()?.text().await
    };
    get(&first).await.unwrap();
    let second = write();
    get(&first).await.unwrap();
    assert!(get(&second).await.is_err(), "not used before it is told");
    place.admin(&["reconfigure"]).ok();
    // This one trusts the first certificate alone, so it speaks over the connection it has.
    get(&first).await.unwrap();
    get(&second).await.unwrap();
    assert!(get(&first.clone()).await.is_ok());
    // A pair that does not belong together changes nothing.
    fs::write(place.path("key.pem"), KeyPair::generate().unwrap().serialize_pem()).unwrap();
    place.admin(&["reconfigure"]).exits(1).notes("do not belong together");
    get(&second).await.unwrap();
}

/// As `ulimit -f` or `LimitFSIZE=` does it, and much like a disk quota. The limit is raised while the server runs.
#[tokio::test]
async fn a_limit_of_file_sizes_is_a_full_database_and_ends_nothing() {
    let place = Place::new();
    let mut server = place.start();
    let admin = place.first_login();
    let (email, password) = (admin["email"].as_str().unwrap(), admin["password"].as_str().unwrap());
    let login = Login::new(&server, email, password).await.ok().unwrap();
    let path = "/account/1/environments/";
    let size = |name: &str| fs::metadata(place.path(name)).map_or(0, |it| it.len());
    // First at the size that the larger of the two files has a little later; then below what the log has, too.
    for limit in [size("stackyard.db").max(size("stackyard.db-wal")) + (64 << 10), 1] {
        server.limit_files(&limit.to_string());
        let before = all(&login, path).await;
        let mut n_saved = 0;
        let refused = loop {
            let name = format!("{limit} {n_saved} {}", "x".repeat(200));
            let (status, body) = login.post(path, json!({ "name": name })).await;
            if status != 201 {
                break (status, body);
            }
            n_saved += 1;
            assert!(n_saved < 5000, "there is no limit");
        };
        let error = &refused.1["errors"][0];
        assert_eq!((refused.0, &error["code"]), (503, &json!("ServiceUnavailable")), "{}", refused.1);
        assert!(error["message"].as_str().unwrap().contains("full; nothing was saved"), "{error}");
        assert_eq!(all(&login, path).await, before + n_saved);
        // The first use of this key cannot be noted, and that is no reason to refuse.
        place.client(&server, &admin, &["environments", "list"]).ok();
        server.limit_files("unlimited");
        let (status, body) = login.post(path, json!({ "name": format!("after {limit}") })).await;
        assert_eq!(status, 201, "{body:#}");
        assert_eq!(all(&login, path).await, before + n_saved + 1);
    }
    server.signal("-TERM");
    assert!(server.wait(), "{}", server.log_text());
    let server = place.start();
    place.client(&server, &admin, &["environments", "list"]).ok();
    place.admin(&["audit", "verify"]).ok();
}

async fn all(login: &Login, path: &str) -> usize {
    let (status, body) = login.get(&format!("{path}?maxResults=1")).await;
    assert_eq!(status, 200, "{body:#}");
    let last = body["pagination"]["last"].as_str().map_or("1", |it| it.split("pageNum=").nth(1).unwrap());
    last.split('&').next().unwrap().parse().unwrap()
}
