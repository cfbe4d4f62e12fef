use std::collections::BTreeSet;

use cloud_http::{Client, Request, Response};
use http::{HeaderName, HeaderValue, Method, header};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use crate::{
    AuthType, Config,
    catalog::Catalog,
    config::{Domain, given},
    error::{ERROR_LIMIT, Error, Refusal, clean, message_of, shown},
    keystone::versions::clean_id,
};

/// A token with the catalog of a large cloud.
const LIMIT: usize = 4 << 20;
const AUTH_TOKEN: HeaderName = HeaderName::from_static("x-auth-token");
const SUBJECT_TOKEN: HeaderName = HeaderName::from_static("x-subject-token");

/// What Keystone let in.
pub(crate) struct Login {
    pub token: SecretString,
    pub user: Named,
    pub project: Option<Named>,
    /// By name: Keystone's order changes from token to token.
    pub roles: Vec<String>,
    pub catalog: Catalog,
    pub password_expires_at: Option<Timestamp>,
}

/// A user or project with its domain.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Named {
    pub id: String,
    #[serde(default)]
    pub name: String,
    #[serde(default)]
    domain: Option<DomainName>,
    /// Times are UTC without a zone (`2026-11-22T10:06:21.000000`).
    #[serde(default)]
    password_expires_at: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
struct DomainName {
    #[serde(default)]
    name: String,
}

impl Named {
    /// `demo (domain Default)`.
    pub fn shown(&self) -> String {
        let domain = self.domain.as_ref().map(|it| it.name.as_str()).filter(|it| !it.is_empty());
        domain.map_or(clean(&self.name), |domain| clean(&format!("{} (domain {domain})", self.name)))
    }
}

/// What the token is to be good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    /// The project of the configuration.
    Project,
    /// Nothing: only who it is.
    None,
}

/// The body of Keystone's answer (<https://docs.openstack.org/api-ref/identity/v3/#password-authentication-with-scoped-authorization>).
#[derive(Deserialize)]
struct Reply {
    token: Token,
}

#[derive(Deserialize)]
struct Token {
    user: Named,
    #[serde(default)]
    project: Option<Named>,
    #[serde(default)]
    roles: Vec<Role>,
    #[serde(default)]
    catalog: Vec<Value>,
}

#[derive(Deserialize)]
struct Role {
    #[serde(default)]
    name: String,
}

/// Asks Keystone for a token of our own, which is ours to end. [`Error::Login`] when it refuses the credential.
pub(crate) async fn log_in(
    http: &Client,
    keystone: &Url,
    config: &Config,
    secret: &SecretString,
    scope: Scope,
) -> Result<Login, Error> {
    if config.auth_type != AuthType::Token || has_project(config) || scope == Scope::None {
        return ask(http, keystone, config, secret, scope).await;
    }
    // The given token would be sent to every service of the catalog, so one for the same project is asked for.
    let project_id = Some(project_of(http, keystone, secret).await?);
    match ask(http, keystone, &Config { project_id, ..config.clone() }, secret, scope).await {
        Err(Error::Login(refusal)) => Err(Error::NoExchange(refusal)),
        outcome => outcome,
    }
}

async fn ask(
    http: &Client,
    keystone: &Url,
    config: &Config,
    secret: &SecretString,
    scope: Scope,
) -> Result<Login, Error> {
    let url = tokens_url(keystone);
    let body = json!({ "auth": auth(config, secret.expose_secret(), scope) });
    let request = Request::post(url.clone(), body.to_string())
        .header(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))
        .read_only();
    let response = http.send(request.limit(LIMIT)).await?;
    let made = response.headers.get(SUBJECT_TOKEN).and_then(|it| it.to_str().ok()).map(SecretString::from);
    let reply: Reply = parse(&read(response, &url, secret).await?, &url, secret)?;
    let token = made.ok_or_else(|| unreadable(&url, "there is no X-Subject-Token header", secret))?;
    let Token { user, project, roles, catalog } = reply.token;
    let catalog = Catalog::read(catalog).map_err(|why| unreadable(&url, &why, secret))?;
    if scope == Scope::Project && project.is_none() {
        return Err(Error::NoProject);
    }
    // The time has no zone in this field, and one (Z) in the others.
    let password_expires_at = user.password_expires_at.as_deref().map(|it| format!("{}Z", it.trim_end_matches('Z')));
    Ok(Login {
        token,
        password_expires_at: password_expires_at.and_then(|it| it.parse().ok()),
        user,
        project,
        roles: roles.into_iter().map(|it| it.name).collect::<BTreeSet<_>>().into_iter().collect(),
        catalog,
    })
}

/// The id of the project that a token is for.
async fn project_of(http: &Client, keystone: &Url, token: &SecretString) -> Result<String, Error> {
    let url = tokens_url(keystone);
    let request = Request::get(url.clone())
        .header(AUTH_TOKEN, sensitive(token.expose_secret())?)
        .header(SUBJECT_TOKEN, sensitive(token.expose_secret())?);
    let body = read(http.send(request.limit(LIMIT)).await?, &url, token).await?;
    parse(&body, &url, token)?.token.project.map(|it| it.id).ok_or(Error::NoProject)
}

fn parse(body: &[u8], url: &Url, secret: &SecretString) -> Result<Reply, Error> {
    serde_json::from_slice(body).map_err(|err| unreadable(url, &err.to_string(), secret))
}

