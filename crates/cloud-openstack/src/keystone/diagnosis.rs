use cloud::check::Finding;
use cloud_http::{Client, Request};
use http::HeaderName;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use url::Url;

use super::{
    Scope, log_in, log_out,
    tokens::{Login, sensitive},
};
use crate::{
    AuthType, Config,
    config::given,
    error::{Error, clean},
};

const LIMIT: usize = 4 << 20;
/// Of the projects a user may choose from, no more than these are named.
const MAX_NAMED: usize = 10;

/// `GET /v3/auth/projects`: what a user may scope a token to.
#[derive(Deserialize)]
struct Projects {
    projects: Vec<Project>,
}

#[derive(Deserialize)]
struct Project {
    id: String,
    name: String,
    #[serde(default = "enabled")]
    enabled: bool,
}

fn enabled() -> bool {
    true
}

/// Says why Keystone refused a login, as far as it can be found out. Keystone gives one answer for a wrong user,
/// password, project, role or domain and for what is disabled or expired; a second login without a project separates
/// the user's half from the project's. That login counts as another failed one where Keystone locks users after
/// several, so only a validation asks here.
pub(crate) async fn explain_login(
    http: &Client,
    keystone: &Url,
    config: &Config,
    secret: &SecretString,
    err: &Error,
) -> Finding {
    let Error::Login(refusal) = err else { return failed(err.to_string(), &err.remedy()) };
    match config.auth_type {
        AuthType::ApplicationCredential if refusal.status == 404 => failed(
            format!("there is no such application credential: {refusal}"),
            "check its id; it is gone when it, its user or its project was deleted",
        ),
        AuthType::ApplicationCredential => failed(
            format!(
                "Keystone refuses this application credential and does not tell whether the secret is wrong, it has \
                 expired, or its user or project is disabled: {refusal}"
            ),
            "look at its expiry (openstack application credential show), or make a new one",
        ),
        AuthType::Token => failed(
            format!(
                "Keystone refuses this token, which is wrong, has expired, or may not be used for this project: {refusal}"
            ),
            "get a new token (openstack token issue); tokens live for hours only, so prefer an application credential",
        ),
        AuthType::Password => match log_in(http, keystone, config, secret, Scope::None).await {
            Ok(login) => {
                let finding = explain_project(http, keystone, config, &login).await;
                // It was made for this question only; that it stays until it expires harms nobody.
                if let Err(err) = log_out(http, keystone, &login.token).await {
                    tracing::debug!("cannot end the token of a diagnosis: {err}");
                }
                finding
            }
            Err(_) => failed(
                format!(
                    "Keystone refuses this login and does not tell whether user name, password or user domain is \
                     wrong, or the user is disabled or locked{}: {refusal}",
                    assumed(config)
                ),
                "check user name, password and user domain; ask the cloud's administrator whether the user is enabled",
            ),
        },
    }
}

async fn explain_project(http: &Client, keystone: &Url, config: &Config, login: &Login) -> Finding {
    let wanted = given(&config.project_id).or(given(&config.tenant_name)).unwrap_or_default();
    let detail = format!("user and password are right, but not the project {wanted:?}");
    let Projects { projects } = match projects(http, keystone, login).await {
        Ok(projects) => projects,
        Err(err) => {
            return failed(format!("{detail}; its projects cannot be listed: {err}"), "check project and domain");
        }
    };
    let is_wanted = |it: &&Project| it.id == wanted || it.name == wanted;
    if projects.iter().find(is_wanted).is_some_and(|it| !it.enabled) {
        return failed(format!("{detail}, which is disabled"), "ask the cloud's administrator to enable the project");
    }
    if projects.iter().any(|it| is_wanted(&it)) {
        return failed(
            format!("{detail}: this user has one of that name, but in another domain{}", assumed(config)),
            "correct the project domain",
        );
    }
    let names: Vec<&str> = projects.iter().filter(|it| it.enabled).map(|it| it.name.as_str()).collect();
    let more = if names.len() > MAX_NAMED { ", …" } else { "" };
    let named = names.iter().take(MAX_NAMED).copied().collect::<Vec<_>>().join(", ");
    match named.is_empty() {
        true => failed(
            format!("{detail}: this user has no role on any project"),
            "ask the cloud's administrator for a role on the project",
        ),
        false => failed(
            format!(
                "{detail}: it does not exist or this user has no role on it; its projects are {}{more}",
                clean(&named)
            ),
            "choose one of those, or ask the cloud's administrator for a role on the project",
        ),
    }
}

async fn projects(http: &Client, keystone: &Url, login: &Login) -> Result<Projects, Error> {
    let mut url = keystone.clone();
    url.set_path(&format!("{}/auth/projects", keystone.path().trim_end_matches('/')));
    let token = sensitive(login.token.expose_secret())?;
    let response =
        http.send(Request::get(url).limit(LIMIT).header(HeaderName::from_static("x-auth-token"), token)).await?;
    let body = response.body.bytes().await?;
    let unreadable = |err: serde_json::Error| Error::Unreadable {
        endpoint: "the list of projects".to_owned(),
        reason: clean(&err.to_string()),
    };
    serde_json::from_slice(&body).map_err(unreadable)
}

fn assumed(config: &Config) -> &'static str {
    match config.assumes_domain() {
        true => " (no domain was given, so the one with the id \"default\" was used)",
        false => "",
    }
}

fn failed(detail: String, remedy: &str) -> Finding {
    Finding::Failed { detail, remedy: remedy.to_owned() }
}
