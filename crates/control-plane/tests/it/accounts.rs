use serde_json::json;

use crate::support::TestServer;

#[tokio::test]
async fn an_account_lives_and_dies() {
    let server = TestServer::start().await;
    let made = server.post("/global/accounts/", json!({ "name": "Research" })).await.data(201);
    let path = format!("/global/accounts/{}/", made["id"]);
    let changed = server.patch(&path, json!({ "name": "R&D", "status": "inactive" })).await.data(200);
    assert_eq!((&changed["name"], &changed["status"]), (&json!("R&D"), &json!("inactive")));
    let listed = server.get("/global/accounts/?name=R%26D").await.data(200);
    assert_eq!(listed.as_array().unwrap().len(), 1);
    assert_eq!(server.delete(&path).await.status, 204);
    assert_eq!(server.get(&path).await.error(404), "ObjectNotFound");
}

#[tokio::test]
async fn wrong_input_names_what_is_wrong() {
    let server = TestServer::start().await;
    let post = |body| server.post("/global/accounts/", body);
    assert_eq!(post(json!({})).await.error(400), "InvalidStructure");
    assert_eq!(post(json!({ "name": "" })).await.error(400), "InvalidValue");
    assert_eq!(post(json!({ "name": 7 })).await.error(400), "InvalidStructure");
    assert_eq!(post(json!({ "name": "x", "id": 7 })).await.error(400), "InvalidStructure");
    assert_eq!(post(json!({ "name": "x", "colour": "red" })).await.error(400), "InvalidStructure");
    assert_eq!(post(json!({ "name": "Main" })).await.error(409), "UnicityViolation");
    let answer = server.get("/global/accounts/?colour=red").await;
    assert_eq!(answer.error(400), "InvalidStructure");
    assert!(answer.body["errors"][0]["message"].as_str().unwrap().contains("id, name, nameContains, status"));
    assert_eq!(server.get("/global/accounts/?maxResults=0").await.error(400), "InvalidValue");
    assert_eq!(server.get("/global/nothing/").await.error(404), "EndpointNotFound");
}
