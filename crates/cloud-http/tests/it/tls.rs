use cloud_http::{CertificateFacts, Client, HttpError, InvalidTrust, Trust, TrustedBy};
use rcgen::{BasicConstraints, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd};
use rustls::version::{TLS12, TLS13};

use crate::{
    certificates::{Identity, authority, expired_leaf, leaf, leaf_for},
    client, client_trusting, get, probe,
    responder::{Responder, https_responder, ok},
    text,
};

async fn tls_responder(identity: &Identity) -> Responder {
    https_responder(identity.acceptor(), |_, _| ok("fine")).await
}

fn trusting(pem: String) -> Client {
    client_trusting(Trust { ca_certificate: Some(pem), ..Trust::default() })
}

/// The reason and the facts that a refusal tells, the same in a request and in a probe.
async fn refused(client: &Client, cloud: &Responder) -> (String, CertificateFacts) {
    let err = client.send(get(cloud.https("/"))).await.err().unwrap();
    let probe = probe(client, &cloud.https("/")).await;
    assert_eq!(probe.tls.unwrap().unwrap_err().to_string(), err.to_string());
    assert!(cloud.requests().is_empty(), "a request was sent to a server that is not trusted");
    match err {
        HttpError::Certificate { reason, leaf, .. } => (reason, *leaf),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn ones_own_authority_is_trusted() {
    let ours = authority("our CA");
    let cloud = tls_responder(&Identity::signed_by(&ours, leaf())).await;
    let client = trusting(ours.pem());
    assert_eq!(text(&client, get(cloud.https("/"))).await.unwrap(), "fine");
    let probe = probe(&client, &cloud.https("/")).await;
    let (facts, by) = probe.tls.unwrap().unwrap();
    assert_eq!((facts.subject.as_str(), by), ("CN=keystone", TrustedBy::Chain));
    // Nobody else trusts it.
    let cloud = tls_responder(&Identity::signed_by(&ours, leaf())).await;
    assert_eq!(refused(&crate::client(), &cloud).await.0, "its issuer is not known here");
    let namesake = trusting(authority("our CA").pem());
    assert_eq!(refused(&namesake, &cloud).await.0, "it is not signed with the key of the authority it names");
}

#[tokio::test]
async fn several_authorities_in_one_pem() {
    let (one, other) = (authority("one"), authority("other"));
    let client = trusting(format!("# comment\n{}\n{}", one.pem(), other.pem()));
    for ca in [&one, &other] {
        let cloud = tls_responder(&Identity::signed_by(ca, leaf())).await;
        assert_eq!(text(&client, get(cloud.https("/"))).await.unwrap(), "fine");
    }
}

#[tokio::test]
async fn an_unreadable_authority_is_refused_at_once() {
    let good = authority("good").pem();
    let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let key = KeyPair::generate().unwrap().serialize_pem();
    let cut_off = good[..good.len() - 40].to_owned();
    let with_good = [broken, "-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n", &cut_off];
    let with_good = with_good.map(|it| format!("{good}{it}"));
    let alone = ["".to_owned(), "hello".to_owned(), key, cut_off.clone(), broken.to_owned()];
    for pem in alone.into_iter().chain(with_good) {
        let trust = Trust { ca_certificate: Some(pem.clone()), ..Trust::default() };
        let made = Client::new(Default::default(), trust);
        assert!(matches!(made, Err(InvalidTrust::CaCertificate)), "{pem}");
    }
}

#[tokio::test]
async fn a_refusal_tells_all_that_is_needed_to_pin() {
    let identity = Identity::self_signed(leaf());
    let cloud = tls_responder(&identity).await;
    let err = client().send(get(cloud.https("/"))).await.err().unwrap();
    let HttpError::Certificate { leaf, .. } = &err else { panic!("{err:?}") };
    let told = err.to_string();
    for part in [
        cloud.https("").as_str(),
        "its issuer is not known here",
        r#"subject "CN=keystone""#,
        r#"issuer "CN=keystone""#,
        "valid from 2020-01-02T00:00:00Z to 2060-03-04T00:00:00Z",
        &format!("SHA-256 {}", leaf.sha256),
    ] {
        assert!(told.contains(part), "{part:?} is missing in {told:?}");
    }
    // What is offered works as it stands.
    let remedy = err.remedy();
    let offered = remedy.split('"').nth(1).unwrap();
    let pin = Trust::parse_fingerprint(offered).unwrap();
    assert_eq!(pin, identity.sha256());
    let client = client_trusting(Trust { fingerprints: vec![pin], ..Trust::default() });
    assert_eq!(text(&client, get(cloud.https("/"))).await.unwrap(), "fine");
}

#[tokio::test]
async fn dates_and_names_are_checked() {
    let ours = authority("our CA");
    let client = trusting(ours.pem());
    let mut future = leaf();
    future.not_before = date_time_ymd(2050, 1, 2);
    for (params, expected) in [
        (expired_leaf(), "it has expired"),
        (future, "it is not valid yet"),
        (leaf_for(&["other.example"]), "it is for another name"),
        (leaf_for(&["127.0.0.2"]), "it is for another name"),
        (leaf_for(&["localhost"]), "it is for another name"),
    ] {
        let cloud = tls_responder(&Identity::signed_by(&ours, params)).await;
        let (reason, facts) = refused(&client, &cloud).await;
        assert_eq!(reason, expected);
        assert_eq!(facts.is_expired(), expected == "it has expired");
        assert_eq!(facts.issuer, "CN=our CA");
    }
    let cloud = tls_responder(&Identity::signed_by(&ours, leaf_for(&["localhost"]))).await;
    let url = format!("https://localhost:{}/", cloud.address.port());
    assert_eq!(text(&client, get(url)).await.unwrap(), "fine");
}

/// `openssl req -x509` marks its certificates as authorities, which a server's must not be (RFC 5280 §4.2.1.9). Naming
/// it as its own authority does not help; the message has to lead to the pin.
#[tokio::test]
async fn a_self_signed_authority_is_no_server() {
    let mut params = leaf();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let own = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let cloud = tls_responder(&Identity::of(&own)).await;
    let pem = own.pem();
    for client in [client(), trusting(pem)] {
        assert_eq!(refused(&client, &cloud).await.0, "it is a certificate authority's own (self-signed)");
    }
}

#[tokio::test]
async fn verification_turned_off_says_so() {
    let client = client_trusting(Trust { verify: false, ..Trust::default() });
    for params in [leaf(), expired_leaf(), leaf_for(&["other.example"])] {
        let cloud = tls_responder(&Identity::self_signed(params)).await;
        let probe = probe(&client, &cloud.https("/")).await;
        assert_eq!(probe.tls.unwrap().unwrap().1, TrustedBy::Nothing);
        assert_eq!(text(&client, get(cloud.https("/"))).await.unwrap(), "fine");
    }
}

/// Many handshakes of one client at once, with two servers of which one is trusted.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn certificates_of_two_hosts_are_not_mixed_up() {
    let ours = authority("our CA");
    let (good, bad) = (Identity::signed_by(&ours, leaf()), Identity::self_signed(expired_leaf()));
    let (good_cloud, bad_cloud) = (tls_responder(&good).await, tls_responder(&bad).await);
    let client = trusting(ours.pem());
    let calls: Vec<_> = (0..40)
        .map(|n| {
            let client = client.clone();
            let url = if n % 2 == 0 { good_cloud.https("/") } else { bad_cloud.https("/") };
            tokio::spawn(async move {
                let probe = probe(&client, &url).await;
                (n, probe.tls.unwrap(), text(&client, get(url)).await)
            })
        })
        .collect();
    for call in calls {
        match call.await.unwrap() {
            (n, Ok((facts, TrustedBy::Chain)), Ok(body)) if n % 2 == 0 => {
                assert_eq!((facts.issuer.as_str(), body.as_str()), ("CN=our CA", "fine"));
            }
            (n, Err(HttpError::Certificate { leaf: probed, .. }), Err(HttpError::Certificate { leaf, .. }))
                if n % 2 == 1 =>
            {
                assert_eq!(Trust::parse_fingerprint(&leaf.sha256).unwrap(), bad.sha256());
                assert_eq!(Trust::parse_fingerprint(&probed.sha256).unwrap(), bad.sha256());
            }
            mixed_up => panic!("{mixed_up:?}"),
        }
    }
    assert!(bad_cloud.requests().is_empty());
}

#[tokio::test]
async fn both_versions_are_spoken() {
    let ours = authority("our CA");
    let identity = Identity::signed_by(&ours, leaf());
    for version in [&TLS12, &TLS13] {
        let cloud = https_responder(identity.acceptor_speaking(&[version]), |_, _| ok("fine")).await;
        assert_eq!(text(&trusting(ours.pem()), get(cloud.https("/"))).await.unwrap(), "fine");
    }
}

/// The other side chooses its name; it must not be able to write lines of its own into logs and terminals.
#[tokio::test]
async fn a_hostile_subject_stays_one_short_line() {
    let mut params = leaf();
    let name = format!("\u{1b}[2Jall is well\nINFO login accepted\r{}", "x".repeat(5000));
    params.distinguished_name.push(DnType::CommonName, name);
    let cloud = tls_responder(&Identity::self_signed(params)).await;
    let err = client().send(get(cloud.https("/"))).await.err().unwrap();
    let HttpError::Certificate { leaf, .. } = &err else { panic!("{err:?}") };
    for text in [err.to_string(), leaf.subject.clone(), leaf.issuer.clone()] {
        assert!(!text.contains(char::is_control), "{text:?}");
        assert!(text.len() < 1000, "{}", text.len());
    }
}
