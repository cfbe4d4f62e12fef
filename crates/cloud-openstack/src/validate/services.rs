use cloud::check::{Finding, Reporter, Subject};
use futures_util::future::{join, join_all};
use url::Url;

use super::{failed, lists, quotas};
use crate::{
    catalog::Service,
    describe::{extensions, has_extensions},
    discovery,
    session::{At, Session},
};

/// Extensions that something here needs, and what does not work without them.
const NEEDED: [(Service, &str, &str); 3] = [
    (Service::Network, "router", "no routers and floating IPs"),
    (Service::Network, "security-group", "no security groups"),
    (Service::Network, "external-net", "no public networks to choose from"),
];

/// Everything about one service in one region. True where it answers.
pub(super) async fn look(session: &Session, report: &Reporter, at: At<'_>) -> bool {
    let service = report.run(subject(at, "service"), versions(session, at)).await;
    let Some((url, is_usable)) = service else {
        skip_rest(report, at, &because(at, "service"));
        return false;
    };
    match &url {
        Some(url) => report.found(subject(at, "port"), port(at.service, url)),
        None => report.skipped(subject(at, "port"), because(at, "service")),
    }
    if !is_usable {
        skip_below(report, at, &because(at, "service"));
        return false;
    }
    let extensions = async {
        if has_extensions(at.service) {
            report.run(subject(at, "extensions"), look_at_extensions(session, at)).await;
        }
    };
    let lists = join_all(lists::of(at.service).iter().map(|list| async move {
        report.run(list_subject(at, list), async { (lists::look(session, at, list).await, ()) }).await;
    }));
    let quota = async {
        if quotas::has(at.service) {
            report.run(subject(at, "quota"), async { (quotas::look(session, at).await, ()) }).await;
        }
    };
    join(join(extensions, lists), quota).await;
    true
}

/// Reports all checks of a service as skipped.
pub(super) fn skip(report: &Reporter, at: At<'_>, why: &str) {
    report.skipped(subject(at, "service"), why);
    skip_rest(report, at, why);
}

fn skip_rest(report: &Reporter, at: At<'_>, why: &str) {
    report.skipped(subject(at, "port"), why);
    skip_below(report, at, why);
}

fn skip_below(report: &Reporter, at: At<'_>, why: &str) {
    if has_extensions(at.service) {
        report.skipped(subject(at, "extensions"), why);
    }
    for list in lists::of(at.service) {
        report.skipped(list_subject(at, list), why);
    }
    if quotas::has(at.service) {
        report.skipped(subject(at, "quota"), why);
    }
}

fn subject(at: At<'_>, what: &str) -> Subject {
    let service = at.service.as_str();
    Subject::optional(format!("openstack.{what}.{service}"), at.region, format!("{} {service}", at.region))
}

fn list_subject(at: At<'_>, list: &str) -> Subject {
    let target = format!("{} {}", at.region, at.service.as_str());
    Subject::optional(format!("openstack.list.{list}"), at.region, target)
}

fn because(at: At<'_>, what: &str) -> String {
    format!("not looked at, because openstack.{what}.{} did not pass", at.service.as_str())
}

/// Whether a service is in the catalog, can be reached and answers as itself. Beside the finding: its URL if the
/// catalog has one, and whether calls make sense.
async fn versions(session: &Session, at: At<'_>) -> (Finding, (Option<Url>, bool)) {
    let without = at.service.purpose();
    let located = async {
        session.login().await?.catalog.find(at.service, at.region, session.config.interface).map(|(url, _)| url)
    };
    let url = match located.await {
        Ok(url) => url,
        Err(err) => {
            let finding =
                Finding::Failed { detail: format!("{err}; without it there are {without}"), remedy: err.remedy() };
            return (finding, (None, false));
        }
    };
    let versions = match discovery::versions(session, at).await {
        Ok(versions) => versions,
        Err(err) => {
            let finding =
                Finding::Failed { detail: format!("{err}; without it there are {without}"), remedy: err.remedy() };
            return (finding, (Some(url), false));
        }
    };
    let shown: Vec<String> = versions.iter().map(|it| it.shown()).collect();
    let name = at.service.project_name();
    let detail = match shown.as_slice() {
        [first, .., last] if shown.len() > 3 => format!("{name} answers: {} versions, {first} to {last}", shown.len()),
        _ => format!("{name} answers: {}", shown.join(", ")),
    };
    let finding = match (session.typed().scheme(), url.scheme()) {
        ("https", "http") => Finding::Warning {
            detail: format!("{detail}; its URL {url} is not encrypted, so tokens can be read on the way"),
            remedy: "ask the cloud's administrator for https in the service catalog".to_owned(),
        },
        _ => Finding::Passed(detail),
    };
    (finding, (Some(url), true))
}

fn port(service: Service, url: &Url) -> Finding {
    let (host, port) = (url.host_str().unwrap_or_default(), url.port_or_known_default().unwrap_or_default());
    let default = service.default_port();
    Finding::Passed(match port == default {
        true => format!("{host} port {port} (the default)"),
        false => format!("{host} port {port}, not the default {default}; firewalls have to let {port} through"),
    })
}

async fn look_at_extensions(session: &Session, at: At<'_>) -> (Finding, ()) {
    let extensions = match extensions(session, at).await {
        Ok(extensions) => extensions.unwrap_or_default(),
        Err(err) => return (failed(&err), ()),
    };
    let lacks = |alias: &str| extensions.iter().all(|it| it.alias != alias);
    let missing: Vec<String> = NEEDED
        .iter()
        .filter(|(service, alias, _)| *service == at.service && lacks(alias))
        .map(|(_, alias, without)| format!("{alias} ({without})"))
        .collect();
    let n_extensions = extensions.len();
    let finding = match missing.is_empty() {
        true => Finding::Passed(format!("{n_extensions} extensions")),
        false => Finding::Warning {
            detail: format!("{n_extensions} extensions, but not {}", missing.join(", ")),
            remedy: "ask the cloud's administrator to enable them".to_owned(),
        },
    };
    (finding, ())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_port_than_the_default_is_information() {
        let check = |service, url: &str, expected: &str| match port(service, &url.parse().unwrap()) {
            Finding::Passed(detail) => assert_eq!(detail, expected),
            other => panic!("{other:?}"),
        };
        check(Service::Compute, "http://c:8774/v2.1", "c port 8774 (the default)");
        let other = "c port 443, not the default 8776; firewalls have to let 443 through";
        check(Service::Volume, "https://c/volume/v3/p", other);
        check(Service::Image, "http://[2001:db8::1]:9292", "[2001:db8::1] port 9292 (the default)");
    }
}
