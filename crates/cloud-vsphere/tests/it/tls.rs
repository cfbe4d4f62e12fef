use std::path::Path;

use cloud::{Cloud, CloudError, check::CheckStatus};
use cloud_vsphere::Config;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};

use crate::support::{Report, Vcsim, config, connect};

/// A certificate for a name, signed by a CA of the test; returns the CA's PEM.
fn certificate(folder: &Path, name: &str) -> String {
    let ca_key = KeyPair::generate().unwrap();
    let mut ca = CertificateParams::new(Vec::new()).unwrap();
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ca_pem = ca.self_signed(&ca_key).unwrap().pem();
    let issuer = Issuer::new(ca, ca_key);
    let key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(vec![name.to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();
    std::fs::write(folder.join("cert.pem"), leaf.pem()).unwrap();
    std::fs::write(folder.join("key.pem"), key.serialize_pem()).unwrap();
    ca_pem
}

fn start(folder: &Path) -> Vcsim {
    let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    Vcsim::start(&["-cert", &path("cert.pem"), "-key", &path("key.pem")])
}

#[tokio::test]
async fn a_certificate_is_trusted_by_its_ca_or_by_its_fingerprint() {
    let folder = tempfile::tempdir().unwrap();
    let ca = certificate(folder.path(), "127.0.0.1");
    let vcsim = start(folder.path());
    let strict = Config { ssl_verification: true, ..config(&vcsim.url, &[]) };

    let cloud = connect(strict.clone());
    let err = cloud.locations().await.unwrap_err();
    assert!(matches!(err, CloudError::Unreachable { .. }), "{err:?}");
    let report = Report::of(&cloud).await;
    assert_eq!(report.with(CheckStatus::Failed), ["vsphere.tls"]);
    let tls = report.get("vsphere.tls");
    assert!(tls.detail.contains("its issuer is not known here") && tls.detail.contains("valid from 19"), "{tls:?}");
    let remedy = tls.remedy.as_deref().unwrap();
    let fingerprint = remedy.split("certificateFingerprints = [\"").nth(1).unwrap().split('"').next().unwrap();

    let by_ca = Report::of(&connect(Config { ca_certificate: Some(ca), ..strict.clone() })).await;
    assert_eq!(
        (by_ca.status("vsphere.tls"), by_ca.status("vsphere.login")),
        (CheckStatus::Passed, CheckStatus::Passed)
    );
    let pinned = Config { certificate_fingerprints: vec![fingerprint.to_owned()], ..strict.clone() };
    let by_pin = Report::of(&connect(pinned)).await;
    assert_eq!(
        (by_pin.status("vsphere.tls"), by_pin.status("vsphere.login")),
        (CheckStatus::Passed, CheckStatus::Passed)
    );
    assert!(by_pin.get("vsphere.tls").detail.starts_with("trusted by its fingerprint"));
    let other = Config { certificate_fingerprints: vec!["00".repeat(32)], ..strict };
    assert_eq!(Report::of(&connect(other)).await.status("vsphere.tls"), CheckStatus::Failed);
}

#[tokio::test]
async fn a_certificate_for_another_name_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let ca = certificate(folder.path(), "vc.example");
    let vcsim = start(folder.path());
    let config = Config { ssl_verification: true, ca_certificate: Some(ca), ..config(&vcsim.url, &[]) };
    let report = Report::of(&connect(config)).await;
    let tls = report.get("vsphere.tls");
    assert_eq!(tls.status, CheckStatus::Failed);
    assert!(tls.detail.contains("it is for another name"), "{tls:?}");
}

#[tokio::test]
async fn a_self_signed_certificate_is_refused() {
    let vcsim = Vcsim::start(&[]);
    let config = Config { ssl_verification: true, ..config(&vcsim.url, &[]) };
    let report = Report::of(&connect(config)).await;
    assert_eq!(report.with(CheckStatus::Failed), ["vsphere.tls"]);
}
