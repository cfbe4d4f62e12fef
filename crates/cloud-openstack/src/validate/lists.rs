use cloud::check::Finding;
use serde::{Deserialize, de::IgnoredAny};

use super::failed;
use crate::{
    catalog::Service,
    error::Error,
    pages::Link,
    session::{At, Get, Session},
    swift,
};

/// What is counted of each service.
pub(super) fn of(service: Service) -> &'static [&'static str] {
    match service {
        Service::Compute => &["flavors", "servers"],
        Service::Identity => &[],
        Service::Network => &["networks"],
        Service::ObjectStore => &["containers"],
        Service::Image => &["images"],
        Service::Volume => &["volumes"],
    }
}

/// Whether this credential may list something, and how much is there. Reads one page.
pub(super) async fn look(session: &Session, at: At<'_>, list: &str) -> Finding {
    match count(session, at, list).await {
        Ok((n_seen, false)) => Finding::Passed(format!("{n_seen} {list} seen")),
        Ok((n_seen, true)) => Finding::Passed(format!("more than {n_seen} {list} seen")),
        Err(Error::Refused(refusal)) if refusal.status == 403 => Finding::Warning {
            detail: format!("{list} may not be listed: {refusal}"),
            remedy: Error::Refused(refusal).remedy(),
        },
        Err(err) => failed(&err),
    }
}

/// One page of any list, of which only the number counts.
#[derive(Deserialize)]
struct Page {
    #[serde(alias = "flavors", alias = "servers", alias = "networks", alias = "images", alias = "volumes")]
    items: Option<Vec<IgnoredAny>>,
    #[serde(default, alias = "flavors_links", alias = "servers_links", alias = "networks_links")]
    #[serde(alias = "volumes_links")]
    links: Vec<Link>,
    /// Of images.
    #[serde(default)]
    next: Option<IgnoredAny>,
}

/// How many are on the first page, and whether there are more pages.
async fn count(session: &Session, at: At<'_>, list: &str) -> Result<(usize, bool), Error> {
    if at.service == Service::ObjectStore {
        let n_containers = swift::first_page(session, at.region).await?.len();
        return Ok((n_containers, n_containers == 1000));
    }
    let path = format!("/{list}");
    // Only ids, where a service can be asked for less.
    let query: &[(&str, &str)] = match at.service {
        Service::Network => &[("limit", "1000"), ("fields", "id")],
        _ => &[("limit", "1000")],
    };
    let call = Get::new(at, &path).query(query);
    let (url, body) = session.get_body(&call).await?;
    let page: Page = session.parse(&url, &body)?;
    let Some(items) = page.items else {
        let reason = format!("the answer has no {list}");
        return Err(Error::Unreadable { endpoint: crate::error::shown(&url), reason });
    };
    let more = page.next.is_some() || page.links.iter().any(Link::is_next);
    // Services promise a next page also after a full last one.
    Ok((items.len(), more && !items.is_empty()))
}