/// Ends a token.
pub(crate) async fn log_out(http: &Client, keystone: &Url, token: &SecretString) -> Result<(), Error> {
    let url = tokens_url(keystone);
    let request = Request::new(Method::DELETE, url.clone())
        .header(AUTH_TOKEN, sensitive(token.expose_secret())?)
        .header(SUBJECT_TOKEN, sensitive(token.expose_secret())?);
    read(http.send(request).await?, &url, token).await.map(|_| ())
}

pub(crate) fn sensitive(token: &str) -> Result<HeaderValue, Error> {
    let mut value = HeaderValue::from_str(token).map_err(|_| Error::Unreadable {
        endpoint: "the token".to_owned(),
        reason: "it holds characters that no token has".to_owned(),
    })?;
    value.set_sensitive(true);
    Ok(value)
}

/// The body of a good answer; otherwise who refused what. Keystone answers 401 for a wrong user, password, project or
/// domain, and 404 for a token or application credential that is gone.
async fn read(response: Response, url: &Url, secret: &SecretString) -> Result<bytes::Bytes, Error> {
    let status = response.status;
    let request_id = clean_id(response.header("x-openstack-request-id"));
    if status.is_success() {
        return Ok(response.body.bytes().await?);
    }
    let body = response.body.beginning(ERROR_LIMIT).await?;
    let is_keystone = serde_json::from_slice::<Value>(&body).is_ok_and(|it| it.get("error").is_some());
    let message = message_of(&body, std::slice::from_ref(secret));
    let refusal = Refusal { endpoint: shown(url), status: status.as_u16(), message, request_id };
    match status.as_u16() {
        401 | 403 => Err(Error::Login(refusal)),
        404 if is_keystone => Err(Error::Login(refusal)),
        _ => Err(Error::Refused(refusal)),
    }
}

fn unreadable(url: &Url, reason: &str, secret: &SecretString) -> Error {
    Error::Unreadable { endpoint: shown(url), reason: clean(&cloud::without(reason, [secret])) }
}

fn tokens_url(keystone: &Url) -> Url {
    let mut url = keystone.clone();
    url.set_path(&format!("{}/auth/tokens", keystone.path().trim_end_matches('/')));
    url
}

fn has_project(config: &Config) -> bool {
    given(&config.tenant_name).or(given(&config.project_id)).is_some()
}

/// The `auth` object of a request for a token.
fn auth(config: &Config, secret: &str, scope: Scope) -> Value {
    let user = || match (given(&config.user_id), given(&config.user_name)) {
        (Some(id), _) => json!({ "id": id }),
        (None, name) => json!({ "name": name, "domain": domain(config.user_domain()) }),
    };
    let (method, body) = match config.auth_type {
        AuthType::Password => {
            let mut user = user();
            user["password"] = secret.into();
            ("password", json!({ "user": user }))
        }
        AuthType::ApplicationCredential => (
            "application_credential",
            match given(&config.application_credential_id) {
                Some(id) => json!({ "id": id, "secret": secret }),
                None => {
                    json!({ "name": given(&config.application_credential_name), "secret": secret, "user": user() })
                }
            },
        ),
        AuthType::Token => ("token", json!({ "id": secret })),
    };
    let mut auth = json!({ "identity": { "methods": [method], method: body } });
    if scope == Scope::None {
        auth["scope"] = "unscoped".into();
    } else if has_project(config) {
        auth["scope"] = match (given(&config.project_id), given(&config.tenant_name)) {
            (Some(id), _) => json!({ "project": { "id": id } }),
            (None, name) => json!({ "project": { "name": name, "domain": domain(config.project_domain()) } }),
        };
    }
    auth
}

fn domain(domain: Domain<'_>) -> Value {
    match domain {
        Domain::Id(id) => json!({ "id": id }),
        Domain::Name(name) => json!({ "name": name }),
        Domain::Assumed => json!({ "id": "default" }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(config: Config, expected: Value) {
        assert_eq!(auth(&config, "s", Scope::Project), expected);
    }

    fn text(it: &str) -> Option<String> {
        Some(it.to_owned())
    }

    #[test]
    fn the_request_names_users_and_projects_as_they_were_given() {
        check(
            Config { user_name: text("u"), tenant_name: text("p"), ..Config::default() },
            json!({
                "identity": { "methods": ["password"], "password": {
                    "user": { "name": "u", "domain": { "id": "default" }, "password": "s" } } },
                "scope": { "project": { "name": "p", "domain": { "id": "default" } } },
            }),
        );
        check(
            Config {
                user_id: text("u1"),
                project_id: text("p1"),
                user_domain_name: text("unused"),
                ..Config::default()
            },
            json!({
                "identity": { "methods": ["password"], "password": { "user": { "id": "u1", "password": "s" } } },
                "scope": { "project": { "id": "p1" } },
            }),
        );
        check(
            Config {
                auth_type: AuthType::ApplicationCredential,
                application_credential_id: text("a1"),
                ..Config::default()
            },
            json!({ "identity": { "methods": ["application_credential"],
                "application_credential": { "id": "a1", "secret": "s" } } }),
        );
        check(
            Config {
                auth_type: AuthType::Token,
                tenant_name: text("p"),
                project_domain_name: text("d"),
                ..Config::default()
            },
            json!({
                "identity": { "methods": ["token"], "token": { "id": "s" } },
                "scope": { "project": { "name": "p", "domain": { "name": "d" } } },
            }),
        );
    }
}
