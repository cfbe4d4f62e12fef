//! A database that is full, as its users see it.

use serde_json::json;
use sqlx::Executor;

use crate::support::{Answer, Postgres, TestServer, eventually};

/// Writes until it is refused, and returns how often it was not.
async fn fill(server: &TestServer) -> (usize, Answer) {
    for n_saved in 0..5000 {
        let answer = make(server, &format!("{n_saved} {}", "x".repeat(200))).await;
        if answer.status != 201 {
            return (n_saved, answer);
        }
    }
    panic!("it is never full");
}

async fn make(server: &TestServer, name: &str) -> Answer {
    server.post(&environments(server), json!({ "name": name })).await
}

fn environments(server: &TestServer) -> String {
    format!("/account/{}/environments/", server.account_id())
}

fn tells_what_to_do(refused: &Answer) {
    assert_eq!(refused.error(503), "ServiceUnavailable");
    let error = &refused.body["errors"][0];
    assert!(error["message"].as_str().unwrap().contains("full; nothing was saved"), "{error}");
    assert!(error["remedy"].as_str().unwrap().contains("free space"), "{error}");
}

/// The environments that were answered for are there, each with its audit row, and one row more of neither.
async fn nothing_is_half_saved(server: &TestServer, n_saved: usize) {
    let n_environments = n_rows(server, &format!("{}?", environments(server))).await;
    assert_eq!(n_environments, n_saved + 1, "with the one of the first start");
    let audit = format!("/account/{}/audit/?action=environments.create&", server.account_id());
    assert_eq!(n_rows(server, &audit).await, n_saved + 1);
    let verified = server.post(&format!("/account/{}/audit/actions/verify/", server.account_id()), json!({})).await;
    assert_eq!(verified.data(200)["ok"], true);
    for path in ["/global/system/", "/session/", "/profile/", "/global/accounts/"] {
        server.get(path).await.data(200);
    }
}

async fn n_rows(server: &TestServer, path: &str) -> usize {
    let answer = server.get(&format!("{path}maxResults=1")).await;
    let last = answer.body["pagination"]["last"].as_str().map_or("1", |it| it.rsplit_once("pageNum=").unwrap().1);
    let n_rows = last.parse().unwrap();
    answer.data(200);
    n_rows
}

#[tokio::test]
async fn sqlite_at_its_limit_refuses_to_write_until_there_is_space() {
    let server = TestServer::start().await;
    limit(&server, 12).await;
    let (n_saved, refused) = fill(&server).await;
    tells_what_to_do(&refused);
    nothing_is_half_saved(&server, n_saved).await;
    // Where a secret is sealed, too.
    let mut refused = None;
    for n in 0..100 {
        // SQLite forgets the limit with the connection, and a refusal may cost the connection.
        limit(&server, 0).await;
        let answer = server.post("/profile/api-keys/", json!({ "name": format!("{n} {}", "x".repeat(200)) })).await;
        if answer.status != 201 {
            refused = Some(answer);
            break;
        }
    }
    tells_what_to_do(&refused.expect("there was space for 100 keys"));
    limit(&server, 1 << 20).await;
    make(&server, "after").await.data(201);
    nothing_is_half_saved(&server, n_saved + 1).await;
}

/// Lets the database grow by so many pages more.
async fn limit(server: &TestServer, n_pages: i64) {
    let mut tx = server.server.app.db.write().await.unwrap();
    let store::Tx::Sqlite(sqlite) = &mut tx else { panic!("this is no SQLite") };
    let (now,): (i64,) = sqlx::query_as("PRAGMA page_count").fetch_one(&mut **sqlite).await.unwrap();
    let sql = format!("PRAGMA max_page_count = {}", now + n_pages);
    sqlite.execute(sqlx::AssertSqlSafe(sql)).await.unwrap();
    tx.commit().await.unwrap();
}

/// The error is PostgreSQL's own; that the disk is full is what a trigger says.
#[tokio::test]
async fn postgres_without_space_refuses_to_write_until_there_is_some() {
    let database = Postgres::new().await;
    let server = TestServer::on_database(tempfile::tempdir().unwrap(), "", Some(&database)).await;
    make(&server, "before").await.data(201);
    database
        .execute(
            "CREATE FUNCTION no_space() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
             RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$",
        )
        .await;
    // The event is the last row of a change, so everything else was written and has to be undone.
    database.execute("CREATE TRIGGER no_space BEFORE INSERT ON events EXECUTE FUNCTION no_space()").await;
    let (n_saved, refused) = fill(&server).await;
    assert_eq!(n_saved, 0);
    tells_what_to_do(&refused);
    nothing_is_half_saved(&server, 1).await;
    database.execute("DROP TRIGGER no_space ON events").await;
    make(&server, "after").await.data(201);
    nothing_is_half_saved(&server, 2).await;
    database.remove().await;
}

/// What a scrape says of this number.
async fn metric(server: &TestServer, name: &str) -> Option<u64> {
    let text = server.client.get(format!("{}/metrics", server.url)).send().await.unwrap().text().await.unwrap();
    text.lines().find_map(|it| it.strip_prefix(name)?.trim().parse().ok())
}

/// Nobody has to start the server again for it.
#[tokio::test]
async fn a_run_whose_end_found_no_space_ends_when_there_is_some() {
    let database = Postgres::new().await;
    let toml = "allowed_cloud_networks = [\"127.0.0.0/8\"]\n";
    let server = TestServer::on_database(tempfile::tempdir().unwrap(), toml, Some(&database)).await;
    let account = format!("/account/{}", server.account_id());
    database
        .execute(
            "CREATE FUNCTION no_space() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
             RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$",
        )
        .await;
    database.execute("CREATE TRIGGER no_space BEFORE INSERT ON validation_checks EXECUTE FUNCTION no_space()").await;
    let body = json!({
        "cloudCredentialsType": "VmwareCloudCredentials", "name": "vc", "url": "https://127.0.0.1:1/sdk",
        "userName": "u", "password": "p",
    });
    let validate = format!("{account}/cloud-credentials/actions/validate/");
    let run = server.post_async(&validate, body).await.data(202);
    let waiting = "stackyard_unwritten_ends";
    eventually(|| async { metric(&server, waiting).await.filter(|it| *it == 1) }).await;
    let path = format!("{account}/validations/{}/", run["id"].as_str().unwrap());
    assert_eq!(server.get(&path).await.data(200)["status"], "running");
    database.execute("DROP TRIGGER no_space ON validation_checks").await;
    let report = eventually(|| async {
        let report = server.get(&path).await.data(200);
        (report["status"] != "running").then_some(report)
    })
    .await;
    assert_eq!(report["status"], "failed", "{report:#}");
    assert!(report["checks"][0]["detail"].as_str().unwrap().contains("full"), "{report:#}");
    eventually(|| async { metric(&server, waiting).await.filter(|it| *it == 0) }).await;
    database.remove().await;
}
