use serde_json::{Value, json};

use crate::{stand_in::StandIn, support::TestServer};

/// A task that takes its time, and which may be cancelled. The simulator has none.
fn lacking(method: &str, body: &str) -> Option<String> {
    let val = match method {
        "CancelTask" => return Some(String::new()),
        "RetrievePropertiesEx" if body.contains("<type>TaskManager</type>") => {
            "<objects><obj type=\"TaskManager\">TaskManager</obj><propSet><name>recentTask</name><val>\
             <ManagedObjectReference type=\"Task\">task-7</ManagedObjectReference></val></propSet></objects>"
        }
        "RetrievePropertiesEx" if body.contains("<obj type=\"Task\">task-7</obj>") => {
            "<objects><obj type=\"Task\">task-7</obj><propSet><name>info</name><val><key>task-7</key>\
             <descriptionId>VirtualMachine.clone</descriptionId><entity type=\"Datacenter\">datacenter-2</entity>\
             <entityName>DC0</entityName><state>running</state><cancelled>false</cancelled><cancelable>true</cancelable>\
             <progress>45</progress><queueTime>2026-01-01T00:00:00Z</queueTime></val></propSet></objects>"
        }
        _ => return None,
    };
    Some(format!("<returnval>{val}</returnval>"))
}

async fn audited(server: &TestServer) -> Vec<Value> {
    let entries =
        server.get(&format!("/account/{}/audit/?objectType=cloud-tasks", server.account_id())).await.data(200);
    entries.as_array().unwrap().iter().map(|it| json!([it["action"], it["objectId"]])).collect()
}

#[tokio::test]
async fn a_task_is_listed_and_cancelled_responder() {
    let vcenter = StandIn::start(lacking).await;
    let server = TestServer::start().await;
    let tasks = format!("{}cloud-tasks/", vcenter.link(&server).await);
    let listed = server.get(&tasks).await.data(200);
    let expected = json!([{
        "id": "task-7", "name": "VirtualMachine.clone", "state": "running", "progress": 45, "user": null, "error": null,
        "object": { "type": "Datacenter", "id": "datacenter-2", "name": "DC0" }, "operationId": null,
        "queuedAt": "2026-01-01T00:00:00Z", "startedAt": null, "endedAt": null, "cancelable": true, "cancelled": false,
    }]);
    assert_eq!(listed, expected);
    assert_eq!(server.get(&format!("{tasks}?state=failed")).await.data(200), json!([]));
    let cancelled = server.post(&format!("{tasks}task-7/actions/cancel/"), json!({})).await.data(200);
    assert_eq!(cancelled["id"], "task-7");
    assert_eq!(audited(&server).await, [json!(["cloud-tasks.cancel", "task-7"])]);
    let answer = server.post(&format!("{tasks}task-0/actions/cancel/"), json!({})).await;
    assert_eq!(answer.error(409), "ObjectNotFoundOnCloud");
    let both = [json!(["cloud-tasks.cancel-failed", "task-0"]), json!(["cloud-tasks.cancel", "task-0"])];
    assert_eq!(audited(&server).await[..2], both);
}

#[tokio::test]
async fn what_only_reads_cancels_nothing() {
    let vcenter = StandIn::start(|_, _| None).await;
    let server = TestServer::start().await;
    let tasks = format!("{}cloud-tasks/", vcenter.link(&server).await);
    let listed = server.get(&tasks).await.data(200);
    let ended = listed[0]["id"].as_str().unwrap().to_owned();
    let cancel = format!("{tasks}{ended}/actions/cancel/");
    let answer = server.post(&cancel, json!({})).await;
    assert_eq!(answer.error(409), "UnacceptableState", "{:#}", answer.body);
    let credentials = format!("/account/{}/cloud-credentials/", server.account_id());
    let id = server.get(&credentials).await.data(200)[0]["id"].as_str().unwrap().to_owned();
    let one = format!("{credentials}{id}/");
    server.patch(&one, json!({ "allowedUses": ["inventory"] })).await.data(200);
    let answer = server.post(&cancel, json!({})).await;
    let message = answer.body["errors"][0]["message"].as_str().unwrap();
    assert!(answer.status == 403 && message.contains("provision"), "{} {message}", answer.status);
    server.get(&tasks).await.data(200);
    assert_eq!(audited(&server).await.len(), 2, "what was not asked of the cloud is not in the log");
}
