use std::time::Duration;

use cloud_http::{HttpError, Stage};
use tokio::{
    io::AsyncWriteExt,
    net::{TcpListener, TcpSocket, TcpStream},
    time::{pause, sleep},
};

use crate::{
    client, get, probe,
    responder::{Reply, Responder, connection_responder, http_responder, read_request, silent_responder},
    text,
};

const SHORT: Duration = Duration::from_millis(150);

fn assert_silence(err: &HttpError) {
    assert!(matches!(err, HttpError::Silence { limit: SHORT, .. }), "{err:?}");
    assert!(err.to_string().ends_with(" sent nothing for 0.15 s"), "{err}");
    assert_eq!(err.stage(), Stage::Answer);
}

#[tokio::test]
async fn before_the_head() {
    let cloud = silent_responder().await;
    assert_silence(&client().send(get(cloud.http("/")).silence(SHORT)).await.err().unwrap());
    cloud.until_hung_up().await;
}

#[tokio::test]
async fn in_the_middle_of_the_head() {
    let cloud = http_responder(|_, _| Reply::Hold("HTTP/1.1 200 OK\r\nContent-Le".into())).await;
    assert_silence(&client().send(get(cloud.http("/")).silence(SHORT)).await.err().unwrap());
}

#[tokio::test]
async fn in_the_middle_of_a_body() {
    for head in ["Content-Length: 20\r\n\r\nhalf", "Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n"] {
        let cloud = http_responder(move |_, _| Reply::Hold(format!("HTTP/1.1 200 OK\r\n{head}"))).await;
        // Long enough for the first half on a busy machine.
        let silence = Duration::from_millis(1500);
        let mut body = client().send(get(cloud.http("/")).silence(silence)).await.unwrap().body;
        assert_eq!(body.chunk().await.unwrap().unwrap(), "half");
        let err = body.chunk().await.unwrap_err();
        assert!(err.to_string().ends_with(" sent nothing for 1.5 s"), "{err}");
    }
}

/// The kernel takes the connection, no program ever does.
#[tokio::test]
async fn after_connecting() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    assert_silence(&client().send(get(url).silence(SHORT)).await.err().unwrap());
}

/// A byte every 20 s, ten or for ever.
async fn trickling_responder(n_bytes: usize) -> Responder {
    connection_responder("127.0.0.1:0", move |mut tcp, _| async move {
        read_request(&mut tcp).await;
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {n_bytes}\r\n\r\n");
        tcp.write_all(head.as_bytes()).await.unwrap();
        for _ in 0..n_bytes {
            sleep(Duration::from_secs(20)).await;
            if tcp.write_all(b".").await.is_err() {
                return;
            }
        }
        std::future::pending::<()>().await;
    })
    .await
}

/// The clock jumps from timer to timer once the head is there.
#[tokio::test]
async fn a_slow_body_is_not_a_silent_one() {
    let cloud = trickling_responder(10).await;
    let response = client().send(get(cloud.http("/")).total(Duration::from_secs(600))).await.unwrap();
    pause();
    let begun = tokio::time::Instant::now();
    assert_eq!(response.body.bytes().await.unwrap(), "..........");
    assert!(begun.elapsed() > Duration::from_secs(150), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_body_that_trickles_for_ever_is_given_up() {
    let cloud = trickling_responder(1_000_000).await;
    let mut body = client().send(get(cloud.http("/"))).await.unwrap().body;
    pause();
    let begun = tokio::time::Instant::now();
    assert_eq!(body.chunk().await.unwrap().unwrap(), ".");
    // What the reader does meanwhile is not the server's time.
    sleep(Duration::from_secs(1)).await;
    let err = body.bytes().await.unwrap_err();
    assert!(err.to_string().ends_with(" did not end within 60 s"), "{err}");
    assert_eq!(err.stage(), Stage::Answer);
    assert!(begun.elapsed() < Duration::from_secs(70), "{:?}", begun.elapsed());
}

/// A reader that takes its time, as a database does that stores what it reads.
#[tokio::test]
async fn the_time_of_the_reader_is_not_the_servers() {
    let cloud = http_responder(|_, _| {
        Reply::Keep("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n1\r\nb\r\n0\r\n\r\n".into())
    })
    .await;
    let mut body = client().send(get(cloud.http("/"))).await.unwrap().body;
    let first = body.chunk().await.unwrap().unwrap();
    pause();
    sleep(Duration::from_secs(300)).await;
    let rest = body.bytes().await.unwrap();
    assert_eq!([first, rest].concat(), b"ab");
}

/// The limits that no request can change: 10 s for the TLS greeting.
#[tokio::test]
async fn a_probe_does_not_wait_for_ever() {
    let cloud = connection_responder("127.0.0.1:0", |tcp, _| async move {
        tcp.readable().await.unwrap();
        // The greeting is here; from now on time flies.
        pause();
        std::future::pending::<()>().await;
    })
    .await;
    let probe = probe(&client(), &cloud.https("/")).await;
    assert!(probe.connect.unwrap().is_ok());
    let err = probe.tls.unwrap().unwrap_err();
    assert!(err.to_string().contains("the TLS handshake with https://"), "{err}");
    assert!(err.to_string().ends_with("no answer to the TLS greeting within 10 s"), "{err}");
}

/// A firewall that drops packets looks like this: a queue of one place, which is taken.
#[tokio::test]
async fn a_connection_attempt_without_answer() {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    let mut queue = Vec::new();
    while let Ok(connection) = tokio::time::timeout(Duration::from_millis(300), TcpStream::connect(address)).await {
        queue.push(connection.unwrap());
    }
    pause();
    // However short the silence: nothing was connected that could be silent.
    let err = client().send(get(format!("http://{address}/")).silence(SHORT)).await.err().unwrap();
    assert_eq!(err.stage(), Stage::Connect, "{err:?}");
    assert!(err.to_string().ends_with("no answer to the connection attempt (time-out)"), "{err}");
    assert!(err.remedy().contains("firewall"), "{}", err.remedy());
}

#[tokio::test]
async fn a_closed_port() {
    let err = text(&client(), get("http://127.0.0.1:1/")).await.unwrap_err();
    assert_eq!(err.to_string(), "nothing answers at http://127.0.0.1:1: connection refused");
    assert!(err.remedy().contains("http://127.0.0.1:1"), "{}", err.remedy());
}

/// Interim answers (RFC 9110 §15.2) are no answer.
#[tokio::test]
async fn interim_answers_without_end() {
    let cloud = http_responder(|_, _| Reply::Forever(String::new(), "HTTP/1.1 100 Continue\r\n\r\n")).await;
    assert_silence(&client().send(get(cloud.http("/")).silence(SHORT)).await.err().unwrap());
    cloud.until_hung_up().await;
}
