//! Every route × everybody who might call it.

use control_plane::{
    http::{
        route::{Access, Route},
        table,
    },
    permission::Permission,
};
use jiff::{SignedDuration, Timestamp};
use reqwest::{Method, Response};
use serde_json::{Value, json};
use store::{Status, Time};

use crate::{
    acl_roles,
    api_keys::{Key, answer},
    audit::database,
    support::TestServer,
    teams,
    users::{Person, account},
};

/// Whoever is logged in may call these. All others name a permission.
const FOR_EVERYBODY: &[(&str, &str)] = &[
    ("GET", "/session/"),
    ("GET", "/profile/"),
    ("PATCH", "/profile/"),
    ("POST", "/profile/password/"),
    ("GET", "/profile/api-keys/"),
    ("POST", "/profile/api-keys/"),
    ("PATCH", "/profile/api-keys/{apiKeyId}/"),
    ("DELETE", "/profile/api-keys/{apiKeyId}/"),
    ("GET", "/profile/tokens/"),
    ("POST", "/profile/tokens/"),
    ("DELETE", "/profile/tokens/{tokenId}/"),
    ("GET", "/profile/sessions/"),
    ("DELETE", "/profile/sessions/{sessionId}/"),
    ("GET", "/global/search/"),
    ("GET", "/account/{accountId}/search/"),
    ("GET", "/user/{envId}/search/"),
];
/// These change nothing although they are no GET.
const READING_POSTS: &[&str] = &["/global/audit/actions/verify/", "/account/{accountId}/audit/actions/verify/"];
/// A console may show secrets, and the logs of a vCenter tell of all who use it, so who only reads may not see them.
const SECRET_READS: &[&str] = &[
    "/user/{envId}/servers/{serverId}/console-output/",
    "/user/{envId}/servers/{serverId}/console-picture/",
    "/user/{envId}/clouds/{cloudPlatform}/cloud-locations/{cloudLocation}/cloud-logs/",
    "/user/{envId}/clouds/{cloudPlatform}/cloud-locations/{cloudLocation}/cloud-logs/{logId}/",
];
const UNKNOWN_NUMBER: &str = "999999";
const UNKNOWN_TEXT: &str = "0123456789abcdef0123";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Who {
    Nobody,
    AdministratorOfAnotherAccount,
    NoAccess,
    ReadOnly,
    FullAccess,
    AccountAdministrator,
    /// Of the Scalr scope, without being an administrator.
    GlobalReader,
    GlobalAdministrator,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Unauthenticated,
    NotFound,
    Forbidden,
    Allowed,
}

/// The rules as reference and issue have them, written down a second time.
fn expected(who: Who, route: &Route) -> Verdict {
    let is_global = !route.path.starts_with("/account/") && !route.path.starts_with("/user/");
    let if_read = |it: Permission| if it.is_read() { Verdict::Allowed } else { Verdict::Forbidden };
    match (route.access, who) {
        (Access::Public, _) => Verdict::Allowed,
        (_, Who::Nobody) => Verdict::Unauthenticated,
        (_, Who::GlobalAdministrator) => Verdict::Allowed,
        (_, Who::AdministratorOfAnotherAccount | Who::GlobalReader) if !is_global => Verdict::NotFound,
        (Access::Login | Access::Logout, _) => Verdict::Allowed,
        (Access::Needs(permission), Who::GlobalReader) => if_read(permission),
        (Access::Needs(_), _) if is_global => Verdict::Forbidden,
        (Access::Needs(permission), Who::ReadOnly) => if_read(permission),
        (Access::Needs(_), Who::NoAccess | Who::AdministratorOfAnotherAccount) => Verdict::Forbidden,
        (Access::Needs(_), Who::FullAccess | Who::AccountAdministrator) => Verdict::Allowed,
    }
}

/// One of each thing that a path can name.
struct Objects {
    account_id: i64,
    environment_id: i64,
    user_id: i64,
    team_id: i64,
    acl_role_id: String,
    credentials_id: String,
    image_id: String,
    category_id: i64,
    /// Of the account.
    project_id: String,
    cost_center_id: String,
    /// Of the account.
    role_id: i64,
    role_of_environment: i64,
    farm_id: i64,
}

