//! Certificates of a Keystone, played by responders.

use std::sync::Arc;

use aws_lc_rs::digest;
use cloud::check::{Check, CheckStatus};
use cloud_openstack::Config;
use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use rustls::{ServerConfig, pki_types::PrivateKeyDer};
use tokio_rustls::TlsAcceptor;

use crate::{
    bad_keystone::{config, v3},
    real::{LIMIT, check, connect, validate},
    responder,
};

struct Server {
    url: String,
    pem: String,
    fingerprint: String,
}

/// A Keystone for `localhost` with its own certificate, valid until the end of that year.
async fn server(last_year: i32) -> Server {
    let mut params = CertificateParams::new(["localhost".to_owned()]).unwrap();
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(last_year, 12, 31);
    let key = KeyPair::generate().unwrap();
    let certificate = params.self_signed(&key).unwrap();
    let der = certificate.der().clone();
    let fingerprint: String =
        digest::digest(&digest::SHA256, &der).as_ref().iter().map(|it| format!("{it:02x}")).collect();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![der], PrivateKeyDer::Pkcs8(key.serialize_der().into()))
        .unwrap();
    let address = responder::start_tls(TlsAcceptor::from(Arc::new(config)), |_| async { v3() }).await;
    Server { url: format!("https://localhost:{}/v3", address.port()), pem: certificate.pem(), fingerprint }
}

async fn tls(config: Config) -> (Check, CheckStatus) {
    let checks = validate(&connect(config, "secret".into()), LIMIT).await;
    (check(&checks, "openstack.tls").clone(), check(&checks, "openstack.keystone.version").status)
}

#[tokio::test]
async fn a_self_signed_certificate_is_shown_with_what_to_pin_responder() {
    let server = server(2090).await;
    let (it, version) = tls(config(server.url.clone())).await;
    assert_eq!((it.status, it.required, version), (CheckStatus::Failed, true, CheckStatus::Skipped));
    let digits = server.fingerprint.to_uppercase();
    let pairs: Vec<_> = digits.as_bytes().chunks(2).map(String::from_utf8_lossy).collect();
    let colons = pairs.join(":");
    assert!(it.detail.contains("is not trusted") && it.detail.contains(&colons), "{it:?}");
    assert!(
        it.detail.contains("subject") && it.detail.contains("issuer") && it.detail.contains("2090-12-31"),
        "{it:?}"
    );
    assert!(it.remedy.as_deref().unwrap().contains(&format!("certificateFingerprints = [\"{colons}\"]")), "{it:?}");

    let fingerprint = vec![server.fingerprint.clone()];
    let (it, version) = tls(Config { certificate_fingerprints: fingerprint, ..config(server.url.clone()) }).await;
    assert_eq!((it.status, version), (CheckStatus::Passed, CheckStatus::Passed), "{it:?}");
    let other = vec!["0".repeat(64)];
    let (it, _) = tls(Config { certificate_fingerprints: other, ..config(server.url.clone()) }).await;
    assert_eq!(it.status, CheckStatus::Failed);
    let (it, version) = tls(Config { ca_certificate: Some(server.pem), ..config(server.url.clone()) }).await;
    assert_eq!((it.status, version), (CheckStatus::Passed, CheckStatus::Passed), "{it:?}");
    let (it, version) = tls(Config { ssl_verification: false, ..config(server.url) }).await;
    assert_eq!((it.status, version), (CheckStatus::Warning, CheckStatus::Passed));
    assert!(it.detail.contains("verification is off"), "{it:?}");
}

#[tokio::test]
async fn an_expired_certificate_works_where_it_is_pinned_responder() {
    let server = server(2021).await;
    let (it, _) = tls(Config { ca_certificate: Some(server.pem.clone()), ..config(server.url.clone()) }).await;
    assert_eq!(it.status, CheckStatus::Failed);
    assert!(it.detail.contains("expired"), "{it:?}");
    let pinned = Config { certificate_fingerprints: vec![server.fingerprint], ..config(server.url) };
    let (it, version) = tls(pinned).await;
    assert_eq!((it.status, version), (CheckStatus::Warning, CheckStatus::Passed));
    assert!(it.detail.contains("pinned certificate has expired") && it.detail.contains("to 2021-12-31"), "{it:?}");
}

#[tokio::test]
async fn a_port_without_tls_responder() {
    let address = responder::start(|_| async { v3() }).await;
    let (it, _) = tls(config(format!("https://{address}/v3"))).await;
    assert_eq!(it.status, CheckStatus::Failed);
    assert!(it.detail.contains("the TLS handshake with") && it.detail.contains("hung up"), "{it:?}");
    assert!(it.remedy.as_deref().unwrap().contains("TLS 1.2"), "{it:?}");
}

#[test]
fn a_wrong_certificate_is_refused_before_any_connection() {
    let wrong = Config { ca_certificate: Some("not PEM".to_owned()), ..config("https://k.example".to_owned()) };
    let refused = cloud_openstack::OpenStack::new(wrong, "secret".into(), crate::real::exit());
    let Err(cloud::CloudError::Invalid { field, .. }) = refused else { panic!("it was taken") };
    assert_eq!(field, "caCertificate");
}
