//! The simulator's vCenter, with answers of our own to calls that it lacks. What depends on those shows how we react and
//! not how a vCenter acts: such tests end in `_responder`.

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use dev_clouds::{PASSWORD, USER, Vcenter};
use serde_json::{Value, json};

use crate::support::{TestServer, eventually};

/// By the method and the body: what is inside `…Response`; `None`: ask the simulator.
type Lacking = fn(&str, &str) -> Option<String>;

pub struct StandIn {
    /// Ends with this value.
    _simulator: Vcenter,
    url: String,
}

#[derive(Clone)]
struct Behind {
    url: String,
    lacking: Lacking,
    client: reqwest::Client,
}

impl StandIn {
    pub async fn start(lacking: Lacking) -> StandIn {
        let simulator = Vcenter::start(&["-plain"]);
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let behind = Behind { url: simulator.url.trim_end_matches("/sdk").to_owned(), lacking, client };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/sdk", listener.local_addr().unwrap());
        let router = Router::new().fallback(answer).with_state(behind);
        tokio::spawn(async move { axum::serve(listener, router).await });
        StandIn { _simulator: simulator, url }
    }

    /// Linked to the environment of the administrator; returns the path of its datacenter.
    pub async fn link(&self, server: &TestServer) -> String {
        let (account, environment) = (server.account_id(), server.environment_id());
        let body = json!({
            "cloudCredentialsType": "VmwareCloudCredentials", "name": "vc", "url": self.url, "userName": USER,
            "password": PASSWORD, "sslVerification": false,
        });
        let made = server.post(&format!("/account/{account}/cloud-credentials/"), body).await.data(201);
        let link = format!("/account/{account}/environments/{environment}/clouds/vmware/");
        server.post(&link, json!({ "id": made["id"] })).await.data(200);
        let syncs = format!("/user/{environment}/clouds/vmware/syncs/");
        let ended = || async {
            let last = server.get(&syncs).await.data(200)[0].clone();
            (last["status"] != "running").then_some(last)
        };
        assert_eq!(eventually(ended).await["status"], "succeeded");
        let locations = format!("/user/{environment}/clouds/vmware/cloud-locations/");
        let location: Value = server.get(&locations).await.data(200)[0]["cloudLocation"].clone();
        format!("{locations}{}/", location.as_str().unwrap())
    }
}

async fn answer(State(behind): State<Behind>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let text = String::from_utf8_lossy(&body);
    let method = text.split("<Body><").nth(1).and_then(|it| it.split([' ', '>']).next()).unwrap_or_default();
    if let Some(inside) = (behind.lacking)(method, &text) {
        return format!(
            "<Envelope xmlns=\"http://schemas.xmlsoap.org/soap/envelope/\" \
             xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><Body><{method}Response xmlns=\"urn:vim25\">{inside}\
             </{method}Response></Body></Envelope>"
        )
        .into_response();
    }
    // On an empty folder the one that the simulator has does the same.
    const BOTH: [(&str, &str); 1] = [("UnregisterAndDestroy_Task", "Destroy_Task")];
    let known = BOTH.iter().find(|(lacking, _)| *lacking == method);
    let body = known.map_or_else(|| body.clone(), |(lacking, known)| text.replace(lacking, known).into());
    let url = format!("{}{uri}", behind.url);
    let request = if body.is_empty() { behind.client.get(url) } else { behind.client.post(url).body(body.clone()) };
    let cookie = headers.get(header::COOKIE).map(|it| it.to_str().unwrap().to_owned()).unwrap_or_default();
    let response = request.header("soapaction", "urn:vim25/6.7").header("cookie", cookie).send().await.unwrap();
    let status = StatusCode::from_u16(response.status().as_u16()).unwrap();
    let cookies = response.headers().get("set-cookie").map(|it| it.to_str().unwrap().to_owned());
    let mut answer = (status, response.bytes().await.unwrap()).into_response();
    if let Some(cookies) = cookies {
        answer.headers_mut().insert(header::SET_COOKIE, cookies.parse().unwrap());
    }
    answer
}
