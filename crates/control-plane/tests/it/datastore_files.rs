use serde_json::{Value, json};

use crate::{
    stand_in::StandIn,
    support::{Answer, TestServer, eventually},
};

fn names(files: &Value) -> Vec<&str> {
    files.as_array().unwrap().iter().map(|it| it["id"].as_str().unwrap()).collect()
}

impl TestServer {
    async fn upload(&self, path: &str, body: impl Into<reqwest::Body>) -> Answer {
        let response = self.put(path).body(body).send().await.unwrap();
        Answer { status: response.status(), body: response.json().await.unwrap() }
    }
}

/// Larger than any other body may be.
const SIZE: usize = 3 << 19;

#[tokio::test]
async fn a_file_is_uploaded() {
    let vcenter = StandIn::start(|_, _| None).await;
    let server = TestServer::start().await;
    let at = vcenter.link(&server).await;
    let store = server.get(&format!("{at}datastores/")).await.data(200)[0].clone();
    let id = store["id"].as_str().unwrap();
    let files = format!("{at}datastores/{}/files/", id.replace('/', "%2F"));
    let folder = std::path::Path::new(id.split('@').next().unwrap());
    let contents: Vec<u8> = (0..SIZE).map(|it| (it % 251) as u8).collect();

    let made = server.upload(&format!("{files}iso%2Fa%20b.iso/"), contents.clone()).await.data(201);
    assert_eq!((&made["id"], &made["kind"], &made["sizeBytes"]), (&json!("iso/a b.iso"), &json!("iso"), &json!(SIZE)));
    assert_eq!(std::fs::read(folder.join("iso/a b.iso")).unwrap(), contents);
    let again = server.upload(&format!("{files}iso%2Fa%20b.iso/"), "other").await;
    assert_eq!(again.error(409), "UnacceptableState");
    assert_eq!(std::fs::read(folder.join("iso/a b.iso")).unwrap().len(), SIZE);
    let disk = server.upload(&format!("{files}disk.vmdk/"), "# Disk DescriptorFile").await;
    assert_eq!(disk.error(409), "UnacceptableObjectConfiguration");
    // Its size is not known before.
    let pieces = futures_util::stream::iter([Ok::<_, std::io::Error>("12345")]);
    let unknown = server.upload(&format!("{files}b.iso/"), reqwest::Body::wrap_stream(pieces)).await;
    assert_eq!(unknown.error(411), "LengthRequired");
    // A client that hangs up in the middle leaves nothing.
    let audit = format!("/account/{}/audit/?objectType=datastore-files", server.account_id());
    let told = async |action: &str| {
        eventually(async || {
            let entries = server.get(&audit).await.data(200);
            (entries[0]["objectId"] == "iso/c.iso" && entries[0]["action"] == action).then_some(entries)
        })
        .await
    };
    let half = async_stream::stream! {
        yield Ok("12345");
        std::future::pending::<()>().await;
        yield Err(std::io::Error::other("never"));
    };
    let half = reqwest::Body::wrap_stream(half);
    let sent = server.put(&format!("{files}iso%2Fc.iso/")).body(half).header("content-length", 10).send();
    tokio::select! {
        answer = sent => panic!("{answer:?}"),
        _ = told("datastore-files.upload") => {}
    }
    let told = told("datastore-files.upload-failed").await;
    assert!(told[0]["after"]["error"].as_str().unwrap().contains("the connection with the client ended"), "{told:#}");
    let listed = server.get(&format!("{files}?folder=iso")).await.data(200);
    assert_eq!(names(&listed), ["iso/a b.iso"]);
    assert_eq!(told.as_array().unwrap().last().unwrap()["after"]["sizeBytes"], SIZE);
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