impl Objects {
    async fn make(server: &TestServer, account_id: i64, name: &str) -> Objects {
        let path = |noun: &str| format!("/account/{account_id}/{noun}/");
        let environment = server.post(&path("environments"), json!({ "name": name })).await.data(201);
        let user = Person::make(server, Some(account_id), name, false).await;
        let acl_role_id = acl_roles::id(server, account_id, "No access").await;
        let team_id = teams::make(server, account_id, name, &acl_role_id, &[&user]).await;
        let link = format!("/account/{account_id}/environments/{}/teams/", environment["id"]);
        server.post(&link, json!({ "team": { "id": team_id } })).await.data(201);
        let credential = json!({
            "cloudCredentialsType": "OpenstackCloudCredentials", "provider": "openstack", "name": name, "userName": "u",
            "keystoneUrl": "http://127.0.0.1:1/v3", "password": "p", "tenantName": "t", "domainName": "Default",
        });
        let unvalidated = format!("{}?validate=false", path("cloud-credentials"));
        let credential = server.post(&unvalidated, credential).await.data(201);
        let image = json!({
            "name": name, "cloudPlatform": "openstack", "cloudLocation": "RegionOne", "cloudImageId": name,
            "architecture": "x86_64", "os": { "id": "debian-12" },
        });
        let image = server.post(&path("images"), image).await.data(201);
        let category = server.post(&path("role-categories"), json!({ "name": name })).await.data(201);
        let cost_center = server.post("/global/cost-centers/", json!({ "name": name })).await.data(201);
        let project = json!({ "name": name, "costCenter": { "id": cost_center["id"] } });
        let project = server.post(&path("projects"), project).await.data(201);
        let role = |at: &str| {
            let name = format!("{name} {}", at.trim_matches('/').replace('/', " "));
            json!({ "name": name, "category": { "id": category["id"] }, "os": { "id": "debian-12" } })
        };
        let of_environment = format!("/user/{}/roles/", environment["id"]);
        let role_of_environment = server.post(&of_environment, role(&of_environment)).await.data(201);
        let role = server.post(&path("roles"), role(&path("roles"))).await.data(201);
        let farms = format!("/user/{}/farms/", environment["id"]);
        let farm = server.post(&farms, json!({ "name": name })).await.data(201);
        Objects {
            farm_id: farm["id"].as_i64().unwrap(),
            image_id: image["id"].as_str().unwrap().to_owned(),
            project_id: project["id"].as_str().unwrap().to_owned(),
            cost_center_id: cost_center["id"].as_str().unwrap().to_owned(),
            category_id: category["id"].as_i64().unwrap(),
            role_id: role["id"].as_i64().unwrap(),
            role_of_environment: role_of_environment["id"].as_i64().unwrap(),
            account_id,
            environment_id: environment["id"].as_i64().unwrap(),
            user_id: user.id,
            team_id,
            acl_role_id,
            credentials_id: credential["id"].as_str().unwrap().to_owned(),
        }
    }

    fn value(&self, name: &str, path: &str) -> String {
        match name {
            "accountId" => self.account_id.to_string(),
            "envId" => self.environment_id.to_string(),
            "userId" => self.user_id.to_string(),
            "teamId" => self.team_id.to_string(),
            "aclRoleId" => self.acl_role_id.clone(),
            "cloudCredentialsId" => self.credentials_id.clone(),
            "id" if path.starts_with("/global/accounts/") => self.account_id.to_string(),
            "id" | "apiKeyId" | "tokenId" | "sessionId" | "validationId" | "syncId" => UNKNOWN_TEXT.to_owned(),
            // Asked of one that is there, it would be somewhere else afterwards.
            "roleId" if path.ends_with("/promote/") => UNKNOWN_NUMBER.to_owned(),
            "roleId" if path.starts_with("/user/") => self.role_of_environment.to_string(),
            "roleId" => self.role_id.to_string(),
            // What is of the account is not changed from its environments.
            "imageId" if path.starts_with("/user/") => UNKNOWN_TEXT.to_owned(),
            "roleCategoryId" if path.starts_with("/user/") => UNKNOWN_NUMBER.to_owned(),
            "projectId" if !path.starts_with("/account/") => UNKNOWN_TEXT.to_owned(),
            "imageId" => self.image_id.clone(),
            "projectId" => self.project_id.clone(),
            "costCenterId" => self.cost_center_id.clone(),
            "roleCategoryId" => self.category_id.to_string(),
            "farmId" => self.farm_id.to_string(),
            "farmRoleId" => UNKNOWN_NUMBER.to_owned(),
            "serverId" | "operationId" | "volumeId" | "logId" | "filePath" | "taskId" | "networkId" | "keypairId"
            | "securityGroupId" | "floatingIpId" => UNKNOWN_TEXT.to_owned(),
            "osId" => "debian-12".to_owned(),
            "cloud" | "cloudPlatform" => "openstack".to_owned(),
            "cloudLocation" => "RegionOne".to_owned(),
            _ => panic!("{path}: what is {name}?"),
        }
    }

