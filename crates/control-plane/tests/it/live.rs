//! What others do in a cloud shows by itself, and servers of which nothing changes are not asked for.

use dev_clouds::{Openstack, PASSWORD, USER, Vcenter};
use serde_json::{Value, json};

use crate::{
    farms::{Place, all, farm, gone, on_private, openstack, role, tier, vsphere},
    support::{Postgres, TestServer, eventually},
};

const TOML: &str = "allowed_cloud_networks = [\"127.0.0.0/8\", \"::1/128\"]\n";

/// Of `/metrics`, a line without its value. One with a label that was never counted is not there.
async fn metric(server: &TestServer, line: &str) -> u64 {
    let text = server.client.get(format!("{}/metrics", server.url)).send().await.unwrap().text().await.unwrap();
    let counted = text.lines().find(|it| it.rsplit_once(' ').is_some_and(|it| it.0 == line));
    let Some(counted) = counted else {
        let family = line.split_once("_total{").unwrap_or_else(|| panic!("no {line:?} in {text}")).0;
        assert!(text.contains(&format!("# TYPE {family} ")), "no {family} in {text}");
        return 0;
    };
    counted.rsplit_once(' ').unwrap().1.parse().unwrap()
}

/// A farm with servers that run and whose watch knows it: its path, and the servers.
async fn watched(server: &TestServer, place: &Place, name: &str, n_servers: usize) -> (String, Vec<Value>) {
    let role = role(server, name, &[place]).await;
    let farm = farm(server, json!({ "name": name })).await;
    let mut new = tier("web", role, place);
    new["scaling"] = json!({ "enabled": true, "minInstances": n_servers, "maxInstances": n_servers });
    server.post(&format!("{farm}farm-roles/"), new).await.data(201);
    server.post(&format!("{farm}actions/launch/"), json!({})).await.data(200);
    all(server, &farm, n_servers, "running").await;
    let servers = eventually(async || {
        let servers = all(server, &farm, n_servers, "running").await;
        servers.iter().all(|it| it["observedBy"] == "watch").then_some(servers)
    })
    .await;
    (farm, servers)
}

/// Somebody stops the first server and then starts it again, in the cloud itself.
async fn shows(server: &TestServer, place: &Place, name: &str, change: impl AsyncFn(&str, bool)) {
    let (farm, servers) = watched(server, place, name, 2).await;
    assert_eq!(metric(server, "stackyard_watchers{state=\"watching\"}").await, 1);
    let path = |n: usize| format!("/user/{}/servers/{}/", server.environment_id(), servers[n]["id"].as_str().unwrap());
    let (first, second) = (path(0), path(1));

    // Signs of life go on, and nobody is looked at.
    let alive = "stackyard_watch_sightings_total{kind=\"alive\"}";
    // What the last steps of the launch changed is told late, and looked at once more.
    eventually(async || (metric(server, alive).await >= 1).then_some(())).await;
    let looks = metric(server, "stackyard_reconciler_looks_total").await;
    let seen_at = servers[1]["observedAt"].clone();
    eventually(async || (metric(server, alive).await >= 2).then_some(())).await;
    eventually(async || {
        let now = server.get(&second).await.data(200);
        (now["observedAt"] != seen_at && now["observedBy"] == "watch").then_some(())
    })
    .await;
    assert_eq!(metric(server, "stackyard_reconciler_looks_total").await, looks);

    let id = servers[0]["cloudServerId"].as_str().unwrap();
    change(id, false).await;
    eventually(async || (server.get(&first).await.data(200)["status"] == "suspended").then_some(())).await;
    let one = server.get(&first).await.data(200);
    assert_eq!((&one["wanted"], &one["failure"], &one["privateIp"]), (&json!("suspended"), &Value::Null, &json!([])));
    change(id, true).await;
    eventually(async || (server.get(&first).await.data(200)["status"] == "running").then_some(())).await;
    let log = format!("/user/{}/event-logs/?server={}", server.environment_id(), servers[0]["id"].as_str().unwrap());
    let log = server.get(&log).await.data(200);
    let last: Vec<_> = log.as_array().unwrap().iter().rev().take(2).map(|it| it["message"].as_str().unwrap()).collect();
    let expected =
        ["the server was switched on in its cloud", "the server was switched off in its cloud, or by its guest"];
    assert_eq!(last, expected);
    // The other one was left alone: each change of the first is two readings, and some more while it is under way.
    let of_changes = metric(server, "stackyard_reconciler_looks_total").await - looks;
    assert!((4..20).contains(&of_changes), "{of_changes} looks");
    assert_eq!(server.get(&second).await.data(200)["observedBy"], "watch");

    server.post(&format!("{farm}actions/terminate/"), json!({ "force": false })).await.data(200);
    gone(server, &farm).await;
    let none = async || (metric(server, "stackyard_watchers{state=\"watching\"}").await == 0).then_some(());
    eventually(none).await;
}

