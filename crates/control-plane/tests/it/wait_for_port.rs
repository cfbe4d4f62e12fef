//! A server runs when the port that its farm role names takes a connection at the address that the policy chooses.

use std::{
    io::Read,
    net::{IpAddr, TcpListener, UdpSocket},
};

use dev_clouds::Vcenter;
use serde_json::{Value, json};

use crate::{
    farms::{all, farm, gone, role, tier, vsphere},
    live::soap,
    support::{TestServer, eventually},
};

/// Of this machine, and not loopback, which no policy chooses. Nothing is sent.
fn own_address() -> IpAddr {
    let socket = UdpSocket::bind("0.0.0.0:0").unwrap();
    socket.connect("192.0.2.1:9").expect("this test needs a network interface besides loopback");
    socket.local_addr().unwrap().ip()
}

/// What the guest says from now on.
async fn tell_address(vcenter: &Vcenter, machine: &str, ip: &str) {
    let fields = format!(
        "<spec><extraConfig xmlns:i=\"http://www.w3.org/2001/XMLSchema-instance\" i:type=\"OptionValue\">\
         <key>SET.guest.ipAddress</key><value xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\" i:type=\"xsd:string\">{ip}\
         </value></extraConfig></spec>"
    );
    soap(vcenter, machine, "ReconfigVM_Task", &fields).await;
}

#[tokio::test]
async fn a_server_runs_when_its_port_takes_a_connection() {
    let (vcenter, own) = (Vcenter::start(&["-template", "1"]), own_address());
    let listener = TcpListener::bind((own, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let at = format!("{own}:{port}");
    let server = TestServer::with(&format!(
        "allowed_cloud_networks = [\"127.0.0.0/8\", \"::1/128\", \"{own}/32\"]\nport_limit = \"1s\"\n"
    ))
    .await;
    let place = vsphere(&server, &vcenter).await;
    let role = role(&server, "waits", &[&place]).await;
    let farm = farm(&server, json!({ "name": "waits" })).await;
    let mut new = tier("web", role, &place);
    for (wrong, expected) in
        [(json!(0), "InvalidValue"), (json!(65536), "InvalidStructure"), (json!("22"), "InvalidStructure")]
    {
        new["waitForPort"] = wrong;
        assert_eq!(server.post(&format!("{farm}farm-roles/"), new.clone()).await.error(400), expected, "{new:#}");
    }
    new["waitForPort"] = json!(port);
    let tier = server.post(&format!("{farm}farm-roles/"), new).await.data(201);
    assert_eq!(tier["waitForPort"], port);
    let path = format!("/user/{}/farm-roles/{}/", server.environment_id(), tier["id"]);
    assert_eq!(server.patch(&path, json!({ "launchIndex": 1 })).await.data(200)["waitForPort"], port, "it stays");
    server.post(&format!("{farm}actions/launch/"), json!({})).await.data(200);

    // The guest tells no address, and the second that it may wait is over.
    let path = format!("{farm}servers/");
    let one = async || server.get(&path).await.data(200)[0].clone();
    let failed = eventually(async || Some(one().await).filter(|it| it["failure"].is_object())).await;
    assert_eq!((&failed["status"], &failed["failure"]["class"]), (&json!("initializing"), &json!("unreachable")));
    let waiting = &failed["waitingFor"];
    assert_eq!(waiting["for"], format!("port {port}"));
    assert!(waiting["lastError"].as_str().unwrap().contains("no address"), "{waiting:#}");
    assert!(failed["failure"]["nextTry"].is_string(), "{failed:#}");
    let time = |key: &str| waiting[key].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    assert_eq!(time("until").duration_since(time("since")).as_secs(), 1);
    let machine = failed["cloudServerId"].as_str().unwrap();
    let this = format!("/user/{}/servers/{}/", server.environment_id(), failed["id"].as_str().unwrap());
    let refused = server.post(&format!("{this}actions/suspend/"), json!({})).await;
    assert_eq!(refused.error(409), "UnacceptableState", "only one that runs");

    let told = async |what: &str, error: &str| {
        let server = eventually(async || {
            server.post(&format!("{this}actions/sync/"), json!({})).await.data(200);
            let server = one().await;
            (server["waitingFor"]["for"] == what).then_some(server)
        })
        .await;
        assert!(server["waitingFor"]["lastError"].as_str().unwrap().contains(error), "{server:#}");
        assert_eq!(server["waitingFor"]["since"], waiting["since"], "as before");
        server
    };
    // A guest may tell what it likes: it is not connected to.
    tell_address(&vcenter, machine, "10.9.8.7").await;
    told(&format!("10.9.8.7:{port}"), "outside allowed_cloud_networks").await;
    tell_address(&vcenter, machine, &own.to_string()).await;
    let refused = told(&at, "refuses the connection").await;
    let summary = format!("the server is on, and {at} does not take a connection");
    assert_eq!((&refused["status"], &refused["failure"]["summary"]), (&json!("initializing"), &json!(summary)));

    let listener = TcpListener::bind(&at).unwrap();
    server.post(&format!("{this}actions/sync/"), json!({})).await.data(200);
    let running = all(&server, &farm, 1, "running").await.remove(0);
    assert_eq!((&running["failure"], &running["waitingFor"]), (&Value::Null, &Value::Null));
    let mut bytes = Vec::new();
    listener.accept().unwrap().0.read_to_end(&mut bytes).unwrap();
    assert!(bytes.is_empty(), "nothing is sent");

    // Who ran is not asked again, but on the way up.
    drop(listener);
    server.post(&format!("{this}actions/suspend/"), json!({})).await.data(200);
    all(&server, &farm, 1, "suspended").await;
    server.post(&format!("{this}actions/resume/"), json!({})).await.data(200);
    let resuming = eventually(async || Some(one().await).filter(|it| it["waitingFor"].is_object())).await;
    assert_eq!((&resuming["status"], &resuming["waitingFor"]["for"]), (&json!("resuming"), &json!(at)), "{resuming:#}");
    let _listener = TcpListener::bind(&at).unwrap();
    server.post(&format!("{this}actions/sync/"), json!({})).await.data(200);
    all(&server, &farm, 1, "running").await;

    let id = failed["id"].as_str().unwrap();
    let log = format!("/user/{}/event-logs/?server={id}", server.environment_id());
    let log = server.get(&log).await.data(200);
    let events: Vec<&str> = log.as_array().unwrap().iter().map(|it| it["event"]["id"].as_str().unwrap()).collect();
    assert_eq!(events[..3], ["BeforeInstanceLaunch", "HostInit", "ServerFailed"], "{log:#}");
    assert_eq!(events.iter().filter(|it| **it == "HostUp").count(), 1, "{events:?}");
    server.post(&format!("{farm}actions/terminate/"), json!({ "force": false })).await.data(200);
    gone(&server, &farm).await;
}