    /// The path with things that exist, except that a DELETE names as its last one something that does not, so that the
    /// walk does not take away what it walks on.
    fn fill(&self, route: &Route) -> String {
        let last = names(route.path).last().copied();
        let value = |name: &str| {
            let spared = route.method == Method::DELETE && Some(name) == last && name != "accountId";
            match (spared, name) {
                (false, _) => self.value(name, route.path),
                (true, "envId" | "userId" | "teamId" | "roleId" | "roleCategoryId" | "farmId" | "farmRoleId") => {
                    UNKNOWN_NUMBER.to_owned()
                }
                (true, "id") if route.path.starts_with("/global/accounts/") => UNKNOWN_NUMBER.to_owned(),
                (true, _) => UNKNOWN_TEXT.to_owned(),
            }
        };
        fill(route.path, value)
    }
}

fn names(path: &str) -> Vec<&str> {
    path.split('/').filter_map(|it| it.strip_prefix('{')?.strip_suffix('}')).collect()
}

fn fill(path: &str, value: impl Fn(&str) -> String) -> String {
    names(path).into_iter().fold(path.to_owned(), |text, name| text.replace(&format!("{{{name}}}"), &value(name)))
}

/// Only the head of the answer is waited for: some answers never end.
async fn send(server: &TestServer, token: Option<&str>, method: &Method, path: &str) -> Response {
    let mut request = server.client.request(method.clone(), format!("{}/api/v1beta0{path}", server.url));
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    request.json(&json!({})).send().await.unwrap()
}

async fn token(server: &TestServer, person: &Person) -> String {
    let made = person.post(server, "/profile/tokens/", json!({ "name": "walk" })).await.data(201);
    made["token"].as_str().unwrap().to_owned()
}

#[test]
fn every_route_names_its_permission() {
    for route in &table().routes {
        let at = format!("{} {}", route.method, route.path);
        match route.access {
            Access::Public => assert_eq!(at, "POST /session/", "only the login is public"),
            Access::Logout => assert_eq!(at, "DELETE /session/", "only this ends a login and nothing else"),
            Access::Login => assert!(FOR_EVERYBODY.contains(&(route.method.as_str(), route.path)), "{at}"),
            Access::Needs(permission) => {
                let is_get = route.method == Method::GET && !SECRET_READS.contains(&route.path);
                let is_read = is_get || READING_POSTS.contains(&route.path);
                assert_eq!(permission.is_read(), is_read, "{at} needs {permission}");
            }
        }
    }
}

