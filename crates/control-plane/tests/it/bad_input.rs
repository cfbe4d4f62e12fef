//! What people type, and what they are told. Nothing is saved by any of it.

use std::net::TcpListener;

use dev_clouds::{PASSWORD, USER, Vcenter};
use serde_json::{Value, json};

use crate::support::TestServer;

fn openstack(url: &str) -> Value {
    json!({
        "cloudCredentialsType": "OpenstackCloudCredentials", "provider": "openstack", "name": "bad", "keystoneUrl": url,
        "userName": "demo", "password": "secret", "tenantName": "demo",
    })
}

fn vsphere(url: &str) -> Value {
    json!({ "cloudCredentialsType": "VmwareCloudCredentials", "name": "bad", "url": url, "userName": "u", "password": "secret" })
}

/// `told` is in the message, or in the detail or remedy of the failed check.
async fn refused(server: &TestServer, body: Value, told: &str) {
    let path = format!("/account/{}/cloud-credentials/", server.account_id());
    let answer = server.post(&path, body.clone()).await;
    assert_eq!(answer.error(400), "InvalidValue", "{body}");
    let error = &answer.body["errors"][0];
    let none = Vec::new();
    let checks = error["validation"]["checks"].as_array().unwrap_or(&none);
    let failed =
        checks.iter().find(|it| it["status"] == "failed").map(|it| format!("{} {}", it["detail"], it["remedy"]));
    let text = format!("{} {}", error["message"], failed.unwrap_or_default());
    assert!(text.contains(told), "{body}: {text}");
    assert!(!text.contains("secret"), "{text}");
    assert_eq!(server.get(&path).await.data(200), json!([]));
}

#[tokio::test]
async fn addresses_that_cannot_be_used() {
    let server = TestServer::start().await;
    // Bound and closed again: nobody listens there.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    for (url, told) in [
        ("keystone.example:5000/v3".to_owned(), "http"),
        ("ftp://keystone.example/v3".to_owned(), "http"),
        ("http://admin:pw@127.0.0.1/v3".to_owned(), "user"),
        ("http://does-not-exist.invalid:5000/v3".to_owned(), "does not resolve"),
        (format!("http://127.0.0.1:{port}/v3"), "connection refused"),
        ("http://169.254.169.254/v3".to_owned(), "metadata"),
        ("http://[::ffff:169.254.169.254]/v3".to_owned(), "metadata"),
        ("http://10.0.0.1/v3".to_owned(), "allowed_cloud_networks"),
    ] {
        refused(&server, openstack(&url), told).await;
    }
    for (url, told) in [
        ("vcenter.example".to_owned(), "http"),
        ("https://does-not-exist.invalid/sdk".to_owned(), "does not resolve"),
        (format!("https://127.0.0.1:{port}/sdk"), "connection refused"),
        ("https://169.254.169.254/sdk".to_owned(), "metadata"),
    ] {
        refused(&server, vsphere(&url), told).await;
    }
}

#[tokio::test]
async fn loopback_is_refused_unless_it_is_listed() {
    let server = TestServer::with("").await;
    refused(&server, openstack("http://127.0.0.1:5000/v3"), "allowed_cloud_networks").await;
    refused(&server, vsphere("https://localhost/sdk"), "allowed_cloud_networks").await;
}

#[tokio::test]
async fn a_certificate_that_does_not_verify_can_be_pinned() {
    let vcenter = Vcenter::start(&[]);
    let server = TestServer::start().await;
    let path = format!("/account/{}/cloud-credentials/", server.account_id());
    let mut body = vsphere(&vcenter.url);
    body["userName"] = json!(USER);
    body["password"] = json!(PASSWORD);
    let answer = server.post(&path, body.clone()).await;
    assert_eq!(answer.error(400), "InvalidValue");
    let error = &answer.body["errors"][0];
    let (message, remedy) = (error["message"].as_str().unwrap(), error["remedy"].as_str().unwrap());
    assert!(message.contains("vCenter simulator") && message.contains("SHA-256"), "{message}");
    let pin = remedy.split('"').nth(1).unwrap();
    let checks = error["validation"]["checks"].as_array().unwrap();
    let (shown, others): (Vec<_>, Vec<_>) = checks.iter().partition(|it| it.get("certificate").is_some());
    assert!(!others.is_empty() && shown.len() == 1, "{checks:#?}");
    let certificate = &shown[0]["certificate"];
    assert_eq!((&shown[0]["status"], &certificate["sha256"]), (&json!("failed"), &json!(pin)));
    let text = |key: &str| certificate[key].as_str().unwrap_or_else(|| panic!("{key} in {certificate:#}"));
    for part in [text("subject"), text("issuer"), text("notBefore"), text("notAfter")] {
        assert!(message.contains(part), "{part:?} in {message}");
    }
    body["certificateFingerprints"] = json!([pin]);
    server.post(&path, body).await.data(201);
}

