//! Cost centers and projects: who sees and changes them, what holds them, and what is refused.

use serde_json::{Value, json};

use crate::{
    support::TestServer,
    users::{Person, account},
};

fn ids(rows: &Value) -> Vec<&str> {
    rows.as_array().unwrap().iter().map(|it| it["id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn farms_have_projects_and_environments_cost_centers() {
    let server = TestServer::start().await;
    let (account_path, user) =
        (format!("/account/{}", server.account_id()), format!("/user/{}", server.environment_id()));
    let centers = "/global/cost-centers/";
    let new = json!({ "name": "Research", "billingCode": "R-1", "leadEmail": "ann@example.com" });
    let research = server.post(centers, new).await.data(201);
    assert_eq!((&research["billingCode"], &research["description"]), (&json!("R-1"), &json!("")));
    assert_eq!(server.post(centers, json!({ "name": "Research" })).await.error(409), "UnicityViolation");
    assert_eq!(server.post(centers, json!({ "name": " " })).await.error(400), "InvalidValue");
    assert_eq!(server.post(centers, json!({ "name": "x", "id": "y" })).await.error(400), "InvalidStructure");
    let sales = server.post(centers, json!({ "name": "Sales" })).await.data(201);
    let center = |it: &Value| format!("{centers}{}/", it["id"].as_str().unwrap());
    let changed = server.patch(&center(&sales), json!({ "billingCode": "S-1", "description": "all of it" })).await;
    assert_eq!(changed.data(200)["billingCode"], "S-1");
    for at in [centers.to_owned(), format!("{account_path}/cost-centers/"), format!("{user}/cost-centers/")] {
        assert_eq!(server.get(&format!("{at}?sort=name")).await.data(200).as_array().unwrap().len(), 2, "{at}");
        assert_eq!(ids(&server.get(&format!("{at}?billingCode=S-1")).await.data(200)), [sales["id"].as_str().unwrap()]);
    }

    // Each scope has projects of its own, and sees those above.
    let make = async |at: &str, name: &str, center: &Value| {
        let new = json!({ "name": name, "costCenter": { "id": center["id"] } });
        server.post(&format!("{at}/projects/"), new).await
    };
    let all = make("/global", "for all", &research).await.data(201);
    let apollo = make(&account_path, "Apollo", &research).await.data(201);
    let here = make(&user, "here", &sales).await.data(201);
    let scopes = [&all, &apollo, &here].map(|it| it["scope"].clone());
    assert_eq!(scopes, ["scalr", "account", "environment"]);
    assert_eq!(make(&user, "Apollo", &research).await.error(409), "UnicityViolation");
    assert_eq!(make(&user, "none", &json!({ "id": "none" })).await.error(404), "ObjectNotFound");
    let nothing = server.post(&format!("{user}/projects/"), json!({ "name": "of nothing" })).await;
    assert_eq!(nothing.error(400), "InvalidStructure");
    for (at, n_projects) in [("/global", 1), (account_path.as_str(), 2), (user.as_str(), 3)] {
        assert_eq!(server.get(&format!("{at}/projects/")).await.data(200).as_array().unwrap().len(), n_projects);
    }
    let project = |at: &str, it: &Value| format!("{at}/projects/{}/", it["id"].as_str().unwrap());
    let of_sales = format!("{user}/projects/?costCenter={}", sales["id"].as_str().unwrap());
    assert_eq!(ids(&server.get(&of_sales).await.data(200)), [here["id"].as_str().unwrap()]);
    assert_eq!(server.patch(&project(&user, &apollo), json!({ "name": "mine" })).await.error(403), "ScopeViolation");
    assert_eq!(server.delete(&project(&account_path, &all)).await.error(403), "ScopeViolation");
    let moved = server.patch(&project(&account_path, &apollo), json!({ "costCenter": { "id": sales["id"] } })).await;
    assert_eq!(moved.error(400), "InvalidStructure", "its cost center stays");
    let renamed = json!({ "name": "Apollo 11", "leadEmail": "ben@example.com" });
    assert_eq!(server.patch(&project(&account_path, &apollo), renamed).await.data(200)["leadEmail"], "ben@example.com");

    // Another account sees what is of the installation alone, and does not change it.
    let other = account(&server, "Other").await;
    let boss = Person::make(&server, Some(other), "boss", true).await;
    let its = boss.get(&server, &format!("/account/{other}/projects/")).await.data(200);
    assert_eq!(ids(&its), [all["id"].as_str().unwrap()]);
    let foreign = boss.get(&server, &project(&format!("/account/{other}"), &apollo)).await;
    assert_eq!(foreign.error(404), "ObjectNotFound");
    assert_eq!(boss.post(&server, centers, json!({ "name": "mine" })).await.error(403), "PermissionViolation");

    // A farm's project is of the environment's cost center, where it has one.
    let farms = format!("{user}/farms/");
    let new = json!({ "name": "shop", "project": { "id": here["id"] } });
    let farm = server.post(&farms, new).await.data(201);
    assert_eq!(farm["project"], json!({ "id": here["id"] }));
    let farm_path = format!("{farms}{}/", farm["id"]);
    let of_project = server.get(&format!("{farms}?project={}", here["id"].as_str().unwrap())).await.data(200);
    assert_eq!(of_project.as_array().unwrap().len(), 1);
    assert_eq!(server.patch(&farm_path, json!({ "description": "sells" })).await.data(200)["project"], farm["project"]);
    let copy = server.post(&format!("{farm_path}actions/clone/"), json!({ "name": "copy" })).await.data(201);
    assert_eq!(copy["project"], farm["project"]);
    assert_eq!(server.delete(&format!("{farms}{}/", copy["id"])).await.status, 204);
    let environment = format!("{account_path}/environments/{}/", server.environment_id());
    let of_research = json!({ "costCenter": { "id": research["id"] } });
    assert_eq!(server.patch(&environment, of_research.clone()).await.error(409), "UnacceptableObjectConfiguration");
    let unknown = json!({ "costCenter": { "id": "none" } });
    assert_eq!(server.patch(&environment, unknown).await.error(404), "ObjectNotFound");
    assert_eq!(server.patch(&farm_path, json!({ "project": null })).await.data(200).get("project"), None);
    let now = server.patch(&environment, of_research).await.data(200);
    assert_eq!(now["costCenter"]["id"], research["id"]);
    assert_eq!(
        server.patch(&environment, json!({ "name": "Default" })).await.data(200)["costCenter"],
        now["costCenter"]
    );
    let found = format!("{account_path}/environments/?costCenter={}", research["id"].as_str().unwrap());
    assert_eq!(server.get(&found).await.data(200).as_array().unwrap().len(), 1);
    let give = async |it: &Value| server.patch(&farm_path, json!({ "project": { "id": it["id"] } })).await;
    assert_eq!(give(&here).await.error(409), "UnacceptableObjectConfiguration");
    assert_eq!(give(&json!({ "id": "none" })).await.error(404), "ObjectNotFound");
    give(&apollo).await.data(200);

    // What is in use stays.
    let apollo_path = project(&account_path, &apollo);
    assert_eq!(server.delete(&apollo_path).await.error(409), "ObjectInUse");
    assert_eq!(server.delete(&center(&sales)).await.error(409), "ObjectInUse", "a project is of it");
    assert_eq!(server.delete(&project(&user, &here)).await.status, 204);
    assert_eq!(server.delete(&center(&sales)).await.status, 204);
    assert_eq!(server.delete(&farm_path).await.status, 204);
    assert_eq!(server.delete(&apollo_path).await.status, 204);
    assert_eq!(server.delete(&project("/global", &all)).await.status, 204);
    assert_eq!(server.delete(&center(&research)).await.error(409), "ObjectInUse", "the environment is of it");
    server.patch(&environment, json!({ "costCenter": null })).await.data(200);
    assert_eq!(server.delete(&center(&research)).await.status, 204);

    let audit = server.get(&format!("{account_path}/audit/?objectType=projects")).await.data(200);
    let actions: Vec<_> = audit.as_array().unwrap().iter().map(|it| it["action"].as_str().unwrap()).collect();
    let expected = ["projects.delete", "projects.delete", "projects.update", "projects.create", "projects.create"];
    assert_eq!(actions, expected);
    let audit = server.get("/global/audit/?objectType=cost-centers").await.data(200);
    assert_eq!(audit.as_array().unwrap().len(), 5);
}
