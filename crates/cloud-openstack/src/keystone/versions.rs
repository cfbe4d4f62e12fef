use std::time::Duration;

use cloud_http::{Client, HttpError, Request};
use http::StatusCode;
use serde::Deserialize;
use url::Url;

use crate::{
    discovery::{VersionReply, is_version_segment, with_path},
    error::{ERROR_LIMIT, Error, Refusal, clean, message_of, shown},
};

/// Version documents are small.
const LIMIT: usize = 1 << 20;
/// A validation has 30 s for everything; a Keystone that is silent must not take them all.
const SILENCE: Duration = Duration::from_secs(10);

/// Where Keystone's v3 API is.
#[derive(Debug, Clone)]
pub(crate) struct Keystone {
    /// `…/v3`, at the host that was typed: links in answers are not followed, so the secret goes nowhere else.
    pub base: Url,
    /// `v3.14`.
    pub version: String,
}

/// Asks `…/v3` (200 with one version), and where that is none the base above it (300 with a list), to tell an
/// identity service that has only v2.0 from something that is no identity service.
/// <https://docs.openstack.org/api-ref/identity/v3/#api-versions>
pub(crate) async fn discover(http: &Client, typed: &Url) -> Result<Keystone, Error> {
    let prefix: Vec<&str> = typed.path().split('/').filter(|it| !it.is_empty()).collect();
    let prefix: Vec<&str> = prefix.into_iter().take_while(|it| !is_version_segment(it)).collect();
    let base = with_path(typed, &[prefix.as_slice(), &["v3"]].concat(), false);
    let first = match versions_at(http, &base).await {
        Ok(versions) => match versions.iter().find(|it| it.starts_with("v3")) {
            Some(version) => return Ok(Keystone { base, version: version.clone() }),
            None => return Err(too_old(&base, &versions)),
        },
        Err(err) => err,
    };
    // Nothing answers at all: asking again elsewhere on the host would only take longer.
    if let Error::Http(err) = &first
        && !matches!(err, HttpError::TooLarge { .. } | HttpError::Redirect { .. } | HttpError::Protocol { .. })
    {
        return Err(first);
    }
    match versions_at(http, &with_path(typed, &prefix, true)).await {
        Ok(versions) if !versions.iter().any(|it| it.starts_with("v3")) => Err(too_old(&base, &versions)),
        // The list promises v3, or there is no list: what `…/v3` itself said is the better reason.
        _ => Err(first),
    }
}

fn too_old(base: &Url, versions: &[String]) -> Error {
    let versions = clean(&versions.join(", "));
    Error::NoIdentityV3(format!(
        "{} offers only {versions}; v2.0 was removed from OpenStack in 2018 (Queens) and is not spoken here",
        shown(base)
    ))
}

/// The ids of the versions a URL offers (`v3.14`, `v2.0`).
async fn versions_at(http: &Client, url: &Url) -> Result<Vec<String>, Error> {
    #[derive(Deserialize)]
    struct Id {
        id: String,
    }
    let response = http.send(Request::get(url.clone()).limit(LIMIT).silence(SILENCE)).await?;
    let (status, endpoint) = (response.status, shown(url));
    let request_id = clean_id(response.header("x-openstack-request-id"));
    if status.is_success() || status == StatusCode::MULTIPLE_CHOICES {
        let body = response.body.bytes().await?;
        let reply: VersionReply<Id> = serde_json::from_slice(&body).map_err(|_| {
            let reason = format!("{status} with something that is no list of versions: {}", message_of(&body, &[]));
            Error::Unreadable { endpoint, reason }
        })?;
        return Ok(reply.into_versions().into_iter().map(|it| it.id).collect());
    }
    let message = message_of(&response.body.beginning(ERROR_LIMIT).await?, &[]);
    Err(Error::Refused(Refusal { endpoint, status: status.as_u16(), message, request_id }))
}

/// A request id is shown to people, so it may hold nothing but what one consists of.
pub(crate) fn clean_id(id: &str) -> String {
    id.chars().filter(|it| it.is_ascii_alphanumeric() || *it == '-').take(80).collect()
}
