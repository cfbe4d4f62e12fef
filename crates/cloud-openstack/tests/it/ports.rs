//! `check_ports`, which needs no login.

use std::time::Duration;

use cloud::check::{Check, CheckStatus, Reporter};
use cloud_http::Trust;
use cloud_openstack::check_ports;

use crate::{
    bad_keystone::v3,
    real::{check, exit, real},
    responder,
};

async fn look(url: &str) -> Vec<Check> {
    let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
    let report = Reporter::new(sender, Duration::from_secs(30));
    check_ports(url, Trust::default(), exit(), &report).await;
    drop(report);
    let mut checks = Vec::new();
    while let Some(check) = receiver.recv().await {
        checks.push(check);
    }
    checks
}

#[tokio::test]
async fn a_real_cloud_is_recognised_without_a_login() {
    let url = real().keystone();
    let checks = look(&url).await;
    assert_eq!(checks.len(), 7);
    let keystone = check(&checks, "openstack.keystone.version");
    assert_eq!(keystone.status, CheckStatus::Passed, "{keystone:?}");
    // Where the cloud has the default ports, each of them answers as what it should be.
    if url.contains(":5000/") {
        for (service, name) in [
            ("compute", "Nova"),
            ("network", "Neutron"),
            ("object-store", "Swift"),
            ("image", "Glance"),
            ("volume", "Cinder"),
        ] {
            let it = check(&checks, &format!("openstack.port.{service}"));
            assert_eq!(it.status, CheckStatus::Passed, "{it:?}");
            assert!(it.detail.contains(&format!("without TLS as {name} does")), "{it:?}");
        }
    }
}

#[tokio::test]
async fn refused_silent_and_wrong_are_told_apart_responder() {
    let address = responder::start(|_| async { v3() }).await;
    // Nothing listens on the default ports of this address of the loopback network.
    let checks = look(&format!("http://127.66.77.88:{}/v3", address.port())).await;
    let it = check(&checks, "openstack.keystone.version");
    assert!(it.required && it.status == CheckStatus::Failed && it.detail.contains("connection refused"), "{it:?}");
    let it = check(&checks, "openstack.port.compute");
    assert_eq!((it.status, it.target.as_str()), (CheckStatus::Warning, "127.66.77.88:8774"));
    assert!(it.detail.contains("connection refused") && it.remedy.is_some(), "{it:?}");
    let checks = look("keystone.example:5000").await;
    assert_eq!((checks.len(), checks[0].id.as_str(), checks[0].status), (1, "openstack.url", CheckStatus::Failed));
    for url in ["u:pa55word@keystone.example", "https://u:pa55word@keystone.example", "https://u:pa55word@k:99999"] {
        let checks = look(url).await;
        assert_eq!((checks.len(), checks[0].status), (1, CheckStatus::Failed));
        assert!(!format!("{checks:?}").contains("pa55word"), "{checks:?}");
    }
    let checks = look("http://169.254.169.254:5000").await;
    assert!(checks.iter().all(|it| it.detail.contains("which is refused")), "{checks:#?}");
}

#[tokio::test]
async fn other_programs_on_the_ports_responder() {
    // Whole addresses of the loopback network are free for this, so the default ports are too.
    let nginx = tokio::net::TcpListener::bind("127.66.77.99:9292").await.unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = nginx.accept().await {
            let said = responder::answer(200, "", b"<html>Welcome</html>").unwrap();
            let _ = tokio::io::AsyncReadExt::read(&mut stream, &mut [0; 1024]).await;
            let said = String::from_utf8(said).unwrap().replace("X-Openstack-Request-Id", "X-Other");
            let _ = tokio::io::AsyncWriteExt::write_all(&mut stream, said.as_bytes()).await;
        }
    });
    let silent = tokio::net::TcpListener::bind("127.66.77.99:9696").await.unwrap();
    let checks = look("http://127.66.77.99:5000").await;
    let it = check(&checks, "openstack.port.image");
    assert_eq!(it.status, CheckStatus::Warning);
    assert!(it.detail.contains("but not as Glance does (200)"), "{it:?}");
    let it = check(&checks, "openstack.port.network");
    assert!(it.detail.contains("for 5 s"), "{it:?}");
    drop(silent);
}
