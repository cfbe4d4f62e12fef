use serde_json::json;

use crate::{stand_in::StandIn, support::TestServer};

#[tokio::test]
async fn events_of_a_datacenter_and_of_a_machine() {
    let vcenter = StandIn::start(|_, _| None).await;
    let server = TestServer::start().await;
    let at = vcenter.link(&server).await;
    let events = format!("{at}cloud-events/");
    let all = server.get(&format!("{events}?maxResults=500")).await.data(200);
    let keys = |page: &serde_json::Value| -> Vec<i64> {
        page["events"].as_array().unwrap().iter().map(|it| it["id"].as_i64().unwrap()).collect()
    };
    assert!(keys(&all).len() > 10 && keys(&all).is_sorted_by(|one, next| one > next), "{all:#}");
    assert_eq!(all.get("next"), None);
    let first = server.get(&format!("{events}?maxResults=3")).await.data(200);
    let (until, before) = (first["next"]["until"].as_str().unwrap(), &first["next"]["before"]);
    let second = server.get(&format!("{events}?maxResults=3&until={until}&before={before}")).await.data(200);
    assert_eq!([keys(&first), keys(&second)].concat(), keys(&all)[..6]);

    let machine = server.get(&format!("{at}machines/?sort=name")).await.data(200)[0].clone();
    let of_machine = server.get(&format!("{events}?machine={}", machine["id"].as_str().unwrap())).await.data(200);
    let event = &of_machine["events"][0];
    let expected = json!({ "type": "VirtualMachine", "id": machine["id"], "name": machine["name"] });
    assert_eq!((&event["objects"][0], &event["severity"]), (&expected, &json!("info")), "{event:#}");
    assert!(keys(&of_machine).len() < keys(&all).len());
    for wrong in ["maxResults=0", "maxResults=501", "since=yesterday", "before=x", "pageNum=2"] {
        assert_eq!(server.get(&format!("{events}?{wrong}")).await.error(400), "InvalidValue", "{wrong}");
    }
}
