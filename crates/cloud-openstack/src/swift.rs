//! Object Store API v1 (<https://docs.openstack.org/api-ref/object-store/>), as Swift and Ceph's gateway speak it.

use async_stream::try_stream;
use cloud::inventory::Resource;
use futures_util::Stream;
use serde::Deserialize;
use serde_json::json;
use url::Url;

use crate::{
    catalog::Service,
    discovery::{Version, with_path},
    error::Error,
    inventory::attributes,
    pages::MAX_PAGES,
    session::{At, Get, Session},
};

const PAGE: usize = 1000;

/// One entry of `GET {account}?format=json`.
#[derive(Deserialize)]
struct SwiftContainer {
    name: String,
    /// Objects.
    #[serde(default)]
    count: u64,
    #[serde(default)]
    bytes: u64,
    #[serde(default)]
    last_modified: Option<String>,
    #[serde(default)]
    storage_policy: Option<String>,
}

/// All containers of the account. A page shorter than asked for is not the last; an empty one is.
pub(crate) fn containers<'a>(
    session: &'a Session,
    region: &'a str,
) -> impl Stream<Item = Result<Vec<Resource>, Error>> + Send + 'a {
    try_stream! {
        let size = PAGE.to_string();
        let mut marker = String::new();
        let endless = || Error::Unreadable {
            endpoint: "the object-store service".to_owned(),
            reason: "the list of containers does not end".to_owned(),
        };
        for n_pages in 0.. {
            if n_pages > MAX_PAGES {
                Err(endless())?;
            }
            let query = [("format", "json"), ("limit", size.as_str()), ("marker", marker.as_str())];
            let containers: Vec<SwiftContainer> = page(session, region, &query).await?;
            let last = containers.last().map(|it| it.name.clone());
            yield containers.into_iter().map(resource).collect();
            match last {
                // Names ascend, so a marker that does not grow would go round for ever.
                Some(last) if last > marker => marker = last,
                Some(_) => Err(endless())?,
                None => break,
            }
        }
    }
}

/// The names of the containers on the first page.
pub(crate) async fn first_page(session: &Session, region: &str) -> Result<Vec<String>, Error> {
    let query = [("format", "json"), ("limit", "1000")];
    Ok(page(session, region, &query).await?.into_iter().map(|it| it.name).collect())
}

async fn page(session: &Session, region: &str, query: &[(&str, &str)]) -> Result<Vec<SwiftContainer>, Error> {
    let call = Get::new(At { service: Service::ObjectStore, region }, "").query(query);
    let (url, body) = session.get_body(&call).await?;
    // 204: none at all.
    if body.is_empty() { Ok(Vec::new()) } else { session.parse(&url, &body) }
}

fn resource(it: SwiftContainer) -> Resource {
    Resource {
        cloud_id: it.name.clone(),
        name: it.name,
        status: None,
        parent: None,
        capacity_bytes: None,
        free_bytes: None,
        attributes: attributes(json!({
            "objectCount": it.count,
            "usedBytes": it.bytes,
            "lastModified": it.last_modified,
            "storagePolicy": it.storage_policy,
        })),
    }
}

/// The release that `GET /info` tells, which may be turned off; then nothing is known but that the service is there.
pub(crate) async fn versions(session: &Session, at: At<'_>) -> Result<Vec<Version>, Error> {
    #[derive(Deserialize)]
    struct Info {
        swift: Swift,
    }
    #[derive(Deserialize)]
    struct Swift {
        #[serde(default)]
        version: String,
    }
    let version =
        |id: String| Version { id, status: String::new(), min_version: String::new(), max_version: String::new() };
    match session.get_at::<Info>(at, |url, _| info_url(url)).await {
        Ok(Info { swift }) => Ok(vec![version(swift.version)]),
        // An answer of the service nevertheless: `expose_info = false`.
        Err(err) if matches!(err.status(), Some(401 | 403)) => Ok(vec![version("v1".to_owned())]),
        Err(err) => Err(err),
    }
}

/// `…/info` above the version: `/info` for Swift, `/swift/info` for Ceph.
fn info_url(url: &Url) -> Url {
    let segments: Vec<&str> = url.path().split('/').filter(|it| !it.is_empty()).collect();
    let above = segments.iter().take_while(|it| **it != "v1").copied();
    let info: Vec<&str> = above.chain(["info"]).collect();
    with_path(url, &info, false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn info_is_above_the_version() {
        let check = |url: &str, expected: &str| assert_eq!(info_url(&url.parse().unwrap()).as_str(), expected);
        check("http://s:8080/v1/AUTH_p", "http://s:8080/info");
        check("https://s/swift/v1", "https://s/swift/info");
    }
}
