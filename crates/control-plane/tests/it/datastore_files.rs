use serde_json::{Value, json};

use crate::{stand_in::StandIn, support::TestServer};

fn names(files: &Value) -> Vec<&str> {
    files.as_array().unwrap().iter().map(|it| it["id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn files_are_listed_and_one_is_deleted() {
    let vcenter = StandIn::start(|_, _| None).await;
    let server = TestServer::start().await;
    let at = vcenter.link(&server).await;
    let store = server.get(&format!("{at}datastores/")).await.data(200)[0].clone();
    // The simulator's datastores have paths for ids, where one can put files.
    let id = store["id"].as_str().unwrap();
    let files = format!("{at}datastores/{}/files/", id.replace('/', "%2F"));
    let folder = std::path::Path::new(id.split('@').next().unwrap());
    std::fs::create_dir(folder.join("iso")).unwrap();
    std::fs::write(folder.join("iso/a b.iso"), "12345").unwrap();

    let top = server.get(&format!("{files}?kind=folder")).await.data(200);
    assert!(names(&top).contains(&"iso") && top[0]["sizeBytes"].is_null(), "{top:#}");
    assert_eq!(names(&server.get(&format!("{files}?kind=disk")).await.data(200)), [""; 0]);
    let listed = server.get(&format!("{files}?folder=iso")).await.data(200);
    assert_eq!((&listed[0]["id"], &listed[0]["kind"]), (&json!("iso/a b.iso"), &json!("iso")));
    assert_eq!(listed[0]["sizeBytes"], 5);
    assert!(listed[0]["modified"].is_string(), "{listed:#}");
    assert_eq!(server.get(&format!("{files}?folder=nosuch")).await.error(409), "ObjectNotFoundOnCloud");

    let machine = server.get(&format!("{at}machines/")).await.data(200)[0]["name"].as_str().unwrap().to_owned();
    let answer = server.delete(&format!("{files}{machine}%2Fdisk1.vmdk/")).await;
    assert_eq!(answer.error(409), "UnacceptableState");
    let message = answer.body["errors"][0]["message"].as_str().unwrap();
    assert!(message.contains(&format!("is used by {machine}")), "{message}");
    assert!(folder.join(&machine).join("disk1.vmdk").exists());
    assert_eq!(server.delete(&format!("{files}iso/")).await.error(409), "UnacceptableObjectConfiguration");
    assert_eq!(server.delete(&format!("{files}iso%2Fa%20b.iso/")).await.status, 204);
    assert!(folder.join("iso").exists() && !folder.join("iso/a b.iso").exists());
    assert_eq!(server.get(&format!("{files}?folder=iso")).await.data(200), json!([]));

    let audit = format!("/account/{}/audit/?objectType=datastore-files", server.account_id());
    let entries = server.get(&audit).await.data(200);
    let told: Vec<_> =
        entries.as_array().unwrap().iter().map(|it| (it["action"].as_str().unwrap(), &it["objectId"])).collect();
    let disk = json!(format!("{machine}/disk1.vmdk"));
    let (iso, folder) = (json!("iso/a b.iso"), json!("iso"));
    let expected = [
        ("datastore-files.delete", &iso),
        ("datastore-files.delete-failed", &folder),
        ("datastore-files.delete", &folder),
        ("datastore-files.delete-failed", &disk),
        ("datastore-files.delete", &disk),
    ];
    assert_eq!(told, expected);
    assert_eq!(entries[0]["after"]["datastore"], store["id"]);
}
