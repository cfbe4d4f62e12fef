use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

use crate::support::{Lab, TOML};

/// A server with a certificate of an authority that nobody knows.
#[test]
fn a_server_is_trusted_by_its_authority_or_its_fingerprint() {
    let files = tempfile::tempdir().unwrap();
    let path = |name: &str| files.path().join(name).to_str().unwrap().to_owned();
    let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap().signed_by(&key, &authority).unwrap();
    std::fs::write(path("ca.pem"), authority.pem()).unwrap();
    std::fs::write(path("leaf.pem"), leaf.pem()).unwrap();
    std::fs::write(path("key.pem"), key.serialize_pem()).unwrap();
    let tls = format!("[tls]\ncertificate = {:?}\nkey = {:?}\n", path("leaf.pem"), path("key.pem"));
    let lab = Lab::with(&format!("{TOML}{tls}"));
    assert!(lab.url.starts_with("https://"), "{}", lab.url);
    let login = lab.data_dir.path().join("initial-admin.json");
    let login = ["login", "--url", &lab.url, "--from-file", login.to_str().unwrap()];

    let refused = lab.run(&login).exits(5).notes("not trusted").notes("--server-fingerprint");
    let (_, fingerprint) = refused.stderr.split_once("--server-fingerprint ").unwrap();
    let fingerprint = fingerprint.trim();
    assert_eq!(fingerprint.len(), 64, "{}", refused.stderr);

    lab.run(&[&login[..], &["--context", "by-authority", "--ca-certificate", &path("ca.pem")]].concat()).ok();
    lab.run(&["environments", "list", "--context", "by-authority"]).ok();
    lab.run(&[&login[..], &["--context", "by-pin", "--fingerprint", fingerprint]].concat()).ok();
    lab.run(&["environments", "list", "--context", "by-pin"]).ok();
    let other = "AB".repeat(32);
    lab.run(&["environments", "list", "--context", "by-pin", "--server-fingerprint", &other])
        .exits(5)
        .notes("another than the one that is pinned");
    lab.run(&["environments", "list", "--server-fingerprint", "AB"]).exits(2);
}
