use std::collections::BTreeMap;

use cloud::check::Finding;
use serde_json::Value;

use super::failed;
use crate::{
    catalog::Service,
    error::Error,
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
    let page: BTreeMap<String, Value> = session.parse(&url, &body)?;
    let Some(items) = page.get(list).and_then(Value::as_array) else {
        let reason = format!("the answer has no {list}");
        return Err(Error::Unreadable { endpoint: crate::error::shown(&url), reason });
    };
    let links = page.get(&format!("{list}_links")).and_then(Value::as_array);
    let is_next = |it: &Value| it.get("rel").and_then(Value::as_str) == Some("next");
    let more = links.is_some_and(|it| it.iter().any(is_next)) || page.get("next").is_some_and(Value::is_string);
    // Services promise a next page also after a full last one.
    Ok((items.len(), more && !items.is_empty()))
}
