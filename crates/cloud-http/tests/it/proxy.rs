use std::{env, process::Command, sync::Arc};

use cloud_http::{AddressRules, Client, Exit, HttpError, Stage, Trust};
use http::{HeaderName, Uri};
use tokio::{
    io::{AsyncWriteExt, copy_bidirectional},
    net::TcpStream,
};

use crate::{
    certificates::{Identity, authority, leaf_for},
    client, get,
    responder::{Responder, connection_responder, http_responder, https_responder, ok, raw_responder, read_request},
    rules, text,
};

/// An HTTP proxy that connects to what CONNECT names.
async fn proxy_responder() -> Responder {
    connection_responder("127.0.0.1:0", |mut tcp, log| async move {
        let Some(request) = read_request(&mut tcp).await else { return };
        let target = request.strip_prefix("CONNECT ").and_then(|it| it.split(' ').next()).map(str::to_owned);
        log.request(request);
        let upstream = match target {
            Some(target) => TcpStream::connect(target).await.ok(),
            None => None,
        };
        match upstream {
            Some(mut upstream) => {
                tcp.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await.unwrap();
                let _ = copy_bidirectional(&mut tcp, &mut upstream).await;
            }
            None => tcp.write_all(b"HTTP/1.1 502 Bad Gateway\r\n\r\n").await.unwrap(),
        }
    })
    .await
}

fn uri(proxy: &Responder) -> Option<Uri> {
    Some(proxy.http("").parse().unwrap())
}

fn client_through(proxy: &Responder, rules: AddressRules, trust: Trust) -> Client {
    Client::new(Arc::new(Exit::new(rules, uri(proxy))), trust).unwrap()
}

#[tokio::test]
async fn the_proxy_is_told_the_address_that_was_checked() {
    let ours = authority("our CA");
    let plain = http_responder(|_, _| ok("fine")).await;
    let tls = https_responder(Identity::signed_by(&ours, leaf_for(&["localhost"])).acceptor(), |_, _| ok("fine")).await;
    for (scheme, cloud) in [("http", &plain), ("https", &tls)] {
        let proxy = proxy_responder().await;
        let trust = Trust { ca_certificate: Some(ours.pem()), ..Trust::default() };
        let client = client_through(&proxy, rules(&["127.0.0.0/8", "::1/128"]), trust);
        let token = HeaderName::from_static("x-auth-token");
        let url = format!("{scheme}://localhost:{}/", cloud.address.port());
        assert_eq!(text(&client, get(url).header(token, "t0k".parse().unwrap())).await.unwrap(), "fine");
        // The name would be resolved anew by the proxy, perhaps to something else.
        let connect = proxy.requests().pop().unwrap();
        assert!(connect.starts_with(&format!("CONNECT {} HTTP/1.1\r\n", cloud.address)), "{connect}");
        assert!(!connect.contains("localhost") && !connect.contains("t0k"), "{connect}");
        assert!(cloud.requests()[0].contains("host: localhost:"), "{:?}", cloud.requests());
    }
}

#[tokio::test]
async fn rules_hold_before_the_proxy_is_asked() {
    let proxy = proxy_responder().await;
    let client = client_through(&proxy, AddressRules::default(), Trust::default());
    for host in ["127.0.0.1", "localhost", "169.254.169.254"] {
        let err = client.send(get(format!("https://{host}/"))).await.err().unwrap();
        assert_eq!(err.stage(), Stage::Address, "{err:?}");
    }
    assert_eq!(proxy.n_connections(), 0);
}

#[tokio::test]
async fn a_proxy_that_refuses_is_named() {
    for (reply, expected) in [
        (&b"HTTP/1.1 403 Forbidden\r\n\r\n"[..], "unsuccessful"),
        (b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "proxy authorization required"),
        (b"", "unexpected end of file"),
    ] {
        let proxy = raw_responder(reply).await;
        let client = client_through(&proxy, rules(&["127.0.0.0/8"]), Trust::default());
        let err = client.send(get("https://127.0.0.1:1/")).await.err().unwrap();
        assert_eq!(err.stage(), Stage::Connect, "{err:?}");
        let told = err.to_string();
        assert!(told.contains("the proxy: ") && told.ends_with(expected), "{told}");
    }
    let closed = Some("http://127.0.0.1:1".parse().unwrap());
    let client = Client::new(Arc::new(Exit::new(rules(&["127.0.0.0/8"]), closed)), Trust::default()).unwrap();
    let err = client.send(get("https://127.0.0.1:1/")).await.err().unwrap();
    assert!(err.to_string().contains("the proxy: ") && err.to_string().contains("refused"), "{err}");
}

#[tokio::test]
async fn a_proxy_configured_later_is_used_from_then_on() {
    let (cloud, proxy) = (http_responder(|_, _| ok("fine")).await, proxy_responder().await);
    let exit = Arc::new(Exit::new(rules(&["127.0.0.0/8"]), None));
    let client = Client::new(exit.clone(), Trust::default()).unwrap();
    assert_eq!(text(&client, get(cloud.http("/"))).await.unwrap(), "fine");
    assert_eq!(proxy.n_connections(), 0);
    exit.reconfigure(rules(&["127.0.0.0/8"]), uri(&proxy));
    assert_eq!(text(&client, get(cloud.http("/"))).await.unwrap(), "fine");
    assert_eq!(proxy.n_connections(), 1);
}

#[test]
fn a_proxy_password_is_not_shown() {
    let proxy = "http://operator:hunter2@proxy.example:3128".parse().unwrap();
    let exit = Exit::new(AddressRules::default(), Some(proxy));
    assert!(!format!("{exit:?}").contains("hunter2"), "{exit:?}");
}

const TARGET: &str = "STACKYARD_TEST_TARGET";

/// The environment is set for a process of its own: this one's is shared by all tests.
#[tokio::test]
async fn proxies_of_the_environment_are_ignored() {
    let (cloud, proxy) = (http_responder(|_, _| ok("fine")).await, proxy_responder().await);
    let mut child = Command::new(env::current_exe().unwrap());
    child.args(["--ignored", "--exact", "proxy::reads_the_target"]).env(TARGET, cloud.http("/"));
    for name in ["http_proxy", "https_proxy", "all_proxy"] {
        child.env(name, proxy.http("")).env(name.to_uppercase(), proxy.http(""));
    }
    child.env_remove("no_proxy").env_remove("NO_PROXY");
    let output = tokio::task::spawn_blocking(move || child.output().unwrap()).await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert_eq!((cloud.requests().len(), proxy.n_connections()), (1, 0));
}

/// Not a test by itself: the process that the one above starts.
#[tokio::test]
#[ignore = "started by proxies_of_the_environment_are_ignored"]
async fn reads_the_target() {
    let Ok(target) = env::var(TARGET) else { return };
    assert_eq!(text(&client(), get(target)).await.unwrap(), "fine");
}

#[tokio::test]
async fn a_proxy_that_does_not_answer_is_given_up() {
    let proxy = connection_responder("127.0.0.1:0", |tcp, _| async move {
        tcp.readable().await.unwrap();
        tokio::time::pause();
        std::future::pending::<()>().await;
    })
    .await;
    let client = client_through(&proxy, rules(&["127.0.0.0/8"]), Trust::default());
    let err = client.send(get("https://127.0.0.1:1/")).await.err().unwrap();
    assert!(matches!(err, HttpError::Connect { .. }), "{err:?}");
}
