use reqwest::Method;
use serde_json::{Value, json};
use store::{
    Db, Select,
    audit::{MacKey, NewEntry},
    events::Audience,
};

use crate::{
    support::TestServer,
    teams,
    users::{PASSWORD, Person, account},
};

/// The database of a running server; where the environment names another than its own, that.
pub async fn database(server: &TestServer) -> Db {
    let own = || format!("sqlite://{}", server.data_dir.path().join("stackyard.db").display());
    Db::open(&std::env::var("STACKYARD_DATABASE_URL").unwrap_or_else(|_| own())).await.unwrap()
}

#[tokio::test]
async fn the_first_start_and_each_account_begin_a_log() {
    let server = TestServer::start().await;
    let actions = async |path: &str| {
        let rows = server.get(path).await.data(200);
        let rows = rows.as_array().unwrap().clone();
        rows.iter().rev().map(|it| it["action"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let first = ["audit.begin", "accounts.create", "users.create", "api-keys.create", "sessions.login"];
    assert_eq!(actions("/global/audit/").await, first);
    let own = format!("/account/{}/audit/", server.account_id());
    assert_eq!(actions(&own).await, ["audit.begin", "environments.create"]);
    let other = account(&server, "Other").await;
    assert_eq!(actions(&format!("/account/{other}/audit/")).await, ["audit.begin"]);
    let verified = server.post("/global/audit/actions/verify/", json!({})).await.data(200);
    let counts: Vec<_> = verified.as_array().unwrap().iter().map(|it| (&it["ok"], it["count"].as_i64())).collect();
    let ok = json!(true);
    assert_eq!(counts, [(&ok, Some(6)), (&ok, Some(2)), (&ok, Some(1))]);
}

/// Without the one that each log begins with.
async fn n_rows(db: &Db) -> i64 {
    let mut tx = db.read().await.unwrap();
    let first = Select::new().eq("action", "audit.begin");
    let n_first = store::audit::list(&mut tx, first).await.unwrap().total;
    store::audit::list(&mut tx, Select::new()).await.unwrap().total - n_first
}

#[tokio::test]
async fn who_did_what_is_found_again() {
    let server = TestServer::start().await;
    let account_id = server.account_id();
    let ann = Person::make(&server, Some(account_id), "ann", true).await;
    let all = format!("/account/{account_id}/audit/");
    let team = teams::give(&server, account_id, "Clerks", json!({ "teams.read": true }), &[&ann]).await;
    let path = format!("/account/{account_id}/acl-roles/{team}/");
    let answer = ann.patch(&server, &path, json!({ "name": "Staff" })).await;
    let request_id = answer.body["meta"]["requestId"].as_str().unwrap().to_owned();
    let rows = server.get(&format!("{all}?requestId={request_id}")).await.data(200);
    let row = &rows[0];
    assert_eq!(rows.as_array().unwrap().len(), 1);
    assert_eq!((&row["action"], &row["objectId"]), (&json!("acl-roles.update"), &json!(team)));
    assert_eq!((&row["actorKind"], &row["actorName"]), (&json!("user"), &json!(ann.email)));
    assert_eq!((&row["before"]["name"], &row["after"]["name"]), (&json!("Clerks"), &json!("Staff")));
    assert_eq!(row["remoteAddress"], "127.0.0.1");
    let count = async |filter: &str| {
        let rows = server.get(&format!("{all}?{filter}")).await.data(200);
        rows.as_array().unwrap().len()
    };
    assert_eq!(count("action=acl-roles.update").await, 1);
    assert_eq!(count(&format!("objectType=acl-roles&objectId={team}")).await, 2);
    assert_eq!(count(&format!("actorName={}&objectType=acl-roles", ann.email)).await, 1);
    let at = row["at"].as_str().unwrap();
    assert_eq!(count(&format!("since={at}")).await, 1, "since is included");
    assert_eq!(count(&format!("until={at}&action=acl-roles.update")).await, 0, "until is not");
    assert_eq!(server.get(&format!("{all}?since=yesterday")).await.error(400), "InvalidValue");
    // Newest first, and each scope has its own.
    let rows = server.get(&all).await.data(200);
    let seqs: Vec<i64> = rows.as_array().unwrap().iter().map(|it| it["seq"].as_i64().unwrap()).collect();
    assert!(seqs.is_sorted_by(|a, b| *a == b + 1) && *seqs.last().unwrap() == 1, "{seqs:?}");
    let here = server.get("/global/audit/?objectType=acl-roles").await.data(200);
    assert_eq!(here, json!([]));
    let logins = server.get("/global/audit/?action=sessions.login").await.data(200);
    assert_eq!(logins[0]["actorName"], "admin@localhost");
}

#[tokio::test]
async fn a_row_written_by_somebody_else_shows() {
    let server = TestServer::start().await;
    let other = account(&server, "Other").await;
    let boss = Person::make(&server, Some(other), "boss", true).await;
    let own = format!("/account/{other}/audit/actions/verify/");
    let good = boss.post(&server, &own, json!({})).await.data(200);
    let n_good = good["count"].as_i64().unwrap();
    assert_eq!(good, json!({ "accountId": other, "ok": true, "count": n_good, "firstBadSeq": null, "problem": null }));
    assert!(n_good > 0);
    let forged = NewEntry {
        account_id: other,
        at: store::Time::now(),
        actor_kind: "user".to_owned(),
        actor_id: "1".to_owned(),
        actor_name: "admin@localhost".to_owned(),
        remote_addr: "127.0.0.1".to_owned(),
        action: "users.delete".to_owned(),
        object_type: "users".to_owned(),
        object_id: "7".to_owned(),
        object_name: "somebody".to_owned(),
        before: None,
        after: None,
        request_id: String::new(),
        environment_id: None,
    };
    let db = database(&server).await;
    let mut tx = db.write().await.unwrap();
    store::audit::record(&mut tx, &MacKey::new(b"not the key of this installation"), &forged).await.unwrap();
    tx.commit().await.unwrap();
    let bad = boss.post(&server, &own, json!({})).await.data(200);
    assert_eq!((&bad["ok"], &bad["problem"]), (&json!(false), &json!("altered")));
    assert_eq!(bad["firstBadSeq"], n_good + 1);
    let path = "/global/audit/actions/verify/";
    let all = server.post(path, json!({})).await.data(200);
    let verdicts: Vec<_> =
        all.as_array().unwrap().iter().map(|it| (it["accountId"].as_i64(), it["ok"].as_bool())).collect();
    assert_eq!(verdicts, [(Some(0), Some(true)), (Some(server.account_id()), Some(true)), (Some(other), Some(false))]);
    let one = server.post(&format!("{path}?accountId={other}"), json!({})).await.data(200);
    assert_eq!(one, json!([bad]));
    assert_eq!(server.post(&format!("{path}?accountId=x"), json!({})).await.error(400), "InvalidValue");
}

#[tokio::test]
async fn the_log_of_a_deleted_account_is_checked_too() {
    let server = TestServer::start().await;
    let other = account(&server, "Other").await;
    let boss = Person::make(&server, Some(other), "boss", true).await;
    server.delete(&format!("/account/{other}/users/{}/", boss.id)).await;
    assert_eq!(server.delete(&format!("/global/accounts/{other}/")).await.status, 204);
    let all = server.post("/global/audit/actions/verify/", json!({})).await.data(200);
    let gone = all.as_array().unwrap().iter().find(|it| it["accountId"] == other).unwrap();
    assert_eq!((&gone["ok"], gone["count"].as_i64().unwrap() > 0), (&json!(true), true));
}

/// One of everything is made, changed and deleted; each time exactly one row is written, and nowhere a secret.
#[tokio::test]
async fn every_change_is_one_row_without_secrets() {
    const MARKER: &str = "marker-Zq7-never-stored";
    let server = TestServer::start().await;
    let (account_id, environment_id) = (server.account_id(), server.environment_id());
    let db = database(&server).await;
    let ann = Person::make(&server, Some(account_id), "ann", true).await;
    let mut secrets = vec![MARKER.to_owned(), PASSWORD.to_owned()];
    let mut n_before = n_rows(&db).await;
    let mut step = async |login: Option<&str>, method: Method, path: &str, body: Value| {
        let answer = match login {
            Some(_) => server.send(login, method.clone(), path, Some(body)).await,
            None if method == Method::POST => server.post(path, body).await,
            None if method == Method::PATCH => server.patch(path, body).await,
            None => server.delete(path).await,
        };
        assert!(answer.status.is_success(), "{method} {path}: {:#}", answer.body);
        let n_after = n_rows(&db).await;
        assert_eq!(n_after, n_before + 1, "{method} {path} writes one row");
        n_before = n_after;
        let data = answer.body["data"].clone();
        for name in ["secretKey", "token"] {
            secrets.extend(data[name].as_str().map(str::to_owned));
        }
        data
    };
    let (post, patch, delete) = (Method::POST, Method::PATCH, Method::DELETE);
    let ann_login = Some(ann.login.as_str());
    let id = |it: &Value| it["id"].as_str().map_or_else(|| it["id"].to_string(), str::to_owned);
    let none = || json!({});

    let made = step(None, post.clone(), "/global/accounts/", json!({ "name": "Other" })).await;
    let other = format!("/global/accounts/{}/", id(&made));
    step(None, patch.clone(), &other, json!({ "name": "Another" })).await;
    let in_account = |path: &str| format!("/account/{account_id}/{path}");
    let made = step(None, post.clone(), &in_account("environments/"), json!({ "name": "E" })).await;
    let environment = in_account(&format!("environments/{}/", id(&made)));
    step(None, patch.clone(), &environment, json!({ "name": "F" })).await;
    let body = json!({ "email": "new@example.net", "name": "findable-name", "password": MARKER });
    let made = step(None, post.clone(), &in_account("users/"), body.clone()).await;
    let (user, user_id) = (in_account(&format!("users/{}/", id(&made))), made["id"].clone());
    step(None, patch.clone(), &user, json!({ "password": format!("{MARKER}-2") })).await;
    step(None, patch.clone(), &user, json!({ "name": "renamed" })).await;
    step(None, post.clone(), &format!("{user}actions/unlock/"), none()).await;
    let body = json!({ "email": "global@example.net", "name": "g", "password": MARKER });
    let made = step(None, post.clone(), "/global/users/", body).await;
    let global_user = format!("/global/users/{}/", id(&made));
    let body = json!({ "name": "R", "baseRole": "read-only" });
    let made = step(None, post.clone(), &in_account("acl-roles/"), body).await;
    let (role, role_id) = (in_account(&format!("acl-roles/{}/", id(&made))), made["id"].clone());
    step(None, patch.clone(), &role, json!({ "permissions": { "users.read": false } })).await;
    let body = json!({ "name": "T", "defaultAclRole": { "id": role_id } });
    let made = step(None, post.clone(), &in_account("teams/"), body).await;
    let (team, team_id) = (in_account(&format!("teams/{}/", id(&made))), made["id"].clone());
    step(None, patch.clone(), &team, json!({ "description": "on call" })).await;
    step(None, post.clone(), &format!("{team}members/"), json!({ "user": { "id": user_id } })).await;
    let member = format!("{team}members/{user_id}/");
    step(None, patch.clone(), &member, json!({ "aclRole": { "id": role_id } })).await;
    let links = in_account(&format!("environments/{environment_id}/teams/"));
    step(None, post.clone(), &links, json!({ "team": { "id": team_id } })).await;
    let link = format!("{links}{team_id}/");
    step(None, patch.clone(), &link, json!({ "defaultAclRole": { "id": role_id } })).await;
    step(ann_login, patch.clone(), "/profile/", json!({ "name": "Ann B." })).await;
    let body = json!({ "currentPassword": PASSWORD, "newPassword": format!("{MARKER}-3") });
    step(ann_login, post.clone(), "/profile/password/", body).await;
    let made = step(ann_login, post.clone(), "/profile/api-keys/", json!({ "name": "k" })).await;
    let key = format!("/profile/api-keys/{}/", id(&made));
    step(ann_login, patch.clone(), &key, json!({ "status": "inactive" })).await;
    let made = step(ann_login, post.clone(), "/profile/tokens/", json!({ "name": "t" })).await;
    let token = format!("/profile/tokens/{}/", id(&made));
    let body = json!({ "email": "new@example.net", "password": format!("{MARKER}-2") });
    step(None, post.clone(), "/session/", body).await;
    let sessions = server.get(&format!("{user}sessions/")).await.data(200);
    step(None, delete.clone(), &format!("{user}sessions/{}/", id(&sessions[0])), none()).await;
    let credential = json!({
        "cloudCredentialsType": "OpenstackCloudCredentials", "provider": "openstack", "name": "C",
        "keystoneUrl": "http://127.0.0.1:1/v3", "userName": "u", "password": MARKER, "tenantName": "t", "domainName": "Default",
    });
    let made = step(None, post.clone(), &in_account("cloud-credentials/?validate=false"), credential).await;
    let credential = in_account(&format!("cloud-credentials/{}/", id(&made)));
    step(None, patch.clone(), &format!("{credential}?validate=false"), json!({ "description": "d" })).await;
    let cloud = in_account(&format!("environments/{environment_id}/clouds/openstack/"));
    step(None, post.clone(), &cloud, json!({ "id": made["id"] })).await;
    let body = json!({ "name": "tiny", "memoryMib": 512, "vcpus": 1 });
    let made = step(None, post.clone(), "/global/vmware-instance-types/", body).await;
    let size = format!("/global/vmware-instance-types/{}/", id(&made));
    step(None, patch.clone(), &size, json!({ "name": "tinier" })).await;
    for path in [&size, &cloud, &credential, &link, &member, &team, &role, &user, &global_user, &environment, &other] {
        step(None, delete.clone(), path, none()).await;
    }
    for path in [&token, &key, "/session/"] {
        step(ann_login, delete.clone(), path, none()).await;
    }

    assert_eq!(secrets.len(), 4, "a key and a token were made: {secrets:?}");
    let mut tx = db.read().await.unwrap();
    let rows = store::audit::list(&mut tx, Select::new()).await.unwrap().rows;
    let events = store::events::after(&mut tx, 0, Audience::Everything, 10_000).await.unwrap();
    let texts = [format!("{rows:?}"), format!("{events:?}")];
    for text in &texts {
        assert!(text.contains("findable-name"), "what is looked for can be found");
        for secret in &secrets {
            assert!(!text.contains(secret.as_str()), "{secret} is in the log");
        }
    }
    drop(tx);
    // Nor anywhere else that the server wrote, journals included.
    let mut is_found = false;
    for file in std::fs::read_dir(server.data_dir.path()).unwrap() {
        let file = file.unwrap();
        if !file.file_type().unwrap().is_file() || file.file_name() == "initial-admin.json" {
            continue;
        }
        let bytes = std::fs::read(file.path()).unwrap();
        let contains = |text: &str| bytes.windows(text.len()).any(|it| it == text.as_bytes());
        is_found |= contains("findable-name");
        for secret in &secrets {
            assert!(!contains(secret), "{secret} is in {:?}", file.path());
        }
    }
    assert!(is_found, "what is looked for can be found");
    let verified = server.post("/global/audit/actions/verify/", json!({})).await.data(200);
    assert!(verified.as_array().unwrap().iter().all(|it| it["ok"] == true), "{verified:#}");
}
