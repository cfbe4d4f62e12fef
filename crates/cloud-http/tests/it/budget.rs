use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use cloud_http::{Client, Exit, Trust};
use futures_util::FutureExt;
use tokio::{
    io::AsyncWriteExt,
    sync::{Semaphore, mpsc},
    time::{sleep, timeout},
};

use crate::{
    client, get,
    responder::{Reply, Responder, connection_responder, http_responder, read_request},
    rules, text,
};

const BUDGET: usize = 8;

/// Keeps every request waiting until `gate` has a permit for it; counts those that are under way.
async fn counting_responder(gate: Arc<Semaphore>, n_now: Arc<AtomicUsize>, peak: Arc<AtomicUsize>) -> Responder {
    connection_responder("127.0.0.1:0", move |mut tcp, log| {
        let (gate, n_now, peak) = (gate.clone(), n_now.clone(), peak.clone());
        async move {
            while let Some(request) = read_request(&mut tcp).await {
                log.request(request);
                peak.fetch_max(n_now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                gate.acquire().await.unwrap().forget();
                n_now.fetch_sub(1, Ordering::SeqCst);
                let _ = tcp.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine").await;
            }
        }
    })
    .await
}

#[tokio::test]
async fn a_client_and_its_clones_send_eight_at_once() {
    let gate = Arc::new(Semaphore::new(0));
    let (n_now, peak) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let cloud = counting_responder(gate.clone(), n_now.clone(), peak.clone()).await;
    let client = client();
    let calls: Vec<_> = (0..40)
        .map(|n| {
            let (client, url) = (client.clone(), cloud.http(&format!("/{n}")));
            tokio::spawn(async move { text(&client, get(url)).await.unwrap() })
        })
        .collect();
    while n_now.load(Ordering::SeqCst) < BUDGET {
        sleep(Duration::from_millis(1)).await;
    }
    // A ninth would arrive now.
    sleep(Duration::from_millis(200)).await;
    assert_eq!(peak.load(Ordering::SeqCst), BUDGET);
    gate.add_permits(40);
    for call in calls {
        assert_eq!(call.await.unwrap(), "fine");
    }
    assert_eq!((peak.load(Ordering::SeqCst), cloud.requests().len()), (BUDGET, 40));
}

/// Of several credentials, or of one that is validated while it is in use.
#[tokio::test]
async fn clients_of_one_account_share_a_budget() {
    let gate = Arc::new(Semaphore::new(0));
    let (n_now, peak) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let cloud = counting_responder(gate.clone(), n_now.clone(), peak.clone()).await;
    let exit = Arc::new(Exit::new(rules(&["127.0.0.0/8"]), None));
    let client = |account: &str| Client::new(exit.clone(), Trust::default()).unwrap().of_account(account);
    let accounts = ["https://one demo", "https://one demo", "https://one demo", "https://two demo"];
    let calls: Vec<_> = accounts
        .iter()
        .flat_map(|account| {
            let client = client(account);
            (0..BUDGET).map(move |_| client.clone())
        })
        .map(|client| {
            let url = cloud.http("/");
            tokio::spawn(async move { text(&client, get(url)).await.unwrap() })
        })
        .collect();
    while n_now.load(Ordering::SeqCst) < 2 * BUDGET {
        sleep(Duration::from_millis(1)).await;
    }
    // More would arrive now.
    sleep(Duration::from_millis(200)).await;
    assert_eq!(peak.load(Ordering::SeqCst), 2 * BUDGET);
    gate.add_permits(4 * BUDGET);
    for call in calls {
        assert_eq!(call.await.unwrap(), "fine");
    }
    assert_eq!((peak.load(Ordering::SeqCst), cloud.requests().len()), (2 * BUDGET, 4 * BUDGET));
}

#[tokio::test]
async fn clients_of_no_account_share_no_budget() {
    let gate = Arc::new(Semaphore::new(0));
    let (n_now, peak) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let cloud = counting_responder(gate, n_now.clone(), peak).await;
    let (send, mut receive) = mpsc::channel::<()>(1);
    for client in [client(), client()] {
        for _ in 0..BUDGET {
            let (client, url, send) = (client.clone(), cloud.http("/"), send.clone());
            tokio::spawn(async move {
                let _ = client.send(get(url)).await;
                drop(send);
            });
        }
    }
    drop(send);
    while n_now.load(Ordering::SeqCst) < 2 * BUDGET {
        assert!(timeout(Duration::from_millis(1), receive.recv()).await.is_err(), "all ended before they met");
    }
}

#[tokio::test]
async fn a_body_holds_its_place_until_it_is_dropped() {
    let half = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf";
    let cloud = http_responder(move |_, _| Reply::Hold(half.into())).await;
    let client = client();
    let mut bodies = Vec::new();
    for _ in 0..BUDGET {
        bodies.push(client.send(get(cloud.http("/"))).await.unwrap().body);
    }
    let ninth = client.send(get(cloud.http("/")));
    tokio::pin!(ninth);
    assert!(timeout(Duration::from_millis(200), &mut ninth).await.is_err(), "a ninth was sent");
    assert_eq!(cloud.requests().len(), BUDGET);
    bodies.pop();
    assert_eq!(ninth.await.unwrap().status, 200);
    assert_eq!(cloud.requests().len(), BUDGET + 1);
}

#[tokio::test]
async fn a_dropped_request_frees_its_place() {
    let cloud = http_responder(|n, _| match n < BUDGET {
        true => Reply::Hold(String::new()),
        false => crate::responder::ok("fine"),
    })
    .await;
    let client = client();
    let calls: Vec<_> = (0..BUDGET)
        .map(|_| {
            let (client, url) = (client.clone(), cloud.http("/"));
            tokio::spawn(async move { client.send(get(url)).await.map(drop) })
        })
        .collect();
    while cloud.requests().len() < BUDGET {
        sleep(Duration::from_millis(1)).await;
    }
    for call in calls {
        call.abort();
    }
    assert_eq!(text(&client, get(cloud.http("/"))).await.unwrap(), "fine");
}

/// A request that waits to be sent again lets others go first.
#[tokio::test]
async fn waiting_for_another_try_holds_no_place() {
    let cloud = http_responder(|_, request| match request.contains("/busy") {
        true => Reply::Keep(crate::responder::answer("429 Too Many Requests", "Retry-After: 10", "")),
        false => crate::responder::ok("fine"),
    })
    .await;
    let client = client();
    for _ in 0..BUDGET {
        let (client, url) = (client.clone(), cloud.http("/busy"));
        tokio::spawn(async move { client.send(get(url)).await.map(drop) });
    }
    while cloud.requests().len() < BUDGET {
        sleep(Duration::from_millis(1)).await;
    }
    let call = timeout(Duration::from_secs(8), text(&client, get(cloud.http("/")))).await;
    assert_eq!(call.expect("the waiting ones block the others").unwrap(), "fine");
}

#[tokio::test]
async fn a_probe_takes_its_place_among_the_calls() {
    let cloud = http_responder(|_, _| Reply::Hold("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n".into())).await;
    let client = client();
    let mut open = Vec::new();
    for _ in 0..BUDGET {
        open.push(client.send(get(cloud.http("/"))).await.unwrap());
    }
    let url = cloud.http("/").parse().unwrap();
    let mut probe = client.probe(&url);
    assert!(probe.resolve().now_or_never().is_none());
    open.pop();
    assert_eq!(probe.resolve().now_or_never().unwrap().unwrap(), [cloud.address]);
    assert!(client.probe(&url).resolve().now_or_never().is_none(), "the first one keeps it");
}

/// Else a few of them would keep all others from their cloud.
#[tokio::test]
async fn calls_that_wait_on_purpose_take_no_place() {
    let gate = Arc::new(Semaphore::new(0));
    let (n_now, peak) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let cloud = counting_responder(gate.clone(), n_now.clone(), peak.clone()).await;
    let client = client();
    let call = |path: String, waits: bool| {
        let (client, request) = (client.clone(), get(cloud.http(&path)));
        let request = if waits { request.waits(Duration::from_secs(60)) } else { request };
        tokio::spawn(async move { text(&client, request).await.unwrap() })
    };
    let calls: Vec<_> =
        (0..BUDGET + 3).map(|n| call(format!("/wait/{n}"), true)).chain([call("/now".to_owned(), false)]).collect();
    while n_now.load(Ordering::SeqCst) < BUDGET + 4 {
        sleep(Duration::from_millis(1)).await;
    }
    gate.add_permits(calls.len());
    for call in calls {
        assert_eq!(call.await.unwrap(), "fine");
    }
}
