use std::collections::BTreeSet;

use cloud::{
    CloudError,
    server::{CloudServer, Mark, Order, Phase},
};
use futures_util::{StreamExt, pin_mut};
use serde::Deserialize;

use super::servers::{NovaServer, PAGE, Reply, power_state};
use crate::{
    catalog::Service,
    error::{Error, clean},
    neutron::ports::{self, Port},
    pages::pages,
    session::{At, Get, Session},
};

/// From here on (Nova 16, 2017) a server has tags from the moment it is made.
/// <https://docs.openstack.org/nova/latest/reference/api-microversion-history.html>
pub(super) const WITH_TAGS: &str = "2.52";
/// The mark as metadata, for whoever looks at a server in its cloud.
pub(super) const METADATA_KEY: &str = "stackyard-server";

const TAG_PREFIX: &str = "stackyard-";

/// The tag of our servers, and what the names of their ports begin with.
pub(crate) fn tag(mark: Mark) -> String {
    format!("{TAG_PREFIX}{mark}")
}

impl NovaServer {
    pub(super) fn is_marked(&self, mark: Mark) -> bool {
        let is_tagged = self.tags.contains(&tag(mark));
        is_tagged || self.metadata.get(METADATA_KEY).is_some_and(|it| *it == mark.to_string())
    }

    /// What it bears, whosever it is. The tag first, as in [`NovaServer::is_marked`].
    pub(super) fn mark(&self) -> Option<Mark> {
        let of_tag = self.tags.iter().find_map(|it| it.strip_prefix(TAG_PREFIX)?.parse().ok());
        of_tag.or_else(|| self.metadata.get(METADATA_KEY)?.parse().ok()).map(Mark)
    }

    pub(super) fn is_being_removed(&self) -> bool {
        let by_task = matches!(self.task_state.as_deref(), Some("deleting" | "soft-deleting"));
        by_task || matches!(self.status.as_deref(), Some("DELETED" | "SOFT_DELETED"))
    }
}

/// The servers with this mark as the caller sees them.
pub(crate) async fn find(
    session: &Session,
    region: &str,
    mark: Mark,
    order: Option<&Order>,
) -> Result<Vec<CloudServer>, CloudError> {
    let mut found = Vec::new();
    for server in list(session, region, mark, order).await.map_err(|err| too_old(region, err))?.servers {
        let is_failed = server.status.as_deref() == Some("ERROR");
        let request_id = if is_failed { last_request(session, region, &server.id).await? } else { None };
        found.push(cloud_server(server, request_id));
    }
    Ok(found)
}

/// What carries a mark.
#[derive(Default)]
pub(super) struct Marked {
    pub servers: Vec<NovaServer>,
    /// Read only where Nova lists no server.
    pub ports: Option<Vec<Port>>,
}

/// All servers with this mark. Nova lists a server by its tag from the answer to its order on, before any cell has it
/// and also when none wants it. It does not list those of a cell that is away, those deleted but kept for a while, and
/// those whose tag somebody took off: so where the list is empty, the order and the server that holds our port are
/// looked at, and an error of these is an error.
pub(super) async fn list(session: &Session, region: &str, mark: Mark, order: Option<&Order>) -> Result<Marked, Error> {
    let (tag, ordered) = (tag(mark), order.map(|it| it.id.as_str()));
    let query = [("tags", tag.as_str())];
    let call = Get::new(At { service: Service::Compute, region }, "/servers/detail").query(&query);
    let listed = pages::<Reply>(session, Get { microversion: Some(WITH_TAGS), ..call }, PAGE);
    pin_mut!(listed);
    let mut servers = Vec::new();
    while let Some(page) = listed.next().await {
        // A cloud that overlooks the filter must not make all servers ours.
        servers.extend(page?.into_iter().filter(|it| it.is_marked(mark)));
    }
    let mut others: BTreeSet<String> = ordered.into_iter().map(str::to_owned).collect();
    let mut ports = None;
    if servers.is_empty() {
        let found = ports::list(session, region, mark).await?;
        others.extend(found.iter().filter_map(|it| it.server_id.clone()));
        ports = Some(found);
    }
    for id in others {
        if servers.iter().all(|it| it.id != id)
            && let Some(server) = find_one(session, region, &id).await?
            && (server.is_marked(mark) || ordered == Some(id.as_str()))
        {
            servers.push(server);
        }
    }
    Ok(Marked { servers, ports })
}

/// `GET /servers/{id}`; `None` when it was deleted.
pub(super) async fn find_one(session: &Session, region: &str, id: &str) -> Result<Option<NovaServer>, Error> {
    find_as(session, region, id, Some(WITH_TAGS)).await
}

/// [`find_one`] as a version of Nova tells it; `None` is the oldest, without tags and with the id of the flavor.
pub(super) async fn find_as(
    session: &Session,
    region: &str,
    id: &str,
    microversion: Option<&'static str>,
) -> Result<Option<NovaServer>, Error> {
    #[derive(Deserialize)]
    struct One {
        server: NovaServer,
    }
    let Some(path) = path(id) else { return Ok(None) };
    let call = Get::new(At { service: Service::Compute, region }, &path);
    match session.get::<One>(&Get { microversion, ..call }).await {
        Ok(One { server }) => Ok(Some(server)),
        Err(err) if err.status() == Some(404) => Ok(None),
        Err(err) => Err(err),
    }
}