#[tokio::test]
async fn everybody_is_let_in_where_they_may() {
    let server = TestServer::start().await;
    let here = server.account_id();
    let objects = Objects::make(&server, here, "target").await;
    let elsewhere = account(&server, "Other").await;
    let mut callers: Vec<(Who, Option<String>)> = vec![(Who::Nobody, None)];
    for (who, role) in [(Who::NoAccess, "No access"), (Who::ReadOnly, "Read only"), (Who::FullAccess, "Full access")] {
        let person = Person::make(&server, Some(here), &format!("{who:?}"), false).await;
        let role = acl_roles::id(&server, here, role).await;
        let team = teams::make(&server, here, &format!("{who:?}"), &role, &[&person]).await;
        let link = format!("/account/{here}/environments/{}/teams/", objects.environment_id);
        server.post(&link, json!({ "team": { "id": team } })).await.data(201);
        callers.push((who, Some(token(&server, &person).await)));
    }
    for (who, account_id, is_admin) in [
        (Who::AdministratorOfAnotherAccount, Some(elsewhere), true),
        (Who::AccountAdministrator, Some(here), true),
        (Who::GlobalReader, None, false),
        (Who::GlobalAdministrator, None, true),
    ] {
        let person = Person::make(&server, account_id, &format!("{who:?}"), is_admin).await;
        callers.push((who, Some(token(&server, &person).await)));
    }
    let mut wrong = Vec::new();
    let mut n_calls = 0;
    // The logout comes last: it takes the tokens away.
    let (logout, others): (Vec<_>, Vec<_>) = table().routes.iter().partition(|it| it.access == Access::Logout);
    for route in others.into_iter().chain(logout) {
        let path = objects.fill(route);
        for (who, token) in &callers {
            let response = send(&server, token.as_deref(), &route.method, &path).await;
            let status = response.status().as_u16();
            let expected = expected(*who, route);
            n_calls += 1;
            let is_right = match expected {
                Verdict::Unauthenticated => status == 401,
                Verdict::NotFound => status == 404,
                Verdict::Forbidden => status == 403,
                // 503: the cloud of the credentials is not there. 500 would be a fault of ours.
                Verdict::Allowed => !matches!(status, 401 | 403 | 500),
            };
            if !is_right {
                let body = if route.is_stream { String::new() } else { response.text().await.unwrap() };
                wrong.push(format!("{} {path}: {who:?} is {expected:?} but gets {status} {body}", route.method));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {n_calls} calls:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(n_calls, table().routes.len() * 8);
    // Nothing that was walked on is gone.
    for noun in
        ["users", "teams", "acl-roles", "environments", "cloud-credentials", "images", "roles", "role-categories"]
    {
        let listed = server.get(&format!("/account/{here}/{noun}/")).await.data(200);
        assert!(!listed.as_array().unwrap().is_empty(), "{noun}");
    }
    server.get(&format!("/account/{here}/users/{}/", objects.user_id)).await.data(200);
}

/// An administrator names things of another account below their own.
#[tokio::test]
async fn nothing_of_another_account_is_reached_through_ones_own() {
    let server = TestServer::start().await;
    let here = Objects::make(&server, server.account_id(), "here").await;
    let there = Objects::make(&server, account(&server, "Other").await, "there").await;
    let boss = Person::make(&server, Some(here.account_id), "boss", true).await;
    let boss = token(&server, &boss).await;
    let mut n_calls = 0;
    for route in &table().routes {
        let foreign = [
            "envId",
            "userId",
            "teamId",
            "aclRoleId",
            "cloudCredentialsId",
            "imageId",
            "roleId",
            "roleCategoryId",
            "projectId",
        ];
        for name in names(route.path).into_iter().filter(|it| foreign.contains(it)) {
            if route.path.starts_with("/global/") {
                continue;
            }
            let of = |it: &str| if it == name { &there } else { &here };
            let path = fill(route.path, |it| of(it).value(it, route.path));
            let response = send(&server, Some(&boss), &route.method, &path).await;
            let status = response.status().as_u16();
            n_calls += 1;
            // An empty body can be refused before what the path names is looked for.
            let is_right = status == 404 || (status == 400 && route.body.is_some());
            assert!(is_right, "{} {path} ({name} of another account): {status}", route.method);
        }
    }
    assert!(n_calls > 40, "{n_calls}");
    let mine = |it: &str| format!("/account/{}/{it}/", there.account_id);
    server.get(&mine(&format!("users/{}", there.user_id))).await.data(200);
    server.get(&mine(&format!("teams/{}", there.team_id))).await.data(200);
    server.get(&mine(&format!("acl-roles/{}", there.acl_role_id))).await.data(200);
    server.get(&mine(&format!("cloud-credentials/{}", there.credentials_id))).await.data(200);
    let links = server.get(&mine(&format!("environments/{}/teams", there.environment_id))).await.data(200);
    assert_eq!(links.as_array().unwrap().len(), 1);
}

fn initial_key(server: &TestServer) -> Key {
    let text = |name: &str| server.admin[name].as_str().unwrap().to_owned();
    Key { id: text("apiKeyId"), secret: text("apiSecretKey") }
}

#[tokio::test]
async fn signed_requests_are_let_in_and_forged_ones_are_not() {
    let server = TestServer::start().await;
    let key = initial_key(&server);
    let path = "/api/v1beta0/global/accounts/";
    let url = format!("{}{path}", server.url);
    let now = Timestamp::now();
    let get = |key: &Key, text: [&str; 4], date| answer(key.sign(server.client.get(&url), text, date));
    let text = ["GET", path, "", ""];
    assert_eq!(get(&key, text, now).await.0, 200);
    let unknown = Key { id: "APIK0000000000000000".to_owned(), ..key.clone() };
    let wrong = Key { secret: "not the secret".to_owned(), ..key.clone() };
    let (status, of_unknown) = get(&unknown, text, now).await;
    let (also, of_wrong) = get(&wrong, text, now).await;
    assert_eq!((status, also), (401, 401));
    assert_eq!(of_unknown["errors"], of_wrong["errors"], "key ids cannot be guessed");
    for other in [
        ["POST", path, "", ""],
        ["GET", "/api/v1beta0/global/users/", "", ""],
        ["GET", path, "a=b", ""],
        ["GET", path, "", "{}"],
    ] {
        assert_eq!(get(&key, other, now).await.0, 401, "{other:?}");
    }
    for (seconds, expected) in [(-290, 200), (290, 200), (-310, 401), (310, 401)] {
        let (status, body) = get(&key, text, now + SignedDuration::from_secs(seconds)).await;
        assert_eq!(status, expected, "{seconds} s: {body:#}");
        if status == 401 {
            assert!(body["errors"][0]["message"].as_str().unwrap().contains("server's time is"), "{body:#}");
        }
    }
    let no_date = server.client.get(&url).header("X-Scalr-Key-Id", &key.id).header("X-Scalr-Date", "yesterday");
    assert_eq!(answer(no_date.header("X-Scalr-Signature", "V1-HMAC-SHA256 x")).await.0, 400);
    let no_signature = server.client.get(&url).header("X-Scalr-Key-Id", &key.id);
    assert_eq!(answer(no_signature).await.0, 401);
}

/// The published client sends a body with every request, and signs it as it is.
#[tokio::test]
async fn bodies_are_signed_as_they_are_sent_whatever_the_method() {
    let server = TestServer::start().await;
    let key = initial_key(&server);
    let path = "/api/v1beta0/global/accounts/";
    let url = format!("{}{path}", server.url);
    let now = Timestamp::now();
    let sent = |method: Method, url: &str, path: &str, body: &'static str| {
        let text = [method.as_str().to_owned(), path.to_owned()];
        let request = server.client.request(method, url).header("content-type", "application/json").body(body);
        answer(key.sign(request, [&text[0], &text[1], "", body], now))
    };
    assert_eq!(sent(Method::GET, &url, path, "{}").await.0, 200);
    let (status, made) = sent(Method::POST, &url, path, "{ \"name\":\"Other\"  }").await;
    assert_eq!(status, 201, "{made:#}");
    let one = format!("{path}{}/", made["data"]["id"]);
    let request = server.client.delete(format!("{}{one}", server.url)).header("content-type", "application/json");
    let request = key.sign(request.body("{}"), ["DELETE", &one, "", "{}"], now);
    assert_eq!(request.send().await.unwrap().status(), 204);
    let changed = server.client.get(&url).body("{ }");
    assert_eq!(answer(key.sign(changed, ["GET", path, "", "{}"], now)).await.0, 401);
}

#[tokio::test]
async fn queries_are_signed_sorted_and_encoded() {
    let server = TestServer::start().await;
    let key = initial_key(&server);
    server.post("/global/accounts/", json!({ "name": "a b*~" })).await.data(201);
    let path = "/api/v1beta0/global/accounts/";
    // As the published client sends it: spaces as plus, and in its own order.
    let url = format!("{}{path}?status=active&name=a+b%2A~", server.url);
    let canonical = "name=a%20b%2A~&status=active";
    let request = server.client.get(&url).header("X-Scalr-Debug", "1");
    let now = Timestamp::now();
    let (status, body) = answer(key.sign(request, ["GET", path, canonical, ""], now)).await;
    assert_eq!(status, 200, "{body:#}");
    assert_eq!(body["data"].as_array().unwrap().len(), 1);
    let date = now.strftime("%Y-%m-%dT%H:%M:%S.000Z");
    assert_eq!(body["meta"]["stringToSign"], format!("GET\n{date}\n{path}\n{canonical}\n"));
    let (_, body) = answer(key.sign(server.client.get(&url), ["GET", path, canonical, ""], now)).await;
    assert_eq!(body["meta"].get("stringToSign"), None);
    // A refused signature is told what it should have been over, and no body comes back.
    let secret = json!({ "name": "x", "secret": "hunter2" }).to_string();
    let request = server.client.post(&url).header("X-Scalr-Debug", "1").body(secret.clone());
    let (status, body) = answer(key.sign(request, ["POST", path, "", ""], now)).await;
    assert_eq!(status, 401);
    let n_bytes = secret.len();
    assert_eq!(body["meta"]["stringToSign"], format!("POST\n{date}\n{path}\n{canonical}\n({n_bytes} bytes of body)"));
    let request = server.client.post(&url).header("X-Scalr-Debug", "1").body(secret.clone());
    let (status, body) = answer(key.sign(request, ["POST", path, canonical, &secret], now)).await;
    assert_eq!(status, 400, "{body:#}");
    assert!(body["meta"]["stringToSign"].is_string() && !body.to_string().contains("hunter2"), "{body:#}");
}

#[tokio::test]
async fn keys_that_are_switched_off_or_expired_are_refused() {
    let server = TestServer::start().await;
    let ann = Person::make(&server, Some(server.account_id()), "ann", true).await;
    let db = database(&server).await;
    for (name, status, ends_in) in [
        ("good", Status::Active, Some(3600)),
        ("without end", Status::Active, None),
        ("inactive", Status::Inactive, Some(3600)),
        ("expired", Status::Active, Some(-1)),
    ] {
        let made = ann.post(&server, "/profile/api-keys/", json!({ "name": name })).await.data(201);
        let key = Key::of(&made);
        let mut tx = db.write().await.unwrap();
        let mut row = store::api_keys::get(&mut tx, &key.id).await.unwrap();
        row.status = status;
        row.expires_at = ends_in.map(|it| Time::from(Timestamp::now() + SignedDuration::from_secs(it)));
        store::api_keys::update(&mut tx, &row).await.unwrap();
        tx.commit().await.unwrap();
        let (status, body) = key.get(&server, "/profile/").await;
        let expected = if matches!(name, "good" | "without end") { 200 } else { 401 };
        assert_eq!(status, expected, "{name}: {body:#}");
    }
}

#[tokio::test]
async fn tokens_that_are_expired_or_unknown_are_refused() {
    let server = TestServer::start().await;
    let ann = Person::make(&server, Some(server.account_id()), "ann", true).await;
    let ends = (Timestamp::now() + SignedDuration::from_millis(1500)).to_string();
    let made = ann.post(&server, "/profile/tokens/", json!({ "name": "t", "expiresAt": ends })).await.data(201);
    let token: &Value = &made["token"];
    let profile = |token: String| {
        let server = &server;
        async move { send(server, Some(&token), &Method::GET, "/profile/").await.status().as_u16() }
    };
    let token = token.as_str().unwrap().to_owned();
    assert_eq!(profile(token.clone()).await, 200);
    tokio::time::sleep(std::time::Duration::from_millis(1600)).await;
    assert_eq!(profile(token).await, 401);
    assert_eq!(profile("syt_unknown".to_owned()).await, 401);
}