#[tokio::test]
async fn two_saves_at_once_make_one() {
    let vcenter = Vcenter::start(&[]);
    let server = TestServer::start().await;
    let path = format!("/account/{}/cloud-credentials/", server.account_id());
    let mut body = vsphere(&vcenter.url);
    body["userName"] = json!(USER);
    body["password"] = json!(PASSWORD);
    body["sslVerification"] = json!(false);
    let (one, other) = tokio::join!(server.post(&path, body.clone()), server.post(&path, body));
    let mut statuses = [one.status.as_u16(), other.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409]);
    assert_eq!(server.get(&path).await.data(200).as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn names_of_any_kind_survive_and_too_long_ones_are_refused() {
    let server = TestServer::start().await;
    let path = format!("/account/{}/cloud-credentials/?validate=false", server.account_id());
    let all = format!("/account/{}/cloud-credentials/", server.account_id());
    for name in ["名前 – ἔκδοσις", "'; DROP TABLE users; --", "<script>alert(1)</script>", "%2e%2e/", &"ü".repeat(255)]
    {
        let mut body = openstack("https://keystone.example/v3");
        body["name"] = json!(name);
        assert_eq!(server.post(&path, body).await.data(201)["name"], name);
    }
    assert_eq!(server.get(&all).await.data(200).as_array().unwrap().len(), 5);
    for name in ["x".repeat(256), "a\u{0}b".to_owned(), "a\nb".to_owned(), "  ".to_owned()] {
        let mut body = openstack("https://keystone.example/v3");
        body["name"] = json!(name);
        assert_eq!(server.post(&path, body).await.error(400), "InvalidValue");
    }
}

#[tokio::test]
async fn no_machine_listens_on_port_0() {
    let server = TestServer::start().await;
    let location = format!("/user/{}/clouds/vmware/cloud-locations/datacenter-2", server.environment_id());
    let path = format!("{location}/machines/vm-1/actions/probe/");
    let answer = server.post(&path, json!({ "port": 0 })).await;
    assert_eq!(answer.error(400), "InvalidValue");
    assert!(answer.body["errors"][0]["message"].as_str().unwrap().contains("1 to 65535"), "{:#}", answer.body);
}

/// Each as it is made and as another is renamed to it.
#[tokio::test]
async fn a_name_that_is_taken_is_told_by_name() {
    let server = TestServer::start().await;
    let account = format!("/account/{}", server.account_id());
    let role = server.get(&format!("{account}/acl-roles/")).await.data(200)[0]["id"].clone();
    let credentials = format!("{account}/cloud-credentials/?validate=false");
    for (path, more, key, told) in [
        ("/global/accounts/", json!({}), "name", "an account named \"a b\" exists already in this installation"),
        (
            "/global/vmware-instance-types/",
            json!({ "memoryMib": 1024, "vcpus": 1 }),
            "name",
            "an instance type named \"a b\" exists already in this installation",
        ),
        (
            "/global/users/",
            json!({ "password": "correct horse battery", "name": "x" }),
            "email",
            "a user with the email \"a@b\" exists already",
        ),
        (
            &format!("{account}/environments/"),
            json!({}),
            "name",
            "an environment named \"a b\" exists already in this account",
        ),
        (
            &format!("{account}/teams/"),
            json!({ "defaultAclRole": { "id": role } }),
            "name",
            "a team named \"a b\" exists already in this account",
        ),
        (
            &format!("{account}/acl-roles/"),
            json!({ "baseRole": "no-access" }),
            "name",
            "an ACL role named \"a b\" exists already in this account",
        ),
        (
            &credentials,
            openstack("https://keystone.example/v3"),
            "name",
            "cloud credentials named \"a b\" exist already in this account",
        ),
    ] {
        let names = if key == "email" { ["a@b", "c@d"] } else { ["a b", "c d"] };
        let body = |name: &str| {
            let mut body = more.clone();
            body[key] = json!(name);
            body
        };
        server.post(path, body(names[0])).await.data(201);
        let again = server.post(path, body(names[0])).await;
        let other = server.post(path, body(names[1])).await.data(201);
        let (folder, query) =
            path.split_once('?').map_or((path, String::new()), |(it, query)| (it, format!("?{query}")));
        let one = format!("{folder}{}/{query}", other["id"].as_str().map_or(other["id"].to_string(), str::to_owned));
        let renamed = server.patch(&one, json!({ key: names[0] })).await;
        for refused in [again, renamed] {
            assert_eq!(refused.error(409), "UnicityViolation", "{path}");
            assert_eq!(refused.body["errors"][0]["message"], told, "{path}");
        }
    }
}