/// Where a server is; `None` for what is no id of Nova's (all are UUIDs), and could lead elsewhere.
pub(super) fn path(id: &str) -> Option<String> {
    uuid::Uuid::parse_str(id).ok().map(|id| format!("/servers/{id}"))
}

/// The request that a server was last subject to, by `GET /servers/{id}/os-instance-actions`, which begins with the
/// newest. `None` where this credential may not read it.
pub(super) async fn last_request(session: &Session, region: &str, id: &str) -> Result<Option<String>, Error> {
    #[derive(Deserialize)]
    struct Action {
        #[serde(default)]
        request_id: Option<String>,
    }
    #[derive(Deserialize)]
    struct Actions {
        #[serde(rename = "instanceActions")]
        actions: Vec<Action>,
    }
    let path = format!("/servers/{id}/os-instance-actions");
    let call = Get::new(At { service: Service::Compute, region }, &path);
    match session.get::<Actions>(&Get { microversion: Some(WITH_TAGS), ..call }).await {
        Ok(it) => Ok(it.actions.into_iter().next().and_then(|it| it.request_id).map(|it| clean(&it))),
        Err(err) if matches!(err.status(), Some(403 | 404)) => Ok(None),
        Err(err) => Err(err),
    }
}

pub(crate) fn too_old(region: &str, err: Error) -> CloudError {
    match err.status() {
        Some(406) => CloudError::Unsupported(format!(
            "servers need a Nova of 2017 or later, with microversion {WITH_TAGS} for their tags; in {region} {err}"
        )),
        _ => err.into(),
    }
}

/// Why a server is in `ERROR`, in the words of Nova.
pub(super) fn fault(it: &NovaServer, request_id: Option<String>) -> String {
    let (message, code) = it.fault.as_ref().map_or(("", None), |it| (it.message.as_str(), it.code));
    let code = code.map(|it| format!("fault {it}"));
    let request = request_id.map(|it| format!("request {it}"));
    let evidence: Vec<String> = code.into_iter().chain(request).collect();
    let evidence = if evidence.is_empty() { String::new() } else { format!(" ({})", evidence.join(", ")) };
    format!("{}{evidence}", clean(message))
}

/// `request_id` is wanted for a server in `ERROR` alone.
pub(super) fn cloud_server(it: NovaServer, request_id: Option<String>) -> CloudServer {
    let status = it.status.clone().unwrap_or_else(|| "UNKNOWN".to_owned());
    let phase = match status.as_str() {
        _ if it.is_being_removed() => Phase::Removing,
        "BUILD" => Phase::Building,
        "ERROR" => Phase::Failed { message: fault(&it, request_id) },
        _ => Phase::Ready,
    };
    CloudServer {
        phase,
        power_state: power_state(it.power_state, &status),
        addresses: it.addresses(),
        name: it.name.filter(|it| !it.is_empty()).unwrap_or_else(|| it.id.clone()),
        created_at: it.created.as_deref().and_then(|it| it.parse().ok()),
        cloud_id: Some(it.id),
        status,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(fields: &str) -> NovaServer {
        serde_json::from_str(&format!(r#"{{"id": "s1"{fields}}}"#)).unwrap()
    }

    #[test]
    fn phases_follow_status_and_task() {
        let check = |fields: &str, expected: Phase| {
            assert_eq!(cloud_server(server(fields), None).phase, expected, "{fields}");
        };
        check(r#", "status": "BUILD", "OS-EXT-STS:task_state": "spawning""#, Phase::Building);
        check(r#", "status": "BUILD", "OS-EXT-STS:task_state": "deleting""#, Phase::Removing);
        check(r#", "status": "ERROR", "OS-EXT-STS:task_state": "deleting""#, Phase::Removing);
        check(r#", "status": "SOFT_DELETED""#, Phase::Removing);
        for status in ["ACTIVE", "SHUTOFF", "SUSPENDED", "PAUSED", "RESIZE", "VERIFY_RESIZE", "REBOOT", "MIGRATING"] {
            check(&format!(r#", "status": "{status}", "OS-EXT-STS:task_state": null"#), Phase::Ready);
        }
    }

    #[test]
    fn a_failure_is_in_the_words_of_the_cloud() {
        let check = |fields: &str, request_id: Option<&str>, expected: &str| {
            let phase = cloud_server(server(fields), request_id.map(str::to_owned)).phase;
            assert_eq!(phase, Phase::Failed { message: expected.to_owned() });
        };
        let fault = r#", "status": "ERROR", "fault": {"code": 500, "message": "No valid host was found. "}"#;
        check(fault, Some("req-1"), "No valid host was found. (fault 500, request req-1)");
        check(fault, None, "No valid host was found. (fault 500)");
        check(r#", "status": "ERROR""#, None, "(no text)");
    }

    #[test]
    fn only_what_carries_the_mark_is_ours() {
        let mark = Mark(uuid::Uuid::from_u128(7));
        assert!(server(&format!(r#", "tags": ["x", "{}"]"#, tag(mark))).is_marked(mark));
        assert!(server(&format!(r#", "metadata": {{"stackyard-server": "{mark}"}}"#)).is_marked(mark));
        assert!(!server(&format!(r#", "tags": ["{}"]"#, tag(Mark(uuid::Uuid::from_u128(8))))).is_marked(mark));
        assert!(!server("").is_marked(mark));
    }
}