/// Without our driver.
struct Nova {
    client: reqwest::Client,
    url: String,
    token: String,
}

impl Nova {
    async fn log_in(cloud: &Openstack, project: &str) -> Nova {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let domain = json!({ "name": "Default" });
        let body = json!({ "auth": {
            "identity": { "methods": ["password"], "password": { "user": {
                "name": project, "password": cloud.password, "domain": domain } } },
            "scope": { "project": { "name": project, "domain": domain } },
        } });
        let answer = client.post(format!("{}/auth/tokens", cloud.keystone_url)).json(&body).send().await.unwrap();
        assert_eq!(answer.status(), 201);
        let token = answer.headers()["x-subject-token"].to_str().unwrap().to_owned();
        let body: Value = answer.json().await.unwrap();
        let services = body["token"]["catalog"].as_array().unwrap();
        let endpoints = &services.iter().find(|it| it["type"] == "compute").unwrap()["endpoints"];
        let public = endpoints.as_array().unwrap().iter().find(|it| it["interface"] == "public").unwrap();
        Nova { client, url: public["url"].as_str().unwrap().to_owned(), token }
    }

    async fn act(&self, id: &str, action: Value) {
        let url = format!("{}/servers/{id}/action", self.url);
        let answer = self.client.post(url).header("x-auth-token", &self.token).json(&action).send().await.unwrap();
        assert_eq!(answer.status(), 202, "{}", answer.text().await.unwrap());
    }
}

#[tokio::test]
async fn a_change_in_openstack_shows_by_itself() {
    let cloud = dev_clouds::openstack();
    let server = TestServer::start().await;
    let place = openstack(&server, &cloud, "demo").await;
    let place = on_private(&server, place).await;
    let nova = Nova::log_in(&cloud, "demo").await;
    let change = async |id: &str, on: bool| {
        nova.act(id, if on { json!({ "os-start": null }) } else { json!({ "os-stop": null }) }).await;
    };
    shows(&server, &place, &format!("live{}", std::process::id()), change).await;
}

/// One call to a machine, in a session of its own.
pub async fn soap(vcenter: &Vcenter, id: &str, method: &str, fields: &str) {
    soap_to(vcenter, "VirtualMachine", id, method, fields).await;
}

pub async fn soap_to(vcenter: &Vcenter, kind: &str, id: &str, method: &str, fields: &str) {
    let client = reqwest::Client::builder().no_proxy().danger_accept_invalid_certs(true).build().unwrap();
    let envelope = |kind: &str, id: &str, method: &str, fields: &str| {
        format!(
            "<Envelope xmlns=\"http://schemas.xmlsoap.org/soap/envelope/\"><Body><{method} xmlns=\"urn:vim25\">\
             <_this type=\"{kind}\">{id}</_this>{fields}</{method}></Body></Envelope>"
        )
    };
    let login = format!("<userName>{USER}</userName><password>{PASSWORD}</password>");
    let login = envelope("SessionManager", "SessionManager", "Login", &login);
    let send = |body: String| client.post(&vcenter.url).header("soapaction", "urn:vim25/6.7").body(body);
    let answer = send(login).send().await.unwrap();
    let cookie = answer.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let call = send(envelope(kind, id, method, fields)).header("cookie", cookie);
    let answer = call.send().await.unwrap().text().await.unwrap();
    assert!(answer.contains(&format!("{method}Response")), "{answer}");
}

async fn switch(vcenter: &Vcenter, id: &str, on: bool) {
    soap(vcenter, id, if on { "PowerOnVM_Task" } else { "PowerOffVM_Task" }, "").await;
}

#[tokio::test]
async fn a_change_in_a_vcenter_shows_by_itself() {
    let vcenter = Vcenter::start(&["-template", "1", "-ip-base", "10.8.0.1", "-plain"]);
    let server = TestServer::start().await;
    let place = vsphere(&server, &vcenter).await;
    shows(&server, &place, "live", async |id: &str, on: bool| switch(&vcenter, id, on).await).await;
}

