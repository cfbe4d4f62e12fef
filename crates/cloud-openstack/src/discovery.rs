//! Which versions a service of the catalog offers, and where its API begins.

use serde::{Deserialize, Serialize};
use url::Url;

use crate::{
    catalog::Service,
    error::Error,
    session::{At, Session},
    swift,
};

/// The three forms of version documents: one (`/v3`, `/v2.1/`), a list (Nova, Neutron, Glance, Cinder), and Keystone's
/// list inside `values`.
#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum VersionReply<T> {
    One { version: T },
    Values { versions: Values<T> },
    Many { versions: Vec<T> },
}

#[derive(Deserialize)]
pub(crate) struct Values<T> {
    values: Vec<T>,
}

impl<T> VersionReply<T> {
    pub fn into_versions(self) -> Vec<T> {
        match self {
            VersionReply::One { version } => vec![version],
            VersionReply::Values { versions } => versions.values,
            VersionReply::Many { versions } => versions,
        }
    }
}

/// One version of a service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all(serialize = "camelCase"))]
pub(crate) struct Version {
    /// `v2.1`, `v3.0`; for Swift the release (`2.38.3`).
    pub id: String,
    /// `CURRENT`, `SUPPORTED`, `stable`, `DEPRECATED`; empty where not told.
    #[serde(default)]
    pub status: String,
    /// The lowest microversion; empty where the service has none.
    #[serde(default)]
    pub min_version: String,
    /// The highest microversion.
    #[serde(default, rename(deserialize = "version", serialize = "maxVersion"))]
    pub max_version: String,
}

impl Version {
    /// `v2.1 (microversions 2.1 to 2.104)`.
    pub fn shown(&self) -> String {
        match self.max_version.as_str() {
            "" => self.id.clone(),
            max => format!("{} (microversions {} to {max})", self.id, self.min_version),
        }
    }
}

/// Asks a service for its versions, the newest last.
pub(crate) async fn versions(session: &Session, at: At<'_>) -> Result<Vec<Version>, Error> {
    if at.service == Service::ObjectStore {
        return swift::versions(session, at).await;
    }
    let reply: VersionReply<Version> = session.get_at(at, |url, _| version_document(at.service, url)).await?;
    let mut versions = reply.into_versions();
    versions.sort_by_key(|it| number(&it.id));
    Ok(versions)
}

/// `v2.17` as (2, 17).
fn number(id: &str) -> (u32, u32) {
    let mut parts = id.trim_start_matches('v').split('.').map(|it| it.parse().unwrap_or(0));
    (parts.next().unwrap_or(0), parts.next().unwrap_or(0))
}

/// Where a service tells its versions. With the slash at the end, because without it some services redirect to a URL
/// that a proxy in front of them does not know.
fn version_document(service: Service, url: &Url) -> Url {
    let segments = segments(url);
    let version = segments.iter().position(|it| is_version_segment(it));
    let kept = match (version, service) {
        // Neutron and Glance answer only above their version.
        (Some(at), Service::Network | Service::Image) => &segments[..at],
        (Some(at), _) => &segments[..=at],
        (None, _) => &segments[..],
    };
    with_path(url, kept, true)
}

/// Where the calls of a service begin: the catalog's URL, and its version where the catalog leaves it out.
pub(crate) fn api_base(service: Service, url: &Url, project_id: &str) -> Url {
    let segments = segments(url);
    if service == Service::ObjectStore || segments.iter().any(|it| is_version_segment(it)) {
        return with_path(url, &segments, false);
    }
    let added: &[&str] = match service {
        Service::Compute => &["v2.1"],
        Service::Identity => &["v3"],
        Service::Network => &["v2.0"],
        Service::Image => &["v2"],
        // Before 2021 (microversion 3.67) Cinder wants the project in the path.
        Service::Volume => &["v3", project_id],
        Service::ObjectStore => &[],
    };
    with_path(url, &[segments.as_slice(), added].concat(), false)
}

fn segments(url: &Url) -> Vec<&str> {
    url.path().split('/').filter(|it| !it.is_empty()).collect()
}

/// `v3`, `v2.0`, `v2.1`.
pub(crate) fn is_version_segment(segment: &str) -> bool {
    let digits = segment.strip_prefix('v').unwrap_or_default();
    digits.starts_with(|it: char| it.is_ascii_digit()) && digits.chars().all(|it| it.is_ascii_digit() || it == '.')
}

/// The same host with another path, without query. The segments are as they stand in a URL, already encoded.
pub(crate) fn with_path(url: &Url, segments: &[&str], slash: bool) -> Url {
    let mut changed = url.clone();
    let end = if slash && !segments.is_empty() { "/" } else { "" };
    changed.set_path(&format!("/{}{end}", segments.join("/")));
    changed.set_query(None);
    changed.set_fragment(None);
    changed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(service: Service, catalog: &str, document: &str, base: &str) {
        let url: Url = catalog.parse().unwrap();
        assert_eq!(version_document(service, &url).as_str(), document, "{catalog}");
        assert_eq!(api_base(service, &url, "p1").as_str(), base, "{catalog}");
    }

    #[test]
    fn catalogs_write_urls_in_many_ways() {
        check(Service::Compute, "http://c:8774/v2.1", "http://c:8774/v2.1/", "http://c:8774/v2.1");
        check(Service::Compute, "http://c/compute/v2.1/p1", "http://c/compute/v2.1/", "http://c/compute/v2.1/p1");
        check(Service::Compute, "http://c:8774/", "http://c:8774/", "http://c:8774/v2.1");
        check(Service::Network, "http://c:9696", "http://c:9696/", "http://c:9696/v2.0");
        check(Service::Network, "http://c/networking/v2.0/", "http://c/networking/", "http://c/networking/v2.0");
        check(Service::Image, "http://c/image", "http://c/image/", "http://c/image/v2");
        check(Service::Image, "https://c:9292/v2", "https://c:9292/", "https://c:9292/v2");
        check(Service::Volume, "http://c:8776/v3/p1", "http://c:8776/v3/", "http://c:8776/v3/p1");
        check(Service::Volume, "http://c/volume", "http://c/volume/", "http://c/volume/v3/p1");
        check(
            Service::Identity,
            "http://[2001:db8::1]/identity",
            "http://[2001:db8::1]/identity/",
            "http://[2001:db8::1]/identity/v3",
        );
    }

    #[test]
    fn every_form_of_version_document_is_read() {
        let read = |text: &str| -> Vec<Version> {
            serde_json::from_str::<VersionReply<Version>>(text).unwrap().into_versions()
        };
        let one = read(r#"{"version": {"id": "v2.1", "status": "CURRENT", "version": "2.104", "min_version": "2.1"}}"#);
        assert_eq!(one[0].shown(), "v2.1 (microversions 2.1 to 2.104)");
        assert_eq!(read(r#"{"versions": {"values": [{"id": "v3.14", "status": "stable"}]}}"#)[0].shown(), "v3.14");
        assert_eq!(read(r#"{"versions": [{"id": "v2.0"}, {"id": "v2.1"}]}"#).len(), 2);
    }
}
