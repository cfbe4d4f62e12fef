//! Every way to log in, and every way not to, at a real Keystone.

use cloud::{Cloud, CloudError, LocationId, check::CheckStatus};
use cloud_openstack::{AuthType, Config};
use http::Method;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use crate::real::{LIMIT, Real, check, connect, real, unique, validate};

async fn logs_in(config: Config, secret: SecretString) {
    let cloud = connect(config, secret);
    let types = cloud.instance_types(&LocationId("RegionOne".to_owned())).await.unwrap().unwrap();
    assert!(types.iter().any(|it| it.name == "m1.tiny"));
    cloud.close().await;
}

/// What the report says about the login.
async fn auth_of(config: Config, secret: SecretString) -> String {
    let checks = validate(&connect(config, secret), LIMIT).await;
    let auth = check(&checks, "openstack.auth");
    assert_eq!(auth.status, CheckStatus::Passed, "{auth:?}");
    auth.detail.clone()
}

/// Both ways to see it: the report's words, and the error of an ordinary call.
async fn is_refused(config: Config, secret: SecretString, words: &[&str]) {
    let cloud = connect(config, secret.clone());
    let checks = validate(&cloud, LIMIT).await;
    let auth = check(&checks, "openstack.auth");
    assert_eq!(auth.status, CheckStatus::Failed, "{auth:?}");
    assert!(auth.required && auth.remedy.is_some(), "{auth:?}");
    for word in words {
        assert!(auth.detail.contains(word), "no {word:?} in {:?}", auth.detail);
    }
    let after = checks.iter().filter(|it| it.status == CheckStatus::Skipped).count();
    assert!(after >= 20, "what follows is reported as skipped, not left out: {checks:#?}");
    match cloud.locations().await {
        Err(CloudError::Unauthorized(text)) => {
            assert!(text.contains("request req-"), "the request id is kept: {text}");
            assert!(!text.contains(secret.expose_secret()), "{text}");
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn password_with_and_without_v3() {
    let real = real();
    let bare = real.keystone().trim_end_matches("/v3").to_owned();
    for url in
        [real.keystone(), format!("{}/", real.keystone()), bare.clone(), format!("{bare}/"), format!("{bare}/v2.0")]
    {
        logs_in(Config { keystone_url: url, ..real.config("demo") }, real.password()).await;
    }
}

#[tokio::test]
async fn password_by_ids_and_with_an_assumed_domain() {
    let real = real();
    let raw = real.raw("demo").await;
    let id = |what: &str| Some(raw.body[what]["id"].as_str().unwrap().to_owned());
    let keystone_url = real.keystone();
    let by_id = Config { keystone_url, user_id: id("user"), project_id: id("project"), ..Config::default() };
    logs_in(by_id, real.password()).await;
    let without_domain = Config { user_domain_name: None, project_domain_name: None, ..real.config("demo") };
    logs_in(without_domain.clone(), real.password()).await;
    assert!(auth_of(without_domain, real.password()).await.contains("no domain was given"));
    let one_domain = Config { project_domain_name: None, ..real.config("demo") };
    assert!(!auth_of(one_domain, real.password()).await.contains("no domain"));
}

#[tokio::test]
async fn a_wrong_password_user_or_domain_cannot_be_told_apart() {
    let real = real();
    let wrong = || SecretString::from("never-this-one");
    let words = ["does not tell whether", "401"];
    is_refused(real.config("demo"), wrong(), &words).await;
    is_refused(Config { user_name: Some("nobody".into()), ..real.config("demo") }, real.password(), &words).await;
    is_refused(Config { user_domain_name: Some("nowhere".into()), ..real.config("demo") }, real.password(), &words)
        .await;
    let hostile = "r\u{f6}\u{202e}ot'; DROP TABLE user;--\u{0}<script>".repeat(5);
    is_refused(Config { user_name: Some(hostile), ..real.config("demo") }, real.password(), &words).await;
}

#[tokio::test]
async fn a_wrong_project_is_told_with_the_right_ones() {
    let real = real();
    let project = |name: &str| Config { tenant_name: Some(name.to_owned()), ..real.config("demo") };
    is_refused(project("nowhere"), real.password(), &["password are right", "no role on it; its projects are", "demo"])
        .await;
    is_refused(project("admin"), real.password(), &["password are right", "no role on it; its projects are", "demo"])
        .await;
    let domain = Config { project_domain_name: Some("nowhere".into()), ..real.config("demo") };
    is_refused(domain, real.password(), &["password are right", "in another domain"]).await;
}

#[tokio::test]
async fn a_disabled_user_and_a_disabled_project() {
    let real = real();
    let admin = real.raw("admin").await;
    let (name, path) = disabled_user(&real).await;
    let config = Config { user_name: Some(name), ..real.config("demo") };
    is_refused(config, real.password(), &["disabled or locked"]).await;
    admin.call(Method::DELETE, "identity", &path, serde_json::Value::Null).await;

    let body = json!({ "project": { "name": unique("off"), "domain_id": "default" } });
    let made = admin.call(Method::POST, "identity", "/projects", body).await;
    let (id, name) = (made["project"]["id"].as_str().unwrap(), made["project"]["name"].as_str().unwrap());
    let demo = real.raw("demo").await.body["user"]["id"].as_str().unwrap().to_owned();
    let role = admin.id("identity", "/roles", "roles", "member").await;
    let path = format!("/projects/{id}/users/{demo}/roles/{role}");
    admin.call(Method::PUT, "identity", &path, serde_json::Value::Null).await;
    let path = format!("/projects/{id}");
    admin.call(Method::PATCH, "identity", &path, json!({ "project": { "enabled": false } })).await;
    let config = Config { tenant_name: Some(name.to_owned()), ..real.config("demo") };
    is_refused(config, real.password(), &["password are right", "which is disabled"]).await;
    admin.call(Method::DELETE, "identity", &path, serde_json::Value::Null).await;
}

/// Its name and its path.
async fn disabled_user(real: &Real) -> (String, String) {
    let admin = real.raw("admin").await;
    let (project, name) = (admin.id("identity", "/projects", "projects", "demo").await, unique("disabled"));
    let password = real.password().expose_secret().to_owned();
    let body = json!({ "user": { "name": name, "password": password, "domain_id": "default",
        "default_project_id": project, "enabled": false } });
    let made = admin.call(Method::POST, "identity", "/users", body).await;
    let role = admin.id("identity", "/roles", "roles", "member").await;
    let path = format!("/projects/{project}/users/{}/roles/{role}", made["user"]["id"].as_str().unwrap());
    admin.call(Method::PUT, "identity", &path, serde_json::Value::Null).await;
    (name, format!("/users/{}", made["user"]["id"].as_str().unwrap()))
}

#[tokio::test]
async fn application_credentials() {
    let real = real();
    let demo = real.raw("demo").await;
    let user = demo.body["user"]["id"].as_str().unwrap();
    let path = format!("/users/{user}/application_credentials");
    let make = async |expires_at: Option<String>| {
        let body = json!({ "application_credential": { "name": unique("test"), "secret": "s3cret", "expires_at": expires_at } });
        demo.call(Method::POST, "identity", &path, body).await["application_credential"].clone()
    };
    let good = make(None).await;
    let text = |it: &serde_json::Value| Some(it.as_str().unwrap().to_owned());
    let keystone_url = real.keystone();
    let kind = Config { keystone_url, auth_type: AuthType::ApplicationCredential, ..Config::default() };
    let by_id = Config { application_credential_id: text(&good["id"]), ..kind.clone() };
    logs_in(by_id.clone(), "s3cret".into()).await;
    let by_name = Config {
        application_credential_name: text(&good["name"]),
        user_name: Some("demo".into()),
        user_domain_name: Some("Default".into()),
        ..kind.clone()
    };
    logs_in(by_name, "s3cret".into()).await;
    is_refused(by_id, "wrong-secret".into(), &["secret is wrong, it has expired"]).await;

    let soon = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(2);
    let expired = make(Some(soon.strftime("%Y-%m-%dT%H:%M:%S.000000").to_string())).await;
    tokio::time::sleep(std::time::Duration::from_secs(3)).await;
    let config = Config { application_credential_id: text(&expired["id"]), ..kind.clone() };
    is_refused(config, "s3cret".into(), &["secret is wrong, it has expired"]).await;
    let config = Config { application_credential_id: Some("0".repeat(32)), ..kind };
    is_refused(config, "s3cret".into(), &["no such application credential", "404"]).await;
    for it in [good, expired] {
        let path = format!("{path}/{}", it["id"].as_str().unwrap());
        demo.call(Method::DELETE, "identity", &path, serde_json::Value::Null).await;
    }
}

#[tokio::test]
async fn tokens_as_they_are_and_rescoped() {
    let real = real();
    let raw = real.raw("demo").await;
    let token = || SecretString::from(raw.token.clone());
    let kind = Config { keystone_url: real.keystone(), auth_type: AuthType::Token, ..Config::default() };
    logs_in(kind.clone(), token()).await;
    // `logs_in` closed the session above: the user's own token must have survived that.
    let project =
        Config { tenant_name: Some("demo".into()), project_domain_name: Some("Default".into()), ..kind.clone() };
    logs_in(project.clone(), token()).await;
    let other = Config { tenant_name: Some("small".into()), ..project.clone() };
    is_refused(other, token(), &["may not be used for this project"]).await;
    is_refused(project, "not-a-token".into(), &["wrong, has expired"]).await;
    is_refused(kind, "not-a-token".into(), &["wrong, has expired"]).await;
}

#[tokio::test]
async fn a_region_that_is_not_there_is_named() {
    let real = real();
    let cloud = connect(Config { region: Some("Nowhere".into()), ..real.config("demo") }, real.password());
    let checks = validate(&cloud, LIMIT).await;
    let catalog = check(&checks, "openstack.catalog");
    assert_eq!(catalog.status, CheckStatus::Failed);
    assert!(catalog.detail.contains("no region \"Nowhere\"") && catalog.detail.contains("RegionOne"), "{catalog:?}");
    assert!(matches!(cloud.locations().await, Err(CloudError::NotFound(_))));
}
