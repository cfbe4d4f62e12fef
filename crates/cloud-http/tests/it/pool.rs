use std::{sync::Arc, time::Duration};

use cloud_http::{AddressRules, Client, Exit, HttpError, Trust};
use tokio::time::{pause, resume, sleep};

use crate::{
    get,
    responder::{Reply, Responder, answer, http_responder, ok},
    rules, text,
};

fn loopback() -> (Arc<Exit>, Client) {
    let exit = Arc::new(Exit::new(rules(&["127.0.0.0/8"]), None));
    (exit.clone(), Client::new(exit, Trust::default()).unwrap())
}

/// A connection goes back to the pool a moment after its answer was read.
async fn read_and_return(client: &Client, cloud: &Responder) {
    assert_eq!(text(client, get(cloud.http("/"))).await.unwrap(), "fine");
    sleep(Duration::from_millis(50)).await;
}

#[tokio::test]
async fn a_connection_made_under_earlier_rules_is_not_used() {
    let cloud = http_responder(|_, _| ok("fine")).await;
    let (exit, client) = loopback();
    read_and_return(&client, &cloud).await;
    read_and_return(&client, &cloud).await;
    assert_eq!(cloud.n_connections(), 1, "the pool does not pool, so this test would prove nothing");

    exit.reconfigure(AddressRules::default(), None);
    for client in [client.clone(), client.clone()] {
        let err = client.send(get(cloud.http("/"))).await.err().unwrap();
        assert!(matches!(err, HttpError::Address { .. }), "{err:?}");
    }
    assert_eq!(cloud.requests().len(), 2);

    exit.reconfigure(rules(&["127.0.0.0/8"]), None);
    read_and_return(&client, &cloud).await;
    assert_eq!((cloud.requests().len(), cloud.n_connections()), (3, 2));
}

#[tokio::test]
async fn a_retired_connection_is_closed() {
    let cloud = http_responder(|_, _| ok("fine")).await;
    let (exit, client) = loopback();
    read_and_return(&client, &cloud).await;
    assert_eq!(cloud.n_hung_up(), 0);
    exit.reconfigure(AddressRules::default(), None);
    assert!(client.send(get(cloud.http("/"))).await.is_err());
    cloud.until_hung_up().await;
}

/// Nobody asks for it again, and it is still closed: the clock jumps to the next timer, which is the pool's.
#[tokio::test]
async fn an_idle_connection_is_closed() {
    let cloud = http_responder(|_, _| ok("fine")).await;
    let (_exit, client) = loopback();
    read_and_return(&client, &cloud).await;
    pause();
    sleep(Duration::from_secs(300)).await;
    resume();
    cloud.until_hung_up().await;
}

#[tokio::test]
async fn the_same_settings_again_cost_no_connection() {
    let cloud = http_responder(|_, _| ok("fine")).await;
    let (exit, client) = loopback();
    for _ in 0..3 {
        read_and_return(&client, &cloud).await;
        exit.reconfigure(rules(&["127.0.0.0/8"]), None);
    }
    assert_eq!((cloud.requests().len(), cloud.n_connections()), (3, 1));
}

#[tokio::test]
async fn a_reconnect_passes_the_rules() {
    let cloud = http_responder(|_, _| Reply::Close(answer("200 OK", "Connection: close", "fine"))).await;
    let (exit, client) = loopback();
    read_and_return(&client, &cloud).await;
    read_and_return(&client, &cloud).await;
    assert_eq!(cloud.n_connections(), 2);
    exit.reconfigure(AddressRules::default(), None);
    assert!(matches!(client.send(get(cloud.http("/"))).await.err().unwrap(), HttpError::Address { .. }));
    assert_eq!(cloud.n_connections(), 2);
}

#[tokio::test]
async fn an_answer_that_is_being_read_goes_on() {
    let cloud = http_responder(|_, _| ok("fine")).await;
    let (exit, client) = loopback();
    let response = client.send(get(cloud.http("/"))).await.unwrap();
    exit.reconfigure(AddressRules::default(), None);
    assert_eq!(response.body.bytes().await.unwrap(), "fine");
}

/// The server may close an idle connection at any time.
#[tokio::test]
async fn a_connection_that_the_server_closed_is_made_anew() {
    let cloud = http_responder(|_, _| Reply::Close(answer("200 OK", "", "fine"))).await;
    let (_, client) = loopback();
    for n in 1..4 {
        read_and_return(&client, &cloud).await;
        assert_eq!(cloud.n_connections(), n);
    }
}