/// Another control plane takes a watch over, and what changed in between shows by its first reading.
#[tokio::test]
async fn what_changed_while_nobody_watched_shows_too() {
    let vcenter = Vcenter::start(&["-template", "1", "-plain"]);
    let server = TestServer::start().await;
    let place = vsphere(&server, &vcenter).await;
    let (farm, servers) = watched(&server, &place, "kept", 3).await;
    let TestServer { server, data_dir, .. } = server;
    server.stop().await.unwrap();
    switch(&vcenter, servers[1]["cloudServerId"].as_str().unwrap(), false).await;
    soap(&vcenter, servers[2]["cloudServerId"].as_str().unwrap(), "PowerOffVM_Task", "").await;
    soap(&vcenter, servers[2]["cloudServerId"].as_str().unwrap(), "Destroy_Task", "").await;
    let server = TestServer::on(data_dir, TOML).await;
    let state = async |n: usize| {
        let path = format!("/user/{}/servers/{}/", server.environment_id(), servers[n]["id"].as_str().unwrap());
        server.get(&path).await.data(200)
    };
    eventually(async || (state(1).await["status"] == "suspended").then_some(())).await;
    eventually(async || (state(2).await["failure"]["class"] == "missing").then_some(())).await;
    assert_eq!((&state(0).await["status"], &state(2).await["status"]), (&json!("running"), &json!("running")));
    // Who is as recorded was seen by the watch, and not asked for.
    assert_eq!(state(0).await["observedBy"], "watch");
    server.post(&format!("{farm}actions/terminate/"), json!({ "force": false })).await.data(200);
    gone(&server, &farm).await;
}

/// While a cloud is away, its servers are looked at as they are without a watch, and it is watched again later.
#[tokio::test]
async fn a_watch_that_breaks_says_so() {
    let vcenter = Vcenter::start(&["-template", "1", "-plain"]);
    let server = TestServer::start().await;
    let place = vsphere(&server, &vcenter).await;
    let (_, servers) = watched(&server, &place, "away", 1).await;
    let id = servers[0]["id"].as_str().unwrap();
    let look_in = async || {
        let mut tx = server.server.app.db.read().await.unwrap();
        let row = store::servers::find(&mut tx, id).await.unwrap().unwrap();
        row.look_at.0.as_second() - store::Time::now().0.as_second()
    };
    server.post(&format!("/user/{}/servers/{id}/actions/sync/", server.environment_id()), json!({})).await.data(200);
    eventually(async || (look_in().await > 3000).then_some(())).await;
    drop(vcenter);
    eventually(async || (look_in().await <= 300).then_some(())).await;
    eventually(async || (metric(&server, "stackyard_watchers{state=\"waiting\"}").await == 1).then_some(())).await;
}

/// And another when that one is gone.
#[tokio::test]
async fn one_of_several_control_planes_watches() {
    let vcenter = Vcenter::start(&["-template", "1", "-plain"]);
    let database = Postgres::new().await;
    let first = TestServer::on_database(tempfile::tempdir().unwrap(), TOML, Some(&database)).await;
    let place = vsphere(&first, &vcenter).await;
    let (farm, servers) = watched(&first, &place, "shared", 1).await;
    let second = first.beside(TOML, &database).await;
    let doing = async |server: &TestServer, state: &str| {
        metric(server, &format!("stackyard_watchers{{state=\"{state}\"}}")).await
    };
    eventually(async || (doing(&second, "elsewhere").await == 1).then_some(())).await;
    assert_eq!((doing(&first, "watching").await, doing(&second, "watching").await), (1, 0));
    let one = format!("/user/{}/servers/{}/", second.environment_id(), servers[0]["id"].as_str().unwrap());
    assert_eq!(second.get(&one).await.data(200)["observedBy"], "watch", "the other one's watch is known here");

    let TestServer { server, data_dir: _kept, .. } = first;
    server.stop().await.unwrap();
    eventually(async || (doing(&second, "watching").await == 1).then_some(())).await;
    switch(&vcenter, servers[0]["cloudServerId"].as_str().unwrap(), false).await;
    eventually(async || (second.get(&one).await.data(200)["status"] == "suspended").then_some(())).await;
    second.post(&format!("{farm}actions/terminate/"), json!({ "force": false })).await.data(200);
    gone(&second, &farm).await;
    second.server.stop().await.unwrap();
    database.remove().await;
}
