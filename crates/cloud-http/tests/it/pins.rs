use cloud_http::{Client, HttpError, Trust, TrustedBy};
use rustls::{
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    version::{TLS12, TLS13},
};

use crate::{
    certificates::{Identity, authority, expired_leaf, leaf, leaf_for, sha256},
    client_trusting, get, probe,
    responder::{Responder, https_responder, ok},
    text,
};

async fn tls_responder(identity: &Identity) -> Responder {
    https_responder(identity.acceptor(), |_, _| ok("fine")).await
}

fn pinning(fingerprints: &[[u8; 32]]) -> Client {
    client_trusting(Trust { fingerprints: fingerprints.to_vec(), ..Trust::default() })
}

async fn reason_of_refusal(client: &Client, cloud: &Responder) -> String {
    let err = client.send(get(cloud.https("/"))).await.err().unwrap();
    assert!(cloud.requests().is_empty());
    match err {
        HttpError::Certificate { reason, .. } => reason,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_pin_counts_in_every_spelling() {
    let identity = Identity::self_signed(leaf());
    let cloud = tls_responder(&identity).await;
    let pairs: Vec<String> = identity.sha256().iter().map(|it| format!("{it:02x}")).collect();
    for spelling in [
        pairs.concat(),
        pairs.concat().to_uppercase(),
        pairs.join(":"),
        pairs.join(":").to_uppercase(),
        pairs.join(" "),
        format!("  {}\n", pairs.join(":")),
        pairs.chunks(2).map(|it| it.concat()).collect::<Vec<_>>().join(":"),
    ] {
        let pin = Trust::parse_fingerprint(&spelling).unwrap();
        assert_eq!(text(&pinning(&[pin]), get(cloud.https("/"))).await.unwrap(), "fine", "{spelling:?}");
    }
}

#[tokio::test]
async fn a_pinned_leaf_needs_no_chain_name_or_date() {
    for params in [leaf(), expired_leaf(), leaf_for(&["other.example"])] {
        let identity = Identity::self_signed(params);
        let cloud = tls_responder(&identity).await;
        // One of several is enough.
        let client = pinning(&[[7; 32], identity.sha256()]);
        assert_eq!(text(&client, get(cloud.https("/"))).await.unwrap(), "fine");
        let probe = probe(&client, &cloud.https("/")).await;
        let (facts, by) = probe.tls.unwrap().unwrap();
        assert_eq!(by, TrustedBy::Fingerprint);
        let is_expired = facts.not_after.unwrap().to_string() == "2021-03-04T00:00:00Z";
        assert_eq!(facts.is_expired(), is_expired, "{facts}");
    }
}

#[tokio::test]
async fn a_wrong_pin_saves_nothing() {
    let identity = Identity::self_signed(leaf());
    let cloud = tls_responder(&identity).await;
    let mut almost = identity.sha256();
    almost[31] ^= 1;
    assert_eq!(
        reason_of_refusal(&pinning(&[almost]), &cloud).await,
        "its issuer is not known here, and it is none of the pinned ones"
    );
    // Who gave a pin did not mean any certificate.
    let unverified = client_trusting(Trust { verify: false, fingerprints: vec![almost], ..Trust::default() });
    assert_eq!(reason_of_refusal(&unverified, &cloud).await, "it is none of the pinned ones");
}

/// A renewed certificate of a trusted authority goes on working beside an old pin.
#[tokio::test]
async fn a_good_chain_needs_no_pin() {
    let ours = authority("our CA");
    let cloud = tls_responder(&Identity::signed_by(&ours, leaf())).await;
    let trust = Trust { ca_certificate: Some(ours.pem()), fingerprints: vec![[7; 32]], ..Trust::default() };
    let probe = probe(&client_trusting(trust), &cloud.https("/")).await;
    assert_eq!(probe.tls.unwrap().unwrap().1, TrustedBy::Chain);
}

/// Only the leaf counts: the rest of what a server sends is copied by anyone.
#[tokio::test]
async fn a_pinned_certificate_above_the_leaf_does_not_count() {
    let ours = authority("our CA");
    let mut identity = Identity::signed_by(&ours, leaf());
    identity.chain.push(ours.der().clone());
    let cloud = tls_responder(&identity).await;
    let reason = reason_of_refusal(&pinning(&[sha256(ours.der())]), &cloud).await;
    assert!(reason.ends_with("it is none of the pinned ones"), "{reason}");
}

/// Made by `openssl x509 -req -signkey …` without extensions: version 1.
fn version_1() -> Identity {
    let pem = include_bytes!("version1.pem");
    Identity {
        chain: vec![CertificateDer::from_pem_slice(pem).unwrap()],
        key: PrivateKeyDer::from_pem_slice(pem).unwrap(),
    }
}

#[tokio::test]
async fn a_certificate_of_version_1_can_be_pinned() {
    let identity = version_1();
    let cloud = tls_responder(&identity).await;
    assert_eq!(
        reason_of_refusal(&pinning(&[]), &cloud).await,
        "it is of X.509 version 1, which has no place for names"
    );
    for version in [&TLS12, &TLS13] {
        let cloud = https_responder(identity.acceptor_speaking(&[version]), |_, _| ok("fine")).await;
        assert_eq!(text(&pinning(&[identity.sha256()]), get(cloud.https("/"))).await.unwrap(), "fine");
        let unverified = client_trusting(Trust { verify: false, ..Trust::default() });
        assert_eq!(text(&unverified, get(cloud.https("/"))).await.unwrap(), "fine");
    }
}

/// A certificate is public; the key behind it is what proves the server.
#[tokio::test]
async fn a_copied_certificate_without_its_key_is_refused() {
    for original in [Identity::self_signed(leaf()), version_1()] {
        let thief = Identity { chain: original.chain.clone(), ..Identity::self_signed(leaf()) };
        for version in [&TLS12, &TLS13] {
            let cloud = https_responder(thief.acceptor_speaking(&[version]), |_, _| ok("caught")).await;
            let unverified = client_trusting(Trust { verify: false, ..Trust::default() });
            for client in [pinning(&[original.sha256()]), unverified] {
                let err = client.send(get(cloud.https("/"))).await.err().unwrap();
                assert!(matches!(err, HttpError::Tls { .. }), "{err:?}");
            }
            assert!(cloud.requests().is_empty());
        }
    }
}
