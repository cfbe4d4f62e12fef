use serde_json::{Value, json};

use crate::{stand_in::StandIn, support::TestServer};

fn lacking(method: &str, body: &str) -> Option<String> {
    match method {
        "QueryDescriptions" => Some(
            "<returnval><key>vpxd:vpxd.log</key><fileName>/var/log/vpxd.log</fileName><creator>vpxd</creator>\
             <format>plain</format><mimeType>text/plain</mimeType><info><label>vCenter log</label></info></returnval>"
                .to_owned(),
        ),
        // Twenty lines.
        "BrowseDiagnosticLog" => {
            assert!(body.contains("<key>vpxd:vpxd.log</key>"), "{body}");
            let start = body.split("<start>").nth(1).map_or(1, |it| it.split('<').next().unwrap().parse().unwrap());
            let lines: String = (start..=20).map(|it| format!("<lineText>line {it}</lineText>")).collect();
            Some(format!("<returnval><lineStart>{start}</lineStart><lineEnd>20</lineEnd>{lines}</returnval>"))
        }
        _ => None,
    }
}

#[tokio::test]
async fn logs_are_listed_and_read_and_who_read_is_noted_responder() {
    let vcenter = StandIn::start(lacking).await;
    let server = TestServer::start().await;
    let logs = format!("{}cloud-logs/", vcenter.link(&server).await);
    let listed = server.get(&logs).await.data(200);
    let expected = json!([{
        "id": "vpxd:vpxd.log", "fileName": "/var/log/vpxd.log", "creator": "vpxd", "label": "vCenter log", "summary": null,
    }]);
    assert_eq!(listed, expected);
    assert_eq!(server.get(&format!("{logs}?host=host-21")).await.data(200)[0]["host"], "host-21");

    let one = format!("{logs}vpxd:vpxd.log/");
    let tail = server.get(&format!("{one}?lines=2")).await.data(200);
    let expected = json!({ "firstLine": 19, "lines": ["line 19", "line 20"], "nextLine": 21, "atEnd": false });
    assert_eq!(tail, expected);
    let page = server.get(&format!("{one}?start=3&lines=1000")).await.data(200);
    assert_eq!((&page["lines"][0], &page["nextLine"], &page["atEnd"]), (&json!("line 3"), &json!(21), &json!(true)));
    for wrong in ["lines=0", "lines=1001", "start=0", "start=2147483648", "from=1"] {
        assert_eq!(server.get(&format!("{one}?{wrong}")).await.error(400), "InvalidValue", "{wrong}");
    }

    let audit = format!("/account/{}/audit/?action=cloud-logs.read", server.account_id());
    let entries: Value = server.get(&audit).await.data(200);
    let read: Vec<_> =
        entries.as_array().unwrap().iter().map(|it| (&it["objectId"], &it["after"]["firstLine"])).collect();
    let name = json!("vpxd:vpxd.log");
    assert_eq!(read, [(&name, &json!(3)), (&name, &json!(19))], "{entries:#}");
}

/// The simulator has no logs, and says so in its own words.
#[tokio::test]
async fn a_cloud_without_logs_says_so() {
    let vcenter = StandIn::start(|_, _| None).await;
    let server = TestServer::start().await;
    let logs = format!("{}cloud-logs/", vcenter.link(&server).await);
    let answer = server.get(&logs).await;
    assert_eq!(answer.error(409), "UnacceptableObjectConfiguration");
    let message = answer.body["errors"][0]["message"].as_str().unwrap();
    assert!(message.contains("does not implement: QueryDescriptions"), "{message}");
    let one = format!("{logs}vpxd:vpxd.log/");
    assert_eq!(server.get(&one).await.error(409), "UnacceptableObjectConfiguration");
    let audit = format!("/account/{}/audit/?action=cloud-logs.read", server.account_id());
    assert_eq!(server.get(&audit).await.data(200), json!([]), "nothing was read");
}
