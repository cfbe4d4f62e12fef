use std::sync::Arc;

use cloud_http::{AddressRules, Client, Exit, HttpError, Refusal, Stage, Trust};

use crate::{
    client, get, probe,
    responder::{Reply, answer, http_responder, ok},
    rules, text,
};

/// How loopback can be written; `true` where it is IPv4's.
const LOOPBACK: [(&str, bool); 17] = [
    ("127.0.0.1", true),
    ("127.1", true),
    ("127.0.1", true),
    ("127.0.0.1.", true),
    ("0x7f000001", true),
    ("0x7f.1", true),
    ("2130706433", true),
    ("017700000001", true),
    ("0177.0.0.1", true),
    ("%31%32%37.0.0.1", true),
    ("１２７.0.0.1", true),
    ("①②⑦.⓪.⓪.①", true),
    ("[::ffff:127.0.0.1]", true),
    ("[::ffff:7f00:1]", true),
    ("localhost", true),
    ("LOCALHOST", true),
    ("[::1]", false),
];

#[tokio::test]
async fn loopback_is_refused_however_it_is_written() {
    let cloud = http_responder(|_, _| ok("inside")).await;
    let port = cloud.address.port();
    let client = Client::new(Arc::new(Exit::default()), Trust::default()).unwrap();
    for (host, _) in LOOPBACK.into_iter().chain([("[64:ff9b::7f00:1]", true), ("[2002:7f00:1::]", true)]) {
        for scheme in ["http", "https"] {
            let url = format!("{scheme}://{host}:{port}/");
            let err = client.send(get(&url)).await.err().unwrap();
            assert!(matches!(err, HttpError::Address { refusal: Refusal::Loopback, .. }), "{url}: {err:?}");
            assert_eq!(err.stage(), Stage::Address);
            assert!(err.remedy().contains("allowed_cloud_networks"), "{}", err.remedy());
            let probe = probe(&client, &url).await;
            assert_eq!(probe.resolve.unwrap_err().stage(), Stage::Address, "{url}");
            assert!(probe.connect.is_none() && probe.tls.is_none());
        }
    }
    assert_eq!(cloud.n_connections(), 0);
}

/// The same spellings arrive where they are allowed, so the test above does not pass by failing to connect.
#[tokio::test]
async fn listed_loopback_is_reached_however_it_is_written() {
    let cloud = http_responder(|_, _| ok("inside")).await;
    let exit = Arc::new(Exit::new(rules(&["127.0.0.0/8", "::1/128"]), None));
    let client = Client::new(exit, Trust::default()).unwrap();
    for (host, _) in LOOPBACK.into_iter().filter(|(_, is_v4)| *is_v4) {
        let url = format!("http://{host}:{}/", cloud.address.port());
        assert_eq!(text(&client, get(&url)).await.expect(&url), "inside");
    }
}

#[tokio::test]
async fn this_machine_by_its_null_address_is_refused() {
    let cloud = http_responder(|_, _| ok("inside")).await;
    for networks in [None, Some(vec!["0.0.0.0/0".parse().unwrap(), "::/0".parse().unwrap()])] {
        let exit = Arc::new(Exit::new(AddressRules::new(networks), None));
        let client = Client::new(exit, Trust::default()).unwrap();
        for host in ["0", "0.0.0.0", "0x0", "0.1", "[::]", "[::ffff:0:0]"] {
            let err = client.send(get(format!("http://{host}:{}/", cloud.address.port()))).await.err().unwrap();
            assert!(matches!(err, HttpError::Address { refusal: Refusal::NotUnicast, .. }), "{host}: {err:?}");
        }
    }
    assert_eq!(cloud.n_connections(), 0);
}

#[tokio::test]
async fn metadata_services_are_refused_even_when_listed() {
    let exit = Arc::new(Exit::new(rules(&["0.0.0.0/0", "::/0", "169.254.169.254/32"]), None));
    let client = Client::new(exit, Trust::default()).unwrap();
    for host in [
        "169.254.169.254",
        "0xa9fea9fe",
        "2852039166",
        "169.254.43518",
        "[::ffff:169.254.169.254]",
        "[64:ff9b::a9fe:a9fe]",
        "[64:ff9b:1:a9fe:a9:fe00::]",
        "[fe80::1]",
        "[fd00:ec2::254]",
    ] {
        let err = client.send(get(format!("http://{host}/latest/meta-data/"))).await.err().unwrap();
        assert!(matches!(err, HttpError::Address { refusal: Refusal::LinkLocal, .. }), "{host}: {err:?}");
        assert!(!err.remedy().contains("allowed_cloud_networks"), "{}", err.remedy());
    }
}

#[tokio::test]
async fn outside_the_list_is_refused() {
    for host in ["192.0.2.1", "[2001:db8::1]", "[::ffff:192.0.2.1]"] {
        let err = client().send(get(format!("http://{host}/"))).await.err().unwrap();
        assert!(matches!(err, HttpError::Address { refusal: Refusal::NotAllowed, .. }), "{host}: {err:?}");
    }
}

#[tokio::test]
async fn a_name_that_does_not_resolve_is_named() {
    let err = client().send(get("https://does-not-exist.invalid/v3")).await.err().unwrap();
    let HttpError::Resolve { host, reason } = &err else { panic!("{err:?}") };
    assert_eq!(host, "does-not-exist.invalid");
    // In the resolver's words: no such name and no name server are different things to repair.
    let said = tokio::net::lookup_host((host.as_str(), 443)).await.err().unwrap().to_string();
    assert_eq!(said.split_once(": ").unwrap().1.to_lowercase(), *reason);
    assert_eq!(err.stage(), Stage::Resolve);
    assert!(err.to_string().starts_with("the name does-not-exist.invalid does not resolve: "), "{err}");
    assert!(err.remedy().contains("does-not-exist.invalid"), "{}", err.remedy());
}

/// The rules change while the answer that redirects is on its way.
#[tokio::test]
async fn each_hop_of_a_redirect_passes_the_rules_of_its_moment() {
    let exit = Arc::new(Exit::new(rules(&["127.0.0.0/8"]), None));
    let cloud = http_responder({
        let exit = exit.clone();
        move |_, _| {
            exit.reconfigure(AddressRules::default(), None);
            Reply::Keep(answer("302 Found", "Location: /there", ""))
        }
    })
    .await;
    let client = Client::new(exit, Trust::default()).unwrap();
    let err = client.send(get(cloud.http("/"))).await.err().unwrap();
    assert!(matches!(err, HttpError::Address { .. }), "{err:?}");
    assert_eq!(cloud.targets(), ["GET /"]);
}
