use std::{sync::Arc, time::Duration};

use cloud::{
    CloudError,
    check::{Finding, Reporter, Subject},
};
use cloud_http::{Client, Exit, HttpError, Request, Trust, origin};
use futures_util::future::join_all;
use serde_json::Value;
use url::Url;

use crate::{
    Config,
    catalog::Service,
    keystone,
    validate::{failed, not_reached},
};

const GROUP: &str = "ports";
/// What listens and says nothing is given up soon: nothing here takes long.
const SILENCE: Duration = Duration::from_secs(5);
const LIMIT: usize = 1 << 20;

/// Looks, without any login, whether the control plane gets through to Keystone and to the default ports of the other
/// services on the same host: one check each, whose detail tells refused, silent and unroutable apart, whether TLS is
/// spoken, and whether something answers that looks like that service. A cloud may have its services elsewhere; only
/// a login tells (the catalog). Reports a wrong `url` or `trust` as the failed check `openstack.url`.
pub async fn check_ports(url: &str, trust: Trust, exit: Arc<Exit>, report: &Reporter) {
    let invalid = |detail: String| {
        let remedy = "correct the URL, for example https://keystone.example:5000/v3".to_owned();
        // Not the text: it may hold a password.
        report.found(Subject::required("openstack.url", GROUP, "url"), Finding::Failed { detail, remedy });
    };
    let config = Config { keystone_url: url.to_owned(), ..Config::default() };
    let typed = match config.url() {
        Ok(typed) => typed,
        Err(CloudError::Invalid { message, .. }) => return invalid(message),
        Err(err) => return invalid(err.to_string()),
    };
    let client = match Client::new(exit, trust) {
        Ok(client) => client,
        Err(err) => return invalid(err.to_string()),
    };
    let keystone = async {
        let subject = Subject::required("openstack.keystone.version", GROUP, typed.to_string());
        let look = async {
            match keystone::discover(&client, &typed).await {
                Ok(it) => (Finding::Passed(format!("identity API {} at {}", it.version, it.base)), ()),
                Err(err) => (failed(&err), ()),
            }
        };
        report.run(subject, look).await;
    };
    let ports = join_all(Service::ALL.map(|service| look_at(&client, &typed, service, report)));
    futures_util::join!(keystone, ports);
}

async fn look_at(client: &Client, typed: &Url, service: Service, report: &Reporter) {
    let mut url = typed.clone();
    url.set_path(if service == Service::ObjectStore { "/info" } else { "/" });
    if url.set_port(Some(service.default_port())).is_err() {
        return;
    }
    let host = url.host_str().unwrap_or_default();
    let id = format!("openstack.port.{}", service.as_str());
    let subject = Subject::optional(id, GROUP, format!("{host}:{}", service.default_port()));
    report.run(subject, async { (ask(client, &url, service).await, ()) }).await;
}

/// Speaks as Keystone's URL does, and the other way where that does not work.
async fn ask(client: &Client, url: &Url, service: Service) -> Finding {
    let first = answer(client, url, service).await;
    let is_about_scheme = matches!(
        first,
        Err(HttpError::NoTls { .. } | HttpError::Tls { .. } | HttpError::Protocol { .. })
            | Ok(Answer { status: 400 | 497, looks_right: false, .. })
    );
    let mut other = url.clone();
    let changed = other.set_scheme(if url.scheme() == "https" { "http" } else { "https" });
    let second = match changed {
        Ok(()) if is_about_scheme => answer(client, &other, service).await.ok().filter(|it| it.looks_right),
        _ => None,
    };
    match (second, first) {
        (Some(it), _) => it.finding(&other, service),
        (None, Ok(it)) => it.finding(url, service),
        (None, Err(err)) => not_reached(&err),
    }
}

struct Answer {
    status: u16,
    /// It answers as this service does.
    looks_right: bool,
    /// An OpenStack service of whatever kind.
    is_openstack: bool,
}

impl Answer {
    fn finding(self, url: &Url, service: Service) -> Finding {
        let tls = if url.scheme() == "https" { "with TLS" } else { "without TLS" };
        let (origin, name) = (origin(url), service.project_name());
        let status = self.status;
        match (self.looks_right, self.is_openstack) {
            (true, _) => Finding::Passed(format!("{origin} answers {tls} as {name} does")),
            (false, true) => Finding::Passed(format!("{origin} answers {tls} as an OpenStack service does ({status})")),
            (false, false) => Finding::Warning {
                detail: format!("{origin} answers {tls}, but not as {name} does ({status})"),
                remedy: "another program may have this port; the catalog tells where the service is".to_owned(),
            },
        }
    }
}

async fn answer(client: &Client, url: &Url, service: Service) -> Result<Answer, HttpError> {
    let response = client.send(Request::get(url.clone()).limit(LIMIT).silence(SILENCE)).await?;
    let status = response.status.as_u16();
    let has = |name: &str| !response.header(name).is_empty();
    let has_id = has("x-openstack-request-id") || has("x-compute-request-id") || has("x-trans-id");
    let body = response.body.bytes().await?;
    let json: Option<Value> = serde_json::from_slice(&body).ok();
    let has_key = |key: &str| json.as_ref().is_some_and(|it| it.get(key).is_some());
    let has_versions = has_key("versions") || has_key("version");
    let looks_right = match service {
        Service::ObjectStore => has_key("swift"),
        _ => has_versions,
    };
    Ok(Answer { status, looks_right, is_openstack: has_id || has_versions })
}
